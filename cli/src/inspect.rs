//! `wapiti inspect`: a module on one screen, or all of it as JSON.
//!
//! The text is for people, so it leaves out what is too much and says that it did; the JSON is for scripts and leaves
//! out nothing.

use std::collections::BTreeMap;
use std::io::Write as _;

use wapiti::Engine;

use crate::args::InspectArgs;
use crate::dump::line;
use crate::failure::Failure;
use crate::load;
use crate::progress::Progress;
use crate::summary::{Item, Kind, Summary, bytes_text};

/// Lines that a list takes at most, and columns of a line.
const LISTED: usize = 8;
const COLUMNS: usize = 100;

/// Prints the summary and returns the exit code.
pub(crate) fn inspect(args: &InspectArgs) -> Result<u8, Failure> {
    let progress = Progress::new(&args.file);
    let bytes = load::read_with(&args.file, &progress)?;
    let file = args.file.display().to_string();
    let binary = load::binary(&args.file, &bytes)?;
    let mut summary = Summary::new(file.clone(), &binary).map_err(|error| {
        Failure::load(format_args!(
            "{file}: not a valid module: {} (at offset {:#x})",
            error.message(),
            error.offset()
        ))
    })?;
    let refused = load::module(&Engine::default(), &args.file, &binary).err();
    drop(progress);
    summary.refused = refused.map(|failure| without_file(failure.message, &file));
    let text = if args.json {
        let mut json = serde_json::to_string_pretty(&summary).expect("a summary is plain data");
        json.push('\n');
        json
    } else {
        text(&summary)
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever looked at the summary has seen enough of it.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Failure::load(format_args!("cannot write the summary: {error}"))),
        Ok(()) => Ok(0),
    }
}

fn without_file(message: String, file: &str) -> String {
    message.strip_prefix(&format!("{file}: ")).map_or(message.clone(), str::to_owned)
}

fn text(summary: &Summary) -> String {
    let mut text = String::new();
    let kind = match summary.kind {
        Kind::Program => "a program: `wapiti run` starts it",
        Kind::Library => "a library: `wapiti run --invoke` calls its exports",
        Kind::Module => "a module: `wapiti run --invoke` calls its exports",
    };
    let name = summary.name.as_ref().map_or_else(String::new, |name| format!(" ({name})"));
    line(&mut text, format_args!("{}{name}, {}", summary.file, bytes_text(summary.bytes)));
    line(&mut text, format_args!("  {kind}"));
    match &summary.refused {
        None => line(&mut text, format_args!("  Wapiti runs it")),
        Some(why) => line(&mut text, format_args!("  Wapiti does not run it: {why}")),
    }
    let proposals = match &summary.proposals[..] {
        [] => "none".to_owned(),
        used => used.join(", "),
    };
    line(&mut text, format_args!("proposals  {}", cut(&proposals)));
    let functions = &summary.functions;
    line(
        &mut text,
        format_args!(
            "functions  {} of its own ({} of code), {} imported",
            functions.defined,
            bytes_text(functions.bytes),
            functions.imported
        ),
    );
    for item in summary.memories.iter().chain(&summary.tables).take(LISTED) {
        line(&mut text, format_args!("           {item}"));
    }
    line(&mut text, format_args!("data       {}", bytes_text(summary.data_bytes)));
    line(&mut text, format_args!("sections   {}", cut(&sections(summary))));
    add_imports(&mut text, &summary.imports);
    add_exports(&mut text, &summary.exports);
    add_biggest(&mut text, summary);
    text
}

/// The sections with their sizes, the biggest first.
fn sections(summary: &Summary) -> String {
    let mut sections: Vec<_> = summary.sections.iter().collect();
    sections.sort_by_key(|section| std::cmp::Reverse(section.bytes));
    let described = sections.iter().map(|section| format!("{} {}", section.name, bytes_text(section.bytes)));
    described.collect::<Vec<_>>().join(", ")
}

/// One line a module that is imported from.
fn add_imports(text: &mut String, imports: &[Item]) {
    let mut by_module: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for import in imports {
        by_module.entry(import.module.as_deref().unwrap_or_default()).or_default().push(&import.name);
    }
    line(text, format_args!("imports    {}", imports.len()));
    for (module, names) in by_module.iter().take(LISTED) {
        let names = format!("{module} ({}): {}", names.len(), names.join(", "));
        line(text, format_args!("           {}", cut(&names)));
    }
    add_rest(text, by_module.len(), "modules");
}

fn add_exports(text: &mut String, exports: &[Item]) {
    line(text, format_args!("exports    {}", exports.len()));
    for export in exports.iter().take(LISTED) {
        line(text, format_args!("           {}", cut(&format!("{}: {}", export.name, export.ty))));
    }
    add_rest(text, exports.len(), "exports");
}

fn add_biggest(text: &mut String, summary: &Summary) {
    if summary.biggest_functions.is_empty() {
        return;
    }
    line(text, format_args!("biggest functions"));
    for function in summary.biggest_functions.iter().take(LISTED) {
        let name = function.name.as_deref().unwrap_or("");
        let described = format!("{:>10}  {:>6} {name}", bytes_text(function.bytes), function.index);
        line(text, format_args!("{}", cut(&described)));
    }
}

fn add_rest(text: &mut String, count: usize, what: &str) {
    if count > LISTED {
        line(text, format_args!("           ... and {} more {what}; --json lists all", count - LISTED));
    }
}

/// What fits into the line behind its heading.
fn cut(text: &str) -> String {
    let room = COLUMNS - 11;
    match text.char_indices().nth(room) {
        Some(_) => {
            let kept: String = text.chars().take(room - 4).collect();
            format!("{kept} ...")
        }
        None => text.to_owned(),
    }
}
