//! The host's side where there is no Unix: what std offers, and `ENOTSUP` for the rest.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use cap_std::fs::Metadata;

use super::{PollHandle, PollItem};
use crate::time::Clock;
use crate::types::{Errno, FdFlags};

/// Numbers of other systems say nothing here; the error's kind decides.
pub(crate) fn system_errno(_number: i32) -> Option<Errno> {
    None
}

/// Reads at `offset` and puts the file's position back.
pub(crate) fn read_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let position = file.stream_position()?;
    file.seek(SeekFrom::Start(offset))?;
    let result = file.read(buffer);
    file.seek(SeekFrom::Start(position))?;
    result
}

/// Writes at `offset` and puts the file's position back.
pub(crate) fn write_at(mut file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
    let position = file.stream_position()?;
    file.seek(SeekFrom::Start(offset))?;
    let result = file.write(buffer);
    file.seek(SeekFrom::Start(position))?;
    result
}

/// Reads the process's standard input.
pub(crate) fn stdin_read(buffer: &mut [u8]) -> io::Result<usize> {
    io::stdin().read(buffer)
}

/// Writes all of `bytes` to the process's standard output.
pub(crate) fn stdout_write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Unknown here.
pub(crate) fn stdout_is_file() -> bool {
    false
}

/// Writes all of `bytes` to the process's standard error.
pub(crate) fn stderr_write(bytes: &[u8]) -> io::Result<()> {
    io::stderr().write_all(bytes)
}

/// Waiting for handles is not offered: all count as ready, and without any the thread sleeps. Nothing wakes it.
pub(crate) fn poll(items: &mut [PollItem<'_>], timeout: Option<Duration>) -> io::Result<()> {
    for item in &mut *items {
        item.ready = !matches!(item.handle, PollHandle::Wake(_));
    }
    if !items.iter().any(|item| item.ready) {
        std::thread::sleep(timeout.unwrap_or(Duration::MAX));
    }
    Ok(())
}

/// Unknown here; one byte makes a guest that waits for input go and read it.
pub(crate) fn ready_bytes(_handle: PollHandle<'_>) -> u64 {
    1
}

/// The clock's time in nanoseconds.
pub(crate) fn clock_time(clock: Clock) -> Result<u64, Errno> {
    static START: OnceLock<Instant> = OnceLock::new();
    let time = match clock {
        Clock::Realtime => {
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|_| Errno::Overflow)?
        }
        Clock::Monotonic => START.get_or_init(Instant::now).elapsed() + Duration::from_secs(1),
        Clock::ProcessCpu | Clock::ThreadCpu => return Err(Errno::NotSupported),
    };
    u64::try_from(time.as_nanos()).map_err(|_| Errno::Overflow)
}

/// The clock's resolution in nanoseconds.
pub(crate) fn clock_resolution(clock: Clock) -> Result<u64, Errno> {
    match clock {
        Clock::Realtime | Clock::Monotonic => Ok(100),
        Clock::ProcessCpu | Clock::ThreadCpu => Err(Errno::NotSupported),
    }
}

/// Advice changes speed only; it is taken as read.
pub(crate) fn advise(_file: &File, _offset: u64, _len: u64, _advice: u32) -> Result<(), Errno> {
    Ok(())
}

/// Not offered.
pub(crate) fn allocate(_file: &File, _offset: u64, _len: u64) -> Result<(), Errno> {
    Err(Errno::NotSupported)
}

/// Flags cannot change after the opening.
pub(crate) fn set_flags(_file: &mut File, old: FdFlags, new: FdFlags) -> Result<(), Errno> {
    if old == new { Ok(()) } else { Err(Errno::NotSupported) }
}

/// The time of the last modification, the closest there is.
pub(crate) fn change_time(metadata: &Metadata) -> u64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.into_std().duration_since(SystemTime::UNIX_EPOCH).ok())
        .and_then(|time| u64::try_from(time.as_nanos()).ok())
        .unwrap_or(0)
}
