//! What all modules and stores of an engine share: its settings, the types that they define, and the few ops that
//! belong to no function.
//!
//! In goes a configuration and, from `exec`, the handlers of the strategy in use; nothing changes afterwards but the
//! registry of types, and the memory that waits to be used again: value stacks that no store has at the moment, and what
//! lowering needs.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::code::{CodeWord, Scratch};
use super::stack::ValueStack;
use crate::config::{Config, Dispatch};
use crate::isa::ops::Op;
use crate::isa::shape::CALL_BYTES;
use crate::sync::Mutex;
use crate::types::{DefinedType, TypeRegistry};

/// The shared part of an engine.
pub(crate) struct EngineShared {
    pub(crate) config: Config,
    /// The strategy really in use.
    pub(crate) dispatch: Dispatch,
    /// What an op in base form has at its head under that strategy: the address of its handler in the header, or, for
    /// the match loop, its number.
    pub(crate) word_of: fn(Op) -> usize,
    gates: Box<[CodeWord]>,
    pub(crate) types: Arc<TypeRegistry>,
    /// Value stacks that stores have left behind.
    idle_stacks: Mutex<Vec<ValueStack>>,
    /// What was defined last, so that a module need not define anew what the one before it had.
    recent_types: Mutex<RecentTypes>,
    /// What lowering has left behind.
    idle_scratch: Mutex<Option<Scratch>>,
}

/// How many value stacks an engine keeps for stores to come.
const MAX_IDLE_STACKS: usize = 4;

/// How many types an engine keeps though nobody else does, and how many values they have at most.
const MAX_RECENT_TYPES: usize = 8;
const MAX_RECENT_VALUES: usize = 4;

/// Types of functions that many modules have.
#[derive(Default)]
struct RecentTypes {
    types: [Option<DefinedType>; MAX_RECENT_TYPES],
    /// Which one makes room for the next.
    oldest: usize,
}

/// How large the memory is at most that an engine keeps for lowering to come.
const MAX_SCRATCH_BYTES: usize = 256 * 1024;

/// Words of one gate: room for the call that INV-CALL wants before a return position, then the op.
const GATE_WORDS: usize = CALL_BYTES / 8 + 2;

impl EngineShared {
    pub(crate) fn new(config: &Config, dispatch: Dispatch, word_of: fn(Op) -> usize) -> Arc<Self> {
        let mut gates = Vec::with_capacity(2 * GATE_WORDS);
        for op in [Op::Finish, Op::RestoreInstance] {
            // An op that is no call: what looks for a call before a return position finds none.
            gates.extend([0, u64::from(Op::Unreachable as u16).to_le(), 0]);
            gates.extend([word_of(op) as u64, u64::from(op as u16).to_le()]);
        }
        Arc::new(Self {
            config: config.clone(),
            dispatch,
            word_of,
            gates: gates.into_iter().map(CodeWord::new).collect(),
            types: Arc::default(),
            idle_stacks: Mutex::new(Vec::new()),
            recent_types: Mutex::default(),
            idle_scratch: Mutex::new(None),
        })
    }

    /// A value stack of the size that the settings say, perhaps one that another store has used; `None` if there is no
    /// memory for it.
    pub(crate) fn take_stack(&self) -> Option<ValueStack> {
        // Taken under the lock, made without it.
        let idle = self.idle_stacks.lock().pop();
        idle.or_else(|| ValueStack::new(self.config.max_stack_bytes))
    }

    /// Takes back what [`take_stack`](Self::take_stack) gave. A fresh one costs more than what a small module needs
    /// to start, because the allocator clears one that it has given out before.
    pub(crate) fn give_back_stacks(&self, stacks: &mut Vec<ValueStack>) {
        let mut idle = self.idle_stacks.lock();
        let room = MAX_IDLE_STACKS - idle.len();
        idle.extend(stacks.drain(..).take(room));
    }

    /// Keeps `types`, which were just defined, for a while, if they are few and small.
    pub(crate) fn keep_types(&self, types: &[DefinedType]) {
        // With more of them, the last ones would only replace the first.
        if types.len() > MAX_RECENT_TYPES {
            return;
        }
        let is_common = |ty: &&DefinedType| ty.plain_values().is_some_and(|count| count <= MAX_RECENT_VALUES);
        for ty in types.iter().filter(is_common) {
            let mut recent = self.recent_types.lock();
            if recent.types.iter().flatten().any(|known| known == ty) {
                continue;
            }
            let oldest = recent.oldest;
            recent.oldest = (oldest + 1) % MAX_RECENT_TYPES;
            let replaced = recent.types[oldest].replace(ty.clone());
            // It may be the last that anybody holds; taking it out of the registry is not what this lock is for.
            drop(recent);
            drop(replaced);
        }
    }

    /// Memory for lowering, perhaps what has served before.
    pub(crate) fn take_scratch(&self) -> Scratch {
        self.idle_scratch.lock().take().unwrap_or_default()
    }

    /// Takes back what [`take_scratch`](Self::take_scratch) gave, unless some large function has made it large.
    pub(crate) fn give_back_scratch(&self, scratch: Scratch) {
        if scratch.bytes() <= MAX_SCRATCH_BYTES {
            *self.idle_scratch.lock() = Some(scratch);
        }
    }

    /// How many value stacks wait for a store.
    #[cfg(test)]
    pub(crate) fn idle_stack_count(&self) -> usize {
        self.idle_stacks.lock().len()
    }

    /// Return position of frames that the host called: ends the run.
    pub(crate) fn finish_gate(&self) -> *const u8 {
        self.gate(0)
    }

    /// Return position of frames that another instance called: switches back to it.
    pub(crate) fn restore_gate(&self) -> *const u8 {
        self.gate(1)
    }

    fn gate(&self, index: usize) -> *const u8 {
        // A pointer to all of them, because INV-CALL has somebody look before the op.
        self.gates.as_ptr().wrapping_add(index * GATE_WORDS).cast::<u8>().wrapping_add(CALL_BYTES)
    }
}
