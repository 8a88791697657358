//! `wapiti inspect` and `wapiti completions`.

use crate::{Files, example, wapiti, wapiti_with};

/// The longest output that one screen holds.
const SCREEN_LINES: usize = 40;

#[test]
fn a_program_in_short() {
    let outcome = wapiti(["inspect", &example("hello.wat")]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    for part in [
        "a program",
        "Wapiti runs it",
        "proposals  none",
        "1 of its own",
        "1 imported",
        "memory of 64.0 KiB",
        "imports    1",
        "wasi_snapshot_preview1 (1): fd_write",
        "_start: function [] -> []",
        "biggest functions",
    ] {
        assert!(outcome.stdout.contains(part), "{part:?} is missing in:\n{}", outcome.stdout);
    }
}

#[test]
fn a_big_module_fits_on_a_screen() {
    let mut text = String::from("(module\n");
    for i in 0..300 {
        text.push_str(&format!("(import \"module{}\" \"a_function_with_a_long_name{i}\" (func))\n", i % 20));
    }
    for i in 0..300 {
        let body = "(drop (i32.extend8_s (i32.const 1)))".repeat(i);
        text.push_str(&format!("(func $f{i} (export \"f{i}\") {body})\n"));
    }
    text.push(')');
    let outcome = wapiti_with(text, ["inspect", "-"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.lines().count() <= SCREEN_LINES, "{}", outcome.stdout);
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 100), "{}", outcome.stdout);
    for part in ["599 f299", "sign-extension", "... and 12 more modules", "... and 292 more exports"] {
        assert!(outcome.stdout.contains(part), "{part:?} is missing in:\n{}", outcome.stdout);
    }
}

#[test]
fn json_for_scripts() {
    let outcome = wapiti(["inspect", "--json", &example("fib.wat")]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("valid JSON");
    assert_eq!(json["kind"], "module");
    assert_eq!(json["exports"][0]["name"], "fib");
    assert_eq!(json["exports"][0]["type"], "function [i32] -> [i32]");
    assert_eq!(json["functions"]["defined"], 1);
    assert_eq!(json["refused"], serde_json::Value::Null);
    assert_eq!(json["biggest_functions"][0]["name"], "fib");
    assert!(json["sections"].as_array().is_some_and(|sections| sections.len() >= 4), "{json}");
}

#[test]
fn a_module_that_wapiti_refuses_is_summed_up_all_the_same() {
    let text = "(module (memory 1) (memory 1) (func (export \"f\") (param i64)))";
    let outcome = wapiti_with(text, ["inspect", "-"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("proposals  multi-memory"), "{}", outcome.stdout);
}

#[test]
fn files_that_are_no_modules() {
    for (contents, parts) in [
        (&b""[..], &["empty"][..]),
        (b"\x7fELF\xff", &["7f 45 4c 46"]),
        (b"\0asm\x0d\0\x01\0", &["component"]),
        (b"\0asm\x01\0\0\0\x01\x7f", &["not a valid module", "at offset 0x"]),
        // A body that ends in the middle of an operator.
        (b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x41\x80", &["at offset 0x"]),
        (b"(module (func (i32.frob)))", &["text format", "i32.frob", "bad.wasm:1:"]),
    ] {
        let files = Files::new();
        let file = files.write("bad.wasm", contents);
        let outcome = wapiti(["inspect", &file]);
        outcome.fails_with(1, &["error: ", &file]);
        outcome.fails_with(1, parts);
    }
    wapiti(["inspect", "no/such/file"]).fails_with(1, &["no/such/file", "cannot read it"]);
}

#[test]
fn completions_know_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = wapiti(["completions", shell]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["inspect", "max-memory", "timeout"] {
            assert!(outcome.stdout.contains(word), "{word} is missing for {shell}");
        }
    }
    wapiti(["completions", "cmd"]).fails_with(2, &["cmd", "bash"]);
}
