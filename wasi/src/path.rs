//! What is done to a path below an open directory: `path_*`.
//!
//! cap-std resolves every path, component by component below the directory's handle, so no path, symbolic link or
//! race leads out of it. An attempt is `EPERM`.

use cap_fs_ext::{DirExt, FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt, OpenOptionsSyncExt};
use cap_std::fs::{Dir, OpenOptions};

use crate::ctx::WasiCtx;
use crate::fdstat::{NewTimes, file_stat};
use crate::host;
use crate::memory::GuestMemory;
use crate::table::{Descriptor, Directory, Kind};
use crate::types::{Errno, FdFlags, LookupFlags, OpenFlags, Rights, Version};

fn follows(lookup: u32) -> Result<bool, Errno> {
    Ok(LookupFlags::from_guest(lookup)?.contains(LookupFlags::SYMLINK_FOLLOW))
}

pub(crate) fn path_create_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<(), Errno> {
    let dir = ctx.table.dir(fd, Rights::PATH_CREATE_DIRECTORY)?;
    Ok(dir.create_dir(memory.path(path, len)?)?)
}

pub(crate) fn path_remove_directory(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<(), Errno> {
    let dir = ctx.table.dir(fd, Rights::PATH_REMOVE_DIRECTORY)?;
    let path = memory.path(path, len)?;
    // A slash at the end asks for a directory, which this is about anyway; cap-std takes it for an empty name.
    let name = path.trim_end_matches('/');
    Ok(dir.remove_dir(if name.is_empty() { path } else { name })?)
}

pub(crate) fn path_unlink_file(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<(), Errno> {
    let dir = ctx.table.dir(fd, Rights::PATH_UNLINK_FILE)?;
    Ok(dir.remove_file_or_symlink(memory.path(path, len)?)?)
}

pub(crate) fn path_filestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    version: Version,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    result: u32,
) -> Result<(), Errno> {
    let dir = ctx.table.dir(fd, Rights::PATH_FILESTAT_GET)?;
    let path = memory.path(path, len)?;
    let metadata = if follows(lookup)? { dir.metadata(path)? } else { dir.symlink_metadata(path)? };
    file_stat(&metadata).write(version, memory, result)
}

pub(crate) fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    atime: u64,
    mtime: u64,
    flags: u32,
) -> Result<(), Errno> {
    let dir = ctx.table.dir(fd, Rights::PATH_FILESTAT_SET_TIMES)?;
    let times = NewTimes::from_guest(atime, mtime, flags)?;
    let path = memory.path(path, len)?;
    if follows(lookup)? {
        Ok(dir.set_times(path, times.accessed(), times.modified())?)
    } else {
        Ok(dir.set_symlink_times(path, times.accessed(), times.modified())?)
    }
}

/// Links never follow: cap-std offers no way to make a link to what another link leads to.
pub(crate) fn path_link(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    lookup: u32,
    old: u32,
    old_len: u32,
    new_fd: u32,
    new: u32,
    new_len: u32,
) -> Result<(), Errno> {
    let old_dir = ctx.table.dir(old_fd, Rights::PATH_LINK_SOURCE)?;
    let new_dir = ctx.table.dir(new_fd, Rights::PATH_LINK_TARGET)?;
    if follows(lookup)? {
        return Err(Errno::Invalid);
    }
    Ok(old_dir.hard_link(memory.path(old, old_len)?, new_dir, memory.path(new, new_len)?)?)
}

pub(crate) fn path_rename(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    old: u32,
    old_len: u32,
    new_fd: u32,
    new: u32,
    new_len: u32,
) -> Result<(), Errno> {
    let old_dir = ctx.table.dir(old_fd, Rights::PATH_RENAME_SOURCE)?;
    let new_dir = ctx.table.dir(new_fd, Rights::PATH_RENAME_TARGET)?;
    let (old, new) = (memory.path(old, old_len)?, memory.path(new, new_len)?);
    // A slash at the end says that it is a directory; cap-std renames files, too, as if it were not there.
    if (old.ends_with('/') || new.ends_with('/')) && !old_dir.symlink_metadata(old)?.is_dir() {
        return Err(Errno::NotDir);
    }
    Ok(old_dir.rename(old, new_dir, new)?)
}

pub(crate) fn path_symlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    target: u32,
    target_len: u32,
    fd: u32,
    path: u32,
    len: u32,
) -> Result<(), Errno> {
    let dir = ctx.table.dir(fd, Rights::PATH_SYMLINK)?;
    Ok(DirExt::symlink(dir, memory.path(target, target_len)?, memory.path(path, len)?)?)
}

/// Writes as much of the link's target as fits; it is not an error that more is left.
pub(crate) fn path_readlink(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    len: u32,
    buf: u32,
    buf_len: u32,
    result: u32,
) -> Result<(), Errno> {
    memory.check(result, 4)?;
    memory.check(buf, buf_len)?;
    let dir = ctx.table.dir(fd, Rights::PATH_READLINK)?;
    let target = dir.read_link(memory.path(path, len)?)?;
    let target = target.to_str().ok_or(Errno::IllegalSequence)?.as_bytes();
    let written = target.len().min(buf_len as usize);
    memory.write(buf, &target[..written])?;
    memory.write_u32(result, u32::try_from(written).expect("at most the buffer's length"))
}

/// Opens a file or directory.
///
/// The rights asked for decide whether a file is opened for reading and writing. Beyond that a descriptor gets
/// every right that its kind can have and its directory hands on: guests, and their libcs, ask for anything
/// between none and all, and rely on getting what they need.
pub(crate) fn path_open(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    lookup: u32,
    path: u32,
    len: u32,
    open: u32,
    rights: u64,
    _inheriting: u64,
    flags: u32,
    result: u32,
) -> Result<(), Errno> {
    memory.check(result, 4)?;
    let request = Request {
        follow: follows(lookup)?,
        open: OpenFlags::from_guest(open)?,
        read: Rights(rights).contains(Rights::FD_READ),
        write: Rights(rights).contains(Rights::FD_WRITE),
        flags: FdFlags::from_guest(flags)?,
    };
    let dir = ctx.table.dir(fd, request.rights_on_directory())?;
    let inheriting = ctx.table.get(fd)?.inheriting;
    let transfer = request.transfer_rights();
    if !inheriting.contains(transfer) {
        return Err(Errno::NotCapable);
    }
    let kind = request.open(dir, memory.path(path, len)?)?;
    let of_kind = match kind {
        Kind::Dir(_) => Rights::DIRECTORY,
        _ => Rights::FILE.without(Rights::FD_READ).without(Rights::FD_WRITE).union(transfer),
    };
    let descriptor = Descriptor {
        inheriting: if matches!(kind, Kind::Dir(_)) { inheriting } else { Rights::default() },
        kind,
        rights: inheriting.intersection(of_kind),
        flags: request.flags,
    };
    let opened = ctx.table.insert(descriptor)?;
    memory.write_u32(result, opened)
}

/// What `path_open` was asked for.
struct Request {
    follow: bool,
    open: OpenFlags,
    read: bool,
    write: bool,
    flags: FdFlags,
}

impl Request {
    fn rights_on_directory(&self) -> Rights {
        let mut rights = Rights::PATH_OPEN;
        if self.open.contains(OpenFlags::CREATE) {
            rights = rights.union(Rights::PATH_CREATE_FILE);
        }
        if self.open.contains(OpenFlags::TRUNCATE) {
            rights = rights.union(Rights::PATH_FILESTAT_SET_SIZE);
        }
        rights
    }

    fn transfer_rights(&self) -> Rights {
        let right = |wanted: bool, right: Rights| if wanted { right } else { Rights::default() };
        right(self.read, Rights::FD_READ).union(right(self.write, Rights::FD_WRITE))
    }

    fn open(&self, dir: &Dir, path: &str) -> Result<Kind, Errno> {
        if self.open.contains(OpenFlags::DIRECTORY) {
            return self.open_directory(dir, path);
        }
        let create = self.open.contains(OpenFlags::CREATE);
        if create && !self.write && !self.open.contains(OpenFlags::EXCLUSIVE) {
            // The host creates files only for writing. An existing file may not be writable, and then a guest that
            // wants to read it must not fail.
            match self.open_existing_or_new(dir, path, false) {
                Err(Errno::NoEntry) => {}
                result => return result,
            }
        }
        self.open_existing_or_new(dir, path, create)
    }

    fn open_directory(&self, dir: &Dir, path: &str) -> Result<Kind, Errno> {
        let creating = OpenFlags::CREATE.union(OpenFlags::EXCLUSIVE).union(OpenFlags::TRUNCATE);
        if self.open.intersection(creating) != OpenFlags::default() {
            return Err(Errno::Invalid);
        }
        let handle = if self.follow { dir.open_dir(path)? } else { dir.open_dir_nofollow(path)? };
        if self.write {
            return Err(Errno::IsDir);
        }
        Ok(Kind::Dir(Directory { handle, preopen: None, listing: None }))
    }

    fn open_existing_or_new(&self, dir: &Dir, path: &str, create: bool) -> Result<Kind, Errno> {
        let truncate = self.open.contains(OpenFlags::TRUNCATE);
        let write = self.write || truncate || create;
        let append = write && self.flags.contains(FdFlags::APPEND);
        let mut options = OpenOptions::new();
        options
            .read(self.read || !write)
            .write(write)
            .append(append && !truncate)
            .truncate(truncate)
            .create(create && !self.open.contains(OpenFlags::EXCLUSIVE))
            .create_new(create && self.open.contains(OpenFlags::EXCLUSIVE))
            .follow(if self.follow { FollowSymlinks::Yes } else { FollowSymlinks::No })
            .maybe_dir(true)
            .sync(self.flags.contains(FdFlags::SYNC))
            .dsync(self.flags.contains(FdFlags::DSYNC))
            .rsync(self.flags.contains(FdFlags::RSYNC))
            .nonblock(self.flags.contains(FdFlags::NONBLOCK));
        let file = dir.open_with(path, &options)?;
        if file.metadata()?.is_dir() {
            let handle = Dir::from_std_file(file.into_std());
            return Ok(Kind::Dir(Directory { handle, preopen: None, listing: None }));
        }
        let mut file = file.into_std();
        if append && truncate {
            // Rust's way of opening refuses to do both at once.
            host::set_flags(&mut file, self.flags.without(FdFlags::APPEND), self.flags)?;
        }
        Ok(Kind::File(file))
    }
}
