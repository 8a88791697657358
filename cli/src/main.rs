//! The `wapiti` command: `run` executes a module, `dump` shows what is in it, `wast` runs specification scripts.
//!
//! The command line goes in; out come the guest's output and an exit code: the guest's own, or 134 if it trapped,
//! 1 if a module cannot be loaded or run, 2 if the command line is wrong. Messages go to standard error, never to
//! standard output, and say what to do where there is something to do.

#![forbid(unsafe_code)]

mod args;
mod failure;
mod load;

mod invoke;
mod run;

mod listing;

mod dump;
mod wast;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| args::exit_with(&error));
    let result = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Dump(args) => dump::dump(&args),
        Command::Wast(args) => wast::wast(&args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
