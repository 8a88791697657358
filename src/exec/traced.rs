//! Running op by op: for a tracer, and for calls that are suspended after so many ops.
//!
//! Each op is executed by the handler that call-threaded dispatch has for it, found by the op's number. That stands in
//! the code beside the head, so the code may be linked for any strategy, and the other loops know nothing of this one.
//! The engine's own ops (lowering on first call, gates) are executed like the others, but neither shown nor counted.
//!
//! INV-STATE: every op is in base form here, so between two ops the state lies in the value stack and the position.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr::NonNull;

use super::access::Accesses;
use super::backtrace::{Place, frames};
use super::driver::{NestingLevel, Next, Run};
use super::state::{Registers, State, op_at};
use crate::error::{Error, Trap};
use crate::isa::ops::Op;
use crate::runtime::{FuncPlace, HeldStack, StoreCore, TracedFrame, TracedOp, ValueStack};
use crate::types::InstanceAddr;

/// A call between two ops.
pub(crate) struct Suspended {
    stack: Arc<HeldStack>,
    instance: InstanceAddr,
    ip: *const u8,
    fp: *mut u64,
}

/// The stack of a suspended call, for it to go on.
fn released(held: Arc<HeldStack>) -> ValueStack {
    Arc::into_inner(held).expect("a collection, which looks at it, has the store for itself").stack
}

/// How far a run has come.
enum Progress {
    Paused(*const u8, *mut u64),
    Finished,
}

impl Suspended {
    /// A call of `func`, a function of a module, before its first op; `cells` begins with the arguments.
    ///
    /// # Errors
    /// As [`call`](super::call), as far as that happens before the first op.
    ///
    /// # Safety
    /// As for [`call`](super::call).
    pub(crate) unsafe fn new(store: NonNull<StoreCore>, func: u64, cells: &[u64]) -> Result<Self, Error> {
        let Some(FuncPlace::Wasm { instance, func }) = FuncPlace::from_cell(func) else {
            return Err(Error::usage("a function of the host's has no ops to execute"));
        };
        // SAFETY: by the caller.
        unsafe {
            let mut run = Run::new(store, instance)?;
            let (ip, fp) = run.lay_frame(func, cells)?;
            // Without ops to spend, this only gets the function lowered.
            match run.drive_for(ip, fp, &mut 0)? {
                Progress::Paused(ip, fp) => Ok(Self::of(run, ip, fp)),
                Progress::Finished => unreachable!("a function has an op that returns"),
            }
        }
    }

    /// Goes on for at most `ops` ops, which are counted down. `None` once the call has returned, with its results in
    /// `cells`.
    ///
    /// # Errors
    /// As [`call`](super::call).
    ///
    /// # Safety
    /// As for [`call`](super::call): `store` is the one that the call began in, and `cells` is as long as there.
    pub(crate) unsafe fn resume(
        self,
        store: NonNull<StoreCore>,
        ops: &mut u64,
        cells: &mut [u64],
    ) -> Result<Option<Self>, Error> {
        let _level = NestingLevel::enter(store)?;
        // SAFETY: by the caller.
        unsafe {
            let mut run = Run::with_stack(store, self.instance, released(self.stack));
            match run.drive_for(self.ip, self.fp, ops)? {
                Progress::Paused(ip, fp) => Ok(Some(Self::of(run, ip, fp))),
                Progress::Finished => {
                    core::ptr::copy_nonoverlapping(run.base(), cells.as_mut_ptr(), cells.len());
                    Ok(None)
                }
            }
        }
    }

    /// Shows the next op to `look`.
    ///
    /// # Safety
    /// As for [`resume`](Self::resume).
    pub(crate) unsafe fn look<R>(
        self,
        store: NonNull<StoreCore>,
        look: impl FnOnce(&TracedOp<'_>) -> R,
    ) -> (Self, R) {
        let (ip, fp) = (self.ip, self.fp);
        // SAFETY: by the caller; INV-STATE: the call was left between two ops.
        unsafe {
            let mut run = Run::with_stack(store, self.instance, released(self.stack));
            let mut registers = Registers::new(fp, &raw mut run.cx);
            let st = registers.at(ip);
            let op = op_at(ip);
            let accesses = Accesses::of(&run, st, op);
            let result = run.show(st, op, &accesses, look);
            (Self::of(run, ip, fp), result)
        }
    }

    fn of(mut run: Run, ip: *const u8, fp: *mut u64) -> Self {
        let mut registers = Registers::new(fp, &raw mut run.cx);
        // SAFETY: INV-STATE: the call was left between two ops; nobody else reaches the registers.
        let end = unsafe { run.frame_end(registers.at(ip)) };
        let stack = run.stack.take().expect("a run has its stack until it ends");
        let cells = (end.addr() - stack.base().addr()) / size_of::<u64>();
        let stack = run.store_mut().hold_stack(stack, cells);
        Self { stack, instance: run.instance, ip, fp }
    }
}

impl Run {
    /// As [`drive`](Self::drive), with everything shown to the store's tracer.
    ///
    /// # Safety
    /// As for [`drive`](Self::drive).
    pub(super) unsafe fn drive_traced(&mut self, ip: *const u8, fp: *mut u64) -> Result<(), Error> {
        let mut ops = u64::MAX;
        // SAFETY: by the caller.
        match unsafe { self.drive_for(ip, fp, &mut ops)? } {
            Progress::Finished => Ok(()),
            Progress::Paused(..) => unreachable!("nobody lives to see that many ops"),
        }
    }

    /// Runs from the op at `ip` until the call has returned or `ops` have been executed.
    ///
    /// # Safety
    /// INV-CODE: `ip` is a linked op; INV-FRAME: `fp` is its function's frame.
    unsafe fn drive_for(&mut self, ip: *const u8, fp: *mut u64, ops: &mut u64) -> Result<Progress, Error> {
        let mut registers = Registers::new(fp, &raw mut self.cx);
        // SAFETY: nobody else reaches the registers.
        let mut st = unsafe { registers.at(ip) };
        loop {
            // SAFETY: by the caller at first, by what ops leave behind afterwards.
            let outcome = unsafe {
                let op = op_at(st.ip);
                if matches!(op, Op::LowerFunc | Op::Finish | Op::RestoreInstance) {
                    self.step(st, op)
                } else if self.store().interrupt.take() {
                    Err(Trap::Interrupted.into())
                } else if *ops == 0 {
                    return Ok(Progress::Paused(st.ip, st.fp()));
                } else {
                    *ops -= 1;
                    self.step_shown(st, op)
                }
            };
            st = match outcome {
                Ok(Next::Finished) => return Ok(Progress::Finished),
                Ok(Next::Resume(ip, fp)) => st.goto(ip, fp),
                // SAFETY: INV-STATE: what failed has left stack and position as they were.
                Err(error) => match unsafe { self.recover(error, st)? } {
                    Next::Resume(ip, fp) => st.goto(ip, fp),
                    Next::Finished => unreachable!("a handler is a position in code"),
                },
            };
        }
    }

    /// Executes one op before the tracer's eyes, if there is one.
    unsafe fn step_shown(&mut self, st: State, op: Op) -> Result<Next, Error> {
        // Taken out while it looks, because it looks at the store; back in its place while the op is executed, for
        // calls that the host makes.
        let Some(mut tracer) = self.store_mut().tracer.take() else {
            // SAFETY: by the caller.
            return unsafe { self.step(st, op) };
        };
        // SAFETY: by the caller; `st` has the context, which stays in place.
        unsafe {
            let mut accesses = Accesses::of(self, st, op);
            self.show(st, op, &accesses, |op| tracer.before(op));
            self.store_mut().tracer = Some(tracer);
            let instance = self.instance;
            let outcome = self.step(st, op);
            // A host function may have taken the tracer away.
            let Some(mut tracer) = self.store_mut().tracer.take() else { return outcome };
            // The op may have entered another instance; what it has done is looked at from where it was.
            let entered = core::mem::replace(&mut self.instance, instance);
            accesses.refresh_writes(self, st);
            let result = outcome.as_ref().map(drop);
            self.show(st, op, &accesses, |op| tracer.after(op, result));
            self.instance = entered;
            self.store_mut().tracer = Some(tracer);
            outcome
        }
    }

    /// Calls `look` with what is to be seen of the op at `st`.
    unsafe fn show<R>(
        &self,
        st: State,
        op: Op,
        accesses: &Accesses,
        look: impl FnOnce(&TracedOp<'_>) -> R,
    ) -> R {
        let instance = self.instance();
        let (func, position) = instance
            .module
            .find_position(st.ip)
            .expect("all ops but the engine's own lie in a function's code");
        // SAFETY: INV-FRAME: the frame lies in the value stack, and the function has been lowered.
        let (frame_start, stack) = unsafe {
            let base = self.base();
            let start = st.fp().offset_from(base) as usize;
            let cells = instance.module.funcs[func.index()].frame_cells() as usize;
            (start, core::slice::from_raw_parts(base, start + cells))
        };
        let place = Place { instance: self.instance, ip: st.ip, fp: st.fp() };
        // SAFETY: INV-STATE: between two ops, links lie where calls have put them.
        let frames: &dyn Fn() -> Vec<TracedFrame> = &|| unsafe { frames(self.store(), place, self.base()) };
        let (reads, writes) = (&accesses.reads, &accesses.writes);
        look(&TracedOp { op, instance, func, position, stack, frame_start, reads, writes, frames })
    }
}
