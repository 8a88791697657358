//! `wapiti wast`: runs specification scripts and says which directives failed, and where.
//!
//! Failures go to standard error as `FILE:LINE:COLUMN: what`, one summary a file to standard output. The exit code
//! is 0 only if every directive of every script did what the script says.

use std::path::Path;

use wapiti::Config;

use crate::args::WastArgs;
use crate::failure::Failure;
use crate::load;

/// Runs all scripts and returns the exit code.
pub(crate) fn wast(args: &WastArgs) -> Result<u8, Failure> {
    // The engine is made for its warning; every script makes its own.
    load::engine(&args.engine);
    let config = args.engine.config();
    let mut all_good = true;
    for file in &args.files {
        all_good &= run_file(file, &config)?;
    }
    Ok(if all_good { 0 } else { Failure::LOAD })
}

fn run_file(file: &Path, config: &Config) -> Result<bool, Failure> {
    let name = file.display();
    let source = String::from_utf8(load::read(file)?)
        .map_err(|error| Failure::load(format_args!("{name}: a script is UTF-8 text, but {error}")))?;
    let report = match wapiti_wast::run_script(&source, &name.to_string(), config) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("{name}: {error}");
            return Ok(false);
        }
    };
    for failure in &report.failures {
        eprintln!("{name}:{failure}");
    }
    println!("{name}: {} of {} assertions passed", report.passed, report.total);
    Ok(report.is_success())
}
