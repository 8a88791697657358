//! What the host holds on to: cells of references that it has handles to.
//!
//! In go cells, out come positions. A position that is given out as part of a *scope* stays good until that scope ends; one
//! that is owned, until its owner lets go of it.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::sync::Mutex;

/// All references of a store that the host has handles to.
#[derive(Default)]
pub(crate) struct Roots {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// In the order in which they were given out.
    scoped: Vec<Scoped>,
    /// Counts what was given out, so that positions used again can be told apart.
    given_out: u64,
    owned: Vec<Owned>,
}

struct Scoped {
    cell: u64,
    number: u64,
}

struct Owned {
    cell: u64,
    /// Its owners have clones.
    alive: Arc<()>,
}

/// Names a scoped root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RootIndex {
    position: usize,
    number: u64,
}

#[allow(dead_code, reason = "handles to objects are to come")]
impl Roots {
    /// Holds on to what `cell` refers to until the innermost scope ends.
    pub(crate) fn add(&self, cell: u64) -> RootIndex {
        let mut state = self.state.lock();
        let number = state.given_out;
        state.given_out += 1;
        state.scoped.push(Scoped { cell, number });
        RootIndex { position: state.scoped.len() - 1, number }
    }

    /// The cell of a root; `None` if its scope has ended.
    pub(crate) fn get(&self, root: RootIndex) -> Option<u64> {
        let state = self.state.lock();
        state
            .scoped
            .get(root.position)
            .filter(|scoped| scoped.number == root.number)
            .map(|scoped| scoped.cell)
    }

    /// Begins a scope: what comes back ends it.
    pub(crate) fn begin_scope(&self) -> usize {
        self.state.lock().scoped.len()
    }

    /// Ends a scope, and those within it.
    pub(crate) fn end_scope(&self, scope: usize) {
        self.state.lock().scoped.truncate(scope);
    }

    /// Holds on to what `cell` refers to until no clone of what comes back is left.
    pub(crate) fn own(&self, cell: u64) -> Arc<()> {
        let alive = Arc::new(());
        self.state.lock().owned.push(Owned { cell, alive: Arc::clone(&alive) });
        alive
    }

    /// Calls `show` with every cell. Owned ones that nobody owns any more are forgotten first.
    pub(crate) fn for_each(&self, mut show: impl FnMut(u64)) {
        let mut state = self.state.lock();
        state.owned.retain(|owned| Arc::strong_count(&owned.alive) > 1);
        state.scoped.iter().for_each(|scoped| show(scoped.cell));
        state.owned.iter().for_each(|owned| show(owned.cell));
    }
}
