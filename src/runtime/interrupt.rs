//! Stopping a store from another thread, at no cost to code that runs undisturbed.
//!
//! Code has no checks. To interrupt a store, the headers of all places that any unending execution must pass (function
//! entries and loop heads) are switched to an op that leaves the dispatch loop, in every module that has been
//! instantiated in the store. The driver then looks at the flag here: the store that is meant traps and switches the
//! headers back; others sharing the module have it execute the op itself and go on.
//!
//! That slows the others, so heads are switched only while the store that is meant runs: a request to an idle store
//! waits until its next run begins. Always, when nobody holds the lock and no run begins or ends at the moment: heads
//! are switched if and only if a request waits and the store runs.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};

use super::code::CompiledModule;
use super::parking::Waiter;
use crate::sync::Mutex;

/// One store's flags and the modules whose code it may be running.
pub(crate) struct InterruptState {
    /// Whether anybody can request anything. Never taken back, and false for most stores, whose calls are then spared
    /// the flags below.
    has_handle: AtomicBool,
    /// Changed under the lock only.
    requested: AtomicBool,
    /// Somebody wants to know where the guest is. Changed under the lock only, and like `requested` in all else.
    sample: AtomicBool,
    /// Changed by the store's own thread only.
    running: AtomicBool,
    modules: Mutex<Modules>,
    /// What the store's thread waits by, while it waits for shared memory to change.
    waiter: Mutex<Option<Arc<Waiter>>>,
}

struct Modules {
    known: Vec<Arc<CompiledModule>>,
    /// Whether their heads are switched.
    armed: bool,
}

/// A run of the store, for as long as it lives.
pub(crate) struct Running(Arc<InterruptState>);

impl InterruptState {
    pub(crate) fn new() -> Self {
        Self {
            has_handle: AtomicBool::new(false),
            requested: AtomicBool::new(false),
            sample: AtomicBool::new(false),
            running: AtomicBool::new(false),
            modules: Mutex::new(Modules { known: Vec::new(), armed: false }),
            waiter: Mutex::new(None),
        }
    }

    /// Says that there is somebody to request something. The store must be idle.
    pub(crate) fn add_handle(&self) {
        debug_assert!(!self.running.load(Ordering::Relaxed), "whoever runs holds the store exclusively");
        // Relaxed: the store's next run has its thread get the store from this one in some way, and that orders both.
        self.has_handle.store(true, Ordering::Relaxed);
    }

    /// Begins a run, if anybody can interrupt it.
    pub(crate) fn run(self: &Arc<Self>) -> Option<Running> {
        self.has_handle.load(Ordering::Relaxed).then(|| {
            self.set_running(true);
            Running(Arc::clone(self))
        })
    }

    /// Here the store's thread writes `running` and then reads `requested`; in `request` another one writes `requested`
    /// and then reads `running`. All four are sequentially consistent, so at least one of the two sees what the other
    /// has written, and adjusts. If it is the one here, the lock has it wait for a request that is half made. If both
    /// adjust, the second one finds nothing to do.
    fn set_running(&self, running: bool) {
        self.running.store(running, Ordering::SeqCst);
        if self.is_wanted() {
            self.adjust(&mut self.modules.lock());
        }
    }

    /// Whether there is a reason to leave the dispatch loop.
    fn is_wanted(&self) -> bool {
        self.requested.load(Ordering::SeqCst) || self.sample.load(Ordering::SeqCst)
    }

    /// Switches heads to what the flags say.
    fn adjust(&self, modules: &mut Modules) {
        let armed = self.is_wanted() && self.running.load(Ordering::SeqCst);
        if armed == modules.armed {
            return;
        }
        modules.armed = armed;
        for module in &modules.known {
            if armed {
                module.arm();
            } else {
                module.disarm();
            }
        }
    }

    /// Adds a module that the store may run from now on.
    pub(crate) fn register(&self, module: &Arc<CompiledModule>) {
        let mut modules = self.modules.lock();
        if modules.known.iter().any(|known| Arc::ptr_eq(known, module)) {
            return;
        }
        if modules.armed {
            module.arm();
        }
        modules.known.push(Arc::clone(module));
    }

    /// Asks the store to stop. A request that is already waiting is not doubled.
    pub(crate) fn request(&self) {
        let mut modules = self.modules.lock();
        self.requested.store(true, Ordering::SeqCst);
        self.adjust(&mut modules);
        drop(modules);
        if let Some(waiter) = &*self.waiter.lock() {
            waiter.interrupt();
        }
    }

    /// Runs `wait`, which blocks by `waiter`: a request ends it, also one that has been made already.
    pub(crate) fn while_waiting<R>(&self, waiter: &Arc<Waiter>, wait: impl FnOnce() -> R) -> R {
        *self.waiter.lock() = Some(Arc::clone(waiter));
        // A request either sees the waiter, because it asks for it behind this, or is seen here.
        if self.requested.load(Ordering::SeqCst) {
            waiter.interrupt();
        }
        let result = wait();
        *self.waiter.lock() = None;
        result
    }

    /// Asks the store where it is. As [`request`](Self::request), but it goes on afterwards.
    pub(crate) fn request_sample(&self) {
        let mut modules = self.modules.lock();
        self.sample.store(true, Ordering::SeqCst);
        self.adjust(&mut modules);
    }

    /// Takes the question, if one waits.
    pub(crate) fn take_sample(&self) -> bool {
        if !self.sample.load(Ordering::Acquire) {
            return false;
        }
        let mut modules = self.modules.lock();
        self.sample.store(false, Ordering::SeqCst);
        self.adjust(&mut modules);
        true
    }

    /// Takes the request, if one waits: the caller is to stop what the store runs.
    pub(crate) fn take(&self) -> bool {
        if !self.requested.load(Ordering::Acquire) {
            return false;
        }
        let mut modules = self.modules.lock();
        self.requested.store(false, Ordering::SeqCst);
        self.adjust(&mut modules);
        true
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set_running(false);
    }
}
