//! One WebAssembly operator as text.
//!
//! Names are looked up by opcode, operands are written as the text format has them. wasmprinter does more (names,
//! indentation), but is too large for a page that is loaded over a network.

use wasmparser::{BlockType, HeapType, MemArg, Operator, RefType};

/// What stands for a byte that no name is known of: the operator is then shown by its opcode.
const NONE: &str = "";

/// Names by opcode, from 0x00 on ([specification][spec]).
///
/// [spec]: https://webassembly.github.io/spec/core/appendix/index-instructions.html
#[rustfmt::skip]
const NAMES: [&str; 0xC5] = [
    "unreachable", "nop", "block", "loop", "if", "else", NONE, NONE, NONE, NONE, NONE, "end",
    "br", "br_if", "br_table", "return", "call", "call_indirect", "return_call", "return_call_indirect",
    "call_ref", "return_call_ref", NONE, NONE, NONE, NONE, "drop", "select", "select", NONE, NONE, NONE,
    "local.get", "local.set", "local.tee", "global.get", "global.set", "table.get", "table.set", NONE,
    "i32.load", "i64.load", "f32.load", "f64.load", "i32.load8_s", "i32.load8_u", "i32.load16_s", "i32.load16_u",
    "i64.load8_s", "i64.load8_u", "i64.load16_s", "i64.load16_u", "i64.load32_s", "i64.load32_u",
    "i32.store", "i64.store", "f32.store", "f64.store", "i32.store8", "i32.store16",
    "i64.store8", "i64.store16", "i64.store32", "memory.size", "memory.grow",
    "i32.const", "i64.const", "f32.const", "f64.const",
    "i32.eqz", "i32.eq", "i32.ne", "i32.lt_s", "i32.lt_u", "i32.gt_s", "i32.gt_u", "i32.le_s", "i32.le_u",
    "i32.ge_s", "i32.ge_u",
    "i64.eqz", "i64.eq", "i64.ne", "i64.lt_s", "i64.lt_u", "i64.gt_s", "i64.gt_u", "i64.le_s", "i64.le_u",
    "i64.ge_s", "i64.ge_u",
    "f32.eq", "f32.ne", "f32.lt", "f32.gt", "f32.le", "f32.ge",
    "f64.eq", "f64.ne", "f64.lt", "f64.gt", "f64.le", "f64.ge",
    "i32.clz", "i32.ctz", "i32.popcnt", "i32.add", "i32.sub", "i32.mul", "i32.div_s", "i32.div_u", "i32.rem_s",
    "i32.rem_u", "i32.and", "i32.or", "i32.xor", "i32.shl", "i32.shr_s", "i32.shr_u", "i32.rotl", "i32.rotr",
    "i64.clz", "i64.ctz", "i64.popcnt", "i64.add", "i64.sub", "i64.mul", "i64.div_s", "i64.div_u", "i64.rem_s",
    "i64.rem_u", "i64.and", "i64.or", "i64.xor", "i64.shl", "i64.shr_s", "i64.shr_u", "i64.rotl", "i64.rotr",
    "f32.abs", "f32.neg", "f32.ceil", "f32.floor", "f32.trunc", "f32.nearest", "f32.sqrt", "f32.add", "f32.sub",
    "f32.mul", "f32.div", "f32.min", "f32.max", "f32.copysign",
    "f64.abs", "f64.neg", "f64.ceil", "f64.floor", "f64.trunc", "f64.nearest", "f64.sqrt", "f64.add", "f64.sub",
    "f64.mul", "f64.div", "f64.min", "f64.max", "f64.copysign",
    "i32.wrap_i64", "i32.trunc_f32_s", "i32.trunc_f32_u", "i32.trunc_f64_s", "i32.trunc_f64_u",
    "i64.extend_i32_s", "i64.extend_i32_u", "i64.trunc_f32_s", "i64.trunc_f32_u", "i64.trunc_f64_s",
    "i64.trunc_f64_u", "f32.convert_i32_s", "f32.convert_i32_u", "f32.convert_i64_s", "f32.convert_i64_u",
    "f32.demote_f64", "f64.convert_i32_s", "f64.convert_i32_u", "f64.convert_i64_s", "f64.convert_i64_u",
    "f64.promote_f32", "i32.reinterpret_f32", "i64.reinterpret_f64", "f32.reinterpret_i32", "f64.reinterpret_i64",
    "i32.extend8_s", "i32.extend16_s", "i64.extend8_s", "i64.extend16_s", "i64.extend32_s",
];

/// Names by opcode, from `FIRST_REFERENCE` on.
const REFERENCES: [&str; 7] =
    ["ref.null", "ref.is_null", "ref.func", "ref.eq", "ref.as_non_null", "br_on_null", "br_on_non_null"];

const FIRST_REFERENCE: u8 = 0xD0;

/// Names by the number behind the prefix 0xFC.
#[rustfmt::skip]
const PREFIXED: [&str; 18] = [
    "i32.trunc_sat_f32_s", "i32.trunc_sat_f32_u", "i32.trunc_sat_f64_s", "i32.trunc_sat_f64_u",
    "i64.trunc_sat_f32_s", "i64.trunc_sat_f32_u", "i64.trunc_sat_f64_s", "i64.trunc_sat_f64_u",
    "memory.init", "data.drop", "memory.copy", "memory.fill",
    "table.init", "elem.drop", "table.copy", "table.grow", "table.size", "table.fill",
];

const PREFIX: u8 = 0xFC;

/// The operator that `bytes` are, in the text format.
pub(crate) fn operator_text(operator: &Operator<'_>, bytes: &[u8]) -> String {
    let mut text = match bytes {
        // Numbers below 128 are one byte each.
        [PREFIX, number, ..] => PREFIXED.get(usize::from(*number)).copied().unwrap_or(NONE),
        [opcode @ FIRST_REFERENCE..=u8::MAX, ..] => {
            REFERENCES.get(usize::from(opcode - FIRST_REFERENCE)).copied().unwrap_or(NONE)
        }
        [opcode, ..] => NAMES.get(usize::from(*opcode)).copied().unwrap_or(NONE),
        [] => NONE,
    }
    .to_owned();
    if text.is_empty() {
        let opcode: Vec<String> = bytes.iter().take(2).map(|byte| format!("{byte:02x}")).collect();
        return format!("operator {}", opcode.join(" "));
    }
    for operand in operands(operator) {
        text.push(' ');
        text.push_str(&operand);
    }
    if let Some(memarg) = memarg(operator) {
        push_memarg(&mut text, memarg);
    }
    text
}

fn operands(operator: &Operator<'_>) -> Vec<String> {
    let two = |a: u32, b: u32| vec![a.to_string(), b.to_string()];
    match *operator {
        Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
            block_type(blockty)
        }
        Operator::Br { relative_depth: n }
        | Operator::BrIf { relative_depth: n }
        | Operator::BrOnNull { relative_depth: n }
        | Operator::BrOnNonNull { relative_depth: n }
        | Operator::CallRef { type_index: n }
        | Operator::ReturnCallRef { type_index: n }
        | Operator::Call { function_index: n }
        | Operator::ReturnCall { function_index: n }
        | Operator::RefFunc { function_index: n }
        | Operator::LocalGet { local_index: n }
        | Operator::LocalSet { local_index: n }
        | Operator::LocalTee { local_index: n }
        | Operator::GlobalGet { global_index: n }
        | Operator::GlobalSet { global_index: n }
        | Operator::TableGet { table: n }
        | Operator::TableSet { table: n }
        | Operator::TableSize { table: n }
        | Operator::TableGrow { table: n }
        | Operator::TableFill { table: n }
        | Operator::DataDrop { data_index: n }
        | Operator::ElemDrop { elem_index: n } => vec![n.to_string()],
        Operator::MemoryInit { data_index: n, mem: 0 } => vec![n.to_string()],
        Operator::TableInit { elem_index, table } => two(table, elem_index),
        Operator::TableCopy { dst_table, src_table } => two(dst_table, src_table),
        Operator::CallIndirect { type_index, table_index }
        | Operator::ReturnCallIndirect { type_index, table_index } => {
            vec![table_index.to_string(), format!("(type {type_index})")]
        }
        Operator::BrTable { ref targets } => {
            let depths = targets.targets().chain([Ok(targets.default())]);
            depths.map(|depth| depth.map_or_else(|_| "?".to_owned(), |depth| depth.to_string())).collect()
        }
        Operator::I32Const { value } => vec![value.to_string()],
        Operator::I64Const { value } => vec![value.to_string()],
        Operator::F32Const { value } => vec![f32::from_bits(value.bits()).to_string()],
        Operator::F64Const { value } => vec![f64::from_bits(value.bits()).to_string()],
        Operator::TypedSelect { ty } => vec![format!("(result {ty})")],
        Operator::RefNull { hty } => vec![heap_type(hty)],
        _ => Vec::new(),
    }
}

fn heap_type(ty: HeapType) -> String {
    match ty {
        HeapType::Abstract { .. } => {
            // wasmparser writes references only: `(ref func)`.
            let reference = RefType::new(false, ty).map(|ty| ty.to_string()).unwrap_or_default();
            reference.trim_start_matches("(ref ").trim_end_matches(')').to_owned()
        }
        HeapType::Concrete(idx) | HeapType::Exact(idx) => {
            idx.as_module_index().map_or_else(|| "?".to_owned(), |idx| idx.to_string())
        }
    }
}

fn block_type(ty: BlockType) -> Vec<String> {
    match ty {
        BlockType::Empty => Vec::new(),
        BlockType::Type(ty) => vec![format!("(result {ty})")],
        BlockType::FuncType(idx) => vec![format!("(type {idx})")],
    }
}

/// Declares which operators access memory.
macro_rules! memory_operators {
    ($operator:expr, $($name:ident)*) => {
        match $operator {
            $(Operator::$name { memarg } => Some(memarg),)*
            _ => None,
        }
    };
}

fn memarg<'a>(operator: &'a Operator<'_>) -> Option<&'a MemArg> {
    memory_operators!(operator, I32Load I64Load F32Load F64Load I32Load8S I32Load8U I32Load16S I32Load16U I64Load8S
        I64Load8U I64Load16S I64Load16U I64Load32S I64Load32U I32Store I64Store F32Store F64Store I32Store8 I32Store16
        I64Store8 I64Store16 I64Store32)
}

fn push_memarg(text: &mut String, memarg: &MemArg) {
    if memarg.offset != 0 {
        text.push_str(&format!(" offset={}", memarg.offset));
    }
    if memarg.align != memarg.max_align {
        text.push_str(&format!(" align={}", 1u32 << memarg.align));
    }
}
