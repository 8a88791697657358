//! A campaign: many seeds, checked on all cores, with a report that leads back to each failure.
//!
//! Environment variables steer all campaigns: `WAPITI_CASES` is the number of seeds (for a longer or shorter run),
//! `WAPITI_FIRST` the first of them, `WAPITI_SEED` the one seed to check (to repeat a failure). A check that takes longer
//! than a minute ends the process, because a guest that hangs cannot be taken back.

use std::ops::AddAssign;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use crate::check::caught;

/// Seeds to check, and how to check one.
pub struct Campaign {
    /// Stands in messages, and in the names of the files that failures leave behind.
    pub name: &'static str,
    /// How many seeds are checked unless `WAPITI_CASES` says otherwise.
    pub cases: u64,
    /// Checks one seed.
    pub check: fn(u64) -> Result<Tally, Failure>,
}

/// A case that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What went wrong.
    pub message: String,
    /// The modules it went wrong with.
    pub modules: Vec<Vec<u8>>,
}

/// What happened in the cases of a campaign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Cases checked.
    pub cases: u64,
    /// Steps (calls and instantiations) that returned.
    pub returned: u64,
    /// Steps that trapped, but for those counted below.
    pub trapped: u64,
    /// Steps that threw an exception.
    pub thrown: u64,
    /// Steps that executed `unreachable`, which is also how a random module runs out of fuel.
    pub unreachable: u64,
    /// Steps that ran out of stack.
    pub exhausted: u64,
    /// Steps in which a host function failed.
    pub host_failed: u64,
    /// Modules that are beyond Wapiti's limits.
    pub refused: u64,
    /// Cases whose comparison with the other engine had to stop early.
    pub incomparable: u64,
    /// Verdicts "invalid".
    pub invalid: u64,
    /// Ops executed on structs, arrays and the types of references; counted in some of the cases only.
    pub object_ops: u64,
    /// Throws executed; counted likewise. A throw that its own function catches may be a branch and is not among them.
    pub throws: u64,
}

/// Failures after which a campaign gives up.
const MAX_FAILURES: usize = 5;
const MAX_SECONDS: u64 = 60;
const IDLE: u64 = u64::MAX;

impl Campaign {
    /// Checks the seeds; returns what happened in all of them together.
    ///
    /// # Panics
    ///
    /// If a check fails. The message says how to repeat it.
    pub fn run(&self) -> Tally {
        let single = number_from_env("WAPITI_SEED");
        let seeds = match single {
            Some(seed) => seed..seed + 1,
            None => {
                let first = number_from_env("WAPITI_FIRST").unwrap_or(0);
                first..first + number_from_env("WAPITI_CASES").unwrap_or(self.cases)
            }
        };
        let total = Mutex::new(Tally::default());
        let failures = Mutex::new(Vec::new());
        let next_seed = AtomicU64::new(seeds.start);
        let workers = thread::available_parallelism().map_or(1, |count| count.get());
        let working_on: Vec<AtomicU64> = (0..workers).map(|_| AtomicU64::new(IDLE)).collect();
        let work = |slot: &AtomicU64| {
            loop {
                let seed = next_seed.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end || lock(&failures).len() >= MAX_FAILURES {
                    break slot.store(IDLE, Ordering::Relaxed);
                }
                slot.store(seed, Ordering::Relaxed);
                match (self.check)(seed) {
                    Ok(tally) => *lock(&total) += tally,
                    Err(failure) => lock(&failures).push(self.report(seed, &failure)),
                }
            }
        };
        let started = Instant::now();
        thread::scope(|scope| {
            let threads: Vec<_> = working_on.iter().map(|slot| scope.spawn(move || work(slot))).collect();
            self.watch(&working_on, || threads.iter().all(|thread| thread.is_finished()));
        });
        let total = *lock(&total);
        println!("{}: {:.1} s, {total:?}", self.name, started.elapsed().as_secs_f64());
        let failures = lock(&failures);
        assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
        total
    }

    /// Waits until all workers are done; ends the process if one of them stays at the same seed for too long.
    fn watch(&self, working_on: &[AtomicU64], is_done: impl Fn() -> bool) {
        let mut since: Vec<(u64, Instant)> = working_on.iter().map(|_| (IDLE, Instant::now())).collect();
        while !is_done() {
            thread::sleep(Duration::from_millis(20));
            for (slot, (seed, start)) in working_on.iter().zip(&mut since) {
                let now = slot.load(Ordering::Relaxed);
                if now != *seed {
                    (*seed, *start) = (now, Instant::now());
                } else if now != IDLE && start.elapsed().as_secs() >= MAX_SECONDS {
                    println!("{}: seed {now} takes longer than {MAX_SECONDS} s", self.name);
                    process::exit(1);
                }
            }
        }
    }

    /// Writes the modules of a failure to files and says everything that is known of it.
    fn report(&self, seed: u64, failure: &Failure) -> String {
        let mut report = format!(
            "{name}, seed {seed}: {message}\nrepeat it with WAPITI_SEED={seed} and the test's name `{name}`",
            name = self.name,
            message = failure.message,
        );
        for (number, module) in failure.modules.iter().enumerate() {
            let path = file_path(self.name, seed, number);
            match fs::write(&path, module) {
                Ok(()) => report += &format!("\nm{number} is in {}", path.display()),
                Err(error) => report += &format!("\nm{number} could not be written: {error}"),
            }
            // The printer reads what no validator has seen.
            if let Ok(Ok(text)) = caught(|| wasmprinter::print_bytes(module))
                && text.lines().count() <= 200
            {
                report += &format!("\n{text}");
            }
        }
        report
    }
}

fn file_path(name: &str, seed: u64, number: usize) -> PathBuf {
    env::temp_dir().join(format!("wapiti-{name}-{seed}-m{number}.wasm"))
}

fn number_from_env(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("checks catch panics")
}

impl Tally {
    /// Whether there were objects, throws, and exceptions that reach the host.
    pub fn has_all_proposals(&self) -> bool {
        self.object_ops > 0 && self.throws > 0 && self.thrown > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.cases += other.cases;
        self.returned += other.returned;
        self.trapped += other.trapped;
        self.thrown += other.thrown;
        self.unreachable += other.unreachable;
        self.exhausted += other.exhausted;
        self.host_failed += other.host_failed;
        self.refused += other.refused;
        self.incomparable += other.incomparable;
        self.invalid += other.invalid;
        self.object_ops += other.object_ops;
        self.throws += other.throws;
    }
}
