//! Accesses to shared memories, and atomic operators on any memory.
//!
//! INV-ATOMIC: other threads may reach the bytes of a shared memory at the same time, so every access to them is atomic:
//! relaxed for plain loads and stores, as a whole if the address is aligned and byte by byte if not; sequentially
//! consistent for atomic operators, which trap if it is not. Addresses are 64-bit sums as in the `far` shapes. A memory
//! that is not shared belongs to this thread, and atomic operators find its size elsewhere.

use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence};

use super::memory::Long;
use crate::error::Trap;
use crate::exec::form::{Form, Value};
use crate::exec::state::State;
use crate::exec::strategy::Strategy;
use crate::isa::shape::{A, B, C, F, F2, Shape};
use crate::runtime::MemoryEntity;

/// The memory that the narrow field at `at` names.
#[inline(always)]
unsafe fn memory(st: State, at: usize) -> *const MemoryEntity {
    // SAFETY: the module's contract; validation bounds the index, and INV-ARENA keeps the memory alive.
    unsafe { (*(*st.cx()).memories.add(st.u16(at))).as_ptr() }
}

/// The host address of `N` bytes in a memory that may be shared.
#[inline(always)]
unsafe fn checked<const N: usize>(memory: *const MemoryEntity, place: Long) -> Option<*mut [u8; N]> {
    // SAFETY: INV-ARENA for the memory; INV-ATOMIC: a shared one has as many bytes at its base as its size cell says,
    // or more.
    unsafe {
        let cell = (*memory).shared_len;
        let bytes = if cell.is_null() { (*memory).len_bytes } else { (*cell).load(Ordering::Relaxed) };
        place.within::<N>((*memory).base, bytes)
    }
}

/// A word's bytes. Read as a field and not by a cast, which would take the address of a local: see `State`.
union Bytes<T: Copy, const N: usize> {
    word: T,
    bytes: [u8; N],
}

/// An atomic word in memory.
pub(in crate::exec) trait Word: Sized {
    const BYTES: usize;
    type Plain: Copy;

    /// # Safety
    /// INV-ATOMIC: the bytes at `at` are valid for `'a`, aligned, and reached by atomic accesses only.
    unsafe fn at<'a>(at: *mut u8) -> &'a Self;
    /// The word at `place`, which is aligned, if all of it is in the memory.
    ///
    /// # Safety
    /// The module's contract.
    unsafe fn checked<'a>(memory: *const MemoryEntity, place: Long) -> Option<&'a Self>;
    fn load_relaxed(&self) -> Self::Plain;
    fn store_relaxed(&self, value: Self::Plain);
}

macro_rules! words {
    ($($atomic:ident $plain:ident)*) => {$(
        impl Word for $atomic {
            const BYTES: usize = size_of::<$plain>();
            type Plain = $plain;

            #[inline(always)]
            unsafe fn at<'a>(at: *mut u8) -> &'a Self {
                // SAFETY: by the caller.
                unsafe { &*at.cast::<Self>() }
            }

            #[inline(always)]
            unsafe fn checked<'a>(memory: *const MemoryEntity, place: Long) -> Option<&'a Self> {
                // SAFETY: by the caller; bases are aligned to 16, so that a word is aligned if its address is.
                unsafe { Some(Self::at(checked::<{ size_of::<$plain>() }>(memory, place)?.cast())) }
            }

            #[inline(always)]
            fn load_relaxed(&self) -> $plain {
                self.load(Ordering::Relaxed)
            }

            #[inline(always)]
            fn store_relaxed(&self, value: $plain) {
                self.store(value, Ordering::Relaxed);
            }
        }
    )*};
}

words!(AtomicU8 u8 AtomicU16 u16 AtomicU32 u32 AtomicU64 u64);

/// Loads `N` bytes as a word, which has so many.
#[inline(always)]
unsafe fn load_word<W: Word, const N: usize>(at: *mut u8) -> [u8; N] {
    // SAFETY: by the caller; all bytes of an integer are initialised.
    unsafe { Bytes { word: W::at(at).load_relaxed() }.bytes }
}

/// Stores `N` bytes as a word, which has so many.
#[inline(always)]
unsafe fn store_word<W: Word, const N: usize>(at: *mut u8, bytes: [u8; N]) {
    // SAFETY: by the caller; every bit pattern is an integer.
    unsafe { W::at(at).store_relaxed(Bytes { bytes }.word) }
}

/// Loads bytes that others may be writing.
#[inline(always)]
unsafe fn load_bytes<const N: usize>(at: *mut [u8; N]) -> [u8; N] {
    let at = at.cast::<u8>();
    let is_aligned = at.addr().is_multiple_of(N);
    // SAFETY: by the caller; a word of `N` bytes is aligned, and single bytes always are.
    unsafe {
        match N {
            2 if is_aligned => load_word::<AtomicU16, N>(at),
            4 if is_aligned => load_word::<AtomicU32, N>(at),
            8 if is_aligned => load_word::<AtomicU64, N>(at),
            _ => {
                let mut word = 0;
                let mut i = 0;
                while i < N {
                    word |= u128::from(AtomicU8::at(at.add(i)).load_relaxed()) << (8 * i);
                    i += 1;
                }
                Bytes { word: word.to_le() }.bytes
            }
        }
    }
}

/// Stores bytes that others may be reading.
#[inline(always)]
unsafe fn store_bytes<const N: usize>(at: *mut [u8; N], bytes: [u8; N]) {
    let at = at.cast::<u8>();
    let is_aligned = at.addr().is_multiple_of(N);
    // SAFETY: by the caller; a word of `N` bytes is aligned, and single bytes always are.
    unsafe {
        match N {
            2 if is_aligned => store_word::<AtomicU16, N>(at, bytes),
            4 if is_aligned => store_word::<AtomicU32, N>(at, bytes),
            8 if is_aligned => store_word::<AtomicU64, N>(at, bytes),
            _ => {
                let mut i = 0;
                while i < N {
                    AtomicU8::at(at.add(i)).store_relaxed(bytes[i]);
                    i += 1;
                }
            }
        }
    }
}

/// Loads `N` bytes from the memory that the narrow field at `at` names, shared or not.
#[inline(always)]
pub(super) unsafe fn load_any<const N: usize>(st: State, at: usize, place: Long) -> Option<[u8; N]> {
    // SAFETY: the module's contract; `checked` vouches for the pointer, and bytes that are not shared are this thread's.
    unsafe {
        let memory = memory(st, at);
        let bytes = checked::<N>(memory, place)?;
        Some(if (*memory).shared_len.is_null() { bytes.read() } else { load_bytes(bytes) })
    }
}

/// Stores `N` bytes to the memory that the narrow field at `at` names, shared or not.
#[inline(always)]
pub(super) unsafe fn store_any<const N: usize>(
    st: State,
    at: usize,
    place: Long,
    value: [u8; N],
) -> Option<()> {
    // SAFETY: as for `load_any`.
    unsafe {
        let memory = memory(st, at);
        let bytes = checked::<N>(memory, place)?;
        if (*memory).shared_len.is_null() {
            bytes.write(value);
        } else {
            store_bytes(bytes, value);
        }
        Some(())
    }
}

#[inline(always)]
pub(crate) unsafe fn load_shared<S: Strategy, M: Form, const N: usize, R: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N]) -> R,
) -> S::Out {
    // SAFETY: the module's contract; `checked` vouches for the pointer.
    unsafe {
        match checked::<N>(memory(st, C), Long::of(form, st, B)) {
            Some(bytes) => {
                form.set(st, f(load_bytes(bytes)));
                strategy.next(st, Shape::load_shared.bytes())
            }
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn store_shared<S: Strategy, M: Form, const N: usize, V: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(V) -> [u8; N],
) -> S::Out {
    // SAFETY: the module's contract; `checked` vouches for the pointer.
    unsafe {
        match checked::<N>(memory(st, C), Long::of(form, st, A)) {
            Some(bytes) => {
                store_bytes(bytes, f(form.get(st, B)));
                strategy.next(st, Shape::store_shared.bytes())
            }
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

/// The word of an atomic operator whose address is in the cell that the field at `address` names.
#[inline(always)]
unsafe fn word<'a, W: Word>(
    form: impl Form,
    st: State,
    memory_at: usize,
    address: usize,
) -> Result<&'a W, Trap> {
    // SAFETY: the module's contract.
    unsafe {
        let place = Long::of(form, st, address);
        if !place.sum().is_multiple_of(W::BYTES as u64) {
            return Err(Trap::UnalignedAtomic);
        }
        W::checked(memory(st, memory_at), place).ok_or(Trap::MemoryOutOfBounds)
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_load<S: Strategy, M: Form, W: Word>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(&W) -> u64,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match word::<W>(form, st, C, B) {
            Ok(word) => {
                form.set(st, f(word));
                strategy.next(st, Shape::atomic_load.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_store<S: Strategy, M: Form, W: Word>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(&W, u64),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match word::<W>(form, st, C, A) {
            Ok(word) => {
                f(word, form.get(st, B));
                strategy.next(st, Shape::atomic_store.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_rmw<S: Strategy, M: Form, W: Word>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(&W, u64) -> u64,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match word::<W>(form, st, F, B) {
            Ok(word) => {
                form.set(st, f(word, form.get(st, C)));
                strategy.next(st, Shape::atomic_rmw.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_cmpxchg<S: Strategy, M: Form, W: Word>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(&W, u64, u64) -> u64,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match word::<W>(form, st, F2, B) {
            Ok(word) => {
                form.set(st, f(word, st.get(C), st.get(F)));
                strategy.next(st, Shape::atomic_cmpxchg.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn atomic_fence<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    fence(Ordering::SeqCst);
    // SAFETY: the module's contract.
    unsafe { strategy.next(st, Shape::atomic_fence.bytes()) }
}
