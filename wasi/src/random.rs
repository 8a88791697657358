//! Randomness: `random_get` fills guest memory from the operating system's generator.

use crate::ctx::WasiCtx;
use crate::memory::GuestMemory;
use crate::types::Errno;

pub(crate) fn random_get(
    _ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    buf: u32,
    len: u32,
) -> Result<(), Errno> {
    getrandom::fill(memory.slice_mut(buf, len)?).map_err(|_| Errno::Io)
}
