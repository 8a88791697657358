//! Chooses the handlers of a function's ops: those with which execution is cheapest, which mostly means the fewest dispatches.
//!
//! Neighbours decide which form of an op is the best: its operand comes from the accumulator when the op before has
//! just left it there, and its result is not stored when only the op behind looks. That is what [`list`] notes.
//! [`choose_all`] then covers the ops with what the strategy has handlers for, from the last op backwards. On the way it may
//! weaken forms, because a sequence of ops is far more likely to have a handler in some form than in just the best one:
//! storing a result that nobody needs is always right, and so is reading a cell that has been stored.

use alloc::vec::Vec;

use super::classes::classes;
use super::dispatch::Linkage;
use super::form::{Class, FORMS, form_number, forms_of_shape};
use super::fusion::{Forms, Fusion, MAX_OPS, Row};
use crate::isa::code::{CodePos, Item, OpRef};
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{A, B, Field};

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
    /// For each field from A to D: the accumulator that the operand there may come from.
    sources: [Option<Class>; 4],
    /// A bit for every form that there is.
    forms: u16,
    /// See [`Item::callee`].
    callee: u8,
    /// Words that the op takes; 0 if it says so itself.
    words: u8,
}

const _: () = assert!(FORMS <= u16::BITS as usize);

/// The field of each of [`Facts::sources`].
const fn source_field(index: usize) -> usize {
    A + index * (B - A)
}

impl Facts {
    const fn new(op: Op, forms: [Option<()>; FORMS]) -> Self {
        let shape = op.shape();
        let callee = match shape.callee_field() {
            Some(at) => at as u8,
            None => 0,
        };
        let words = if shape.tail().is_some() { 0 } else { shape.words() as u8 };
        let mut facts = Self { result: classes(op).result, sources: [None; 4], forms: 0, callee, words };
        let mut form = 0;
        while form < FORMS {
            facts.forms |= (forms[form].is_some() as u16) << form;
            form += 1;
        }
        let fields = shape.fields();
        let mut i = 0;
        while i < fields.len() {
            if let Field::Slot(at) | Field::Slot128(at) = fields[i]
                && at < source_field(facts.sources.len())
                && facts.has_form(form_number(at, true) as u8)
            {
                facts.sources[(at - A) / (B - A)] = classes(op).operand_at(at);
            }
            i += 1;
        }
        facts
    }

    const fn has_form(&self, form: u8) -> bool {
        self.forms >> form & 1 != 0
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
    let mut before: Option<OpRef<'_>> = None;
    let mut pos = CodePos(0);
    while (pos.0 as usize) < words.len() * 8 {
        let op = OpRef::at(words, pos);
        let facts = facts(op.op);
        let accumulates = (linkage.has_accumulators)(op.op);
        let mut form = 0;
        if accumulates
            && op.follows()
            && let (Some(before), Some(item)) = (before, items.last_mut())
            && let Some(source) = source_from(&before, &op)
        {
            form = form_number(source, true) as u8;
            if before.dies() && FACTS[item.op as usize].has_form(silent(item.form)) {
                item.form = silent(item.form);
            }
        }
        items.push(Item { op: op.op, form, callee: facts.callee, at: pos.0 / 8, cost: 0 });
        before = accumulates.then_some(op);
        let len = if facts.words == 0 { op.word_len() } else { facts.words.into() };
        pos.0 += len as u32 * 8;
    }
}

/// The operand field of `op` that can come from the accumulator in which `before`, directly before it, leaves its
/// result, if there is one.
#[inline]
fn source_from(before: &OpRef<'_>, op: &OpRef<'_>) -> Option<usize> {
    let class = facts(before.op).result?;
    let (sources, cell) = (&facts(op.op).sources, before.u16(A));
    let is_source = |&index: &usize| sources[index] == Some(class) && op.u16(source_field(index)) == cell;
    (0..sources.len()).find(is_source).map(source_field)
}

/// The form that differs in not storing.
fn silent(form: u8) -> u8 {
    form | 1
}

/// Costs, measured over many programs: of a dispatch, of reading a cell where the value is in an accumulator, and of a
/// store that nobody needs.
const DISPATCH: u32 = 8;
const READ: u32 = 6;
const STORE: u32 = 2;

/// Added to the cost of a handler that reads the cell of an operand which might have come from the accumulator: the op
/// before has to store it. Of two handlers that cost the same, the other one is therefore the better.
const READS_CELL: u32 = 1;

const _: () = assert!((DISPATCH | READ | STORE) & READS_CELL == 0, "that bit of a cost is free");

/// The lowest bit of every op's form in [`Forms`].
const LOWEST: u16 = 0x1111;

/// What `forms` cost above the `best` ones when they stand for them; `None` if they cannot. All ops at once, because
/// linking spends much of its time here.
fn extra_cost(forms: Forms, best: Forms) -> Option<u32> {
    if forms == best {
        return Some(0);
    }
    let (forms, best) = (forms.0, best.0);
    // A form that stands for another one has no bit of its own in its number.
    if forms & !best != 0 {
        return None;
    }
    let silent = forms & LOWEST;
    let reads = with_source(best) & !with_source(forms);
    let from_elsewhere = with_source(best ^ forms) & with_source(forms);
    let reads_what_is_not_stored = reads & silent << 4;
    if from_elsewhere | reads_what_is_not_stored != 0 {
        return None;
    }
    let stored_in_vain = best & LOWEST & !silent;
    let reads_cell = u32::from(reads & 1) * READS_CELL;
    Some(READ * count(reads) + STORE * count(stored_in_vain) + reads_cell)
}

/// The lowest bit of every op whose form has an operand from an accumulator.
fn with_source(forms: u16) -> u16 {
    (forms >> 1 | forms >> 2 | forms >> 3) & LOWEST
}

/// How many ops have their lowest bit set: the product's highest digit is the sum of all.
fn count(ops: u16) -> u32 {
    u32::from(ops.wrapping_mul(LOWEST) >> 12)
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
fn among(rows: &[Row], forms: Forms, len: usize, behind: &Behind, best: &mut Best) {
    // Mostly there is one in the best forms, and none can be better.
    if behind.accepts(forms, len)
        && let Some(&row) = rows.iter().find(|row| row.forms == forms)
    {
        *best = Best { cost: behind.least_cost, found: Found::Sequence(len, row) };
        return;
    }
    for &row in rows {
        if behind.accepts(row.forms, len)
            && let Some(extra) = extra_cost(row.forms, forms)
            && behind.least_cost + extra < best.cost
        {
            *best = Best { cost: behind.least_cost + extra, found: Found::Sequence(len, row) };
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
    for form in [best_form, best_form & !1, silent(0), 0] {
        let forms = Forms::of_one(form);
        if behind.accepts(forms, 1)
            && let Some(extra) = extra_cost(forms, Forms::of_one(best_form))
            && let Some(word) = (linkage.form)(op, form.into())
        {
            if behind.least_cost + extra < best.cost {
                *best = Best { cost: behind.least_cost + extra, found: Found::Alone(word) };
            }
            return;
        }
    }
}
