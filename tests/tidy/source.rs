//! Sources as the checks see them: files in, lines and blanked code out.
//!
//! Nothing here parses Rust. Comments, and the insides of strings and characters, are blanked, so that what looks like
//! code is code; every line stays where it is.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Where Rust sources are.
const SOURCES: [&str; 11] =
    ["build.rs", "src", "cli", "explain", "lab", "wasi", "wast", "web", "tests", "benches", "fuzz"];

/// A file, as it is and as code alone.
pub(crate) struct Source {
    /// From the repository's root, with slashes.
    pub(crate) path: String,
    pub(crate) lines: Vec<String>,
    /// The same lines with comments and the insides of literals blanked.
    pub(crate) code: Vec<String>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        Self { path: path.to_owned(), lines: lines(text), code: lines(&code_only(text)) }
    }

    pub(crate) fn fault(&self, line: usize, what: impl Display) -> String {
        format!("{}:{}: {what}", self.path, line + 1)
    }

    /// All code, and the offset at which each line begins.
    pub(crate) fn joined(&self) -> (String, Vec<usize>) {
        let mut starts = Vec::new();
        let mut all = String::new();
        for line in &self.code {
            starts.push(all.len());
            all.push_str(line);
            all.push('\n');
        }
        (all, starts)
    }
}

pub(crate) fn is_within(path: &str, folders: &[impl AsRef<str>]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder.as_ref()))
}

pub(crate) fn document(path: &str) -> Source {
    let text =
        fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Source::new(path, &text)
}

/// All Rust sources.
pub(crate) fn sources() -> Vec<Source> {
    let paths = SOURCES.iter().flat_map(|place| files_in(place));
    let sources: Vec<_> = paths.filter(|path| path.ends_with(".rs")).map(|path| document(&path)).collect();
    assert!(sources.len() > 100, "the sources are found");
    sources
}

/// Every file at or below `place`, in order.
pub(crate) fn files_in(place: &str) -> Vec<String> {
    let mut files = Vec::new();
    let mut waiting = vec![PathBuf::from(place)];
    while let Some(path) = waiting.pop() {
        let full = Path::new(ROOT).join(&path);
        if full.is_dir() {
            // What is built is no source.
            if path.file_name().is_some_and(|name| name == "target") {
                continue;
            }
            let entries = fs::read_dir(full).expect("the folder can be read");
            waiting.extend(entries.map(|entry| path.join(entry.expect("it can be read").file_name())));
        } else if full.exists() {
            files.push(path.to_str().expect("names are ASCII").replace('\\', "/"));
        }
    }
    files.sort();
    files
}

/// Blanks comments, and what stands between the quotes of strings and characters. Keeps every line break.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let within_name = code.ends_with(is_name);
        let (len, keep) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), 0),
            '/' if rest.starts_with("/*") => (block_comment_len(rest), 0),
            '"' => (string_len(rest), 1),
            'r' if !within_name && raw_string_len(rest).is_some() => {
                (raw_string_len(rest).expect("just checked"), 1)
            }
            '\'' => char_len(rest),
            _ => (first.len_utf8(), first.len_utf8()),
        };
        code.push_str(&rest[..keep]);
        code.extend(rest[keep..len].chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
        rest = &rest[len..];
    }
    code
}

pub(crate) fn is_name(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

fn block_comment_len(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        let step = match rest {
            [b'/', b'*', ..] => (1, 2),
            [b'*', b'/', ..] => (-1, 2),
            _ => (0, 1),
        };
        depth += step.0;
        at += step.1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// Of a string with escapes.
fn string_len(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Of a string without escapes, if `text`, which begins with an r, begins with one.
fn raw_string_len(text: &str) -> Option<usize> {
    let hashes = text[1..].bytes().take_while(|byte| *byte == b'#').count();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(inside.find(&close).map_or(text.len(), |end| 2 + hashes + end + close.len()))
}

/// Length of a character, of which nothing is kept, or else of a lifetime's mark, which is.
fn char_len(text: &str) -> (usize, usize) {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let behind = at + escaped.len_utf8();
            (text[behind..].find('\'').map_or(text.len(), |end| behind + end + 1), 0)
        }
        (Some(_), Some((at, '\''))) => (at + 1, 0),
        _ => (1, 1),
    }
}

/// Where `word` stands in `text` by itself and not as part of a longer name.
pub(crate) fn word_positions<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| !text[..at].ends_with(is_name) && !text[at + word.len()..].starts_with(is_name))
}

/// What stands in backticks on a line.
pub(crate) fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}
