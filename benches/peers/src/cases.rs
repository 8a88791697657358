//! The modules that are measured: named by the user, or those of this repository.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// A module in its binary format.
pub struct Case {
    pub name: String,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Case {
    /// A module of this repository, its path relative to the package.
    pub fn own(path: &str) -> Result<Self> {
        Self::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
    }

    pub fn read(path: &Path) -> Result<Self> {
        let bytes = wat::parse_file(path).with_context(|| path.display().to_string())?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, path: path.to_owned(), bytes })
    }

    /// All modules that `paths` name, smallest first; folders with their subfolders.
    pub fn all(paths: &[PathBuf]) -> Result<Vec<Self>> {
        let own =
            ["../../examples", "../wat", "wat"].map(|path| Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
        let paths = if paths.is_empty() { &own[..] } else { paths };
        let mut files = Vec::new();
        for path in paths {
            find(path, &mut files)?;
        }
        let mut cases = files.iter().map(|path| Self::read(path)).collect::<Result<Vec<_>>>()?;
        ensure!(!cases.is_empty(), "there is no .wasm or .wat among {paths:?}");
        cases.sort_by_key(|case| case.bytes.len());
        Ok(cases)
    }

    pub fn label(&self) -> String {
        format!("{}, {:.1} kB", self.name, self.bytes.len() as f64 / 1e3)
    }

    /// Bytes of the exported memories that an instance begins with.
    pub fn memory_bytes(&self) -> Result<usize> {
        let module = wapiti::Module::from_binary(&lazy(), &self.bytes)?;
        let memories = module.exports().filter_map(|export| match export.ty() {
            wapiti::ExternType::Memory(ty) => Some(ty.minimum() as usize * 65_536),
            _ => None,
        });
        Ok(memories.sum())
    }

    /// Bytes of the code section.
    pub fn code_section_bytes(&self) -> Result<usize> {
        const CODE_SECTION: u8 = 10;
        let module = wapiti::Module::from_binary(&lazy(), &self.bytes)?;
        let code = module.sections().filter(|(id, _)| *id == CODE_SECTION);
        Ok(code.map(|(_, range)| range.len()).sum())
    }
}

fn lazy() -> wapiti::Engine {
    wapiti::Engine::new(wapiti::Config::new().compilation(wapiti::Compilation::LazyValidation))
}

fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        entries.sort();
        let is_module = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "wasm" || ext == "wat");
        entries.retain(|path| path.is_dir() || is_module(path));
        entries.iter().try_for_each(|path| find(path, files))
    } else {
        files.push(path.to_owned());
        Ok(())
    }
}
