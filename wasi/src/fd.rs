//! What is done to an open descriptor: reading, writing, seeking, syncing, closing.
//!
//! Transfers go straight between the host's file and guest memory. A file is read into all buffers; a stream only
//! into the first, because waiting for the second would keep from the guest what has come already.

use std::fs::File;
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::time::Duration;

use crate::ctx::WasiCtx;
use crate::host::{self, PollHandle, PollItem};
use crate::memory::{GuestMemory, Iovecs};
use crate::sock;
use crate::table::Kind;
use crate::types::{Errno, FdFlags, RecvFlags, Rights, Version, Whence};
use crate::wake::wait_ready;

/// Buffers handed to the system in one call; a program rarely has more.
const BATCH: usize = 16;

pub(crate) fn fd_read(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    result: u32,
) -> Result<(), Errno> {
    let iovecs = memory.iovecs(iovs, iovs_len)?;
    memory.check(result, 4)?;
    let descriptor = ctx.table.get(fd)?;
    let read = match &descriptor.kind {
        Kind::Dir(_) => return Err(Errno::IsDir),
        Kind::Stdout | Kind::Stderr => return Err(Errno::BadFd),
        Kind::Listener(_) => return Err(Errno::NotConnected),
        Kind::Socket(_) => sock::receive(ctx, memory, fd, iovecs, RecvFlags::default())?,
        Kind::File(file) => {
            descriptor.require(Rights::FD_READ)?;
            read_buffers(memory, iovecs, |buffer, _| host::retry(|| (&mut &*file).read(buffer)))?
        }
        Kind::Stdin => {
            descriptor.require(Rights::FD_READ)?;
            let nonblocking = descriptor.flags.contains(FdFlags::NONBLOCK);
            read_stdin(ctx, memory, iovecs, nonblocking)?
        }
    };
    memory.write_u32(result, read)
}

fn read_stdin(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    iovecs: Iovecs,
    nonblocking: bool,
) -> Result<u32, Errno> {
    for i in 0..iovecs.count() {
        let iovec = memory.iovec(iovecs, i)?;
        if iovec.len == 0 {
            continue;
        }
        ctx.stdio.flush()?;
        if nonblocking && ctx.stdio.stdin.is_inherited() {
            let mut items =
                [PollItem { handle: PollHandle::Stdin, for_write: false, ready: false, hang_up: false }];
            host::poll(&mut items, Some(Duration::ZERO))?;
            if !items[0].ready {
                return Err(Errno::Again);
            }
        }
        if ctx.stdio.stdin.is_inherited() {
            wait_ready(ctx.wake.as_ref(), PollHandle::Stdin, false)?;
        }
        let read = memory.fill(iovec.ptr, iovec.len, |buffer| told(ctx.stdio.stdin.read(buffer)))??;
        return Ok(u32::try_from(read).expect("a buffer is shorter than 4 GiB"));
    }
    Ok(0)
}

pub(crate) fn fd_pread(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    result: u32,
) -> Result<(), Errno> {
    let iovecs = memory.iovecs(iovs, iovs_len)?;
    memory.check(result, 4)?;
    let file = ctx.table.file(fd, Rights::FD_READ.union(Rights::FD_SEEK))?;
    let read = read_buffers(memory, iovecs, |buffer, done| {
        host::read_at(file, buffer, offset_from_guest(offset, done)?)
    })?;
    memory.write_u32(result, read)
}

/// Offsets are positive as the host's signed type has it.
fn offset_from_guest(offset: u64, done: u32) -> io::Result<u64> {
    offset
        .checked_add(u64::from(done))
        .filter(|&at| i64::try_from(at).is_ok())
        .ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// A read's outcome, and how many bytes have been written into its buffer.
fn told(outcome: io::Result<usize>) -> (usize, io::Result<usize>) {
    (outcome.as_ref().map_or(0, |&read| read), outcome)
}

/// Fills one buffer after the other until a read comes back short. `read` is also told what came before.
fn read_buffers(
    memory: &mut GuestMemory<'_>,
    iovecs: Iovecs,
    mut read: impl FnMut(&mut [u8], u32) -> io::Result<usize>,
) -> Result<u32, Errno> {
    let mut total = 0u32;
    for i in 0..iovecs.count() {
        let iovec = memory.iovec(iovecs, i)?;
        // A guest whose buffers lie over their own array can make the sum larger than it was at first.
        if total.checked_add(iovec.len).is_none() {
            break;
        }
        if iovec.len == 0 {
            memory.check(iovec.ptr, 0)?;
            continue;
        }
        match memory.fill(iovec.ptr, iovec.len, |buffer| told(read(buffer, total)))? {
            Ok(count) => {
                total += u32::try_from(count).expect("a buffer is shorter than 4 GiB");
                if count < iovec.len as usize {
                    break;
                }
            }
            // What has been read already must reach the guest; the error comes again with its next call.
            Err(_) if total > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(total)
}

pub(crate) fn fd_write(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    result: u32,
) -> Result<(), Errno> {
    let iovecs = memory.iovecs(iovs, iovs_len)?;
    memory.check(result, 4)?;
    let descriptor = ctx.table.get(fd)?;
    let written = match &descriptor.kind {
        Kind::Dir(_) => return Err(Errno::IsDir),
        Kind::Stdin => return Err(Errno::BadFd),
        Kind::Listener(_) => return Err(Errno::NotConnected),
        Kind::Socket(_) => sock::send(ctx, memory, fd, iovecs)?,
        Kind::File(file) => {
            descriptor.require(Rights::FD_WRITE)?;
            write_buffers(memory, iovecs, file)?
        }
        Kind::Stdout => {
            descriptor.require(Rights::FD_WRITE)?;
            ctx.stdio.stdout.write(memory.buffers(iovecs))?
        }
        Kind::Stderr => {
            descriptor.require(Rights::FD_WRITE)?;
            // A pipe that nobody reads any more must not swallow the error message as well.
            let _ = ctx.stdio.stdout.flush();
            ctx.stdio.stderr.write(memory.buffers(iovecs))?
        }
    };
    memory.write_u32(result, written)
}

/// Writes buffers to a file or connection in batches until a write comes back short.
pub(crate) fn write_buffers(
    memory: &GuestMemory<'_>,
    iovecs: Iovecs,
    mut to: impl Write,
) -> Result<u32, Errno> {
    let mut buffers = memory.buffers(iovecs);
    let mut total = 0u32;
    loop {
        let mut batch = [IoSlice::new(&[]); BATCH];
        let mut count = 0;
        let mut wanted = 0;
        for (slot, buffer) in batch.iter_mut().zip(&mut buffers) {
            *slot = IoSlice::new(buffer);
            wanted += buffer.len();
            count += 1;
        }
        if count == 0 {
            return Ok(total);
        }
        match host::retry(|| write_batch(&mut to, &batch[..count])) {
            Ok(written) => {
                total += u32::try_from(written).expect("iovecs are cut off below 4 GiB");
                if written < wanted {
                    return Ok(total);
                }
            }
            Err(_) if total > 0 => return Ok(total),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Most calls write one buffer, which costs the system less than a list of one.
fn write_batch(to: &mut impl Write, batch: &[IoSlice<'_>]) -> io::Result<usize> {
    match batch {
        [buffer] => to.write(buffer),
        _ => to.write_vectored(batch),
    }
}

pub(crate) fn fd_pwrite(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    result: u32,
) -> Result<(), Errno> {
    let iovecs = memory.iovecs(iovs, iovs_len)?;
    memory.check(result, 4)?;
    let file = ctx.table.file(fd, Rights::FD_WRITE.union(Rights::FD_SEEK))?;
    let mut total = 0u32;
    for buffer in memory.buffers(iovecs) {
        match offset_from_guest(offset, total).and_then(|at| host::write_at(file, buffer, at)) {
            Ok(written) => {
                total += u32::try_from(written).expect("iovecs are cut off below 4 GiB");
                if written < buffer.len() {
                    break;
                }
            }
            Err(_) if total > 0 => break,
            Err(error) => return Err(error.into()),
        }
    }
    memory.write_u32(result, total)
}

pub(crate) fn fd_seek(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    version: Version,
    fd: u32,
    offset: i64,
    whence: u32,
    result: u32,
) -> Result<(), Errno> {
    memory.check(result, 8)?;
    // Asking where one is takes less of a right than going elsewhere.
    let whence = Whence::from_guest(version, whence)?;
    let right = if offset == 0 && whence == Whence::Current { Rights::FD_TELL } else { Rights::FD_SEEK };
    let mut file = ctx.table.file(fd, right)?;
    let target = match whence {
        Whence::Set => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Invalid)?),
        Whence::Current => SeekFrom::Current(offset),
        Whence::End => SeekFrom::End(offset),
    };
    memory.write_u64(result, file.seek(target)?)
}

pub(crate) fn fd_tell(
    ctx: &mut WasiCtx,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    result: u32,
) -> Result<(), Errno> {
    memory.check(result, 8)?;
    let mut file = ctx.table.file(fd, Rights::FD_TELL)?;
    memory.write_u64(result, file.stream_position()?)
}

pub(crate) fn fd_close(ctx: &mut WasiCtx, _memory: &mut GuestMemory<'_>, fd: u32) -> Result<(), Errno> {
    let descriptor = ctx.table.remove(fd)?;
    match descriptor.kind {
        // The last chance to tell the guest that its output was not taken.
        Kind::Stdout => Ok(ctx.stdio.flush()?),
        _ => Ok(()),
    }
}

pub(crate) fn fd_renumber(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    from: u32,
    to: u32,
) -> Result<(), Errno> {
    let closed = ctx.table.renumber(from, to)?;
    if closed.is_some_and(|descriptor| matches!(descriptor.kind, Kind::Stdout)) {
        ctx.stdio.flush()?;
    }
    Ok(())
}

pub(crate) fn fd_sync(ctx: &mut WasiCtx, _memory: &mut GuestMemory<'_>, fd: u32) -> Result<(), Errno> {
    sync(ctx, fd, Rights::FD_SYNC, File::sync_all)
}

pub(crate) fn fd_datasync(ctx: &mut WasiCtx, _memory: &mut GuestMemory<'_>, fd: u32) -> Result<(), Errno> {
    sync(ctx, fd, Rights::FD_DATASYNC, File::sync_data)
}

fn sync(
    ctx: &mut WasiCtx,
    fd: u32,
    right: Rights,
    sync: impl Fn(&File) -> io::Result<()>,
) -> Result<(), Errno> {
    let descriptor = ctx.table.get(fd)?;
    match &descriptor.kind {
        Kind::File(file) => {
            descriptor.require(right)?;
            Ok(sync(file)?)
        }
        Kind::Dir(directory) => {
            descriptor.require(right)?;
            // A directory's own handle may be good for nothing but looking things up below it.
            Ok(sync(&directory.handle.open(".")?.into_std())?)
        }
        Kind::Stdout | Kind::Stderr => {
            descriptor.require(right)?;
            Ok(ctx.stdio.flush()?)
        }
        Kind::Stdin | Kind::Listener(_) | Kind::Socket(_) => Err(Errno::Invalid),
    }
}

pub(crate) fn fd_advise(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result<(), Errno> {
    if advice > 5 || i64::try_from(offset).is_err() || i64::try_from(len).is_err() {
        return Err(Errno::Invalid);
    }
    match ctx.table.file(fd, Rights::FD_ADVISE) {
        Ok(file) => host::advise(file, offset, len, advice),
        Err(Errno::IsDir) => Err(Errno::BadFd),
        Err(errno) => Err(errno),
    }
}

pub(crate) fn fd_allocate(
    ctx: &mut WasiCtx,
    _memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result<(), Errno> {
    let file = ctx.table.file(fd, Rights::FD_ALLOCATE)?;
    let fits = offset.checked_add(len).is_some_and(|end| i64::try_from(end).is_ok());
    if len == 0 {
        return Err(Errno::Invalid);
    }
    if fits { host::allocate(file, offset, len) } else { Err(Errno::FileTooBig) }
}
