//! Memory: how far a process grows that loads a module, and how much bytecode a module becomes.
//!
//! A process is measured from within: it is this program, started again with the hidden command `child`.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::cases::Case;
use crate::engines::{self, Mode};
use crate::measure::{Candidate, compare};
use crate::table::{Table, Unit};
use crate::{ChildArgs, Common, startup};

pub fn measure(common: &Common, cases: &[Case], modes: &[Mode]) -> Result<Vec<Table>> {
    let mut tables: Vec<_> = modes.iter().map(|&mode| peaks(common, cases, mode)).collect();
    tables.push(bytecode(common, cases)?);
    Ok(tables)
}

fn peaks(common: &Common, cases: &[Case], mode: Mode) -> Table {
    let title = format!(
        "Peak memory of a process that loads a module and runs it to the first call, {}",
        mode.name()
    );
    let mut table = Table::new(title, Unit::Bytes, common);
    for case in cases {
        let samples = compare(common, &case.name, |engine| {
            if engines::make(engine, mode)?.is_none() {
                return Ok(None);
            }
            let engine = engine.to_owned();
            let (_, stopped_at) = peak_of(&engine, mode, case)?;
            let candidate: Candidate<'_> = Box::new(move || Ok(peak_of(&engine, mode, case)?.0));
            Ok(Some((stopped_at, candidate)))
        });
        table.push(case.label(), None, samples);
    }
    table
}

fn bytecode(common: &Common, cases: &[Case]) -> Result<Table> {
    let title = "Bytes of bytecode after eager loading, by engines that tell";
    let mut table = Table::new(title, Unit::Bytes, common);
    for case in cases {
        let samples = compare(common, &case.name, |engine| {
            let Some(engine) = engines::make(engine, Mode::Eager)? else { return Ok(None) };
            let Some(bytes) = engine.load(&case.bytes)?.bytecode_bytes() else { return Ok(None) };
            let candidate: Candidate<'_> = Box::new(move || Ok(bytes as f64));
            Ok(Some((String::new(), candidate)))
        });
        let code_section = case.code_section_bytes()?;
        let per_byte = samples.iter().flatten().map(|sample| sample.min / code_section as f64);
        let per_byte: Vec<_> = per_byte.map(|ratio| format!("{ratio:.2}")).collect();
        let label = format!("{}, {code_section} B of code: {} per byte", case.name, per_byte.join(", "));
        table.push(label, None, samples);
    }
    Ok(table)
}

/// Bytes at the peak, and where the guest stopped.
fn peak_of(engine: &str, mode: Mode, case: &Case) -> Result<(f64, String)> {
    let done = Command::new(env::current_exe()?)
        .args(["child", "--engine", engine, "--mode", mode.name()])
        .arg(&case.path)
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(done.status.success(), "the child process failed: {}", done.status);
    let text = String::from_utf8(done.stdout)?;
    let (peak, stopped_at) = text.trim_end().split_once(' ').context("a child prints two words")?;
    Ok((peak.parse()?, stopped_at.to_owned()))
}

/// What the child does. It prints its peak and where the guest stopped.
pub fn child(args: &ChildArgs) -> Result<()> {
    let case = Case::read(&args.path)?;
    let engine = engines::make(&args.engine, args.mode)?.context("the engine does not have this mode")?;
    let loaded = startup::reach(&*engine, &case.bytes)?;
    println!("{} at {}", peak_bytes()?, engines::stopped_at());
    drop(loaded);
    Ok(())
}

/// The most memory that this process has had.
fn peak_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("Linux tells the peak")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib * 1024)
}
