//! Directories: the preopened ones' names (`fd_prestat_*`) and what a directory contains (`fd_readdir`).

use cap_fs_ext::MetadataExt;
use cap_std::fs::Dir;

use crate::ctx::WasiCtx;
use crate::fdstat::file_type_from;
use crate::memory::GuestMemory;
use crate::table::{Directory, Kind, ListedEntry};
use crate::types::{Errno, FileType, Rights, encode_dirent, encode_prestat};

/// The guest's name of a preopened directory.
fn preopen_name(ctx: &WasiCtx, fd: u32) -> Result<&str, Errno> {
    match &ctx.table.get(fd)?.kind {
        Kind::Dir(Directory { preopen: Some(name), .. }) => Ok(name),
        _ => Err(Errno::BadFd),
    }
}

pub(crate) fn fd_prestat_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<(), Errno> {
    let name_len = u32::try_from(preopen_name(ctx, fd)?.len()).map_err(|_| Errno::Overflow)?;
    memory.write(result, &encode_prestat(name_len))
}

pub(crate) fn fd_prestat_dir_name(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    len: u32,
) -> Result<(), Errno> {
    let name = preopen_name(ctx, fd)?;
    if name.len() > len as usize {
        return Err(Errno::NameTooLong);
    }
    memory.write(buf, name.as_bytes())
}

/// Bytes of an entry before its name.
const DIRENT_BYTES: usize = 24;

/// Writes as many entries as fit, the last one cut off if need be: a full buffer tells the guest that there are
/// more. Cookie 0 lists the directory anew.
pub(crate) fn fd_readdir(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    len: u32,
    cookie: u64,
    result: u32,
) -> Result<(), Errno> {
    memory.check(result, 4)?;
    memory.check(buf, len)?;
    ctx.table.dir(fd, Rights::FD_READDIR)?;
    let Kind::Dir(directory) = &mut ctx.table.get_mut(fd)?.kind else { return Err(Errno::NotDir) };
    if cookie == 0 || directory.listing.is_none() {
        directory.listing = Some(list(&directory.handle, ctx.sorted_listings)?);
    }
    let listing = directory.listing.as_deref().unwrap_or_default();
    // A cookie is a position; one that was never given out is behind the end.
    let first = usize::try_from(cookie).unwrap_or(usize::MAX).min(listing.len());
    let needed: usize = listing[first..].iter().map(|entry| DIRENT_BYTES + entry.name.len()).sum();
    let len = len.min(u32::try_from(needed).unwrap_or(u32::MAX));
    let used = memory.fill(buf, len, |out| {
        let used = write_entries(out, listing, first);
        (used as usize, used)
    })?;
    memory.write_u32(result, used)
}

/// Fills `out` with the entries from position `first` on, and says how much of it was used.
fn write_entries(out: &mut [u8], listing: &[ListedEntry], first: usize) -> u32 {
    let mut used = 0;
    for (next, entry) in (first as u64 + 1..).zip(&listing[first..]) {
        let name_len = u32::try_from(entry.name.len()).expect("names are shorter than paths");
        let head = encode_dirent(next, entry.inode, name_len, entry.file_type);
        for part in [&head[..], entry.name.as_bytes()] {
            let room = part.len().min(out.len() - used);
            out[used..used + room].copy_from_slice(&part[..room]);
            used += room;
        }
        if used == out.len() {
            break;
        }
    }
    u32::try_from(used).expect("the buffer's length came as a u32")
}

/// All entries, `.` and `..` first, the others as the host has them or by name. A name that is not UTF-8 cannot be said in WASI, so it is left out.
fn list(dir: &Dir, sorted: bool) -> Result<Vec<ListedEntry>, Errno> {
    // The parent's number is not for the guest to know; at the root of any system it is the directory's own, too.
    let inode = dir.dir_metadata()?.ino();
    let dots = [".", ".."];
    let mut listing: Vec<ListedEntry> =
        dots.map(|name| ListedEntry { name: name.to_owned(), inode, file_type: FileType::Directory }).into();
    for entry in dir.entries()? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let Ok(file_type) = entry.file_type() else { continue };
        listing.push(ListedEntry { name, inode: entry_inode(&entry), file_type: file_type_from(file_type) });
    }
    if sorted {
        listing[dots.len()..].sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(listing)
}

#[cfg(unix)]
fn entry_inode(entry: &cap_std::fs::DirEntry) -> u64 {
    std::os::unix::fs::DirEntryExt::ino(entry)
}

#[cfg(not(unix))]
fn entry_inode(entry: &cap_std::fs::DirEntry) -> u64 {
    entry.metadata().map_or(0, |metadata| metadata.ino())
}

#[cfg(test)]
mod tests {
    use super::write_entries;
    use crate::table::ListedEntry;
    use crate::types::FileType;

    fn entries() -> Vec<ListedEntry> {
        ["a", "bcd"]
            .map(|name| ListedEntry { name: name.to_owned(), inode: 9, file_type: FileType::RegularFile })
            .into()
    }

    #[test]
    fn entries_lie_one_behind_the_other() {
        let mut out = [0; 64];
        assert_eq!(write_entries(&mut out, &entries(), 0), 25 + 27);
        assert_eq!((out[0], out[16], out[24]), (1, 1, b'a'));
        assert_eq!((out[25], out[25 + 16]), (2, 3));
        assert_eq!(&out[49..52], b"bcd");
        assert_eq!(write_entries(&mut out, &entries(), 1), 27);
        assert_eq!((out[0], out[16], out[24]), (2, 3, b'b'));
        assert_eq!(write_entries(&mut out, &entries(), 2), 0);
    }

    #[test]
    fn a_full_buffer_cuts_the_last_entry_off() {
        for len in 0..52 {
            let mut out = vec![0; len];
            assert_eq!(write_entries(&mut out, &entries(), 0) as usize, len);
        }
    }
}
