//! Runs a case everywhere and compares: Wapiti under all strategies with one another, and one of them with another engine.

use std::panic::{self, AssertUnwindSafe};

use wapiti::{Compilation, Config, Dispatch, Engine};
use wasmparser::Validator;

use crate::campaign::{Failure, Tally};
use crate::on_wapiti::{OnWapiti, Settings};
use crate::on_wasmi::OnWasmi;
use crate::program::{Padding, random_program};
use crate::smith::{Proposals, random_module};
use crate::subject::{Subject, run};
use crate::transcript::{Comparison, Transcript};
use crate::value::{End, TrapKind};
use crate::verdict::DEFAULT_FEATURES;

/// Modules to run, and how.
#[derive(Clone, Debug)]
pub struct Case {
    /// In the order in which they are instantiated; the first one is imported from as `m0`.
    pub modules: Vec<Vec<u8>>,
    /// Chooses arguments, and which strategy runs in which compile mode.
    pub seed: u64,
    /// Calls of each exported function.
    pub rounds: u32,
    /// What the fuel global, if the modules have one, is set to before each call.
    pub fuel: i32,
    /// Whether techniques that results do not depend on are not always in use.
    pub is_varied: bool,
    /// How it is that NaNs, whose bits are the engine's choice, do not make memories differ.
    pub nans: Nans,
}

/// What becomes of NaNs in the modules of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nans {
    /// The modules make them canonical before their bits can be seen.
    Canonical,
    /// Certain cells of memories hold nothing but floats, and all other cells none.
    InCells,
    /// There are none in the arguments, and the modules compute so little that others are not told apart.
    Rare,
}

/// The case that a fuzzer's bytes stand for, if they are enough: a module of every kind, or a program.
pub fn case_of(bytes: &[u8]) -> Option<Case> {
    let (kind, rest) = bytes.split_first()?;
    let seed = u64::from(kind >> 1);
    if kind & 1 == 0 {
        let modules = random_program(rest, Padding::default(), Proposals::Common);
        return Some(Case { modules, seed, rounds: 4, fuel: 0, is_varied: true, nans: Nans::InCells });
    }
    let modules = vec![random_module(rest, Proposals::Common)?];
    Some(Case { modules, seed, rounds: 4, fuel: 300, is_varied: true, nans: Nans::Canonical })
}

const MODES: [Compilation; 3] = [Compilation::Eager, Compilation::Lazy, Compilation::LazyValidation];

/// The strategies that this build offers; without optimisation there is no tail dispatch.
pub fn strategies() -> Vec<Dispatch> {
    let is_offered =
        |dispatch: &Dispatch| Engine::new(Config::new().dispatch(*dispatch)).dispatch() == *dispatch;
    Dispatch::ALL.iter().copied().filter(is_offered).collect()
}

/// Runs a case on Wapiti under every strategy, each in another compile mode, and on wasmi.
pub fn check_case(case: &Case) -> Result<Tally, Failure> {
    check_case_with(case, "wasmi", OnWasmi::new)
}

/// Runs a case on Wapiti under every strategy, each in another compile mode, and on another engine.
pub fn check_case_with<S: Subject>(
    case: &Case,
    other_name: &str,
    other: impl FnOnce() -> S,
) -> Result<Tally, Failure> {
    let (transcript, name, mut tally) = run_strategies(case)?;
    let other = caught(|| run(&mut other(), case));
    let other = other.map_err(|panic| case.failure(format!("{other_name}: {panic}")))?;
    match transcript.compare(&other, true) {
        Comparison::Different(message) => {
            return Err(case.failure(format!("{name}, {other_name}: {message}")));
        }
        Comparison::Same => {}
        Comparison::Incomparable => tally.incomparable += 1,
    }
    Ok(tally)
}

/// Runs a case on Wapiti under every strategy, each in another compile mode.
pub fn check_strategies(case: &Case) -> Result<Tally, Failure> {
    run_strategies(case).map(|(_, _, tally)| tally)
}

/// One case in so many is also run op by op, to count, and another one to be traced.
const COUNTED: u64 = 4;

/// What all strategies did alike, the name of one of them for messages, and what can be counted.
fn run_strategies(case: &Case) -> Result<(Transcript, String, Tally), Failure> {
    let mut first: Option<(Transcript, String)> = None;
    let is_valid_by_default = case.modules.iter().all(|module| is_valid_by_default(module));
    for (number, dispatch) in strategies().into_iter().enumerate() {
        let compilation = MODES[(number + case.seed as usize) % MODES.len()];
        let mut settings = Settings::new(dispatch, compilation);
        if case.is_varied {
            settings = settings.varied(case.seed);
        }
        // Bodies are validated by other code then, which knows these proposals only.
        settings.default_proposals = number % 2 == 0 && is_valid_by_default;
        let name = format!("Wapiti ({settings:?})");
        let transcript = caught(|| run(&mut OnWapiti::new(settings), case));
        let transcript = transcript.map_err(|panic| case.failure(format!("{name}: {panic}")))?;
        if let Some(End::Failed(message)) = transcript.ends().find(|end| matches!(end, End::Failed(_))) {
            return Err(case.failure(format!("{name}: {message}")));
        }
        let Some((first, first_name)) = &first else {
            first = Some((transcript, name));
            continue;
        };
        if let Comparison::Different(message) = first.compare(&transcript, false) {
            return Err(case.failure(format!("{first_name}, {name}: {message}")));
        }
    }
    let (transcript, name) = first.expect("the match loop is always offered");
    let mut tally = tally_of(&transcript);
    if case.seed.is_multiple_of(COUNTED) {
        let (counted, object_ops, throws) = caught(|| run_counted(case))
            .map_err(|panic| case.failure(format!("Wapiti, counted: {panic}")))?;
        if let Comparison::Different(message) = transcript.compare(&counted, false) {
            return Err(case.failure(format!("{name}, Wapiti, counted: {message}")));
        }
        (tally.object_ops, tally.throws) = (object_ops, throws);
    }
    if case.seed % COUNTED == 2 {
        let traced =
            caught(|| run_traced(case)).map_err(|panic| case.failure(format!("Wapiti, traced: {panic}")))?;
        if let Comparison::Different(message) = transcript.compare(&traced, false) {
            return Err(case.failure(format!("{name}, Wapiti, traced: {message}")));
        }
    }
    Ok((transcript, name, tally))
}

/// Runs a case op by op. Returns also how many ops on objects and how many throws were executed.
fn run_counted(case: &Case) -> (Transcript, u64, u64) {
    const ON_OBJECTS: [&str; 6] = ["struct.", "array.", "ref.test", "ref.cast", "br_on_cast", "i31."];
    let mut subject = OnWapiti::new(Settings::new(Dispatch::Match, Compilation::Lazy));
    subject.count();
    let transcript = run(&mut subject, case);
    let object_ops = subject.executions(|op| ON_OBJECTS.iter().any(|prefix| op.starts_with(prefix)));
    (transcript, object_ops, subject.executions(|op| op.starts_with("throw")))
}

fn run_traced(case: &Case) -> Transcript {
    let mut subject = OnWapiti::new(Settings::new(Dispatch::Match, Compilation::Lazy));
    subject.trace();
    run(&mut subject, case)
}

fn is_valid_by_default(module: &[u8]) -> bool {
    Validator::new_with_features(DEFAULT_FEATURES).validate_all(module).is_ok()
}

impl Case {
    fn failure(&self, message: String) -> Failure {
        Failure { message, modules: self.modules.clone() }
    }
}

/// Runs two cases that differ in form only, and compares them with one another under every strategy. No other engine
/// is asked.
pub fn check_twins(case: &Case, twin: &Case) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    for dispatch in strategies() {
        let run_one = |case: &Case| {
            let settings = Settings::new(dispatch, Compilation::Lazy);
            let transcript = caught(|| run(&mut OnWapiti::new(settings), case));
            transcript.map_err(|panic| case.failure(format!("Wapiti ({dispatch:?}): {panic}")))
        };
        let (one, two) = (run_one(case)?, run_one(twin)?);
        if let Comparison::Different(message) = one.compare(&two, true) {
            return Err(twin.failure(format!("twins on Wapiti ({dispatch:?}): {message}")));
        }
        tally = tally_of(&two);
    }
    Ok(tally)
}

/// Calls `work`; a panic becomes its message.
pub(crate) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        format!("panic: {}", text.unwrap_or("of an unknown kind"))
    })
}

fn tally_of(transcript: &Transcript) -> Tally {
    let mut tally = Tally { cases: 1, ..Tally::default() };
    for end in transcript.ends() {
        match end {
            End::Returned(_) => tally.returned += 1,
            End::Trapped(TrapKind::StackExhausted) => tally.exhausted += 1,
            End::Trapped(TrapKind::Unreachable) => tally.unreachable += 1,
            End::Trapped(_) => tally.trapped += 1,
            End::Thrown(_) => tally.thrown += 1,
            End::HostFailed => tally.host_failed += 1,
            End::Refused(_) | End::Failed(_) => tally.refused += 1,
        }
    }
    tally
}
