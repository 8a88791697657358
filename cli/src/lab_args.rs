//! The command lines of `wapiti bench` and `wapiti profile`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use wapiti::{Config, Fusion};

use crate::args::{CompileArg, DirArg, DispatchArg, EngineArgs, parse_dir};
use crate::bench::Growth;
use crate::options::parse_duration;

// What is run: a program or an export, and what it is given.
#[derive(Args, Clone, Debug)]
pub(crate) struct GuestArgs {
    /// Call this export; ARGS are its arguments [default: run a WASI program]
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// Let the program read FILE as its standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,

    /// Give the program a directory, as GUEST or else under the name written
    #[arg(long, value_name = "HOST[::GUEST]", value_parser = parse_dir)]
    pub(crate) dir: Vec<DirArg>,

    /// The arguments of the program or the export
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) words: Vec<String>,
}

const BENCH_HELP: &str = "\
What comes out is compared first; then all settings take turns, round by round. Ratios are of the same rounds, with
intervals of 95 % (Wilcoxon's signed ranks); 6 rounds or more are needed for them.

Examples:
  wapiti bench --invoke run fib.wat -- 27
  wapiti bench --dispatch tail --fusion none,pairs,full --plot fusion.svg program.wasm -- input.txt
  wapiti bench --ablate --manifest programs.json --markdown
  wapiti bench program.wasm --json > before.json
  wapiti bench program.wasm --baseline before.json";

#[derive(Args)]
#[command(after_help = BENCH_HELP)]
pub(crate) struct BenchArgs {
    /// The module, .wasm or .wat
    #[arg(required_unless_present_any = ["manifest", "scale"], conflicts_with = "manifest")]
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) guest: GuestArgs,

    /// Run the programs of this JSON list; docs/benchmarking.md says what is in it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["invoke", "stdin", "dir", "words"])]
    pub(crate) manifest: Option<PathBuf>,

    /// Of the manifest, the programs whose names contain one of these
    #[arg(long, value_name = "TEXT,...", value_delimiter = ',', requires = "manifest")]
    pub(crate) only: Vec<String>,

    #[command(flatten)]
    pub(crate) settings: SettingsArgs,

    /// The setting that the others are compared with [default: the first]
    #[arg(long, value_name = "SETTING")]
    pub(crate) base: Option<String>,

    /// How often each setting has its turn
    #[arg(long, value_name = "COUNT", default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rounds: u32,

    /// Rounds before those that count
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=1000))]
    pub(crate) warm_up: u32,

    /// Repeat what is shorter than this for one figure
    #[arg(long, value_name = "TIME", default_value = "20ms", value_parser = parse_duration)]
    pub(crate) min_time: Duration,

    /// Which time is compared
    #[arg(long, value_enum, value_name = "WHAT", default_value = "run")]
    pub(crate) metric: MetricArg,

    /// What is meant by time
    #[arg(long, value_enum, value_name = "CLOCK", default_value = "cpu")]
    pub(crate) clock: ClockArg,

    /// Do not count operations, which takes about a hundred times as long as a run
    #[arg(long)]
    pub(crate) no_counts: bool,

    /// Only run everything once, compare what comes out, and measure nothing
    #[arg(long, conflicts_with_all = ["baseline", "plot", "format"])]
    pub(crate) check: bool,

    /// Print everything, as JSON
    #[arg(long, group = "format")]
    pub(crate) json: bool,

    /// Print the table as comma-separated values
    #[arg(long, group = "format")]
    pub(crate) csv: bool,

    /// Print the tables in Markdown
    #[arg(long, group = "format")]
    pub(crate) markdown: bool,

    /// Draw a chart (.svg) or write a report with one (.html)
    #[arg(long, value_name = "FILE", value_parser = parse_plot)]
    pub(crate) plot: Vec<PathBuf>,

    /// Compare with an earlier run's --json, and say what is signal and what is noise
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Differences up to this share count as noise
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    pub(crate) tolerance: f64,

    /// Measure how time and memory grow: with the module, its functions, calls, instances, threads
    #[arg(long, conflicts_with_all = ["file", "manifest", "ablate", "baseline", "check"])]
    pub(crate) scale: bool,

    /// Print by how many bytes this process grows with something
    #[arg(long, value_name = "WHAT:COUNT", hide = true, requires = "scale")]
    pub(crate) grown_by: Option<Growth>,

    /// How far --scale goes: the largest module, in bytes; the rest in proportion
    #[arg(long, value_name = "BYTES", default_value = "100000000", value_parser = crate::options::parse_size)]
    pub(crate) largest: u64,
}

// What an engine is told to do with and without; every combination is one setting.
#[derive(Args, Clone, Debug)]
pub(crate) struct SettingsArgs {
    /// Ways to get from one operation to the next [default: all that this build has]
    #[arg(long, value_enum, value_name = "STRATEGY,...", value_delimiter = ',')]
    pub(crate) dispatch: Vec<DispatchArg>,

    /// When functions are validated and compiled to bytecode
    #[arg(
        long,
        value_enum,
        value_name = "WHEN,...",
        value_delimiter = ',',
        default_value = "lazy",
        alias = "compilation"
    )]
    pub(crate) compile: Vec<CompileArg>,

    /// Which sequences of operations have one handler
    #[arg(long, value_enum, value_name = "LEVEL,...", value_delimiter = ',', default_value = "full")]
    pub(crate) fusion: Vec<FusionArg>,

    /// Where an operation finds what the one before has computed
    #[arg(long, value_enum, value_name = "PLACE,...", value_delimiter = ',', default_value = "acc")]
    pub(crate) places: Vec<PlacesArg>,

    /// Whether one operation may do what several operators say
    #[arg(long, value_enum, value_name = "ON,...", value_delimiter = ',', default_value = "on")]
    pub(crate) combining: Vec<SwitchArg>,

    /// Leave out one technique after the other, and show what each contributes
    #[arg(long, conflicts_with_all = ["dispatch", "fusion", "places", "combining", "base"])]
    pub(crate) ablate: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FusionArg {
    /// None: every operation is dispatched
    None,
    /// Sequences of two
    #[value(alias = "basic")]
    Pairs,
    /// Sequences of up to four
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlacesArg {
    /// In a cell of the frame
    Slots,
    /// In a register, too
    Acc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SwitchArg {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MetricArg {
    /// Of the call alone
    Run,
    /// From bytes to a module
    Load,
    /// Of both
    Total,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockArg {
    /// Processor time of the process
    Cpu,
    /// Time that passes
    Wall,
}

const PROFILE_HELP: &str = "\
Counts are exact: every operation is counted, in a loop made for that. Time is sampled in a second, undisturbed run.

Examples:
  wapiti profile --invoke run fib.wat -- 20
  wapiti profile --flame flame.svg program.wasm -- input.txt
  wapiti profile --json --no-samples program.wasm > program.json";

#[derive(Args)]
#[command(after_help = PROFILE_HELP)]
pub(crate) struct ProfileArgs {
    /// The module, .wasm or .wat
    pub(crate) file: PathBuf,

    #[command(flatten)]
    pub(crate) guest: GuestArgs,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// Which sequences of operations have one handler
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "full")]
    pub(crate) fusion: FusionArg,

    /// Where an operation finds what the one before has computed
    #[arg(long, value_enum, value_name = "PLACE", default_value = "acc")]
    pub(crate) places: PlacesArg,

    /// Whether one operation may do what several operators say
    #[arg(long, value_enum, value_name = "ON", default_value = "on")]
    pub(crate) combining: SwitchArg,

    /// Lines of each list
    #[arg(long, value_name = "COUNT", default_value_t = 12)]
    pub(crate) top: usize,

    /// Do not run the program a second time to sample where its time goes
    #[arg(long)]
    pub(crate) no_samples: bool,

    /// Time from one sample to the next
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = parse_duration)]
    pub(crate) interval: Duration,

    /// Write a flame graph of the calls (SVG), by operations executed
    #[arg(long, value_name = "FILE")]
    pub(crate) flame: Option<PathBuf>,

    /// Write a flame graph of the calls (SVG), by time sampled
    #[arg(long, value_name = "FILE", conflicts_with = "no_samples")]
    pub(crate) flame_time: Option<PathBuf>,

    /// Print everything, as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Write the counts in the form that tools/fuse.py reads
    #[arg(long, value_name = "FILE")]
    pub(crate) counts: Option<PathBuf>,
}

impl From<FusionArg> for Fusion {
    fn from(arg: FusionArg) -> Self {
        match arg {
            FusionArg::None => Self::None,
            FusionArg::Pairs => Self::Pairs,
            FusionArg::Full => Self::Full,
        }
    }
}

impl ProfileArgs {
    /// The engine's configuration that these options ask for.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.engine.config();
        config.fusion(self.fusion.into());
        config.accumulators(self.places == PlacesArg::Acc).combining(self.combining == SwitchArg::On);
        config
    }
}

fn parse_plot(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg" | "html") => Ok(path),
        _ => Err("expected a name that ends in .svg or .html".to_owned()),
    }
}
