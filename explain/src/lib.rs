//! What a module consists of and how Wapiti executes it, as data for the command and the page to show.
//!
//! In go modules and calls; out come the meaning of each byte ([`spans`]), and states between which one can go forwards
//! and back ([`Stepper`]).

#![forbid(unsafe_code)]

mod bytes;
mod operator;
mod stepper;
mod value;

pub use bytes::{Span, spans};
pub use stepper::{Change, Ended, NextOp, Patch, Point, State, Stepper};
pub use value::{format_value, parse_value};
