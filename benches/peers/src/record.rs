//! The record: everything that is measured for the README, kept with machine, commit and command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context as _, Error, Result};
use clap::Args;

use crate::cases::Case;
use crate::engines::Mode;
use crate::measure::Clock;
use crate::programs::External;
use crate::table::Table;
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
        [Mode::Eager, Mode::LazyTranslation, Mode::Lazy]
            .map(|mode| startup::measure(common, &cases, mode, Clock::Processor)),
    );
    tables.extend(of_programs);
    let mut text = heading(common)?;
    for (number, table) in tables.iter().enumerate() {
        let chart = chart_name(table);
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

/// Draws the charts anew that are in a folder with a `record.json`, from the figures there.
pub fn redraw(folder: &Path) -> Result<()> {
    let path = folder.join("record.json");
    let figures = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let tables: Vec<Table> = serde_json::from_str(&figures).with_context(|| path.display().to_string())?;
    for table in &tables {
        let chart = folder.join(chart_name(table));
        // A table that the record has without a chart stays without.
        if chart.exists() {
            fs::write(&chart, table.svg().map_err(Error::msg)?)?;
            println!("{}", chart.display());
        }
    }
    Ok(())
}

fn chart_name(table: &Table) -> String {
    format!("{}.svg", slug(&table.title))
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
    use std::fs;

    use super::{chart_name, civil, redraw, slug};
    use crate::measure::Sample;
    use crate::table::{Row, Table, Unit};

    #[test]
    fn dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_778), (2026, 11, 21));
    }

    #[test]
    fn charts_come_from_the_figures_of_the_record() {
        let took = |time: f64| Some(Sample { min: time, median: time, figures: vec![time; 3] });
        let row = |workload: &str, samples| Row { workload: workload.to_owned(), bytes: None, samples };
        let table = |title: &str| Table {
            title: title.to_owned(),
            unit: Unit::Seconds,
            engines: ["base", "other"].map(str::to_owned).to_vec(),
            base: "base".to_owned(),
            rows: vec![row("fast", vec![took(9.0), took(0.3)]), row("not run", vec![took(1.0), None])],
        };
        let (shown, bare) = (table("Shown"), table("Without a chart"));
        let folder = std::env::temp_dir().join(format!("wapiti-peers-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for what is temporary");
        let chart = folder.join(chart_name(&shown));
        fs::write(&chart, "an older chart").expect("the folder is there");
        assert!(redraw(&folder).is_err(), "there are no figures yet");
        crate::write_json(&folder.join("record.json"), &[shown, bare]).expect("the folder is there");
        redraw(&folder).expect("the figures are there");
        let drawn = fs::read_to_string(&chart).expect("it was written");
        let files = fs::read_dir(&folder).expect("it is there").count();
        fs::remove_dir_all(&folder).expect("it was made above");
        assert_eq!(drawn, table("Shown").svg().expect("drawing to text does not fail"));
        assert!(drawn.contains("base = 1, more is better, logarithmic"), "{drawn}");
        assert_eq!(files, 2, "no chart for the other table");
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("AMD EPYC (Zen 5), 2x"), "amd-epyc-zen-5-2x");
    }
}
