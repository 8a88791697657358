//! Linking: from a lowered function to code that can run.
//!
//! In go the words that `lower` made; they are copied to the module's code and completed with what only this folder
//! knows: handler addresses of the engine's strategy, and the addresses that direct calls need. Whoever calls this
//! holds the module's code lock, or has a state of its own to be merged into the module's; once a function is published,
//! others run it without one (INV-SHARE).

use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr::NonNull;

use super::{choose, dispatch, list};
use crate::error::Error;
use crate::isa::code::{Item, OpRef, set_u32};
use crate::isa::ops::Op;
use crate::isa::shape::{B, E};
use crate::lower;
use crate::runtime::{CallSite, CodeState, CompiledModule, FrameHeader, FuncRecord, Scratch};
use crate::threads::{Threads, for_each_piece};
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
    let mut scratch = module.engine.take_scratch();
    let entry = link(module, &mut code, &mut scratch, func)?;
    module.engine.give_back_scratch(scratch);
    record.publish(entry);
    Ok(entry)
}

/// Lowering so many bytes takes far longer than starting a thread, also on a machine that is busy.
const BYTES_PER_THREAD: usize = 64 * 1024;

/// Lowers every function of a module that nobody else has yet, on several threads if that pays. If it fails, the module
/// must be dropped.
///
/// # Errors
/// A limit of lowering that some function exceeds.
pub(super) fn lower_all(module: &CompiledModule) -> Result<(), Error> {
    let new_state = || (CodeState::default(), module.engine.take_scratch());
    let work = |(code, scratch): &mut (CodeState, Scratch), piece: Range<usize>| -> Result<(), Error> {
        for body in piece {
            let func = FuncIdx::from(module.info.imported.funcs as usize + body);
            let entry = link(module, code, scratch, func)?;
            module.funcs[func.index()].publish(entry);
        }
        Ok(())
    };
    let threads = Threads { max: module.engine.config.max_threads, bytes_per_thread: BYTES_PER_THREAD };
    let ((made, scratch), others) = for_each_piece(&module.info.bodies, threads, new_state, work)?;
    module.engine.give_back_scratch(scratch);
    let mut code = module.code.lock();
    *code = made;
    others.into_iter().for_each(|(made, _)| code.absorb(made));
    Ok(())
}

fn link(
    module: &CompiledModule,
    code: &mut CodeState,
    scratch: &mut Scratch,
    func: FuncIdx,
) -> Result<NonNull<u8>, Error> {
    let Scratch { lowering, items } = scratch;
    let lowered = lower::lower(&module.info, func, lowering, None)?;
    let header = FrameHeader { cells: lowered.needs.frame_cells, func: func.0 };
    let (prologue, body) = (lowered.prologue.words(), lowered.body.words());
    let len = prologue.len() + body.len();
    let sites = lowered.needs.call_sites as usize;
    let start = code.alloc(&module.info, header, len + sites * CallSite::WORDS);
    // Branches come back to it by address.
    start.as_ptr().expose_provenance();
    // SAFETY: INV-SHARE: `alloc` gave this room, which nobody else knows of yet.
    let words = unsafe { core::slice::from_raw_parts_mut(start.as_ptr(), len) };
    let (to_prologue, to_body) = words.split_at_mut(prologue.len());
    to_prologue.copy_from_slice(prologue);
    to_body.copy_from_slice(body);
    // SAFETY: as above; a site takes so many words.
    let sites = unsafe { core::slice::from_raw_parts_mut(start.add(len).cast().as_ptr(), sites) };
    complete(module, words, sites.iter_mut(), items);
    if let Some(handlers) = lowered.handlers.shifted(prologue.len() as u32 * 8) {
        code.add_handlers(func, handlers);
    }
    let entry = start.cast::<u8>();
    let heads = lowered.heads.iter().map(|head| prologue.len() * 8 + head.0 as usize);
    for head in core::iter::once(0).chain(heads.filter(|head| *head != 0)) {
        // SAFETY: INV-CODE: heads are positions within the function.
        let position = unsafe { entry.add(head) };
        code.add_head(&module.engine, position, words[head / 8] as usize);
    }
    Ok(entry)
}

/// Room for the call sites of a function.
type Sites<'a> = core::slice::IterMut<'a, MaybeUninit<CallSite>>;

/// Writes headers, op numbers without lowering's marks, callees, branch targets, and call sites: in several passes, because
/// a loop that does all of it runs out of registers.
fn complete(module: &CompiledModule, words: &mut [u64], mut sites: Sites<'_>, items: &mut Vec<Item>) {
    let config = &module.engine.config;
    let linkage = dispatch::linkage(module.engine.dispatch).limited(config);
    list::list(&linkage, words, items);
    choose::choose_all(&linkage, items, |item, choice| words[item.at as usize] = choice.word as u64);
    for item in items.iter() {
        let op = &mut words[item.at as usize..];
        op[1] = (u64::from_le(op[1]) & !0xFFFF | item.op as u64).to_le();
        if item.linked > 0 {
            complete_operands(module, &mut sites, item, op);
        }
    }
}

/// Completes the operands of the op at the start of `op` that name places in code.
fn complete_operands(module: &CompiledModule, sites: &mut Sites<'_>, item: &Item, op: &mut [u64]) {
    let field = usize::from(item.linked) / 8;
    match item.op {
        Op::Call | Op::ReturnCall => {
            op[field] = callee_word(item.op, &module.funcs[op[field] as usize]);
        }
        Op::CallIndirect | Op::CallRef | Op::ReturnCallIndirect | Op::ReturnCallRef => {
            complete_site(sites.next().expect("lowering has counted them"), op);
        }
        _ => {
            let targets = if item.op == Op::BrTable { OpRef::first_of(op).u32(B) as usize } else { 1 };
            op[field..][..targets].iter_mut().for_each(complete_target);
        }
    }
}

/// Makes the call at the start of `op` lead to `site`, which gets the type that it expects.
fn complete_site(site: &mut MaybeUninit<CallSite>, op: &mut [u64]) {
    site.write(CallSite::new(OpRef::first_of(op).u32(E)));
    let distance = core::ptr::from_mut(site).addr() - op.as_ptr().addr();
    set_u32(op, E, distance as u32);
}

/// Makes a branch target of the distance to it, which is that from `field`.
fn complete_target(field: &mut u64) {
    let distance = u64::from_le(*field) as i32;
    // Positions in code are reached by way of the chunk, not of this reference.
    let target = core::ptr::from_mut(field).addr().wrapping_add_signed(distance as isize);
    *field = (target as u64).to_le();
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
