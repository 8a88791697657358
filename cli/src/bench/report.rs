//! What was measured: as data, as tables, as a chart.

use std::path::Path;

use serde::{Deserialize, Serialize};
use wapiti_lab::page::Page;
use wapiti_lab::plot::{Bar, BarChart, BarSeries};
use wapiti_lab::stats::{Ratio, Summary, paired, paired_mean};
use wapiti_lab::text::{columns, count, csv, markdown, seconds};

use super::baseline::Change;
use super::settings::Setting;
use super::workload::Taken;
use crate::failure::Failure;
use crate::lab_args::{BenchArgs, ClockArg, MetricArg};

/// A run of `wapiti bench`; what `--json` prints and `--baseline` reads.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) version: String,
    pub(super) machine: String,
    /// `run`, `load` or `total`.
    pub(super) metric: String,
    /// `cpu` or `wall`.
    pub(super) clock: String,
    pub(super) rounds: u32,
    /// The setting that speeds refer to.
    pub(super) base: String,
    pub(super) workloads: Vec<WorkloadReport>,
    /// By setting: the geometric mean of its speeds.
    pub(super) mean_speeds: Vec<Option<Ratio>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) baseline: Option<Vec<Change>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WorkloadReport {
    pub(super) name: String,
    pub(super) settings: Vec<Figures>,
}

/// One workload under one setting.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Figures {
    pub(super) setting: String,
    /// Of each round.
    pub(super) seconds: Vec<f64>,
    pub(super) summary: Summary,
    /// The base's time over this one's, so that more is faster.
    pub(super) speed: Option<Ratio>,
    pub(super) ops: Option<u64>,
    pub(super) dispatches: Option<u64>,
    pub(super) dispatches_per_second: Option<f64>,
    pub(super) ns_per_dispatch: Option<f64>,
    pub(super) cycles_per_dispatch: Option<f64>,
    pub(super) instructions_per_dispatch: Option<f64>,
}

impl Figures {
    pub(super) fn new(
        setting: &Setting,
        own: &[f64],
        base: &[f64],
        taken: &[Taken],
        counted: Option<(u64, u64)>,
    ) -> Self {
        let summary = Summary::of(own).expect("there is at least one round");
        let run = median(taken.iter().map(|taken| Some(taken.run)));
        let per_dispatch = |figure: Option<f64>| {
            let (_, dispatches) = counted.filter(|(_, dispatches)| *dispatches > 0)?;
            Some(figure? / dispatches as f64)
        };
        let ns = per_dispatch(run.map(|seconds| seconds * 1e9));
        Self {
            setting: setting.name.clone(),
            seconds: own.to_vec(),
            summary,
            speed: paired(base, own),
            ops: counted.map(|(ops, _)| ops),
            dispatches: counted.map(|(_, dispatches)| dispatches),
            dispatches_per_second: ns.filter(|ns| *ns > 0.0).map(|ns| 1e9 / ns),
            ns_per_dispatch: ns,
            cycles_per_dispatch: per_dispatch(median(taken.iter().map(|taken| taken.counts.cycles))),
            instructions_per_dispatch: per_dispatch(median(
                taken.iter().map(|taken| taken.counts.instructions),
            )),
        }
    }
}

fn median(figures: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let figures: Option<Vec<f64>> = figures.collect();
    Summary::of(&figures?).map(|summary| summary.median)
}

impl Report {
    pub(super) fn new(
        args: &BenchArgs,
        settings: &[Setting],
        base: usize,
        workloads: Vec<WorkloadReport>,
    ) -> Self {
        let mean = |setting: usize| {
            let pairs: Vec<_> = workloads
                .iter()
                .map(|workload| (&*workload.settings[base].seconds, &*workload.settings[setting].seconds))
                .collect();
            paired_mean(&pairs)
        };
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            machine: machine(),
            metric: match args.metric {
                MetricArg::Run => "run",
                MetricArg::Load => "load",
                MetricArg::Total => "total",
            }
            .to_owned(),
            clock: match args.clock {
                ClockArg::Cpu => "cpu",
                ClockArg::Wall => "wall",
            }
            .to_owned(),
            rounds: args.rounds,
            base: settings[base].name.clone(),
            mean_speeds: (0..settings.len()).map(mean).collect(),
            workloads,
            baseline: None,
        }
    }

    /// What goes to standard output.
    pub(super) fn text(&self, args: &BenchArgs) -> String {
        if args.json {
            let mut json = serde_json::to_string_pretty(self).expect("a report is plain data");
            json.push('\n');
            json
        } else if args.csv {
            csv(&self.raw_rows())
        } else {
            let table = if args.markdown { markdown } else { columns };
            let heading = if args.markdown { "### " } else { "" };
            let mut text = format!("{}\n", self.about());
            for workload in &self.workloads {
                text.push_str(&format!("\n{heading}{}\n\n{}", workload.name, table(&self.rows(workload))));
            }
            if self.workloads.len() > 1 {
                text.push_str(&format!("\n{heading}geometric mean of {}\n\n", self.workloads.len()));
                text.push_str(&table(&self.mean_rows()));
            }
            if let Some(changes) = &self.baseline {
                text.push_str(&format!(
                    "\n{heading}against the baseline\n\n{}",
                    table(&Change::rows(changes))
                ));
            }
            text
        }
    }

    fn about(&self) -> String {
        let clock = if self.clock == "cpu" { "processor time" } else { "time on the wall" };
        let of = match &*self.metric {
            "load" => "loading",
            "total" => "loading and running",
            _ => "running",
        };
        format!(
            "Wapiti {}, {}\n{clock} of {of}, {} rounds in turns; speed is that of `{}` = 1, more is faster",
            self.version, self.machine, self.rounds, self.base
        )
    }

    fn rows(&self, workload: &WorkloadReport) -> Vec<Vec<String>> {
        let has = |of: fn(&Figures) -> bool| workload.settings.iter().any(of);
        let has_counts = has(|figures| figures.dispatches.is_some());
        let (has_cycles, has_instructions) = (
            has(|figures| figures.cycles_per_dispatch.is_some()),
            has(|figures| figures.instructions_per_dispatch.is_some()),
        );
        let mut head =
            ["setting", "min", "median", "spread", "speed", "95 % interval"].map(str::to_owned).to_vec();
        let mut add = |wanted: bool, names: &[&str]| {
            if wanted {
                head.extend(names.iter().map(|&name| name.to_owned()));
            }
        };
        add(has_counts, &["ops", "dispatches", "dispatches/s", "ns/dispatch"]);
        add(has_cycles, &["cycles/dispatch"]);
        add(has_instructions, &["instructions/dispatch"]);
        let mut rows = vec![head];
        for figures in &workload.settings {
            let summary = &figures.summary;
            let mut row = vec![
                figures.setting.clone(),
                seconds(summary.min),
                seconds(summary.median),
                format!("{:.1} %", summary.spread() * 100.0),
            ];
            row.extend(speed_cells(figures.speed, figures.setting == self.base));
            let number =
                |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.2}"));
            let counted = |figure: Option<f64>| figure.map_or_else(|| "-".to_owned(), count);
            if has_counts {
                row.push(counted(figures.ops.map(|ops| ops as f64)));
                row.push(counted(figures.dispatches.map(|dispatches| dispatches as f64)));
                row.push(counted(figures.dispatches_per_second));
                row.push(number(figures.ns_per_dispatch));
            }
            if has_cycles {
                row.push(number(figures.cycles_per_dispatch));
            }
            if has_instructions {
                row.push(number(figures.instructions_per_dispatch));
            }
            rows.push(row);
        }
        rows
    }

    fn mean_rows(&self) -> Vec<Vec<String>> {
        let mut rows = vec![["setting", "speed", "95 % interval"].map(str::to_owned).to_vec()];
        for (figures, mean) in self.workloads[0].settings.iter().zip(&self.mean_speeds) {
            let mut row = vec![figures.setting.clone()];
            row.extend(speed_cells(*mean, figures.setting == self.base));
            rows.push(row);
        }
        rows
    }

    /// One row a workload and setting, with figures that programs can read.
    fn raw_rows(&self) -> Vec<Vec<String>> {
        let head = "workload,setting,min_seconds,median_seconds,quartile_low,quartile_high,speed,speed_low,speed_high,\
                    confidence,ops,dispatches,ns_per_dispatch,cycles_per_dispatch,instructions_per_dispatch";
        let mut rows = vec![head.split(',').map(str::to_owned).collect::<Vec<_>>()];
        for workload in &self.workloads {
            for figures in &workload.settings {
                let optional =
                    |figure: Option<f64>| figure.map_or_else(String::new, |figure| figure.to_string());
                let (summary, speed) = (&figures.summary, figures.speed);
                let mut row = vec![workload.name.clone(), figures.setting.clone()];
                row.extend(
                    [summary.min, summary.median, summary.quartiles[0], summary.quartiles[1]]
                        .map(|x| x.to_string()),
                );
                row.extend([
                    optional(speed.map(|speed| speed.value)),
                    optional(speed.map(|speed| speed.low)),
                    optional(speed.map(|speed| speed.high)),
                    optional(speed.map(|speed| speed.confidence)),
                ]);
                let whole =
                    |figure: Option<u64>| figure.map_or_else(String::new, |figure| figure.to_string());
                row.extend([whole(figures.ops), whole(figures.dispatches)]);
                row.extend(
                    [figures.ns_per_dispatch, figures.cycles_per_dispatch, figures.instructions_per_dispatch]
                        .map(optional),
                );
                rows.push(row);
            }
        }
        rows
    }

    /// The chart or the page for a file of this name.
    pub(super) fn drawn(&self, path: &Path) -> Result<String, Failure> {
        let svg = self.chart().svg().map_err(|error| Failure::load(format_args!("the chart: {error}")))?;
        if path.extension().is_some_and(|extension| extension == "svg") {
            return Ok(svg);
        }
        let mut page = Page::new("Wapiti: bench");
        page.preformatted(&self.about()).svg(&svg);
        for workload in &self.workloads {
            page.heading(&workload.name).table(&self.rows(workload));
        }
        if self.workloads.len() > 1 {
            page.heading("Geometric mean").table(&self.mean_rows());
        }
        if let Some(changes) = &self.baseline {
            page.heading("Against the baseline").table(&Change::rows(changes));
        }
        Ok(page.html())
    }

    /// Speeds by workload with the intervals as error bars; or, for a single setting, times with the quartiles.
    fn chart(&self) -> BarChart {
        let count = self.workloads[0].settings.len();
        let mut groups: Vec<String> = self.workloads.iter().map(|workload| workload.name.clone()).collect();
        let is_alone = count == 1;
        let with_mean = !is_alone && groups.len() > 1;
        if with_mean {
            groups.push("geometric mean".to_owned());
        }
        let of_ratio = |ratio: &Option<Ratio>| {
            ratio.map(|ratio| Bar { value: ratio.value, error: Some((ratio.low, ratio.high)) })
        };
        let series = (0..count).map(|setting| {
            let bar = |workload: &WorkloadReport| {
                let figures = &workload.settings[setting];
                if is_alone {
                    let [low, high] = figures.summary.quartiles;
                    return Some(Bar { value: figures.summary.median, error: Some((low, high)) });
                }
                of_ratio(&figures.speed)
            };
            let mut bars: Vec<Option<Bar>> = self.workloads.iter().map(bar).collect();
            if with_mean {
                bars.push(of_ratio(&self.mean_speeds[setting]));
            }
            BarSeries { name: self.workloads[0].settings[setting].setting.clone(), bars }
        });
        BarChart {
            title: if is_alone { "Time" } else { "Speed" }.to_owned(),
            label: if is_alone { "seconds".to_owned() } else { format!("speed, {} = 1", self.base) },
            groups,
            series: series.collect(),
            reference: (!is_alone).then_some(1.0),
        }
    }
}

fn speed_cells(speed: Option<Ratio>, is_base: bool) -> [String; 2] {
    match speed {
        Some(_) if is_base => ["1".to_owned(), String::new()],
        Some(speed) if speed.confidence < 0.945 => {
            let interval =
                format!("{:.3} to {:.3} ({:.0} %)", speed.low, speed.high, speed.confidence * 100.0);
            [format!("{:.3}", speed.value), interval]
        }
        Some(speed) => [format!("{:.3}", speed.value), format!("{:.3} to {:.3}", speed.low, speed.high)],
        None => ["-".to_owned(), String::new()],
    }
}

/// The processor's name, where the system tells it, and the system's.
pub(super) fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let name = name.map_or(std::env::consts::ARCH, |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{name}, {cores} cores, {}", std::env::consts::OS)
}
