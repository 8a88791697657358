//! Ops on 128-bit values: their meanings are on arrays of lanes.

use super::atomic::{load_any, store_any};
use super::memory::{Access, Long, address_in, address_of_sum};
use crate::error::Trap;
use crate::exec::form::{Form, Value};
use crate::exec::instructions::{self, Floats};
use crate::exec::state::State;
use crate::exec::strategy::{Exit, Strategy};
use crate::exec::vector::{self, Lanes};
use crate::isa::shape::{A, B, C, D, E, F, F2, Shape};

/// Declares shapes that compute a vector from operands.
macro_rules! vector_results {
    ($($shape:ident<$($param:ident: $bound:ident),*>($($operand:ident: $ty:ty = $read:expr),*) with $form:ident, $st:ident;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, $($param: $bound,)* R: Lanes>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn($($ty),*) -> R,
        ) -> S::Out {
            // SAFETY: the module's contract.
            unsafe {
                $(let $operand: $ty = $read;)*
                $form.set_lanes($st, f($($operand),*));
                strategy.next($st, Shape::$shape.bytes())
            }
        }
    )*};
}

vector_results! {
    vector_unary<X: Lanes>(x: X = form.lanes(st, B)) with form, st;
    vector_binary<X: Lanes, Y: Lanes>(x: X = form.lanes(st, B), y: Y = form.lanes(st, C)) with form, st;
    vector_ternary<X: Lanes, Y: Lanes, Z: Lanes>(
        x: X = form.lanes(st, B), y: Y = form.lanes(st, C), z: Z = form.lanes(st, D)
    ) with form, st;
    vector_shift<X: Lanes>(x: X = form.lanes(st, B), count: u32 = form.get(st, C)) with form, st;
    vector_shift_imm<X: Lanes>(x: X = form.lanes(st, B), count: u32 = st.u16(C) as u32) with form, st;
    vector_splat<X: Value>(x: X = form.get(st, B)) with form, st;
    vector_replace<X: Lanes, V: Value>(
        x: X = form.lanes(st, B), lane: V = form.get(st, C), number: u8 = st.u16(D) as u8
    ) with form, st;
    vector_shuffle_portable<X: Lanes, Y: Lanes, Z: Lanes>(
        x: X = form.lanes(st, B), y: Y = form.lanes(st, C), z: Z = vector::lanes_of(vector::read(st.ip.add(D)))
    ) with form, st;
}

/// Declares shapes for which there may be one instruction in place of the meaning; it gets `f` for where there is none.
macro_rules! by_hardware {
    ($($shape:ident<$($param:ident),*>($($operand:ident = $read:expr),*) by $instruction:ident with $form:ident, $st:ident;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, $($param: Lanes,)* R: Lanes>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn($($param),*) -> R,
        ) -> S::Out {
            // SAFETY: the module's contract; INV-HARDWARE: lowering chose the op because the processor can execute it.
            unsafe {
                let result = instructions::$instruction::<$($param,)* R>($($read,)* f);
                $form.set_vector($st, result);
                strategy.next($st, Shape::$shape.bytes())
            }
        }
    )*};
}

by_hardware! {
    vector_swizzle<X, Y>(x = form.vector(st, B), y = form.vector(st, C)) by swizzle with form, st;
    vector_relaxed_swizzle<X, Y>(x = form.vector(st, B), y = form.vector(st, C)) by permute with form, st;
    vector_permute<X, Y>(x = form.vector(st, B), y = vector::read(st.ip.add(D))) by permute with form, st;
    vector_shuffle<X, Y, Z>(
        x = form.vector(st, B), y = form.vector(st, C), z = vector::read(st.ip.add(D))
    ) by shuffle with form, st;
}

/// Declares the multiplications and additions.
macro_rules! fused {
    ($($shape:ident by $instruction:ident;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, X: Floats>(
            strategy: S,
            form: M,
            st: State,
            f: impl Fn(X, X, X) -> X,
        ) -> S::Out {
            // SAFETY: the module's contract; INV-HARDWARE, as above.
            unsafe {
                let operands = [form.vector(st, B), form.vector(st, C), form.vector(st, D)];
                form.set_vector(st, instructions::$instruction(operands, f));
                strategy.next(st, Shape::$shape.bytes())
            }
        }
    )*};
}

fused! {
    vector_mul_add by mul_add;
    vector_mul_sub by mul_sub;
}

#[inline(always)]
pub(crate) unsafe fn vector_fused<S: Strategy, X: Lanes>(
    strategy: S,
    form: impl Form,
    st: State,
    f: impl Fn(X, X, X) -> X,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        if !S::CALLS {
            // A call would take a native stack frame.
            return strategy.exit(st, Exit::LEAVE);
        }
        vector_ternary(strategy, form, st, f)
    }
}

#[inline(always)]
pub(crate) unsafe fn vector_test<S: Strategy, M: Form, X: Lanes, R: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(X) -> R,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        form.set(st, f(form.lanes(st, B)));
        strategy.next(st, Shape::vector_test.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn vector_extract<S: Strategy, M: Form, const N: usize, R: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N]) -> R,
) -> S::Out {
    // SAFETY: the module's contract; lowering writes the position of a whole lane to C.
    unsafe {
        let lane = st.fp().add(st.u16(B)).cast::<u8>().add(st.u16(C)).cast::<[u8; N]>();
        form.set(st, f(lane.read()));
        strategy.next(st, Shape::vector_extract.bytes())
    }
}

/// Declares ops that move vectors: the body sees the state as `st`.
macro_rules! moves {
    ($($shape:ident |$form:ident, $st:ident| $body:block)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form>(strategy: S, $form: M, $st: State, _: impl Fn()) -> S::Out {
            // SAFETY: the module's contract; a global has 16 bytes.
            unsafe {
                $body;
                strategy.next($st, Shape::$shape.bytes())
            }
        }
    )*};
}

moves! {
    vector_copy |form, st| { form.set_vector(st, form.vector(st, B)) }
    vector_const |form, st| { form.set_vector(st, vector::read(st.ip.add(D))) }
    vector_select |form, st| {
        let chosen = if form.get::<u32>(st, D) != 0 { st.u16(B) } else { st.u16(C) };
        form.set_vector(st, vector::read(st.fp().add(chosen).cast()))
    }
    global_get_vector |form, st| {
        form.set_vector(st, vector::read((*st.cx()).own_globals.add(st.u32(B) as usize).cast()))
    }
    global_set_vector |form, st| {
        vector::write((*st.cx()).own_globals.add(st.u32(B) as usize).cast(), form.vector(st, A));
    }
    global_get_vector_imported |form, st| {
        form.set_vector(st, vector::read((*(*st.cx()).globals.add(st.u32(B) as usize)).as_ptr().cast()))
    }
    global_set_vector_imported |form, st| {
        vector::write((*(*st.cx()).globals.add(st.u32(B) as usize)).as_ptr().cast(), form.vector(st, A));
    }
}

/// Declares the loads: where the address comes from.
macro_rules! loads {
    ($($shape:ident |$form:ident, $st:ident| $address:expr;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, const N: usize, R: Lanes>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn([u8; N]) -> R,
        ) -> S::Out {
            // SAFETY: the module's contract; `checked` vouches for the pointer.
            unsafe {
                match $address.checked::<N>($st) {
                    Some(bytes) => {
                        $form.set_lanes($st, f(bytes.read()));
                        strategy.next($st, Shape::$shape.bytes())
                    }
                    None => strategy.trap($st, Trap::MemoryOutOfBounds),
                }
            }
        }
    )*};
}

loads! {
    vector_load |form, st| address_in(form, st, B);
    vector_load_at |form, st| st.u64(D);
    vector_load_indexed |form, st| address_of_sum(form, st, B, C);
}

/// Declares the stores: where the address comes from.
macro_rules! stores {
    ($($shape:ident |$form:ident, $st:ident| $address:expr;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, V: Lanes>(
            strategy: S,
            $form: M,
            $st: State,
            _: impl Fn(V) -> [u8; 16],
        ) -> S::Out {
            // SAFETY: the module's contract; `checked` vouches for the pointer.
            unsafe {
                match $address.checked::<16>($st) {
                    Some(bytes) => {
                        vector::write(bytes.cast(), $form.vector($st, B));
                        strategy.next($st, Shape::$shape.bytes())
                    }
                    None => strategy.trap($st, Trap::MemoryOutOfBounds),
                }
            }
        }
    )*};
}

stores! {
    vector_store |form, st| address_in(form, st, A);
    vector_store_at |form, st| st.u64(D);
    vector_store_indexed |form, st| address_of_sum(form, st, A, C);
}

/// Declares the loads of a lane: where the address and the lane's number come from.
macro_rules! lane_loads {
    ($($shape:ident |$form:ident, $st:ident| $address:expr, $lane:expr;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, const N: usize, X: Lanes>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn([u8; N], X, u8) -> X,
        ) -> S::Out {
            // SAFETY: the module's contract; `checked` vouches for the pointer.
            unsafe {
                match $address.checked::<N>($st) {
                    Some(bytes) => {
                        $form.set_lanes($st, f(bytes.read(), $form.lanes($st, C), $lane as u8));
                        strategy.next($st, Shape::$shape.bytes())
                    }
                    None => strategy.trap($st, Trap::MemoryOutOfBounds),
                }
            }
        }
    )*};
}

lane_loads! {
    vector_load_lane |form, st| address_in(form, st, B), st.u32(E);
}

/// Declares the stores of a lane: where the address comes from, and how many bytes into the vector the lane lies.
macro_rules! lane_stores {
    ($($shape:ident |$form:ident, $st:ident| $address:expr, $at:expr;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, const N: usize>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn([u8; N]) -> [u8; N],
        ) -> S::Out {
            // SAFETY: the module's contract; `checked` vouches for the pointer, and lowering writes the position of a
            // whole lane.
            unsafe {
                match $address.checked::<N>($st) {
                    Some(bytes) => {
                        let vector = $st.fp().add($st.u16(B)).cast::<u8>();
                        bytes.write(f(vector.add($at as usize).cast::<[u8; N]>().read()));
                        strategy.next($st, Shape::$shape.bytes())
                    }
                    None => strategy.trap($st, Trap::MemoryOutOfBounds),
                }
            }
        }
    )*};
}

lane_stores! {
    vector_store_lane |form, st| address_in(form, st, A), st.u32(E);
}

#[inline(always)]
pub(crate) unsafe fn vector_load_far<S: Strategy, M: Form, const N: usize, R: Lanes>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N]) -> R,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match load_any(st, C, Long::of(form, st, B)) {
            Some(bytes) => {
                form.set_lanes(st, f(bytes));
                strategy.next(st, Shape::vector_load_far.bytes())
            }
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn vector_store_far<S: Strategy, M: Form, V: Lanes>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(V) -> [u8; 16],
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match store_any(st, C, Long::of(form, st, A), f(form.lanes(st, B))) {
            Some(()) => strategy.next(st, Shape::vector_store_far.bytes()),
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn vector_load_lane_far<S: Strategy, M: Form, const N: usize, X: Lanes>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N], X, u8) -> X,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match load_any(st, F, Long::of(form, st, B)) {
            Some(bytes) => {
                form.set_lanes(st, f(bytes, form.lanes(st, C), st.u16(F2) as u8));
                strategy.next(st, Shape::vector_load_lane_far.bytes())
            }
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn vector_store_lane_far<S: Strategy, M: Form, const N: usize>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N]) -> [u8; N],
) -> S::Out {
    // SAFETY: the module's contract; lowering writes the position of a whole lane.
    unsafe {
        let lane = st.fp().add(st.u16(B)).cast::<u8>().add(st.u16(F2)).cast::<[u8; N]>();
        match store_any(st, F, Long::of(form, st, A), f(lane.read())) {
            Some(()) => strategy.next(st, Shape::vector_store_lane_far.bytes()),
            None => strategy.trap(st, Trap::MemoryOutOfBounds),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn return_vector<S: Strategy>(
    strategy: S,
    form: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract; cells 0 and 1 are the window's first.
    unsafe {
        vector::write(st.fp().cast(), form.vector(st, B));
        super::calls::leave_frame(strategy, st, st.fp().add(st.u16(A)))
    }
}
