//! What watches code run, op by op: the embedder's [`Tracer`], and what it is shown.
//!
//! In go places that ops read and write, worked out by the executor; out come their values. Everything shown is a
//! borrow of the running call's state, so looking costs what is looked at. INV-STATE: between two ops that state is
//! complete in the value stack and the store.

use alloc::vec::Vec;
use core::fmt;

use super::instance::Instance;
use crate::error::Error;
use crate::isa::ops::Op;
use crate::isa::shape::LINK_CELLS;
use crate::types::{FuncIdx, ValType};

/// Watches guest code run, op by op: see [`Store::set_tracer`](crate::Store::set_tracer).
///
/// A call that is watched runs in a loop of its own, many times slower than the others; they are as fast as ever. It
/// executes every op by itself, as [`Module::listing`](crate::Module::listing) shows the code.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use wapiti::{Engine, Error, Instance, Module, Store, TracedOp, Tracer};
///
/// struct Names(Arc<Mutex<Vec<&'static str>>>);
///
/// impl Tracer for Names {
///     fn after(&mut self, op: &TracedOp<'_>, _outcome: Result<(), &Error>) {
///         self.0.lock().unwrap().push(op.name());
///     }
/// }
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"
///     (module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
/// "#)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let names = Arc::default();
/// store.set_tracer(Some(Box::new(Names(Arc::clone(&names)))));
/// let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (2, 3))?, 5);
/// assert_eq!(*names.lock().unwrap(), ["i32.add", "return"]);
/// # Ok::<(), wapiti::Error>(())
/// ```
pub trait Tracer: Send + Sync {
    /// The op is about to be executed: places that it writes have their old values.
    fn before(&mut self, op: &TracedOp<'_>) {
        let _ = op;
    }

    /// The op has been executed, along with the host function that it called if it did. With an error it has failed
    /// and changed nothing, but for what a host function did.
    fn after(&mut self, op: &TracedOp<'_>, outcome: Result<(), &Error>) {
        let _ = (op, outcome);
    }
}

/// An op about to be executed, or just executed, and the state of its call.
pub struct TracedOp<'a> {
    pub(crate) op: Op,
    pub(crate) instance: &'a Instance,
    pub(crate) func: FuncIdx,
    pub(crate) position: u32,
    /// From the value stack's first cell to the end of the op's frame.
    pub(crate) stack: &'a [u64],
    pub(crate) reads: &'a [Access],
    pub(crate) writes: &'a [Access],
    pub(crate) frames: &'a dyn Fn() -> Vec<TracedFrame>,
    pub(crate) frame_start: usize,
}

/// Something that an op reads or writes, and the value there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Where it is.
    pub place: Place,
    /// The bits there, if they are 8 bytes or fewer: of a value in a cell or a global, of bytes in memory.
    pub value: Option<u64>,
}

/// A place that ops read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A cell of the op's frame, by number.
    Cell(u32),
    /// A global, by index.
    Global(u32),
    /// Bytes of a memory, perhaps beyond its size: then the op traps.
    Memory {
        /// The memory, by index.
        index: u32,
        /// Of the first byte.
        address: u64,
        /// In bytes.
        len: u64,
    },
    /// Elements of a table, by the table's index.
    Table(u32),
}

/// A frame on the value stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracedFrame {
    /// The function's index in its module's function index space.
    pub function: u32,
    /// Where in the function's code it is: the next op, or the call that has not returned.
    pub position: u32,
    /// Which cell of the value stack is the frame's cell 0.
    pub start: usize,
    /// How many cells it takes.
    pub cells: u32,
    /// The first of two cells that hold the way back. What is in them differs from run to run.
    pub link_cell: u32,
}

impl TracedFrame {
    /// Whether a cell of the frame holds the way back and no value.
    pub fn is_link(&self, cell: u32) -> bool {
        (self.link_cell..self.link_cell + LINK_CELLS).contains(&cell)
    }
}

impl<'a> TracedOp<'a> {
    /// The op's name, as in listings: that of the WebAssembly operator, then the form.
    pub fn name(&self) -> &'static str {
        self.op.facts().mnemonic
    }

    /// The index of the function that it is in.
    pub fn function(&self) -> u32 {
        self.func.0
    }

    /// The name of that function, if the name section gives one.
    pub fn function_name(&self) -> Option<&'a str> {
        self.instance.module.info.func_name(self.func)
    }

    /// Byte offset of the op in the function's code: [`ListingLine::position`](crate::ListingLine::position).
    pub fn position(&self) -> u32 {
        self.position
    }

    /// What the op reads, with the values that it reads; in the order of its operands, then what these lead to.
    pub fn reads(&self) -> &'a [Access] {
        self.reads
    }

    /// What the op writes, with the values that are there at the moment. A host function may write more.
    pub fn writes(&self) -> &'a [Access] {
        self.writes
    }

    /// The value stack from its first cell to the end of the op's frame.
    pub fn stack(&self) -> &'a [u64] {
        self.stack
    }

    /// The cells of the op's frame.
    pub fn frame(&self) -> &'a [u64] {
        &self.stack[self.frame_start..]
    }

    /// Which cell of the value stack is the frame's cell 0. Deeper calls have higher numbers.
    pub fn frame_start(&self) -> usize {
        self.frame_start
    }

    /// The bytes of memory 0, none if there is no memory.
    pub fn memory(&self) -> &'a [u8] {
        self.memory_at(0)
    }

    /// The bytes of the memory with this index, none if there is no such memory.
    pub fn memory_at(&self, index: u32) -> &'a [u8] {
        self.instance.memories.get(index as usize).map_or(&[], |memory| {
            // SAFETY: INV-ARENA: the memory lives as long as the store, in which nothing runs while it is looked at.
            unsafe { memory.as_ref() }.bytes()
        })
    }

    /// How many memories there are, imported ones included.
    pub fn memory_count(&self) -> u32 {
        self.instance.memories.len() as u32
    }

    /// The types and values of all globals, by index.
    pub fn globals(&self) -> impl ExactSizeIterator<Item = (ValType, u64)> + use<'a> {
        let types = self.instance.module.info.globals.iter().map(|global| global.content());
        let instance = self.instance;
        types.zip(0..instance.global_ptrs.len()).map(|(ty, idx)| (ty, instance.global_cell(idx)))
    }

    /// The frames of the call from the host that the op is part of, the op's own first.
    pub fn frames(&self) -> Vec<TracedFrame> {
        (self.frames)()
    }
}

impl fmt::Debug for TracedOp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedOp")
            .field("name", &self.name())
            .field("function", &self.function())
            .field("position", &self.position)
            .field("reads", &self.reads)
            .field("writes", &self.writes)
            .finish_non_exhaustive()
    }
}
