//! The engine: configuration and what all modules and stores made with it share.
//!
//! In goes a [`Config`], out comes a handle that is cheap to clone and may be used from any thread. Modules and
//! stores only work together if they are of the same engine, because types are numbered by engine.

use alloc::sync::Arc;
use core::fmt;

use crate::config::{Config, Dispatch};
use crate::exec;
use crate::runtime::EngineShared;

/// A configured interpreter: the place to start.
///
/// Make one, and share it between threads by cloning. An engine has no running state; that is in each
/// [`Store`](crate::Store).
///
/// ```
/// use wapiti::{Config, Dispatch, Engine};
///
/// let engine = Engine::default();
/// let portable = Engine::new(Config::new().dispatch(Dispatch::Match));
/// assert_eq!(portable.dispatch(), Dispatch::Match);
/// assert!(!Engine::same(&engine, &portable));
/// ```
#[derive(Clone)]
pub struct Engine {
    shared: Arc<EngineShared>,
}

impl Engine {
    /// An engine with the given settings.
    pub fn new(config: &Config) -> Self {
        Self { shared: exec::new_engine(config) }
    }

    /// The settings that the engine was made with.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// The dispatch strategy really in use: the one asked for, or the one it falls back to where this build or
    /// target cannot do that safely.
    pub fn dispatch(&self) -> Dispatch {
        self.shared.dispatch
    }

    /// True if both are handles to the same engine.
    pub fn same(a: &Self, b: &Self) -> bool {
        Arc::ptr_eq(&a.shared, &b.shared)
    }

    pub(crate) fn shared(&self) -> &Arc<EngineShared> {
        &self.shared
    }
}

impl Default for Engine {
    /// An engine with [`Config::new`]'s settings.
    fn default() -> Self {
        Self::new(&Config::new())
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("dispatch", &self.dispatch()).finish_non_exhaustive()
    }
}
