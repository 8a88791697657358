//! Fills the context that handlers read from the instance that runs (INV-MEM) and its store's heap (INV-HEAP).

use core::ptr::{NonNull, null, null_mut};

use super::state::Context;
use crate::runtime::{FuncPlace, HeapFront, Instance, StoreCore};
use crate::types::FuncIdx;

impl Context {
    /// A context of no instance.
    pub(super) fn empty() -> Self {
        Self {
            memory_base: NonNull::<u64>::dangling().as_ptr().cast(),
            memory_bytes: 0,
            heap_base: null_mut(),
            heap: HeapFront::none(),
            stack_end: null_mut(),
            own_globals: null_mut(),
            globals: null(),
            tables: null(),
            memories: null(),
            funcs: null(),
            canonical_types: null(),
            instance_tag: 0,
            saved_ip: null(),
            saved_fp: null_mut(),
        }
    }

    /// Makes `instance` the one that runs.
    pub(super) fn enter(&mut self, instance: &Instance) {
        self.own_globals = instance.own_globals.as_ptr();
        self.globals = instance.global_ptrs.as_ptr();
        self.tables = instance.tables.as_ptr();
        self.memories = instance.memories.as_ptr();
        self.funcs = instance.module.funcs.as_ptr();
        self.canonical_types = instance.module.canonical_types.as_ptr();
        self.instance_tag = FuncPlace::Wasm { instance: instance.addr, func: FuncIdx(0) }.cell();
        self.reload_memory(instance);
    }

    /// Looks up the heap again, after anything that may have made or moved it.
    pub(super) fn reload_heap(&mut self, store: &StoreCore) {
        if let Some(heap) = &store.heap {
            self.heap = heap.front();
            // SAFETY: INV-HEAP: a store's heap stays where it is once it has been made.
            self.heap_base = unsafe { (*self.heap).base };
        }
    }

    /// Looks up memory 0 again, after anything that may have grown it.
    pub(super) fn reload_memory(&mut self, instance: &Instance) {
        let Some(memory) = instance.memories.first() else {
            let none = Self::empty();
            (self.memory_base, self.memory_bytes) = (none.memory_base, none.memory_bytes);
            return;
        };
        // SAFETY: INV-ARENA: the memory lives as long as the store, which the running call holds exclusively.
        let memory = unsafe { memory.as_ref() };
        (self.memory_base, self.memory_bytes) = (memory.base, memory.len_bytes);
    }
}
