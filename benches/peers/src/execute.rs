//! How long code runs: the kernels of `benches/wat` within this process, and WASI programs by external commands.

use std::time::Duration;

use anyhow::Result;

use crate::Common;
use crate::cases::Case;
use crate::engines;
use crate::kernels::KERNELS;
use crate::measure::{Candidate, Clock, compare, seconds_per_run};
use crate::table::{Table, Unit};

pub fn kernels(common: &Common) -> Result<Table> {
    let mut table = Table::new("Execution of kernels: processor time", Unit::Seconds, common);
    for &(kernel, work) in KERNELS {
        let case = Case::own(&format!("../wat/{kernel}.wat"))?;
        let samples = compare(common, kernel, |name| {
            let mut instance = engines::make_lazy(name)?.load(&case.bytes)?.instantiate()?;
            let outcome = instance.call("run", work)?.to_string();
            let at_least = Duration::from_millis(20);
            let candidate: Candidate<'_> =
                Box::new(move || seconds_per_run(Clock::Processor, at_least, || instance.call("run", work)));
            Ok(Some((outcome, candidate)))
        });
        table.push(kernel, None, samples);
    }
    Ok(table)
}
