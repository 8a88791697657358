//! A system that refuses: output that nobody reads, and no descriptors left.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{Files, wapiti_waiting};

/// Prints lines until it cannot, and exits with the error code.
const CHATTER: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\05\00\00\00line\n")
    (func (export "_start") (local $code i32)
        (loop $next
            (local.set $code (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
            (br_if $next (i32.eqz (local.get $code))))
        (call $exit (local.get $code))))"#;

/// Opens the file `f` below descriptor 3 until it cannot, closes descriptor 4 and opens it once more. Exits with the
/// first error code, plus 100 if the last opening failed as well.
const OPENER: &str = r#"(module
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "f")
    (func $open_f (result i32)
        (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
            (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8)))
    (func (export "_start") (local $code i32)
        (loop $next (br_if $next (i32.eqz (local.tee $code (call $open_f)))))
        (drop (call $close (i32.const 4)))
        (if (call $open_f) (then (local.set $code (i32.add (local.get $code) (i32.const 100)))))
        (call $exit (local.get $code))))"#;

#[test]
fn a_reader_that_goes_away() {
    const EPIPE: i32 = 64;
    let files = Files::new();
    let file = files.write("chatter.wat", CHATTER);
    let outcome = wapiti_waiting(["run", &file], |child| {
        let mut line = String::new();
        let stdout = child.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut line).expect("the program prints");
        assert_eq!(line, "line\n");
        // Here the reading end is dropped.
    });
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(EPIPE), ""));
}

#[test]
fn a_reader_that_was_never_there() {
    let files = Files::new();
    for (line, file) in [("run", files.write("chatter.wat", CHATTER)), ("inspect", crate::example("fib.wat"))]
    {
        let (reader, writer) = std::io::pipe().expect("descriptors are left");
        drop(reader);
        let output = Command::new(env!("CARGO_BIN_EXE_wapiti"))
            .args([line, &file])
            .stdin(Stdio::null())
            .stdout(writer)
            .output()
            .expect("cargo has built the command");
        assert!([0, 64].contains(&output.status.code().expect("no signal ends it")), "{output:?}");
        assert_eq!(output.stderr, b"", "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn no_descriptors_left() {
    const EMFILE: i32 = 33;
    let files = Files::new();
    let file = files.write("opener.wat", OPENER);
    files.write("f", "text");
    let dir = files.path().to_str().expect("temporary directories have plain names");
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 24 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wapiti")])
        .args(["run", "--dir", dir, &file])
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    assert_eq!(output.status.code(), Some(EMFILE), "{}", String::from_utf8_lossy(&output.stderr));
    // Without enough of them even for itself, the command says so.
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 4 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wapiti")])
        .args(["run", &file])
        .stdin(Stdio::null())
        .output()
        .expect("there is a shell");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.starts_with(b"error: "), "{}", String::from_utf8_lossy(&output.stderr));
}
