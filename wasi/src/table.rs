//! The guest's file descriptors: numbers on the guest's side, handles of the host's behind them.
//!
//! WASI leaves it open which number a new descriptor takes. It is the highest that has become free, so that a guest which
//! has lost its standard output is less likely to print into a file that it opens. Every access says which rights it
//! needs; a descriptor's rights only ever shrink. A directory hands its inheriting rights on to what is opened below it.

use std::collections::BTreeSet;
use std::fs::File;
use std::net::{TcpListener, TcpStream};

use cap_std::fs::Dir;

use crate::types::{Errno, FdFlags, FileType, Rights};

/// All file descriptors of one guest.
pub(crate) struct Table {
    entries: Vec<Option<Descriptor>>,
    /// Numbers from here on are not given.
    limit: u32,
    /// Numbers of entries without a descriptor.
    free: BTreeSet<u32>,
}

/// One open file descriptor.
pub(crate) struct Descriptor {
    pub(crate) kind: Kind,
    pub(crate) rights: Rights,
    pub(crate) inheriting: Rights,
    pub(crate) flags: FdFlags,
}

/// What a file descriptor stands for.
pub(crate) enum Kind {
    Stdin,
    Stdout,
    Stderr,
    File(File),
    Dir(Directory),
    Listener(TcpListener),
    Socket(TcpStream),
}

/// An open directory.
pub(crate) struct Directory {
    pub(crate) handle: Dir,
    /// The guest's name for it, if it was open from the start.
    pub(crate) preopen: Option<String>,
    /// What `fd_readdir` found when it last began at the beginning. Cookies are positions in it, so a guest that
    /// removes entries while it walks a directory misses none.
    pub(crate) listing: Option<Vec<ListedEntry>>,
}

/// One entry of a directory.
pub(crate) struct ListedEntry {
    pub(crate) name: String,
    pub(crate) inode: u64,
    pub(crate) file_type: FileType,
}

impl Table {
    /// A table with room for `limit` descriptors.
    pub(crate) fn new(limit: u32) -> Self {
        Self { entries: Vec::new(), limit, free: BTreeSet::new() }
    }

    /// Gives `descriptor` a number.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32, Errno> {
        if let Some(fd) = self.free.pop_last() {
            self.entries[fd as usize] = Some(descriptor);
            return Ok(fd);
        }
        let fd = u32::try_from(self.entries.len()).ok().filter(|&fd| fd < self.limit);
        let fd = fd.ok_or(Errno::TooManyFiles)?;
        self.entries.push(Some(descriptor));
        Ok(fd)
    }

    /// Frees the number and hands the descriptor over.
    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        let descriptor = self.entries.get_mut(fd as usize).and_then(Option::take).ok_or(Errno::BadFd)?;
        self.free.insert(fd);
        Ok(descriptor)
    }

    /// Makes `to`, which must be open, stand for what `from` stood for; hands over what `to` stood for.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<Option<Descriptor>, Errno> {
        self.get(to)?;
        self.get(from)?;
        if from == to {
            return Ok(None);
        }
        let moved = self.remove(from)?;
        Ok(self.entries[to as usize].replace(moved))
    }

    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        self.entries.get(fd as usize).and_then(Option::as_ref).ok_or(Errno::BadFd)
    }

    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.entries.get_mut(fd as usize).and_then(Option::as_mut).ok_or(Errno::BadFd)
    }

    /// The directory that `fd` stands for, if it has `rights`.
    pub(crate) fn dir(&self, fd: u32, rights: Rights) -> Result<&Dir, Errno> {
        let descriptor = self.get(fd)?;
        match &descriptor.kind {
            Kind::Dir(directory) => {
                descriptor.require(rights)?;
                Ok(&directory.handle)
            }
            _ => Err(Errno::NotDir),
        }
    }

    /// The regular file that `fd` stands for, if it has `rights`.
    pub(crate) fn file(&self, fd: u32, rights: Rights) -> Result<&File, Errno> {
        let descriptor = self.get(fd)?;
        match &descriptor.kind {
            Kind::File(file) => {
                descriptor.require(rights)?;
                Ok(file)
            }
            Kind::Dir(_) => Err(Errno::IsDir),
            _ => Err(Errno::IllegalSeek),
        }
    }
}

impl Descriptor {
    /// An error unless the descriptor has all of `rights`. A guest's libc expects the same code as from POSIX
    /// where the right is that to read or write.
    pub(crate) fn require(&self, rights: Rights) -> Result<(), Errno> {
        let missing = rights.without(self.rights);
        if missing == Rights::default() {
            return Ok(());
        }
        let transfer = Rights::FD_READ.union(Rights::FD_WRITE);
        if missing.intersection(transfer) == Rights::default() {
            Err(Errno::NotCapable)
        } else {
            Err(Errno::BadFd)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Descriptor, Kind, Table};
    use crate::types::{Errno, FdFlags, Rights};

    fn stream() -> Descriptor {
        Descriptor {
            kind: Kind::Stdin,
            rights: Rights::INPUT,
            inheriting: Rights::default(),
            flags: FdFlags::default(),
        }
    }

    #[test]
    fn the_highest_free_number_is_next() {
        let mut table = Table::new(5);
        for fd in 0..4 {
            assert_eq!(table.insert(stream()), Ok(fd));
        }
        assert!(table.remove(2).is_ok());
        assert!(table.remove(0).is_ok());
        assert_eq!(table.remove(0).err(), Some(Errno::BadFd));
        assert_eq!(table.insert(stream()), Ok(2));
        assert_eq!(table.insert(stream()), Ok(0));
        assert_eq!(table.insert(stream()), Ok(4));
        assert_eq!(table.insert(stream()), Err(Errno::TooManyFiles));
    }

    #[test]
    fn renumbering_needs_both() {
        let mut table = Table::new(9);
        table.insert(stream()).expect("room");
        table.insert(stream()).expect("room");
        assert_eq!(table.renumber(0, 7).err(), Some(Errno::BadFd));
        assert_eq!(table.renumber(7, 0).err(), Some(Errno::BadFd));
        assert_eq!(table.renumber(0, u32::MAX).err(), Some(Errno::BadFd));
        assert!(table.renumber(1, 1).is_ok_and(|closed| closed.is_none()));
        assert!(table.renumber(1, 0).is_ok_and(|closed| closed.is_some()));
        assert_eq!(table.get(1).err(), Some(Errno::BadFd));
        assert_eq!(table.insert(stream()), Ok(1));
    }

    #[test]
    fn a_missing_right_has_its_own_code() {
        let descriptor = stream();
        assert_eq!(descriptor.require(Rights::FD_READ), Ok(()));
        assert_eq!(descriptor.require(Rights::FD_WRITE), Err(Errno::BadFd));
        assert_eq!(descriptor.require(Rights::FD_SEEK), Err(Errno::NotCapable));
    }
}
