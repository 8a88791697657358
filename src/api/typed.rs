//! Functions whose types the Rust compiler knows.
//!
//! In go Rust values and tuples of them, out come cells, and back, without looking at types at run time: they are
//! compared once, when a [`TypedFunc`] is made. The window of a call lies on the native stack.

use alloc::format;
use core::fmt;
use core::marker::PhantomData;

use super::context::AsContextMut;
use super::func::Func;
use super::objects::{ArrayRef, EqRef, I31, StructRef};
use super::refs::{AnyRef, ExternRef};
use super::store::StoreInner;
use crate::error::Error;
use crate::runtime::StoreCore;
use crate::types::{FuncType, RefType, TypeRegistry, V128, ValType};

/// A function with parameters `Params` and results `Results`: one value, or a tuple of up to 16, or `()`.
///
/// Made by [`Func::typed`] and [`Instance::get_typed_func`](crate::Instance::get_typed_func).
///
/// ```
/// use wapiti::{Engine, Instance, Module, Store, TypedFunc};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (func (export "div_rem") (param i32 i32) (result i32 i32)
///       (i32.div_u (local.get 0) (local.get 1))
///       (i32.rem_u (local.get 0) (local.get 1))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let div_rem: TypedFunc<(u32, u32), (u32, u32)> = instance.get_typed_func(&mut store, "div_rem")?;
/// assert_eq!(div_rem.call(&mut store, (17, 5))?, (3, 2));
/// # Ok::<(), wapiti::Error>(())
/// ```
pub struct TypedFunc<Params, Results> {
    /// Its type is that of `Params` and `Results`, or a call can do with these.
    func: Func,
    /// Whether arguments may be of a wrong type: the function's parameters refer to defined types, which Rust's types
    /// do not tell apart.
    checks_arguments: bool,
    types: PhantomData<fn(Params) -> Results>,
}

/// A Rust type that stands for a Wasm type: `i32` and `u32` for `i32`, `i64` and `u64` for `i64`, `f32`, `f64`,
/// [`V128`](crate::V128) for `v128`,
/// `Option<Func>` for `funcref`, `Option<ExternRef>` for `externref`, `Func` and `ExternRef` for the same without null.
///
/// A [`TypedFunc`] takes references where the function has parameters of a supertype, and gives them for results of a
/// subtype. Where a parameter refers to a function of a particular type, calls check that the argument is of that type.
///
/// It cannot be implemented outside of this library.
pub trait WasmTy: Sized + 'static {
    #[doc(hidden)]
    const TYPE: ValType;
    /// How many cells a value takes.
    #[doc(hidden)]
    const CELLS: usize;
    /// Reads a value from the front of `cells`, which belong to the store `core`.
    #[doc(hidden)]
    fn load(cells: &[u64], core: &StoreCore) -> Self;
    /// Writes the value to the front of `cells`. Fails for a reference of another store than `core`.
    #[doc(hidden)]
    fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error>;
}

/// What a [`TypedFunc`] may have as parameters: `()`, a [`WasmTy`], or a tuple of up to 16 of them.
///
/// It cannot be implemented outside of this library.
pub trait WasmParams: Sized + 'static {
    #[doc(hidden)]
    const TYPES: &'static [ValType];
    #[doc(hidden)]
    const CELLS: usize;
    #[doc(hidden)]
    fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error>;
}

/// What a [`TypedFunc`] may have as results: as for [`WasmParams`].
///
/// It cannot be implemented outside of this library.
pub trait WasmResults: WasmParams {
    #[doc(hidden)]
    fn load(cells: &[u64], core: &StoreCore) -> Self;
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    const WINDOW_CELLS: usize = if Params::CELLS > Results::CELLS { Params::CELLS } else { Results::CELLS };

    /// `func` of the store `core`, if it takes `Params` and its results are `Results`.
    pub(crate) fn new(func: Func, core: &StoreCore) -> Result<Self, Error> {
        let ty = core.func_type(func.cell(core)?);
        let registry = &core.engine.types;
        let each = |found: &[ValType], expected: &[ValType], fits: &dyn Fn(ValType, ValType) -> bool| {
            found.len() == expected.len()
                && found.iter().zip(expected).all(|(found, expected)| fits(*found, *expected))
        };
        let takes = |param, given| registry.val_matches(given, param);
        let may_take =
            |param: ValType, given| takes(param, given) || differ_by_definition(registry, param, given);
        let gives = |result, expected| registry.val_matches(result, expected);
        if !each(ty.params(), Params::TYPES, &may_take) || !each(ty.results(), Results::TYPES, &gives) {
            let list = |types: &[ValType]| types.to_vec();
            let expected = FuncType::new(list(Params::TYPES), list(Results::TYPES));
            return Err(Error::usage(format!("type mismatch: expected a function {expected}, found {ty}")));
        }
        let checks_arguments = !each(ty.params(), Params::TYPES, &takes);
        Ok(Self { func, checks_arguments, types: PhantomData })
    }

    /// Calls the function.
    ///
    /// # Errors
    ///
    /// [`Trap`](crate::ErrorKind::Trap) if the guest traps, whatever error a host function returns, and
    /// [`Usage`](crate::ErrorKind::Usage) if the function or a reference among the arguments is of another store.
    #[inline]
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results, Error> {
        let inner = store.as_context_mut().inner;
        // The size of an array cannot be computed from type parameters, so there are three to choose from. The
        // choice is made at compile time.
        match Self::WINDOW_CELLS {
            0..=4 => self.call_in::<4, _>(inner, params),
            5..=8 => self.call_in::<8, _>(inner, params),
            _ => self.call_in::<32, _>(inner, params),
        }
    }

    /// The function without its static type.
    pub fn func(&self) -> &Func {
        &self.func
    }

    #[inline]
    fn call_in<const LEN: usize, T: 'static>(
        &self,
        inner: &mut StoreInner<T>,
        params: Params,
    ) -> Result<Results, Error> {
        let cell = self.func.cell(&inner.core)?;
        let mut window = [0; LEN];
        let cells = &mut window[..Self::WINDOW_CELLS];
        params.store(cells, &inner.core)?;
        if self.checks_arguments {
            check_arguments(&inner.core, cell, cells)?;
        }
        // SAFETY: INV-HANDLE: the function is this store's and of the type that the window was sized and filled by.
        unsafe { inner.invoke(cell, None, cells)? };
        Ok(Results::load(cells, &inner.core))
    }
}

/// Whether a value of type `given` is of type `param` unless the defined type that `param` refers to is against it.
fn differ_by_definition(registry: &TypeRegistry, param: ValType, given: ValType) -> bool {
    let (Some(param), Some(given)) = (param.as_ref(), given.as_ref()) else { return false };
    let may_be_null = param.is_nullable() || !given.is_nullable();
    may_be_null && param.concrete().is_some() && registry.heap_matches(param.heap_type(), given.heap_type())
}

/// Checks references in `cells`, the arguments of the function `func`, against the types of its parameters.
#[cold]
fn check_arguments(core: &StoreCore, func: u64, cells: &[u64]) -> Result<(), Error> {
    let mut position = 0;
    for (number, ty) in core.func_type(func).params().iter().enumerate() {
        if ty.as_ref().is_some_and(|ty| !core.ref_matches(cells[position], ty)) {
            return Err(Error::usage(format!("argument {number}: type mismatch: expected {ty}")));
        }
        position += ty.cells() as usize;
    }
    Ok(())
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

/// Implements [`WasmTy`] for a type, given how one value becomes a cell and back.
macro_rules! wasm_ty {
    ($($ty:ty, $val_type:expr, |$cell:ident, $core:ident| $load:expr, |$value:ident| $store:expr;)*) => {$(
        impl WasmTy for $ty {
            const TYPE: ValType = $val_type;
            const CELLS: usize = 1;

            #[inline]
            fn load(cells: &[u64], $core: &StoreCore) -> Self {
                let $cell = cells[0];
                $load
            }

            #[inline]
            fn store(self, cells: &mut [u64], $core: &StoreCore) -> Result<(), Error> {
                let $value = self;
                cells[0] = $store;
                Ok(())
            }
        }
    )*};
}

wasm_ty! {
    i32, ValType::I32, |cell, _core| cell as i32, |value| u64::from(value as u32);
    u32, ValType::I32, |cell, _core| cell as u32, |value| u64::from(value);
    i64, ValType::I64, |cell, _core| cell as i64, |value| value as u64;
    u64, ValType::I64, |cell, _core| cell, |value| value;
    f32, ValType::F32, |cell, _core| f32::from_bits(cell as u32), |value| u64::from(value.to_bits());
    f64, ValType::F64, |cell, _core| f64::from_bits(cell), |value| value.to_bits();
}

impl WasmTy for V128 {
    const TYPE: ValType = ValType::V128;
    const CELLS: usize = 2;

    #[inline]
    fn load(cells: &[u64], _core: &StoreCore) -> Self {
        Self::from_cells(cells)
    }

    #[inline]
    fn store(self, cells: &mut [u64], _core: &StoreCore) -> Result<(), Error> {
        cells[..2].copy_from_slice(&self.cells());
        Ok(())
    }
}

/// As `wasm_ty`, for references, which know their store.
macro_rules! wasm_ref {
    ($($ty:ty, $ref_type:expr;)*) => {$(
        impl WasmTy for Option<$ty> {
            const TYPE: ValType = ValType::Ref($ref_type);
            const CELLS: usize = 1;

            #[inline]
            fn load(cells: &[u64], core: &StoreCore) -> Self {
                <$ty>::from_cell(cells[0], core)
            }

            #[inline]
            fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
                cells[0] = self.map_or(Ok(0), |value| value.cell(core))?;
                Ok(())
            }
        }

        impl WasmTy for $ty {
            const TYPE: ValType = ValType::Ref($ref_type.as_non_null());
            const CELLS: usize = 1;

            #[inline]
            fn load(cells: &[u64], core: &StoreCore) -> Self {
                <$ty>::from_cell(cells[0], core).expect("validation: the type has no null")
            }

            #[inline]
            fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
                cells[0] = self.cell(core)?;
                Ok(())
            }
        }
    )*};
}

wasm_ref! {
    Func, RefType::FUNCREF;
    ExternRef, RefType::EXTERNREF;
    AnyRef, RefType::ANYREF;
    EqRef, RefType::EQREF;
    I31, RefType::I31REF;
    StructRef, RefType::STRUCTREF;
    ArrayRef, RefType::ARRAYREF;
}

impl<A: WasmTy> WasmParams for A {
    const TYPES: &'static [ValType] = &[A::TYPE];
    const CELLS: usize = <A as WasmTy>::CELLS;

    #[inline]
    fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
        WasmTy::store(self, cells, core)
    }
}

impl<A: WasmTy> WasmResults for A {
    #[inline]
    fn load(cells: &[u64], core: &StoreCore) -> Self {
        WasmTy::load(cells, core)
    }
}

macro_rules! wasm_tuple {
    ($($ty:ident)*) => {
        impl<$($ty: WasmTy),*> WasmParams for ($($ty,)*) {
            const TYPES: &'static [ValType] = &[$($ty::TYPE),*];
            const CELLS: usize = 0 $(+ <$ty as WasmTy>::CELLS)*;

            #[inline]
            #[allow(non_snake_case, reason = "the values are named after their types")]
            #[allow(unused, reason = "the empty tuple has no values")]
            fn store(self, cells: &mut [u64], core: &StoreCore) -> Result<(), Error> {
                let ($($ty,)*) = self;
                // One check of the whole window, so that none is left for its parts.
                let cells = &mut cells[..Self::CELLS];
                let mut position = 0;
                $(
                    WasmTy::store($ty, &mut cells[position..], core)?;
                    position += <$ty as WasmTy>::CELLS;
                )*
                Ok(())
            }
        }

        impl<$($ty: WasmTy),*> WasmResults for ($($ty,)*) {
            #[inline]
            #[allow(non_snake_case, reason = "the values are named after their types")]
            #[allow(unused, clippy::unused_unit, reason = "the empty tuple has no values")]
            fn load(cells: &[u64], core: &StoreCore) -> Self {
                let cells = &cells[..Self::CELLS];
                let mut position = 0;
                $(
                    let $ty = WasmTy::load(&cells[position..], core);
                    position += <$ty as WasmTy>::CELLS;
                )*
                ($($ty,)*)
            }
        }
    };
}

/// Calls a macro for 0 to 16 type names.
macro_rules! for_each_arity {
    ($macro:ident) => {
        $macro!();
        $macro!(A1);
        $macro!(A1 A2);
        $macro!(A1 A2 A3);
        $macro!(A1 A2 A3 A4);
        $macro!(A1 A2 A3 A4 A5);
        $macro!(A1 A2 A3 A4 A5 A6);
        $macro!(A1 A2 A3 A4 A5 A6 A7);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15);
        $macro!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16);
    };
}
pub(super) use for_each_arity;

for_each_arity!(wasm_tuple);
