//! Linking: from a lowered function to code that can run.
//!
//! In go the words that `lower` made; they are copied to the module's code and completed with what only this folder
//! knows: handler addresses of the engine's strategy, and the addresses that direct calls need. Whoever calls this
//! holds the module's code lock; once a function is published, others run it without one (INV-SHARE).

use alloc::vec::Vec;
use core::ptr::NonNull;

use super::classes::classes;
use super::dispatch::{self, Linkage};
use super::form::form_number;
use super::fusion::Fusion;
use crate::error::Error;
use crate::isa::code::{CodeReader, Item, OpRef};
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
    let mut items = core::mem::take(&mut code.items);
    let linked = lower::lower(&module.info, func, &mut scratch, None).map(|lowered| {
        let header = FrameHeader { cells: lowered.frame_cells, func: func.0 };
        let (prologue, body) = (lowered.prologue.words(), lowered.body.words());
        let start = code.alloc(header, prologue.len() + body.len());
        // SAFETY: INV-SHARE: `alloc` gave this room, which nobody else knows of yet.
        let words = unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), prologue.len() + body.len()) };
        let (to_prologue, to_body) = words.split_at_mut(prologue.len());
        to_prologue.copy_from_slice(prologue);
        to_body.copy_from_slice(body);
        complete(module, words, &mut items);
        let entry = start.cast::<u8>();
        let heads = lowered.heads.iter().map(|head| prologue.len() * 8 + head.0 as usize);
        for head in core::iter::once(0).chain(heads.filter(|head| *head != 0)) {
            // SAFETY: INV-CODE: heads are positions within the function.
            let position = unsafe { entry.add(head) };
            code.add_head(&module.engine, position, words[head / 8] as usize);
        }
        entry
    });
    code.scratch = scratch;
    code.items = items;
    linked
}

/// Writes headers, op numbers without lowering's marks, and callees.
fn complete(module: &CompiledModule, words: &mut [u64], items: &mut Vec<Item>) {
    let linkage = dispatch::linkage(module.engine.dispatch);
    choose_forms(&linkage, words, items);
    for index in (0..items.len()).rev() {
        let handler = cheapest(&linkage, &items[index..]);
        let item = &mut items[index];
        item.cost = handler.cost;
        let at = item.at as usize;
        if let Some(field) = OpRef::first_of(&words[at..]).callee_field() {
            let callee = &mut words[at + field / 8];
            *callee = callee_word(item.op, &module.funcs[*callee as usize]);
        }
        words[at] = handler.word as u64;
        let number = &mut words[at + 1];
        *number = (u64::from_le(*number) & !0xFFFF | item.op as u64).to_le();
    }
}

/// What is to be written at an op's head, and the dispatches from there on.
struct Handler {
    word: usize,
    cost: u32,
}

/// The handler for the first of `items` with which the way to the end takes the fewest dispatches: its own, or one
/// for a sequence that begins with it. Every op keeps a handler of its own, so branches into a sequence stay valid.
fn cheapest(linkage: &Linkage, items: &[Item]) -> Handler {
    let cost_behind = |len: usize| 1 + items.get(len).map_or(0, |item| item.cost);
    let (op, form) = (items[0].op, items[0].form);
    let word = (linkage.form)(op, form.into()).unwrap_or_else(|| (linkage.word_of)(op));
    let mut best = Handler { word, cost: cost_behind(1) };
    let Some(fusion) = linkage.fusion else { return best };
    let mut node = Fusion::start(op, form);
    for (len, item) in (2..).zip(&items[1..]) {
        let Some(longer) = fusion.step(node, item.op, item.form) else { break };
        node = longer;
        if let Some(word) = fusion.handler(node)
            && cost_behind(len) < best.cost
        {
            best = Handler { word, cost: cost_behind(len) };
        }
    }
    best
}

/// Lists the ops with the forms that their neighbours allow.
fn choose_forms(linkage: &Linkage, words: &[u64], items: &mut Vec<Item>) {
    items.clear();
    let mut before: Option<OpRef<'_>> = None;
    for op in CodeReader::new(words) {
        let source = before.filter(|_| op.follows()).map_or(0, |before| source_from(linkage, &before, &op));
        if let (Some(before), Some(item)) = (before, items.last_mut())
            && before.dies()
            && source != 0
        {
            // Nothing else reads the cell, so its store is left out, if there is such a form.
            let silent = item.form | 1;
            if (linkage.form)(item.op, silent.into()).is_some() {
                item.form = silent;
            }
        }
        items.push(Item { op: op.op, form: form_number(source, true) as u8, at: op.pos.0 / 8, cost: 0 });
        before = Some(op);
    }
}

/// The operand field of `op` that can come from the accumulator in which `before`, directly before it, leaves its
/// result; 0 if none can.
fn source_from(linkage: &Linkage, before: &OpRef<'_>, op: &OpRef<'_>) -> usize {
    let Some(class) = classes(before.op).result else { return 0 };
    let reads_result = |field: &Field| match *field {
        Field::Slot(at) if op.u16(at) == before.u16(A) => Some(at),
        _ => None,
    };
    let Some(at) = op.op.shape().fields().iter().find_map(reads_result) else { return 0 };
    let fits = classes(op.op).operand_at(at) == Some(class);
    if fits && (linkage.form)(op.op, form_number(at, true)).is_some() { at } else { 0 }
}

/// The ops of a function in the forms that they have under `dispatch`.
#[cfg(feature = "profile")]
pub(super) fn decode_items(
    module: &CompiledModule,
    func: FuncIdx,
    dispatch: crate::config::Dispatch,
) -> Result<Vec<Item>, Error> {
    let mut scratch = lower::Scratch::default();
    let lowered = lower::lower(&module.info, func, &mut scratch, None)?;
    let words = [lowered.prologue.words(), lowered.body.words()].concat();
    let mut items = Vec::new();
    choose_forms(&dispatch::linkage(dispatch), &words, &mut items);
    Ok(items)
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
