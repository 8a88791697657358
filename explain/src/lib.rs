//! What a module consists of and how Wapiti executes it, as data for the command and the page to show.

#![forbid(unsafe_code)]

mod value;

pub use value::{format_value, parse_value};
