//! Tags: what exceptions are told apart by.
//!
//! In go a type, out comes a handle. Two tags of the same type are different tags.

use super::context::{AsContext, AsContextMut};
use super::store::{assert_store, wrong_store};
use crate::error::Error;
use crate::runtime::StoreId;
use crate::types::{DefinedType, TagAddr, TagType};

/// A tag of a store's: exported by an instance, or made by the host
/// ([spec](https://webassembly.github.io/spec/core/exec/runtime.html#tag-instances)).
///
/// Handles are equal if they name the same tag.
///
/// ```
/// use wapiti::{Engine, FuncType, Store, Tag, TagType, ValType};
///
/// let mut store = Store::new(&Engine::default(), ());
/// let ty = TagType::new(FuncType::new([ValType::I32], []));
/// let tag = Tag::new(&mut store, &ty)?;
/// assert_eq!(tag.ty(&store), ty);
/// assert_ne!(tag, Tag::new(&mut store, &ty)?);
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    store: StoreId,
    addr: TagAddr,
}

impl Tag {
    /// A new tag.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if the type has results, or refers to a [`DefinedType`] that is no more.
    pub fn new(mut store: impl AsContextMut, ty: &TagType) -> Result<Self, Error> {
        let defined = DefinedType::func(&store.as_context_mut().inner.engine, ty.ty().clone())?;
        Self::of_type(store, &defined)
    }

    /// A new tag of a type that a module or the host has defined: see [`Func::of_type`](crate::Func::of_type).
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if `ty` is not a function type, has results, or belongs to another engine.
    pub fn of_type(mut store: impl AsContextMut, ty: &DefinedType) -> Result<Self, Error> {
        let inner = store.as_context_mut().inner;
        ty.check_engine(inner.engine.shared())?;
        if !ty.as_func().ok_or_else(|| ty.is_not("a function"))?.results().is_empty() {
            return Err(Error::usage("the type of a tag has no results"));
        }
        Ok(Self { store: inner.core.id, addr: inner.core.add_tag(ty.clone(), None) })
    }

    /// The tag's type.
    ///
    /// # Panics
    ///
    /// If `store` is not the tag's store.
    pub fn ty(&self, store: impl AsContext) -> TagType {
        let core = &store.as_context().inner.core;
        assert_store(core, self.store, "a tag");
        TagType::new(core.tags[self.addr.index()].ty().clone())
    }

    pub(crate) fn new_unchecked(addr: TagAddr, id: StoreId) -> Self {
        Self { store: id, addr }
    }

    /// The tag's address in the store `id`.
    pub(crate) fn addr(self, id: StoreId) -> Result<TagAddr, Error> {
        if self.store == id { Ok(self.addr) } else { Err(wrong_store("a tag")) }
    }
}
