//! Rounding of floats, written so that it compiles to a few inline instructions on any target.
//!
//! `core` has no such functions, and the standard library's become calls into the C library on processors that LLVM
//! must assume to be without rounding instructions (plain x86-64): a handler with a call in it needs a stack frame.
//! A NaN comes back quiet, as the specification wants.

/// Declares the functions of one width. `$integral` is the smallest power of two from which on all floats are
/// integers; below it a conversion to `$int` is exact.
macro_rules! rounding {
    ($float:ident, $int:ident, $integral:expr, $quiet:expr) => {
        /// Rounding of this width.
        pub(crate) mod $float {
            const INTEGRAL: $float = $integral;

            /// Rounds `x` by `small` if it may have a fraction.
            #[inline(always)]
            fn round(x: $float, small: impl Fn($float) -> $float) -> $float {
                if x.abs() < INTEGRAL {
                    // The sign of zero is the operand's.
                    small(x).copysign(x)
                } else if x.is_nan() {
                    $float::from_bits(x.to_bits() | $quiet)
                } else {
                    x
                }
            }

            #[inline(always)]
            fn towards_zero(x: $float) -> $float {
                x as $int as $float
            }

            #[inline(always)]
            pub(crate) fn trunc(x: $float) -> $float {
                round(x, towards_zero)
            }

            #[inline(always)]
            pub(crate) fn floor(x: $float) -> $float {
                round(x, |x| {
                    let whole = towards_zero(x);
                    if whole > x { whole - 1.0 } else { whole }
                })
            }

            #[inline(always)]
            pub(crate) fn ceil(x: $float) -> $float {
                round(x, |x| {
                    let whole = towards_zero(x);
                    if whole < x { whole + 1.0 } else { whole }
                })
            }

            /// To the nearest integer, ties to even: what adding a number without fraction bits rounds to.
            #[inline(always)]
            pub(crate) fn nearest(x: $float) -> $float {
                round(x, |x| {
                    let integral = INTEGRAL.copysign(x);
                    x + integral - integral
                })
            }

            #[inline(always)]
            pub(crate) fn sqrt(x: $float) -> $float {
                #[cfg(feature = "std")]
                return x.sqrt();
                #[cfg(not(feature = "std"))]
                return super::FromLibm::sqrt(x);
            }

            /// `a * b + c` with one rounding: a call into the C library on processors that LLVM must assume to be
            /// without the instruction.
            #[inline(always)]
            pub(crate) fn mul_add(a: $float, b: $float, c: $float) -> $float {
                #[cfg(feature = "std")]
                return a.mul_add(b, c);
                #[cfg(not(feature = "std"))]
                return super::FromLibm::mul_add(a, b, c);
            }
        }
    };
}

rounding!(f32, i32, 8_388_608.0, 1 << 22);
rounding!(f64, i64, 4_503_599_627_370_496.0, 1 << 51);

/// What is there of it without the standard library; libm's is correctly rounded.
#[cfg(not(feature = "std"))]
trait FromLibm {
    fn sqrt(self) -> Self;
    fn mul_add(self, b: Self, c: Self) -> Self;
}

#[cfg(not(feature = "std"))]
impl FromLibm for f32 {
    fn sqrt(self) -> Self {
        libm::sqrtf(self)
    }

    fn mul_add(self, b: Self, c: Self) -> Self {
        libm::fmaf(self, b, c)
    }
}

#[cfg(not(feature = "std"))]
impl FromLibm for f64 {
    fn sqrt(self) -> Self {
        libm::sqrt(self)
    }

    fn mul_add(self, b: Self, c: Self) -> Self {
        libm::fma(self, b, c)
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    #[test]
    fn agrees_with_the_standard_library() {
        let samples = (0..2000).map(|i| f64::from(i - 1000) / 8.0);
        let special =
            [0.0, -0.0, 0.5, -0.5, 1e300, -1e300, 4_503_599_627_370_495.5, f64::INFINITY, -f64::MIN_POSITIVE];
        for x in samples.chain(special) {
            let ours =
                [super::f64::trunc(x), super::f64::floor(x), super::f64::ceil(x), super::f64::nearest(x)];
            let theirs = [x.trunc(), x.floor(), x.ceil(), x.round_ties_even()];
            assert_eq!(ours.map(f64::to_bits), theirs.map(f64::to_bits), "{x}");
            let x = x as f32;
            let ours =
                [super::f32::trunc(x), super::f32::floor(x), super::f32::ceil(x), super::f32::nearest(x)];
            let theirs = [x.trunc(), x.floor(), x.ceil(), x.round_ties_even()];
            assert_eq!(ours.map(f32::to_bits), theirs.map(f32::to_bits), "{x}");
        }
    }
}
