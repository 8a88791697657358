//! How references to collected objects lie in cells, and which sizes objects have.
//!
//! A reference of the types `any` and `extern`, and of all below them, is one 8-byte cell:
//!
//! ```text
//!   0                     null
//!   ...........xxx000     an object: its offset in the store's heap, a multiple of 8
//!   ...........xxxxx1     an i31: the lower 32 bits are the value, moved left by one
//!   ...........xxx010     a value of the host's: its address
//!   ...........xxx110     an exception: its number
//! ```
//!
//! References to exceptions are a hierarchy of their own, with tags only for the collector. The other two hierarchies
//! share the representation, so converting between them does nothing. An object begins with a header of 8 bytes: its
//! type, in the lower half, and the length if it is an array. How fields and elements follow is a fact of the type
//! ([`crate::types::Layout`]).

pub(crate) use crate::types::HEADER_BYTES;

/// Where in an array its length lies, in elements, as 32 bits.
pub(crate) const LEN_AT: usize = 4;

/// Bits of a cell that say what a reference refers to.
pub(crate) const TAG_MASK: u64 = 7;
/// The tag of objects, and of null.
pub(crate) const TAG_OBJECT: u64 = 0;
/// The tag of the host's values.
pub(crate) const TAG_EXTERN: u64 = 2;
/// The tag of exceptions.
pub(crate) const TAG_EXCEPTION: u64 = 6;
/// The bit that only cells of i31 references have.
pub(crate) const I31_BIT: u64 = 1;

/// Whether `cell` refers to an object.
#[inline(always)]
pub(crate) const fn is_object(cell: u64) -> bool {
    cell & TAG_MASK == TAG_OBJECT && cell != 0
}

/// What a cast or a test asks for: field C of their shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TypeTest {
    /// Of a concrete type, how many supertypes it has; of an abstract one, the number of its [`RefKind`].
    pub(crate) what: u16,
    /// Whether null passes.
    pub(crate) nullable: bool,
}

impl TypeTest {
    #[inline(always)]
    pub(crate) const fn from_field(field: u16) -> Self {
        Self { what: field >> 1, nullable: field & 1 != 0 }
    }

    pub(crate) const fn into_field(self) -> u16 {
        self.what << 1 | self.nullable as u16
    }
}

/// The abstract types that references of the types `any` and `extern` are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum RefKind {
    /// Whatever is not null; also of the other hierarchies.
    Any,
    Eq,
    I31,
    Struct,
    Array,
    /// Nothing but null; also of the other hierarchies.
    None,
}

impl RefKind {
    /// Whether a cell, not null, is a reference of the kind with this number; `is_array` tells of an object whether it
    /// is an array.
    #[inline(always)]
    pub(crate) fn matches(kind: u16, cell: u64, is_array: impl FnOnce() -> bool) -> bool {
        const ANY: u16 = RefKind::Any as u16;
        const EQ: u16 = RefKind::Eq as u16;
        const I31: u16 = RefKind::I31 as u16;
        const STRUCT: u16 = RefKind::Struct as u16;
        const ARRAY: u16 = RefKind::Array as u16;
        match kind {
            ANY => true,
            EQ => is_object(cell) || cell & I31_BIT != 0,
            I31 => cell & I31_BIT != 0,
            STRUCT => is_object(cell) && !is_array(),
            ARRAY => is_object(cell) && is_array(),
            _ => false,
        }
    }
}

/// The sizes in bytes that small objects are rounded up to.
pub(crate) const CLASS_BYTES: [u32; 38] = [
    16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 144, 160, 176, 192, 224, 256, 320, 384,
    448, 512, 640, 768, 896, 1024, 1280, 1536, 1816, 2336, 2728, 3272, 4096, 5456, 8192,
];

/// How many size classes there are.
pub(crate) const CLASSES: usize = CLASS_BYTES.len();

/// Objects of more bytes are large: they belong to no class.
pub(crate) const MAX_SMALL_BYTES: u32 = CLASS_BYTES[CLASSES - 1];

/// The class of sizes up to 512 bytes, by size in units of 8 bytes.
static CLASS_OF: [u8; 65] = {
    let mut classes = [0; 65];
    let (mut units, mut class) = (0, 0);
    while units < classes.len() {
        if units as u32 * 8 > CLASS_BYTES[class] {
            class += 1;
        }
        classes[units] = class as u8;
        units += 1;
    }
    classes
};

/// The size class of an object of so many bytes; `None` if it is a large one.
#[inline(always)]
pub(crate) fn class_of(bytes: u32) -> Option<usize> {
    if let Some(&class) = CLASS_OF.get(bytes.div_ceil(8) as usize) {
        return Some(class.into());
    }
    (bytes <= MAX_SMALL_BYTES).then(|| CLASS_BYTES.partition_point(|&size| size < bytes))
}

#[cfg(test)]
mod tests {
    use super::{CLASS_BYTES, CLASSES, MAX_SMALL_BYTES, class_of};

    #[test]
    fn every_size_has_the_smallest_class_that_holds_it() {
        for bytes in 1..=MAX_SMALL_BYTES {
            let class = class_of(bytes).expect("small");
            assert!(CLASS_BYTES[class] >= bytes);
            assert!(class == 0 || CLASS_BYTES[class - 1] < bytes, "{bytes}");
        }
        assert_eq!(class_of(MAX_SMALL_BYTES + 1), None);
        assert_eq!(class_of(u32::MAX), None);
        assert!(CLASS_BYTES.is_sorted() && CLASS_BYTES.iter().all(|size| size % 8 == 0));
        assert_eq!(class_of(MAX_SMALL_BYTES), Some(CLASSES - 1));
    }
}
