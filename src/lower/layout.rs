//! Code layout: what is said to be executed rarely goes behind everything else.
//!
//! In go the words of a body and its *cold* ranges, arms of branches that a module's hints call unlikely; out comes the same
//! code with these ranges at the end, the common path going straight on. Loop heads and the trace of a listing move along.
//! Only bodies with such hints come here. A range is moved if what precedes it is a branch around it, which is then turned
//! round or left out; others stay where they are.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::Trace;
use crate::isa::code::{CodeBuffer, CodePos, OpRef};
use crate::isa::ops::Op;
use crate::isa::shape::{D, Field, TARGET_BYTES};

/// Moves the ranges in `cold`, which are nested or apart, to the end of `code`.
pub(super) fn move_cold(
    code: &mut CodeBuffer,
    cold: &mut Vec<Range<u32>>,
    heads: &mut [CodePos],
    trace: Option<&mut Trace>,
) {
    cold.sort_unstable_by_key(|range| range.start);
    keep_movable(code, cold);
    if cold.is_empty() {
        return;
    }
    let old = core::mem::take(code);
    let mut layout =
        Layout { old: &old, cold, code, moved: vec![None; old.words().len()], targets: Vec::new() };
    layout.write();
    let moved = layout.aim();
    let new_pos = |pos: CodePos| moved[pos.0 as usize / 8].expect("every op is somewhere");
    for head in heads {
        *head = new_pos(*head);
    }
    if let Some(trace) = trace {
        let mut places: Vec<_> = old.reader().map(|op| (new_pos(op.pos), trace.offset_at(op.pos))).collect();
        places.sort_unstable_by_key(|(pos, _)| *pos);
        trace.clear();
        for (pos, offset) in places {
            offset.into_iter().for_each(|offset| trace.start(pos, offset));
        }
    }
}

/// What stands before a range that can be moved.
enum Before {
    /// A conditional branch around the range, and the op that is its opposite.
    Around(Op),
    /// A branch to the range's end, which is needless without the range in between.
    Needless,
    /// Something that never goes on with the next op.
    Other,
}

impl Before {
    fn of(op: &OpRef<'_>, range: &Range<u32>) -> Option<Self> {
        let target = op.op.shape().fields().iter().find_map(|field| match field {
            Field::Target(at) => Some(op.target(*at).0),
            _ => None,
        });
        match op.op.facts().not {
            Some(opposite) if target == Some(range.end) => Some(Self::Around(opposite)),
            _ if op.op == Op::Br && target == Some(range.end) => Some(Self::Needless),
            _ if !op.op.shape().goes_on() => Some(Self::Other),
            _ => None,
        }
    }
}

/// Keeps those of `cold` that are not empty and that something precedes which can do without them, and whose end is no
/// other range's start.
fn keep_movable(code: &CodeBuffer, cold: &mut Vec<Range<u32>>) {
    let starts: Vec<u32> = cold.iter().map(|range| range.start).collect();
    let mut ops = code.reader().peekable();
    cold.retain(|range| {
        let mut before = None;
        while let Some(op) = ops.next_if(|op| op.pos.0 < range.start) {
            before = Some(op);
        }
        // Nothing lies between the start of this range and that of one that began at the same place.
        let before = before.and_then(|op| Before::of(&op, range));
        before.is_some() && !range.is_empty() && starts.binary_search(&range.end).is_err()
    });
}

struct Layout<'a> {
    old: &'a CodeBuffer,
    /// By ascending start.
    cold: &'a [Range<u32>],
    code: &'a mut CodeBuffer,
    /// Where each op has gone, by its word in the old code.
    moved: Vec<Option<CodePos>>,
    /// Target fields in the new code, and the old positions that they lead to.
    targets: Vec<(CodePos, CodePos)>,
}

impl Layout<'_> {
    /// Writes all code, ranges behind what they were taken out of.
    fn write(&mut self) {
        let mut waiting = VecDeque::new();
        waiting.push_back(0..self.old.pos().0);
        while let Some(range) = waiting.pop_front() {
            self.write_range(&range, &mut waiting);
        }
    }

    fn write_range(&mut self, range: &Range<u32>, waiting: &mut VecDeque<Range<u32>>) {
        let mut at = range.start;
        let mut goes_on = true;
        let mut has_label = true;
        while at < range.end {
            let op = OpRef::at(self.old.words(), CodePos(at));
            let next = at + op.word_len() as u32 * 8;
            if has_label || op.has_label() {
                self.code.put_label();
            }
            has_label = false;
            self.moved[at as usize / 8] = Some(self.code.pos());
            let Some(cold) = self.cold_from(next).filter(|cold| cold.end <= range.end) else {
                self.copy(&op);
                goes_on = op.op.shape().goes_on();
                at = next;
                continue;
            };
            goes_on = true;
            match Before::of(&op, &cold) {
                Some(Before::Around(opposite)) => self.copy_opposite(&op, opposite, CodePos(cold.start)),
                Some(Before::Needless) => {}
                _ => {
                    self.copy(&op);
                    goes_on = false;
                }
            }
            at = cold.end;
            has_label = true;
            waiting.push_back(cold);
        }
        if goes_on {
            // The rest lies elsewhere.
            let branch = self.code.push_abc_d(Op::Br, 0, 0, 0, 0);
            self.targets.push((CodePos(branch.0 + D as u32), CodePos(range.end)));
        }
    }

    fn cold_from(&self, start: u32) -> Option<Range<u32>> {
        let index = self.cold.binary_search_by_key(&start, |range| range.start).ok()?;
        Some(self.cold[index].clone())
    }

    fn copy(&mut self, op: &OpRef<'_>) {
        let pos = self.code.push_words(op.whole());
        for (at, target) in targets_of(op) {
            self.targets.push((CodePos(pos.0 + at), target));
        }
    }

    /// Copies a branch so that it goes to `target` where it went on before.
    fn copy_opposite(&mut self, op: &OpRef<'_>, opposite: Op, target: CodePos) {
        let pos = self.code.push_words(op.whole());
        self.code.set_op(pos, opposite);
        for (at, _) in targets_of(op) {
            self.targets.push((CodePos(pos.0 + at), target));
        }
    }

    /// Aims all branches at where their targets have gone, and says where everything has.
    fn aim(self) -> Vec<Option<CodePos>> {
        for (field, target) in self.targets {
            let target = self.moved[target.0 as usize / 8].expect("branches lead to ops");
            self.code.set_target(field, target);
        }
        self.moved
    }
}

/// The target fields of an op, by their distance from its start, with the positions that they lead to.
fn targets_of<'a>(op: &'a OpRef<'_>) -> impl Iterator<Item = (u32, CodePos)> + 'a {
    let shape = op.op.shape();
    let own = shape.fields().iter().filter_map(|field| match field {
        Field::Target(at) => Some((*at as u32, op.target(*at))),
        _ => None,
    });
    let table = op.table_targets().enumerate();
    own.chain(table.map(move |(i, target)| (shape.bytes() as u32 + i as u32 * TARGET_BYTES, target)))
}
