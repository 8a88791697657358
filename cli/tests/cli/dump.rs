//! `wapiti dump`: sections, imports, exports and bytecode.

use crate::{Files, example, wapiti};

#[test]
fn a_whole_module() {
    let outcome = wapiti(["dump", &example("hello.wat")]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    for part in [
        "sections:",
        "import    1",
        "\"wasi_snapshot_preview1\" \"fd_write\": function [i32 i32 i32 i32] -> [i32]",
        "\"_start\": function [] -> []",
        "\"memory\": memory",
        "function 1",
        "i32.const 8",
    ] {
        assert!(outcome.stdout.contains(part), "{part:?} is missing in:\n{}", outcome.stdout);
    }
}

#[test]
fn one_function_by_name_or_index() {
    let by_name = wapiti(["dump", "--function", "fib", &example("fib.wat")]);
    assert!(by_name.stdout.starts_with("function 0 $fib"), "{}", by_name.stdout);
    assert!(!by_name.stdout.contains("sections:"));
    for name in ["$fib", "0"] {
        wapiti(["dump", "--function", name, &example("fib.wat")]).prints(&by_name.stdout);
    }
}

#[test]
fn the_listing_in_the_readme_is_what_is_printed() {
    let readme = include_str!("../../../README.md");
    let outcome = wapiti(["dump", "--function", "fib", &example("fib.wat")]);
    assert!(readme.contains(outcome.stdout.trim_end()), "it should be:\n{}", outcome.stdout);
}

#[test]
fn functions_that_are_not_there() {
    wapiti(["dump", "--function", "fob", &example("fib.wat")]).fails_with(2, &["fob", "0 fib", "below 1"]);
    wapiti(["dump", "--function", "1", &example("fib.wat")]).fails_with(2, &["no such function"]);
    wapiti(["dump", "--function", "fd_write", &example("hello.wat")]).fails_with(2, &["imported"]);
    let files = Files::new();
    let file = files.write("empty.wat", "(module)");
    wapiti(["dump", "--function", "x", &file]).fails_with(2, &["no functions"]);
    wapiti(["dump", "no/such/file"]).fails_with(1, &["no/such/file"]);
}
