//! Calls over the border between host and guest, in both directions.

use anyhow::Result;

use crate::Common;
use crate::cases::Case;
use crate::engines::{self, Instance};
use crate::measure::{Candidate, compare, process_seconds};
use crate::table::{Table, Unit};

/// Calls for one figure.
const COUNT: i32 = 200_000;

type MakeCalls = fn(&mut dyn Instance) -> Result<i32>;

pub fn measure(common: &Common) -> Result<Table> {
    let case = Case::own("wat/calls.wat")?;
    let mut table = Table::new("One call, (i32, i32) -> i32", Unit::Seconds, common);
    let directions: [(&str, MakeCalls); 2] = [
        ("host to guest, typed", |instance| instance.add_often(COUNT)),
        ("guest to host, and one turn of a loop", |instance| instance.call("run", COUNT)),
    ];
    for (direction, make_calls) in directions {
        let samples = compare(common, direction, |name| {
            let mut instance = engines::make_lazy(name)?.load(&case.bytes)?.instantiate()?;
            let outcome = make_calls(&mut *instance)?.to_string();
            let candidate: Candidate<'_> = Box::new(move || {
                let before = process_seconds();
                make_calls(&mut *instance)?;
                Ok((process_seconds() - before) / f64::from(COUNT))
            });
            Ok(Some((outcome, candidate)))
        });
        table.push(direction, None, samples);
    }
    Ok(table)
}
