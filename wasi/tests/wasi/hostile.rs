//! Arguments that no honest guest passes: every function answers with a code, and the host neither panics nor
//! reads or writes beyond the guest's memory.

use crate::support::{BUFFER, END, FAULT, FUNCTIONS, Guest, IOVECS, PATH, READ_WRITE, RESULT};
use tempfile::TempDir;
use wapiti_wasi::{DirAccess, WasiCtxBuilder};

fn guest() -> (Guest, TempDir) {
    let dir = TempDir::new().expect("a temporary directory");
    let mut builder = WasiCtxBuilder::new();
    builder.args(["prog", "arg"]).env("A", "B").stdin(&b"some input"[..]);
    builder.preopened_dir(dir.path(), "/", DirAccess::ReadWrite).expect("just made");
    (Guest::new(&mut builder), dir)
}

/// `proc_exit` never comes back, and `poll_oneoff` may rightly wait for an hour.
fn callable() -> impl Iterator<Item = (&'static str, &'static str)> {
    FUNCTIONS.into_iter().filter(|(name, _)| !["proc_exit", "poll_oneoff"].contains(name))
}

#[test]
fn all_arguments_alike() {
    for value in [-1, 0, 1, i64::MIN, i64::MAX, 0x7fff_ffff, 0x8000_0000, END.into(), i64::from(END) - 1] {
        for (name, params) in FUNCTIONS.into_iter().filter(|(name, _)| *name != "proc_exit") {
            let (mut guest, _dir) = guest();
            let _ = guest.call(name, &vec![value; params.len()]);
        }
    }
}

/// An argument of a call that is good as a whole.
#[derive(Clone, Copy)]
enum Arg {
    Is(i64),
    /// An address, and how many bytes from there the call reads or writes.
    At(u32, u32),
}

use Arg::{At, Is};

/// Where the path of one letter stands that the calls use.
const ONE: Arg = At(PATH, 1);
const LEN: Arg = Is(1);
/// Where one iovec stands that is good.
const IOVS: Arg = At(IOVECS, 8);
const OUT: Arg = At(RESULT, 4);
/// The preopened directory, and a file that is open.
const DIR: Arg = Is(3);
const FILE: Arg = Is(4);
const ZERO: Arg = Is(0);

/// A call of every function that takes addresses, but those of sockets, which need one.
const CALLS: [(&str, &[Arg]); 31] = [
    ("args_get", &[At(BUFFER, 8), At(BUFFER + 8, 9)]),
    ("args_sizes_get", &[OUT, At(BUFFER, 4)]),
    ("environ_get", &[At(BUFFER, 4), At(BUFFER + 8, 4)]),
    ("environ_sizes_get", &[OUT, At(BUFFER, 4)]),
    ("clock_res_get", &[ZERO, At(BUFFER, 8)]),
    ("clock_time_get", &[ZERO, ZERO, At(BUFFER, 8)]),
    ("fd_fdstat_get", &[FILE, At(BUFFER, 24)]),
    ("fd_filestat_get", &[FILE, At(BUFFER, 64)]),
    ("fd_pread", &[FILE, IOVS, LEN, ZERO, OUT]),
    ("fd_prestat_get", &[DIR, At(BUFFER, 8)]),
    ("fd_prestat_dir_name", &[DIR, At(BUFFER, 1), LEN]),
    ("fd_pwrite", &[FILE, IOVS, LEN, ZERO, OUT]),
    ("fd_read", &[FILE, IOVS, LEN, OUT]),
    ("fd_readdir", &[DIR, At(BUFFER, 64), Is(64), ZERO, OUT]),
    ("fd_seek", &[FILE, ZERO, ZERO, At(BUFFER, 8)]),
    ("fd_tell", &[FILE, At(BUFFER, 8)]),
    ("fd_write", &[FILE, IOVS, LEN, OUT]),
    ("path_create_directory", &[DIR, ONE, LEN]),
    ("path_filestat_get", &[DIR, ZERO, ONE, LEN, At(BUFFER, 64)]),
    ("path_filestat_set_times", &[DIR, ZERO, ONE, LEN, ZERO, ZERO, ZERO]),
    ("path_link", &[DIR, ZERO, ONE, LEN, DIR, ONE, LEN]),
    ("path_open", &[DIR, ZERO, ONE, LEN, ZERO, ZERO, ZERO, ZERO, OUT]),
    ("path_readlink", &[DIR, ONE, LEN, At(BUFFER, 8), Is(8), OUT]),
    ("path_remove_directory", &[DIR, ONE, LEN]),
    ("path_rename", &[DIR, ONE, LEN, DIR, ONE, LEN]),
    ("path_symlink", &[ONE, LEN, DIR, ONE, LEN]),
    ("path_unlink_file", &[DIR, ONE, LEN]),
    ("poll_oneoff", &[At(SUBSCRIPTION, 48), At(BUFFER, 32), LEN, OUT]),
    ("random_get", &[At(BUFFER, 16), Is(16)]),
    // Streams have code of their own.
    ("fd_read", &[ZERO, IOVS, LEN, OUT]),
    ("fd_write", &[Is(2), IOVS, LEN, OUT]),
];

/// Where a subscription to a clock stands that is due.
const SUBSCRIPTION: u32 = 0x100;

/// Functions without addresses, and those of sockets.
const OTHERS: [&str; 19] = [
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_renumber",
    "fd_sync",
    "proc_exit",
    "proc_raise",
    "sched_yield",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
    "fd_read",
    "fd_write",
];

#[test]
fn every_address_is_checked() {
    for (name, _) in FUNCTIONS {
        assert!(CALLS.iter().any(|call| call.0 == name) || OTHERS.contains(&name), "{name} is not tested");
    }
    for (name, args) in CALLS {
        for bad in (0..args.len()).filter(|&i| matches!(args[i], At(..))) {
            let (mut guest, dir) = guest();
            std::fs::write(dir.path().join("f"), "text").expect("room");
            assert_eq!(guest.open("f", 0, READ_WRITE), Ok(4));
            guest.iovecs(&[(BUFFER, 4)]);
            guest.put(PATH, b"f");
            guest.put(SUBSCRIPTION, &[0; 48]);
            let with = |address: Option<u32>| -> Vec<i64> {
                let pick = |(i, arg): (usize, &Arg)| match (*arg, address) {
                    (Is(value), _) => value,
                    (At(..), Some(address)) if i == bad => address.into(),
                    (At(address, _), _) => address.into(),
                };
                args.iter().enumerate().map(pick).collect()
            };
            let At(_, bytes) = args[bad] else { unreachable!("these are addresses") };
            for address in
                [END - bytes + 1, END, END + 1, 0x7fff_ffff, 0x8000_0000, u32::MAX - bytes, u32::MAX]
            {
                let args = with(Some(address));
                assert_eq!(guest.call(name, &args), FAULT, "{name}{args:x?}, argument {bad}");
            }
            assert_eq!(std::fs::read(dir.path().join("f")).expect("nothing has happened to it"), b"text");
            let args = with(None);
            assert_ne!(guest.call(name, &args), FAULT, "{name}{args:x?} is good");
        }
    }
}

/// A small generator (xorshift); its numbers only have to be varied and the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn argument(&mut self) -> i64 {
        let value = self.next();
        match value % 5 {
            0 => (value >> 8 & 7).cast_signed(),
            1 => (value >> 8 & 0xffff).cast_signed(),
            2 => i64::from(END) - (value >> 8 & 0x3f).cast_signed(),
            3 => (value >> 8 & 0x3f).cast_signed(),
            _ => value.cast_signed(),
        }
    }
}

#[test]
fn arguments_by_chance() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..20 {
        let (mut guest, _dir) = guest();
        let memory: Vec<u8> = (0..END / 8).flat_map(|_| numbers.next().to_le_bytes()).collect();
        guest.put(0, &memory);
        for _ in 0..50 {
            for (name, params) in callable() {
                // A file of exabytes is allowed, but filling the disk is not what this test is about.
                if name == "fd_allocate" {
                    continue;
                }
                let args: Vec<i64> = params.chars().map(|_| numbers.argument()).collect();
                let code = guest.call(name, &args);
                assert!((0..77).contains(&code), "{name}{args:?} returned {code}");
            }
        }
    }
}
