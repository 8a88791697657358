//! A linear memory: a block of zeroed bytes with room to grow.
//!
//! In go sizes in pages and positions in bytes, checked here without wrap-around; out come the bytes. The first
//! two fields are what the executor reads. Always: `base` points at `capacity_bytes` initialised bytes that belong
//! to this memory alone (part of INV-ARENA), `len_bytes` is at most that and a whole number of pages, and the bytes
//! behind `len_bytes` are zero. Bytes come zeroed from the allocator, so pages nobody touched cost nothing.

use alloc::alloc::{Layout, alloc_zeroed, dealloc};
use alloc::format;
use alloc::sync::Arc;
use core::ptr::NonNull;
use core::sync::atomic::AtomicUsize;

use super::arena::Entity;
use super::shared_memory::{SharedBlock, copy_relaxed};
use crate::error::{Error, ErrorKind, Trap};
use crate::types::{MemoryAddr, MemoryType};

/// The allocation unit when a block is moved: chunks without a set bit are not copied.
const CHUNK_WORDS: usize = 512;
/// A memory that grows at all gets at least this much, so that small steps do not move it each time.
const MIN_GROWN_BYTES: u64 = 1 << 20;
/// Wide enough for every access up to 128 bits; what `malloc` gives anyway, so that zeroed blocks come from `calloc`.
const ALIGN: usize = 16;

/// A linear memory.
#[repr(C)]
pub(crate) struct MemoryEntity {
    /// The first byte; dangling but aligned while the memory has no bytes.
    pub(crate) base: *mut u8,
    /// The current size.
    pub(crate) len_bytes: usize,
    capacity_bytes: usize,
    /// As declared: the minimum is the size at the start.
    ty: MemoryType,
    /// Pages that the type and the engine's settings allow.
    max_pages: u64,
    /// Where the size of a shared memory is kept; null for others.
    pub(crate) shared_len: *const AtomicUsize,
    /// The bytes, if the memory is shared: then `base` is theirs, and `len_bytes` and `capacity_bytes` are 0, so that
    /// nothing takes them for this memory's own.
    shared: Option<Arc<SharedBlock>>,
}

const _: () = assert!(core::mem::offset_of!(MemoryEntity, base) == 0);
const _: () = assert!(core::mem::offset_of!(MemoryEntity, len_bytes) == size_of::<usize>());

// SAFETY: INV-ARENA: the block behind `base` belongs to this memory alone, as that of a `Vec<u8>` would.
unsafe impl Send for MemoryEntity {}
// SAFETY: INV-ARENA: as above; through `&MemoryEntity` the bytes are only read.
unsafe impl Sync for MemoryEntity {}

impl Entity for MemoryEntity {
    type Addr = MemoryAddr;
}

impl MemoryEntity {
    /// A memory of the type's minimum size, all zero, which is never to have more than `limit_bytes`.
    pub(crate) fn new(ty: &MemoryType, limit_bytes: u64) -> Result<Self, Error> {
        if ty.is_shared() {
            return SharedBlock::new(ty, limit_bytes).map(|block| Self::of_shared(Arc::new(block)));
        }
        let reachable = ty.reachable_pages();
        for pages in [Some(ty.minimum()), ty.maximum()].into_iter().flatten() {
            if pages > reachable {
                let (what, value, limit) = ("memory pages", pages, reachable);
                return Err(ErrorKind::Limit { what, value, limit, offset: 0 }.into());
            }
        }
        if ty.maximum().is_some_and(|maximum| maximum < ty.minimum()) {
            return Err(Error::usage(format!("{ty}: the minimum is over the maximum")));
        }
        let limit_pages = limit_bytes >> ty.page_size_log2();
        if ty.minimum() > limit_pages {
            let message = format!("{ty}, but no memory may have more than {limit_bytes} bytes here");
            return Err(ErrorKind::OutOfMemory(message).into());
        }
        let max_pages = ty.maximum().unwrap_or(reachable).min(limit_pages);
        let mut memory = Self {
            base: dangling(),
            len_bytes: 0,
            capacity_bytes: 0,
            ty: *ty,
            max_pages,
            shared_len: core::ptr::null(),
            shared: None,
        };
        let done = memory.bytes_of(ty.minimum()).and_then(|len_bytes| {
            memory.move_to(len_bytes)?;
            memory.len_bytes = len_bytes;
            Some(())
        });
        match done {
            Some(()) => Ok(memory),
            None => Err(ErrorKind::OutOfMemory(format!("{ty}")).into()),
        }
    }

    /// A store's view of a shared memory.
    pub(crate) fn of_shared(block: Arc<SharedBlock>) -> Self {
        Self {
            base: block.base(),
            len_bytes: 0,
            capacity_bytes: 0,
            ty: block.ty(),
            max_pages: 0,
            shared_len: block.len_cell(),
            shared: Some(block),
        }
    }

    /// What several stores have, if the memory is shared.
    pub(crate) fn shared(&self) -> Option<&Arc<SharedBlock>> {
        self.shared.as_ref()
    }

    /// The current size in pages.
    pub(crate) fn pages(&self) -> u64 {
        match &self.shared {
            Some(block) => block.pages(),
            None => self.len_bytes as u64 >> self.ty.page_size_log2(),
        }
    }

    /// The type as an importer sees it: the minimum is the current size.
    pub(crate) fn ty(&self) -> MemoryType {
        match &self.shared {
            Some(block) => block.ty(),
            None => self.ty.with_minimum(self.pages()),
        }
    }

    /// Adds zeroed pages and returns the former size in pages, or `None`, having changed nothing, if the maximum
    /// or the host's memory does not allow it. May move the bytes: `base` and `len_bytes` have to be read again.
    pub(crate) fn grow(&mut self, delta_pages: u64) -> Option<u64> {
        if let Some(block) = &self.shared {
            return block.grow(delta_pages);
        }
        let old_pages = self.pages();
        let new_pages = old_pages.checked_add(delta_pages).filter(|&pages| pages <= self.max_pages)?;
        let new_len = self.bytes_of(new_pages)?;
        if new_len > self.capacity_bytes {
            self.reserve(new_len)?;
        }
        self.len_bytes = new_len;
        Some(old_pages)
    }

    /// What `memory.grow` gives to the guest: the former size, or -1 in the type of addresses.
    pub(crate) fn grow_cell(&mut self, delta_pages: u64) -> u64 {
        let failed = if self.ty.is_64() { u64::MAX } else { u32::MAX.into() };
        self.grow(delta_pages).unwrap_or(failed)
    }

    /// How many bytes so many pages have, if a block can.
    fn bytes_of(&self, pages: u64) -> Option<usize> {
        usize::try_from(pages.checked_mul(self.ty.page_size())?).ok()
    }

    /// All bytes; none if the memory is shared, because others may be writing them.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: INV-ARENA: `base` points at `len_bytes` initialised bytes of this memory's own.
        unsafe { core::slice::from_raw_parts(self.base, self.len_bytes) }
    }

    /// All bytes; none if the memory is shared.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: INV-ARENA: as in `bytes`, and `&mut self` excludes every other access.
        unsafe { core::slice::from_raw_parts_mut(self.base, self.len_bytes) }
    }

    /// Copies `bytes[src..src + len]` to `dst`.
    pub(crate) fn init(&mut self, dst: u64, bytes: &[u8], src: u64, len: u64) -> Result<(), Trap> {
        let source = check_range(bytes.len(), src, len).ok_or(Trap::MemoryOutOfBounds)?;
        self.write(dst, &bytes[source.0..source.0 + source.1])
    }

    /// Copies the bytes from `start` on into `buffer`.
    pub(crate) fn read(&self, start: u64, buffer: &mut [u8]) -> Result<(), Trap> {
        if let Some(block) = &self.shared {
            return block.read(start, buffer);
        }
        let (start, len) = self.check(start, buffer.len() as u64)?;
        buffer.copy_from_slice(&self.bytes()[start..start + len]);
        Ok(())
    }

    /// Copies `buffer` to the bytes from `start` on.
    pub(crate) fn write(&mut self, start: u64, buffer: &[u8]) -> Result<(), Trap> {
        if let Some(block) = &self.shared {
            return block.write(start, buffer);
        }
        let (start, len) = self.check(start, buffer.len() as u64)?;
        self.bytes_mut()[start..start + len].copy_from_slice(buffer);
        Ok(())
    }

    /// Checks that the `len` bytes from `start` on are all in memory.
    pub(crate) fn check_access(&self, start: u64, len: u64) -> Result<(), Trap> {
        self.check(start, len).map(|_range| ())
    }

    fn check(&self, start: u64, len: u64) -> Result<(usize, usize), Trap> {
        let size = self.shared.as_ref().map_or(self.len_bytes, |block| block.len_bytes());
        check_range(size, start, len).ok_or(Trap::MemoryOutOfBounds)
    }

    /// Makes room for `needed` bytes and, if the host has them, for as much growth again, so that growing page by
    /// page copies each byte only a few times. What is not touched is not committed.
    fn reserve(&mut self, needed: usize) -> Option<()> {
        let most = self.bytes_of(self.max_pages).unwrap_or(usize::MAX);
        let least = usize::try_from(MIN_GROWN_BYTES).unwrap_or(usize::MAX);
        let ample = self.capacity_bytes.saturating_mul(2).max(needed).max(least).min(most);
        self.move_to(ample).or_else(|| self.move_to(needed))
    }

    /// Copies `len` bytes from `src_at` in `src` to `dst_at` in `dst`, as if through a buffer.
    ///
    /// # Safety
    ///
    /// Both must be memories of a store that the caller holds exclusively; they may be the same memory.
    pub(crate) unsafe fn copy(
        dst: NonNull<Self>,
        dst_at: u64,
        src: NonNull<Self>,
        src_at: u64,
        len: u64,
    ) -> Result<(), Trap> {
        // SAFETY: INV-ARENA: both are alive, and the caller's exclusive hold of the store covers them. Shared
        // references, because they may be one and the same.
        let (dst, src) = unsafe { (dst.as_ref(), src.as_ref()) };
        let (src_at, _) = src.check(src_at, len)?;
        let (dst_at, len) = dst.check(dst_at, len)?;
        // SAFETY: INV-ARENA: both ranges were just checked against their memories' sizes; both ways of copying allow
        // overlap. INV-ATOMIC: the bytes of a shared memory are copied by atomic accesses; those of another one are
        // this thread's.
        unsafe {
            let (from, to) = (src.base.add(src_at), dst.base.add(dst_at));
            if src.shared.is_some() || dst.shared.is_some() {
                copy_relaxed(from, to, len);
            } else {
                core::ptr::copy(from, to, len);
            }
        }
        Ok(())
    }

    /// Sets the `len` bytes from `start` on to `value`.
    pub(crate) fn fill(&mut self, start: u64, value: u8, len: u64) -> Result<(), Trap> {
        if let Some(block) = &self.shared {
            return block.fill(start, value, len);
        }
        let (start, len) = self.check(start, len)?;
        self.bytes_mut()[start..start + len].fill(value);
        Ok(())
    }

    /// Moves the bytes to a fresh block of `capacity_bytes`, which is at least `len_bytes`.
    fn move_to(&mut self, capacity_bytes: usize) -> Option<()> {
        debug_assert!(capacity_bytes >= self.len_bytes, "INV-ARENA: a block never shrinks");
        let base = if capacity_bytes == 0 {
            dangling()
        } else {
            // SAFETY: the layout's size is not zero.
            NonNull::new(unsafe { alloc_zeroed(layout(capacity_bytes)?) })?.as_ptr()
        };
        // SAFETY: INV-ARENA: the old block has `len_bytes`; the new one has no fewer, is zeroed and apart from the old
        // one. Both are aligned to 16.
        unsafe { copy_touched(self.base, base, self.len_bytes) };
        self.free();
        self.base = base;
        self.capacity_bytes = capacity_bytes;
        Some(())
    }

    fn free(&mut self) {
        if self.capacity_bytes != 0 {
            let layout = layout(self.capacity_bytes).expect("the block was allocated with this layout");
            // SAFETY: INV-ARENA: `move_to` allocated the block with this layout, and it is freed once: the caller
            // replaces it or drops the memory.
            unsafe { dealloc(self.base, layout) };
        }
    }
}

impl Drop for MemoryEntity {
    fn drop(&mut self) {
        self.free();
    }
}

/// `start` and `len` as indices if the `len` elements from `start` on lie within the first `size`.
pub(super) fn check_range(size: usize, start: u64, len: u64) -> Option<(usize, usize)> {
    let end = start.checked_add(len)?;
    // Both fit into usize, because the end is no larger than a usize.
    (end <= size as u64).then_some((start as usize, len as usize))
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes, ALIGN).ok()
}

fn dangling() -> *mut u8 {
    core::ptr::without_provenance_mut(ALIGN)
}

/// Copies `len_bytes` from `src` to `dst`, which is zero, leaving out chunks that are zero: a sparse memory stays
/// sparse when it moves.
///
/// # Safety
///
/// Both must be valid for `len_bytes`, aligned to 16, and must not overlap.
unsafe fn copy_touched(src: *const u8, dst: *mut u8, len_bytes: usize) {
    type Chunk = [u64; CHUNK_WORDS];
    let chunks = len_bytes / size_of::<Chunk>();
    // SAFETY: the function's contract; 16 is enough for a u64. What is left behind the chunks is less than one.
    let (from, to) = unsafe {
        let copied = chunks * size_of::<Chunk>();
        core::ptr::copy_nonoverlapping(src.add(copied), dst.add(copied), len_bytes - copied);
        let from = core::slice::from_raw_parts(src.cast::<Chunk>(), chunks);
        (from, core::slice::from_raw_parts_mut(dst.cast::<Chunk>(), chunks))
    };
    for (from, to) in from.iter().zip(to) {
        if from.iter().fold(0, |bits, word| bits | word) != 0 {
            *to = *from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryEntity, Trap};
    use crate::types::{MemoryType, MemoryTypeBuilder};

    const PAGE_BYTES: u64 = 65_536;

    fn memory(minimum: u32, maximum: Option<u32>) -> MemoryEntity {
        MemoryEntity::new(&MemoryType::new(minimum, maximum), u64::MAX).expect("small")
    }

    #[test]
    fn growth_keeps_bytes_and_adds_zeros() {
        let mut memory = memory(0, Some(40));
        assert!(memory.bytes().is_empty());
        for page in 0..40_u64 {
            assert_eq!(memory.grow(1), Some(page));
            let start = (page * PAGE_BYTES) as usize;
            assert!(memory.bytes()[start..].iter().all(|&byte| byte == 0));
            memory.bytes_mut()[start] = page as u8 + 1;
            memory.bytes_mut()[start + 65_535] = 0xEE;
        }
        assert_eq!(memory.grow(1), None);
        assert_eq!(memory.grow(0), Some(40));
        assert_eq!(memory.grow(u64::MAX), None);
        for page in 0..40 {
            assert_eq!(memory.bytes()[page * 65_536], page as u8 + 1);
            assert_eq!(memory.bytes()[page * 65_536 + 65_535], 0xEE);
        }
    }

    #[test]
    fn init_checks_without_wrapping() {
        let mut memory = memory(1, None);
        assert_eq!(memory.init(0, b"abcd", 1, 3), Ok(()));
        assert_eq!(&memory.bytes()[..4], b"bcd\0");
        assert_eq!(memory.init(65_536, b"abcd", 4, 0), Ok(()));
        assert_eq!(memory.init(0, b"abcd", 2, 3), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.init(0, b"abcd", 5, 0), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.init(65_537, b"abcd", 0, 0), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.init(u64::MAX, b"abcd", 0, 2), Err(Trap::MemoryOutOfBounds));
        assert_eq!(memory.init(0, b"abcd", u64::MAX, 2), Err(Trap::MemoryOutOfBounds));
    }

    #[test]
    fn absurd_sizes_are_errors() {
        let new = |minimum, maximum| MemoryEntity::new(&MemoryType::new(minimum, maximum), u64::MAX);
        assert!(new(65_537, None).is_err());
        assert!(new(2, Some(1)).is_err());
        assert!(new(0, Some(u32::MAX)).is_err());
    }

    #[test]
    fn a_limit_counts_whole_pages() {
        let limit = 3 * PAGE_BYTES - 1;
        let mut memory = MemoryEntity::new(&MemoryType::new(1, Some(9)), limit).expect("below the limit");
        assert_eq!(memory.ty(), MemoryType::new(1, Some(9)), "the type is the module's");
        assert_eq!(memory.grow(2), None);
        assert_eq!(memory.grow(1), Some(1));
        assert_eq!(memory.grow(0), Some(2));
        assert!(MemoryEntity::new(&MemoryType::new(3, None), limit).is_err());
        assert!(MemoryEntity::new(&MemoryType::new(0, None), 0).is_ok());
    }

    #[test]
    fn huge_64_bit_memories_are_refused_without_overflow() {
        let new = |minimum, maximum| MemoryEntity::new(&MemoryType::new64(minimum, maximum), u64::MAX);
        let mut memory = new(1, Some(1 << 48)).expect("only the minimum is needed");
        for delta in [1 << 47, (1 << 48) - 1, 1 << 48, u64::MAX - 1, u64::MAX] {
            assert_eq!(memory.grow(delta), None, "{delta}");
            assert_eq!(memory.grow_cell(delta), u64::MAX);
        }
        assert_eq!(memory.grow(1), Some(1));
        assert!(new(1 << 48, None).is_err());
        assert!(new((1 << 48) + 1, None).is_err());
        assert!(new(0, Some((1 << 48) + 1)).is_err());
    }

    #[test]
    fn pages_may_have_one_byte() {
        let ty = MemoryTypeBuilder::new().minimum(5).page_size_log2(0).build().expect("there are such pages");
        let mut memory = MemoryEntity::new(&ty, u64::MAX).expect("small");
        memory.bytes_mut().copy_from_slice(b"abcde");
        assert_eq!((memory.grow(3), memory.pages()), (Some(5), 8));
        assert_eq!(memory.bytes(), b"abcde\0\0\0");
        memory.bytes_mut()[7] = 7;
        assert_eq!(memory.grow(5000), Some(8));
        assert_eq!((&memory.bytes()[..9], memory.bytes().len()), (&b"abcde\0\0\x07\0"[..], 5008));
        assert_eq!(memory.grow(u32::MAX.into()), None);
        assert_eq!(memory.grow_cell(u32::MAX.into()), u32::MAX.into());
    }
}
