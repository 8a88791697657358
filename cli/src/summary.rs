//! What is in a module, as data: for `wapiti inspect`, as text and as JSON.
//!
//! A binary module goes in, and everything comes from its bytes, so that modules are summed up that Wapiti does not
//! run. The names of fields are the JSON's, which scripts rely on.

use serde::Serialize;
use wasmparser::{
    CompositeInnerType, ExternalKind, FuncType, Import, KnownCustom, MemoryType, Name, Parser, Payload,
    Result, SubType, TableType, TypeRef, ValType,
};

use crate::proposals;

/// Functions listed as the biggest ones.
const BIGGEST: usize = 10;

/// A module in short.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) file: String,
    /// What it is for, by its exports: a program, a library, or neither.
    pub(crate) kind: Kind,
    /// From the name section.
    pub(crate) name: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) sections: Vec<Section>,
    pub(crate) imports: Vec<Item>,
    pub(crate) exports: Vec<Item>,
    pub(crate) proposals: Vec<String>,
    /// Why Wapiti does not run it, if it does not.
    pub(crate) refused: Option<String>,
    pub(crate) functions: Functions,
    pub(crate) memories: Vec<String>,
    pub(crate) tables: Vec<String>,
    /// Bytes of the data segments.
    pub(crate) data_bytes: u64,
    pub(crate) biggest_functions: Vec<Function>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Exports `_start`.
    Program,
    /// Exports `_initialize`.
    Library,
    Module,
}

#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// Of its contents, from the module's first byte.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
    /// Entries, where a section has such.
    pub(crate) count: Option<u32>,
}

/// An import or an export.
#[derive(Debug, Serialize)]
pub(crate) struct Item {
    /// Only imports have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) module: Option<String>,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) ty: String,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Functions {
    pub(crate) imported: u32,
    pub(crate) defined: u32,
    /// Of all bodies.
    pub(crate) bytes: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Function {
    pub(crate) index: u32,
    pub(crate) name: Option<String>,
    pub(crate) offset: u64,
    /// Of its body.
    pub(crate) bytes: u64,
}

/// What types and index spaces say, for the types of imports and exports.
#[derive(Default)]
struct Spaces {
    types: Vec<SubType>,
    funcs: Vec<u32>,
    tables: Vec<TableType>,
    memories: Vec<MemoryType>,
    globals: Vec<String>,
    /// Bodies met so far.
    bodies: u32,
}

impl Summary {
    /// Sums up the module `binary`, which was read from `file`.
    ///
    /// # Errors
    ///
    /// If it is malformed, or not valid even with every proposal. Function bodies are not validated.
    pub(crate) fn new(file: String, binary: &[u8]) -> Result<Self> {
        let mut summary = Self {
            file,
            kind: Kind::Module,
            name: None,
            bytes: binary.len() as u64,
            sections: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            // First, because it finds whatever is wrong.
            proposals: proposals::used(binary)?,
            refused: None,
            functions: Functions::default(),
            memories: Vec::new(),
            tables: Vec::new(),
            data_bytes: 0,
            biggest_functions: Vec::new(),
        };
        let mut spaces = Spaces::default();
        for payload in Parser::new(0).parse_all(binary) {
            let payload = payload?;
            if let Some((_, range)) = payload.as_section() {
                let (name, count) = describe(&payload);
                let bytes = range.end - range.start;
                summary.sections.push(Section { name, offset: range.start, bytes, count });
            }
            summary.add(&mut spaces, payload)?;
        }
        summary.memories = spaces.memories.iter().map(memory_text).collect();
        summary.tables = spaces.tables.iter().map(table_text).collect();
        Ok(summary)
    }

    fn add(&mut self, spaces: &mut Spaces, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(reader) => {
                for group in reader {
                    spaces.types.extend(group?.into_types());
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.into_imports() {
                    self.add_import(spaces, &import?);
                }
            }
            Payload::FunctionSection(reader) => {
                self.functions.defined = reader.count();
                for ty in reader {
                    spaces.funcs.push(ty?);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader {
                    spaces.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader {
                    spaces.memories.push(memory?);
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    spaces.globals.push(global_text(&global?.ty));
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export?;
                    let ty = spaces.text(export.kind, export.index);
                    match export.name {
                        "_start" => self.kind = Kind::Program,
                        "_initialize" => self.kind = Kind::Library,
                        _ => {}
                    }
                    self.exports.push(Item { module: None, name: export.name.to_owned(), ty });
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                self.add_body(spaces, range.start, range.end - range.start);
            }
            Payload::DataSection(reader) => {
                for data in reader {
                    self.data_bytes += data?.data.len() as u64;
                }
            }
            Payload::CustomSection(reader) => {
                if let KnownCustom::Name(names) = reader.as_known() {
                    for name in names {
                        // A name section that is malformed says nothing; the module is as good without.
                        let Ok(name) = name else { break };
                        self.add_names(name);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_import(&mut self, spaces: &mut Spaces, import: &Import<'_>) {
        let ty = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.functions.imported += 1;
                spaces.funcs.push(ty);
                spaces.func_text(ty)
            }
            TypeRef::Table(ty) => {
                spaces.tables.push(ty);
                table_text(&ty)
            }
            TypeRef::Memory(ty) => {
                spaces.memories.push(ty);
                memory_text(&ty)
            }
            TypeRef::Global(ty) => {
                spaces.globals.push(global_text(&ty));
                global_text(&ty)
            }
            TypeRef::Tag(_) => "tag".to_owned(),
        };
        let (module, name) = (Some(import.module.to_owned()), import.name.to_owned());
        self.imports.push(Item { module, name, ty });
    }

    /// Counts a body, and keeps it if it is among the biggest.
    fn add_body(&mut self, spaces: &mut Spaces, offset: u64, bytes: u64) {
        let index = self.functions.imported + spaces.bodies;
        spaces.bodies += 1;
        self.functions.bytes += bytes;
        let at = self.biggest_functions.partition_point(|function| function.bytes >= bytes);
        if at < BIGGEST {
            self.biggest_functions.insert(at, Function { index, name: None, offset, bytes });
            self.biggest_functions.truncate(BIGGEST);
        }
    }

    fn add_names(&mut self, names: Name<'_>) {
        match names {
            Name::Module { name, .. } => self.name = Some(name.to_owned()),
            Name::Function(names) => {
                for naming in names.into_iter().map_while(Result::ok) {
                    let mut biggest = self.biggest_functions.iter_mut();
                    if let Some(function) = biggest.find(|function| function.index == naming.index) {
                        function.name = Some(naming.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
}

impl Spaces {
    /// The type of an export.
    fn text(&self, kind: ExternalKind, index: u32) -> String {
        let index = index as usize;
        let text = match kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                self.funcs.get(index).map(|&ty| self.func_text(ty))
            }
            ExternalKind::Table => self.tables.get(index).map(table_text),
            ExternalKind::Memory => self.memories.get(index).map(memory_text),
            ExternalKind::Global => self.globals.get(index).cloned(),
            ExternalKind::Tag => Some("tag".to_owned()),
        };
        text.expect("the sections have been validated")
    }

    fn func_text(&self, ty: u32) -> String {
        match self.types.get(ty as usize).map(|ty| &ty.composite_type.inner) {
            Some(CompositeInnerType::Func(ty)) => func_type_text(ty),
            _ => unreachable!("the sections have been validated"),
        }
    }
}

fn func_type_text(ty: &FuncType) -> String {
    let list = |types: &[ValType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("function [{}] -> [{}]", list(ty.params()), list(ty.results()))
}

fn memory_text(ty: &MemoryType) -> String {
    let page_bytes = 1u64 << ty.page_size_log2.unwrap_or(16);
    let mut text = format!("memory of {}", pages_text(ty.initial, page_bytes));
    if let Some(maximum) = ty.maximum {
        text.push_str(&format!(", at most {}", pages_text(maximum, page_bytes)));
    }
    for (is_so, what) in [(ty.memory64, ", 64-bit"), (ty.shared, ", shared")] {
        if is_so {
            text.push_str(what);
        }
    }
    text
}

fn pages_text(pages: u64, page_bytes: u64) -> String {
    bytes_text(pages.saturating_mul(page_bytes))
}

/// A number of bytes for people: about three digits.
pub(crate) fn bytes_text(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", bytes as f64 / 1_073_741_824.0),
    }
}

fn table_text(ty: &TableType) -> String {
    let maximum = ty.maximum.map_or_else(String::new, |maximum| format!(", at most {maximum}"));
    format!("table of {} x {}{maximum}", ty.initial, ValType::Ref(ty.element_type))
}

fn global_text(ty: &wasmparser::GlobalType) -> String {
    format!("global {}{}", if ty.mutable { "mut " } else { "" }, ty.content_type)
}

/// A section's name and how many entries it has.
pub(crate) fn describe(payload: &Payload<'_>) -> (String, Option<u32>) {
    let (name, count) = match payload {
        Payload::TypeSection(reader) => ("type", reader.count()),
        Payload::ImportSection(reader) => ("import", reader.count()),
        Payload::FunctionSection(reader) => ("function", reader.count()),
        Payload::TableSection(reader) => ("table", reader.count()),
        Payload::MemorySection(reader) => ("memory", reader.count()),
        Payload::TagSection(reader) => ("tag", reader.count()),
        Payload::GlobalSection(reader) => ("global", reader.count()),
        Payload::ExportSection(reader) => ("export", reader.count()),
        Payload::ElementSection(reader) => ("element", reader.count()),
        Payload::DataCountSection { count, .. } => ("datacount", *count),
        Payload::DataSection(reader) => ("data", reader.count()),
        Payload::CodeSectionStart { count, .. } => ("code", *count),
        Payload::StartSection { .. } => return ("start".to_owned(), None),
        Payload::CustomSection(reader) => return (format!("custom {:?}", reader.name()), None),
        _ => return ("unknown".to_owned(), None),
    };
    (name.to_owned(), Some(count))
}

#[cfg(test)]
mod tests {
    use super::{Kind, Summary, bytes_text};

    #[test]
    fn everything_is_counted() {
        let binary = wat::parse_str(
            r#"(module $named
                (import "m" "f" (func (param i32)))
                (import "m" "g" (global (mut f64)))
                (memory (export "memory") 2 1000)
                (table 3 funcref)
                (data (i32.const 0) "hello")
                (func $small)
                (func $big (export "_start") (drop (i32.const 1)) (drop (i32.const 2)))
                (func (export "add") (param i32 i32) (result i32) (i32.const 0)))"#,
        )
        .expect("well formed");
        let summary = Summary::new("a file".to_owned(), &binary).expect("valid");
        assert_eq!((summary.kind, summary.name.as_deref()), (Kind::Program, Some("named")));
        assert_eq!((summary.functions.imported, summary.functions.defined), (1, 3));
        assert_eq!((summary.bytes, summary.data_bytes), (binary.len() as u64, 5));
        assert_eq!(summary.memories, ["memory of 128.0 KiB, at most 62.5 MiB"]);
        assert_eq!(summary.tables, ["table of 3 x funcref"]);
        let types: Vec<_> =
            summary.imports.iter().chain(&summary.exports).map(|item| item.ty.as_str()).collect();
        assert_eq!(
            types,
            [
                "function [i32] -> []",
                "global mut f64",
                "memory of 128.0 KiB, at most 62.5 MiB",
                "function [] -> []",
                "function [i32 i32] -> [i32]"
            ]
        );
        let biggest: Vec<_> = summary
            .biggest_functions
            .iter()
            .map(|function| (function.index, function.name.as_deref()))
            .collect();
        assert_eq!(biggest, [(2, Some("big")), (3, None), (1, Some("small"))]);
        assert!(summary.sections.iter().any(|section| section.name == "custom \"name\""));
        assert_eq!(summary.proposals, ["mutable-global"]);
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes_text(1023), "1023 B");
        assert_eq!(bytes_text(1536), "1.5 KiB");
        assert_eq!(bytes_text(4 << 30), "4.0 GiB");
    }
}
