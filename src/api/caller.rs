//! What a host function is given of its surroundings: the store, and the instance that called.
//!
//! In goes the executor's call, out comes a context. It lives as long as the call, during which nothing else uses
//! the store.

use core::fmt;
use core::ops::{Deref, DerefMut};

use super::context::{AsContext, AsContextMut, StoreContext, StoreContextMut};
use super::engine::Engine;
use super::extern_item::Extern;
use super::store::StoreInner;
use crate::error::Trap;
use crate::runtime::StoreCore;
use crate::types::InstanceAddr;

/// The store and the calling instance, as the first parameter of a host function.
///
/// ```
/// use wapiti::{Caller, Engine, Error, Linker};
///
/// let mut linker = Linker::<Vec<u8>>::new(&Engine::default());
/// // Copies bytes that the guest points at to the store's data.
/// linker.func_wrap("host", "write", |mut caller: Caller<'_, Vec<u8>>, ptr: u32, len: u32| {
///     let memory = caller.get_export("memory").and_then(|export| export.into_memory());
///     let memory = memory.ok_or_else(|| Error::msg("the guest exports no memory"))?;
///     let (bytes, output) = memory.data_and_store_mut(&mut caller);
///     let range = ptr as usize..ptr as usize + len as usize;
///     output.extend_from_slice(bytes.get(range).ok_or_else(|| Error::msg("out of bounds"))?);
///     Ok(())
/// })?;
/// # Ok::<(), wapiti::Error>(())
/// ```
pub struct Caller<'a, T: 'static> {
    context: StoreContextMut<'a, T>,
    instance: Option<InstanceAddr>,
}

impl<'a, T: 'static> Caller<'a, T> {
    pub(crate) fn new(inner: &'a mut StoreInner<T>, instance: Option<InstanceAddr>) -> Self {
        Self { context: StoreContextMut { inner }, instance }
    }

    /// What the calling instance exports as `name`. `None` as well if the embedder called, not an instance.
    pub fn get_export(&mut self, name: &str) -> Option<Extern> {
        let core = &self.context.inner.core;
        let item = core.instances[self.instance?].export(name)?;
        Some(Extern::new(core, item))
    }

    /// The embedder's data.
    pub fn data(&self) -> &T {
        &self.context.inner.data
    }

    /// The embedder's data.
    pub fn data_mut(&mut self) -> &mut T {
        &mut self.context.inner.data
    }

    /// The store's engine.
    pub fn engine(&self) -> &Engine {
        &self.context.inner.engine
    }

    /// Traps if somebody has asked the store to stop. For host functions that take long: an interrupt alone reaches the
    /// guest only when they return.
    ///
    /// # Errors
    ///
    /// [`Trap::Interrupted`], once a request. The host function returns it as its own error.
    ///
    /// ```
    /// use wapiti::{Caller, Engine, Linker};
    ///
    /// let mut linker = Linker::<()>::new(&Engine::default());
    /// linker.func_wrap("host", "search", |mut caller: Caller<'_, ()>| {
    ///     for _ in 0..1000 {
    ///         // ... one step of a long search
    ///         caller.check_interrupt()?;
    ///     }
    ///     Ok::<(), wapiti::Error>(())
    /// })?;
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn check_interrupt(&mut self) -> Result<(), Trap> {
        if self.context.inner.core.interrupt.take() { Err(Trap::Interrupted) } else { Ok(()) }
    }

    /// The same for a part of the call.
    pub(crate) fn reborrow(&mut self) -> Caller<'_, T> {
        Caller::new(self.context.inner, self.instance)
    }

    pub(crate) fn core(&self) -> &StoreCore {
        &self.context.inner.core
    }
}

impl<'a, T: 'static> Deref for Caller<'a, T> {
    type Target = StoreContextMut<'a, T>;

    fn deref(&self) -> &Self::Target {
        &self.context
    }
}

impl<T: 'static> DerefMut for Caller<'_, T> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.context
    }
}

impl<T: 'static> AsContext for Caller<'_, T> {
    type Data = T;

    fn as_context(&self) -> StoreContext<'_, T> {
        self.context.as_context()
    }
}

impl<T: 'static> AsContextMut for Caller<'_, T> {
    fn as_context_mut(&mut self) -> StoreContextMut<'_, T> {
        self.context.as_context_mut()
    }
}

impl<T: 'static> fmt::Debug for Caller<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("instance", &self.instance).finish_non_exhaustive()
    }
}
