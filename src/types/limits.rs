//! The types of memories and tables: how large they are, how large they may become, and what addresses them.
//!
//! In go limits from decoding or from the embedder, which need not make sense before something is made of them; out come
//! types that can be compared.

use alloc::format;
use core::fmt;

use super::RefType;
use crate::error::Error;

/// The type of a linear memory. Sizes are in pages, which have 64 KiB unless the type says otherwise
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#memory-types)).
///
/// ```
/// use wapiti::{MemoryType, MemoryTypeBuilder};
///
/// assert!(MemoryType::new64(1, None).is_64());
/// let bytes = MemoryTypeBuilder::new().minimum(100).maximum(Some(200)).page_size_log2(0).build()?;
/// assert_eq!((bytes.minimum(), bytes.page_size()), (100, 1));
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
    is_64: bool,
    is_shared: bool,
    page_size_log2: u8,
}

impl MemoryType {
    /// The logarithm of the ordinary page size.
    pub(crate) const DEFAULT_PAGE_SIZE_LOG2: u8 = 16;

    const EMPTY: Self = Self {
        minimum: 0,
        maximum: None,
        is_64: false,
        is_shared: false,
        page_size_log2: Self::DEFAULT_PAGE_SIZE_LOG2,
    };

    /// A memory of 32-bit addresses with at least `minimum` and at most `maximum` pages (0 to 65,536).
    pub fn new(minimum: u32, maximum: Option<u32>) -> Self {
        let (minimum, maximum) = (minimum.into(), maximum.map(u64::from));
        Self { minimum, maximum, ..Self::EMPTY }
    }

    /// A memory of 64-bit addresses with at least `minimum` and at most `maximum` pages (0 to 2^48).
    pub fn new64(minimum: u64, maximum: Option<u64>) -> Self {
        Self { minimum, maximum, is_64: true, ..Self::EMPTY }
    }

    /// A memory of 32-bit addresses that several threads can use, each in a store of its own.
    pub fn shared(minimum: u32, maximum: u32) -> Self {
        let (minimum, maximum) = (minimum.into(), Some(maximum.into()));
        Self { minimum, maximum, is_shared: true, ..Self::EMPTY }
    }

    /// Pages at the start.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Pages that the memory may grow to; `None` means as far as its addresses reach.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// Whether addresses have 64 bits.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// Whether several threads can use the memory.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Bytes in a page: 65,536, or 1 with the proposal of custom page sizes.
    pub fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }

    /// The logarithm of [`page_size`](Self::page_size) to the base 2: 16 or 0.
    pub fn page_size_log2(&self) -> u8 {
        self.page_size_log2
    }

    /// The most pages that addresses reach and sizes can tell.
    pub(crate) fn reachable_pages(&self) -> u64 {
        let (address_bits, size_mask) = if self.is_64 { (64, u64::MAX) } else { (32, u32::MAX.into()) };
        match address_bits - u32::from(self.page_size_log2) {
            64 => size_mask,
            bits => (1 << bits).min(size_mask),
        }
    }

    /// This type with `minimum` pages.
    pub(crate) fn with_minimum(self, minimum: u64) -> Self {
        Self { minimum, ..self }
    }

    /// Whether a memory of this type can stand for one of the type `expected`
    /// ([spec](https://webassembly.github.io/spec/core/valid/matching.html)).
    pub(crate) fn fits(&self, expected: &Self) -> bool {
        let kind = |ty: &Self| (ty.is_64, ty.is_shared, ty.page_size_log2);
        kind(self) == kind(expected)
            && limits_fit((self.minimum, self.maximum), (expected.minimum, expected.maximum))
    }
}

/// Makes a [`MemoryType`] of any kind. Without anything else said: no pages, no maximum, 32-bit addresses, pages of
/// 64 KiB.
#[derive(Clone, Copy, Debug)]
pub struct MemoryTypeBuilder {
    ty: MemoryType,
}

impl MemoryTypeBuilder {
    /// A builder of an ordinary memory type.
    pub fn new() -> Self {
        Self { ty: MemoryType::EMPTY }
    }

    /// Sets the pages at the start.
    pub fn minimum(&mut self, minimum: u64) -> &mut Self {
        self.ty.minimum = minimum;
        self
    }

    /// Sets the pages that the memory may grow to.
    pub fn maximum(&mut self, maximum: Option<u64>) -> &mut Self {
        self.ty.maximum = maximum;
        self
    }

    /// Sets whether addresses have 64 bits.
    pub fn memory64(&mut self, is_64: bool) -> &mut Self {
        self.ty.is_64 = is_64;
        self
    }

    /// Sets whether several threads can use the memory.
    pub fn shared(&mut self, is_shared: bool) -> &mut Self {
        self.ty.is_shared = is_shared;
        self
    }

    /// Sets the logarithm of the page size to the base 2: 16, or 0 for pages of one byte.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.ty.page_size_log2 = page_size_log2;
        self
    }

    /// The type.
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if the minimum is over the maximum, a limit is over what addresses reach, there
    /// is no such page size, or a shared memory has no maximum.
    pub fn build(&self) -> Result<MemoryType, Error> {
        let ty = self.ty;
        if !matches!(ty.page_size_log2, 0 | MemoryType::DEFAULT_PAGE_SIZE_LOG2) {
            let bits = ty.page_size_log2;
            return Err(Error::usage(format!("pages have 2^0 or 2^16 bytes, not 2^{bits}")));
        }
        if ty.minimum > ty.maximum.unwrap_or(u64::MAX) {
            return Err(Error::usage(format!("{ty}: the minimum is over the maximum")));
        }
        if ty.is_shared && ty.maximum.is_none() {
            return Err(Error::usage(format!("{ty}: a shared memory has a maximum")));
        }
        let reachable = ty.reachable_pages();
        if ty.maximum.unwrap_or(ty.minimum) > reachable {
            return Err(Error::usage(format!("{ty}: addresses reach {reachable} pages")));
        }
        Ok(ty)
    }
}

impl Default for MemoryTypeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// The type of a table. Sizes are in elements
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#table-types)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableType {
    element: RefType,
    minimum: u64,
    maximum: Option<u64>,
    is_64: bool,
}

impl TableType {
    /// A table of `element` references with at least `minimum` and at most `maximum` elements.
    pub fn new(element: RefType, minimum: u32, maximum: Option<u32>) -> Self {
        Self { element, minimum: minimum.into(), maximum: maximum.map(u64::from), is_64: false }
    }

    /// Likewise, with 64-bit indices.
    pub fn new64(element: RefType, minimum: u64, maximum: Option<u64>) -> Self {
        Self { element, minimum, maximum, is_64: true }
    }

    /// The type of the elements.
    pub fn element(&self) -> RefType {
        self.element
    }

    /// Elements at the start.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Elements that the table may grow to; `None` means as far as its indices reach.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// Whether indices have 64 bits.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// This type with `minimum` elements.
    pub(crate) fn with_minimum(self, minimum: u64) -> Self {
        Self { minimum, ..self }
    }

    /// Whether the limits and indices of a table of this type are such that it can stand for one of the type
    /// `expected`; elements are another matter.
    pub(crate) fn size_fits(&self, expected: &Self) -> bool {
        self.is_64 == expected.is_64
            && limits_fit((self.minimum, self.maximum), (expected.minimum, expected.maximum))
    }
}

/// Whether something with limits `found` may be imported with limits `expected` (minimum, maximum).
fn limits_fit(found: (u64, Option<u64>), expected: (u64, Option<u64>)) -> bool {
    let maximum_fits = match (expected.1, found.1) {
        (None, _) => true,
        (Some(expected), Some(found)) => found <= expected,
        (Some(_), None) => false,
    };
    found.0 >= expected.0 && maximum_fits
}

fn write_limits(f: &mut fmt::Formatter<'_>, minimum: u64, maximum: Option<u64>) -> fmt::Result {
    match maximum {
        Some(maximum) => write!(f, "{minimum}..={maximum}"),
        None => write!(f, "{minimum}.."),
    }
}

impl fmt::Display for MemoryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_shared {
            f.write_str("shared ")?;
        }
        if self.is_64 {
            f.write_str("64-bit ")?;
        }
        f.write_str("memory of ")?;
        write_limits(f, self.minimum, self.maximum)?;
        match self.page_size_log2 {
            Self::DEFAULT_PAGE_SIZE_LOG2 => f.write_str(" pages"),
            log2 => write!(f, " pages of 2^{log2} bytes"),
        }
    }
}

impl fmt::Display for TableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_64 {
            f.write_str("64-bit ")?;
        }
        write!(f, "table of ")?;
        write_limits(f, self.minimum, self.maximum)?;
        write!(f, " {}", self.element)
    }
}
