//! Execution: linked code in, values out.
//!
//! [`call`] is the way in. The [`driver`] enters a dispatch loop and does what ops leave to it: host calls, calls
//! between instances, lowering, growth, traps. [`dispatch`] has the loops, [`shapes`] what ops do, [`link`] makes
//! lowered code runnable. Every invariant of the form INV-... is described in ARCHITECTURE.md.

mod access;
mod backtrace;
mod choose;
mod classes;
mod context;
mod counted;
mod dispatch;
mod driver;
#[cfg_attr(
    not(any(wapiti_loop_rows, wapiti_tail)),
    allow(unused_macros, unused_imports, reason = "there are base forms only")
)]
mod form;
#[cfg_attr(
    not(any(wapiti_loop_rows, wapiti_tail)),
    allow(unused_macros, unused_imports, reason = "nothing is fused")
)]
mod fused;
mod fusion;
mod instructions;
mod link;
mod list;
mod objects;
mod meanings;
mod register;
mod shapes;
mod state;
#[cfg_attr(not(any(wapiti_loop_rows, wapiti_tail)), allow(dead_code, reason = "nothing is fused"))]
mod strategy;
mod tail_calls;
mod traced;
mod unwind;
mod vector;
#[cfg(target_arch = "x86_64")]
mod vector_x86;
mod waiting;

use alloc::sync::Arc;

use crate::config::{Compilation, Config};
use crate::decode::info::ModuleInfo;
use crate::error::Error;
use crate::runtime::{CompiledModule, EngineShared};

pub(crate) use driver::call;
pub(crate) use traced::Suspended;

/// An engine with these settings, with the best strategy that this build can really offer for the one asked for.
pub(crate) fn new_engine(config: &Config) -> Arc<EngineShared> {
    let dispatch = dispatch::available(config.dispatch);
    EngineShared::new(config, dispatch, dispatch::linkage(dispatch).word_of)
}

/// Makes a decoded module ready to run; lowers all of it if the engine is to compile eagerly.
///
/// # Errors
/// A limit of lowering that some function exceeds, when compiling eagerly.
pub(crate) fn compile(engine: &Arc<EngineShared>, info: ModuleInfo) -> Result<Arc<CompiledModule>, Error> {
    let module = CompiledModule::new(info, Arc::clone(engine));
    if engine.config.compilation == Compilation::Eager {
        link::lower_all(&module)?;
    }
    Ok(module)
}

#[cfg(test)]
mod tests;
