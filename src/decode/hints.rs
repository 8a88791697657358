//! The section `metadata.code.branch_hint`: a module goes in, [`BranchHint`]s come out.
//!
//! Hints decide where code lies and nothing else, so a section that is malformed anywhere is treated as absent, as the
//! specification demands of custom sections; it is never an error. Hints for what is no branch are never asked for.

use alloc::boxed::Box;
use alloc::vec::Vec;

use wasmparser::{BinaryReader, BranchHintSectionReader};

use super::info::{BranchHint, ModuleInfo, Section};
use crate::types::FuncIdx;

const NAME: &str = "metadata.code.branch_hint";

impl ModuleInfo {
    /// Reads the hints. Of several sections the first well-formed one counts.
    pub(super) fn read_branch_hints(&mut self) {
        let mut all = self.sections.iter().filter_map(|section| self.section_hints(section));
        let hints = all.next().unwrap_or_default();
        drop(all);
        self.branch_hints = hints;
    }

    /// The hints for the branches of `func`, by ascending offset.
    pub(crate) fn branch_hints_of(&self, func: FuncIdx) -> &[BranchHint] {
        let start = self.branch_hints.partition_point(|hint| hint.func < func);
        let rest = &self.branch_hints[start..];
        &rest[..rest.partition_point(|hint| hint.func == func)]
    }

    /// What a section says if it has hints; `None` if any part of it is malformed.
    fn section_hints(&self, section: &Section) -> Option<Box<[BranchHint]>> {
        let start = match &section.custom {
            Some((name, start)) if **name == *NAME => *start,
            _ => return None,
        };
        let bytes = &self.bytes[start as usize..section.range.end as usize];
        let mut hints = Vec::new();
        for func in BranchHintSectionReader::new(BinaryReader::new(bytes, start.into())).ok()? {
            let func = func.ok()?;
            for hint in func.hints {
                let hint = hint.ok()?;
                let (func, offset) = (FuncIdx(func.func), hint.func_offset);
                hints.push(BranchHint { func, offset, likely: hint.taken });
            }
        }
        hints.sort_unstable_by_key(|hint| (hint.func, hint.offset));
        Some(hints.into_boxed_slice())
    }
}
