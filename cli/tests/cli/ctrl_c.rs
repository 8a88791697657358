//! Ctrl-C: ends a program that loops or waits, with a backtrace.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::limits::{SLEEP, SPIN, WAIT};
use crate::{Files, wapiti_waiting};

/// The same program, but it first says that it runs.
fn announced(text: &str) -> String {
    let head = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))"#;
    let memory = if text.contains("(memory") { "" } else { "(memory (export \"memory\") 1)" };
    let say = r#"(data (i32.const 1024) "\08\04\00\00\06\00\00\00ready\n")
    (func $say (drop (call $write (i32.const 1) (i32.const 1024) (i32.const 1) (i32.const 1032))))
    (func (export "_start") (call $say) "#;
    text.replacen("(module", head, 1).replacen("(func (export \"_start\")", &format!("{memory} {say}"), 1)
}

/// Whether the signal is ignored here, and therefore in every process that is started from here: shells do that to what
/// they run in the background.
fn is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    ignored.is_some_and(|signals| signals >> (Signal::INT.as_raw() - 1) & 1 == 1)
}

#[test]
fn whatever_the_program_does_it_ends() {
    if is_ignored() {
        eprintln!(
            "Ctrl-C is not tested: this process has been told to ignore it, as in the background of a shell"
        );
        return;
    }
    let files = Files::new();
    for (text, place) in [(SPIN, "!inner"), (SLEEP, "!nap"), (WAIT, "!ask")] {
        for dispatch in ["match", "call", "tail"] {
            let file = files.write("endless.wat", announced(text));
            let outcome = wapiti_waiting(["run", "--dispatch", dispatch, &file], press);
            assert_eq!(outcome.code, Some(130), "{}", outcome.stderr);
            // It may not have come further than to the loop in `_start`, which has no name.
            assert!(
                [place, "!<function"].iter().any(|place| outcome.stderr.contains(place)),
                "{}",
                outcome.stderr
            );
            for part in ["interrupted", "wasm backtrace:", &file] {
                assert!(outcome.stderr.contains(part), "{part:?} is missing in:\n{}", outcome.stderr);
            }
        }
    }
}

/// Presses Ctrl-C once the program runs.
fn press(child: &mut Child) {
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).expect("the program prints a line");
    assert_eq!(line, "ready\n");
    kill_process(Pid::from_child(child), Signal::INT).expect("it runs");
}

#[test]
fn a_process_that_is_to_ignore_it_does() {
    let files = Files::new();
    let file = files.write("endless.wat", announced(SPIN));
    let mut child = Command::new("sh")
        .args(["-c", "trap '' INT && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_wapiti")])
        .args(["run", "--timeout", "500ms", &file])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    press(&mut child);
    let output = child.wait_with_output().expect("it was started");
    assert_eq!(output.status.code(), Some(134), "the timeout ends it, not the signal");
}
