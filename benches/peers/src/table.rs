//! Figures as a table: Markdown for people, JSON for programs.
//!
//! A row is a workload, a column an engine. Ratios are the base engine's figure over the other's, of the same rounds, so
//! more than 1 is better than the base; with them comes an interval of 95 %. The last row has their geometric means.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use wapiti_lab::plot::{Bar, BarChart, BarSeries};
use wapiti_lab::stats::{Ratio, geometric_mean, paired};

use crate::Common;
use crate::measure::Sample;

#[derive(Serialize, Deserialize)]
pub struct Table {
    pub title: String,
    pub unit: Unit,
    pub engines: Vec<String>,
    /// The engine that ratios refer to.
    pub base: String,
    pub rows: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
pub struct Row {
    pub workload: String,
    /// Bytes that were processed, where a rate tells more than a time.
    pub bytes: Option<usize>,
    /// By engine.
    pub samples: Vec<Option<Sample>>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Seconds,
    Bytes,
}

impl Table {
    pub fn new(title: impl Into<String>, unit: Unit, common: &Common) -> Self {
        let (engines, base) = (common.engines.clone(), common.base.clone());
        Self { title: title.into(), unit, engines, base, rows: Vec::new() }
    }

    pub fn push(&mut self, workload: impl Into<String>, bytes: Option<usize>, samples: Vec<Option<Sample>>) {
        self.rows.push(Row { workload: workload.into(), bytes, samples });
    }

    pub fn markdown(&self) -> String {
        let mut text = format!("\n### {}\n\n| |", self.title);
        self.engines.iter().for_each(|engine| push(&mut text, format_args!(" {engine} |")));
        text.push_str("\n|---|");
        self.engines.iter().for_each(|_| text.push_str("---|"));
        for row in &self.rows {
            push(&mut text, format_args!("\n| {} |", row.workload));
            for engine in 0..self.engines.len() {
                push(&mut text, format_args!(" {} |", self.cell(row, engine)));
            }
        }
        push(&mut text, format_args!("\n| geometric mean against {} |", self.base));
        for engine in 0..self.engines.len() {
            match self.mean_ratio(engine) {
                Some((mean, count)) => push(&mut text, format_args!(" **{mean:.2}x** of {count} |")),
                None => text.push_str(" |"),
            }
        }
        text.push('\n');
        text
    }

    fn cell(&self, row: &Row, engine: usize) -> String {
        let Some(sample) = &row.samples[engine] else { return "-".to_owned() };
        let mut cell = format!("{} ({})", self.unit.show(sample.min), self.unit.show(sample.median));
        if let Some(bytes) = row.bytes {
            push(&mut cell, format_args!(", {:.1} MB/s", bytes as f64 / sample.min / 1e6));
        }
        if let Some(ratio) = self.ratio(row, engine)
            && self.engines[engine] != self.base
        {
            push(
                &mut cell,
                format_args!(", **{:.2}x** ({:.2} to {:.2})", ratio.value, ratio.low, ratio.high),
            );
        }
        cell
    }

    fn ratio(&self, row: &Row, engine: usize) -> Option<Ratio> {
        let base = self.engines.iter().position(|name| *name == self.base)?;
        let (base, own) = (row.samples[base].as_ref()?, row.samples[engine].as_ref()?);
        paired(&base.figures, &own.figures).filter(|ratio| ratio.value.is_finite() && ratio.value > 0.0)
    }

    /// The geometric mean of the ratios, and of how many.
    fn mean_ratio(&self, engine: usize) -> Option<(f64, usize)> {
        let ratios: Vec<f64> =
            self.rows.iter().filter_map(|row| self.ratio(row, engine)).map(|ratio| ratio.value).collect();
        Some((geometric_mean(ratios.iter().copied())?, ratios.len()))
    }

    /// The ratios as a chart.
    ///
    /// # Errors
    /// What drawing says.
    pub fn svg(&self) -> Result<String, String> {
        let bar = |ratio: Ratio| Bar { value: ratio.value, error: Some((ratio.low, ratio.high)) };
        let series = (0..self.engines.len()).map(|engine| {
            let mut bars: Vec<_> = self.rows.iter().map(|row| self.ratio(row, engine).map(bar)).collect();
            bars.push(self.mean_ratio(engine).map(|(value, _)| Bar { value, error: None }));
            BarSeries { name: self.engines[engine].clone(), bars }
        });
        let names = self.rows.iter().map(|row| row.workload.clone()).chain(["geometric mean".to_owned()]);
        let chart = BarChart {
            title: self.title.clone(),
            label: format!("{} = 1, more is better", self.base),
            groups: names.collect(),
            series: series.collect(),
            reference: Some(1.0),
        };
        chart.svg()
    }
}

impl Unit {
    fn show(self, figure: f64) -> String {
        let scales: &[(f64, &str)] = match self {
            Self::Seconds => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")],
            Self::Bytes => &[(1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")],
        };
        let (scale, unit) =
            scales.iter().find(|(scale, _)| figure >= *scale).unwrap_or(&scales[scales.len() - 1]);
        let scaled = figure / scale;
        match scaled {
            0.0..10.0 => format!("{scaled:.2} {unit}"),
            10.0..100.0 => format!("{scaled:.1} {unit}"),
            _ => format!("{scaled:.0} {unit}"),
        }
    }
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments).expect("writing to a string cannot fail");
}
