//! The rows of the table in [`super::ops`] that work on 128-bit values; see there for what they mean.
//!
//! Operators whose operands are those of another in the opposite order (`gt`, `le`) have no op of their own.

/// Calls the macro `$expand` with what it is given and the rows of all vector ops.
macro_rules! for_each_vector_op {
    ($expand:ident $($before:tt)*) => { $crate::isa::ops::$expand! { $($before)*

        // Of all 128 bits.
        V128Not                       "v128.not"                          vector_unary           v128_not                           [];
        V128And                       "v128.and"                          vector_binary          v128_and                           [];
        V128AndNot                    "v128.andnot"                       vector_binary          v128_andnot                        [];
        V128Or                        "v128.or"                           vector_binary          v128_or                            [];
        V128Xor                       "v128.xor"                          vector_binary          v128_xor                           [];
        V128Bitselect                 "v128.bitselect"                    vector_ternary         v128_bitselect                     [];
        V128AnyTrue                   "v128.any_true"                     vector_test            v128_any_true                      [];

        // Lanes in another order.
        I8x16Swizzle                  "i8x16.swizzle"                     vector_swizzle         i8x16_swizzle                      [];
        I8x16Shuffle                  "i8x16.shuffle"                     vector_shuffle         i8x16_shuffle                      [];
        // Of one vector; with indices below 16, or that may do what the processor does with others.
        I8x16Permute                  "i8x16.permute"                     vector_permute         i8x16_permute                      [];
        I8x16RelaxedSwizzle           "i8x16.relaxed_swizzle"             vector_relaxed_swizzle i8x16_swizzle                      [];
        // For processors without such an instruction.
        I8x16SwizzlePortable          "i8x16.swizzle_portable"            vector_binary          i8x16_swizzle                      [];
        I8x16ShufflePortable          "i8x16.shuffle_portable"            vector_shuffle_portable i8x16_shuffle                      [];

        // Lanes from numbers and back. What is extracted is loaded from the cells.
        I8x16Splat                    "i8x16.splat"                       vector_splat           i8x16_splat                        [];
        I16x8Splat                    "i16x8.splat"                       vector_splat           i16x8_splat                        [];
        I32x4Splat                    "i32x4.splat"                       vector_splat           i32x4_splat                        [];
        I64x2Splat                    "i64x2.splat"                       vector_splat           i64x2_splat                        [];
        F32x4Splat                    "f32x4.splat"                       vector_splat           f32x4_splat                        [];
        F64x2Splat                    "f64x2.splat"                       vector_splat           f64x2_splat                        [];
        I8x16ExtractLaneS             "i8x16.extract_lane_s"              vector_extract         i32_load8_s                        [];
        I8x16ExtractLaneU             "i8x16.extract_lane_u"              vector_extract         i32_load8_u                        [];
        I16x8ExtractLaneS             "i16x8.extract_lane_s"              vector_extract         i32_load16_s                       [];
        I16x8ExtractLaneU             "i16x8.extract_lane_u"              vector_extract         i32_load16_u                       [];
        I32x4ExtractLane              "i32x4.extract_lane"                vector_extract         i32_load                           [];
        I64x2ExtractLane              "i64x2.extract_lane"                vector_extract         i64_load                           [];
        F32x4ExtractLane              "f32x4.extract_lane"                vector_extract         f32_load                           [];
        F64x2ExtractLane              "f64x2.extract_lane"                vector_extract         f64_load                           [];
        I8x16ReplaceLane              "i8x16.replace_lane"                vector_replace         i8x16_replace_lane                 [];
        I16x8ReplaceLane              "i16x8.replace_lane"                vector_replace         i16x8_replace_lane                 [];
        I32x4ReplaceLane              "i32x4.replace_lane"                vector_replace         i32x4_replace_lane                 [];
        I64x2ReplaceLane              "i64x2.replace_lane"                vector_replace         i64x2_replace_lane                 [];
        F32x4ReplaceLane              "f32x4.replace_lane"                vector_replace         f32x4_replace_lane                 [];
        F64x2ReplaceLane              "f64x2.replace_lane"                vector_replace         f64x2_replace_lane                 [];

        // i8x16.
        I8x16Add                      "i8x16.add"                         vector_binary          i8x16_add                          [];
        I8x16Sub                      "i8x16.sub"                         vector_binary          i8x16_sub                          [];
        I8x16AddSatS                  "i8x16.add_sat_s"                   vector_binary          i8x16_add_sat_s                    [];
        I8x16AddSatU                  "i8x16.add_sat_u"                   vector_binary          i8x16_add_sat_u                    [];
        I8x16SubSatS                  "i8x16.sub_sat_s"                   vector_binary          i8x16_sub_sat_s                    [];
        I8x16SubSatU                  "i8x16.sub_sat_u"                   vector_binary          i8x16_sub_sat_u                    [];
        I8x16AvgrU                    "i8x16.avgr_u"                      vector_binary          i8x16_avgr_u                       [];
        I8x16MinS                     "i8x16.min_s"                       vector_binary          i8x16_min_s                        [];
        I8x16MinU                     "i8x16.min_u"                       vector_binary          i8x16_min_u                        [];
        I8x16MaxS                     "i8x16.max_s"                       vector_binary          i8x16_max_s                        [];
        I8x16MaxU                     "i8x16.max_u"                       vector_binary          i8x16_max_u                        [];
        I8x16Eq                       "i8x16.eq"                          vector_binary          i8x16_eq                           [];
        I8x16Ne                       "i8x16.ne"                          vector_binary          i8x16_ne                           [];
        I8x16LtS                      "i8x16.lt_s"                        vector_binary          i8x16_lt_s                         [];
        I8x16LtU                      "i8x16.lt_u"                        vector_binary          i8x16_lt_u                         [];
        I8x16GeS                      "i8x16.ge_s"                        vector_binary          i8x16_ge_s                         [];
        I8x16GeU                      "i8x16.ge_u"                        vector_binary          i8x16_ge_u                         [];
        I8x16Abs                      "i8x16.abs"                         vector_unary           i8x16_abs                          [];
        I8x16Neg                      "i8x16.neg"                         vector_unary           i8x16_neg                          [];
        I8x16Popcnt                   "i8x16.popcnt"                      vector_unary           i8x16_popcnt                       [];
        I8x16Shl                      "i8x16.shl"                         vector_shift           i8x16_shl                          [imm I8x16ShlImm];
        I8x16ShrS                     "i8x16.shr_s"                       vector_shift           i8x16_shr_s                        [imm I8x16ShrSImm];
        I8x16ShrU                     "i8x16.shr_u"                       vector_shift           i8x16_shr_u                        [imm I8x16ShrUImm];
        I8x16ShlImm                   "i8x16.shl_imm"                     vector_shift_imm       i8x16_shl                          [];
        I8x16ShrSImm                  "i8x16.shr_s_imm"                   vector_shift_imm       i8x16_shr_s                        [];
        I8x16ShrUImm                  "i8x16.shr_u_imm"                   vector_shift_imm       i8x16_shr_u                        [];
        I8x16AllTrue                  "i8x16.all_true"                    vector_test            i8x16_all_true                     [];
        I8x16Bitmask                  "i8x16.bitmask"                     vector_test            i8x16_bitmask                      [];

        // i16x8.
        I16x8Add                      "i16x8.add"                         vector_binary          i16x8_add                          [];
        I16x8Sub                      "i16x8.sub"                         vector_binary          i16x8_sub                          [];
        I16x8AddSatS                  "i16x8.add_sat_s"                   vector_binary          i16x8_add_sat_s                    [];
        I16x8AddSatU                  "i16x8.add_sat_u"                   vector_binary          i16x8_add_sat_u                    [];
        I16x8SubSatS                  "i16x8.sub_sat_s"                   vector_binary          i16x8_sub_sat_s                    [];
        I16x8SubSatU                  "i16x8.sub_sat_u"                   vector_binary          i16x8_sub_sat_u                    [];
        I16x8AvgrU                    "i16x8.avgr_u"                      vector_binary          i16x8_avgr_u                       [];
        I16x8Mul                      "i16x8.mul"                         vector_binary          i16x8_mul                          [];
        I16x8MinS                     "i16x8.min_s"                       vector_binary          i16x8_min_s                        [];
        I16x8MinU                     "i16x8.min_u"                       vector_binary          i16x8_min_u                        [];
        I16x8MaxS                     "i16x8.max_s"                       vector_binary          i16x8_max_s                        [];
        I16x8MaxU                     "i16x8.max_u"                       vector_binary          i16x8_max_u                        [];
        I16x8Eq                       "i16x8.eq"                          vector_binary          i16x8_eq                           [];
        I16x8Ne                       "i16x8.ne"                          vector_binary          i16x8_ne                           [];
        I16x8LtS                      "i16x8.lt_s"                        vector_binary          i16x8_lt_s                         [];
        I16x8LtU                      "i16x8.lt_u"                        vector_binary          i16x8_lt_u                         [];
        I16x8GeS                      "i16x8.ge_s"                        vector_binary          i16x8_ge_s                         [];
        I16x8GeU                      "i16x8.ge_u"                        vector_binary          i16x8_ge_u                         [];
        I16x8Abs                      "i16x8.abs"                         vector_unary           i16x8_abs                          [];
        I16x8Neg                      "i16x8.neg"                         vector_unary           i16x8_neg                          [];
        I16x8Shl                      "i16x8.shl"                         vector_shift           i16x8_shl                          [imm I16x8ShlImm];
        I16x8ShrS                     "i16x8.shr_s"                       vector_shift           i16x8_shr_s                        [imm I16x8ShrSImm];
        I16x8ShrU                     "i16x8.shr_u"                       vector_shift           i16x8_shr_u                        [imm I16x8ShrUImm];
        I16x8ShlImm                   "i16x8.shl_imm"                     vector_shift_imm       i16x8_shl                          [];
        I16x8ShrSImm                  "i16x8.shr_s_imm"                   vector_shift_imm       i16x8_shr_s                        [];
        I16x8ShrUImm                  "i16x8.shr_u_imm"                   vector_shift_imm       i16x8_shr_u                        [];
        I16x8AllTrue                  "i16x8.all_true"                    vector_test            i16x8_all_true                     [];
        I16x8Bitmask                  "i16x8.bitmask"                     vector_test            i16x8_bitmask                      [];

        // i32x4.
        I32x4Add                      "i32x4.add"                         vector_binary          i32x4_add                          [];
        I32x4Sub                      "i32x4.sub"                         vector_binary          i32x4_sub                          [];
        I32x4Mul                      "i32x4.mul"                         vector_binary          i32x4_mul                          [];
        I32x4MinS                     "i32x4.min_s"                       vector_binary          i32x4_min_s                        [];
        I32x4MinU                     "i32x4.min_u"                       vector_binary          i32x4_min_u                        [];
        I32x4MaxS                     "i32x4.max_s"                       vector_binary          i32x4_max_s                        [];
        I32x4MaxU                     "i32x4.max_u"                       vector_binary          i32x4_max_u                        [];
        I32x4Eq                       "i32x4.eq"                          vector_binary          i32x4_eq                           [];
        I32x4Ne                       "i32x4.ne"                          vector_binary          i32x4_ne                           [];
        I32x4LtS                      "i32x4.lt_s"                        vector_binary          i32x4_lt_s                         [];
        I32x4LtU                      "i32x4.lt_u"                        vector_binary          i32x4_lt_u                         [];
        I32x4GeS                      "i32x4.ge_s"                        vector_binary          i32x4_ge_s                         [];
        I32x4GeU                      "i32x4.ge_u"                        vector_binary          i32x4_ge_u                         [];
        I32x4Abs                      "i32x4.abs"                         vector_unary           i32x4_abs                          [];
        I32x4Neg                      "i32x4.neg"                         vector_unary           i32x4_neg                          [];
        I32x4Shl                      "i32x4.shl"                         vector_shift           i32x4_shl                          [imm I32x4ShlImm];
        I32x4ShrS                     "i32x4.shr_s"                       vector_shift           i32x4_shr_s                        [imm I32x4ShrSImm];
        I32x4ShrU                     "i32x4.shr_u"                       vector_shift           i32x4_shr_u                        [imm I32x4ShrUImm];
        I32x4ShlImm                   "i32x4.shl_imm"                     vector_shift_imm       i32x4_shl                          [];
        I32x4ShrSImm                  "i32x4.shr_s_imm"                   vector_shift_imm       i32x4_shr_s                        [];
        I32x4ShrUImm                  "i32x4.shr_u_imm"                   vector_shift_imm       i32x4_shr_u                        [];
        I32x4AllTrue                  "i32x4.all_true"                    vector_test            i32x4_all_true                     [];
        I32x4Bitmask                  "i32x4.bitmask"                     vector_test            i32x4_bitmask                      [];

        // i64x2.
        I64x2Add                      "i64x2.add"                         vector_binary          i64x2_add                          [];
        I64x2Sub                      "i64x2.sub"                         vector_binary          i64x2_sub                          [];
        I64x2Mul                      "i64x2.mul"                         vector_binary          i64x2_mul                          [];
        I64x2Eq                       "i64x2.eq"                          vector_binary          i64x2_eq                           [];
        I64x2Ne                       "i64x2.ne"                          vector_binary          i64x2_ne                           [];
        I64x2LtS                      "i64x2.lt_s"                        vector_binary          i64x2_lt_s                         [];
        I64x2GeS                      "i64x2.ge_s"                        vector_binary          i64x2_ge_s                         [];
        I64x2Abs                      "i64x2.abs"                         vector_unary           i64x2_abs                          [];
        I64x2Neg                      "i64x2.neg"                         vector_unary           i64x2_neg                          [];
        I64x2Shl                      "i64x2.shl"                         vector_shift           i64x2_shl                          [imm I64x2ShlImm];
        I64x2ShrS                     "i64x2.shr_s"                       vector_shift           i64x2_shr_s                        [imm I64x2ShrSImm];
        I64x2ShrU                     "i64x2.shr_u"                       vector_shift           i64x2_shr_u                        [imm I64x2ShrUImm];
        I64x2ShlImm                   "i64x2.shl_imm"                     vector_shift_imm       i64x2_shl                          [];
        I64x2ShrSImm                  "i64x2.shr_s_imm"                   vector_shift_imm       i64x2_shr_s                        [];
        I64x2ShrUImm                  "i64x2.shr_u_imm"                   vector_shift_imm       i64x2_shr_u                        [];
        I64x2AllTrue                  "i64x2.all_true"                    vector_test            i64x2_all_true                     [];
        I64x2Bitmask                  "i64x2.bitmask"                     vector_test            i64x2_bitmask                      [];

        // Between lanes of different widths.
        I8x16NarrowI16x8S             "i8x16.narrow_i16x8_s"              vector_binary          i8x16_narrow_i16x8_s               [];
        I8x16NarrowI16x8U             "i8x16.narrow_i16x8_u"              vector_binary          i8x16_narrow_i16x8_u               [];
        I16x8NarrowI32x4S             "i16x8.narrow_i32x4_s"              vector_binary          i16x8_narrow_i32x4_s               [];
        I16x8NarrowI32x4U             "i16x8.narrow_i32x4_u"              vector_binary          i16x8_narrow_i32x4_u               [];
        I16x8ExtendLowI8x16S          "i16x8.extend_low_i8x16_s"          vector_unary           i16x8_extend_low_i8x16_s           [];
        I16x8ExtendLowI8x16U          "i16x8.extend_low_i8x16_u"          vector_unary           i16x8_extend_low_i8x16_u           [];
        I16x8ExtendHighI8x16S         "i16x8.extend_high_i8x16_s"         vector_unary           i16x8_extend_high_i8x16_s          [];
        I16x8ExtendHighI8x16U         "i16x8.extend_high_i8x16_u"         vector_unary           i16x8_extend_high_i8x16_u          [];
        I16x8ExtMulLowI8x16S          "i16x8.extmul_low_i8x16_s"          vector_binary          i16x8_extmul_low_i8x16_s           [];
        I16x8ExtMulLowI8x16U          "i16x8.extmul_low_i8x16_u"          vector_binary          i16x8_extmul_low_i8x16_u           [];
        I16x8ExtMulHighI8x16S         "i16x8.extmul_high_i8x16_s"         vector_binary          i16x8_extmul_high_i8x16_s          [];
        I16x8ExtMulHighI8x16U         "i16x8.extmul_high_i8x16_u"         vector_binary          i16x8_extmul_high_i8x16_u          [];
        I16x8ExtAddPairwiseI8x16S     "i16x8.extadd_pairwise_i8x16_s"     vector_unary           i16x8_extadd_pairwise_i8x16_s      [];
        I16x8ExtAddPairwiseI8x16U     "i16x8.extadd_pairwise_i8x16_u"     vector_unary           i16x8_extadd_pairwise_i8x16_u      [];
        I32x4ExtendLowI16x8S          "i32x4.extend_low_i16x8_s"          vector_unary           i32x4_extend_low_i16x8_s           [];
        I32x4ExtendLowI16x8U          "i32x4.extend_low_i16x8_u"          vector_unary           i32x4_extend_low_i16x8_u           [];
        I32x4ExtendHighI16x8S         "i32x4.extend_high_i16x8_s"         vector_unary           i32x4_extend_high_i16x8_s          [];
        I32x4ExtendHighI16x8U         "i32x4.extend_high_i16x8_u"         vector_unary           i32x4_extend_high_i16x8_u          [];
        I32x4ExtMulLowI16x8S          "i32x4.extmul_low_i16x8_s"          vector_binary          i32x4_extmul_low_i16x8_s           [];
        I32x4ExtMulLowI16x8U          "i32x4.extmul_low_i16x8_u"          vector_binary          i32x4_extmul_low_i16x8_u           [];
        I32x4ExtMulHighI16x8S         "i32x4.extmul_high_i16x8_s"         vector_binary          i32x4_extmul_high_i16x8_s          [];
        I32x4ExtMulHighI16x8U         "i32x4.extmul_high_i16x8_u"         vector_binary          i32x4_extmul_high_i16x8_u          [];
        I32x4ExtAddPairwiseI16x8S     "i32x4.extadd_pairwise_i16x8_s"     vector_unary           i32x4_extadd_pairwise_i16x8_s      [];
        I32x4ExtAddPairwiseI16x8U     "i32x4.extadd_pairwise_i16x8_u"     vector_unary           i32x4_extadd_pairwise_i16x8_u      [];
        I64x2ExtendLowI32x4S          "i64x2.extend_low_i32x4_s"          vector_unary           i64x2_extend_low_i32x4_s           [];
        I64x2ExtendLowI32x4U          "i64x2.extend_low_i32x4_u"          vector_unary           i64x2_extend_low_i32x4_u           [];
        I64x2ExtendHighI32x4S         "i64x2.extend_high_i32x4_s"         vector_unary           i64x2_extend_high_i32x4_s          [];
        I64x2ExtendHighI32x4U         "i64x2.extend_high_i32x4_u"         vector_unary           i64x2_extend_high_i32x4_u          [];
        I64x2ExtMulLowI32x4S          "i64x2.extmul_low_i32x4_s"          vector_binary          i64x2_extmul_low_i32x4_s           [];
        I64x2ExtMulLowI32x4U          "i64x2.extmul_low_i32x4_u"          vector_binary          i64x2_extmul_low_i32x4_u           [];
        I64x2ExtMulHighI32x4S         "i64x2.extmul_high_i32x4_s"         vector_binary          i64x2_extmul_high_i32x4_s          [];
        I64x2ExtMulHighI32x4U         "i64x2.extmul_high_i32x4_u"         vector_binary          i64x2_extmul_high_i32x4_u          [];
        I16x8Q15MulrSatS              "i16x8.q15mulr_sat_s"               vector_binary          i16x8_q15mulr_sat_s                [];
        I32x4DotI16x8S                "i32x4.dot_i16x8_s"                 vector_binary          i32x4_dot_i16x8_s                  [];

        // f32x4.
        F32x4Add                      "f32x4.add"                         vector_binary          f32x4_add                          [];
        F32x4Sub                      "f32x4.sub"                         vector_binary          f32x4_sub                          [];
        F32x4Mul                      "f32x4.mul"                         vector_binary          f32x4_mul                          [];
        F32x4Div                      "f32x4.div"                         vector_binary          f32x4_div                          [];
        F32x4Min                      "f32x4.min"                         vector_binary          f32x4_min                          [];
        F32x4Max                      "f32x4.max"                         vector_binary          f32x4_max                          [];
        F32x4PMin                     "f32x4.pmin"                        vector_binary          f32x4_pmin                         [];
        F32x4PMax                     "f32x4.pmax"                        vector_binary          f32x4_pmax                         [];
        F32x4Eq                       "f32x4.eq"                          vector_binary          f32x4_eq                           [];
        F32x4Ne                       "f32x4.ne"                          vector_binary          f32x4_ne                           [];
        F32x4Lt                       "f32x4.lt"                          vector_binary          f32x4_lt                           [];
        F32x4Le                       "f32x4.le"                          vector_binary          f32x4_le                           [];
        F32x4Abs                      "f32x4.abs"                         vector_unary           f32x4_abs                          [];
        F32x4Neg                      "f32x4.neg"                         vector_unary           f32x4_neg                          [];
        F32x4Sqrt                     "f32x4.sqrt"                        vector_unary           f32x4_sqrt                         [];
        F32x4Ceil                     "f32x4.ceil"                        vector_unary           f32x4_ceil                         [];
        F32x4Floor                    "f32x4.floor"                       vector_unary           f32x4_floor                        [];
        F32x4Trunc                    "f32x4.trunc"                       vector_unary           f32x4_trunc                        [];
        F32x4Nearest                  "f32x4.nearest"                     vector_unary           f32x4_nearest                      [];

        // f64x2.
        F64x2Add                      "f64x2.add"                         vector_binary          f64x2_add                          [];
        F64x2Sub                      "f64x2.sub"                         vector_binary          f64x2_sub                          [];
        F64x2Mul                      "f64x2.mul"                         vector_binary          f64x2_mul                          [];
        F64x2Div                      "f64x2.div"                         vector_binary          f64x2_div                          [];
        F64x2Min                      "f64x2.min"                         vector_binary          f64x2_min                          [];
        F64x2Max                      "f64x2.max"                         vector_binary          f64x2_max                          [];
        F64x2PMin                     "f64x2.pmin"                        vector_binary          f64x2_pmin                         [];
        F64x2PMax                     "f64x2.pmax"                        vector_binary          f64x2_pmax                         [];
        F64x2Eq                       "f64x2.eq"                          vector_binary          f64x2_eq                           [];
        F64x2Ne                       "f64x2.ne"                          vector_binary          f64x2_ne                           [];
        F64x2Lt                       "f64x2.lt"                          vector_binary          f64x2_lt                           [];
        F64x2Le                       "f64x2.le"                          vector_binary          f64x2_le                           [];
        F64x2Abs                      "f64x2.abs"                         vector_unary           f64x2_abs                          [];
        F64x2Neg                      "f64x2.neg"                         vector_unary           f64x2_neg                          [];
        F64x2Sqrt                     "f64x2.sqrt"                        vector_unary           f64x2_sqrt                         [];
        F64x2Ceil                     "f64x2.ceil"                        vector_unary           f64x2_ceil                         [];
        F64x2Floor                    "f64x2.floor"                       vector_unary           f64x2_floor                        [];
        F64x2Trunc                    "f64x2.trunc"                       vector_unary           f64x2_trunc                        [];
        F64x2Nearest                  "f64x2.nearest"                     vector_unary           f64x2_nearest                      [];

        // Between floats and integers.
        I32x4TruncSatF32x4S           "i32x4.trunc_sat_f32x4_s"           vector_unary           i32x4_trunc_sat_f32x4_s            [];
        I32x4TruncSatF32x4U           "i32x4.trunc_sat_f32x4_u"           vector_unary           i32x4_trunc_sat_f32x4_u            [];
        I32x4TruncSatF64x2SZero       "i32x4.trunc_sat_f64x2_s_zero"      vector_unary           i32x4_trunc_sat_f64x2_s_zero       [];
        I32x4TruncSatF64x2UZero       "i32x4.trunc_sat_f64x2_u_zero"      vector_unary           i32x4_trunc_sat_f64x2_u_zero       [];
        F32x4ConvertI32x4S            "f32x4.convert_i32x4_s"             vector_unary           f32x4_convert_i32x4_s              [];
        F32x4ConvertI32x4U            "f32x4.convert_i32x4_u"             vector_unary           f32x4_convert_i32x4_u              [];
        F64x2ConvertLowI32x4S         "f64x2.convert_low_i32x4_s"         vector_unary           f64x2_convert_low_i32x4_s          [];
        F64x2ConvertLowI32x4U         "f64x2.convert_low_i32x4_u"         vector_unary           f64x2_convert_low_i32x4_u          [];
        F32x4DemoteF64x2Zero          "f32x4.demote_f64x2_zero"           vector_unary           f32x4_demote_f64x2_zero            [];
        F64x2PromoteLowF32x4          "f64x2.promote_low_f32x4"           vector_unary           f64x2_promote_low_f32x4            [];

        // Relaxed: those that are not another op; see `Lowerer::vector`.
        F32x4RelaxedMadd              "f32x4.relaxed_madd"                vector_mul_add         f32x4_relaxed_madd                 [];
        F32x4RelaxedNmadd             "f32x4.relaxed_nmadd"               vector_mul_sub         f32x4_relaxed_nmadd                [];
        F64x2RelaxedMadd              "f64x2.relaxed_madd"                vector_mul_add         f64x2_relaxed_madd                 [];
        F64x2RelaxedNmadd             "f64x2.relaxed_nmadd"               vector_mul_sub         f64x2_relaxed_nmadd                [];
        // For processors without such an instruction: with one rounding all the same, or with two.
        F32x4RelaxedMaddPortable      "f32x4.relaxed_madd_portable"       vector_fused           f32x4_relaxed_madd                 [];
        F32x4RelaxedNmaddPortable     "f32x4.relaxed_nmadd_portable"      vector_fused           f32x4_relaxed_nmadd                [];
        F64x2RelaxedMaddPortable      "f64x2.relaxed_madd_portable"       vector_fused           f64x2_relaxed_madd                 [];
        F64x2RelaxedNmaddPortable     "f64x2.relaxed_nmadd_portable"      vector_fused           f64x2_relaxed_nmadd                [];
        F32x4MulAdd                   "f32x4.mul_add"                     vector_ternary         f32x4_mul_add                      [];
        F32x4MulSub                   "f32x4.mul_sub"                     vector_ternary         f32x4_mul_sub                      [];
        F64x2MulAdd                   "f64x2.mul_add"                     vector_ternary         f64x2_mul_add                      [];
        F64x2MulSub                   "f64x2.mul_sub"                     vector_ternary         f64x2_mul_sub                      [];
        I32x4RelaxedTruncF32x4S       "i32x4.relaxed_trunc_f32x4_s"       vector_unary           i32x4_relaxed_trunc_f32x4_s        [];
        I32x4RelaxedTruncF64x2SZero   "i32x4.relaxed_trunc_f64x2_s_zero"  vector_unary           i32x4_relaxed_trunc_f64x2_s_zero   [];
        I16x8RelaxedDotI8x16I7x16S    "i16x8.relaxed_dot_i8x16_i7x16_s"   vector_binary          i16x8_relaxed_dot_i8x16_i7x16_s    [];
        I32x4RelaxedDotI8x16I7x16AddS "i32x4.relaxed_dot_i8x16_i7x16_add_s" vector_ternary         i32x4_relaxed_dot_i8x16_i7x16_add_s [];

        // Loads and stores; memory 0 with 64-bit addresses has the general ones.
        V128Load                      "v128.load"                         vector_load            v128_load                          [at V128LoadAt, indexed V128LoadIndexed, far V128LoadFar];
        V128LoadAt                    "v128.load_at"                      vector_load_at         v128_load                          [];
        V128LoadIndexed               "v128.load_indexed"                 vector_load_indexed    v128_load                          [];
        V128LoadFar                   "v128.load_far"                     vector_load_far        v128_load                          [];
        V128Load8x8S                  "v128.load8x8_s"                    vector_load            v128_load8x8_s                     [at V128Load8x8SAt, indexed V128Load8x8SIndexed, far V128Load8x8SFar];
        V128Load8x8SAt                "v128.load8x8_s_at"                 vector_load_at         v128_load8x8_s                     [];
        V128Load8x8SIndexed           "v128.load8x8_s_indexed"            vector_load_indexed    v128_load8x8_s                     [];
        V128Load8x8SFar               "v128.load8x8_s_far"                vector_load_far        v128_load8x8_s                     [];
        V128Load8x8U                  "v128.load8x8_u"                    vector_load            v128_load8x8_u                     [at V128Load8x8UAt, indexed V128Load8x8UIndexed, far V128Load8x8UFar];
        V128Load8x8UAt                "v128.load8x8_u_at"                 vector_load_at         v128_load8x8_u                     [];
        V128Load8x8UIndexed           "v128.load8x8_u_indexed"            vector_load_indexed    v128_load8x8_u                     [];
        V128Load8x8UFar               "v128.load8x8_u_far"                vector_load_far        v128_load8x8_u                     [];
        V128Load16x4S                 "v128.load16x4_s"                   vector_load            v128_load16x4_s                    [at V128Load16x4SAt, indexed V128Load16x4SIndexed, far V128Load16x4SFar];
        V128Load16x4SAt               "v128.load16x4_s_at"                vector_load_at         v128_load16x4_s                    [];
        V128Load16x4SIndexed          "v128.load16x4_s_indexed"           vector_load_indexed    v128_load16x4_s                    [];
        V128Load16x4SFar              "v128.load16x4_s_far"               vector_load_far        v128_load16x4_s                    [];
        V128Load16x4U                 "v128.load16x4_u"                   vector_load            v128_load16x4_u                    [at V128Load16x4UAt, indexed V128Load16x4UIndexed, far V128Load16x4UFar];
        V128Load16x4UAt               "v128.load16x4_u_at"                vector_load_at         v128_load16x4_u                    [];
        V128Load16x4UIndexed          "v128.load16x4_u_indexed"           vector_load_indexed    v128_load16x4_u                    [];
        V128Load16x4UFar              "v128.load16x4_u_far"               vector_load_far        v128_load16x4_u                    [];
        V128Load32x2S                 "v128.load32x2_s"                   vector_load            v128_load32x2_s                    [at V128Load32x2SAt, indexed V128Load32x2SIndexed, far V128Load32x2SFar];
        V128Load32x2SAt               "v128.load32x2_s_at"                vector_load_at         v128_load32x2_s                    [];
        V128Load32x2SIndexed          "v128.load32x2_s_indexed"           vector_load_indexed    v128_load32x2_s                    [];
        V128Load32x2SFar              "v128.load32x2_s_far"               vector_load_far        v128_load32x2_s                    [];
        V128Load32x2U                 "v128.load32x2_u"                   vector_load            v128_load32x2_u                    [at V128Load32x2UAt, indexed V128Load32x2UIndexed, far V128Load32x2UFar];
        V128Load32x2UAt               "v128.load32x2_u_at"                vector_load_at         v128_load32x2_u                    [];
        V128Load32x2UIndexed          "v128.load32x2_u_indexed"           vector_load_indexed    v128_load32x2_u                    [];
        V128Load32x2UFar              "v128.load32x2_u_far"               vector_load_far        v128_load32x2_u                    [];
        V128Load8Splat                "v128.load8_splat"                  vector_load            v128_load8_splat                   [at V128Load8SplatAt, indexed V128Load8SplatIndexed, far V128Load8SplatFar];
        V128Load8SplatAt              "v128.load8_splat_at"               vector_load_at         v128_load8_splat                   [];
        V128Load8SplatIndexed         "v128.load8_splat_indexed"          vector_load_indexed    v128_load8_splat                   [];
        V128Load8SplatFar             "v128.load8_splat_far"              vector_load_far        v128_load8_splat                   [];
        V128Load16Splat               "v128.load16_splat"                 vector_load            v128_load16_splat                  [at V128Load16SplatAt, indexed V128Load16SplatIndexed, far V128Load16SplatFar];
        V128Load16SplatAt             "v128.load16_splat_at"              vector_load_at         v128_load16_splat                  [];
        V128Load16SplatIndexed        "v128.load16_splat_indexed"         vector_load_indexed    v128_load16_splat                  [];
        V128Load16SplatFar            "v128.load16_splat_far"             vector_load_far        v128_load16_splat                  [];
        V128Load32Splat               "v128.load32_splat"                 vector_load            v128_load32_splat                  [at V128Load32SplatAt, indexed V128Load32SplatIndexed, far V128Load32SplatFar];
        V128Load32SplatAt             "v128.load32_splat_at"              vector_load_at         v128_load32_splat                  [];
        V128Load32SplatIndexed        "v128.load32_splat_indexed"         vector_load_indexed    v128_load32_splat                  [];
        V128Load32SplatFar            "v128.load32_splat_far"             vector_load_far        v128_load32_splat                  [];
        V128Load64Splat               "v128.load64_splat"                 vector_load            v128_load64_splat                  [at V128Load64SplatAt, indexed V128Load64SplatIndexed, far V128Load64SplatFar];
        V128Load64SplatAt             "v128.load64_splat_at"              vector_load_at         v128_load64_splat                  [];
        V128Load64SplatIndexed        "v128.load64_splat_indexed"         vector_load_indexed    v128_load64_splat                  [];
        V128Load64SplatFar            "v128.load64_splat_far"             vector_load_far        v128_load64_splat                  [];
        V128Load32Zero                "v128.load32_zero"                  vector_load            v128_load32_zero                   [at V128Load32ZeroAt, indexed V128Load32ZeroIndexed, far V128Load32ZeroFar];
        V128Load32ZeroAt              "v128.load32_zero_at"               vector_load_at         v128_load32_zero                   [];
        V128Load32ZeroIndexed         "v128.load32_zero_indexed"          vector_load_indexed    v128_load32_zero                   [];
        V128Load32ZeroFar             "v128.load32_zero_far"              vector_load_far        v128_load32_zero                   [];
        V128Load64Zero                "v128.load64_zero"                  vector_load            v128_load64_zero                   [at V128Load64ZeroAt, indexed V128Load64ZeroIndexed, far V128Load64ZeroFar];
        V128Load64ZeroAt              "v128.load64_zero_at"               vector_load_at         v128_load64_zero                   [];
        V128Load64ZeroIndexed         "v128.load64_zero_indexed"          vector_load_indexed    v128_load64_zero                   [];
        V128Load64ZeroFar             "v128.load64_zero_far"              vector_load_far        v128_load64_zero                   [];
        V128Store                     "v128.store"                        vector_store           v128_store                         [at V128StoreAt, indexed V128StoreIndexed, far V128StoreFar];
        V128StoreAt                   "v128.store_at"                     vector_store_at        v128_store                         [];
        V128StoreIndexed              "v128.store_indexed"                vector_store_indexed   v128_store                         [];
        V128StoreFar                  "v128.store_far"                    vector_store_far       v128_store                         [];
        V128Load8Lane                 "v128.load8_lane"                   vector_load_lane       v128_load8_lane                    [far V128Load8LaneFar];
        V128Load16Lane                "v128.load16_lane"                  vector_load_lane       v128_load16_lane                   [far V128Load16LaneFar];
        V128Load32Lane                "v128.load32_lane"                  vector_load_lane       v128_load32_lane                   [far V128Load32LaneFar];
        V128Load64Lane                "v128.load64_lane"                  vector_load_lane       v128_load64_lane                   [far V128Load64LaneFar];
        V128Store8Lane                "v128.store8_lane"                  vector_store_lane      v128_store8_lane                   [far V128Store8LaneFar];
        V128Store16Lane               "v128.store16_lane"                 vector_store_lane      v128_store16_lane                  [far V128Store16LaneFar];
        V128Store32Lane               "v128.store32_lane"                 vector_store_lane      v128_store32_lane                  [far V128Store32LaneFar];
        V128Store64Lane               "v128.store64_lane"                 vector_store_lane      v128_store64_lane                  [far V128Store64LaneFar];
        V128Load8LaneFar              "v128.load8_lane_far"               vector_load_lane_far   v128_load8_lane                    [];
        V128Load16LaneFar             "v128.load16_lane_far"              vector_load_lane_far   v128_load16_lane                   [];
        V128Load32LaneFar             "v128.load32_lane_far"              vector_load_lane_far   v128_load32_lane                   [];
        V128Load64LaneFar             "v128.load64_lane_far"              vector_load_lane_far   v128_load64_lane                   [];
        V128Store8LaneFar             "v128.store8_lane_far"              vector_store_lane_far  v128_store8_lane                   [];
        V128Store16LaneFar            "v128.store16_lane_far"             vector_store_lane_far  v128_store16_lane                  [];
        V128Store32LaneFar            "v128.store32_lane_far"             vector_store_lane_far  v128_store32_lane                  [];
        V128Store64LaneFar            "v128.store64_lane_far"             vector_store_lane_far  v128_store64_lane                  [];

        // Values as such.
        V128Const                     "v128.const"                        vector_const           none                               [];
        V128Copy                      "v128.copy"                         vector_copy            none                               [];
        V128Select                    "v128.select"                       vector_select          none                               [];
        V128GlobalGet                 "v128.global_get"                   global_get_vector      none                               [];
        V128GlobalSet                 "v128.global_set"                   global_set_vector      none                               [];
        V128GlobalGetImported         "v128.global_get_imported"          global_get_vector_imported none                               [];
        V128GlobalSetImported         "v128.global_set_imported"          global_set_vector_imported none                               [];
        V128Return                    "v128.return"                       return_vector          none                               [];
    } };
}
pub(crate) use for_each_vector_op;
