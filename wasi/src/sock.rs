//! Sockets: `sock_*`, on listeners that the embedder opened and on the connections that they accept.
//!
//! A guest can make no socket by itself. On a descriptor that is none, every call is `ENOTSOCK`. A blocking call waits
//! where the embedder can end it.

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};

use crate::ctx::WasiCtx;
use crate::fd::write_buffers;
use crate::host::{self, PollHandle};
use crate::memory::{GuestMemory, Iovecs};
use crate::table::{Descriptor, Kind};
use crate::types::{Errno, FdFlags, RecvFlags, Rights, ShutdownFlags};
use crate::wake::{Wake, wait_ready};

/// Accepts a connection. Of the flags only the one for non-blocking mode means something for a socket.
pub(crate) fn sock_accept(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    result: u32,
) -> Result<(), Errno> {
    memory.check(result, 4)?;
    let flags = FdFlags::from_guest(flags)?;
    if !FdFlags::NONBLOCK.contains(flags) {
        return Err(Errno::Invalid);
    }
    let descriptor = ctx.table.get(fd)?;
    let listener = match &descriptor.kind {
        Kind::Listener(listener) => listener,
        Kind::Socket(_) => return Err(Errno::Invalid),
        _ => return Err(Errno::NotSocket),
    };
    descriptor.require(Rights::SOCK_ACCEPT)?;
    ctx.stdio.flush()?;
    if !descriptor.flags.contains(FdFlags::NONBLOCK) {
        wait_ready(ctx.wake.as_ref(), PollHandle::Listener(listener), false)?;
    }
    let (stream, _) = listener.accept()?;
    stream.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?;
    let accepted = ctx.table.insert(Descriptor {
        kind: Kind::Socket(stream),
        rights: Rights::SOCKET,
        inheriting: Rights::default(),
        flags,
    })?;
    memory.write_u32(result, accepted)
}

/// Receives. A stream has no messages that could be cut off, so the resulting flags are always 0.
pub(crate) fn sock_recv(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    flags: u32,
    result: u32,
    result_flags: u32,
) -> Result<(), Errno> {
    let iovecs = memory.iovecs(iovs, iovs_len)?;
    memory.check(result, 4)?;
    memory.check(result_flags, 2)?;
    let flags = RecvFlags::from_guest(flags)?;
    socket(ctx, fd, Rights::FD_READ)?;
    let received = receive(ctx, memory, fd, iovecs, flags)?;
    memory.write_u32(result, received)?;
    memory.write(result_flags, &[0, 0])
}

/// Receives into the buffers: with `WAITALL` until all are full, else what one call to the system gives.
pub(crate) fn receive(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovecs: Iovecs,
    flags: RecvFlags,
) -> Result<u32, Errno> {
    ctx.stdio.flush()?;
    let (stream, blocking) = socket(ctx, fd, Rights::FD_READ)?;
    let peek = flags.contains(RecvFlags::PEEK);
    let wait_all = flags.contains(RecvFlags::WAITALL);
    if peek && wait_all {
        return Err(Errno::NotSupported);
    }
    let mut total = 0u32;
    for i in 0..iovecs.count() {
        let iovec = memory.iovec(iovecs, i)?;
        let outcome = memory.fill(iovec.ptr, iovec.len, |buffer| {
            let before = total;
            let outcome = receive_into(ctx.wake.as_ref(), stream, buffer, &mut total, flags, blocking);
            ((total - before) as usize, outcome)
        })?;
        match outcome {
            Ok(Received::MayBeMore) => {}
            Ok(Received::NoMore) => return Ok(total),
            // What has come already must reach the guest; the error comes again with its next call.
            Err(_) if total > 0 => return Ok(total),
            Err(errno) => return Err(errno),
        }
    }
    Ok(total)
}

/// What is known of the bytes behind those received.
enum Received {
    MayBeMore,
    /// They have not come yet, or nobody waits for them.
    NoMore,
}

/// Receives into one buffer; `total` counts the bytes of all.
fn receive_into(
    wake: Option<&Wake>,
    mut stream: &TcpStream,
    mut buffer: &mut [u8],
    total: &mut u32,
    flags: RecvFlags,
    blocking: bool,
) -> Result<Received, Errno> {
    let peek = flags.contains(RecvFlags::PEEK);
    while !buffer.is_empty() {
        if blocking {
            wait_ready(wake, PollHandle::Socket(stream), false)?;
        }
        let count = host::retry(|| if peek { stream.peek(buffer) } else { stream.read(buffer) })?;
        if count == 0 {
            return Ok(Received::NoMore);
        }
        let received = u32::try_from(count).expect("a buffer is shorter than 4 GiB");
        *total = total.checked_add(received).ok_or(Errno::Overflow)?;
        buffer = &mut buffer[count..];
        if !flags.contains(RecvFlags::WAITALL) {
            return Ok(Received::NoMore);
        }
    }
    Ok(Received::MayBeMore)
}

/// Sends. There are no flags.
pub(crate) fn sock_send(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    flags: u32,
    result: u32,
) -> Result<(), Errno> {
    let iovecs = memory.iovecs(iovs, iovs_len)?;
    memory.check(result, 4)?;
    socket(ctx, fd, Rights::FD_WRITE)?;
    if flags != 0 {
        return Err(Errno::Invalid);
    }
    let sent = send(ctx, memory, fd, iovecs)?;
    memory.write_u32(result, sent)
}

/// Sends what the system takes of the buffers.
pub(crate) fn send(ctx: &WasiCtx, memory: &GuestMemory<'_>, fd: u32, iovecs: Iovecs) -> Result<u32, Errno> {
    let (stream, blocking) = socket(ctx, fd, Rights::FD_WRITE)?;
    if blocking {
        wait_ready(ctx.wake.as_ref(), PollHandle::Socket(stream), true)?;
    }
    write_buffers(memory, iovecs, stream)
}

pub(crate) fn sock_shutdown(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    how: u32,
) -> Result<(), Errno> {
    let (stream, _) = socket(ctx, fd, Rights::SOCK_SHUTDOWN)?;
    let how = ShutdownFlags::from_guest(how)?;
    let how = match (how.contains(ShutdownFlags::READ), how.contains(ShutdownFlags::WRITE)) {
        (true, true) => Shutdown::Both,
        (true, false) => Shutdown::Read,
        (false, true) => Shutdown::Write,
        (false, false) => return Err(Errno::Invalid),
    };
    Ok(stream.shutdown(how)?)
}

/// The connection that `fd` stands for, if it has `rights`, and whether calls on it block.
fn socket(ctx: &WasiCtx, fd: u32, rights: Rights) -> Result<(&TcpStream, bool), Errno> {
    let descriptor = ctx.table.get(fd)?;
    match &descriptor.kind {
        Kind::Socket(stream) => {
            descriptor.require(rights)?;
            Ok((stream, !descriptor.flags.contains(FdFlags::NONBLOCK)))
        }
        Kind::Listener(_) => Err(io::Error::from(io::ErrorKind::NotConnected).into()),
        _ => Err(Errno::NotSocket),
    }
}
