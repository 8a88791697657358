//! The memory of a collected heap: blocks, size classes, free lists, and which offsets are objects.
//!
//! In go sizes, out come offsets. The heap is one piece of memory that grows at its end and may thereby move as a whole;
//! objects are known by their offsets, which stay. It is divided into blocks: a block has objects of one size class, or
//! is part of a large object. Beside it lies a bit for every 8 bytes, which says whether an object begins there. So
//! anything that a cell holds can be checked for being an object, and the memory of objects is never looked at to find
//! out what is free.
//!
//! Always (INV-HEAP): an offset whose bit is set is the start of an object whose header and fields have been written,
//! or of a free cell in the list of its class; no two of them overlap; offset 0 is neither.

use alloc::alloc::{Layout as MemoryLayout, alloc, dealloc, realloc};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::TypeFacts;
use crate::isa::object::{CLASS_BYTES, CLASSES, TAG_MASK, class_of};

/// Bytes of a block.
pub(super) const BLOCK_BYTES: usize = 16 * 1024;
/// Words of a block's bits.
pub(super) const BLOCK_WORDS: usize = BLOCK_BYTES / 8 / 64;
/// Blocks that the memory has room for at first.
const FIRST_BLOCKS: usize = 64;
/// Offsets are kept in 32 bits as multiples of 8 while marking.
const MAX_BLOCKS: u64 = (u32::MAX as u64 + 1) * 8 / BLOCK_BYTES as u64;

/// What handlers see of a heap.
#[repr(C)]
pub(crate) struct Front {
    /// The object with offset 0, which there is not; null in a heap without blocks.
    pub(crate) base: *mut u8,
    /// By size class, the first free cell; 0 if there is none. A free cell begins with the offset of the next one.
    pub(crate) free: [u64; CLASSES],
    /// What is known of the types of objects, by their number.
    pub(crate) types: *const TypeFacts,
}

/// A front that all contexts without a heap share; nothing is ever written to it.
struct Shared(Front);

// SAFETY: it has null pointers only.
unsafe impl Sync for Shared {}

static NONE: Shared = Shared(Front::EMPTY);

impl Front {
    const EMPTY: Self = Self { base: core::ptr::null_mut(), free: [0; CLASSES], types: core::ptr::null() };

    /// That of no heap: there are no objects and no free cells.
    pub(crate) fn none() -> *mut Self {
        (&raw const NONE.0).cast_mut()
    }
}

/// What a block is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Free,
    /// Objects of this size class.
    Small(u8),
    /// The first of so many blocks of a large object.
    Large(u32),
    /// Another one of them; and the first block of all, which has no objects, because offset 0 is null.
    Inside,
}

/// Neighbouring free blocks.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    len: u32,
}

/// The heap has no room for an object without growing over its budget: it should be collected first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// The blocks of a heap.
pub(super) struct Blocks {
    /// Made by `Box::leak`, freed by `drop` below; behind a pointer, because handlers write to it, too.
    front: NonNull<Front>,
    uses: Vec<Use>,
    /// Where objects begin, a bit for every 8 bytes.
    objects: Vec<u64>,
    /// Where objects begin that have been reached, while a collection is under way.
    marks: Vec<u64>,
    /// Blocks that there is memory for.
    capacity: usize,
    max_blocks: usize,
    free: Vec<Run>,
    /// By size class, blocks that may have room.
    partial: [Vec<u32>; CLASSES],
    /// Bytes handed out, or to free lists, since the last collection.
    handed_out: u64,
}

// SAFETY: INV-HEAP: the front, and the memory behind its base, belong to this heap alone.
unsafe impl Send for Blocks {}
// SAFETY: INV-HEAP: as above; through `&Blocks` memory is only read.
unsafe impl Sync for Blocks {}

impl Blocks {
    /// A heap without memory that will have at most `max_bytes`.
    pub(super) fn new(max_bytes: u64) -> Self {
        let max_blocks = (max_bytes / BLOCK_BYTES as u64).min(MAX_BLOCKS);
        Self {
            front: NonNull::from(Box::leak(Box::new(Front::EMPTY))),
            uses: Vec::new(),
            objects: Vec::new(),
            marks: Vec::new(),
            capacity: 0,
            max_blocks: usize::try_from(max_blocks).unwrap_or(usize::MAX),
            free: Vec::new(),
            partial: [const { Vec::new() }; CLASSES],
            handed_out: 0,
        }
    }

    /// What handlers see.
    pub(super) fn front_ptr(&self) -> *mut Front {
        self.front.as_ptr()
    }

    fn front(&self) -> &Front {
        // SAFETY: INV-HEAP: the front belongs to this heap, and no handler runs while the heap is borrowed.
        unsafe { self.front.as_ref() }
    }

    pub(super) fn front_mut(&mut self) -> &mut Front {
        // SAFETY: as in `front`.
        unsafe { self.front.as_mut() }
    }

    /// Bytes in blocks that are in use.
    pub(super) fn used_bytes(&self) -> u64 {
        let used = self.uses.iter().filter(|&&block| block != Use::Free).count();
        (used * BLOCK_BYTES) as u64
    }

    /// Bytes handed out since the last collection.
    pub(super) fn handed_out(&self) -> u64 {
        self.handed_out
    }

    /// Bytes that the heap has blocks for, used or not.
    pub(super) fn bytes(&self) -> usize {
        self.uses.len() * BLOCK_BYTES
    }

    /// Room for an object of `bytes` bytes, header included, whose memory holds anything. It counts as an object from
    /// now on, so the caller writes it before anything else happens to the heap.
    ///
    /// # Errors
    /// If more than `budget` bytes have been handed out since the last collection, or there is no memory.
    pub(super) fn alloc(&mut self, bytes: u64, budget: u64) -> Result<u64, Full> {
        match u32::try_from(bytes).ok().and_then(class_of) {
            Some(class) => self.alloc_small(class, budget),
            None => self.alloc_large(bytes, budget),
        }
    }

    fn alloc_small(&mut self, class: usize, budget: u64) -> Result<u64, Full> {
        if self.front().free[class] == 0 {
            if self.handed_out >= budget {
                return Err(Full);
            }
            self.refill(class)?;
        }
        let cell = self.front().free[class];
        // SAFETY: INV-HEAP: a free cell is at least 16 bytes of the heap's, of which the first 8 name the next one.
        let next = unsafe { self.front().base.add(cell as usize).cast::<u64>().read() };
        self.front_mut().free[class] = next;
        Ok(cell)
    }

    /// Makes a list of the free cells of some block of this class.
    fn refill(&mut self, class: usize) -> Result<(), Full> {
        while let Some(block) = self.partial[class].pop() {
            if self.list_free_cells(block, class) {
                return Ok(());
            }
        }
        let block = self.take_blocks(1).ok_or(Full)?;
        self.uses[block as usize] = Use::Small(class as u8);
        let found = self.list_free_cells(block, class);
        debug_assert!(found, "a block has room for objects of every class");
        Ok(())
    }

    /// Threads a list through the free cells of `block` and makes them objects. False if there are none.
    fn list_free_cells(&mut self, block: u32, class: usize) -> bool {
        let size = CLASS_BYTES[class] as usize;
        let start = block as usize * BLOCK_BYTES;
        debug_assert_eq!(self.front().free[class], 0);
        let mut last: Option<usize> = None;
        let mut count = 0;
        for cell in (start..=start + BLOCK_BYTES - size).step_by(size) {
            let (word, bit) = bit_of(cell as u64);
            if self.objects[word] & bit != 0 {
                continue;
            }
            self.objects[word] |= bit;
            count += 1;
            match last.replace(cell) {
                None => self.front_mut().free[class] = cell as u64,
                // SAFETY: INV-HEAP: the cell is free and within a block of the heap's.
                Some(last) => unsafe { self.front().base.add(last).cast::<u64>().write(cell as u64) },
            }
        }
        if let Some(last) = last {
            // SAFETY: as above.
            unsafe { self.front().base.add(last).cast::<u64>().write(0) };
        }
        self.handed_out += (count * size) as u64;
        count > 0
    }

    fn alloc_large(&mut self, bytes: u64, budget: u64) -> Result<u64, Full> {
        if self.handed_out.saturating_add(bytes) > budget.max(bytes) {
            return Err(Full);
        }
        let blocks = u32::try_from(bytes.div_ceil(BLOCK_BYTES as u64)).map_err(|_| Full)?;
        let start = self.take_blocks(blocks).ok_or(Full)?;
        let first = start as usize;
        self.uses[first..first + blocks as usize].fill(Use::Inside);
        self.uses[first] = Use::Large(blocks);
        self.handed_out += u64::from(blocks) * BLOCK_BYTES as u64;
        let offset = (first * BLOCK_BYTES) as u64;
        let (word, bit) = bit_of(offset);
        self.objects[word] |= bit;
        Ok(offset)
    }

    /// Takes `len` neighbouring blocks that are free, from those that there are or from new ones.
    fn take_blocks(&mut self, len: u32) -> Option<u32> {
        if let Some(index) = self.free.iter().rposition(|run| run.len >= len) {
            let run = &mut self.free[index];
            let start = run.start;
            run.start += len;
            run.len -= len;
            if run.len == 0 {
                self.free.remove(index);
            }
            return Some(start);
        }
        self.add_blocks(len)
    }

    /// Adds blocks at the end.
    fn add_blocks(&mut self, len: u32) -> Option<u32> {
        // The first block of all is never used.
        let start = self.uses.len().max(1);
        let end = start.checked_add(len as usize).filter(|&end| end <= self.max_blocks)?;
        if end > self.capacity {
            self.make_room(end)?;
        }
        let missing = end - self.uses.len();
        self.uses.try_reserve(missing).ok()?;
        for bits in [&mut self.objects, &mut self.marks] {
            bits.try_reserve(end * BLOCK_WORDS - bits.len()).ok()?;
            bits.resize(end * BLOCK_WORDS, 0);
        }
        self.uses.resize(end, Use::Inside);
        self.uses[start..].fill(Use::Free);
        Some(start as u32)
    }

    /// Moves the heap to where it has room for `needed` blocks, and some more if that can be had.
    fn make_room(&mut self, needed: usize) -> Option<()> {
        let doubled = (self.capacity * 2).max(FIRST_BLOCKS).min(self.max_blocks);
        [doubled.max(needed), needed].into_iter().find_map(|capacity| self.move_to(capacity))
    }

    fn move_to(&mut self, capacity: usize) -> Option<()> {
        let layout = memory_layout(capacity)?;
        let moved = match NonNull::new(self.front().base) {
            // SAFETY: the layout is not empty.
            None => unsafe { alloc(layout) },
            // SAFETY: INV-HEAP: the memory was allocated here with the layout of the old capacity; the new size is
            // one that a layout was just made with.
            Some(base) => unsafe { realloc(base.as_ptr(), memory_layout(self.capacity)?, layout.size()) },
        };
        self.front_mut().base = NonNull::new(moved)?.as_ptr();
        self.capacity = capacity;
        Some(())
    }

    /// Whether `cell` refers to an object: for cells that may hold anything.
    #[inline]
    pub(super) fn is_object(&self, cell: u64) -> bool {
        if cell & TAG_MASK != 0 || cell >= self.bytes() as u64 {
            return false;
        }
        let (word, bit) = bit_of(cell);
        self.objects[word] & bit != 0
    }

    /// Takes the free cells from their lists, so that they no longer count as objects.
    pub(super) fn retract_free_cells(&mut self) {
        for class in 0..CLASSES {
            let mut cell = core::mem::take(&mut self.front_mut().free[class]);
            if cell != 0 {
                self.partial[class].push((cell / BLOCK_BYTES as u64) as u32);
            }
            while cell != 0 {
                let (word, bit) = bit_of(cell);
                self.objects[word] &= !bit;
                // SAFETY: INV-HEAP: the cell is in the list.
                cell = unsafe { self.front().base.add(cell as usize).cast::<u64>().read() };
            }
        }
    }

    /// Marks the object at `offset`. False if it was marked already.
    #[inline]
    pub(super) fn mark(&mut self, offset: u64) -> bool {
        debug_assert!(self.is_object(offset), "INV-HEAP: a reference is to an object");
        let (word, bit) = bit_of(offset);
        let is_new = self.marks[word] & bit == 0;
        self.marks[word] |= bit;
        is_new
    }

    /// The first marked object at `from` or behind.
    pub(super) fn next_marked(&self, from: u64) -> Option<u64> {
        let (mut word, bit) = bit_of(from);
        let mut bits = *self.marks.get(word)? & !(bit - 1);
        while bits == 0 {
            word += 1;
            bits = *self.marks.get(word)?;
        }
        Some((word as u64 * 64 + u64::from(bits.trailing_zeros())) * 8)
    }

    /// Ends a collection: what is not marked is no object any more. Returns how many bytes the marked ones take.
    ///
    /// Only bits are looked at. The memory of a block is written when its free cells are needed.
    pub(super) fn sweep(&mut self) -> u64 {
        debug_assert!(self.front().free.iter().all(|&cell| cell == 0), "free cells were retracted");
        core::mem::swap(&mut self.objects, &mut self.marks);
        self.marks.fill(0);
        self.handed_out = 0;
        self.free.clear();
        self.partial.iter_mut().for_each(Vec::clear);
        let mut live = 0;
        // The first block of all stays as it is. From the end, so that the blocks that are used first lie lowest.
        let mut block = self.uses.len();
        while block > 1 {
            block -= 1;
            let bits = &self.objects[block * BLOCK_WORDS..][..BLOCK_WORDS];
            let count: u32 = bits.iter().map(|word| word.count_ones()).sum();
            match self.uses[block] {
                Use::Small(class) if count > 0 => {
                    let size = CLASS_BYTES[usize::from(class)];
                    live += u64::from(count) * u64::from(size);
                    if (count + 1) * size <= BLOCK_BYTES as u32 {
                        self.partial[usize::from(class)].push(block as u32);
                    }
                }
                Use::Large(blocks) if count > 0 => live += u64::from(blocks) * BLOCK_BYTES as u64,
                Use::Large(blocks) => self.free_blocks(block, blocks as usize),
                Use::Small(_) | Use::Free => self.free_blocks(block, 1),
                Use::Inside => {}
            }
        }
        live
    }

    /// Makes blocks free, which lie before all that are known to be.
    fn free_blocks(&mut self, start: usize, len: usize) {
        self.uses[start..start + len].fill(Use::Free);
        let (start, len) = (start as u32, len as u32);
        match self.free.last_mut() {
            Some(run) if run.start == start + len => *run = Run { start, len: run.len + len },
            _ => self.free.push(Run { start, len }),
        }
    }

    /// The memory at `offset`.
    ///
    /// # Safety
    /// INV-HEAP: an object of the heap's reaches as far as there.
    #[inline(always)]
    pub(super) unsafe fn at(&self, offset: u64) -> *mut u8 {
        // SAFETY: by the caller.
        unsafe { self.front().base.add(offset as usize) }
    }
}

impl Drop for Blocks {
    fn drop(&mut self) {
        if let Some(base) = NonNull::new(self.front().base) {
            let layout = memory_layout(self.capacity).expect("it was allocated with this layout");
            // SAFETY: INV-HEAP: the memory was allocated with this layout and belongs to this heap alone.
            unsafe { dealloc(base.as_ptr(), layout) };
        }
        // SAFETY: INV-HEAP: `new` leaked this box, and the heap is going away.
        drop(unsafe { Box::from_raw(self.front.as_ptr()) });
    }
}

fn memory_layout(blocks: usize) -> Option<MemoryLayout> {
    // A word more than the blocks have: fields are written as whole words, which may reach behind their object.
    let bytes = blocks.checked_mul(BLOCK_BYTES)?.checked_add(8)?;
    MemoryLayout::from_size_align(bytes, 16).ok()
}

/// The word and the bit for an offset.
#[inline(always)]
fn bit_of(offset: u64) -> (usize, u64) {
    let granule = offset / 8;
    ((granule / 64) as usize, 1 << (granule % 64))
}
