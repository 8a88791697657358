//! Writes modules byte by byte, for what would be slow as text, or cannot be said in it.

pub(crate) const I32: u8 = 0x7F;
pub(crate) const I64: u8 = 0x7E;
pub(crate) const F32: u8 = 0x7D;
pub(crate) const F64: u8 = 0x7C;

/// What every binary module begins with.
pub(crate) const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// Operators, as far as they are needed.
pub(crate) mod op {
    pub(crate) const UNREACHABLE: u8 = 0x00;
    pub(crate) const BLOCK: u8 = 0x02;
    pub(crate) const LOOP: u8 = 0x03;
    pub(crate) const IF: u8 = 0x04;
    pub(crate) const ELSE: u8 = 0x05;
    pub(crate) const END: u8 = 0x0B;
    pub(crate) const BR: u8 = 0x0C;
    pub(crate) const BR_IF: u8 = 0x0D;
    pub(crate) const BR_TABLE: u8 = 0x0E;
    pub(crate) const RETURN: u8 = 0x0F;
    pub(crate) const CALL: u8 = 0x10;
    pub(crate) const DROP: u8 = 0x1A;
    pub(crate) const LOCAL_GET: u8 = 0x20;
    pub(crate) const LOCAL_SET: u8 = 0x21;
    pub(crate) const LOCAL_TEE: u8 = 0x22;
    pub(crate) const I32_CONST: u8 = 0x41;
    pub(crate) const I32_ADD: u8 = 0x6A;
    pub(crate) const I64_ADD: u8 = 0x7C;
    pub(crate) const F32_ADD: u8 = 0x92;
    pub(crate) const F64_ADD: u8 = 0xA0;
    /// A block type: no results.
    pub(crate) const EMPTY: u8 = 0x40;
}

/// An unsigned number in LEB128.
pub(crate) fn leb(value: impl Into<u64>) -> Vec<u8> {
    let mut value = value.into();
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Bytes with their number before them.
pub(crate) fn sized(bytes: &[u8]) -> Vec<u8> {
    let mut sized = leb(bytes.len() as u64);
    sized.extend(bytes);
    sized
}

/// A section of `count` items, whose bytes are `items`.
pub(crate) fn section(id: u8, count: u32, items: &[u8]) -> Vec<u8> {
    let mut contents = leb(count);
    contents.extend(items);
    let mut section = vec![id];
    section.extend(sized(&contents));
    section
}

/// A function of the module that [`module`] makes.
pub(crate) struct Function {
    pub(crate) params: Vec<u8>,
    pub(crate) results: Vec<u8>,
    /// Groups of locals: how many, of which type.
    pub(crate) locals: Vec<(u32, u8)>,
    /// Without the last `end`.
    pub(crate) body: Vec<u8>,
}

/// A module with these functions, of which the first is exported as `run`.
pub(crate) fn module(functions: &[Function]) -> Vec<u8> {
    let (mut types, mut indices, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for (index, function) in (0u32..).zip(functions) {
        types.push(0x60);
        types.extend(sized(&function.params));
        types.extend(sized(&function.results));
        indices.extend(leb(index));
        bodies.extend(sized(&function.code()));
    }
    let count = functions.len() as u32;
    let export = [&sized(b"run")[..], &[0, 0]].concat();
    [
        HEADER.to_vec(),
        section(1, count, &types),
        section(3, count, &indices),
        section(7, 1, &export),
        section(10, count, &bodies),
    ]
    .concat()
}

impl Function {
    fn code(&self) -> Vec<u8> {
        let mut code = leb(self.locals.len() as u64);
        for (count, ty) in &self.locals {
            code.extend(leb(*count));
            code.push(*ty);
        }
        code.extend(&self.body);
        code.push(op::END);
        code
    }
}
