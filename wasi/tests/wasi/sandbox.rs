//! A guest that tries to leave its directory: none of these tricks may work, and nothing outside may change.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::support::{
    Guest, ILSEQ, INVAL, LOOP, NOENT, O_CREAT, O_DIRECTORY, PATH, PERM, READ_WRITE, RIGHT_READ, SUCCESS,
    names,
};
use tempfile::TempDir;
use wapiti_wasi::{DirAccess, WasiCtxBuilder};

/// A directory `inside` that the guest gets, beside a file `secret` that it must not.
fn setup() -> (Guest, TempDir, PathBuf) {
    let dir = TempDir::new().expect("a temporary directory");
    let inside = dir.path().join("inside");
    fs::create_dir_all(inside.join("sub")).expect("room");
    fs::write(dir.path().join("secret"), "secret").expect("room");
    fs::write(inside.join("file"), "file").expect("room");
    let guest = Guest::new(
        WasiCtxBuilder::new().preopened_dir(&inside, "/", DirAccess::ReadWrite).expect("just made"),
    );
    (guest, dir, inside)
}

/// Paths that lead to the secret or beside it.
const ESCAPES: [&str; 8] = [
    "../secret",
    "sub/../../secret",
    "./.././secret",
    "sub/../sub/../../secret",
    "..",
    "../inside/../secret",
    "/etc/passwd",
    "//etc/passwd",
];

#[test]
fn paths_that_climb() {
    let (mut guest, dir, _inside) = setup();
    for path in ESCAPES {
        for flags in [0, O_CREAT, O_DIRECTORY] {
            for rights in [RIGHT_READ, READ_WRITE] {
                assert_eq!(guest.open(path, flags, rights), Err(PERM), "{path}");
            }
        }
        let [ptr, len] = guest.path(path);
        for (name, args) in [
            ("path_unlink_file", vec![3, ptr, len]),
            ("path_remove_directory", vec![3, ptr, len]),
            ("path_create_directory", vec![3, ptr, len]),
            ("path_filestat_get", vec![3, 0, ptr, len, 0]),
            ("path_filestat_get", vec![3, 1, ptr, len, 0]),
            ("path_filestat_set_times", vec![3, 0, ptr, len, 0, 0, 2]),
            ("path_filestat_set_times", vec![3, 1, ptr, len, 0, 0, 2]),
            ("path_readlink", vec![3, ptr, len, 0, 9, 0]),
        ] {
            assert_ne!(guest.call(name, &args), SUCCESS, "{name} {path}");
        }
    }
    assert_eq!(fs::read(dir.path().join("secret")).expect("still there"), b"secret");
}

#[test]
fn renames_and_links_out_of_the_directory() {
    let (mut guest, dir, inside) = setup();
    let [inner, inner_len] = guest.path("file");
    let [outer, outer_len] = guest.second_path("../stolen");
    assert_eq!(guest.call("path_rename", &[3, inner, inner_len, 3, outer, outer_len]), PERM);
    assert_eq!(guest.call("path_link", &[3, 0, inner, inner_len, 3, outer, outer_len]), PERM);
    assert_eq!(guest.call("path_symlink", &[inner, inner_len, 3, outer, outer_len]), PERM);
    let [secret, secret_len] = guest.second_path("../secret");
    let [new, new_len] = guest.path("mine");
    assert_eq!(guest.call("path_rename", &[3, secret, secret_len, 3, new, new_len]), PERM);
    assert_eq!(guest.call("path_link", &[3, 0, secret, secret_len, 3, new, new_len]), PERM);
    assert!(inside.join("file").exists() && !inside.join("mine").exists());
    assert!(!dir.path().join("stolen").exists());
}

#[test]
fn links_that_lead_out() {
    let (mut guest, dir, inside) = setup();
    symlink("../secret", inside.join("relative")).expect("room");
    symlink(dir.path().join("secret"), inside.join("absolute")).expect("room");
    symlink("..", inside.join("up")).expect("room");
    symlink("relative", inside.join("twice")).expect("room");
    for path in ["relative", "absolute", "twice", "up/secret", "sub/../up/secret"] {
        assert_eq!(guest.open(path, 0, RIGHT_READ), Err(PERM), "{path}");
        let [ptr, len] = guest.path(path);
        assert_eq!(guest.call("path_filestat_get", &[3, 1, ptr, len, 0]), PERM, "{path}");
    }
    assert_eq!(guest.open("up", O_DIRECTORY, 0), Err(PERM));
    // Where an absolute link leads is not for the guest to know, either.
    let [ptr, len] = guest.path("absolute");
    assert_eq!(guest.call("path_readlink", &[3, ptr, len, 0x8000, 1000, 0]), PERM);
}

#[test]
fn links_of_the_guests_own_making() {
    let (mut guest, _dir, _inside) = setup();
    let [target, target_len] = guest.path("/etc/passwd");
    let [link, link_len] = guest.second_path("absolute");
    assert_eq!(guest.call("path_symlink", &[target, target_len, 3, link, link_len]), PERM);
    let [target, target_len] = guest.path("../secret");
    let [link, link_len] = guest.second_path("relative");
    // A link may say anything relative; following it is what does not work.
    guest.must("path_symlink", &[target, target_len, 3, link, link_len]);
    assert_eq!(guest.open("relative", 0, RIGHT_READ), Err(PERM));
    assert_eq!(guest.open("relative", O_CREAT, READ_WRITE), Err(PERM));
}

#[test]
fn a_moved_directory_takes_no_one_out() {
    let (mut guest, _dir, _inside) = setup();
    let sub = guest.open("sub", O_DIRECTORY, 0).expect("there");
    assert_eq!(guest.open_with(sub, 1, "../file", 0, RIGHT_READ, 0), Err(PERM), "`sub` is a root of its own");
    assert_eq!(guest.open_with(sub, 1, "../../secret", 0, RIGHT_READ, 0), Err(PERM));
}

#[test]
fn loops_end() {
    let (mut guest, _dir, inside) = setup();
    symlink("b", inside.join("a")).expect("room");
    symlink("a", inside.join("b")).expect("room");
    assert_eq!(guest.open("a", 0, RIGHT_READ), Err(LOOP));
    assert_eq!(guest.open("a/x", 0, RIGHT_READ), Err(LOOP));
}

#[test]
fn strange_paths() {
    let (mut guest, _dir, _inside) = setup();
    assert_eq!(guest.open("", 0, RIGHT_READ), Err(NOENT));
    assert_eq!(guest.open("file\0", 0, RIGHT_READ), Err(INVAL));
    assert_eq!(guest.open("file\0/../../secret", 0, RIGHT_READ), Err(INVAL));
    guest.put(PATH, b"\xff\xfe");
    let args = [3, 0, PATH.into(), 2, 0, 0, 0, 0, 0];
    assert_eq!(guest.call("path_open", &args), ILSEQ);
    assert!(guest.open(&"a/".repeat(1000), 0, RIGHT_READ).is_err());
    assert!(guest.open(&"a".repeat(4000), O_CREAT, RIGHT_READ).is_err());
}

#[test]
fn a_directory_that_is_moved_away_takes_no_one_along() {
    let (mut guest, dir, inside) = setup();
    let sub = guest.open("sub", O_DIRECTORY, 0).expect("there");
    // The host moves it to where its parent has the secret.
    fs::rename(inside.join("sub"), dir.path().join("sub")).expect("one file system");
    for path in ["../secret", "../inside/file", ".."] {
        assert_eq!(guest.open_with(sub, 1, path, 0, RIGHT_READ, 0), Err(PERM), "{path}");
    }
    // What is below it stays the guest's.
    assert!(guest.open_with(sub, 1, "new", O_CREAT, READ_WRITE, 0).is_ok());
    // The guest itself moves a directory that it is in.
    fs::create_dir_all(inside.join("a/b/c")).expect("room");
    let deep = guest.open("a/b/c", O_DIRECTORY, 0).expect("there");
    let [from, from_len] = guest.path("a/b/c");
    let [to, to_len] = guest.second_path("c");
    guest.must("path_rename", &[3, from, from_len, 3, to, to_len]);
    for path in ["../secret", "../../secret", "../../../secret", "../.."] {
        assert_eq!(guest.open_with(deep, 1, path, 0, RIGHT_READ, 0), Err(PERM), "{path}");
    }
}

#[test]
fn a_link_is_moved_and_linked_as_a_link() {
    let (mut guest, dir, inside) = setup();
    symlink("../secret", inside.join("out")).expect("room");
    let [from, from_len] = guest.path("out");
    let [to, to_len] = guest.second_path("moved");
    guest.must("path_rename", &[3, from, from_len, 3, to, to_len]);
    assert!(inside.join("moved").is_symlink());
    guest.must("path_link", &[3, 0, to, to_len, 3, from, from_len]);
    assert!(inside.join("out").is_symlink());
    for path in ["out", "moved"] {
        assert_eq!(guest.open(path, 0, READ_WRITE), Err(PERM), "{path}");
        let [ptr, len] = guest.path(path);
        guest.must("path_unlink_file", &[3, ptr, len]);
    }
    assert_eq!(fs::read(dir.path().join("secret")).expect("still there"), b"secret");
}

/// Another process swaps a directory for a link that leads out, over and over, while the guest goes through it.
#[test]
fn races_are_not_won() {
    let (mut guest, dir, inside) = setup();
    let outside = dir.path().join("outside");
    fs::create_dir(&outside).expect("room");
    fs::write(outside.join("file"), "secret").expect("room");
    fs::create_dir(inside.join("door")).expect("room");
    fs::write(inside.join("door/file"), "harmless").expect("room");
    symlink("../outside", inside.join("trap")).expect("room");
    let stop = AtomicBool::new(false);
    let (mut read, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let [door, trap, aside] = ["door", "trap", "aside"].map(|name| inside.join(name));
            while !stop.load(Ordering::Relaxed) {
                for [from, to] in [[&door, &aside], [&trap, &door], [&door, &trap], [&aside, &door]] {
                    fs::rename(from, to).expect("nobody else moves these");
                }
            }
        });
        let end = Instant::now() + Duration::from_millis(500);
        while Instant::now() < end {
            match guest.open("door/file", 0, RIGHT_READ) {
                Ok(fd) => {
                    assert_eq!(guest.read(fd, 100).as_deref(), Ok(&b"harmless"[..]), "the race was won");
                    guest.must("fd_close", &[fd]);
                    read += 1;
                }
                Err(_) => refused += 1,
            }
            if let Ok(fd) = guest.open("door/planted", O_CREAT, READ_WRITE) {
                guest.write(fd, b"planted").expect("room");
                guest.must("fd_close", &[fd]);
            }
            let [ptr, len] = guest.path("door/planted");
            for (name, args) in [
                ("path_unlink_file", vec![3, ptr, len]),
                ("path_create_directory", vec![3, ptr, len]),
                ("path_remove_directory", vec![3, ptr, len]),
                ("path_filestat_set_times", vec![3, 1, ptr, len, 0, 0, 0]),
            ] {
                guest.call(name, &args);
            }
            let entries = fs::read_dir(&outside).expect("there").count();
            assert_eq!(entries, 1, "something was made outside");
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(read > 0 && refused > 0, "{read} reads and {refused} refusals: there was no race");
    assert_eq!(fs::read(outside.join("file")).expect("still there"), b"secret");
}

#[test]
fn names_that_are_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let (mut guest, _dir, inside) = setup();
    let name = std::ffi::OsStr::from_bytes(b"\xff\xfe");
    if let Err(error) = fs::write(inside.join(name), "text") {
        eprintln!("skipped: this file system has only names that are text: {error}");
        return;
    }
    symlink(name, inside.join("link")).expect("room");
    let mut listed = names(&mut guest, 0x1000);
    listed.sort();
    assert_eq!(listed, [".", "..", "file", "link", "sub"], "what cannot be said is left out");
    let [link, len] = guest.path("link");
    assert_eq!(guest.call("path_readlink", &[3, link, len, 0x8000, 100, 0]), ILSEQ);
    let fd = guest.open("link", 0, RIGHT_READ).expect("following needs no name");
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"text"[..]));
    guest.put(PATH, b"\xff\xfe");
    for (name, args) in [
        ("path_unlink_file", vec![3, PATH.into(), 2]),
        ("path_create_directory", vec![3, PATH.into(), 2]),
        ("path_filestat_get", vec![3, 0, PATH.into(), 2, 0]),
        ("path_rename", vec![3, PATH.into(), 2, 3, PATH.into(), 2]),
        ("path_symlink", vec![PATH.into(), 2, 3, PATH.into(), 2]),
    ] {
        assert_eq!(guest.call(name, &args), ILSEQ, "{name}");
    }
}
