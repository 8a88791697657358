//! The value type of 128 bits.
//!
//! In go integers and lanes, out come bytes in the order of WebAssembly's memory, and back. Always: lane 0 is at the
//! lowest byte, whatever the host's byte order.

use core::fmt;

/// 128 bits, which operators take for lanes of integers or floats
/// ([spec](https://webassembly.github.io/spec/core/syntax/values.html#vectors)).
///
/// Lane 0 has the lowest bits.
///
/// ```
/// use wapiti::V128;
///
/// let value = V128::from([1u32, 2, 3, 4]);
/// assert_eq!(u128::from(value), 0x00000004_00000003_00000002_00000001);
/// assert_eq!(value.to_u16x8(), [1, 0, 2, 0, 3, 0, 4, 0]);
/// assert_eq!(value.to_string(), "i32x4 0x00000001 0x00000002 0x00000003 0x00000004");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct V128([u8; 16]);

/// Declares the conversions for one type of lanes.
macro_rules! lanes {
    ($($lane:ident $len:literal $to:ident;)*) => {
        $(impl From<[$lane; $len]> for V128 {
            fn from(lanes: [$lane; $len]) -> Self {
                let mut bytes = [0; 16];
                for (bytes, lane) in bytes.chunks_exact_mut(size_of::<$lane>()).zip(lanes) {
                    bytes.copy_from_slice(&lane.to_le_bytes());
                }
                Self(bytes)
            }
        })*

        impl V128 {
            $(#[doc = concat!("The ", $len, " lanes of type `", stringify!($lane), "`.")]
            pub fn $to(self) -> [$lane; $len] {
                let (lanes, _) = self.0.as_chunks::<{ size_of::<$lane>() }>();
                core::array::from_fn(|i| $lane::from_le_bytes(lanes[i]))
            })*
        }
    };
}

lanes! {
    u8 16 to_u8x16;
    i8 16 to_i8x16;
    u16 8 to_u16x8;
    i16 8 to_i16x8;
    u32 4 to_u32x4;
    i32 4 to_i32x4;
    u64 2 to_u64x2;
    i64 2 to_i64x2;
    f32 4 to_f32x4;
    f64 2 to_f64x2;
}

impl V128 {
    /// The value in two cells.
    pub(crate) fn cells(self) -> [u64; 2] {
        let (halves, _) = self.0.as_chunks::<8>();
        [u64::from_ne_bytes(halves[0]), u64::from_ne_bytes(halves[1])]
    }

    /// Reads the value from the front of `cells`.
    pub(crate) fn from_cells(cells: &[u64]) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&cells[0].to_ne_bytes());
        bytes[8..].copy_from_slice(&cells[1].to_ne_bytes());
        Self(bytes)
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> Self {
        Self(bits.to_le_bytes())
    }
}

impl From<V128> for u128 {
    fn from(value: V128) -> Self {
        Self::from_le_bytes(value.0)
    }
}

/// As the text format has it, in four lanes.
impl fmt::Display for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.to_u32x4();
        write!(f, "i32x4 {a:#010x} {b:#010x} {c:#010x} {d:#010x}")
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
