//! Measures Wapiti beside other interpreters; `README.md` shows how.

mod calls;
mod cases;
mod engines;
mod execute;
mod instance;
mod kernels;
mod measure;
mod memory;
mod programs;
mod record;
mod startup;
mod table;

use std::fs::File;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};

use crate::cases::Case;
use crate::engines::Mode;
use crate::measure::Clock;
use crate::programs::External;
use crate::table::Table;

#[global_allocator]
static ALLOCATOR: measure::Counting = measure::Counting;

/// Measures Wapiti beside other interpreters.
///
/// Results are compared before anything is measured. Candidates take turns for several rounds; minimum and, in
/// brackets, median of these count. Ratios are the base engine's figure over the other's in the same rounds, with an
/// interval of 95 %; more than 1 is better.
/// Times are processor time.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Clone)]
struct Common {
    /// Engines, in the order of the columns [default: all; also wapiti-call, wapiti-match]
    #[arg(long, global = true, value_delimiter = ',', value_name = "NAMES")]
    engines: Vec<String>,
    /// The engine that the others are compared with
    #[arg(long, global = true, default_value = engines::WASMI_2, value_name = "NAME")]
    base: String,
    /// How often each candidate has its turn
    #[arg(long, global = true, default_value_t = 7, value_name = "COUNT")]
    rounds: usize,
    /// Write the figures to this file as well
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Time from bytes to the guest's first call of the host, by mode
    Startup {
        #[command(flatten)]
        modules: Modules,
        /// Modes to measure
        #[arg(long, value_enum, value_delimiter = ',', default_value = "eager,lazy-translation,lazy")]
        mode: Vec<Mode>,
        /// The time to measure
        #[arg(long, value_enum, default_value = "processor")]
        clock: Clock,
    },
    /// Peak memory of loading, and size of the bytecode
    Memory {
        #[command(flatten)]
        modules: Modules,
        /// Modes to measure
        #[arg(long, value_enum, value_delimiter = ',', default_value = "eager,lazy-translation")]
        mode: Vec<Mode>,
    },
    /// Time and bytes for one more instance of a loaded module
    Instance(Modules),
    /// Time of calls between host and guest
    Calls,
    /// Time of running the kernels of benches/wat, or WASI programs by external commands
    Execute {
        /// A command that runs WASI programs, such as 'wapiti=wapiti run --dir . {wasm} {args}'
        #[arg(long, value_name = "NAME=COMMAND", requires = "workloads")]
        external: Vec<External>,
        /// A folder with a workloads.json, for the commands
        #[arg(long, value_name = "FOLDER", requires = "external")]
        workloads: Option<PathBuf>,
        /// Ids or categories of programs
        #[arg(requires = "workloads")]
        select: Vec<String>,
    },
    /// Everything that the README speaks of: kernels, start-up, programs; tables, figures and charts into a folder
    Record {
        #[command(flatten)]
        record: record::RecordArgs,
    },
    /// Draws the charts that a record shows again, from its figures
    Redraw {
        /// A folder that `record` has written
        folder: PathBuf,
    },
    #[command(hide = true)]
    Child(ChildArgs),
}

#[derive(Args)]
struct Modules {
    /// Modules, or folders with modules [default: the small ones of this repository]
    paths: Vec<PathBuf>,
}

#[derive(Args)]
struct ChildArgs {
    #[arg(long)]
    engine: String,
    #[arg(long, value_enum)]
    mode: Mode,
    path: PathBuf,
}

/// A loop that calls the host takes more and more native stack under Stitch.
const STACK_BYTES: usize = 1 << 30;

fn main() -> Result<()> {
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(run)?;
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

fn run() -> Result<()> {
    let Options { mut common, command } = Options::parse();
    if common.engines.is_empty() {
        common.engines = match &command {
            Command::Execute { external, .. } if !external.is_empty() => {
                external.iter().map(|external| external.name.clone()).collect()
            }
            _ => engines::NAMES.iter().map(|&name| name.to_owned()).collect(),
        };
    }
    let tables = match command {
        Command::Startup { modules, mode, clock } => {
            let cases = Case::all(&modules.paths)?;
            mode.into_iter().map(|mode| startup::measure(&common, &cases, mode, clock)).collect()
        }
        Command::Memory { modules, mode } => memory::measure(&common, &Case::all(&modules.paths)?, &mode)?,
        Command::Instance(modules) => instance::measure(&common, &Case::all(&modules.paths)?)?,
        Command::Calls => vec![calls::measure(&common)?],
        Command::Execute { external, workloads: Some(folder), select } => {
            programs::measure(&common, &external, &folder, &select)?
        }
        Command::Execute { .. } => vec![execute::kernels(&common)?],
        Command::Record { record } => return record::record(&common, &record),
        Command::Redraw { folder } => return record::redraw(&folder),
        Command::Child(args) => return memory::child(&args),
    };
    for table in &tables {
        println!("{}", table.markdown());
    }
    match &common.json {
        Some(path) => write_json(path, &tables),
        None => Ok(()),
    }
}

fn write_json(path: &PathBuf, tables: &[Table]) -> Result<()> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::to_writer_pretty(file, tables)?)
}
