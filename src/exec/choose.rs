//! Chooses the handlers of a function's ops: those with which execution is cheapest, which mostly means the fewest dispatches.
//!
//! Neighbours decide which form of an op is the best: its operand comes from an accumulator that holds what is in the
//! operand's cell, or held it before the op before, and its result is not stored when only the op behind looks. That is
//! what [`list`] notes. [`choose_all`] then covers the ops with what the strategy has handlers for, from the last op
//! backwards. On the way it may weaken forms, because a sequence of ops is far more likely to have a handler in some form
//! than in just the best one: storing a result that nobody needs is always right, and so is reading a cell that has been
//! stored.

use alloc::vec::Vec;

use super::classes::classes;
use super::dispatch::Linkage;
use super::form::{
    CLASSES, COLUMNS, Class, EARLIER, FROM, Flags, SILENT, as_earlier, column, form_of, forms_of_shape, from,
};
use super::fusion::{Forms, Fusion, MAX_OPS, Row};
use crate::isa::code::{CodePos, Item, OpRef};
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{A, B, C, D, Field, Shape};

macro_rules! nothing {
    ($name:ident $source:tt $stores:literal) => {
        ()
    };
}

/// What is asked about each op of each function, in one place.
#[derive(Clone, Copy)]
struct Facts {
    /// The accumulator that the op leaves its result in.
    result: Option<Class>,
    /// The operands that may come from an accumulator, and how many there are.
    operands: ([Operand; 4], u8),
    /// A bit for every form that there is outside of sequences, by its column.
    forms: u16,
    /// How many cells from the one at A on it writes; `None` if that is not for its operands alone to say, or if it may
    /// change accumulators besides its result's.
    writes: Option<u8>,
    /// See [`Item::callee`].
    callee: u8,
    /// Words that the op takes; 0 if it says so itself.
    words: u8,
}

const _: () = assert!(COLUMNS <= u16::BITS as usize);

#[derive(Clone, Copy)]
struct Operand {
    /// The byte of its field.
    at: u8,
    /// What says in a form that it comes from the accumulator: see [`from`].
    from: Flags,
    class: Class,
}

impl Facts {
    const fn new(op: Op, forms: [Option<()>; COLUMNS]) -> Self {
        let shape = op.shape();
        let callee = match shape.callee_field() {
            Some(at) => at as u8,
            None => 0,
        };
        let words = if shape.tail().is_some() { 0 } else { shape.words() as u8 };
        let (result, writes) = (classes(op).result, Some(0));
        let none = Operand { at: 0, from: 0, class: Class::Int };
        let mut facts = Self { result, operands: ([none; 4], 0), forms: 0, writes, callee, words };
        let mut column = 0;
        while column < COLUMNS {
            facts.forms |= (forms[column].is_some() as u16) << column;
            column += 1;
        }
        let fields = shape.fields();
        let mut i = 0;
        while i < fields.len() {
            match fields[i] {
                Field::Slot(at) | Field::Slot128(at) if at <= D && facts.has_form(form_of(at, true)) => {
                    if let Some(class) = classes(op).operand_at(at) {
                        facts.operands.0[facts.operands.1 as usize] =
                            Operand { at: at as u8, from: from(at), class };
                        facts.operands.1 += 1;
                    }
                }
                Field::Dst(A) if facts.writes.is_some() => facts.writes = Some(1),
                Field::Dst128(A) if facts.writes.is_some() => facts.writes = Some(2),
                Field::Dst(_) | Field::Dst128(_) | Field::Dst32(_) | Field::Base32(_) => facts.writes = None,
                _ => {}
            }
            i += 1;
        }
        // What has forms leaves the other accumulators alone, and so do these, which have none for want of operands. All
        // other ops may leave the loop or call, after which accumulators hold nothing.
        let keeps_accumulators = facts.forms.count_ones() > 1
            || matches!(shape, Shape::const32 | Shape::const64 | Shape::zero1 | Shape::zero2 | Shape::zero3);
        if !keeps_accumulators {
            facts.writes = None;
        }
        facts
    }

    const fn has_form(&self, form: Flags) -> bool {
        match column(form) {
            Some(column) => self.forms >> column & 1 != 0,
            None => false,
        }
    }
}

macro_rules! define_facts {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        static FACTS: [Facts; Op::ALL.len()] =
            [$(Facts::new(Op::$name, forms_of_shape!($shape nothing $name))),*];
    };
}

for_each_op!(define_facts);

fn facts(op: Op) -> &'static Facts {
    &FACTS[op as usize]
}

/// Lists the ops with the best forms that their neighbours allow; in base form where ops have nothing to do with
/// accumulators.
pub(super) fn list(linkage: &Linkage, words: &[u64], items: &mut Vec<Item>) {
    items.clear();
    // No op is shorter than two words.
    items.reserve(words.len() / 2);
    let mut known = Known::NOTHING;
    let mut before_dies = false;
    let mut pos = CodePos(0);
    while (pos.0 as usize) < words.len() * 8 {
        let op = OpRef::at(words, pos);
        let facts = facts(op.op);
        let has_accumulators = (linkage.has_accumulators)(op.op);
        if op.has_label() || !has_accumulators {
            known = Known::NOTHING;
        }
        let (form, reads_newest_once) = known.best_form(&op, facts);
        if before_dies
            && reads_newest_once
            && let Some(item) = items.last_mut()
            && FACTS[item.op as usize].has_form(SILENT)
        {
            item.form |= SILENT;
        }
        items.push(Item { op: op.op, form, callee: facts.callee, at: pos.0 / 8, cost: 0 });
        if has_accumulators {
            known.execute(&op, facts);
        }
        before_dies = op.dies();
        let len = if facts.words == 0 { op.word_len() } else { facts.words.into() };
        pos.0 += len as u32 * 8;
    }
}

/// What is known of the accumulators before an op.
#[derive(Clone, Copy)]
struct Known {
    held: Held,
    /// What they held before the op before, as far as it is still in the cells.
    before: Held,
    /// The one that the op before has set.
    newest: Option<Class>,
}

/// For each accumulator: the cell that has the same value.
#[derive(Clone, Copy)]
struct Held([u32; CLASSES]);

/// No cell: narrow operands have 16 bits.
const NOWHERE: u32 = u32::MAX;

impl Known {
    const NOTHING: Self =
        Self { held: Held([NOWHERE; CLASSES]), before: Held([NOWHERE; CLASSES]), newest: None };

    /// The best form for `op`, and whether just one of its operands is what the op before has computed: this comes from
    /// the accumulator first of all.
    #[inline]
    fn best_form(&self, op: &OpRef<'_>, facts: &Facts) -> (Flags, bool) {
        let (mut newest, mut held, mut earlier) = (0, 0, 0);
        let (operands, count) = &facts.operands;
        for operand in &operands[..usize::from(*count)] {
            let cell = u32::from(op.u16(operand.at.into()));
            let class = operand.class as usize;
            if self.held.0[class] == cell {
                held |= operand.from;
                if self.newest == Some(operand.class) {
                    newest |= operand.from;
                }
            }
            if self.before.0[class] == cell {
                earlier |= operand.from;
            }
        }
        let sources = if newest == 0 { lowest(held) } else { nameable(newest) };
        (sources | as_earlier(nameable(earlier & !sources & !from(D))), newest.is_power_of_two())
    }

    /// Notes what `op` does.
    #[inline]
    fn execute(&mut self, op: &OpRef<'_>, facts: &Facts) {
        match facts.writes {
            Some(count) => self.held = self.held.without(op.u16(A).into(), count.into()),
            None => *self = Self::NOTHING,
        }
        self.before = self.held;
        self.newest = facts.result;
        if let Some(class) = facts.result {
            self.held.0[class as usize] = op.u16(A).into();
        }
    }
}

impl Held {
    /// What is left when so many cells from `first` on are written.
    #[inline]
    fn without(self, first: u32, count: u32) -> Self {
        Self(self.0.map(|cell| if cell.wrapping_sub(first) < count { NOWHERE } else { cell }))
    }
}

/// One of these operands.
fn lowest(operands: Flags) -> Flags {
    operands & operands.wrapping_neg()
}

/// One of these operands, or both B and C: there are names for no other forms.
fn nameable(operands: Flags) -> Flags {
    const B_AND_C: Flags = from(B) | from(C);
    if operands == B_AND_C { operands } else { lowest(operands) }
}

/// Costs, measured over many programs: of a dispatch, of reading a cell where the value is in an accumulator or was in one
/// before the op before, and of a store that nobody needs.
const DISPATCH: u32 = 8;
const READ: u32 = 10;
const READ_EARLIER: u32 = 8;
const STORE: u32 = 2;

/// Added to the cost of a handler that reads the cell of an operand which might have come from the accumulator: the op
/// before has to store it. Of two handlers that cost the same, the other one is therefore the better.
const READS_CELL: u32 = 1;

const _: () =
    assert!((DISPATCH | READ | READ_EARLIER | STORE) & READS_CELL == 0, "that bit of a cost is free");

/// The lowest bit of every op's form in [`Forms`].
const LOWEST: u32 = 0x0101_0101;

/// What `forms` cost above the `best` ones when they stand for them; `None` if they cannot. All ops at once, because
/// linking spends much of its time here.
fn extra_cost(forms: Forms, best: Forms) -> Option<u32> {
    let (forms, best) = (forms.0, best.0);
    if forms & !best != 0 {
        return None;
    }
    let lost = best & !forms;
    let silent = forms & LOWEST;
    let reads = (lost >> 1 | lost >> 2 | lost >> 3 | lost >> 4) & LOWEST;
    if reads & silent << 8 != 0 {
        return None;
    }
    let cost = READ * count(lost, FROM) + READ_EARLIER * count(lost, EARLIER) + STORE * count(lost, SILENT);
    Some(cost + (reads & 1) * READS_CELL)
}

/// How many of these flags there are in all forms: mostly none.
fn count(forms: u32, flags: Flags) -> u32 {
    match forms & (u32::from(flags) * LOWEST) {
        0 => 0,
        some => some.count_ones(),
    }
}

/// What is to be written at an op's head.
pub(super) struct Choice {
    pub(super) word: usize,
    /// How many ops the handler executes, if none of them branches.
    pub(super) len: usize,
}

/// The best handler so far.
struct Best {
    /// Of the way from here to the end of the function, if nothing branches, and perhaps [`READS_CELL`].
    cost: u32,
    found: Found,
}

enum Found {
    Nothing,
    /// The op alone has a handler at this address.
    Alone(usize),
    /// So many ops have a handler, that of a row.
    Sequence(usize, Row),
}

/// What comes behind a handler.
struct Behind {
    /// The cost from there on, with that of the handler's dispatch.
    least_cost: u32,
    /// Whether the handler must store what it computes.
    must_store: bool,
}

impl Behind {
    #[inline]
    fn new(items: &[Item], len: usize) -> Self {
        let cost = items.get(len).map_or(0, |item| item.cost);
        Self { least_cost: DISPATCH + (cost & !READS_CELL), must_store: cost & READS_CELL != 0 }
    }

    /// Whether it can live with a handler in these forms.
    #[inline]
    fn accepts(&self, forms: Forms, len: usize) -> bool {
        !self.must_store || forms.last_stores(len)
    }
}

/// Chooses for all of `items`, from the last to the first, and tells `put`.
pub(super) fn choose_all(linkage: &Linkage, items: &mut [Item], mut put: impl FnMut(&Item, Choice)) {
    for index in (0..items.len()).rev() {
        let best = best_of(linkage, &items[index..]);
        items[index].cost = best.cost;
        let choice = match (best.found, linkage.sequences) {
            (Found::Alone(word), _) => Choice { word, len: 1 },
            (Found::Sequence(len, row), Some(fusion)) => Choice { word: fusion.handler(row), len },
            _ => unreachable!(
                "every op has a base form, which may stand for any other if the op before stores"
            ),
        };
        put(&items[index], choice);
    }
}

/// The handler for the first of `items`, given that those behind have theirs: its own, or one for a sequence that begins
/// with it. Every op keeps a handler of its own, so branches into a sequence stay valid.
#[inline(always)]
fn best_of(linkage: &Linkage, items: &[Item]) -> Best {
    let mut best = Best { cost: u32::MAX, found: Found::Nothing };
    if let Some(fusion) = linkage.sequences {
        in_sequence(fusion, linkage.longest, items, &mut best);
    }
    alone(linkage, items, &mut best);
    best
}

/// Looks for a handler for several of `items` from the first on. The longest sequences come first: they leave the least
/// to be done, so that there is often no need to look at the shorter ones' forms.
#[inline(always)]
fn in_sequence(fusion: &Fusion, longest: usize, items: &[Item], best: &mut Best) {
    let mut nodes = [Fusion::start(items[0].op); MAX_OPS];
    let mut forms = Forms::of_one(items[0].form);
    let mut len = 1;
    while len < items.len().min(longest) {
        let Some(longer) = fusion.step(nodes[len - 1], items[len].op) else { break };
        nodes[len] = longer;
        forms = forms.with(len, items[len].form);
        len += 1;
    }
    while len > 1 {
        let behind = Behind::new(items, len);
        if behind.least_cost < best.cost {
            among(fusion.rows(nodes[len - 1]), forms.first(len), len, &behind, best);
        }
        len -= 1;
    }
}

/// Looks for a handler among `rows`, which have the right ops.
#[inline(always)]
fn among(rows: &[Row], best_forms: Forms, len: usize, behind: &Behind, best: &mut Best) {
    let forms = best_forms.within_sequence();
    let least_cost = behind.least_cost + READ_EARLIER * count(best_forms.0 ^ forms.0, EARLIER);
    if least_cost >= best.cost {
        return;
    }
    // Mostly there is one in the best forms, and none can be better.
    if behind.accepts(forms, len)
        && let Some(&row) = rows.iter().find(|row| row.forms == forms)
    {
        *best = Best { cost: least_cost, found: Found::Sequence(len, row) };
        return;
    }
    for &row in rows {
        if behind.accepts(row.forms, len)
            && let Some(extra) = extra_cost(row.forms, forms)
            && least_cost + extra < best.cost
        {
            *best = Best { cost: least_cost + extra, found: Found::Sequence(len, row) };
        }
    }
}

/// Looks for a handler for the first of `items` alone.
#[inline(always)]
fn alone(linkage: &Linkage, items: &[Item], best: &mut Best) {
    let (op, best_form) = (items[0].op, items[0].form);
    let behind = Behind::new(items, 1);
    if behind.least_cost >= best.cost {
        return;
    }
    // What may stand for the best form, from the cheapest to the dearest; some are the same.
    let single = single_source(best_form);
    for form in [single, single & !SILENT, SILENT, 0] {
        let forms = Forms::of_one(form);
        if behind.accepts(forms, 1)
            && let Some(extra) = extra_cost(forms, Forms::of_one(best_form))
            && let Some(word) = (linkage.form)(op, form)
        {
            if behind.least_cost + extra < best.cost {
                *best = Best { cost: behind.least_cost + extra, found: Found::Alone(word) };
            }
            return;
        }
    }
}

/// The form with one operand from an accumulator at most, as there are outside of sequences.
fn single_source(form: Flags) -> Flags {
    let sources = form & FROM;
    form & SILENT | sources & sources.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::super::form::named::{
        Base, EarlierC, FromAEarlierB, FromB, FromBCSilent, FromBEarlierC, FromBSilent, FromC, FromCEarlierB,
        Silent,
    };
    use super::{Flags, Forms, READ, READ_EARLIER, READS_CELL, STORE, extra_cost, single_source};

    fn forms(of: &[Flags]) -> Forms {
        of.iter().enumerate().fold(Forms(0), |forms, (position, &form)| forms.with(position, form))
    }

    fn extra(of: &[Flags], best: &[Flags]) -> Option<u32> {
        extra_cost(forms(of), forms(best))
    }

    #[test]
    fn weaker_forms_cost_what_they_do_in_vain() {
        let best = [Base, FromBSilent, FromCEarlierB];
        assert_eq!(extra(&best, &best), Some(0));
        assert_eq!(extra(&[Base, FromB, FromCEarlierB], &best), Some(STORE));
        assert_eq!(extra(&[Base, FromBSilent, FromC], &best), Some(READ_EARLIER));
        assert_eq!(extra(&[Base, FromB, Base], &best), Some(STORE + READ + READ_EARLIER));
        assert_eq!(extra(&[Base, Base, Base], &best), Some(STORE + 2 * READ + READ_EARLIER));
        assert_eq!(extra(&[Base], &[FromB]), Some(READ + READS_CELL), "the op before has to store");
    }

    #[test]
    fn what_is_not_stored_is_not_read() {
        assert_eq!(extra(&[Silent, Base], &[Silent, FromB]), None);
        assert_eq!(extra(&[Silent, FromB], &[Base, FromB]), None, "something else reads the cell");
        assert_eq!(extra(&[Base, FromC], &[Base, FromB]), None, "it is another operand");
        assert_eq!(extra(&[Base, Base, FromC], &[Base, Base, EarlierC]), None, "it is another op's result");
    }

    #[test]
    fn a_sequence_knows_nothing_from_before() {
        let best = forms(&[FromBEarlierC, FromAEarlierB, FromBEarlierC]);
        assert_eq!(best.within_sequence().0, forms(&[FromB, FromAEarlierB, FromBEarlierC]).0);
        assert_eq!(single_source(FromBEarlierC), FromB);
        assert_eq!(single_source(FromBCSilent), FromBSilent);
    }
}
