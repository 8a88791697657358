//! Lists a function's ops with the best forms that their neighbours allow.
//!
//! An op's operand comes from an accumulator if that holds what is in the operand's cell, or held it before the op
//! before, and its result is not stored if only the op behind looks. Which cell each accumulator has the value of is
//! followed from op to op. All of this is done for every op of every function that is linked: it is kept to a few words
//! that fit into registers, and to few branches.

use alloc::vec::Vec;

use super::classes::{Classes, classes};
use super::dispatch::Linkage;
use super::form::{
    CLASSES, COLUMNS, Class, EARLIER, FROM, Flags, SILENT, as_earlier, column, form_of, forms_of_shape, from,
    of_earlier,
};
use crate::isa::code::{Item, NOWHERE, OpRef};
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{A, B, C, D, Field, OP, Shape};

macro_rules! nothing {
    ($name:ident $source:tt $stores:literal) => {
        ()
    };
}

/// What is asked about each op of each function, in one place.
#[derive(Clone, Copy)]
struct Facts {
    /// The accumulator that the op leaves its result in, which is also what the cell at A then has.
    result: Option<Class>,
    /// Its lane.
    result_lane: Lane,
    /// The operands that may come from accumulators: of two classes at most.
    operands: [Operands; 2],
    /// A bit for every form that there is outside of sequences, by its column.
    forms: u16,
    /// What makes [`NOWHERE`] of the cell at A if the op does not write it; else 0.
    unwritten: u16,
    /// The cell behind that one is written, too.
    writes_two: bool,
    /// It is not for its operands alone to say what cells are written, or accumulators besides its result's may change.
    forgets: bool,
    /// See [`Item::linked`].
    linked: u8,
    /// Words that the op takes; 0 if it says so itself.
    words: u8,
}

const _: () = assert!(COLUMNS <= u16::BITS as usize);

/// Operands of one class.
#[derive(Clone, Copy)]
struct Operands {
    class: Class,
    /// All that a form can say of them.
    flags: Flags,
}

impl Facts {
    const fn new(op: Op, forms: [Option<()>; COLUMNS]) -> Self {
        let shape = op.shape();
        let result = classes(op).result;
        let mut facts = Self {
            result,
            result_lane: Lane::of(result),
            operands: [Operands { class: Class::Int, flags: 0 }; 2],
            forms: 0,
            unwritten: NOWHERE,
            writes_two: false,
            forgets: false,
            linked: 0,
            words: if shape.tail().is_some() { 0 } else { shape.words() as u8 },
        };
        if let Some(at) = shape.linked_field() {
            facts.linked = at as u8;
        }
        let mut column = 0;
        while column < COLUMNS {
            facts.forms |= (forms[column].is_some() as u16) << column;
            column += 1;
        }
        let fields = shape.fields();
        let mut i = 0;
        while i < fields.len() {
            facts.add_field(classes(op), fields[i]);
            i += 1;
        }
        // What has forms leaves the other accumulators alone, and so do these, which have none for want of operands. All
        // other ops may leave the loop or call, after which accumulators hold nothing.
        facts.forgets |= facts.forms.count_ones() <= 1
            && !matches!(shape, Shape::const32 | Shape::const64 | Shape::zero1 | Shape::zero2 | Shape::zero3);
        facts
    }

    const fn add_field(&mut self, classes: &Classes, field: Field) {
        match field {
            Field::Slot(at) | Field::Slot128(at) if at <= D && self.has_form(form_of(at, true)) => {
                if let Some(class) = classes.operand_at(at) {
                    self.add_operand(at, class);
                }
            }
            Field::Dst(A) => self.unwritten = 0,
            Field::Dst128(A) => (self.unwritten, self.writes_two) = (0, true),
            Field::Dst(_) | Field::Dst128(_) | Field::Dst32(_) | Field::Base32(_) => self.forgets = true,
            _ => {}
        }
    }

    const fn add_operand(&mut self, at: usize, class: Class) {
        let mut group = 0;
        while self.operands[group].flags != 0 && self.operands[group].class as u8 != class as u8 {
            group += 1;
        }
        self.operands[group].class = class;
        self.operands[group].flags |= from(at) | as_earlier(from(at));
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

/// Lists the ops; in base form where they have nothing to do with accumulators.
pub(super) fn list(linkage: &Linkage, words: &[u64], items: &mut Vec<Item>) {
    // No op is shorter than two words.
    items.resize(words.len() / 2, Item { op: Op::Unreachable, form: 0, linked: 0, at: 0 });
    let mut count = 0;
    let mut known = Known::NOTHING;
    let mut may_be_silent = false;
    let mut rest = words;
    while !rest.is_empty() {
        let op = OpRef::first_of(rest);
        let facts = facts(op.op);
        if op.has_label() || !linkage.has_accumulators {
            known = Known::NOTHING;
        }
        let (form, reads_newest_once) = known.best_form(Lanes::of_operands(&op), facts);
        if may_be_silent && reads_newest_once {
            items[count - 1].form |= SILENT;
        }
        let at = (words.len() - rest.len()) as u32;
        items[count] = Item { op: op.op, form, linked: facts.linked, at };
        count += 1;
        known.execute(op.u16(A), facts);
        may_be_silent = op.dies() && facts.has_form(SILENT);
        rest = &rest[if facts.words == 0 { word_len(rest) } else { facts.words.into() }..];
    }
    items.truncate(count);
}

/// The length of an op with a tail. It reads the op again: the loop's stays in registers if nothing refers to it.
#[cold]
fn word_len(words: &[u64]) -> usize {
    OpRef::first_of(words).word_len()
}

/// What is known of the accumulators before an op.
#[derive(Clone, Copy)]
struct Known {
    /// For each accumulator, by class: the cell that has the same value, or [`NOWHERE`].
    held: Lanes,
    /// What they held before the op before, as far as it is still in the cells.
    before: Lanes,
    /// The one that the op before has set.
    newest: Option<Class>,
}

impl Known {
    const NOTHING: Self = Self { held: Lanes::all(NOWHERE), before: Lanes::all(NOWHERE), newest: None };

    /// The best form for an op with these cells for operands, and whether just one of them is what the op before has
    /// computed: this comes from the accumulator first of all.
    #[inline]
    fn best_form(&self, cells: Lanes, facts: &Facts) -> (Flags, bool) {
        let (mut newest, mut found) = (0, 0);
        for Operands { class, flags } in facts.operands {
            if flags == 0 {
                break;
            }
            let in_class = flags & cells.found(self.held.lane(class), self.before.lane(class));
            found |= in_class;
            newest |= if self.newest == Some(class) { in_class & FROM } else { 0 };
        }
        if found == 0 {
            return (0, false);
        }
        let sources = if newest == 0 { lowest(found & FROM) } else { nameable(newest) };
        let earlier = found & EARLIER & !as_earlier(sources);
        (sources | as_earlier(nameable(of_earlier(earlier))), newest.is_power_of_two())
    }

    /// Notes what an op with this cell at A does.
    #[inline]
    fn execute(&mut self, a: u16, facts: &Facts) {
        let mut held = self.held.without(a | facts.unwritten);
        if facts.writes_two {
            held = held.without(a + 1);
        }
        if facts.forgets {
            held = Lanes::all(NOWHERE);
        }
        self.before = held;
        self.held = held.with(facts.result_lane, a);
        self.newest = facts.result;
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

/// Four cells' numbers in one word: of an op's operands from A to D, or of the accumulators by class.
#[derive(Clone, Copy)]
struct Lanes(u64);

/// One of them: all of its bits.
#[derive(Clone, Copy)]
struct Lane(u64);

const _: () =
    assert!(CLASSES == 4 && from(A) == 1 << 1 && A == OP + 2 && B == OP + 4 && C == OP + 6 && D == OP + 8);

const LANE_BITS: usize = 16;

impl Lane {
    const fn of(class: Option<Class>) -> Self {
        match class {
            Some(class) => Self(0xFFFF << (class as usize * LANE_BITS)),
            None => Self(0),
        }
    }
}

impl Lanes {
    /// The lowest and the highest bit of each.
    const LOW: u64 = 0x0001_0001_0001_0001;
    const HIGH: u64 = Self::LOW << (LANE_BITS - 1);

    const fn all(cell: u16) -> Self {
        Self(cell as u64 * Self::LOW)
    }

    /// An op's operands: those that it does not have are anything.
    #[inline]
    fn of_operands(op: &OpRef<'_>) -> Self {
        let beyond_c = op.words().get(2).map_or(0, |&word| u64::from_le(word));
        Self(op.u64(OP) >> LANE_BITS | beyond_c << (3 * LANE_BITS))
    }

    #[inline]
    fn lane(self, class: Class) -> u16 {
        (self.0 >> (class as usize * LANE_BITS)) as u16
    }

    #[inline]
    fn with(self, lane: Lane, cell: u16) -> Self {
        Self(self.0 & !lane.0 | Self::all(cell).0 & lane.0)
    }

    /// The lowest bit of each that is `cell`.
    #[inline]
    fn matches(self, cell: u16) -> u64 {
        let differences = self.0 ^ Self::all(cell).0;
        // Adding carries into the highest bit if any other one is set.
        let differing = (differences & !Self::HIGH).wrapping_add(!Self::HIGH) | differences;
        (!differing & Self::HIGH) >> (LANE_BITS - 1)
    }

    /// [`NOWHERE`] in place of `cell`.
    #[inline]
    fn without(self, cell: u16) -> Self {
        let matches = self.matches(cell);
        Self(self.0 | (matches << LANE_BITS).wrapping_sub(matches))
    }

    /// The operands that are the cell `held`, as a form names those that come [`from`] accumulators, and those that are
    /// `before`, as it names earlier ones.
    #[inline]
    fn found(self, held: u16, before: u16) -> Flags {
        // Four of the product's terms have the matches of one lane each, side by side from bit 48 on; that the lowest one
        // is to be bit 1 of the flags leaves 47, where no term has anything.
        const GATHER: u64 = 1 << 48 | 1 << 33 | 1 << 18 | 1 << 3;
        let matches = self.matches(held) | self.matches(before) << 4;
        (matches.wrapping_mul(GATHER) >> 47) as Flags
    }
}

#[cfg(test)]
mod tests {
    use super::super::form::{as_earlier, from};
    use super::{A, B, C, D, Flags, Lanes, NOWHERE};

    const CELLS: [u16; 6] = [0, 1, 0x7FFF, 0x8000, 0xFFFE, NOWHERE];

    fn lanes(cells: [u16; 4]) -> Lanes {
        Lanes(cells.iter().rev().fold(0, |lanes, cell| lanes << 16 | u64::from(*cell)))
    }

    /// Calls `check` with every choice of four cells.
    fn for_each_choice(mut check: impl FnMut([u16; 4])) {
        for i in 0..CELLS.len().pow(4) {
            check([1, 6, 36, 216].map(|place| CELLS[i / place % CELLS.len()]));
        }
    }

    #[test]
    fn all_lanes_are_compared_at_once() {
        for_each_choice(|cells| {
            let of = |cell: u16| -> Flags {
                let found = cells.iter().zip([A, B, C, D]).filter(|(own, _)| **own == cell);
                found.map(|(_, at)| from(at)).sum()
            };
            for held in CELLS {
                for before in CELLS {
                    let expected = of(held) | as_earlier(of(before));
                    assert_eq!(lanes(cells).found(held, before), expected, "{cells:x?} {held:x} {before:x}");
                }
            }
        });
    }

    #[test]
    fn a_cell_is_forgotten_in_all_lanes() {
        for_each_choice(|cells| {
            for written in CELLS {
                let expected = cells.map(|cell| if cell == written { NOWHERE } else { cell });
                assert_eq!(lanes(cells).without(written).0, lanes(expected).0, "{cells:x?} {written:x}");
            }
        });
    }
}
