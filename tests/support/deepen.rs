//! Gives every function of a module a frame so large that the cells its operands lie in are far away.
//!
//! A module goes in, and one comes out that computes the same: its functions have more locals, which nothing uses,
//! and more values on their operand stacks, below all others. Lowering has to reach cells beyond 2^16 then.

use std::ops::Range;

use wasmparser::{CompositeInnerType, FunctionBody, Parser, Payload};

/// `module`, whose functions are all its own, with `locals` more locals and `depth` more operands in each function.
pub(crate) fn deepen(module: &[u8], locals: u32, depth: u32) -> Vec<u8> {
    let mut params_of_types = Vec::new();
    let mut params_of_funcs = Vec::new();
    let mut bodies = Vec::new();
    let mut code_section = 0..0;
    for payload in Parser::new(0).parse_all(module) {
        match payload.expect("the module is well formed") {
            Payload::TypeSection(reader) => {
                for group in reader {
                    for ty in group.expect("the module is well formed").into_types() {
                        params_of_types.push(match &ty.composite_type.inner {
                            CompositeInnerType::Func(ty) => ty.params().len() as u32,
                            // Of these there are no functions.
                            _ => 0,
                        });
                    }
                }
            }
            Payload::FunctionSection(reader) => {
                let types = reader.into_iter().map(|ty| ty.expect("the module is well formed") as usize);
                params_of_funcs = types.map(|ty| params_of_types[ty]).collect();
            }
            Payload::CodeSectionStart { unchecked_range: range, .. } => code_section = narrow(range),
            Payload::CodeSectionEntry(body) => {
                let params = params_of_funcs[bodies.len()];
                bodies.push(deepened_body(module, &body, params, locals, depth));
            }
            _ => {}
        }
    }
    let mut section = leb(bodies.len());
    for body in bodies {
        section.extend(leb(body.len()));
        section.extend(body);
    }
    // Before the section's contents are its size, of which only the new one is needed, and its id.
    let id = leb(code_section.len()).len() + 1;
    let mut deepened = module[..code_section.start - id].to_vec();
    deepened.push(10);
    deepened.extend(leb(section.len()));
    deepened.extend(section);
    deepened.extend(&module[code_section.end..]);
    deepened
}

fn deepened_body(module: &[u8], body: &FunctionBody<'_>, params: u32, locals: u32, depth: u32) -> Vec<u8> {
    let reader = body.get_locals_reader().expect("the module is well formed");
    let groups: Vec<_> = reader.into_iter().map(|group| group.expect("the module is well formed")).collect();
    let unused = params + groups.iter().map(|(count, _)| count).sum::<u32>();
    let operators =
        body.get_operators_reader().expect("the module is well formed").original_position() as usize;
    let body = narrow(body.range());
    let groups_start = body.start + leb(groups.len()).len();

    let mut deepened = leb(groups.len() + 1);
    deepened.extend(&module[groups_start..operators]);
    deepened.extend(leb(locals as usize));
    deepened.push(0x7F);
    // Constants take no ops as long as nothing needs them; what stands for a local must be copied before a block.
    for _ in 0..depth {
        deepened.extend([0x41, 0]);
    }
    for _ in 0..3 {
        deepened.push(0x20);
        deepened.extend(leb(unused as usize));
    }
    let end = body.end - 1;
    deepened.extend(&module[operators..end]);
    // What lies below the results is no longer there after a `return`.
    deepened.extend([0x0F, 0x0B]);
    deepened
}

fn narrow(range: Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

/// An unsigned number in LEB128, as short as can be.
fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
