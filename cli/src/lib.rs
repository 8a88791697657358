//! The `wapiti` command: `run` executes a module, `inspect`, `dump` and `explain` show what is in it, `step` goes through
//! a call op by op, `wast` runs specification scripts, `completions` makes a shell know all these words.
//!
//! The command line goes in; out come the guest's output and an exit code: the guest's own, or 134 if it trapped, 130
//! at Ctrl-C, 1 if a module cannot be loaded or run, 2 if the command line is wrong. Messages go to standard error, never to
//! standard output, and say what to do where there is something to do.

#![forbid(unsafe_code)]

mod switches;
mod options;

mod args;
mod lab_args;
mod failure;
mod progress;

mod load;

mod invoke;
mod stop;
mod trace;

mod run;

mod bench;
mod profile;

mod listing;
mod proposals;

mod summary;

mod dump;
mod inspect;
mod explain;
mod step;
mod wast;

use std::process::ExitCode;

use crate::args::Command;

/// Does what the command line says.
pub fn main() -> ExitCode {
    let cli = args::parse(std::env::args_os().collect()).unwrap_or_else(|error| args::exit_with(&error));
    let result = match cli.command {
        Command::Run(args) => run::run(*args),
        Command::Dump(args) => dump::dump(&args),
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Step(args) => step::step(&args),
        Command::Wast(args) => wast::wast(&args),
        Command::Bench(args) => bench::bench(&args),
        Command::Profile(args) => profile::profile(&args),
        Command::Completions(args) => args::print_completions(args.shell),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
