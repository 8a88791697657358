//! What types need an engine for: defining them, and telling which are subtypes of others.
//!
//! In go types that may refer to defined ones, out come handles to defined types and answers. Always: a handle that has
//! outlived its type is an error, or matches nothing but itself.

use alloc::format;

use super::engine::Engine;
use crate::error::Error;
use crate::runtime::EngineShared;
use crate::types::{
    ArrayType, CompositeType, ConcreteType, DefinedType, FuncType, HeapType, RefType, StructType, ValType,
};

impl DefinedType {
    /// A function type as a type of its own, final and without supertypes.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if it refers to a defined type that is no more.
    pub fn func(engine: &Engine, ty: FuncType) -> Result<Self, Error> {
        Self::new(engine, CompositeType::Func(ty))
    }

    /// A structure type as a type of its own, final and without supertypes.
    ///
    /// # Errors
    ///
    /// As [`func`](Self::func).
    pub fn structure(engine: &Engine, ty: StructType) -> Result<Self, Error> {
        Self::new(engine, CompositeType::Struct(ty))
    }

    /// An array type as a type of its own, final and without supertypes.
    ///
    /// # Errors
    ///
    /// As [`func`](Self::func).
    pub fn array(engine: &Engine, ty: ArrayType) -> Result<Self, Error> {
        Self::new(engine, CompositeType::Array(ty))
    }

    fn new(engine: &Engine, composite: CompositeType) -> Result<Self, Error> {
        let text = || format!("{composite} refers to a type that no longer exists");
        let defined = engine.shared().types.define_final(composite.clone());
        let defined = defined.ok_or_else(|| Error::usage(text()))?;
        engine.shared().keep_types(core::slice::from_ref(&defined));
        Ok(defined)
    }

    /// Fails if the type belongs to another engine than `engine`: types are known by their engine's numbers.
    pub(super) fn check_engine(&self, engine: &EngineShared) -> Result<(), Error> {
        let text = "a type was used with another engine than its own";
        if self.is_in(&engine.types) { Ok(()) } else { Err(Error::usage(text)) }
    }

    /// The error that the type is not of a kind, which is given with its article.
    pub(super) fn is_not(&self, kind: &str) -> Error {
        Error::usage(format!("type mismatch: expected {kind} type, found {}", self.composite()))
    }

    /// The type that a handle is for, if it still exists.
    pub fn resolve(engine: &Engine, ty: ConcreteType) -> Option<Self> {
        engine.shared().types.resolve(ty)
    }
}

impl ValType {
    /// Whether every value of this type is one of type `other`
    /// ([spec](https://webassembly.github.io/spec/core/valid/matching.html#value-types)).
    pub fn matches(self, engine: &Engine, other: Self) -> bool {
        engine.shared().types.val_matches(self, other)
    }
}

impl RefType {
    /// Whether every reference of this type is one of type `other`
    /// ([spec](https://webassembly.github.io/spec/core/valid/matching.html#reference-types)).
    ///
    /// ```
    /// use wapiti::{Engine, HeapType, RefType};
    ///
    /// let engine = Engine::default();
    /// let not_null = RefType::new(false, HeapType::Func);
    /// assert!(not_null.matches(&engine, RefType::FUNCREF) && !RefType::FUNCREF.matches(&engine, not_null));
    /// ```
    pub fn matches(self, engine: &Engine, other: Self) -> bool {
        engine.shared().types.ref_matches(self, other)
    }
}

impl HeapType {
    /// Whether this is `other` or below it in the hierarchy
    /// ([spec](https://webassembly.github.io/spec/core/valid/matching.html#heap-types)).
    pub fn matches(self, engine: &Engine, other: Self) -> bool {
        engine.shared().types.heap_matches(self, other)
    }
}
