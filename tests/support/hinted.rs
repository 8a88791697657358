//! Gives every branch of a module a hint, true or not.

use wasmparser::{Operator, Parser, Payload};

/// `module` with hints that each `if` and `br_if` mostly goes as `likely` says of its number.
pub(crate) fn hinted(module: &[u8], likely: impl Fn(usize) -> bool) -> Vec<u8> {
    let mut imported = 0;
    let mut functions = Vec::new();
    let mut number = 0;
    let mut code_section = None;
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("the module is well formed") {
            Payload::ImportSection(reader) => {
                let imports =
                    reader.into_imports().map(|import| import.expect("the module is well formed").ty);
                imported = imports.filter(|ty| matches!(ty, wasmparser::TypeRef::Func(_))).count();
            }
            Payload::CodeSectionStart { unchecked_range: range, .. } => code_section = Some(range),
            Payload::CodeSectionEntry(body) => {
                let mut operators = body.get_operators_reader().expect("the module is well formed");
                let mut hints = Vec::new();
                while !operators.eof() {
                    let offset = operators.original_position() - body.range().start;
                    if let Operator::If { .. } | Operator::BrIf { .. } =
                        operators.read().expect("the module is well formed")
                    {
                        hints.push([leb(offset as usize), vec![1, u8::from(likely(number))]].concat());
                        number += 1;
                    }
                }
                functions.push(hints);
            }
            _ => {}
        }
    }
    let Some(code_section) = code_section else { return module.to_vec() };
    let with_hints = (imported..).zip(&functions).filter(|(_, hints)| !hints.is_empty());
    let rows: Vec<Vec<u8>> =
        with_hints.map(|(func, hints)| [leb(func), leb(hints.len()), hints.concat()].concat()).collect();
    let name = b"metadata.code.branch_hint";
    let section = [leb(name.len()), name.to_vec(), leb(rows.len()), rows.concat()].concat();
    // Before the code section's contents are its size and its id.
    let size = leb((code_section.end - code_section.start) as usize).len();
    let at = code_section.start as usize - size - 1;
    [&module[..at], &[0], &leb(section.len()), &section, &module[at..]].concat()
}

fn leb(number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = number;
    while rest >= 128 {
        bytes.push(rest as u8 | 128);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}
