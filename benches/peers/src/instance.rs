//! One more instance of a module that is loaded already: processor time, and bytes of the heap besides its memories.

use anyhow::{Result, ensure};

use crate::Common;
use crate::cases::Case;
use crate::engines;
use crate::measure::{Candidate, compare, held_bytes, process_seconds};
use crate::table::{Table, Unit};

/// Instances for one figure.
const COUNT: usize = 200;

#[derive(Clone, Copy)]
enum Place {
    SameStore,
    OwnStore,
}

pub fn measure(common: &Common, cases: &[Case]) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for (place, name) in
        [(Place::SameStore, "in the same store"), (Place::OwnStore, "with a store of its own")]
    {
        let title = format!("One more instance, {name}: processor time");
        let mut seconds = Table::new(title, Unit::Seconds, common);
        let title = format!("One more instance, {name}: bytes besides its exported memories");
        let mut bytes = Table::new(title, Unit::Bytes, common);
        for case in cases {
            let memory_bytes = case.memory_bytes()? as f64;
            let measure_with = |figure: fn(Figures) -> f64, less: f64| {
                compare(common, &case.name, |name| {
                    let module = engines::make_lazy(name)?.load(&case.bytes)?;
                    module.instantiate()?;
                    let candidate: Candidate<'_> = Box::new(move || {
                        let figures = match place {
                            Place::SameStore => {
                                // The store is new for each figure, so that it does not grow from one to the next.
                                let mut instance = module.instantiate()?;
                                add_instances(|| instance.again())?
                            }
                            Place::OwnStore => add_instances(|| module.instantiate())?,
                        };
                        let figure = figure(figures) - less;
                        ensure!(figure >= 0.0, "memories are not on the heap");
                        Ok(figure)
                    });
                    Ok(Some((String::new(), candidate)))
                })
            };
            seconds.push(&case.name, None, measure_with(|figures| figures.seconds, 0.0));
            bytes.push(&case.name, None, measure_with(|figures| figures.bytes, memory_bytes));
        }
        tables.extend([seconds, bytes]);
    }
    Ok(tables)
}

/// For one instance.
struct Figures {
    seconds: f64,
    bytes: f64,
}

fn add_instances<T>(mut add: impl FnMut() -> Result<T>) -> Result<Figures> {
    let mut added = Vec::with_capacity(COUNT);
    let (held_before, before) = (held_bytes(), process_seconds());
    for _ in 0..COUNT {
        added.push(add()?);
    }
    let (seconds, bytes) = (process_seconds() - before, held_bytes() - held_before);
    Ok(Figures { seconds: seconds / COUNT as f64, bytes: bytes as f64 / COUNT as f64 })
}
