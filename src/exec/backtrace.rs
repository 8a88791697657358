//! Walks the frames of a value stack, from any saved position outwards.
//!
//! A position in code tells its function, the function's type tells where the frame's link lies, and the link tells
//! the caller's position and frame. Two return positions are special: one marks the end, the other a restore record,
//! which tells the calling instance.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use super::driver::{RestoreRecord, func_of_stub};
use crate::error::{SourceMap, WasmBacktrace};
use crate::isa::shape::CALL_BYTES;
use crate::runtime::{CompiledModule, StoreCore, TracedFrame};
use crate::types::{FuncIdx, InstanceAddr};

/// A place in a call: what runs, and its frame.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) instance: InstanceAddr,
    pub(super) ip: *const u8,
    pub(super) fp: *mut u64,
}

/// Collects the frames from `place` outwards to the call from the host.
///
/// # Safety
/// INV-STATE: `place` was saved by the dispatch loop or a call, and its stack is as it was then.
pub(super) unsafe fn capture(store: &StoreCore, mut place: Place) -> WasmBacktrace {
    let mut backtrace = WasmBacktrace::new();
    let mut omitted = 0;
    loop {
        let module = &store.instances[place.instance].module;
        let Some((func, code_pos)) = locate(module, place.ip) else { break };
        if let Some(code_pos) = code_pos {
            if backtrace.is_full() {
                omitted += 1;
            } else {
                let source: Arc<dyn SourceMap> = Arc::clone(module) as Arc<dyn SourceMap>;
                backtrace.push(&source, func.0, code_pos);
            }
        }
        // SAFETY: by the caller.
        match unsafe { caller_of(store, place, func) } {
            Some(caller) => place = caller,
            None => break,
        }
    }
    backtrace.omit(omitted);
    backtrace
}

/// The frames from `place` outwards to the call from the host, on the value stack that begins at `base`.
///
/// # Safety
/// As for [`capture`]; `place` is in code, not in a stub.
pub(super) unsafe fn frames(store: &StoreCore, mut place: Place, base: *const u64) -> Vec<TracedFrame> {
    let mut frames = Vec::new();
    loop {
        let module = &store.instances[place.instance].module;
        let Some((func, Some(position))) = locate(module, place.ip) else { break };
        let record = &module.funcs[func.index()];
        // SAFETY: INV-FRAME: the frame lies in the value stack.
        let start = unsafe { place.fp.cast_const().offset_from(base) } as usize;
        let (cells, link_cell) = (record.frame_cells(), record.link_cell);
        frames.push(TracedFrame { function: func.0, position, start, cells, link_cell });
        // SAFETY: by the caller.
        match unsafe { caller_of(store, place, func) } {
            Some(caller) => place = caller,
            None => break,
        }
    }
    frames
}

/// The function that a position belongs to, and the position in it; none in a stub, where it has not begun.
fn locate(module: &CompiledModule, ip: *const u8) -> Option<(FuncIdx, Option<u32>)> {
    if let Some(func) = func_of_stub(module, ip) {
        return Some((func, None));
    }
    module.find_position(ip).map(|(func, code_pos)| (func, Some(code_pos)))
}

/// The call that made the frame of `place`, which is `func`'s; `None` if the host did.
///
/// # Safety
/// As for [`capture`].
pub(super) unsafe fn caller_of(store: &StoreCore, place: Place, func: FuncIdx) -> Option<Place> {
    let link_cell = store.instances[place.instance].module.funcs[func.index()].link_cell as usize;
    // SAFETY: INV-FRAME: `place.fp` is a frame of `func`, whose link its caller wrote.
    let (mut ip, mut fp) = unsafe {
        let link = place.fp.add(link_cell);
        (
            with_exposed_provenance::<u8>(link.read() as usize),
            with_exposed_provenance_mut::<u64>(link.add(1).read() as usize),
        )
    };
    let mut instance = place.instance;
    if ip == store.engine.restore_gate() {
        // SAFETY: the frame of a return position that restores is a restore record.
        let record = unsafe { RestoreRecord::read(fp) };
        (ip, fp, instance) = (record.ip, record.fp, record.instance);
    }
    if ip == store.engine.finish_gate() {
        return None;
    }
    // INV-CALL: a return position follows a call, which is where the caller is.
    Some(Place { instance, ip: ip.wrapping_sub(CALL_BYTES), fp })
}
