//! Linking: from a lowered function to code that can run.
//!
//! In go the words that `lower` made; they are copied to the module's code and completed with what only this folder
//! knows: handler addresses of the engine's strategy, and the addresses that direct calls need. Whoever calls this
//! holds the module's code lock; once a function is published, others run it without one (INV-SHARE).

use core::ptr::NonNull;

use crate::error::Error;
use crate::isa::code::{CodeReader, OpRef};
use crate::isa::ops::Op;
use crate::lower;
use crate::runtime::{CodeState, CompiledModule, FrameHeader};
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
            let op = op_in(words, head);
            // SAFETY: INV-CODE: heads are positions within the function.
            code.add_head(&module.engine, unsafe { entry.add(head) }, op);
        }
        entry
    });
    code.scratch = scratch;
    linked
}

fn op_in(words: &[u64], position: usize) -> Op {
    OpRef::first_of(&words[position / 8..]).op
}

/// Writes headers and callees.
fn complete(module: &CompiledModule, words: &mut [u64]) {
    let mut at = 0;
    while at < words.len() {
        let op = CodeReader::new(&words[at..]).next().expect("INV-CODE: the words are whole ops");
        let (len, number) = (op.word_len(), op.op);
        if let Some(field) = op.callee_field() {
            let record = &module.funcs[op.u64(field) as usize];
            words[at + field / 8] = callee_word(number, record);
        }
        words[at] = (module.engine.header_of)(number) as u64;
        at += len;
    }
}

/// What a direct call holds in place of the function's index. A call goes straight to the code, or to the stub until
/// there is some; a tail call has no return position by which the driver could find it again, so it goes by way of
/// the record.
fn callee_word(op: Op, record: &crate::runtime::FuncRecord) -> u64 {
    match op {
        Op::Call => record.entry().expose_provenance() as u64,
        _ => core::ptr::from_ref(record).expose_provenance() as u64,
    }
}
