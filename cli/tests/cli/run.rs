//! `wapiti run`: programs, exports, and everything that can go wrong with them.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::{Files, example, wapiti, wapiti_waiting, wapiti_with};

/// A program that prints its arguments and then its environment, one a line.
const PRINT_ARGS: &str = r#"(module
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    ;; Prints the bytes from 1024 on, with line ends for NULs; their number is at 4.
    (func $print (local $i i32)
        (block $done (loop $next
            (br_if $done (i32.ge_u (local.get $i) (i32.load (i32.const 4))))
            (if (i32.eqz (i32.load8_u (i32.add (i32.const 1024) (local.get $i))))
                (then (i32.store8 (i32.add (i32.const 1024) (local.get $i)) (i32.const 10))))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next)))
        (i32.store (i32.const 8) (i32.const 1024))
        (i32.store (i32.const 12) (i32.load (i32.const 4)))
        (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0))))
    (func (export "_start")
        (drop (call $args_sizes (i32.const 0) (i32.const 4)))
        (drop (call $args (i32.const 512) (i32.const 1024)))
        (call $print)
        (drop (call $env_sizes (i32.const 0) (i32.const 4)))
        (drop (call $env (i32.const 512) (i32.const 1024)))
        (call $print)))"#;

/// A program that copies its input to its output.
const CAT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (block $done (loop $next
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 4096))
            (br_if $done (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br_if $done (i32.eqz (i32.load (i32.const 8))))
            (i32.store (i32.const 4) (i32.load (i32.const 8)))
            (br_if $done (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
            (br $next)))))"#;

/// A program that prints "a" to its output, "b" to its error stream and "c" to its output, and ends as ARG says.
fn ending(with: &str) -> String {
    format!(
        r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\08\00\00\00\01\00\00\00abc")
    (func $print (param $fd i32) (param $at i32)
        (i32.store (i32.const 0) (local.get $at))
        (drop (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 16))))
    (func $end {with})
    (func (export "_start")
        (call $print (i32.const 1) (i32.const 8))
        (call $print (i32.const 2) (i32.const 9))
        (call $print (i32.const 1) (i32.const 10))
        (call $end)))"#
    )
}

#[test]
fn hello() {
    wapiti(["run", &example("hello.wat")]).prints("Hello, World!\n");
}

#[test]
fn every_dispatch_and_every_mode() {
    for dispatch in ["match", "call", "tail"] {
        for compile in ["eager", "lazy", "lazy-validation"] {
            let outcome =
                wapiti(["run", "--dispatch", dispatch, "--compile", compile, &example("hello.wat")]);
            assert_eq!(outcome.stdout, "Hello, World!\n", "{dispatch} {compile}: {}", outcome.stderr);
            assert_eq!(outcome.code, Some(0));
            // Only where the build cannot do it, the command says so.
            assert!(
                outcome.stderr.is_empty() || outcome.stderr.contains("Tail dispatch"),
                "{}",
                outcome.stderr
            );
        }
    }
}

#[test]
fn the_guests_words_are_its_own() {
    let files = Files::new();
    let file = files.write("args.wat", PRINT_ARGS);
    let words = ["-s", "--help", "-5", "--", "--env", "X=Y", "", "run", "--", "ü"];
    let expected = format!("{file}\n{}\n", words.join("\n"));
    for options in
        [&["run"][..], &["run", "--"], &["run", "--compile", "eager"], &["run", "--compile=eager", "--"]]
    {
        let line = options.iter().copied().chain([file.as_str()]).chain(words);
        wapiti(line).prints(&expected);
    }
}

#[test]
fn environment() {
    let files = Files::new();
    let file = files.write("args.wat", PRINT_ARGS);
    wapiti(["run", &file]).prints(&format!("{file}\n"));
    let line = ["run", "--env", "A=1", "--env", "B=x=y", "--env=A=2", "--env", "WAPITI_TEST_VARIABLE", &file];
    wapiti(line).prints(&format!("{file}\nA=2\nB=x=y\nWAPITI_TEST_VARIABLE=from outside\n"));
    wapiti(["run", "--env", "=x", &file]).fails_with(2, &["environment variable"]);
}

#[test]
fn the_whole_environment() {
    let files = Files::new();
    let file = files.write("args.wat", PRINT_ARGS);
    for option in [&["--inherit-env"][..], &["-S", "inherit-env"], &["-Sinherit-env=y"]] {
        let line = ["run"].iter().chain(option).chain(&["--env", "PATH=mine"]).copied();
        let outcome = wapiti(line.chain([file.as_str()]));
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        assert!(outcome.stdout.contains("\nWAPITI_TEST_VARIABLE=from outside\n"), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("\nPATH=mine\n"), "--env comes on top: {}", outcome.stdout);
    }
    wapiti(["run", "-S", "inherit-env=n", &file]).prints(&format!("{file}\n"));
}

#[test]
fn a_name_of_its_own() {
    let files = Files::new();
    let file = files.write("args.wat", PRINT_ARGS);
    wapiti(["run", "--argv0", "tool", &file, "x"]).prints("tool\nx\n");
}

#[test]
fn input_from_a_file() {
    let files = Files::new();
    let file = files.write("cat.wat", CAT);
    let text = "some line\n".repeat(10_000);
    let input = files.write("input", &text);
    wapiti_with("not this", ["run", "--stdin", &input, &file]).prints(&text);
    // The module itself may come from the other input.
    wapiti_with(CAT, ["run", "--stdin", &input, "-"]).prints(&text);
    wapiti(["run", "--stdin", "no/such/file", &file]).fails_with(1, &["--stdin", "no/such/file"]);
}

#[test]
fn a_listener() {
    /// Accepts a connection from descriptor 3, sends "hi", and exits with the error code.
    const SERVE: &str = r#"(module
        (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\08\00\00\00\02\00\00\00hi")
        (func (export "_start")
            (if (i32.eqz (call $accept (i32.const 3) (i32.const 0) (i32.const 16)))
                (then (call $exit (call $send (i32.load (i32.const 16))
                    (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 20)))))
            (call $exit (i32.const 99))))"#;
    let files = Files::new();
    let file = files.write("serve.wat", SERVE);
    // The system finds a free port; it is free again once this listener is dropped.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = address.expect("the loopback device is there").to_string();
    let outcome = wapiti_waiting(["run", "--tcp-listen", &address, &file], |_| {
        let mut answer = String::new();
        let connected = (0..600).find_map(|_| {
            std::thread::sleep(Duration::from_millis(50));
            TcpStream::connect(&address).ok()
        });
        let mut stream = connected.expect("the command listens");
        stream.read_to_string(&mut answer).expect("the program sends");
        assert_eq!(answer, "hi");
    });
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    wapiti(["run", "--tcp-listen", "192.0.2.1:1", &file]).fails_with(1, &["--tcp-listen", "192.0.2.1:1"]);
    wapiti(["run", "-S", "tcplisten=nowhere", &file]).fails_with(2, &["nowhere"]);
}

#[test]
fn standard_input() {
    let files = Files::new();
    let file = files.write("cat.wat", CAT);
    let text = "a line\n".repeat(20_000);
    wapiti_with(&text, ["run", &file]).prints(&text);
    wapiti_with(PRINT_ARGS, ["run", "-", "x"]).prints("-\nx\n");
}

#[test]
fn exit_codes() {
    let files = Files::new();
    for (code, expected) in [(0, 0), (1, 1), (42, 42), (255, 255), (256, 0)] {
        let file = files.write("exit.wat", ending(&format!("(call $exit (i32.const {code}))")));
        let outcome = wapiti(["run", &file]);
        assert_eq!(outcome.code, Some(expected));
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("ac", "b"));
    }
}

#[test]
fn traps_have_a_kind_and_a_backtrace() {
    let files = Files::new();
    let file = files.write("trap.wat", ending("(drop (i32.div_u (i32.const 1) (i32.const 0)))"));
    let outcome = wapiti(["run", &file]);
    assert_eq!(outcome.code, Some(134), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "ac", "what was written before the trap is not lost");
    for part in ["trap: integer divide by zero", "wasm backtrace:", "!end", "!<function", &file] {
        assert!(outcome.stderr.contains(part), "{part:?} is missing in:\n{}", outcome.stderr);
    }
}

#[test]
fn endless_recursion_is_a_trap() {
    let files = Files::new();
    let file =
        files.write("deep.wat", r#"(module (func $deep (export "_start") (call $deep) (call $deep)))"#);
    for dispatch in ["match", "call", "tail"] {
        let outcome = wapiti(["run", "--dispatch", dispatch, "--max-stack", "1m", &file]);
        assert_eq!(outcome.code, Some(134), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("trap: call stack exhausted"), "{}", outcome.stderr);
    }
}

#[test]
fn directories() {
    /// Opens `f` in the first preopened directory and exits with the error code.
    const OPEN: &str = r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "f")
        (func (export "_start")
            (drop (call $name (i32.const 3) (i32.const 16) (i32.const 100)))
            (call $exit (i32.add
                ;; A guest path that begins with / adds 100.
                (i32.mul (i32.const 100) (i32.eq (i32.load8_u (i32.const 16)) (i32.const 47)))
                (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
                    (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8))))))"#;
    let files = Files::new();
    let file = files.write("open.wat", OPEN);
    files.write("f", "text");
    let dir = files.path().to_str().expect("temporary directories have plain names").to_owned();
    assert_eq!(wapiti(["run", &file]).code, Some(8), "no directory: EBADF");
    assert_eq!(wapiti(["run", "--dir", &dir, &file]).code, Some(100));
    assert_eq!(wapiti(["run", "--dir", &format!("{dir}::x"), &file]).code, Some(0));
    std::fs::remove_file(files.path().join("f")).expect("just written");
    assert_eq!(wapiti(["run", "--dir", &format!("{dir}::x"), &file]).code, Some(44), "ENOENT");
    wapiti(["run", "--dir", "no/such/dir", &file]).fails_with(1, &["--dir", "no/such/dir"]);
}

#[test]
fn directories_to_read_only() {
    /// Creates `new` in the first preopened directory and exits with the error code.
    const CREATE: &str = r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "new")
        (func (export "_start")
            (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 1)
                (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 8)))))"#;
    let files = Files::new();
    let file = files.write("create.wat", CREATE);
    let dir = files.path().to_str().expect("temporary directories have plain names").to_owned();
    let new = files.path().join("new");
    assert_eq!(wapiti(["run", "--dir-ro", &dir, &file]).code, Some(76), "ENOTCAPABLE");
    assert!(!new.exists());
    assert_eq!(wapiti(["run", "--dir-ro", &format!("{dir}::/x"), "--dir", &dir, &file]).code, Some(0));
    assert!(new.exists(), "directories of --dir come first");
    wapiti(["run", "--dir-ro", "no/such/dir", &file]).fails_with(1, &["--dir-ro", "no/such/dir"]);
}

#[test]
fn exports() {
    wapiti(["run", "--invoke", "fib", &example("fib.wat"), "20"]).prints("6765\n");
    wapiti(["run", "--invoke", "main", &example("simple.wat"), "0", "-0x1"]).prints("42\n");
    let files = Files::new();
    let file = files.write(
        "values.wat",
        r#"(module
            (func (export "same") (param i32 i64 f32 f64 externref) (result i32 i64 f32 f64 externref)
                (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))
            (func (export "nothing")))"#,
    );
    wapiti(["run", "--invoke", "same", &file, "4294967295", "-0x8000000000000000", "-nan", "1e300", "null"])
        .prints("-1\n-9223372036854775808\n-nan\n1e300\nnull\n");
    wapiti(["run", "--invoke=nothing", "--", &file]).prints("");
}

#[test]
fn wrong_arguments_of_an_export() {
    let fib = example("fib.wat");
    wapiti(["run", "--invoke", "fob", &fib, "1"])
        .fails_with(2, &["fob", "no such export", "fib [i32] -> [i32]"]);
    wapiti(["run", "--invoke", "fib", &fib]).fails_with(2, &["[i32] -> [i32]", "1 argument", "0 are given"]);
    wapiti(["run", "--invoke", "fib", &fib, "1", "2"]).fails_with(2, &["2 are given"]);
    wapiti(["run", "--invoke", "fib", &fib, "x"]).fails_with(2, &["argument 1", "`x`", "i32"]);
    wapiti(["run", "--invoke", "fib", &fib, "4294967296"]).fails_with(2, &["does not fit"]);
    wapiti(["run", "--invoke", "memory", &example("simple.wat")])
        .fails_with(2, &["memory", "not a function"]);
}

#[test]
fn a_reactor_is_initialized_first() {
    let files = Files::new();
    let file = files.write(
        "reactor.wat",
        r#"(module
            (global $ready (mut i32) (i32.const 0))
            (func (export "_initialize") (global.set $ready (i32.const 7)))
            (func (export "ready") (result i32) (global.get $ready)))"#,
    );
    wapiti(["run", "--invoke", "ready", &file]).prints("7\n");
    wapiti(["run", &file]).fails_with(1, &["_start", "--invoke", "ready [] -> [i32]"]);
}

#[test]
fn files_that_are_no_modules() {
    let files = Files::new();
    wapiti(["run", "no/such/file.wasm"]).fails_with(1, &["no/such/file.wasm", "cannot read it"]);
    for (contents, parts) in [
        (&b""[..], &["empty"][..]),
        (b"\x7fELF\x02\x01\x01\0\xff", &["7f 45 4c 46", "00 61 73 6d"]),
        (b"\0asm\x0d\0\x01\0", &["component", "wasm32-wasip1"]),
        (b"\0asm\x01\0\0\0\x01\x7f", &["not a valid module", "at offset 0x"]),
        (b"\0asm\x02\0\0\0", &["version 0x2"]),
        (b"(module (func (i32.frob)))", &["text format", "i32.frob", "bad.wasm:1:"]),
        (
            b"(module (memory 1) (func (memory.discard (i32.const 0) (i32.const 0))))",
            &["not implemented", "memory control", "at offset 0x"],
        ),
        (b"(module (func (result i32)))", &["not a valid module", "type mismatch", "at offset 0x"]),
    ] {
        let file = files.write("bad.wasm", contents);
        let outcome = wapiti(["run", &file]);
        outcome.fails_with(1, &["error: ", &file]);
        outcome.fails_with(1, parts);
    }
}

#[test]
fn missing_imports_are_named() {
    let files = Files::new();
    let file = files
        .write("import.wat", r#"(module (import "env" "puts" (func (param i32))) (func (export "_start")))"#);
    wapiti(["run", &file]).fails_with(1, &["env", "puts", "[i32] -> []"]);
}

#[test]
fn times_go_to_standard_error() {
    let outcome = wapiti(["run", "--time", &example("hello.wat")]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "Hello, World!\n"));
    for part in ["load:", "run:", " s\n"] {
        assert!(outcome.stderr.contains(part), "{}", outcome.stderr);
    }
}

#[test]
fn sleeping_takes_its_time_and_output_comes_before() {
    /// Prints, sleeps for 50 ms, and traps.
    const SLEEP: &str = r#"(module
        (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "_start")
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 50000000))
            (if (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)) (then unreachable))))"#;
    let files = Files::new();
    let file = files.write("sleep.wat", SLEEP);
    let before = Instant::now();
    wapiti(["run", &file]).prints("");
    assert!(before.elapsed() >= Duration::from_millis(50));
}
