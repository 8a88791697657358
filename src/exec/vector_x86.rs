//! What some vector ops mean, in the instructions that every x86-64 processor has.
//!
//! The functions of [`crate::isa::vector`] define these ops. LLVM turns most of those into one instruction; the ones here
//! it does not recognise, so they are said in SSE2 besides. Operands and results are vector registers in place of arrays
//! of lanes, and bits are the same, as the tests see. The intrinsics are safe to call where the processor has SSE2, which
//! is every one of x86-64 (INV-HARDWARE).

use core::arch::x86_64::{
    __m128, __m128d, __m128i, _mm_add_epi16, _mm_add_epi32, _mm_add_pd, _mm_add_ps, _mm_and_pd, _mm_and_ps,
    _mm_andnot_pd, _mm_andnot_ps, _mm_andnot_si128, _mm_avg_epu8, _mm_avg_epu16, _mm_castps_si128,
    _mm_castsi128_pd, _mm_castsi128_ps, _mm_cmpeq_epi16, _mm_cmpeq_pd, _mm_cmpeq_ps, _mm_cmpge_ps,
    _mm_cmpgt_epi32, _mm_cmple_pd, _mm_cmple_ps, _mm_cmplt_pd, _mm_cmplt_ps, _mm_cmpneq_pd, _mm_cmpneq_ps,
    _mm_cmpunord_pd, _mm_cmpunord_ps, _mm_cvtpd_ps, _mm_cvtsi32_si128, _mm_cvtsi64_si128, _mm_cvttpd_epi32,
    _mm_cvttps_epi32, _mm_madd_epi16, _mm_max_pd, _mm_max_ps, _mm_min_pd, _mm_min_ps, _mm_movemask_epi8,
    _mm_movemask_pd, _mm_movemask_ps, _mm_mulhi_epi16, _mm_mullo_epi16, _mm_or_pd, _mm_or_ps,
    _mm_packs_epi16, _mm_packs_epi32, _mm_set1_epi16, _mm_set1_epi32, _mm_set1_pd, _mm_set1_ps,
    _mm_setzero_ps, _mm_setzero_si128, _mm_sll_epi16, _mm_sra_epi16, _mm_srai_epi16, _mm_srai_epi32,
    _mm_srli_epi16, _mm_sub_epi32, _mm_sub_pd, _mm_sub_ps, _mm_unpackhi_epi8, _mm_unpacklo_epi8,
    _mm_unpacklo_epi16, _mm_unpacklo_epi32, _mm_xor_si128,
};

/// Declares meanings that are one instruction or two.
macro_rules! meanings {
    ($($name:ident($($arg:ident: $ty:ty),*) -> $result:ty = $body:expr;)*) => {$(
        #[inline(always)]
        pub(super) fn $name($($arg: $ty),*) -> $result {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            unsafe { $body }
        }
    )*};
}

meanings! {
    i8x16_bitmask(a: __m128i) -> u32 = _mm_movemask_epi8(a).cast_unsigned();
    i16x8_bitmask(a: __m128i) -> u32 =
        _mm_movemask_epi8(_mm_packs_epi16(a, _mm_setzero_si128())).cast_unsigned();
    i32x4_bitmask(a: __m128i) -> u32 = _mm_movemask_ps(_mm_castsi128_ps(a)).cast_unsigned();
    i64x2_bitmask(a: __m128i) -> u32 = _mm_movemask_pd(_mm_castsi128_pd(a)).cast_unsigned();

    i8x16_avgr_u(a: __m128i, b: __m128i) -> __m128i = _mm_avg_epu8(a, b);
    i16x8_avgr_u(a: __m128i, b: __m128i) -> __m128i = _mm_avg_epu16(a, b);
    i32x4_dot_i16x8_s(a: __m128i, b: __m128i) -> __m128i = _mm_madd_epi16(a, b);

    f32x4_eq(a: __m128, b: __m128) -> __m128 = _mm_cmpeq_ps(a, b);
    f32x4_ne(a: __m128, b: __m128) -> __m128 = _mm_cmpneq_ps(a, b);
    f32x4_lt(a: __m128, b: __m128) -> __m128 = _mm_cmplt_ps(a, b);
    f32x4_le(a: __m128, b: __m128) -> __m128 = _mm_cmple_ps(a, b);
    f64x2_eq(a: __m128d, b: __m128d) -> __m128d = _mm_cmpeq_pd(a, b);
    f64x2_ne(a: __m128d, b: __m128d) -> __m128d = _mm_cmpneq_pd(a, b);
    f64x2_lt(a: __m128d, b: __m128d) -> __m128d = _mm_cmplt_pd(a, b);
    f64x2_le(a: __m128d, b: __m128d) -> __m128d = _mm_cmple_pd(a, b);

    // The instructions return their second operand unless the first is less, or greater.
    f32x4_pmin(a: __m128, b: __m128) -> __m128 = _mm_min_ps(b, a);
    f32x4_pmax(a: __m128, b: __m128) -> __m128 = _mm_max_ps(b, a);
    f64x2_pmin(a: __m128d, b: __m128d) -> __m128d = _mm_min_pd(b, a);
    f64x2_pmax(a: __m128d, b: __m128d) -> __m128d = _mm_max_pd(b, a);

    f32x4_demote_f64x2_zero(a: __m128d) -> __m128 = _mm_cvtpd_ps(a);
    i32x4_relaxed_trunc_f32x4_s(a: __m128) -> __m128i = _mm_cvttps_epi32(a);
    i32x4_relaxed_trunc_f64x2_s_zero(a: __m128d) -> __m128i = _mm_cvttpd_epi32(a);
}

/// Minimum and maximum, each way round: see [`crate::isa::vector`].
macro_rules! ordered_meanings {
    ($ty:ty: $min:ident $max:ident, $cpu_min:ident $cpu_max:ident $add:ident $unordered:ident $and:ident $andnot:ident $or:ident) => {
        #[inline(always)]
        pub(super) fn $min(a: $ty, b: $ty) -> $ty {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            unsafe {
                let (ordered, is_nan) = ($or($cpu_min(a, b), $cpu_min(b, a)), $unordered(a, b));
                $or($and(is_nan, $add(a, b)), $andnot(is_nan, ordered))
            }
        }

        #[inline(always)]
        pub(super) fn $max(a: $ty, b: $ty) -> $ty {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            unsafe {
                let (ordered, is_nan) = ($and($cpu_max(a, b), $cpu_max(b, a)), $unordered(a, b));
                $or($and(is_nan, $add(a, b)), $andnot(is_nan, ordered))
            }
        }
    };
}

ordered_meanings!(__m128: f32x4_min f32x4_max,
    _mm_min_ps _mm_max_ps _mm_add_ps _mm_cmpunord_ps _mm_and_ps _mm_andnot_ps _mm_or_ps);
ordered_meanings!(__m128d: f64x2_min f64x2_max,
    _mm_min_pd _mm_max_pd _mm_add_pd _mm_cmpunord_pd _mm_and_pd _mm_andnot_pd _mm_or_pd);

/// Roundings: adding a number that has no fraction bits rounds a magnitude to the nearest integer, from which the others
/// are at most one away. What cannot have a fraction stays as it is, but for NaNs, which an addition makes quiet.
macro_rules! rounding_meanings {
    ($round:ident, $ty:ty, $integral:literal: $ceil:ident $floor:ident $nearest:ident $trunc:ident, $set:ident $add:ident $sub:ident $less:ident $and:ident $andnot:ident $or:ident) => {
        /// Rounds by `small`, which gets the operand and its nearest integer.
        #[inline(always)]
        fn $round(a: $ty, small: impl Fn($ty, $ty) -> $ty) -> $ty {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            unsafe {
                let (sign, integral) = ($and(a, $set(-0.0)), $set($integral));
                let magnitude = $andnot($set(-0.0), a);
                let nearest = $or($sub($add(magnitude, integral), integral), sign);
                // The sign of zero is the operand's.
                let rounded = $or(small(a, nearest), sign);
                let may_have_fraction = $less(magnitude, integral);
                $or($and(may_have_fraction, rounded), $andnot(may_have_fraction, $add(a, $set(0.0))))
            }
        }

        #[inline(always)]
        pub(super) fn $nearest(a: $ty) -> $ty {
            $round(a, |_, nearest| nearest)
        }

        #[inline(always)]
        pub(super) fn $floor(a: $ty) -> $ty {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            $round(a, |a, nearest| unsafe { $sub(nearest, $and($less(a, nearest), $set(1.0))) })
        }

        #[inline(always)]
        pub(super) fn $ceil(a: $ty) -> $ty {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            $round(a, |a, nearest| unsafe { $add(nearest, $and($less(nearest, a), $set(1.0))) })
        }

        #[inline(always)]
        pub(super) fn $trunc(a: $ty) -> $ty {
            // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
            $round(a, |a, nearest| unsafe {
                let (magnitude, whole) = ($andnot($set(-0.0), a), $andnot($set(-0.0), nearest));
                $sub(whole, $and($less(magnitude, whole), $set(1.0)))
            })
        }
    };
}

rounding_meanings!(round_ps, __m128, 8_388_608.0: f32x4_ceil f32x4_floor f32x4_nearest f32x4_trunc,
    _mm_set1_ps _mm_add_ps _mm_sub_ps _mm_cmplt_ps _mm_and_ps _mm_andnot_ps _mm_or_ps);
rounding_meanings!(round_pd, __m128d, 4_503_599_627_370_496.0: f64x2_ceil f64x2_floor f64x2_nearest f64x2_trunc,
    _mm_set1_pd _mm_add_pd _mm_sub_pd _mm_cmplt_pd _mm_and_pd _mm_andnot_pd _mm_or_pd);

/// 2^31, the first number that is too large for a signed lane.
const TOO_LARGE: f32 = 2_147_483_648.0;

/// The conversion gives 0x8000_0000 for what does not fit, which is right for what is too small.
#[inline(always)]
pub(super) fn i32x4_trunc_sat_f32x4_s(a: __m128) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let number = _mm_and_ps(a, _mm_cmpeq_ps(a, a));
        let too_large = _mm_castps_si128(_mm_cmpge_ps(number, _mm_set1_ps(TOO_LARGE)));
        _mm_xor_si128(_mm_cvttps_epi32(number), too_large)
    }
}

/// What a signed lane can hold, and what there is beyond that.
#[inline(always)]
pub(super) fn i32x4_trunc_sat_f32x4_u(a: __m128) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let number = _mm_max_ps(a, _mm_setzero_ps());
        let beyond = _mm_sub_ps(number, _mm_set1_ps(TOO_LARGE));
        let too_large = _mm_castps_si128(_mm_cmpge_ps(beyond, _mm_set1_ps(TOO_LARGE)));
        let beyond = _mm_xor_si128(_mm_cvttps_epi32(beyond), too_large);
        let beyond = _mm_andnot_si128(_mm_srai_epi32::<31>(beyond), beyond);
        _mm_add_epi32(_mm_cvttps_epi32(number), beyond)
    }
}

#[inline(always)]
pub(super) fn i32x4_trunc_sat_f64x2_s_zero(a: __m128d) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let most = _mm_and_pd(_mm_set1_pd(i32::MAX.into()), _mm_cmpeq_pd(a, a));
        _mm_cvttpd_epi32(_mm_min_pd(a, most))
    }
}

/// Each lane of the product with its lower half rounded away; only -1 times -1 does not fit.
#[inline(always)]
pub(super) fn i16x8_q15mulr_sat_s(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let (high, low) = (_mm_mulhi_epi16(a, b), _mm_mullo_epi16(a, b));
        let rounded = _mm_avg_epu16(_mm_srli_epi16::<14>(low), _mm_setzero_si128());
        let product = _mm_add_epi16(_mm_add_epi16(high, high), rounded);
        _mm_xor_si128(product, _mm_cmpeq_epi16(product, _mm_set1_epi16(i16::MIN)))
    }
}

/// By way of signed lanes, for which there is an instruction.
#[inline(always)]
pub(super) fn i16x8_narrow_i32x4_u(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let shifted = |lanes: __m128i| {
            let positive = _mm_andnot_si128(_mm_srai_epi32::<31>(lanes), lanes);
            _mm_sub_epi32(positive, _mm_set1_epi32(0x8000))
        };
        _mm_xor_si128(_mm_packs_epi32(shifted(a), shifted(b)), _mm_set1_epi16(i16::MIN))
    }
}

/// Each byte in the upper half of a lane of 16 bits.
#[inline(always)]
pub(super) fn i8x16_shr_s(a: __m128i, count: u32) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let count = _mm_cvtsi32_si128((count & 7).cast_signed() + 8);
        let half = |lanes: __m128i| _mm_sra_epi16(lanes, count);
        _mm_packs_epi16(half(_mm_unpacklo_epi8(a, a)), half(_mm_unpackhi_epi8(a, a)))
    }
}

/// The sums of products that a lane of 16 bits may hold.
#[inline(always)]
pub(super) fn i16x8_relaxed_dot_i8x16_i7x16_s(a: __m128i, b: __m128i) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let eight = _mm_cvtsi32_si128(8);
        let upper = |lanes: __m128i| _mm_srai_epi16::<8>(lanes);
        let lower = |lanes: __m128i| _mm_srai_epi16::<8>(_mm_sll_epi16(lanes, eight));
        _mm_add_epi16(_mm_mullo_epi16(upper(a), upper(b)), _mm_mullo_epi16(lower(a), lower(b)))
    }
}

#[inline(always)]
pub(super) fn i32x4_relaxed_dot_i8x16_i7x16_add_s(a: __m128i, b: __m128i, sums: __m128i) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe {
        let pairs = i16x8_relaxed_dot_i8x16_i7x16_s(a, b);
        _mm_add_epi32(_mm_madd_epi16(pairs, _mm_set1_epi16(1)), sums)
    }
}

#[inline(always)]
fn low_half(bytes: [u8; 8]) -> __m128i {
    // SAFETY: INV-HARDWARE: SSE2 belongs to x86-64.
    unsafe { _mm_cvtsi64_si128(i64::from_le_bytes(bytes)) }
}

meanings! {
    v128_load8x8_s(bytes: [u8; 8]) -> __m128i = {
        let a = low_half(bytes);
        _mm_srai_epi16::<8>(_mm_unpacklo_epi8(a, a))
    };
    v128_load8x8_u(bytes: [u8; 8]) -> __m128i = _mm_unpacklo_epi8(low_half(bytes), _mm_setzero_si128());
    v128_load16x4_s(bytes: [u8; 8]) -> __m128i = {
        let a = low_half(bytes);
        _mm_srai_epi32::<16>(_mm_unpacklo_epi16(a, a))
    };
    v128_load16x4_u(bytes: [u8; 8]) -> __m128i = _mm_unpacklo_epi16(low_half(bytes), _mm_setzero_si128());
    v128_load32x2_s(bytes: [u8; 8]) -> __m128i = {
        let a = low_half(bytes);
        _mm_unpacklo_epi32(a, _mm_cmpgt_epi32(_mm_setzero_si128(), a))
    };
    v128_load32x2_u(bytes: [u8; 8]) -> __m128i = _mm_unpacklo_epi32(low_half(bytes), _mm_setzero_si128());
}
