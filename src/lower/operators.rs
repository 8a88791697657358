//! From Wasm operators to the functions that lower them.
//!
//! Operators in code that cannot be reached leave nothing behind; only their nesting is followed.

use wasmparser::Operator;

use super::Lowerer;
use crate::error::Error;
use crate::isa::ops::{Op, for_each_plain_op};

impl Lowerer<'_> {
    pub(super) fn lower_operator(&mut self, operator: Operator<'_>) -> Result<(), Error> {
        match operator {
            Operator::Block { blockty } => self.block(blockty),
            Operator::Loop { blockty } => self.loop_(blockty),
            Operator::If { blockty } => self.if_(blockty),
            Operator::Else => self.else_(),
            Operator::End => self.end(),
            _ if !self.reachable => {}
            Operator::Nop => {}
            Operator::Unreachable => self.trap(),
            Operator::Br { relative_depth } => self.br(relative_depth),
            Operator::BrIf { relative_depth } => self.br_if(relative_depth),
            Operator::BrTable { targets } => self.br_table(&targets)?,
            Operator::Return => {
                self.return_();
                self.set_unreachable();
            }
            Operator::Call { function_index } => self.call(function_index),
            Operator::CallIndirect { type_index, table_index } => {
                self.call_indirect(type_index, table_index)?
            }
            Operator::ReturnCall { function_index } => self.return_call(function_index),
            Operator::ReturnCallIndirect { type_index, table_index } => {
                self.return_call_indirect(type_index, table_index)?;
            }
            Operator::Drop => self.drop_value(),
            Operator::Select | Operator::TypedSelect { .. } => self.select(),
            Operator::LocalGet { local_index } => self.push_local(local_index),
            Operator::LocalSet { local_index } => self.set_local(local_index),
            Operator::LocalTee { local_index } => self.tee_local(local_index),
            Operator::GlobalGet { global_index } => self.global_get(global_index),
            Operator::GlobalSet { global_index } => self.global_set(global_index),
            Operator::I32Const { value } => self.push_const(u64::from(value.cast_unsigned())),
            Operator::I64Const { value } => self.push_const(value.cast_unsigned()),
            Operator::F32Const { value } => self.push_const(u64::from(value.bits())),
            Operator::F64Const { value } => self.push_const(value.bits()),
            Operator::RefNull { .. } => self.push_const(0),
            Operator::RefIsNull | Operator::I64Eqz => self.i64_eqz(),
            Operator::I32Eqz => self.i32_eqz(),
            operator => self.lower_access(operator),
        }
        Ok(())
    }

    /// Operators on memories, tables and functions as values.
    fn lower_access(&mut self, operator: Operator<'_>) {
        match operator {
            Operator::I32Load { memarg } | Operator::I64Load32U { memarg } => {
                self.load(Op::I32Load, memarg);
            }
            Operator::I64Load { memarg } => self.load(Op::I64Load, memarg),
            Operator::F32Load { memarg } => self.load(Op::F32Load, memarg),
            Operator::F64Load { memarg } => self.load(Op::F64Load, memarg),
            Operator::I32Load8S { memarg } => self.load(Op::I32Load8S, memarg),
            Operator::I32Load8U { memarg } | Operator::I64Load8U { memarg } => {
                self.load(Op::I32Load8U, memarg)
            }
            Operator::I32Load16S { memarg } => self.load(Op::I32Load16S, memarg),
            Operator::I32Load16U { memarg } | Operator::I64Load16U { memarg } => {
                self.load(Op::I32Load16U, memarg);
            }
            Operator::I64Load8S { memarg } => self.load(Op::I64Load8S, memarg),
            Operator::I64Load16S { memarg } => self.load(Op::I64Load16S, memarg),
            Operator::I64Load32S { memarg } => self.load(Op::I64Load32S, memarg),
            Operator::I32Store { memarg } | Operator::I64Store32 { memarg } => {
                self.store(Op::I32Store, memarg);
            }
            Operator::I64Store { memarg } => self.store(Op::I64Store, memarg),
            Operator::F32Store { memarg } => self.store(Op::F32Store, memarg),
            Operator::F64Store { memarg } => self.store(Op::F64Store, memarg),
            Operator::I32Store8 { memarg } | Operator::I64Store8 { memarg } => {
                self.store(Op::I32Store8, memarg)
            }
            Operator::I32Store16 { memarg } | Operator::I64Store16 { memarg } => {
                self.store(Op::I32Store16, memarg);
            }
            Operator::MemorySize { .. } => self.emit_value(Op::MemorySize, [0, 0]),
            Operator::MemoryGrow { mem } => self.driver_unary(Op::MemoryGrow, mem),
            Operator::MemoryCopy { .. } => self.ternary_effect(Op::MemoryCopy),
            Operator::MemoryFill { .. } => self.ternary_effect(Op::MemoryFill),
            Operator::MemoryInit { data_index, mem } => self.driver_effect(Op::MemoryInit, data_index, mem),
            Operator::DataDrop { data_index } => self.driver_effect0(Op::DataDrop, data_index),
            Operator::TableGet { table } => self.driver_unary(Op::TableGet, table),
            Operator::TableSet { table } => self.table_set(table),
            Operator::TableSize { table } => self.driver_get(Op::TableSize, table),
            Operator::TableGrow { table } => self.driver_binary(Op::TableGrow, table),
            Operator::TableFill { table } => self.driver_effect(Op::TableFill, table, 0),
            Operator::TableCopy { dst_table, src_table } => {
                self.driver_effect(Op::TableCopy, dst_table, src_table);
            }
            Operator::TableInit { elem_index, table } => self.driver_effect(Op::TableInit, elem_index, table),
            Operator::ElemDrop { elem_index } => self.driver_effect0(Op::ElemDrop, elem_index),
            Operator::RefFunc { function_index } => self.driver_get(Op::RefFunc, function_index),
            operator => self.lower_numeric(operator),
        }
    }

    /// Operators that compute a value from values.
    fn lower_numeric(&mut self, operator: Operator<'_>) {
        match operator {
            // INV-CELL: the cell already holds the result.
            Operator::I32ReinterpretF32
            | Operator::I64ReinterpretF64
            | Operator::F32ReinterpretI32
            | Operator::F64ReinterpretI64
            | Operator::I64ExtendI32U => {}
            Operator::I32GtS => self.binary_swapped(Op::I32LtS),
            Operator::I32GtU => self.binary_swapped(Op::I32LtU),
            Operator::I32LeS => self.binary_swapped(Op::I32GeS),
            Operator::I32LeU => self.binary_swapped(Op::I32GeU),
            Operator::I64GtS => self.binary_swapped(Op::I64LtS),
            Operator::I64GtU => self.binary_swapped(Op::I64LtU),
            Operator::I64LeS => self.binary_swapped(Op::I64GeS),
            Operator::I64LeU => self.binary_swapped(Op::I64GeU),
            Operator::F32Gt => self.binary_swapped(Op::F32Lt),
            Operator::F32Ge => self.binary_swapped(Op::F32Le),
            Operator::F64Gt => self.binary_swapped(Op::F64Lt),
            Operator::F64Ge => self.binary_swapped(Op::F64Le),
            operator => self.lower_plain(&operator),
        }
    }
}

/// Expands the op table: an operator is lowered as its op's shape says.
macro_rules! define_lower_plain {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        impl Lowerer<'_> {
            /// Operators that have an op of their own name.
            fn lower_plain(&mut self, operator: &Operator<'_>) {
                match operator {
                    $(Operator::$name => self.$shape(Op::$name),)*
                    _ => unreachable!("decoding refuses proposals that are not implemented: {operator:?}"),
                }
            }
        }
    };
}

for_each_plain_op!(define_lower_plain);
