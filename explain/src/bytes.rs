//! What every byte of a module means.
//!
//! In goes a module that the library has validated, out come spans: ranges of bytes with a meaning, in order, that
//! together cover the module. A section's spans are its id, its size, and its entries; a function's body is taken apart
//! operator by operator.

use std::cell::Cell;
use std::ops::Range;

use wasmparser::{
    BinaryReader, BinaryReaderError, CompositeInnerType, ExternalKind, FieldType, FromReader, FunctionBody,
    Operator, Parser, Payload, SectionLimited, StorageType, SubType, ValType,
};

use crate::operator::{operator_text, val_type};

/// Some bytes and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Offsets in the module.
    pub range: Range<usize>,
    /// What kind of thing it is: one of `preamble`, `id`, `size`, `count`, `entry`, `body`, `operator`.
    pub kind: &'static str,
    /// The section's name, or `preamble`.
    pub section: &'static str,
    /// The function whose body it is part of.
    pub function: Option<u32>,
    /// How deep in blocks an operator is.
    pub depth: usize,
    /// For people.
    pub text: String,
}

/// The bytes of a preamble: magic and version.
const MAGIC_BYTES: usize = 4;
const PREAMBLE_BYTES: usize = 8;

/// All spans of the module in `binary`, which must be valid.
///
/// ```
/// let binary = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0";
/// let spans = wapiti_explain::spans(binary)?;
/// let texts: Vec<&str> = spans.iter().map(|span| &*span.text).collect();
/// assert_eq!(texts[2..], ["section 1: type", "4 bytes follow", "1 entry", "type 0: (func)"]);
/// # Ok::<(), String>(())
/// ```
///
/// # Errors
///
/// What is wrong with the module, with the offset.
pub fn spans(binary: &[u8]) -> Result<Vec<Span>, String> {
    let mut walk = Walk { binary, spans: Vec::new(), section: "preamble", function: None, next_function: 0 };
    walk.module().map_err(|error| error.to_string())?;
    Ok(walk.spans)
}

struct Walk<'a> {
    binary: &'a [u8],
    spans: Vec<Span>,
    section: &'static str,
    function: Option<u32>,
    next_function: u32,
}

/// Names of sections by id.
const SECTIONS: [&str; 14] = [
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "datacount",
    "tag",
];

impl Walk<'_> {
    fn module(&mut self) -> Result<(), BinaryReaderError> {
        self.add(0..MAGIC_BYTES, "preamble", "`\\0asm`: this is WebAssembly");
        self.add(MAGIC_BYTES..PREAMBLE_BYTES, "preamble", "version 1");
        for payload in Parser::new(0).parse_all(self.binary) {
            let payload = payload?;
            if let Some((id, range)) = payload.as_section() {
                self.header(id, &(range.start as usize..range.end as usize));
            }
            self.payload(payload)?;
        }
        Ok(())
    }

    fn add(&mut self, range: Range<usize>, kind: &'static str, text: impl Into<String>) {
        let (section, function) = (self.section, self.function);
        self.spans.push(Span { range, kind, section, function, depth: 0, text: text.into() });
    }

    /// Where the spans have come to.
    fn end(&self) -> usize {
        self.spans.last().map_or(0, |span| span.range.end)
    }

    fn header(&mut self, id: u8, contents: &Range<usize>) {
        self.section = SECTIONS.get(usize::from(id)).copied().unwrap_or("unknown");
        let start = self.end();
        self.add(start..start + 1, "id", format!("section {id}: {}", self.section));
        self.add(start + 1..contents.start, "size", format!("{} bytes follow", contents.len()));
    }

    fn payload(&mut self, payload: Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::TypeSection(reader) => {
                let next_type = Cell::new(0u32);
                self.entries(reader, |_, group| {
                    let first = next_type.get();
                    let types: Vec<String> = group.types().map(sub_type).collect();
                    next_type
                        .set(first + u32::try_from(types.len()).expect("a section has less than 2^32 bytes"));
                    match (&*types, group.is_explicit_rec_group()) {
                        ([ty], false) => format!("type {first}: {ty}"),
                        ([], _) => "no type".to_owned(),
                        (types, _) => format!("types from {first} on: (rec {})", types.join(" ")),
                    }
                })
            }
            Payload::TagSection(reader) => {
                self.entries(reader, |number, tag| format!("tag {number}: of type {}", tag.func_type_idx))
            }
            Payload::ImportSection(reader) => self.imports(reader),
            Payload::FunctionSection(reader) => {
                let first = self.next_function;
                self.entries(reader, |number, ty| format!("function {}: of type {ty}", first + number))
            }
            Payload::TableSection(reader) => self.entries(reader, |number, table| {
                let ty = val_type(ValType::Ref(table.ty.element_type));
                format!("table {number}: {} elements of {ty} at first", table.ty.initial)
            }),
            Payload::MemorySection(reader) => self.entries(reader, |number, memory| {
                let most = memory.maximum.map_or_else(String::new, |most| format!(", at most {most}"));
                let page = match memory.page_size_log2 {
                    None | Some(16) => "64 KiB".to_owned(),
                    Some(log2) => format!("{} bytes", 1u128 << log2.min(64)),
                };
                let shared = if memory.shared { ", shared by threads" } else { "" };
                let wide = if memory.memory64 { ", with 64-bit addresses" } else { "" };
                format!("memory {number}: {} pages of {page}{most}{shared}{wide}", memory.initial)
            }),
            Payload::GlobalSection(reader) => self.entries(reader, |number, global| {
                let mutable = if global.ty.mutable { "variable" } else { "constant" };
                format!("global {number}: {mutable} of type {}", val_type(global.ty.content_type))
            }),
            Payload::ExportSection(reader) => self.entries(reader, |_, export| {
                format!("{:?} is {} {}", export.name, external_kind(export.kind), export.index)
            }),
            Payload::StartSection { func, range } => {
                let range = range.start as usize..range.end as usize;
                self.add(range, "entry", format!("function {func} runs at the start"));
                Ok(())
            }
            Payload::ElementSection(reader) => {
                self.entries(reader, |number, _| format!("element segment {number}: functions for a table"))
            }
            Payload::DataCountSection { count, range } => {
                self.add(range.start as usize..range.end as usize, "entry", format!("{count} data segments"));
                Ok(())
            }
            Payload::DataSection(reader) => self.entries(reader, |number, data| {
                let text: String = String::from_utf8_lossy(data.data).chars().take(40).collect();
                format!("data segment {number}: {} bytes, {text:?}", data.data.len())
            }),
            Payload::CodeSectionStart { count, .. } => {
                self.count_before(self.end(), count);
                Ok(())
            }
            Payload::CodeSectionEntry(body) => self.body(&body),
            Payload::CustomSection(reader) => {
                let range = reader.range();
                let text = format!("custom section {:?}, which execution ignores", reader.name());
                self.add(range.start as usize..range.end as usize, "entry", text);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The count at the front of a section's contents.
    fn count_before(&mut self, start: usize, count: u32) {
        let mut reader = BinaryReader::new(&self.binary[start..], start as u64);
        let end = reader.read_var_u32().map_or(start, |_| reader.original_position() as usize);
        self.add(start..end, "count", format!("{count} {}", if count == 1 { "entry" } else { "entries" }));
    }

    fn entries<'b, T: FromReader<'b>>(
        &mut self,
        reader: SectionLimited<'b, T>,
        describe: impl Fn(u32, T) -> String,
    ) -> Result<(), BinaryReaderError> {
        let section_end = reader.range().end as usize;
        self.count_before(reader.range().start as usize, reader.count());
        let mut entries = Vec::new();
        for entry in reader.into_iter_with_offsets() {
            entries.push(entry?);
        }
        let ends: Vec<usize> =
            entries.iter().skip(1).map(|(offset, _)| *offset as usize).chain([section_end]).collect();
        for ((number, (offset, entry)), end) in (0..).zip(entries).zip(ends) {
            self.add(offset as usize..end, "entry", describe(number, entry));
        }
        Ok(())
    }

    fn imports(&mut self, reader: wasmparser::ImportSectionReader<'_>) -> Result<(), BinaryReaderError> {
        let section_end = reader.range().end as usize;
        self.count_before(reader.range().start as usize, reader.count());
        let mut imports = Vec::new();
        for import in reader.into_imports_with_offsets() {
            imports.push(import?);
        }
        let ends: Vec<usize> =
            imports.iter().skip(1).map(|(offset, _)| *offset as usize).chain([section_end]).collect();
        for ((offset, import), end) in imports.into_iter().zip(ends) {
            let what = match import.ty {
                wasmparser::TypeRef::Func(ty) | wasmparser::TypeRef::FuncExact(ty) => {
                    self.next_function += 1;
                    format!("function {}, of type {ty}", self.next_function - 1)
                }
                wasmparser::TypeRef::Table(_) => "a table".to_owned(),
                wasmparser::TypeRef::Memory(_) => "a memory".to_owned(),
                wasmparser::TypeRef::Global(_) => "a global".to_owned(),
                wasmparser::TypeRef::Tag(_) => "a tag".to_owned(),
            };
            self.add(
                offset as usize..end,
                "entry",
                format!("import {:?} {:?}: {what}", import.module, import.name),
            );
        }
        Ok(())
    }

    fn body(&mut self, body: &FunctionBody<'_>) -> Result<(), BinaryReaderError> {
        let function = self.next_function;
        self.next_function += 1;
        self.function = Some(function);
        let range = body.range().start as usize..body.range().end as usize;
        let start = self.end();
        self.add(start..range.start, "body", format!("function {function}: {} bytes follow", range.len()));
        let mut operators = body.get_operators_reader()?;
        let locals: Vec<String> = body
            .get_locals_reader()?
            .into_iter()
            .map(|group| group.map(|(count, ty)| format!("{count} x {}", val_type(ty))))
            .collect::<Result<_, _>>()?;
        let text =
            if locals.is_empty() { "no locals".to_owned() } else { format!("locals: {}", locals.join(", ")) };
        self.add(range.start..operators.original_position() as usize, "body", text);
        let mut depth = 1usize;
        while !operators.eof() {
            let at = operators.original_position() as usize;
            let operator = operators.read()?;
            let end = operators.original_position() as usize;
            let closes = closes(&operator);
            depth = depth.saturating_sub(usize::from(closes));
            self.add(at..end, "operator", operator_text(&operator));
            self.spans.last_mut().expect("one was just added").depth = depth;
            depth += usize::from(opens(&operator));
        }
        self.function = None;
        Ok(())
    }
}

fn external_kind(kind: ExternalKind) -> &'static str {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => "function",
        ExternalKind::Table => "table",
        ExternalKind::Memory => "memory",
        ExternalKind::Global => "global",
        ExternalKind::Tag => "tag",
    }
}

/// Whether the operator ends a block, or a part of one.
fn closes(operator: &Operator<'_>) -> bool {
    use Operator::{Catch, CatchAll, Delegate, Else, End};
    matches!(operator, End | Else | Catch { .. } | CatchAll | Delegate { .. })
}

/// Whether what follows the operator is in a block of its own.
fn opens(operator: &Operator<'_>) -> bool {
    use Operator::{Block, Catch, CatchAll, Else, If, Loop, Try, TryTable};
    matches!(
        operator,
        Block { .. }
            | Loop { .. }
            | If { .. }
            | Else
            | TryTable { .. }
            | Try { .. }
            | Catch { .. }
            | CatchAll
    )
}

/// A type as the text format has it, with numbers for other types.
fn sub_type(ty: &SubType) -> String {
    let composite = composite_type(&ty.composite_type.inner);
    let supertypes: String = ty.supertype_idxs.iter().map(|idx| format!(" {}", type_index(idx))).collect();
    match (ty.is_final, &*supertypes) {
        (true, "") => composite,
        (true, _) => format!("(sub final{supertypes} {composite})"),
        (false, _) => format!("(sub{supertypes} {composite})"),
    }
}

fn type_index(idx: &wasmparser::PackedIndex) -> String {
    idx.as_module_index().map_or_else(|| "?".to_owned(), |idx| idx.to_string())
}

fn composite_type(ty: &CompositeInnerType) -> String {
    match ty {
        CompositeInnerType::Func(ty) => {
            let list = |name: &str, types: &[ValType]| match types {
                [] => String::new(),
                types => {
                    let types: Vec<String> = types.iter().map(|ty| val_type(*ty)).collect();
                    format!(" ({name} {})", types.join(" "))
                }
            };
            format!("(func{}{})", list("param", ty.params()), list("result", ty.results()))
        }
        CompositeInnerType::Struct(ty) => {
            let fields: String =
                ty.fields.iter().map(|field| format!(" (field {})", field_type(field))).collect();
            format!("(struct{fields})")
        }
        CompositeInnerType::Array(ty) => format!("(array {})", field_type(&ty.0)),
        CompositeInnerType::Cont(ty) => format!("(cont {})", type_index(&ty.0)),
    }
}

fn field_type(field: &FieldType) -> String {
    let ty = match field.element_type {
        StorageType::I8 => "i8".to_owned(),
        StorageType::I16 => "i16".to_owned(),
        StorageType::Val(ty) => val_type(ty),
    };
    if field.mutable { format!("(mut {ty})") } else { ty }
}

#[cfg(test)]
mod tests {
    use super::{Span, spans};

    const EVERYTHING: &str = r#"(module $named
        (import "a" "f" (func $f (param i32) (result i64)))
        (import "a" "g" (global i32))
        (table 2 funcref) (memory 1 4) (global (mut f32) (f32.const 1.5))
        (export "run" (func $run)) (start $start)
        (elem (i32.const 0) $run) (data (i32.const 8) "hello") (data "more")
        (func $start)
        (func $run (param i32) (result i32) (local i64 i64)
            (if (result i32) (local.get 0)
                (then (i32.load offset=4 align=2 (local.get 0)))
                (else (memory.init 1 (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const -7)))))"#;

    const LATER: &str = r#"(module
        (type $list (sub (struct (field i32) (field (mut (ref null $list))))))
        (rec (type $a (array (mut i8))) (type $f (func (param (ref $a)) (result v128))))
        (tag $t (param i32)) (memory i64 1 2 shared) (memory 1 (pagesize 1))
        (func (result i32) (local (ref null $a))
            (block $caught (result i32)
                (try_table (catch $t $caught) (throw $t (i32.const 1))) (unreachable))))"#;

    #[test]
    fn later_proposals_have_meanings_too() {
        let binary = wat::parse_str(LATER).expect("the test's module is well formed");
        let spans = spans(&binary).expect("the test's module can be read");
        assert_eq!(spans.last().map(|span| span.range.end), Some(binary.len()));
        let texts: Vec<&str> = spans.iter().map(|span| &*span.text).collect();
        for expected in [
            "type 0: (sub (struct (field i32) (field (mut (ref null 0)))))",
            "types from 1 on: (rec (array (mut i8)) (func (param (ref 1)) (result v128)))",
            "tag 0: of type 3",
            "memory 0: 1 pages of 64 KiB, at most 2, shared by threads, with 64-bit addresses",
            "memory 1: 1 pages of 1 bytes",
            "locals: 1 x (ref null 1)",
            "try_table (catch 0 0)",
            "throw 0",
        ] {
            assert!(texts.contains(&expected), "{expected} is not among {texts:#?}");
        }
    }

    fn everything() -> (Vec<u8>, Vec<Span>) {
        let binary = wat::parse_str(EVERYTHING).expect("the test's module is well formed");
        let spans = spans(&binary).expect("the test's module is valid");
        (binary, spans)
    }

    #[test]
    fn every_byte_has_one_meaning() {
        let (binary, spans) = everything();
        let mut end = 0;
        for span in &spans {
            assert_eq!(span.range.start, end, "{span:?}");
            end = span.range.end;
        }
        assert_eq!(end, binary.len());
        assert!(spans.iter().all(|span| !span.text.is_empty()));
    }

    #[test]
    fn operators_are_as_the_text_format_has_them() {
        let (_, spans) = everything();
        let body: Vec<String> = spans
            .iter()
            .filter(|span| span.kind == "operator" && span.function == Some(2))
            .map(|span| format!("{} {}", span.depth, span.text))
            .collect();
        let expected = [
            "1 local.get 0",
            "1 if (result i32)",
            "2 local.get 0",
            "2 i32.load offset=4 align=2",
            "1 else",
            "2 i32.const 0",
            "2 i32.const 0",
            "2 i32.const 1",
            "2 memory.init 1",
            "2 i32.const -7",
            "1 end",
            "0 end",
        ];
        assert_eq!(body, expected);
    }

    #[test]
    fn what_is_no_module_is_an_error_with_an_offset() {
        let (binary, _) = everything();
        let message = spans(&binary[..binary.len() / 2]).expect_err("half of a module");
        assert!(message.contains("offset"), "{message}");
    }
}
