//! Accepts most function bodies at a fraction of what wasmparser takes to validate them.
//!
//! A body and the module around it go in; out comes whether the body is certainly valid. "No" means nothing: wasmparser
//! then decides, and says what is wrong and where. So nothing here needs to be complete. What is left to wasmparser:
//! whatever compilers rarely emit, among it code behind an unconditional branch other than the end of its block (and so
//! the types that values have there), references as operands of their own operators, and every operator of a proposal
//! that [`Config`](crate::config::Config) may switch off, as soon as one is.
//!
//! Accepting too little costs time. Accepting too much would be a hole: builds with debug assertions ask wasmparser about
//! every body that was accepted, and a test does so with bodies in which something was changed at random.

use alloc::vec::Vec;

use super::info::ModuleInfo;
use crate::types::{FuncIdx, FuncType, GlobalType, Mutability, RefType, ValType};

/// Bodies larger than this, or with more values on the operand stack, are left to wasmparser and its limits.
const MAX_SIZE: usize = 1 << 20;

/// The same for locals, parameters included; wasmparser has 50,000.
const MAX_LOCALS: usize = 40_000;

/// Accepts bodies of one module, with the memory of the one before.
pub(super) struct Accepter<'m> {
    info: &'m ModuleInfo,
    locals: Vec<Type>,
    operands: Vec<Type>,
    /// How many operands the innermost block must leave alone.
    height: usize,
    blocks: Vec<Block<'m>>,
    /// An unconditional branch was the last operator.
    branched: bool,
    bytes: &'m [u8],
    pos: usize,
}

/// A value type, as the binary format writes it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Type(u8);

/// An open block.
#[derive(Clone, Copy)]
struct Block<'m> {
    kind: Kind,
    /// The outer block's.
    outer_height: usize,
    params: &'m [ValType],
    results: &'m [ValType],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Also a function, and what is behind an `else`.
    Block,
    Loop,
    If,
}

const I32: Type = Type(0x7F);
const I64: Type = Type(0x7E);
const F32: Type = Type(0x7D);
const F64: Type = Type(0x7C);
const FUNCREF: Type = Type(0x70);
const EXTERNREF: Type = Type(0x6F);

impl Type {
    fn of(ty: ValType) -> Option<Self> {
        Some(match ty {
            ValType::I32 => I32,
            ValType::I64 => I64,
            ValType::F32 => F32,
            ValType::F64 => F64,
            ValType::FUNCREF => FUNCREF,
            ValType::EXTERNREF => EXTERNREF,
            ValType::V128 | ValType::Ref(_) => return None,
        })
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [I32, I64, F32, F64, FUNCREF, EXTERNREF].into_iter().find(|ty| ty.0 == byte)
    }

    fn is_number(self) -> bool {
        [I32, I64, F32, F64].contains(&self)
    }
}

/// An operator that takes operands of one type and leaves one value.
#[derive(Clone, Copy)]
struct Simple {
    count: usize,
    operand: Type,
    result: Type,
}

/// The operators from `i32.eqz` to `i64.extend32_s` by opcode: first and last one, and what they take and leave.
const SIMPLE_ROWS: &[(u8, u8, usize, Type, Type)] = &[
    (0x45, 0x45, 1, I32, I32),
    (0x46, 0x4F, 2, I32, I32),
    (0x50, 0x50, 1, I64, I32),
    (0x51, 0x5A, 2, I64, I32),
    (0x5B, 0x60, 2, F32, I32),
    (0x61, 0x66, 2, F64, I32),
    (0x67, 0x69, 1, I32, I32),
    (0x6A, 0x78, 2, I32, I32),
    (0x79, 0x7B, 1, I64, I64),
    (0x7C, 0x8A, 2, I64, I64),
    (0x8B, 0x91, 1, F32, F32),
    (0x92, 0x98, 2, F32, F32),
    (0x99, 0x9F, 1, F64, F64),
    (0xA0, 0xA6, 2, F64, F64),
    (0xA7, 0xA7, 1, I64, I32),
    (0xA8, 0xA9, 1, F32, I32),
    (0xAA, 0xAB, 1, F64, I32),
    (0xAC, 0xAD, 1, I32, I64),
    (0xAE, 0xAF, 1, F32, I64),
    (0xB0, 0xB1, 1, F64, I64),
    (0xB2, 0xB3, 1, I32, F32),
    (0xB4, 0xB5, 1, I64, F32),
    (0xB6, 0xB6, 1, F64, F32),
    (0xB7, 0xB8, 1, I32, F64),
    (0xB9, 0xBA, 1, I64, F64),
    (0xBB, 0xBB, 1, F32, F64),
    (0xBC, 0xBC, 1, F32, I32),
    (0xBD, 0xBD, 1, F64, I64),
    (0xBE, 0xBE, 1, I32, F32),
    (0xBF, 0xBF, 1, I64, F64),
    (0xC0, 0xC1, 1, I32, I32),
    (0xC2, 0xC4, 1, I64, I64),
];

const FIRST_SIMPLE: u8 = SIMPLE_ROWS[0].0;
const LAST_SIMPLE: u8 = SIMPLE_ROWS[SIMPLE_ROWS.len() - 1].1;

static SIMPLE: [Simple; (LAST_SIMPLE - FIRST_SIMPLE) as usize + 1] = {
    let mut simple =
        [Simple { count: 0, operand: I32, result: I32 }; (LAST_SIMPLE - FIRST_SIMPLE) as usize + 1];
    let mut row = 0;
    let mut opcode = FIRST_SIMPLE;
    while row < SIMPLE_ROWS.len() {
        let (first, last, count, operand, result) = SIMPLE_ROWS[row];
        assert!(first == opcode, "the rows leave no opcode out");
        while opcode <= last {
            simple[(opcode - FIRST_SIMPLE) as usize] = Simple { count, operand, result };
            opcode += 1;
        }
        row += 1;
    }
    simple
};

/// Loads and stores from 0x28 on: what is loaded or stored, and the largest alignment as a power of two.
const FIRST_LOAD: u8 = 0x28;
const FIRST_STORE: u8 = 0x36;
static ACCESSES: [(Type, u8); 23] = [
    (I32, 2),
    (I64, 3),
    (F32, 2),
    (F64, 3),
    (I32, 0),
    (I32, 0),
    (I32, 1),
    (I32, 1),
    (I64, 0),
    (I64, 0),
    (I64, 1),
    (I64, 1),
    (I64, 2),
    (I64, 2),
    (I32, 2),
    (I64, 3),
    (F32, 2),
    (F64, 3),
    (I32, 0),
    (I32, 1),
    (I64, 0),
    (I64, 1),
    (I64, 2),
];

/// `None` as soon as something is unknown or wrong.
type Accepted = Option<()>;

fn only_if(condition: bool) -> Accepted {
    condition.then_some(())
}

impl<'m> Accepter<'m> {
    /// For a module of which all sections before the code section have been read.
    pub(super) fn new(info: &'m ModuleInfo) -> Self {
        Self {
            info,
            locals: Vec::new(),
            operands: Vec::new(),
            height: 0,
            blocks: Vec::new(),
            branched: false,
            bytes: &[],
            pos: 0,
        }
    }

    /// Whether the body `bytes` of `func` is certainly valid with all proposals that are on by default.
    pub(super) fn accepts(&mut self, func: FuncIdx, bytes: &'m [u8]) -> bool {
        (self.bytes, self.pos) = (bytes, 0);
        self.body(self.info.func_type(func)).is_some()
    }

    fn body(&mut self, ty: &'m FuncType) -> Accepted {
        only_if(self.bytes.len() <= MAX_SIZE)?;
        self.locals.clear();
        self.operands.clear();
        self.blocks.clear();
        (self.height, self.branched) = (0, false);
        for param in ty.params() {
            self.locals.push(Type::of(*param)?);
        }
        for _ in 0..self.u32()? {
            let count = self.u32()? as usize;
            let ty = Type::from_byte(self.byte()?)?;
            only_if(count <= MAX_LOCALS && self.locals.len() + count <= MAX_LOCALS)?;
            self.locals.resize(self.locals.len() + count, ty);
        }
        self.open(Kind::Block, &[], ty.results());
        while !self.blocks.is_empty() {
            self.operator()?;
        }
        only_if(self.pos == self.bytes.len())
    }

    fn operator(&mut self) -> Accepted {
        let opcode = self.byte()?;
        match opcode {
            0x20 => {
                let ty = self.local()?;
                self.push(ty);
            }
            0x21 => {
                let ty = self.local()?;
                self.pop(ty)?;
            }
            0x22 => {
                let ty = self.local()?;
                self.pop(ty)?;
                self.push(ty);
            }
            FIRST_SIMPLE..=LAST_SIMPLE => self.simple(SIMPLE[usize::from(opcode - FIRST_SIMPLE)])?,
            FIRST_LOAD..FIRST_STORE => {
                let ty = self.access(opcode)?;
                self.pop(I32)?;
                self.push(ty);
            }
            FIRST_STORE..=0x3E => {
                let ty = self.access(opcode)?;
                self.pop(ty)?;
                self.pop(I32)?;
            }
            0x41 => {
                self.skip_signed(32)?;
                self.push(I32);
            }
            0x42 => {
                self.skip_signed(64)?;
                self.push(I64);
            }
            0x43 => {
                self.skip(4)?;
                self.push(F32);
            }
            0x44 => {
                self.skip(8)?;
                self.push(F64);
            }
            0x00..=0x0F => self.control(opcode)?,
            0x10..=0x13 => self.call(opcode)?,
            0x1A => {
                self.pop_any()?;
            }
            0x1B => self.select()?,
            0x23 | 0x24 => self.global(opcode)?,
            0x3F => {
                self.memory_0()?;
                self.push(I32);
            }
            0x40 => {
                self.memory_0()?;
                self.simple(Simple { count: 1, operand: I32, result: I32 })?;
            }
            0xFC => self.prefixed()?,
            _ => return None,
        }
        Some(())
    }

    fn simple(&mut self, Simple { count, operand, result }: Simple) -> Accepted {
        for _ in 0..count {
            self.pop(operand)?;
        }
        self.push(result);
        Some(())
    }

    /// Operators behind the prefix 0xFC: saturating truncations, `memory.copy` and `memory.fill`.
    fn prefixed(&mut self) -> Accepted {
        let truncation = |operand, result| Simple { count: 1, operand, result };
        match self.byte()? {
            0..=1 => self.simple(truncation(F32, I32)),
            2..=3 => self.simple(truncation(F64, I32)),
            4..=5 => self.simple(truncation(F32, I64)),
            6..=7 => self.simple(truncation(F64, I64)),
            opcode @ (10 | 11) => {
                for _ in 0..if opcode == 10 { 2 } else { 1 } {
                    self.memory_0()?;
                }
                for _ in 0..3 {
                    self.pop(I32)?;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn select(&mut self) -> Accepted {
        self.pop(I32)?;
        let ty = self.pop_any()?;
        only_if(ty.is_number())?;
        self.pop(ty)?;
        self.push(ty);
        Some(())
    }

    fn global(&mut self, opcode: u8) -> Accepted {
        let idx = self.u32()? as usize;
        let global: &GlobalType = self.info.globals.get(idx)?;
        let ty = Type::of(global.content())?;
        if opcode == 0x23 {
            self.push(ty);
            return Some(());
        }
        only_if(global.mutability() == Mutability::Var)?;
        self.pop(ty)
    }

    fn local(&mut self) -> Option<Type> {
        let idx = self.u32()? as usize;
        self.locals.get(idx).copied()
    }

    /// The immediates of a load or store. Returns what is loaded or stored.
    fn access(&mut self, opcode: u8) -> Option<Type> {
        let (ty, max_align) = ACCESSES[usize::from(opcode - FIRST_LOAD)];
        let align = self.byte()?;
        self.u32()?;
        // An access to another memory has a bit in its alignment that is over all of these.
        only_if(align <= max_align && self.has_32_bit_memory())?;
        Some(ty)
    }

    /// Whether there is a memory 0, and addresses in it are i32s.
    fn has_32_bit_memory(&self) -> bool {
        self.info.memories.first().is_some_and(|memory| !memory.is_64())
    }

    /// A memory's index, if it is that of a memory and 0.
    fn memory_0(&mut self) -> Accepted {
        let idx = self.byte()?;
        only_if(idx == 0 && self.has_32_bit_memory())
    }
}

/// Calls and control.
impl<'m> Accepter<'m> {
    fn call(&mut self, opcode: u8) -> Accepted {
        let is_direct = opcode & 1 == 0;
        let ty: &'m FuncType = if is_direct {
            let idx = self.u32()? as usize;
            let info = self.info;
            info.func_type_at(*info.funcs.get(idx)?)
        } else {
            let type_idx = self.u32()? as usize;
            let table = self.u32()? as usize;
            let table = self.info.tables.get(table)?;
            only_if(table.element() == RefType::FUNCREF && !table.is_64())?;
            self.pop(I32)?;
            self.info.types.get(type_idx)?.as_func()?
        };
        self.pop_all(ty.params())?;
        if opcode <= 0x11 {
            return self.push_all(ty.results());
        }
        only_if(ty.results() == self.blocks.first()?.results)?;
        self.branch()
    }

    fn control(&mut self, opcode: u8) -> Accepted {
        match opcode {
            0x00 => self.branch(),
            0x01 => Some(()),
            0x02 => self.block(Kind::Block),
            0x03 => self.block(Kind::Loop),
            0x04 => self.block(Kind::If),
            0x05 => self.else_(),
            0x0B => self.end(),
            0x0C => {
                let label = self.label()?;
                self.top_is(label)?;
                self.branch()
            }
            0x0D => {
                let label = self.label()?;
                self.pop(I32)?;
                self.top_is(label)
            }
            0x0E => self.br_table(),
            0x0F => {
                self.top_is(self.blocks.first()?.results)?;
                self.branch()
            }
            _ => None,
        }
    }

    fn br_table(&mut self) -> Accepted {
        self.pop(I32)?;
        let count = self.u32()?;
        let first = self.label()?;
        self.top_is(first)?;
        // The default is the last one.
        for _ in 0..count {
            let label = self.label()?;
            only_if(label.len() == first.len())?;
            self.top_is(label)?;
        }
        self.branch()
    }

    /// The types that a branch to the label that comes next carries.
    fn label(&mut self) -> Option<&'m [ValType]> {
        let depth = self.u32()? as usize;
        let block = self.blocks.iter().nth_back(depth)?;
        Some(if block.kind == Kind::Loop { block.params } else { block.results })
    }

    /// Nothing behind is reached until the block ends, which must be at once.
    fn branch(&mut self) -> Accepted {
        self.operands.truncate(self.height);
        self.branched = true;
        only_if(matches!(self.bytes.get(self.pos)?, 0x05 | 0x0B))
    }

    fn block(&mut self, kind: Kind) -> Accepted {
        let (params, results) = self.block_type()?;
        if kind == Kind::If {
            self.pop(I32)?;
        }
        self.pop_all(params)?;
        self.open(kind, params, results);
        self.push_all(params)
    }

    fn open(&mut self, kind: Kind, params: &'m [ValType], results: &'m [ValType]) {
        self.blocks.push(Block { kind, outer_height: self.height, params, results });
        self.height = self.operands.len();
    }

    fn block_type(&mut self) -> Option<(&'m [ValType], &'m [ValType])> {
        let byte = self.byte()?;
        let result: &'static [ValType] = match byte {
            0x40 => &[],
            0x7F => &[ValType::I32],
            0x7E => &[ValType::I64],
            0x7D => &[ValType::F32],
            0x7C => &[ValType::F64],
            // A type's index, as a signed number.
            0x00..0x40 => {
                let info = self.info;
                let ty = info.types.get(usize::from(byte))?.as_func()?;
                return Some((ty.params(), ty.results()));
            }
            _ => return None,
        };
        Some((&[], result))
    }

    fn else_(&mut self) -> Accepted {
        let block = *self.blocks.last()?;
        only_if(block.kind == Kind::If)?;
        self.finish(block.results)?;
        self.blocks.last_mut()?.kind = Kind::Block;
        self.push_all(block.params)
    }

    fn end(&mut self) -> Accepted {
        let block = self.blocks.pop()?;
        self.finish(block.results)?;
        // Without an `else`, the parameters are the results.
        only_if(block.kind != Kind::If || block.params == block.results)?;
        self.height = block.outer_height;
        self.push_all(block.results)
    }

    /// Takes off what a block leaves: its results and nothing else.
    fn finish(&mut self, results: &[ValType]) -> Accepted {
        if !core::mem::take(&mut self.branched) {
            self.pop_all(results)?;
        }
        only_if(self.operands.len() == self.height)
    }
}

/// Operands.
impl Accepter<'_> {
    fn push(&mut self, ty: Type) {
        self.operands.push(ty);
    }

    fn push_all(&mut self, types: &[ValType]) -> Accepted {
        for ty in types {
            self.operands.push(Type::of(*ty)?);
        }
        // One at a time, operands cannot become more than a body has bytes.
        only_if(self.operands.len() <= MAX_SIZE)
    }

    fn pop_any(&mut self) -> Option<Type> {
        only_if(self.operands.len() > self.height)?;
        self.operands.pop()
    }

    fn pop(&mut self, ty: Type) -> Accepted {
        only_if(self.pop_any()? == ty)
    }

    fn pop_all(&mut self, types: &[ValType]) -> Accepted {
        self.top_is(types)?;
        self.operands.truncate(self.operands.len() - types.len());
        Some(())
    }

    /// Whether values of these types are on top.
    fn top_is(&self, types: &[ValType]) -> Accepted {
        let own = self.operands.get(self.height..)?;
        let top = own.get(own.len().checked_sub(types.len())?..)?;
        only_if(top.iter().zip(types).all(|(top, ty)| Some(*top) == Type::of(*ty)))
    }
}

/// Bytes.
impl Accepter<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.pos)?;
        self.pos += 1;
        Some(byte)
    }

    fn skip(&mut self, count: usize) -> Accepted {
        self.pos += count;
        only_if(self.pos <= self.bytes.len())
    }

    fn u32(&mut self) -> Option<u32> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(first.into());
        }
        let mut value = u32::from(first & 0x7F);
        for shift in [7, 14, 21, 28] {
            let byte = self.byte()?;
            // The fifth byte has four bits of the number.
            only_if(shift < 28 || byte < 0x10)?;
            value |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A signed number of so many bits.
    fn skip_signed(&mut self, bits: u32) -> Accepted {
        for shift in (0..bits).step_by(7) {
            let byte = self.byte()?;
            if byte < 0x80 {
                // Bits beyond the number's width repeat its sign.
                let unused = (byte << 1).cast_signed() >> (bits - shift).min(7);
                return only_if(bits - shift >= 7 || unused == 0 || unused == -1);
            }
        }
        None
    }
}
