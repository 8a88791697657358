//! All engines under criterion: `cargo bench`, groups `execute/KERNEL` and `startup/MODULE`.
//!
//! What an engine computes is compared with what Wapiti does before it is measured; one with another result is left out,
//! with a message.

#![allow(dead_code, reason = "the modules belong to the command, which uses all of them")]

#[path = "../src/cases.rs"]
mod cases;
#[path = "../src/engines/mod.rs"]
mod engines;
#[path = "../src/kernels.rs"]
mod kernels;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use anyhow::{Result, anyhow, ensure};
use criterion::{Criterion, criterion_group};

use crate::cases::Case;
use crate::engines::{Engine, Instance, Mode, Module};

/// What `engine` makes of a workload, or a message on why it is left out.
fn checked<T>(
    workload: &str,
    engine: &str,
    expected: &mut Option<String>,
    run: impl FnOnce() -> Result<(String, T)>,
) -> Option<T> {
    let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(anyhow!("panicked")));
    let outcome = outcome.and_then(|(result, made)| {
        let expected = expected.get_or_insert_with(|| result.clone());
        ensure!(*expected == result, "{result}, where {expected} was expected");
        Ok(made)
    });
    outcome.map_err(|error| eprintln!("{workload}: {engine}: left out: {error:#}")).ok()
}

fn execute(criterion: &mut Criterion) {
    for &(kernel, work) in kernels::KERNELS {
        let case = Case::own(&format!("../wat/{kernel}.wat")).expect("the repository has its kernels");
        // Criterion runs it many times for one figure.
        let work = work / 10;
        let mut group = criterion.benchmark_group(format!("execute/{kernel}"));
        group.sample_size(20);
        let mut expected = None;
        for &name in engines::NAMES {
            let made = checked(kernel, name, &mut expected, || {
                let mut instance = engines::make_lazy(name)?.load(&case.bytes)?.instantiate()?;
                Ok((instance.call("run", work)?.to_string(), instance))
            });
            if let Some(mut instance) = made {
                group.bench_function(name, |bencher| {
                    bencher.iter(|| instance.call("run", work).expect("it has run before"));
                });
            }
        }
    }
}

fn startup(criterion: &mut Criterion) {
    for case in Case::all(&[]).expect("the repository has modules") {
        let mut group = criterion.benchmark_group(format!("startup/{}", case.name));
        group.sample_size(20);
        let mut expected = None;
        for &name in engines::NAMES {
            let reach = |engine: &dyn Engine| -> Result<(Box<dyn Module>, Box<dyn Instance>)> {
                let module = engine.load(&case.bytes)?;
                let mut instance = module.instantiate()?;
                // Without a `_start` there is nothing to call; with one, the call ends with the error of the import.
                let _ = instance.start();
                Ok((module, instance))
            };
            let made = checked(&case.name, name, &mut expected, || {
                let engine =
                    engines::make(name, Mode::Eager)?.ok_or_else(|| anyhow!("it cannot be stopped"))?;
                engines::stopped_at();
                reach(&*engine)?;
                Ok((engines::stopped_at(), engine))
            });
            if let Some(engine) = made {
                group.bench_function(name, |bencher| {
                    bencher.iter_with_large_drop(|| reach(&*engine).expect("it has run before"));
                });
            }
        }
    }
}

criterion_group!(field, execute, startup);

fn main() {
    // A loop that calls the host takes more and more native stack under Stitch.
    let run = || {
        field();
        Criterion::default().configure_from_args().final_summary();
    };
    let thread = thread::Builder::new().stack_size(1 << 30).spawn(run).expect("threads can be started");
    thread.join().expect("a benchmark panicked, and has said why");
}
