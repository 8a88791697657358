//! `--baseline`: what has changed since an earlier run, and whether that is more than chance.

use std::path::Path;

use serde::{Deserialize, Serialize};
use wapiti_lab::stats::{Ratio, Verdict, unpaired};

use super::report::Report;
use super::workload::read_file;
use crate::failure::Failure;

/// One workload under one setting, now and before.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Change {
    workload: String,
    setting: String,
    /// The earlier time over this one's, so that more is faster; `None` if there is none.
    speed: Option<Ratio>,
    verdict: Verdict,
}

/// Reads what `--json` has printed.
pub(super) fn read(path: &Path) -> Result<Report, Failure> {
    serde_json::from_slice(&read_file(path)?).map_err(|error| {
        Failure::load(format_args!("{}: not what `wapiti bench --json` prints: {error}", path.display()))
    })
}

/// Compares what both runs have. Differences up to `tolerance` are noise.
pub(super) fn compare(now: &Report, before: &Report, tolerance: f64) -> Vec<Change> {
    let mut changes = Vec::new();
    for workload in &now.workloads {
        for figures in &workload.settings {
            let earlier = before.workloads.iter().find(|earlier| earlier.name == workload.name);
            let earlier = earlier.and_then(|earlier| {
                earlier.settings.iter().find(|earlier| earlier.setting == figures.setting)
            });
            let is_comparable = now.metric == before.metric && now.clock == before.clock;
            let speed = earlier
                .filter(|_| is_comparable)
                .and_then(|earlier| unpaired(&earlier.seconds, &figures.seconds));
            changes.push(Change {
                workload: workload.name.clone(),
                setting: figures.setting.clone(),
                speed,
                verdict: speed.map_or(Verdict::Noise, |speed| speed.verdict(tolerance)),
            });
        }
    }
    changes
}

impl Change {
    /// As a table.
    pub(super) fn rows(changes: &[Self]) -> Vec<Vec<String>> {
        let head = ["workload", "setting", "speed", "95 % interval", ""].map(str::to_owned).to_vec();
        let row = |change: &Self| {
            let (speed, interval, verdict) = match (change.speed, change.verdict) {
                (None, _) => ("-".to_owned(), String::new(), "not in the baseline"),
                (Some(speed), verdict) => {
                    let verdict = match verdict {
                        Verdict::More => "signal: faster",
                        Verdict::Less => "signal: slower",
                        Verdict::Noise => "noise",
                    };
                    (format!("{:.3}", speed.value), format!("{:.3} to {:.3}", speed.low, speed.high), verdict)
                }
            };
            vec![change.workload.clone(), change.setting.clone(), speed, interval, verdict.to_owned()]
        };
        std::iter::once(head).chain(changes.iter().map(row)).collect()
    }
}
