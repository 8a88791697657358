//! What ops mean to handlers: the functions of [`crate::isa::eval`], or what this target has in place of some.

/// The function that is a meaning.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
macro_rules! meaning {
    (f32x4_ceil) => { crate::exec::vector_x86::f32x4_ceil };
    (f32x4_demote_f64x2_zero) => { crate::exec::vector_x86::f32x4_demote_f64x2_zero };
    (f32x4_eq) => { crate::exec::vector_x86::f32x4_eq };
    (f32x4_floor) => { crate::exec::vector_x86::f32x4_floor };
    (f32x4_le) => { crate::exec::vector_x86::f32x4_le };
    (f32x4_lt) => { crate::exec::vector_x86::f32x4_lt };
    (f32x4_max) => { crate::exec::vector_x86::f32x4_max };
    (f32x4_min) => { crate::exec::vector_x86::f32x4_min };
    (f32x4_ne) => { crate::exec::vector_x86::f32x4_ne };
    (f32x4_nearest) => { crate::exec::vector_x86::f32x4_nearest };
    (f32x4_pmax) => { crate::exec::vector_x86::f32x4_pmax };
    (f32x4_pmin) => { crate::exec::vector_x86::f32x4_pmin };
    (f32x4_trunc) => { crate::exec::vector_x86::f32x4_trunc };
    (f64x2_ceil) => { crate::exec::vector_x86::f64x2_ceil };
    (f64x2_eq) => { crate::exec::vector_x86::f64x2_eq };
    (f64x2_floor) => { crate::exec::vector_x86::f64x2_floor };
    (f64x2_le) => { crate::exec::vector_x86::f64x2_le };
    (f64x2_lt) => { crate::exec::vector_x86::f64x2_lt };
    (f64x2_max) => { crate::exec::vector_x86::f64x2_max };
    (f64x2_min) => { crate::exec::vector_x86::f64x2_min };
    (f64x2_ne) => { crate::exec::vector_x86::f64x2_ne };
    (f64x2_nearest) => { crate::exec::vector_x86::f64x2_nearest };
    (f64x2_pmax) => { crate::exec::vector_x86::f64x2_pmax };
    (f64x2_pmin) => { crate::exec::vector_x86::f64x2_pmin };
    (f64x2_trunc) => { crate::exec::vector_x86::f64x2_trunc };
    (i16x8_avgr_u) => { crate::exec::vector_x86::i16x8_avgr_u };
    (i16x8_bitmask) => { crate::exec::vector_x86::i16x8_bitmask };
    (i16x8_narrow_i32x4_u) => { crate::exec::vector_x86::i16x8_narrow_i32x4_u };
    (i16x8_q15mulr_sat_s) => { crate::exec::vector_x86::i16x8_q15mulr_sat_s };
    (i16x8_relaxed_dot_i8x16_i7x16_s) => { crate::exec::vector_x86::i16x8_relaxed_dot_i8x16_i7x16_s };
    (i32x4_bitmask) => { crate::exec::vector_x86::i32x4_bitmask };
    (i32x4_dot_i16x8_s) => { crate::exec::vector_x86::i32x4_dot_i16x8_s };
    (i32x4_relaxed_dot_i8x16_i7x16_add_s) => { crate::exec::vector_x86::i32x4_relaxed_dot_i8x16_i7x16_add_s };
    (i32x4_relaxed_trunc_f32x4_s) => { crate::exec::vector_x86::i32x4_relaxed_trunc_f32x4_s };
    (i32x4_relaxed_trunc_f64x2_s_zero) => { crate::exec::vector_x86::i32x4_relaxed_trunc_f64x2_s_zero };
    (i32x4_trunc_sat_f32x4_s) => { crate::exec::vector_x86::i32x4_trunc_sat_f32x4_s };
    (i32x4_trunc_sat_f32x4_u) => { crate::exec::vector_x86::i32x4_trunc_sat_f32x4_u };
    (i32x4_trunc_sat_f64x2_s_zero) => { crate::exec::vector_x86::i32x4_trunc_sat_f64x2_s_zero };
    (i64x2_bitmask) => { crate::exec::vector_x86::i64x2_bitmask };
    (i8x16_avgr_u) => { crate::exec::vector_x86::i8x16_avgr_u };
    (i8x16_bitmask) => { crate::exec::vector_x86::i8x16_bitmask };
    (i8x16_shr_s) => { crate::exec::vector_x86::i8x16_shr_s };
    (v128_load8x8_s) => { crate::exec::vector_x86::v128_load8x8_s };
    (v128_load8x8_u) => { crate::exec::vector_x86::v128_load8x8_u };
    (v128_load16x4_s) => { crate::exec::vector_x86::v128_load16x4_s };
    (v128_load16x4_u) => { crate::exec::vector_x86::v128_load16x4_u };
    (v128_load32x2_s) => { crate::exec::vector_x86::v128_load32x2_s };
    (v128_load32x2_u) => { crate::exec::vector_x86::v128_load32x2_u };
    ($other:ident) => { crate::isa::eval::$other };
}
/// The function that is a meaning.
#[cfg(not(target_arch = "x86_64"))]
macro_rules! meaning {
    ($name:ident) => {
        crate::isa::eval::$name
    };
}
pub(super) use meaning;

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use alloc::vec::Vec;

    use crate::exec::vector::{Lanes, lanes_of, vector_of};
    use crate::exec::vector_x86;
    use crate::isa::vector;

    /// Vectors of any bytes, and such of the numbers where float operators do something special.
    fn samples() -> Vec<[u8; 16]> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let narrow = [
            0.0,
            -0.0,
            1.5,
            -1.5,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            2e9,
            2_147_483_648.0,
            4e9,
            4_294_967_296.0,
            5e9,
            -3e9,
            1e-40,
            0.5,
            -0.5,
            2.5,
            -0.7,
            4_194_304.5,
            -8_388_607.5,
            8_388_609.0,
        ];
        let wide = [
            0.0,
            -0.0,
            1.5,
            -1.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            2_147_483_647.0,
            2_147_483_647.9,
            2_147_483_648.0,
            -2_147_483_649.0,
            5e9,
            1e300,
            1e-310,
            0.5,
            -0.5,
            2.5,
            -0.7,
            2_251_799_813_685_248.5,
            -4_503_599_627_370_495.5,
            4_503_599_627_370_497.0,
        ];
        let mut samples = Vec::new();
        for _ in 0..300 {
            samples.push((u128::from(random()) << 64 | u128::from(random())).to_le_bytes());
            let lanes: [f32; 4] = core::array::from_fn(|_| narrow[random() as usize % narrow.len()]);
            samples.push(lanes_of(vector_of(lanes)));
            let lanes: [f64; 2] = core::array::from_fn(|_| wide[random() as usize % wide.len()]);
            samples.push(lanes_of(vector_of(lanes)));
            let lanes: [i16; 8] =
                core::array::from_fn(|_| [0, -1, i16::MIN, i16::MAX][random() as usize % 4]);
            samples.push(lanes_of(vector_of(lanes)));
        }
        samples
    }

    fn convert<T: Lanes, U: Lanes>(lanes: T) -> U {
        lanes_of(vector_of(lanes))
    }

    /// Compares bits, unless both lanes are NaNs: which one comes out is not determined.
    macro_rules! agree {
        ($($name:ident($($arg:ident: $ty:ty),*) -> $result:ty, $is_same:expr;)*) => {
            $(for pair in samples().windows(3) {
                agree!(@arguments pair 0 $($arg)*);
                let ours: $result = convert(vector_x86::$name($(convert($arg)),*));
                let meant: $result = convert(vector::$name($(convert::<[u8; 16], $ty>($arg)),*));
                for (ours, meant) in ours.into_iter().zip(meant) {
                    assert!($is_same(ours, meant), "{} {pair:?}: {ours:?}, {meant:?}", stringify!($name));
                }
            })*
        };
        (@arguments $pair:ident 0 $a:ident) => { let $a = $pair[0]; };
        (@arguments $pair:ident 0 $a:ident $b:ident) => { let ($a, $b) = ($pair[0], $pair[1]); };
        (@arguments $pair:ident 0 $a:ident $b:ident $c:ident) => {
            let ($a, $b, $c) = ($pair[0], $pair[1], $pair[2]);
        };
    }

    #[test]
    fn instructions_mean_what_ops_do() {
        let f32s = |x: f32, y: f32| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
        let f64s = |x: f64, y: f64| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
        let bytes = |x: u8, y: u8| x == y;
        agree! {
            i8x16_avgr_u(a: [u8; 16], b: [u8; 16]) -> [u8; 16], bytes;
            i16x8_avgr_u(a: [u16; 8], b: [u16; 8]) -> [u8; 16], bytes;
            f32x4_eq(a: [f32; 4], b: [f32; 4]) -> [u8; 16], bytes;
            f32x4_ne(a: [f32; 4], b: [f32; 4]) -> [u8; 16], bytes;
            f32x4_lt(a: [f32; 4], b: [f32; 4]) -> [u8; 16], bytes;
            f32x4_le(a: [f32; 4], b: [f32; 4]) -> [u8; 16], bytes;
            f64x2_eq(a: [f64; 2], b: [f64; 2]) -> [u8; 16], bytes;
            f64x2_ne(a: [f64; 2], b: [f64; 2]) -> [u8; 16], bytes;
            f64x2_lt(a: [f64; 2], b: [f64; 2]) -> [u8; 16], bytes;
            f64x2_le(a: [f64; 2], b: [f64; 2]) -> [u8; 16], bytes;
            f32x4_pmin(a: [f32; 4], b: [f32; 4]) -> [u8; 16], bytes;
            f32x4_pmax(a: [f32; 4], b: [f32; 4]) -> [u8; 16], bytes;
            f64x2_pmin(a: [f64; 2], b: [f64; 2]) -> [u8; 16], bytes;
            f64x2_pmax(a: [f64; 2], b: [f64; 2]) -> [u8; 16], bytes;
            f32x4_min(a: [f32; 4], b: [f32; 4]) -> [f32; 4], f32s;
            f32x4_max(a: [f32; 4], b: [f32; 4]) -> [f32; 4], f32s;
            f64x2_min(a: [f64; 2], b: [f64; 2]) -> [f64; 2], f64s;
            f64x2_max(a: [f64; 2], b: [f64; 2]) -> [f64; 2], f64s;
            f32x4_demote_f64x2_zero(a: [f64; 2]) -> [f32; 4], f32s;
            f32x4_ceil(a: [f32; 4]) -> [f32; 4], f32s;
            f32x4_floor(a: [f32; 4]) -> [f32; 4], f32s;
            f32x4_nearest(a: [f32; 4]) -> [f32; 4], f32s;
            f32x4_trunc(a: [f32; 4]) -> [f32; 4], f32s;
            f64x2_ceil(a: [f64; 2]) -> [f64; 2], f64s;
            f64x2_floor(a: [f64; 2]) -> [f64; 2], f64s;
            f64x2_nearest(a: [f64; 2]) -> [f64; 2], f64s;
            f64x2_trunc(a: [f64; 2]) -> [f64; 2], f64s;
            i32x4_trunc_sat_f32x4_s(a: [f32; 4]) -> [u8; 16], bytes;
            i32x4_trunc_sat_f32x4_u(a: [f32; 4]) -> [u8; 16], bytes;
            i32x4_trunc_sat_f64x2_s_zero(a: [f64; 2]) -> [u8; 16], bytes;
            i16x8_q15mulr_sat_s(a: [i16; 8], b: [i16; 8]) -> [u8; 16], bytes;
            i32x4_dot_i16x8_s(a: [i16; 8], b: [i16; 8]) -> [u8; 16], bytes;
            i16x8_narrow_i32x4_u(a: [i32; 4], b: [i32; 4]) -> [u8; 16], bytes;
            i16x8_relaxed_dot_i8x16_i7x16_s(a: [i8; 16], b: [i8; 16]) -> [u8; 16], bytes;
            i32x4_relaxed_dot_i8x16_i7x16_add_s(a: [i8; 16], b: [i8; 16], c: [i32; 4]) -> [u8; 16], bytes;
        }
        for bytes in samples() {
            for count in [0, 1, 7, 8, 13] {
                let ours: [u8; 16] = convert(vector_x86::i8x16_shr_s(convert(bytes), count));
                assert_eq!(ours, convert::<_, [u8; 16]>(vector::i8x16_shr_s(convert(bytes), count)));
            }
            assert_eq!(vector_x86::i8x16_bitmask(convert(bytes)), vector::i8x16_bitmask(convert(bytes)));
            assert_eq!(vector_x86::i16x8_bitmask(convert(bytes)), vector::i16x8_bitmask(convert(bytes)));
            assert_eq!(vector_x86::i32x4_bitmask(convert(bytes)), vector::i32x4_bitmask(convert(bytes)));
            assert_eq!(vector_x86::i64x2_bitmask(convert(bytes)), vector::i64x2_bitmask(convert(bytes)));
            let half: [u8; 8] = core::array::from_fn(|i| bytes[i]);
            let loads = [
                (convert(vector_x86::v128_load8x8_s(half)), convert(vector::v128_load8x8_s(half))),
                (convert(vector_x86::v128_load8x8_u(half)), convert(vector::v128_load8x8_u(half))),
                (convert(vector_x86::v128_load16x4_s(half)), convert(vector::v128_load16x4_s(half))),
                (convert(vector_x86::v128_load16x4_u(half)), convert(vector::v128_load16x4_u(half))),
                (convert(vector_x86::v128_load32x2_s(half)), convert(vector::v128_load32x2_s(half))),
                (convert(vector_x86::v128_load32x2_u(half)), convert(vector::v128_load32x2_u(half))),
            ];
            loads.iter().for_each(|(ours, meant): &([u8; 16], [u8; 16])| assert_eq!(ours, meant, "{half:?}"));
        }
    }
}
