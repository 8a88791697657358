//! `wapiti explain`: a module's bytes and what they mean, from the first to the last.
//!
//! A line a span: offset, bytes, meaning. Operators are indented as their blocks are, and beside each stands the
//! bytecode that it became; behind every section stands what such a section is for.

use std::fmt::Write as _;
use std::io::Write as _;

use wapiti::{ListingLine, Module};
use wapiti_explain::Span;

use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::load;

/// Bytes in a line; longer spans go on below.
const BYTES_PER_LINE: usize = 8;
/// Width of a span's meaning, where bytecode follows.
const TEXT_WIDTH: usize = 36;

/// Prints the walk and returns the exit code.
pub(crate) fn explain(args: &ExplainArgs) -> Result<u8, Failure> {
    let engine = load::engine(&args.engine);
    let bytes = load::read(&args.file)?;
    let module = load::module(&engine, &args.file, &bytes)?;
    let binary = wat::parse_bytes(&bytes).expect("the library has read this module already");
    let spans = wapiti_explain::spans(&binary)
        .map_err(|error| Failure::load(format_args!("{}: {error}", args.file.display())))?;
    let text = walk(&module, &binary, &spans)?;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever looked at it has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Failure::load(format_args!("cannot write the walk: {error}"))),
        Ok(()) => Ok(0),
    }
}

fn walk(module: &Module, binary: &[u8], spans: &[Span]) -> Result<String, Failure> {
    let mut text = String::new();
    let (mut section, mut function) = ("", None);
    let mut ops: Vec<ListingLine> = Vec::new();
    for span in spans {
        if span.section != section || span.kind == "id" {
            section = span.section;
            add(&mut text, format_args!("\n{section}: {}\n", purpose(section)));
        }
        if span.function != function {
            function = span.function;
            if let Some(func_idx) = function {
                let listing = module
                    .listing(func_idx)
                    .map_err(|error| Failure::load(format_args!("function {func_idx}: {error}")))?;
                add(&mut text, format_args!("\n  function {func_idx}"));
                if let Some(name) = module.function_name(func_idx) {
                    add(&mut text, format_args!(" ${name}"));
                }
                add(&mut text, format_args!(", a frame of {} cells\n", listing.frame_cells()));
                ops = listing.lines().to_vec();
                // The rest of the list is taken from its end.
                ops.reverse();
            }
        }
        write_span(&mut text, binary, span, &mut ops);
    }
    Ok(text)
}

/// One span, and the bytecode of its operator beside it.
fn write_span(text: &mut String, binary: &[u8], span: &Span, ops: &mut Vec<ListingLine>) {
    let indent = if span.function.is_some() { 2 + span.depth * 2 } else { 0 };
    let mut meaning = Some(format!("{:indent$}{}", "", span.text));
    let chunks = binary[span.range.clone()].chunks(BYTES_PER_LINE);
    let lines = chunks.len();
    for (number, bytes) in chunks.enumerate() {
        // Of long data, the beginning says enough.
        if number == 4 && lines > 5 {
            add(text, format_args!("          ...\n"));
            return;
        }
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let offset = span.range.start + number * BYTES_PER_LINE;
        let line = format!("  {offset:#8x}  {:<24}{}", hex.join(" "), meaning.take().unwrap_or_default());
        let op = (span.kind == "operator" && number == 0).then(|| next_op(ops, span)).flatten();
        write_row(text, &line, op.as_ref());
    }
    while let Some(op) = (span.kind == "operator").then(|| next_op(ops, span)).flatten() {
        write_row(text, "", Some(&op));
    }
}

/// The next op that belongs to the operator at `span`.
fn next_op(ops: &mut Vec<ListingLine>, span: &Span) -> Option<ListingLine> {
    ops.pop_if(|op| op.module_offset() < span.range.end)
}

fn write_row(text: &mut String, left: &str, op: Option<&ListingLine>) {
    match op {
        Some(op) => {
            let width = 12 + BYTES_PER_LINE * 3 + TEXT_WIDTH;
            add(text, format_args!("{left:<width$}|{:>5}  {}\n", op.position(), op.text()));
        }
        None => add(text, format_args!("{}\n", left.trim_end())),
    }
}

/// What a section is for, in a sentence.
fn purpose(section: &str) -> &'static str {
    match section {
        "preamble" => "what every module begins with",
        "type" => "the types of functions, which everything else names by number",
        "import" => "what the module needs from outside",
        "function" => "which type each function has; the bodies come later",
        "table" => "room for references, mostly to functions that are called indirectly",
        "memory" => "bytes that loads and stores reach",
        "tag" => "kinds of exceptions",
        "global" => "variables that belong to no function",
        "export" => "what others can use, and by which names",
        "start" => "the function that runs as soon as there is an instance",
        "element" => "what tables contain at first",
        "code" => "the functions' bodies, and on the right the bytecode that runs in their place",
        "data" => "what memory contains at first",
        "datacount" => "how many data segments there are, for who reads from the front",
        "custom" => "anything else, such as names for debugging",
        _ => "of a later version of WebAssembly",
    }
}

fn add(text: &mut String, part: std::fmt::Arguments<'_>) {
    text.write_fmt(part).expect("writing to a string cannot fail");
}
