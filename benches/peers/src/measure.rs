//! Figures from rounds in which the candidates take turns.
//!
//! In go closures, each of which measures its candidate once; out come minimum and median for each. The candidates
//! take turns, another one first in each round, so that what else the machine does hits all of them alike.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use wapiti_lab::stats::Summary;

use crate::Common;

/// What several rounds gave.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    pub min: f64,
    pub median: f64,
    /// Of each round.
    pub figures: Vec<f64>,
}

/// Measures once.
pub type Candidate<'a> = Box<dyn FnMut() -> Result<f64> + 'a>;

/// Samples for the engines, in their order.
///
/// `prepare` is asked for each engine what comes out of the workload, and for how to measure it; `None` if the engine
/// does not do such a thing. One whose outcome is not the base engine's, or that fails, is reported and left out.
pub fn compare<'a>(
    common: &Common,
    workload: &str,
    prepare: impl Fn(&str) -> Result<Option<(String, Candidate<'a>)>>,
) -> Vec<Option<Sample>> {
    let mut prepared: Vec<_> = common
        .engines
        .iter()
        .map(|engine| {
            // Stitch panics over some modules.
            let prepared = catch_unwind(AssertUnwindSafe(|| prepare(engine)));
            prepared.unwrap_or_else(|_| Err(anyhow!("panicked"))).unwrap_or_else(|error| {
                eprintln!("{workload}: {engine}: {error:#}");
                None
            })
        })
        .collect();
    let outcome_of = |engine: &Option<(String, Candidate<'_>)>| Some(engine.as_ref()?.0.clone());
    let base = common.engines.iter().position(|engine| *engine == common.base);
    let expected = base.and_then(|base| outcome_of(&prepared[base]));
    let expected = expected.or_else(|| prepared.iter().find_map(outcome_of));
    for (engine, prepared) in common.engines.iter().zip(&mut prepared) {
        let outcome = outcome_of(prepared);
        if outcome.is_some() && outcome != expected {
            eprintln!("{workload}: {engine}: {outcome:?}, where {expected:?} was expected");
            *prepared = None;
        }
    }
    let candidates = prepared.into_iter().map(|prepared| Some(prepared?.1)).collect();
    take_turns(common, workload, candidates)
}

fn take_turns(
    common: &Common,
    workload: &str,
    mut candidates: Vec<Option<Candidate<'_>>>,
) -> Vec<Option<Sample>> {
    let count = candidates.len();
    let mut figures = vec![Vec::new(); count];
    for round in 0..common.rounds {
        for position in (0..count).map(|turn| (round + turn) % count) {
            match candidates[position].as_mut().map(|measure| measure()) {
                Some(Ok(figure)) => figures[position].push(figure),
                Some(Err(error)) => {
                    eprintln!("{workload}: {}: {error:#}", common.engines[position]);
                    candidates[position] = None;
                    figures[position].clear();
                }
                None => {}
            }
        }
    }
    figures.into_iter().map(Sample::of).collect()
}

impl Sample {
    pub fn once(figure: f64) -> Self {
        Self { min: figure, median: figure, figures: vec![figure] }
    }

    fn of(figures: Vec<f64>) -> Option<Self> {
        let Summary { min, median, .. } = Summary::of(&figures)?;
        Some(Self { min, median, figures })
    }
}

/// The time that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Clock {
    /// Of processors, all threads of this process and the kernel's work for them
    Processor,
    /// Until it is done, by however many threads
    Elapsed,
}

impl Clock {
    pub fn name(self) -> &'static str {
        match self {
            Self::Processor => "processor time",
            Self::Elapsed => "elapsed time",
        }
    }

    fn seconds(self) -> f64 {
        let clock = match self {
            Self::Processor => libc::CLOCK_PROCESS_CPUTIME_ID,
            Self::Elapsed => libc::CLOCK_MONOTONIC,
        };
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the pointer is to a live `timespec`.
        let result = unsafe { libc::clock_gettime(clock, &raw mut time) };
        assert_eq!(result, 0, "every Linux has these clocks");
        time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
    }
}

/// Seconds per run of `run`, which is repeated until `at_least` has passed. What it returns is dropped outside of the
/// time that counts.
pub fn seconds_per_run<T>(
    clock: Clock,
    at_least: Duration,
    mut run: impl FnMut() -> Result<T>,
) -> Result<f64> {
    let (mut total, mut runs) = (0.0, 0);
    while total < at_least.as_secs_f64() {
        let before = clock.seconds();
        let result = run()?;
        total += clock.seconds() - before;
        runs += 1;
        drop(result);
    }
    Ok(total / f64::from(runs))
}

/// Processor time that this process has taken.
pub fn process_seconds() -> f64 {
    Clock::Processor.seconds()
}

/// The system's allocator, counting what this thread holds.
pub struct Counting;

thread_local! {
    static HELD_BYTES: Cell<isize> = const { Cell::new(0) };
}

/// Bytes that this thread has allocated and not freed.
pub fn held_bytes() -> isize {
    HELD_BYTES.get()
}

fn count(bytes: isize) {
    // While a thread ends, its counter may be gone already.
    let _ = HELD_BYTES.try_with(|held| held.set(held.get() + bytes));
}

// SAFETY: everything is left to `System`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size as isize - layout.size() as isize);
        // SAFETY: by the caller.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}
