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
use super::fusion::{Fusion, Node};
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

/// Lists the ops with the best forms that their neighbours allow.
pub(super) fn list(words: &[u64], items: &mut Vec<Item>) {
    items.clear();
    let mut before: Option<OpRef<'_>> = None;
    for op in CodeReader::new(words) {
        let source = before.filter(|_| op.follows()).map_or(0, |before| source_from(&before, &op));
        if let (Some(before), Some(item)) = (before, items.last_mut())
            && before.dies()
            && source != 0
            && has_form(item.op, silent(item.form))
        {
            item.form = silent(item.form);
        }
        let form = form_number(source, true) as u8;
        items.push(Item { op: op.op, form, at: op.pos.0 / 8, cost: 0, reads_cell: false });
        before = Some(op);
    }
}

/// The operand field of `op` that can come from the accumulator in which `before`, directly before it, leaves its
/// result; 0 if none can.
fn source_from(before: &OpRef<'_>, op: &OpRef<'_>) -> usize {
    let Some(class) = classes(before.op).result else { return 0 };
    let reads_result = |field: &Field| match *field {
        Field::Slot(at) if op.u16(at) == before.u16(A) => Some(at),
        _ => None,
    };
    let Some(at) = op.op.shape().fields().iter().find_map(reads_result) else { return 0 };
    let fits = classes(op.op).operand_at(at) == Some(class);
    if fits && has_form(op.op, form_number(at, true) as u8) { at } else { 0 }
}

/// The form that differs in not storing.
fn silent(form: u8) -> u8 {
    form | 1
}

fn stores(form: u8) -> bool {
    form & 1 == 0
}

/// A form as an op's handler might have it.
#[derive(Clone, Copy)]
struct Variant {
    form: u8,
    /// Whether it reads the cell of an operand that might have come from the accumulator.
    reads_cell: bool,
}

/// The variants that may stand for a best form, that form first.
fn variants(best: u8) -> impl Iterator<Item = Variant> {
    let column = best & !1;
    let exact = (best, false);
    // A fixed number, as linking spends much of its time here.
    let (all, count) = match (column, stores(best)) {
        (0, true) => ([exact; 4], 1),
        (0, false) => ([exact, (0, false), exact, exact], 2),
        (_, true) => ([exact, (0, true), exact, exact], 2),
        (_, false) => ([exact, (column, false), (silent(0), true), (0, true)], 4),
    };
    all.into_iter().take(count).map(|(form, reads_cell)| Variant { form, reads_cell })
}

/// Costs, measured over many programs: of a dispatch, of reading a cell where the value is in an accumulator, and of a
/// store that nobody needs.
const DISPATCH: u32 = 8;
const READ: u32 = 6;
const STORE: u32 = 2;

/// What it costs that `variant` stands for the best form.
fn weakness(best: u8, variant: Variant) -> u32 {
    let stores_in_vain = stores(variant.form) && !stores(best);
    u32::from(variant.reads_cell) * READ + u32::from(stores_in_vain) * STORE
}

/// What is to be written at an op's head.
#[derive(Clone, Copy)]
struct Choice {
    word: usize,
    /// Of the way from here to the end of the function, if nothing branches.
    cost: u32,
    reads_cell: bool,
}

/// The handler for the first of `items`, given that those behind have theirs: its own, or one for a sequence that begins
/// with it. Every op keeps a handler of its own, so branches into a sequence stay valid.
pub(super) fn choose(linkage: &Linkage, items: &mut [Item]) -> usize {
    let mut search = Search { linkage, items, best: None };
    search.run();
    let best =
        search.best.expect("every op has a base form, which may stand for any other if the op before stores");
    items[0].cost = best.cost;
    items[0].reads_cell = best.reads_cell;
    best.word
}

struct Search<'a> {
    linkage: &'a Linkage,
    items: &'a [Item],
    best: Option<Choice>,
}

/// A way to begin with some of the items.
#[derive(Clone, Copy)]
struct Part {
    node: Node,
    len: usize,
    stores: bool,
    weakness: u32,
    reads_cell: bool,
}

impl Search<'_> {
    fn run(&mut self) {
        let first = self.items[0];
        for variant in variants(first.form) {
            let part = Part {
                node: Fusion::start(first.op, variant.form),
                len: 1,
                stores: stores(variant.form),
                weakness: weakness(first.form, variant),
                reads_cell: variant.reads_cell,
            };
            if let Some(word) = (self.linkage.form)(first.op, variant.form.into()) {
                self.offer(word, part);
            }
            if let Some(fusion) = self.linkage.fusion {
                self.extend(fusion, part);
            }
        }
    }

    /// Looks at everything that begins like `part` and is longer: as deep as the longest sequence.
    fn extend(&mut self, fusion: &Fusion, part: Part) {
        let Some(next) = self.items.get(part.len) else { return };
        for variant in variants(next.form) {
            if variant.reads_cell && !part.stores {
                continue;
            }
            let Some(node) = fusion.step(part.node, next.op, variant.form) else { continue };
            let longer = Part {
                node,
                len: part.len + 1,
                stores: stores(variant.form),
                weakness: part.weakness + weakness(next.form, variant),
                ..part
            };
            if let Some(word) = fusion.handler(node) {
                self.offer(word, longer);
            }
            if longer.len < fusion.longest() {
                self.extend(fusion, longer);
            }
        }
    }

    /// Takes the handler for `part` if it is better than the best, and what comes behind can live with it.
    fn offer(&mut self, word: usize, part: Part) {
        let behind = self.items.get(part.len);
        if behind.is_some_and(|item| item.reads_cell) && !part.stores {
            return;
        }
        let cost = DISPATCH + part.weakness + behind.map_or(0, |item| item.cost);
        if self.best.is_none_or(|best| cost < best.cost) {
            self.best = Some(Choice { word, cost, reads_cell: part.reads_cell });
        }
    }
}
