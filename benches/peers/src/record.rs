//! The record: everything that is measured for the README, kept with machine, commit and command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::cases::Case;
use crate::engines::Mode;
use crate::programs::External;
use crate::{Common, execute, programs, startup, write_json};

#[derive(Args)]
pub struct RecordArgs {
    /// Where to write [default: benches/record/<processor>/<date>]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// A command that runs WASI programs, such as 'wapiti=wapiti run --dir . {wasm} {args}'
    #[arg(long, value_name = "NAME=COMMAND", requires = "workloads")]
    external: Vec<External>,
    /// A folder with a workloads.json, for the commands
    #[arg(long, value_name = "FOLDER", requires = "external")]
    workloads: Option<PathBuf>,
    /// Ids or categories of programs
    #[arg(requires = "workloads")]
    select: Vec<String>,
    /// How often each command has its turn with a program
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    program_rounds: usize,
    /// Modules, or folders with modules, for start-up [default: the small ones of this repository]
    #[arg(long, value_name = "PATH")]
    modules: Vec<PathBuf>,
}

/// Measures and writes `record.md`, `record.json` and a chart for each table.
pub fn record(common: &Common, args: &RecordArgs) -> Result<()> {
    let out = args.out.clone().unwrap_or_else(default_folder);
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let cases = Case::all(&args.modules)?;
    // First, as a process is said to have had the memory that this one has when it starts it.
    let mut of_programs = Vec::new();
    if let Some(folder) = &args.workloads {
        eprintln!("programs");
        let engines = args.external.iter().map(|external| external.name.clone()).collect();
        let common = Common { engines, rounds: args.program_rounds, ..common.clone() };
        of_programs = programs::measure(&common, &args.external, folder, &args.select)?;
    }
    eprintln!("kernels");
    let mut tables = vec![execute::kernels(common)?];
    eprintln!("start-up");
    tables.extend(
        [Mode::Eager, Mode::LazyTranslation, Mode::Lazy].map(|mode| startup::measure(common, &cases, mode)),
    );
    tables.extend(of_programs);
    let mut text = heading(common)?;
    for (number, table) in tables.iter().enumerate() {
        let chart = format!("{}.svg", slug(&table.title));
        text.push_str(&table.markdown());
        match table.svg() {
            Ok(svg) => {
                fs::write(out.join(&chart), svg)?;
                text.push_str(&format!("\n![{}]({chart})\n", table.title));
            }
            Err(error) => eprintln!("table {}: {error}", number + 1),
        }
    }
    fs::write(out.join("record.md"), text)?;
    write_json(&out.join("record.json"), &tables)?;
    println!("{}", out.display());
    Ok(())
}

fn heading(common: &Common) -> Result<String> {
    let said = |command: &str, args: &[&str]| {
        let output = Command::new(command).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output();
        output.map_or_else(
            |_| String::new(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
    };
    let cores = std::thread::available_parallelism()?;
    let quoted = |word: String| if word.contains(' ') { format!("'{word}'") } else { word };
    let line: Vec<String> = std::env::args().skip(1).map(quoted).collect();
    Ok(format!(
        "# Beside other engines, {}\n\nMachine: {}, {cores} cores; {}; {}. Wapiti at `{}`. {} rounds in turns, processor \
         time.\n\n```console\n$ cd benches/peers\n$ cargo run --release -- {}\n```\n",
        today(),
        processor(),
        said("uname", &["-sr"]),
        said("rustc", &["--version"]),
        said("git", &["rev-parse", "--short", "HEAD"]),
        common.rounds,
        line.join(" "),
    ))
}

fn default_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../record").join(slug(&processor())).join(today())
}

fn processor() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or(std::env::consts::ARCH, |(_, name)| name.trim()).to_owned()
}

fn slug(text: &str) -> String {
    let letters = text.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
    letters.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// The date in Greenwich, as 2026-11-21.
fn today() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(since.as_secs() / 86_400);
    format!("{year}-{month:02}-{day:02}")
}

/// The date that lies so many days after the first of January 1970.
fn civil(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    loop {
        let of_year = if is_leap(year) { 366 } else { 365 };
        if days < of_year {
            break;
        }
        days -= of_year;
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 1;
    for of_month in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < of_month {
            break;
        }
        days -= of_month;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::{civil, slug};

    #[test]
    fn dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("AMD EPYC (Zen 5), 2x"), "amd-epyc-zen-5-2x");
    }
}
