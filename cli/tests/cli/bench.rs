//! `wapiti bench`: what it measures is not checked here, but what it says of it.

use serde_json::Value;

use crate::{Files, example, wapiti};

const SUM: &str = r#"(module
    (func $sum (export "sum") (param $n i32) (result i32)
      (local $sum i32)
      (loop $next
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (local.get $sum)))"#;

/// Quick enough for a test.
const QUICK: [&str; 6] = ["bench", "--min-time", "0", "--warm-up", "0", "--rounds"];

fn json(args: &[&str]) -> Value {
    let outcome = wapiti(QUICK.iter().chain(args));
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    serde_json::from_str(&outcome.stdout).expect("--json prints JSON")
}

#[test]
fn an_export_under_several_settings() {
    let files = Files::new();
    let file = files.write("sum.wat", SUM);
    let report = json(&[
        "6",
        "--json",
        "--invoke",
        "sum",
        "--dispatch",
        "match,call",
        "--fusion",
        "none,full",
        &file,
        "--",
        "10",
    ]);
    let [workload] = &report["workloads"].as_array().expect("a list")[..] else { panic!("{report}") };
    assert_eq!(workload["name"], "sum");
    let settings = workload["settings"].as_array().expect("a list");
    let names: Vec<_> = settings.iter().map(|figures| figures["setting"].as_str().expect("a name")).collect();
    assert_eq!(names, ["match/none", "match/full", "call/none", "call/full"]);
    for figures in settings {
        assert_eq!(figures["seconds"].as_array().map(Vec::len), Some(6));
        assert_eq!(figures["ops"], 32);
        let dispatches = figures["dispatches"].as_u64().expect("a number");
        let is_fused = figures["setting"] == "match/full";
        assert!(if is_fused { dispatches <= 32 } else { dispatches == 32 }, "{figures}");
    }
    assert_eq!(settings[0]["speed"]["value"], 1.0);
}

#[test]
fn a_program_with_every_kind_of_report() {
    let files = Files::new();
    let [svg, html] = ["plot.svg", "plot.html"].map(|name| files.path().join(name).display().to_string());
    let hello = example("hello.wat");
    let line = ["3", "--dispatch", "match", "--plot", &svg, "--plot", &html, "--markdown", &hello];
    let outcome = wapiti(QUICK.iter().chain(&line));
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    assert!(
        outcome.stdout.contains("| setting | min |") && outcome.stdout.contains("\n| match | "),
        "{}",
        outcome.stdout
    );
    assert!(!outcome.stdout.contains("Hello"), "the guest's output is its own");
    let [svg, html] = [svg, html].map(|file| std::fs::read_to_string(file).expect("it was written"));
    assert!(svg.starts_with("<svg") && html.starts_with("<!doctype html>") && html.contains("<svg"));

    let csv = wapiti(QUICK.iter().chain(&["3", "--dispatch", "match,call", "--csv", "--no-counts", &*hello]));
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 3);
    let fields = lines[0].split(',').count();
    assert!(lines.iter().all(|line| line.split(',').count() == fields), "{lines:?}");
}

#[test]
fn manifests() {
    let files = Files::new();
    files.write("sum.wat", SUM);
    files.write("expected.txt", "Hello, World!\n");
    std::fs::copy(example("hello.wat"), files.path().join("hello.wat")).expect("it can be copied");
    let list = r#"[
        {"name": "sum of 5", "file": "sum.wat", "invoke": "sum", "args": ["5"]},
        {"id": "hello", "wasm": "hello.wat", "output": "expected.txt", "exit": 0}
    ]"#;
    let manifest = files.write("list.json", list);
    let report = json(&["1", "--json", "--dispatch", "match", "--manifest", &manifest]);
    assert_eq!(report["workloads"].as_array().map(Vec::len), Some(2));
    let report = json(&["1", "--json", "--dispatch", "match", "--manifest", &manifest, "--only", "sum"]);
    assert_eq!(report["workloads"].as_array().map(Vec::len), Some(1));

    files.write("expected.txt", "Good bye\n");
    let args = ["1", "--manifest", &manifest];
    wapiti(QUICK.iter().chain(&args)).fails_with(1, &["hello", "its output is not what the manifest says"]);
    let broken = files.write("broken.json", "[{}]");
    wapiti(["bench", "--manifest", &broken]).fails_with(1, &["broken.json", "not a manifest", "name"]);
}

#[test]
fn only_checking() {
    let files = Files::new();
    let file = files.write("sum.wat", SUM);
    let all = ["--dispatch", "match,call", "--compile", "eager,lazy", "--fusion", "none,pairs,full"];
    let all = ["bench", "--check"].iter().chain(&all);
    let outcome = wapiti(all.chain(&["--invoke", "sum", &*file, "--", "10"]));
    assert_eq!((outcome.code, &*outcome.stdout), (Some(0), "sum: the same under 12 settings\n"));

    let list = r#"[{"name": "none", "file": "sum.wat"},
                   {"name": "sum", "file": "sum.wat", "invoke": "sum", "args": ["3"]}]"#;
    let manifest = files.write("list.json", list);
    let outcome = wapiti(["bench", "--check", "--dispatch", "match,call", "--manifest", &manifest]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stdout.starts_with("FAILED: ")
            && outcome.stdout.ends_with("sum: the same under 2 settings\n")
    );
}

#[test]
fn baselines() {
    let files = Files::new();
    let file = files.write("sum.wat", SUM);
    let line = ["6", "--json", "--dispatch", "match", "--invoke", "sum", &file, "--", "1000"];
    let before = wapiti(QUICK.iter().chain(&line)).stdout;
    let baseline = files.write("before.json", &before);
    // A hundred times as slow, so that there is no doubt.
    let mut slow: Value = serde_json::from_str(&before).expect("--json prints JSON");
    let seconds = slow["workloads"][0]["settings"][0]["seconds"].as_array_mut().expect("a list");
    for figure in seconds {
        *figure = Value::from(figure.as_f64().expect("a number") * 100.0);
    }
    let slow = files.write("slow.json", slow.to_string());
    let compare = |baseline: &str| {
        let line =
            ["6", "--dispatch", "match", "--baseline", baseline, "--invoke", "sum", &file, "--", "1000"];
        wapiti(QUICK.iter().chain(&line)).stdout
    };
    assert!(compare(&slow).contains("signal: faster"));
    let same = compare(&baseline);
    assert!(same.contains("against the baseline"), "{same}");
    wapiti(["bench", "--baseline", &file, &file])
        .fails_with(1, &["sum.wat", "not what `wapiti bench --json` prints"]);
}

#[test]
fn an_ablation_names_each_technique() {
    let files = Files::new();
    let file = files.write("sum.wat", SUM);
    let report = json(&["1", "--json", "--ablate", "--invoke", "sum", &file, "--", "10"]);
    let settings = report["workloads"][0]["settings"].as_array().expect("a list");
    assert!(settings.len() >= 8, "{settings:?}");
    let of = |name: &str| settings.iter().find(|figures| figures["setting"] == name).expect("there is one");
    assert_eq!(of("everything")["ops"], 32);
    // The constant of the subtraction, and the sum that goes to its local by way of the stack.
    assert!(of("without combined operators")["ops"].as_u64() > Some(50));
    assert_eq!(of("without sequences")["dispatches"], 32);
}

#[test]
fn wrong_usage() {
    wapiti(["bench"]).fails_with(2, &["<FILE>"]);
    let hello = example("hello.wat");
    wapiti(["bench", "--base", "fast", &hello])
        .fails_with(2, &["--base fast", "there is no such setting", "match"]);
    wapiti(["bench", "--plot", "a.png", &hello]).fails_with(2, &["ends in .svg or .html"]);
    wapiti(["bench", "--ablate", "--dispatch", "match", &hello]).fails_with(2, &["--ablate"]);
    let files = Files::new();
    let trap = files.write("trap.wat", r#"(module (func (export "_start") unreachable))"#);
    wapiti(["bench", &trap]).fails_with(1, &["trap: ", "unreachable"]);
}

#[test]
fn how_time_and_memory_grow() {
    let files = Files::new();
    let html = files.path().join("scale.html").display().to_string();
    let outcome =
        wapiti(["bench", "--scale", "--largest", "20000", "--rounds", "1", "--json", "--plot", &html]);
    assert_eq!((outcome.code, &*outcome.stderr), (Some(0), ""));
    let scaling: Value = serde_json::from_str(&outcome.stdout).expect("--json prints JSON");
    let series = scaling["series"].as_array().expect("a list");
    assert_eq!(series.len(), 5);
    if cfg!(target_os = "linux") {
        let of_size = series[0]["lines"].as_array().expect("a list").iter();
        let names: Vec<_> = of_size.filter_map(|line| line["name"].as_str()).collect();
        assert!(names.contains(&"eager, memory"), "{names:?}");
    }
    assert!(std::fs::read_to_string(html).expect("it was written").matches("<svg").count() >= 5);
}
