//! Checked access to guest memory: addresses and lengths come from the guest, so none of them is trusted.
//!
//! Every access checks its whole range first and is `EFAULT` if a byte of it lies outside; nothing is written
//! then, and nothing panics. Arrays of buffers (iovecs) are walked in place, so that a hostile count costs no
//! host memory.
//!
//! A shared memory may change while it is looked at, so nothing refers to its bytes: they are copied out and in. The copies
//! live as long as the call. Buffers are cut off so that a call copies little, and a guest that makes them longer meanwhile,
//! from another thread, finds a limit.

use core::ops::Range;

use bumpalo::Bump;
use wapiti::SharedMemory;

use crate::types::Errno;

/// The memory that the calling module exports as `memory`.
pub(crate) struct GuestMemory<'a> {
    bytes: Bytes<'a>,
}

enum Bytes<'a> {
    /// Of a memory that only the guest uses, which waits for the call to end.
    Own(&'a mut [u8]),
    /// Of one that others may be using, and copies of what has been looked at.
    Shared { memory: SharedMemory, copies: Bump },
}

/// An array of buffers in guest memory, checked as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iovecs {
    ptr: u32,
    count: u32,
    /// How much of the last one is meant.
    last_len: u32,
}

/// One buffer of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Iovec {
    pub(crate) ptr: u32,
    pub(crate) len: u32,
}

/// As many buffers as one call handles; it then reports that it read or wrote less than was asked for, as calls
/// may at any time. Linux has the same number.
const MAX_IOVECS: u32 = 1024;
/// As many bytes as one call reads or writes if they have to be copied, likewise.
const MAX_COPIED_BYTES: u32 = 1 << 20;
/// As many bytes as the copies of one call take: several times what is copied for a guest that changes nothing meanwhile,
/// because an array of buffers is gone through more than once, and an arena rounds up.
const MAX_ARENA_BYTES: usize = 8 * MAX_COPIED_BYTES as usize;
/// The longest path that is looked at.
const MAX_PATH_BYTES: u32 = 64 * 1024;

impl<'a> GuestMemory<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes: Bytes::Own(bytes) }
    }

    pub(crate) fn shared(memory: SharedMemory) -> Self {
        let copies = Bump::new();
        copies.set_allocation_limit(Some(MAX_ARENA_BYTES));
        Self { bytes: Bytes::Shared { memory, copies } }
    }

    fn size(&self) -> usize {
        match &self.bytes {
            Bytes::Own(bytes) => bytes.len(),
            Bytes::Shared { memory, .. } => memory.data_size(),
        }
    }

    fn range(&self, ptr: u32, len: u32) -> Result<Range<usize>, Errno> {
        let start = ptr as usize;
        let end = start.checked_add(len as usize).ok_or(Errno::Fault)?;
        if end <= self.size() { Ok(start..end) } else { Err(Errno::Fault) }
    }

    /// Checks that there are `len` bytes at `ptr`.
    pub(crate) fn check(&self, ptr: u32, len: u32) -> Result<(), Errno> {
        self.range(ptr, len).map(|_range| ())
    }

    /// `len` bytes at `ptr`.
    fn slice(&self, ptr: u32, len: u32) -> Result<&[u8], Errno> {
        let range = self.range(ptr, len)?;
        match &self.bytes {
            Bytes::Own(bytes) => Ok(&bytes[range]),
            Bytes::Shared { memory, copies } => {
                let copy = copies.try_alloc_slice_fill_copy(range.len(), 0).map_err(|_| Errno::NoMemory)?;
                memory.read(range.start, copy).map_err(|_| Errno::Fault)?;
                Ok(copy)
            }
        }
    }

    /// Has `fill` write into the `len` bytes at `ptr`. It says how many it has written, from the first on, and whatever
    /// else the caller wants to know.
    pub(crate) fn fill<R>(
        &mut self,
        ptr: u32,
        len: u32,
        fill: impl FnOnce(&mut [u8]) -> (usize, R),
    ) -> Result<R, Errno> {
        let range = self.range(ptr, len)?;
        match &mut self.bytes {
            Bytes::Own(bytes) => Ok(fill(&mut bytes[range]).1),
            Bytes::Shared { memory, .. } => {
                let mut buffer = vec![0; range.len()];
                let (filled, result) = fill(&mut buffer);
                memory.write(range.start, &buffer[..filled]).map_err(|_| Errno::Fault)?;
                Ok(result)
            }
        }
    }

    /// How many bytes one call reads or writes at most.
    pub(crate) fn max_len(&self) -> u32 {
        match self.bytes {
            Bytes::Own(_) => u32::MAX,
            Bytes::Shared { .. } => MAX_COPIED_BYTES,
        }
    }

    fn array<const N: usize>(&self, ptr: u32) -> Result<[u8; N], Errno> {
        let len = u32::try_from(N).expect("records are small");
        Ok(self.slice(ptr, len)?.try_into().expect("the slice has the length asked for"))
    }

    pub(crate) fn read_u8(&self, ptr: u32) -> Result<u8, Errno> {
        Ok(u8::from_le_bytes(self.array(ptr)?))
    }

    pub(crate) fn read_u16(&self, ptr: u32) -> Result<u16, Errno> {
        Ok(u16::from_le_bytes(self.array(ptr)?))
    }

    pub(crate) fn read_u32(&self, ptr: u32) -> Result<u32, Errno> {
        Ok(u32::from_le_bytes(self.array(ptr)?))
    }

    pub(crate) fn read_u64(&self, ptr: u32) -> Result<u64, Errno> {
        Ok(u64::from_le_bytes(self.array(ptr)?))
    }

    /// Writes `bytes` at `ptr`.
    pub(crate) fn write(&mut self, ptr: u32, bytes: &[u8]) -> Result<(), Errno> {
        let len = u32::try_from(bytes.len()).map_err(|_| Errno::Overflow)?;
        let range = self.range(ptr, len)?;
        match &mut self.bytes {
            Bytes::Own(all) => all[range].copy_from_slice(bytes),
            Bytes::Shared { memory, .. } => memory.write(range.start, bytes).map_err(|_| Errno::Fault)?,
        }
        Ok(())
    }

    pub(crate) fn write_u32(&mut self, ptr: u32, value: u32) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    pub(crate) fn write_u64(&mut self, ptr: u32, value: u64) -> Result<(), Errno> {
        self.write(ptr, &value.to_le_bytes())
    }

    /// A path: UTF-8 without NUL, not empty.
    pub(crate) fn path(&self, ptr: u32, len: u32) -> Result<&str, Errno> {
        self.check(ptr, len)?;
        if len > MAX_PATH_BYTES {
            return Err(Errno::NameTooLong);
        }
        let bytes = self.slice(ptr, len)?;
        let path = core::str::from_utf8(bytes).map_err(|_| Errno::IllegalSequence)?;
        match path {
            "" => Err(Errno::NoEntry),
            _ if path.contains('\0') => Err(Errno::Invalid),
            _ => Ok(path),
        }
    }

    /// The array of `count` buffers at `ptr`. All of them are checked now, so that a call with a bad one has no
    /// effect. Beyond the first 1024, and beyond the buffer that would bring the sum to 4 GiB, they are left out.
    pub(crate) fn iovecs(&self, ptr: u32, count: u32) -> Result<Iovecs, Errno> {
        let bytes = count.checked_mul(8).ok_or(Errno::Fault)?;
        self.check(ptr, bytes)?;
        let mut iovecs = Iovecs { ptr, count: count.min(MAX_IOVECS), last_len: u32::MAX };
        let max_len = self.max_len();
        let mut sum = 0u32;
        for i in 0..iovecs.count {
            let Iovec { ptr, len } = self.iovec(iovecs, i)?;
            self.check(ptr, len)?;
            match sum.checked_add(len) {
                Some(longer) if longer <= max_len => sum = longer,
                // What has to be copied is cut off within a buffer, so that a large one gets somewhere.
                _ if max_len < u32::MAX => {
                    (iovecs.count, iovecs.last_len) = (i + 1, max_len - sum);
                    break;
                }
                _ => {
                    iovecs.count = i;
                    break;
                }
            }
        }
        Ok(iovecs)
    }

    /// Buffer `index` of an array. A guest may have its buffers overlap the array, so it is read and checked anew.
    pub(crate) fn iovec(&self, iovecs: Iovecs, index: u32) -> Result<Iovec, Errno> {
        let at = iovecs.ptr + 8 * index;
        let (ptr, len) = (self.read_u32(at)?, self.read_u32(at + 4)?);
        let max_len = if index + 1 == iovecs.count { iovecs.last_len } else { u32::MAX };
        Ok(Iovec { ptr, len: len.min(max_len).min(self.max_len()) })
    }

    /// The bytes of an array's buffers that are not empty.
    pub(crate) fn buffers(&self, iovecs: Iovecs) -> impl Iterator<Item = &[u8]> + Clone {
        (0..iovecs.count)
            .filter_map(move |i| {
                let Iovec { ptr, len } = self.iovec(iovecs, i).ok()?;
                self.slice(ptr, len).ok()
            })
            .filter(|buffer| !buffer.is_empty())
    }
}

impl Iovecs {
    /// How many buffers there are.
    pub(crate) fn count(self) -> u32 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use wapiti::{Engine, MemoryType, SharedMemory};

    use super::{GuestMemory, Iovec};
    use crate::types::Errno;

    #[test]
    fn ranges_end_at_the_last_byte() {
        let mut bytes = [1, 2, 3, 4];
        let mut memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.slice(1, 3), Ok(&[2, 3, 4][..]));
        assert_eq!(memory.slice(4, 0), Ok(&[][..]));
        assert_eq!(memory.slice(5, 0), Err(Errno::Fault));
        assert_eq!(memory.slice(1, 4), Err(Errno::Fault));
        assert_eq!(memory.slice(u32::MAX, u32::MAX), Err(Errno::Fault));
        assert_eq!(memory.read_u32(0), Ok(0x0403_0201));
        assert_eq!(memory.read_u32(1), Err(Errno::Fault));
        assert_eq!(memory.write_u64(0, 0), Err(Errno::Fault));
        assert_eq!(bytes, [1, 2, 3, 4]);
    }

    #[test]
    fn paths_are_utf8_without_nul() {
        let mut bytes = *b"abc\0\xff";
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.path(0, 3), Ok("abc"));
        assert_eq!(memory.path(0, 0), Err(Errno::NoEntry));
        assert_eq!(memory.path(0, 4), Err(Errno::Invalid));
        assert_eq!(memory.path(4, 1), Err(Errno::IllegalSequence));
        assert_eq!(memory.path(4, 2), Err(Errno::Fault));
        let mut long = vec![b'a'; 70_000];
        assert_eq!(GuestMemory::new(&mut long).path(0, 70_000), Err(Errno::NameTooLong));
    }

    #[test]
    fn hostile_iovecs() {
        let mut bytes = [0; 32];
        bytes[0] = 16; // ptr
        bytes[4] = 4; // len
        bytes[8] = 0xff; // ptr
        bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        let memory = GuestMemory::new(&mut bytes);
        let one = memory.iovecs(0, 1).expect("the first buffer is good");
        assert_eq!(memory.iovec(one, 0), Ok(Iovec { ptr: 16, len: 4 }));
        assert_eq!(memory.buffers(one).map(<[u8]>::len).collect::<Vec<_>>(), [4]);
        assert_eq!(memory.iovecs(0, 2).err(), Some(Errno::Fault));
        assert_eq!(memory.iovecs(0, u32::MAX).err(), Some(Errno::Fault));
        assert_eq!(memory.iovecs(0, 1 << 29).err(), Some(Errno::Fault));
        assert_eq!(memory.iovecs(25, 1).err(), Some(Errno::Fault));
    }

    #[test]
    fn many_iovecs_are_cut_off() {
        let mut bytes = vec![0; 8 * 5000];
        let memory = GuestMemory::new(&mut bytes);
        assert_eq!(memory.iovecs(0, 5000).expect("all empty").count(), 1024);
    }

    fn shared(pages: u32) -> SharedMemory {
        SharedMemory::new(&Engine::default(), MemoryType::shared(pages, pages)).expect("small")
    }

    #[test]
    fn shared_memory_is_copied_out_and_in() {
        let bytes = shared(1);
        let mut memory = GuestMemory::shared(bytes.clone());
        memory.write(8, b"path").expect("within");
        assert_eq!(memory.path(8, 4), Ok("path"));
        assert_eq!(memory.check(65_533, 4), Err(Errno::Fault));
        assert_eq!(memory.write_u32(65_533, 1), Err(Errno::Fault));
        let filled = memory.fill(10, 4, |buffer| {
            assert_eq!(buffer.len(), 4);
            buffer.copy_from_slice(b"wxyz");
            (1, "told")
        });
        assert_eq!(filled, Ok("told"));
        let mut found = [0; 6];
        bytes.read(8, &mut found).expect("within");
        assert_eq!(&found, b"pawh\0\0");
    }

    #[test]
    fn little_of_a_shared_memory_is_copied_in_one_call() {
        let mut memory = GuestMemory::shared(shared(40));
        for (i, len) in [0x8_0000_u32, 0x10_0000, 1].into_iter().enumerate() {
            memory.write_u32(8 * i as u32, 64).expect("within");
            memory.write_u32(8 * i as u32 + 4, len).expect("within");
        }
        let iovecs = memory.iovecs(0, 3).expect("all within");
        assert_eq!(iovecs.count(), 2);
        assert_eq!(memory.buffers(iovecs).map(<[u8]>::len).collect::<Vec<_>>(), [0x8_0000, 0x8_0000]);
        // Another thread may change the array at any time.
        memory.write_u32(4, 0x20_0000).expect("within");
        assert_eq!(memory.iovec(iovecs, 0), Ok(Iovec { ptr: 64, len: 0x10_0000 }));
    }

    #[test]
    fn buffers_that_grow_meanwhile_are_not_copied_without_end() {
        let mut memory = GuestMemory::shared(shared(40));
        let iovecs = memory.iovecs(0, 1000).expect("all empty");
        for i in 0..1000 {
            memory.write_u32(8 * i + 4, 0x10_0000).expect("within");
        }
        let copied: usize = memory.buffers(iovecs).map(<[u8]>::len).sum();
        assert!((0x10_0000..0x80_0000).contains(&copied), "{copied} bytes");
        assert_eq!(memory.slice(0, 0x10_0000), Err(Errno::NoMemory));
    }
}
