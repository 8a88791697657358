//! 128-bit values as the executor handles them: in a register, in two cells, as lanes.
//!
//! In go 16 bytes, out come lanes, and back. INV-LANES: a vector in cells, globals and code is its 16 bytes in
//! WebAssembly's order, that of memory, on every host; so is a [`Vector`], and lanes are numbers of the host's byte
//! order that are converted on the way.

/// Sixteen bytes in a vector register, where the target has such.
#[cfg(target_arch = "x86_64")]
pub(super) type Vector = core::arch::x86_64::__m128i;
/// Sixteen bytes in a vector register, where the target has such.
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
pub(super) type Vector = core::arch::aarch64::uint8x16_t;
/// Sixteen bytes; the target has no vector register that could be passed from op to op.
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little"))))]
pub(super) type Vector = [u64; 2];

/// No bits set.
pub(super) const ZERO: Vector = from_bytes([0; 16]);

const _: () = assert!(size_of::<Vector>() == 16);

const fn from_bytes(bytes: [u8; 16]) -> Vector {
    // SAFETY: INV-LANES: both types are 16 bytes of which every value is valid.
    unsafe { core::mem::transmute::<[u8; 16], Vector>(bytes) }
}

/// Arrays of lanes, and registers of them: types of 16 bytes of which every value is valid.
///
/// # Safety
/// INV-LANES: the type is such an array, and `swapped` exchanges the bytes within each lane on hosts that are not
/// little-endian.
pub(super) unsafe trait Lanes: Copy {
    /// From the host's byte order to WebAssembly's, or back.
    fn swapped(self) -> Self;
}

macro_rules! lanes {
    ($($lane:ident $len:literal |$a:ident| $swapped:expr;)*) => {$(
        const _: () = assert!(size_of::<[$lane; $len]>() == 16);

        // SAFETY: INV-LANES: numbers of any bits are valid, and the size is asserted above.
        unsafe impl Lanes for [$lane; $len] {
            #[inline(always)]
            fn swapped(self) -> Self {
                if cfg!(target_endian = "little") { self } else { self.map(|$a| $swapped) }
            }
        }
    )*};
}

lanes! {
    u8 16 |a| a;
    i8 16 |a| a;
    u16 8 |a| a.swap_bytes();
    i16 8 |a| a.swap_bytes();
    u32 4 |a| a.swap_bytes();
    i32 4 |a| a.swap_bytes();
    u64 2 |a| a.swap_bytes();
    i64 2 |a| a.swap_bytes();
    f32 4 |a| f32::from_bits(a.to_bits().swap_bytes());
    f64 2 |a| f64::from_bits(a.to_bits().swap_bytes());
}

#[cfg(target_arch = "x86_64")]
mod registers {
    use core::arch::x86_64::{__m128, __m128d, __m128i};

    use super::Lanes;

    macro_rules! registers {
        ($($register:ty)*) => {$(
            // SAFETY: INV-LANES: any bits are valid, there are 16 bytes, and the target is little-endian.
            unsafe impl Lanes for $register {
                #[inline(always)]
                fn swapped(self) -> Self {
                    self
                }
            }
        )*};
    }

    registers!(__m128 __m128d __m128i);
}

/// The lanes of a vector.
#[inline(always)]
pub(super) fn lanes_of<T: Lanes>(vector: Vector) -> T {
    // SAFETY: INV-LANES: both types have 16 bytes, of which every value is valid.
    unsafe { core::mem::transmute_copy::<Vector, T>(&vector) }.swapped()
}

/// The vector of these lanes.
#[inline(always)]
pub(super) fn vector_of<T: Lanes>(lanes: T) -> Vector {
    // SAFETY: as above.
    unsafe { core::mem::transmute_copy::<T, Vector>(&lanes.swapped()) }
}

/// A vector at an address that need not be a multiple of its size. A place of this type is read and written, not
/// copied through a local: see `Unaligned` in [`super::state`].
#[repr(C, packed)]
struct Packed(Vector);

/// Reads a vector.
///
/// # Safety
/// 16 bytes at `from` can be read.
#[inline(always)]
pub(super) unsafe fn read(from: *const u8) -> Vector {
    // SAFETY: by the caller.
    unsafe { (*from.cast::<Packed>()).0 }
}

/// Writes a vector.
///
/// # Safety
/// 16 bytes at `to` can be written.
#[inline(always)]
pub(super) unsafe fn write(to: *mut u8, vector: Vector) {
    // SAFETY: by the caller.
    unsafe { (*to.cast::<Packed>()).0 = vector }
}
