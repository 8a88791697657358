//! What vector ops mean: pure functions like those of [`super::eval`], on arrays of lanes.
//!
//! Lane 0 comes first. Plain loops over lanes are what LLVM turns into vector instructions; where it takes a hint to do
//! so, or where a loop over lanes would need memory on the native stack, the function says what it does instead.
//! Where neither suffices, the executor says the same in the instructions of one target. The definitions follow the specification's
//! [numerics](https://webassembly.github.io/spec/core/exec/numerics.html).

#![cfg_attr(target_arch = "x86_64", allow(dead_code, reason = "the executor has its own of some"))]

use super::{eval, float};

/// Declares meanings as an expression for one lane, from one lane of each operand.
macro_rules! lanewise {
    ($($name:ident($($arg:ident: $ty:ty),*; $len:literal) -> $result:ty = $body:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name($($arg: [$ty; $len]),*) -> [$result; $len] {
            let mut result = [<$result>::default(); $len];
            for (i, result) in result.iter_mut().enumerate() {
                $(let $arg = $arg[i];)*
                *result = $body;
            }
            result
        }
    )*};
}

/// The lanes that an expression gives by number. In place of `core::array::from_fn` and `map`, which are not inlined
/// everywhere: without LTO, handlers called them, with their operands on the native stack, and could not be left by jumps.
macro_rules! lanes {
    ([$ty:ty; $len:expr], |$i:ident| $lane:expr) => {{
        let mut result = [<$ty>::default(); $len];
        for ($i, result) in result.iter_mut().enumerate() {
            *result = $lane;
        }
        result
    }};
}

/// A lane with all bits set or none.
macro_rules! mask {
    ($ty:ty, $condition:expr) => {
        if $condition { <$ty>::MAX } else { 0 }
    };
}

lanewise! {
    v128_not(a: u64; 2) -> u64 = !a;
    v128_and(a: u64, b: u64; 2) -> u64 = a & b;
    v128_andnot(a: u64, b: u64; 2) -> u64 = a & !b;
    v128_or(a: u64, b: u64; 2) -> u64 = a | b;
    v128_xor(a: u64, b: u64; 2) -> u64 = a ^ b;
    v128_bitselect(a: u64, b: u64, mask: u64; 2) -> u64 = a & mask | b & !mask;
}

#[inline(always)]
pub(crate) fn v128_any_true(a: [u64; 2]) -> bool {
    a[0] | a[1] != 0
}

/// Each result lane is the lane of `a` that the one of `indices` names, or zero. Every lane of `a` is offered to all
/// result lanes at once: picking one by number would need `a` in memory.
#[inline(always)]
pub(crate) fn i8x16_swizzle(a: [u8; 16], indices: [u8; 16]) -> [u8; 16] {
    swizzle(u128::from_ne_bytes(a), u128::from_ne_bytes(indices)).to_ne_bytes()
}

/// A function of its own, which is given numbers: where loops are not unrolled, this has arrays on the native stack, and a
/// handler that had would not end in a jump.
#[inline(never)]
fn swizzle(a: u128, indices: u128) -> u128 {
    u128::from_ne_bytes(offer_lanes([0; 16], a.to_ne_bytes(), indices.to_ne_bytes(), 0))
}

/// Likewise for indices that are below 16.
#[inline(always)]
pub(crate) fn i8x16_permute(a: [u8; 16], indices: [u8; 16]) -> [u8; 16] {
    i8x16_swizzle(a, indices)
}

/// Likewise with the lanes of two vectors; the indices are below 32.
#[inline(always)]
pub(crate) fn i8x16_shuffle(a: [u8; 16], b: [u8; 16], indices: [u8; 16]) -> [u8; 16] {
    shuffle(u128::from_ne_bytes(a), u128::from_ne_bytes(b), u128::from_ne_bytes(indices)).to_ne_bytes()
}

/// As [`swizzle`].
#[inline(never)]
fn shuffle(a: u128, b: u128, indices: u128) -> u128 {
    let indices = indices.to_ne_bytes();
    let lanes_of_a = offer_lanes([0; 16], a.to_ne_bytes(), indices, 0);
    u128::from_ne_bytes(offer_lanes(lanes_of_a, b.to_ne_bytes(), indices, 16))
}

#[inline(always)]
fn offer_lanes(mut result: [u8; 16], a: [u8; 16], indices: [u8; 16], first: u8) -> [u8; 16] {
    for (number, lane) in a.into_iter().enumerate() {
        for (result, index) in result.iter_mut().zip(indices) {
            *result |= lane & mask!(u8, index == first + number as u8);
        }
    }
    result
}

/// Meanings that all lane types have.
macro_rules! lane_meanings {
    ($($ty:ident $bits:ident $len:literal, $splat:ident $replace:ident, $to_bits:expr, $from_bits:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $splat(a: $ty) -> [$ty; $len] {
            [a; $len]
        }

        /// Writing to a lane by number would need the vector in memory.
        #[inline(always)]
        pub(crate) fn $replace(a: [$ty; $len], lane: $ty, number: u8) -> [$ty; $len] {
            const ONES: $bits = $bits::MAX;
            const MASKS: [[$bits; $len]; $len] = {
                let mut masks = [[0; $len]; $len];
                let mut i = 0;
                while i < $len {
                    masks[i][i] = ONES;
                    i += 1;
                }
                masks
            };
            let mask = MASKS[usize::from(number) % $len];
            let bits = $to_bits(lane);
            lanes!([$ty; $len], |i| $from_bits(bits & mask[i] | $to_bits(a[i]) & !mask[i]))
        }
    )*};
}

lane_meanings! {
    u8 u8 16, splat_u8 replace_u8, core::convert::identity, core::convert::identity;
    u16 u16 8, splat_u16 replace_u16, core::convert::identity, core::convert::identity;
    u32 u32 4, i32x4_splat i32x4_replace_lane, core::convert::identity, core::convert::identity;
    u64 u64 2, i64x2_splat i64x2_replace_lane, core::convert::identity, core::convert::identity;
    f32 u32 4, f32x4_splat f32x4_replace_lane, f32::to_bits, f32::from_bits;
    f64 u64 2, f64x2_splat f64x2_replace_lane, f64::to_bits, f64::from_bits;
}

#[inline(always)]
pub(crate) fn i8x16_splat(a: u32) -> [u8; 16] {
    splat_u8(a as u8)
}

#[inline(always)]
pub(crate) fn i16x8_splat(a: u32) -> [u16; 8] {
    splat_u16(a as u16)
}

#[inline(always)]
pub(crate) fn i8x16_replace_lane(a: [u8; 16], lane: u32, number: u8) -> [u8; 16] {
    replace_u8(a, lane as u8, number)
}

#[inline(always)]
pub(crate) fn i16x8_replace_lane(a: [u16; 8], lane: u32, number: u8) -> [u16; 8] {
    replace_u16(a, lane as u16, number)
}

/// Meanings that all integer lanes have.
macro_rules! int_meanings {
    ($unsigned:ident $signed:ident $len:literal, [
        $add:ident $sub:ident $eq:ident $ne:ident $lt_s:ident $ge_s:ident $abs:ident $neg:ident
        $shl:ident $shr_s:ident $shr_u:ident $all_true:ident $bitmask:ident
    ]) => {
        lanewise! {
            $add(a: $unsigned, b: $unsigned; $len) -> $unsigned = a.wrapping_add(b);
            $sub(a: $unsigned, b: $unsigned; $len) -> $unsigned = a.wrapping_sub(b);
            $eq(a: $unsigned, b: $unsigned; $len) -> $unsigned = mask!($unsigned, a == b);
            $ne(a: $unsigned, b: $unsigned; $len) -> $unsigned = mask!($unsigned, a != b);
            $lt_s(a: $signed, b: $signed; $len) -> $unsigned = mask!($unsigned, a < b);
            $ge_s(a: $signed, b: $signed; $len) -> $unsigned = mask!($unsigned, a >= b);
            $abs(a: $signed; $len) -> $signed = a.wrapping_abs();
            $neg(a: $signed; $len) -> $signed = a.wrapping_neg();
        }

        #[inline(always)]
        pub(crate) fn $shl(a: [$unsigned; $len], count: u32) -> [$unsigned; $len] {
            lanes!([$unsigned; $len], |i| a[i].wrapping_shl(count))
        }

        #[inline(always)]
        pub(crate) fn $shr_s(a: [$signed; $len], count: u32) -> [$signed; $len] {
            lanes!([$signed; $len], |i| a[i].wrapping_shr(count))
        }

        #[inline(always)]
        pub(crate) fn $shr_u(a: [$unsigned; $len], count: u32) -> [$unsigned; $len] {
            lanes!([$unsigned; $len], |i| a[i].wrapping_shr(count))
        }

        #[inline(always)]
        pub(crate) fn $all_true(a: [$unsigned; $len]) -> bool {
            // Without `all`, which would stop at the first zero.
            a.into_iter().fold(true, |all, a| all & (a != 0))
        }

        #[inline(always)]
        pub(crate) fn $bitmask(a: [$signed; $len]) -> u32 {
            a.into_iter().enumerate().fold(0, |mask, (i, a)| mask | u32::from(a < 0) << i)
        }
    };
}

int_meanings!(u8 i8 16, [
    i8x16_add i8x16_sub i8x16_eq i8x16_ne i8x16_lt_s i8x16_ge_s i8x16_abs i8x16_neg
    i8x16_shl i8x16_shr_s i8x16_shr_u i8x16_all_true i8x16_bitmask
]);
int_meanings!(u16 i16 8, [
    i16x8_add i16x8_sub i16x8_eq i16x8_ne i16x8_lt_s i16x8_ge_s i16x8_abs i16x8_neg
    i16x8_shl i16x8_shr_s i16x8_shr_u i16x8_all_true i16x8_bitmask
]);
int_meanings!(u32 i32 4, [
    i32x4_add i32x4_sub i32x4_eq i32x4_ne i32x4_lt_s i32x4_ge_s i32x4_abs i32x4_neg
    i32x4_shl i32x4_shr_s i32x4_shr_u i32x4_all_true i32x4_bitmask
]);
int_meanings!(u64 i64 2, [
    i64x2_add i64x2_sub i64x2_eq i64x2_ne i64x2_lt_s i64x2_ge_s i64x2_abs i64x2_neg
    i64x2_shl i64x2_shr_s i64x2_shr_u i64x2_all_true i64x2_bitmask
]);

/// Meanings of lanes of up to 32 bits.
macro_rules! narrow_int_meanings {
    ($unsigned:ident $signed:ident $len:literal, [
        $min_s:ident $min_u:ident $max_s:ident $max_u:ident $lt_u:ident $ge_u:ident
    ]) => {
        lanewise! {
            $min_s(a: $signed, b: $signed; $len) -> $signed = a.min(b);
            $min_u(a: $unsigned, b: $unsigned; $len) -> $unsigned = a.min(b);
            $max_s(a: $signed, b: $signed; $len) -> $signed = a.max(b);
            $max_u(a: $unsigned, b: $unsigned; $len) -> $unsigned = a.max(b);
            $lt_u(a: $unsigned, b: $unsigned; $len) -> $unsigned = mask!($unsigned, a < b);
            $ge_u(a: $unsigned, b: $unsigned; $len) -> $unsigned = mask!($unsigned, a >= b);
        }
    };
}

narrow_int_meanings!(u8 i8 16, [
    i8x16_min_s i8x16_min_u i8x16_max_s i8x16_max_u i8x16_lt_u i8x16_ge_u
]);
narrow_int_meanings!(u16 i16 8, [
    i16x8_min_s i16x8_min_u i16x8_max_s i16x8_max_u i16x8_lt_u i16x8_ge_u
]);
narrow_int_meanings!(u32 i32 4, [
    i32x4_min_s i32x4_min_u i32x4_max_s i32x4_max_u i32x4_lt_u i32x4_ge_u
]);

lanewise! {
    i8x16_add_sat_s(a: i8, b: i8; 16) -> i8 = a.saturating_add(b);
    i8x16_add_sat_u(a: u8, b: u8; 16) -> u8 = a.saturating_add(b);
    i8x16_sub_sat_s(a: i8, b: i8; 16) -> i8 = a.saturating_sub(b);
    i8x16_sub_sat_u(a: u8, b: u8; 16) -> u8 = a.saturating_sub(b);
    i8x16_avgr_u(a: u8, b: u8; 16) -> u8 = (u16::from(a) + u16::from(b)).div_ceil(2) as u8;
    i8x16_popcnt(a: u8; 16) -> u8 = a.count_ones() as u8;
    i16x8_add_sat_s(a: i16, b: i16; 8) -> i16 = a.saturating_add(b);
    i16x8_add_sat_u(a: u16, b: u16; 8) -> u16 = a.saturating_add(b);
    i16x8_sub_sat_s(a: i16, b: i16; 8) -> i16 = a.saturating_sub(b);
    i16x8_sub_sat_u(a: u16, b: u16; 8) -> u16 = a.saturating_sub(b);
    i16x8_avgr_u(a: u16, b: u16; 8) -> u16 = (u32::from(a) + u32::from(b)).div_ceil(2) as u16;
    i16x8_mul(a: u16, b: u16; 8) -> u16 = a.wrapping_mul(b);
    i32x4_mul(a: u32, b: u32; 4) -> u32 = a.wrapping_mul(b);
    i64x2_mul(a: u64, b: u64; 2) -> u64 = a.wrapping_mul(b);
    // Only -1 times -1, which is 1 in this format, does not fit.
    i16x8_q15mulr_sat_s(a: i16, b: i16; 8) -> i16 =
        ((i32::from(a) * i32::from(b) + 0x4000) >> 15).min(i16::MAX.into()) as i16;
}

/// Narrows the lanes of two vectors, saturating.
macro_rules! narrow_meanings {
    ($($name:ident: $wide:ident $len:literal -> $narrow:ident $double:literal;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name(a: [$wide; $len], b: [$wide; $len]) -> [$narrow; $double] {
            let saturated = |lane: $wide| lane.clamp($narrow::MIN.into(), $narrow::MAX.into()) as $narrow;
            let mut result = [0; $double];
            for i in 0..$len {
                result[i] = saturated(a[i]);
                result[$len + i] = saturated(b[i]);
            }
            result
        }
    )*};
}

narrow_meanings! {
    i8x16_narrow_i16x8_s: i16 8 -> i8 16;
    i8x16_narrow_i16x8_u: i16 8 -> u8 16;
    i16x8_narrow_i32x4_s: i32 4 -> i16 8;
    i16x8_narrow_i32x4_u: i32 4 -> u16 8;
}

/// Operators that widen one half of their operands' lanes.
macro_rules! widening_meanings {
    ($($narrow:ident $double:literal -> $wide:ident $len:literal:
        $extend_low:ident $extend_high:ident $mul_low:ident $mul_high:ident;)*) => {$(
        #[inline(always)]
        pub(crate) fn $extend_low(a: [$narrow; $double]) -> [$wide; $len] {
            lanes!([$wide; $len], |i| a[i].into())
        }

        #[inline(always)]
        pub(crate) fn $extend_high(a: [$narrow; $double]) -> [$wide; $len] {
            lanes!([$wide; $len], |i| a[$len + i].into())
        }

        #[inline(always)]
        pub(crate) fn $mul_low(a: [$narrow; $double], b: [$narrow; $double]) -> [$wide; $len] {
            lanes!([$wide; $len], |i| <$wide>::from(a[i]).wrapping_mul(b[i].into()))
        }

        #[inline(always)]
        pub(crate) fn $mul_high(a: [$narrow; $double], b: [$narrow; $double]) -> [$wide; $len] {
            lanes!([$wide; $len], |i| <$wide>::from(a[$len + i]).wrapping_mul(b[$len + i].into()))
        }
    )*};
}

widening_meanings! {
    i8 16 -> i16 8: i16x8_extend_low_i8x16_s i16x8_extend_high_i8x16_s
        i16x8_extmul_low_i8x16_s i16x8_extmul_high_i8x16_s;
    u8 16 -> u16 8: i16x8_extend_low_i8x16_u i16x8_extend_high_i8x16_u
        i16x8_extmul_low_i8x16_u i16x8_extmul_high_i8x16_u;
    i16 8 -> i32 4: i32x4_extend_low_i16x8_s i32x4_extend_high_i16x8_s
        i32x4_extmul_low_i16x8_s i32x4_extmul_high_i16x8_s;
    u16 8 -> u32 4: i32x4_extend_low_i16x8_u i32x4_extend_high_i16x8_u
        i32x4_extmul_low_i16x8_u i32x4_extmul_high_i16x8_u;
    i32 4 -> i64 2: i64x2_extend_low_i32x4_s i64x2_extend_high_i32x4_s
        i64x2_extmul_low_i32x4_s i64x2_extmul_high_i32x4_s;
    u32 4 -> u64 2: i64x2_extend_low_i32x4_u i64x2_extend_high_i32x4_u
        i64x2_extmul_low_i32x4_u i64x2_extmul_high_i32x4_u;
}

/// Sums of neighbouring lanes.
macro_rules! pairwise_meanings {
    ($($name:ident: $narrow:ident $double:literal -> $wide:ident $len:literal;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name(a: [$narrow; $double]) -> [$wide; $len] {
            lanes!([$wide; $len], |i| <$wide>::from(a[2 * i]) + <$wide>::from(a[2 * i + 1]))
        }
    )*};
}

pairwise_meanings! {
    i16x8_extadd_pairwise_i8x16_s: i8 16 -> i16 8;
    i16x8_extadd_pairwise_i8x16_u: u8 16 -> u16 8;
    i32x4_extadd_pairwise_i16x8_s: i16 8 -> i32 4;
    i32x4_extadd_pairwise_i16x8_u: u16 8 -> u32 4;
}

#[inline(always)]
pub(crate) fn i32x4_dot_i16x8_s(a: [i16; 8], b: [i16; 8]) -> [i32; 4] {
    let product = |i: usize| i32::from(a[i]) * i32::from(b[i]);
    lanes!([i32; 4], |i| product(2 * i).wrapping_add(product(2 * i + 1)))
}

/// With both operands' lanes signed, and sums that wrap.
#[inline(always)]
pub(crate) fn i16x8_relaxed_dot_i8x16_i7x16_s(a: [i8; 16], b: [i8; 16]) -> [i16; 8] {
    let product = |i: usize| i16::from(a[i]) * i16::from(b[i]);
    lanes!([i16; 8], |i| product(2 * i).wrapping_add(product(2 * i + 1)))
}

#[inline(always)]
pub(crate) fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: [i8; 16], b: [i8; 16], sums: [i32; 4]) -> [i32; 4] {
    let pairs = i32x4_extadd_pairwise_i16x8_s(i16x8_relaxed_dot_i8x16_i7x16_s(a, b));
    lanes!([i32; 4], |i| pairs[i].wrapping_add(sums[i]))
}

/// Meanings that both widths of floats have.
macro_rules! float_meanings {
    ($float:ident $bits:ident $len:literal, [
        $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $pmin:ident $pmax:ident
        $eq:ident $ne:ident $lt:ident $le:ident $abs:ident $neg:ident $sqrt:ident
        $ceil:ident $floor:ident $trunc:ident $nearest:ident
        = $scalar_sqrt:ident $scalar_ceil:ident $scalar_floor:ident $scalar_trunc:ident $scalar_nearest:ident
    ]) => {
        lanewise! {
            $add(a: $float, b: $float; $len) -> $float = a + b;
            $sub(a: $float, b: $float; $len) -> $float = a - b;
            $mul(a: $float, b: $float; $len) -> $float = a * b;
            $div(a: $float, b: $float; $len) -> $float = a / b;
            // Each way round, because a processor's minimum takes one side of zeros and NaNs. The two results differ
            // in the sign of zero at most, which `|` and `&` settle; the sum of unordered operands is a quiet NaN.
            $min(a: $float, b: $float; $len) -> $float = {
                let (one, other) = (if b < a { b } else { a }, if a < b { a } else { b });
                let ordered = $float::from_bits(one.to_bits() | other.to_bits());
                if a.is_nan() | b.is_nan() { a + b } else { ordered }
            };
            $max(a: $float, b: $float; $len) -> $float = {
                let (one, other) = (if a < b { b } else { a }, if b < a { a } else { b });
                let ordered = $float::from_bits(one.to_bits() & other.to_bits());
                if a.is_nan() | b.is_nan() { a + b } else { ordered }
            };
            $pmin(a: $float, b: $float; $len) -> $float = if b < a { b } else { a };
            $pmax(a: $float, b: $float; $len) -> $float = if a < b { b } else { a };
            $eq(a: $float, b: $float; $len) -> $bits = mask!($bits, a == b);
            $ne(a: $float, b: $float; $len) -> $bits = mask!($bits, a != b);
            $lt(a: $float, b: $float; $len) -> $bits = mask!($bits, a < b);
            $le(a: $float, b: $float; $len) -> $bits = mask!($bits, a <= b);
            $abs(a: $float; $len) -> $float = a.abs();
            $neg(a: $float; $len) -> $float = -a;
            $sqrt(a: $float; $len) -> $float = eval::$scalar_sqrt(a);
            $ceil(a: $float; $len) -> $float = eval::$scalar_ceil(a);
            $floor(a: $float; $len) -> $float = eval::$scalar_floor(a);
            $trunc(a: $float; $len) -> $float = eval::$scalar_trunc(a);
            $nearest(a: $float; $len) -> $float = eval::$scalar_nearest(a);
        }
    };
}

float_meanings!(f32 u32 4, [
    f32x4_add f32x4_sub f32x4_mul f32x4_div f32x4_min f32x4_max f32x4_pmin f32x4_pmax
    f32x4_eq f32x4_ne f32x4_lt f32x4_le f32x4_abs f32x4_neg f32x4_sqrt
    f32x4_ceil f32x4_floor f32x4_trunc f32x4_nearest
    = f32_sqrt f32_ceil f32_floor f32_trunc f32_nearest
]);
float_meanings!(f64 u64 2, [
    f64x2_add f64x2_sub f64x2_mul f64x2_div f64x2_min f64x2_max f64x2_pmin f64x2_pmax
    f64x2_eq f64x2_ne f64x2_lt f64x2_le f64x2_abs f64x2_neg f64x2_sqrt
    f64x2_ceil f64x2_floor f64x2_trunc f64x2_nearest
    = f64_sqrt f64_ceil f64_floor f64_trunc f64_nearest
]);

lanewise! {
    // With one rounding.
    f32x4_relaxed_madd(a: f32, b: f32, c: f32; 4) -> f32 = float::f32::mul_add(a, b, c);
    f32x4_relaxed_nmadd(a: f32, b: f32, c: f32; 4) -> f32 = float::f32::mul_add(-a, b, c);
    f64x2_relaxed_madd(a: f64, b: f64, c: f64; 2) -> f64 = float::f64::mul_add(a, b, c);
    f64x2_relaxed_nmadd(a: f64, b: f64, c: f64; 2) -> f64 = float::f64::mul_add(-a, b, c);
}

lanewise! {
    // With two.
    f32x4_mul_add(a: f32, b: f32, c: f32; 4) -> f32 = a * b + c;
    f32x4_mul_sub(a: f32, b: f32, c: f32; 4) -> f32 = c - a * b;
    f64x2_mul_add(a: f64, b: f64, c: f64; 2) -> f64 = a * b + c;
    f64x2_mul_sub(a: f64, b: f64, c: f64; 2) -> f64 = c - a * b;
}

lanewise! {
    // What does not fit may become anything; this processor's way to convert is a saturating one.
    i32x4_relaxed_trunc_f32x4_s(a: f32; 4) -> i32 = a as i32;
    i32x4_trunc_sat_f32x4_s(a: f32; 4) -> i32 = a as i32;
    i32x4_trunc_sat_f32x4_u(a: f32; 4) -> u32 = a as u32;
    f32x4_convert_i32x4_s(a: i32; 4) -> f32 = a as f32;
    f32x4_convert_i32x4_u(a: u32; 4) -> f32 = a as f32;
}

#[inline(always)]
pub(crate) fn i32x4_trunc_sat_f64x2_s_zero(a: [f64; 2]) -> [i32; 4] {
    [a[0] as i32, a[1] as i32, 0, 0]
}

#[inline(always)]
pub(crate) fn i32x4_relaxed_trunc_f64x2_s_zero(a: [f64; 2]) -> [i32; 4] {
    i32x4_trunc_sat_f64x2_s_zero(a)
}

#[inline(always)]
pub(crate) fn i32x4_trunc_sat_f64x2_u_zero(a: [f64; 2]) -> [u32; 4] {
    [a[0] as u32, a[1] as u32, 0, 0]
}

#[inline(always)]
pub(crate) fn f64x2_convert_low_i32x4_s(a: [i32; 4]) -> [f64; 2] {
    [a[0].into(), a[1].into()]
}

#[inline(always)]
pub(crate) fn f64x2_convert_low_i32x4_u(a: [u32; 4]) -> [f64; 2] {
    [a[0].into(), a[1].into()]
}

#[inline(always)]
pub(crate) fn f32x4_demote_f64x2_zero(a: [f64; 2]) -> [f32; 4] {
    [a[0] as f32, a[1] as f32, 0.0, 0.0]
}

#[inline(always)]
pub(crate) fn f64x2_promote_low_f32x4(a: [f32; 4]) -> [f64; 2] {
    [a[0].into(), a[1].into()]
}

/// Loads: from bytes in memory, which is little-endian everywhere.
macro_rules! load_meanings {
    (extend $($extend:ident: $narrow:ident x $len:literal -> $wide:ident;)*) => {$(
        #[inline(always)]
        pub(crate) fn $extend(bytes: [u8; 8]) -> [$wide; $len] {
            const BYTES: usize = size_of::<$narrow>();
            lanes!([$wide; $len], |i| {
                let lane = lanes!([u8; BYTES], |byte| bytes[i * BYTES + byte]);
                $narrow::from_le_bytes(lane).into()
            })
        }
    )*};
    (lane $($ty:ident $len:literal: $splat:ident $load_lane:ident $replace:ident $store_lane:ident;)*) => {$(
        #[inline(always)]
        pub(crate) fn $splat(bytes: [u8; size_of::<$ty>()]) -> [$ty; $len] {
            [$ty::from_le_bytes(bytes); $len]
        }

        #[inline(always)]
        pub(crate) fn $load_lane(bytes: [u8; size_of::<$ty>()], a: [$ty; $len], number: u8) -> [$ty; $len] {
            $replace(a, $ty::from_le_bytes(bytes), number)
        }

        #[inline(always)]
        pub(crate) fn $store_lane(bytes: [u8; size_of::<$ty>()]) -> [u8; size_of::<$ty>()] {
            bytes
        }
    )*};
}

load_meanings! { extend
    v128_load8x8_s: i8 x 8 -> i16;
    v128_load8x8_u: u8 x 8 -> u16;
    v128_load16x4_s: i16 x 4 -> i32;
    v128_load16x4_u: u16 x 4 -> u32;
    v128_load32x2_s: i32 x 2 -> i64;
    v128_load32x2_u: u32 x 2 -> u64;
}

load_meanings! { lane
    u8 16: v128_load8_splat v128_load8_lane replace_u8 v128_store8_lane;
    u16 8: v128_load16_splat v128_load16_lane replace_u16 v128_store16_lane;
    u32 4: v128_load32_splat v128_load32_lane i32x4_replace_lane v128_store32_lane;
    u64 2: v128_load64_splat v128_load64_lane i64x2_replace_lane v128_store64_lane;
}

#[inline(always)]
pub(crate) fn v128_load(bytes: [u8; 16]) -> [u8; 16] {
    bytes
}

#[inline(always)]
pub(crate) fn v128_store(value: [u8; 16]) -> [u8; 16] {
    value
}

#[inline(always)]
pub(crate) fn v128_load32_zero(bytes: [u8; 4]) -> [u32; 4] {
    [u32::from_le_bytes(bytes), 0, 0, 0]
}

#[inline(always)]
pub(crate) fn v128_load64_zero(bytes: [u8; 8]) -> [u64; 2] {
    [u64::from_le_bytes(bytes), 0]
}
