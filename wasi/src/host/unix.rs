//! The host's side on Unix, through rustix: no unsafe code, and every call is retried when a signal cuts it short.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::time::Duration;

use cap_std::fs::{Metadata, MetadataExt};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno as SystemErrno;
use rustix::time::ClockId;

use super::{PollHandle, PollItem, retry};
use crate::time::Clock;
use crate::types::{Errno, FdFlags};

/// The WASI code for a number of the system's, if it has one of its own.
pub(crate) fn system_errno(number: i32) -> Option<Errno> {
    Some(match SystemErrno::from_raw_os_error(number) {
        SystemErrno::TOOBIG => Errno::TooBig,
        SystemErrno::ACCESS => Errno::Access,
        SystemErrno::AGAIN => Errno::Again,
        SystemErrno::BADF => Errno::BadFd,
        SystemErrno::BUSY => Errno::Busy,
        SystemErrno::CONNABORTED => Errno::ConnectionAborted,
        SystemErrno::CONNRESET => Errno::ConnectionReset,
        SystemErrno::DQUOT => Errno::DirQuota,
        SystemErrno::EXIST => Errno::Exist,
        SystemErrno::FBIG => Errno::FileTooBig,
        SystemErrno::ILSEQ => Errno::IllegalSequence,
        SystemErrno::INTR => Errno::Interrupted,
        SystemErrno::INVAL => Errno::Invalid,
        SystemErrno::IO => Errno::Io,
        SystemErrno::ISDIR => Errno::IsDir,
        SystemErrno::LOOP => Errno::Loop,
        SystemErrno::MFILE => Errno::TooManyFiles,
        SystemErrno::MLINK => Errno::TooManyLinks,
        SystemErrno::NAMETOOLONG => Errno::NameTooLong,
        SystemErrno::NFILE => Errno::SystemFilesExhausted,
        SystemErrno::NODEV => Errno::NoDevice,
        SystemErrno::NOENT => Errno::NoEntry,
        SystemErrno::NOMEM => Errno::NoMemory,
        SystemErrno::NOSPC => Errno::NoSpace,
        SystemErrno::NOSYS => Errno::NotImplemented,
        SystemErrno::NOTCONN => Errno::NotConnected,
        SystemErrno::NOTSOCK => Errno::NotSocket,
        SystemErrno::NOTDIR => Errno::NotDir,
        SystemErrno::NOTEMPTY => Errno::NotEmpty,
        SystemErrno::NOTSUP => Errno::NotSupported,
        SystemErrno::NOTTY => Errno::NotTerminal,
        SystemErrno::NXIO => Errno::NoSuchDevice,
        SystemErrno::OVERFLOW => Errno::Overflow,
        SystemErrno::PERM => Errno::Permission,
        SystemErrno::PIPE => Errno::Pipe,
        SystemErrno::RANGE => Errno::OutOfRange,
        SystemErrno::ROFS => Errno::ReadOnly,
        SystemErrno::SPIPE => Errno::IllegalSeek,
        SystemErrno::TIMEDOUT => Errno::TimedOut,
        SystemErrno::TXTBSY => Errno::TextBusy,
        SystemErrno::XDEV => Errno::CrossDevice,
        _ => return None,
    })
}

/// Reads at `offset` without moving the file's position.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    retry(|| file.read_at(buffer, offset))
}

/// Writes at `offset` without moving the file's position.
pub(crate) fn write_at(file: &File, buffer: &[u8], offset: u64) -> io::Result<usize> {
    retry(|| file.write_at(buffer, offset))
}

/// Reads the process's standard input; not buffered, so that a guest takes no byte that it did not ask for.
pub(crate) fn stdin_read(buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match rustix::io::read(rustix::stdio::stdin(), &mut *buffer) {
            Err(SystemErrno::INTR) => {}
            // Whoever shares our standard input made it non-blocking; the guest did not ask for that.
            Err(SystemErrno::AGAIN) => wait(rustix::stdio::stdin(), PollFlags::IN)?,
            result => return Ok(result?),
        }
    }
}

/// Writes all of `bytes` to the process's standard output.
pub(crate) fn stdout_write(bytes: &[u8]) -> io::Result<()> {
    write_all(rustix::stdio::stdout(), bytes)
}

/// Writes all of `bytes` to the process's standard error.
pub(crate) fn stderr_write(bytes: &[u8]) -> io::Result<()> {
    write_all(rustix::stdio::stderr(), bytes)
}

/// True if standard output leads to a regular file, which nobody watches as it grows.
pub(crate) fn stdout_is_file() -> bool {
    rustix::fs::fstat(rustix::stdio::stdout())
        .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file())
}

fn write_all(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(SystemErrno::INTR) => {}
            Err(SystemErrno::AGAIN) => wait(fd, PollFlags::OUT)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn wait(fd: BorrowedFd<'_>, flags: PollFlags) -> io::Result<()> {
    match rustix::event::poll(&mut [PollFd::from_borrowed_fd(fd, flags)], None) {
        Ok(_) | Err(SystemErrno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Waits until one of `items` is ready or `timeout` has passed; `None` waits without end. Returns early, with
/// nothing ready, when a signal arrives.
pub(crate) fn poll(items: &mut [PollItem<'_>], timeout: Option<Duration>) -> io::Result<()> {
    let mut fds: Vec<PollFd<'_>> = items
        .iter()
        .map(|item| {
            let flags = if item.for_write { PollFlags::OUT } else { PollFlags::IN };
            PollFd::from_borrowed_fd(descriptor(item.handle), flags)
        })
        .collect();
    // A timeout beyond what the system's type holds is one that never comes.
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    match rustix::event::poll(&mut fds, timeout.as_ref()) {
        Ok(_) | Err(SystemErrno::INTR) => {}
        Err(error) => return Err(error.into()),
    }
    for (item, fd) in items.iter_mut().zip(&fds) {
        let came = fd.revents();
        item.ready = !came.is_empty();
        item.hang_up = came.contains(PollFlags::HUP);
    }
    Ok(())
}

fn descriptor<'a>(handle: PollHandle<'a>) -> BorrowedFd<'a> {
    match handle {
        PollHandle::Stdin => rustix::stdio::stdin(),
        PollHandle::Stdout => rustix::stdio::stdout(),
        PollHandle::Stderr => rustix::stdio::stderr(),
        PollHandle::File(file) => file.as_fd(),
        PollHandle::Listener(listener) => listener.as_fd(),
        PollHandle::Socket(stream) => stream.as_fd(),
        PollHandle::Wake(reader) => reader.as_fd(),
    }
}

/// Bytes that can be read at once. A connection that waits to be accepted counts as one.
pub(crate) fn ready_bytes(handle: PollHandle<'_>) -> u64 {
    match handle {
        PollHandle::Listener(_) => 1,
        _ => rustix::io::ioctl_fionread(descriptor(handle)).unwrap_or(0),
    }
}

fn clock_id(clock: Clock) -> ClockId {
    match clock {
        Clock::Realtime => ClockId::Realtime,
        Clock::Monotonic => ClockId::Monotonic,
        Clock::ProcessCpu => ClockId::ProcessCPUTime,
        Clock::ThreadCpu => ClockId::ThreadCPUTime,
    }
}

fn nanoseconds(time: Timespec) -> Result<u64, Errno> {
    let seconds = u64::try_from(time.tv_sec).map_err(|_| Errno::Overflow)?;
    let fraction = u64::try_from(time.tv_nsec).map_err(|_| Errno::Overflow)?;
    seconds.checked_mul(1_000_000_000).and_then(|ns| ns.checked_add(fraction)).ok_or(Errno::Overflow)
}

/// The clock's time in nanoseconds.
pub(crate) fn clock_time(clock: Clock) -> Result<u64, Errno> {
    nanoseconds(rustix::time::clock_gettime(clock_id(clock)))
}

/// The clock's resolution in nanoseconds.
pub(crate) fn clock_resolution(clock: Clock) -> Result<u64, Errno> {
    nanoseconds(rustix::time::clock_getres(clock_id(clock)))
}

/// Tells the system how a part of a file will be used; `advice` is numbered as in WASI.
pub(crate) fn advise(file: &File, offset: u64, len: u64, advice: u32) -> Result<(), Errno> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        use rustix::fs::Advice;
        let advice = match advice {
            0 => Advice::Normal,
            1 => Advice::Sequential,
            2 => Advice::Random,
            3 => Advice::WillNeed,
            4 => Advice::DontNeed,
            _ => Advice::NoReuse,
        };
        rustix::fs::fadvise(file, offset, core::num::NonZeroU64::new(len), advice)
            .map_err(|error| Errno::from(io::Error::from(error)))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        // Advice changes speed only; a system without it takes it as read.
        let _ = (file, offset, len, advice);
        Ok(())
    }
}

/// Makes sure that writes to this part of a file will find room, and the file at least as long.
pub(crate) fn allocate(file: &File, offset: u64, len: u64) -> Result<(), Errno> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), offset, len)
            .map_err(|error| Errno::from(io::Error::from(error)))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        let _ = (file, offset, len);
        Err(Errno::NotSupported)
    }
}

/// Changes how an open file reads and writes. Only appending and non-blocking mode can change after the opening.
pub(crate) fn set_flags(file: &mut File, old: FdFlags, new: FdFlags) -> Result<(), Errno> {
    use rustix::fs::OFlags;
    const CHANGEABLE: FdFlags = FdFlags::APPEND.union(FdFlags::NONBLOCK);
    if old.without(CHANGEABLE) != new.without(CHANGEABLE) {
        return Err(Errno::NotSupported);
    }
    let mut flags = rustix::fs::fcntl_getfl(&*file).map_err(io::Error::from)?;
    flags.set(OFlags::APPEND, new.contains(FdFlags::APPEND));
    flags.set(OFlags::NONBLOCK, new.contains(FdFlags::NONBLOCK));
    Ok(rustix::fs::fcntl_setfl(&*file, flags).map_err(io::Error::from)?)
}

/// When the file's attributes last changed, in nanoseconds since 1970.
pub(crate) fn change_time(metadata: &Metadata) -> u64 {
    let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
    let fraction = u64::try_from(metadata.ctime_nsec()).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(fraction)
}
