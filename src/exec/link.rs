//! Linking: from a lowered function to code that can run.
//!
//! In go the words that `lower` made; they are copied to the module's code and completed with what only this folder
//! knows: handler addresses of the engine's strategy, and the addresses that direct calls need. Whoever calls this
//! holds the module's code lock; once a function is published, others run it without one (INV-SHARE).

use core::ptr::NonNull;

use super::classes::classes;
use super::dispatch::{self, Linkage};
use super::form::form_number;
use crate::config::Dispatch;
use crate::error::Error;
use crate::isa::code::{CodeReader, OpRef};
use crate::isa::ops::Op;
use crate::isa::shape::{A, Field};
use crate::lower;
use crate::runtime::{CodeState, CompiledModule, FrameHeader, FuncRecord};
use crate::types::FuncIdx;

/// The code of `func`, which is not imported; lowers it first if nobody has.
///
/// # Errors
/// What validation says of the body, if that was put off until now; or a limit of lowering.
pub(super) fn ensure_lowered(module: &CompiledModule, func: FuncIdx) -> Result<NonNull<u8>, Error> {
    let record = &module.funcs[func.index()];
    let mut code = module.code.lock();
    // Another thread may have been faster.
    if let Some(entry) = record.lowered() {
        return Ok(entry);
    }
    if let Some(validator) = &module.info.validator {
        validator.validate(&module.info, func)?;
    }
    let entry = link(module, &mut code, func)?;
    record.publish(entry);
    Ok(entry)
}

/// Lowers every function.
pub(super) fn lower_all(module: &CompiledModule) -> Result<(), Error> {
    for func in module.info.imported.funcs as usize..module.funcs.len() {
        ensure_lowered(module, FuncIdx::from(func))?;
    }
    Ok(())
}

fn link(module: &CompiledModule, code: &mut CodeState, func: FuncIdx) -> Result<NonNull<u8>, Error> {
    // Taken out so that lowered words can be read while room for them is made.
    let mut scratch = core::mem::take(&mut code.scratch);
    let linked = lower::lower(&module.info, func, &mut scratch, None).map(|lowered| {
        let header = FrameHeader { cells: lowered.frame_cells, func: func.0 };
        let (prologue, body) = (lowered.prologue.words(), lowered.body.words());
        let start = code.alloc(header, prologue.len() + body.len());
        // SAFETY: INV-SHARE: `alloc` gave this room, which nobody else knows of yet.
        let words = unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), prologue.len() + body.len()) };
        let (to_prologue, to_body) = words.split_at_mut(prologue.len());
        to_prologue.copy_from_slice(prologue);
        to_body.copy_from_slice(body);
        complete(module, words);
        let entry = start.cast::<u8>();
        let heads = lowered.heads.iter().map(|head| prologue.len() * 8 + head.0 as usize);
        for head in core::iter::once(0).chain(heads.filter(|head| *head != 0)) {
            // SAFETY: INV-CODE: heads are positions within the function.
            let position = unsafe { entry.add(head) };
            code.add_head(&module.engine, position, head_word(module, &words[head / 8..]));
        }
        entry
    });
    code.scratch = scratch;
    linked
}

/// What the dispatch loop looks at when it comes to the op at the start of `words`.
fn head_word(module: &CompiledModule, words: &[u64]) -> usize {
    match module.engine.dispatch {
        Dispatch::Match => OpRef::first_of(words).op as usize,
        _ => words[0] as usize,
    }
}

/// Writes headers, op numbers without lowering's marks, and callees.
fn complete(module: &CompiledModule, words: &mut [u64]) {
    let linkage = dispatch::linkage(module.engine.dispatch);
    // An op's form depends on both neighbours, so each is finished when the next one is known.
    let mut before: Option<Pending> = None;
    let mut at = 0;
    while at < words.len() {
        let op = CodeReader::new(&words[at..]).next().expect("INV-CODE: the words are whole ops");
        let pending = Pending::new(&linkage, at, &op, before.as_ref());
        if let Some(before) = before.take() {
            before.finish(&linkage, words, pending.source != 0);
        }
        let op = CodeReader::new(&words[at..]).next().expect("INV-CODE: the words are whole ops");
        at += op.word_len();
        if let Some(field) = op.callee_field() {
            let record = &module.funcs[op.u64(field) as usize];
            words[pending.at + field / 8] = callee_word(pending.op, record);
        }
        before = Some(pending);
    }
    if let Some(last) = before {
        last.finish(&linkage, words, false);
    }
}

/// An op whose form is not settled yet.
struct Pending {
    op: Op,
    /// Word position.
    at: usize,
    result: u16,
    dies: bool,
    /// The operand field that the accumulator replaces, or 0.
    source: usize,
}

impl Pending {
    fn new(linkage: &Linkage, at: usize, op: &OpRef<'_>, before: Option<&Self>) -> Self {
        let source = before.filter(|_| op.follows()).map_or(0, |before| before.source_for(linkage, op));
        Self { op: op.op, at, result: op.u16(A), dies: op.dies(), source }
    }

    /// The operand of `next`, which follows this op, that can come out of the accumulator; 0 if none can.
    fn source_for(&self, linkage: &Linkage, next: &OpRef<'_>) -> usize {
        let Some(class) = classes(self.op).result else { return 0 };
        let reads_result = |field: &Field| match *field {
            Field::Slot(at) if next.u16(at) == self.result => Some(at),
            _ => None,
        };
        let Some(at) = next.op.shape().fields().iter().find_map(reads_result) else { return 0 };
        let fits = classes(next.op).operand_at(at) == Some(class);
        if fits && (linkage.form)(next.op, form_number(at, true)).is_some() { at } else { 0 }
    }

    /// Writes the op's head, knowing whether the next op takes its result from the accumulator.
    fn finish(self, linkage: &Linkage, words: &mut [u64], taken: bool) {
        let stores = !(self.dies && taken);
        let form = (linkage.form)(self.op, form_number(self.source, stores))
            .or_else(|| (linkage.form)(self.op, form_number(self.source, true)));
        words[self.at] = form.unwrap_or_else(|| (linkage.word_of)(self.op)) as u64;
        let number = &mut words[self.at + 1];
        *number = (u64::from_le(*number) & !0xFFFF | self.op as u64).to_le();
    }
}

/// What a direct call holds in place of the function's index. A call goes straight to the code, or to the stub until
/// there is some; a tail call has no return position by which the driver could find it again, so it goes by way of
/// the record.
fn callee_word(op: Op, record: &FuncRecord) -> u64 {
    match op {
        Op::Call => record.entry().expose_provenance() as u64,
        _ => core::ptr::from_ref(record).expose_provenance() as u64,
    }
}
