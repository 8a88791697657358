//! Branches, and ops that leave the dispatch loop.
//!
//! Taken and not taken paths each go on by themselves: one merged way on would make compilers turn the branch into a
//! conditional move, which measured 1.2 to 2 times slower.

use crate::error::Trap;
use crate::exec::form::{Form, Value};
use crate::exec::register::in_register;
use crate::exec::state::State;
use crate::exec::strategy::{Exit, Strategy};
use crate::isa::shape::{A, B, D, Shape, TARGET_BYTES};

#[inline(always)]
pub(crate) unsafe fn branch<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { strategy.jump(st.branch(D)) }
}

#[inline(always)]
unsafe fn branch_on<S: Strategy>(strategy: S, st: State, bytes: usize, condition: bool, at: usize) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { if condition { strategy.jump(st.branch(at)) } else { strategy.next(st, bytes) } }
}

#[inline(always)]
pub(crate) unsafe fn branch_if<S: Strategy, M: Form, X: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(X) -> bool,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { branch_on(strategy, st, Shape::branch_if.bytes(), f(form.get(st, A)), D) }
}

#[inline(always)]
pub(crate) unsafe fn branch_compare<S: Strategy, M: Form, X: Value, Y: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(X, Y) -> bool,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { branch_on(strategy, st, Shape::branch_compare.bytes(), f(form.get(st, A), form.get(st, B)), D) }
}

#[inline(always)]
pub(crate) unsafe fn branch_compare_imm<S: Strategy, M: Form, X: Value, Y: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(X, Y) -> bool,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { branch_on(strategy, st, Shape::branch_compare_imm.bytes(), f(form.get(st, A), st.imm32(B)), D) }
}

#[inline(always)]
pub(crate) unsafe fn branch_table<S: Strategy>(
    strategy: S,
    form: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    let (index, last) = unsafe { (form.get::<u32>(st, A), st.u32(B) - 1) };
    let target = |number: usize| Shape::branch_table.bytes() + number * TARGET_BYTES as usize;
    // A branch, not a minimum, which LLVM would make of it: the next position need not wait for the comparison.
    if index < last {
        let index = in_register!(index as usize);
        // SAFETY: the module's contract; lowering writes as many targets as field B says, at least one.
        unsafe { strategy.jump(st.branch(target(index))) }
    } else {
        // SAFETY: likewise.
        unsafe { strategy.jump(st.branch(target(last as usize))) }
    }
}

#[inline(always)]
pub(crate) unsafe fn unreachable<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { strategy.trap(st, Trap::Unreachable) }
}

#[inline(always)]
pub(crate) unsafe fn interrupt<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { strategy.exit(st, Exit::INTERRUPT) }
}

/// Declares the shapes that the driver executes; they differ in their operands only.
macro_rules! left_to_the_driver {
    ($($shape:ident)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
            // SAFETY: the module's contract.
            unsafe { strategy.exit(st, Exit::LEAVE) }
        }
    )*};
}

left_to_the_driver! {
    leave leave_get leave_unary leave_binary leave_effect leave_new leave_new_segment leave_elems leave_notify leave_wait
    throw throw_ref
}
