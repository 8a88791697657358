//! Arguments that no honest guest passes: every function answers with a code, and the host neither panics nor
//! reads or writes beyond the guest's memory.

use crate::support::{END, FAULT, FUNCTIONS, Guest};
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

/// The result pointer is the last parameter of these; a bad one must be noticed.
#[test]
fn bad_result_pointers() {
    for name in ["args_sizes_get", "clock_res_get", "fd_fdstat_get", "fd_filestat_get", "fd_prestat_get"] {
        let (mut guest, _dir) = guest();
        let first = match name {
            "args_sizes_get" => 0,
            _ => i64::from(name.starts_with("fd")) * 3,
        };
        for result in [END, END - 1, u32::MAX - 1, u32::MAX] {
            assert_eq!(guest.call(name, &[first, result.into()]), FAULT, "{name} {result:#x}");
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
