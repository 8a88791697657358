//! Tags and exceptions of a store.
//!
//! An exception is immutable: a tag and the values that go with it. One that is caught where it is thrown from never
//! becomes an object at all, its values move from frame to frame. Objects are made when somebody wants a reference, or
//! when the exception leaves for the host as an error; references in cells are numbers. What can no longer be reached is
//! found by a collection, together with the objects of the guest ([`super::objects`]): either may refer to the other.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::code::CompiledModule;
use super::store::{StoreCore, StoreId};
use crate::decode::info::ExternIdx;
use crate::error::{ExceptionData, ThrownException};
use crate::isa::object::TAG_EXCEPTION;
use crate::types::{DefinedType, FuncType, HeapType, TagAddr, TagIdx, ValType};

/// A tag of a store's: its identity is its address.
pub(crate) struct TagEntity {
    /// A function type, whose parameters an exception carries.
    pub(crate) defined: DefinedType,
    /// The module that defines it, and its index there; `None` for one of the host's.
    pub(crate) origin: Option<(Arc<CompiledModule>, TagIdx)>,
}

impl TagEntity {
    pub(crate) fn ty(&self) -> &FuncType {
        self.defined.as_func().expect("tags are made with function types")
    }
}

/// What has been thrown.
#[derive(Debug)]
pub(crate) struct Exception {
    pub(crate) tag: TagAddr,
    /// As the tag's type says.
    pub(crate) payload: Box<[u64]>,
    /// The slot that it is in, or [`NOWHERE`]. It has one at most, so that whoever else shares it is the host.
    position: AtomicU32,
}

/// The position of what has no slot.
const NOWHERE: u32 = u32::MAX;

impl Exception {
    pub(crate) fn new(tag: TagAddr, payload: Box<[u64]>) -> Self {
        Self { tag, payload, position: AtomicU32::new(NOWHERE) }
    }
}

/// All exceptions of a store that somebody refers to.
pub(crate) struct Exceptions {
    slots: Vec<Slot>,
    /// Numbers of slots without an exception.
    free: Vec<u32>,
    /// Marked, but not yet what their payloads refer to.
    pending: Vec<usize>,
    /// Exceptions that there may be before the next collection.
    limit: usize,
}

#[derive(Default)]
struct Slot {
    exception: Option<Arc<Exception>>,
    /// Whether the host has a handle, which may be used as long as the store lives.
    is_pinned: AtomicBool,
    is_marked: bool,
}

/// What every reference has beside its position. Cells that hold something else are unlikely to look like one, and no
/// other reference does: see [`crate::isa::object`].
const REFERENCE: u64 = 0x9C3E_58D1 << 32 | TAG_EXCEPTION;

/// The bits of a reference that are its position.
const POSITION: u64 = !7_u32 as u64;

fn reference_to(position: u32) -> u64 {
    REFERENCE | u64::from(position) << 3
}

/// Exceptions that are always allowed before a collection.
const MIN_LIMIT: usize = 1024;

impl Exceptions {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), pending: Vec::new(), limit: MIN_LIMIT }
    }

    /// True if nobody can have a reference.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    /// Whether it is time for a collection.
    fn is_full(&self) -> bool {
        self.slots.len() - self.free.len() >= self.limit
    }

    /// Takes in an exception, if it is not there yet; returns the cell of a reference to it.
    fn add(&mut self, exception: Arc<Exception>) -> u64 {
        // Relaxed: only whoever holds the store exclusively looks at it.
        let position = exception.position.load(Ordering::Relaxed);
        if position != NOWHERE {
            return reference_to(position);
        }
        let shared = Arc::clone(&exception);
        let slot = Slot { exception: Some(exception), ..Slot::default() };
        let position = match self.free.pop() {
            Some(position) => {
                self.slots[position as usize] = slot;
                position
            }
            None => {
                let position = u32::try_from(self.slots.len()).ok().filter(|position| *position < 1 << 29);
                self.slots.push(slot);
                position.expect("so many exceptions take more memory than there is")
            }
        };
        shared.position.store(position, Ordering::Relaxed);
        reference_to(position)
    }

    /// What `cell` refers to; `None` for null.
    pub(crate) fn get(&self, cell: u64) -> Option<&Arc<Exception>> {
        if cell == 0 {
            return None;
        }
        let exception = self.position(cell).and_then(|position| self.slots[position].exception.as_ref());
        Some(exception.expect("a reference that can be reached keeps its exception"))
    }

    /// Keeps what `cell` refers to as long as the store lives, because the host has a handle.
    pub(crate) fn pin(&self, cell: u64) {
        if let Some(position) = self.position(cell) {
            // Relaxed: the flag is read by whoever holds the store exclusively.
            self.slots[position].is_pinned.store(true, Ordering::Relaxed);
        }
    }

    /// The slot that `cell` names, if it is a reference; it may be anything.
    fn position(&self, cell: u64) -> Option<usize> {
        let position = (cell as u32 >> 3) as usize;
        let is_reference = cell & !POSITION == REFERENCE && position < self.slots.len();
        is_reference.then_some(position)
    }

    /// Marks what the host holds: exceptions with handles, and errors under way, which share theirs. None of these is
    /// dropped, so that an exception that is alive stays in its slot.
    pub(crate) fn begin_marking(&mut self) {
        for position in 0..self.slots.len() {
            let slot = &self.slots[position];
            if slot.is_pinned.load(Ordering::Relaxed)
                || slot.exception.as_ref().is_some_and(|shared| Arc::strong_count(shared) > 1)
            {
                self.mark(position);
            }
        }
    }

    /// Marks what `cell` refers to, if it is a reference.
    #[inline]
    pub(crate) fn mark_maybe(&mut self, cell: u64) {
        if let Some(position) = self.position(cell) {
            self.mark(position);
        }
    }

    fn mark(&mut self, position: usize) {
        if !core::mem::replace(&mut self.slots[position].is_marked, true) {
            self.pending.push(position);
        }
    }

    /// An exception that has been marked since the last time, whose payload is to be looked at.
    pub(crate) fn next_pending(&mut self) -> Option<Arc<Exception>> {
        core::iter::from_fn(|| self.pending.pop()).find_map(|position| self.slots[position].exception.clone())
    }

    /// Drops what has not been marked. `shown` is how many cells have been looked at.
    pub(crate) fn sweep(&mut self, shown: usize) {
        for (position, slot) in (0..).zip(&mut self.slots) {
            if !core::mem::take(&mut slot.is_marked) && slot.exception.take().is_some() {
                self.free.push(position);
            }
        }
        // In proportion to what a collection costs.
        let live = self.slots.len() - self.free.len();
        self.limit = (live * 2).max(live + shown / 16).max(MIN_LIMIT);
    }
}

impl StoreCore {
    /// Adds a tag, of a module or of the host's.
    pub(crate) fn add_tag(
        &mut self,
        defined: DefinedType,
        origin: Option<(Arc<CompiledModule>, TagIdx)>,
    ) -> TagAddr {
        self.tags.push(TagEntity { defined, origin });
        TagAddr::from(self.tags.len() - 1)
    }

    /// Makes a reference to an exception. What the running call needs of its stack is known
    /// ([`StackExtents`](super::objects::StackExtents)).
    pub(crate) fn add_exception(&mut self, exception: Arc<Exception>) -> u64 {
        let is_full = self.exceptions.is_full();
        let cell = self.exceptions.add(exception);
        if is_full {
            self.evaluating.push(cell);
            self.collect();
            self.evaluating.pop();
        }
        cell
    }

    /// Keeps the exceptions that `cells`, values of these types, refer to: the host is about to get handles to them.
    pub(crate) fn pin_exceptions(&self, types: &[ValType], mut cells: &[u64]) {
        if self.exceptions.is_empty() {
            return;
        }
        for ty in types {
            if is_exnref(*ty) {
                self.exceptions.pin(cells[0]);
            }
            cells = &cells[ty.cells() as usize..];
        }
    }

    /// The exception in the form in which it leaves the guest, for whoever called.
    pub(crate) fn throw_to_host(&mut self, exception: Arc<Exception>) -> ThrownException {
        let tag = &self.tags[exception.tag.index()];
        let (ty, origin) = (tag.ty().clone(), tag.origin.clone());
        // What the payload refers to is found by way of the store.
        self.add_exception(Arc::clone(&exception));
        let thrown = Thrown { store: self.id, exception, ty, origin };
        ThrownException::new(Arc::new(thrown))
    }

    /// What has been thrown, if it is an exception of this store's.
    pub(crate) fn exception_of(&self, thrown: &ThrownException) -> Option<Arc<Exception>> {
        let thrown: &Thrown = thrown.data().downcast_ref()?;
        (thrown.store == self.id).then(|| Arc::clone(&thrown.exception))
    }
}

/// True for types of which there are references other than null.
fn is_exnref(ty: ValType) -> bool {
    matches!(ty, ValType::Ref(ty) if ty.heap_type() == HeapType::Exn)
}

/// An exception that left the guest, with what is needed to describe it.
struct Thrown {
    store: StoreId,
    exception: Arc<Exception>,
    ty: FuncType,
    origin: Option<(Arc<CompiledModule>, TagIdx)>,
}

impl ExceptionData for Thrown {
    fn as_any(&self) -> &(dyn Any + Send + Sync) {
        self
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&tag_text(self.origin.as_ref()))?;
        let mut cells = &*self.exception.payload;
        for (position, ty) in self.ty.params().iter().enumerate() {
            f.write_str(if position == 0 { " (" } else { ", " })?;
            write_value(f, *ty, cells)?;
            cells = &cells[ty.cells() as usize..];
        }
        f.write_str(if self.ty.params().is_empty() { "" } else { ")" })
    }
}

/// What a tag is called in messages: by the name it is exported or imported with, else by its index.
fn tag_text(origin: Option<&(Arc<CompiledModule>, TagIdx)>) -> String {
    let Some((module, idx)) = origin else { return String::from("of the host's") };
    let info = &module.info;
    match info.exports.iter().find(|export| export.item == ExternIdx::Tag(*idx)) {
        Some(export) => format!("`{}`", export.name),
        None => format!("{}", idx.0),
    }
}

fn write_value(f: &mut fmt::Formatter<'_>, ty: ValType, cells: &[u64]) -> fmt::Result {
    match ty {
        ValType::I32 => write!(f, "i32 {}", cells[0] as i32),
        ValType::I64 => write!(f, "i64 {}", cells[0] as i64),
        ValType::F32 => write!(f, "f32 {}", f32::from_bits(cells[0] as u32)),
        ValType::F64 => write!(f, "f64 {}", f64::from_bits(cells[0])),
        other => write!(f, "{other}"),
    }
}

#[cfg(test)]
mod tests {
    use alloc::sync::Arc;

    use super::{Exception, Exceptions};
    use crate::types::TagAddr;

    fn exception(payload: &[u64]) -> Arc<Exception> {
        Arc::new(Exception::new(TagAddr(0), payload.into()))
    }

    fn collect(exceptions: &mut Exceptions, roots: &[u64]) {
        exceptions.begin_marking();
        roots.iter().for_each(|&cell| exceptions.mark_maybe(cell));
        while let Some(exception) = exceptions.next_pending() {
            exception.payload.iter().for_each(|&cell| exceptions.mark_maybe(cell));
        }
        exceptions.sweep(roots.len());
    }

    #[test]
    fn what_is_reached_stays() {
        let mut exceptions = Exceptions::new();
        let inner = exceptions.add(exception(&[7]));
        let outer = exceptions.add(exception(&[1, inner]));
        let lost = exceptions.add(exception(&[outer]));
        let shared = exception(&[]);
        let held = exceptions.add(Arc::clone(&shared));
        let pinned = exceptions.add(exception(&[]));
        exceptions.pin(pinned);
        collect(&mut exceptions, &[0, 1, u64::MAX, outer, outer + 100]);
        for cell in [inner, outer, held, pinned] {
            assert!(exceptions.get(cell).is_some());
        }
        assert!(exceptions.slots[exceptions.position(lost).expect("a reference")].exception.is_none());
        assert_eq!(exceptions.add(exception(&[])), lost, "its number is used again");
        drop(shared);
        collect(&mut exceptions, &[]);
        assert_eq!(exceptions.slots.len() - exceptions.free.len(), 1);
        assert!(exceptions.get(0).is_none());
    }
}
