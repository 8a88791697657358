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
    memory.check(buf, len)?;
    let mut done = 0;
    while done < len {
        let part = (len - done).min(memory.max_len());
        memory.fill(buf + done, part, |buffer| {
            let outcome = ctx.random.fill(buffer);
            (if outcome.is_ok() { buffer.len() } else { 0 }, outcome)
        })??;
        done += part;
    }
    Ok(())
}
