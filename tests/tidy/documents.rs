//! What documents name: paths and invariants, which must exist.

use std::collections::BTreeSet;
use std::path::Path;

use crate::source::{ROOT, Source, quoted};

/// Names of invariants, with their lines.
fn invariants_in(source: &Source) -> impl Iterator<Item = (usize, String)> + '_ {
    source.lines.iter().enumerate().flat_map(|(line, text)| {
        text.match_indices("INV-").filter_map(move |(at, _)| {
            let letters: String = text[at + 4..].chars().take_while(char::is_ascii_uppercase).collect();
            (!letters.is_empty()).then(|| (line, format!("INV-{letters}")))
        })
    })
}

/// Names that are used without being defined, and the other way round.
pub(crate) fn invariants(architecture: &Source, sources: &[Source]) -> Vec<String> {
    let is_definition =
        |line: usize, name: &str| architecture.lines[line].starts_with(&format!("**{name}**"));
    let defined: Vec<_> =
        invariants_in(architecture).filter(|(line, name)| is_definition(*line, name)).collect();
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    // This file has made-up ones.
    for source in sources.iter().filter(|source| source.path != "tests/tidy.rs").chain([architecture]) {
        for (line, name) in invariants_in(source) {
            if !defined.iter().any(|(_, known)| *known == name) {
                faults.push(source.fault(line, format!("{name} is not defined in ARCHITECTURE.md")));
            } else if source.path != architecture.path {
                used.insert(name);
            }
        }
    }
    for (line, name) in defined.iter().filter(|(_, name)| !used.contains(name)) {
        faults.push(
            architecture.fault(*line, format!("{name} is not named anywhere in the code: use or remove it")),
        );
    }
    faults
}

/// What looks like a path of the repository and is none.
pub(crate) fn missing_paths(document: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    let mut in_listing = false;
    for (line, text) in document.lines.iter().enumerate() {
        if text.trim_start().starts_with("```") {
            in_listing = !in_listing;
            continue;
        }
        if in_listing {
            continue;
        }
        // File names in a row of the code map are relative to its first cell.
        let mut folder = None;
        for path in quoted(text).filter(|text| looks_like_path(text)) {
            let relative = folder.map(|folder: &str| Path::new(folder).join(path));
            if !exists(Path::new(path)) && !relative.is_some_and(|path| exists(&path)) {
                faults.push(document.fault(line, format!("`{path}` does not exist: correct the path")));
            }
            folder = folder.or(Some(path).filter(|path| path.ends_with('/')));
        }
    }
    faults
}

fn looks_like_path(text: &str) -> bool {
    const KINDS: [&str; 8] = [".rs", ".md", ".toml", ".py", ".txt", ".wat", ".wast", ".lock"];
    let is_plain = text.chars().all(|char| char.is_ascii_alphanumeric() || "_-./*".contains(char));
    let begins = text.starts_with(|char: char| char.is_ascii_alphanumeric());
    begins && is_plain && (text.contains('/') || KINDS.iter().any(|kind| text.ends_with(kind)))
}

/// Whether there is such a file or folder; with a star, whether there is a folder for it to be in.
fn exists(path: &Path) -> bool {
    let has_star = |path: &Path| path.to_str().is_some_and(|path| path.contains('*'));
    let plain = path.ancestors().find(|path| !has_star(path)).expect("the empty path is plain");
    Path::new(ROOT).join(plain).exists()
}
