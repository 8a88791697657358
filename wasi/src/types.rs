//! The numbers and layouts of WASI preview 1: error codes, rights, flags, and the records that cross guest memory.
//!
//! Encoders turn a host value into the bytes the guest expects (little-endian, offsets as in the witx files),
//! decoders turn guest bytes into a host value or an [`Errno`]. All of them are plain functions of their input,
//! so they are tested without an engine.

use crate::memory::GuestMemory;

/// Declares the error codes with their numbers.
macro_rules! errno_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// A WASI error code; what every function but `proc_exit` returns to the guest.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub(crate) enum Errno {
            $($(#[$doc])* $name = $code,)*
        }
    };
}

errno_codes! {
    TooBig = 1,
    Access = 2,
    Again = 6,
    BadFd = 8,
    Busy = 10,
    ConnectionAborted = 13,
    ConnectionReset = 15,
    DirQuota = 19,
    Exist = 20,
    /// An address in guest memory is out of bounds.
    Fault = 21,
    FileTooBig = 22,
    /// A path is not valid UTF-8.
    IllegalSequence = 25,
    Interrupted = 27,
    Invalid = 28,
    Io = 29,
    IsDir = 31,
    Loop = 32,
    TooManyFiles = 33,
    TooManyLinks = 34,
    NameTooLong = 37,
    SystemFilesExhausted = 41,
    NoDevice = 43,
    NoEntry = 44,
    NoMemory = 48,
    NoSpace = 51,
    NotImplemented = 52,
    NotConnected = 53,
    NotDir = 54,
    NotEmpty = 55,
    NotSocket = 57,
    NotSupported = 58,
    NotTerminal = 59,
    NoSuchDevice = 60,
    Overflow = 61,
    Permission = 63,
    Pipe = 64,
    OutOfRange = 68,
    ReadOnly = 69,
    IllegalSeek = 70,
    TimedOut = 73,
    TextBusy = 74,
    CrossDevice = 75,
    /// The file descriptor lacks a right.
    NotCapable = 76,
}

/// Declares a set of flags as a newtype with the operations that this crate needs.
macro_rules! flag_set {
    ($(#[$doc:meta])* $name:ident($int:ty) { $($(#[$flag_doc:meta])* $flag:ident = $bit:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $int);

        #[allow(dead_code, reason = "every set has all of its flags and the same operations")]
        impl $name {
            $($(#[$flag_doc])* pub(crate) const $flag: Self = Self(1 << $bit);)*
            /// Every flag that exists.
            pub(crate) const ALL: Self = Self(0 $(| 1 << $bit)*);

            pub(crate) const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            pub(crate) const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            pub(crate) const fn intersection(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            pub(crate) const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }
        }
    };
}

/// The flag sets are narrower than the parameters that carry them, and a set bit that means nothing is an error.
macro_rules! flags_from_guest {
    ($($name:ident($int:ty),)*) => {$(
        impl $name {
            pub(crate) fn from_guest(bits: u32) -> Result<Self, Errno> {
                let bits = <$int>::try_from(bits).map_err(|_| Errno::Invalid)?;
                if Self::ALL.contains(Self(bits)) { Ok(Self(bits)) } else { Err(Errno::Invalid) }
            }
        }
    )*};
}

flag_set! {
    /// What a file descriptor may be used for.
    Rights(u64) {
        FD_DATASYNC = 0,
        FD_READ = 1,
        FD_SEEK = 2,
        FD_FDSTAT_SET_FLAGS = 3,
        FD_SYNC = 4,
        FD_TELL = 5,
        FD_WRITE = 6,
        FD_ADVISE = 7,
        FD_ALLOCATE = 8,
        PATH_CREATE_DIRECTORY = 9,
        PATH_CREATE_FILE = 10,
        PATH_LINK_SOURCE = 11,
        PATH_LINK_TARGET = 12,
        PATH_OPEN = 13,
        FD_READDIR = 14,
        PATH_READLINK = 15,
        PATH_RENAME_SOURCE = 16,
        PATH_RENAME_TARGET = 17,
        PATH_FILESTAT_GET = 18,
        PATH_FILESTAT_SET_SIZE = 19,
        PATH_FILESTAT_SET_TIMES = 20,
        FD_FILESTAT_GET = 21,
        FD_FILESTAT_SET_SIZE = 22,
        FD_FILESTAT_SET_TIMES = 23,
        PATH_SYMLINK = 24,
        PATH_REMOVE_DIRECTORY = 25,
        PATH_UNLINK_FILE = 26,
        POLL_FD_READWRITE = 27,
        SOCK_SHUTDOWN = 28,
        SOCK_ACCEPT = 29,
    }
}

impl Rights {
    /// Rights that change something outside of the guest.
    pub(crate) const MUTATING: Self = Self::FD_WRITE
        .union(Self::FD_DATASYNC)
        .union(Self::FD_SYNC)
        .union(Self::FD_ALLOCATE)
        .union(Self::FD_FILESTAT_SET_SIZE)
        .union(Self::FD_FILESTAT_SET_TIMES)
        .union(Self::PATH_CREATE_DIRECTORY)
        .union(Self::PATH_CREATE_FILE)
        .union(Self::PATH_LINK_SOURCE)
        .union(Self::PATH_LINK_TARGET)
        .union(Self::PATH_RENAME_SOURCE)
        .union(Self::PATH_RENAME_TARGET)
        .union(Self::PATH_FILESTAT_SET_SIZE)
        .union(Self::PATH_FILESTAT_SET_TIMES)
        .union(Self::PATH_SYMLINK)
        .union(Self::PATH_REMOVE_DIRECTORY)
        .union(Self::PATH_UNLINK_FILE);

    /// Rights that mean something for a regular file.
    pub(crate) const FILE: Self = Self::FD_DATASYNC
        .union(Self::FD_READ)
        .union(Self::FD_SEEK)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_SYNC)
        .union(Self::FD_TELL)
        .union(Self::FD_WRITE)
        .union(Self::FD_ADVISE)
        .union(Self::FD_ALLOCATE)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::FD_FILESTAT_SET_SIZE)
        .union(Self::FD_FILESTAT_SET_TIMES)
        .union(Self::POLL_FD_READWRITE);

    /// Rights that mean something for a directory.
    pub(crate) const DIRECTORY: Self = Self::FD_FDSTAT_SET_FLAGS
        .union(Self::FD_SYNC)
        .union(Self::FD_ADVISE)
        .union(Self::PATH_CREATE_DIRECTORY)
        .union(Self::PATH_CREATE_FILE)
        .union(Self::PATH_LINK_SOURCE)
        .union(Self::PATH_LINK_TARGET)
        .union(Self::PATH_OPEN)
        .union(Self::FD_READDIR)
        .union(Self::PATH_READLINK)
        .union(Self::PATH_RENAME_SOURCE)
        .union(Self::PATH_RENAME_TARGET)
        .union(Self::PATH_FILESTAT_GET)
        .union(Self::PATH_FILESTAT_SET_SIZE)
        .union(Self::PATH_FILESTAT_SET_TIMES)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::FD_FILESTAT_SET_TIMES)
        .union(Self::PATH_SYMLINK)
        .union(Self::PATH_REMOVE_DIRECTORY)
        .union(Self::PATH_UNLINK_FILE)
        .union(Self::POLL_FD_READWRITE);

    /// Rights of a standard input. No seek and no tell: that is how a guest's libc recognises a terminal.
    pub(crate) const INPUT: Self = Self::FD_READ
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// Rights of a socket that listens.
    pub(crate) const LISTENER: Self = Self::SOCK_ACCEPT
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// Rights of a connection.
    pub(crate) const SOCKET: Self = Self::FD_READ
        .union(Self::FD_WRITE)
        .union(Self::SOCK_SHUTDOWN)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);

    /// Rights of a standard output.
    pub(crate) const OUTPUT: Self = Self::FD_WRITE
        .union(Self::FD_DATASYNC)
        .union(Self::FD_SYNC)
        .union(Self::FD_FDSTAT_SET_FLAGS)
        .union(Self::FD_FILESTAT_GET)
        .union(Self::POLL_FD_READWRITE);
}

flag_set! {
    /// How a file descriptor reads and writes.
    FdFlags(u16) {
        APPEND = 0,
        DSYNC = 1,
        NONBLOCK = 2,
        RSYNC = 3,
        SYNC = 4,
    }
}

flag_set! {
    /// How `path_open` opens.
    OpenFlags(u16) {
        CREATE = 0,
        DIRECTORY = 1,
        EXCLUSIVE = 2,
        TRUNCATE = 3,
    }
}

flag_set! {
    /// How paths are resolved.
    LookupFlags(u32) {
        SYMLINK_FOLLOW = 0,
    }
}

flag_set! {
    /// Which times to set, and to what.
    FstFlags(u16) {
        ATIME = 0,
        ATIME_NOW = 1,
        MTIME = 2,
        MTIME_NOW = 3,
    }
}

flag_set! {
    /// How `sock_recv` receives.
    RecvFlags(u16) {
        PEEK = 0,
        WAITALL = 1,
    }
}

flag_set! {
    /// Which directions of a connection `sock_shutdown` ends.
    ShutdownFlags(u8) {
        READ = 0,
        WRITE = 1,
    }
}

flags_from_guest! {
    RecvFlags(u16),
    ShutdownFlags(u8),
    FdFlags(u16),
    OpenFlags(u16),
    LookupFlags(u32),
    FstFlags(u16),
}

/// What a file descriptor or path refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum FileType {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketStream = 6,
    SymbolicLink = 7,
}

/// Which of the two binary interfaces a module was compiled for.
///
/// `wasi_unstable` came first; it numbers `whence` differently, has a 32-bit link count, and its clock
/// subscriptions carry an identifier of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Unstable,
    Preview1,
}

/// What a seek offset counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    Set,
    Current,
    End,
}

impl Whence {
    pub(crate) fn from_guest(version: Version, number: u32) -> Result<Self, Errno> {
        match (version, number) {
            (Version::Preview1, 0) | (Version::Unstable, 2) => Ok(Self::Set),
            (Version::Preview1, 1) | (Version::Unstable, 0) => Ok(Self::Current),
            (Version::Preview1, 2) | (Version::Unstable, 1) => Ok(Self::End),
            _ => Err(Errno::Invalid),
        }
    }
}

/// The attributes of a file; times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileStat {
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) file_type: FileType,
    pub(crate) links: u64,
    pub(crate) size: u64,
    pub(crate) accessed: u64,
    pub(crate) modified: u64,
    pub(crate) changed: u64,
}

impl FileStat {
    /// The attributes of something that has none, such as a pipe.
    pub(crate) fn stream(file_type: FileType) -> Self {
        Self { device: 0, inode: 0, file_type, links: 1, size: 0, accessed: 0, modified: 0, changed: 0 }
    }

    /// Writes the record to the guest: 64 bytes, or 56 in the old layout.
    pub(crate) fn write(
        &self,
        version: Version,
        memory: &mut GuestMemory<'_>,
        ptr: u32,
    ) -> Result<(), Errno> {
        let mut record = [0; 64];
        record[0..8].copy_from_slice(&self.device.to_le_bytes());
        record[8..16].copy_from_slice(&self.inode.to_le_bytes());
        record[16] = self.file_type as u8;
        let tail = match version {
            Version::Preview1 => {
                record[24..32].copy_from_slice(&self.links.to_le_bytes());
                32
            }
            Version::Unstable => {
                let links = u32::try_from(self.links).unwrap_or(u32::MAX);
                record[20..24].copy_from_slice(&links.to_le_bytes());
                24
            }
        };
        for (i, field) in [self.size, self.accessed, self.modified, self.changed].into_iter().enumerate() {
            let at = tail + 8 * i;
            record[at..at + 8].copy_from_slice(&field.to_le_bytes());
        }
        memory.write(ptr, &record[..tail + 32])
    }
}

/// What `fd_fdstat_get` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FdStat {
    pub(crate) file_type: FileType,
    pub(crate) flags: FdFlags,
    pub(crate) rights: Rights,
    pub(crate) inheriting: Rights,
}

impl FdStat {
    /// The record as the guest sees it.
    pub(crate) fn encode(&self) -> [u8; 24] {
        let mut record = [0; 24];
        record[0] = self.file_type as u8;
        record[2..4].copy_from_slice(&self.flags.0.to_le_bytes());
        record[8..16].copy_from_slice(&self.rights.0.to_le_bytes());
        record[16..24].copy_from_slice(&self.inheriting.0.to_le_bytes());
        record
    }
}

/// The fixed part of a directory entry, which the name follows.
pub(crate) fn encode_dirent(next_cookie: u64, inode: u64, name_len: u32, file_type: FileType) -> [u8; 24] {
    let mut record = [0; 24];
    record[0..8].copy_from_slice(&next_cookie.to_le_bytes());
    record[8..16].copy_from_slice(&inode.to_le_bytes());
    record[16..20].copy_from_slice(&name_len.to_le_bytes());
    record[20] = file_type as u8;
    record
}

/// What `fd_prestat_get` tells of a preopened directory: a tag of 0 and the length of its guest path.
pub(crate) fn encode_prestat(name_len: u32) -> [u8; 8] {
    let mut record = [0; 8];
    record[4..8].copy_from_slice(&name_len.to_le_bytes());
    record
}

/// What a guest waits for in `poll_oneoff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Clock { clock: u32, timeout: u64, absolute: bool },
    Read { fd: u32 },
    Write { fd: u32 },
}

/// One element of the array that `poll_oneoff` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) userdata: u64,
    pub(crate) wait: Wait,
}

impl Subscription {
    /// Size of one element in guest memory.
    pub(crate) fn size(version: Version) -> u32 {
        match version {
            Version::Preview1 => 48,
            Version::Unstable => 56,
        }
    }

    pub(crate) fn read(version: Version, memory: &GuestMemory<'_>, ptr: u32) -> Result<Self, Errno> {
        // A range check here makes the additions below safe from overflow.
        memory.check(ptr, Self::size(version))?;
        let userdata = memory.read_u64(ptr)?;
        let body = ptr + 16;
        let wait = match memory.read_u8(ptr + 8)? {
            0 => {
                let clock = match version {
                    Version::Preview1 => body,
                    Version::Unstable => body + 8,
                };
                let flags = memory.read_u16(clock + 24)?;
                if flags > 1 {
                    return Err(Errno::Invalid);
                }
                Wait::Clock {
                    clock: memory.read_u32(clock)?,
                    timeout: memory.read_u64(clock + 8)?,
                    absolute: flags == 1,
                }
            }
            1 => Wait::Read { fd: memory.read_u32(body)? },
            2 => Wait::Write { fd: memory.read_u32(body)? },
            _ => return Err(Errno::Invalid),
        };
        Ok(Self { userdata, wait })
    }
}

/// One element of the array that `poll_oneoff` fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) userdata: u64,
    pub(crate) error: Option<Errno>,
    /// 0 clock, 1 read, 2 write.
    pub(crate) kind: u8,
    /// Bytes that can be read or written at once.
    pub(crate) bytes: u64,
    pub(crate) hang_up: bool,
}

impl Event {
    /// Size of one element in guest memory.
    pub(crate) const SIZE: u32 = 32;

    /// The record as the guest sees it.
    pub(crate) fn encode(&self) -> [u8; 32] {
        let mut record = [0; 32];
        record[0..8].copy_from_slice(&self.userdata.to_le_bytes());
        record[8..10].copy_from_slice(&self.error.map_or(0, |errno| errno as u16).to_le_bytes());
        record[10] = self.kind;
        record[16..24].copy_from_slice(&self.bytes.to_le_bytes());
        record[24] = u8::from(self.hang_up);
        record
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Errno, Event, FdFlags, FdStat, FileStat, FileType, OpenFlags, Rights, Subscription, Version, Wait,
        Whence, encode_dirent, encode_prestat,
    };
    use crate::memory::GuestMemory;

    const STAT: FileStat = FileStat {
        device: 1,
        inode: 2,
        file_type: FileType::RegularFile,
        links: 3,
        size: 4,
        accessed: 5,
        modified: 6,
        changed: 7,
    };

    #[test]
    fn filestat_has_both_layouts() {
        let mut bytes = [0xff; 80];
        STAT.write(Version::Preview1, &mut GuestMemory::new(&mut bytes), 8).expect("in bounds");
        let fields: Vec<u64> = bytes[8..72]
            .chunks(8)
            .map(|field| u64::from_le_bytes(field.try_into().expect("chunks of 8")))
            .collect();
        assert_eq!(fields, [1, 2, 4, 3, 4, 5, 6, 7]);
        assert_eq!(bytes[72..], [0xff; 8]);

        let mut bytes = [0xff; 64];
        STAT.write(Version::Unstable, &mut GuestMemory::new(&mut bytes), 0).expect("in bounds");
        assert_eq!(bytes[16..24], [4, 0, 0, 0, 3, 0, 0, 0]);
        assert_eq!(bytes[24..32], 4u64.to_le_bytes());
        assert_eq!(bytes[48..56], 7u64.to_le_bytes());
        assert_eq!(bytes[56..], [0xff; 8]);
    }

    #[test]
    fn filestat_out_of_bounds_writes_nothing() {
        let mut bytes = [0xff; 63];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(STAT.write(Version::Preview1, &mut memory, 0), Err(Errno::Fault));
        assert_eq!(bytes, [0xff; 63]);
    }

    #[test]
    fn fdstat_layout() {
        let stat = FdStat {
            file_type: FileType::Directory,
            flags: FdFlags::NONBLOCK,
            rights: Rights::FD_READ,
            inheriting: Rights::PATH_OPEN,
        };
        let record = stat.encode();
        assert_eq!(record[..4], [3, 0, 4, 0]);
        assert_eq!(record[8..16], 2u64.to_le_bytes());
        assert_eq!(record[16..24], (1u64 << 13).to_le_bytes());
    }

    #[test]
    fn dirent_and_prestat_layouts() {
        let record = encode_dirent(0x0102, 0x0304, 5, FileType::SymbolicLink);
        assert_eq!(record[..2], [2, 1]);
        assert_eq!(record[8..10], [4, 3]);
        assert_eq!(record[16..], [5, 0, 0, 0, 7, 0, 0, 0]);
        assert_eq!(encode_prestat(9), [0, 0, 0, 0, 9, 0, 0, 0]);
    }

    #[test]
    fn whence_is_numbered_differently() {
        let numbers = |version| [0, 1, 2].map(|number| Whence::from_guest(version, number).expect("known"));
        assert_eq!(numbers(Version::Preview1), [Whence::Set, Whence::Current, Whence::End]);
        assert_eq!(numbers(Version::Unstable), [Whence::Current, Whence::End, Whence::Set]);
        assert_eq!(Whence::from_guest(Version::Preview1, 3), Err(Errno::Invalid));
    }

    #[test]
    fn unknown_flags_are_refused() {
        assert_eq!(OpenFlags::from_guest(0b1111), Ok(OpenFlags::ALL));
        assert_eq!(OpenFlags::from_guest(0b1_0000), Err(Errno::Invalid));
        assert_eq!(OpenFlags::from_guest(0x1_0000), Err(Errno::Invalid));
    }

    #[test]
    fn subscriptions_in_both_layouts() {
        let mut bytes = [0; 112];
        bytes[0] = 42; // userdata
        bytes[8] = 0; // a clock
        bytes[16] = 1; // monotonic
        bytes[24] = 99; // timeout
        bytes[40] = 1; // absolute
        let clock = Wait::Clock { clock: 1, timeout: 99, absolute: true };
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(
            Subscription::read(Version::Preview1, &memory, 0),
            Ok(Subscription { userdata: 42, wait: clock })
        );

        let mut bytes = [0; 56];
        bytes[16] = 7; // identifier, which nobody reads
        bytes[24] = 1;
        bytes[32] = 99;
        bytes[48] = 1;
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(
            Subscription::read(Version::Unstable, &memory, 0),
            Ok(Subscription { userdata: 0, wait: clock })
        );
        assert_eq!(Subscription::read(Version::Unstable, &memory, 1), Err(Errno::Fault));
        assert_eq!(Subscription::read(Version::Unstable, &memory, u32::MAX), Err(Errno::Fault));
    }

    #[test]
    fn event_layout() {
        let event = Event { userdata: 1, error: Some(Errno::BadFd), kind: 2, bytes: 3, hang_up: true };
        let record = event.encode();
        assert_eq!(record[..11], [1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 2]);
        assert_eq!(record[16..25], [3, 0, 0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_read_only_directory_keeps_no_mutating_right() {
        let rights = Rights::DIRECTORY.union(Rights::FILE).without(Rights::MUTATING);
        assert_eq!(rights.intersection(Rights::MUTATING), Rights(0));
        assert!(rights.contains(Rights::FD_READ.union(Rights::PATH_OPEN).union(Rights::FD_READDIR)));
    }
}
