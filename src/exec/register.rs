//! What LLVM is to compute and keep in a register, where it would otherwise find a form that is shorter and slower.

/// The value, in a register from here on: LLVM knows nothing more of it.
macro_rules! in_register {
    ($value:expr) => {{
        #[allow(unused_mut, reason = "changed only where it is put there")]
        let mut value = $value;
        // Without `pure`, which would let LLVM move it, and what computes the value, into one side of a branch.
        #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
        #[allow(clippy::pointers_in_nomem_asm_block, reason = "the assembly is a comment")]
        // SAFETY: nothing is executed.
        unsafe {
            core::arch::asm!("/* {} */", inout(reg) value, options(nomem, nostack, preserves_flags));
        }
        value
    }};
}
pub(super) use in_register;
