//! THE TABLE: every op, one row each.
//!
//! A row is `Name "mnemonic" shape meaning [relations]`. The shape is one of [`super::shape::Shape`], the meaning a
//! function of [`super::eval`]. Relations are columns of [`Facts`] and name other ops:
//!
//! * `imm`, `imm_lhs`: the form whose right or left operand is a constant
//! * `commutes`: the operands may change places
//! * `not`: the op with the opposite result, `br_if`: the branch taken when the result is true
//! * `at`, `indexed`: the form whose address is a constant, or the sum of two cells
//! * `long`, `far`, `shared`: the same access to memory 0 with 64-bit addresses, to any memory, to one that is shared
//!
//! To add a plain op, add its row here and its meaning to `eval.rs`. Whatever else must know of ops expands
//! [`for_each_op`] or [`for_each_plain_op`]. The rows of vector ops are in [`super::vector_ops`].

use super::shape::Shape;

/// Calls the macro `$expand` with the rows of all ops that have the name and the operands of a Wasm operator, and
/// whatever else it is given behind them.
macro_rules! for_each_plain_op {
    ($expand:ident $($rest:tt)*) => { $expand! {

        // i32: arithmetic.
        I32Add                 "i32.add"                    binary               i32_add                [imm I32AddImm, commutes];
        I32Sub                 "i32.sub"                    binary               i32_sub                [imm_lhs I32SubImmLhs];
        I32Mul                 "i32.mul"                    binary               i32_mul                [imm I32MulImm, commutes];
        I32DivS                "i32.div_s"                  binary               i32_div_s              [imm I32DivSImm];
        I32DivU                "i32.div_u"                  binary               i32_div_u              [imm I32DivUImm];
        I32RemS                "i32.rem_s"                  binary               i32_rem_s              [imm I32RemSImm];
        I32RemU                "i32.rem_u"                  binary               i32_rem_u              [imm I32RemUImm];
        I32And                 "i32.and"                    binary               i32_and                [imm I32AndImm, commutes];
        I32Or                  "i32.or"                     binary               i32_or                 [imm I32OrImm, commutes];
        I32Xor                 "i32.xor"                    binary               i32_xor                [imm I32XorImm, commutes];
        I32Shl                 "i32.shl"                    binary               i32_shl                [imm I32ShlImm, imm_lhs I32ShlImmLhs];
        I32ShrS                "i32.shr_s"                  binary               i32_shr_s              [imm I32ShrSImm];
        I32ShrU                "i32.shr_u"                  binary               i32_shr_u              [imm I32ShrUImm];
        I32Rotl                "i32.rotl"                   binary               i32_rotl               [imm I32RotlImm];
        I32Rotr                "i32.rotr"                   binary               i32_rotr               [imm I32RotrImm];
        I32Clz                 "i32.clz"                    unary                i32_clz                [];
        I32Ctz                 "i32.ctz"                    unary                i32_ctz                [];
        I32Popcnt              "i32.popcnt"                 unary                i32_popcnt             [];
        I32Extend8S            "i32.extend8_s"              unary                i32_extend8_s          [];
        I32Extend16S           "i32.extend16_s"             unary                i32_extend16_s         [];

        // i32: comparisons. `not` is the exact opposite; br_if is the branch on it.
        I32Eq                  "i32.eq"                     binary               i32_eq                 [imm I32EqImm, not I32Ne, br_if BrIfI32Eq, commutes];
        I32Ne                  "i32.ne"                     binary               i32_ne                 [imm I32NeImm, not I32Eq, br_if BrIfI32Ne, commutes];
        I32LtS                 "i32.lt_s"                   binary               i32_lt_s               [imm I32LtSImm, not I32GeS, br_if BrIfI32LtS];
        I32GeS                 "i32.ge_s"                   binary               i32_ge_s               [imm I32GeSImm, not I32LtS, br_if BrIfI32GeS];
        I32LtU                 "i32.lt_u"                   binary               i32_lt_u               [imm I32LtUImm, not I32GeU, br_if BrIfI32LtU];
        I32GeU                 "i32.ge_u"                   binary               i32_ge_u               [imm I32GeUImm, not I32LtU, br_if BrIfI32GeU];

        // i64: arithmetic.
        I64Add                 "i64.add"                    binary               i64_add                [imm I64AddImm, commutes];
        I64Sub                 "i64.sub"                    binary               i64_sub                [imm_lhs I64SubImmLhs];
        I64Mul                 "i64.mul"                    binary               i64_mul                [imm I64MulImm, commutes];
        I64DivS                "i64.div_s"                  binary               i64_div_s              [imm I64DivSImm];
        I64DivU                "i64.div_u"                  binary               i64_div_u              [imm I64DivUImm];
        I64RemS                "i64.rem_s"                  binary               i64_rem_s              [imm I64RemSImm];
        I64RemU                "i64.rem_u"                  binary               i64_rem_u              [imm I64RemUImm];
        I64And                 "i64.and"                    binary               i64_and                [imm I64AndImm, commutes];
        I64Or                  "i64.or"                     binary               i64_or                 [imm I64OrImm, commutes];
        I64Xor                 "i64.xor"                    binary               i64_xor                [imm I64XorImm, commutes];
        I64Shl                 "i64.shl"                    binary               i64_shl                [imm I64ShlImm, imm_lhs I64ShlImmLhs];
        I64ShrS                "i64.shr_s"                  binary               i64_shr_s              [imm I64ShrSImm];
        I64ShrU                "i64.shr_u"                  binary               i64_shr_u              [imm I64ShrUImm];
        I64Rotl                "i64.rotl"                   binary               i64_rotl               [imm I64RotlImm];
        I64Rotr                "i64.rotr"                   binary               i64_rotr               [imm I64RotrImm];
        I64Clz                 "i64.clz"                    unary                i64_clz                [];
        I64Ctz                 "i64.ctz"                    unary                i64_ctz                [];
        I64Popcnt              "i64.popcnt"                 unary                i64_popcnt             [];
        I64Extend8S            "i64.extend8_s"              unary                i64_extend8_s          [];
        I64Extend16S           "i64.extend16_s"             unary                i64_extend16_s         [];
        I64Extend32S           "i64.extend32_s"             unary                i64_extend32_s         [];

        // i64: comparisons. `not` is the exact opposite; br_if is the branch on it.
        I64Eq                  "i64.eq"                     binary               i64_eq                 [imm I64EqImm, not I64Ne, br_if BrIfI64Eq, commutes];
        I64Ne                  "i64.ne"                     binary               i64_ne                 [imm I64NeImm, not I64Eq, br_if BrIfI64Ne, commutes];
        I64LtS                 "i64.lt_s"                   binary               i64_lt_s               [imm I64LtSImm, not I64GeS, br_if BrIfI64LtS];
        I64GeS                 "i64.ge_s"                   binary               i64_ge_s               [imm I64GeSImm, not I64LtS, br_if BrIfI64GeS];
        I64LtU                 "i64.lt_u"                   binary               i64_lt_u               [imm I64LtUImm, not I64GeU, br_if BrIfI64LtU];
        I64GeU                 "i64.ge_u"                   binary               i64_ge_u               [imm I64GeUImm, not I64LtU, br_if BrIfI64GeU];

        // f32: arithmetic.
        F32Add                 "f32.add"                    binary               f32_add                [imm F32AddImm, commutes];
        F32Sub                 "f32.sub"                    binary               f32_sub                [imm F32SubImm, imm_lhs F32SubImmLhs];
        F32Mul                 "f32.mul"                    binary               f32_mul                [imm F32MulImm, commutes];
        F32Div                 "f32.div"                    binary               f32_div                [imm F32DivImm, imm_lhs F32DivImmLhs];
        F32Min                 "f32.min"                    binary               f32_min                [];
        F32Max                 "f32.max"                    binary               f32_max                [];
        F32Copysign            "f32.copysign"               binary               f32_copysign           [];
        F32Abs                 "f32.abs"                    unary                f32_abs                [];
        F32Neg                 "f32.neg"                    unary                f32_neg                [];
        F32Ceil                "f32.ceil"                   unary                f32_ceil               [];
        F32Floor               "f32.floor"                  unary                f32_floor              [];
        F32Trunc               "f32.trunc"                  unary                f32_trunc              [];
        F32Nearest             "f32.nearest"                unary                f32_nearest            [];
        F32Sqrt                "f32.sqrt"                   unary                f32_sqrt               [];

        // f32: comparisons; `nlt` and `nle` are "not less" and "not less or equal", which hold for NaNs.
        F32Eq                  "f32.eq"                     binary               f32_eq                 [not F32Ne, br_if BrIfF32Eq, commutes];
        F32Ne                  "f32.ne"                     binary               f32_ne                 [not F32Eq, br_if BrIfF32Ne, commutes];
        F32Lt                  "f32.lt"                     binary               f32_lt                 [not F32Nlt, br_if BrIfF32Lt];
        F32Le                  "f32.le"                     binary               f32_le                 [not F32Nle, br_if BrIfF32Le];

        // f64: arithmetic.
        F64Add                 "f64.add"                    binary               f64_add                [imm F64AddImm, commutes];
        F64Sub                 "f64.sub"                    binary               f64_sub                [imm F64SubImm, imm_lhs F64SubImmLhs];
        F64Mul                 "f64.mul"                    binary               f64_mul                [imm F64MulImm, commutes];
        F64Div                 "f64.div"                    binary               f64_div                [imm F64DivImm, imm_lhs F64DivImmLhs];
        F64Min                 "f64.min"                    binary               f64_min                [];
        F64Max                 "f64.max"                    binary               f64_max                [];
        F64Copysign            "f64.copysign"               binary               f64_copysign           [];
        F64Abs                 "f64.abs"                    unary                f64_abs                [];
        F64Neg                 "f64.neg"                    unary                f64_neg                [];
        F64Ceil                "f64.ceil"                   unary                f64_ceil               [];
        F64Floor               "f64.floor"                  unary                f64_floor              [];
        F64Trunc               "f64.trunc"                  unary                f64_trunc              [];
        F64Nearest             "f64.nearest"                unary                f64_nearest            [];
        F64Sqrt                "f64.sqrt"                   unary                f64_sqrt               [];

        // f64: comparisons; `nlt` and `nle` are "not less" and "not less or equal", which hold for NaNs.
        F64Eq                  "f64.eq"                     binary               f64_eq                 [not F64Ne, br_if BrIfF64Eq, commutes];
        F64Ne                  "f64.ne"                     binary               f64_ne                 [not F64Eq, br_if BrIfF64Ne, commutes];
        F64Lt                  "f64.lt"                     binary               f64_lt                 [not F64Nlt, br_if BrIfF64Lt];
        F64Le                  "f64.le"                     binary               f64_le                 [not F64Nle, br_if BrIfF64Le];

        // Conversions. Reinterpretations and i64.extend_i32_u have no op: INV-CELL makes them do nothing.
        I32WrapI64             "i32.wrap_i64"               unary                i32_wrap_i64           [];
        I64ExtendI32S          "i64.extend_i32_s"           unary                i64_extend_i32_s       [];
        I32TruncF32S           "i32.trunc_f32_s"            unary                i32_trunc_f32_s        [];
        I32TruncF32U           "i32.trunc_f32_u"            unary                i32_trunc_f32_u        [];
        I32TruncF64S           "i32.trunc_f64_s"            unary                i32_trunc_f64_s        [];
        I32TruncF64U           "i32.trunc_f64_u"            unary                i32_trunc_f64_u        [];
        I64TruncF32S           "i64.trunc_f32_s"            unary                i64_trunc_f32_s        [];
        I64TruncF32U           "i64.trunc_f32_u"            unary                i64_trunc_f32_u        [];
        I64TruncF64S           "i64.trunc_f64_s"            unary                i64_trunc_f64_s        [];
        I64TruncF64U           "i64.trunc_f64_u"            unary                i64_trunc_f64_u        [];
        I32TruncSatF32S        "i32.trunc_sat_f32_s"        unary                i32_trunc_sat_f32_s    [];
        I32TruncSatF32U        "i32.trunc_sat_f32_u"        unary                i32_trunc_sat_f32_u    [];
        I32TruncSatF64S        "i32.trunc_sat_f64_s"        unary                i32_trunc_sat_f64_s    [];
        I32TruncSatF64U        "i32.trunc_sat_f64_u"        unary                i32_trunc_sat_f64_u    [];
        I64TruncSatF32S        "i64.trunc_sat_f32_s"        unary                i64_trunc_sat_f32_s    [];
        I64TruncSatF32U        "i64.trunc_sat_f32_u"        unary                i64_trunc_sat_f32_u    [];
        I64TruncSatF64S        "i64.trunc_sat_f64_s"        unary                i64_trunc_sat_f64_s    [];
        I64TruncSatF64U        "i64.trunc_sat_f64_u"        unary                i64_trunc_sat_f64_u    [];
        F32ConvertI32S         "f32.convert_i32_s"          unary                f32_convert_i32_s      [];
        F32ConvertI32U         "f32.convert_i32_u"          unary                f32_convert_i32_u      [];
        F32ConvertI64S         "f32.convert_i64_s"          unary                f32_convert_i64_s      [];
        F32ConvertI64U         "f32.convert_i64_u"          unary                f32_convert_i64_u      [];
        F32DemoteF64           "f32.demote_f64"             unary                f32_demote_f64         [];
        F64ConvertI32S         "f64.convert_i32_s"          unary                f64_convert_i32_s      [];
        F64ConvertI32U         "f64.convert_i32_u"          unary                f64_convert_i32_u      [];
        F64ConvertI64S         "f64.convert_i64_s"          unary                f64_convert_i64_s      [];
        F64ConvertI64U         "f64.convert_i64_u"          unary                f64_convert_i64_u      [];
        F64PromoteF32          "f64.promote_f32"            unary                f64_promote_f32        [];

        // References. That to null is 0.
        RefAsNonNull           "ref.as_non_null"            unary                ref_as_non_null        [];

        $($rest)*

        // References to small integers.
        RefI31                 "ref.i31"                    unary                ref_i31                [];
        I31GetS                "i31.get_s"                  unary                i31_get_s              [];
        I31GetU                "i31.get_u"                  unary                i31_get_u              [];
    } };
}
pub(crate) use for_each_plain_op;

/// Calls the macro `$expand` with the rows of all ops: the plain ones, then those that are forms of others or exist
/// for the bytecode's own sake.
macro_rules! for_each_op {
    ($expand:ident) => {
        $crate::isa::vector_ops::for_each_vector_op! { for_each_scalar_op $expand }
    };
}
pub(crate) use for_each_op;

/// Calls the macro `$expand` with the rows of all ops but the vectors', and whatever else it is given behind them.
macro_rules! for_each_scalar_op {
    ($expand:ident $($rest:tt)*) => { $crate::isa::ops::for_each_plain_op! { $expand

        // i32: arithmetic.
        I32AddImm              "i32.add_imm"                binary_imm           i32_add                [];
        I32SubImmLhs           "i32.sub_imm_lhs"            imm_binary           i32_sub                [];
        I32MulImm              "i32.mul_imm"                binary_imm           i32_mul                [];
        I32DivSImm             "i32.div_s_imm"              binary_imm           i32_div_s              [];
        I32DivUImm             "i32.div_u_imm"              binary_imm           i32_div_u              [];
        I32RemSImm             "i32.rem_s_imm"              binary_imm           i32_rem_s              [];
        I32RemUImm             "i32.rem_u_imm"              binary_imm           i32_rem_u              [];
        I32AndImm              "i32.and_imm"                binary_imm           i32_and                [];
        I32OrImm               "i32.or_imm"                 binary_imm           i32_or                 [];
        I32XorImm              "i32.xor_imm"                binary_imm           i32_xor                [];
        I32ShlImm              "i32.shl_imm"                binary_imm           i32_shl                [];
        I32ShlImmLhs           "i32.shl_imm_lhs"            imm_binary           i32_shl                [];
        I32ShrSImm             "i32.shr_s_imm"              binary_imm           i32_shr_s              [];
        I32ShrUImm             "i32.shr_u_imm"              binary_imm           i32_shr_u              [];
        I32RotlImm             "i32.rotl_imm"               binary_imm           i32_rotl               [];
        I32RotrImm             "i32.rotr_imm"               binary_imm           i32_rotr               [];

        // i32: comparisons. `not` is the exact opposite; br_if is the branch on it.
        I32EqImm               "i32.eq_imm"                 binary_imm           i32_eq                 [not I32NeImm, br_if BrIfI32EqImm];
        I32NeImm               "i32.ne_imm"                 binary_imm           i32_ne                 [not I32EqImm, br_if BrIfI32NeImm];
        I32LtSImm              "i32.lt_s_imm"               binary_imm           i32_lt_s               [not I32GeSImm, br_if BrIfI32LtSImm];
        I32GeSImm              "i32.ge_s_imm"               binary_imm           i32_ge_s               [not I32LtSImm, br_if BrIfI32GeSImm];
        I32LtUImm              "i32.lt_u_imm"               binary_imm           i32_lt_u               [not I32GeUImm, br_if BrIfI32LtUImm];
        I32GeUImm              "i32.ge_u_imm"               binary_imm           i32_ge_u               [not I32LtUImm, br_if BrIfI32GeUImm];
        BrIfI32Eq              "br_if.i32.eq"               branch_compare       i32_eq                 [not BrIfI32Ne];
        BrIfI32EqImm           "br_if.i32.eq_imm"           branch_compare_imm   i32_eq                 [not BrIfI32NeImm];
        BrIfI32Ne              "br_if.i32.ne"               branch_compare       i32_ne                 [not BrIfI32Eq];
        BrIfI32NeImm           "br_if.i32.ne_imm"           branch_compare_imm   i32_ne                 [not BrIfI32EqImm];
        BrIfI32LtS             "br_if.i32.lt_s"             branch_compare       i32_lt_s               [not BrIfI32GeS];
        BrIfI32LtSImm          "br_if.i32.lt_s_imm"         branch_compare_imm   i32_lt_s               [not BrIfI32GeSImm];
        BrIfI32GeS             "br_if.i32.ge_s"             branch_compare       i32_ge_s               [not BrIfI32LtS];
        BrIfI32GeSImm          "br_if.i32.ge_s_imm"         branch_compare_imm   i32_ge_s               [not BrIfI32LtSImm];
        BrIfI32LtU             "br_if.i32.lt_u"             branch_compare       i32_lt_u               [not BrIfI32GeU];
        BrIfI32LtUImm          "br_if.i32.lt_u_imm"         branch_compare_imm   i32_lt_u               [not BrIfI32GeUImm];
        BrIfI32GeU             "br_if.i32.ge_u"             branch_compare       i32_ge_u               [not BrIfI32LtU];
        BrIfI32GeUImm          "br_if.i32.ge_u_imm"         branch_compare_imm   i32_ge_u               [not BrIfI32LtUImm];

        // i64: arithmetic.
        I64AddImm              "i64.add_imm"                binary_imm           i64_add                [];
        I64SubImmLhs           "i64.sub_imm_lhs"            imm_binary           i64_sub                [];
        I64MulImm              "i64.mul_imm"                binary_imm           i64_mul                [];
        I64DivSImm             "i64.div_s_imm"              binary_imm           i64_div_s              [];
        I64DivUImm             "i64.div_u_imm"              binary_imm           i64_div_u              [];
        I64RemSImm             "i64.rem_s_imm"              binary_imm           i64_rem_s              [];
        I64RemUImm             "i64.rem_u_imm"              binary_imm           i64_rem_u              [];
        I64AndImm              "i64.and_imm"                binary_imm           i64_and                [];
        I64OrImm               "i64.or_imm"                 binary_imm           i64_or                 [];
        I64XorImm              "i64.xor_imm"                binary_imm           i64_xor                [];
        I64ShlImm              "i64.shl_imm"                binary_imm           i64_shl                [];
        I64ShlImmLhs           "i64.shl_imm_lhs"            imm_binary           i64_shl                [];
        I64ShrSImm             "i64.shr_s_imm"              binary_imm           i64_shr_s              [];
        I64ShrUImm             "i64.shr_u_imm"              binary_imm           i64_shr_u              [];
        I64RotlImm             "i64.rotl_imm"               binary_imm           i64_rotl               [];
        I64RotrImm             "i64.rotr_imm"               binary_imm           i64_rotr               [];

        // i64: comparisons. `not` is the exact opposite; br_if is the branch on it.
        I64EqImm               "i64.eq_imm"                 binary_imm           i64_eq                 [not I64NeImm, br_if BrIfI64EqImm];
        I64NeImm               "i64.ne_imm"                 binary_imm           i64_ne                 [not I64EqImm, br_if BrIfI64NeImm];
        I64LtSImm              "i64.lt_s_imm"               binary_imm           i64_lt_s               [not I64GeSImm, br_if BrIfI64LtSImm];
        I64GeSImm              "i64.ge_s_imm"               binary_imm           i64_ge_s               [not I64LtSImm, br_if BrIfI64GeSImm];
        I64LtUImm              "i64.lt_u_imm"               binary_imm           i64_lt_u               [not I64GeUImm, br_if BrIfI64LtUImm];
        I64GeUImm              "i64.ge_u_imm"               binary_imm           i64_ge_u               [not I64LtUImm, br_if BrIfI64GeUImm];
        BrIfI64Eq              "br_if.i64.eq"               branch_compare       i64_eq                 [not BrIfI64Ne];
        BrIfI64EqImm           "br_if.i64.eq_imm"           branch_compare_imm   i64_eq                 [not BrIfI64NeImm];
        BrIfI64Ne              "br_if.i64.ne"               branch_compare       i64_ne                 [not BrIfI64Eq];
        BrIfI64NeImm           "br_if.i64.ne_imm"           branch_compare_imm   i64_ne                 [not BrIfI64EqImm];
        BrIfI64LtS             "br_if.i64.lt_s"             branch_compare       i64_lt_s               [not BrIfI64GeS];
        BrIfI64LtSImm          "br_if.i64.lt_s_imm"         branch_compare_imm   i64_lt_s               [not BrIfI64GeSImm];
        BrIfI64GeS             "br_if.i64.ge_s"             branch_compare       i64_ge_s               [not BrIfI64LtS];
        BrIfI64GeSImm          "br_if.i64.ge_s_imm"         branch_compare_imm   i64_ge_s               [not BrIfI64LtSImm];
        BrIfI64LtU             "br_if.i64.lt_u"             branch_compare       i64_lt_u               [not BrIfI64GeU];
        BrIfI64LtUImm          "br_if.i64.lt_u_imm"         branch_compare_imm   i64_lt_u               [not BrIfI64GeUImm];
        BrIfI64GeU             "br_if.i64.ge_u"             branch_compare       i64_ge_u               [not BrIfI64LtU];
        BrIfI64GeUImm          "br_if.i64.ge_u_imm"         branch_compare_imm   i64_ge_u               [not BrIfI64LtUImm];

        // f32: arithmetic.
        F32AddImm              "f32.add_imm"                binary_imm           f32_add                [];
        F32SubImm              "f32.sub_imm"                binary_imm           f32_sub                [];
        F32SubImmLhs           "f32.sub_imm_lhs"            imm_binary           f32_sub                [];
        F32MulImm              "f32.mul_imm"                binary_imm           f32_mul                [];
        F32DivImm              "f32.div_imm"                binary_imm           f32_div                [];
        F32DivImmLhs           "f32.div_imm_lhs"            imm_binary           f32_div                [];

        // f32: comparisons; `nlt` and `nle` are "not less" and "not less or equal", which hold for NaNs.
        F32Nlt                 "f32.nlt"                    binary               f32_nlt                [not F32Lt, br_if BrIfF32Nlt];
        F32Nle                 "f32.nle"                    binary               f32_nle                [not F32Le, br_if BrIfF32Nle];
        BrIfF32Eq              "br_if.f32.eq"               branch_compare       f32_eq                 [not BrIfF32Ne];
        BrIfF32Ne              "br_if.f32.ne"               branch_compare       f32_ne                 [not BrIfF32Eq];
        BrIfF32Lt              "br_if.f32.lt"               branch_compare       f32_lt                 [not BrIfF32Nlt];
        BrIfF32Nlt             "br_if.f32.nlt"              branch_compare       f32_nlt                [not BrIfF32Lt];
        BrIfF32Le              "br_if.f32.le"               branch_compare       f32_le                 [not BrIfF32Nle];
        BrIfF32Nle             "br_if.f32.nle"              branch_compare       f32_nle                [not BrIfF32Le];

        // f64: arithmetic.
        F64AddImm              "f64.add_imm"                binary_imm           f64_add                [];
        F64SubImm              "f64.sub_imm"                binary_imm           f64_sub                [];
        F64SubImmLhs           "f64.sub_imm_lhs"            imm_binary           f64_sub                [];
        F64MulImm              "f64.mul_imm"                binary_imm           f64_mul                [];
        F64DivImm              "f64.div_imm"                binary_imm           f64_div                [];
        F64DivImmLhs           "f64.div_imm_lhs"            imm_binary           f64_div                [];

        // f64: comparisons; `nlt` and `nle` are "not less" and "not less or equal", which hold for NaNs.
        F64Nlt                 "f64.nlt"                    binary               f64_nlt                [not F64Lt, br_if BrIfF64Nlt];
        F64Nle                 "f64.nle"                    binary               f64_nle                [not F64Le, br_if BrIfF64Nle];
        BrIfF64Eq              "br_if.f64.eq"               branch_compare       f64_eq                 [not BrIfF64Ne];
        BrIfF64Ne              "br_if.f64.ne"               branch_compare       f64_ne                 [not BrIfF64Eq];
        BrIfF64Lt              "br_if.f64.lt"               branch_compare       f64_lt                 [not BrIfF64Nlt];
        BrIfF64Nlt             "br_if.f64.nlt"              branch_compare       f64_nlt                [not BrIfF64Lt];
        BrIfF64Le              "br_if.f64.le"               branch_compare       f64_le                 [not BrIfF64Nle];
        BrIfF64Nle             "br_if.f64.nle"              branch_compare       f64_nle                [not BrIfF64Le];

        // Loads. The unsigned 64-bit ones are the 32-bit ones, by INV-CELL.
        I32Load                "i32.load"                   load                 i32_load               [at I32LoadAt, indexed I32LoadIndexed, long I32LoadLong, far I32LoadFar, shared I32LoadShared];
        I32LoadAt              "i32.load_at"                load_at              i32_load               [];
        I32LoadIndexed         "i32.load_indexed"           load_indexed         i32_load               [];
        I64Load                "i64.load"                   load                 i64_load               [at I64LoadAt, indexed I64LoadIndexed, long I64LoadLong, far I64LoadFar, shared I64LoadShared];
        I64LoadAt              "i64.load_at"                load_at              i64_load               [];
        I64LoadIndexed         "i64.load_indexed"           load_indexed         i64_load               [];
        I32Load8S              "i32.load8_s"                load                 i32_load8_s            [at I32Load8SAt, indexed I32Load8SIndexed, long I32Load8SLong, far I32Load8SFar, shared I32Load8SShared];
        I32Load8SAt            "i32.load8_s_at"             load_at              i32_load8_s            [];
        I32Load8SIndexed       "i32.load8_s_indexed"        load_indexed         i32_load8_s            [];
        I32Load8U              "i32.load8_u"                load                 i32_load8_u            [at I32Load8UAt, indexed I32Load8UIndexed, long I32Load8ULong, far I32Load8UFar, shared I32Load8UShared];
        I32Load8UAt            "i32.load8_u_at"             load_at              i32_load8_u            [];
        I32Load8UIndexed       "i32.load8_u_indexed"        load_indexed         i32_load8_u            [];
        I32Load16S             "i32.load16_s"               load                 i32_load16_s           [at I32Load16SAt, indexed I32Load16SIndexed, long I32Load16SLong, far I32Load16SFar, shared I32Load16SShared];
        I32Load16SAt           "i32.load16_s_at"            load_at              i32_load16_s           [];
        I32Load16SIndexed      "i32.load16_s_indexed"       load_indexed         i32_load16_s           [];
        I32Load16U             "i32.load16_u"               load                 i32_load16_u           [at I32Load16UAt, indexed I32Load16UIndexed, long I32Load16ULong, far I32Load16UFar, shared I32Load16UShared];
        I32Load16UAt           "i32.load16_u_at"            load_at              i32_load16_u           [];
        I32Load16UIndexed      "i32.load16_u_indexed"       load_indexed         i32_load16_u           [];
        I64Load8S              "i64.load8_s"                load                 i64_load8_s            [at I64Load8SAt, indexed I64Load8SIndexed, long I64Load8SLong, far I64Load8SFar, shared I64Load8SShared];
        I64Load8SAt            "i64.load8_s_at"             load_at              i64_load8_s            [];
        I64Load8SIndexed       "i64.load8_s_indexed"        load_indexed         i64_load8_s            [];
        I64Load16S             "i64.load16_s"               load                 i64_load16_s           [at I64Load16SAt, indexed I64Load16SIndexed, long I64Load16SLong, far I64Load16SFar, shared I64Load16SShared];
        I64Load16SAt           "i64.load16_s_at"            load_at              i64_load16_s           [];
        I64Load16SIndexed      "i64.load16_s_indexed"       load_indexed         i64_load16_s           [];
        I64Load32S             "i64.load32_s"               load                 i64_load32_s           [at I64Load32SAt, indexed I64Load32SIndexed, long I64Load32SLong, far I64Load32SFar, shared I64Load32SShared];
        I64Load32SAt           "i64.load32_s_at"            load_at              i64_load32_s           [];
        I64Load32SIndexed      "i64.load32_s_indexed"       load_indexed         i64_load32_s           [];
        F32Load                "f32.load"                   load                 f32_load               [at F32LoadAt, indexed F32LoadIndexed, long F32LoadLong, far F32LoadFar, shared F32LoadShared];
        F32LoadAt              "f32.load_at"                load_at              f32_load               [];
        F32LoadIndexed         "f32.load_indexed"           load_indexed         f32_load               [];
        F64Load                "f64.load"                   load                 f64_load               [at F64LoadAt, indexed F64LoadIndexed, long F64LoadLong, far F64LoadFar, shared F64LoadShared];
        F64LoadAt              "f64.load_at"                load_at              f64_load               [];
        F64LoadIndexed         "f64.load_indexed"           load_indexed         f64_load               [];

        // Stores. Float constants are stored by the integer forms.
        I32Store               "i32.store"                  store                i32_store              [at I32StoreAt, indexed I32StoreIndexed, imm I32StoreImm, long I32StoreLong, far I32StoreFar, shared I32StoreShared];
        I32StoreAt             "i32.store_at"               store_at             i32_store              [imm I32StoreImmAt];
        I32StoreIndexed        "i32.store_indexed"          store_indexed        i32_store              [imm I32StoreImmIndexed];
        I32StoreImm            "i32.store_imm"              store_imm            i32_store              [];
        I32StoreImmAt          "i32.store_imm_at"           store_imm_at         i32_store              [];
        I32StoreImmIndexed     "i32.store_imm_indexed"      store_imm_indexed    i32_store              [];
        I64Store               "i64.store"                  store                i64_store              [at I64StoreAt, indexed I64StoreIndexed, imm I64StoreImm, long I64StoreLong, far I64StoreFar, shared I64StoreShared];
        I64StoreAt             "i64.store_at"               store_at             i64_store              [imm I64StoreImmAt];
        I64StoreIndexed        "i64.store_indexed"          store_indexed        i64_store              [imm I64StoreImmIndexed];
        I64StoreImm            "i64.store_imm"              store_imm            i64_store              [];
        I64StoreImmAt          "i64.store_imm_at"           store_imm_at         i64_store              [];
        I64StoreImmIndexed     "i64.store_imm_indexed"      store_imm_indexed    i64_store              [];
        I32Store8              "i32.store8"                 store                i32_store8             [at I32Store8At, indexed I32Store8Indexed, imm I32Store8Imm, long I32Store8Long, far I32Store8Far, shared I32Store8Shared];
        I32Store8At            "i32.store8_at"              store_at             i32_store8             [imm I32Store8ImmAt];
        I32Store8Indexed       "i32.store8_indexed"         store_indexed        i32_store8             [imm I32Store8ImmIndexed];
        I32Store8Imm           "i32.store8_imm"             store_imm            i32_store8             [];
        I32Store8ImmAt         "i32.store8_imm_at"          store_imm_at         i32_store8             [];
        I32Store8ImmIndexed    "i32.store8_imm_indexed"     store_imm_indexed    i32_store8             [];
        I32Store16             "i32.store16"                store                i32_store16            [at I32Store16At, indexed I32Store16Indexed, imm I32Store16Imm, long I32Store16Long, far I32Store16Far, shared I32Store16Shared];
        I32Store16At           "i32.store16_at"             store_at             i32_store16            [imm I32Store16ImmAt];
        I32Store16Indexed      "i32.store16_indexed"        store_indexed        i32_store16            [imm I32Store16ImmIndexed];
        I32Store16Imm          "i32.store16_imm"            store_imm            i32_store16            [];
        I32Store16ImmAt        "i32.store16_imm_at"         store_imm_at         i32_store16            [];
        I32Store16ImmIndexed   "i32.store16_imm_indexed"    store_imm_indexed    i32_store16            [];
        F32Store               "f32.store"                  store                f32_store              [at F32StoreAt, indexed F32StoreIndexed, long F32StoreLong, far F32StoreFar, shared F32StoreShared];
        F32StoreAt             "f32.store_at"               store_at             f32_store              [];
        F32StoreIndexed        "f32.store_indexed"          store_indexed        f32_store              [];
        F64Store               "f64.store"                  store                f64_store              [at F64StoreAt, indexed F64StoreIndexed, long F64StoreLong, far F64StoreFar, shared F64StoreShared];
        F64StoreAt             "f64.store_at"               store_at             f64_store              [];
        F64StoreIndexed        "f64.store_indexed"          store_indexed        f64_store              [];

        // Loads and stores of memory 0 with 64-bit addresses (`long`) and of any memory with any (`far`).
        I32LoadLong            "i32.load_long"              load_long            i32_load               [indexed I32LoadLongIndexed];
        I32LoadLongIndexed     "i32.load_long_indexed"      load_long_indexed    i32_load               [];
        I32LoadFar             "i32.load_far"               load_far             i32_load               [];
        I64LoadLong            "i64.load_long"              load_long            i64_load               [indexed I64LoadLongIndexed];
        I64LoadLongIndexed     "i64.load_long_indexed"      load_long_indexed    i64_load               [];
        I64LoadFar             "i64.load_far"               load_far             i64_load               [];
        I32Load8SLong          "i32.load8_s_long"           load_long            i32_load8_s            [indexed I32Load8SLongIndexed];
        I32Load8SLongIndexed   "i32.load8_s_long_indexed"   load_long_indexed    i32_load8_s            [];
        I32Load8SFar           "i32.load8_s_far"            load_far             i32_load8_s            [];
        I32Load8ULong          "i32.load8_u_long"           load_long            i32_load8_u            [indexed I32Load8ULongIndexed];
        I32Load8ULongIndexed   "i32.load8_u_long_indexed"   load_long_indexed    i32_load8_u            [];
        I32Load8UFar           "i32.load8_u_far"            load_far             i32_load8_u            [];
        I32Load16SLong         "i32.load16_s_long"          load_long            i32_load16_s           [indexed I32Load16SLongIndexed];
        I32Load16SLongIndexed  "i32.load16_s_long_indexed"  load_long_indexed    i32_load16_s           [];
        I32Load16SFar          "i32.load16_s_far"           load_far             i32_load16_s           [];
        I32Load16ULong         "i32.load16_u_long"          load_long            i32_load16_u           [indexed I32Load16ULongIndexed];
        I32Load16ULongIndexed  "i32.load16_u_long_indexed"  load_long_indexed    i32_load16_u           [];
        I32Load16UFar          "i32.load16_u_far"           load_far             i32_load16_u           [];
        I64Load8SLong          "i64.load8_s_long"           load_long            i64_load8_s            [indexed I64Load8SLongIndexed];
        I64Load8SLongIndexed   "i64.load8_s_long_indexed"   load_long_indexed    i64_load8_s            [];
        I64Load8SFar           "i64.load8_s_far"            load_far             i64_load8_s            [];
        I64Load16SLong         "i64.load16_s_long"          load_long            i64_load16_s           [indexed I64Load16SLongIndexed];
        I64Load16SLongIndexed  "i64.load16_s_long_indexed"  load_long_indexed    i64_load16_s           [];
        I64Load16SFar          "i64.load16_s_far"           load_far             i64_load16_s           [];
        I64Load32SLong         "i64.load32_s_long"          load_long            i64_load32_s           [indexed I64Load32SLongIndexed];
        I64Load32SLongIndexed  "i64.load32_s_long_indexed"  load_long_indexed    i64_load32_s           [];
        I64Load32SFar          "i64.load32_s_far"           load_far             i64_load32_s           [];
        F32LoadLong            "f32.load_long"              load_long            f32_load               [indexed F32LoadLongIndexed];
        F32LoadLongIndexed     "f32.load_long_indexed"      load_long_indexed    f32_load               [];
        F32LoadFar             "f32.load_far"               load_far             f32_load               [];
        F64LoadLong            "f64.load_long"              load_long            f64_load               [indexed F64LoadLongIndexed];
        F64LoadLongIndexed     "f64.load_long_indexed"      load_long_indexed    f64_load               [];
        F64LoadFar             "f64.load_far"               load_far             f64_load               [];

        I32StoreLong           "i32.store_long"             store_long           i32_store              [indexed I32StoreLongIndexed, imm I32StoreLongImm];
        I32StoreLongIndexed    "i32.store_long_indexed"     store_long_indexed   i32_store              [];
        I32StoreLongImm        "i32.store_long_imm"         store_long_imm       i32_store              [];
        I32StoreFar            "i32.store_far"              store_far            i32_store              [];
        I64StoreLong           "i64.store_long"             store_long           i64_store              [indexed I64StoreLongIndexed, imm I64StoreLongImm];
        I64StoreLongIndexed    "i64.store_long_indexed"     store_long_indexed   i64_store              [];
        I64StoreLongImm        "i64.store_long_imm"         store_long_imm       i64_store              [];
        I64StoreFar            "i64.store_far"              store_far            i64_store              [];
        I32Store8Long          "i32.store8_long"            store_long           i32_store8             [indexed I32Store8LongIndexed, imm I32Store8LongImm];
        I32Store8LongIndexed   "i32.store8_long_indexed"    store_long_indexed   i32_store8             [];
        I32Store8LongImm       "i32.store8_long_imm"        store_long_imm       i32_store8             [];
        I32Store8Far           "i32.store8_far"             store_far            i32_store8             [];
        I32Store16Long         "i32.store16_long"           store_long           i32_store16            [indexed I32Store16LongIndexed, imm I32Store16LongImm];
        I32Store16LongIndexed  "i32.store16_long_indexed"   store_long_indexed   i32_store16            [];
        I32Store16LongImm      "i32.store16_long_imm"       store_long_imm       i32_store16            [];
        I32Store16Far          "i32.store16_far"            store_far            i32_store16            [];
        F32StoreLong           "f32.store_long"             store_long           f32_store              [indexed F32StoreLongIndexed];
        F32StoreLongIndexed    "f32.store_long_indexed"     store_long_indexed   f32_store              [];
        F32StoreFar            "f32.store_far"              store_far            f32_store              [];
        F64StoreLong           "f64.store_long"             store_long           f64_store              [indexed F64StoreLongIndexed];
        F64StoreLongIndexed    "f64.store_long_indexed"     store_long_indexed   f64_store              [];
        F64StoreFar            "f64.store_far"              store_far            f64_store              [];

        // Loads and stores of shared memories.
        I32LoadShared          "i32.load_shared"            load_shared          i32_load               [];
        I64LoadShared          "i64.load_shared"            load_shared          i64_load               [];
        I32Load8SShared        "i32.load8_s_shared"         load_shared          i32_load8_s            [];
        I32Load8UShared        "i32.load8_u_shared"         load_shared          i32_load8_u            [];
        I32Load16SShared       "i32.load16_s_shared"        load_shared          i32_load16_s           [];
        I32Load16UShared       "i32.load16_u_shared"        load_shared          i32_load16_u           [];
        I64Load8SShared        "i64.load8_s_shared"         load_shared          i64_load8_s            [];
        I64Load16SShared       "i64.load16_s_shared"        load_shared          i64_load16_s           [];
        I64Load32SShared       "i64.load32_s_shared"        load_shared          i64_load32_s           [];
        F32LoadShared          "f32.load_shared"            load_shared          f32_load               [];
        F64LoadShared          "f64.load_shared"            load_shared          f64_load               [];
        I32StoreShared         "i32.store_shared"           store_shared         i32_store              [];
        I64StoreShared         "i64.store_shared"           store_shared         i64_store              [];
        I32Store8Shared        "i32.store8_shared"          store_shared         i32_store8             [];
        I32Store16Shared       "i32.store16_shared"         store_shared         i32_store16            [];
        F32StoreShared         "f32.store_shared"           store_shared         f32_store              [];
        F64StoreShared         "f64.store_shared"           store_shared         f64_store              [];

        // Atomic operators, on any memory. Those of both integer types are the same where words are.
        I32AtomicLoad8U        "i32.atomic.load8_u"         atomic_load          atomic_load8           [];
        I32AtomicLoad16U       "i32.atomic.load16_u"        atomic_load          atomic_load16          [];
        I32AtomicLoad          "i32.atomic.load"            atomic_load          atomic_load32          [];
        I64AtomicLoad          "i64.atomic.load"            atomic_load          atomic_load64          [];
        I32AtomicStore8        "i32.atomic.store8"          atomic_store         atomic_store8          [];
        I32AtomicStore16       "i32.atomic.store16"         atomic_store         atomic_store16         [];
        I32AtomicStore         "i32.atomic.store"           atomic_store         atomic_store32         [];
        I64AtomicStore         "i64.atomic.store"           atomic_store         atomic_store64         [];
        I32AtomicRmw8AddU      "i32.atomic.rmw8.add_u"      atomic_rmw           atomic_add8            [];
        I32AtomicRmw16AddU     "i32.atomic.rmw16.add_u"     atomic_rmw           atomic_add16           [];
        I32AtomicRmwAdd        "i32.atomic.rmw.add"         atomic_rmw           atomic_add32           [];
        I64AtomicRmwAdd        "i64.atomic.rmw.add"         atomic_rmw           atomic_add64           [];
        I32AtomicRmw8SubU      "i32.atomic.rmw8.sub_u"      atomic_rmw           atomic_sub8            [];
        I32AtomicRmw16SubU     "i32.atomic.rmw16.sub_u"     atomic_rmw           atomic_sub16           [];
        I32AtomicRmwSub        "i32.atomic.rmw.sub"         atomic_rmw           atomic_sub32           [];
        I64AtomicRmwSub        "i64.atomic.rmw.sub"         atomic_rmw           atomic_sub64           [];
        I32AtomicRmw8AndU      "i32.atomic.rmw8.and_u"      atomic_rmw           atomic_and8            [];
        I32AtomicRmw16AndU     "i32.atomic.rmw16.and_u"     atomic_rmw           atomic_and16           [];
        I32AtomicRmwAnd        "i32.atomic.rmw.and"         atomic_rmw           atomic_and32           [];
        I64AtomicRmwAnd        "i64.atomic.rmw.and"         atomic_rmw           atomic_and64           [];
        I32AtomicRmw8OrU       "i32.atomic.rmw8.or_u"       atomic_rmw           atomic_or8             [];
        I32AtomicRmw16OrU      "i32.atomic.rmw16.or_u"      atomic_rmw           atomic_or16            [];
        I32AtomicRmwOr         "i32.atomic.rmw.or"          atomic_rmw           atomic_or32            [];
        I64AtomicRmwOr         "i64.atomic.rmw.or"          atomic_rmw           atomic_or64            [];
        I32AtomicRmw8XorU      "i32.atomic.rmw8.xor_u"      atomic_rmw           atomic_xor8            [];
        I32AtomicRmw16XorU     "i32.atomic.rmw16.xor_u"     atomic_rmw           atomic_xor16           [];
        I32AtomicRmwXor        "i32.atomic.rmw.xor"         atomic_rmw           atomic_xor32           [];
        I64AtomicRmwXor        "i64.atomic.rmw.xor"         atomic_rmw           atomic_xor64           [];
        I32AtomicRmw8XchgU     "i32.atomic.rmw8.xchg_u"     atomic_rmw           atomic_xchg8           [];
        I32AtomicRmw16XchgU    "i32.atomic.rmw16.xchg_u"    atomic_rmw           atomic_xchg16          [];
        I32AtomicRmwXchg       "i32.atomic.rmw.xchg"        atomic_rmw           atomic_xchg32          [];
        I64AtomicRmwXchg       "i64.atomic.rmw.xchg"        atomic_rmw           atomic_xchg64          [];
        I32AtomicRmw8CmpxchgU  "i32.atomic.rmw8.cmpxchg_u"  atomic_cmpxchg       atomic_cmpxchg8        [];
        I32AtomicRmw16CmpxchgU "i32.atomic.rmw16.cmpxchg_u" atomic_cmpxchg       atomic_cmpxchg16       [];
        I32AtomicRmwCmpxchg    "i32.atomic.rmw.cmpxchg"     atomic_cmpxchg       atomic_cmpxchg32       [];
        I64AtomicRmwCmpxchg    "i64.atomic.rmw.cmpxchg"     atomic_cmpxchg       atomic_cmpxchg64       [];
        AtomicFence            "atomic.fence"               atomic_fence         none                   [];

        // Wide arithmetic: two results.
        I64Add128              "i64.add128"                 wide_sum             i64_add128             [];
        I64Sub128              "i64.sub128"                 wide_sum             i64_sub128             [];
        I64MulWideS            "i64.mul_wide_s"             wide_product         i64_mul_wide_s         [];
        I64MulWideU            "i64.mul_wide_u"             wide_product         i64_mul_wide_u         [];

        // Moves.
        Copy                   "copy"                       copy                 none                   [];
        CopyWide               "copy_wide"                  copy_wide            none                   [];
        CopySpan               "copy_span"                  copy_span            none                   [];
        Const32                "const32"                    const32              none                   [];
        Const64                "const64"                    const64              none                   [];
        Zero1                  "zero"                       zero1                none                   [];
        Zero2                  "zero"                       zero2                none                   [];
        Zero3                  "zero"                       zero3                none                   [];
        ZeroSpan               "zero_span"                  zero_span            none                   [];
        Select                 "select"                     select               none                   [];
        SelectImm              "select_imm"                 select_imm           none                   [];
        SelectImmLhs           "select_imm_lhs"             select_imm_lhs       none                   [];
        SelectImms             "select_imms"                select_imms          none                   [];
        GlobalGet              "global.get"                 global_get           none                   [];
        GlobalSet              "global.set"                 global_set           none                   [];
        GlobalGetImported      "global.get_imported"        global_get_imported  none                   [];
        GlobalSetImported      "global.set_imported"        global_set_imported  none                   [];

        // Control.
        Unreachable            "unreachable"                unreachable          none                   [];
        Br                     "br"                         branch               none                   [];
        BrIf                   "br_if"                      branch_if            condition              [not BrIfNot];
        BrIfNot                "br_if_not"                  branch_if            negated_condition      [not BrIf];
        BrTable                "br_table"                   branch_table         none                   [];
        ReturnNone             "return"                     return_none          none                   [];
        ReturnOne              "return"                     return_one           none                   [];
        ReturnSpan             "return_span"                return_span          none                   [];
        Call                   "call"                       call                 none                   [];
        CallImport             "call_import"                call_import          none                   [];
        CallIndirect           "call_indirect"              call_indirect        none                   [];
        ReturnCall             "return_call"                return_call          none                   [];
        ReturnCallImport       "return_call_import"         return_call_import   none                   [];
        ReturnCallIndirect     "return_call_indirect"       return_call_indirect  none                   [];
        CallRef                "call_ref"                   call_ref             none                   [];
        ReturnCallRef          "return_call_ref"            return_call_ref      none                   [];
        RefFunc                "ref.func"                   ref_func             none                   [];

        // Memory 0 as a whole.
        MemorySize             "memory.size"                memory_size          none                   [];
        MemoryCopy             "memory.copy"                memory_copy          none                   [];
        MemoryFill             "memory.fill"                memory_fill          none                   [];

        // Structs and arrays. References are read and written like i64s.
        StructGet32            "struct.get32"               struct_get           i32_load               [];
        StructGet64            "struct.get64"               struct_get           i64_load               [];
        StructGetF32           "struct.get_f32"             struct_get           f32_load               [];
        StructGetF64           "struct.get_f64"             struct_get           f64_load               [];
        StructGet8S            "struct.get8_s"              struct_get           i32_load8_s            [];
        StructGet8U            "struct.get8_u"              struct_get           i32_load8_u            [];
        StructGet16S           "struct.get16_s"             struct_get           i32_load16_s           [];
        StructGet16U           "struct.get16_u"             struct_get           i32_load16_u           [];
        StructSet32            "struct.set32"               struct_set           i32_store              [];
        StructSet64            "struct.set64"               struct_set           i64_store              [];
        StructSetF32           "struct.set_f32"             struct_set           f32_store              [];
        StructSetF64           "struct.set_f64"             struct_set           f64_store              [];
        StructSet8             "struct.set8"                struct_set           i32_store8             [];
        StructSet16            "struct.set16"               struct_set           i32_store16            [];
        ArrayGet32             "array.get32"                array_get            i32_load               [];
        ArrayGet64             "array.get64"                array_get            i64_load               [];
        ArrayGetF32            "array.get_f32"              array_get            f32_load               [];
        ArrayGetF64            "array.get_f64"              array_get            f64_load               [];
        ArrayGet8S             "array.get8_s"               array_get            i32_load8_s            [];
        ArrayGet8U             "array.get8_u"               array_get            i32_load8_u            [];
        ArrayGet16S            "array.get16_s"              array_get            i32_load16_s           [];
        ArrayGet16U            "array.get16_u"              array_get            i32_load16_u           [];
        ArraySet32             "array.set32"                array_set            i32_store              [];
        ArraySet64             "array.set64"                array_set            i64_store              [];
        ArraySetF32            "array.set_f32"              array_set            f32_store              [];
        ArraySetF64            "array.set_f64"              array_set            f64_store              [];
        ArraySet8              "array.set8"                 array_set            i32_store8             [];
        ArraySet16             "array.set16"                array_set            i32_store16            [];
        StructGet128           "struct.get128"              struct_get_vector    none                   [];
        StructSet128           "struct.set128"              struct_set_vector    none                   [];
        ArrayGet128            "array.get128"               array_get_vector     none                   [];
        ArraySet128            "array.set128"               array_set_vector     none                   [];
        ArrayLen               "array.len"                  array_len            none                   [];

        // Making objects. These may collect, so they have no forms: INV-HEAP.
        StructNew              "struct.new"                 struct_new           none                   [];
        StructNewDefault       "struct.new_default"         struct_new_default   none                   [];
        StructNewSpan          "struct.new_span"            leave_new            none                   [];
        ArrayNew               "array.new"                  leave_binary         none                   [];
        ArrayNewDefault        "array.new_default"          leave_unary          none                   [];
        ArrayNewFixed          "array.new_fixed"            leave_new            none                   [];
        ArrayNewData           "array.new_data"             leave_new_segment    none                   [];
        ArrayNewElem           "array.new_elem"             leave_new_segment    none                   [];
        ArrayFill              "array.fill"                 leave_elems          none                   [];
        ArrayCopy              "array.copy"                 leave_elems          none                   [];
        ArrayInitData          "array.init_data"            leave_elems          none                   [];
        ArrayInitElem          "array.init_elem"            leave_elems          none                   [];

        // Types of references.
        RefTest                "ref.test"                   ref_test             none                   [];
        RefCast                "ref.cast"                   ref_cast             none                   [];
        BrOnCast               "br_on_cast"                 branch_cast          holds                  [not BrOnCastFail];
        BrOnCastFail           "br_on_cast_fail"            branch_cast          fails                  [not BrOnCast];
        RefTestKind            "ref.test_kind"              ref_test_kind        none                   [];
        RefCastKind            "ref.cast_kind"              ref_cast_kind        none                   [];
        RefTestFunc            "ref.test_func"              leave_unary          none                   [];
        RefCastFunc            "ref.cast_func"              leave_unary          none                   [];

        // Left to the driver, because they need the store as a whole or are too rare to matter.
        MemoryGrow             "memory.grow"                leave_unary          none                   [];
        MemoryInit             "memory.init"                leave_effect         none                   [];
        MemorySizeFar          "memory.size_far"            leave_get            none                   [];
        MemoryCopyFar          "memory.copy_far"            leave_effect         none                   [];
        MemoryFillFar          "memory.fill_far"            leave_effect         none                   [];
        MemoryAtomicNotify     "memory.atomic.notify"       leave_notify         none                   [];
        MemoryAtomicWait32     "memory.atomic.wait32"       leave_wait           none                   [];
        MemoryAtomicWait64     "memory.atomic.wait64"       leave_wait           none                   [];
        DataDrop               "data.drop"                  leave_effect         none                   [];
        TableGet               "table.get"                  leave_unary          none                   [];
        TableSet               "table.set"                  leave_effect         none                   [];
        TableSize              "table.size"                 leave_get            none                   [];
        TableGrow              "table.grow"                 leave_binary         none                   [];
        TableFill              "table.fill"                 leave_effect         none                   [];
        TableCopy              "table.copy"                 leave_effect         none                   [];
        TableInit              "table.init"                 leave_effect         none                   [];
        ElemDrop               "elem.drop"                  leave_effect         none                   [];
        RefFuncImported        "ref.func_imported"          leave_get            none                   [];
        Throw                  "throw"                      throw                none                   [];
        ThrowRef               "throw_ref"                  throw_ref            none                   [];
        LowerFunc              "lower_func"                 leave                none                   [];
        Finish                 "finish"                     leave                none                   [];
        RestoreInstance        "restore_instance"           leave                none                   [];
        Interrupt              "interrupt"                  interrupt            none                   [];

        $($rest)*
    } };
}
pub(crate) use for_each_scalar_op;

/// What is known of an op beyond its meaning: the columns of its row.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    /// The Wasm name, then the form.
    pub(crate) mnemonic: &'static str,
    pub(crate) shape: Shape,
    pub(crate) imm: Option<Op>,
    pub(crate) imm_lhs: Option<Op>,
    pub(crate) commutes: bool,
    pub(crate) not: Option<Op>,
    pub(crate) br_if: Option<Op>,
    pub(crate) at: Option<Op>,
    pub(crate) indexed: Option<Op>,
    pub(crate) long: Option<Op>,
    pub(crate) far: Option<Op>,
    pub(crate) shared: Option<Op>,
}

impl Facts {
    const fn new(mnemonic: &'static str, shape: Shape) -> Self {
        Self {
            mnemonic,
            shape,
            imm: None,
            imm_lhs: None,
            commutes: false,
            not: None,
            br_if: None,
            at: None,
            indexed: None,
            long: None,
            far: None,
            shared: None,
        }
    }
}

/// A relation's value: `true` for a mark, an op for the rest.
macro_rules! relation {
    () => {
        true
    };
    ($op:ident) => {
        Some(Op::$op)
    };
}

/// Expands the rows into the enum and its facts.
macro_rules! define_ops {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($key:ident $($value:ident)?),*];)*) => {
        /// An op of the bytecode.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub(crate) enum Op {
            $($name,)*
        }

        impl Op {
            /// All ops by number.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// The op with this number, if there is one.
            pub(crate) fn from_u16(number: u16) -> Option<Self> {
                Self::ALL.get(usize::from(number)).copied()
            }

            /// The columns of the op's row.
            pub(crate) const fn facts(self) -> &'static Facts {
                &FACTS[self as usize]
            }

            /// The op's operand layout.
            pub(crate) const fn shape(self) -> Shape {
                self.facts().shape
            }
        }

        static FACTS: [Facts; Op::ALL.len()] = [$({
            #[allow(unused_mut, reason = "ops without relations change nothing")]
            let mut facts = Facts::new($mnemonic, Shape::$shape);
            $(facts.$key = relation!($($value)?);)*
            facts
        }),*];
    };
}

for_each_op!(define_ops);
