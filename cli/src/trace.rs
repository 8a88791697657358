//! `wapiti run --trace`: a line on standard error for each op that is executed.
//!
//! A line says where the op is, what it is, what it reads and what it writes; it is indented as deep as calls are nested.
//! Ops that fail say so.

use std::io::Write;

use wapiti::{Access, Error, Place, TracedOp, Tracer};

/// Deeper calls are not indented further.
const MAX_INDENT: usize = 32;

/// Prints ops.
pub(crate) struct Printer {
    /// What is known of the op that is under way.
    line: String,
}

impl Printer {
    pub(crate) fn new() -> Self {
        Self { line: String::new() }
    }
}

impl Tracer for Printer {
    fn before(&mut self, op: &TracedOp<'_>) {
        let function =
            op.function_name().map_or_else(|| op.function().to_string(), |name| format!("${name}"));
        let indent = op.frames().len().saturating_sub(1).min(MAX_INDENT) * 2;
        let place = format!("{function}+{}", op.position());
        self.line = format!("{place:<16} {:indent$}{}", "", op.name());
        push_all(&mut self.line, "", op.reads());
    }

    fn after(&mut self, op: &TracedOp<'_>, outcome: Result<(), &Error>) {
        match outcome {
            Ok(()) => push_all(&mut self.line, " ->", op.writes()),
            Err(error) => self.line.push_str(&format!(" failed: {error}")),
        }
        // There is nobody to tell that standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{}", self.line);
    }
}

fn push_all(line: &mut String, before: &str, accesses: &[Access]) {
    if !accesses.is_empty() {
        line.push_str(before);
    }
    for access in accesses {
        line.push(' ');
        line.push_str(&access_text(access));
    }
}

/// A place and the value there: `r3=42`, `global 0=7`, `memory[1024..1028]=0x2a`.
pub(crate) fn access_text(access: &Access) -> String {
    let (place, is_memory) = match access.place {
        Place::Cell(cell) => (format!("r{cell}"), false),
        Place::Global(idx) => (format!("global {idx}"), false),
        Place::Memory { index, address, len } => {
            let number = if index == 0 { String::new() } else { format!(" {index} ") };
            (format!("memory{number}[{address}..{}]", address.saturating_add(len)), true)
        }
        Place::Table(idx) => (format!("table {idx}"), false),
        other => (format!("{other:?}"), false),
    };
    match access.value {
        Some(value) if is_memory => format!("{place}={value:#x}"),
        Some(value) => format!("{place}={}", value_text(value)),
        None => place,
    }
}

/// A cell's bits. Which type they are of is not kept: large ones, mostly floats, are in hexadecimal.
pub(crate) fn value_text(value: u64) -> String {
    match value {
        0..0x1_0000_0000 => value.to_string(),
        _ if value.cast_signed() > -0x10_0000 && value.cast_signed() < 0 => value.cast_signed().to_string(),
        _ => format!("{value:#x}"),
    }
}
