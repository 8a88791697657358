//! What a store has to do with its collected heap: making objects, and knowing what keeps them.
//!
//! The heap is made when the first module with types of structs or arrays is instantiated, or the host makes an object. A
//! collection may happen whenever an object or an exception is made or the host hands over a value, and at no other time but
//! when the host asks for it. Always (INV-HEAP): at that moment
//! every reference that is still needed lies in a cell which is shown to the collector here.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use super::code::CompiledModule;
use super::exception::Exceptions;
use super::gc::{Heap, HeapStats, Marker, NoRoom, Others};
use super::instance::Instance;
use super::stack::ValueStack;
use super::store::StoreCore;
use crate::decode::info::{ConstExpr, ConstOp, ElemItems};
use crate::error::Trap;
use crate::types::{CanonicalType, DefinedType, HeapType, RefType, TypeIdx, ValType};

/// Which cells of the value stacks in use may hold something, the innermost call from the host last.
#[derive(Default)]
pub(crate) struct StackExtents {
    extents: Vec<(*const u64, *const u64)>,
}

// SAFETY: the pointers are looked at only while the calls that they come from are under way, on the thread that has the
// store.
unsafe impl Send for StackExtents {}
// SAFETY: as above.
unsafe impl Sync for StackExtents {}

impl StackExtents {
    /// A call with frames from `base` on begins.
    pub(crate) fn push(&mut self, base: *const u64) {
        self.extents.push((base, base));
    }

    /// The innermost call, which has begun, ends. Returns up to where it used its stack when it last said so.
    pub(crate) fn pop(&mut self) -> *const u64 {
        self.extents.pop().expect("a call is under way").1
    }

    /// The innermost call has nothing from `end` on that it still needs.
    pub(crate) fn set_end(&mut self, end: *const u64) {
        self.extents.last_mut().expect("a call is under way").1 = end;
    }
}

/// The value stack of a suspended call, as far as it is in use.
pub(crate) struct HeldStack {
    pub(crate) stack: ValueStack,
    cells: usize,
}

impl StoreCore {
    /// Takes note of a suspended call's stack, of which `cells` cells are in use, until it is taken out of what comes
    /// back.
    pub(crate) fn hold_stack(&mut self, stack: ValueStack, cells: usize) -> Arc<HeldStack> {
        self.held_stacks.retain(|held| held.strong_count() > 0);
        let held = Arc::new(HeldStack { stack, cells });
        self.held_stacks.push(Arc::downgrade(&held));
        held
    }

    /// The heap, which is made if there is none yet.
    pub(crate) fn heap_mut(&mut self) -> &mut Heap {
        let config = &self.engine.config;
        self.heap.get_or_insert_with(|| Box::new(Heap::new(config.max_gc_heap_bytes, config.gc_stress)))
    }

    /// Makes the types of a module's objects known to the heap.
    pub(crate) fn register_types(&mut self, module: &CompiledModule) {
        module.info.types.iter().filter(|ty| ty.layout().is_some()).for_each(|ty| self.register_type(ty));
    }

    /// Makes a type known to the heap.
    pub(crate) fn register_type(&mut self, ty: &DefinedType) {
        self.heap_mut().register(ty);
    }

    /// An object, made by `make`, which is told whether a collection has been made for it.
    ///
    /// # Errors
    /// [`Trap::HeapExhausted`].
    pub(crate) fn new_object(
        &mut self,
        make: impl Fn(&mut Heap, bool) -> Result<u64, NoRoom>,
    ) -> Result<u64, Trap> {
        match make(self.heap_mut(), false) {
            Ok(object) => Ok(object),
            Err(NoRoom::OutOfMemory) => Err(Trap::HeapExhausted),
            Err(NoRoom::Collect) => {
                self.collect();
                make(self.heap_mut(), true).map_err(|_| Trap::HeapExhausted)
            }
        }
    }

    /// A struct with all fields zero or null.
    ///
    /// # Errors
    /// As [`new_object`](Self::new_object).
    pub(crate) fn new_struct(&mut self, ty: CanonicalType) -> Result<u64, Trap> {
        self.new_object(|heap, collected| heap.new_struct(ty, collected))
    }

    /// An array with all elements zero or null.
    ///
    /// # Errors
    /// As [`new_object`](Self::new_object).
    pub(crate) fn new_array(&mut self, ty: CanonicalType, len: u32) -> Result<u64, Trap> {
        self.new_object(|heap, collected| heap.new_array(ty, len, collected))
    }

    /// A struct of a type of this engine's, with the values of its fields, one behind the other.
    ///
    /// # Errors
    /// As [`new_object`](Self::new_object).
    pub(crate) fn struct_with(&mut self, ty: &DefinedType, fields: &[u64]) -> Result<u64, Trap> {
        self.object_with(ty, fields, |core| core.new_struct(ty.canonical()), Heap::init_struct)
    }

    /// An array of a type of this engine's, with the values of its `len` elements, one behind the other.
    ///
    /// # Errors
    /// As [`new_object`](Self::new_object).
    pub(crate) fn array_with(&mut self, ty: &DefinedType, len: u32, elems: &[u64]) -> Result<u64, Trap> {
        self.object_with(ty, elems, |core| core.new_array(ty.canonical(), len), Heap::init_array)
    }

    /// An array of a type of this engine's, with `len` times the same value.
    ///
    /// # Errors
    /// As [`new_object`](Self::new_object).
    pub(crate) fn array_of(&mut self, ty: &DefinedType, len: u32, elem: [u64; 2]) -> Result<u64, Trap> {
        let fill = |heap: &mut Heap, array: u64, _: &mut Vec<u64>| heap.fill_elems(array, 0, len, elem);
        self.object_with(ty, &elem, |core| core.new_array(ty.canonical(), len), fill)
    }

    /// An object that `make` makes and `init` gives its values. While it is made, these are among the roots.
    fn object_with(
        &mut self,
        ty: &DefinedType,
        values: &[u64],
        make: impl FnOnce(&mut Self) -> Result<u64, Trap>,
        init: impl FnOnce(&mut Heap, u64, &mut Vec<u64>),
    ) -> Result<u64, Trap> {
        debug_assert!(ty.is_in(&self.engine.types), "INV-HEAP: types are known by their engine's numbers");
        self.register_type(ty);
        let below = self.evaluating.len();
        self.evaluating.extend_from_slice(values);
        let made = make(self);
        if let Ok(object) = made {
            let heap = self.heap.as_deref_mut().expect("it has an object");
            init(heap, object, &mut self.evaluating);
        }
        self.evaluating.truncate(below);
        made
    }

    /// The value of a constant expression of the instance's module ([spec][spec]). It may be lost in the next collection.
    ///
    /// # Errors
    /// As [`new_object`](Self::new_object).
    ///
    /// [spec]: https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
    pub(super) fn evaluate(&mut self, instance: &Instance, expr: &ConstExpr) -> Result<u64, Trap> {
        if !expr.makes_objects() {
            return Ok(instance.evaluate(expr));
        }
        let below = self.evaluating.len();
        let outcome = expr.0.iter().try_for_each(|&op| self.evaluate_op(instance, op));
        let value = self.evaluating.pop();
        self.evaluating.truncate(below);
        outcome.map(|()| value.expect("validation has seen a result"))
    }

    /// Evaluates the element segments whose expressions make objects: once, because every object is another one.
    pub(super) fn evaluate_elems(&mut self, instance: &mut Instance) -> Result<(), Trap> {
        let module = Arc::clone(&instance.module);
        let below = self.evaluating.len();
        let mut evaluate_all = || -> Result<(), Trap> {
            for (position, segment) in module.info.elems.iter().enumerate() {
                let ElemItems::Exprs(exprs) = &segment.items else { continue };
                if !exprs.iter().any(ConstExpr::makes_objects) {
                    continue;
                }
                let first = self.evaluating.len();
                for expr in exprs {
                    let cell = self.evaluate(instance, expr)?;
                    self.evaluating.push(cell);
                }
                instance.set_evaluated(position, &self.evaluating[first..]);
            }
            Ok(())
        };
        let outcome = evaluate_all();
        self.evaluating.truncate(below);
        outcome
    }

    fn evaluate_op(&mut self, instance: &Instance, op: ConstOp) -> Result<(), Trap> {
        let canonical = |ty: TypeIdx| instance.module.canonical_types[ty.index()];
        let object = match op {
            ConstOp::StructNewDefault(ty) => self.new_struct(canonical(ty))?,
            ConstOp::StructNew(ty) => {
                let object = self.new_struct(canonical(ty))?;
                let heap = self.heap.as_deref_mut().expect("it has an object");
                heap.init_struct(object, &mut self.evaluating);
                object
            }
            ConstOp::ArrayNewFixed(ty, len) => {
                let object = self.new_array(canonical(ty), len)?;
                let heap = self.heap.as_deref_mut().expect("it has an object");
                heap.init_array(object, &mut self.evaluating);
                object
            }
            ConstOp::ArrayNewDefault(ty) => {
                let len = self.evaluating.pop().expect("validation has seen a length");
                self.new_array(canonical(ty), len as u32)?
            }
            ConstOp::ArrayNew(ty) => {
                let len = self.evaluating.pop().expect("validation has seen a length") as u32;
                let object = self.new_array(canonical(ty), len)?;
                let heap = self.heap.as_deref_mut().expect("it has an object");
                let cells = heap.elem_storage(canonical(ty)).cells() as usize;
                let value = self.evaluating.split_off(self.evaluating.len() - cells);
                heap.fill_elems(object, 0, len, [value[0], value.get(1).copied().unwrap_or(0)]);
                object
            }
            other => {
                instance.evaluate_op(other, &mut self.evaluating);
                return Ok(());
            }
        };
        self.evaluating.push(object);
        Ok(())
    }

    /// Frees all objects and values of the host's that nothing refers to.
    pub(crate) fn collect(&mut self) {
        self.heap_mut();
        let mut heap = self.heap.take().expect("it was made a line above");
        let exceptions = core::mem::replace(&mut self.exceptions, Exceptions::new());
        let mut others = Others { externs: core::mem::take(&mut self.externs), exceptions };
        heap.collect(&mut others, |marker| self.show_roots(marker));
        self.heap = Some(heap);
        (self.externs, self.exceptions) = (others.externs, others.exceptions);
    }

    /// How large the heap is.
    pub(crate) fn heap_stats(&self) -> HeapStats {
        self.heap.as_ref().map(|heap| heap.stats()).unwrap_or_default()
    }

    fn show_roots(&self, marker: &mut Marker<'_>) {
        for &(base, end) in &self.extents.extents {
            // SAFETY: INV-STATE: a call that is under way has what it needs in its stack, up to where it said.
            let cells = unsafe { core::slice::from_raw_parts(base, end.offset_from(base) as usize) };
            cells.iter().for_each(|&cell| marker.maybe(cell));
        }
        for held in self.held_stacks.iter().filter_map(Weak::upgrade) {
            // SAFETY: INV-STATE: as above.
            let cells = unsafe { core::slice::from_raw_parts(held.stack.base(), held.cells) };
            cells.iter().for_each(|&cell| marker.maybe(cell));
        }
        for (ty, value) in self.globals.iter() {
            if let ValType::Ref(ty) = ty.content()
                && is_followed(ty)
            {
                marker.reference(value.0[0]);
            }
        }
        for table in self.tables.iter().filter(|table| is_followed(table.element())) {
            table.cells().iter().for_each(|&cell| marker.reference(cell));
        }
        let elems = self.instances.iter().flat_map(|instance| instance.evaluated_elems());
        elems.for_each(|&cell| marker.maybe(cell));
        // Values that are being put together, of any type.
        self.evaluating.iter().for_each(|&cell| marker.maybe(cell));
        self.roots.for_each(|cell| marker.maybe(cell));
    }
}

/// Whether references of this type may be to something that is collected.
fn is_followed(ty: RefType) -> bool {
    ty.heap_type().top() != HeapType::Func
}
