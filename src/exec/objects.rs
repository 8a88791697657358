//! What ops on structs and arrays leave to the driver: everything that may collect, and everything with a length.
//!
//! All operands are in cells when the dispatch loop is left (INV-STATE), so a collection finds them; the heap may move
//! as a whole when it grows, which the context is told.

use super::driver::{Next, Run};
use super::state::State;
use crate::error::{Error, Trap};
use crate::isa::object::TypeTest;
use crate::isa::ops::Op;
use crate::isa::shape::{A, B, C, D, D2, E, Shape};
use crate::runtime::{Heap, NoRoom};
use crate::types::{CanonicalType, DataIdx, ElemIdx, Storage};

impl Run {
    /// Executes an op on objects, if it is one.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state, at `op`.
    pub(super) unsafe fn object_op(&mut self, st: State, op: Op) -> Option<Result<Next, Error>> {
        // SAFETY: by the caller; each op's fields are read as its shape has them.
        let outcome = unsafe {
            match op {
                Op::StructNew => self.struct_new(st),
                Op::StructNewDefault => {
                    let ty = self.type_at(st, D);
                    self.new_object(st, |heap, collected| heap.new_struct(ty, collected))
                        .map(|object| st.set(A, object))
                }
                Op::StructNewSpan => self.struct_new_span(st),
                Op::ArrayNew => self.array_new(st),
                Op::ArrayNewDefault => self.new_array(st, st.get(B)).map(|array| st.set(A, array)),
                Op::ArrayNewFixed => self.array_new_fixed(st),
                Op::ArrayNewData => self.array_new_data(st),
                Op::ArrayNewElem => self.array_new_elem(st),
                Op::ArrayFill => self.array_fill(st),
                Op::ArrayCopy => self.array_copy(st),
                Op::ArrayInitData => self.array_init_data(st),
                Op::ArrayInitElem => self.array_init_elem(st),
                Op::RefTestFunc => {
                    let holds = self.is_func_of_type(st);
                    st.set(A, holds);
                    Ok(())
                }
                Op::RefCastFunc if self.is_func_of_type(st) => {
                    st.set(A, st.get::<u64>(B));
                    Ok(())
                }
                Op::RefCastFunc => Err(Trap::CastFailure),
                _ => return None,
            }
        };
        // SAFETY: INV-CODE: the op falls through to the one behind it.
        let behind = unsafe { st.ip.add(bytes_of(st, op)) };
        Some(outcome.map(|()| Next::Resume(behind, st.fp())).map_err(Error::from))
    }

    fn heap(&mut self) -> &mut Heap {
        self.store_mut().heap_mut()
    }

    /// The engine's number for the type whose index is at `at`.
    unsafe fn type_at(&self, st: State, at: usize) -> CanonicalType {
        // SAFETY: by the caller.
        self.instance().module.canonical_types[unsafe { st.u32(at) } as usize]
    }

    /// An object, made by `make`. Collects if need be.
    unsafe fn new_object(
        &mut self,
        st: State,
        make: impl Fn(&mut Heap, bool) -> Result<u64, NoRoom>,
    ) -> Result<u64, Trap> {
        let object = match make(self.heap(), false) {
            Ok(object) => object,
            Err(NoRoom::OutOfMemory) => return Err(Trap::HeapExhausted),
            Err(NoRoom::Collect) => {
                // SAFETY: by the caller.
                let end = unsafe { self.frame_end(st) };
                let store = self.store_mut();
                store.extents.set_end(end);
                store.collect();
                make(self.heap(), true).map_err(|_| Trap::HeapExhausted)?
            }
        };
        self.reload_heap();
        Ok(object)
    }

    unsafe fn new_array(&mut self, st: State, len: u32) -> Result<u64, Trap> {
        // SAFETY: by the caller.
        unsafe {
            let ty = self.type_at(st, D);
            self.new_object(st, |heap, collected| heap.new_array(ty, len, collected))
        }
    }

    /// The value in the cells from number `cell` on.
    unsafe fn value_in(&self, st: State, cell: usize, storage: Storage) -> [u64; 2] {
        // SAFETY: by the caller; INV-FRAME: a value has all its cells in the frame.
        unsafe {
            let cells = st.fp().add(cell);
            [cells.read(), if storage.cells() == 2 { cells.add(1).read() } else { 0 }]
        }
    }

    unsafe fn struct_new(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let ty = self.type_at(st, D);
            let object = self.new_object(st, |heap, collected| heap.new_struct(ty, collected))?;
            let fields = self.heap().struct_layout(ty).fields.clone();
            let mut entry = Shape::struct_new.bytes();
            for &(offset, storage) in &fields {
                // A field of two cells has two entries, for neighbouring cells.
                let value = self.value_in(st, st.u16(entry), storage);
                self.heap().write(object, offset.into(), storage, value);
                entry += storage.cells() as usize * 4;
            }
            st.set(A, object);
        }
        Ok(())
    }

    unsafe fn struct_new_span(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let ty = self.type_at(st, D);
            let object = self.new_object(st, |heap, collected| heap.new_struct(ty, collected))?;
            let fields = self.heap().struct_layout(ty).fields.clone();
            let mut cell = st.u32(B) as usize;
            for &(offset, storage) in &fields {
                let value = self.value_in(st, cell, storage);
                self.heap().write(object, offset.into(), storage, value);
                cell += storage.cells() as usize;
            }
            st.set(A, object);
        }
        Ok(())
    }

    unsafe fn array_new(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let len = st.get(C);
            let array = self.new_array(st, len)?;
            let storage = self.storage_of(array);
            let value = self.value_in(st, st.u16(B), storage);
            if value != [0, 0] {
                self.heap().fill_elems(array, 0, len, value);
            }
            st.set(A, array);
        }
        Ok(())
    }

    unsafe fn array_new_fixed(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let len = st.u32(E);
            let array = self.new_array(st, len)?;
            let storage = self.storage_of(array);
            let mut cell = st.u32(B) as usize;
            for elem in 0..len {
                let value = self.value_in(st, cell, storage);
                self.heap().write_elem(array, elem, storage, value);
                cell += storage.cells() as usize;
            }
            st.set(A, array);
        }
        Ok(())
    }

    unsafe fn array_new_data(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let (data, src, len) = (DataIdx(st.u32(E)), st.get::<u32>(B), st.get::<u32>(C));
            let ty = self.type_at(st, D);
            let bytes = u64::from(len) * u64::from(self.heap().elem_storage(ty).bytes());
            let is_there = self.instance().data_bytes(data, src.into(), bytes).is_some();
            if !is_there {
                return Err(Trap::MemoryOutOfBounds);
            }
            let array = self.new_array(st, len)?;
            self.copy_data(array, 0, data, src, len)?;
            st.set(A, array);
        }
        Ok(())
    }

    unsafe fn array_new_elem(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let (elem, src, len) = (ElemIdx(st.u32(E)), st.get::<u32>(B), st.get::<u32>(C));
            // What the segment holds is kept by the segment.
            let cells = self.instance().elem_cells(elem, src, len).ok_or(Trap::TableOutOfBounds)?;
            let array = self.new_array(st, len)?;
            self.write_cells(array, 0, &cells);
            st.set(A, array);
        }
        Ok(())
    }

    unsafe fn array_fill(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let (array, start, len) = (st.get(A), st.get::<u32>(B), st.get::<u32>(D));
            let storage = self.check_elems(array, start, len)?;
            let value = self.value_in(st, st.u16(C), storage);
            self.heap().fill_elems(array, start, len, value);
        }
        Ok(())
    }

    unsafe fn array_copy(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let (dst, dst_start) = (st.get(A), st.get::<u32>(B));
            let (src, src_start, len) = (st.get(C), st.get::<u32>(D), st.get::<u32>(D2));
            if src == 0 {
                return Err(Trap::NullArrayReference);
            }
            let size = self.check_elems(dst, dst_start, len)?.bytes() as usize;
            self.check_elems(src, src_start, len)?;
            let at = |start: u32| start as usize * size;
            self.heap().copy_elems((dst, at(dst_start)), (src, at(src_start)), at(len));
        }
        Ok(())
    }

    unsafe fn array_init_data(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let (array, start) = (st.get(A), st.get::<u32>(B));
            let (src, len) = (st.get::<u32>(C), st.get::<u32>(D));
            self.check_elems(array, start, len)?;
            self.copy_data(array, start, DataIdx(st.u32(E)), src, len)
        }
    }

    unsafe fn array_init_elem(&mut self, st: State) -> Result<(), Trap> {
        // SAFETY: by the caller.
        unsafe {
            let (array, start) = (st.get(A), st.get::<u32>(B));
            let (src, len) = (st.get::<u32>(C), st.get::<u32>(D));
            self.check_elems(array, start, len)?;
            let cells = self.instance().elem_cells(ElemIdx(st.u32(E)), src, len);
            self.write_cells(array, start, &cells.ok_or(Trap::TableOutOfBounds)?);
        }
        Ok(())
    }

    /// How elements of an array are stored.
    fn storage_of(&mut self, array: u64) -> Storage {
        let heap = self.heap();
        heap.elem_storage(heap.header(array).0)
    }

    /// Checks that an array is one and has `len` elements from `start` on; how they are stored.
    fn check_elems(&mut self, array: u64, start: u32, len: u32) -> Result<Storage, Trap> {
        if array == 0 {
            return Err(Trap::NullArrayReference);
        }
        let end = u64::from(start) + u64::from(len);
        if end > self.heap().header(array).1.into() {
            return Err(Trap::ArrayOutOfBounds);
        }
        Ok(self.storage_of(array))
    }

    /// Copies `len` elements' bytes from a data segment; the array has them.
    fn copy_data(&mut self, array: u64, start: u32, data: DataIdx, src: u32, len: u32) -> Result<(), Trap> {
        let size = self.storage_of(array).bytes();
        let bytes = u64::from(len) * u64::from(size);
        // The segment lies in the module, which is not the store's alone.
        let module = alloc::sync::Arc::clone(&self.instance().module);
        let is_there = self.instance().data_bytes(data, src.into(), bytes).is_some();
        if !is_there {
            return Err(Trap::MemoryOutOfBounds);
        }
        if bytes > 0 {
            let from = &module.info.data(data)[src as usize..][..bytes as usize];
            let at = start as usize * size as usize;
            self.heap().elems_mut(array)[at..][..bytes as usize].copy_from_slice(from);
        }
        Ok(())
    }

    /// Writes references to elements that the array has.
    fn write_cells(&mut self, array: u64, start: u32, cells: &[u64]) {
        let storage = self.storage_of(array);
        for (elem, &cell) in (start..).zip(cells) {
            self.heap().write_elem(array, elem, storage, [cell, 0]);
        }
    }

    /// Whether B is a function of the concrete type D, or null if E asks for that.
    unsafe fn is_func_of_type(&self, st: State) -> bool {
        // SAFETY: by the caller.
        let (cell, test, expected) = unsafe {
            let index = st.u32(D);
            let info = &self.instance().module.info;
            (st.get::<u64>(B), TypeTest::from_field(st.u32(E) as u16), &info.types[index as usize])
        };
        if cell == 0 {
            return test.nullable;
        }
        self.store().func_defined(cell).is_subtype_of(expected)
    }
}

/// Bytes that the op at `st` takes.
unsafe fn bytes_of(st: State, op: Op) -> usize {
    // SAFETY: by the caller; field B of this shape counts the entries behind the op, which take four bytes each.
    let entries = if op == Op::StructNew { unsafe { st.u16(B) } } else { 0 };
    op.shape().bytes() + entries.div_ceil(2) * 8
}
