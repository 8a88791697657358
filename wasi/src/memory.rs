//! Checked access to guest memory: addresses and lengths come from the guest, so none of them is trusted.
//!
//! Every access checks its whole range first and is `EFAULT` if a byte of it lies outside; nothing is written
//! then, and nothing panics. Arrays of buffers (iovecs) are walked in place, so that a hostile count costs no
//! host memory.

use core::ops::Range;

use crate::types::Errno;

/// The memory that the calling module exports as `memory`.
pub(crate) struct GuestMemory<'a> {
    bytes: &'a mut [u8],
}

/// An array of buffers in guest memory, checked as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Iovecs {
    ptr: u32,
    count: u32,
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
/// The longest path that is looked at.
const MAX_PATH_BYTES: u32 = 64 * 1024;

impl<'a> GuestMemory<'a> {
    pub(crate) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    fn range(&self, ptr: u32, len: u32) -> Result<Range<usize>, Errno> {
        let start = ptr as usize;
        let end = start.checked_add(len as usize).ok_or(Errno::Fault)?;
        if end <= self.bytes.len() { Ok(start..end) } else { Err(Errno::Fault) }
    }

    /// `len` bytes at `ptr`.
    pub(crate) fn slice(&self, ptr: u32, len: u32) -> Result<&[u8], Errno> {
        let range = self.range(ptr, len)?;
        Ok(&self.bytes[range])
    }

    /// `len` bytes at `ptr`, to be written.
    pub(crate) fn slice_mut(&mut self, ptr: u32, len: u32) -> Result<&mut [u8], Errno> {
        let range = self.range(ptr, len)?;
        Ok(&mut self.bytes[range])
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
        self.slice_mut(ptr, len)?.copy_from_slice(bytes);
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
        let bytes = self.slice(ptr, len)?;
        if len > MAX_PATH_BYTES {
            return Err(Errno::NameTooLong);
        }
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
        self.slice(ptr, bytes)?;
        let mut iovecs = Iovecs { ptr, count: count.min(MAX_IOVECS) };
        let mut sum = 0u32;
        for i in 0..iovecs.count {
            let Iovec { ptr, len } = self.iovec(iovecs, i)?;
            self.slice(ptr, len)?;
            match sum.checked_add(len) {
                Some(longer) => sum = longer,
                None => {
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
        Ok(Iovec { ptr: self.read_u32(at)?, len: self.read_u32(at + 4)? })
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
}
