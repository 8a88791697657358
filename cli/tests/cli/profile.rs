//! `wapiti profile`: counts are exact, and lists add up.

use serde_json::Value;

use crate::{Files, example, wapiti};

const NESTED: &str = r#"(module
    (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func $run (export "run") (param $n i32) (result i32)
      (local $i i32) (local $sum i32)
      (loop $outer
        (local.set $i (i32.const 3))
        (loop $inner
          (local.set $sum (call $add (local.get $sum) (local.get $i)))
          (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum)))"#;

fn sum(list: &Value, of: &str) -> u64 {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| item[of].as_u64().expect("a count")).sum()
}

#[test]
fn counts_are_exact_and_add_up() {
    let files = Files::new();
    let file = files.write("nested.wat", NESTED);
    for fusion in ["none", "pairs", "full"] {
        for dispatch in ["match", "call"] {
            let outcome = wapiti([
                "profile",
                "--json",
                "--no-samples",
                "--fusion",
                fusion,
                "--dispatch",
                dispatch,
                "--invoke",
                "run",
                &file,
                "--",
                "5",
            ]);
            assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
            let profile: Value = serde_json::from_str(&outcome.stdout).expect("--json prints JSON");
            let all = profile["ops"].as_u64().expect("a count");
            for list in ["functions", "paths"] {
                assert_eq!(sum(&profile[list], "ops"), all, "{list}");
            }
            assert_eq!(sum(&profile["by_op"], "count"), all);
            assert_eq!(
                sum(&profile["functions"], "dispatches"),
                profile["dispatches"].as_u64().expect("a count")
            );
            let by_code: u64 = profile["code"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|code| sum(&code["ops"], "executions"))
                .sum();
            assert_eq!(by_code, all);
            if fusion == "none" || dispatch == "call" {
                assert_eq!(profile["dispatches"], profile["ops"]);
            }
            let function = |name: &str| {
                let functions = profile["functions"].as_array().expect("a list");
                functions.iter().find(|function| function["name"] == name).expect("it was called").clone()
            };
            assert_eq!(
                (&function("add")["calls"], &function("add")["ops"]),
                (&Value::from(15), &Value::from(30))
            );
            let loops = profile["loops"].as_array().expect("a list");
            let mut turns: Vec<_> = loops.iter().map(|found| found["turns"].as_u64()).collect();
            turns.sort();
            assert_eq!(turns, [Some(5), Some(15)]);
            let inner = loops.iter().find(|found| found["turns"] == 15).expect("there is one");
            let outer = loops.iter().find(|found| found["turns"] == 5).expect("there is one");
            assert_eq!(inner["ops"], inner["own_ops"]);
            let [whole, own] = ["ops", "own_ops"].map(|key| outer[key].as_u64().expect("a count"));
            assert_eq!(whole - own, inner["ops"].as_u64().expect("a count"));
        }
    }
}

#[test]
fn what_is_printed_and_written() {
    let files = Files::new();
    let file = files.write("nested.wat", NESTED);
    let [flame, time, counts] =
        ["ops.svg", "time.svg", "counts.prof"].map(|name| files.path().join(name).display().to_string());
    let outcome = wapiti([
        "profile",
        "--dispatch",
        "match",
        "--interval",
        "100us",
        "--flame",
        &flame,
        "--flame-time",
        &time,
        "--counts",
        &counts,
        "--invoke",
        "run",
        &file,
        "--",
        "500000",
    ]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    for part in ["functions", "run", "add", "loops", "pairs executed", "candidates", "samples of time"] {
        assert!(outcome.stdout.contains(part), "{part} is missing in\n{}", outcome.stdout);
    }
    let read = |file: &str| std::fs::read_to_string(file).expect("it was written");
    assert!(read(&flame).contains("<svg") && read(&flame).contains("add ("));
    assert!(read(&time).contains("<svg"));
    let counts = read(&counts);
    assert!(counts.lines().any(|line| line.starts_with("1500000 I32Add ")), "{counts}");
    for line in counts.lines().filter(|line| !line.is_empty()) {
        assert_eq!(line.split(' ').count(), 3, "{line}");
    }
}

#[test]
fn programs() {
    let outcome = wapiti(["profile", "--dispatch", "match", "--no-samples", &*example("hello.wat")]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    assert!(outcome.stdout.contains("operations") && !outcome.stdout.contains("Hello"), "{}", outcome.stdout);
    wapiti(["profile"]).fails_with(2, &["<FILE>"]);
    wapiti(["profile", "missing.wasm"]).fails_with(1, &["missing.wasm"]);
}
