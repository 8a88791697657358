//! How a command fails: a message for standard error and an exit code.
//!
//! One constructor for each documented code, so that every place that fails says which kind it is.

use std::fmt;

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl Failure {
    /// A module cannot be loaded or run.
    pub(crate) const LOAD: u8 = 1;
    /// The command line is wrong.
    pub(crate) const USAGE: u8 = 2;
    /// Somebody pressed Ctrl-C; what a shell shows for a program that did not handle that.
    pub(crate) const INTERRUPTED: u8 = 130;
    /// The guest trapped; what a shell shows for a program that aborted.
    pub(crate) const TRAP: u8 = 134;

    pub(crate) fn load(message: impl fmt::Display) -> Self {
        Self { code: Self::LOAD, message: message.to_string() }
    }

    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { code: Self::USAGE, message: message.to_string() }
    }

    pub(crate) fn trap(message: impl fmt::Display) -> Self {
        Self { code: Self::TRAP, message: message.to_string() }
    }
}
