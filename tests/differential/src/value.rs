//! Values, types and ways to end, in words that belong to no engine.
//!
//! In go each engine's own values, out come values that can be compared. NaNs of a type are all one here: which bits
//! an operator's NaN has is the engine's choice.

/// A value's type.
#[expect(missing_docs, reason = "the names are those of the specification")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    I32,
    I64,
    F32,
    F64,
    V128,
    /// `funcref`.
    Func,
    /// `externref`.
    Extern,
    /// Any other reference.
    Ref {
        heap: Heap,
        nullable: bool,
    },
}

/// What a reference refers to. Types that modules define are told apart by their kind only.
#[expect(missing_docs, reason = "the names are those of the specification")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heap {
    Func,
    NoFunc,
    ConcreteFunc,
    Extern,
    NoExtern,
    Any,
    Eq,
    I31,
    Struct,
    ConcreteStruct,
    Array,
    ConcreteArray,
    None,
    Exn,
    NoExn,
}

/// A function's type.
#[expect(missing_docs, reason = "the names say it")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    pub params: Vec<Type>,
    pub results: Vec<Type>,
}

/// A value. Of a function only its type is known, of an external reference the number it was made with.
#[expect(missing_docs, reason = "the names are those of the specification")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Func(Option<Signature>),
    Extern(Option<u32>),
    /// A reference to what the guest has allocated, or a small integer, wherever it was found.
    Any(Object),
    /// A reference to an exception, with what it carries.
    Exn(Option<Vec<Value>>),
}

/// What a reference of the type `any` refers to.
#[expect(missing_docs, reason = "the names are those of the specification")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    Null,
    I31(i32),
    /// With its fields.
    Struct(Vec<Value>),
    /// With its length and its first elements.
    Array(u32, Vec<Value>),
    /// A value of the host's.
    Extern(u32),
    /// Something that was reached by way of so many others that it was not looked at.
    Deep,
}

/// How many references in a row are followed when a value is looked at.
pub const MAX_DEPTH: u32 = 3;
/// How many elements of an array are looked at.
pub const MAX_ELEMENTS: u32 = 12;

/// How a call or an instantiation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With these results.
    Returned(Vec<Value>),
    /// In this way.
    Trapped(TrapKind),
    /// Nobody has caught an exception that carries these values.
    Thrown(Vec<Value>),
    /// A host function failed.
    HostFailed,
    /// The engine does not handle a module as large as this.
    Refused(String),
    /// The module is not valid, or anything else that should not happen.
    Failed(String),
}

/// The traps that both engines tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TrapKind {
    Unreachable,
    MemoryOutOfBounds,
    /// Also an indirect call's index beyond the table.
    TableOutOfBounds,
    UninitializedElement,
    IndirectCallTypeMismatch,
    IntegerDivideByZero,
    IntegerOverflow,
    InvalidConversionToInteger,
    NullReference,
    CastFailure,
    ArrayOutOfBounds,
    UnalignedAtomic,
    ExpectedSharedMemory,
    StackExhausted,
    /// There is no room for a structure or an array.
    HeapExhausted,
    /// It took too long.
    Interrupted,
    Other,
}

/// A number that stands for a sequence of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(pub u64);

pub(crate) const F32_NAN: u32 = 0x7FC0_0000;
pub(crate) const F64_NAN: u64 = 0x7FF8_0000_0000_0000;

impl Value {
    /// An `f32` of these bits.
    pub fn f32(bits: u32) -> Self {
        Self::F32(if f32::from_bits(bits).is_nan() { F32_NAN } else { bits })
    }

    /// An `f64` of these bits.
    pub fn f64(bits: u64) -> Self {
        Self::F64(if f64::from_bits(bits).is_nan() { F64_NAN } else { bits })
    }

    /// Adds the value to a digest.
    pub fn digest(&self, digest: &mut Digest) {
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
            Self::Any(object) => (10, object.digest()),
            Self::Exn(None) => (11, 0),
            Self::Exn(Some(values)) => (12, digest_of(values)),
        };
        digest.add(tag);
        digest.add(number);
    }
}

impl Object {
    fn digest(&self) -> u64 {
        let (tag, number, values) = match self {
            Self::Null => (1, 0, &[][..]),
            Self::I31(value) => (2, u64::from(value.cast_unsigned()), &[][..]),
            Self::Struct(fields) => (3, fields.len() as u64, &fields[..]),
            Self::Array(len, elements) => (4, u64::from(*len), &elements[..]),
            Self::Extern(number) => (5, u64::from(*number), &[][..]),
            Self::Deep => (6, 0, &[][..]),
        };
        let mut digest = Digest(digest_of(values));
        digest.add(tag);
        digest.add(number);
        digest.0
    }
}

fn digest_of(values: &[Value]) -> u64 {
    let mut digest = Digest::default();
    values.iter().for_each(|value| value.digest(&mut digest));
    digest.0
}

impl Type {
    /// The type of references to what `heap` says.
    pub fn of_references(heap: Heap, nullable: bool) -> Self {
        match (heap, nullable) {
            (Heap::Func, true) => Self::Func,
            (Heap::Extern, true) => Self::Extern,
            (heap, nullable) => Self::Ref { heap, nullable },
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::I32 => 0,
            Self::I64 => 1,
            Self::F32 => 2,
            Self::F64 => 3,
            Self::V128 => 4,
            Self::Func => 5,
            Self::Extern => 6,
            Self::Ref { heap, nullable } => 7 + 2 * heap as u64 + u64::from(nullable),
        }
    }

    /// A value of this type made of any bits, if the host can make one.
    pub fn reference(self, bits: u64) -> Option<Value> {
        let (heap, nullable) = match self {
            Self::Func => (Heap::Func, true),
            Self::Extern => (Heap::Extern, true),
            Self::Ref { heap, nullable } => (heap, nullable),
            _ => return None,
        };
        if nullable && bits & 1 == 0 {
            return Some(heap.null());
        }
        match heap {
            Heap::Any | Heap::Eq | Heap::I31 => Some(Value::Any(Object::I31((bits as i32) << 1 >> 1))),
            Heap::Extern => Some(Value::Extern(Some(bits as u32 >> 8))),
            Heap::Func if !nullable => Some(Value::Func(Some(Signature::default()))),
            _ if nullable => Some(heap.null()),
            _ => None,
        }
    }
}

impl Heap {
    fn null(self) -> Value {
        match self {
            Self::Func | Self::NoFunc | Self::ConcreteFunc => Value::Func(None),
            Self::Extern | Self::NoExtern => Value::Extern(None),
            Self::Exn | Self::NoExn => Value::Exn(None),
            _ => Value::Any(Object::Null),
        }
    }
}

impl Signature {
    fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        let types = self.params.iter().chain(&self.results);
        types.for_each(|ty| digest.add(ty.number()));
        digest.add(self.params.len() as u64);
        digest.0
    }
}

impl Digest {
    /// Adds a number.
    pub fn add(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
}
