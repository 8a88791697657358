//! The store: all entities, and the embedder's data beside them.
//!
//! In go an engine and a value of the embedder's; out come contexts through which everything else reaches the
//! store. Always: the entities are the first field of [`StoreInner`], so that host functions get from the pointer
//! that the executor knows back to the data (INV-HOST), and that pointer covers the whole of it.

use alloc::boxed::Box;
use alloc::format;
use alloc::sync::Arc;
use core::fmt;
use core::ptr::NonNull;

use super::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use super::engine::Engine;
use crate::error::Error;
use crate::exec;
use crate::runtime::{Counter, HeapStats, InterruptState, OpCounts, Sampler, StoreCore, StoreId, Tracer};
use crate::types::{InstanceAddr, ValType};

/// Everything that a set of instances consists of, and data of the embedder's that host functions can reach.
///
/// All instances, functions, memories, tables and globals live in a store, and until it is dropped; the embedder
/// holds small `Copy` handles to them. A handle used with another store than its own is an error where a `Result`
/// is returned and a panic elsewhere.
///
/// A store is used by one thread at a time, and may move between threads if its data may.
///
/// ```
/// use wapiti::{Caller, Engine, Linker, Module, Store};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module
///       (import "host" "add" (func $add (param i32)))
///       (func (export "run") (call $add (i32.const 40)) (call $add (i32.const 2))))
/// "#)?;
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "add", |mut caller: Caller<'_, i32>, n: i32| *caller.data_mut() += n)?;
///
/// let mut store = Store::new(&engine, 0);
/// let instance = linker.instantiate(&mut store, &module)?;
/// instance.get_typed_func::<(), ()>(&mut store, "run")?.call(&mut store, ())?;
/// assert_eq!(*store.data(), 42);
/// # Ok::<(), wapiti::Error>(())
/// ```
pub struct Store<T: 'static> {
    inner: Box<StoreInner<T>>,
}

/// What a store consists of. The executor knows only `core`.
#[repr(C)]
pub(crate) struct StoreInner<T: 'static> {
    pub(crate) core: StoreCore,
    pub(crate) engine: Engine,
    pub(crate) data: T,
}

const _: () = assert!(core::mem::offset_of!(StoreInner<u128>, core) == 0);

/// Stops what runs in a store, from another thread. Made by [`Store::interrupt_handle`].
#[derive(Clone)]
pub struct InterruptHandle {
    state: Arc<InterruptState>,
}

impl<T: 'static> Store<T> {
    /// An empty store with the embedder's `data`.
    pub fn new(engine: &Engine, data: T) -> Self {
        let core = StoreCore::new(engine.shared());
        Self { inner: Box::new(StoreInner { core, engine: engine.clone(), data }) }
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.inner.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.inner.data
    }

    /// Drops all entities and returns the embedder's data.
    pub fn into_data(self) -> T {
        self.inner.data
    }

    /// The engine that the store was made with.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Has `tracer` watch every op of guest code that runs in this store from now on, start functions included; `None`
    /// ends that. Returns the one that has watched until now.
    ///
    /// A call from the host that is under way goes on as it began: watched, or not.
    pub fn set_tracer(&mut self, tracer: Option<Box<dyn Tracer>>) -> Option<Box<dyn Tracer>> {
        core::mem::replace(&mut self.inner.core.tracer, tracer)
    }

    /// Counts every op that is executed in this store from now on; `false` ends that and forgets the counts. Begun anew,
    /// counting begins at 0.
    ///
    /// Calls that are counted run in a loop of their own, many times slower than the others; they are as fast as ever.
    /// The ops are the same and so are the results. Calls in portions ([`Func::start`](crate::Func::start)) and those
    /// that a [`Tracer`] watches are not counted, nor are calls that are under way.
    ///
    /// ```
    /// use wapiti::{Engine, Instance, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module (func (export "count") (param $n i32)
    ///       (loop $next
    ///         (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let count = instance.get_typed_func::<i32, ()>(&mut store, "count")?;
    /// store.count_ops(true);
    /// count.call(&mut store, 10)?;
    /// let counts = store.op_counts();
    /// // Ten times an addition and a branch, and the return.
    /// assert_eq!(counts.ops(), 21);
    /// assert!(counts.dispatches() <= 21);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn count_ops(&mut self, enable: bool) {
        self.inner.core.counter = enable.then(|| Box::new(Counter::new()));
    }

    /// What has been executed since [`count_ops`](Self::count_ops); nothing if it has not been called.
    pub fn op_counts(&self) -> OpCounts {
        self.inner.core.counter.as_ref().map(|counter| counter.report()).unwrap_or_default()
    }

    /// Has `sampler` shown where the guest is whenever [`InterruptHandle::sample`] asks; `None` ends that.
    ///
    /// It is called on the store's own thread, between two ops, and the guest goes on afterwards.
    pub fn set_sampler(&mut self, sampler: Option<Sampler>) {
        self.inner.core.sampler = sampler;
    }

    /// Frees structures, arrays and values of the host's that nothing refers to any more.
    ///
    /// There is no need to: it happens by itself when a guest has made enough new objects. What the guest can still reach
    /// stays, and so does everything that the host has a handle to.
    ///
    /// ```
    /// use wapiti::{Engine, Instance, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///       (type $pair (struct (field i64 i64)))
    ///       (global $kept (mut (ref null $pair)) (ref.null $pair))
    ///       (func (export "make") (global.set $kept (struct.new_default $pair))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let make = Instance::new(&mut store, &module, &[])?.get_typed_func::<(), ()>(&mut store, "make")?;
    /// for _ in 0..10 {
    ///     make.call(&mut store, ())?;
    /// }
    /// store.gc();
    /// assert_eq!(store.gc_heap_stats().live_bytes(), 24);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn gc(&mut self) {
        self.inner.core.collect();
    }

    /// Calls `body`, at whose end handles to references that were made in it are good no more, so that what they refer to
    /// can be collected. A call of a host function is such a scope by itself.
    ///
    /// ```
    /// use wapiti::{Engine, ExternRef, Store};
    ///
    /// let mut store = Store::new(&Engine::default(), ());
    /// let (lost, kept) = store.root_scope(|store| {
    ///     let [lost, kept] = [1, 2].map(|value: i32| ExternRef::new(&mut *store, value));
    ///     (lost, kept.to_owned_ref(&*store))
    /// });
    /// store.gc();
    /// assert!(lost.to_owned_ref(&store).is_err());
    /// let kept = kept?.to_ref(&mut store)?;
    /// assert_eq!(kept.data(&store).downcast_ref(), Some(&2));
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn root_scope<R>(&mut self, body: impl FnOnce(&mut Self) -> R) -> R {
        let scope = self.inner.core.roots.begin_scope();
        let result = body(self);
        self.inner.core.roots.end_scope(scope);
        result
    }

    /// How large the heap of structures and arrays is.
    pub fn gc_heap_stats(&self) -> HeapStats {
        self.inner.core.heap_stats()
    }

    /// A handle that stops what runs in this store. It may be used from any thread, and outlive the store.
    ///
    /// Once there is a handle, every call from the host says when it begins and ends; code that runs does no more than
    /// before. Between a request and the trap, other stores that run the same modules are slowed down.
    ///
    /// ```
    /// use wapiti::{Engine, Instance, Module, Store, Trap};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (func (export "spin") (loop (br 0))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let spin = instance.get_typed_func::<(), ()>(&mut store, "spin")?;
    ///
    /// let handle = store.interrupt_handle();
    /// let watchdog = std::thread::spawn(move || {
    ///     std::thread::sleep(std::time::Duration::from_millis(10));
    ///     handle.interrupt();
    /// });
    /// let error = spin.call(&mut store, ()).unwrap_err();
    /// assert_eq!(error.trap(), Some(Trap::Interrupted));
    /// # watchdog.join().unwrap();
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn interrupt_handle(&self) -> InterruptHandle {
        let state = &self.inner.core.interrupt;
        state.add_handle();
        InterruptHandle { state: Arc::clone(state) }
    }
}

impl InterruptHandle {
    /// Makes the guest code that runs in the store trap with
    /// [`Trap::Interrupted`](crate::Trap::Interrupted), soon. If none runs, the next call into the guest does; several
    /// requests until then count as one.
    ///
    /// A host function that is running is not stopped, only the guest code that it returns to.
    pub fn interrupt(&self) {
        self.state.request();
    }
}

impl InterruptHandle {
    /// Shows the store's sampler ([`Store::set_sampler`]) where the guest is, soon: when it next enters a function or
    /// comes to the head of a loop. If no guest code runs, that is in the next call; several requests until then count as
    /// one. Time spent in a host function thus counts for what the guest does next.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use wapiti::{Engine, Instance, Module, Store};
    ///
    /// let engine = Engine::default();
    /// let module = Module::new(&engine, r#"(module (func $work (export "work")))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let work = instance.get_typed_func::<(), ()>(&mut store, "work")?;
    ///
    /// let seen = Arc::new(Mutex::new(Vec::new()));
    /// let list = Arc::clone(&seen);
    /// store.set_sampler(Some(Box::new(move |backtrace| {
    ///     list.lock().unwrap().push(backtrace.frames()[0].func_name().map(str::to_owned));
    /// })));
    /// store.interrupt_handle().sample();
    /// work.call(&mut store, ())?;
    /// work.call(&mut store, ())?;
    /// assert_eq!(*seen.lock().unwrap(), [Some("work".to_owned())]);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn sample(&self) {
        self.state.request_sample();
    }
}

impl<T: 'static> StoreInner<T> {
    /// The whole store of which the executor knows `core`.
    ///
    /// # Safety
    ///
    /// `core` must be a pointer that [`invoke`](Self::invoke) gave to the executor, on a store with data of type
    /// `T` (INV-HOST), and for as long as `'a` nothing else may use that store.
    pub(crate) unsafe fn from_core<'a>(core: NonNull<StoreCore>) -> &'a mut Self {
        // SAFETY: INV-HOST: `core` is the first field, and the pointer was made from the whole of `StoreInner<T>`.
        unsafe { core.cast::<Self>().as_mut() }
    }

    /// Calls the function that `cell` refers to: arguments in, results out. `caller` is the instance that it is the start
    /// function of, if any.
    ///
    /// # Safety
    ///
    /// `cell` must be a function reference of this store's, not null, and `cells` as long as the longer of its
    /// arguments and its results (INV-HANDLE). The arguments must have the function's parameter types.
    pub(crate) unsafe fn invoke(
        &mut self,
        cell: u64,
        caller: Option<InstanceAddr>,
        cells: &mut [u64],
    ) -> Result<(), Error> {
        debug_assert!(
            cells.len() >= self.core.func_type(cell).link_cell() as usize,
            "INV-HANDLE: the window holds arguments and results"
        );
        // A call from a host function is part of the run that called that function.
        let _run = if self.core.host_nesting == 0 { self.core.interrupt.run() } else { None };
        let core = NonNull::from(&mut *self).cast::<StoreCore>();
        // SAFETY: INV-HANDLE: the caller vouches for function and window, and `self` holds the store exclusively.
        unsafe { exec::call(core, cell, caller, cells) }
    }
}

/// Compares a handle's store with the one it is used with (INV-HANDLE), for functions that return a `Result`.
pub(crate) fn check_store(core: &StoreCore, id: StoreId, what: &str) -> Result<(), Error> {
    if core.id == id { Ok(()) } else { Err(wrong_store(what)) }
}

/// As [`check_store`], for functions that have no other way to fail than a panic.
#[track_caller]
pub(crate) fn assert_store(core: &StoreCore, id: StoreId, what: &str) {
    assert!(core.id == id, "{what} was used with a store that it does not belong to");
}

/// Keeps a type alive as long as the store, if it refers to a defined one.
pub(crate) fn retain(core: &mut StoreCore, ty: ValType) -> Result<(), Error> {
    core.retain_type(ty).ok_or_else(|| Error::usage(format!("{ty} refers to a type that no longer exists")))
}

#[cold]
pub(crate) fn wrong_store(what: &str) -> Error {
    Error::usage(format!("{what} was used with a store that it does not belong to"))
}

impl<T: 'static> AsContext for Store<T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        StoreContext { inner: &self.inner }
    }
}

impl<T: 'static> AsContextMut for Store<T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        StoreContextMut { inner: &mut self.inner }
    }
}

impl<T: Default> Default for Store<T> {
    /// A store with default data, of an engine of its own.
    fn default() -> Self {
        Self::new(&Engine::default(), T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Store<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("data", self.data()).finish_non_exhaustive()
    }
}

impl fmt::Debug for InterruptHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InterruptHandle").finish_non_exhaustive()
    }
}

/// What threads may share and what they may only hand over.
const _: () = {
    const fn assert_send<T: Send>() {}
    const fn assert_sync<T: Sync>() {}
    assert_send::<Store<u32>>();
    assert_send::<Store<core::cell::Cell<u32>>>();
    assert_send::<InterruptHandle>();
    assert_sync::<InterruptHandle>();
    assert_send::<Engine>();
    assert_sync::<Engine>();
    assert_send::<crate::api::Module>();
    assert_sync::<crate::api::Module>();
    assert_send::<crate::api::Linker<core::cell::Cell<u32>>>();
    assert_sync::<crate::api::Linker<core::cell::Cell<u32>>>();
    assert_send::<crate::api::InstancePre<core::cell::Cell<u32>>>();
    assert_sync::<crate::api::InstancePre<core::cell::Cell<u32>>>();
    assert_send::<crate::api::TypedFunc<i32, i32>>();
    assert_sync::<crate::api::TypedFunc<i32, i32>>();
    assert_send::<crate::api::Val>();
    assert_sync::<crate::api::Val>();
    assert_send::<crate::api::Extern>();
    assert_sync::<crate::api::Extern>();
    assert_send::<Error>();
    assert_sync::<Error>();
};
