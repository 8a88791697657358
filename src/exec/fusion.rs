//! Which sequences of ops have one handler, as a table that linking walks.
//!
//! In go the rows of [`super::fused`], at compile time; nothing is built when a program starts. The table is a trie: a
//! node is a sequence, a step leads to the sequence with one more op. A strategy keeps the handlers by row.

use crate::isa::ops::Op;

use super::form::FORMS;

/// A sequence of ops in certain forms: the row's first op at the front.
pub(super) type Sequence = &'static [(Op, u8)];

/// The trie of all sequences, and their handlers' addresses by row.
pub(super) struct Fusion {
    steps: &'static Steps,
    handler: fn(usize) -> usize,
}

/// A sequence: single ops are numbered by op and form, longer ones behind them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    number: u16,
    row: u16,
}

/// The steps of the trie, in an open hash table.
pub(super) struct Steps {
    slots: [Slot; SLOTS],
    /// A bit for what each step's hash begins with. Linking asks for many more steps than there are, and this tells it
    /// so from a few kilobytes.
    filter: [u64; 1 << (FILTER_BITS - 6)],
    /// Ops of the longest sequence.
    longest: usize,
}

/// One step.
#[derive(Clone, Copy)]
struct Slot {
    from: u16,
    symbol: u16,
    to: Node,
}

/// Room for the steps of all rows; a power of two, at most half full.
const SLOTS: usize = 1 << 15;

const FILTER_BITS: u32 = 17;

const NO_ROW: u16 = u16::MAX;
const EMPTY: Slot = Slot { from: u16::MAX, symbol: u16::MAX, to: Node { number: 0, row: NO_ROW } };

const _: () =
    assert!(Op::ALL.len() * FORMS < u16::MAX as usize / 2, "single ops and sequences share the numbers");

const fn symbol(op: Op, form: u8) -> u16 {
    op as u16 * FORMS as u16 + form as u16
}

const fn hash(from: u16, symbol: u16) -> u32 {
    // Multiplying by an odd constant spreads neighbouring numbers over the upper bits.
    ((from as u32) << 16 | symbol as u32).wrapping_mul(0x9E37_79B1)
}

/// The word of the filter, and the bit in it.
const fn in_filter(hash: u32) -> (usize, u64) {
    let bit = hash >> (32 - FILTER_BITS);
    ((bit / 64) as usize, 1 << (bit % 64))
}

/// Where the step from `from` by `symbol` is, or the empty slot where it would be.
const fn find(slots: &[Slot; SLOTS], from: u16, symbol: u16) -> usize {
    let mut at = (hash(from, symbol) >> (32 - SLOTS.trailing_zeros())) as usize;
    loop {
        let slot = &slots[at];
        if slot.from == from && slot.symbol == symbol || slot.from == EMPTY.from {
            return at;
        }
        at = (at + 1) % SLOTS;
    }
}

/// The trie of `rows`.
pub(super) const fn build(rows: &[Sequence]) -> Steps {
    let mut slots = [EMPTY; SLOTS];
    let mut filter = [0; 1 << (FILTER_BITS - 6)];
    let mut longest = 1;
    let mut next_number = (Op::ALL.len() * FORMS) as u16;
    let mut steps = 0;
    let mut row = 0;
    while row < rows.len() {
        let sequence = rows[row];
        if sequence.len() > longest {
            longest = sequence.len();
        }
        // A row of one op is a form: no step leads to it.
        let mut number = symbol(sequence[0].0, sequence[0].1);
        let mut at = usize::MAX;
        let mut i = 1;
        while i < sequence.len() {
            let symbol = symbol(sequence[i].0, sequence[i].1);
            at = find(&slots, number, symbol);
            if slots[at].from == EMPTY.from {
                slots[at] = Slot { from: number, symbol, to: Node { number: next_number, row: NO_ROW } };
                let (word, bit) = in_filter(hash(number, symbol));
                filter[word] |= bit;
                next_number += 1;
                steps += 1;
            }
            number = slots[at].to.number;
            i += 1;
        }
        if sequence.len() > 1 {
            slots[at].to.row = row as u16;
        }
        row += 1;
    }
    assert!(steps <= SLOTS / 2, "the table is to stay at most half full");
    Steps { slots, filter, longest }
}

impl Fusion {
    pub(super) const fn new(steps: &'static Steps, handler: fn(usize) -> usize) -> Self {
        Self { steps, handler }
    }

    /// Ops of the longest sequence.
    pub(super) fn longest(&self) -> usize {
        self.steps.longest
    }

    /// The sequence of this op alone.
    pub(super) fn start(op: Op, form: u8) -> Node {
        Node { number: symbol(op, form), row: NO_ROW }
    }

    /// `node` with one more op, if some row begins like that.
    pub(super) fn step(&self, node: Node, op: Op, form: u8) -> Option<Node> {
        let symbol = symbol(op, form);
        let (word, bit) = in_filter(hash(node.number, symbol));
        if self.steps.filter[word] & bit == 0 {
            return None;
        }
        let slot = &self.steps.slots[find(&self.steps.slots, node.number, symbol)];
        (slot.from != EMPTY.from).then_some(slot.to)
    }

    /// The handler for the whole sequence, if it is a row's.
    pub(super) fn handler(&self, node: Node) -> Option<usize> {
        (node.row != NO_ROW).then(|| (self.handler)(node.row.into()))
    }
}
