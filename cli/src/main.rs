//! The `wapiti` command: all of it is in this package's library, which is compiled beside the libraries that it uses, while
//! a program waits for them.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    wapiti_cli::main()
}
