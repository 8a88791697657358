//! Wide arithmetic: 128-bit values as two cells, the lower half first, anywhere in the frame each.

use crate::exec::form::Form;
use crate::exec::state::State;
use crate::exec::strategy::Strategy;
use crate::isa::shape::{A, B, C, D, D2, E, Shape};

/// The value whose halves are in the cells that two fields name.
#[inline(always)]
unsafe fn value(st: State, low: usize, high: usize) -> u128 {
    // SAFETY: the module's contract.
    unsafe { u128::from(st.get::<u64>(low)) | u128::from(st.get::<u64>(high)) << 64 }
}

/// Writes the halves of a result. They are read before: a result may have an operand's cell.
#[inline(always)]
unsafe fn set(st: State, result: u128) {
    // SAFETY: the module's contract.
    unsafe {
        st.set(A, result as u64);
        st.set(B, (result >> 64) as u64);
    }
}

#[inline(always)]
pub(crate) unsafe fn wide_sum<S: Strategy>(
    strategy: S,
    _: impl Form,
    st: State,
    f: impl Fn(u128, u128) -> u128,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        set(st, f(value(st, C, D), value(st, D2, E)));
        strategy.next(st, Shape::wide_sum.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn wide_product<S: Strategy>(
    strategy: S,
    _: impl Form,
    st: State,
    f: impl Fn(u64, u64) -> u128,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        set(st, f(st.get(C), st.get(D)));
        strategy.next(st, Shape::wide_product.bytes())
    }
}
