//! A function for every fused sequence of ops on numbers, and for each such op in every form: Wasm code that is lowered
//! to just that.
//!
//! In go the tables that the library's handlers are made from, read as text, so that the two cannot drift apart; out
//! come modules with a function a sequence. Random programs come across a small part of the handlers only. Whether a
//! function really executes the handler it is meant for cannot be seen from outside; if it does not, it is a test like
//! any other.

mod meaning;
mod row;
mod vectors;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, MemorySection, MemoryType, Module, TypeSection, ValType,
};

use crate::host::MEMORY;
use crate::noise::Noise;
use row::{F32_NUMBERS, F64_NUMBERS, Row, RowFunction, TYPES, VARIABLES};
use vectors::is_for_others;

const FUSED: &str = include_str!("../../../../src/exec/fused.rs");
const OPS: &str = include_str!("../../../../src/isa/ops.rs");
const VECTOR_OPS: &str = include_str!("../../../../src/isa/vector_ops.rs");

/// Functions in one module.
const ROWS_PER_MODULE: usize = 16;

/// One op of a sequence, as the list has it.
#[derive(Clone, Debug)]
struct Item {
    name: &'static str,
    /// The letters of the operand fields that are what the op before has left in an accumulator.
    from: &'static str,
    /// The letters of those that were in one before that op.
    earlier: &'static str,
    stores: bool,
}

/// All sequences: the fused ones, and single ops in all their forms.
fn rows() -> &'static [Vec<Item>] {
    static ROWS: OnceLock<Vec<Vec<Item>>> = OnceLock::new();
    ROWS.get_or_init(read_rows)
}

fn read_rows() -> Vec<Vec<Item>> {
    // The match loop's rows have numbers in front, and some of them are handlers' rows as well.
    let is_number = |c: char| c.is_ascii_digit() || c == ' ';
    let lines: BTreeSet<_> = FUSED.lines().map(|line| line.trim_start_matches(is_number)).collect();
    let lines = lines.into_iter().filter_map(|line| line.strip_prefix('(')?.strip_suffix(");"));
    let rows = lines.map(|line| line.split(") (").map(item).collect());
    let rows = rows.filter(|items: &Vec<Item>| !items.iter().any(|item| is_about_references(item.name)));
    let fused: Vec<_> = rows.filter(|items| items.len() > 1).collect();
    assert!(!fused.is_empty(), "the list of sequences is read as it is written");
    let ops = OPS.lines().chain(VECTOR_OPS.lines());
    fused.into_iter().chain(ops.flat_map(forms).map(|item| vec![item])).collect()
}

/// An op and the name of its form, such as `I32Add FromBSilent`.
fn item(text: &'static str) -> Item {
    let (name, form) = text.split_once(' ').expect("an op has a form");
    let sources = form.strip_suffix("Silent").unwrap_or(form);
    let (from, earlier) = sources.split_once("Earlier").unwrap_or((sources, ""));
    let from = match from.strip_prefix("From") {
        Some(fields) => fields,
        None if matches!(from, "" | "Base") => "",
        None => panic!("{text}: there is no such form"),
    };
    Item { name, from, earlier, stores: !form.ends_with("Silent") }
}

/// Whether the op has to do with structs, arrays, typed references or exceptions, which the engine that sequences are
/// compared with does not know. Random programs of all proposals execute sequences with these.
fn is_about_references(name: &str) -> bool {
    ["Struct", "Array", "Ref", "CallRef", "Throw"].iter().any(|start| name.starts_with(start))
}

/// The forms of the op in a line of the table of ops; none if there is no op in it that has any.
fn forms(line: &'static str) -> Vec<Item> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(_mnemonic), Some(shape)) = (words.next(), words.next(), words.next()) else {
        return Vec::new();
    };
    if is_for_others(name) {
        return Vec::new();
    }
    let (sources, has_result) = match shape {
        "unary" | "binary_imm" | "load" => ("B", true),
        "vector_unary" | "vector_test" | "vector_splat" | "vector_shift_imm" | "vector_permute"
        | "vector_load" => ("B", true),
        "binary" | "load_indexed" => ("BC", true),
        "vector_binary"
        | "vector_shift"
        | "vector_replace"
        | "vector_swizzle"
        | "vector_shuffle"
        | "vector_load_indexed"
        | "vector_load_lane" => ("BC", true),
        "vector_ternary" | "vector_mul_add" | "vector_mul_sub" => ("BCD", true),
        "imm_binary" => ("C", true),
        "select" | "vector_select" => ("D", true),
        "load_at" | "global_get" | "vector_extract" | "vector_const" | "vector_load_at"
        | "global_get_vector" => ("", true),
        "store" | "branch_compare" | "vector_store" => ("AB", false),
        "store_indexed" | "vector_store_indexed" => ("ABC", false),
        "store_imm_indexed" => ("AC", false),
        "copy" | "store_at" | "return_one" => ("B", false),
        "vector_copy" | "vector_store_at" | "return_vector" => ("B", false),
        "store_imm" | "branch_if" | "branch_compare_imm" | "branch_table" | "global_set" => ("A", false),
        "vector_store_lane" | "global_set_vector" => ("A", false),
        _ => return Vec::new(),
    };
    let all_stores = if has_result { &[true, false][..] } else { &[true] };
    let form = |from| all_stores.iter().map(move |stores| Item { name, from, earlier: "", stores: *stores });
    let fields = (0..sources.len()).map(|field| &sources[field..=field]);
    std::iter::once("").chain(fields).flat_map(form).collect()
}

/// How many modules it takes to have every sequence once.
pub fn sequence_modules() -> u64 {
    rows().len().div_ceil(ROWS_PER_MODULE) as u64
}

/// Module number `number` of these, in one of many variants: with other constants and other variables. Also returned
/// is how many of its sequences this generator has no code for.
pub fn sequence_module(number: u64, variant: u64) -> (Vec<u8>, u64) {
    let mut noise = Noise::new(number << 32 | variant);
    let some = rows().iter().skip(number as usize * ROWS_PER_MODULE).take(ROWS_PER_MODULE);
    let functions: Vec<Option<RowFunction>> =
        some.map(|items| Row::new(&mut noise).generate(items)).collect();
    let missing = functions.iter().filter(|function| function.is_none()).count() as u64;
    (encode(&functions.into_iter().flatten().collect::<Vec<_>>()), missing)
}

fn encode(rows: &[RowFunction]) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    // Function 0 is what the sequences call.
    types.ty().function([], []);
    functions.function(0);
    code.function(&leaf());
    for (number, row) in (1..).zip(rows) {
        types.ty().function(variable_types(), row.results.iter().copied());
        functions.function(number);
        exports.export(&format!("row{number:02}"), ExportKind::Func, number);
        let mut function = Function::new(variable_types().map(|ty| (1, ty)));
        for instruction in &row.code {
            function.instruction(instruction);
        }
        code.function(function.instruction(&wasm_encoder::Instruction::End));
    }
    let mut globals = GlobalSection::new();
    // The last one is for lanes that are floats.
    for (number, ty) in (0..).zip(TYPES.into_iter().chain([ValType::V128])) {
        let init = match ty {
            ValType::I32 => ConstExpr::i32_const(24),
            ValType::I64 => ConstExpr::i64_const(-3),
            ValType::F32 => ConstExpr::f32_const(1.5.into()),
            ValType::F64 => ConstExpr::f64_const((-2.5).into()),
            _ => ConstExpr::v128_const(0x4008_0000_0000_0000_3FF8_0000_0000_0000),
        };
        globals.global(GlobalType { val_type: ty, mutable: true, shared: false }, &init);
        exports.export(&format!("g{number}"), ExportKind::Global, number);
    }
    exports.export(MEMORY, ExportKind::Memory, 0);
    let memory =
        MemoryType { minimum: 1, maximum: Some(1), memory64: false, shared: false, page_size_log2: None };
    let integers: Vec<u8> = (0..256).flat_map(|n: u32| (n * n * 40_503 % 300).to_le_bytes()).collect();
    let f32s: Vec<u8> = (0..256).flat_map(|n| (n as f32 * 1.25 - 40.0).to_le_bytes()).collect();
    let f64s: Vec<u8> = (0..128).flat_map(|n| (f64::from(n) * 1.25 - 40.0).to_le_bytes()).collect();
    let mut data = DataSection::new();
    for (start, numbers) in [(0, integers), (F32_NUMBERS, f32s), (F64_NUMBERS, f64s)] {
        data.active(0, &ConstExpr::i32_const(start as i32), numbers);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(MemorySection::new().memory(memory));
    module.section(&globals).section(&exports).section(&code);
    module.section(&data);
    module.finish()
}

/// Counts its calls in the last bytes of memory.
fn leaf() -> Function {
    let mut leaf = Function::new([]);
    let mut sink = leaf.instructions();
    let memarg =
        wasm_encoder::MemArg { offset: 65_528, align: 2, target: Default::default(), ordering: None };
    sink.i32_const(0).i32_const(0).i32_load(memarg).i32_const(1).i32_add().i32_store(memarg).end();
    leaf
}

/// The types of the parameters, and once more of the other variables.
fn variable_types() -> impl ExactSizeIterator<Item = ValType> + Clone {
    (0..TYPES.len() * VARIABLES).map(|number| TYPES[number / VARIABLES])
}
