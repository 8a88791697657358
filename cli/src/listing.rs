//! One function as two columns: its Wasm operators, and beside each the bytecode it became.
//!
//! wasmprinter gives the left column, the library the right one; offsets in the module bring them together. An
//! operator with nothing beside it was folded into another one; where an operator became several ops, the further
//! ones stand below it.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use wapiti::{ListingLine, Module};
use wasmparser::{Parser, Payload};

use crate::failure::Failure;

/// Width of the left column; a longer operator pushes its bytecode aside.
const OPERATOR_WIDTH: usize = 40;

/// The text of a module, and where each function lies in it.
pub(crate) struct FunctionTexts {
    lines: Vec<Line>,
    /// Positions in `lines` by offset. Only offsets in bodies are looked up, and these are in one line each.
    line_at: HashMap<usize, usize>,
    /// The bodies of the functions that are not imported, in order.
    bodies: Vec<Range<usize>>,
}

struct Line {
    offset: usize,
    text: String,
}

impl FunctionTexts {
    /// Takes the bytes of a module that the library has validated.
    pub(crate) fn new(binary: &[u8]) -> Self {
        let mut storage = String::new();
        // Without the left column the right one is still worth showing, so a failure here leaves it empty.
        let lines: Vec<Line> = wasmprinter::Config::new()
            .offsets_and_lines(binary, &mut storage)
            .map(|lines| lines.filter_map(|(offset, text)| Line::new(offset?, text)).collect())
            .unwrap_or_default();
        let line_at = lines.iter().enumerate().map(|(i, line)| (line.offset, i)).collect();
        Self { lines, line_at, bodies: bodies(binary) }
    }

    /// Function `func_idx` of the module, which is not imported.
    pub(crate) fn listing(&self, module: &Module, func_idx: u32) -> Result<String, Failure> {
        let listing = module
            .listing(func_idx)
            .map_err(|error| Failure::load(format_args!("function {func_idx} cannot be listed: {error}")))?;
        let mut text = format!("function {func_idx}");
        if let Some(name) = module.function_name(func_idx) {
            text.push_str(&format!(" ${name}"));
        }
        text.push_str(&format!(", frame of {} cells\n", listing.frame_cells()));
        let ops = listing.lines();
        let operators = self.operators(module, func_idx);
        let mut next = 0;
        for (i, operator) in operators.iter().enumerate() {
            let end = operators.get(i + 1).map_or(usize::MAX, |following| following.offset);
            let count = ops[next..].iter().take_while(|op| op.module_offset() < end).count();
            write_rows(&mut text, Some(operator), &ops[next..next + count]);
            next += count;
        }
        write_rows(&mut text, None, &ops[next..]);
        Ok(text)
    }

    /// The lines of a function's text.
    fn operators(&self, module: &Module, func_idx: u32) -> &[Line] {
        let defined = func_idx as usize + self.bodies.len() - module.function_count() as usize;
        let body = &self.bodies[defined];
        let Some(&first) = self.line_at.get(&body.start) else { return &[] };
        let count = self.lines[first..].iter().take_while(|line| body.contains(&line.offset)).count();
        &self.lines[first..first + count]
    }
}

impl Line {
    fn new(offset: u64, text: &str) -> Option<Self> {
        // The whole module is indented by two.
        let text = text.strip_prefix("  ").unwrap_or(text).trim_end().to_owned();
        Some(Self { offset: usize::try_from(offset).ok()?, text })
    }
}

fn bodies(binary: &[u8]) -> Vec<Range<usize>> {
    let position = |offset| usize::try_from(offset).expect("the module is in memory");
    Parser::new(0)
        .parse_all(binary)
        .filter_map(|payload| match payload.expect("the library has validated this module already") {
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                Some(position(range.start)..position(range.end))
            }
            _ => None,
        })
        .collect()
}

/// An operator, and the ops that belong to it: the first one beside it, the others below.
fn write_rows(text: &mut String, operator: Option<&Line>, ops: &[ListingLine]) {
    for row in 0..ops.len().max(usize::from(operator.is_some())) {
        let left = match operator {
            Some(line) if row == 0 => format!("{:#8x}  {}", line.offset, line.text),
            _ => String::new(),
        };
        let result = match ops.get(row) {
            Some(op) => {
                writeln!(
                    text,
                    "{left:<width$} |{:>6}  {}",
                    op.position(),
                    op.text(),
                    width = OPERATOR_WIDTH + 10
                )
            }
            None => writeln!(text, "{left}"),
        };
        result.expect("writing to a string cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use wapiti::{Engine, Module};

    use super::FunctionTexts;

    #[test]
    fn operators_stand_beside_their_bytecode() {
        let binary = wat::parse_str(
            r#"(module (import "m" "f" (func))
                (func) (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"#,
        )
        .expect("a valid module");
        let module = Module::new(&Engine::default(), &binary).expect("a valid module");
        let text = FunctionTexts::new(&binary).listing(&module, 2).expect("it is not imported");
        assert!(text.starts_with("function 2 $add, frame of "), "{text}");
        let add = text.lines().find(|line| line.contains("    i32.add")).expect("the operator is listed");
        assert_eq!(add.matches("i32.add").count(), 2, "{text}");
    }
}
