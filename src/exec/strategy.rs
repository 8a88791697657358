//! What a dispatch strategy is to the ops: the way on from one op to the next.
//!
//! The shapes in [`super::shapes`] are written against [`Strategy`] alone and inlined into each strategy's handlers, so
//! that an op has one definition. A shape ends every one of its paths with exactly one call of these methods.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::form::{EARLIER, Form};
use super::state::{Accumulators, State};
use crate::error::Trap;

/// How to go on after an op. Implementors carry no data; they are passed by value so that types are inferred.
pub(super) trait Strategy: Copy {
    /// What a handler returns to its caller.
    type Out;

    /// Whether handlers may call functions and go on afterwards, which takes a native stack frame.
    const CALLS: bool;

    /// Goes on with the op that follows in the code, `bytes` behind the current one.
    ///
    /// # Safety
    /// INV-CODE: a linked op starts there.
    unsafe fn next(self, st: State, bytes: usize) -> Self::Out;

    /// Goes on with an op elsewhere: a branch target, a callee, a return position.
    ///
    /// # Safety
    /// INV-CODE: a linked op starts at `st.ip`, and `st.fp` is its function's frame.
    unsafe fn jump(self, st: State) -> Self::Out;

    /// Leaves the dispatch loop for the driver, with `st` saved (INV-STATE).
    ///
    /// # Safety
    /// INV-STATE: `st.ip` is the op that could not be finished and none of its effects has happened.
    unsafe fn exit(self, st: State, exit: Exit) -> Self::Out;

    /// Leaves the dispatch loop with a trap.
    ///
    /// # Safety
    /// See [`Strategy::exit`].
    #[inline(always)]
    unsafe fn trap(self, st: State, trap: Trap) -> Self::Out {
        // SAFETY: by the caller.
        unsafe { self.exit(st, Exit::trap(trap)) }
    }
}

/// Why the dispatch loop was left: a scalar, so that handlers need no stack frame to return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(super) struct Exit(pub(super) u32);

impl Exit {
    /// The driver is to do what the current op says.
    pub(super) const LEAVE: Self = Self(0);
    /// The driver is to look whether this store is meant by an interrupt.
    pub(super) const INTERRUPT: Self = Self(1);
    const FIRST_TRAP: u32 = 2;

    /// The guest trapped.
    #[inline(always)]
    pub(super) const fn trap(trap: Trap) -> Self {
        Self(Self::FIRST_TRAP + trap as u32)
    }

    /// The trap, if it is one.
    pub(super) fn as_trap(self) -> Option<Trap> {
        let number = u8::try_from(self.0.checked_sub(Self::FIRST_TRAP)?).ok()?;
        Trap::from_u8(number)
    }
}

/// An op as a type: what the op table's row says, ready to be compiled for any strategy.
pub(super) trait Execute {
    /// Executes the op and goes on as `strategy` does.
    ///
    /// # Safety
    /// INV-CODE: an op of this kind starts at `st.ip`; INV-FRAME: `st.fp` is the frame of its function; `st.cx` is
    /// the running call's context.
    unsafe fn execute<S: Strategy, F: Form>(strategy: S, form: F, st: State) -> S::Out;
}

/// What a handler does: an op in some form, or several in a row.
pub(super) trait Step {
    /// Whether its first op takes an operand that was in an accumulator before the op before.
    const TAKES_EARLIER: bool;

    /// Executes the step and goes on as `strategy` does.
    ///
    /// # Safety
    /// As for [`Execute::execute`]; the form is one that the neighbouring ops allow, and `earlier` is what the op before
    /// found in the accumulators, if there is one in the same handler.
    unsafe fn run<S: Strategy>(strategy: S, earlier: *const Accumulators, st: State) -> S::Out;
}

/// The op `X` in the form `F`.
pub(super) struct One<X, F>(PhantomData<(X, F)>);

impl<X: Execute, F: Form> Step for One<X, F> {
    const TAKES_EARLIER: bool = F::FLAGS & EARLIER != 0;

    #[inline(always)]
    unsafe fn run<S: Strategy>(strategy: S, earlier: *const Accumulators, st: State) -> S::Out {
        // SAFETY: by the caller.
        unsafe { X::execute(strategy, F::after(earlier), st) }
    }
}

impl<X: Step> Step for (X,) {
    const TAKES_EARLIER: bool = X::TAKES_EARLIER;

    #[inline(always)]
    unsafe fn run<S: Strategy>(strategy: S, earlier: *const Accumulators, st: State) -> S::Out {
        // SAFETY: by the caller.
        unsafe { X::run(strategy, earlier, st) }
    }
}

/// Several steps, without a dispatch between them; branches that one takes go where they go.
macro_rules! define_row {
    ($first:ident $($rest:ident)+) => {
        impl<$first: Step, $($rest: Step),+> Step for ($first, $($rest),+) {
            const TAKES_EARLIER: bool = $first::TAKES_EARLIER;

            #[inline(always)]
            unsafe fn run<S: Strategy>(strategy: S, earlier: *const Accumulators, st: State) -> S::Out {
                let mut found = MaybeUninit::uninit();
                // SAFETY: by the caller; accumulators stay as they are in `found` until the rest has been executed.
                unsafe {
                    if <($($rest,)+)>::TAKES_EARLIER {
                        found.write(*st.acc());
                    }
                    let rest = Continue::<($($rest,)+), S> { strategy, found: found.as_ptr(), rest: PhantomData };
                    $first::run(rest, earlier, st)
                }
            }
        }
    };
}

define_row!(A B);
define_row!(A B C);
define_row!(A B C D);

/// The strategy whose way on is the step `Y`.
struct Continue<Y, S> {
    strategy: S,
    /// What the op before `Y` found in the accumulators, if `Y` wants to know.
    found: *const Accumulators,
    rest: PhantomData<Y>,
}

impl<Y, S: Copy> Clone for Continue<Y, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Y, S: Copy> Copy for Continue<Y, S> {}

impl<Y: Step, S: Strategy> Strategy for Continue<Y, S> {
    type Out = S::Out;
    const CALLS: bool = S::CALLS;

    #[inline(always)]
    unsafe fn next(self, st: State, bytes: usize) -> S::Out {
        // SAFETY: by the caller: the op behind is `Y`'s.
        unsafe { Y::run(self.strategy, self.found, st.advance(bytes)) }
    }

    #[inline(always)]
    unsafe fn jump(self, st: State) -> S::Out {
        // SAFETY: by the caller.
        unsafe { self.strategy.jump(st) }
    }

    #[inline(always)]
    unsafe fn exit(self, st: State, exit: Exit) -> S::Out {
        // SAFETY: by the caller.
        unsafe { self.strategy.exit(st, exit) }
    }
}
