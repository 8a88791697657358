//! A compiled module: what was decoded, and the code of the functions lowered so far.
//!
//! Shared by stores and threads (INV-SHARE): code is written before its address is published and then changes in three
//! kinds of word only, all aligned and written atomically: the callee pointer of a direct call, that of a call site, and the
//! header of a function entry or loop head while an interrupt is under way. Code holds no address of any store's object.
//! Chunks of code never move or shrink while the module lives, so positions in code are plain pointers.

use alloc::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem::offset_of;
use core::ops::Range;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use super::engine::EngineShared;
use crate::decode::info::ModuleInfo;
use crate::error::SourceMap;
use crate::isa::code::Item;
use crate::isa::ops::Op;
use crate::lower::{self, Clause, Handlers, Target};
use crate::sync::Mutex;
use crate::types::{CanonicalType, DefinedType, FuncIdx, TagIdx};

/// A module ready to run.
pub(crate) struct CompiledModule {
    pub(crate) info: ModuleInfo,
    pub(crate) engine: Arc<EngineShared>,
    /// Engine-wide types by [`TypeIdx`](crate::types::TypeIdx).
    pub(crate) canonical_types: Box<[CanonicalType]>,
    /// All functions by index; imported ones have a record that is never entered.
    pub(crate) funcs: Box<[FuncRecord]>,
    /// Whoever lowers or patches code holds this lock; running code needs none.
    pub(crate) code: Mutex<CodeState>,
}

/// What stands before a function's first op, and before its stub: read by the calls that enter it.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct FrameHeader {
    /// Cells that the frame takes (INV-FRAME).
    pub(crate) cells: u32,
    pub(crate) func: u32,
}

const _: () = assert!(size_of::<FrameHeader>() == size_of::<u64>());

/// What a call that finds out whom it calls has found: behind the code of the function that it is in. The way from a table's
/// element to the code takes one load after the other, and the next position waits for all of them; what was found before
/// is there at once, and whether it is the right thing is asked beside.
#[repr(C)]
pub(crate) struct CallSite {
    /// The code of the first function that was called here and had been lowered; behind [`NOBODY`] until there is one.
    callee: AtomicPtr<u8>,
    /// The index of the type that the callee must have.
    pub(crate) ty: u32,
}

/// Stands before the code of no function.
static NOBODY: FrameHeader = FrameHeader { cells: u32::MAX, func: u32::MAX };

impl CallSite {
    /// Words that one takes.
    pub(crate) const WORDS: usize = size_of::<Self>() / size_of::<u64>();

    /// The site of a call that expects this type, before the first call.
    pub(crate) fn new(ty: u32) -> Self {
        Self { callee: AtomicPtr::new(Self::nobody().cast_mut()), ty }
    }

    #[inline(always)]
    fn nobody() -> *const u8 {
        ptr::from_ref(&NOBODY).wrapping_add(1).cast()
    }

    /// The code that was found, which has a header before it: that says whose it is, if anybody's.
    #[inline(always)]
    pub(crate) fn callee(&self) -> *const u8 {
        // Acquire, as in `FuncRecord::entry`.
        self.callee.load(Ordering::Acquire)
    }

    /// Notes the code of the function that is called, unless there is one already: a site that changed with each call
    /// would be written to by all threads that share the code.
    #[inline(always)]
    pub(crate) fn note(&self, code: NonNull<u8>) {
        if ptr::eq(self.callee(), Self::nobody()) {
            self.callee.store(code.as_ptr(), Ordering::Release);
        }
    }
}

const _: () = assert!(size_of::<CallSite>() == CallSite::WORDS * size_of::<u64>());

/// A word of code that lies in a Rust value. Dispatch reads heads by atomic accesses, which Rust allows behind a shared
/// reference only to what may change there.
#[repr(transparent)]
pub(crate) struct CodeWord(UnsafeCell<u64>);

// SAFETY: INV-SHARE: nobody writes to such a word: heads that interrupts switch are those of lowered functions.
unsafe impl Sync for CodeWord {}

impl CodeWord {
    pub(crate) fn new(word: u64) -> Self {
        Self(UnsafeCell::new(word))
    }
}

/// One function of a module, as calls see it.
#[repr(C)]
pub(crate) struct FuncRecord {
    /// Belongs to the stub, like a lowered function's header to its code.
    header: FrameHeader,
    /// An op that leaves for the driver to lower this function.
    stub: [CodeWord; 2],
    /// The stub at first, the lowered code later.
    entry: AtomicPtr<u8>,
    pub(crate) canonical: CanonicalType,
    /// Where in the function's frame its link lies.
    pub(crate) link_cell: u32,
}

impl FuncRecord {
    fn new(module: &ModuleInfo, engine: &EngineShared, canonical: CanonicalType, func: FuncIdx) -> Self {
        let link_cell = module.func_type(func).link_cell();
        let op = Op::LowerFunc;
        Self {
            header: FrameHeader { cells: link_cell + crate::isa::shape::LINK_CELLS, func: func.0 },
            stub: [(engine.word_of)(op) as u64, u64::from(op as u16).to_le()].map(CodeWord::new),
            entry: AtomicPtr::new(ptr::null_mut()),
            canonical,
            link_cell,
        }
    }

    /// Where to go to call the function: its code, or the stub while it has none.
    #[inline(always)]
    pub(crate) fn entry(&self) -> *const u8 {
        // Acquire pairs with the release in `publish`: code is complete before it can be reached.
        let entry = self.entry.load(Ordering::Acquire);
        if entry.is_null() { self.stub() } else { entry }
    }

    /// The function's code, if it has been lowered.
    #[inline(always)]
    pub(crate) fn lowered(&self) -> Option<NonNull<u8>> {
        NonNull::new(self.entry.load(Ordering::Acquire))
    }

    /// Cells that a frame of the function takes: those of a call that has not begun while it has no code.
    pub(crate) fn frame_cells(&self) -> u32 {
        // SAFETY: INV-FRAME: the word before every entry and every stub.
        unsafe { self.entry().cast::<FrameHeader>().sub(1).read() }.cells
    }

    /// The stub's position.
    #[inline(always)]
    pub(crate) fn stub(&self) -> *const u8 {
        // A pointer to all of the record, because those who enter read the header before the stub.
        ptr::from_ref(self).cast::<u8>().wrapping_add(offset_of!(Self, stub))
    }

    /// Makes `entry` the function's code. The code must be complete.
    pub(crate) fn publish(&self, entry: NonNull<u8>) {
        self.entry.store(entry.as_ptr(), Ordering::Release);
    }
}

/// Memory that lowering and linking reuse from function to function.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) lowering: lower::Scratch,
    pub(crate) items: Vec<Item>,
}

impl Scratch {
    /// The bytes that it holds, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.lowering.bytes() + self.items.capacity() * size_of::<Item>()
    }
}

/// Code, and where more of it goes.
#[derive(Default)]
pub(crate) struct CodeState {
    chunks: Vec<Chunk>,
    heads: Vec<Head>,
    /// Of the functions that catch exceptions.
    handlers: BTreeMap<FuncIdx, Box<Handlers>>,
    /// Interrupts under way in stores that run this module.
    armed: u32,
}

/// Where an exception that has been caught goes on.
pub(crate) struct Landing {
    /// Position in the function's code; `None` if it returns.
    pub(crate) position: Option<*const u8>,
    pub(crate) clause: Clause,
}

/// A block of code words.
struct Chunk {
    base: NonNull<u64>,
    used: usize,
    capacity: usize,
    /// The functions in it: word offset of the first op, in ascending order.
    funcs: Vec<(u32, FuncIdx)>,
}

/// A function entry or loop head.
struct Head {
    position: NonNull<u8>,
    /// What is there while no interrupt is under way.
    word: usize,
}

// SAFETY: the pointers are to code chunks, which the state owns.
unsafe impl Send for CodeState {}

impl CompiledModule {
    pub(crate) fn new(info: ModuleInfo, engine: Arc<EngineShared>) -> Arc<Self> {
        let canonical_types: Box<[_]> = info.types.iter().map(DefinedType::canonical).collect();
        let funcs = (0..info.funcs.len())
            .map(FuncIdx::from)
            .map(|func| {
                let canonical = canonical_types[info.funcs[func.index()].index()];
                FuncRecord::new(&info, &engine, canonical, func)
            })
            .collect();
        let code = CodeState::default();
        Arc::new(Self { info, engine, canonical_types, funcs, code: Mutex::new(code) })
    }

    /// Switches all heads to the interrupt op.
    pub(crate) fn arm(&self) {
        let mut code = self.code.lock();
        code.armed += 1;
        if code.armed == 1 {
            code.heads.iter().for_each(|head| head.write((self.engine.word_of)(Op::Interrupt)));
        }
    }

    /// Takes one [`arm`](Self::arm) back.
    pub(crate) fn disarm(&self) {
        let mut code = self.code.lock();
        code.armed -= 1;
        if code.armed == 0 {
            code.heads.iter().for_each(|head| head.write(head.word));
        }
    }

    /// Whether heads are switched.
    #[cfg(test)]
    pub(crate) fn is_armed(&self) -> bool {
        self.code.lock().armed > 0
    }

    /// The function and the byte offset in its code that a position in code belongs to.
    pub(crate) fn find_position(&self, position: *const u8) -> Option<(FuncIdx, u32)> {
        let code = self.code.lock();
        code.chunks.iter().find_map(|chunk| chunk.find(position))
    }

    /// The function that the op at `position` belongs to, and what catches an exception thrown there, if anything in
    /// that function does. `is_tag` says whether a tag is that of the exception.
    pub(crate) fn find_handler(
        &self,
        position: *const u8,
        is_tag: impl Fn(TagIdx) -> bool,
    ) -> Option<(FuncIdx, Option<Landing>)> {
        let code = self.code.lock();
        let (func, offset) = code.chunks.iter().find_map(|chunk| chunk.find(position))?;
        let clause = code.handlers.get(&func).and_then(|handlers| handlers.find(offset, is_tag));
        let landing = clause.map(|clause| Landing {
            position: match clause.target {
                Target::Code(target) => {
                    Some(position.wrapping_sub(offset as usize).wrapping_add(target as usize))
                }
                Target::Return => None,
                Target::Waiting(_) => {
                    unreachable!("every label has its place when a function has been lowered")
                }
            },
            clause,
        });
        Some((func, landing))
    }

    /// Bytes of code lowered so far.
    pub(crate) fn code_bytes(&self) -> usize {
        self.code.lock().chunks.iter().map(|chunk| chunk.used * 8).sum()
    }
}

impl CodeState {
    /// Smallest and largest chunk, in words: small modules stay small, large ones have few chunks.
    const CHUNK_WORDS: Range<usize> = 1 << 11..1 << 17;

    /// Words of code that a byte of a body comes to, at most in general: a first chunk of so many takes all of a small
    /// module's.
    const WORDS_PER_BYTE: usize = 2;

    /// Room for `words` words of code of the module `info`, with `header` before them.
    pub(crate) fn alloc(&mut self, info: &ModuleInfo, header: FrameHeader, words: usize) -> NonNull<u64> {
        let needed = words + 1;
        if self.chunks.last().is_none_or(|chunk| chunk.capacity - chunk.used < needed) {
            let Range { start: smallest, end: largest } = Self::CHUNK_WORDS;
            let size = match self.chunks.last() {
                Some(last) => (last.capacity * 2).clamp(smallest, largest),
                None => (info.bodies_bytes() * Self::WORDS_PER_BYTE).min(smallest),
            };
            self.chunks.push(Chunk::new(size.max(needed)));
        }
        let chunk = self.chunks.last_mut().expect("a chunk with room was just made sure of");
        chunk.alloc(header, needed)
    }

    /// Takes over code that was made apart, before anything ran.
    pub(crate) fn absorb(&mut self, other: Self) {
        debug_assert!(self.armed == 0 && other.armed == 0, "a module without instances is not interrupted");
        self.chunks.extend(other.chunks);
        self.heads.extend(other.heads);
        self.handlers.extend(other.handlers);
    }

    /// Records what `func` catches. Must be called under the same lock as the function's publication.
    pub(crate) fn add_handlers(&mut self, func: FuncIdx, handlers: Box<Handlers>) {
        self.handlers.insert(func, handlers);
    }

    /// Records a head whose code is linked. Must be called under the same lock as the function's publication.
    pub(crate) fn add_head(&mut self, engine: &EngineShared, position: NonNull<u8>, word: usize) {
        let head = Head { position, word };
        if self.armed > 0 {
            head.write((engine.word_of)(Op::Interrupt));
        }
        self.heads.push(head);
    }
}

impl Head {
    /// Makes the dispatch loop see `word` at this position.
    fn write(&self, word: usize) {
        // SAFETY: INV-SHARE: a head's header is an aligned word of live code that is read atomically.
        let header = unsafe { AtomicUsize::from_ptr(self.position.as_ptr().cast()) };
        header.store(word, Ordering::Release);
    }
}

impl Chunk {
    fn layout(words: usize) -> Layout {
        Layout::array::<u64>(words).expect("code sizes are limited far below the address space")
    }

    fn new(capacity: usize) -> Self {
        let layout = Self::layout(capacity);
        // SAFETY: the layout is not empty: capacities have a positive minimum.
        let base = NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout));
        Self { base: base.cast(), used: 0, capacity, funcs: Vec::new() }
    }

    fn alloc(&mut self, header: FrameHeader, needed: usize) -> NonNull<u64> {
        // SAFETY: the caller made sure of `needed` words behind `used`; the header fills the first.
        let code = unsafe {
            let start = self.base.add(self.used);
            start.cast::<FrameHeader>().write(header);
            start.add(1)
        };
        self.funcs.push(((self.used + 1) as u32, FuncIdx(header.func)));
        self.used += needed;
        code
    }

    fn find(&self, position: *const u8) -> Option<(FuncIdx, u32)> {
        let offset = position.addr().checked_sub(self.base.addr().get())?;
        if offset >= self.used * 8 {
            return None;
        }
        let behind = self.funcs.partition_point(|(start, _)| *start as usize * 8 <= offset);
        let (start, func) = *self.funcs.get(behind.checked_sub(1)?)?;
        Some((func, (offset - start as usize * 8) as u32))
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: `new` allocated this memory with this layout.
        unsafe { dealloc(self.base.as_ptr().cast(), Self::layout(self.capacity)) }
    }
}

impl SourceMap for CompiledModule {
    fn module_name(&self) -> Option<&str> {
        self.info.name()
    }

    fn func_name(&self, func_idx: u32) -> Option<&str> {
        self.info.func_name(FuncIdx(func_idx))
    }

    fn wasm_offset(&self, func_idx: u32, code_pos: u32) -> Option<usize> {
        // Lowering is deterministic, so doing it again costs no table that every function would have to keep.
        lower::source_offset(&self.info, FuncIdx(func_idx), code_pos)
    }
}
