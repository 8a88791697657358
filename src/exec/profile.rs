//! Counts how often each op is executed, for choosing fused ops (feature `profile` only).
//!
//! The match loop needs the lower bits of a header only, so it counts in the upper ones. [`report`] prints a module's
//! code with the counts, each op in the best form that its neighbours allow.

use alloc::format;
use alloc::string::String;
use core::sync::atomic::{AtomicUsize, Ordering};

use super::link::decode_items;
use super::state::header_at;
use crate::isa::code::Item;
use crate::runtime::CompiledModule;
use crate::types::FuncIdx;

/// One execution, in a header.
const ONE: usize = 1 << u16::BITS;

/// Notes that the op at `ip` is executed.
///
/// # Safety
/// INV-CODE: an op linked for the match loop starts at `ip`.
pub(super) unsafe fn count(ip: *const u8) {
    // SAFETY: by the caller; a header is an aligned word, of which this strategy reads the lower 16 bits only.
    let header = unsafe { AtomicUsize::from_ptr(ip.cast_mut().cast()) };
    header.store(header.load(Ordering::Relaxed) + ONE, Ordering::Relaxed);
}

/// One line an op, `count op form`, in the order of the code; an empty line behind each function. Functions that have
/// not been lowered are left out.
pub(crate) fn report(module: &CompiledModule) -> String {
    let mut text = String::new();
    for func in (module.info.imported.funcs as usize..module.funcs.len()).map(FuncIdx::from) {
        let Some(entry) = module.funcs[func.index()].lowered() else { continue };
        let Ok(items) = decode_items(module, func) else { continue };
        for Item { op, at, form, .. } in items {
            // SAFETY: INV-CODE: lowering is deterministic, so ops are where they were when the code was linked.
            let count = unsafe { header_at(entry.as_ptr().add(at as usize * 8)) } / ONE;
            text.push_str(&format!("{count} {op:?} {form}\n"));
        }
        text.push('\n');
    }
    text
}
