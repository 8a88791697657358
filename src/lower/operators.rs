//! From Wasm operators to the functions that lower them.
//!
//! wasmparser's reader calls one function per operator, so that reading and lowering one takes a single jump; the most
//! common ones are read without it. Operators in code that cannot be reached leave nothing behind; only their nesting
//! is followed.

use alloc::vec::Vec;

use wasmparser::{
    BlockType, FrameKind, FrameStack, VisitOperator, VisitSimdOperator, for_each_visit_operator,
    for_each_visit_simd_operator,
};

use super::Lowerer;
use super::atomics::lower_atomic;
use super::immediates::ImmediateReader;
use super::vectors::Immediates;
use crate::error::Error;
use crate::isa::ops::{Op, for_each_plain_op};

/// Expands to a function for each operator.
macro_rules! define_visit {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        $(fn $visit(&mut self $($(, $arg: $ty)*)?) -> Self::Output {
            visit!(@$proposal self $op $($($arg)*)?);
            Ok(())
        })*
    };
}

/// Lowers the operators of implemented proposals.
macro_rules! visit {
    (@mvp $($rest:tt)*) => { lower!($($rest)*) };
    (@sign_extension $($rest:tt)*) => { lower!($($rest)*) };
    (@saturating_float_to_int $($rest:tt)*) => { lower!($($rest)*) };
    (@bulk_memory $($rest:tt)*) => { lower!($($rest)*) };
    (@reference_types $($rest:tt)*) => { lower!($($rest)*) };
    (@tail_call $($rest:tt)*) => { lower!($($rest)*) };
    (@gc $($rest:tt)*) => { lower!($($rest)*) };
    (@wide_arithmetic $($rest:tt)*) => { lower!($($rest)*) };
    (@exceptions $($rest:tt)*) => { lower!($($rest)*) };
    (@legacy_exceptions $($rest:tt)*) => { lower!($($rest)*) };
    (@function_references $($rest:tt)*) => { lower!($($rest)*) };
    (@threads $self:ident $($rest:tt)*) => {
        if $self.reachable { lower_atomic!($self $($rest)*) }
    };
    (@$other:ident $self:ident $op:ident $($arg:ident)*) => {{
        $(let _ = $arg;)*
        refused()
    }};
}

/// What lowers an operator.
macro_rules! lower {
    // Nesting is followed everywhere.
    ($self:ident Block $ty:ident) => { $self.block($ty) };
    ($self:ident Loop $ty:ident) => { $self.loop_($ty) };
    ($self:ident If $ty:ident) => { $self.if_($ty) };
    ($self:ident Else) => { $self.else_() };
    ($self:ident End) => { $self.end() };
    ($self:ident TryTable $table:ident) => { $self.try_table(&$table) };
    ($self:ident Try $ty:ident) => { $self.try_($ty) };
    ($self:ident Catch $tag:ident) => { $self.catch(Some($tag)) };
    ($self:ident CatchAll) => { $self.catch(None) };
    ($self:ident Delegate $depth:ident) => { $self.delegate($depth) };
    ($self:ident $($operator:tt)*) => {
        if $self.reachable { lower_reached!($self $($operator)*) }
    };
}

/// What lowers an operator that can be reached.
macro_rules! lower_reached {
    ($self:ident Nop) => {{}};
    ($self:ident Unreachable) => {
        $self.trap()
    };
    ($self:ident Br $depth:ident) => {
        $self.br($depth)
    };
    ($self:ident BrIf $depth:ident) => {
        $self.br_if($depth)
    };
    ($self:ident BrTable $table:ident) => {
        $self.br_table(&$table)?
    };
    ($self:ident Return) => {{
        $self.return_();
        $self.set_unreachable()
    }};
    ($self:ident Call $func:ident) => {
        $self.call($func)
    };
    ($self:ident CallIndirect $ty:ident $table:ident) => {
        $self.call_indirect($ty, $table)?
    };
    ($self:ident ReturnCall $func:ident) => {
        $self.return_call($func)
    };
    ($self:ident ReturnCallIndirect $ty:ident $table:ident) => {
        $self.return_call_indirect($ty, $table)?
    };
    ($self:ident Throw $tag:ident) => {
        $self.throw($tag)
    };
    ($self:ident ThrowRef) => {
        $self.throw_ref()
    };
    ($self:ident Rethrow $depth:ident) => {
        $self.rethrow($depth)
    };
    ($self:ident CallRef $ty:ident) => {
        $self.call_ref($ty)
    };
    ($self:ident ReturnCallRef $ty:ident) => {
        $self.return_call_ref($ty)
    };
    ($self:ident BrOnNull $depth:ident) => {
        $self.br_on_null($depth)
    };
    ($self:ident BrOnNonNull $depth:ident) => {
        $self.br_on_non_null($depth)
    };
    ($self:ident Drop) => {
        $self.drop_value()
    };
    ($self:ident Select) => {
        $self.select()
    };
    ($self:ident TypedSelect $ty:ident) => {{
        let _ = $ty;
        $self.select()
    }};
    ($self:ident TypedSelectMulti $tys:ident) => {{
        let _ = $tys;
        refused()
    }};
    ($self:ident LocalGet $local:ident) => {
        $self.push_local($local)
    };
    ($self:ident LocalSet $local:ident) => {
        $self.set_local($local)
    };
    ($self:ident LocalTee $local:ident) => {
        $self.tee_local($local)
    };
    ($self:ident GlobalGet $global:ident) => {
        $self.global_get($global)
    };
    ($self:ident GlobalSet $global:ident) => {
        $self.global_set($global)
    };
    ($self:ident I32Const $value:ident) => {
        $self.push_const(u64::from($value.cast_unsigned()))
    };
    ($self:ident I64Const $value:ident) => {
        $self.push_const($value.cast_unsigned())
    };
    ($self:ident F32Const $value:ident) => {
        $self.push_const(u64::from($value.bits()))
    };
    ($self:ident F64Const $value:ident) => {
        $self.push_const($value.bits())
    };
    ($self:ident RefNull $ty:ident) => {{
        let _ = $ty;
        $self.push_const(0)
    }};
    ($self:ident RefIsNull) => {
        $self.i64_eqz()
    };
    ($self:ident I64Eqz) => {
        $self.i64_eqz()
    };
    ($self:ident I32Eqz) => {
        $self.i32_eqz()
    };

    // The cell's upper bytes are zero in either case.
    ($self:ident I64Load8U $memarg:ident) => {
        $self.load(Op::I32Load8U, $memarg)
    };
    ($self:ident I64Load16U $memarg:ident) => {
        $self.load(Op::I32Load16U, $memarg)
    };
    ($self:ident I64Load32U $memarg:ident) => {
        $self.load(Op::I32Load, $memarg)
    };
    ($self:ident I64Store8 $memarg:ident) => {
        $self.store(Op::I32Store8, $memarg)
    };
    ($self:ident I64Store16 $memarg:ident) => {
        $self.store(Op::I32Store16, $memarg)
    };
    ($self:ident I64Store32 $memarg:ident) => {
        $self.store(Op::I32Store, $memarg)
    };
    ($self:ident I32Store $memarg:ident) => {
        $self.store(Op::I32Store, $memarg)
    };
    ($self:ident I64Store $memarg:ident) => {
        $self.store(Op::I64Store, $memarg)
    };
    ($self:ident F32Store $memarg:ident) => {
        $self.store(Op::F32Store, $memarg)
    };
    ($self:ident F64Store $memarg:ident) => {
        $self.store(Op::F64Store, $memarg)
    };
    ($self:ident I32Store8 $memarg:ident) => {
        $self.store(Op::I32Store8, $memarg)
    };
    ($self:ident I32Store16 $memarg:ident) => {
        $self.store(Op::I32Store16, $memarg)
    };
    ($self:ident MemorySize $mem:ident) => {
        $self.memory_size($mem)
    };
    ($self:ident MemoryGrow $mem:ident) => {
        $self.driver_unary(Op::MemoryGrow, $mem)
    };
    ($self:ident MemoryCopy $dst:ident $src:ident) => {
        $self.memory_copy($dst, $src)
    };
    ($self:ident MemoryFill $mem:ident) => {
        $self.memory_fill($mem)
    };
    ($self:ident MemoryInit $data:ident $mem:ident) => {
        $self.driver_effect(Op::MemoryInit, $data, $mem)
    };
    ($self:ident DataDrop $data:ident) => {
        $self.driver_effect0(Op::DataDrop, $data)
    };
    ($self:ident TableGet $table:ident) => {
        $self.driver_unary(Op::TableGet, $table)
    };
    ($self:ident TableSet $table:ident) => {
        $self.table_set($table)
    };
    ($self:ident TableSize $table:ident) => {
        $self.driver_get(Op::TableSize, $table)
    };
    ($self:ident TableGrow $table:ident) => {
        $self.driver_binary(Op::TableGrow, $table)
    };
    ($self:ident TableFill $table:ident) => {
        $self.driver_effect(Op::TableFill, $table, 0)
    };
    ($self:ident TableCopy $dst:ident $src:ident) => {
        $self.driver_effect(Op::TableCopy, $dst, $src)
    };
    ($self:ident TableInit $elem:ident $table:ident) => {
        $self.driver_effect(Op::TableInit, $elem, $table)
    };
    ($self:ident ElemDrop $elem:ident) => {
        $self.driver_effect0(Op::ElemDrop, $elem)
    };
    ($self:ident RefFunc $func:ident) => {
        $self.ref_func($func)
    };
    // Both hierarchies represent references in the same way.
    ($self:ident AnyConvertExtern) => {{}};
    ($self:ident ExternConvertAny) => {{}};
    ($self:ident RefEq) => {
        $self.binary(Op::I64Eq)
    };
    ($self:ident StructNew $ty:ident) => {
        $self.struct_new($ty)
    };
    ($self:ident StructNewDefault $ty:ident) => {
        $self.struct_new_default($ty)
    };
    ($self:ident StructGet $ty:ident $field:ident) => {
        $self.struct_get($ty, $field, false)
    };
    ($self:ident StructGetS $ty:ident $field:ident) => {
        $self.struct_get($ty, $field, true)
    };
    ($self:ident StructGetU $ty:ident $field:ident) => {
        $self.struct_get($ty, $field, false)
    };
    ($self:ident StructSet $ty:ident $field:ident) => {
        $self.struct_set($ty, $field)
    };
    ($self:ident ArrayNew $ty:ident) => {
        $self.array_new($ty)
    };
    ($self:ident ArrayNewDefault $ty:ident) => {
        $self.driver_unary(Op::ArrayNewDefault, $ty)
    };
    ($self:ident ArrayNewFixed $ty:ident $len:ident) => {
        $self.array_new_fixed($ty, $len)
    };
    ($self:ident ArrayNewData $ty:ident $data:ident) => {
        $self.array_new_segment(Op::ArrayNewData, $ty, $data)
    };
    ($self:ident ArrayNewElem $ty:ident $elem:ident) => {
        $self.array_new_segment(Op::ArrayNewElem, $ty, $elem)
    };
    ($self:ident ArrayGet $ty:ident) => {
        $self.array_get($ty, false)
    };
    ($self:ident ArrayGetS $ty:ident) => {
        $self.array_get($ty, true)
    };
    ($self:ident ArrayGetU $ty:ident) => {
        $self.array_get($ty, false)
    };
    ($self:ident ArraySet $ty:ident) => {
        $self.array_set($ty)
    };
    ($self:ident ArrayLen) => {
        $self.array_len()
    };
    ($self:ident ArrayFill $ty:ident) => {{
        let _ = $ty;
        $self.elems_effect(Op::ArrayFill, 4, 0)
    }};
    ($self:ident ArrayCopy $dst:ident $src:ident) => {{
        let _ = ($dst, $src);
        $self.elems_effect(Op::ArrayCopy, 5, 0)
    }};
    ($self:ident ArrayInitData $ty:ident $data:ident) => {{
        let _ = $ty;
        $self.elems_effect(Op::ArrayInitData, 4, $data)
    }};
    ($self:ident ArrayInitElem $ty:ident $elem:ident) => {{
        let _ = $ty;
        $self.elems_effect(Op::ArrayInitElem, 4, $elem)
    }};
    ($self:ident RefTestNonNull $ty:ident) => {
        $self.ref_test($ty, false)
    };
    ($self:ident RefTestNullable $ty:ident) => {
        $self.ref_test($ty, true)
    };
    ($self:ident RefCastNonNull $ty:ident) => {
        $self.ref_cast($ty, false)
    };
    ($self:ident RefCastNullable $ty:ident) => {
        $self.ref_cast($ty, true)
    };
    ($self:ident BrOnCast $depth:ident $from:ident $to:ident) => {{
        let _ = $from;
        $self.br_on_cast($depth, $to, true)
    }};
    ($self:ident BrOnCastFail $depth:ident $from:ident $to:ident) => {{
        let _ = $from;
        $self.br_on_cast($depth, $to, false)
    }};
    // The other loads.
    ($self:ident $op:ident $memarg:ident) => {
        $self.load(Op::$op, $memarg)
    };

    // INV-CELL: the cell already holds the result.
    ($self:ident I32ReinterpretF32) => {{}};
    ($self:ident I64ReinterpretF64) => {{}};
    ($self:ident F32ReinterpretI32) => {
        $self.settle_low()
    };
    ($self:ident F64ReinterpretI64) => {{}};
    ($self:ident I64ExtendI32U) => {
        $self.settle_low()
    };
    ($self:ident I32WrapI64) => {
        if !$self.wrap_in_place() {
            plain::I32WrapI64($self);
        }
    };
    ($self:ident I32GtS) => {
        $self.binary_swapped(Op::I32LtS)
    };
    ($self:ident I32GtU) => {
        $self.binary_swapped(Op::I32LtU)
    };
    ($self:ident I32LeS) => {
        $self.binary_swapped(Op::I32GeS)
    };
    ($self:ident I32LeU) => {
        $self.binary_swapped(Op::I32GeU)
    };
    ($self:ident I64GtS) => {
        $self.binary_swapped(Op::I64LtS)
    };
    ($self:ident I64GtU) => {
        $self.binary_swapped(Op::I64LtU)
    };
    ($self:ident I64LeS) => {
        $self.binary_swapped(Op::I64GeS)
    };
    ($self:ident I64LeU) => {
        $self.binary_swapped(Op::I64GeU)
    };
    ($self:ident F32Gt) => {
        $self.binary_swapped(Op::F32Lt)
    };
    ($self:ident F32Ge) => {
        $self.binary_swapped(Op::F32Le)
    };
    ($self:ident F64Gt) => {
        $self.binary_swapped(Op::F64Lt)
    };
    ($self:ident F64Ge) => {
        $self.binary_swapped(Op::F64Le)
    };
    ($self:ident I64Add128) => {
        $self.wide_sum(Op::I64Add128)
    };
    ($self:ident I64Sub128) => {
        $self.wide_sum(Op::I64Sub128)
    };
    ($self:ident I64MulWideS) => {
        $self.wide_product(Op::I64MulWideS)
    };
    ($self:ident I64MulWideU) => {
        $self.wide_product(Op::I64MulWideU)
    };
    // Operators that have an op of their own name are lowered as its shape says.
    ($self:ident $op:ident) => {
        plain::$op($self)
    };
}

/// Expands the op table.
macro_rules! define_plain {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        #[allow(non_snake_case, reason = "named like the operators")]
        mod plain {
            use super::{Lowerer, Op};

            $(#[inline(always)]
            pub(super) fn $name(lowerer: &mut Lowerer<'_>) {
                lowerer.$shape(Op::$name);
            })*
        }
    };
}

for_each_plain_op!(define_plain);

/// Calls the macro `$expand` with the operators that most code consists of, by opcode and by the immediates they have. These
/// are read here: wasmparser's reader, which reads all others, takes three times as long.
#[rustfmt::skip]
macro_rules! for_each_common {
    ($expand:ident) => { $expand! {
        [0x00 Unreachable, 0x0F Return, 0x1A Drop, 0x1B Select,
        0x45 I32Eqz, 0x46 I32Eq, 0x47 I32Ne, 0x48 I32LtS, 0x49 I32LtU, 0x4A I32GtS, 0x4B I32GtU, 0x4C I32LeS,
        0x4D I32LeU, 0x4E I32GeS, 0x4F I32GeU, 0x50 I64Eqz, 0x51 I64Eq, 0x52 I64Ne, 0x53 I64LtS, 0x54 I64LtU,
        0x55 I64GtS, 0x56 I64GtU, 0x57 I64LeS, 0x58 I64LeU, 0x59 I64GeS, 0x5A I64GeU, 0x5B F32Eq, 0x5C F32Ne,
        0x5D F32Lt, 0x5E F32Gt, 0x5F F32Le, 0x60 F32Ge, 0x61 F64Eq, 0x62 F64Ne, 0x63 F64Lt, 0x64 F64Gt,
        0x65 F64Le, 0x66 F64Ge, 0x67 I32Clz, 0x68 I32Ctz, 0x69 I32Popcnt, 0x6A I32Add, 0x6B I32Sub, 0x6C I32Mul,
        0x6D I32DivS, 0x6E I32DivU, 0x6F I32RemS, 0x70 I32RemU, 0x71 I32And, 0x72 I32Or, 0x73 I32Xor,
        0x74 I32Shl, 0x75 I32ShrS, 0x76 I32ShrU, 0x77 I32Rotl, 0x78 I32Rotr, 0x79 I64Clz, 0x7A I64Ctz,
        0x7B I64Popcnt, 0x7C I64Add, 0x7D I64Sub, 0x7E I64Mul, 0x7F I64DivS, 0x80 I64DivU, 0x81 I64RemS,
        0x82 I64RemU, 0x83 I64And, 0x84 I64Or, 0x85 I64Xor, 0x86 I64Shl, 0x87 I64ShrS, 0x88 I64ShrU,
        0x89 I64Rotl, 0x8A I64Rotr, 0x8B F32Abs, 0x8C F32Neg, 0x8D F32Ceil, 0x8E F32Floor, 0x8F F32Trunc,
        0x90 F32Nearest, 0x91 F32Sqrt, 0x92 F32Add, 0x93 F32Sub, 0x94 F32Mul, 0x95 F32Div, 0x96 F32Min,
        0x97 F32Max, 0x98 F32Copysign, 0x99 F64Abs, 0x9A F64Neg, 0x9B F64Ceil, 0x9C F64Floor, 0x9D F64Trunc,
        0x9E F64Nearest, 0x9F F64Sqrt, 0xA0 F64Add, 0xA1 F64Sub, 0xA2 F64Mul, 0xA3 F64Div, 0xA4 F64Min,
        0xA5 F64Max, 0xA6 F64Copysign, 0xA7 I32WrapI64, 0xA8 I32TruncF32S, 0xA9 I32TruncF32U, 0xAA I32TruncF64S,
        0xAB I32TruncF64U, 0xAC I64ExtendI32S, 0xAD I64ExtendI32U, 0xAE I64TruncF32S, 0xAF I64TruncF32U,
        0xB0 I64TruncF64S, 0xB1 I64TruncF64U, 0xB2 F32ConvertI32S, 0xB3 F32ConvertI32U, 0xB4 F32ConvertI64S,
        0xB5 F32ConvertI64U, 0xB6 F32DemoteF64, 0xB7 F64ConvertI32S, 0xB8 F64ConvertI32U, 0xB9 F64ConvertI64S,
        0xBA F64ConvertI64U, 0xBB F64PromoteF32, 0xBC I32ReinterpretF32, 0xBD I64ReinterpretF64,
        0xBE F32ReinterpretI32, 0xBF F64ReinterpretI64, 0xC0 I32Extend8S, 0xC1 I32Extend16S, 0xC2 I64Extend8S,
        0xC3 I64Extend16S, 0xC4 I64Extend32S
        ]
        [0x0C Br, 0x0D BrIf, 0x10 Call, 0x20 LocalGet, 0x21 LocalSet, 0x22 LocalTee, 0x23 GlobalGet,
        0x24 GlobalSet]
        [
        0x28 I32Load, 0x29 I64Load, 0x2A F32Load, 0x2B F64Load, 0x2C I32Load8S, 0x2D I32Load8U, 0x2E I32Load16S,
        0x2F I32Load16U, 0x30 I64Load8S, 0x31 I64Load8U, 0x32 I64Load16S, 0x33 I64Load16U, 0x34 I64Load32S,
        0x35 I64Load32U, 0x36 I32Store, 0x37 I64Store, 0x38 F32Store, 0x39 F64Store, 0x3A I32Store8,
        0x3B I32Store16, 0x3C I64Store8, 0x3D I64Store16, 0x3E I64Store32
        ]
    } };
}

macro_rules! define_lower_common {
    ([$($opcode:literal $op:ident),*] [$($index_opcode:literal $index_op:ident),*]
    [$($memory_opcode:literal $memory_op:ident),*]) => {
        impl Lowerer<'_> {
            /// Lowers the operator at the start of `bytes`, if it is a common one that can be reached, in common encoding.
            /// Returns its length.
            #[inline]
            pub(super) fn lower_common(&mut self, bytes: &[u8]) -> Option<usize> {
                if !self.reachable {
                    return None;
                }
                let mut immediates = ImmediateReader::behind_opcode(bytes);
                match *bytes.first()? {
                    0x02 if immediates.is_empty_block() => self.block(BlockType::Empty),
                    0x03 if immediates.is_empty_block() => self.loop_(BlockType::Empty),
                    0x0B => self.end(),
                    0x41 => self.push_const(u64::from(immediates.signed()? as u32)),
                    0x42 => self.push_const(immediates.signed()?.cast_unsigned()),
                    $($opcode => lower_reached!(self $op),)*
                    $($index_opcode => {
                        let index = immediates.index()?;
                        lower_reached!(self $index_op index)
                    })*
                    $($memory_opcode => {
                        let memarg = immediates.memarg()?;
                        lower_reached!(self $memory_op memarg)
                    })*
                    _ => return None,
                }
                Some(immediates.position())
            }
        }
    };
}

for_each_common!(define_lower_common);

impl<'a> VisitOperator<'a> for Lowerer<'_> {
    type Output = Result<(), Error>;

    fn simd_visitor(&mut self) -> Option<&mut dyn VisitSimdOperator<'a, Output = Self::Output>> {
        Some(self)
    }

    for_each_visit_operator!(define_visit);
}

/// Expands to a function for each operator on vectors.
macro_rules! define_vector_visit {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $ty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        $(fn $visit(&mut self $($(, $arg: $ty)*)?) -> Self::Output {
            if self.reachable {
                vector!(self $op $($($arg)*)?);
            }
            Ok(())
        })*
    };
}

/// What lowers an operator on vectors. Those of relaxed SIMD may do one of several things; where one is what another
/// operator does, it takes that one's op.
macro_rules! vector {
    ($self:ident I8x16GtS) => { $self.vector_binary_swapped(Op::I8x16LtS) };
    ($self:ident I8x16GtU) => { $self.vector_binary_swapped(Op::I8x16LtU) };
    ($self:ident I8x16LeS) => { $self.vector_binary_swapped(Op::I8x16GeS) };
    ($self:ident I8x16LeU) => { $self.vector_binary_swapped(Op::I8x16GeU) };
    ($self:ident I16x8GtS) => { $self.vector_binary_swapped(Op::I16x8LtS) };
    ($self:ident I16x8GtU) => { $self.vector_binary_swapped(Op::I16x8LtU) };
    ($self:ident I16x8LeS) => { $self.vector_binary_swapped(Op::I16x8GeS) };
    ($self:ident I16x8LeU) => { $self.vector_binary_swapped(Op::I16x8GeU) };
    ($self:ident I32x4GtS) => { $self.vector_binary_swapped(Op::I32x4LtS) };
    ($self:ident I32x4GtU) => { $self.vector_binary_swapped(Op::I32x4LtU) };
    ($self:ident I32x4LeS) => { $self.vector_binary_swapped(Op::I32x4GeS) };
    ($self:ident I32x4LeU) => { $self.vector_binary_swapped(Op::I32x4GeU) };
    ($self:ident I64x2GtS) => { $self.vector_binary_swapped(Op::I64x2LtS) };
    ($self:ident I64x2LeS) => { $self.vector_binary_swapped(Op::I64x2GeS) };
    ($self:ident F32x4Gt) => { $self.vector_binary_swapped(Op::F32x4Lt) };
    ($self:ident F32x4Ge) => { $self.vector_binary_swapped(Op::F32x4Le) };
    ($self:ident F64x2Gt) => { $self.vector_binary_swapped(Op::F64x2Lt) };
    ($self:ident F64x2Ge) => { $self.vector_binary_swapped(Op::F64x2Le) };
    ($self:ident I8x16Swizzle) => { $self.vector_swizzle(Op::I8x16Swizzle) };
    ($self:ident I8x16RelaxedSwizzle) => {
        $self.vector_swizzle($self.relaxed(Op::I8x16Swizzle, Op::I8x16RelaxedSwizzle))
    };
    ($self:ident F32x4RelaxedMadd) => {
        $self.vector_mul_add(Op::F32x4RelaxedMadd, Op::F32x4RelaxedMaddPortable, Op::F32x4MulAdd)
    };
    ($self:ident F32x4RelaxedNmadd) => {
        $self.vector_mul_add(Op::F32x4RelaxedNmadd, Op::F32x4RelaxedNmaddPortable, Op::F32x4MulSub)
    };
    ($self:ident F64x2RelaxedMadd) => {
        $self.vector_mul_add(Op::F64x2RelaxedMadd, Op::F64x2RelaxedMaddPortable, Op::F64x2MulAdd)
    };
    ($self:ident F64x2RelaxedNmadd) => {
        $self.vector_mul_add(Op::F64x2RelaxedNmadd, Op::F64x2RelaxedNmaddPortable, Op::F64x2MulSub)
    };
    ($self:ident I32x4RelaxedTruncF32x4S) => {
        ().lower($self, $self.relaxed(Op::I32x4TruncSatF32x4S, Op::I32x4RelaxedTruncF32x4S))
    };
    ($self:ident I32x4RelaxedTruncF32x4U) => { ().lower($self, Op::I32x4TruncSatF32x4U) };
    ($self:ident I32x4RelaxedTruncF64x2SZero) => {
        ().lower($self, $self.relaxed(Op::I32x4TruncSatF64x2SZero, Op::I32x4RelaxedTruncF64x2SZero))
    };
    ($self:ident I32x4RelaxedTruncF64x2UZero) => { ().lower($self, Op::I32x4TruncSatF64x2UZero) };
    ($self:ident I8x16RelaxedLaneselect) => { ().lower($self, Op::V128Bitselect) };
    ($self:ident I16x8RelaxedLaneselect) => { ().lower($self, Op::V128Bitselect) };
    ($self:ident I32x4RelaxedLaneselect) => { ().lower($self, Op::V128Bitselect) };
    ($self:ident I64x2RelaxedLaneselect) => { ().lower($self, Op::V128Bitselect) };
    ($self:ident F32x4RelaxedMin) => { ().lower($self, $self.relaxed(Op::F32x4Min, Op::F32x4PMin)) };
    ($self:ident F32x4RelaxedMax) => { ().lower($self, $self.relaxed(Op::F32x4Max, Op::F32x4PMax)) };
    ($self:ident F64x2RelaxedMin) => { ().lower($self, $self.relaxed(Op::F64x2Min, Op::F64x2PMin)) };
    ($self:ident F64x2RelaxedMax) => { ().lower($self, $self.relaxed(Op::F64x2Max, Op::F64x2PMax)) };
    ($self:ident I16x8RelaxedQ15mulrS) => { ().lower($self, Op::I16x8Q15MulrSatS) };
    ($self:ident $op:ident $($arg:ident)*) => { ($($arg,)*).lower($self, Op::$op) };
}

impl<'a> VisitSimdOperator<'a> for Lowerer<'_> {
    for_each_visit_simd_operator!(define_vector_visit);
}

impl FrameStack for Lowerer<'_> {
    /// The reader asks whether an `else` stands in an `if`, a `catch` in a `try`. Validation has seen that they do.
    fn current_frame(&self) -> Option<FrameKind> {
        const CATCH: u8 = 0x07;
        const DELEGATE: u8 = 0x18;
        const CATCH_ALL: u8 = 0x19;
        let is_try = matches!(self.info.bytes.get(self.offset), Some(&(CATCH | DELEGATE | CATCH_ALL)));
        Some(if is_try { FrameKind::LegacyTry } else { FrameKind::If })
    }
}

#[cold]
#[inline(never)]
fn refused() {
    unreachable!("decoding refuses proposals that are not implemented")
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    use wasmparser::BinaryReader;

    /// The opcodes and names of all common operators.
    macro_rules! names {
        ($([$($opcode:literal $op:ident),*])*) => { [$($(($opcode, stringify!($op))),*),*] };
    }

    #[test]
    fn common_operators_have_the_right_names() {
        let operators = for_each_common!(names);
        let mut opcodes: Vec<u8> = operators.iter().map(|(opcode, _)| *opcode).collect();
        for (opcode, name) in operators {
            let bytes = [opcode, 0, 0, 0x0B];
            let mut reader = wasmparser::OperatorsReader::new(BinaryReader::new(&bytes, 0));
            let operator = reader.read().expect("immediates are zeros");
            let parsed: String =
                format!("{operator:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
            assert_eq!(parsed, name, "0x{opcode:02X}");
        }
        opcodes.sort_unstable();
        opcodes.dedup();
        assert_eq!(opcodes.len(), operators.len(), "no opcode is there twice");
    }
}
