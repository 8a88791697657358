//! Waiting: `poll_oneoff` returns when a clock has reached its time or a descriptor can be read or written.
//!
//! Files and the embedder's own streams are always ready; the process's streams, devices and sockets are really waited
//! for. The guest's output leaves the buffer first. A signal does not end the wait; a [`WakeHandle`] does.
//!
//! [`WakeHandle`]: crate::WakeHandle

use std::io::Seek;
use std::time::Duration;

use crate::clock::clock_from_guest;
use crate::ctx::WasiCtx;
use crate::host::{self, PollHandle, PollItem};
use crate::memory::GuestMemory;
use crate::stdio::Stdio;
use crate::table::{Kind, Table};
use crate::time::{Clock, TimeSource};
use crate::types::{Errno, Event, Rights, Subscription, Version, Wait};
use crate::wake::Wake;

/// Subscriptions that one call takes; more are `EINVAL`, as from a system with that many descriptors.
const MAX_SUBSCRIPTIONS: u32 = 64 * 1024;

pub(crate) fn poll_oneoff(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    version: Version,
    subscriptions: u32,
    events: u32,
    count: u32,
    result: u32,
) -> Result<(), Errno> {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Invalid);
    }
    memory.check(result, 4)?;
    memory.check(subscriptions, count * Subscription::size(version))?;
    memory.check(events, count * Event::SIZE)?;
    let mut waiting = Vec::with_capacity(count as usize);
    for i in 0..count {
        waiting.push(Subscription::read(version, memory, subscriptions + i * Subscription::size(version))?);
    }
    ctx.stdio.flush()?;
    let occurred = wait(ctx, &waiting)?;
    for (at, event) in (events..).step_by(Event::SIZE as usize).zip(&occurred) {
        memory.write(at, &event.encode())?;
    }
    memory.write_u32(result, u32::try_from(occurred.len()).expect("at most one event a subscription"))
}

/// A subscription to a descriptor, once looked up.
enum Readiness<'a> {
    /// Known without waiting.
    Now(Event),
    /// The process's streams, and files that may not be ready.
    Ask { subscription: Subscription, item: PollItem<'a> },
}

/// Waits for the first event, and returns all that have occurred then: those known at once, descriptors, clocks.
fn wait(ctx: &mut WasiCtx, subscriptions: &[Subscription]) -> Result<Vec<Event>, Errno> {
    let WasiCtx { table, stdio, time, wake, .. } = ctx;
    let mut deadlines = Vec::new();
    let mut occurred = Vec::new();
    let mut asked = Vec::new();
    let mut items = Vec::new();
    for &subscription in subscriptions {
        match subscription.wait {
            Wait::Clock { clock, timeout, absolute } => match deadline(time, clock, timeout, absolute) {
                Ok((clock, deadline)) => deadlines.push((subscription, clock, deadline)),
                Err(errno) => occurred.push(event(subscription, Err(errno))),
            },
            Wait::Read { fd } | Wait::Write { fd } => match readiness(table, stdio, subscription, fd) {
                Readiness::Now(event) => occurred.push(event),
                Readiness::Ask { subscription, item } => {
                    asked.push(subscription);
                    items.push(item);
                }
            },
        }
    }
    // Behind those of `asked`, so that the two lists go together.
    items.extend(wake.as_ref().map(Wake::item));
    loop {
        let timeout = if occurred.is_empty() { remaining(time, &deadlines)? } else { Some(Duration::ZERO) };
        let host_timeout = time.host_timeout(timeout);
        if !items.is_empty() || host_timeout != Some(Duration::ZERO) {
            host::poll(&mut items, host_timeout)?;
        }
        if let (Some(wake), Some(item)) = (&*wake, items.last())
            && item.ready
        {
            return Err(wake.take());
        }
        for (&subscription, item) in asked.iter().zip(&items).filter(|(_, item)| item.ready) {
            let bytes = if item.for_write { 1 } else { host::ready_bytes(item.handle) };
            occurred.push(Event { hang_up: item.hang_up, ..event(subscription, Ok(bytes)) });
        }
        for &(subscription, clock, deadline) in &deadlines {
            if time.now(clock)? >= deadline {
                occurred.push(event(subscription, Ok(0)));
            }
        }
        if !occurred.is_empty() {
            return Ok(occurred);
        }
        time.pass(timeout.unwrap_or_default())?;
    }
}

fn event(subscription: Subscription, outcome: Result<u64, Errno>) -> Event {
    let kind = match subscription.wait {
        Wait::Clock { .. } => 0,
        Wait::Read { .. } => 1,
        Wait::Write { .. } => 2,
    };
    Event {
        userdata: subscription.userdata,
        error: outcome.err(),
        kind,
        bytes: outcome.unwrap_or(0),
        hang_up: false,
    }
}

/// When a clock subscription is due, on its clock. Processor time does not pass while a guest waits.
fn deadline(time: &mut TimeSource, clock: u32, timeout: u64, absolute: bool) -> Result<(Clock, u64), Errno> {
    let clock = clock_from_guest(clock)?;
    if matches!(clock, Clock::ProcessCpu | Clock::ThreadCpu) {
        return Err(Errno::NotSupported);
    }
    let start = if absolute { 0 } else { time.now(clock)? };
    Ok((clock, start.saturating_add(timeout)))
}

/// How long until the first deadline; `None` without any.
fn remaining(
    time: &mut TimeSource,
    deadlines: &[(Subscription, Clock, u64)],
) -> Result<Option<Duration>, Errno> {
    let mut shortest: Option<u64> = None;
    for &(_, clock, deadline) in deadlines {
        let left = deadline.saturating_sub(time.now(clock)?);
        shortest = Some(shortest.map_or(left, |shortest| shortest.min(left)));
    }
    Ok(shortest.map(Duration::from_nanos))
}

fn readiness<'a>(table: &'a Table, stdio: &Stdio, subscription: Subscription, fd: u32) -> Readiness<'a> {
    let for_write = matches!(subscription.wait, Wait::Write { .. });
    let ask = |handle| Readiness::Ask {
        subscription,
        item: PollItem { handle, for_write, ready: false, hang_up: false },
    };
    let now = |outcome| Readiness::Now(event(subscription, outcome));
    let descriptor = match table.get(fd) {
        Ok(descriptor) => descriptor,
        Err(errno) => return now(Err(errno)),
    };
    if let Err(errno) = descriptor.require(Rights::POLL_FD_READWRITE) {
        return now(Err(errno));
    }
    match &descriptor.kind {
        Kind::Stdin if for_write => now(Err(Errno::BadFd)),
        Kind::Stdin if stdio.stdin.is_inherited() => ask(PollHandle::Stdin),
        Kind::Stdin => now(Ok(1)),
        Kind::Stdout | Kind::Stderr if !for_write => now(Err(Errno::BadFd)),
        Kind::Stdout if stdio.stdout.is_inherited() => ask(PollHandle::Stdout),
        Kind::Stderr if stdio.stderr.is_inherited() => ask(PollHandle::Stderr),
        Kind::Stdout | Kind::Stderr => now(Ok(1)),
        Kind::Dir(_) => now(Err(Errno::BadFd)),
        Kind::Listener(_) if for_write => now(Err(Errno::BadFd)),
        Kind::Listener(listener) => ask(PollHandle::Listener(listener)),
        Kind::Socket(stream) => ask(PollHandle::Socket(stream)),
        Kind::File(file) => match file.metadata() {
            Ok(metadata) if metadata.is_file() && for_write => now(Ok(1)),
            Ok(metadata) if metadata.is_file() => {
                let position = (&mut &*file).stream_position().unwrap_or(0);
                now(Ok(metadata.len().saturating_sub(position)))
            }
            // A device or a named pipe.
            Ok(_) => ask(PollHandle::File(file)),
            Err(error) => now(Err(host::errno(&error))),
        },
    }
}
