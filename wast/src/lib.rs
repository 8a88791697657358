//! Runs the scripts of the official WebAssembly test suite (`.wast`) on Wapiti.
//!
//! A script's text and a [`wapiti::Config`] go in, a [`Report`] comes out: how many assertions held, and every
//! directive that did not do what the script says, with its place. A directive that this runner does not know, or
//! cannot carry out, counts as failed; nothing is skipped. Each script runs in a store of its own.
//!
//! ```
//! let script = r#"
//!     (module (func (export "add") (param i32 i32) (result i32)
//!         (i32.add (local.get 0) (local.get 1))))
//!     (assert_return (invoke "add" (i32.const 2) (i32.const 3)) (i32.const 5))
//! "#;
//! let report = wapiti_wast::run_script(script, "add.wast", &wapiti::Config::new())?;
//! assert!(report.is_success());
//! assert_eq!((report.passed, report.total), (1, 1));
//! # Ok::<(), wapiti_wast::ScriptError>(())
//! ```

#![forbid(unsafe_code)]

mod checks;
mod runner;
mod spectest;
mod suite;
mod values;
mod wording;

use std::fmt;
use std::path::Path;

use wapiti::Config;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::{Wast, WastDirective};

use crate::runner::Runner;

pub use crate::suite::configure_for;

/// What became of a script.
#[derive(Debug, Default)]
pub struct Report {
    /// Assertions that held.
    pub passed: usize,
    /// Assertions in the script, which are the directives whose names begin with `assert_`.
    pub total: usize,
    /// Directives that failed, in the order of the script; not only assertions.
    pub failures: Vec<Failure>,
}

/// A directive that failed.
#[derive(Debug)]
pub struct Failure {
    /// Line of the directive's keyword, counted from 1.
    pub line: usize,
    /// Column of the directive's keyword, counted from 1.
    pub column: usize,
    /// What was expected and what happened instead.
    pub what: String,
    /// Whether the directive is an assertion, and so part of [`Report::total`].
    pub is_assertion: bool,
}

/// Why a script could not be run at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// The script's text is malformed or has a directive that the parser does not know. The message shows the place.
    #[error("{0}")]
    Parse(String),
    /// The `spectest` module, which scripts import from, could not be set up.
    #[error("cannot define the module `spectest`: {0}")]
    Spectest(wapiti::Error),
}

impl Report {
    /// True if every directive did what the script says.
    pub fn is_success(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.what)
    }
}

/// Runs all directives of the script `source`; `name` stands for it in messages.
///
/// # Errors
///
/// Only if nothing could be run; failed directives are in the report.
pub fn run_script(source: &str, name: &str, config: &Config) -> Result<Report, ScriptError> {
    let parse_error = |mut error: wast::Error| {
        error.set_path(Path::new(name));
        error.set_text(source);
        ScriptError::Parse(error.to_string())
    };
    let mut lexer = Lexer::new(source);
    // The suite tests such characters on purpose.
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(parse_error)?;
    let script = parser::parse::<Wast<'_>>(&buffer).map_err(parse_error)?;

    let mut runner = Runner::new(config).map_err(ScriptError::Spectest)?;
    let mut report = Report::default();
    for directive in script.directives {
        let is_assertion = is_assertion(&directive);
        let span = directive.span();
        let outcome = runner.directive(directive);
        report.total += usize::from(is_assertion);
        match outcome {
            Ok(()) => report.passed += usize::from(is_assertion),
            Err(what) => {
                let (line, column) = span.linecol_in(source);
                report.failures.push(Failure { line: line + 1, column: column + 1, what, is_assertion });
            }
        }
    }
    Ok(report)
}

fn is_assertion(directive: &WastDirective<'_>) -> bool {
    match directive {
        WastDirective::AssertMalformed { .. }
        | WastDirective::AssertMalformedCustom { .. }
        | WastDirective::AssertInvalid { .. }
        | WastDirective::AssertInvalidCustom { .. }
        | WastDirective::AssertTrap { .. }
        | WastDirective::AssertReturn { .. }
        | WastDirective::AssertExhaustion { .. }
        | WastDirective::AssertUnlinkable { .. }
        | WastDirective::AssertException { .. }
        | WastDirective::AssertSuspension { .. } => true,
        WastDirective::Module(_)
        | WastDirective::ModuleDefinition(_)
        | WastDirective::ModuleInstance { .. }
        | WastDirective::Register { .. }
        | WastDirective::Invoke(_)
        | WastDirective::Thread(_)
        | WastDirective::Wait { .. } => false,
    }
}
