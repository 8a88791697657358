//! The ways from one op to the next, over the same code: three, and a fourth for nightly compilers.
//!
//! Each strategy has a handler per op, expanded from the op table; what an op does is in [`super::shapes`]. All take the
//! state and give back why they stopped.

#[cfg(all(wapiti_become, wapiti_tail))]
mod becoming;
mod call;
#[cfg_attr(not(wapiti_loop_rows), allow(unused_imports, reason = "there are base forms only"))]
mod match_loop;
#[cfg(wapiti_tail)]
mod parts;
#[cfg(wapiti_tail)]
mod tail;

pub(super) use call::step;

use super::form::Flags;
use super::fusion::{Fusion as Sequences, MAX_OPS};
use super::state::{Context, State};
use super::strategy::{Execute, Exit};
use crate::config::{Config, Dispatch, Fusion};
use crate::isa::ops::{Op, for_each_op};

/// Ops as types, for strategies to be generic over.
pub(super) mod op_types {
    use super::{Execute, State, for_each_op};
    use crate::exec::form::Form;
    use crate::exec::meanings::meaning;
    use crate::exec::shapes;
    use crate::exec::strategy::Strategy;

    macro_rules! define_op_types {
        ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {$(
            #[doc = $mnemonic]
            pub(in crate::exec) struct $name;

            impl Execute for $name {
                #[inline(always)]
                unsafe fn execute<S: Strategy, F: Form>(strategy: S, form: F, st: State) -> S::Out {
                    // SAFETY: by the caller.
                    unsafe { shapes::$shape(strategy, form, st, meaning!($meaning)) }
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
        #[cfg(all(wapiti_become, not(wapiti_tail)))]
        Dispatch::Become => Dispatch::Match,
        other => other,
    }
}

/// What a dispatch strategy is to linking.
pub(super) struct Linkage {
    /// What an op in base form has at its head: the word that interrupts swap.
    pub(super) word_of: fn(Op) -> usize,
    /// The handler of an op in some form; `None` where the strategy has no such form.
    pub(super) form: fn(Op, Flags) -> Option<usize>,
    /// Whether ops leave their results in accumulators and find there what those before them left.
    pub(super) has_accumulators: bool,
    /// The sequences that have a handler of their own.
    pub(super) sequences: Option<&'static Sequences>,
    /// Ops of the longest sequence that is to be used.
    pub(super) longest: usize,
}

impl Linkage {
    const fn new(
        word_of: fn(Op) -> usize,
        form: fn(Op, Flags) -> Option<usize>,
        has_accumulators: bool,
        sequences: Option<&'static Sequences>,
    ) -> Self {
        Self { word_of, form, has_accumulators, sequences, longest: MAX_OPS }
    }

    /// With no more sequences, and no more use of accumulators, than `config` wants.
    pub(super) fn limited(mut self, config: &Config) -> Self {
        if !config.accumulators {
            self.has_accumulators = false;
        }
        match config.fusion {
            Fusion::None => self.sequences = None,
            Fusion::Pairs => self.longest = 2,
            Fusion::Full => {}
        }
        self
    }
}

/// How code is linked for `dispatch`.
pub(super) fn linkage(dispatch: Dispatch) -> Linkage {
    match dispatch {
        Dispatch::Call => Linkage::new(call::word_of, call::form, false, None),
        #[cfg(wapiti_tail)]
        Dispatch::Tail => Linkage::new(tail::word_of, tail::form, true, Some(&tail::FUSION)),
        #[cfg(all(wapiti_become, wapiti_tail))]
        Dispatch::Become => Linkage::new(becoming::word_of, becoming::form, true, Some(&becoming::FUSION)),
        _ => {
            use match_loop::{FUSION, form, word_of};
            Linkage::new(word_of, form, true, Some(&FUSION))
        }
    }
}

/// Runs from `st` on until something leaves the dispatch loop.
///
/// # Safety
/// INV-CODE: `st.ip` is an op linked for `dispatch`, with what it takes from accumulators in them; INV-FRAME: `st.fp` is
/// its function's frame; `st.cx` is filled for its instance (INV-MEM).
pub(super) unsafe fn run(dispatch: Dispatch, st: State) -> Exit {
    // SAFETY: by the caller.
    unsafe {
        match dispatch {
            Dispatch::Call => call::run(st),
            #[cfg(wapiti_tail)]
            Dispatch::Tail => tail::run(st),
            #[cfg(all(wapiti_become, wapiti_tail))]
            Dispatch::Become => becoming::run(st),
            _ => match_loop::run(st),
        }
    }
}
