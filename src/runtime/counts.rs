//! How often ops were executed: what [`Store::op_counts`](crate::Store::op_counts) returns, and what it is counted in.
//!
//! In go functions, planned by the executor when they are first reached, and the positions that are executed; out come
//! counts for each op, and for each path of calls. Nothing is derived from samples: the numbers are exact.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::code::CompiledModule;
use crate::isa::ops::Op;
use crate::isa::shape::Shape;
use crate::types::FuncIdx;

/// What has been executed in a store since it began to count: see [`Store::count_ops`](crate::Store::count_ops).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OpCounts {
    /// The functions that were reached, in the order in which they were.
    pub functions: Vec<FunctionCounts>,
    /// The paths of calls that were taken. A path's caller stands before it.
    pub paths: Vec<CallPath>,
}

/// One function's counts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FunctionCounts {
    /// The module's name, if its name section gives one.
    pub module_name: Option<String>,
    /// The function's index in its module.
    pub index: u32,
    /// Its name, if the name section gives one.
    pub name: Option<String>,
    /// How often it was entered, but for tail calls that it makes to itself.
    pub calls: u64,
    /// All its ops, in the order of the code.
    pub ops: Vec<CountedOp>,
    /// Its loops, in the order of the code; one within another one comes after it.
    pub loops: Vec<CountedLoop>,
}

/// One op of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountedOp {
    pub(crate) op: Op,
    /// Byte offset in the function's code: [`ListingLine::position`](crate::ListingLine::position).
    pub position: u32,
    /// How often it was executed.
    pub executions: u64,
    /// How often it was dispatched to: not when the handler of an op before it executed it as well. A branch to the op
    /// directly behind it counts as going on.
    pub dispatches: u64,
    /// How many ops its handler executes, if none of them branches: more than 1 for a fused sequence.
    pub sequence: usize,
    /// The best form that its neighbours allow: 1 if the result is not stored; 2, 4, 8 and 16 if the operand in field A, B,
    /// C or D is what the op before has left in an accumulator; 32, 64 and 128 if that in A, B or C was there before that
    /// op.
    pub form: u8,
    /// How often the next op in the code was executed directly after it.
    pub followed: u64,
}

/// One loop of a function: the ops from its head to the last branch back to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountedLoop {
    /// Position of the op at its head.
    pub head: u32,
    /// Position of the last op that branches back to there.
    pub end: u32,
}

/// Ops executed in one function when it was called by way of certain others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallPath {
    /// Position in [`OpCounts::paths`] of the path that called; `None` if the host did.
    pub caller: Option<usize>,
    /// Position in [`OpCounts::functions`].
    pub function: usize,
    /// Ops executed in the function itself, not in those that it called.
    pub ops: u64,
}

impl OpCounts {
    /// Ops executed in all.
    pub fn ops(&self) -> u64 {
        self.functions.iter().map(FunctionCounts::executions).sum()
    }

    /// Dispatches in all: as many as ops where there are no fused sequences.
    pub fn dispatches(&self) -> u64 {
        self.functions.iter().map(FunctionCounts::dispatches).sum()
    }
}

impl FunctionCounts {
    /// Ops executed in the function.
    pub fn executions(&self) -> u64 {
        self.ops.iter().map(|op| op.executions).sum()
    }

    /// Dispatches in the function.
    pub fn dispatches(&self) -> u64 {
        self.ops.iter().map(|op| op.dispatches).sum()
    }
}

impl CountedOp {
    /// The op's name, as in listings.
    pub fn name(&self) -> &'static str {
        self.op.facts().mnemonic
    }

    /// Whether a handler executes it, alone or in a sequence: not if it is left to the driver, as calls of the host are.
    pub fn is_fusible(&self) -> bool {
        let shape = self.op.shape();
        let is_left = alloc::format!("{shape:?}").starts_with("leave");
        !is_left && ![Shape::call_import, Shape::return_call_import].contains(&shape)
    }

    /// The name of the op's row in `src/isa/ops.rs`.
    pub fn row_name(&self) -> String {
        alloc::format!("{:?}", self.op)
    }
}

/// What a store counts in.
pub(crate) struct Counter {
    funcs: Vec<CountedFunc>,
    /// Positions in `funcs` by the address of the code.
    by_address: BTreeMap<usize, usize>,
    paths: Vec<CallPath>,
    path_of: BTreeMap<(Option<usize>, usize), usize>,
}

/// A function as the executor plans it.
pub(crate) struct CountedFunc {
    pub(crate) module: Arc<CompiledModule>,
    pub(crate) func: FuncIdx,
    /// Where its code lies.
    pub(crate) code: core::ops::Range<usize>,
    pub(crate) ops: Vec<CountedOp>,
    pub(crate) loops: Vec<CountedLoop>,
    /// Position in `ops` by word of the code.
    pub(crate) at_word: Vec<u32>,
    pub(crate) calls: u64,
}

/// Paths beyond so many, or so deep, count with the one that called.
const MAX_PATHS: usize = 1 << 20;
const MAX_DEPTH: usize = 512;

/// Where one run is: the frames that it has made, and how far the handler that runs goes.
#[derive(Default)]
pub(crate) struct Cursor {
    frames: Vec<CountedFrame>,
    /// The position that the current handler goes on with, and for how many ops.
    next: usize,
    left: usize,
}

/// A frame of the run.
struct CountedFrame {
    fp: usize,
    func: usize,
    path: usize,
}

impl Counter {
    pub(crate) fn new() -> Self {
        Self { funcs: Vec::new(), by_address: BTreeMap::new(), paths: Vec::new(), path_of: BTreeMap::new() }
    }

    /// The function whose code holds the position.
    pub(crate) fn find(&self, ip: usize) -> Option<usize> {
        let (_, &func) = self.by_address.range(..=ip).next_back()?;
        self.funcs[func].code.contains(&ip).then_some(func)
    }

    /// Adds a function that was not found.
    pub(crate) fn add(&mut self, func: CountedFunc) -> usize {
        self.by_address.insert(func.code.start, self.funcs.len());
        self.funcs.push(func);
        self.funcs.len() - 1
    }

    /// The function at `ip`, if the cursor is in it already.
    #[inline]
    pub(crate) fn current(&self, cursor: &Cursor, ip: usize, fp: usize) -> Option<usize> {
        let frame = cursor.frames.last()?;
        (frame.fp == fp && self.funcs[frame.func].code.contains(&ip)).then_some(frame.func)
    }

    /// Notes that the frame at `fp` is now that of `func`: entered, or returned to.
    pub(crate) fn enter(&mut self, cursor: &mut Cursor, func: usize, fp: usize) {
        while cursor.frames.last().is_some_and(|frame| frame.fp > fp) {
            cursor.frames.pop();
        }
        if let Some(frame) = cursor.frames.last()
            && frame.fp == fp
        {
            if frame.func == func {
                return;
            }
            // A tail call has taken the frame over.
            cursor.frames.pop();
        }
        self.funcs[func].calls += 1;
        let caller = cursor.frames.last().map(|frame| frame.path);
        let path = match self.path_of.get(&(caller, func)) {
            Some(&path) => path,
            None => self.new_path(cursor.frames.len(), caller, func),
        };
        cursor.frames.push(CountedFrame { fp, func, path });
    }

    fn new_path(&mut self, depth: usize, caller: Option<usize>, function: usize) -> usize {
        if let Some(caller) = caller
            && (self.paths.len() >= MAX_PATHS || depth >= MAX_DEPTH)
        {
            return caller;
        }
        let path = self.paths.len();
        self.paths.push(CallPath { caller, function, ops: 0 });
        self.path_of.insert((caller, function), path);
        path
    }

    /// Counts the op at `ip` of `func`, which is `bytes` long.
    #[inline]
    pub(crate) fn count(&mut self, cursor: &mut Cursor, func: usize, ip: usize, bytes: usize) {
        let counted = &mut self.funcs[func];
        let index = counted.at_word[(ip - counted.code.start) / 8];
        let goes_on = cursor.next == ip;
        if goes_on {
            counted.ops[index as usize - 1].followed += 1;
        }
        let op = &mut counted.ops[index as usize];
        op.executions += 1;
        if goes_on && cursor.left > 0 {
            cursor.left -= 1;
        } else {
            op.dispatches += 1;
            cursor.left = op.sequence - 1;
        }
        cursor.next = ip + bytes;
        if let Some(frame) = cursor.frames.last() {
            self.paths[frame.path].ops += 1;
        }
    }

    pub(crate) fn report(&self) -> OpCounts {
        let functions = self.funcs.iter().map(CountedFunc::report).collect();
        OpCounts { functions, paths: self.paths.clone() }
    }
}

impl CountedFunc {
    fn report(&self) -> FunctionCounts {
        let info = &self.module.info;
        FunctionCounts {
            module_name: info.name().map(ToString::to_string),
            index: self.func.0,
            name: info.func_name(self.func).map(ToString::to_string),
            calls: self.calls,
            ops: self.ops.clone(),
            loops: self.loops.clone(),
        }
    }
}
