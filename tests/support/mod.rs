//! What the integration tests share: the settings that every test runs under.
//!
//! A strategy that the engine silently replaced by another would look tested without being so; [`settings`] panics
//! then, except for tail calls in a build that cannot have them.

#![allow(dead_code, reason = "not every test uses all of it")]

use wapiti::{Compilation, Config, Dispatch, Engine};

const MODES: [Compilation; 3] = [Compilation::Eager, Compilation::Lazy, Compilation::LazyValidation];

/// One way to compile and run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) dispatch: Dispatch,
    pub(crate) compilation: Compilation,
}

impl Setting {
    /// The default configuration, with this setting.
    pub(crate) fn config(self) -> Config {
        let mut config = Config::new();
        config.dispatch(self.dispatch).compilation(self.compilation);
        config
    }
}

/// Every strategy that this build has, in every compile mode.
pub(crate) fn settings() -> Vec<Setting> {
    dispatches()
        .into_iter()
        .flat_map(|dispatch| MODES.map(|compilation| Setting { dispatch, compilation }))
        .collect()
}

/// Every strategy that this build has, each in another compile mode: for what takes long.
pub(crate) fn one_setting_a_strategy() -> Vec<Setting> {
    dispatches()
        .into_iter()
        .zip(MODES)
        .map(|(dispatch, compilation)| Setting { dispatch, compilation })
        .collect()
}

/// Every strategy that this build has.
pub(crate) fn dispatches() -> Vec<Dispatch> {
    let mut offered = vec![Dispatch::Match, Dispatch::Call];
    if cfg!(wapiti_tail) {
        offered.push(Dispatch::Tail);
        #[cfg(wapiti_become)]
        offered.push(Dispatch::Become);
    }
    for dispatch in &offered {
        let used = Engine::new(Config::new().dispatch(*dispatch)).dispatch();
        assert_eq!(used, *dispatch, "asked for one strategy, the engine uses another");
    }
    offered
}
