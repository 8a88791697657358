//! Clocks, randomness and limits that the embedder sets, and runs that can be repeated.

use std::fs;
use std::time::{Duration, Instant};

use crate::support::{BUFFER, Guest, INTR, IOVECS, MFILE, RESULT, RIGHT_READ, names, put_clock, put_fd};
use tempfile::TempDir;
use wapiti_wasi::{Clock, Clocks, DirAccess, WasiCtxBuilder};

fn now(guest: &mut Guest, clock: i64) -> u64 {
    guest.must("clock_time_get", &[clock, 0, RESULT.into()]);
    guest.u64_at(RESULT)
}

fn random(guest: &mut Guest, len: u32) -> Vec<u8> {
    guest.must("random_get", &[BUFFER.into(), len.into()]);
    guest.bytes(BUFFER, len).to_vec()
}

#[test]
fn deterministic_runs_repeat() {
    let run = |seed| {
        let dir = TempDir::new().expect("a temporary directory");
        for name in ["c", "a", "b", "aa"] {
            fs::write(dir.path().join(name), name).expect("room");
        }
        let mut builder = WasiCtxBuilder::new();
        builder.deterministic(seed);
        builder.preopened_dir(dir.path(), "/", DirAccess::ReadOnly).expect("just made");
        let mut guest = Guest::new(&mut builder);
        assert_eq!(names(&mut guest, 0x4000), [".", "..", "a", "aa", "b", "c"]);
        put_clock(&mut guest, IOVECS, 7, 3_600_000_000_000);
        let before = Instant::now();
        guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 1, RESULT.into()]);
        assert!(before.elapsed() < Duration::from_secs(1800), "an hour passes at once");
        assert_eq!(guest.u64_at(BUFFER), 7);
        (random(&mut guest, 100), [0, 1, 2, 3].map(|clock| now(&mut guest, clock)))
    };
    let (bytes, times) = run(1);
    assert_eq!((bytes.clone(), times), run(1));
    assert_ne!(bytes, run(2).0);
    assert!(times[1] >= 3_600_000_000_000 && times[1] < times[2] && times[2] < times[3]);
    assert!(times[0] > 946_684_800_000_000_000 + 3_600_000_000_000);
}

/// Shows what it is told to, and refuses to wait.
struct Stopped;

impl Clocks for Stopped {
    fn now(&mut self, clock: Clock) -> u64 {
        match clock {
            Clock::Realtime => 7,
            Clock::Monotonic => 8,
            Clock::ProcessCpu => 9,
            Clock::ThreadCpu => 10,
        }
    }

    fn wait(&mut self, nanoseconds: u64) -> bool {
        assert_eq!(nanoseconds, 92);
        false
    }
}

#[test]
fn clocks_of_the_embedders() {
    let mut guest = Guest::new(WasiCtxBuilder::new().clocks(Stopped).stdin(&b"x"[..]));
    assert_eq!([0, 1, 2, 3].map(|clock| now(&mut guest, clock)), [7, 8, 9, 10]);
    guest.must("clock_res_get", &[1, RESULT.into()]);
    assert_eq!(guest.u64_at(RESULT), 1);
    put_clock(&mut guest, IOVECS, 1, 100);
    guest.put(IOVECS + 40, &[1]);
    let args = [IOVECS.into(), BUFFER.into(), 1, RESULT.into()];
    assert_eq!(guest.call("poll_oneoff", &args), INTR, "until 100 is 92 more");
    guest.put(IOVECS + 24, &[8]);
    guest.must("poll_oneoff", &args);
    // What is ready already is not waited for.
    guest.put(IOVECS + 24, &[100]);
    put_fd(&mut guest, IOVECS + 48, 2, 1, 0);
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 2, RESULT.into()]);
    assert_eq!((guest.u32_at(RESULT), guest.u64_at(BUFFER)), (1, 2));
}

#[test]
fn randomness_of_the_embedders() {
    let mut next = 0u8;
    let mut guest = Guest::new(WasiCtxBuilder::new().random(move |bytes| {
        for byte in bytes {
            next += 1;
            *byte = next;
        }
    }));
    assert_eq!(random(&mut guest, 3), [1, 2, 3]);
    assert_eq!(random(&mut guest, 2), [4, 5]);
}

#[test]
fn descriptors_can_be_limited() {
    let dir = TempDir::new().expect("a temporary directory");
    fs::write(dir.path().join("f"), "").expect("room");
    let mut builder = WasiCtxBuilder::new();
    builder.max_descriptors(6).preopened_dir(dir.path(), "/", DirAccess::ReadOnly).expect("just made");
    let mut guest = Guest::new(&mut builder);
    assert_eq!(guest.open("f", 0, RIGHT_READ), Ok(4));
    assert_eq!(guest.open("f", 0, RIGHT_READ), Ok(5));
    assert_eq!(guest.open("f", 0, RIGHT_READ), Err(MFILE));
    guest.must("fd_close", &[4]);
    assert_eq!(guest.open("f", 0, RIGHT_READ), Ok(4));

    builder.max_descriptors(3).preopened_dir(dir.path(), "/", DirAccess::ReadOnly).expect("there");
    assert!(builder.build().is_err());
}
