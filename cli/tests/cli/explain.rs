//! `wapiti explain`, `wapiti step` and `wapiti run --trace`: what a module is and how it is executed.

use crate::{Files, wapiti, wapiti_with};

const FIB: &str = include_str!("../../../examples/fib.wat");

#[test]
fn explain_has_every_byte_and_the_bytecode() {
    let files = Files::new();
    let file = files.write("fib.wat", FIB);
    let outcome = wapiti(["explain", &file]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for part in ["00 61 73 6d", "section 10: code", "local.get 0", "i32.add_imm", "\"fib\" is function 0"] {
        assert!(outcome.stdout.contains(part), "{part:?} is missing in:\n{}", outcome.stdout);
    }
    wapiti(["explain", &files.write("bad.wasm", b"\0asm\x01\0\0\0\x01\x05")])
        .fails_with(1, &["bad.wasm", "offset"]);
    wapiti(["explain", "nothing.wasm"]).fails_with(1, &["nothing.wasm"]);
}

#[test]
fn trace_prints_ops_with_values_to_standard_error() {
    let files = Files::new();
    let file = files.write("fib.wat", FIB);
    let outcome = wapiti(["run", "--dispatch", "match", "--trace", "--invoke", "fib", &file, "2"]);
    assert_eq!((outcome.code, &*outcome.stdout), (Some(0), "1\n"), "{}", outcome.stderr);
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 11, "{}", outcome.stderr);
    assert_eq!(
        lines[1].split_whitespace().collect::<Vec<_>>(),
        ["$fib+40", "i32.add_imm", "r0=2", "->", "r3=1"]
    );
    let trap = files.write("trap.wat", "(module (func (export \"f\") unreachable))");
    let outcome = wapiti(["run", "--dispatch", "match", "--trace", "--invoke", "f", &trap]);
    assert_eq!(outcome.code, Some(134));
    assert!(outcome.stderr.contains("unreachable failed: unreachable"), "{}", outcome.stderr);
}

#[test]
fn step_goes_forwards_and_back() {
    let files = Files::new();
    let file = files.write("fib.wat", FIB);
    let steps = |words: &str| {
        let outcome = wapiti_with(words, ["step", "--dispatch", "match", "--invoke", "fib", &file, "4"]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let states: Vec<String> =
            outcome.stdout.split("\n\nstep ").map(|state| state.trim().to_owned()).collect();
        states.last().expect("the first state is always printed").clone()
    };
    assert!(steps("step 3").contains("next: br_if.i32.ge_u_imm"));
    assert_eq!(steps("step 3\nstep 5\nback 5").split('*').count() > 1, steps("step 3").contains('*'));
    assert_eq!(steps("step 3\nstep 5\nback 5"), steps("step 3"));
    assert_eq!(steps("end\nback 7\nstep 3"), steps("end\nback 4"));
    assert!(steps("end").contains("returned 3"));
    assert!(steps("over\nover\nover").contains("next: i32.add_imm"));
}

#[test]
fn step_says_what_is_wrong() {
    let files = Files::new();
    let file = files.write("fib.wat", FIB);
    wapiti(["step", "--dispatch", "match", &file]).fails_with(2, &["_start", "fib"]);
    wapiti(["step", "--dispatch", "match", "--invoke", "fib", &file, "x"])
        .fails_with(2, &["argument 1", "`x`"]);
    let outcome = wapiti_with("fly", ["step", "--dispatch", "match", "--invoke", "fib", &file, "1"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("`fly`"), "{}", outcome.stderr);
}
