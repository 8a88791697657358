//! One loop around one `match`, without a default arm: a new op that is not handled does not compile.
//!
//! Optimised, every arm is inlined, the state stays in registers and LLVM copies the indirect jump into the arms.
//! Unoptimised, an arm is one call, or the loop's native frame would hold the locals of all arms at once.

use super::super::form::BASE;
use super::super::state::{State, op_at};
use super::super::strategy::{Execute, Exit, Strategy};
use super::{op_types, save};
use crate::isa::ops::{Op, for_each_op};

#[derive(Clone, Copy)]
struct Match;

/// What an arm comes to.
enum Flow {
    Next(State),
    Exit(Exit),
}

impl Strategy for Match {
    type Out = Flow;

    #[inline(always)]
    unsafe fn next(self, st: State) -> Flow {
        // Without the accumulators, which the base form never reads: kept from op to op they would cost registers.
        Flow::Next(State::at(st.ip, st.fp, st.cx))
    }

    #[inline(always)]
    unsafe fn jump(self, st: State) -> Flow {
        Flow::Next(State::at(st.ip, st.fp, st.cx))
    }

    #[inline(always)]
    unsafe fn exit(self, st: State, exit: Exit) -> Flow {
        Flow::Exit(save(st.ip, st.fp, st.cx, exit))
    }
}

/// The match loop reads op numbers and no headers.
pub(super) fn word_of(op: Op) -> usize {
    op as usize
}

#[cfg_attr(wapiti_optimized, inline(always))]
#[cfg_attr(not(wapiti_optimized), inline(never))]
unsafe fn arm<X: Execute>(st: State) -> Flow {
    // SAFETY: by the caller, whose contract is the same.
    unsafe { X::execute(Match, BASE, st) }
}

macro_rules! define_run {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        /// See [`super::run`].
        pub(super) unsafe fn run(first: Option<usize>, mut st: State) -> Exit {
            // SAFETY: INV-CODE, by the caller at first and by every op's own contract afterwards.
            unsafe {
                let mut op = first.and_then(|word| Op::from_u16(word as u16)).unwrap_or_else(|| op_at(st.ip));
                loop {
                    #[cfg(feature = "profile")]
                    crate::exec::profile::count(st.ip);
                    let flow = match op {
                        $(Op::$name => arm::<op_types::$name>(st),)*
                    };
                    match flow {
                        Flow::Next(next) => st = next,
                        Flow::Exit(exit) => return exit,
                    }
                    op = op_at(st.ip);
                }
            }
        }
    };
}

for_each_op!(define_run);
