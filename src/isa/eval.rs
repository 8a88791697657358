//! What ops mean: one pure function each, from operand values to a result.
//!
//! An operator that can trap returns `Result<_, Trap>`. Handlers of every dispatch strategy and constant folding call
//! these same functions, so they cannot disagree. The definitions follow the specification's
//! [numerics](https://webassembly.github.io/spec/core/exec/numerics.html).

#![expect(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "unordered operands are the point of the `n` comparisons"
)]
#![expect(clippy::manual_range_contains, reason = "a bound that excludes what is below it is not a range's")]

pub(crate) use super::atomic::{
    atomic_add8, atomic_add16, atomic_add32, atomic_add64, atomic_and8, atomic_and16, atomic_and32,
    atomic_and64, atomic_cmpxchg8, atomic_cmpxchg16, atomic_cmpxchg32, atomic_cmpxchg64, atomic_load8,
    atomic_load16, atomic_load32, atomic_load64, atomic_or8, atomic_or16, atomic_or32, atomic_or64,
    atomic_store8, atomic_store16, atomic_store32, atomic_store64, atomic_sub8, atomic_sub16, atomic_sub32,
    atomic_sub64, atomic_xchg8, atomic_xchg16, atomic_xchg32, atomic_xchg64, atomic_xor8, atomic_xor16,
    atomic_xor32, atomic_xor64,
};
use super::float;
use crate::error::Trap;

#[cfg_attr(target_arch = "x86_64", allow(unused_imports, reason = "the executor has its own of some"))]
pub(crate) use super::vector::{
    f32x4_abs, f32x4_add, f32x4_ceil, f32x4_convert_i32x4_s, f32x4_convert_i32x4_u, f32x4_demote_f64x2_zero,
    f32x4_div, f32x4_eq, f32x4_floor, f32x4_le, f32x4_lt, f32x4_max, f32x4_min, f32x4_mul, f32x4_mul_add,
    f32x4_mul_sub, f32x4_ne, f32x4_nearest, f32x4_neg, f32x4_pmax, f32x4_pmin, f32x4_relaxed_madd,
    f32x4_relaxed_nmadd, f32x4_replace_lane, f32x4_splat, f32x4_sqrt, f32x4_sub, f32x4_trunc, f64x2_abs,
    f64x2_add, f64x2_ceil, f64x2_convert_low_i32x4_s, f64x2_convert_low_i32x4_u, f64x2_div, f64x2_eq,
    f64x2_floor, f64x2_le, f64x2_lt, f64x2_max, f64x2_min, f64x2_mul, f64x2_mul_add, f64x2_mul_sub, f64x2_ne,
    f64x2_nearest, f64x2_neg, f64x2_pmax, f64x2_pmin, f64x2_promote_low_f32x4, f64x2_relaxed_madd,
    f64x2_relaxed_nmadd, f64x2_replace_lane, f64x2_splat, f64x2_sqrt, f64x2_sub, f64x2_trunc, i8x16_abs,
    i8x16_add, i8x16_add_sat_s, i8x16_add_sat_u, i8x16_all_true, i8x16_avgr_u, i8x16_bitmask, i8x16_eq,
    i8x16_ge_s, i8x16_ge_u, i8x16_lt_s, i8x16_lt_u, i8x16_max_s, i8x16_max_u, i8x16_min_s, i8x16_min_u,
    i8x16_narrow_i16x8_s, i8x16_narrow_i16x8_u, i8x16_ne, i8x16_neg, i8x16_permute, i8x16_popcnt,
    i8x16_replace_lane, i8x16_shl, i8x16_shr_s, i8x16_shr_u, i8x16_shuffle, i8x16_splat, i8x16_sub,
    i8x16_sub_sat_s, i8x16_sub_sat_u, i8x16_swizzle, i16x8_abs, i16x8_add, i16x8_add_sat_s, i16x8_add_sat_u,
    i16x8_all_true, i16x8_avgr_u, i16x8_bitmask, i16x8_eq, i16x8_extadd_pairwise_i8x16_s,
    i16x8_extadd_pairwise_i8x16_u, i16x8_extend_high_i8x16_s, i16x8_extend_high_i8x16_u,
    i16x8_extend_low_i8x16_s, i16x8_extend_low_i8x16_u, i16x8_extmul_high_i8x16_s, i16x8_extmul_high_i8x16_u,
    i16x8_extmul_low_i8x16_s, i16x8_extmul_low_i8x16_u, i16x8_ge_s, i16x8_ge_u, i16x8_lt_s, i16x8_lt_u,
    i16x8_max_s, i16x8_max_u, i16x8_min_s, i16x8_min_u, i16x8_mul, i16x8_narrow_i32x4_s,
    i16x8_narrow_i32x4_u, i16x8_ne, i16x8_neg, i16x8_q15mulr_sat_s, i16x8_relaxed_dot_i8x16_i7x16_s,
    i16x8_replace_lane, i16x8_shl, i16x8_shr_s, i16x8_shr_u, i16x8_splat, i16x8_sub, i16x8_sub_sat_s,
    i16x8_sub_sat_u, i32x4_abs, i32x4_add, i32x4_all_true, i32x4_bitmask, i32x4_dot_i16x8_s, i32x4_eq,
    i32x4_extadd_pairwise_i16x8_s, i32x4_extadd_pairwise_i16x8_u, i32x4_extend_high_i16x8_s,
    i32x4_extend_high_i16x8_u, i32x4_extend_low_i16x8_s, i32x4_extend_low_i16x8_u, i32x4_extmul_high_i16x8_s,
    i32x4_extmul_high_i16x8_u, i32x4_extmul_low_i16x8_s, i32x4_extmul_low_i16x8_u, i32x4_ge_s, i32x4_ge_u,
    i32x4_lt_s, i32x4_lt_u, i32x4_max_s, i32x4_max_u, i32x4_min_s, i32x4_min_u, i32x4_mul, i32x4_ne,
    i32x4_neg, i32x4_relaxed_dot_i8x16_i7x16_add_s, i32x4_relaxed_trunc_f32x4_s,
    i32x4_relaxed_trunc_f64x2_s_zero, i32x4_replace_lane, i32x4_shl, i32x4_shr_s, i32x4_shr_u, i32x4_splat,
    i32x4_sub, i32x4_trunc_sat_f32x4_s, i32x4_trunc_sat_f32x4_u, i32x4_trunc_sat_f64x2_s_zero,
    i32x4_trunc_sat_f64x2_u_zero, i64x2_abs, i64x2_add, i64x2_all_true, i64x2_bitmask, i64x2_eq,
    i64x2_extend_high_i32x4_s, i64x2_extend_high_i32x4_u, i64x2_extend_low_i32x4_s, i64x2_extend_low_i32x4_u,
    i64x2_extmul_high_i32x4_s, i64x2_extmul_high_i32x4_u, i64x2_extmul_low_i32x4_s, i64x2_extmul_low_i32x4_u,
    i64x2_ge_s, i64x2_lt_s, i64x2_mul, i64x2_ne, i64x2_neg, i64x2_replace_lane, i64x2_shl, i64x2_shr_s,
    i64x2_shr_u, i64x2_splat, i64x2_sub, v128_and, v128_andnot, v128_any_true, v128_bitselect, v128_load,
    v128_load8_lane, v128_load8_splat, v128_load8x8_s, v128_load8x8_u, v128_load16_lane, v128_load16_splat,
    v128_load16x4_s, v128_load16x4_u, v128_load32_lane, v128_load32_splat, v128_load32_zero, v128_load32x2_s,
    v128_load32x2_u, v128_load64_lane, v128_load64_splat, v128_load64_zero, v128_not, v128_or, v128_store,
    v128_store8_lane, v128_store16_lane, v128_store32_lane, v128_store64_lane, v128_xor,
};

/// The meaning of ops that are all shape: control flow, calls, copies.
pub(crate) fn none() {}

/// Declares meanings as one-line expressions.
macro_rules! meanings {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $result:ty = $body:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name($($arg: $ty),*) -> $result {
            $body
        }
    )*};
}

/// Meanings that are the same for 32- and 64-bit integers but for their types.
macro_rules! int_meanings {
    ($unsigned:ident, $signed:ident, [
        $add:ident $sub:ident $mul:ident $div_s:ident $div_u:ident $rem_s:ident $rem_u:ident
        $and:ident $or:ident $xor:ident $shl:ident $shr_s:ident $shr_u:ident $rotl:ident $rotr:ident
        $clz:ident $ctz:ident $popcnt:ident
        $eq:ident $ne:ident $lt_s:ident $lt_u:ident $ge_s:ident $ge_u:ident
    ]) => {
        meanings! {
            $add(a: $unsigned, b: $unsigned) -> $unsigned = a.wrapping_add(b);
            $sub(a: $unsigned, b: $unsigned) -> $unsigned = a.wrapping_sub(b);
            $mul(a: $unsigned, b: $unsigned) -> $unsigned = a.wrapping_mul(b);
            $div_s(a: $signed, b: $signed) -> Result<$signed, Trap> = match b {
                0 => Err(Trap::IntegerDivideByZero),
                // The one quotient that does not fit; `wrapping_div` would hide it.
                -1 if a == $signed::MIN => Err(Trap::IntegerOverflow),
                _ => Ok(a.wrapping_div(b)),
            };
            $div_u(a: $unsigned, b: $unsigned) -> Result<$unsigned, Trap> =
                if b == 0 { Err(Trap::IntegerDivideByZero) } else { Ok(a / b) };
            $rem_s(a: $signed, b: $signed) -> Result<$signed, Trap> =
                if b == 0 { Err(Trap::IntegerDivideByZero) } else { Ok(a.wrapping_rem(b)) };
            $rem_u(a: $unsigned, b: $unsigned) -> Result<$unsigned, Trap> =
                if b == 0 { Err(Trap::IntegerDivideByZero) } else { Ok(a % b) };
            $and(a: $unsigned, b: $unsigned) -> $unsigned = a & b;
            $or(a: $unsigned, b: $unsigned) -> $unsigned = a | b;
            $xor(a: $unsigned, b: $unsigned) -> $unsigned = a ^ b;
            // Shift counts are taken modulo the width.
            $shl(a: $unsigned, b: $unsigned) -> $unsigned = a.wrapping_shl(b as u32);
            $shr_s(a: $signed, b: $signed) -> $signed = a.wrapping_shr(b as u32);
            $shr_u(a: $unsigned, b: $unsigned) -> $unsigned = a.wrapping_shr(b as u32);
            $rotl(a: $unsigned, b: $unsigned) -> $unsigned = a.rotate_left(b as u32 % $unsigned::BITS);
            $rotr(a: $unsigned, b: $unsigned) -> $unsigned = a.rotate_right(b as u32 % $unsigned::BITS);
            $clz(a: $unsigned) -> $unsigned = a.leading_zeros().into();
            $ctz(a: $unsigned) -> $unsigned = a.trailing_zeros().into();
            $popcnt(a: $unsigned) -> $unsigned = a.count_ones().into();
            $eq(a: $unsigned, b: $unsigned) -> bool = a == b;
            $ne(a: $unsigned, b: $unsigned) -> bool = a != b;
            $lt_s(a: $signed, b: $signed) -> bool = a < b;
            $lt_u(a: $unsigned, b: $unsigned) -> bool = a < b;
            $ge_s(a: $signed, b: $signed) -> bool = a >= b;
            $ge_u(a: $unsigned, b: $unsigned) -> bool = a >= b;
        }
    };
}

int_meanings!(u32, i32, [
    i32_add i32_sub i32_mul i32_div_s i32_div_u i32_rem_s i32_rem_u
    i32_and i32_or i32_xor i32_shl i32_shr_s i32_shr_u i32_rotl i32_rotr
    i32_clz i32_ctz i32_popcnt
    i32_eq i32_ne i32_lt_s i32_lt_u i32_ge_s i32_ge_u
]);
int_meanings!(u64, i64, [
    i64_add i64_sub i64_mul i64_div_s i64_div_u i64_rem_s i64_rem_u
    i64_and i64_or i64_xor i64_shl i64_shr_s i64_shr_u i64_rotl i64_rotr
    i64_clz i64_ctz i64_popcnt
    i64_eq i64_ne i64_lt_s i64_lt_u i64_ge_s i64_ge_u
]);

/// Meanings that are the same for both float widths but for their types.
macro_rules! float_meanings {
    ($float:ident, [
        $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $copysign:ident
        $abs:ident $neg:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident $sqrt:ident
        $eq:ident $ne:ident $lt:ident $le:ident $nlt:ident $nle:ident
    ]) => {
        meanings! {
            $add(a: $float, b: $float) -> $float = a + b;
            $sub(a: $float, b: $float) -> $float = a - b;
            $mul(a: $float, b: $float) -> $float = a * b;
            $div(a: $float, b: $float) -> $float = a / b;
            // Equal operands differ at most in the sign of zero, which `|` and `&` settle; the sum of unordered
            // operands is a quiet NaN.
            $min(a: $float, b: $float) -> $float = if a < b { a } else if b < a { b } else if a == b {
                $float::from_bits(a.to_bits() | b.to_bits())
            } else { a + b };
            $max(a: $float, b: $float) -> $float = if a > b { a } else if b > a { b } else if a == b {
                $float::from_bits(a.to_bits() & b.to_bits())
            } else { a + b };
            $copysign(a: $float, b: $float) -> $float = a.copysign(b);
            $abs(a: $float) -> $float = a.abs();
            $neg(a: $float) -> $float = -a;
            $ceil(a: $float) -> $float = float::$float::ceil(a);
            $floor(a: $float) -> $float = float::$float::floor(a);
            $trunc(a: $float) -> $float = float::$float::trunc(a);
            $nearest(a: $float) -> $float = float::$float::nearest(a);
            $sqrt(a: $float) -> $float = float::$float::sqrt(a);
            $eq(a: $float, b: $float) -> bool = a == b;
            $ne(a: $float, b: $float) -> bool = a != b;
            $lt(a: $float, b: $float) -> bool = a < b;
            $le(a: $float, b: $float) -> bool = a <= b;
            // With NaNs, "not less" is not "greater or equal"; fused branches need it as a condition of its own.
            $nlt(a: $float, b: $float) -> bool = !(a < b);
            $nle(a: $float, b: $float) -> bool = !(a <= b);
        }
    };
}

float_meanings!(f32, [
    f32_add f32_sub f32_mul f32_div f32_min f32_max f32_copysign
    f32_abs f32_neg f32_ceil f32_floor f32_trunc f32_nearest f32_sqrt
    f32_eq f32_ne f32_lt f32_le f32_nlt f32_nle
]);
float_meanings!(f64, [
    f64_add f64_sub f64_mul f64_div f64_min f64_max f64_copysign
    f64_abs f64_neg f64_ceil f64_floor f64_trunc f64_nearest f64_sqrt
    f64_eq f64_ne f64_lt f64_le f64_nlt f64_nle
]);

/// Float to integer, trapping: `low` and `high` are the nearest floats outside of the integer's range, but for a
/// `low` that is itself in range because the float type has no neighbour below it (`>=`).
macro_rules! trunc_meanings {
    ($($name:ident: $float:ident -> $int:ident, $above:tt $low:expr, < $high:expr;)*) => { meanings! {$(
        $name(a: $float) -> Result<$int, Trap> =
            if a $above $low && a < $high {
                Ok(a as $int)
            } else if a.is_nan() {
                Err(Trap::InvalidConversionToInteger)
            } else {
                Err(Trap::IntegerOverflow)
            };
    )*}};
}

trunc_meanings! {
    i32_trunc_f32_s: f32 -> i32, >= -2147483648.0, < 2147483648.0;
    i32_trunc_f32_u: f32 -> u32, > -1.0, < 4294967296.0;
    i32_trunc_f64_s: f64 -> i32, > -2147483649.0, < 2147483648.0;
    i32_trunc_f64_u: f64 -> u32, > -1.0, < 4294967296.0;
    i64_trunc_f32_s: f32 -> i64, >= -9223372036854775808.0, < 9223372036854775808.0;
    i64_trunc_f32_u: f32 -> u64, > -1.0, < 18446744073709551616.0;
    i64_trunc_f64_s: f64 -> i64, >= -9223372036854775808.0, < 9223372036854775808.0;
    i64_trunc_f64_u: f64 -> u64, > -1.0, < 18446744073709551616.0;
}

meanings! {
    // Rust's `as` saturates and turns NaN into zero, which is what the operators ask for.
    i32_trunc_sat_f32_s(a: f32) -> i32 = a as i32;
    i32_trunc_sat_f32_u(a: f32) -> u32 = a as u32;
    i32_trunc_sat_f64_s(a: f64) -> i32 = a as i32;
    i32_trunc_sat_f64_u(a: f64) -> u32 = a as u32;
    i64_trunc_sat_f32_s(a: f32) -> i64 = a as i64;
    i64_trunc_sat_f32_u(a: f32) -> u64 = a as u64;
    i64_trunc_sat_f64_s(a: f64) -> i64 = a as i64;
    i64_trunc_sat_f64_u(a: f64) -> u64 = a as u64;

    i32_wrap_i64(a: u64) -> u32 = a as u32;
    i64_extend_i32_s(a: i32) -> i64 = a.into();
    i32_extend8_s(a: u32) -> i32 = (a as i8).into();
    i32_extend16_s(a: u32) -> i32 = (a as i16).into();
    i64_extend8_s(a: u64) -> i64 = (a as i8).into();
    i64_extend16_s(a: u64) -> i64 = (a as i16).into();
    i64_extend32_s(a: u64) -> i64 = (a as i32).into();

    f32_convert_i32_s(a: i32) -> f32 = a as f32;
    f32_convert_i32_u(a: u32) -> f32 = a as f32;
    f32_convert_i64_s(a: i64) -> f32 = a as f32;
    f32_convert_i64_u(a: u64) -> f32 = a as f32;
    f32_demote_f64(a: f64) -> f32 = a as f32;
    f64_convert_i32_s(a: i32) -> f64 = a.into();
    f64_convert_i32_u(a: u32) -> f64 = a.into();
    f64_convert_i64_s(a: i64) -> f64 = a as f64;
    f64_convert_i64_u(a: u64) -> f64 = a as f64;
    f64_promote_f32(a: f32) -> f64 = a.into();

    // Loads and stores: between a value and its bytes in memory. Memory is little-endian everywhere.
    i32_load(bytes: [u8; 4]) -> u32 = u32::from_le_bytes(bytes);
    i64_load(bytes: [u8; 8]) -> u64 = u64::from_le_bytes(bytes);
    i32_load8_s(bytes: [u8; 1]) -> i32 = (bytes[0] as i8).into();
    i32_load8_u(bytes: [u8; 1]) -> u32 = bytes[0].into();
    i32_load16_s(bytes: [u8; 2]) -> i32 = i16::from_le_bytes(bytes).into();
    i32_load16_u(bytes: [u8; 2]) -> u32 = u16::from_le_bytes(bytes).into();
    i64_load8_s(bytes: [u8; 1]) -> i64 = (bytes[0] as i8).into();
    i64_load16_s(bytes: [u8; 2]) -> i64 = i16::from_le_bytes(bytes).into();
    i64_load32_s(bytes: [u8; 4]) -> i64 = i32::from_le_bytes(bytes).into();
    f32_load(bytes: [u8; 4]) -> f32 = f32::from_le_bytes(bytes);
    f64_load(bytes: [u8; 8]) -> f64 = f64::from_le_bytes(bytes);
    f32_store(value: f32) -> [u8; 4] = value.to_le_bytes();
    f64_store(value: f64) -> [u8; 8] = value.to_le_bytes();
    i32_store(value: u32) -> [u8; 4] = value.to_le_bytes();
    i64_store(value: u64) -> [u8; 8] = value.to_le_bytes();
    i32_store8(value: u32) -> [u8; 1] = [value as u8];
    i32_store16(value: u32) -> [u8; 2] = (value as u16).to_le_bytes();
}

meanings! {
    i64_add128(a: u128, b: u128) -> u128 = a.wrapping_add(b);
    i64_sub128(a: u128, b: u128) -> u128 = a.wrapping_sub(b);
    i64_mul_wide_s(a: u64, b: u64) -> u128 =
        (i128::from(a.cast_signed()) * i128::from(b.cast_signed())).cast_unsigned();
    i64_mul_wide_u(a: u64, b: u64) -> u128 = u128::from(a) * u128::from(b);
    // References to small integers: the value lies above a bit that says what it is (`super::object`).
    ref_i31(value: u32) -> u32 = value << 1 | 1;
    i31_get_s(cell: u64) -> Result<i32, Trap> =
        if cell == 0 { Err(Trap::NullI31Reference) } else { Ok(cell as i32 >> 1) };
    i31_get_u(cell: u64) -> Result<u32, Trap> =
        if cell == 0 { Err(Trap::NullI31Reference) } else { Ok(cell as u32 >> 1) };

    // Whether a reference has a type, and the opposite.
    holds(outcome: bool) -> bool = outcome;
    fails(outcome: bool) -> bool = !outcome;
}

meanings! {
    ref_as_non_null(a: u64) -> Result<u64, Trap> = if a == 0 { Err(Trap::NullReference) } else { Ok(a) };
}

meanings! {
    // An i32 as a condition, and its opposite.
    condition(a: u32) -> bool = a != 0;
    negated_condition(a: u32) -> bool = a == 0;
}
