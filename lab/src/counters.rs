//! Counters of the processor: instructions and cycles of this thread, without the kernel's.
//!
//! Linux has them (perf_event_open), if `/proc/sys/kernel/perf_event_paranoid` is 2 or less and the machine is not a
//! virtual one that hides them. Elsewhere there are none, and callers do without.

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Instructions executed, if that can be counted.
    pub instructions: Option<f64>,
    /// Cycles passed, if that can be counted.
    pub cycles: Option<f64>,
}

/// The counters of this thread.
#[derive(Debug, Default)]
pub struct Counters {
    #[cfg(target_os = "linux")]
    instructions: Option<perf_event::Counter>,
    #[cfg(target_os = "linux")]
    cycles: Option<perf_event::Counter>,
}

#[cfg(target_os = "linux")]
impl Counters {
    /// Those that this machine allows.
    pub fn new() -> Self {
        use perf_event::Builder;
        use perf_event::events::Hardware;

        let counter = |event: Hardware| Builder::new(event).build().ok();
        Self { instructions: counter(Hardware::INSTRUCTIONS), cycles: counter(Hardware::CPU_CYCLES) }
    }

    /// Counts while `run` runs.
    pub fn count<R>(&mut self, run: impl FnOnce() -> R) -> (R, Counts) {
        let all = [&mut self.instructions, &mut self.cycles];
        for slot in all {
            // One that fails once is not asked again.
            if slot.as_mut().is_some_and(|counter| counter.reset().and_then(|()| counter.enable()).is_err()) {
                *slot = None;
            }
        }
        let result = run();
        let [instructions, cycles] = [&mut self.instructions, &mut self.cycles].map(|slot| {
            let counter = slot.as_mut()?;
            counter.disable().ok()?;
            Some(counter.read().ok()? as f64).filter(|count| *count > 0.0)
        });
        (result, Counts { instructions, cycles })
    }
}

#[cfg(not(target_os = "linux"))]
impl Counters {
    /// None.
    pub fn new() -> Self {
        Self {}
    }

    /// Runs `run` and counts nothing.
    pub fn count<R>(&mut self, run: impl FnOnce() -> R) -> (R, Counts) {
        (run(), Counts::default())
    }
}

#[cfg(test)]
mod tests {
    use super::Counters;

    #[test]
    fn more_work_counts_more() {
        let mut counters = Counters::new();
        let mut work = |turns: u64| {
            let spin = || (0..turns).fold(0u64, |sum, turn| std::hint::black_box(sum ^ turn));
            counters.count(spin).1.instructions
        };
        // Where nothing can be counted there is nothing to compare.
        if let (Some(less), Some(more)) = (work(1000), work(100_000)) {
            assert!(more > 10.0 * less, "{less} {more}");
        }
    }
}
