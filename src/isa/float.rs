//! Float functions that `core` does not have: the standard library's where there is one, libm's otherwise.
//!
//! Both are correctly rounded for the functions used here, so results do not depend on the choice.

/// Declares one function per width that forwards to std or libm.
macro_rules! float_functions {
    ($($name:ident: $std:ident, $libm32:ident, $libm64:ident;)*) => {
        /// For `f32`.
        pub(crate) mod f32 {
            $(
                #[inline(always)]
                pub(crate) fn $name(x: f32) -> f32 {
                    #[cfg(feature = "std")]
                    return x.$std();
                    #[cfg(not(feature = "std"))]
                    return libm::$libm32(x);
                }
            )*
        }
        /// For `f64`.
        pub(crate) mod f64 {
            $(
                #[inline(always)]
                pub(crate) fn $name(x: f64) -> f64 {
                    #[cfg(feature = "std")]
                    return x.$std();
                    #[cfg(not(feature = "std"))]
                    return libm::$libm64(x);
                }
            )*
        }
    };
}

float_functions! {
    ceil: ceil, ceilf, ceil;
    floor: floor, floorf, floor;
    trunc: trunc, truncf, trunc;
    nearest: round_ties_even, rintf, rint;
    sqrt: sqrt, sqrtf, sqrt;
}
