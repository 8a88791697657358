//! Where a store keeps its entities: one heap allocation each, found by address or by pointer.
//!
//! In go entities, out come addresses (small newtypes) and pointers. INV-ARENA: an entity never moves and lives
//! until its store is dropped, so a pointer to it stays valid for the store's whole life. Whoever holds the store
//! exclusively holds every entity exclusively; references made from pointers never outlive that.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::{Index, IndexMut};
use core::ptr::NonNull;

use crate::types::{HostFuncAddr, InstanceAddr, MemoryAddr, TableAddr};

/// Something that a store keeps in an [`Arena`].
pub(crate) trait Entity {
    /// The newtype that names one of them within its store.
    type Addr: Address;
}

/// A store address: a position in an arena.
pub(crate) trait Address: Copy {
    /// The address of the entity at `position`.
    fn from_position(position: usize) -> Self;
    /// The entity's position.
    fn position(self) -> usize;
}

macro_rules! addresses {
    ($($name:ident),*) => {$(
        impl Address for $name {
            fn from_position(position: usize) -> Self {
                Self::from(position)
            }

            fn position(self) -> usize {
                self.index()
            }
        }
    )*};
}

addresses!(InstanceAddr, MemoryAddr, TableAddr, HostFuncAddr);

/// All entities of one kind in a store.
pub(crate) struct Arena<T: Entity> {
    /// Made by `Box::into_raw`, freed by `drop` below and nowhere else.
    items: Vec<NonNull<T>>,
    owns: PhantomData<Box<T>>,
}

// SAFETY: INV-ARENA: the arena owns its entities, as a `Vec<Box<T>>` would; the pointers are shared with nothing
// that another thread could use while this arena is used here.
unsafe impl<T: Entity + Send> Send for Arena<T> {}
// SAFETY: INV-ARENA: through `&Arena` one gets `&T` and plain pointers, as through a `&Vec<Box<T>>`.
unsafe impl<T: Entity + Sync> Sync for Arena<T> {}

impl<T: Entity> Arena<T> {
    pub(crate) fn new() -> Self {
        Self { items: Vec::new(), owns: PhantomData }
    }

    /// Takes in `entity` for the rest of the store's life.
    pub(crate) fn alloc(&mut self, entity: T) -> T::Addr {
        let addr = self.next_addr();
        self.items.push(NonNull::from(Box::leak(Box::new(entity))));
        addr
    }

    /// The address that the next [`alloc`](Self::alloc) will return.
    pub(crate) fn next_addr(&self) -> T::Addr {
        T::Addr::from_position(self.items.len())
    }

    /// All entities, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        // SAFETY: INV-ARENA: as in `index`.
        self.items.iter().map(|item| unsafe { item.as_ref() })
    }

    /// The entity as a pointer, valid for the store's life. Panics if there is no such entity.
    pub(crate) fn ptr(&self, addr: T::Addr) -> NonNull<T> {
        self.items[addr.position()]
    }
}

impl<T: Entity> Index<T::Addr> for Arena<T> {
    type Output = T;

    fn index(&self, addr: T::Addr) -> &T {
        // SAFETY: INV-ARENA: the entity is alive, and while `self` is borrowed nobody has it mutably.
        unsafe { self.ptr(addr).as_ref() }
    }
}

impl<T: Entity> IndexMut<T::Addr> for Arena<T> {
    fn index_mut(&mut self, addr: T::Addr) -> &mut T {
        // SAFETY: INV-ARENA: the entity is alive, and a mutable borrow of the arena excludes every other access.
        unsafe { self.ptr(addr).as_mut() }
    }
}

impl<T: Entity> Drop for Arena<T> {
    fn drop(&mut self) {
        for item in self.items.drain(..) {
            // SAFETY: INV-ARENA: `alloc` leaked this box, `drain` yields it once, and the store is going away.
            drop(unsafe { Box::from_raw(item.as_ptr()) });
        }
    }
}
