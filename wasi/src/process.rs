//! Arguments, environment, and the guest's end: `args_*`, `environ_*`, `proc_*`, `sched_yield`.

use std::fmt;

use wapiti::Error;

use crate::ctx::WasiCtx;
use crate::memory::GuestMemory;
use crate::types::Errno;

/// A guest called `proc_exit` with this code. The call that ran the guest fails with it:
/// `error.downcast_ref::<I32Exit>()` finds it.
///
/// Code 0 is a success, so an embedder looks for this before it reports an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I32Exit(pub i32);

impl fmt::Display for I32Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the guest exited with code {}", self.0)
    }
}

impl std::error::Error for I32Exit {}

pub(crate) fn args_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    argv: u32,
    buf: u32,
) -> Result<(), Errno> {
    write_strings(memory, &ctx.args, argv, buf)
}

pub(crate) fn args_sizes_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    count: u32,
    size: u32,
) -> Result<(), Errno> {
    write_sizes(memory, &ctx.args, count, size)
}

pub(crate) fn environ_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    environ: u32,
    buf: u32,
) -> Result<(), Errno> {
    write_strings(memory, &ctx.env, environ, buf)
}

pub(crate) fn environ_sizes_get(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    count: u32,
    size: u32,
) -> Result<(), Errno> {
    write_sizes(memory, &ctx.env, count, size)
}

/// Writes `strings` one after the other from `buf` on, each with a NUL, and their addresses from `pointers` on.
fn write_strings(
    memory: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    mut pointers: u32,
    mut buf: u32,
) -> Result<(), Errno> {
    for string in strings {
        memory.write_u32(pointers, buf)?;
        memory.write(buf, string)?;
        let len = u32::try_from(string.len()).map_err(|_| Errno::Overflow)?;
        let nul = buf.checked_add(len).ok_or(Errno::Fault)?;
        memory.write(nul, &[0])?;
        buf = nul.checked_add(1).ok_or(Errno::Fault)?;
        pointers = pointers.checked_add(4).ok_or(Errno::Fault)?;
    }
    Ok(())
}

fn write_sizes(
    memory: &mut GuestMemory<'_>,
    strings: &[Vec<u8>],
    count: u32,
    size: u32,
) -> Result<(), Errno> {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    memory.write_u32(count, u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?)?;
    memory.write_u32(size, u32::try_from(bytes).map_err(|_| Errno::Overflow)?)
}

/// Ends the guest. An exit code is passed on as it is; what a process can make of it is the embedder's business.
pub(crate) fn proc_exit(ctx: &mut WasiCtx, code: u32) -> Result<(), Error> {
    // A guest that exits has no way left to be told that its last output was not taken.
    let _ = ctx.flush();
    Err(Error::host(I32Exit(code.cast_signed())))
}

/// There are no signals that a guest could be told of.
pub(crate) fn proc_raise(
    _ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    _signal: u32,
) -> Result<(), Errno> {
    Err(Errno::NotSupported)
}

pub(crate) fn sched_yield(ctx: &mut WasiCtx, _memory: &mut GuestMemory<'_>) -> Result<(), Errno> {
    ctx.stdio.flush()?;
    std::thread::yield_now();
    Ok(())
}
