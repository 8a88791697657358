//! Defines every WASI function in a linker: the one place that knows both the engine and the functions.
//!
//! The table at the end says for each function its name, its parameters and what runs. A function gets the
//! context and the caller's memory and returns `Result<(), Errno>`; what the guest sees is the code, 0 for success.

use wapiti::{Caller, Error, Extern, Linker};

use crate::ctx::WasiCtx;
use crate::memory::GuestMemory;
use crate::types::{Errno, Version};
use crate::{clock, dir, fd, fdstat, path, poll, process, random, sock};

/// Defines the 46 functions of `wasi_snapshot_preview1` and the 45 of its predecessor `wasi_unstable` in `linker`.
///
/// `get` finds the context in the store's data. See the crate's front page for an example.
///
/// # Errors
///
/// If the linker has one of these names already and does not allow shadowing.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
) -> Result<(), Error> {
    for (module, version) in
        [("wasi_unstable", Version::Unstable), ("wasi_snapshot_preview1", Version::Preview1)]
    {
        define_common(linker, module, get)?;
        define_versioned(linker, module, version, get)?;
        linker.func_wrap(module, "proc_exit", move |mut caller: Caller<'_, T>, code: u32| {
            process::proc_exit(get(caller.data_mut()), code)
        })?;
    }
    define_sock_accept(linker, "wasi_snapshot_preview1", get)
}

/// Runs one function for a guest and turns its result into the guest's. Compiled once for a linker, not for every
/// function in it, which is what `dyn` is for.
fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiCtx,
    run: &dyn Fn(&mut WasiCtx, &mut GuestMemory<'_>) -> Result<(), Errno>,
) -> Result<i32, Error> {
    let outcome = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => {
            let (bytes, data) = memory.data_and_store_mut(&mut *caller);
            run(get(data), &mut GuestMemory::new(bytes))
        }
        Some(Extern::SharedMemory(memory)) => run(get(caller.data_mut()), &mut GuestMemory::shared(memory)),
        _ => return Err(Error::msg("a WASI call needs the module to export its memory as `memory`")),
    };
    match outcome {
        Ok(()) => Ok(0),
        Err(Errno::Interrupted) => {
            // Who is told to stop while it waits stops there, and its backtrace says where that was.
            caller.check_interrupt()?;
            Ok(Errno::Interrupted as i32)
        }
        Err(errno) => Ok(errno as i32),
    }
}

/// Expands rows of `name => function[fixed arguments](parameters);` to a function that defines them all in a
/// linker, under a module name.
macro_rules! functions {
    ($(#[$doc:meta])* fn $define:ident($($version:ident: Version)?) {
        $($name:ident => $run:path [$($fixed:ident),*] ($($param:ident: $ty:ty),*);)*
    }) => {
        $(#[$doc])*
        fn $define<T: 'static>(
            linker: &mut Linker<T>,
            module: &str,
            $($version: Version,)?
            get: impl Fn(&mut T) -> &mut WasiCtx + Copy + Send + Sync + 'static,
        ) -> Result<(), Error> {
            $(
                linker.func_wrap(
                    module,
                    stringify!($name),
                    move |mut caller: Caller<'_, T> $(, $param: $ty)*| {
                        call(&mut caller, get, &|ctx, memory| $run(ctx, memory $(, $fixed)* $(, $param)*))
                    },
                )?;
            )*
            Ok(())
        }
    };
}

functions! {
    /// What is the same in both versions.
    fn define_common() {
        args_get => process::args_get[](argv: u32, buf: u32);
        args_sizes_get => process::args_sizes_get[](count: u32, size: u32);
        environ_get => process::environ_get[](environ: u32, buf: u32);
        environ_sizes_get => process::environ_sizes_get[](count: u32, size: u32);
        proc_raise => process::proc_raise[](signal: u32);
        sched_yield => process::sched_yield[]();
        random_get => random::random_get[](buf: u32, len: u32);
        clock_res_get => clock::clock_res_get[](clock: u32, result: u32);
        clock_time_get => clock::clock_time_get[](clock: u32, precision: u64, result: u32);

        fd_advise => fd::fd_advise[](fd: u32, offset: u64, len: u64, advice: u32);
        fd_allocate => fd::fd_allocate[](fd: u32, offset: u64, len: u64);
        fd_close => fd::fd_close[](fd: u32);
        fd_datasync => fd::fd_datasync[](fd: u32);
        fd_pread => fd::fd_pread[](fd: u32, iovs: u32, iovs_len: u32, offset: u64, result: u32);
        fd_pwrite => fd::fd_pwrite[](fd: u32, iovs: u32, iovs_len: u32, offset: u64, result: u32);
        fd_read => fd::fd_read[](fd: u32, iovs: u32, iovs_len: u32, result: u32);
        fd_renumber => fd::fd_renumber[](from: u32, to: u32);
        fd_sync => fd::fd_sync[](fd: u32);
        fd_tell => fd::fd_tell[](fd: u32, result: u32);
        fd_write => fd::fd_write[](fd: u32, iovs: u32, iovs_len: u32, result: u32);

        fd_fdstat_get => fdstat::fd_fdstat_get[](fd: u32, result: u32);
        fd_fdstat_set_flags => fdstat::fd_fdstat_set_flags[](fd: u32, flags: u32);
        fd_fdstat_set_rights => fdstat::fd_fdstat_set_rights[](fd: u32, rights: u64, inheriting: u64);
        fd_filestat_set_size => fdstat::fd_filestat_set_size[](fd: u32, size: u64);
        fd_filestat_set_times => fdstat::fd_filestat_set_times[](fd: u32, atime: u64, mtime: u64, flags: u32);

        fd_prestat_get => dir::fd_prestat_get[](fd: u32, result: u32);
        fd_prestat_dir_name => dir::fd_prestat_dir_name[](fd: u32, buf: u32, len: u32);
        fd_readdir => dir::fd_readdir[](fd: u32, buf: u32, len: u32, cookie: u64, result: u32);

        path_create_directory => path::path_create_directory[](fd: u32, path: u32, len: u32);
        path_filestat_set_times => path::path_filestat_set_times[](
            fd: u32, lookup: u32, path: u32, len: u32, atime: u64, mtime: u64, flags: u32
        );
        path_link => path::path_link[](
            old_fd: u32, lookup: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32
        );
        path_open => path::path_open[](
            fd: u32, lookup: u32, path: u32, len: u32, open: u32, rights: u64, inheriting: u64, flags: u32,
            result: u32
        );
        path_readlink => path::path_readlink[](
            fd: u32, path: u32, len: u32, buf: u32, buf_len: u32, result: u32
        );
        path_remove_directory => path::path_remove_directory[](fd: u32, path: u32, len: u32);
        path_rename => path::path_rename[](
            old_fd: u32, old: u32, old_len: u32, new_fd: u32, new: u32, new_len: u32
        );
        path_symlink => path::path_symlink[](target: u32, target_len: u32, fd: u32, path: u32, len: u32);
        path_unlink_file => path::path_unlink_file[](fd: u32, path: u32, len: u32);

        sock_recv => sock::sock_recv[](
            fd: u32, iovs: u32, iovs_len: u32, flags: u32, result: u32, result_flags: u32
        );
        sock_send => sock::sock_send[](fd: u32, iovs: u32, iovs_len: u32, flags: u32, result: u32);
        sock_shutdown => sock::sock_shutdown[](fd: u32, how: u32);
    }
}

functions! {
    /// What has other numbers or layouts in the old version.
    fn define_versioned(version: Version) {
        fd_filestat_get => fdstat::fd_filestat_get[version](fd: u32, result: u32);
        fd_seek => fd::fd_seek[version](fd: u32, offset: i64, whence: u32, result: u32);
        path_filestat_get => path::path_filestat_get[version](
            fd: u32, lookup: u32, path: u32, len: u32, result: u32
        );
        poll_oneoff => poll::poll_oneoff[version](subscriptions: u32, events: u32, count: u32, result: u32);
    }
}

functions! {
    /// What the old version does not have.
    fn define_sock_accept() {
        sock_accept => sock::sock_accept[](fd: u32, flags: u32, result: u32);
    }
}
