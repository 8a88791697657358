//! A memory that several threads use at the same time, each through a store of its own.
//!
//! In go positions in bytes, checked here without wrap-around; bytes come and go by copy. Always (INV-ATOMIC): the bytes
//! are reserved up to the maximum when the memory is made, zeroed, and never move; they are reached by atomic accesses
//! only; `len_bytes` only grows. Whoever knows that it has grown finds the bytes, so reading it needs no ordering.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use alloc::format;
use core::cell::UnsafeCell;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use super::memory::check_range;
use super::parking::Parking;
use crate::error::{Error, ErrorKind, Trap};
use crate::sync::Mutex;
use crate::types::MemoryType;

/// Of the block: as of other memories.
const ALIGN: usize = 16;
/// Bytes that are copied at once where both sides are aligned.
const WORD: usize = size_of::<u64>();

/// The bytes of a shared memory and who waits for them to change.
pub(crate) struct SharedBlock {
    base: NonNull<u8>,
    /// Bytes at `base`: as many as the memory may ever have.
    capacity_bytes: usize,
    /// Changed under the lock only.
    len_bytes: AtomicUsize,
    growing: Mutex<()>,
    /// As declared: the minimum is the size at the start.
    ty: MemoryType,
    pub(crate) parking: Parking,
}

// SAFETY: INV-ATOMIC: the block belongs to this memory, and its bytes are reached by atomic accesses only.
unsafe impl Send for SharedBlock {}
// SAFETY: INV-ATOMIC: as above.
unsafe impl Sync for SharedBlock {}

impl SharedBlock {
    /// A memory of the type's minimum size, all zero. It can grow as far as its type and `limit_bytes` allow, and so
    /// much is reserved now.
    pub(crate) fn new(ty: &MemoryType, limit_bytes: u64) -> Result<Self, Error> {
        let Some(maximum) = ty.maximum() else {
            return Err(Error::usage(format!("{ty}: a shared memory has a maximum")));
        };
        if maximum < ty.minimum() || maximum > ty.reachable_pages() {
            let reachable = ty.reachable_pages();
            let message = format!("{ty}: the minimum is at most the maximum, and that at most {reachable}");
            return Err(Error::usage(message));
        }
        let bytes_of =
            |pages: u64| pages.checked_mul(ty.page_size()).and_then(|len| usize::try_from(len).ok());
        let limit_pages = limit_bytes >> ty.page_size_log2();
        if ty.minimum() > limit_pages {
            let message = format!("{ty}, but no memory may have more than {limit_bytes} bytes here");
            return Err(ErrorKind::OutOfMemory(message).into());
        }
        let reserve = || {
            let capacity_bytes = bytes_of(maximum.min(limit_pages))?;
            let base = match layout(capacity_bytes)? {
                layout if layout.size() == 0 => NonNull::new(core::ptr::without_provenance_mut(ALIGN))?,
                // SAFETY: the layout's size is not zero.
                layout => NonNull::new(unsafe { alloc_zeroed(layout) })?,
            };
            Some((base, capacity_bytes, bytes_of(ty.minimum())?))
        };
        let Some((base, capacity_bytes, len_bytes)) = reserve() else {
            let message = format!("{ty}: a shared memory is reserved up to its maximum when it is made");
            return Err(ErrorKind::OutOfMemory(message).into());
        };
        Ok(Self {
            base,
            capacity_bytes,
            len_bytes: AtomicUsize::new(len_bytes),
            growing: Mutex::new(()),
            ty: *ty,
            parking: Parking::new(),
        })
    }

    /// The first byte; dangling but aligned if the memory can have no bytes.
    pub(crate) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// Where the size in bytes is kept.
    pub(crate) fn len_cell(&self) -> &AtomicUsize {
        &self.len_bytes
    }

    /// The current size in bytes.
    pub(crate) fn len_bytes(&self) -> usize {
        self.len_bytes.load(Ordering::Relaxed)
    }

    /// The current size in pages.
    pub(crate) fn pages(&self) -> u64 {
        self.len_bytes() as u64 >> self.ty.page_size_log2()
    }

    /// The type as an importer sees it: the minimum is the current size.
    pub(crate) fn ty(&self) -> MemoryType {
        self.ty.with_minimum(self.pages())
    }

    /// Adds zeroed pages and returns the former size in pages, or `None`, having changed nothing, if not so many have
    /// been reserved.
    pub(crate) fn grow(&self, delta_pages: u64) -> Option<u64> {
        let _guard = self.growing.lock();
        let old_pages = self.pages();
        let new_len = old_pages.checked_add(delta_pages)?.checked_mul(self.ty.page_size())?;
        let new_len = usize::try_from(new_len).ok().filter(|&len| len <= self.capacity_bytes)?;
        debug_assert!(new_len >= self.len_bytes(), "INV-ATOMIC: the size only grows");
        self.len_bytes.store(new_len, Ordering::SeqCst);
        Some(old_pages)
    }

    /// All bytes, for atomic accesses.
    pub(crate) fn cells(&self) -> &[UnsafeCell<u8>] {
        // SAFETY: INV-ATOMIC: so many bytes are reserved at `base`, for as long as `self` lives.
        unsafe { core::slice::from_raw_parts(self.base().cast::<UnsafeCell<u8>>(), self.len_bytes()) }
    }

    /// Copies the bytes from `start` on into `buffer`.
    pub(crate) fn read(&self, start: u64, buffer: &mut [u8]) -> Result<(), Trap> {
        let (start, len) = self.check(start, buffer.len() as u64)?;
        // SAFETY: INV-ATOMIC: the range was just checked, and the buffer is the caller's.
        unsafe { copy_relaxed(self.base().add(start), buffer.as_mut_ptr(), len) };
        Ok(())
    }

    /// Copies `buffer` to the bytes from `start` on.
    pub(crate) fn write(&self, start: u64, buffer: &[u8]) -> Result<(), Trap> {
        let (start, len) = self.check(start, buffer.len() as u64)?;
        let word = |at| buffer[at..].first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes));
        // SAFETY: INV-ATOMIC: the range was just checked.
        unsafe { store_relaxed(self.base().add(start), len, |at| buffer[at], word) };
        Ok(())
    }

    /// Sets the `len` bytes from `start` on to `value`.
    pub(crate) fn fill(&self, start: u64, value: u8, len: u64) -> Result<(), Trap> {
        let (start, len) = self.check(start, len)?;
        // SAFETY: INV-ATOMIC: the range was just checked.
        unsafe {
            store_relaxed(self.base().add(start), len, |_| value, |_| u64::from_ne_bytes([value; WORD]))
        };
        Ok(())
    }

    /// The naturally aligned word at `address`, for atomic accesses.
    pub(crate) fn word32(&self, address: u64) -> Result<&AtomicU32, Trap> {
        let at = self.aligned::<4>(address)?;
        // SAFETY: INV-ATOMIC: the bytes are within the memory, which lives as long as `self`, and aligned.
        Ok(unsafe { AtomicU32::from_ptr(at.cast()) })
    }

    /// As [`word32`](Self::word32), of 64 bits.
    pub(crate) fn word64(&self, address: u64) -> Result<&AtomicU64, Trap> {
        let at = self.aligned::<8>(address)?;
        // SAFETY: INV-ATOMIC: as in `word32`.
        Ok(unsafe { AtomicU64::from_ptr(at.cast()) })
    }

    fn aligned<const N: u64>(&self, address: u64) -> Result<*mut u8, Trap> {
        if !address.is_multiple_of(N) {
            return Err(Trap::UnalignedAtomic);
        }
        let (start, _) = self.check(address, N)?;
        // SAFETY: the range was just checked.
        Ok(unsafe { self.base().add(start) })
    }

    fn check(&self, start: u64, len: u64) -> Result<(usize, usize), Trap> {
        check_range(self.len_bytes(), start, len).ok_or(Trap::MemoryOutOfBounds)
    }
}

impl Drop for SharedBlock {
    fn drop(&mut self) {
        if self.capacity_bytes != 0 {
            let layout = layout(self.capacity_bytes).expect("the block was allocated with this layout");
            // SAFETY: INV-ATOMIC: `new` allocated the block with this layout, and nobody shares it any more.
            unsafe { dealloc(self.base.as_ptr(), layout) };
        }
    }
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, ALIGN).ok()
}

/// Copies bytes by relaxed atomic accesses, as if through a buffer: words where both sides allow it.
///
/// # Safety
///
/// Both must be valid for `len` bytes, and whoever else reaches those of `dst` at the same time, or writes those of
/// `src`, does so by atomic accesses.
pub(super) unsafe fn copy_relaxed(src: *const u8, dst: *mut u8, len: usize) {
    let src = src.cast_mut();
    let in_step = (src.addr() ^ dst.addr()).is_multiple_of(WORD);
    // Words between the first and the last address that is aligned; all of it are bytes if there are none.
    let head = if in_step { src.addr().wrapping_neg() % WORD } else { len }.min(len);
    let words = (len - head) / WORD;
    let tail = head + words * WORD;
    // SAFETY: by the caller; words are aligned on both sides.
    unsafe {
        if dst.addr().wrapping_sub(src.addr()) >= len {
            // Upwards: what is written has been read before, if it lies within the source at all.
            (0..head).for_each(|i| copy_byte(src, dst, i));
            (0..words).for_each(|i| copy_word(src, dst, head + i * WORD));
            (tail..len).for_each(|i| copy_byte(src, dst, i));
        } else {
            (tail..len).rev().for_each(|i| copy_byte(src, dst, i));
            (0..words).rev().for_each(|i| copy_word(src, dst, head + i * WORD));
            (0..head).rev().for_each(|i| copy_byte(src, dst, i));
        }
    }
}

/// # Safety
///
/// As for [`copy_relaxed`], for the byte at `at`.
#[inline(always)]
unsafe fn copy_byte(src: *mut u8, dst: *mut u8, at: usize) {
    // SAFETY: by the caller.
    unsafe {
        let byte = AtomicU8::from_ptr(src.add(at)).load(Ordering::Relaxed);
        AtomicU8::from_ptr(dst.add(at)).store(byte, Ordering::Relaxed);
    }
}

/// # Safety
///
/// As for [`copy_relaxed`], for the word at `at`, which is aligned on both sides.
#[inline(always)]
unsafe fn copy_word(src: *mut u8, dst: *mut u8, at: usize) {
    // SAFETY: by the caller.
    unsafe {
        let word = AtomicU64::from_ptr(src.add(at).cast()).load(Ordering::Relaxed);
        AtomicU64::from_ptr(dst.add(at).cast()).store(word, Ordering::Relaxed);
    }
}

/// Stores bytes by relaxed atomic accesses: what `byte` gives for their places and, where words are aligned, what `word`
/// gives for the places of their first bytes.
///
/// # Safety
///
/// `dst` must be valid for `len` bytes, and whoever else reaches them at the same time does so by atomic accesses.
unsafe fn store_relaxed(dst: *mut u8, len: usize, byte: impl Fn(usize) -> u8, word: impl Fn(usize) -> u64) {
    let head = (dst.addr().wrapping_neg() % WORD).min(len);
    let tail = len - (len - head) % WORD;
    // SAFETY: by the caller; words are aligned.
    unsafe {
        for at in (0..head).chain(tail..len) {
            AtomicU8::from_ptr(dst.add(at)).store(byte(at), Ordering::Relaxed);
        }
        for at in (head..tail).step_by(WORD) {
            AtomicU64::from_ptr(dst.add(at).cast()).store(word(at), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SharedBlock, Trap, copy_relaxed};
    use crate::types::{MemoryType, MemoryTypeBuilder};

    #[test]
    fn copies_are_as_if_through_a_buffer() {
        let original: [u8; 64] = core::array::from_fn(|i| i as u8);
        for src in 0..20 {
            for dst in 0..20 {
                for len in 0..40 {
                    let (mut copied, mut expected) = (original, original);
                    expected.copy_within(src..src + len, dst);
                    let base = copied.as_mut_ptr();
                    // SAFETY: INV-ATOMIC: the array is this test's own and long enough.
                    unsafe { copy_relaxed(base.add(src), base.add(dst), len) };
                    assert_eq!(copied, expected, "{src} {dst} {len}");
                }
            }
        }
    }

    #[test]
    fn growth_stays_within_what_is_reserved() {
        let memory = SharedBlock::new(&MemoryType::shared(1, 3), u64::MAX).expect("small");
        let base = memory.base();
        memory.write(65_530, b"abcdef").expect("within");
        assert_eq!(memory.write(65_531, b"abcdef"), Err(Trap::MemoryOutOfBounds));
        assert_eq!((memory.grow(1), memory.grow(2), memory.grow(u64::MAX)), (Some(1), None, None));
        assert_eq!((memory.grow(1), memory.grow(0), memory.grow(1)), (Some(2), Some(3), None));
        assert_eq!((memory.base(), memory.len_bytes()), (base, 3 * 65_536));
        let mut found = [1; 8];
        memory.read(65_529, &mut found).expect("within");
        assert_eq!(&found, b"\0abcdef\0");
        memory.fill(65_531, 7, 4).expect("within");
        memory.read(65_529, &mut found).expect("within");
        assert_eq!(&found, b"\0a\x07\x07\x07\x07f\0");
        assert_eq!(memory.fill(1, 0, u64::MAX), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.word32(2).err(), Some(Trap::UnalignedAtomic));
        assert_eq!(memory.word64(3 * 65_536).err(), Some(Trap::MemoryOutOfBounds));
    }

    #[test]
    fn absurd_sizes_are_errors() {
        let huge = |minimum, maximum| {
            let ty = MemoryTypeBuilder::new()
                .memory64(true)
                .shared(true)
                .minimum(minimum)
                .maximum(maximum)
                .build();
            SharedBlock::new(&ty.expect("valid"), u64::MAX).map(|_| ())
        };
        assert!(huge(0, Some(1 << 48)).is_err());
        assert!(huge(1 << 40, Some(1 << 41)).is_err());
        assert!(huge(0, Some(0)).is_ok());
        assert!(SharedBlock::new(&MemoryType::shared(2, 1), u64::MAX).is_err());
        assert!(SharedBlock::new(&MemoryType::shared(2, 65_537), u64::MAX).is_err());
        let limited =
            SharedBlock::new(&MemoryType::shared(1, 65_536), 2 * 65_536).expect("the limit is reserved");
        assert_eq!((limited.grow(1), limited.grow(1)), (Some(1), None));
        assert!(SharedBlock::new(&MemoryType::shared(3, 4), 2 * 65_536).is_err());
    }
}
