//! Constant folding: what an op makes of constant operands.
//!
//! Expanded from the op table and computed by the same meanings that handlers use. `None` means that the op cannot be
//! folded: it has another shape, or it would trap, which must happen when it is executed.

use super::cell::Cell;
use super::eval;
use super::ops::{Op, for_each_op};
use crate::error::Trap;

/// A meaning's result as a cell, if it has one.
trait Folded {
    fn folded(self) -> Option<u64>;
}

impl<T: Cell> Folded for T {
    fn folded(self) -> Option<u64> {
        Some(self.into_cell())
    }
}

impl<T: Cell> Folded for Result<T, Trap> {
    fn folded(self) -> Option<u64> {
        self.ok().map(Cell::into_cell)
    }
}

fn apply1<X: Cell, R: Folded>(f: impl Fn(X) -> R, x: u64) -> Option<u64> {
    f(X::from_cell(x)).folded()
}

fn apply2<X: Cell, Y: Cell, R: Folded>(f: impl Fn(X, Y) -> R, x: u64, y: u64) -> Option<u64> {
    f(X::from_cell(x), Y::from_cell(y)).folded()
}

/// Folds ops of the shapes that compute a value from values; the other shapes have nothing to fold.
macro_rules! fold_row {
    (unary $meaning:ident $x:ident $y:ident) => {
        apply1(eval::$meaning, $x)
    };
    (binary $meaning:ident $x:ident $y:ident) => {
        apply2(eval::$meaning, $x, $y)
    };
    ($shape:ident $meaning:ident $x:ident $y:ident) => {
        None
    };
}

macro_rules! define_fold {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        /// The result of `op` on the constants `x` and, for binary ops, `y`.
        pub(crate) fn fold(op: Op, x: u64, y: u64) -> Option<u64> {
            match op {
                $(Op::$name => fold_row!($shape $meaning x y),)*
            }
        }
    };
}

for_each_op!(define_fold);

#[cfg(test)]
mod tests {
    use super::fold;
    use crate::isa::ops::Op;

    #[test]
    fn folds_what_cannot_trap() {
        assert_eq!(fold(Op::I32Add, 0xFFFF_FFFF, 2), Some(1));
        assert_eq!(fold(Op::I64Clz, 1, 0), Some(63));
        assert_eq!(fold(Op::F64Lt, f64::NAN.to_bits(), 0), Some(0));
        assert_eq!(fold(Op::F64Nlt, f64::NAN.to_bits(), 0), Some(1));
        assert_eq!(fold(Op::I32DivS, 7, 0), None);
        assert_eq!(fold(Op::I32Load, 0, 0), None);
    }

    /// Lowering of `i32.wrap_i64` relies on it.
    #[test]
    fn upper_halves_of_i32_operands_are_ignored() {
        let from_i32 = |name: &str| {
            let results = ["wrap", "trunc", "load", "reinterpret"];
            let is_i32 = name.starts_with("i32.") && !results.iter().any(|word| name.contains(word));
            is_i32 || name.contains("_i32_")
        };
        let mut ops = 0;
        for &op in Op::ALL {
            if !from_i32(op.facts().mnemonic) {
                continue;
            }
            for (x, y) in [(7, 5), (0, 1), (0xFFFF_FFFF, 33), (0x8000_0000, 0x8000_0000)] {
                let Some(result) = fold(op, x, y) else { continue };
                let dirty = |value: u64| value | 0xDEAD_BEEF << 32;
                assert_eq!(fold(op, dirty(x), dirty(y)), Some(result), "{op:?} {x:#x} {y:#x}");
                ops += 1;
            }
        }
        assert!(ops > 100, "{ops}");
    }

    #[test]
    fn negation_is_exact_and_its_own_opposite() {
        let samples =
            [0, 1, 2, u64::MAX, 1 << 31, 1 << 63, f64::NAN.to_bits(), 1.5f64.to_bits(), 0x7FC0_0000];
        for &op in Op::ALL {
            let Some(not) = op.facts().not else { continue };
            assert_eq!(not.facts().not, Some(op), "{op:?}");
            for (x, y) in samples.iter().flat_map(|x| samples.iter().map(move |y| (*x, *y))) {
                assert_eq!(fold(op, x, y), fold(not, x, y).map(|value| value ^ 1), "{op:?} {x:#x} {y:#x}");
            }
        }
    }
}
