//! What the public WASI test suite is about, for checkouts without it; what the other tests of this program have
//! already is not repeated.

use std::fs;

use crate::support::{
    APPEND, BADF, BUFFER, EXIST, FOLLOW, Guest, INVAL, ISDIR, LOOP, NOENT, NOTDIR, NOTEMPTY, O_CREAT,
    O_DIRECTORY, O_EXCL, O_TRUNC, READ_WRITE, RESULT, RIGHT_READ, RIGHT_WRITE, SUCCESS,
};
use tempfile::TempDir;
use wapiti_wasi::{DirAccess, WasiCtxBuilder};

fn guest() -> (Guest, TempDir) {
    let dir = TempDir::new().expect("a temporary directory");
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(dir.path(), "/", DirAccess::ReadWrite).expect("just made");
    (Guest::new(&mut builder), dir)
}

/// Calls a function of one path below descriptor 3.
fn at(guest: &mut Guest, name: &str, path: &str) -> i32 {
    let [ptr, len] = guest.path(path);
    guest.call(name, &[3, ptr, len])
}

fn rename(guest: &mut Guest, from: &str, to: &str) -> i32 {
    let [from, from_len] = guest.path(from);
    let [to, to_len] = guest.second_path(to);
    guest.call("path_rename", &[3, from, from_len, 3, to, to_len])
}

fn symlink(guest: &mut Guest, target: &str, link: &str) -> i32 {
    let [target, target_len] = guest.path(target);
    let [link, link_len] = guest.second_path(link);
    guest.call("path_symlink", &[target, target_len, 3, link, link_len])
}

fn stat(guest: &mut Guest, lookup: i64, path: &str) -> i32 {
    let [ptr, len] = guest.path(path);
    guest.call("path_filestat_get", &[3, lookup, ptr, len, BUFFER.into()])
}

#[test]
fn preopens_can_be_closed_and_replaced() {
    let (mut guest, _dir) = guest();
    let sub = {
        assert_eq!(at(&mut guest, "path_create_directory", "d"), SUCCESS);
        guest.open("d", O_DIRECTORY, 0).expect("just made")
    };
    guest.must("fd_renumber", &[sub, 3]);
    assert_eq!(guest.call("fd_prestat_get", &[3, RESULT.into()]), BADF, "it is no preopen any more");
    assert_eq!(guest.open("f", O_CREAT, RIGHT_WRITE), Ok(4), "below the new one");
    guest.must("fd_close", &[3]);
    assert_eq!(guest.open("f", 0, RIGHT_READ), Err(BADF));
    assert_eq!(guest.call("fd_prestat_dir_name", &[3, BUFFER.into(), 1]), BADF);
}

#[test]
fn an_open_file_outlives_its_name() {
    let (mut guest, _dir) = guest();
    let fd = guest.open("f", O_CREAT | O_EXCL, READ_WRITE).expect("a new file");
    guest.write(fd, b"text").expect("room");
    assert_eq!(at(&mut guest, "path_unlink_file", "f"), SUCCESS);
    assert_eq!(guest.open("f", 0, RIGHT_READ), Err(NOENT));
    guest.must("fd_seek", &[fd, 0, 0, RESULT.into()]);
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]));
    let again = guest.open("f", O_CREAT | O_EXCL, READ_WRITE).expect("the name is free");
    assert_eq!(guest.read(again, 9).as_deref(), Ok(&b""[..]));
}

#[test]
fn what_a_directory_cannot_do() {
    let (mut guest, _dir) = guest();
    let [iovs, count] = guest.iovecs(&[(BUFFER, 1)]);
    for (name, args) in [
        ("fd_read", vec![3, iovs, count, RESULT.into()]),
        ("fd_write", vec![3, iovs, count, RESULT.into()]),
        ("fd_pread", vec![3, iovs, count, 0, RESULT.into()]),
        ("fd_pwrite", vec![3, iovs, count, 0, RESULT.into()]),
        ("fd_seek", vec![3, 0, 0, RESULT.into()]),
        ("fd_tell", vec![3, RESULT.into()]),
        ("fd_allocate", vec![3, 0, 1]),
        ("fd_advise", vec![3, 0, 0, 0]),
        ("fd_filestat_set_size", vec![3, 0]),
    ] {
        let code = guest.call(name, &args);
        assert!([BADF, ISDIR].contains(&code), "{name}: {code}");
    }
    assert_eq!(guest.open("f", O_CREAT, READ_WRITE), Ok(4));
    assert_eq!(guest.call("fd_readdir", &[4, BUFFER.into(), 100, 0, RESULT.into()]), NOTDIR);
    assert_eq!(guest.open_with(4, 0, "x", O_CREAT, READ_WRITE, 0), Err(NOTDIR));
}

#[test]
fn slashes_at_the_end_want_a_directory() {
    let (mut guest, dir) = guest();
    fs::write(dir.path().join("f"), "text").expect("room");
    assert_eq!(at(&mut guest, "path_create_directory", "d/"), SUCCESS);
    assert!(guest.open("d/", O_DIRECTORY, 0).is_ok());
    assert!(guest.open("d///", 0, RIGHT_READ).is_ok());
    assert_eq!(guest.open("f/", 0, RIGHT_READ), Err(NOTDIR));
    assert_ne!(at(&mut guest, "path_unlink_file", "f/"), SUCCESS);
    assert_eq!(at(&mut guest, "path_remove_directory", "f"), NOTDIR);
    assert_eq!(at(&mut guest, "path_remove_directory", "f/"), NOTDIR);
    assert_ne!(symlink(&mut guest, "f", "f/"), SUCCESS);
    assert_eq!(rename(&mut guest, "f", "g/"), NOTDIR);
    assert_eq!(rename(&mut guest, "f/", "g"), NOTDIR);
    assert_eq!(rename(&mut guest, "d/", "e/"), SUCCESS);
    assert_eq!(at(&mut guest, "path_remove_directory", "e/"), SUCCESS);
    assert!(dir.path().join("f").exists() && !dir.path().join("e").exists());
}

#[test]
fn dots_and_slashes_within_paths() {
    let (mut guest, dir) = guest();
    fs::create_dir_all(dir.path().join("d/nested")).expect("room");
    fs::write(dir.path().join("d/nested/f"), "text").expect("room");
    for path in [
        "d/nested/f",
        "d//nested/f",
        "d/./nested/f",
        "d/.//nested/../nested/f",
        "./d/nested/f",
        "d/nested/../../d/nested/f",
        "d/../d/nested/f",
    ] {
        let fd = guest.open(path, 0, RIGHT_READ).unwrap_or_else(|code| panic!("{path}: {code}"));
        assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]), "{path}");
    }
    for path in ["d/nested/f/", "d/nested/f/..", "d/nested/f/."] {
        assert!(guest.open(path, 0, RIGHT_READ).is_err(), "{path}");
    }
    assert_eq!(guest.open("d/nothing/../nested/f", 0, RIGHT_READ), Err(NOENT));
}

#[test]
fn renames_replace_what_they_may() {
    let (mut guest, dir) = guest();
    for name in ["empty", "full", "other"] {
        fs::create_dir(dir.path().join(name)).expect("room");
    }
    fs::write(dir.path().join("full/f"), "").expect("room");
    fs::write(dir.path().join("a"), "A").expect("room");
    fs::write(dir.path().join("b"), "B").expect("room");
    assert_eq!(rename(&mut guest, "a", "b"), SUCCESS);
    assert_eq!(fs::read(dir.path().join("b")).expect("there"), b"A");
    assert_eq!(rename(&mut guest, "other", "empty"), SUCCESS);
    assert_eq!(rename(&mut guest, "empty", "full"), NOTEMPTY);
    assert_eq!(rename(&mut guest, "empty", "b"), NOTDIR);
    assert_eq!(rename(&mut guest, "b", "empty"), ISDIR);
    assert_eq!(rename(&mut guest, "missing", "x"), NOENT);
    assert_eq!(rename(&mut guest, "empty", "empty/inside"), INVAL);
    assert_eq!(rename(&mut guest, "b", "b"), SUCCESS);
}

#[test]
fn links_to_nowhere_and_in_circles() {
    let (mut guest, dir) = guest();
    assert_eq!(symlink(&mut guest, "target", "dangling"), SUCCESS);
    assert_eq!(symlink(&mut guest, "target", "dangling"), EXIST);
    assert_eq!(symlink(&mut guest, "circle", "circle"), SUCCESS);
    for (path, followed) in [("dangling", NOENT), ("circle", LOOP)] {
        assert_eq!(guest.open_with(3, 0, path, 0, RIGHT_READ, 0), Err(LOOP), "{path}");
        assert_ne!(guest.open_with(3, 0, path, O_DIRECTORY, 0, 0).err(), None, "{path}");
        assert_eq!(guest.open(path, 0, RIGHT_READ), Err(followed), "{path}");
        assert_eq!(stat(&mut guest, FOLLOW, path), followed, "{path}");
        assert_eq!(stat(&mut guest, 0, path), SUCCESS, "{path}");
        assert_eq!(guest.bytes(BUFFER + 16, 1), [7], "{path}");
    }
    assert_eq!(at(&mut guest, "path_unlink_file", "dangling"), SUCCESS);
    assert_eq!(at(&mut guest, "path_unlink_file", "circle"), SUCCESS);
    assert_eq!(fs::read_dir(dir.path()).expect("there").count(), 0);
}

#[test]
fn a_link_is_not_followed_unless_told_to() {
    let (mut guest, dir) = guest();
    fs::create_dir(dir.path().join("d")).expect("room");
    assert_eq!(symlink(&mut guest, "d", "l"), SUCCESS);
    assert!(guest.open_with(3, 0, "l", O_DIRECTORY, 0, 0).is_err_and(|code| [LOOP, NOTDIR].contains(&code)));
    assert!(guest.open_with(3, FOLLOW, "l", O_DIRECTORY, 0, 0).is_ok());
    assert_ne!(at(&mut guest, "path_remove_directory", "l"), SUCCESS);
    // Not even a link at the end of a path is something that a hard link follows.
    let [old, old_len] = guest.path("l");
    let [new, new_len] = guest.second_path("m");
    guest.must("path_link", &[3, 0, old, old_len, 3, new, new_len]);
    assert_eq!(stat(&mut guest, 0, "m"), SUCCESS);
    assert_eq!(guest.bytes(BUFFER + 16, 1), [7]);
    assert_eq!(guest.call("path_link", &[3, 1, old, old_len, 3, new, new_len]), INVAL);
}

#[test]
fn appending_ignores_positions() {
    let (mut guest, dir) = guest();
    let fd = guest.open_with(3, 0, "f", O_CREAT, READ_WRITE, APPEND).expect("a new file");
    guest.write(fd, b"one").expect("room");
    guest.must("fd_seek", &[fd, 0, 0, RESULT.into()]);
    guest.write(fd, b"two").expect("room");
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"onetwo");
    guest.must("fd_fdstat_get", &[fd, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER + 2, 2), [1, 0], "the flag is told");
}

#[test]
fn truncating_takes_a_right_on_the_directory() {
    const SET_SIZE: i64 = 1 << 19;
    const NOTCAPABLE: i32 = 76;
    let (mut guest, dir) = guest();
    fs::write(dir.path().join("f"), "text").expect("room");
    guest.must("fd_fdstat_get", &[3, BUFFER.into()]);
    let [rights, inheriting] =
        [8, 16].map(|at| i64::from_le_bytes(guest.bytes(BUFFER + at, 8).try_into().expect("eight bytes")));
    guest.must("fd_fdstat_set_rights", &[3, rights & !SET_SIZE, inheriting]);
    assert_eq!(guest.open("f", O_TRUNC, RIGHT_WRITE), Err(NOTCAPABLE));
    assert!(guest.open("f", 0, RIGHT_WRITE).is_ok());
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"text");
    assert_eq!(guest.call("fd_fdstat_set_rights", &[3, rights, inheriting]), NOTCAPABLE);
}

#[test]
fn size_grows_with_zeros_and_shrinks() {
    let (mut guest, dir) = guest();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.write(fd, b"text").expect("room");
    guest.must("fd_filestat_set_size", &[fd, 6]);
    guest.must("fd_filestat_set_size", &[fd, 5]);
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"text\0");
    guest.must("fd_tell", &[fd, RESULT.into()]);
    assert_eq!(guest.u64_at(RESULT), 4);
    guest.must("fd_seek", &[fd, 10, 0, RESULT.into()]);
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b""[..]), "behind the end");
    guest.write(fd, b"x").expect("room");
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"text\0\0\0\0\0\0x");
}

#[test]
fn the_same_file_has_the_same_numbers() {
    let (mut guest, _dir) = guest();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.open("g", O_CREAT, READ_WRITE).expect("a new file");
    guest.must("fd_filestat_get", &[fd, BUFFER.into()]);
    let by_fd = guest.bytes(BUFFER, 16).to_vec();
    assert_eq!(stat(&mut guest, 0, "f"), SUCCESS);
    assert_eq!(guest.bytes(BUFFER, 16), by_fd);
    assert_eq!(stat(&mut guest, 0, "g"), SUCCESS);
    assert_ne!(guest.bytes(BUFFER, 16), by_fd);
    guest.must("fd_readdir", &[3, BUFFER.into(), 0x1000, 0, RESULT.into()]);
    let listed = guest.bytes(BUFFER, guest.u32_at(RESULT)).to_vec();
    assert!(listed.windows(8).any(|window| window == &by_fd[8..]), "the listing has its inode");
}

#[test]
fn opening_without_blocking() {
    const NONBLOCK: i64 = 4;
    let (mut guest, dir) = guest();
    fs::write(dir.path().join("f"), "text").expect("room");
    let fd = guest.open_with(3, 0, "f", 0, RIGHT_READ, NONBLOCK).expect("there");
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]));
    guest.must("fd_fdstat_set_flags", &[fd, 0]);
    guest.must("fd_fdstat_get", &[fd, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER + 2, 2), [0, 0]);
}

#[test]
fn much_randomness_at_once() {
    let (mut guest, _dir) = guest();
    guest.must("random_get", &[0, 0x1_0000]);
    let bytes = guest.bytes(0, 0x1_0000).to_vec();
    let zeros = bytes.iter().filter(|&&byte| byte == 0).count();
    assert!((64..1024).contains(&zeros), "{zeros} zeros, where 256 are expected");
}
