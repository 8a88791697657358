//! Randomness: `random_get`.

use crate::ctx::WasiCtx;
use crate::memory::GuestMemory;
use crate::types::Errno;

pub(crate) fn random_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    buf: u32,
    len: u32,
) -> Result<(), Errno> {
    ctx.random.fill(memory.slice_mut(buf, len)?)
}
