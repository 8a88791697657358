//! `wapiti bench --scale`: how time and memory grow.
//!
//! Each series varies one thing: the size of a module, how many functions it has, how deep calls go, how many instances
//! there are, how many threads load or run one module. Modules are generated, the same in every run. Times are the least
//! of the rounds; memory is what the system says that a fresh process has come to have (so only on Linux).

use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::thread;

use serde::Serialize;
use wapiti::{Compilation, Config, Engine, Error, Instance, Module, Store};
use wapiti_lab::clock::Clock;
use wapiti_lab::page::Page;
use wapiti_lab::plot::LineChart;
use wapiti_lab::text::{bytes, columns, count, csv, markdown, seconds};

use super::report::machine;
use super::{bar, print, write_file};
use crate::failure::Failure;
use crate::lab_args::BenchArgs;

/// All series.
#[derive(Serialize)]
struct Scaling {
    machine: String,
    series: Vec<Series>,
}

/// How figures grow with one thing.
#[derive(Serialize)]
struct Series {
    title: &'static str,
    /// What is varied.
    of: &'static str,
    /// What is measured, by line.
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    name: String,
    unit: Unit,
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Seconds,
    Bytes,
}

/// Measures and reports. Returns the exit code.
pub(super) fn scale(args: &BenchArgs) -> Result<u8, Failure> {
    if let Some(wanted) = &args.grown_by {
        let grown = wanted.measure().map_err(|error| Failure::load(format_args!("--grown-by: {error}")))?;
        return print(&grown.map_or_else(String::new, |bytes| format!("{bytes}\n")));
    }
    let rounds = args.rounds.min(5);
    let bar = bar();
    bar.set_length(5);
    let mut series = Vec::new();
    for measure in [module_sizes, functions, call_depths, instances, threads] {
        bar.set_message("how time and memory grow");
        bar.inc(1);
        series.push(
            measure(args.largest, rounds).map_err(|error| Failure::load(format_args!("--scale: {error}")))?,
        );
    }
    bar.finish_and_clear();
    let scaling = Scaling { machine: machine(), series };
    for path in &args.plot {
        scaling.draw(path)?;
    }
    if args.json {
        let mut json = serde_json::to_string_pretty(&scaling).expect("figures are plain data");
        json.push('\n');
        return print(&json);
    }
    let table = if args.markdown { markdown } else { columns };
    let table = if args.csv { csv } else { table };
    let mut text = if args.csv {
        String::new()
    } else {
        format!("Wapiti {}, {}\n", env!("CARGO_PKG_VERSION"), scaling.machine)
    };
    for series in &scaling.series {
        let rows = series.rows(args.csv);
        let heading = if args.markdown { "### " } else { "" };
        if !args.csv {
            write!(text, "\n{heading}{}\n\n", series.title).expect("writing to a String does not fail");
        }
        text.push_str(&table(&rows));
    }
    print(&text)
}

impl Series {
    fn rows(&self, raw: bool) -> Vec<Vec<String>> {
        let mut rows = vec![
            std::iter::once(self.of.to_owned())
                .chain(self.lines.iter().map(|line| line.name.clone()))
                .collect::<Vec<_>>(),
        ];
        let Some(first) = self.lines.first() else { return rows };
        for (at, (x, _)) in first.points.iter().enumerate() {
            let mut row = vec![if raw { x.to_string() } else { count(*x) }];
            for line in &self.lines {
                row.push(match line.points.get(at) {
                    None => "-".to_owned(),
                    Some((_, y)) if raw => y.to_string(),
                    Some((_, y)) if line.unit == Unit::Seconds => seconds(*y),
                    Some((_, y)) => bytes(*y),
                });
            }
            rows.push(row);
        }
        rows
    }

    /// One chart for times and one for sizes.
    fn charts(&self) -> Vec<LineChart> {
        let chart = |(unit, label, y_format): (Unit, &str, fn(f64) -> String)| LineChart {
            title: self.title.to_owned(),
            x_label: self.of.to_owned(),
            y_label: label.to_owned(),
            y_format,
            lines: self
                .lines
                .iter()
                .filter(|line| line.unit == unit)
                .map(|line| {
                    (line.name.clone(), line.points.iter().copied().filter(|(_, y)| *y > 0.0).collect())
                })
                .filter(|(_, points): &(String, Vec<_>)| !points.is_empty())
                .collect(),
        };
        let charts =
            [(Unit::Seconds, "time", seconds as fn(f64) -> String), (Unit::Bytes, "bytes", count)].map(chart);
        charts.into_iter().filter(|chart| !chart.lines.is_empty()).collect()
    }
}

impl Scaling {
    /// A page with everything; or, for SVG, a file for each chart, with a number in its name from the second on.
    fn draw(&self, path: &std::path::Path) -> Result<(), Failure> {
        let fail = |error: String| Failure::load(format_args!("the chart: {error}"));
        let charts = self.series.iter().flat_map(Series::charts);
        if path.extension().is_some_and(|extension| extension == "svg") {
            for (number, chart) in (1..).zip(charts) {
                let name =
                    if number == 1 { path.to_owned() } else { path.with_extension(format!("{number}.svg")) };
                write_file(&name, &chart.svg().map_err(fail)?)?;
            }
            return Ok(());
        }
        let mut page = Page::new("Wapiti: how time and memory grow");
        page.paragraph(&self.machine);
        for series in &self.series {
            page.heading(series.title).table(&series.rows(false));
            for chart in series.charts() {
                page.svg(&chart.svg().map_err(fail)?);
            }
        }
        write_file(path, &page.html())
    }
}

/// What `measure` takes at the least.
fn least<T>(rounds: u32, clock: Clock, mut measure: impl FnMut() -> Result<T, Error>) -> Result<f64, Error> {
    let mut least = f64::INFINITY;
    for _ in 0..rounds.max(1) {
        let begun = clock.now();
        let made = measure()?;
        least = least.min(begun.seconds());
        drop(made);
    }
    Ok(least)
}

/// Bytes of memory that the system says this process has, where it says so.
fn resident_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

/// How much `make` adds to what this process has. What the allocator has kept from before is not seen.
fn growth<T>(make: impl FnOnce() -> Result<T, Error>) -> Result<Option<f64>, Error> {
    let before = resident_bytes();
    let made = make()?;
    let grown = resident_bytes().zip(before).map(|(after, before)| (after - before).max(0.0));
    drop(made);
    Ok(grown)
}

/// Something whose memory is measured in a process of its own, because only a fresh one has none to use again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Growth {
    /// A generated module, loaded eagerly.
    Module { functions: u64 },
    /// A module of functions that do nothing.
    EmptyModule { functions: u64 },
    /// Instances of one module in one store.
    Instances { count: u64 },
}

impl Growth {
    /// Bytes, measured by this program started again; `None` where the system does not tell.
    fn bytes(self) -> Option<f64> {
        let (what, count) = match self {
            Self::Module { functions } => ("module", functions),
            Self::EmptyModule { functions } => ("empty-module", functions),
            Self::Instances { count } => ("instances", count),
        };
        let mut command = Command::new(std::env::current_exe().ok()?);
        command.args(["bench", "--scale", "--grown-by", &format!("{what}:{count}")]);
        let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        let bytes: f64 = std::str::from_utf8(&output.stdout).ok()?.trim().parse().ok()?;
        output.status.success().then_some(bytes)
    }

    /// Bytes, measured here.
    fn measure(self) -> Result<Option<f64>, Error> {
        let load = |bytes: Vec<u8>| {
            let engine = Engine::new(Config::new().compilation(Compilation::Eager));
            // What comes but once is not to count.
            Module::from_binary(&engine, &generate(1))?;
            growth(|| Module::from_binary(&engine, &bytes))
        };
        match self {
            Self::Module { functions } => load(generate(functions)),
            Self::EmptyModule { functions } => load(generate_empty(functions)),
            Self::Instances { count } => {
                let module = small_module()?;
                growth(|| instantiate(&module, count))
            }
        }
    }
}

impl std::str::FromStr for Growth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (what, count) = text.split_once(':').ok_or("expected WHAT:COUNT")?;
        let count = count.parse().map_err(|error| format!("{count}: {error}"))?;
        match what {
            "module" => Ok(Self::Module { functions: count }),
            "empty-module" => Ok(Self::EmptyModule { functions: count }),
            "instances" => Ok(Self::Instances { count }),
            _ => Err(format!("{what}: expected module, empty-module or instances")),
        }
    }
}

const MODES: [(&str, Compilation); 3] = [
    ("eager", Compilation::Eager),
    ("lazy", Compilation::Lazy),
    ("lazy validation", Compilation::LazyValidation),
];

/// `from` and its multiples by `factor`, up to `to`.
fn steps(from: u64, factor: u64, to: u64) -> Vec<u64> {
    std::iter::successors(Some(from), |step| step.checked_mul(factor))
        .take_while(|step| *step <= to.max(from))
        .collect()
}

/// Loading, by the module's size.
fn module_sizes(largest: u64, rounds: u32) -> Result<Series, Error> {
    let counts: Vec<u64> = steps(10_000, 10, largest).into_iter().map(|size| size / FUNCTION_BYTES).collect();
    let modules: Vec<(f64, Growth, Vec<u8>)> = counts
        .into_iter()
        .map(|functions| {
            let module = generate(functions);
            (module.len() as f64, Growth::Module { functions }, module)
        })
        .collect();
    loading("Loading a module, by its size", "bytes of the module", &modules, rounds)
}

/// Loading, by the number of functions, which do nothing.
fn functions(largest: u64, rounds: u32) -> Result<Series, Error> {
    let modules: Vec<(f64, Growth, Vec<u8>)> = steps(100, 10, (largest / 100).min(1_000_000))
        .into_iter()
        .map(|functions| (functions as f64, Growth::EmptyModule { functions }, generate_empty(functions)))
        .collect();
    loading("Loading a module, by its functions", "functions", &modules, rounds)
}

/// Loading each module, by the number before it.
fn loading(
    title: &'static str,
    of: &'static str,
    modules: &[(f64, Growth, Vec<u8>)],
    rounds: u32,
) -> Result<Series, Error> {
    let mut lines = Vec::new();
    for (name, compilation) in MODES {
        let engine = Engine::new(Config::new().compilation(compilation));
        let time = |(x, _, module): &(f64, Growth, Vec<u8>)| {
            Ok((*x, least(rounds, Clock::Cpu, || Module::from_binary(&engine, module))?))
        };
        let times = modules.iter().map(time).collect::<Result<Vec<_>, Error>>()?;
        lines.push(Line { name: format!("{name}, time"), unit: Unit::Seconds, points: times });
    }
    let sizes: Option<Vec<_>> = modules.iter().map(|(x, growth, _)| Some((*x, growth.bytes()?))).collect();
    lines.extend(sizes.map(|points| Line { name: "eager, memory".to_owned(), unit: Unit::Bytes, points }));
    Ok(Series { title, of, lines })
}

/// A call that calls itself, by how deep.
fn call_depths(largest: u64, rounds: u32) -> Result<Series, Error> {
    let deepest = (largest / 100).clamp(10_000, 1_000_000);
    // Seven cells of eight bytes a call, at the most.
    let engine = Engine::new(Config::new().max_stack_bytes(deepest as usize * 64 + (1 << 20)));
    let text = r#"(module (func $down (export "down") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (i32.add (i32.const 1) (call $down (i32.sub (local.get 0) (i32.const 1)))))
          (else (i32.const 0)))))"#;
    let module = Module::new(&engine, text)?;
    let mut points = Vec::new();
    for depth in steps(10, 10, deepest) {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let down = instance.get_typed_func::<u32, u32>(&mut store, "down")?;
        let seconds = least(rounds.max(3), Clock::Cpu, || down.call(&mut store, depth as u32))?;
        points.push((depth as f64, seconds));
    }
    let lines = vec![Line { name: "time of the call".to_owned(), unit: Unit::Seconds, points }];
    Ok(Series { title: "One call, by how deep it calls itself", of: "depth", lines })
}

/// One with a bit of everything.
fn small_module() -> Result<Module, Error> {
    let text = r#"(module
        (memory (export "memory") 1) (table 4 funcref) (global (mut i32) (i32.const 0))
        (elem (i32.const 0) $f) (data (i32.const 0) "data")
        (func $f (export "f") (result i32) (i32.load (i32.const 0))))"#;
    Module::new(&Engine::default(), text)
}

/// So many instances of it in one store.
fn instantiate(module: &Module, count: u64) -> Result<Store<()>, Error> {
    let mut store = Store::new(module.engine(), ());
    for _ in 0..count {
        Instance::new(&mut store, module, &[])?;
    }
    Ok(store)
}

/// Instances of one module in one store, and each in a store of its own.
fn instances(largest: u64, rounds: u32) -> Result<Series, Error> {
    let module = small_module()?;
    let counts = steps(10, 10, (largest / 10_000).clamp(100, 10_000));
    let (mut together, mut apart, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for &count in &counts {
        let each = |sum: f64| (count as f64, sum / count as f64);
        memory.extend(Growth::Instances { count }.bytes().map(each));
        together.push(each(least(rounds, Clock::Cpu, || instantiate(&module, count))?));
        let in_own = || (0..count).map(|_| instantiate(&module, 1)).collect::<Result<Vec<_>, _>>();
        apart.push(each(least(rounds, Clock::Cpu, in_own)?));
    }
    let line = |name: &str, unit, points| Line { name: name.to_owned(), unit, points };
    let mut lines = vec![
        line("in one store, time of each", Unit::Seconds, together),
        line("with a store each, time of each", Unit::Seconds, apart),
    ];
    if memory.len() == counts.len() {
        lines.push(line("in one store, memory of each", Unit::Bytes, memory));
    }
    Ok(Series { title: "Instances of one module, each with a memory of one page", of: "instances", lines })
}

/// Threads that run one module at the same time, each in a store of its own.
fn threads(largest: u64, rounds: u32) -> Result<Series, Error> {
    let turns = (largest / 10).clamp(100_000, 5_000_000) as u32;
    let text = r#"(module (func (export "spin") (param i32) (result i32)
        (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0)))"#;
    let engine = Engine::default();
    let most = thread::available_parallelism().map_or(1, usize::from).max(2) as u64 * 4;
    let (mut cold, mut warm) = (Vec::new(), Vec::new());
    for threads in steps(1, 2, most) {
        let run = |module: &Module| -> Result<(), Error> {
            let work = || -> Result<u32, Error> {
                let mut store = Store::new(module.engine(), ());
                let instance = Instance::new(&mut store, module, &[])?;
                instance.get_typed_func::<u32, u32>(&mut store, "spin")?.call(&mut store, turns)
            };
            thread::scope(|scope| {
                let started: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                started
                    .into_iter()
                    .try_for_each(|thread| thread.join().expect("the guest does not panic").map(drop))
            })
        };
        let fresh = || run(&Module::new(&engine, text)?);
        cold.push((threads as f64, least(rounds, Clock::Wall, fresh)?));
        let module = Module::new(&engine, text)?;
        run(&module)?;
        warm.push((threads as f64, least(rounds, Clock::Wall, || run(&module))?));
    }
    let line = |name: &str, points| Line { name: name.to_owned(), unit: Unit::Seconds, points };
    Ok(Series {
        title: "Threads that run one module, time on the wall for all",
        of: "threads",
        lines: vec![line("from loading", cold), line("loaded before", warm)],
    })
}

/// About what one generated function takes, in bytes.
const FUNCTION_BYTES: u64 = 105;

/// A module of `count` functions with loops, loads, calls and constants, each a little different.
fn generate(count: u64) -> Vec<u8> {
    let count = count.max(1);
    let body = |number: u64, body: &mut Vec<u8>| {
        // One local; a loop that is left at once; then eight times a load, an operator and a store.
        body.extend([
            1, 1, 0x7F, 0x03, 0x40, 0x20, 1, 0x45, 0x04, 0x40, 0x41, 1, 0x21, 1, 0x0C, 1, 0x0B, 0x0B,
        ]);
        for step in 0..8 {
            body.extend([0x20, 0, 0x20, 0, 0x28, 2]);
            leb(body, (number * 8 + step) % 4096);
            body.push([0x6A, 0x6B, 0x73, 0x71, 0x72, 0x6C, 0x74, 0x76][step as usize]);
            body.extend([0x21, 0]);
        }
        body.extend([0x20, 0]);
        if number > 0 {
            body.push(0x10);
            leb(body, number / 2);
        }
        body.push(0x0B);
    };
    assemble(count, &[0x60, 1, 0x7F, 1, 0x7F], body)
}

/// A module of `count` functions that do nothing.
fn generate_empty(count: u64) -> Vec<u8> {
    assemble(count, &[0x60, 0, 0], |_, body| body.extend([0, 0x0B]))
}

/// A module with one type, `count` functions of it, and a memory.
fn assemble(count: u64, ty: &[u8], body: impl Fn(u64, &mut Vec<u8>)) -> Vec<u8> {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, count: u64, contents: &[u8]| {
        let mut payload = Vec::new();
        leb(&mut payload, count);
        payload.extend(contents);
        module.push(id);
        leb(&mut module, payload.len() as u64);
        module.extend(payload);
    };
    section(1, 1, ty);
    section(3, count, &vec![0; count as usize]);
    section(5, 1, &[0, 1]);
    let (mut code, mut own) = (Vec::new(), Vec::new());
    for number in 0..count {
        own.clear();
        body(number, &mut own);
        leb(&mut code, own.len() as u64);
        code.extend(&own);
    }
    section(10, count, &code);
    module
}

/// An unsigned number in LEB128.
fn leb(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

#[cfg(test)]
mod tests {
    use wapiti::{Engine, Module};

    use super::{
        FUNCTION_BYTES, call_depths, functions, generate, generate_empty, instances, module_sizes, steps,
        threads,
    };

    #[test]
    fn generated_modules_are_valid_and_as_large_as_they_say() {
        for count in [1, 100, 3000] {
            let module = generate(count);
            Module::validate(&Engine::default(), &module).expect("it is valid");
            let expected = (count * FUNCTION_BYTES) as f64;
            assert!(
                count == 1 || (0.85..1.15).contains(&(module.len() as f64 / expected)),
                "{count}: {}",
                module.len()
            );
            Module::validate(&Engine::default(), generate_empty(count)).expect("it is valid");
        }
    }

    #[test]
    fn every_series_has_figures() {
        assert_eq!(steps(10, 10, 1000), [10, 100, 1000]);
        for series in [module_sizes, functions, call_depths, instances, threads] {
            let series = series(20_000, 1).expect("nothing fails");
            assert!(!series.lines.is_empty());
            for line in &series.lines {
                assert!(
                    !line.points.is_empty() && line.points.iter().all(|(_, y)| *y >= 0.0),
                    "{}",
                    line.name
                );
            }
            assert!(series.charts().iter().all(|chart| chart.svg().is_ok()), "{}", series.title);
            assert_eq!(series.rows(true).len(), series.lines[0].points.len() + 1);
        }
    }
}
