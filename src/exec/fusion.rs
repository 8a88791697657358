//! Which sequences of ops have one handler, as a table that linking walks.
//!
//! In go the rows of [`super::fused`], at compile time; nothing is built when a program starts. The table is a trie over
//! ops: a node is a sequence of ops, a step leads to the sequence with one more. Rows of the same ops in other forms
//! share a node, so that linking looks for ops first, of which there is one, and for forms, of which it would take
//! several, only where the ops are a sequence. A strategy keeps the handlers in the order in which the trie has the rows.

use super::form::{EARLIER, Flags, stores};
use crate::isa::ops::Op;

/// The sequence of a row: the first op at the front, each with its form.
pub(super) type Sequence = &'static [(Op, Flags)];

/// The trie of all sequences, and their handlers' addresses by place.
pub(super) struct Fusion {
    steps: &'static Steps,
    handler: fn(usize) -> usize,
}

/// A sequence of ops: single ones have the op's number, longer ones that of the slot with their last step, behind these.
#[derive(Clone, Copy)]
pub(super) struct Node(u16);

/// A row of the list, by its place in [`Steps::forms`].
#[derive(Clone, Copy)]
pub(super) struct Row(u16);

/// Rows of the same ops.
pub(super) struct Rows {
    first: u16,
    forms: &'static [Forms],
}

/// The forms of up to four ops: a byte for each, the first one's lowest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Forms(pub(super) u32);

/// The steps of the trie, in an open hash table, and the rows of its nodes.
pub(super) struct Steps {
    slots: [Slot; SLOTS],
    /// A bit for what each step's hash begins with. Linking asks for many more steps than there are, and this tells it
    /// so from a few kilobytes.
    filter: [u64; 1 << (FILTER_BITS - 6)],
    /// The forms of rows: by node, and for each in the order of the list.
    forms: [Forms; MAX_ROWS],
}

/// The trie of some rows, and where each of them is in it.
pub(super) struct Trie {
    pub(super) steps: Steps,
    /// The number of the row at each place.
    order: [u16; MAX_ROWS],
}

/// A step, and all that linking wants to know of the sequence that it completes: it is one look at memory.
#[derive(Clone, Copy)]
struct Slot {
    /// Where the step is from and by which op: see [`key`].
    key: u32,
    first_row: u16,
    row_count: u16,
}

/// Whether this build has fused sequences at all.
const HAS_ROWS: bool = cfg!(any(wapiti_loop_rows, wapiti_tail));

/// Room for the steps; a power of two.
const SLOTS: usize = if HAS_ROWS { 1 << 14 } else { 8 };
/// A look-up passes hardly any of the others while three eighths are in use at most.
const MAX_STEPS: usize = SLOTS / 8 * 3;
const MAX_ROWS: usize = if HAS_ROWS { 1 << 13 } else { 1 };
const FILTER_BITS: u32 = if HAS_ROWS { 16 } else { 6 };
/// Ops of a sequence: as many as [`Forms`] has room for.
pub(super) const MAX_OPS: usize = 4;

/// A slot without a step.
const EMPTY: Slot = Slot { key: u32::MAX, first_row: 0, row_count: 0 };

const _: () = assert!(
    Op::ALL.len() + SLOTS < u16::MAX as usize,
    "single ops and sequences share the numbers, and one is left for empty slots"
);

const fn key(from: Node, op: u16) -> u32 {
    (from.0 as u32) << 16 | op as u32
}

const fn hash(key: u32) -> u32 {
    // Multiplying by an odd constant spreads neighbouring numbers over the upper bits.
    key.wrapping_mul(0x9E37_79B1)
}

/// The word of the filter, and the bit in it.
const fn in_filter(hash: u32) -> (usize, u64) {
    let bit = hash >> (32 - FILTER_BITS);
    ((bit / 64) as usize, 1 << (bit % 64))
}

/// Where the step with this key is, or the empty slot where it would be.
#[inline]
const fn find(slots: &[Slot; SLOTS], key: u32) -> usize {
    let mut at = (hash(key) >> (32 - SLOTS.trailing_zeros())) as usize;
    while slots[at].key != key && slots[at].key != EMPTY.key {
        at = (at + 1) % SLOTS;
    }
    at
}

/// The trie of `rows`. A row of one op is a form and no sequence.
pub(super) const fn build(rows: &[Sequence]) -> Trie {
    assert!(rows.len() <= MAX_ROWS, "there is room for every row");
    let mut steps =
        Steps { slots: [EMPTY; SLOTS], filter: [0; 1 << (FILTER_BITS - 6)], forms: [Forms::NONE; MAX_ROWS] };
    let mut step_count = 0;
    let mut slot_of_row = [0; MAX_ROWS];
    let mut row = 0;
    while row < rows.len() {
        if rows[row].len() > 1 {
            let slot = add_sequence(&mut steps, &mut step_count, rows[row]);
            slot_of_row[row] = slot;
            steps.slots[slot].row_count += 1;
        }
        row += 1;
    }
    let mut slot = 1;
    while slot < SLOTS {
        steps.slots[slot].first_row = steps.slots[slot - 1].first_row + steps.slots[slot - 1].row_count;
        slot += 1;
    }
    let mut order = [0; MAX_ROWS];
    let mut filled = [0; SLOTS];
    row = 0;
    while row < rows.len() {
        if rows[row].len() > 1 {
            let slot = slot_of_row[row];
            let at = steps.slots[slot].first_row as usize + filled[slot];
            steps.forms[at] = forms_of(rows[row]);
            order[at] = row as u16;
            filled[slot] += 1;
        }
        row += 1;
    }
    Trie { steps, order }
}

/// Adds the steps to a sequence that are not there yet. Returns the slot of the last.
const fn add_sequence(steps: &mut Steps, step_count: &mut usize, sequence: Sequence) -> usize {
    assert!(sequence.len() <= MAX_OPS, "there is room for the forms of four ops");
    let forms = forms_of(sequence);
    assert!(forms.0 == forms.within_sequence().0, "what a handler does not find is no operand");
    let mut node = Node(sequence[0].0 as u16);
    let mut slot = 0;
    let mut i = 1;
    while i < sequence.len() {
        let key = key(node, sequence[i].0 as u16);
        slot = find(&steps.slots, key);
        if steps.slots[slot].key == EMPTY.key {
            assert!(*step_count < MAX_STEPS, "the table is to have room left");
            *step_count += 1;
            steps.slots[slot].key = key;
            let (word, bit) = in_filter(hash(key));
            steps.filter[word] |= bit;
        }
        node = Node::at(slot);
        i += 1;
    }
    slot
}

const fn forms_of(sequence: Sequence) -> Forms {
    let mut forms = Forms::of_one(sequence[0].1);
    let mut i = 1;
    while i < sequence.len() {
        forms = forms.with(i, sequence[i].1);
        i += 1;
    }
    forms
}

impl Trie {
    /// What belongs to the rows, in the places that these have; rows of one op have none.
    pub(super) const fn in_places<T: Copy, const N: usize>(&self, of_rows: &[T; N]) -> [T; N] {
        let mut in_places = *of_rows;
        let mut place = 0;
        while place < N && place < MAX_ROWS {
            in_places[place] = of_rows[self.order[place] as usize];
            place += 1;
        }
        in_places
    }
}

impl Node {
    /// The sequence of the op with this number alone.
    #[inline]
    pub(super) const fn of_op(number: u16) -> Self {
        Self(number)
    }

    const fn at(slot: usize) -> Self {
        Self((Op::ALL.len() + slot) as u16)
    }
}

impl Fusion {
    pub(super) const fn new(steps: &'static Steps, handler: fn(usize) -> usize) -> Self {
        Self { steps, handler }
    }

    /// `node` with the op of this number behind it, if some row begins like that.
    #[inline]
    pub(super) fn step(&self, node: Node, op: u16) -> Option<Node> {
        let key = key(node, op);
        let (word, bit) = in_filter(hash(key));
        if self.steps.filter[word] & bit == 0 {
            return None;
        }
        let at = find(&self.steps.slots, key);
        (self.steps.slots[at].key == key).then_some(Node::at(at))
    }

    /// The rows with exactly the ops of `node`, of which there is more than one.
    #[inline]
    pub(super) fn rows(&self, node: Node) -> Rows {
        let slot = &self.steps.slots[usize::from(node.0) - Op::ALL.len()];
        let first = usize::from(slot.first_row);
        Rows { first: slot.first_row, forms: &self.steps.forms[first..first + usize::from(slot.row_count)] }
    }

    /// The handler of a row.
    pub(super) fn handler(&self, row: Row) -> usize {
        (self.handler)(row.0.into())
    }
}

impl Rows {
    /// The one in exactly these forms.
    #[inline]
    pub(super) fn find(&self, forms: Forms) -> Option<Row> {
        self.forms.iter().position(|own| *own == forms).map(|index| self.row(index))
    }

    /// All of them.
    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = (Forms, Row)> {
        self.forms.iter().enumerate().map(|(index, forms)| (*forms, self.row(index)))
    }

    #[inline]
    fn row(&self, index: usize) -> Row {
        Row(self.first + index as u16)
    }
}

impl Forms {
    pub(super) const NONE: Self = Self(0);

    #[inline]
    pub(super) const fn of_one(form: Flags) -> Self {
        Self(form as u32)
    }

    /// With this form in front; the last of four goes.
    #[inline]
    pub(super) const fn behind(self, form: Flags) -> Self {
        Self(self.0 << 8 | form as u32)
    }

    /// With the form of the op at `position`, which has none yet.
    #[inline]
    pub(super) const fn with(self, position: usize, form: Flags) -> Self {
        Self(self.0 | (form as u32) << (8 * position))
    }

    /// Those of the first `len` ops, of which there is one at least.
    #[inline]
    pub(super) const fn first(self, len: usize) -> Self {
        Self(self.0 & u32::MAX >> (32 - 8 * len))
    }

    /// Without what the first op cannot have: what was in accumulators before the op before it.
    #[inline]
    pub(super) const fn within_sequence(self) -> Self {
        Self(self.0 & !(EARLIER as u32))
    }

    /// Whether the last of `len` ops stores its result.
    #[inline]
    pub(super) const fn last_stores(self, len: usize) -> bool {
        stores((self.0 >> (8 * (len - 1))) as Flags)
    }
}
