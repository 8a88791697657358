//! Calls that are executed in portions.
//!
//! In go a function and arguments, then numbers of ops; out come results, or the state in between. Always: a suspended
//! call is resumed in the store it began in only (INV-HANDLE).

use alloc::vec::Vec;
use core::ptr::NonNull;

use super::context::AsContextMut;
use super::func::Func;
use super::store::{StoreInner, check_store};
use super::val::Val;
use crate::error::Error;
use crate::exec::Suspended;
use crate::runtime::{StoreCore, StoreId, TracedOp};
use crate::types::FuncType;

/// A call that is executed so many ops at a time: made by [`Func::start`].
///
/// Between two portions the store can be used for anything else. A call that is never resumed does no harm.
///
/// ```
/// use wapiti::{Engine, Instance, Module, Store, Val};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let add = instance.get_func(&store, "add").unwrap();
///
/// let mut execution = add.start(&mut store, &[Val::I32(2), Val::I32(3)])?;
/// assert_eq!(execution.next_op(&mut store, |op| op.name())?, Some("i32.add"));
/// assert!(execution.resume(&mut store, 1)?.is_none());
/// assert_eq!(execution.next_op(&mut store, |op| (op.name(), op.reads()[0].value))?, Some(("return", Some(5))));
/// let results = execution.resume(&mut store, u64::MAX)?.unwrap();
/// assert_eq!(results[0].unwrap_i32(), 5);
/// assert_eq!(execution.executed(), 2);
/// # Ok::<(), wapiti::Error>(())
/// ```
pub struct Execution {
    store: StoreId,
    ty: FuncType,
    /// None once the call has ended.
    suspended: Option<Suspended>,
    executed: u64,
}

impl Func {
    /// Begins a call without executing any of it, to be executed in portions.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call); also [`Usage`](crate::ErrorKind::Usage) for a function of the host's.
    pub fn start(&self, mut store: impl AsContextMut, params: &[Val]) -> Result<Execution, Error> {
        let inner = store.as_context_mut().inner;
        let id = inner.core.id;
        let cell = self.cell(&inner.core)?;
        let ty = inner.core.func_type(cell).clone();
        let mut cells = alloc::vec![0; ty.link_cell() as usize];
        Val::store_all(params, ty.params(), &mut cells, &inner.core, "argument")?;
        // SAFETY: INV-HANDLE: the function is this store's, the window was sized and filled by its type.
        let suspended = unsafe { Suspended::new(core_of(inner), cell, &cells)? };
        Ok(Execution { store: id, ty, suspended: Some(suspended), executed: 0 })
    }
}

impl Execution {
    /// Executes up to `ops` ops more. `None` if the call has not ended with them, else its results.
    ///
    /// Ops that a host function has the guest execute are not counted, and not interrupted.
    ///
    /// # Errors
    ///
    /// As [`Func::call`], after which the call has ended. [`Usage`](crate::ErrorKind::Usage) if it had ended before, or
    /// began in another store.
    pub fn resume(&mut self, mut store: impl AsContextMut, ops: u64) -> Result<Option<Vec<Val>>, Error> {
        let inner = store.as_context_mut().inner;
        check_store(&inner.core, self.store, "a suspended call")?;
        let suspended = self.suspended.take().ok_or_else(|| Error::usage("the call has ended"))?;
        let _run = if inner.core.host_nesting == 0 { inner.core.interrupt.run() } else { None };
        let mut cells = alloc::vec![0; self.ty.link_cell() as usize];
        let mut left = ops;
        // SAFETY: INV-HANDLE: the call is this store's, the window was sized by its type, and `inner` holds the store
        // exclusively.
        let outcome = unsafe { suspended.resume(core_of(inner), &mut left, &mut cells) };
        self.executed += ops - left;
        self.suspended = outcome?;
        match self.suspended {
            Some(_) => Ok(None),
            None => {
                inner.core.pin_exceptions(self.ty.results(), &cells);
                Ok(Some(Val::load_all(self.ty.results(), &cells, &inner.core).collect()))
            }
        }
    }

    /// Shows the op that is to be executed next to `look`. `None` if the call has ended.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if the call began in another store.
    pub fn next_op<R>(
        &mut self,
        mut store: impl AsContextMut,
        look: impl FnOnce(&TracedOp<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        let inner = store.as_context_mut().inner;
        check_store(&inner.core, self.store, "a suspended call")?;
        let Some(suspended) = self.suspended.take() else { return Ok(None) };
        // SAFETY: INV-HANDLE: as in `resume`.
        let (suspended, result) = unsafe { suspended.look(core_of(inner), look) };
        self.suspended = Some(suspended);
        Ok(Some(result))
    }

    /// How many ops have been executed, one that failed included.
    pub fn executed(&self) -> u64 {
        self.executed
    }
}

/// The store as the executor knows it, with a pointer to the whole of it (INV-HOST).
fn core_of<T: 'static>(inner: &mut StoreInner<T>) -> NonNull<StoreCore> {
    NonNull::from(inner).cast()
}
