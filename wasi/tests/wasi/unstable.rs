//! What is different for modules that import from `wasi_unstable`.

use crate::support::{BUFFER, Guest, IOVECS, O_CREAT, READ_WRITE, RESULT};
use tempfile::TempDir;
use wapiti_wasi::{DirAccess, WasiCtxBuilder};

fn guest() -> (Guest, TempDir) {
    let dir = TempDir::new().expect("a temporary directory");
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(dir.path(), "/", DirAccess::ReadWrite).expect("just made");
    (Guest::with_module("wasi_unstable", &mut builder), dir)
}

#[test]
fn whence_has_other_numbers() {
    let (mut guest, _dir) = guest();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.write(fd, b"0123456789").expect("room");
    for (offset, whence, expected) in [(4, 2, 4), (1, 0, 5), (-3, 1, 7)] {
        guest.must("fd_seek", &[fd, offset, whence, RESULT.into()]);
        assert_eq!(guest.u64_at(RESULT), expected);
    }
}

#[test]
fn attributes_have_another_layout() {
    let (mut guest, _dir) = guest();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.write(fd, b"0123456789").expect("room");
    guest.put(BUFFER, &[0xff; 64]);
    guest.must("fd_filestat_get", &[fd, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER + 16, 1), [4]);
    assert_eq!(guest.u32_at(BUFFER + 20), 1, "links");
    assert_eq!(guest.u64_at(BUFFER + 24), 10, "size");
    assert_eq!(guest.bytes(BUFFER + 56, 8), [0xff; 8], "8 bytes shorter");
}

#[test]
fn clock_subscriptions_are_longer() {
    let (mut guest, _dir) = guest();
    // Userdata 5; identifier 9; the monotonic clock; a timeout of 1 ns.
    for (at, value) in [(0, 5u64), (8, 0), (16, 9), (24, 1), (32, 1), (40, 0), (48, 0)] {
        guest.put(IOVECS + at, &value.to_le_bytes());
    }
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 1, RESULT.into()]);
    assert_eq!((guest.u32_at(RESULT), guest.u64_at(BUFFER)), (1, 5));

    // The second element lies 56 bytes on: userdata 6, writing to descriptor 1.
    for (at, value) in [(56, 6u64), (64, 2), (72, 1)] {
        guest.put(IOVECS + at, &value.to_le_bytes());
    }
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 2, RESULT.into()]);
    let userdata = (0..guest.u32_at(RESULT)).map(|i| guest.u64_at(BUFFER + 32 * i)).collect::<Vec<_>>();
    assert!(userdata.contains(&6), "{userdata:?}");
}

#[test]
fn paths_have_the_same_layouts_as_descriptors() {
    let (mut guest, _dir) = guest();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.must("fd_filestat_get", &[fd, BUFFER.into()]);
    let by_fd = guest.bytes(BUFFER, 56).to_vec();
    let [path, len] = guest.path("f");
    guest.put(BUFFER, &[0xff; 64]);
    guest.must("path_filestat_get", &[3, 0, path, len, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER, 56), by_fd);
    assert_eq!(guest.bytes(BUFFER + 56, 8), [0xff; 8]);
}
