//! The name section: a module goes in, [`Names`] come out.
//!
//! Names serve messages and listings only, so they are read when the first of them is asked for, and a section that
//! is malformed anywhere is treated as absent, as the specification demands of custom sections; it is never an error.

use core::ops::Range;

use wasmparser::{BinaryReader, Name, NameSectionReader};

use super::info::{ModuleInfo, Names, Section};
use super::narrow;
use crate::types::FuncIdx;

impl ModuleInfo {
    /// The module's name for itself, if it gives one.
    pub(crate) fn name(&self) -> Option<&str> {
        self.text(self.with_names(|names| names.module.clone())?)
    }

    /// The module's name for function `idx`, if it gives one.
    pub(crate) fn func_name(&self, idx: FuncIdx) -> Option<&str> {
        self.text(self.with_names(|names| names.funcs.get(&idx.0).cloned())?)
    }

    fn with_names<T>(&self, ask: impl FnOnce(&Names) -> T) -> T {
        ask(self.names.lock().get_or_insert_with(|| self.read_names()))
    }

    /// Of several name sections the first well-formed one counts.
    fn read_names(&self) -> Names {
        let all = self.sections.iter().filter_map(|section| self.section_names(section));
        let mut with_names = all.filter(|names| names.module.is_some() || !names.funcs.is_empty());
        with_names.next().unwrap_or_default()
    }

    /// What a section says if it is a name section; `None` if any part of it is malformed.
    fn section_names(&self, section: &Section) -> Option<Names> {
        let start = match &section.custom {
            Some((name, start)) if **name == *"name" => *start,
            _ => return None,
        };
        let bytes = &self.bytes[start as usize..section.range.end as usize];
        let mut names = Names::default();
        for subsection in NameSectionReader::new(BinaryReader::new(bytes, start.into())) {
            match subsection.ok()? {
                Name::Module { name, .. } => names.module = Some(self.range_of(name)),
                Name::Function(map) => {
                    for naming in map {
                        let naming = naming.ok()?;
                        names.funcs.insert(naming.index, self.range_of(naming.name));
                    }
                }
                _ => {}
            }
        }
        Some(names)
    }

    /// Where in the module's bytes `name`, a part of them, lies.
    fn range_of(&self, name: &str) -> Range<u32> {
        if name.is_empty() {
            return 0..0;
        }
        let start = name.as_ptr().addr() - self.bytes.as_ptr().addr();
        narrow(start as u64)..narrow((start + name.len()) as u64)
    }

    fn text(&self, range: Range<u32>) -> Option<&str> {
        core::str::from_utf8(&self.bytes[range.start as usize..range.end as usize]).ok()
    }
}
