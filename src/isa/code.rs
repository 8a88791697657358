//! Writes, patches and reads code words.
//!
//! `lower` appends ops to a [`CodeBuffer`]; positions are byte offsets from its start. Forward branches to a place
//! not yet known form a chain through their own target fields, so a label needs no memory beyond its head.

use alloc::vec::Vec;

use super::ops::Op;
use super::shape::{B, OP, TARGET_BYTES, Tail};

/// A byte offset into a function's code, always an op's start or, for a [`Fixups`] chain, a target field's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CodePos(pub(crate) u32);

/// Cells that narrow operand fields reach.
pub(crate) const NARROW_CELLS: u32 = 0xFFFF;
/// The number that a narrow field has room for and no cell has that it could reach.
pub(crate) const NOWHERE: u16 = NARROW_CELLS as u16;

/// The branches that wait for a label: the position of the latest one's target field, which holds the next's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fixups {
    // Zero ends the chain: no target field lies at position 0, where an op's header is.
    head: u32,
}

impl Fixups {
    /// True if no branch waits.
    pub(crate) fn is_empty(self) -> bool {
        self.head == 0
    }
}

/// Marks on an op's number, for linking to see. They say what is true of the cells; whether anything comes of it is up
/// to the strategy.
///
/// A branch may lead to the op.
const LABEL: u16 = 1 << 15;
/// Nothing reads the op's result cell but the op that follows.
const DIES: u16 = 1 << 14;

const _: () = assert!(Op::ALL.len() <= DIES as usize, "marks and op numbers share a field");

/// Code under construction.
#[derive(Default)]
pub(crate) struct CodeBuffer {
    words: Vec<u64>,
    /// Whether there is a label here, where the next op will start.
    has_label: bool,
}

/// Packs two 32-bit fields, the lower one first.
fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// The 32-bit field at byte `at` of `words`.
#[inline]
fn u32_at(words: &[u64], at: usize) -> u32 {
    (u64::from_le(words[at / 8]) >> (at % 8 * 8)) as u32
}

/// Writes the 32-bit field at byte `at` of `words`.
#[inline]
pub(crate) fn set_u32(words: &mut [u64], at: usize, value: u32) {
    let shift = at % 8 * 8;
    let word = &mut words[at / 8];
    *word = (u64::from_le(*word) & !(0xFFFF_FFFF << shift) | u64::from(value) << shift).to_le();
}

impl CodeBuffer {
    /// The longest code of one function, in bytes: positions and distances fit an i32 with room to spare.
    pub(crate) const MAX_BYTES: usize = 1 << 30;

    /// Where the next op will start.
    pub(crate) fn pos(&self) -> CodePos {
        CodePos((self.words.len() * 8) as u32)
    }

    pub(crate) fn clear(&mut self) {
        self.words.clear();
        self.has_label = false;
    }

    /// Bytes of code that there is room for without asking for more.
    pub(crate) fn capacity_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// Says that branches may lead here.
    pub(crate) fn put_label(&mut self) {
        self.has_label = true;
    }

    /// The marks for an op that starts here.
    fn marks_here(&mut self) -> u16 {
        if core::mem::take(&mut self.has_label) { LABEL } else { 0 }
    }

    /// Packs the second word of an op that starts here.
    fn op_word(&mut self, op: Op, a: u16, b: u16, c: u16) -> u64 {
        let number = op as u16 | self.marks_here();
        (u64::from(number) | u64::from(a) << 16 | u64::from(b) << 32 | u64::from(c) << 48).to_le()
    }

    /// Appends an op of two words with up to three narrow operands.
    pub(crate) fn push_abc(&mut self, op: Op, a: u16, b: u16, c: u16) -> CodePos {
        debug_assert_eq!(op.shape().words(), 2, "{op:?}");
        let pos = self.pos();
        let header = self.op_word(op, a, b, c);
        self.words.extend_from_slice(&[0, header]);
        pos
    }

    /// Appends an op of two words with a narrow operand and a 32-bit one at B.
    pub(crate) fn push_a_b32(&mut self, op: Op, a: u16, b32: u32) -> CodePos {
        self.push_abc(op, a, b32 as u16, (b32 >> 16) as u16)
    }

    /// Appends an op of three words with up to three narrow operands and a 64-bit one at D.
    pub(crate) fn push_abc_d(&mut self, op: Op, a: u16, b: u16, c: u16, d: u64) -> CodePos {
        debug_assert_eq!(op.shape().words(), 3, "{op:?}");
        let pos = self.pos();
        let header = self.op_word(op, a, b, c);
        self.words.extend_from_slice(&[0, header, d.to_le()]);
        pos
    }

    /// Appends an op of three words whose third holds two 32-bit operands, at D and E.
    pub(crate) fn push_abc_de(&mut self, op: Op, a: u16, b: u16, c: u16, d: u32, e: u32) -> CodePos {
        self.push_abc_d(op, a, b, c, pair(d, e))
    }

    /// Appends an op of three words with a narrow operand, a 32-bit one at B and a 64-bit one at D.
    pub(crate) fn push_a_b32_d(&mut self, op: Op, a: u16, b32: u32, d: u64) -> CodePos {
        self.push_abc_d(op, a, b32 as u16, (b32 >> 16) as u16, d)
    }

    /// Appends an op of four words: a narrow operand, a 32-bit one at B, 64-bit ones at D and F.
    pub(crate) fn push_a_b32_d_f(&mut self, op: Op, a: u16, b32: u32, d: u64, f: u64) -> CodePos {
        debug_assert_eq!(op.shape().words(), 4, "{op:?}");
        let pos = self.pos();
        let header = self.op_word(op, a, b32 as u16, (b32 >> 16) as u16);
        self.words.extend_from_slice(&[0, header, d.to_le(), f.to_le()]);
        pos
    }

    /// Appends an op of four words: up to three narrow operands and 16 bytes at D.
    pub(crate) fn push_abc_bytes(&mut self, op: Op, a: u16, b: u16, c: u16, bytes: [u8; 16]) -> CodePos {
        debug_assert_eq!(op.shape().words(), 4, "{op:?}");
        let pos = self.pos();
        let bytes = u128::from_le_bytes(bytes);
        let (low, high) = (bytes as u64, (bytes >> 64) as u64);
        let header = self.op_word(op, a, b, c);
        self.words.extend_from_slice(&[0, header, low.to_le(), high.to_le()]);
        pos
    }

    /// Appends a whole op that was read from code before. Whether there was a label is of no importance.
    pub(crate) fn push_words(&mut self, words: &[u64]) -> CodePos {
        let pos = self.pos();
        let mark = u64::from(self.marks_here());
        self.words.extend_from_slice(words);
        let header = &mut self.words[pos.0 as usize / 8 + 1];
        *header = (u64::from_le(*header) & !u64::from(LABEL) | mark).to_le();
        pos
    }

    /// Appends words for `count` targets behind a branch table; returns the position of the first.
    pub(crate) fn push_targets(&mut self, count: u32) -> CodePos {
        let pos = self.pos();
        self.words.resize(self.words.len() + count as usize, 0);
        pos
    }

    /// Appends the pairs behind a `struct_new`: the cell that a word comes from, and the byte that it goes to.
    pub(crate) fn push_fields(&mut self, fields: &[(u16, u16)]) {
        let half = |&(slot, offset): &(u16, u16)| u32::from(slot) | u32::from(offset) << 16;
        for fields in fields.chunks(2) {
            self.words.push(pair(half(&fields[0]), fields.get(1).map_or(0, half)).to_le());
        }
    }

    /// Takes back everything from `pos` on.
    pub(crate) fn truncate(&mut self, pos: CodePos) {
        let word = pos.0 as usize / 8;
        if let Some(header) = self.words.get(word + OP / 8) {
            self.has_label = u64::from_le(*header) & u64::from(LABEL) != 0;
        }
        self.words.truncate(word);
    }

    /// Writes a narrow field of the op at `pos`.
    pub(crate) fn set_u16(&mut self, pos: CodePos, at: usize, value: u16) {
        let byte = pos.0 as usize + at;
        let shift = byte % 8 * 8;
        let word = &mut self.words[byte / 8];
        *word = (u64::from_le(*word) & !(0xFFFF << shift) | u64::from(value) << shift).to_le();
    }

    /// Makes the op at `pos` another one of the same shape.
    pub(crate) fn set_op(&mut self, pos: CodePos, op: Op) {
        let word = &mut self.words[pos.0 as usize / 8 + 1];
        let marks = u64::from(LABEL | DIES);
        *word = (u64::from_le(*word) & (!0xFFFF | marks) | u64::from(op as u16)).to_le();
    }

    /// Marks the result of the op at `pos` as read by the next op only.
    pub(crate) fn mark_dies(&mut self, pos: CodePos) {
        self.words[pos.0 as usize / 8 + 1] |= u64::from(DIES).to_le();
    }

    /// Aims the target field at `field` at `target`, which is known.
    pub(crate) fn set_target(&mut self, field: CodePos, target: CodePos) {
        set_u32(&mut self.words, field.0 as usize, target.0.wrapping_sub(field.0));
    }

    /// Adds the target field at `field` to the branches that wait for a label.
    pub(crate) fn chain(&mut self, field: CodePos, fixups: &mut Fixups) {
        set_u32(&mut self.words, field.0 as usize, fixups.head);
        fixups.head = field.0;
    }

    /// Aims all waiting branches at `target`.
    pub(crate) fn bind(&mut self, fixups: Fixups, target: CodePos) {
        let mut field = fixups.head;
        while field != 0 {
            let next = u32_at(&self.words, field as usize);
            self.set_target(CodePos(field), target);
            field = next;
        }
    }

    /// The ops, for reading.
    pub(crate) fn reader(&self) -> CodeReader<'_> {
        CodeReader::new(&self.words)
    }
}

/// An op as linking sees it.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) op: Op,
    /// The best form that its neighbours allow.
    pub(crate) form: u8,
    /// Byte offset of the field that linking completes ([`Shape::linked_field`](super::shape::Shape::linked_field)), or 0.
    pub(crate) linked: u8,
    /// Word position.
    pub(crate) at: u32,
}

/// Reads ops one after the other.
#[derive(Clone, Copy)]
pub(crate) struct CodeReader<'a> {
    words: &'a [u64],
    pos: usize,
}

/// One op as it lies in code.
#[derive(Clone, Copy)]
pub(crate) struct OpRef<'a> {
    pub(crate) op: Op,
    pub(crate) pos: CodePos,
    words: &'a [u64],
}

impl<'a> CodeReader<'a> {
    /// Reads `words`, which must be whole ops as [`CodeBuffer`] writes them.
    pub(crate) fn new(words: &'a [u64]) -> Self {
        Self { words, pos: 0 }
    }
}

impl<'a> Iterator for CodeReader<'a> {
    type Item = OpRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<OpRef<'a>> {
        if self.pos >= self.words.len() {
            return None;
        }
        let item = OpRef::at(self.words, CodePos((self.pos * 8) as u32));
        self.pos += item.word_len();
        Some(item)
    }
}

impl<'a> OpRef<'a> {
    /// The op at the start of `words`.
    pub(crate) fn first_of(words: &'a [u64]) -> Self {
        Self::at(words, CodePos(0))
    }

    /// The op at `pos` of `words`.
    #[inline]
    pub(crate) fn at(words: &'a [u64], pos: CodePos) -> Self {
        let words = &words[pos.0 as usize / 8..];
        let number = u64::from_le(words[OP / 8]) as u16 & !(LABEL | DIES);
        let op = Op::from_u16(number).expect("INV-CODE: an op starts here");
        Self { op, pos, words }
    }

    /// The words from the op's first to the end of the code.
    pub(crate) fn words(&self) -> &'a [u64] {
        self.words
    }

    /// All words of the op.
    pub(crate) fn whole(&self) -> &'a [u64] {
        &self.words[..self.word_len()]
    }

    /// Words that the op takes, its tail included.
    #[inline]
    pub(crate) fn word_len(&self) -> usize {
        let tail = match self.op.shape().tail() {
            Some(Tail::Targets) => self.entries_of(Tail::Targets),
            Some(Tail::Fields) => self.entries_of(Tail::Fields).div_ceil(2),
            None => 0,
        };
        self.op.shape().words() + tail
    }

    /// How many entries of this kind there are behind the op.
    #[inline]
    fn entries_of(&self, tail: Tail) -> usize {
        match tail {
            _ if self.op.shape().tail() != Some(tail) => 0,
            Tail::Targets => self.u32(B) as usize,
            Tail::Fields => self.u16(B).into(),
        }
    }

    /// Whether a branch may lead to the op.
    pub(crate) fn has_label(&self) -> bool {
        self.u16(OP) & LABEL != 0
    }

    /// Whether the op's result is read by the next op only.
    pub(crate) fn dies(&self) -> bool {
        self.u16(OP) & DIES != 0
    }

    /// The narrow field at byte `at`.
    pub(crate) fn u16(&self, at: usize) -> u16 {
        (u64::from_le(self.words[at / 8]) >> (at % 8 * 8)) as u16
    }

    /// The 32-bit field at byte `at`.
    pub(crate) fn u32(&self, at: usize) -> u32 {
        u32_at(self.words, at)
    }

    /// The 64-bit field at byte `at`.
    pub(crate) fn u64(&self, at: usize) -> u64 {
        u64::from_le(self.words[at / 8])
    }

    /// The position that the target field at byte `at` of this op leads to.
    pub(crate) fn target(&self, at: usize) -> CodePos {
        CodePos(self.pos.0.wrapping_add(at as u32).wrapping_add(self.u32(at)))
    }

    /// The pairs of cell and byte behind a `struct_new`; none for other ops.
    pub(crate) fn struct_fields(&self) -> impl Iterator<Item = (u16, u16)> + '_ {
        let fixed = self.op.shape().bytes();
        (0..self.entries_of(Tail::Fields))
            .map(move |i| (self.u16(fixed + i * 4), self.u16(fixed + i * 4 + 2)))
    }

    /// The targets behind a branch table; none for other ops.
    pub(crate) fn table_targets(&self) -> impl Iterator<Item = CodePos> + '_ {
        let fixed = self.op.shape().bytes();
        (0..self.entries_of(Tail::Targets)).map(move |i| self.target(fixed + i * TARGET_BYTES as usize))
    }
}
