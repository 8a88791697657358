//! Rust closures as host functions.
//!
//! In goes a closure with a Wasm-compatible signature, out comes a definition that reads its arguments straight
//! from the window of the call and writes its results back there. The type comes from the signature.

use super::caller::Caller;
use super::engine::Engine;
use super::host_def::HostDef;
use super::typed::{WasmParams, WasmResults, WasmTy, for_each_arity};
use crate::error::Error;
use crate::runtime::StoreCore;
use crate::types::{DefinedType, FuncType, ValType};

/// A closure or function that can be a host function of stores with data of type `T`.
///
/// Its parameters are up to 16 [`WasmTy`]s, which a [`Caller`] may come before. It returns what [`WasmRet`] says.
/// `Params` and `Results` only help the compiler to tell the implementations apart.
///
/// It cannot be implemented outside of this library.
pub trait IntoFunc<T: 'static, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_host_def(self, engine: &Engine) -> HostDef<T>;
}

/// What a host function may return: `()`, a [`WasmTy`], a tuple of up to 16 of them, or a `Result` of one of these
/// with this library's [`Error`].
///
/// It cannot be implemented outside of this library.
pub trait WasmRet: Sized + 'static {
    #[doc(hidden)]
    const TYPES: &'static [ValType];
    #[doc(hidden)]
    const CELLS: usize;
    #[doc(hidden)]
    fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error>;
}

impl<R: WasmResults> WasmRet for R {
    const TYPES: &'static [ValType] = <R as WasmParams>::TYPES;
    const CELLS: usize = <R as WasmParams>::CELLS;

    #[inline]
    fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
        WasmParams::store(self, cells, core)
    }
}

impl<R: WasmResults> WasmRet for Result<R, Error> {
    const TYPES: &'static [ValType] = <R as WasmParams>::TYPES;
    const CELLS: usize = <R as WasmParams>::CELLS;

    #[inline]
    fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
        WasmParams::store(self?, cells, core)
    }
}

/// A host function that finds `Params` in its window and leaves `R` there.
fn host_def<T: 'static, Params: WasmResults, R: WasmRet>(
    engine: &Engine,
    call: impl Fn(Caller<'_, T>, Params) -> R + Send + Sync + 'static,
) -> HostDef<T> {
    let defined = defined_type(engine, <Params as WasmParams>::TYPES, R::TYPES);
    HostDef::new(defined, move |mut caller, cells| {
        let params = Params::load(cells, caller.core());
        call(caller.reborrow(), params).store(cells, caller.core())
    })
}

/// The type of a host function. Apart from [`host_def`], which is compiled for every closure, so that this is compiled once.
fn defined_type(engine: &Engine, params: &[ValType], results: &[ValType]) -> DefinedType {
    let ty = FuncType::of_slices(params, results, |ty| ty);
    DefinedType::func(engine, ty).expect("types that Rust knows refer to no defined ones")
}

macro_rules! into_func {
    ($($arg:ident)*) => {
        impl<T, F, R, $($arg),*> IntoFunc<T, ($($arg,)*), R> for F
        where
            T: 'static,
            F: Fn($($arg),*) -> R + Send + Sync + 'static,
            R: WasmRet,
            $($arg: WasmTy,)*
        {
            #[allow(non_snake_case, reason = "the values are named after their types")]
            fn into_host_def(self, engine: &Engine) -> HostDef<T> {
                host_def(engine, move |_caller, ($($arg,)*): ($($arg,)*)| self($($arg),*))
            }
        }

        impl<T, F, R, $($arg),*> IntoFunc<T, (Caller<'_, T>, $($arg,)*), R> for F
        where
            T: 'static,
            F: Fn(Caller<'_, T>, $($arg),*) -> R + Send + Sync + 'static,
            R: WasmRet,
            $($arg: WasmTy,)*
        {
            #[allow(non_snake_case, reason = "the values are named after their types")]
            fn into_host_def(self, engine: &Engine) -> HostDef<T> {
                host_def(engine, move |caller: Caller<'_, T>, ($($arg,)*): ($($arg,)*)| self(caller, $($arg),*))
            }
        }
    };
}

for_each_arity!(into_func);
