//! The three ways from one op to the next, over the same code.
//!
//! Each strategy has a handler per op, expanded from the op table; what an op does is in [`super::shapes`]. All take the
//! state and give back why they stopped.

mod call;
mod match_loop;
#[cfg(wapiti_tail)]
mod tail;

use super::state::{Context, State};
use super::strategy::{Execute, Exit};
use crate::config::Dispatch;
use crate::isa::ops::{Op, for_each_op};

/// Ops as types, for strategies to be generic over.
pub(super) mod op_types {
    use super::{Execute, Op, State, for_each_op};
    use crate::exec::shapes;
    use crate::exec::strategy::Strategy;
    use crate::isa::eval;

    macro_rules! define_op_types {
        ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {$(
            #[doc = $mnemonic]
            pub(in crate::exec) struct $name;

            impl Execute for $name {
                const OP: Op = Op::$name;

                #[inline(always)]
                unsafe fn execute<S: Strategy>(strategy: S, st: State) -> S::Out {
                    // SAFETY: by the caller.
                    unsafe { shapes::$shape(strategy, st, eval::$meaning) }
                }
            }
        )*};
    }

    for_each_op!(define_op_types);
}

/// Saves the state for the driver and hands the reason through. A function of its own with scalar arguments, so that
/// handlers need no stack frame for their way out.
#[cold]
#[inline(never)]
extern "C" fn save(ip: *const u8, fp: *mut u64, cx: *mut Context, exit: Exit) -> Exit {
    // SAFETY: `cx` is the running call's context; nothing else refers to it while the dispatch loop runs.
    unsafe {
        (*cx).saved_ip = ip;
        (*cx).saved_fp = fp;
    }
    // Opaque, or LLVM would see that the argument comes back, return a copy that the handler kept, and thereby turn
    // the handler's jump to here into a call.
    core::hint::black_box(exit)
}

/// The strategy that an engine which asks for `wanted` gets from this build on this machine.
pub(super) fn available(wanted: Dispatch) -> Dispatch {
    match wanted {
        #[cfg(wapiti_tail)]
        Dispatch::Tail if tail::is_certain() => Dispatch::Tail,
        Dispatch::Tail => Dispatch::Match,
        other => other,
    }
}

/// What linking writes into an op's header under `dispatch`.
pub(super) fn header_of(dispatch: Dispatch) -> fn(Op) -> usize {
    match dispatch {
        Dispatch::Match => match_loop::header_of,
        Dispatch::Call => call::header_of,
        #[cfg(wapiti_tail)]
        Dispatch::Tail => tail::header_of,
        #[cfg(not(wapiti_tail))]
        Dispatch::Tail => match_loop::header_of,
    }
}

/// Runs from `st` on until something leaves the dispatch loop. The first op is `first` if given, else the one in the
/// code.
///
/// # Safety
/// INV-CODE: `st.ip` is an op linked for `dispatch`, of the same layout as `first`; INV-FRAME: `st.fp` is its
/// function's frame; `st.cx` is filled for its instance (INV-MEM).
pub(super) unsafe fn run(dispatch: Dispatch, first: Option<Op>, st: State) -> Exit {
    // SAFETY: by the caller.
    unsafe {
        match dispatch {
            Dispatch::Match => match_loop::run(first, st),
            Dispatch::Call => call::run(first, st),
            #[cfg(wapiti_tail)]
            Dispatch::Tail => tail::run(first, st),
            #[cfg(not(wapiti_tail))]
            Dispatch::Tail => match_loop::run(first, st),
        }
    }
}
