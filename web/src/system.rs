//! What a program in the page has of a system: arguments, an input, two outputs, a clock. No files.
//!
//! The part of WASI preview 1 that needs nothing else; `wapiti-wasi` has all of it, but needs an operating system
//! below. Functions that are missing here answer `nosys`, so that a program that only might need them runs. Always:
//! no pointer, length or count of the guest's makes the host panic or read beyond the guest's memory.

use std::fmt;
use std::io::Read;

use wapiti::{Caller, Error, ExternType, Linker, Memory, Module, Val, ValType};

/// The module that programs import WASI from.
pub const WASI: &str = "wasi_snapshot_preview1";

/// Error codes ([WASI][wasi] calls them `errno`).
///
/// [wasi]: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#-errno-variant
mod errno {
    pub(super) const SUCCESS: u32 = 0;
    pub(super) const BADF: u32 = 8;
    pub(super) const FAULT: u32 = 21;
    pub(super) const INVAL: u32 = 28;
    pub(super) const IO: u32 = 29;
    pub(super) const NOSYS: u32 = 52;
    pub(super) const SPIPE: u32 = 70;
}

/// Descriptors of the standard streams.
const STDIN: u32 = 0;
const STDERR: u32 = 2;

/// Where a program's output goes: descriptor 1 or 2, and the bytes.
pub type Output = Box<dyn FnMut(u32, &[u8])>;

/// The state of one program's system calls.
pub struct System {
    /// The first one is the program's name.
    pub args: Vec<String>,
    /// Standard input.
    pub stdin: Box<dyn Read>,
    /// Standard output and error.
    pub output: Output,
    /// Nanoseconds since 1970.
    pub now: fn() -> u64,
    /// State of the random number generator. It is no secret.
    pub seed: u64,
}

/// The program ended by calling `proc_exit` with this code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u32);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the program ended with exit code {}", self.0)
    }
}

impl std::error::Error for Exit {}

/// The outcome of a system call: an error code is no failure of the host's.
type Outcome = Result<(), u32>;

impl System {
    fn random(&mut self) -> u8 {
        // xorshift64: good enough for hash tables and games.
        self.seed |= 1;
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        (self.seed >> 32) as u8
    }

    fn write(&mut self, bytes: &[u8], fd: u32, iovs: u32, count: u32, written: u32) -> Result<u32, u32> {
        if !(1..=STDERR).contains(&fd) {
            return Err(errno::BADF);
        }
        get_u32(bytes, written)?;
        let mut total = 0u32;
        for range in buffers(bytes, iovs, count)? {
            (self.output)(fd, &bytes[range.clone()]);
            total = total.saturating_add(range.len() as u32);
        }
        Ok(total)
    }

    fn read(&mut self, bytes: &mut [u8], fd: u32, iovs: u32, count: u32) -> Result<u32, u32> {
        if fd != STDIN {
            return Err(errno::BADF);
        }
        let mut total = 0u32;
        for range in buffers(bytes, iovs, count)? {
            let wanted = range.len();
            let read = self.stdin.read(&mut bytes[range]).map_err(|_| errno::IO)?;
            total = total.saturating_add(read as u32);
            if read < wanted {
                break;
            }
        }
        Ok(total)
    }

    fn write_args(&self, bytes: &mut [u8], pointers: u32, texts: u32) -> Outcome {
        let mut at = texts;
        for (arg, pointer) in self.args.iter().zip((pointers..).step_by(4)) {
            put(bytes, pointer, &at.to_le_bytes())?;
            put(bytes, at, arg.as_bytes())?;
            put(bytes, at.saturating_add(arg.len() as u32), &[0])?;
            at = at.saturating_add(arg.len() as u32 + 1);
        }
        Ok(())
    }

    fn args_bytes(&self) -> u32 {
        self.args.iter().map(|arg| arg.len() as u32 + 1).sum()
    }
}

/// A cell that tells a descriptor's kind: a terminal that can be read or written.
fn fdstat(fd: u32) -> [u8; 24] {
    const CHARACTER_DEVICE: u8 = 2;
    const READ: u64 = 1 << 1;
    const WRITE: u64 = 1 << 6;
    let rights = if fd == STDIN { READ } else { WRITE };
    let mut stat = [0; 24];
    stat[0] = CHARACTER_DEVICE;
    stat[8..16].copy_from_slice(&rights.to_le_bytes());
    stat
}

/// The bytes at `address`, as many as `len`.
fn range(bytes: &[u8], address: u32, len: u32) -> Result<core::ops::Range<usize>, u32> {
    let start = address as usize;
    let end = start.checked_add(len as usize).filter(|&end| end <= bytes.len()).ok_or(errno::FAULT)?;
    Ok(start..end)
}

fn get_u32(bytes: &[u8], address: u32) -> Result<u32, u32> {
    let word = &bytes[range(bytes, address, 4)?];
    Ok(u32::from_le_bytes(word.try_into().expect("the range is four bytes long")))
}

fn put(bytes: &mut [u8], address: u32, value: &[u8]) -> Outcome {
    let range = range(bytes, address, value.len() as u32)?;
    bytes[range].copy_from_slice(value);
    Ok(())
}

/// The ranges that an array of `count` buffers names, all of them within memory.
fn buffers(bytes: &[u8], iovs: u32, count: u32) -> Result<Vec<core::ops::Range<usize>>, u32> {
    let array = range(bytes, iovs, count.checked_mul(8).ok_or(errno::INVAL)?)?;
    array
        .step_by(8)
        .map(|at| range(bytes, get_u32(bytes, at as u32)?, get_u32(bytes, at as u32 + 4)?))
        .collect()
}

/// Runs a system call on the guest's memory, and turns its outcome into the code that the guest gets.
fn with_memory<T: 'static>(
    caller: &mut Caller<'_, T>,
    system: impl Fn(&mut T) -> &mut System,
    call: impl FnOnce(&mut [u8], &mut System) -> Outcome,
) -> Result<u32, Error> {
    let memory: Option<Memory> = caller.get_export("memory").and_then(|export| export.into_memory());
    let memory = memory.ok_or_else(|| Error::msg("a WASI program exports its memory as `memory`"))?;
    let (bytes, data) = memory.data_and_store_mut(caller);
    Ok(call(bytes, system(data)).err().unwrap_or(errno::SUCCESS))
}

/// Adds the system calls to `linker`; `system` finds their state in the store's data.
///
/// # Errors
///
/// If the linker has one of them already.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    system: impl Fn(&mut T) -> &mut System + Copy + Send + Sync + 'static,
) -> Result<(), Error> {
    add_streams(linker, system)?;
    add_environment(linker, system)?;
    linker.func_wrap(WASI, "proc_exit", |code: u32| -> Result<(), Error> { Err(Error::host(Exit(code))) })?;
    linker.func_wrap(WASI, "sched_yield", || errno::SUCCESS)?;
    Ok(())
}

fn add_streams<T: 'static>(
    linker: &mut Linker<T>,
    system: impl Fn(&mut T) -> &mut System + Copy + Send + Sync + 'static,
) -> Result<(), Error> {
    linker.func_wrap(
        WASI,
        "fd_write",
        move |mut caller: Caller<'_, T>, fd: u32, iovs: u32, count: u32, written: u32| {
            with_memory(&mut caller, system, |bytes, system| {
                let total = system.write(bytes, fd, iovs, count, written)?;
                put(bytes, written, &total.to_le_bytes())
            })
        },
    )?;
    linker.func_wrap(
        WASI,
        "fd_read",
        move |mut caller: Caller<'_, T>, fd: u32, iovs: u32, count: u32, read: u32| {
            with_memory(&mut caller, system, |bytes, system| {
                get_u32(bytes, read)?;
                let total = system.read(bytes, fd, iovs, count)?;
                put(bytes, read, &total.to_le_bytes())
            })
        },
    )?;
    linker.func_wrap(WASI, "fd_fdstat_get", move |mut caller: Caller<'_, T>, fd: u32, stat: u32| {
        with_memory(&mut caller, system, |bytes, _| match fd {
            0..=STDERR => put(bytes, stat, &fdstat(fd)),
            _ => Err(errno::BADF),
        })
    })?;
    linker.func_wrap(WASI, "fd_close", |fd: u32| if fd <= STDERR { errno::SUCCESS } else { errno::BADF })?;
    linker.func_wrap(
        WASI,
        "fd_seek",
        |fd: u32, _offset: i64, _whence: u32, _result: u32| {
            if fd <= STDERR { errno::SPIPE } else { errno::BADF }
        },
    )?;
    // There are no preopened directories: the first descriptor that might be one is not open.
    linker.func_wrap(WASI, "fd_prestat_get", |_fd: u32, _stat: u32| errno::BADF)?;
    linker.func_wrap(WASI, "fd_prestat_dir_name", |_fd: u32, _path: u32, _len: u32| errno::BADF)?;
    Ok(())
}

fn add_environment<T: 'static>(
    linker: &mut Linker<T>,
    system: impl Fn(&mut T) -> &mut System + Copy + Send + Sync + 'static,
) -> Result<(), Error> {
    linker.func_wrap(
        WASI,
        "args_sizes_get",
        move |mut caller: Caller<'_, T>, count: u32, bytes_len: u32| {
            with_memory(&mut caller, system, |bytes, system| {
                put(bytes, count, &(system.args.len() as u32).to_le_bytes())?;
                put(bytes, bytes_len, &system.args_bytes().to_le_bytes())
            })
        },
    )?;
    linker.func_wrap(WASI, "args_get", move |mut caller: Caller<'_, T>, pointers: u32, texts: u32| {
        with_memory(&mut caller, system, |bytes, system| system.write_args(bytes, pointers, texts))
    })?;
    linker.func_wrap(WASI, "environ_sizes_get", move |mut caller: Caller<'_, T>, count: u32, len: u32| {
        with_memory(&mut caller, system, |bytes, _| {
            put(bytes, count, &[0; 4])?;
            put(bytes, len, &[0; 4])
        })
    })?;
    linker.func_wrap(WASI, "environ_get", |_pointers: u32, _texts: u32| errno::SUCCESS)?;
    linker.func_wrap(
        WASI,
        "clock_time_get",
        move |mut caller: Caller<'_, T>, _clock: u32, _precision: u64, time: u32| {
            with_memory(&mut caller, system, |bytes, system| put(bytes, time, &(system.now)().to_le_bytes()))
        },
    )?;
    linker.func_wrap(
        WASI,
        "clock_res_get",
        move |mut caller: Caller<'_, T>, _clock: u32, resolution: u32| {
            with_memory(&mut caller, system, |bytes, _| put(bytes, resolution, &1_000_000u64.to_le_bytes()))
        },
    )?;
    linker.func_wrap(WASI, "random_get", move |mut caller: Caller<'_, T>, address: u32, len: u32| {
        with_memory(&mut caller, system, |bytes, system| {
            let range = range(bytes, address, len)?;
            bytes[range].fill_with(|| system.random());
            Ok(())
        })
    })?;
    Ok(())
}

/// Defines what `module` imports of WASI beyond that as functions that answer `nosys`.
///
/// # Errors
///
/// None at present: names that are defined already are left alone.
pub fn define_the_rest<T: 'static>(linker: &mut Linker<T>, module: &Module) -> Result<(), Error> {
    linker.allow_shadowing(false);
    for import in module.imports().filter(|import| import.module() == WASI) {
        let ExternType::Func(ty) = import.ty() else { continue };
        if ty.results() == [ValType::I32] {
            let answer = |_: Caller<'_, T>, _: &[Val], results: &mut [Val]| {
                results[0] = Val::I32(errno::NOSYS.cast_signed());
                Ok(())
            };
            // What is defined already stays: shadowing is off.
            let _ = linker.func_new(WASI, import.name(), ty, answer);
        }
    }
    Ok(())
}
