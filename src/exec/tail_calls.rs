//! Tail calls that leave the current instance: to the host, or to another instance, in constant space.
//!
//! A frame that another instance called already has a restore record below it; the tail-called function's frame then
//! takes the current one's place above the same record. Otherwise the first such tail call makes a record where the
//! current frame began.

use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use super::driver::{Next, RestoreRecord, Run};
use super::state::State;
use crate::error::{Error, Trap};
use crate::isa::ops::Op;
use crate::isa::shape::{A, B};
use crate::lower::RESTORE_CELLS;
use crate::runtime::FuncPlace;
use crate::types::{FuncIdx, HostFuncAddr, InstanceAddr};

/// Where the current frame returns to.
struct Link {
    ip: *const u8,
    fp: *mut u64,
}

impl Run {
    /// Tail-calls a function of the host or of another instance.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state, at such a tail call.
    pub(super) unsafe fn return_call_beyond(&mut self, st: State, op: Op) -> Result<Next, Error> {
        // SAFETY: by the caller; field A of the tail-call shapes is the current frame's link cell.
        unsafe {
            let link = st.fp().add(st.u16(A));
            let link = Link {
                ip: with_exposed_provenance(link.read() as usize),
                fp: with_exposed_provenance_mut(link.add(1).read() as usize),
            };
            match self.callee(st, op)? {
                FuncPlace::Host(addr) => self.return_call_host(st, addr, link),
                FuncPlace::Wasm { instance, func } => self.return_call_wasm(st, instance, func, link),
            }
        }
    }

    /// Calls the host function and returns its results.
    unsafe fn return_call_host(&mut self, st: State, addr: HostFuncAddr, link: Link) -> Result<Next, Error> {
        // SAFETY: by the caller; the results fit the current frame's own window, the types being the same.
        unsafe {
            let window = st.fp().add(st.u32(B) as usize);
            let (cells, results) = self.host_window(addr, window);
            self.call_host_from_here(addr, cells)?;
            core::ptr::copy(window, st.fp(), results as usize);
        }
        Ok(Next::Resume(link.ip, link.fp))
    }

    unsafe fn return_call_wasm(
        &mut self,
        st: State,
        instance: InstanceAddr,
        func: FuncIdx,
        link: Link,
    ) -> Result<Next, Error> {
        let (entry, link_cell) = self.entry_of(instance, func);
        let ty = self.store().instances[instance].module.info.func_type(func);
        let (params, results) = (ty.param_cells(), ty.result_cells());
        let has_record = link.ip == self.store().engine.restore_gate();
        // SAFETY: by the caller; INV-STACK: room is checked before anything is written. Arguments move before the
        // record and the link are written, which may overlap where they were.
        unsafe {
            let fp = if has_record { st.fp() } else { st.fp().add(RESTORE_CELLS as usize) };
            if !self.has_room(entry, fp) {
                return Err(Trap::StackExhausted.into());
            }
            core::ptr::copy(st.fp().add(st.u32(B) as usize), fp, params as usize);
            let record = if has_record {
                link.fp
            } else {
                let record = RestoreRecord {
                    ip: link.ip,
                    fp: link.fp,
                    instance: self.instance,
                    result_cells: results,
                };
                record.write(st.fp());
                st.fp()
            };
            Ok(self.enter_other(instance, entry, fp, link_cell, record))
        }
    }
}
