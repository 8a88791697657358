//! What a handler works on: where it is in the code, where its frame is, and the context of the running call.
//!
//! All of it is in the processor's registers: once a handler has been optimised, nothing is left of [`State`] and
//! [`Registers`] as structs. The [`Context`] caches what handlers need of the current instance; the driver fills it and
//! refills it whenever the instance, or the size of memory 0, may have changed (INV-MEM).

use core::ptr::{NonNull, with_exposed_provenance};
use core::sync::atomic::{AtomicUsize, Ordering};

use super::vector::{self, Vector};
use crate::isa::cell::Cell;
use crate::isa::ops::Op;
use crate::isa::shape;
use crate::runtime::{CallSite, FuncRecord, GlobalCell, HeapFront, MemoryEntity, TableEntity};
use crate::types::CanonicalType;

/// Where execution is, with the way to the registers. Handlers are put together of a dozen functions, each of which gets
/// this: two words can be passed by value. A struct with all registers in it would be copied, and its copies' addresses
/// passed, at every step; to get rid of them all took LLVM a third of the time that the library took to build.
#[derive(Clone, Copy)]
pub(super) struct State {
    /// Start of the current op.
    pub(super) ip: *const u8,
    registers: *mut Registers,
}

/// What is in registers from op to op besides the position.
pub(super) struct Registers {
    /// Cell 0 of the current frame.
    pub(super) fp: *mut u64,
    /// The running call's context.
    pub(super) cx: *mut Context,
    pub(super) acc: Accumulators,
}

impl Registers {
    /// With nothing in the accumulators.
    #[inline(always)]
    pub(super) fn new(fp: *mut u64, cx: *mut Context) -> Self {
        Self { fp, cx, acc: Accumulators::NONE }
    }

    /// The state at the op at `ip`.
    ///
    /// # Safety
    /// The registers stay where they are, and are reached through the state only, as long as that is used.
    #[inline(always)]
    pub(super) unsafe fn at(&mut self, ip: *const u8) -> State {
        State { ip, registers: self }
    }
}

/// The last value of each kind that was computed: see [`super::form`].
#[derive(Clone, Copy)]
pub(super) struct Accumulators {
    pub(super) int: u64,
    pub(super) f32: f32,
    pub(super) f64: f64,
    pub(super) vector: Vector,
}

impl Accumulators {
    /// Nothing that anybody asked for.
    pub(super) const NONE: Self = Self { int: 0, f32: 0.0, f64: 0.0, vector: vector::ZERO };
}

/// What handlers need beyond code and frame.
#[repr(C)]
pub(super) struct Context {
    /// Memory 0 of the current instance; dangling with a length of 0 if it has none.
    pub(super) memory_base: *mut u8,
    pub(super) memory_bytes: usize,
    /// The start of the store's heap, null while there are no objects (INV-HEAP).
    pub(super) heap_base: *mut u8,
    /// The store's heap; never null.
    pub(super) heap: *mut HeapFront,
    /// First cell behind the value stack.
    pub(super) stack_end: *mut u64,
    /// The current instance's own globals.
    pub(super) own_globals: *mut GlobalCell,
    /// All globals of the current instance, imported ones first.
    pub(super) globals: *const NonNull<GlobalCell>,
    pub(super) tables: *const NonNull<TableEntity>,
    pub(super) memories: *const NonNull<MemoryEntity>,
    /// The current module's functions by index.
    pub(super) funcs: *const FuncRecord,
    /// Engine-wide types by the current module's type index.
    pub(super) canonical_types: *const CanonicalType,
    /// Upper half of a reference to a function of the current instance.
    pub(super) instance_tag: u64,
    /// The state at which the dispatch loop was left (INV-STATE).
    pub(super) saved_ip: *const u8,
    pub(super) saved_fp: *mut u64,
}

/// A value that may lie at any address. Fields are read as such a place and not with `read_unaligned`, which copies
/// through a local: with debug assertions the check of that copy takes the local's address, and a handler that has
/// such a local calls the next one instead of jumping to it.
#[repr(C, packed)]
struct Unaligned<T>(T);

/// Loads a plain field of the op at `ip`.
macro_rules! field {
    ($ip:expr, $at:expr, $ty:ty) => {
        // SAFETY: INV-CODE: an op starts at `ip` and its shape has a field of this width at `at`; fields are not
        // aligned to their width in every shape, so none is assumed.
        <$ty>::from_le(unsafe { (*$ip.add($at).cast::<Unaligned<$ty>>()).0 })
    };
}

/// The op at `ip`.
///
/// # Safety
/// INV-CODE: an op starts at `ip`.
#[inline(always)]
pub(super) unsafe fn op_at(ip: *const u8) -> Op {
    let number = field!(ip, shape::OP, u16);
    debug_assert!(Op::from_u16(number).is_some(), "INV-CODE: {number} is no op");
    // SAFETY: INV-CODE: `lower` and `link` write numbers of ops only, and `Op` is `repr(u16)`.
    unsafe { core::mem::transmute::<u16, Op>(number) }
}

/// The header at `ip`: a handler's address, or the number of an arm of the match loop. Atomic because an interrupt may
/// switch it while code runs.
///
/// # Safety
/// INV-CODE: a linked op starts at `ip`.
#[inline(always)]
pub(super) unsafe fn header_at(ip: *const u8) -> usize {
    // SAFETY: INV-CODE, by the caller; words are 8-byte aligned.
    unsafe { AtomicUsize::from_ptr(ip.cast_mut().cast()) }.load(Ordering::Relaxed)
}

/// The callee word of the direct call at `site`. Atomic because the driver replaces it, perhaps on another thread, and a
/// number because code is made of numbers.
///
/// # Safety
/// INV-CODE: a linked direct call is at `site`, in the code of a module that lives as long as `'a`.
#[inline(always)]
pub(super) unsafe fn callee_word<'a>(site: *const u8) -> &'a AtomicUsize {
    // SAFETY: INV-CODE, by the caller; words are 8-byte aligned.
    unsafe { AtomicUsize::from_ptr(site.add(shape::D).cast_mut().cast()) }
}

/// The site of the call at `ip`, which finds out whom it calls.
///
/// # Safety
/// INV-CODE: a linked call with a site is at `ip`, in the code of a module that lives as long as `'a`.
#[inline(always)]
pub(super) unsafe fn call_site<'a>(ip: *const u8) -> &'a CallSite {
    let distance = field!(ip, shape::E, u32);
    // SAFETY: INV-SHARE: linking put a site there, behind the function's code.
    unsafe { &*ip.add(distance as usize).cast() }
}

impl State {
    /// Cell 0 of the current frame.
    #[inline(always)]
    pub(super) fn fp(self) -> *mut u64 {
        // SAFETY: by the contract of `Registers::at`. The same goes for the other registers.
        unsafe { (*self.registers).fp }
    }

    /// The running call's context.
    #[inline(always)]
    pub(super) fn cx(self) -> *mut Context {
        // SAFETY: as in `fp`.
        unsafe { (*self.registers).cx }
    }

    /// The accumulators: valid as long as the state.
    #[inline(always)]
    pub(super) fn acc(self) -> *mut Accumulators {
        // SAFETY: as in `fp`.
        unsafe { &raw mut (*self.registers).acc }
    }

    /// At the op at `ip`, in the frame at `fp`.
    #[inline(always)]
    pub(super) fn goto(self, ip: *const u8, fp: *mut u64) -> Self {
        // SAFETY: as in `fp`.
        unsafe { (*self.registers).fp = fp };
        Self { ip, ..self }
    }

    /// The narrow field at `at`.
    ///
    /// # Safety
    /// INV-CODE: the current op's shape has such a field there. The same goes for the other readers.
    #[inline(always)]
    pub(super) unsafe fn u16(self, at: usize) -> usize {
        usize::from(field!(self.ip, at, u16))
    }

    /// The 32-bit field at `at`.
    ///
    /// # Safety
    /// See [`State::u16`].
    #[inline(always)]
    pub(super) unsafe fn u32(self, at: usize) -> u32 {
        field!(self.ip, at, u32)
    }

    /// The 64-bit field at `at`.
    ///
    /// # Safety
    /// See [`State::u16`].
    #[inline(always)]
    pub(super) unsafe fn u64(self, at: usize) -> u64 {
        field!(self.ip, at, u64)
    }

    /// The constant in the 64-bit field at `at`.
    ///
    /// # Safety
    /// See [`State::u16`].
    #[inline(always)]
    pub(super) unsafe fn imm<T: Cell>(self, at: usize) -> T {
        // SAFETY: by the caller.
        T::from_cell(unsafe { self.u64(at) })
    }

    /// The constant in the 32-bit field at `at`, sign-extended.
    ///
    /// # Safety
    /// See [`State::u16`].
    #[inline(always)]
    pub(super) unsafe fn imm32<T: Cell>(self, at: usize) -> T {
        // SAFETY: by the caller.
        let value = unsafe { self.u32(at) };
        T::from_cell(i64::from(value.cast_signed()).cast_unsigned())
    }

    /// The cell named by the narrow field at `at`.
    ///
    /// # Safety
    /// See [`State::u16`]; INV-FRAME: the frame has that cell and it has been written.
    #[inline(always)]
    pub(super) unsafe fn get<T: Cell>(self, at: usize) -> T {
        // SAFETY: INV-FRAME: lowering counts every cell it names, and the call reserved that many from `fp`.
        T::from_cell(unsafe { self.fp().add(self.u16(at)).read() })
    }

    /// Writes the cell named by the narrow field at `at`.
    ///
    /// # Safety
    /// See [`State::u16`]; INV-FRAME: the frame has that cell.
    #[inline(always)]
    pub(super) unsafe fn set<T: Cell>(self, at: usize, value: T) {
        // SAFETY: INV-FRAME, as in `get`.
        unsafe { self.fp().add(self.u16(at)).write(value.into_cell()) }
    }

    /// The state `bytes` further on in the code.
    ///
    /// # Safety
    /// INV-CODE: an op starts there.
    #[inline(always)]
    pub(super) unsafe fn advance(self, bytes: usize) -> Self {
        // SAFETY: INV-CODE: code never ends with an op that falls through.
        Self { ip: unsafe { self.ip.add(bytes) }, ..self }
    }

    /// The state at the target that the field at `at` holds: its address, not a distance, because whatever comes next
    /// waits for the next position, from branch to branch.
    ///
    /// # Safety
    /// See [`State::u16`]; INV-CODE: every target is an op's start in the same function.
    #[inline(always)]
    pub(super) unsafe fn branch(self, at: usize) -> Self {
        // SAFETY: by the caller.
        let target = unsafe { self.u64(at) };
        Self { ip: with_exposed_provenance(target as usize), ..self }
    }
}
