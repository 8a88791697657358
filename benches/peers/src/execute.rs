//! How long code runs: the kernels of `benches/wat` within this process, and WASI programs by external commands.

use std::time::Duration;

use anyhow::Result;

use crate::Common;
use crate::cases::Case;
use crate::engines;
use crate::measure::{Candidate, compare, seconds_per_run};
use crate::table::{Table, Unit};

/// Kernels and the amounts of work that they are given: about 30 ms each.
const KERNELS: &[(&str, i32)] = &[
    ("fib", 27),
    ("sieve", 1_000_000),
    ("matmul", 120),
    ("crc32", 1_000_000),
    ("nbody", 20_000),
    ("switch", 1_500_000),
    ("indirect", 1_500_000),
    ("copy", 50_000),
];

pub fn kernels(common: &Common) -> Result<Table> {
    let mut table = Table::new("Execution of kernels: processor time", Unit::Seconds, common);
    for &(kernel, work) in KERNELS {
        let case = Case::own(&format!("../wat/{kernel}.wat"))?;
        let samples = compare(common, kernel, |name| {
            let mut instance = engines::make_lazy(name)?.load(&case.bytes)?.instantiate()?;
            let outcome = instance.call("run", work)?.to_string();
            let candidate: Candidate<'_> =
                Box::new(move || seconds_per_run(Duration::from_millis(20), || instance.call("run", work)));
            Ok(Some((outcome, candidate)))
        });
        table.push(kernel, None, samples);
    }
    Ok(table)
}
