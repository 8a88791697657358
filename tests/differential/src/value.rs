//! Values, types and ways to end, in words that belong to neither engine.
//!
//! In go each engine's own values, out come values that can be compared. NaNs of a type are all one here: which bits
//! an operator's NaN has is the engine's choice.

/// A value's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    Func,
    Extern,
}

/// A function's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) params: Vec<Type>,
    pub(crate) results: Vec<Type>,
}

/// A value. Of a function only its type is known, of an external reference the number it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Func(Option<Signature>),
    Extern(Option<u32>),
}

/// How a call or an instantiation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Returned(Vec<Value>),
    Trapped(TrapKind),
    /// A host function failed.
    HostFailed,
    /// The engine does not handle a module as large as this.
    Refused(String),
    /// The module is not valid, or anything else that should not happen.
    Failed(String),
}

/// The traps that both engines tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrapKind {
    Unreachable,
    MemoryOutOfBounds,
    /// Also an indirect call's index beyond the table.
    TableOutOfBounds,
    UninitializedElement,
    IndirectCallTypeMismatch,
    IntegerDivideByZero,
    IntegerOverflow,
    InvalidConversionToInteger,
    StackExhausted,
    /// It took too long.
    Interrupted,
    Other,
}

/// A number that stands for a sequence of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digest(pub(crate) u64);

pub(crate) const F32_NAN: u32 = 0x7FC0_0000;
pub(crate) const F64_NAN: u64 = 0x7FF8_0000_0000_0000;

impl Value {
    /// An `f32` of these bits.
    pub(crate) fn f32(bits: u32) -> Self {
        Self::F32(if f32::from_bits(bits).is_nan() { F32_NAN } else { bits })
    }

    /// An `f64` of these bits.
    pub(crate) fn f64(bits: u64) -> Self {
        Self::F64(if f64::from_bits(bits).is_nan() { F64_NAN } else { bits })
    }

    /// Adds the value to a digest.
    pub(crate) fn digest(&self, digest: &mut Digest) {
        let (tag, number) = match self {
            Self::I32(value) => (1, u64::from(value.cast_unsigned())),
            Self::I64(value) => (2, value.cast_unsigned()),
            Self::F32(bits) => (3, u64::from(*bits)),
            Self::F64(bits) => (4, *bits),
            Self::V128(bits) => (9, *bits as u64 ^ ((bits >> 64) as u64).rotate_left(32)),
            Self::Func(None) => (5, 0),
            Self::Func(Some(signature)) => (6, signature.digest()),
            Self::Extern(None) => (7, 0),
            Self::Extern(Some(number)) => (8, u64::from(*number)),
        };
        digest.add(tag);
        digest.add(number);
    }
}

impl Signature {
    fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        let types = self.params.iter().chain(&self.results);
        types.for_each(|ty| digest.add(*ty as u64));
        digest.add(self.params.len() as u64);
        digest.0
    }
}

impl Digest {
    pub(crate) fn add(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
}
