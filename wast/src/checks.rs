//! Compares what happened with what an assertion demands: the kind of the error first, then its text.
//!
//! The result of some step goes in; nothing comes out if it failed in the demanded way, else a sentence about the
//! difference. Texts have to be those of the specification's scripts, or one of the alternatives in `wording`.

use std::fmt::{self, Display};

use wapiti::{Error, ErrorKind, Module, Trap, Val};

use crate::wording;

/// Why a module in a script could not be made.
#[derive(Debug)]
pub(crate) enum ModuleError {
    /// The text format's parser refused it, so the engine never saw it.
    Text(wast::Error),
    /// The engine refused it.
    Engine(Error),
}

impl From<wast::Error> for ModuleError {
    fn from(error: wast::Error) -> Self {
        Self::Text(error)
    }
}

impl From<Error> for ModuleError {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Display for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => f.write_str(&error.message()),
            Self::Engine(error) => error.fmt(f),
        }
    }
}

/// Takes the value out of a step that no assertion expects to fail.
pub(crate) fn must_succeed<T, E: Display>(result: Result<T, E>, step: &str) -> Result<T, String> {
    result.map_err(|error| format!("{step} failed: {error}"))
}

/// `assert_trap`.
pub(crate) fn trap(result: Result<Vec<Val>, Error>, expected: &str) -> Result<(), String> {
    let error = must_fail(result, expected)?;
    match error.trap() {
        Some(trap) => same_text(&trap, expected),
        None => wrong_kind("a trap", &error, expected),
    }
}

/// `assert_exhaustion`.
pub(crate) fn exhaustion(result: Result<Vec<Val>, Error>, expected: &str) -> Result<(), String> {
    let error = must_fail(result, expected)?;
    match error.trap() {
        Some(Trap::StackExhausted) => same_text(&Trap::StackExhausted, expected),
        _ => wrong_kind("exhaustion", &error, expected),
    }
}

/// `assert_exception`.
pub(crate) fn exception(result: Result<Vec<Val>, Error>) -> Result<(), String> {
    let error = must_fail(result, "an exception")?;
    match error.exception() {
        Some(_) => Ok(()),
        None => wrong_kind("an exception", &error, "any"),
    }
}

/// `assert_unlinkable`.
pub(crate) fn unlinkable<T>(result: Result<T, Error>, expected: &str) -> Result<(), String> {
    let error = must_fail(result, expected)?;
    match error.kind() {
        ErrorKind::UnknownImport { .. } | ErrorKind::IncompatibleImport { .. } => same_text(&error, expected),
        _ => wrong_kind("an error in linking", &error, expected),
    }
}

/// `assert_invalid`: the module is well-formed, so it must be the engine that refuses it.
pub(crate) fn invalid(result: Result<Module, ModuleError>, expected: &str) -> Result<(), String> {
    match must_fail(result, expected)? {
        ModuleError::Engine(error) if is_invalid(&error) => same_text(&error, expected),
        error => wrong_kind("an invalid module", &error, expected),
    }
}

/// `assert_malformed`: text is refused by its parser, a binary by the engine, which does not tell malformed modules
/// from invalid ones.
pub(crate) fn malformed(result: Result<Module, ModuleError>, expected: &str) -> Result<(), String> {
    match must_fail(result, expected)? {
        ModuleError::Engine(error) if !is_invalid(&error) => {
            wrong_kind("a malformed module", &error, expected)
        }
        error => same_text(&error, expected),
    }
}

fn is_invalid(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Invalid { .. })
}

fn must_fail<T, E>(result: Result<T, E>, expected: &str) -> Result<E, String> {
    match result {
        Ok(_) => Err(format!("expected the failure \"{expected}\", but there was none")),
        Err(error) => Ok(error),
    }
}

fn same_text(found: &impl Display, expected: &str) -> Result<(), String> {
    let found = found.to_string();
    if wording::agrees(expected, &found) {
        return Ok(());
    }
    Err(format!("expected the failure \"{expected}\", but its text is \"{found}\""))
}

fn wrong_kind(demanded: &str, found: &impl Display, expected: &str) -> Result<(), String> {
    Err(format!("expected {demanded} (\"{expected}\"), but the failure is \"{found}\""))
}
