//! What an open descriptor is: flags and rights (`fd_fdstat_*`), size and times (`fd_filestat_*`).

use std::fs::{File, FileTimes};
use std::time::{Duration, SystemTime};

use cap_fs_ext::{DirExt, FileTypeExt, MetadataExt, SystemTimeSpec};
use cap_std::fs::Metadata;

use crate::ctx::WasiCtx;
use crate::host;
use crate::memory::GuestMemory;
use crate::table::Kind;
use crate::types::{Errno, FdFlags, FdStat, FileStat, FileType, FstFlags, Rights, Version};

pub(crate) fn fd_fdstat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get(fd)?;
    let file_type = match &descriptor.kind {
        Kind::Stdin => ctx.stdio.stdin.file_type(),
        Kind::Stdout => ctx.stdio.stdout.file_type(),
        Kind::Stderr => ctx.stdio.stderr.file_type(),
        Kind::Dir(_) => FileType::Directory,
        Kind::Listener(_) | Kind::Socket(_) => FileType::SocketStream,
        Kind::File(file) => file_type(&Metadata::from_file(file)?),
    };
    let stat = FdStat {
        file_type,
        flags: descriptor.flags,
        rights: descriptor.rights,
        inheriting: descriptor.inheriting,
    };
    memory.write(result, &stat.encode())
}

pub(crate) fn fd_fdstat_set_flags(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
) -> Result<(), Errno> {
    let flags = FdFlags::from_guest(flags)?;
    let descriptor = ctx.table.get_mut(fd)?;
    descriptor.require(Rights::FD_FDSTAT_SET_FLAGS)?;
    match &mut descriptor.kind {
        Kind::File(file) => host::set_flags(file, descriptor.flags, flags)?,
        // The process's own streams are shared with others, so their real flags stay as they are.
        Kind::Stdin | Kind::Stdout | Kind::Stderr => {}
        Kind::Listener(listener) => {
            only_nonblock(flags)?;
            listener.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?;
        }
        Kind::Socket(stream) => {
            only_nonblock(flags)?;
            stream.set_nonblocking(flags.contains(FdFlags::NONBLOCK))?;
        }
        Kind::Dir(_) => return Err(Errno::BadFd),
    }
    descriptor.flags = flags;
    Ok(())
}

/// The other flags are about files.
fn only_nonblock(flags: FdFlags) -> Result<(), Errno> {
    if FdFlags::NONBLOCK.contains(flags) { Ok(()) } else { Err(Errno::NotSupported) }
}

pub(crate) fn fd_fdstat_set_rights(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    rights: u64,
    inheriting: u64,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get_mut(fd)?;
    let (rights, inheriting) = (Rights(rights), Rights(inheriting));
    if !descriptor.rights.contains(rights) || !descriptor.inheriting.contains(inheriting) {
        return Err(Errno::NotCapable);
    }
    descriptor.rights = rights;
    descriptor.inheriting = inheriting;
    Ok(())
}

pub(crate) fn fd_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    version: Version,
    fd: u32,
    result: u32,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get(fd)?;
    descriptor.require(Rights::FD_FILESTAT_GET)?;
    let stat = match &descriptor.kind {
        Kind::Stdin => FileStat::stream(ctx.stdio.stdin.file_type()),
        Kind::Stdout => FileStat::stream(ctx.stdio.stdout.file_type()),
        Kind::Stderr => FileStat::stream(ctx.stdio.stderr.file_type()),
        Kind::Listener(_) | Kind::Socket(_) => FileStat::stream(FileType::SocketStream),
        Kind::Dir(directory) => file_stat(&directory.handle.dir_metadata()?),
        Kind::File(file) => file_stat(&Metadata::from_file(file)?),
    };
    stat.write(version, memory, result)
}

/// The guest's view of a host file's attributes.
pub(crate) fn file_stat(metadata: &Metadata) -> FileStat {
    let time = |time: std::io::Result<cap_std::time::SystemTime>| {
        let since = time.ok()?.into_std().duration_since(SystemTime::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_nanos()).ok()
    };
    FileStat {
        device: metadata.dev(),
        inode: metadata.ino(),
        file_type: file_type(metadata),
        links: metadata.nlink(),
        size: metadata.len(),
        accessed: time(metadata.accessed()).unwrap_or(0),
        modified: time(metadata.modified()).unwrap_or(0),
        changed: host::change_time(metadata),
    }
}

/// The guest's view of a host file's type.
pub(crate) fn file_type(metadata: &Metadata) -> FileType {
    file_type_from(metadata.file_type())
}

/// The guest's view of a file type; what WASI has no name for, a named pipe for one, is unknown.
pub(crate) fn file_type_from(host: cap_std::fs::FileType) -> FileType {
    if host.is_dir() {
        FileType::Directory
    } else if host.is_file() {
        FileType::RegularFile
    } else if host.is_symlink() {
        FileType::SymbolicLink
    } else if host.is_block_device() {
        FileType::BlockDevice
    } else if host.is_char_device() {
        FileType::CharacterDevice
    } else if host.is_socket() {
        FileType::SocketStream
    } else {
        FileType::Unknown
    }
}

pub(crate) fn fd_filestat_set_size(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    size: u64,
) -> Result<(), Errno> {
    let file = ctx.table.file(fd, Rights::FD_FILESTAT_SET_SIZE)?;
    Ok(file.set_len(size)?)
}

pub(crate) fn fd_filestat_set_times(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    atime: u64,
    mtime: u64,
    flags: u32,
) -> Result<(), Errno> {
    let times = NewTimes::from_guest(atime, mtime, flags)?;
    let descriptor = ctx.table.get(fd)?;
    descriptor.require(Rights::FD_FILESTAT_SET_TIMES)?;
    match &descriptor.kind {
        Kind::File(file) => times.apply(file),
        Kind::Dir(directory) => Ok(directory.handle.set_times(".", times.accessed(), times.modified())?),
        _ => Err(Errno::Invalid),
    }
}

/// The times that a guest wants a file to have; `None` leaves one as it is.
pub(crate) struct NewTimes {
    accessed: Option<NewTime>,
    modified: Option<NewTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NewTime {
    Now,
    At(SystemTime),
}

impl NewTimes {
    pub(crate) fn from_guest(atime: u64, mtime: u64, flags: u32) -> Result<Self, Errno> {
        let flags = FstFlags::from_guest(flags)?;
        let time =
            |set: FstFlags, now: FstFlags, nanoseconds: u64| match (flags.contains(set), flags.contains(now))
            {
                (true, true) => Err(Errno::Invalid),
                (false, true) => Ok(Some(NewTime::Now)),
                (true, false) => {
                    let since = Duration::from_nanos(nanoseconds);
                    let at = SystemTime::UNIX_EPOCH.checked_add(since).ok_or(Errno::Overflow)?;
                    Ok(Some(NewTime::At(at)))
                }
                (false, false) => Ok(None),
            };
        Ok(Self {
            accessed: time(FstFlags::ATIME, FstFlags::ATIME_NOW, atime)?,
            modified: time(FstFlags::MTIME, FstFlags::MTIME_NOW, mtime)?,
        })
    }

    fn apply(&self, file: &File) -> Result<(), Errno> {
        let at = |time: NewTime| match time {
            NewTime::Now => SystemTime::now(),
            NewTime::At(at) => at,
        };
        let mut times = FileTimes::new();
        if let Some(accessed) = self.accessed {
            times = times.set_accessed(at(accessed));
        }
        if let Some(modified) = self.modified {
            times = times.set_modified(at(modified));
        }
        Ok(file.set_times(times)?)
    }

    /// For cap-std, which sets the times of what a path names.
    pub(crate) fn accessed(&self) -> Option<SystemTimeSpec> {
        self.accessed.map(spec)
    }

    /// For cap-std, which sets the times of what a path names.
    pub(crate) fn modified(&self) -> Option<SystemTimeSpec> {
        self.modified.map(spec)
    }
}

fn spec(time: NewTime) -> SystemTimeSpec {
    match time {
        NewTime::Now => SystemTimeSpec::SymbolicNow,
        NewTime::At(at) => SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(at)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{NewTime, NewTimes};
    use crate::types::Errno;

    #[test]
    fn a_time_is_kept_set_or_now_but_not_both() {
        let times = NewTimes::from_guest(7, 9, 0b1001).expect("valid");
        assert_eq!(times.accessed, Some(NewTime::At(SystemTime::UNIX_EPOCH + Duration::from_nanos(7))));
        assert_eq!(times.modified, Some(NewTime::Now));
        let times = NewTimes::from_guest(7, 9, 0).expect("valid");
        assert!(times.accessed.is_none() && times.modified.is_none());
        assert_eq!(NewTimes::from_guest(0, 0, 0b0011).err(), Some(Errno::Invalid));
        assert_eq!(NewTimes::from_guest(0, 0, 0b1100).err(), Some(Errno::Invalid));
        assert_eq!(NewTimes::from_guest(0, 0, 0b1_0000).err(), Some(Errno::Invalid));
    }
}
