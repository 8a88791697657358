//! Throwing: from a position in code to the handler that catches there, or to the host.
//!
//! In go an exception and the frame that it comes from, out comes where the run goes on. Frames are walked outwards as for a
//! backtrace; each function's handler table is asked for the position that the frame is at. Nothing has to be undone on the
//! way: frames above the one that catches are simply no longer used. If no frame of this run catches, the exception becomes
//! an error, and goes on as an exception if a host function returns that error to another run.

use alloc::sync::Arc;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use super::backtrace::{Place, caller_of};
use super::driver::{Next, Run};
use super::state::{State, op_at};
use crate::error::{Error, ErrorKind, Trap};
use crate::isa::ops::Op;
use crate::isa::shape::{A, B, D};
use crate::runtime::{Exception, Landing};
use crate::types::{FuncIdx, TagAddr};

/// An exception under way.
struct Thrown {
    tag: TagAddr,
    /// Where its values are; above the cells that are live in any frame that may catch.
    payload: *const u64,
    cells: usize,
    /// The object, if there is one already.
    object: Option<Arc<Exception>>,
}

/// A frame that catches.
struct Catch {
    place: Place,
    func: FuncIdx,
    landing: Landing,
}

impl Run {
    /// `throw`.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state, at this op.
    pub(super) unsafe fn throw(&mut self, st: State) -> Result<Next, Error> {
        // SAFETY: by the caller; INV-FRAME: the payload lies in the frame's cells.
        unsafe {
            let tag = self.instance().tag_addrs[st.u32(D) as usize];
            let cells = self.store().tags[tag.index()].ty().param_cells() as usize;
            let thrown = Thrown { tag, payload: st.fp().add(st.u32(B) as usize), cells, object: None };
            self.unwind(self.place(st), thrown)
        }
    }

    /// `throw_ref`.
    ///
    /// # Safety
    /// As for [`throw`](Self::throw).
    pub(super) unsafe fn throw_ref(&mut self, st: State) -> Result<Next, Error> {
        // SAFETY: by the caller.
        let reference: u64 = unsafe { st.get(A) };
        let object = self.store().exceptions.get(reference).ok_or(Trap::NullReference)?;
        let thrown = Thrown::again(Arc::clone(object));
        // SAFETY: by the caller.
        unsafe { self.unwind(self.place(st), thrown) }
    }

    /// What becomes of an error that came up at `st`: one that carries an exception out of a host function goes on
    /// through this run's frames.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state.
    pub(super) unsafe fn recover(&mut self, error: Error, st: State) -> Result<Next, Error> {
        // SAFETY: by the caller.
        let outcome = match unsafe { self.rethrow(&error, st) } {
            Some(outcome) => outcome,
            None => Err(error),
        };
        // SAFETY: by the caller: what failed has left stack and position as they were saved.
        outcome.map_err(|error| unsafe { self.with_backtrace(error, st) })
    }

    /// Throws the exception that a host function has returned; `None` if it is something else that has failed.
    unsafe fn rethrow(&mut self, error: &Error, st: State) -> Option<Result<Next, Error>> {
        let object = self.store().exception_of(error.exception()?)?;
        // SAFETY: by the caller.
        unsafe {
            let place = match op_at(st.ip) {
                // Thrown by the guest, and no frame of this run has caught it.
                Op::Throw | Op::ThrowRef => return None,
                // The frame that made a tail call is gone as far as the guest can tell.
                Op::ReturnCallImport | Op::ReturnCallIndirect | Op::ReturnCallRef => {
                    self.caller(self.place(st))?
                }
                _ => self.place(st),
            };
            self.find_catch(place, object.tag).map(|catch| Ok(self.land(catch, &Thrown::again(object))))
        }
    }

    fn place(&self, st: State) -> Place {
        Place { instance: self.instance, ip: st.ip, fp: st.fp() }
    }

    unsafe fn caller(&self, place: Place) -> Option<Place> {
        let module = &self.store().instances[place.instance].module;
        let (func, _) = module.find_position(place.ip)?;
        // SAFETY: by the caller.
        unsafe { caller_of(self.store(), place, func) }
    }

    /// Goes on where an exception thrown at `place` is caught.
    unsafe fn unwind(&mut self, place: Place, thrown: Thrown) -> Result<Next, Error> {
        // SAFETY: by the caller.
        unsafe {
            match self.find_catch(place, thrown.tag) {
                Some(catch) => Ok(self.land(catch, &thrown)),
                None => {
                    let object = thrown.object();
                    Err(ErrorKind::Exception(self.store_mut().throw_to_host(object)).into())
                }
            }
        }
    }

    /// The innermost frame from `place` outwards that catches exceptions with this tag.
    unsafe fn find_catch(&self, mut place: Place, tag: TagAddr) -> Option<Catch> {
        let store = self.store();
        loop {
            let instance = &store.instances[place.instance];
            let is_tag = |idx: crate::types::TagIdx| instance.tag_addrs[idx.index()] == tag;
            let (func, landing) = instance.module.find_handler(place.ip, is_tag)?;
            if let Some(landing) = landing {
                return Some(Catch { place, func, landing });
            }
            // SAFETY: by the caller.
            place = unsafe { caller_of(store, place, func)? };
        }
    }

    /// Puts payload and reference where the handler wants them, and goes on there.
    unsafe fn land(&mut self, catch: Catch, thrown: &Thrown) -> Next {
        let Catch { place, func, landing: Landing { position, clause } } = catch;
        if place.instance != self.instance {
            self.enter_instance(place.instance);
        }
        let fp = place.fp;
        // SAFETY: INV-FRAME: the clause's cells are among the frame's. The link is read first, because results may lie
        // where arguments did, but not beyond the window; the payload may overlap where it comes from.
        unsafe {
            let next = position.map_or_else(|| self.return_from(place, func), |ip| Next::Resume(ip, fp));
            // The payload may come to lie over itself.
            let object = clause.reference.map(|_| thrown.object());
            if clause.tag.is_some() {
                core::ptr::copy(thrown.payload, fp.add(clause.payload as usize), thrown.cells);
            }
            if let (Some(cell), Some(object)) = (clause.reference, object) {
                let first_free = clause.payload.min(cell) as usize + thrown.cells;
                self.store_mut().extents.set_end(fp.add(first_free));
                let reference = self.store_mut().add_exception(object);
                fp.add(cell as usize).write(reference);
            }
            next
        }
    }

    /// The way on when the frame of `func` at `place` returns.
    unsafe fn return_from(&self, place: Place, func: FuncIdx) -> Next {
        let link_cell = self.store().instances[place.instance].module.funcs[func.index()].link_cell as usize;
        // SAFETY: INV-FRAME: the frame has its link there.
        unsafe {
            let link = place.fp.add(link_cell);
            let ip = with_exposed_provenance(link.read() as usize);
            Next::Resume(ip, with_exposed_provenance_mut(link.add(1).read() as usize))
        }
    }
}

impl Thrown {
    fn again(object: Arc<Exception>) -> Self {
        let (tag, payload, cells) = (object.tag, object.payload.as_ptr(), object.payload.len());
        Self { tag, payload, cells, object: Some(object) }
    }

    /// The exception as an object.
    ///
    /// # Safety
    /// The payload is where it was when this was made.
    unsafe fn object(&self) -> Arc<Exception> {
        self.object.clone().unwrap_or_else(|| {
            // SAFETY: by the caller.
            let payload = unsafe { core::slice::from_raw_parts(self.payload, self.cells) };
            Arc::new(Exception::new(self.tag, payload.into()))
        })
    }
}
