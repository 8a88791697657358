//! Running op by op to count: what is executed, and what would be dispatched to.
//!
//! As in [`super::traced`], each op is executed by its handler for call-threaded dispatch, so the other loops know nothing
//! of this one. Which ops share a handler is what linking has chosen for the engine's strategy and settings; it is
//! chosen again for a function when it is first reached.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::dispatch;
use super::driver::{Next, Run};
use super::state::{Registers, State, op_at};
use super::{choose, list};
use crate::error::{Error, Trap};
use crate::isa::code::{CodeReader, OpRef};
use crate::isa::ops::Op;
use crate::isa::shape::Field;
use crate::lower;
use crate::runtime::{CompiledModule, CountedFunc, CountedLoop, CountedOp, Cursor};
use crate::types::FuncIdx;

impl Run {
    /// As [`drive`](Self::drive), with everything counted in the store's counter.
    ///
    /// # Safety
    /// As for [`drive`](Self::drive).
    pub(super) unsafe fn drive_counted(&mut self, ip: *const u8, fp: *mut u64) -> Result<(), Error> {
        let mut cursor = Cursor::default();
        let mut registers = Registers::new(fp, &raw mut self.cx);
        // SAFETY: nobody else reaches the registers.
        let mut st = unsafe { registers.at(ip) };
        loop {
            // SAFETY: by the caller at first, by what ops leave behind afterwards.
            let outcome = unsafe {
                let op = op_at(st.ip);
                let is_engines = matches!(op, Op::LowerFunc | Op::Finish | Op::RestoreInstance);
                if !is_engines && self.store().interrupt.take() {
                    Err(Trap::Interrupted.into())
                } else {
                    if !is_engines {
                        self.count(&mut cursor, st, op);
                    }
                    self.step(st, op)
                }
            };
            st = match outcome {
                Ok(Next::Finished) => return Ok(()),
                Ok(Next::Resume(ip, fp)) => st.goto(ip, fp),
                // SAFETY: INV-STATE: what failed has left stack and position as they were.
                Err(error) => match unsafe { self.recover(error, st)? } {
                    Next::Resume(ip, fp) => st.goto(ip, fp),
                    Next::Finished => unreachable!("a handler is a position in code"),
                },
            };
        }
    }

    /// Counts the op at `st`, a function's.
    #[inline]
    fn count(&mut self, cursor: &mut Cursor, st: State, op: Op) {
        let (ip, fp) = (st.ip.addr(), st.fp().addr());
        // SAFETY: as in `store`, without borrowing the run as a whole.
        let store = unsafe { self.store.as_mut() };
        let Some(counter) = &mut store.counter else { return };
        let func = match counter.current(cursor, ip, fp) {
            Some(func) => func,
            None => {
                let func = match counter.find(ip) {
                    Some(func) => func,
                    None => counter.add(plan(&store.instances[self.instance].module, st.ip)),
                };
                counter.enter(cursor, func, fp);
                func
            }
        };
        counter.count(cursor, func, ip, op.shape().bytes());
    }
}

/// The function whose code holds `ip`, with nothing counted yet.
fn plan(module: &Arc<CompiledModule>, ip: *const u8) -> CountedFunc {
    let (func, position) =
        module.find_position(ip).expect("all ops but the engine's own lie in a function's code");
    let mut scratch = lower::Scratch::default();
    let lowered = lower::lower(&module.info, func, &mut scratch, None).expect("it has been lowered before");
    let words = [lowered.prologue.words(), lowered.body.words()].concat();
    let ops = plan_ops(module, &words);
    let mut at_word = alloc::vec![0; words.len()];
    for (index, op) in ops.iter().enumerate() {
        at_word[op.position as usize / 8] = index as u32;
    }
    let start = ip.addr() - position as usize;
    CountedFunc {
        module: Arc::clone(module),
        func: FuncIdx(func.0),
        code: start..start + words.len() * 8,
        ops,
        loops: find_loops(&words),
        at_word,
        calls: 0,
    }
}

/// The ops, with what linking chooses for them.
fn plan_ops(module: &CompiledModule, words: &[u64]) -> Vec<CountedOp> {
    let config = &module.engine.config;
    let linkage = dispatch::linkage(module.engine.dispatch).limited(config);
    let mut items = Vec::new();
    list::list(&linkage, words, &mut items);
    let mut lens = Vec::with_capacity(items.len());
    choose::choose_all(&linkage, &items, |_, choice| lens.push(choice.len));
    let counted = |(item, len): (&crate::isa::code::Item, usize)| CountedOp {
        op: item.op,
        position: item.at * 8,
        executions: 0,
        dispatches: 0,
        sequence: len,
        form: item.form,
        followed: 0,
    };
    items.iter().zip(lens.into_iter().rev()).map(counted).collect()
}

/// The loops: what branches back leads to.
fn find_loops(words: &[u64]) -> Vec<CountedLoop> {
    let mut ends = alloc::collections::BTreeMap::new();
    for op in CodeReader::new(words) {
        for target in targets(&op).filter(|&target| target <= op.pos.0) {
            ends.insert(target, op.pos.0);
        }
    }
    ends.into_iter().map(|(head, end)| CountedLoop { head, end }).collect()
}

/// Where an op may branch to.
fn targets<'a>(op: &'a OpRef<'_>) -> impl Iterator<Item = u32> + 'a {
    let own = op.op.shape().fields().iter().filter_map(|field| match *field {
        Field::Target(at) => Some(op.target(at).0),
        _ => None,
    });
    own.chain(op.table_targets().map(|target| target.0))
}
