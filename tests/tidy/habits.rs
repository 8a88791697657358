//! Habits that the house style does not want in what is shipped.

use crate::source::Source;

/// The lines that a file may have.
pub(crate) const MAX_LINES: usize = 800;

/// Written by `tools/fuse.py`, a line a sequence.
const GENERATED: [&str; 1] = ["src/exec/fused.rs"];

pub(crate) fn too_long(source: &Source) -> Option<String> {
    let lines = source.lines.len();
    let is_long = lines > MAX_LINES && !GENERATED.contains(&source.path.as_str());
    is_long.then(|| source.fault(MAX_LINES, format!("{lines} lines: split what has more than {MAX_LINES}")))
}

/// Code that the house style does not want in what is shipped.
pub(crate) fn shortcuts(source: &Source) -> Vec<String> {
    const UNWANTED: [(&str, &str); 4] = [
        (".unwrap()", "write `.expect(\"why this cannot fail\")`, or return the error"),
        ("todo!", "do it"),
        ("unimplemented!", "do it, or return an error"),
        ("dbg!", "remove it"),
    ];
    let mut faults = Vec::new();
    for (line, code) in source.code.iter().enumerate() {
        for (unwanted, advice) in UNWANTED.iter().filter(|(unwanted, _)| code.contains(unwanted)) {
            faults.push(source.fault(line, format!("`{unwanted}`: {advice}")));
        }
        if code.contains("::*") {
            faults.push(source.fault(line, "a glob import: name what is used"));
        }
    }
    faults
}
