//! What the host holds on to: cells of references that it has handles to.
//!
//! In go cells, out come numbers. A number that is given out in a *scope* stays good until that scope ends, and is never
//! given out again; a cell that is owned is held until its owner lets go of it. A call of a host function is a scope.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::Mutex;

/// All references of a store that the host has handles to.
#[derive(Default)]
pub(crate) struct Roots {
    state: Mutex<State>,
    /// How many scoped ones there are, so that a scope without any costs no lock.
    scoped_len: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// In the order in which they were given out, so by number.
    scoped: Vec<Scoped>,
    /// How many have been given out.
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
pub(crate) struct RootNumber(u64);

impl Roots {
    /// Holds on to what `cell` refers to until the innermost scope ends.
    pub(crate) fn add(&self, cell: u64) -> RootNumber {
        let mut state = self.state.lock();
        let number = state.given_out;
        state.given_out += 1;
        state.scoped.push(Scoped { cell, number });
        // Relaxed, here and below: who begins or ends a scope has the store for itself.
        self.scoped_len.store(state.scoped.len(), Ordering::Relaxed);
        RootNumber(number)
    }

    /// The cell of a root; `None` if its scope has ended.
    pub(crate) fn get(&self, root: RootNumber) -> Option<u64> {
        let state = self.state.lock();
        let position = state.scoped.binary_search_by_key(&root.0, |scoped| scoped.number).ok()?;
        Some(state.scoped[position].cell)
    }

    /// Begins a scope: what comes back ends it.
    #[inline]
    pub(crate) fn begin_scope(&self) -> usize {
        self.scoped_len.load(Ordering::Relaxed)
    }

    /// Ends a scope, and those within it.
    #[inline]
    pub(crate) fn end_scope(&self, scope: usize) {
        if self.scoped_len.load(Ordering::Relaxed) != scope {
            self.truncate(scope);
        }
    }

    #[cold]
    fn truncate(&self, scope: usize) {
        self.state.lock().scoped.truncate(scope);
        self.scoped_len.store(scope, Ordering::Relaxed);
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
