//! Stopping a store from another thread, at no cost to code that runs undisturbed.
//!
//! Code has no checks. To interrupt a store, the headers of all places that any unending execution must pass (function
//! entries and loop heads) are switched to an op that leaves the dispatch loop, in every module that has been
//! instantiated in the store. The driver then looks at the flag here: the store that is meant traps and switches the
//! headers back; others sharing the module execute the hidden op and go on.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use super::code::CompiledModule;
use crate::sync::Mutex;

/// One store's flag and the modules whose code it may be running.
pub(crate) struct InterruptState {
    requested: AtomicBool,
    modules: Mutex<Vec<Arc<CompiledModule>>>,
}

impl InterruptState {
    pub(crate) fn new() -> Self {
        Self { requested: AtomicBool::new(false), modules: Mutex::new(Vec::new()) }
    }

    /// Adds a module that the store may run from now on.
    pub(crate) fn register(&self, module: &Arc<CompiledModule>) {
        let mut modules = self.modules.lock();
        if modules.iter().any(|known| Arc::ptr_eq(known, module)) {
            return;
        }
        // Under the lock, so that a request sees the module either here or not armed yet.
        if self.requested.load(Ordering::Relaxed) {
            module.arm();
        }
        modules.push(Arc::clone(module));
    }

    /// Asks the store to stop. A request that is already waiting is not doubled.
    pub(crate) fn request(&self) {
        let modules = self.modules.lock();
        if !self.requested.swap(true, Ordering::AcqRel) {
            modules.iter().for_each(|module| module.arm());
        }
    }

    /// True if a request waits.
    pub(crate) fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Takes the request, if one waits: the caller is to stop what the store runs.
    pub(crate) fn take(&self) -> bool {
        if !self.is_requested() {
            return false;
        }
        let modules = self.modules.lock();
        let taken = self.requested.swap(false, Ordering::AcqRel);
        if taken {
            modules.iter().for_each(|module| module.disarm());
        }
        taken
    }
}

impl Drop for InterruptState {
    fn drop(&mut self) {
        // Other stores may go on running these modules.
        self.take();
    }
}
