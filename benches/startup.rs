//! How long it takes to make a module ready, in bytes of the binary format per second: `cargo bench --bench startup`.
//!
//! Each compile mode does part of the work of the one before it in this list: `eager` decodes, validates and lowers
//! everything; `lazy` decodes and validates; `lazy-validation` decodes what is outside of function bodies.
//!
//! The module is made here and resembles what compilers emit. With the environment variable `WAPITI_WORKLOADS` naming
//! a folder, the three largest modules found in it and in its subfolders are measured as well.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wapiti::{Compilation, Config, Engine, Module};

const MODES: [(Compilation, &str); 3] = [
    (Compilation::Eager, "eager"),
    (Compilation::Lazy, "lazy"),
    (Compilation::LazyValidation, "lazy-validation"),
];
/// Functions of the module that is made here; it has 0.67 MB then.
const FUNCTIONS: usize = 5_000;
/// How many of the modules in the folder are measured.
const LARGEST: usize = 3;

fn startup(criterion: &mut Criterion) {
    bench_module(criterion, "generated", &generate());
    for path in largest_modules() {
        let name = path.file_stem().expect("modules are files").to_string_lossy().into_owned();
        bench_module(criterion, &name, &fs::read(&path).expect("the folder was just listed"));
    }
}

fn bench_module(criterion: &mut Criterion, name: &str, bytes: &[u8]) {
    if let Err(error) = Module::new(&Engine::default(), bytes) {
        eprintln!("{name}: left out: {error}");
        return;
    }
    let mut group = criterion.benchmark_group(format!("startup/{name}"));
    group.sample_size(20).throughput(Throughput::Bytes(bytes.len() as u64));
    for (mode, mode_name) in MODES {
        let engine = Engine::new(Config::new().compilation(mode));
        group.bench_function(mode_name, |bencher| {
            bencher.iter_with_large_drop(|| Module::new(&engine, bytes).expect("the module is valid"));
        });
    }
}

/// A module of functions that each have locals, a loop, loads and stores, a branch and calls of their neighbours.
fn generate() -> Vec<u8> {
    let mut text = String::from("(module (memory 1)\n");
    for function in 0..FUNCTIONS {
        let (constant, callee) = (function * 37 % 1000, (function + 1) % FUNCTIONS);
        write!(
            text,
            "(func $f{function} (param $p i32) (param $n i32) (result i32) (local $i i32) (local $sum f64)
               (loop $again
                 (i32.store offset={constant} (local.get $p)
                   (i32.add (i32.load (local.get $p)) (i32.mul (local.get $i) (i32.const {constant}))))
                 (local.set $sum
                   (f64.add (local.get $sum) (f64.mul (f64.load offset=8 (local.get $p)) (f64.const 0.5))))
                 (if (i32.and (local.get $i) (i32.const 1))
                   (then (local.set $p (i32.add (local.get $p) (i32.const 16))))
                   (else (local.set $n (call $f{callee} (local.get $p) (i32.shr_u (local.get $n) (i32.const 1))))))
                 (local.set $i (i32.add (local.get $i) (i32.const 1)))
                 (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
               (select (local.get $i) (i32.trunc_sat_f64_s (local.get $sum)) (local.get $n)))\n"
        )
        .expect("writing to a string cannot fail");
    }
    text.push(')');
    wat::parse_str(&text).expect("the text is well formed")
}

fn largest_modules() -> Vec<PathBuf> {
    let Some(folder) = env::var_os("WAPITI_WORKLOADS") else { return Vec::new() };
    let mut found = Vec::new();
    find_modules(Path::new(&folder), &mut found);
    found.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    found.into_iter().take(LARGEST).map(|(_, path)| path).collect()
}

/// Adds all modules below `folder` with their sizes.
fn find_modules(folder: &Path, found: &mut Vec<(u64, PathBuf)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            find_modules(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "wasm") {
            found.push((entry.metadata().map_or(0, |metadata| metadata.len()), path));
        }
    }
}

criterion_group!(benches, startup);
criterion_main!(benches);
