//! One WebAssembly operator in the text format.
//!
//! Names and operands of all operators follow from wasmparser's table of them, so there is no second list: the name from
//! the name of the operator's visitor, by a rule with few exceptions, and the operands from the fields. wasmprinter does
//! more (names, indentation), but is too large for a page that is loaded over a network.

use std::fmt::{Display, Write as _};

use wapiti::Val;
use wasmparser::{
    BlockType, BrTable, Catch, Handle, HeapType, Ieee32, Ieee64, MemArg, MemArgTarget, Operator, Ordering,
    RefType, ResumeTable, TryTable, V128, ValType,
};

use crate::value::format_value;

/// The operator in the text format, with numbers for all indices.
pub(crate) fn operator_text(operator: &Operator<'_>) -> String {
    let mut text = name(visitor(operator));
    let mut operands = operands(operator);
    arrange(operator, &mut operands);
    text.extend(operands);
    text
}

/// Expands wasmparser's table of operators to functions over it.
macro_rules! define_parts {
    ($(@$proposal:ident $op:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
        /// The name of the operator's visitor.
        fn visitor(operator: &Operator<'_>) -> &'static str {
            match operator {
                $(Operator::$op { .. } => stringify!($visit),)*
                // The table is complete; Rust is told that it may grow.
                _ => "visit_unknown",
            }
        }

        /// The operands in the order of the binary format, each with a blank in front.
        fn operands(operator: &Operator<'_>) -> Vec<String> {
            let mut operands = Vec::new();
            match operator {
                $(Operator::$op $({ $($field),* })? => { $($(operands.push(Operand::text($field));)*)? })*
                _ => {}
            }
            operands
        }
    };
}

wasmparser::for_each_operator!(define_parts);

/// What stands before the dot in names that have one.
const NAMESPACES: [&str; 25] = [
    "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2", "local",
    "global", "table", "memory", "data", "elem", "ref", "struct", "array", "i31", "any", "extern", "atomic",
    "cont",
];

/// The name in the text format: `i32.atomic.rmw8.add_u` for `visit_i32_atomic_rmw8_add_u`.
fn name(visitor: &str) -> String {
    let words = visitor.trim_start_matches("visit_");
    match words {
        "typed_select" | "typed_select_multi" => return "select".to_owned(),
        _ => {}
    }
    let mut name = words.to_owned();
    if let Some((namespace, _)) = words.split_once('_')
        && NAMESPACES.contains(&namespace)
    {
        name.replace_range(namespace.len()..=namespace.len(), ".");
        name = name.replace(".atomic_", ".atomic.");
        for width in ["rmw", "rmw8", "rmw16", "rmw32"] {
            name = name.replace(&format!(".{width}_"), &format!(".{width}."));
        }
    }
    // Whether null passes is part of the type in the text format.
    for suffix in ["_non_null", "_nullable"] {
        if name.starts_with("ref.test") || name.starts_with("ref.cast") {
            name = name.trim_end_matches(suffix).to_owned();
        }
    }
    name
}

/// Brings the operands to the form that the text format has, where it is not that of the binary format.
fn arrange(operator: &Operator<'_>, operands: &mut Vec<String>) {
    match operator {
        Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
            operands.swap(0, 1);
            operands[1] = format!(" (type {type_index})");
        }
        Operator::TableInit { .. } => operands.swap(0, 1),
        // Memory 0 is meant if none is named.
        Operator::MemoryInit { mem: 0, .. } => operands.truncate(1),
        Operator::MemoryInit { .. } => operands.swap(0, 1),
        Operator::MemorySize { mem: 0 }
        | Operator::MemoryGrow { mem: 0 }
        | Operator::MemoryFill { mem: 0 }
        | Operator::MemoryDiscard { mem: 0 }
        | Operator::MemoryCopy { dst_mem: 0, src_mem: 0 }
        | Operator::AtomicFence { ordering: Ordering::SeqCst } => operands.clear(),
        Operator::RefTestNullable { hty }
        | Operator::RefCastNullable { hty }
        | Operator::RefCastDescEqNullable { hty } => operands[0] = format!(" {}", reference(*hty, true)),
        Operator::RefTestNonNull { hty }
        | Operator::RefCastNonNull { hty }
        | Operator::RefCastDescEqNonNull { hty } => operands[0] = format!(" {}", reference(*hty, false)),
        _ => {}
    }
}

fn reference(ty: HeapType, nullable: bool) -> String {
    let null = if nullable { "null " } else { "" };
    format!("(ref {null}{})", heap_type(ty))
}

fn ref_type(ty: RefType) -> String {
    match ty.heap_type() {
        HeapType::Abstract { .. } => ty.to_string(),
        defined => reference(defined, ty.is_nullable()),
    }
}

pub(crate) fn val_type(ty: ValType) -> String {
    match ty {
        ValType::Ref(ty) => ref_type(ty),
        number => number.to_string(),
    }
}

fn heap_type(ty: HeapType) -> String {
    match ty {
        HeapType::Abstract { .. } => {
            // wasmparser writes references only: `(ref func)`.
            let reference = RefType::new(false, ty).map(|ty| ty.to_string()).unwrap_or_default();
            reference.strip_prefix("(ref ").and_then(|text| text.strip_suffix(')')).unwrap_or("?").to_owned()
        }
        HeapType::Concrete(idx) => {
            idx.as_module_index().map_or_else(|| "?".to_owned(), |idx| idx.to_string())
        }
        HeapType::Exact(idx) => {
            idx.as_module_index().map_or_else(|| "?".to_owned(), |idx| format!("(exact {idx})"))
        }
    }
}

/// A field of an operator.
trait Operand {
    /// The field in the text format, with a blank in front; nothing for what goes without saying.
    fn text(&self) -> String;
}

/// Declares operands that are written as Rust writes them.
macro_rules! plain_operands {
    ($($ty:ty)*) => {
        $(impl Operand for $ty {
            fn text(&self) -> String {
                format!(" {self}")
            }
        })*
    };
}

plain_operands!(u8 u32 i32 i64);

impl Operand for RefType {
    fn text(&self) -> String {
        format!(" {}", ref_type(*self))
    }
}

impl Operand for Ieee32 {
    fn text(&self) -> String {
        format!(" {}", format_value(&Val::F32(self.bits())))
    }
}

impl Operand for Ieee64 {
    fn text(&self) -> String {
        format!(" {}", format_value(&Val::F64(self.bits())))
    }
}

impl Operand for V128 {
    fn text(&self) -> String {
        format!(" {}", wapiti::V128::from(*self.bytes()))
    }
}

/// Numbers of lanes.
impl Operand for [u8; 16] {
    fn text(&self) -> String {
        list(self)
    }
}

impl Operand for HeapType {
    fn text(&self) -> String {
        format!(" {}", heap_type(*self))
    }
}

impl Operand for ValType {
    fn text(&self) -> String {
        format!(" (result {})", val_type(*self))
    }
}

impl Operand for Vec<ValType> {
    fn text(&self) -> String {
        let types: Vec<String> = self.iter().map(|ty| val_type(*ty)).collect();
        format!(" (result{})", list(&types))
    }
}

impl Operand for BlockType {
    fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Type(ty) => ty.text(),
            Self::FuncType(idx) => format!(" (type {idx})"),
        }
    }
}

impl Operand for BrTable<'_> {
    fn text(&self) -> String {
        let depths = self.targets().chain([Ok(self.default())]);
        depths.map(|depth| depth.map_or_else(|_| " ?".to_owned(), |depth| format!(" {depth}"))).collect()
    }
}

impl Operand for MemArg {
    fn text(&self) -> String {
        let mut text = String::new();
        match self.target {
            MemArgTarget::Memory(0) => {}
            MemArgTarget::Memory(idx) => add(&mut text, format_args!(" {idx}")),
            MemArgTarget::Array(idx) => add(&mut text, format_args!(" (type {idx})")),
        }
        if self.offset != 0 {
            add(&mut text, format_args!(" offset={}", self.offset));
        }
        if self.align != self.max_align {
            add(&mut text, format_args!(" align={}", 1u64 << self.align));
        }
        text
    }
}

impl Operand for Ordering {
    fn text(&self) -> String {
        match self {
            Self::SeqCst => " seqcst",
            Self::AcqRel => " acqrel",
        }
        .to_owned()
    }
}

impl Operand for TryTable {
    fn text(&self) -> String {
        let mut text = self.ty.text();
        for catch in &self.catches {
            match catch {
                Catch::One { tag, label } => add(&mut text, format_args!(" (catch {tag} {label})")),
                Catch::OneRef { tag, label } => add(&mut text, format_args!(" (catch_ref {tag} {label})")),
                Catch::All { label } => add(&mut text, format_args!(" (catch_all {label})")),
                Catch::AllRef { label } => add(&mut text, format_args!(" (catch_all_ref {label})")),
            }
        }
        text
    }
}

impl Operand for ResumeTable {
    fn text(&self) -> String {
        let mut text = String::new();
        for handler in &self.handlers {
            match handler {
                Handle::OnLabel { tag, label } => add(&mut text, format_args!(" (on {tag} {label})")),
                Handle::OnSwitch { tag } => add(&mut text, format_args!(" (on {tag} switch)")),
            }
        }
        text
    }
}

fn list(items: &[impl Display]) -> String {
    items.iter().map(|item| format!(" {item}")).collect()
}

fn add(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use std::mem::discriminant;

    use wasmparser::{
        AbstractHeapType, BinaryReader, BlockType, BrTable, Catch, Handle, HeapType, Ieee32, Ieee64, MemArg,
        MemArgTarget, Operator, OperatorsReader, Ordering, Parser, Payload, RefType, ResumeTable, TryTable,
        UnpackedIndex, V128, ValType,
    };

    use super::operator_text;

    /// An example of what the `number`th field of an operator may be.
    trait Example {
        fn example(number: u32) -> Self;
    }

    macro_rules! examples {
        ($($ty:ty: $number:ident => $value:expr;)*) => {
            $(impl Example for $ty {
                fn example($number: u32) -> Self {
                    $value
                }
            })*
        };
    }

    examples! {
        u8: number => u8::try_from(number).expect("operators have few fields");
        u32: number => number;
        i32: number => -7 - number.cast_signed();
        i64: number => -(1 << 40) - i64::from(number);
        Ieee32: _number => Ieee32::from(1.5e-9f32);
        Ieee64: _number => Ieee64::from(f64::from_bits(0x7ff4_0000_0000_0000));
        V128: _number => read(&[0xfd, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], |operator| match operator {
            Operator::V128Const { value } => Some(value),
            _ => None,
        });
        [u8; 16]: _number => [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31];
        BlockType: _number => BlockType::Type(ValType::I64);
        ValType: _number => ValType::F32;
        Vec<ValType>: _number => vec![ValType::F32, ValType::V128];
        HeapType: _number => HeapType::Abstract { shared: false, ty: AbstractHeapType::Extern };
        RefType: number => {
            let ty = HeapType::Concrete(UnpackedIndex::Module(number));
            RefType::new(number.is_multiple_of(2), ty).expect("a small number")
        };
        Ordering: _number => Ordering::SeqCst;
        BrTable<'static>: _number => read(&[0x0e, 2, 1, 2, 3], |operator| match operator {
            Operator::BrTable { targets } => Some(targets),
            _ => None,
        });
        MemArg: _number => MemArg {
            // As compared with that of the operator, which is not known here.
            align: 0,
            max_align: 0,
            offset: 4,
            target: MemArgTarget::Memory(1),
            ordering: None,
        };
        TryTable: _number => TryTable {
            ty: BlockType::Empty,
            catches: vec![
                Catch::One { tag: 1, label: 2 },
                Catch::OneRef { tag: 3, label: 4 },
                Catch::All { label: 5 },
                Catch::AllRef { label: 6 },
            ],
        };
        ResumeTable: _number => ResumeTable {
            handlers: vec![Handle::OnLabel { tag: 1, label: 2 }, Handle::OnSwitch { tag: 3 }],
        };
    }

    fn read<T>(bytes: &'static [u8], field: impl FnOnce(Operator<'static>) -> Option<T>) -> T {
        let operator = OperatorsReader::new(BinaryReader::new(bytes, 0)).read().expect("the bytes are right");
        field(operator).expect("the bytes are those of the operator")
    }

    macro_rules! define_all_operators {
        ($(@$proposal:ident $op:ident $({ $($field:ident: $ty:ty),* })? => $visit:ident ($($arity:tt)*))*) => {
            fn all_operators() -> Vec<Operator<'static>> {
                let mut all = Vec::new();
                $({
                    let mut _number = 0;
                    all.push(Operator::$op $({
                        $($field: {
                            _number += 1;
                            Example::example(_number)
                        }),*
                    })?);
                })*
                all
            }
        };
    }

    wasmparser::for_each_operator!(define_all_operators);

    /// The operators of a body that `text` stands in, with what has to be around it.
    fn assemble(text: &str) -> Result<Vec<u8>, wat::Error> {
        let (before, after) = match text.split(' ').next().unwrap_or_default() {
            "block" | "loop" | "if" | "try" | "try_table" => ("", "end"),
            "else" => ("if", "end"),
            "end" => ("block", ""),
            "catch" | "catch_all" => ("try", "end"),
            "delegate" => ("try", ""),
            _ => ("", ""),
        };
        wat::parse_str(format!("(module (func {before} {text} {after}))"))
    }

    fn operators(binary: &[u8]) -> Vec<Operator<'_>> {
        let body = Parser::new(0)
            .parse_all(binary)
            .find_map(|payload| match payload.expect("it was just assembled") {
                Payload::CodeSectionEntry(body) => Some(body),
                _ => None,
            })
            .expect("there is a function");
        let operators = body.get_operators_reader().expect("it was just assembled");
        operators.into_iter().collect::<Result<_, _>>().expect("it was just assembled")
    }

    #[test]
    fn the_text_of_every_operator_is_read_as_that_operator() {
        let all = all_operators();
        assert!(all.len() > 600, "{} operators", all.len());
        let mut wrong = Vec::new();
        for expected in all {
            let text = operator_text(&expected);
            match assemble(&text) {
                Ok(binary) => {
                    let found = operators(&binary);
                    let is_same =
                        |operator: &&Operator<'_>| discriminant(*operator) == discriminant(&expected);
                    if found.iter().find(is_same).map(operator_text) != Some(text.clone()) {
                        wrong.push(format!("{text} becomes {found:?}"));
                    }
                }
                Err(error) => wrong.push(format!("{text} is no text: {error}")),
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn what_goes_without_saying_is_left_out() {
        for text in [
            "i32.load",
            "i64.store offset=8",
            "i64.store 2 offset=8 align=4",
            "select (result (ref null 1))",
            "br_on_cast 1 anyref (ref i31)",
            "memory.size",
            "memory.copy",
            "memory.copy 1 0",
            "memory.init 3",
            "memory.init 1 3",
            "atomic.fence",
            "v128.load8_lane 15",
            "call_indirect 0 (type 0)",
            "table.init 1 2",
            "ref.null func",
            "ref.null 3",
            "ref.test (ref null 3)",
            "f32.const -nan",
            "f64.const inf",
        ] {
            let binary = assemble(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(operator_text(&operators(&binary)[0]), text);
        }
    }
}
