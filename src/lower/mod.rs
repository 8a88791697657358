//! Lowering: the body of one function in, register bytecode out.
//!
//! One forward pass. Wasm's operand stack exists only while lowering ([`stack`]): an entry is a local, a constant or a
//! temporary, and a temporary's cell follows from its height, so that control-flow merges need no moves when values
//! are already in place. `local.get` and constants emit nothing; whoever consumes the entry names the local's cell or
//! the constant directly.
//!
//! The input has been validated, so a contradiction in it is a bug and panics. The result names functions by index and
//! has empty headers: `exec` links it.

#![forbid(unsafe_code)]

mod atomics;
mod branches;
mod calls;
mod control;
mod emit;
mod far_memory;
mod exceptions;
mod handlers;
mod immediates;
mod layout;
mod listing;
mod locals;
mod memory;
mod numeric;
mod objects;
mod operators;
mod stack;
mod trace;
mod vectors;
mod wide;

use alloc::vec::Vec;
use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use core::ops::Range;
use wasmparser::{BinaryReader, FunctionBody};

use crate::decode::info::{BranchHint, ModuleInfo};
use crate::error::{Error, ErrorKind};
use crate::isa::code::{CodeBuffer, CodePos, NARROW_CELLS};
use crate::isa::ops::Op;
use crate::types::{FuncIdx, FuncType};

pub(crate) use handlers::{Clause, Handlers, Target};
pub use listing::{Listing, ListingLine};
pub(crate) use trace::{Trace, source_offset};

/// Memory that lowering reuses from function to function.
#[derive(Default)]
pub(crate) struct Scratch {
    bump: Bump,
    prologue: CodeBuffer,
    body: CodeBuffer,
    heads: Vec<CodePos>,
    handlers: Handlers,
    cold: Vec<Range<u32>>,
}

impl Scratch {
    /// The bytes that it holds, apart from small lists.
    pub(crate) fn bytes(&self) -> usize {
        self.bump.allocated_bytes() + self.prologue.capacity_bytes() + self.body.capacity_bytes()
    }
}

/// A lowered function, still in the scratch memory. Its code is the prologue followed by the body.
pub(crate) struct Lowered<'a> {
    pub(crate) needs: Needs,
    /// Clears locals that may be read before they are written.
    pub(crate) prologue: &'a CodeBuffer,
    pub(crate) body: &'a CodeBuffer,
    /// Loop heads, as positions in the body.
    pub(crate) heads: &'a [CodePos],
    /// What is caught in the body, with positions in it.
    pub(crate) handlers: &'a Handlers,
}

/// What a function needs besides its code.
#[derive(Clone, Copy)]
pub(crate) struct Needs {
    /// Cells that a frame of it takes (INV-FRAME).
    pub(crate) frame_cells: u32,
    /// Calls in it that find out whom they call.
    pub(crate) call_sites: u32,
}

/// The largest frame, in cells. Validation allows 50,000 locals, and as deep an operand stack as a body has bytes.
const MAX_FRAME_CELLS: u32 = 1 << 22;

/// Cells of the record that a call into another instance leaves in the caller's frame, before the callee's.
pub(crate) const RESTORE_CELLS: u32 = 4;

/// Lowers the body of `func`, which is not imported.
///
/// # Errors
/// [`ErrorKind::Limit`] if the function needs a larger frame or longer code than this implementation handles.
pub(crate) fn lower<'a>(
    info: &ModuleInfo,
    func: FuncIdx,
    scratch: &'a mut Scratch,
    mut trace: Option<&mut Trace>,
) -> Result<Lowered<'a>, Error> {
    // Frames of 2^16 cells and more are rare: they are noticed on the way, and the pass starts again with cells
    // reserved through which far operands are copied.
    for wide in [false, true] {
        if let Some(needs) = attempt(info, func, scratch, trace.as_deref_mut(), wide)? {
            let Scratch { prologue, body, heads, handlers, .. } = scratch;
            return Ok(Lowered { needs, prologue, body, heads, handlers });
        }
    }
    unreachable!("with reserved cells every operand can be reached")
}

/// One pass. `None` if it needs reserved cells and has none.
fn attempt(
    info: &ModuleInfo,
    func: FuncIdx,
    scratch: &mut Scratch,
    mut trace: Option<&mut Trace>,
    wide: bool,
) -> Result<Option<Needs>, Error> {
    scratch.bump.reset();
    scratch.prologue.clear();
    scratch.body.clear();
    scratch.heads.clear();
    scratch.handlers.clear();
    scratch.cold.clear();
    if let Some(trace) = trace.as_deref_mut() {
        trace.clear();
    }
    let range = info.body(func).expect("only functions with a body are lowered");
    let bytes = &info.bytes[range.start as usize..range.end as usize];
    let body = FunctionBody::new(BinaryReader::new(bytes, range.start.into()));

    let Scratch { bump, prologue, body: code, heads, handlers, cold } = scratch;
    let outputs = Outputs { code, heads, handlers, cold, trace };
    let mut lowerer = Lowerer::new(info, info.func_type(func), bump, outputs, wide);
    (lowerer.hints, lowerer.body_start) = (info.branch_hints_of(func), range.start as usize);
    lowerer.declare_locals(&body)?;
    lowerer.lower_body(bytes, body.get_binary_reader_for_operators()?.current_position())?;
    if lowerer.needs_wide {
        return Ok(None);
    }
    let needs = Needs { frame_cells: lowerer.max_cells, call_sites: lowerer.call_sites };
    lowerer.write_prologue(prologue);
    lowerer.lay_out();
    check_limit("cells of a frame", needs.frame_cells.into(), MAX_FRAME_CELLS.into(), range.start)?;
    Ok(Some(needs))
}

fn check_limit(what: &'static str, value: u64, limit: u64, offset: u32) -> Result<(), Error> {
    if value > limit {
        return Err(ErrorKind::Limit { what, value, limit, offset: offset as usize }.into());
    }
    Ok(())
}

/// What lowering writes to.
struct Outputs<'a> {
    code: &'a mut CodeBuffer,
    heads: &'a mut Vec<CodePos>,
    handlers: &'a mut Handlers,
    cold: &'a mut Vec<Range<u32>>,
    trace: Option<&'a mut Trace>,
}

/// The pass over one function.
struct Lowerer<'a> {
    info: &'a ModuleInfo,
    ty: &'a FuncType,
    bump: &'a Bump,
    code: &'a mut CodeBuffer,
    heads: &'a mut Vec<CodePos>,
    handlers: &'a mut Handlers,
    /// Code that is hardly ever executed, as the module says.
    cold: &'a mut Vec<Range<u32>>,
    hints: &'a [BranchHint],
    /// Byte offset in the module of the body, from which hints count.
    body_start: usize,
    /// By number of a clause, the control stack's index of the block whose label it leads to.
    clause_blocks: BumpVec<'a, usize>,
    trace: Option<&'a mut Trace>,
    /// Byte offset in the module of the operator being lowered.
    offset: usize,

    locals: BumpVec<'a, locals::Local>,
    stack: BumpVec<'a, stack::Entry>,
    /// Entries from the bottom that are known not to be locals.
    settled: usize,
    /// Entries from the bottom that are known to be temporaries: what blocks pass on again and again, perhaps a thousand
    /// values each, is not looked at again.
    temps: usize,
    /// Whether a value of more than one cell has been on the operand stack.
    has_vectors: bool,
    /// The next free cell of the operand stack.
    cells: u32,
    /// Cells that the frame needs so far.
    max_cells: u32,
    /// See [`Needs::call_sites`]; so far.
    call_sites: u32,

    control: BumpVec<'a, control::Block>,
    reachable: bool,
    /// Blocks opened within code that cannot be reached; they leave no trace.
    unreachable_blocks: u32,
    /// Labels ahead that some branch already leads to: while there are none, all code so far is always executed
    /// before what follows.
    open_labels: u32,

    /// The op just emitted, while it may still be changed.
    last: Option<emit::Last>,
    wide: bool,
    needs_wide: bool,
    /// Whether there is a memory 0 with 32-bit addresses, which no other thread uses.
    has_near_memory: bool,
}

impl<'a> Lowerer<'a> {
    fn new(info: &'a ModuleInfo, ty: &'a FuncType, bump: &'a Bump, outputs: Outputs<'a>, wide: bool) -> Self {
        let Outputs { code, heads, handlers, cold, trace } = outputs;
        Self {
            info,
            ty,
            bump,
            code,
            heads,
            handlers,
            cold,
            hints: &[],
            body_start: 0,
            clause_blocks: BumpVec::new_in(bump),
            trace,
            offset: 0,
            locals: BumpVec::new_in(bump),
            stack: BumpVec::new_in(bump),
            settled: 0,
            temps: 0,
            has_vectors: false,
            cells: 0,
            max_cells: 0,
            call_sites: 0,
            control: BumpVec::new_in(bump),
            reachable: true,
            unreachable_blocks: 0,
            open_labels: 0,
            last: None,
            wide,
            needs_wide: false,
            has_near_memory: info.memories.first().is_some_and(|ty| !ty.is_64() && !ty.is_shared()),
        }
    }

    /// Lowers the operators, the first of which is at `start` of the body's `bytes`.
    fn lower_body(&mut self, bytes: &[u8], start: usize) -> Result<(), Error> {
        self.open_function();
        let mut at = start;
        while !self.control.is_empty() {
            self.offset = self.body_start + at;
            if let Some(trace) = self.trace.as_deref_mut() {
                trace.start(self.code.pos(), self.offset);
            }
            at += self.lower_operator(&bytes[at..])?;
            if self.needs_wide {
                return Ok(());
            }
            self.check_limits()?;
        }
        Ok(())
    }

    /// Lowers the operator at the start of `bytes`; returns its length.
    #[inline]
    fn lower_operator(&mut self, bytes: &[u8]) -> Result<usize, Error> {
        if let Some(len) = self.lower_common(bytes) {
            return Ok(len);
        }
        let mut reader = BinaryReader::new(bytes, self.offset as u64);
        reader.visit_operator(self)??;
        Ok(reader.current_position())
    }

    #[inline]
    fn check_limits(&self) -> Result<(), Error> {
        let (bytes, cells) = (u64::from(self.code.pos().0), u64::from(self.max_cells));
        let (max_bytes, max_cells) = (CodeBuffer::MAX_BYTES as u64, u64::from(MAX_FRAME_CELLS));
        if bytes <= max_bytes && cells <= max_cells {
            return Ok(());
        }
        check_limit("bytes of a function's code", bytes, max_bytes, self.offset as u32)?;
        check_limit("cells of a frame", cells, max_cells, self.offset as u32)
    }

    /// Whether the condition of the branch being lowered mostly holds, if the module says so.
    fn hint(&self) -> Option<bool> {
        let offset = u32::try_from(self.offset - self.body_start).ok()?;
        let index = self.hints.binary_search_by_key(&offset, |hint| hint.offset).ok()?;
        Some(self.hints[index].likely)
    }

    /// Moves what is hardly ever executed out of the way. Handlers of exceptions are for ranges of code, which this would
    /// tear apart; functions that have some stay as they are.
    fn lay_out(&mut self) {
        if !self.cold.is_empty() && self.handlers.is_empty() {
            layout::move_cold(self.code, self.cold, self.heads, self.trace.as_deref_mut());
        }
    }

    /// Writes the ops that clear locals which may be read before they are written.
    fn write_prologue(&self, prologue: &mut CodeBuffer) {
        let mut locals = self.locals.iter().filter(|local| local.needs_zero()).peekable();
        while let Some(local) = locals.next() {
            let (first, mut len) = (local.slot, local.cells);
            while let Some(local) = locals.next_if(|local| local.slot == first + len) {
                len += local.cells;
            }
            match len {
                _ if first + len > NARROW_CELLS => {
                    prologue.push_abc_de(Op::ZeroSpan, 0, 0, 0, first, len);
                }
                1 => drop(prologue.push_abc(Op::Zero1, first as u16, 0, 0)),
                2 => drop(prologue.push_abc(Op::Zero2, first as u16, first as u16 + 1, 0)),
                3 => drop(prologue.push_abc(Op::Zero3, first as u16, first as u16 + 1, first as u16 + 2)),
                _ => drop(prologue.push_abc_de(Op::ZeroSpan, 0, 0, 0, first, len)),
            }
        }
    }
}
