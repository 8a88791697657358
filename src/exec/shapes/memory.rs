//! Loads and stores, and the bulk operators of memory 0.
//!
//! An ordinary address is a 32-bit value plus a 32-bit offset, added in 64 bits so that nothing wraps; it is compared
//! with the size in bytes of memory 0, which the context caches (INV-MEM). The `long` shapes add 64-bit values and see
//! whether that overflows. The `far` ones do the same, and ask the memory itself for base and size.

use core::ptr::NonNull;

use crate::error::Trap;
use crate::exec::form::{Form, Value};
use crate::exec::state::State;
use crate::exec::strategy::{Exit, Strategy};
use crate::isa::shape::{A, B, C, D, E, Shape};
use crate::runtime::MemoryEntity;

/// The host address of `N` bytes at `address`, or null if they are not all in memory.
#[inline(always)]
pub(super) unsafe fn checked<const N: usize>(st: State, address: u64) -> Option<*mut [u8; N]> {
    // SAFETY: the module's contract: `cx` is the running call's context.
    let (base, bytes) = unsafe { ((*st.cx()).memory_base, (*st.cx()).memory_bytes) };
    // Addresses are below 2^33 or, as constants, not above 2^62, so the sum cannot wrap.
    if address + N as u64 > bytes as u64 {
        return None;
    }
    // SAFETY: INV-MEM: `bytes` are mapped at `base`, and the check above keeps `address + N` among them.
    Some(unsafe { base.add(address as usize) }.cast())
}

/// A place in memory: where the `N` bytes of an access are to be, before anything is checked.
pub(super) trait Access: Copy {
    /// The host address of the bytes, or `None` if they are not all in memory.
    ///
    /// # Safety
    /// The module's contract.
    unsafe fn checked<const N: usize>(self, st: State) -> Option<*mut [u8; N]>;
}

/// In memory 0, at an address that is far from wrapping around: below 2^63.
impl Access for u64 {
    #[inline(always)]
    unsafe fn checked<const N: usize>(self, st: State) -> Option<*mut [u8; N]> {
        // SAFETY: by the caller.
        unsafe { checked::<N>(st, self) }
    }
}

/// In memory 0, at the sum of a 64-bit address and an offset.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Long {
    address: u64,
    offset: u64,
}

impl Access for Long {
    #[inline(always)]
    unsafe fn checked<const N: usize>(self, st: State) -> Option<*mut [u8; N]> {
        // SAFETY: by the caller; INV-MEM for base and size.
        unsafe { self.within::<N>((*st.cx()).memory_base, (*st.cx()).memory_bytes) }
    }
}

impl Long {
    /// A 64-bit cell plus D.
    ///
    /// # Safety
    /// The module's contract.
    #[inline(always)]
    pub(super) unsafe fn of(form: impl Form, st: State, at: usize) -> Self {
        // SAFETY: by the caller.
        unsafe { Self { address: form.get(st, at), offset: st.u64(D) } }
    }

    /// The address, modulo 2^64.
    #[inline(always)]
    pub(super) fn sum(self) -> u64 {
        self.address.wrapping_add(self.offset)
    }

    /// The host address of the `N` bytes there in a memory of so many bytes at `base`.
    ///
    /// # Safety
    /// `bytes` are mapped at `base`.
    #[inline(always)]
    pub(super) unsafe fn within<const N: usize>(self, base: *mut u8, bytes: usize) -> Option<*mut [u8; N]> {
        // Lowering keeps offsets below 2^63 + 8, so the inner sum cannot wrap.
        let end = self.address.checked_add(self.offset.wrapping_add(N as u64))?;
        if end > bytes as u64 {
            return None;
        }
        // SAFETY: the `N` bytes before `end` are among those at `base`.
        Some(unsafe { base.add((end - N as u64) as usize) }.cast())
    }
}

/// In any memory, at the sum of an address of either width, zero-extended (INV-CELL), and an offset.
#[derive(Clone, Copy)]
struct Far {
    memory: usize,
    place: Long,
}

impl Access for Far {
    #[inline(always)]
    unsafe fn checked<const N: usize>(self, st: State) -> Option<*mut [u8; N]> {
        // SAFETY: validation bounds the index; INV-ARENA: the memory is alive, and its bytes are at its base.
        unsafe {
            let memory: NonNull<MemoryEntity> = *(*st.cx()).memories.add(self.memory);
            let memory = memory.as_ptr();
            self.place.within::<N>((*memory).base, (*memory).len_bytes)
        }
    }
}

/// The 64-bit sum of two cells, plus D.
#[inline(always)]
unsafe fn long_sum(form: impl Form, st: State, base: usize, index: usize) -> Long {
    // SAFETY: the module's contract.
    unsafe {
        let address = form.get::<u64>(st, base).wrapping_add(form.get(st, index));
        Long { address, offset: st.u64(D) }
    }
}

/// A 64-bit cell plus D, in memory C.
#[inline(always)]
unsafe fn far(form: impl Form, st: State, at: usize) -> Far {
    // SAFETY: the module's contract.
    unsafe { Far { memory: st.u16(C), place: Long::of(form, st, at) } }
}

/// `A + D` with A a cell.
#[inline(always)]
pub(super) unsafe fn address_in(form: impl Form, st: State, at: usize) -> u64 {
    // SAFETY: the module's contract.
    unsafe { u64::from(form.get::<u32>(st, at)) + u64::from(st.u32(D)) }
}

/// The 32-bit sum of two cells, plus D.
#[inline(always)]
pub(super) unsafe fn address_of_sum(form: impl Form, st: State, base: usize, index: usize) -> u64 {
    // SAFETY: the module's contract.
    unsafe {
        let sum = form.get::<u32>(st, base).wrapping_add(form.get::<u32>(st, index));
        u64::from(sum) + u64::from(st.u32(D))
    }
}

#[inline(always)]
unsafe fn load_from<S: Strategy, const N: usize, R: Value>(
    strategy: S,
    form: impl Form,
    st: State,
    bytes: usize,
    address: impl Access,
    f: impl Fn([u8; N]) -> R,
) -> S::Out {
    // SAFETY: the module's contract; `checked` vouches for the pointer.
    unsafe {
        match address.checked::<N>(st) {
            Some(place) => {
                form.set(st, f(place.read()));
                strategy.next(st, bytes)
            }
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
unsafe fn store_to<S: Strategy, const N: usize>(
    strategy: S,
    st: State,
    bytes: usize,
    address: impl Access,
    value: [u8; N],
) -> S::Out {
    // SAFETY: the module's contract; `checked` vouches for the pointer.
    unsafe {
        match address.checked::<N>(st) {
            Some(place) => {
                place.write(value);
                strategy.next(st, bytes)
            }
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

/// Declares the loads: where the address comes from.
macro_rules! loads {
    ($($shape:ident |$form:ident, $st:ident| $address:expr;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, const N: usize, R: Value>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn([u8; N]) -> R,
        ) -> S::Out {
            // SAFETY: the module's contract.
            unsafe { load_from(strategy, $form, $st, Shape::$shape.bytes(), $address, f) }
        }
    )*};
}

loads! {
    load |form, st| address_in(form, st, B);
    load_at |form, st| st.u64(D);
    load_indexed |form, st| address_of_sum(form, st, B, C);
    load_long |form, st| Long::of(form, st, B);
    load_long_indexed |form, st| long_sum(form, st, B, C);
    load_far |form, st| far(form, st, B);
}

/// Declares the stores: where the address and the value come from.
macro_rules! stores {
    ($($shape:ident |$form:ident, $st:ident| $address:expr, $value:expr;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, const N: usize, V: Value>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn(V) -> [u8; N],
        ) -> S::Out {
            // SAFETY: the module's contract.
            unsafe { store_to(strategy, $st, Shape::$shape.bytes(), $address, f($value)) }
        }
    )*};
}

stores! {
    store |form, st| address_in(form, st, A), form.get(st, B);
    store_at |form, st| st.u64(D), form.get(st, B);
    store_indexed |form, st| address_of_sum(form, st, A, C), form.get(st, B);
    store_long |form, st| Long::of(form, st, A), form.get(st, B);
    store_long_indexed |form, st| long_sum(form, st, A, C), form.get(st, B);
    store_long_imm |form, st| Long::of(form, st, A), st.imm32(B);
    store_far |form, st| far(form, st, A), form.get(st, B);
    store_imm |form, st| address_in(form, st, A), st.imm32(E);
    store_imm_at |_form, st| st.u64(D), st.imm32(B);
    store_imm_indexed |form, st| address_of_sum(form, st, A, C), st.imm32(E);
}

#[inline(always)]
pub(crate) unsafe fn memory_size<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        st.set(A, ((*st.cx()).memory_bytes >> 16) as u64);
        strategy.next(st, Shape::memory_size.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn memory_copy<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        let (to, from, count) = (st.get::<u32>(A), st.get::<u32>(B), st.get::<u32>(C));
        let bytes = (*st.cx()).memory_bytes as u64;
        if u64::from(to) + u64::from(count) > bytes || u64::from(from) + u64::from(count) > bytes {
            return strategy.exit(st, Exit::trap(Trap::MemoryOutOfBounds));
        }
        let base = (*st.cx()).memory_base;
        core::ptr::copy(base.add(from as usize), base.add(to as usize), count as usize);
        strategy.next(st, Shape::memory_copy.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn memory_fill<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        let (to, value, count) = (st.get::<u32>(A), st.get::<u32>(B), st.get::<u32>(C));
        if u64::from(to) + u64::from(count) > (*st.cx()).memory_bytes as u64 {
            return strategy.trap(st, Trap::MemoryOutOfBounds);
        }
        (*st.cx()).memory_base.add(to as usize).write_bytes(value as u8, count as usize);
        strategy.next(st, Shape::memory_fill.bytes())
    }
}
