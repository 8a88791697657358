//! Sockets: `sock_*`. A guest cannot get hold of one, so every descriptor is something else.
//!
//! Nothing pretends to succeed: a bad descriptor is `EBADF`, any other `ENOTSOCK`.

use crate::ctx::WasiCtx;
use crate::memory::GuestMemory;
use crate::types::Errno;

fn not_a_socket(ctx: &WasiCtx, fd: u32) -> Result<(), Errno> {
    ctx.table.get(fd)?;
    Err(Errno::NotSocket)
}

pub(crate) fn sock_accept(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _flags: u32,
    _result: u32,
) -> Result<(), Errno> {
    not_a_socket(ctx, fd)
}

pub(crate) fn sock_recv(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _iovs: u32,
    _iovs_len: u32,
    _flags: u32,
    _result: u32,
    _result_flags: u32,
) -> Result<(), Errno> {
    not_a_socket(ctx, fd)
}

pub(crate) fn sock_send(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _iovs: u32,
    _iovs_len: u32,
    _flags: u32,
    _result: u32,
) -> Result<(), Errno> {
    not_a_socket(ctx, fd)
}

pub(crate) fn sock_shutdown(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    _how: u32,
) -> Result<(), Errno> {
    not_a_socket(ctx, fd)
}
