//! Vector instructions that the target's baseline need not have, or that the compiler does not find.
//!
//! Each takes the op's operands and its meaning, and yields the result. INV-HARDWARE: on x86-64 lowering chooses these
//! ops where the processor was seen to have the instruction (`src/isa/hardware.rs`); they are written out because the
//! compiler would not inline the intrinsics for them into handlers, which are compiled for the baseline. On aarch64 the
//! baseline has them all. On other targets the meaning is what is executed.

use super::vector::{Lanes, Vector};

/// Puts bytes into another order as their meanings do.
#[cfg(any(miri, not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))))]
mod orders {
    use super::super::vector::{lanes_of, vector_of};
    use super::{Lanes, Vector};

    #[inline(always)]
    pub(in crate::exec) fn swizzle<X: Lanes, Y: Lanes, R: Lanes>(
        a: Vector,
        indices: Vector,
        f: impl Fn(X, Y) -> R,
    ) -> Vector {
        vector_of(f(lanes_of(a), lanes_of(indices)))
    }

    pub(in crate::exec) use swizzle as permute;

    #[inline(always)]
    pub(in crate::exec) fn shuffle<X: Lanes, Y: Lanes, Z: Lanes, R: Lanes>(
        a: Vector,
        b: Vector,
        indices: Vector,
        f: impl Fn(X, Y, Z) -> R,
    ) -> Vector {
        vector_of(f(lanes_of(a), lanes_of(b), lanes_of(indices)))
    }
}

/// Puts bytes into another order by table lookups, which yield zero for indices behind the table. The compiler does not
/// find these in the meanings.
#[cfg(all(target_arch = "aarch64", target_endian = "little", not(miri)))]
mod orders {
    use core::arch::aarch64::{uint8x16x2_t, vqtbl1q_u8, vqtbl2q_u8};

    use super::{Lanes, Vector};

    #[inline(always)]
    pub(in crate::exec) fn swizzle<X: Lanes, Y: Lanes, R: Lanes>(
        a: Vector,
        indices: Vector,
        _: impl Fn(X, Y) -> R,
    ) -> Vector {
        // SAFETY: INV-HARDWARE: the instruction is baseline.
        unsafe { vqtbl1q_u8(a, indices) }
    }

    pub(in crate::exec) use swizzle as permute;

    #[inline(always)]
    pub(in crate::exec) fn shuffle<X: Lanes, Y: Lanes, Z: Lanes, R: Lanes>(
        a: Vector,
        b: Vector,
        indices: Vector,
        _: impl Fn(X, Y, Z) -> R,
    ) -> Vector {
        // SAFETY: INV-HARDWARE: the instruction is baseline.
        unsafe { vqtbl2q_u8(uint8x16x2_t(a, b), indices) }
    }
}

/// Runs a meaning on vectors.
#[cfg(any(not(target_arch = "x86_64"), miri))]
mod implementation {
    use super::super::vector::{lanes_of, vector_of};
    use super::{Lanes, Vector};

    pub(in crate::exec) use super::orders::{permute, shuffle, swizzle};

    #[inline(always)]
    pub(in crate::exec) fn mul_add<X: Lanes>([a, b, c]: [Vector; 3], f: impl Fn(X, X, X) -> X) -> Vector {
        vector_of(f(lanes_of(a), lanes_of(b), lanes_of(c)))
    }

    pub(in crate::exec) use mul_add as mul_sub;

    /// Lanes of floats.
    pub(in crate::exec) trait Floats: Lanes {}
    impl Floats for [f32; 4] {}
    impl Floats for [f64; 2] {}
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod implementation {
    use core::arch::asm;
    use core::arch::x86_64::{_mm_adds_epu8, _mm_or_si128, _mm_set1_epi8, _mm_sub_epi8};

    use super::{Lanes, Vector};

    /// The bytes of `a` that the lower halves of `indices` name, and zero for indices of 128 or more.
    ///
    /// # Safety
    /// INV-HARDWARE: the processor has the instruction.
    #[inline(always)]
    unsafe fn pshufb(mut a: Vector, indices: Vector) -> Vector {
        // SAFETY: INV-HARDWARE, by the caller.
        unsafe {
            asm!(
                "pshufb {a}, {indices}",
                a = inout(xmm_reg) a,
                indices = in(xmm_reg) indices,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        a
    }

    /// `i8x16.swizzle`: indices of 16 or more become such of 128 or more.
    ///
    /// # Safety
    /// INV-HARDWARE: the processor has the instruction.
    #[inline(always)]
    pub(in crate::exec) unsafe fn swizzle<X: Lanes, Y: Lanes, R: Lanes>(
        a: Vector,
        indices: Vector,
        _: impl Fn(X, Y) -> R,
    ) -> Vector {
        // SAFETY: INV-HARDWARE, by the caller.
        unsafe { pshufb(a, _mm_adds_epu8(indices, _mm_set1_epi8(0x70))) }
    }

    /// `i8x16.swizzle` for indices below 16, or as the processor has it.
    ///
    /// # Safety
    /// INV-HARDWARE: the processor has the instruction.
    #[inline(always)]
    pub(in crate::exec) unsafe fn permute<X: Lanes, Y: Lanes, R: Lanes>(
        a: Vector,
        indices: Vector,
        _: impl Fn(X, Y) -> R,
    ) -> Vector {
        // SAFETY: INV-HARDWARE, by the caller.
        unsafe { pshufb(a, indices) }
    }

    /// `i8x16.shuffle`: each operand yields its own bytes, and zero for the other's.
    ///
    /// # Safety
    /// INV-HARDWARE: the processor has the instruction.
    #[inline(always)]
    pub(in crate::exec) unsafe fn shuffle<X: Lanes, Y: Lanes, Z: Lanes, R: Lanes>(
        a: Vector,
        b: Vector,
        indices: Vector,
        _: impl Fn(X, Y, Z) -> R,
    ) -> Vector {
        // SAFETY: INV-HARDWARE, by the caller.
        unsafe {
            let of_a = _mm_adds_epu8(indices, _mm_set1_epi8(0x70));
            let of_b = _mm_sub_epi8(indices, _mm_set1_epi8(16));
            _mm_or_si128(pshufb(a, of_a), pshufb(b, of_b))
        }
    }

    /// Lanes of floats, and their multiplication and addition with one rounding.
    pub(in crate::exec) trait Floats: Lanes {
        /// # Safety
        /// INV-HARDWARE: the processor has the instruction.
        unsafe fn mul_add(operands: [Vector; 3]) -> Vector;
        /// # Safety
        /// INV-HARDWARE: the processor has the instruction.
        unsafe fn mul_sub(operands: [Vector; 3]) -> Vector;
    }

    macro_rules! floats {
        ($($lanes:ty: $mul_add:literal $mul_sub:literal;)*) => {$(
            impl Floats for $lanes {
                floats! { mul_add $mul_add }
                floats! { mul_sub $mul_sub }
            }
        )*};
        ($name:ident $instruction:literal) => {
            #[inline(always)]
            unsafe fn $name([a, b, mut c]: [Vector; 3]) -> Vector {
                // SAFETY: INV-HARDWARE, by the caller.
                unsafe {
                    asm!(
                        $instruction,
                        a = in(xmm_reg) a,
                        b = in(xmm_reg) b,
                        c = inout(xmm_reg) c,
                        options(pure, nomem, nostack, preserves_flags)
                    );
                }
                c
            }
        };
    }

    floats! {
        [f32; 4]: "vfmadd231ps {c}, {a}, {b}" "vfnmadd231ps {c}, {a}, {b}";
        [f64; 2]: "vfmadd231pd {c}, {a}, {b}" "vfnmadd231pd {c}, {a}, {b}";
    }

    /// See [`Floats`].
    ///
    /// # Safety
    /// INV-HARDWARE: the processor has the instruction.
    #[inline(always)]
    pub(in crate::exec) unsafe fn mul_add<X: Floats>(
        operands: [Vector; 3],
        _: impl Fn(X, X, X) -> X,
    ) -> Vector {
        // SAFETY: INV-HARDWARE, by the caller.
        unsafe { X::mul_add(operands) }
    }

    /// See [`Floats`].
    ///
    /// # Safety
    /// INV-HARDWARE: the processor has the instruction.
    #[inline(always)]
    pub(in crate::exec) unsafe fn mul_sub<X: Floats>(
        operands: [Vector; 3],
        _: impl Fn(X, X, X) -> X,
    ) -> Vector {
        // SAFETY: INV-HARDWARE, by the caller.
        unsafe { X::mul_sub(operands) }
    }
}

pub(super) use implementation::{Floats, mul_add, mul_sub, permute, shuffle, swizzle};
