//! Ops that move values: copies, constants, zeroing, selection, globals.

use crate::exec::state::State;
use crate::exec::strategy::Strategy;
use crate::isa::shape::{A, B, C, D, E, Shape};

/// Declares ops that do something to the state and fall through: the body sees it as `st`.
macro_rules! moves {
    ($($shape:ident |$st:ident| $body:block)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy>(strategy: S, $st: State, _: impl Fn()) -> S::Out {
            // SAFETY: the module's contract; cells named by 32-bit fields are counted by lowering like all others.
            unsafe {
                $body
                strategy.next($st.advance(Shape::$shape.bytes()))
            }
        }
    )*};
}

moves! {
    copy |st| { st.set(A, st.get::<u64>(B)); }
    copy_wide |st| { *st.fp.add(st.u32(D) as usize) = *st.fp.add(st.u32(E) as usize); }
    copy_span |st| {
        let (to, from) = (st.fp.add(st.u32(D) as usize), st.fp.add(st.u32(E) as usize));
        // Volatile-free but in ascending order: where the spans overlap, the target lies below the source.
        core::ptr::copy(from, to, st.u32(B) as usize);
    }
    const32 |st| { st.set(A, st.u32(B)); }
    const64 |st| { st.set(A, st.u64(D)); }
    zero1 |st| { st.set(A, 0u64); }
    zero2 |st| { st.set(A, 0u64); st.set(B, 0u64); }
    zero3 |st| { st.set(A, 0u64); st.set(B, 0u64); st.set(C, 0u64); }
    zero_span |st| { st.fp.add(st.u32(D) as usize).write_bytes(0, st.u32(E) as usize); }
    select |st| {
        // A conditional move of the cell's number: which value is wanted is rarely predictable.
        let chosen = if st.get::<u32>(D) != 0 { st.u16(B) } else { st.u16(C) };
        st.set(A, *st.fp.add(chosen));
    }
    global_get |st| { st.set(A, (*(*st.cx).own_globals.add(st.u32(B) as usize)).0[0]); }
    global_set |st| { (*(*st.cx).own_globals.add(st.u32(B) as usize)).0[0] = st.get(A); }
    global_get_imported |st| { st.set(A, (*(*(*st.cx).globals.add(st.u32(B) as usize)).as_ptr()).0[0]); }
    global_set_imported |st| { (*(*(*st.cx).globals.add(st.u32(B) as usize)).as_ptr()).0[0] = st.get(A); }
}
