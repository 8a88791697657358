//! What the processor can do beyond its target's baseline, so that lowering chooses ops that it can execute.
//!
//! In goes nothing but the processor, out come facts that do not change while the program runs. Where nobody asks the
//! processor, without the standard library, the target's baseline counts.

/// Declares a question: the feature of x86-64, and the answer elsewhere.
macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $x86:tt or $elsewhere:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name() -> bool {
            #[cfg(all(target_arch = "x86_64", feature = "std", not(miri)))]
            return std::arch::is_x86_feature_detected!($x86);
            #[cfg(all(target_arch = "x86_64", not(all(feature = "std", not(miri)))))]
            return cfg!(target_feature = $x86) && !cfg!(miri);
            #[cfg(not(target_arch = "x86_64"))]
            $elsewhere
        }
    )*};
}

features! {
    /// Whether bytes of a vector can be put into any order at once.
    permutes_bytes = "ssse3" or true;
    /// Whether there is a multiplication and addition with one rounding.
    multiplies_and_adds = "fma" or cfg!(target_arch = "aarch64");
}
