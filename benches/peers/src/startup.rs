//! From bytes to the guest's first call of its host: loading, instantiating, and running `_start` up to there.

use std::time::Duration;

use anyhow::Result;

use crate::Common;
use crate::cases::Case;
use crate::engines::{self, Engine, Instance, Mode, Module};
use crate::measure::{Candidate, Clock, compare, seconds_per_run};
use crate::table::{Table, Unit};

/// Small modules are loaded again and again for this long, for one figure.
const AT_LEAST: Duration = Duration::from_millis(5);

pub fn measure(common: &Common, cases: &[Case], mode: Mode, clock: Clock) -> Table {
    let title = format!("Start-up, {}: bytes to the first call of the host, {}", mode.name(), clock.name());
    let mut table = Table::new(title, Unit::Seconds, common);
    for case in cases {
        let samples = compare(common, &case.name, |name| {
            let Some(engine) = engines::make(name, mode)? else { return Ok(None) };
            engines::stopped_at();
            reach(&*engine, &case.bytes)?;
            let stopped_at = engines::stopped_at();
            let candidate: Candidate<'_> =
                Box::new(move || seconds_per_run(clock, AT_LEAST, || reach(&*engine, &case.bytes)));
            Ok(Some((stopped_at, candidate)))
        });
        table.push(case.label(), Some(case.bytes.len()), samples);
    }
    table
}

/// Loads the module and runs it up to there. What it returns is to be dropped outside of the time that counts.
pub fn reach(engine: &dyn Engine, bytes: &[u8]) -> Result<(Box<dyn Module>, Box<dyn Instance>)> {
    let module = engine.load(bytes)?;
    let mut instance = module.instantiate()?;
    // Without a `_start` there is nothing to call; with one, the import ends the call.
    instance.start();
    Ok((module, instance))
}
