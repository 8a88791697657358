//! Where time goes: a thread asks again and again where the guest is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wapiti::{Engine, InterruptHandle, WasmBacktrace};
use wapiti_lab::clock::Clock;
use wapiti_lab::counters::Counters;

use super::function_name;
use crate::bench::Workload;
use crate::failure::Failure;

/// How often each path of calls was seen.
#[derive(Default)]
pub(super) struct Samples {
    /// Functions from the outermost to the innermost.
    by_path: HashMap<Vec<(u32, Option<String>)>, u64>,
    pub(super) total: u64,
}

impl Samples {
    fn add(&mut self, backtrace: &WasmBacktrace) {
        let frames = backtrace.frames().iter().rev();
        let path = frames.map(|frame| (frame.func_index(), frame.func_name().map(str::to_owned))).collect();
        *self.by_path.entry(path).or_default() += 1;
        self.total += 1;
    }

    /// Samples by the function that ran: its index and name.
    pub(super) fn by_function(&self) -> HashMap<(u32, Option<&str>), u64> {
        let mut samples = HashMap::new();
        for (path, count) in &self.by_path {
            if let Some((index, name)) = path.last() {
                *samples.entry((*index, name.as_deref())).or_default() += count;
            }
        }
        samples
    }

    /// As flame graphs are made of.
    pub(super) fn paths(&self) -> Vec<String> {
        let line = |(path, count): (&Vec<(u32, Option<String>)>, &u64)| {
            let names = path
                .iter()
                .map(|(index, name)| function_name(name.as_deref(), *index).replace([';', '\n'], "_"));
            format!("{} {count}", names.collect::<Vec<_>>().join(";"))
        };
        let mut lines: Vec<String> = self.by_path.iter().map(line).collect();
        lines.sort();
        lines
    }
}

/// Ends the thread that asks when it is dropped.
struct Asking(Arc<AtomicBool>);

impl Asking {
    fn start(handle: InterruptHandle, interval: Duration) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&done);
        std::thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                std::thread::sleep(interval);
                handle.sample();
            }
        });
        Self(done)
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Few samples say little: a program that ends before there are so many is run again.
const ENOUGH: u64 = 100;
/// But no more often than this.
const MAX_RUNS: u32 = 100;

/// Runs the program, asking every `interval`.
pub(super) fn take(workload: &Workload, engine: &Engine, interval: Duration) -> Result<Samples, Failure> {
    let samples = Arc::new(Mutex::new(Samples::default()));
    for _ in 0..MAX_RUNS {
        run(workload, engine, interval, Arc::clone(&samples))?;
        if samples.lock().unwrap_or_else(PoisonError::into_inner).total >= ENOUGH {
            break;
        }
    }
    Ok(std::mem::take(&mut *samples.lock().unwrap_or_else(PoisonError::into_inner)))
}

fn run(
    workload: &Workload,
    engine: &Engine,
    interval: Duration,
    samples: Arc<Mutex<Samples>>,
) -> Result<(), Failure> {
    let (module, _) = workload.load(engine, Clock::Wall)?;
    let mut asking = None;
    let prepare = |store: &mut wapiti::Store<_>| {
        store.set_sampler(Some(Box::new(move |backtrace| {
            samples.lock().unwrap_or_else(PoisonError::into_inner).add(backtrace);
        })));
        asking = Some(Asking::start(store.interrupt_handle(), interval));
    };
    workload.run(&module, Clock::Wall, &mut Counters::default(), prepare, |store| store.set_sampler(None))?;
    drop(asking);
    Ok(())
}
