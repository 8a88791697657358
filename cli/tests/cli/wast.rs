//! `wapiti wast`: specification scripts.

use crate::{Files, wapiti};

const GOOD: &str = r#"(module (func (export "one") (result i32) (i32.const 1)))
(assert_return (invoke "one") (i32.const 1))
(assert_invalid (module (func (result i32))) "type mismatch")
"#;

#[test]
fn a_script_that_holds() {
    let files = Files::new();
    let file = files.write("good.wast", GOOD);
    for dispatch in ["match", "call"] {
        wapiti(["wast", "--dispatch", dispatch, &file])
            .prints(&format!("{file}: 2 of 2 assertions passed\n"));
    }
}

#[test]
fn a_failure_has_its_place() {
    let files = Files::new();
    let good = files.write("good.wast", GOOD);
    let bad = files.write("bad.wast", format!("{GOOD}(assert_return (invoke \"one\") (i32.const 2))\n"));
    let outcome = wapiti(["wast", &bad, &good]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with(&format!("{bad}:4:")), "{}", outcome.stderr);
    assert_eq!(
        outcome.stdout,
        format!("{bad}: 2 of 3 assertions passed\n{good}: 2 of 2 assertions passed\n")
    );
}

#[test]
fn a_script_that_cannot_be_run() {
    let files = Files::new();
    let file = files.write("broken.wast", "(module\n(frobnicate)");
    wapiti(["wast", &file]).fails_with(1, &[&file, "2"]);
    wapiti(["wast", "no/such/script.wast"]).fails_with(1, &["no/such/script.wast"]);
}

#[test]
fn a_script_for_a_proposal() {
    let files = Files::new();
    let text = r#"(module (tag $e) (func (export "one") (result i32)
            try (result i32) (throw $e) catch $e (i32.const 1) end))
        (assert_return (invoke "one") (i32.const 1))"#;
    let file = files.write("try.wast", text);
    let refused = wapiti(["wast", &file]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("legacy_exceptions feature required"), "{}", refused.stderr);
    let on = "--proposals=legacy-exceptions,threads=n";
    wapiti(["wast", "--dispatch=match", on, &file]).prints(&format!("{file}: 1 of 1 assertions passed\n"));
}
