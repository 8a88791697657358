//! How values lie in the 8-byte cells of a frame.
//!
//! INV-CELL: a 32-bit value fills its cell zero-extended, so that unsigned extension and the reinterpretations
//! between integer and float cost nothing, and every write of a cell is 8 bytes wide, so that a later 8-byte read
//! is forwarded from it. Reading a 32-bit value ignores the upper half.

/// A value that is kept in one cell.
pub(crate) trait Cell: Copy {
    /// Reads the value out of a cell; bits above its width are ignored.
    fn from_cell(cell: u64) -> Self;
    /// The cell that holds the value.
    fn into_cell(self) -> u64;
}

/// Implements [`Cell`] for types whose bits are `u64`-convertible.
macro_rules! cells {
    ($($ty:ty: $from:expr, $into:expr;)*) => {$(
        impl Cell for $ty {
            #[inline(always)]
            fn from_cell(cell: u64) -> Self {
                $from(cell)
            }
            #[inline(always)]
            fn into_cell(self) -> u64 {
                $into(self)
            }
        }
    )*};
}

cells! {
    u64: |cell: u64| cell, |value: u64| value;
    i64: |cell: u64| cell as i64, |value: i64| value as u64;
    u32: |cell: u64| cell as u32, |value: u32| u64::from(value);
    i32: |cell: u64| cell as i32, |value: i32| u64::from(value as u32);
    f64: f64::from_bits, f64::to_bits;
    f32: |cell: u64| f32::from_bits(cell as u32), |value: f32| u64::from(value.to_bits());
    bool: |cell: u64| cell as u32 != 0, u64::from;
}
