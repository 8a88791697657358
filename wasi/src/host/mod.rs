//! What the operating system is asked for directly, because neither std nor cap-std offers it.
//!
//! One file a kind of system, all with the same functions; the rest of the crate does not know which one it has.
//! Only handles that this crate owns or the process's standard streams go in, never paths.

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use portable::{
    advise, allocate, change_time, clock_resolution, clock_time, poll, read_at, ready_bytes, set_flags,
    stderr_write, stdin_read, stdout_is_file, stdout_write, system_errno, write_at,
};
#[cfg(unix)]
pub(crate) use unix::{
    advise, allocate, change_time, clock_resolution, clock_time, poll, read_at, ready_bytes, set_flags,
    stderr_write, stdin_read, stdout_is_file, stdout_write, system_errno, write_at,
};

use std::fs::File;
use std::io::{self, PipeReader};
use std::net::{TcpListener, TcpStream};

use crate::types::Errno;

/// A handle that can be waited for.
#[derive(Clone, Copy)]
pub(crate) enum PollHandle<'a> {
    Stdin,
    Stdout,
    Stderr,
    File(&'a File),
    Listener(&'a TcpListener),
    Socket(&'a TcpStream),
    /// Only to be waited for beside others.
    Wake(&'a PipeReader),
}

/// A handle, what to wait for, and whether it came.
pub(crate) struct PollItem<'a> {
    pub(crate) handle: PollHandle<'a>,
    /// Wait until it can be written, not until it can be read.
    pub(crate) for_write: bool,
    pub(crate) ready: bool,
    pub(crate) hang_up: bool,
}

/// Calls until no signal cuts the call short: signals are the host's, and a guest is not to notice them.
pub(crate) fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The WASI code for an error of the host's.
///
/// cap-std's own errors (a path that would leave the directory) have a kind but no number.
pub(crate) fn errno(error: &io::Error) -> Errno {
    if let Some(errno) = error.raw_os_error().and_then(system_errno) {
        return errno;
    }
    match error.kind() {
        io::ErrorKind::NotFound => Errno::NoEntry,
        io::ErrorKind::PermissionDenied => Errno::Permission,
        io::ErrorKind::AlreadyExists => Errno::Exist,
        io::ErrorKind::WouldBlock => Errno::Again,
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Errno::Invalid,
        io::ErrorKind::NotADirectory => Errno::NotDir,
        io::ErrorKind::IsADirectory => Errno::IsDir,
        io::ErrorKind::DirectoryNotEmpty => Errno::NotEmpty,
        io::ErrorKind::ReadOnlyFilesystem => Errno::ReadOnly,
        io::ErrorKind::StorageFull => Errno::NoSpace,
        io::ErrorKind::FileTooLarge => Errno::FileTooBig,
        io::ErrorKind::CrossesDevices => Errno::CrossDevice,
        io::ErrorKind::TooManyLinks => Errno::TooManyLinks,
        io::ErrorKind::BrokenPipe | io::ErrorKind::WriteZero => Errno::Pipe,
        io::ErrorKind::Interrupted => Errno::Interrupted,
        io::ErrorKind::ConnectionAborted => Errno::ConnectionAborted,
        io::ErrorKind::ConnectionReset => Errno::ConnectionReset,
        io::ErrorKind::NotConnected => Errno::NotConnected,
        io::ErrorKind::TimedOut => Errno::TimedOut,
        io::ErrorKind::OutOfMemory => Errno::NoMemory,
        io::ErrorKind::Unsupported => Errno::NotSupported,
        _ => Errno::Io,
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Self {
        errno(&error)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::errno;
    use crate::types::Errno;

    #[test]
    fn errors_without_a_number_go_by_kind() {
        let escape = io::Error::new(io::ErrorKind::PermissionDenied, "a path led outside of the filesystem");
        assert_eq!(errno(&escape), Errno::Permission);
        assert_eq!(errno(&io::Error::other("anything")), Errno::Io);
    }

    #[test]
    #[cfg(unix)]
    fn system_errors_go_by_number() {
        let code = |error: rustix::io::Errno| errno(&io::Error::from_raw_os_error(error.raw_os_error()));
        assert_eq!(code(rustix::io::Errno::ACCESS), Errno::Access);
        assert_eq!(code(rustix::io::Errno::NOTEMPTY), Errno::NotEmpty);
        assert_eq!(code(rustix::io::Errno::MFILE), Errno::TooManyFiles);
    }
}
