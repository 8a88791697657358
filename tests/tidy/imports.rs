//! Who may use whom: the library's modules in, uses of what lies downstream out.

use std::collections::BTreeSet;

use crate::source::{Source, files_in, is_name, quoted, word_positions};

/// Modules that may use wasmparser, as ARCHITECTURE.md says.
const KNOW_WASMPARSER: [&str; 4] = ["error", "config", "decode", "lower"];

/// The library's modules, upstream first: the rows of the code map that begin with a path in `src`.
pub(crate) fn layers(architecture: &Source) -> Vec<String> {
    let rows = architecture.lines.iter().filter_map(|line| line.strip_prefix("| `src/"));
    let names = rows.map(|row| row.split('`').next().expect("a split has a first part"));
    names.map(|name| name.trim_end_matches('/').trim_end_matches(".rs").to_owned()).collect()
}

pub(crate) fn layers_are_complete(layers: &[String]) -> Vec<String> {
    let modules: BTreeSet<String> =
        files_in("src").iter().filter_map(|path| layer_of(path)).filter(|layer| layer != "lib").collect();
    let listed: BTreeSet<String> = layers.iter().cloned().collect();
    modules
        .symmetric_difference(&listed)
        .map(|name| {
            format!("ARCHITECTURE.md: the code map and the folder src differ in `{name}`: correct the map")
        })
        .collect()
}

/// The rule of the house style that repeats the order.
pub(crate) fn style_names_layers(style: &Source, layers: &[String]) -> Vec<String> {
    let Some(at) = style.lines.iter().position(|line| line.contains("Imports point upstream")) else {
        return vec![format!("{}: the rule `Imports point upstream` is gone", style.path)];
    };
    let rule = style.lines[at..].join(" ");
    let named: Vec<&str> =
        quoted(rule.split("each of which").next().expect("a split has a first part")).collect();
    if named == layers {
        return Vec::new();
    }
    vec![
        style
            .fault(at, format!("the order is {named:?}, and {layers:?} in ARCHITECTURE.md: make them agree")),
    ]
}

/// The module at the top of the library that a file belongs to.
fn layer_of(path: &str) -> Option<String> {
    let inside = path.strip_prefix("src/")?;
    Some(inside.split('/').next()?.trim_end_matches(".rs").to_owned())
}

/// Names of modules that a file may not use.
pub(crate) fn imports_of(source: &Source, layers: &[String]) -> Vec<String> {
    let Some(own) = layer_of(&source.path) else { return Vec::new() };
    let Some(place) = layers.iter().position(|layer| *layer == own) else { return Vec::new() };
    let mut faults = Vec::new();
    for (line, name, is_certain) in names_from_root(source) {
        match layers.iter().position(|layer| *layer == name) {
            Some(other) if other <= place => {}
            Some(_) => faults.push(source.fault(
                line,
                format!("`{own}` comes before `{name}` and must not use it: move what is used upstream"),
            )),
            None if is_certain => faults
                .push(source.fault(line, format!("`{name}` is no module of the code map: name its module"))),
            None => {}
        }
    }
    faults
}

/// What follows `crate::`, which it does for certain; or as many `super::` as lead to the root, unless they stand in a
/// module within the file. Each with its line.
fn names_from_root(source: &Source) -> Vec<(usize, String, bool)> {
    let (code, starts) = source.joined();
    let folders = source.path.matches('/').count();
    let depth = if source.path.ends_with("/mod.rs") { folders - 1 } else { folders };
    let to_root = "super::".repeat(depth);
    let mut found = Vec::new();
    for prefix in ["crate::", &to_root] {
        for at in word_positions(&code, prefix.trim_end_matches(':')) {
            let behind = at + prefix.len();
            if !code[at..].starts_with(prefix) || code[..at].ends_with("::") {
                continue;
            }
            let line = starts.partition_point(|start| *start <= at) - 1;
            for name in names_at(&code[behind..]) {
                found.push((line, name, prefix == "crate::"));
            }
        }
    }
    found
}

/// The first name of a path, or those of all paths in braces.
fn names_at(text: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|char| is_name(*char)).collect::<String>();
    let Some(group) = text.strip_prefix('{') else { return vec![name(text)] };
    let mut depth = 1;
    let mut names = vec![name(group)];
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(name(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Uses of wasmparser outside the modules that may know it.
pub(crate) fn wasmparser_in(source: &Source) -> Vec<String> {
    if layer_of(&source.path).is_none_or(|own| KNOW_WASMPARSER.contains(&own.as_str())) {
        return Vec::new();
    }
    let lines = source.code.iter().enumerate();
    let uses = lines.filter(|(_, code)| word_positions(code, "wasmparser").next().is_some());
    uses.map(|(line, _)| source.fault(line, format!("only {KNOW_WASMPARSER:?} may use wasmparser"))).collect()
}
