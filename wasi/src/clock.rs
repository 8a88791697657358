//! Clocks: `clock_res_get` and `clock_time_get`, in nanoseconds.

use crate::ctx::WasiCtx;
use crate::memory::GuestMemory;
use crate::time::Clock;
use crate::types::Errno;

/// The clock that a guest means.
pub(crate) fn clock_from_guest(id: u32) -> Result<Clock, Errno> {
    match id {
        0 => Ok(Clock::Realtime),
        1 => Ok(Clock::Monotonic),
        2 => Ok(Clock::ProcessCpu),
        3 => Ok(Clock::ThreadCpu),
        _ => Err(Errno::Invalid),
    }
}

pub(crate) fn clock_res_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    clock: u32,
    result: u32,
) -> Result<(), Errno> {
    memory.write_u64(result, ctx.time.resolution(clock_from_guest(clock)?)?)
}

/// Precision is a wish; the clock is read as precisely as it goes.
pub(crate) fn clock_time_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    clock: u32,
    _precision: u64,
    result: u32,
) -> Result<(), Errno> {
    memory.write_u64(result, ctx.time.now(clock_from_guest(clock)?)?)
}
