//! Chooses the handlers of a function's ops: those with which execution is cheapest, which mostly means the fewest dispatches.
//!
//! Neighbours decide which form of an op is the best ([`super::list`]). The ops are then covered with what the strategy
//! has handlers for, from the last op backwards. On the way forms may be weakened, because a sequence of ops is far more
//! likely to have a handler in some form than in just the best one: storing a result that nobody needs is always right,
//! and so is reading a cell that has been stored.

use super::dispatch::Linkage;
use super::form::{EARLIER, FROM, Flags, SILENT};
use super::fusion::{Forms, Fusion, MAX_OPS, Node, Row};
use crate::isa::code::Item;
use crate::isa::ops::Op;

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
    if lost == 0 {
        return Some(0);
    }
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

/// An op and those behind it, as many as a sequence may have.
struct Window {
    /// Their numbers, the first one's in the lowest bits; behind the end of the function, a number that no op has.
    ops: u64,
    forms: Forms,
    /// The cost from behind so many of them on, less one, to the end of the function: see [`Best::cost`].
    costs: [u32; MAX_OPS],
}

const _: () = assert!(MAX_OPS * 16 == u64::BITS as usize && Op::ALL.len() < u16::MAX as usize);

impl Window {
    /// What is behind the last op.
    const END: Self = Self { ops: u64::MAX, forms: Forms::NONE, costs: [0; MAX_OPS] };

    /// Has this op in front of the others.
    #[inline]
    fn put_in_front(&mut self, item: &Item) {
        self.ops = self.ops << 16 | item.op as u64;
        self.forms = self.forms.behind(item.form);
    }

    /// Notes the cost from the first op on, before another one comes in front of it.
    #[inline]
    fn put_cost(&mut self, cost: u32) {
        let [first, second, third, _] = self.costs;
        self.costs = [cost, first, second, third];
    }

    /// The number of the op behind the first `index`.
    #[inline]
    fn op(&self, index: usize) -> u16 {
        (self.ops >> (16 * index)) as u16
    }

    #[inline]
    fn behind(&self, len: usize) -> Behind {
        let cost = self.costs[len - 1];
        Behind { least_cost: DISPATCH + (cost & !READS_CELL), must_store: cost & READS_CELL != 0 }
    }
}

/// What comes behind a handler.
struct Behind {
    /// The cost from there on, with that of the handler's dispatch.
    least_cost: u32,
    /// Whether the handler must store what it computes.
    must_store: bool,
}

impl Behind {
    /// Whether it can live with a handler in these forms.
    #[inline]
    fn accepts(&self, forms: Forms, len: usize) -> bool {
        !self.must_store || forms.last_stores(len)
    }
}

/// Chooses for all of `items`, from the last to the first, and tells `put`.
pub(super) fn choose_all(linkage: &Linkage, items: &[Item], mut put: impl FnMut(&Item, Choice)) {
    let mut window = Window::END;
    for item in items.iter().rev() {
        window.put_in_front(item);
        let best = best_of(linkage, item, &window);
        window.put_cost(best.cost);
        let choice = match (best.found, linkage.sequences) {
            (Found::Alone(word), _) => Choice { word, len: 1 },
            (Found::Sequence(len, row), Some(fusion)) => Choice { word: fusion.handler(row), len },
            _ => unreachable!(
                "every op has a base form, which may stand for any other if the op before stores"
            ),
        };
        put(item, choice);
    }
}

/// The handler for `item`, the first of the window, given that those behind have theirs: its own, or one for a sequence
/// that begins with it. Every op keeps a handler of its own, so branches into a sequence stay valid.
#[inline(always)]
fn best_of(linkage: &Linkage, item: &Item, window: &Window) -> Best {
    let mut best = Best { cost: u32::MAX, found: Found::Nothing };
    if let Some(fusion) = linkage.sequences {
        in_sequence(fusion, linkage.longest, window, &mut best);
    }
    alone(linkage, item, &window.behind(1), &mut best);
    best
}

/// Looks for a handler for several ops from the first on. The longest sequences come first: they leave the least to be
/// done, so that there is often no need to look at the shorter ones' forms.
#[inline(always)]
fn in_sequence(fusion: &Fusion, longest: usize, window: &Window, best: &mut Best) {
    let Some(two) = step::<2>(fusion, longest, Node::of_op(window.op(0)), window) else { return };
    if let Some(three) = step::<3>(fusion, longest, two, window) {
        if let Some(four) = step::<4>(fusion, longest, three, window) {
            among::<4>(fusion, four, window, best);
        }
        among::<3>(fusion, three, window, best);
    }
    among::<2>(fusion, two, window, best);
}

/// `shorter` with one more op, which makes it `LEN` ops.
#[inline(always)]
fn step<const LEN: usize>(fusion: &Fusion, longest: usize, shorter: Node, window: &Window) -> Option<Node> {
    if LEN <= longest { fusion.step(shorter, window.op(LEN - 1)) } else { None }
}

/// Looks for a handler for the first `LEN` ops, which are those of `node`.
#[inline(always)]
fn among<const LEN: usize>(fusion: &Fusion, node: Node, window: &Window, best: &mut Best) {
    let behind = window.behind(LEN);
    if behind.least_cost >= best.cost {
        return;
    }
    let best_forms = window.forms.first(LEN);
    let forms = best_forms.within_sequence();
    let least_cost = behind.least_cost + READ_EARLIER * count(best_forms.0 ^ forms.0, EARLIER);
    if least_cost >= best.cost {
        return;
    }
    let rows = fusion.rows(node);
    // Mostly there is one in the best forms, and none can be better.
    if behind.accepts(forms, LEN)
        && let Some(row) = rows.find(forms)
    {
        *best = Best { cost: least_cost, found: Found::Sequence(LEN, row) };
        return;
    }
    for (own_forms, row) in rows.iter() {
        if behind.accepts(own_forms, LEN)
            && let Some(extra) = extra_cost(own_forms, forms)
            && least_cost + extra < best.cost
        {
            *best = Best { cost: least_cost + extra, found: Found::Sequence(LEN, row) };
        }
    }
}

/// Looks for a handler for `item` alone.
#[inline(always)]
fn alone(linkage: &Linkage, item: &Item, behind: &Behind, best: &mut Best) {
    let (op, best_form) = (item.op, item.form);
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
