//! What atomic operators mean: one function each, from a word in memory and operands to a result.
//!
//! They are as wide as the word. Values are cells: the operators of both integer types that reach words of one width are
//! the same, since narrow words are zero-extended (INV-CELL). All are sequentially consistent, as the proposal says
//! ([spec](https://webassembly.github.io/threads/core/exec/instructions.html)). Words are little-endian everywhere.

use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// Meanings for words of one width.
macro_rules! atomic_meanings {
    ($atomic:ident $int:ident [
        $load:ident $store:ident $add:ident $sub:ident $and:ident $or:ident $xor:ident $xchg:ident $cmpxchg:ident
    ]) => {
        pub(crate) fn $load(word: &$atomic) -> u64 {
            $int::from_le(word.load(SeqCst)) as u64
        }

        pub(crate) fn $store(word: &$atomic, value: u64) {
            word.store((value as $int).to_le(), SeqCst);
        }

        pub(crate) fn $add(word: &$atomic, value: u64) -> u64 {
            if cfg!(target_endian = "little") {
                return word.fetch_add(value as $int, SeqCst) as u64;
            }
            let add = |old: $int| $int::from_le(old).wrapping_add(value as $int).to_le();
            $int::from_le(word.fetch_update(SeqCst, SeqCst, |old| Some(add(old))).unwrap_or_else(|old| old))
                as u64
        }

        pub(crate) fn $sub(word: &$atomic, value: u64) -> u64 {
            $add(word, value.wrapping_neg())
        }

        pub(crate) fn $and(word: &$atomic, value: u64) -> u64 {
            $int::from_le(word.fetch_and((value as $int).to_le(), SeqCst)) as u64
        }

        pub(crate) fn $or(word: &$atomic, value: u64) -> u64 {
            $int::from_le(word.fetch_or((value as $int).to_le(), SeqCst)) as u64
        }

        pub(crate) fn $xor(word: &$atomic, value: u64) -> u64 {
            $int::from_le(word.fetch_xor((value as $int).to_le(), SeqCst)) as u64
        }

        pub(crate) fn $xchg(word: &$atomic, value: u64) -> u64 {
            $int::from_le(word.swap((value as $int).to_le(), SeqCst)) as u64
        }

        /// What is expected is compared as a whole, so that a narrow word never equals a wide value.
        pub(crate) fn $cmpxchg(word: &$atomic, expected: u64, replacement: u64) -> u64 {
            let found = match $int::try_from(expected) {
                Ok(expected) => {
                    let replacement = (replacement as $int).to_le();
                    word.compare_exchange(expected.to_le(), replacement, SeqCst, SeqCst)
                        .unwrap_or_else(|found| found)
                }
                Err(_) => word.load(SeqCst),
            };
            $int::from_le(found) as u64
        }
    };
}

atomic_meanings!(AtomicU8 u8 [
    atomic_load8 atomic_store8 atomic_add8 atomic_sub8 atomic_and8 atomic_or8 atomic_xor8 atomic_xchg8 atomic_cmpxchg8
]);
atomic_meanings!(AtomicU16 u16 [
    atomic_load16 atomic_store16 atomic_add16 atomic_sub16 atomic_and16 atomic_or16 atomic_xor16 atomic_xchg16
    atomic_cmpxchg16
]);
atomic_meanings!(AtomicU32 u32 [
    atomic_load32 atomic_store32 atomic_add32 atomic_sub32 atomic_and32 atomic_or32 atomic_xor32 atomic_xchg32
    atomic_cmpxchg32
]);
atomic_meanings!(AtomicU64 u64 [
    atomic_load64 atomic_store64 atomic_add64 atomic_sub64 atomic_and64 atomic_or64 atomic_xor64 atomic_xchg64
    atomic_cmpxchg64
]);

#[cfg(test)]
mod tests {
    use super::{
        AtomicU8, AtomicU16, atomic_add16, atomic_cmpxchg8, atomic_load8, atomic_load16, atomic_sub16,
        atomic_xchg16,
    };

    #[test]
    fn narrow_words_wrap_and_are_zero_extended() {
        let word = AtomicU16::new(0xFFFF_u16.to_le());
        assert_eq!(atomic_add16(&word, 0x1_0002), 0xFFFF);
        assert_eq!(atomic_sub16(&word, 2), 1);
        assert_eq!(atomic_xchg16(&word, 0xFFFF_1234), 0xFFFF);
        assert_eq!(atomic_load16(&word), 0x1234);
    }

    #[test]
    fn what_is_expected_is_compared_as_a_whole() {
        let word = AtomicU8::new(0x11);
        assert_eq!(atomic_cmpxchg8(&word, 0x1111, 0xCD), 0x11);
        assert_eq!(atomic_load8(&word), 0x11);
        assert_eq!(atomic_cmpxchg8(&word, 0x11, 0xABCD), 0x11);
        assert_eq!(atomic_load8(&word), 0xCD);
    }
}
