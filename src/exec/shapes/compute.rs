//! Ops that compute a value from values: unary and binary, with cells and constants as operands.

use crate::error::Trap;
use crate::exec::form::{Form, Value};
use crate::exec::state::State;
use crate::exec::strategy::Strategy;
use crate::isa::shape::{B, C, D, Shape};

/// What a meaning returns: a value, or a value unless it traps.
pub(crate) trait Outcome {
    type Value: Value;

    /// Writes the value to A and goes on `bytes` further, or traps.
    ///
    /// # Safety
    /// The module's contract.
    unsafe fn finish<S: Strategy>(self, strategy: S, form: impl Form, st: State, bytes: usize) -> S::Out;
}

impl<T: Value> Outcome for T {
    type Value = T;

    #[inline(always)]
    unsafe fn finish<S: Strategy>(self, strategy: S, form: impl Form, st: State, bytes: usize) -> S::Out {
        // SAFETY: by the caller.
        unsafe {
            form.set(st, self);
            strategy.next(st, bytes)
        }
    }
}

impl<T: Value> Outcome for Result<T, Trap> {
    type Value = T;

    #[inline(always)]
    unsafe fn finish<S: Strategy>(self, strategy: S, form: impl Form, st: State, bytes: usize) -> S::Out {
        // SAFETY: by the caller.
        unsafe {
            match self {
                Ok(value) => value.finish(strategy, form, st, bytes),
                Err(trap) => strategy.trap(st, trap),
            }
        }
    }
}

/// Declares the shapes: which operands the meaning is applied to.
macro_rules! computations {
    ($($shape:ident($($operand:ident: $ty:ident = $read:expr),*) with $form:ident, $st:ident;)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form, $($ty: Value,)* R: Outcome>(
            strategy: S,
            $form: M,
            $st: State,
            f: impl Fn($($ty),*) -> R,
        ) -> S::Out {
            // SAFETY: the module's contract.
            unsafe {
                $(let $operand: $ty = $read;)*
                f($($operand),*).finish(strategy, $form, $st, Shape::$shape.bytes())
            }
        }
    )*};
}

computations! {
    unary(x: X = form.get(st, B)) with form, st;
    binary(x: X = form.get(st, B), y: Y = form.get(st, C)) with form, st;
    binary_imm(x: X = form.get(st, B), y: Y = st.imm(D)) with form, st;
    imm_binary(x: X = st.imm(D), y: Y = form.get(st, C)) with form, st;
}
