//! The runner itself: that it notices what is wrong, and says where.

use wapiti::Config;
use wapiti_wast::{Report, ScriptError, run_script};

fn run(script: &str) -> Report {
    run_script(script, "test.wast", &Config::new()).expect("the script is well-formed")
}

/// The only failure of a script.
fn failure(script: &str) -> String {
    let report = run(script);
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    report.failures[0].to_string()
}

#[test]
fn wrong_result_is_a_failure_with_its_place() {
    let report = run("(module (func (export \"f\") (result i32) (i32.const 1)))\n  \
         (assert_return (invoke \"f\") (i32.const 1))\n  \
         (assert_return (invoke \"f\") (i32.const 2))");
    assert_eq!((report.passed, report.total), (1, 2));
    assert!(!report.is_success());
    let failure = &report.failures[0];
    assert_eq!((failure.line, failure.column, failure.is_assertion), (3, 4, true));
    assert!(failure.what.contains("I32(2)"), "{}", failure.what);
}

#[test]
fn another_trap_than_the_expected_one_is_a_failure() {
    let what = failure(
        "(module (func (export \"f\") unreachable))
         (assert_trap (invoke \"f\") \"integer overflow\")",
    );
    assert!(what.contains("integer overflow") && what.contains("unreachable"), "{what}");
}

#[test]
fn no_trap_where_one_is_expected_is_a_failure() {
    let what = failure("(module (func (export \"f\"))) (assert_trap (invoke \"f\") \"unreachable\")");
    assert!(what.contains("there was none"), "{what}");
}

#[test]
fn valid_module_where_an_invalid_one_is_expected_is_a_failure() {
    let what = failure("(assert_invalid (module (func)) \"type mismatch\")");
    assert!(what.contains("there was none"), "{what}");
}

#[test]
fn malformed_binaries_are_not_taken_for_text() {
    let report = run("(assert_malformed (module binary \"\") \"unexpected end\")
         (assert_malformed (module binary \"(module)\") \"magic header not detected\")");
    assert!(report.is_success(), "{:?}", report.failures);
}

#[test]
fn failed_module_is_not_replaced_by_an_older_one() {
    let report = run("(module (func (export \"f\")))
         (module (import \"nowhere\" \"f\" (func)))
         (assert_return (invoke \"f\"))");
    assert_eq!(report.failures.len(), 2);
    assert!(!report.failures[0].is_assertion);
    assert!(report.failures[1].what.contains("no current instance"), "{}", report.failures[1]);
}

#[test]
fn directive_without_support_is_a_failure() {
    let what = failure("(module) (thread $t)");
    assert!(what.contains("unsupported directive `thread`"), "{what}");
}

#[test]
fn unknown_directive_is_an_error() {
    let result = run_script("(module) (assert_beauty)", "test.wast", &Config::new());
    let Err(ScriptError::Parse(message)) = result else { panic!("no such directive exists") };
    assert!(message.contains("test.wast:1:"), "{message}");
}

#[test]
fn definitions_make_separate_instances() {
    let report = run("(module definition $D
            (global (export \"g\") (mut i32) (i32.const 0))
            (func (export \"inc\") (global.set 0 (i32.add (global.get 0) (i32.const 1)))))
         (module instance $A $D)
         (module instance $B $D)
         (invoke $A \"inc\")
         (assert_return (get $A \"g\") (i32.const 1))
         (assert_return (get $B \"g\") (i32.const 0))");
    assert!(report.is_success(), "{:?}", report.failures);
}

#[test]
fn registered_instances_and_spectest_can_be_imported() {
    let report = run("(module (func (export \"two\") (result i32) (i32.const 2)))
         (register \"M\")
         (module
            (import \"M\" \"two\" (func $two (result i32)))
            (import \"spectest\" \"global_i32\" (global $g i32))
            (import \"spectest\" \"print_i32\" (func $print (param i32)))
            (func (export \"f\") (result i32)
                (call $print (i32.const 1))
                (i32.add (call $two) (global.get $g))))
         (assert_return (invoke \"f\") (i32.const 668))
         (assert_unlinkable (module (import \"M\" \"three\" (func))) \"unknown import\")
         (assert_unlinkable (module (import \"M\" \"two\" (func))) \"incompatible import type\")");
    assert!(report.is_success(), "{:?}", report.failures);
}

#[test]
fn patterns_for_references_and_alternatives() {
    let report = run("(module
            (func $f (export \"self\") (result funcref) (ref.func $f))
            (func (export \"null\") (result externref) (ref.null extern))
            (func (export \"id\") (param externref) (result externref) (local.get 0)))
         (assert_return (invoke \"self\") (ref.func))
         (assert_return (invoke \"null\") (ref.null extern))
         (assert_return (invoke \"null\") (ref.null))
         (assert_return (invoke \"id\" (ref.extern 7)) (ref.extern 7))
         (assert_return (invoke \"id\" (ref.extern 7)) (either (ref.extern 6) (ref.extern 7)))
         (assert_return (invoke \"id\" (ref.null extern)) (ref.null extern))");
    assert!(report.is_success(), "{:?}", report.failures);
    let what = failure(
        "(module (func (export \"id\") (param externref) (result externref) (local.get 0)))
         (assert_return (invoke \"id\" (ref.extern 7)) (ref.extern 8))",
    );
    assert!(what.contains("ref.extern 7"), "{what}");
}
