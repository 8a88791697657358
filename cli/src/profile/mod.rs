//! `wapiti profile`: what a program executes, exactly, and where its time goes.
//!
//! The program runs once to be counted, op by op, and once more undisturbed but for samples. Out come a report (text or
//! JSON), flame graphs, and the counts that `tools/fuse.py` chooses fused sequences from. What the guest prints is dropped.

mod digest;
mod report;
mod samples;

use std::fmt::Write as _;

use wapiti::{Engine, OpCounts};
use wapiti_lab::clock::Clock;
use wapiti_lab::counters::Counters;

use self::digest::Digest;
use crate::bench::{Workload, print, write_file};
use crate::failure::Failure;
use crate::lab_args::ProfileArgs;
use crate::load;

/// Profiles the program and returns the exit code.
pub(crate) fn profile(args: &ProfileArgs) -> Result<u8, Failure> {
    let workload = Workload::from_args(&args.file, &args.guest)?;
    let engine = load::engine_with(&args.engine, &args.config());
    let counts = count(&workload, &engine)?;
    let samples =
        if args.no_samples { None } else { Some(samples::take(&workload, &engine, args.interval)?) };
    if let Some(path) = &args.counts {
        write_file(path, &counts_text(&counts))?;
    }
    if let Some(path) = &args.flame {
        let title = format!("{}: operations executed", workload.name);
        write_file(path, &flame_graph(&title, "ops", &paths(&counts))?)?;
    }
    if let (Some(path), Some(samples)) = (&args.flame_time, &samples) {
        let title = format!("{}: time sampled", workload.name);
        write_file(path, &flame_graph(&title, "samples", &samples.paths())?)?;
    }
    let digest = Digest::new(&counts, samples.as_ref());
    print(&if args.json { report::json(&counts, &digest) } else { report::text(&digest, args.top) })
}

/// Runs the program once, counted.
fn count(workload: &Workload, engine: &Engine) -> Result<OpCounts, Failure> {
    let (module, _) = workload.load(engine, Clock::Wall)?;
    let mut none = Counters::default();
    let (_, _, counts) = workload.run(
        &module,
        Clock::Wall,
        &mut none,
        |store| store.count_ops(true),
        |store| store.op_counts(),
    )?;
    Ok(counts)
}

/// What a function is called in reports.
fn function_name(name: Option<&str>, index: u32) -> String {
    name.map_or_else(|| format!("function {index}"), str::to_owned)
}

/// One line an op, `count row form`, in the order of the code; an empty line behind each function.
fn counts_text(counts: &OpCounts) -> String {
    let mut text = String::new();
    for function in &counts.functions {
        for op in &function.ops {
            writeln!(text, "{} {} {}", op.executions, op.row_name(), op.form)
                .expect("writing to a String does not fail");
        }
        text.push('\n');
    }
    text
}

/// Paths of calls as flame graphs are made of: `outer;inner count`.
fn paths(counts: &OpCounts) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for path in &counts.paths {
        let function = &counts.functions[path.function];
        let own = function_name(function.name.as_deref(), function.index).replace([';', '\n'], "_");
        names.push(match path.caller {
            Some(caller) => format!("{};{own}", names[caller]),
            None => own,
        });
    }
    names.iter().zip(&counts.paths).map(|(name, path)| format!("{name} {}", path.ops)).collect()
}

fn flame_graph(title: &str, unit: &str, lines: &[String]) -> Result<String, Failure> {
    if lines.is_empty() {
        return Err(Failure::load(format_args!(
            "the flame graph: there are no {unit}; the program ends too soon, or --interval is too long"
        )));
    }
    let mut options = inferno::flamegraph::Options::default();
    options.title = title.to_owned();
    options.count_name = unit.to_owned();
    let mut svg = Vec::new();
    inferno::flamegraph::from_lines(&mut options, lines.iter().map(String::as_str), &mut svg)
        .map_err(|error| Failure::load(format_args!("the flame graph: {error}")))?;
    String::from_utf8(svg).map_err(|error| Failure::load(format_args!("the flame graph: {error}")))
}
