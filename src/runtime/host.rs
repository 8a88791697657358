//! Functions of the host's, with the type of the store's data erased.
//!
//! In goes a closure that reads its arguments from a window of cells and leaves its results there; out comes an
//! entity that the executor can call. INV-HOST: a closure made for stores with data of type `T` is only ever put
//! into such a store, because it casts the store it is given back to that type.

use alloc::sync::Arc;
use core::ptr::NonNull;

use super::arena::Entity;
use super::store::StoreCore;
use crate::error::Error;
use crate::types::{DefinedType, FuncType, HostFuncAddr, InstanceAddr};

/// A host function as the executor calls it.
pub(crate) type HostFn = dyn Fn(HostCall<'_>) -> Result<(), Error> + Send + Sync;

/// One call of a host function.
pub(crate) struct HostCall<'a> {
    /// The store, exclusively for the duration of the call, with a pointer that covers the embedder's data as well.
    pub(crate) store: NonNull<StoreCore>,
    /// The instance whose code called; `None` if the embedder did.
    pub(crate) caller: Option<InstanceAddr>,
    /// Arguments in, results out; as long as the longer of the two.
    pub(crate) cells: &'a mut [u64],
}

/// A host function in a store.
#[derive(Clone)]
pub(crate) struct HostFunc {
    /// A function type.
    pub(crate) defined: DefinedType,
    pub(crate) call: Arc<HostFn>,
}

impl HostFunc {
    pub(crate) fn ty(&self) -> &FuncType {
        self.defined.as_func().expect("host functions are made with function types")
    }
}

impl Entity for HostFunc {
    type Addr = HostFuncAddr;
}
