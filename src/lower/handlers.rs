//! Which code catches exceptions: a function's handler table.
//!
//! A *region* is a range of code with *clauses*, each of which says where an exception with some tag goes on, and where
//! its payload is wanted. Code in a region does nothing for that; only who throws looks here. Regions are nested like the
//! blocks that they were lowered from and stand in the order in which those begin, so the innermost region around a
//! position is the last that begins at or before it, or one of that one's parents.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use crate::types::TagIdx;

/// Number of a region; regions are numbered in the order of their beginnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RegionIdx(pub(super) u32);

/// A range of code and what is caught there. Positions are byte offsets in the function's code.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(super) code: Range<u32>,
    /// The region around the block that this one was lowered from, whether or not its range covers this one.
    pub(super) parent: Option<RegionIdx>,
    /// Where to look further if no clause matches: the parent, unless `delegate` says otherwise.
    pub(super) next: Option<RegionIdx>,
    /// The first clause; each says which one follows.
    pub(super) first_clause: Option<u32>,
    /// Whether it comes from a `try`, whose clauses are known only once they come.
    pub(super) is_legacy: bool,
}

/// What is caught, and what happens then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clause {
    /// The tag of what is caught; `None` catches everything and drops the payload.
    pub(crate) tag: Option<TagIdx>,
    pub(crate) target: Target,
    /// First cell that the payload goes to.
    pub(crate) payload: u32,
    /// Cell that a reference to the exception goes to, if one is wanted.
    pub(crate) reference: Option<u32>,
    /// The region's next clause.
    pub(super) next: Option<u32>,
}

/// Where it goes on after something has been caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// At this position.
    Code(u32),
    /// The function returns; what was caught are its results.
    Return,
    /// Not known yet; the next clause that waits for the same label.
    Waiting(Option<u32>),
}

/// The handlers of one function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handlers {
    pub(super) regions: Vec<Region>,
    pub(super) clauses: Vec<Clause>,
}

impl Handlers {
    pub(super) fn clear(&mut self) {
        self.regions.clear();
        self.clauses.clear();
    }

    /// Whether there are no regions, and so no positions.
    pub(super) fn is_empty(&self) -> bool {
        self.regions.is_empty()
    }

    /// The table with all positions moved up by `shift`; `None` if nothing is ever caught.
    pub(crate) fn shifted(&self, shift: u32) -> Option<Box<Self>> {
        if self.clauses.is_empty() {
            return None;
        }
        let mut moved = self.clone();
        for region in &mut moved.regions {
            region.code = region.code.start + shift..region.code.end + shift;
        }
        for clause in &mut moved.clauses {
            if let Target::Code(target) = &mut clause.target {
                *target += shift;
            }
        }
        Some(Box::new(moved))
    }

    /// The clause that catches what is thrown at `position`, if there is one. `is_tag` says whether a tag is that of
    /// the exception.
    pub(crate) fn find(&self, position: u32, is_tag: impl Fn(TagIdx) -> bool) -> Option<Clause> {
        let behind = self.regions.partition_point(|region| region.code.start <= position);
        let mut next = behind.checked_sub(1).map(|last| RegionIdx(last as u32));
        while let Some(idx) = next {
            let region = &self.regions[idx.0 as usize];
            if region.code.contains(&position) {
                let catches = |clause: &&Clause| clause.tag.is_none_or(&is_tag);
                if let Some(clause) = self.clauses_of(region).find(catches) {
                    return Some(*clause);
                }
                next = region.next;
            } else {
                next = region.parent;
            }
        }
        None
    }

    /// The clauses of a region, in order.
    pub(super) fn clauses_of(&self, region: &Region) -> impl Iterator<Item = &Clause> {
        let at = |position: u32| &self.clauses[position as usize];
        let first = region.first_clause.map(at);
        core::iter::successors(first, move |clause| clause.next.map(at))
    }

    /// Each clause with the code that it is for, innermost first where they are nested.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Range<u32>, &Clause)> {
        self.regions
            .iter()
            .rev()
            .flat_map(|region| self.clauses_of(region).map(|clause| (region.code.clone(), clause)))
    }
}
