//! `wapiti bench`: runs programs under several settings, in turns, and says which is faster and how sure that is.
//!
//! In go workloads and settings. What comes out of a workload must be the same under every setting before anything is
//! measured. Out come a report (text, Markdown, CSV, JSON) and charts. Messages and the progress bar go to standard
//! error.

mod baseline;
mod report;
mod scale;
mod settings;
mod workload;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use wapiti::Engine;
use wapiti_lab::clock::Clock;
use wapiti_lab::counters::Counters;
use wapiti_lab::rounds::take_turns;

use self::report::{Figures, Report, WorkloadReport};
use self::settings::Setting;
use crate::failure::Failure;
use crate::lab_args::{BenchArgs, ClockArg, MetricArg};

pub(crate) use self::scale::Growth;
pub(crate) use self::workload::{Outcome, Workload};

/// Measures and reports. Returns the exit code.
pub(crate) fn bench(args: &BenchArgs) -> Result<u8, Failure> {
    if args.scale {
        return scale::scale(args);
    }
    let baseline = args.baseline.as_deref().map(baseline::read).transpose()?;
    let settings = Setting::all(&args.settings)?;
    let base = base_of(args, &settings)?;
    let workloads = match (&args.manifest, &args.file) {
        (Some(manifest), _) => Workload::from_manifest(manifest, &args.only)?,
        (None, Some(file)) => vec![Workload::from_args(file, &args.guest)?],
        (None, None) => unreachable!("clap wants one of them"),
    };
    let bench = Bench { args, settings: &settings, base, bar: bar() };
    if args.check {
        return bench.only_check(&workloads);
    }
    let mut reports = Vec::new();
    for workload in &workloads {
        reports.push(bench.measure(workload)?);
    }
    bench.bar.finish_and_clear();
    let mut report = Report::new(args, &settings, base, reports);
    if let Some(earlier) = &baseline {
        report.baseline = Some(baseline::compare(&report, earlier, args.tolerance / 100.0));
    }
    for path in &args.plot {
        write_file(path, &report.drawn(path)?)?;
    }
    print(&report.text(args))
}

struct Bench<'a> {
    args: &'a BenchArgs,
    settings: &'a [Setting],
    base: usize,
    bar: ProgressBar,
}

/// A setting's engine, and how often a workload is run for one figure.
struct Candidate {
    engine: Engine,
    repeats: u32,
}

/// Figures shorter than the least time are made of no more runs than this.
const MAX_REPEATS: f64 = 10_000.0;

impl Bench<'_> {
    fn measure(&self, workload: &Workload) -> Result<WorkloadReport, Failure> {
        let rounds = self.args.rounds as usize;
        let warm_up = self.args.warm_up as usize;
        let turns = self.settings.len() * (1 + warm_up + rounds);
        self.bar.set_length(turns as u64);
        self.bar.set_position(0);
        let candidates = self.check(workload)?;
        let counts = if self.args.no_counts { HashMap::new() } else { self.count(workload)? };
        let clock = self.args.clock.into();
        let mut counters = Counters::new();
        let taken = take_turns(
            candidates.len(),
            warm_up,
            rounds,
            |who| figure(workload, &candidates[who], clock, &mut counters),
            |who| self.show(workload, &self.settings[who].name),
        )?;
        let metric = self.args.metric;
        let series: Vec<Vec<f64>> =
            taken.iter().map(|taken| taken.iter().map(|taken| metric.of(taken)).collect()).collect();
        let figures = self.settings.iter().enumerate().map(|(position, setting)| {
            let counted = counts.get(&setting.counting_key()).copied();
            Figures::new(setting, &series[position], &series[self.base], &taken[position], counted)
        });
        Ok(WorkloadReport { name: workload.name.clone(), settings: figures.collect() })
    }

    /// `--check`: one line a workload, those that fail included.
    fn only_check(&self, workloads: &[Workload]) -> Result<u8, Failure> {
        self.bar.set_length((workloads.len() * self.settings.len()) as u64);
        let (mut text, mut code) = (String::new(), 0);
        for workload in workloads {
            match self.check(workload) {
                Ok(_) => writeln!(text, "{}: the same under {} settings", workload.name, self.settings.len()),
                Err(failure) => {
                    code = failure.code;
                    writeln!(text, "FAILED: {}", failure.message)
                }
            }
            .expect("writing to a String does not fail");
        }
        self.bar.finish_and_clear();
        print(&text)?;
        Ok(code)
    }

    fn show(&self, workload: &Workload, what: &str) {
        self.bar.set_message(format!("{}, {what}", workload.name));
        self.bar.inc(1);
    }

    /// Runs the workload once under every setting, and compares what comes out.
    fn check(&self, workload: &Workload) -> Result<Vec<Candidate>, Failure> {
        let mut first: Option<(&str, Outcome)> = None;
        let mut candidates = Vec::new();
        for setting in self.settings {
            self.show(workload, &setting.name);
            let engine = Engine::new(&setting.config());
            let (module, load) = workload.load(&engine, Clock::Wall)?;
            let mut none = Counters::default();
            let (outcome, mut taken, ()) = workload.run(&module, Clock::Wall, &mut none, |_| {}, |_| {})?;
            taken.load = load;
            workload.check(&outcome)?;
            match &first {
                Some((name, expected)) if *expected != outcome => {
                    return Err(workload.failed(format_args!(
                        "what comes out under `{}` is not what comes out under `{name}`",
                        setting.name
                    )));
                }
                Some(_) => {}
                None => first = Some((&setting.name, outcome)),
            }
            let wanted = self.args.min_time.as_secs_f64() / self.args.metric.of(&taken).max(1e-9);
            candidates.push(Candidate { engine, repeats: wanted.ceil().clamp(1.0, MAX_REPEATS) as u32 });
        }
        Ok(candidates)
    }

    /// Ops and dispatches under each setting, by its key.
    fn count(&self, workload: &Workload) -> Result<HashMap<CountingKey, (u64, u64)>, Failure> {
        let mut counts = HashMap::new();
        for setting in self.settings {
            let key = setting.counting_key();
            if counts.contains_key(&key) {
                continue;
            }
            self.bar.set_message(format!("{}, counting operations", workload.name));
            self.bar.tick();
            let (module, _) = workload.load(&Engine::new(&setting.config()), Clock::Wall)?;
            let count = |store: &mut wapiti::Store<_>| {
                let counts = store.op_counts();
                (counts.ops(), counts.dispatches())
            };
            let (_, _, counted) = workload.run(
                &module,
                Clock::Wall,
                &mut Counters::default(),
                |store| store.count_ops(true),
                count,
            )?;
            counts.insert(key, counted);
        }
        Ok(counts)
    }
}

type CountingKey = (wapiti::Dispatch, wapiti::Fusion, bool, bool);

/// One figure: what one run took, on average over as many as it takes.
fn figure(
    workload: &Workload,
    candidate: &Candidate,
    clock: Clock,
    counters: &mut Counters,
) -> Result<workload::Taken, Failure> {
    let mut sum = workload::Taken::default();
    let (mut instructions, mut cycles) = (Some(0.0), Some(0.0));
    for _ in 0..candidate.repeats {
        let (module, load) = workload.load(&candidate.engine, clock)?;
        let (_, taken, ()) = workload.run(&module, clock, counters, |_| {}, |_| {})?;
        sum.load += load;
        sum.run += taken.run;
        instructions = add(instructions, taken.counts.instructions);
        cycles = add(cycles, taken.counts.cycles);
    }
    let times = f64::from(candidate.repeats);
    sum.load /= times;
    sum.run /= times;
    sum.counts.instructions = instructions.map(|sum| sum / times);
    sum.counts.cycles = cycles.map(|sum| sum / times);
    Ok(sum)
}

fn add(sum: Option<f64>, more: Option<f64>) -> Option<f64> {
    Some(sum? + more?)
}

fn base_of(args: &BenchArgs, settings: &[Setting]) -> Result<usize, Failure> {
    let Some(name) = &args.base else { return Ok(0) };
    settings.iter().position(|setting| setting.name == *name).ok_or_else(|| {
        let names: Vec<&str> = settings.iter().map(|setting| &*setting.name).collect();
        Failure::usage(format_args!(
            "--base {name}: there is no such setting; there are {}",
            names.join(", ")
        ))
    })
}

/// A bar on standard error, if that is a terminal.
fn bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("[{bar:30}] {elapsed} {msg}").expect("a constant that is well formed");
    ProgressBar::new(0).with_style(style)
}

pub(crate) fn print(text: &str) -> Result<u8, Failure> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever looked has seen enough of it.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Failure::load(format_args!("cannot write the report: {error}"))),
        Ok(()) => Ok(0),
    }
}

pub(crate) fn write_file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::load(format_args!("{}: cannot write it: {error}", path.display())))
}

impl MetricArg {
    fn of(self, taken: &workload::Taken) -> f64 {
        match self {
            Self::Run => taken.run,
            Self::Load => taken.load,
            Self::Total => taken.load + taken.run,
        }
    }
}

impl From<ClockArg> for Clock {
    fn from(arg: ClockArg) -> Self {
        match arg {
            ClockArg::Cpu => Self::Cpu,
            ClockArg::Wall => Self::Wall,
        }
    }
}
