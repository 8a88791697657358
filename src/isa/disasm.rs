//! Prints code as text: one op a line, operands as their shape lists them.
//!
//! Input is code as `lower` makes it. Cells are printed as `r7`, pairs of
//! cells that hold 128 bits as `v7` after the first, constants in decimal or, when large, in hexadecimal,
//! branch targets as the position of the op they lead to.

use alloc::string::String;
use core::fmt::Write as _;

use super::code::OpRef;
use super::shape::Field;

/// One op in a line, without its position. `shift` is added to the positions that branch targets are printed as.
pub(crate) fn op_text(op: &OpRef<'_>, shift: u32) -> String {
    let mut results = String::new();
    let mut operands = String::new();
    for field in op.op.shape().fields() {
        let is_result = matches!(field, Field::Dst(_) | Field::Dst32(_) | Field::Dst128(_));
        let text = if is_result { &mut results } else { &mut operands };
        if !text.is_empty() {
            text.push_str(", ");
        }
        write_field(text, op, *field, shift);
    }
    for target in op.table_targets() {
        write!(operands, " ->{}", target.0 + shift).expect("writing to a String does not fail");
    }
    for (slot, offset) in op.struct_fields() {
        write!(operands, ", {offset}: r{slot}").expect("writing to a String does not fail");
    }
    let mnemonic = op.op.facts().mnemonic;
    let mut line = if results.is_empty() { String::from(mnemonic) } else { results + " = " + mnemonic };
    if !operands.is_empty() {
        line.push(' ');
        line.push_str(&operands);
    }
    line
}

fn write_field(text: &mut String, op: &OpRef<'_>, field: Field, shift: u32) {
    match field {
        Field::Dst(at) | Field::Slot(at) => write!(text, "r{}", op.u16(at)),
        Field::Dst128(at) | Field::Slot128(at) => write!(text, "v{}", op.u16(at)),
        Field::Imm128(at) => {
            write!(text, "{:#x}", u128::from(op.u64(at + 8)) << 64 | u128::from(op.u64(at)))
        }
        Field::Dst32(at) | Field::Slot32(at) | Field::Base32(at) => write!(text, "r{}", op.u32(at)),
        Field::Imm32(at) => write!(text, "{}", op.u32(at).cast_signed()),
        Field::Imm64(at) => write_constant(text, op.u64(at)),
        Field::Target(at) => write!(text, "->{}", op.target(at).0 + shift),
        Field::Num16(at) => write!(text, "#{}", op.u16(at)),
        Field::Num32(at) | Field::Site(at) => write!(text, "#{}", op.u32(at)),
        Field::Num64(at) => write!(text, "#{}", op.u64(at)),
        Field::Callee(at) => write!(text, "func {}", op.u64(at)),
    }
    .expect("writing to a String does not fail");
}

/// Small numbers of either sign in decimal, the rest (mostly floats) in hexadecimal.
fn write_constant(text: &mut String, value: u64) -> core::fmt::Result {
    let signed = value.cast_signed();
    match signed {
        -0x10_0000..0x1_0000_0000 => write!(text, "{signed}"),
        _ => write!(text, "{value:#x}"),
    }
}
