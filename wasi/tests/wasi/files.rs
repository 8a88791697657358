//! Files and directories below a preopened directory.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{
    APPEND, BADF, BUFFER, EXIST, Guest, INVAL, ISDIR, LOOP, NOENT, NOTCAPABLE, NOTDIR, NOTEMPTY, O_CREAT,
    O_DIRECTORY, O_EXCL, O_TRUNC, READ_WRITE, RESULT, RIGHT_READ, RIGHT_WRITE, SUCCESS, names,
};
use tempfile::TempDir;
use wapiti_wasi::{DirAccess, WasiCtxBuilder};

fn guest(access: DirAccess) -> (Guest, TempDir) {
    let dir = TempDir::new().expect("a temporary directory");
    let guest = Guest::new(
        WasiCtxBuilder::new().preopened_dir(dir.path(), "/data", access).expect("it was just made"),
    );
    (guest, dir)
}

fn writable() -> (Guest, TempDir) {
    guest(DirAccess::ReadWrite)
}

#[test]
fn preopens_have_names() {
    let (mut guest, _dir) = writable();
    guest.must("fd_prestat_get", &[3, RESULT.into()]);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (0, 5));
    guest.must("fd_prestat_dir_name", &[3, BUFFER.into(), 5]);
    assert_eq!(guest.bytes(BUFFER, 5), b"/data");
    assert_ne!(guest.call("fd_prestat_dir_name", &[3, BUFFER.into(), 4]), SUCCESS);
    for fd in [0, 4, -1] {
        assert_eq!(guest.call("fd_prestat_get", &[fd, 0]), BADF);
    }
}

#[test]
fn write_seek_read() {
    let (mut guest, dir) = writable();
    let fd = guest.open("f", O_CREAT | O_EXCL, READ_WRITE).expect("a new file");
    assert_eq!(guest.write(fd, b"hello world"), Ok(11));
    guest.must("fd_tell", &[fd, RESULT.into()]);
    assert_eq!(guest.u64_at(RESULT), 11);
    for (offset, whence, expected) in [(6, 0, 6), (-2, 1, 4), (-5, 2, 6)] {
        guest.must("fd_seek", &[fd, offset, whence, RESULT.into()]);
        assert_eq!(guest.u64_at(RESULT), expected);
    }
    assert_eq!(guest.call("fd_seek", &[fd, -1, 0, RESULT.into()]), INVAL);
    assert_eq!(guest.call("fd_seek", &[fd, 0, 3, RESULT.into()]), INVAL);
    assert_eq!(guest.read(fd, 100).as_deref(), Ok(&b"world"[..]));
    assert_eq!(guest.read(fd, 100).as_deref(), Ok(&b""[..]));
    guest.must("fd_sync", &[fd]);
    guest.must("fd_datasync", &[fd]);
    guest.must("fd_close", &[fd]);
    assert_eq!(guest.call("fd_close", &[fd]), BADF);
    assert_eq!(fs::read(dir.path().join("f")).expect("written"), b"hello world");
    assert_eq!(guest.open("f", O_CREAT | O_EXCL, READ_WRITE), Err(EXIST));
}

#[test]
fn positioned_access_leaves_the_position() {
    let (mut guest, _dir) = writable();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.write(fd, b"0123456789").expect("room");
    let [iovs, count] = guest.iovecs(&[(BUFFER, 2), (BUFFER + 2, 2)]);
    guest.must("fd_pread", &[fd, iovs, count, 3, RESULT.into()]);
    assert_eq!(guest.bytes(BUFFER, guest.u32_at(RESULT)), b"3456");
    guest.put(BUFFER, b"abcd");
    guest.must("fd_pwrite", &[fd, iovs, count, 8, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 4);
    assert_eq!(guest.call("fd_pread", &[fd, iovs, count, -1, RESULT.into()]), INVAL);
    guest.must("fd_tell", &[fd, RESULT.into()]);
    assert_eq!(guest.u64_at(RESULT), 10);
    guest.must("fd_seek", &[fd, 0, 0, RESULT.into()]);
    assert_eq!(guest.read(fd, 100).as_deref(), Ok(&b"01234567abcd"[..]));
}

#[test]
fn opening_modes() {
    let (mut guest, dir) = writable();
    fs::write(dir.path().join("f"), "old").expect("room");
    assert_eq!(guest.open("missing", 0, RIGHT_READ), Err(NOENT));
    assert_eq!(guest.open("f", O_DIRECTORY, RIGHT_READ), Err(NOTDIR));
    assert_eq!(guest.open("f/", 0, RIGHT_READ), Err(NOTDIR));
    assert_eq!(guest.open(".", 0, READ_WRITE), Err(ISDIR));
    assert_eq!(guest.open(".", O_DIRECTORY | O_CREAT, RIGHT_READ), Err(INVAL));
    assert_eq!(guest.open("f", 16, RIGHT_READ), Err(INVAL));

    let reader = guest.open("f", O_CREAT, RIGHT_READ).expect("it exists");
    assert_eq!(guest.write(reader, b"x"), Err(BADF));
    assert_eq!(guest.read(reader, 9).as_deref(), Ok(&b"old"[..]));
    let writer = guest.open_with(3, 0, "f", 0, RIGHT_WRITE, APPEND).expect("it exists");
    assert_eq!(guest.read(writer, 9), Err(BADF));
    guest.write(writer, b"+new").expect("room");
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"old+new");
    guest.must("fd_fdstat_set_flags", &[writer, 0]);
    guest.must("fd_seek", &[writer, 0, 0, RESULT.into()]);
    guest.write(writer, b"O").expect("room");
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"Old+new");
    let both = guest.open_with(3, 0, "f", O_TRUNC, RIGHT_WRITE, APPEND).expect("it exists");
    guest.write(both, b"1").expect("room");
    guest.must("fd_seek", &[both, 0, 0, RESULT.into()]);
    guest.write(both, b"2").expect("room");
    assert_eq!(fs::read(dir.path().join("f")).expect("there"), b"12");
    assert_eq!([reader, writer, both], [4, 5, 6], "numbers are given in order");
}

#[test]
#[cfg(unix)]
fn creating_for_reading_opens_a_file_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let (mut guest, dir) = writable();
    let path = dir.path().join("f");
    fs::write(&path, "text").expect("room");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("our own file");
    let fd = guest.open("f", O_CREAT, RIGHT_READ).expect("reading is allowed");
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]));
}

#[test]
fn attributes() {
    let (mut guest, dir) = writable();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.must("fd_filestat_set_size", &[fd, 1000]);
    guest.must("fd_allocate", &[fd, 0, 2000]);
    assert_eq!(guest.call("fd_allocate", &[fd, 0, 0]), INVAL);
    assert_ne!(guest.call("fd_allocate", &[fd, -1, -1]), SUCCESS);
    guest.must("fd_advise", &[fd, 0, 100, 1]);
    assert_eq!(guest.call("fd_advise", &[fd, 0, 100, 6]), INVAL);
    // Access time from the argument, modification time left alone, then the other way round.
    guest.must("fd_filestat_set_times", &[fd, 1_000_000_007, 0, 1]);
    let [path, len] = guest.path("f");
    guest.must("path_filestat_set_times", &[3, 0, path, len, 0, 2_000_000_009, 4]);
    assert_eq!(guest.call("fd_filestat_set_times", &[fd, 0, 0, 3]), INVAL);

    guest.must("fd_filestat_get", &[fd, BUFFER.into()]);
    let by_fd = guest.bytes(BUFFER, 64).to_vec();
    guest.must("path_filestat_get", &[3, 0, path, len, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER, 64), by_fd);
    assert_eq!(guest.bytes(BUFFER + 16, 1), [4], "a regular file");
    assert_eq!(guest.u64_at(BUFFER + 24), 1, "links");
    assert_eq!(guest.u64_at(BUFFER + 32), 2000, "size");
    assert_eq!(guest.u64_at(BUFFER + 40), 1_000_000_007, "access");
    assert_eq!(guest.u64_at(BUFFER + 48), 2_000_000_009, "modification");
    assert_eq!(fs::metadata(dir.path().join("f")).expect("there").len(), 2000);
}

#[test]
fn rights_only_shrink() {
    let (mut guest, _dir) = writable();
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    guest.must("fd_fdstat_get", &[fd, BUFFER.into()]);
    let rights = i64::from_le_bytes(guest.bytes(BUFFER + 8, 8).try_into().expect("eight bytes"));
    assert_eq!(rights & READ_WRITE, READ_WRITE);
    guest.must("fd_fdstat_set_rights", &[fd, rights & !RIGHT_WRITE, 0]);
    assert_eq!(guest.write(fd, b"x"), Err(BADF));
    assert_eq!(guest.call("fd_fdstat_set_rights", &[fd, rights, 0]), NOTCAPABLE);
    guest.must("fd_fdstat_set_rights", &[fd, 0, 0]);
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, 0]), NOTCAPABLE);
    assert_eq!(guest.call("fd_seek", &[fd, 0, 0, 0]), NOTCAPABLE);
}

#[test]
fn a_read_only_directory_stays_as_it_is() {
    let (mut guest, dir) = guest(DirAccess::ReadOnly);
    fs::write(dir.path().join("f"), "text").expect("room");
    fs::create_dir(dir.path().join("d")).expect("room");
    let fd = guest.open("f", 0, RIGHT_READ).expect("reading is allowed");
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]));
    assert_eq!(guest.call("fd_filestat_set_size", &[fd, 0]), NOTCAPABLE);
    assert_eq!(guest.call("fd_filestat_set_times", &[fd, 0, 0, 2]), NOTCAPABLE);
    assert_eq!(guest.open("f", 0, RIGHT_WRITE), Err(NOTCAPABLE));
    assert_eq!(guest.open("f", O_TRUNC, 0), Err(NOTCAPABLE));
    assert_eq!(guest.open("new", O_CREAT, 0), Err(NOTCAPABLE));
    // A directory below it is no better.
    let sub = guest.open("d", O_DIRECTORY, !RIGHT_WRITE).expect("a directory");
    assert_eq!(guest.open_with(sub, 0, "new", O_CREAT, 0, 0), Err(NOTCAPABLE));
    let [path, len] = guest.path("f");
    let [new, new_len] = guest.second_path("g");
    for fd in [3, sub] {
        for (name, args) in [
            ("path_unlink_file", vec![fd, path, len]),
            ("path_remove_directory", vec![fd, path, len]),
            ("path_create_directory", vec![fd, path, len]),
            ("path_rename", vec![fd, path, len, fd, new, new_len]),
            ("path_link", vec![fd, 0, path, len, fd, new, new_len]),
            ("path_symlink", vec![path, len, fd, new, new_len]),
            ("path_filestat_set_times", vec![fd, 0, path, len, 0, 0, 2]),
        ] {
            assert_eq!(guest.call(name, &args), NOTCAPABLE, "{name}");
        }
    }
}

#[test]
fn directories_come_and_go() {
    let (mut guest, dir) = writable();
    let [path, len] = guest.path("d");
    guest.must("path_create_directory", &[3, path, len]);
    assert_eq!(guest.call("path_create_directory", &[3, path, len]), EXIST);
    let sub = guest.open("d", O_DIRECTORY, 0).expect("just made");
    let file = guest.open_with(sub, 0, "f", O_CREAT, RIGHT_WRITE, 0).expect("a new file");
    guest.must("fd_sync", &[sub]);
    let [path, len] = guest.path("d");
    assert_eq!(guest.call("path_remove_directory", &[3, path, len]), NOTEMPTY);
    assert_eq!(guest.call("path_unlink_file", &[3, path, len]), ISDIR);
    for name in ["fd_tell", "fd_filestat_get"] {
        let expected = if name == "fd_tell" { ISDIR } else { SUCCESS };
        assert_eq!(guest.call(name, &[sub, BUFFER.into()]), expected, "{name}");
    }
    assert_eq!(guest.read(sub, 1), Err(ISDIR));
    assert_eq!(guest.open_with(file, 0, "x", 0, 0, 0), Err(NOTDIR));

    let [old, old_len] = guest.path("d/f");
    let [new, new_len] = guest.second_path("g");
    guest.must("path_rename", &[3, old, old_len, 3, new, new_len]);
    assert!(dir.path().join("g").exists());
    let [old, old_len] = guest.path("g");
    let [new, new_len] = guest.second_path("h");
    guest.must("path_link", &[3, 0, old, old_len, 3, new, new_len]);
    guest.must("path_unlink_file", &[3, old, old_len]);
    let [path, len] = guest.path("d");
    guest.must("path_remove_directory", &[3, path, len]);
    assert!(dir.path().join("h").exists() && !dir.path().join("d").exists());
}

#[test]
fn symbolic_links() {
    let (mut guest, dir) = writable();
    fs::write(dir.path().join("f"), "text").expect("room");
    let [target, target_len] = guest.path("f");
    let [link, link_len] = guest.second_path("l");
    guest.must("path_symlink", &[target, target_len, 3, link, link_len]);
    guest.must("path_readlink", &[3, link, link_len, BUFFER.into(), 100, RESULT.into()]);
    assert_eq!(guest.bytes(BUFFER, guest.u32_at(RESULT)), b"f");
    guest.must("path_readlink", &[3, link, link_len, BUFFER.into(), 0, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 0, "a short buffer is no error");
    assert_eq!(guest.call("path_readlink", &[3, target, target_len, BUFFER.into(), 9, RESULT.into()]), INVAL);
    for (lookup, file_type) in [(0, 7), (1, 4)] {
        guest.must("path_filestat_get", &[3, lookup, link, link_len, BUFFER.into()]);
        assert_eq!(guest.bytes(BUFFER + 16, 1), [file_type]);
    }
    assert_eq!(guest.open_with(3, 0, "l", 0, RIGHT_READ, 0), Err(LOOP));
    let fd = guest.open("l", 0, RIGHT_READ).expect("the link leads to a file");
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]));
    let [link, link_len] = guest.path("l");
    guest.must("path_unlink_file", &[3, link, link_len]);
    assert!(dir.path().join("f").exists());
}

#[test]
fn reading_a_directory() {
    let (mut guest, dir) = writable();
    let mut expected: BTreeSet<String> = [".", ".."].map(String::from).into();
    for i in 0..300 {
        let name = format!("{i}{}", "x".repeat(i % 50));
        fs::write(dir.path().join(&name), "").expect("room");
        expected.insert(name);
    }
    for len in [100, 333, 4096, 0x8000] {
        let names = names(&mut guest, len);
        assert_eq!(names.len(), expected.len(), "no name twice, with {len} bytes at a time");
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), expected);
    }
    guest.must("fd_readdir", &[3, BUFFER.into(), 0, 0, RESULT.into()]);
    guest.must("fd_readdir", &[3, BUFFER.into(), 100, -1, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 0, "there is nothing behind the end");
}

#[test]
fn removing_while_reading_misses_nothing() {
    let (mut guest, dir) = writable();
    for i in 0..100 {
        fs::write(dir.path().join(format!("file{i}")), "").expect("room");
    }
    let mut cookie = 0u64;
    loop {
        guest.must("fd_readdir", &[3, BUFFER.into(), 64, cookie.cast_signed(), RESULT.into()]);
        if guest.u32_at(RESULT) == 0 {
            break;
        }
        cookie = guest.u64_at(BUFFER);
        let name_len = guest.u32_at(BUFFER + 16);
        let name = String::from_utf8(guest.bytes(BUFFER + 24, name_len).to_vec()).expect("our own names");
        if !name.starts_with('.') {
            let [path, len] = guest.path(&name);
            guest.must("path_unlink_file", &[3, path, len]);
        }
    }
    assert_eq!(fs::read_dir(dir.path()).expect("there").count(), 0);
}

#[test]
fn renumbering_replaces() {
    let (mut guest, dir) = writable();
    fs::write(dir.path().join("a"), "A").expect("room");
    fs::write(dir.path().join("b"), "B").expect("room");
    let a = guest.open("a", 0, RIGHT_READ).expect("there");
    let b = guest.open("b", 0, RIGHT_READ).expect("there");
    guest.must("fd_renumber", &[a, b]);
    assert_eq!(guest.read(b, 9).as_deref(), Ok(&b"A"[..]));
    assert_eq!(guest.read(a, 9), Err(BADF));
    assert_eq!(guest.call("fd_renumber", &[b, 1000]), BADF);
    assert_eq!(guest.open("a", 0, RIGHT_READ), Ok(a));
}
