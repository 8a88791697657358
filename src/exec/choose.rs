//! Chooses the handlers of a function's ops: those with which execution is cheapest, which mostly means the fewest dispatches.
//!
//! Neighbours decide which form of an op is the best: its operand comes from the accumulator when the op before has
//! just left it there, and its result is not stored when only the op behind looks. That is what [`list`] notes.
//! [`choose`] then covers the ops with what the strategy has handlers for, from the last op backwards. On the way it may
//! weaken forms, because a sequence of ops is far more likely to have a handler in some form than in just the best one:
//! storing a result that nobody needs is always right, and so is reading a cell that has been stored.

use alloc::vec::Vec;

use super::classes::classes;
use super::dispatch::Linkage;
use super::form::{FORMS, form_number, forms_of_shape};
use super::fusion::{Forms, Fusion, MAX_OPS};
use crate::isa::code::{CodeReader, Item, OpRef};
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{A, Field};

macro_rules! nothing {
    ($name:ident $source:tt $stores:literal) => {
        ()
    };
}

macro_rules! define_forms {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        /// The forms that each op has.
        static FORMS_OF: [[Option<()>; FORMS]; Op::ALL.len()] =
            [$(forms_of_shape!($shape nothing $name)),*];
    };
}

for_each_op!(define_forms);

fn has_form(op: Op, form: u8) -> bool {
    FORMS_OF[op as usize][form as usize].is_some()
}

/// Lists the ops with the best forms that their neighbours allow; in base form where ops have nothing to do with
/// accumulators.
pub(super) fn list(linkage: &Linkage, words: &[u64], items: &mut Vec<Item>) {
    items.clear();
    // No op is shorter than two words.
    items.reserve(words.len() / 2);
    let mut before: Option<OpRef<'_>> = None;
    for op in CodeReader::new(words) {
        let mut form = 0;
        if op.follows()
            && let (Some(before), Some(item)) = (before, items.last_mut())
            && (linkage.has_accumulators)(before.op)
            && (linkage.has_accumulators)(op.op)
            && let Some(source) = source_from(&before, &op)
        {
            form = form_number(source, true) as u8;
            if before.dies() && has_form(item.op, silent(item.form)) {
                item.form = silent(item.form);
            }
        }
        items.push(Item { op: op.op, form, at: op.pos.0 / 8, cost: 0, reads_cell: false });
        before = Some(op);
    }
}

/// The operand field of `op` that can come from the accumulator in which `before`, directly before it, leaves its
/// result, if there is one.
fn source_from(before: &OpRef<'_>, op: &OpRef<'_>) -> Option<usize> {
    let class = classes(before.op).result?;
    let reads_result = |field: &Field| match *field {
        Field::Slot(at) | Field::Slot128(at) if op.u16(at) == before.u16(A) => Some(at),
        _ => None,
    };
    let at = op.op.shape().fields().iter().find_map(reads_result)?;
    let fits = classes(op.op).operand_at(at) == Some(class);
    (fits && has_form(op.op, form_number(at, true) as u8)).then_some(at)
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

/// How some ops' forms stand for the best ones.
#[derive(Clone, Copy)]
struct Fit {
    cost: u32,
    /// Whether the first op reads the cell of an operand that might have come from the accumulator.
    reads_cell: bool,
    /// Whether the last op stores what it computes.
    stores: bool,
}

/// The lowest bit of every op's form in [`Forms`].
const LOWEST: u16 = 0x1111;

/// How `forms` stand for the `best` ones of `len` ops; `None` if they cannot. All ops at once, because linking spends
/// much of its time here.
fn fit(forms: Forms, best: Forms, len: usize) -> Option<Fit> {
    let (forms, best) = (forms.0, best.0 & (u16::MAX >> (16 - 4 * len)));
    // A form that stands for another one has no bit of its own in its number.
    if forms & !best != 0 {
        return None;
    }
    let stores = forms >> (4 * (len - 1)) & 1 == 0;
    if forms == best {
        return Some(Fit { cost: 0, reads_cell: false, stores });
    }
    let silent = forms & LOWEST;
    let reads = with_source(best) & !with_source(forms);
    let from_elsewhere = with_source(best ^ forms) & with_source(forms);
    let reads_what_is_not_stored = reads & silent << 4;
    if from_elsewhere | reads_what_is_not_stored != 0 {
        return None;
    }
    let stored_in_vain = best & LOWEST & !silent;
    Some(Fit {
        cost: READ * count(reads) + STORE * count(stored_in_vain),
        reads_cell: reads & 1 != 0,
        stores,
    })
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
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) word: usize,
    /// How many ops the handler executes, if none of them branches.
    pub(super) len: usize,
    /// Of the way from here to the end of the function, if nothing branches.
    cost: u32,
    reads_cell: bool,
}

/// The handler for the first of `items`, given that those behind have theirs: its own, or one for a sequence that begins
/// with it. Every op keeps a handler of its own, so branches into a sequence stay valid.
pub(super) fn choose(linkage: &Linkage, items: &mut [Item]) -> Choice {
    let mut best = None;
    if let Some(fusion) = linkage.sequences {
        in_sequence(fusion, linkage.longest, items, &mut best);
    }
    if may_improve(&best, items.get(1)) {
        alone(linkage, items, &mut best);
    }
    let best = best.expect("every op has a base form, which may stand for any other if the op before stores");
    items[0].cost = best.cost;
    items[0].reads_cell = best.reads_cell;
    best
}

/// Looks for a handler for several of `items` from the first on. The longest sequences come first: they leave the least
/// to be done, so that there is often no need to look at the shorter ones' forms.
fn in_sequence(fusion: &Fusion, longest: usize, items: &[Item], best: &mut Option<Choice>) {
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
        let behind = items.get(len);
        if may_improve(best, behind) {
            for row in fusion.rows(nodes[len - 1]) {
                if let Some(fit) = fit(row.forms, forms, len)
                    && fit.suits(behind)
                {
                    offer(best, fit, behind, len, || fusion.handler(row));
                }
            }
        }
        len -= 1;
    }
}

/// Looks for a handler for the first of `items` alone.
fn alone(linkage: &Linkage, items: &[Item], best: &mut Option<Choice>) {
    let (first, behind) = (&items[0], items.get(1));
    // What may stand for the best form, from the cheapest to the dearest; some are the same.
    for form in [first.form, first.form & !1, silent(0), 0] {
        if let Some(fit) = fit(Forms::of_one(form), Forms::of_one(first.form), 1)
            && fit.suits(behind)
            && let Some(word) = (linkage.form)(first.op, form.into())
        {
            return offer(best, fit, behind, 1, || word);
        }
    }
}

/// Takes a handler if it is better than the best.
fn offer(
    best: &mut Option<Choice>,
    fit: Fit,
    behind: Option<&Item>,
    len: usize,
    word: impl FnOnce() -> usize,
) {
    let cost = least_cost(behind) + fit.cost;
    if best.is_none_or(|best| (cost, fit.reads_cell) < (best.cost, best.reads_cell)) {
        *best = Some(Choice { word: word(), len, cost, reads_cell: fit.reads_cell });
    }
}

impl Fit {
    /// Whether what comes behind can live with it.
    fn suits(&self, behind: Option<&Item>) -> bool {
        self.stores || !behind.is_some_and(|item| item.reads_cell)
    }
}

/// Whether a handler behind which `behind` comes may be better than the best.
fn may_improve(best: &Option<Choice>, behind: Option<&Item>) -> bool {
    best.is_none_or(|best| least_cost(behind) <= best.cost)
}

/// The cost of a handler in the best form, and of what comes behind.
fn least_cost(behind: Option<&Item>) -> u32 {
    DISPATCH + behind.map_or(0, |item| item.cost)
}
