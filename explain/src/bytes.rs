//! What every byte of a module means.
//!
//! In goes a module that the library has validated, out come spans: ranges of bytes with a meaning, in order, that
//! together cover the module. A section's spans are its id, its size, and its entries; a function's body is taken apart
//! operator by operator.

use std::ops::Range;

use wasmparser::{
    BinaryReader, BinaryReaderError, ExternalKind, FromReader, FunctionBody, Operator, Parser, Payload,
    SectionLimited,
};

use crate::operator::operator_text;

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
            Payload::TypeSection(reader) => self.entries(reader, |number, group| {
                let types: Vec<String> = group.types().map(|ty| func_type(&ty.composite_type)).collect();
                format!("type {number}: {}", types.join(", "))
            }),
            Payload::ImportSection(reader) => self.imports(reader),
            Payload::FunctionSection(reader) => {
                let first = self.next_function;
                self.entries(reader, |number, ty| format!("function {}: of type {ty}", first + number))
            }
            Payload::TableSection(reader) => self.entries(reader, |number, table| {
                format!("table {number}: {} elements of {} at first", table.ty.initial, table.ty.element_type)
            }),
            Payload::MemorySection(reader) => self.entries(reader, |number, memory| {
                let most = memory.maximum.map_or_else(String::new, |most| format!(", at most {most}"));
                format!("memory {number}: {} pages of 64 KiB{most}", memory.initial)
            }),
            Payload::GlobalSection(reader) => self.entries(reader, |number, global| {
                let mutable = if global.ty.mutable { "variable" } else { "constant" };
                format!("global {number}: {mutable} of type {}", global.ty.content_type)
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
            .map(|group| group.map(|(count, ty)| format!("{count} x {ty}")))
            .collect::<Result<_, _>>()?;
        let text =
            if locals.is_empty() { "no locals".to_owned() } else { format!("locals: {}", locals.join(", ")) };
        self.add(range.start..operators.original_position() as usize, "body", text);
        let mut depth = 1usize;
        while !operators.eof() {
            let at = operators.original_position() as usize;
            let operator = operators.read()?;
            let end = operators.original_position() as usize;
            let closes = matches!(operator, Operator::End | Operator::Else);
            depth = depth.saturating_sub(usize::from(closes));
            self.add(at..end, "operator", operator_text(&operator, &self.binary[at..end]));
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

/// Whether what follows the operator is in a block of its own.
fn opens(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::Else)
}

fn func_type(ty: &wasmparser::CompositeType) -> String {
    let wasmparser::CompositeInnerType::Func(func) = &ty.inner else {
        return "a type of a later version".to_owned();
    };
    let list = |name: &str, types: &[wasmparser::ValType]| match types {
        [] => String::new(),
        types => {
            let types: Vec<String> = types.iter().map(ToString::to_string).collect();
            format!(" ({name} {})", types.join(" "))
        }
    };
    format!("(func{}{})", list("param", func.params()), list("result", func.results()))
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
