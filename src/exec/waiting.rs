//! `memory.atomic.wait32`, `memory.atomic.wait64` and `memory.atomic.notify`.
//!
//! In go the operators' operands, out come what they push. A wait blocks the thread with no lock held and the call's state
//! saved (INV-STATE); an interrupt of the store ends it.

use alloc::sync::Arc;
use core::sync::atomic::Ordering::SeqCst;

use super::driver::Run;
use crate::error::Trap;
use crate::isa::ops::Op;
use crate::runtime::{MemoryEntity, Parked, Waiter, timeout_of};

/// The address of a word of so many bytes, checked as all atomic operators check theirs.
fn address(memory: &MemoryEntity, base: u64, offset: u64, bytes: u64) -> Result<u64, Trap> {
    if !base.wrapping_add(offset).is_multiple_of(bytes) {
        return Err(Trap::UnalignedAtomic);
    }
    let address = base.checked_add(offset).ok_or(Trap::MemoryOutOfBounds)?;
    memory.check_access(address, bytes)?;
    Ok(address)
}

/// Wakes up to `count` threads that wait at `base + offset`; returns how many.
pub(super) fn notify(memory: &MemoryEntity, base: u64, offset: u64, count: u32) -> Result<u32, Trap> {
    let address = address(memory, base, offset, 4)?;
    // Nobody can wait for what only one thread has.
    Ok(memory.shared().map_or(0, |block| block.parking.notify(address, count)))
}

impl Run {
    /// Waits at `place`, a base and an offset, while the word there is `expected`.
    pub(super) fn wait(
        &mut self,
        op: Op,
        memory: u32,
        place: (u64, u64),
        expected: u64,
        nanoseconds: i64,
    ) -> Result<u32, Trap> {
        let is_wide = op == Op::MemoryAtomicWait64;
        let memory = self.memory(memory);
        // SAFETY: INV-ARENA: the memory lives as long as the store, which is this thread's.
        let memory = unsafe { memory.as_ref() };
        let address = address(memory, place.0, place.1, if is_wide { 8 } else { 4 })?;
        let block = memory.shared().ok_or(Trap::ExpectedSharedMemory)?;
        if !self.store().engine.config.allow_wait {
            return Err(Trap::WaitNotAllowed);
        }
        let is_expected = || {
            if is_wide {
                block.word64(address).is_ok_and(|word| u64::from_le(word.load(SeqCst)) == expected)
            } else {
                block.word32(address).is_ok_and(|word| u32::from_le(word.load(SeqCst)) == expected as u32)
            }
        };
        let waiter = Waiter::new();
        let interrupt = Arc::clone(&self.store().interrupt);
        let parked = interrupt.while_waiting(&waiter, || {
            block.parking.wait(&waiter, address, timeout_of(nanoseconds), is_expected)
        });
        match parked {
            Parked::Done(result) => Ok(result as u32),
            Parked::Interrupted => {
                interrupt.take();
                Err(Trap::Interrupted)
            }
            Parked::Impossible => Err(Trap::WaitNotAllowed),
        }
    }
}
