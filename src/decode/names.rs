//! The name section: its bytes in, [`Names`] out.
//!
//! Names serve messages and listings only, so a section that is malformed anywhere is treated as absent, as the
//! specification demands of custom sections; it is never an error.

use wasmparser::{Name, NameSectionReader};

use super::info::Names;

/// Reads the whole section, or gives `None` if any part of it is malformed.
pub(super) fn names(reader: NameSectionReader<'_>) -> Option<Names> {
    let mut names = Names::default();
    for subsection in reader {
        match subsection.ok()? {
            Name::Module { name, .. } => names.module = Some(name.into()),
            Name::Function(map) => {
                for naming in map {
                    let naming = naming.ok()?;
                    names.funcs.insert(naming.index, naming.name.into());
                }
            }
            _ => {}
        }
    }
    Some(names)
}
