//! Unsafe code: where it is, and whether it says what it rests on.

use crate::source::{Source, is_within, quoted, word_positions};

/// The paths that a sentence of the document names.
pub(crate) fn places(document: &Source, beginning: &str) -> Vec<String> {
    let text = document.lines.join("\n");
    let Some(at) = text.find(beginning) else { panic!("{}: `{beginning}` is gone", document.path) };
    let sentence = text[at..].split(".\n").next().expect("a split has a first part");
    quoted(sentence).map(str::to_owned).collect()
}

fn unsafe_lines(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let lines = source.code.iter().map(String::as_str).enumerate();
    lines.filter(|(_, line)| word_positions(line, "unsafe").next().is_some())
}

/// Unsafe code outside the places for it, and places without any.
pub(crate) fn unsafe_places(sources: &[Source], allowed: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !is_within(&source.path, allowed)) {
        for (line, _) in unsafe_lines(source) {
            faults.push(source.fault(line, "no place for unsafe code: ARCHITECTURE.md says where it may be"));
        }
    }
    for place in allowed {
        let mut within = sources.iter().filter(|source| source.path.starts_with(place));
        if !within.any(|source| unsafe_lines(source).next().is_some()) {
            faults
                .push(format!("ARCHITECTURE.md: there is no unsafe code in `{place}`: take it off the list"));
        }
    }
    faults
}

/// Roots of modules or packages that do not forbid unsafe code.
pub(crate) fn forbids(sources: &[Source], forbidden: &[String]) -> Vec<String> {
    let roots = |place: &str| ["mod.rs", "src/lib.rs", "src/main.rs"].map(|root| format!("{place}{root}"));
    let forbids = |source: &Source| source.code.iter().any(|line| line.trim() == "#![forbid(unsafe_code)]");
    let mut faults = Vec::new();
    for place in forbidden {
        let roots = roots(place);
        let root = sources.iter().find(|source| roots.contains(&source.path));
        if !root.is_some_and(forbids) {
            let path = root.map_or(place, |root| &root.path);
            faults.push(format!(
                "{path}: `#![forbid(unsafe_code)]` is missing: ARCHITECTURE.md says it is there"
            ));
        }
    }
    faults
}

/// Blocks and implementations without a reason, functions without a contract.
pub(crate) fn undocumented_unsafe(source: &Source, sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for (line, code) in unsafe_lines(source) {
        if code.contains("unsafe {") || code.contains("unsafe impl") {
            let reason = comment_above(source, line);
            if !source.lines[line].contains("// SAFETY:") && !reason.contains("SAFETY:") {
                faults.push(
                    source.fault(line, "unsafe without a comment `// SAFETY: INV-...` directly before it"),
                );
            }
        }
        let is_public_fn = code.contains("unsafe fn ") && code.trim_start().starts_with("pub");
        if is_public_fn
            && !has_contract(&comment_above(source, line))
            && !module_has_contract(source, sources)
        {
            faults.push(source.fault(line, "an unsafe function without a section `# Safety`"));
        }
    }
    faults
}

/// The comment before the statement or item that the line is part of.
fn comment_above(source: &Source, line: usize) -> String {
    let begins_behind = |line: usize| {
        let code = source.code[line].trim_end();
        code.trim().is_empty() || code.ends_with([';', '{', '}', ',']) || code.ends_with("=>")
    };
    let mut at = line;
    while at > 0 && !begins_behind(at - 1) {
        at -= 1;
    }
    let above = source.lines[..at].iter().rev();
    let comment: Vec<&str> =
        above.map(|line| line.trim()).take_while(|line| line.starts_with("//")).collect();
    comment.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// Whether a function's documentation says what it asks of its callers, or which other function's does.
fn has_contract(documentation: &str) -> bool {
    documentation.contains("# Safety") || documentation.starts_with("/// See [`")
}

/// Whether the documentation of the file, or of the folder it is in, says what its functions ask of their callers.
fn module_has_contract(source: &Source, sources: &[Source]) -> bool {
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let root = format!("{folder}/mod.rs");
    let says = |source: &Source| {
        let mut documentation = source.lines.iter().take_while(|line| line.starts_with("//!"));
        documentation.any(|line| line.contains("# Safety") || line.contains("Safety of every function"))
    };
    says(source) || sources.iter().any(|other| other.path == root && says(other))
}
