//! Ops that compute a value from values: unary and binary, with cells and constants as operands.

use crate::error::Trap;
use crate::exec::state::State;
use crate::exec::strategy::Strategy;
use crate::isa::cell::Cell;
use crate::isa::shape::{A, B, C, D, Shape};

/// What a meaning returns: a value, or a value unless it traps.
pub(crate) trait Outcome {
    type Value: Cell;
    fn value(self) -> Result<Self::Value, Trap>;
}

impl<T: Cell> Outcome for T {
    type Value = T;
    #[inline(always)]
    fn value(self) -> Result<T, Trap> {
        Ok(self)
    }
}

impl<T: Cell> Outcome for Result<T, Trap> {
    type Value = T;
    #[inline(always)]
    fn value(self) -> Self {
        self
    }
}

/// Writes an outcome to A and goes on, or traps.
#[inline(always)]
unsafe fn finish<S: Strategy>(strategy: S, st: State, shape: Shape, outcome: impl Outcome) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match outcome.value() {
            Ok(value) => {
                st.set(A, value);
                strategy.next(st.advance(shape.bytes()))
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn unary<S: Strategy, X: Cell, R: Outcome>(
    strategy: S,
    st: State,
    f: impl Fn(X) -> R,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { finish(strategy, st, Shape::unary, f(st.get(B))) }
}

#[inline(always)]
pub(crate) unsafe fn binary<S: Strategy, X: Cell, Y: Cell, R: Outcome>(
    strategy: S,
    st: State,
    f: impl Fn(X, Y) -> R,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { finish(strategy, st, Shape::binary, f(st.get(B), st.get(C))) }
}

#[inline(always)]
pub(crate) unsafe fn binary_imm<S: Strategy, X: Cell, Y: Cell, R: Outcome>(
    strategy: S,
    st: State,
    f: impl Fn(X, Y) -> R,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { finish(strategy, st, Shape::binary_imm, f(st.get(B), st.imm(D))) }
}

#[inline(always)]
pub(crate) unsafe fn imm_binary<S: Strategy, X: Cell, Y: Cell, R: Outcome>(
    strategy: S,
    st: State,
    f: impl Fn(X, Y) -> R,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { finish(strategy, st, Shape::imm_binary, f(st.imm(D), st.get(C))) }
}
