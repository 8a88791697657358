//! How long workloads run, each under each dispatch strategy this build has: `cargo bench --bench execute`.
//!
//! The workloads are the kernels of `benches/wat`, each about one thing that interpreters are slow or fast at, and
//! their results are checked. With the environment variable `WAPITI_WORKLOADS` naming a folder with a
//! `workloads.json`, the WASI programs listed there run as well; each entry has `id`, `wasm`, `args` and perhaps
//! `stdin`, a file, and `cwd`, a folder that the program sees as `.`. Words behind `--` select by name: `-- fib/tail`,
//! `-- program/`.

#![allow(missing_docs, reason = "`criterion_group!` makes a public function")]

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};
use serde_json::Value;
use wapiti::{Config, Dispatch, Engine, Instance, Linker, Module, Store, TypedFunc};
use wapiti_wasi::{DirAccess, I32Exit, WasiCtx, WasiCtxBuilder};

/// A module whose export `run` takes a number, the amount of work, and returns a number.
struct Kernel {
    name: &'static str,
    text: &'static str,
    work: u32,
    result: u32,
}

macro_rules! kernels {
    ($($name:literal $work:literal => $result:literal;)*) => {
        &[$(Kernel {
            name: $name,
            text: include_str!(concat!("wat/", $name, ".wat")),
            work: $work,
            result: $result,
        }),*]
    };
}

/// The results were computed by programs in another language.
const KERNELS: &[Kernel] = kernels! {
    "fib" 22 => 17_711;
    "sieve" 100_000 => 9_592;
    "matmul" 64 => 4_205_510_656;
    "crc32" 100_000 => 2_865_713_097;
    "nbody" 200 => 3_284_412_164;
    "switch" 100_000 => 432_157_150;
    "indirect" 100_000 => 3_886_284_612;
    "copy" 5_000 => 629_340;
};

/// The strategies that the engine really uses in this build, with their names.
fn strategies() -> impl Iterator<Item = (Engine, &'static str)> {
    let all = [(Dispatch::Match, "match"), (Dispatch::Call, "call"), (Dispatch::Tail, "tail")];
    all.into_iter().filter_map(|(dispatch, name)| {
        let engine = Engine::new(Config::new().dispatch(dispatch));
        (engine.dispatch() == dispatch).then_some((engine, name))
    })
}

fn kernels(criterion: &mut Criterion) {
    for kernel in KERNELS {
        let mut group = criterion.benchmark_group(kernel.name);
        for (engine, strategy) in strategies() {
            group.bench_function(strategy, |bencher| {
                let (mut store, run) = load(&engine, kernel);
                let mut call = || run.call(&mut store, kernel.work).expect("kernels do not trap");
                assert_eq!(call(), kernel.result, "{}", kernel.name);
                bencher.iter(call);
            });
        }
    }
}

fn load(engine: &Engine, kernel: &Kernel) -> (Store<()>, TypedFunc<u32, u32>) {
    let module = Module::new(engine, kernel.text).expect("kernels are valid modules");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("kernels import nothing");
    let run = instance.get_typed_func(&mut store, "run").expect("kernels export `run`");
    (store, run)
}

/// A WASI program and what it is to be given.
struct Program {
    id: String,
    wasm: PathBuf,
    args: Vec<String>,
    stdin: Option<PathBuf>,
    cwd: Option<PathBuf>,
}

impl Program {
    /// Those of the list that this benchmark can run by itself: commands, not single exports.
    fn all(folder: &Path) -> Vec<Self> {
        let text = fs::read_to_string(folder.join("workloads.json")).expect("WAPITI_WORKLOADS has a list");
        let list: Value = serde_json::from_str(&text).expect("workloads.json is JSON");
        let entries = list.as_array().expect("workloads.json is a list");
        entries
            .iter()
            .filter(|entry| entry.get("invoke").is_none())
            .map(|entry| Self::new(folder, entry))
            .collect()
    }

    fn new(folder: &Path, entry: &Value) -> Self {
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        Self {
            id: word(&entry["id"]),
            wasm: folder.join(word(&entry["wasm"])),
            args: entry["args"].as_array().map_or_else(Vec::new, |args| args.iter().map(word).collect()),
            stdin: entry["stdin"].as_str().map(|stdin| folder.join(stdin)),
            cwd: entry["cwd"].as_str().map(|cwd| folder.join(cwd)),
        }
    }

    fn wasi(&self) -> WasiCtx {
        let mut builder = WasiCtxBuilder::new();
        builder.arg(&self.id).args(&self.args);
        if let Some(stdin) = &self.stdin {
            builder.stdin(fs::File::open(stdin).expect("the file exists"));
        }
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let cwd = self.cwd.as_deref().unwrap_or(scratch);
        builder.preopened_dir(cwd, ".", DirAccess::ReadWrite).expect("the folder exists");
        builder.build().expect("the words have no NUL")
    }

    /// An instance in a store of its own, and the function to start it at.
    fn start(&self, linker: &Linker<WasiCtx>, module: &Module) -> (Store<WasiCtx>, TypedFunc<(), ()>) {
        let mut store = Store::new(module.engine(), self.wasi());
        let instance = linker.instantiate(&mut store, module).expect("WASI is all that programs import");
        let start = instance.get_typed_func(&mut store, "_start").expect("a program has a `_start`");
        (store, start)
    }
}

fn programs(criterion: &mut Criterion) {
    let Some(folder) = env::var_os("WAPITI_WORKLOADS").map(PathBuf::from).filter(|folder| folder.is_dir())
    else {
        return;
    };
    for program in Program::all(&folder) {
        let mut group = criterion.benchmark_group(format!("program/{}", program.id));
        // Programs run for a second or more.
        group.sample_size(10).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(1));
        for (engine, strategy) in strategies() {
            bench_program(&mut group, &program, &engine, strategy);
        }
    }
}

fn bench_program(
    group: &mut BenchmarkGroup<'_, WallTime>,
    program: &Program,
    engine: &Engine,
    strategy: &str,
) {
    group.bench_function(strategy, |bencher| {
        let bytes = fs::read(&program.wasm).expect("the list names files that are there");
        let module = match Module::new(engine, bytes) {
            Ok(module) => module,
            Err(error) => {
                eprintln!("{}: left out: {error}", program.id);
                return;
            }
        };
        let mut linker = Linker::new(engine);
        wapiti_wasi::add_to_linker(&mut linker, |wasi: &mut WasiCtx| wasi)
            .expect("nothing else is in the linker");
        bencher.iter_batched(
            || program.start(&linker, &module),
            |(mut store, start)| match start.call(&mut store, ()) {
                Ok(()) => store,
                Err(error) if error.downcast_ref() == Some(&I32Exit(0)) => store,
                Err(error) => panic!("{}: {error:?}", program.id),
            },
            BatchSize::PerIteration,
        );
    });
}

criterion_group!(benches, kernels, programs);
criterion_main!(benches);
