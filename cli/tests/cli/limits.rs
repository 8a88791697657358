//! What bounds a program: time, memory, stack; and wasmtime's names for it.

use std::time::{Duration, Instant};

use crate::{Files, wapiti, wapiti_waiting};

/// A program that loops for ever, three functions deep.
pub(crate) const SPIN: &str = r#"(module
    (func $inner (loop (br 0)))
    (func $middle (call $inner))
    (func (export "_start") (call $middle)))"#;

/// A program that sleeps for an hour.
pub(crate) const SLEEP: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func $nap
        (i32.store (i32.const 16) (i32.const 1))
        (i64.store (i32.const 24) (i64.const 3600000000000))
        (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
    (func (export "_start") (loop (call $nap) (br 0))))"#;

/// A program that waits for input.
pub(crate) const WAIT: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func $ask
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 1))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start") (loop (call $ask) (br 0))))"#;

/// Grows its memory as far as it goes, a page at a time, and returns the pages it then has.
const GROW: &str = r#"(module
    (memory (export "memory") 1 100)
    (func (export "pages") (result i32)
        (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (memory.size)))"#;

#[test]
fn a_timeout_is_a_trap() {
    let files = Files::new();
    let file = files.write("spin.wat", SPIN);
    for dispatch in ["match", "call", "tail"] {
        for option in [&["--timeout", "100ms"][..], &["-W", "timeout=100ms"]] {
            let before = Instant::now();
            let line = ["run", "--dispatch", dispatch].into_iter().chain(option.iter().copied());
            let outcome = wapiti(line.chain([file.as_str()]));
            assert!(before.elapsed() >= Duration::from_millis(100));
            outcome.fails_with(134, &["trap: interrupted", "100ms", "!inner", "!middle", &file]);
        }
    }
    // It counts for what begins before `_start`, too.
    let file =
        files.write("start.wat", "(module (func $s (loop (br 0))) (start $s) (func (export \"_start\")))");
    wapiti(["run", "--timeout", "10ms", &file]).fails_with(134, &["trap: interrupted", "!s"]);
}

#[test]
#[cfg(unix)]
fn a_timeout_ends_what_waits() {
    let files = Files::new();
    for (text, place) in [(SLEEP, "!nap"), (WAIT, "!ask")] {
        let file = files.write("wait.wat", text);
        let before = Instant::now();
        // Nothing is written to the command's input, and it is not closed either.
        let outcome = wapiti_waiting(["run", "--timeout", "100ms", &file], |_| {});
        assert_eq!(outcome.code, Some(134), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("trap: interrupted"), "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains("backtrace") && !outcome.stderr.contains("stuck"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains(place), "{}", outcome.stderr);
        assert!(before.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn a_timeout_that_is_not_reached_changes_nothing() {
    wapiti(["run", "--timeout", "1h", &crate::example("hello.wat")]).prints("Hello, World!\n");
}

#[test]
fn memory_is_limited() {
    let files = Files::new();
    let file = files.write("grow.wat", GROW);
    wapiti(["run", "--invoke", "pages", &file]).prints("100\n");
    for option in [&["--max-memory", "640k"][..], &["--max-memory=655361"], &["-W", "max-memory-size=655360"]]
    {
        let line = ["run"].iter().chain(option).chain(&["--invoke", "pages"]).copied();
        wapiti(line.chain([file.as_str()])).prints("10\n");
    }
    wapiti(["run", "--max-memory", "65535", "--invoke", "pages", &file]).fails_with(1, &["memory", "65535"]);
}

#[test]
fn the_stack_is_limited() {
    let files = Files::new();
    // Counts how deep it gets before it traps; the depth is what the memory holds at the trap, so it is printed.
    let file = files.write(
        "deep.wat",
        r#"(module (func $deep (export "deep") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0)))))"#,
    );
    wapiti(["run", "--invoke", "deep", &file, "10000"]).prints("10000\n");
    for option in [&["--max-stack", "64k"][..], &["-W", "max-wasm-stack=65536"]] {
        let line = ["run"].iter().chain(option).chain(&["--invoke", "deep"]).copied();
        wapiti(line.chain([file.as_str(), "10000"])).fails_with(134, &["call stack exhausted"]);
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (line, parts) in [
        (&["run", "-W", "fuel=100", "x.wasm"][..], &["`-W fuel`", "max-memory-size"][..]),
        (&["run", "-W", "timeout=1s,component-model=y", "x.wasm"], &["`-W component-model`"]),
        (&["run", "--proposals", "gc=y,stringref", "x.wasm"], &["`stringref`", "legacy-exceptions"]),
        (&["run", "-W", "simd=perhaps", "x.wasm"], &["perhaps"]),
        (&["run", "-Wfuel=100", "x.wasm"], &["`-W fuel`"]),
        (&["run", "-S", "http", "x.wasm"], &["`-S http`", "inherit-env"]),
        (&["run", "-C", "cache=n", "x.wasm"], &["-C"]),
        (&["run", "--fuel", "100", "x.wasm"], &["--fuel"]),
        (&["run", "-W", "timeout", "x.wasm"], &["timeout=VALUE"]),
        (&["run", "--timeout", "soon", "x.wasm"], &["soon", "200ms"]),
        (
            &["run", "--max-memory", "1m", "-W", "max-memory-size=1m", "x.wasm"],
            &["--max-memory", "same option"],
        ),
    ] {
        wapiti(line).fails_with(2, parts);
    }
}
