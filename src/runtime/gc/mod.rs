//! The collected heap of a store: structs and arrays.
//!
//! In go types and sizes, out come references ([`crate::isa::object`]) to objects that live as long as something refers
//! to them. The collector marks and sweeps; it moves nothing, so that cells which may hold anything, such as those of a
//! value stack, can be looked at for references without knowing which ones they are.
//!
//! Nothing here knows what a root is: the store shows its cells to a [`Marker`].

mod heap;
mod mark;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

pub(crate) use heap::Front;
use heap::{Blocks, Full};
pub(crate) use mark::Marker;

use super::exception::Exceptions;
use super::extern_ref::ExternValues;
use crate::isa::object::{HEADER_BYTES, LEN_AT};
use crate::types::{CanonicalType, DefinedType, Layout, Storage, StructLayout};

/// So many bytes are handed out between two collections, or as many as are alive if that is more.
const MIN_BUDGET: u64 = 1 << 20;

/// A collected heap.
pub(crate) struct Heap {
    blocks: Blocks,
    types: Types,
    /// Bytes that may be handed out before the next collection.
    budget: u64,
    /// Bytes of the objects that the last collection found alive.
    live_bytes: u64,
    collections: u64,
    /// For tests: collects before every allocation.
    stress: bool,
    /// For tests: the limit of the marker's stack.
    max_mark_stack: Option<usize>,
}

/// What handlers know of a type.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct TypeFacts {
    /// The numbers of its supertypes, the root of the hierarchy first.
    pub(crate) supertypes: *const CanonicalType,
    /// How many there are.
    pub(crate) depth: usize,
    pub(crate) is_array: bool,
}

/// The types of objects, by their number.
#[derive(Default)]
pub(crate) struct Types {
    /// Held, so that no other type gets the number as long as this heap lives.
    types: Vec<Option<DefinedType>>,
    facts: Vec<TypeFacts>,
}

// SAFETY: INV-HEAP: the pointers are to what the types beside them own, and that is never changed.
unsafe impl Send for Types {}
// SAFETY: as above.
unsafe impl Sync for Types {}

impl Types {
    fn add(&mut self, ty: &DefinedType) {
        let index = ty.canonical().index();
        if self.types.len() <= index {
            self.types.resize(index + 1, None);
            let none = TypeFacts { supertypes: core::ptr::null(), depth: 0, is_array: false };
            self.facts.resize(index + 1, none);
        }
        if self.types[index].is_none() {
            let supertypes = ty.supertypes();
            self.facts[index] = TypeFacts {
                supertypes: supertypes.as_ptr(),
                depth: supertypes.len(),
                is_array: ty.as_array().is_some(),
            };
            self.types[index] = Some(ty.clone());
        }
    }

    fn get(&self, ty: CanonicalType) -> &DefinedType {
        self.types[ty.index()].as_ref().expect("INV-HEAP: the types of all objects are known")
    }

    fn layout(&self, ty: CanonicalType) -> &Layout {
        self.get(ty).layout().expect("validation: functions are no objects")
    }
}

/// What is collected along with objects, because either may refer to the other.
pub(crate) struct Others {
    pub(crate) externs: ExternValues,
    pub(crate) exceptions: Exceptions,
}

/// The heap needs a collection, or has reached its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// A collection may help.
    Collect,
    /// It would not.
    OutOfMemory,
}

impl Heap {
    /// An empty heap that will take at most `max_bytes`. With `stress`, every allocation wants a collection first.
    pub(crate) fn new(max_bytes: u64, stress: bool) -> Self {
        Self {
            blocks: Blocks::new(max_bytes),
            types: Types::default(),
            budget: MIN_BUDGET,
            live_bytes: 0,
            collections: 0,
            stress,
            max_mark_stack: None,
        }
    }

    /// Makes a type known. To be called before there are objects of it.
    pub(crate) fn register(&mut self, ty: &DefinedType) {
        self.types.add(ty);
        self.blocks.front_mut().types = self.types.facts.as_ptr();
    }

    /// The type with this number, which is known.
    pub(crate) fn ty(&self, ty: CanonicalType) -> &DefinedType {
        self.types.get(ty)
    }

    /// How objects of a type are laid out, which is known.
    pub(crate) fn layout(&self, ty: CanonicalType) -> &Layout {
        self.types.layout(ty)
    }

    /// The layout of a struct type, which is known.
    pub(crate) fn struct_layout(&self, ty: CanonicalType) -> &StructLayout {
        match self.layout(ty) {
            Layout::Struct(layout) => layout,
            Layout::Array(_) => unreachable!("validation tells structs from arrays"),
        }
    }

    /// How the elements of an array type, which is known, are stored.
    pub(crate) fn elem_storage(&self, ty: CanonicalType) -> Storage {
        match self.layout(ty) {
            Layout::Array(storage) => *storage,
            Layout::Struct(_) => unreachable!("validation tells structs from arrays"),
        }
    }

    /// A struct, all of whose fields are zero or null.
    ///
    /// `collected` says that a collection was made for this allocation already.
    ///
    /// # Errors
    /// If there is no room.
    pub(crate) fn new_struct(&mut self, ty: CanonicalType, collected: bool) -> Result<u64, NoRoom> {
        let bytes = self.struct_layout(ty).bytes;
        self.alloc(ty, 0, bytes.into(), collected)
    }

    /// An array of `len` elements, all of them zero or null.
    ///
    /// # Errors
    /// As for [`new_struct`](Self::new_struct).
    pub(crate) fn new_array(&mut self, ty: CanonicalType, len: u32, collected: bool) -> Result<u64, NoRoom> {
        let bytes = u64::from(len) * u64::from(self.elem_storage(ty).bytes()) + u64::from(HEADER_BYTES);
        self.alloc(ty, len, bytes, collected)
    }

    fn alloc(&mut self, ty: CanonicalType, len: u32, bytes: u64, collected: bool) -> Result<u64, NoRoom> {
        if self.stress {
            // Free cells would be handed out without asking.
            self.blocks.retract_free_cells();
            if !collected {
                return Err(NoRoom::Collect);
            }
        }
        let budget = if collected { u64::MAX } else { self.budget };
        let offset = self.blocks.alloc(bytes, budget).map_err(|Full| {
            // Even if nothing was made since the last collection: something may have been lost since.
            if collected { NoRoom::OutOfMemory } else { NoRoom::Collect }
        })?;
        if self.stress {
            self.blocks.retract_free_cells();
        }
        // SAFETY: INV-HEAP: so many bytes were just given to this object alone.
        unsafe {
            let object = self.blocks.at(offset);
            object.cast::<[u32; 2]>().write([ty.0, len]);
            object.add(HEADER_BYTES as usize).write_bytes(0, bytes as usize - HEADER_BYTES as usize);
        }
        Ok(offset)
    }

    /// Collects: what `show_roots` shows to the marker stays, with everything that it leads to.
    pub(crate) fn collect(&mut self, others: &mut Others, show_roots: impl FnOnce(&mut Marker<'_>)) {
        self.blocks.retract_free_cells();
        others.externs.begin_marking();
        others.exceptions.begin_marking();
        let mut marker = Marker::new(&mut self.blocks, &self.types, others, self.max_mark_stack);
        show_roots(&mut marker);
        let shown = marker.finish();
        others.externs.sweep();
        others.exceptions.sweep(shown);
        self.live_bytes = self.blocks.sweep();
        self.budget = self.live_bytes.max(MIN_BUDGET);
        self.collections += 1;
    }

    /// What handlers see.
    pub(crate) fn front(&self) -> *mut Front {
        self.blocks.front_ptr()
    }

    /// Type and length of an object; the length of a struct is 0.
    pub(crate) fn header(&self, object: u64) -> (CanonicalType, u32) {
        debug_assert!(self.blocks.is_object(object), "INV-HEAP: {object:#x} is an object");
        // SAFETY: INV-HEAP: the object begins with a header.
        let [ty, len] = unsafe { self.blocks.at(object).cast::<[u32; 2]>().read() };
        (CanonicalType(ty), len)
    }

    /// Reads a field or element at byte `at` of an object, as cells; the second one is 0 for all but `v128`.
    ///
    /// Small integers are zero-extended.
    pub(crate) fn read(&self, object: u64, at: u64, storage: Storage) -> [u64; 2] {
        self.check(object, at, storage);
        // SAFETY: INV-HEAP: the field or element is within the object.
        unsafe {
            let place = self.blocks.at(object + at);
            match storage {
                Storage::I8 => [place.read().into(), 0],
                Storage::I16 => [u16::from_le(place.cast::<u16>().read()).into(), 0],
                Storage::Bits32 => [u32::from_le(place.cast::<u32>().read()).into(), 0],
                Storage::Bits64 | Storage::Ref => [u64::from_le(place.cast::<u64>().read()), 0],
                Storage::V128 => place.cast::<[u64; 2]>().read().map(u64::from_le),
            }
        }
    }

    /// Writes a field or element at byte `at` of an object; integers lose what does not fit.
    pub(crate) fn write(&mut self, object: u64, at: u64, storage: Storage, cells: [u64; 2]) {
        self.check(object, at, storage);
        // SAFETY: INV-HEAP: the field or element is within the object.
        unsafe {
            let place = self.blocks.at(object + at);
            match storage {
                Storage::I8 => place.write(cells[0] as u8),
                Storage::I16 => place.cast::<u16>().write((cells[0] as u16).to_le()),
                Storage::Bits32 => place.cast::<u32>().write((cells[0] as u32).to_le()),
                Storage::Bits64 | Storage::Ref => place.cast::<u64>().write(cells[0].to_le()),
                Storage::V128 => place.cast::<[u64; 2]>().write(cells.map(u64::to_le)),
            }
        }
    }

    /// Takes the values of a struct's fields from the end of `cells`.
    pub(crate) fn init_struct(&mut self, object: u64, cells: &mut Vec<u64>) {
        let layout = self.struct_layout(self.header(object).0);
        let count: u32 = layout.fields.iter().map(|(_, storage)| storage.cells()).sum();
        let fields = layout.fields.clone();
        let values = cells.split_off(cells.len() - count as usize);
        let mut values = &values[..];
        for &(offset, storage) in &fields {
            self.write(object, offset.into(), storage, take_value(&mut values, storage));
        }
    }

    /// Takes the values of an array's elements from the end of `cells`.
    pub(crate) fn init_array(&mut self, array: u64, cells: &mut Vec<u64>) {
        let (ty, len) = self.header(array);
        let storage = self.elem_storage(ty);
        let values = cells.split_off(cells.len() - (len * storage.cells()) as usize);
        let mut values = &values[..];
        for elem in 0..len {
            self.write_elem(array, elem, storage, take_value(&mut values, storage));
        }
    }

    /// Reads element `elem`, which the array has, as [`read`](Self::read) does.
    pub(crate) fn read_elem(&self, array: u64, elem: u32, storage: Storage) -> [u64; 2] {
        self.read(array, elem_at(elem, storage), storage)
    }

    /// Writes element `elem`, which the array has.
    pub(crate) fn write_elem(&mut self, array: u64, elem: u32, storage: Storage, cells: [u64; 2]) {
        self.write(array, elem_at(elem, storage), storage, cells);
    }

    /// The bytes of an array's elements.
    pub(crate) fn elems_mut(&mut self, array: u64) -> &mut [u8] {
        let (ty, len) = self.header(array);
        let bytes = len as usize * self.elem_storage(ty).bytes() as usize;
        // SAFETY: INV-HEAP: the elements lie behind the header, all of them written; `&mut self` excludes others.
        unsafe { core::slice::from_raw_parts_mut(self.blocks.at(array).add(HEADER_BYTES as usize), bytes) }
    }

    /// Sets `len` elements of an array from `start` on, all of them the array's, to the same value.
    pub(crate) fn fill_elems(&mut self, array: u64, start: u32, len: u32, cells: [u64; 2]) {
        let storage = self.elem_storage(self.header(array).0);
        let size = storage.bytes() as usize;
        let elems = &mut self.elems_mut(array)[start as usize * size..][..len as usize * size];
        let bytes: [[u8; 8]; 2] = cells.map(u64::to_le_bytes);
        match size {
            1 => elems.fill(bytes[0][0]),
            _ => elems
                .chunks_exact_mut(size)
                .for_each(|elem| elem.copy_from_slice(&bytes.as_flattened()[..size])),
        }
    }

    /// Copies `bytes` bytes between the elements of two arrays, which may be one; positions are from the first element.
    pub(crate) fn copy_elems(&mut self, dst: (u64, usize), src: (u64, usize), bytes: usize) {
        if src.0 == dst.0 {
            return self.elems_mut(src.0).copy_within(src.1..src.1 + bytes, dst.1);
        }
        let from = self.elems_mut(src.0)[src.1..src.1 + bytes].as_ptr();
        let to = self.elems_mut(dst.0)[dst.1..dst.1 + bytes].as_mut_ptr();
        // SAFETY: INV-HEAP: both ranges are within their arrays, as slicing has checked, and objects do not overlap.
        unsafe { core::ptr::copy_nonoverlapping(from, to, bytes) };
    }

    fn check(&self, object: u64, at: u64, storage: Storage) {
        debug_assert!(
            match self.layout(self.header(object).0) {
                Layout::Struct(layout) => layout.fields.contains(&(at as u32, storage)),
                Layout::Array(elem) => {
                    let end =
                        u64::from(HEADER_BYTES) + u64::from(self.header(object).1) * u64::from(elem.bytes());
                    *elem == storage && at + u64::from(storage.bytes()) <= end
                }
            },
            "INV-HEAP: {storage:?} at {at} is within the object"
        );
    }

    /// Figures for whoever asks.
    pub(crate) fn stats(&self) -> HeapStats {
        HeapStats {
            used_bytes: self.blocks.used_bytes(),
            live_bytes: self.live_bytes,
            handed_out_bytes: self.blocks.handed_out(),
            collections: self.collections,
        }
    }

    #[cfg(test)]
    fn limit_mark_stack(&mut self, entries: usize) {
        self.max_mark_stack = Some(entries);
    }
}

/// Where in an array an element lies, in bytes.
fn elem_at(elem: u32, storage: Storage) -> u64 {
    u64::from(HEADER_BYTES) + u64::from(elem) * u64::from(storage.bytes())
}

/// Takes the next value from the front of `cells`.
fn take_value(cells: &mut &[u64], storage: Storage) -> [u64; 2] {
    let (value, rest) = cells.split_at(storage.cells() as usize);
    *cells = rest;
    [value[0], value.get(1).copied().unwrap_or(0)]
}

const _: () = assert!(LEN_AT == 4 && HEADER_BYTES == 8, "a header is two 32-bit words");

/// How large a collected heap is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapStats {
    used_bytes: u64,
    live_bytes: u64,
    handed_out_bytes: u64,
    collections: u64,
}

impl HeapStats {
    /// Bytes of the blocks that objects lie in.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// Bytes of the objects that the last collection found alive.
    pub fn live_bytes(&self) -> u64 {
        self.live_bytes
    }

    /// Bytes that have been given to objects since then, rounded up to what the heap reserves in one go.
    pub fn handed_out_bytes(&self) -> u64 {
        self.handed_out_bytes
    }

    /// How many collections there have been.
    pub fn collections(&self) -> u64 {
        self.collections
    }
}
