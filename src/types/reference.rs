//! Reference types: what a reference may refer to, and which types' references are whose.
//!
//! Abstract heap types are plain data. A *concrete* one, defined by some module, is a handle of two numbers that the
//! engine's registry of types ([`super::registry`]) gives out: handles are equal exactly when the types are, so a type
//! is compared, copied and hashed without looking at what it consists of.

use core::fmt;

/// The type of a reference: what it refers to and whether it may be null
/// ([spec](https://webassembly.github.io/spec/core/syntax/types.html#reference-types)).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefType {
    // The heap type is kept in parts, so that a value type takes 8 bytes and not 16.
    kind: Kind,
    nullable: bool,
    generation: u16,
    slot: u32,
}

/// What a reference refers to ([spec](https://webassembly.github.io/spec/core/syntax/types.html#heap-types)).
///
/// There are four hierarchies: functions (`func` at the top, `nofunc` at the bottom), external values (`extern`,
/// `noextern`), exceptions (`exn`, `noexn`), and what the guest allocates (`any`, `none`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HeapType {
    /// `func`: any function.
    Func,
    /// `nofunc`: no function; only null is of such a type.
    NoFunc,
    /// `extern`: any value of the host's.
    Extern,
    /// `noextern`: no value of the host's.
    NoExtern,
    /// `any`: whatever the guest allocates, and small integers.
    Any,
    /// `eq`: what `ref.eq` compares.
    Eq,
    /// `i31`: a small integer.
    I31,
    /// `struct`: any structure.
    Struct,
    /// `array`: any array.
    Array,
    /// `none`: nothing below `any`.
    None,
    /// `exn`: any exception.
    Exn,
    /// `noexn`: no exception.
    NoExn,
    /// Functions of one type that a module or the host defines.
    ConcreteFunc(ConcreteType),
    /// Structures of one such type.
    ConcreteStruct(ConcreteType),
    /// Arrays of one such type.
    ConcreteArray(ConcreteType),
}

/// A type that a module or the host defines, as its engine knows it. Equal exactly if the types are
/// ([spec](https://webassembly.github.io/spec/core/valid/conventions.html#rolling-and-unrolling)).
///
/// A small copy that keeps nothing alive: the type itself lives as long as a [`DefinedType`](crate::DefinedType), a
/// module or something in a store has it. A handle that has outlived its type is refused wherever it is used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConcreteType {
    pub(super) slot: u32,
    pub(super) generation: u16,
}

/// A heap type's constructor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
enum Kind {
    Func,
    NoFunc,
    Extern,
    NoExtern,
    Any,
    Eq,
    I31,
    Struct,
    Array,
    None,
    Exn,
    NoExn,
    ConcreteFunc,
    ConcreteStruct,
    ConcreteArray,
}

const _: () = assert!(size_of::<super::ValType>() == 8);

impl ConcreteType {
    /// The generation of handles to members of a recursion group that is not registered yet.
    pub(super) const IN_GROUP: u16 = u16::MAX;

    /// Member `index` of the group that is being put together.
    pub(crate) fn in_group(index: u32) -> Self {
        Self { slot: index, generation: Self::IN_GROUP }
    }

    pub(super) fn is_in_group(self) -> bool {
        self.generation == Self::IN_GROUP
    }

    /// The engine's number for the type.
    pub(crate) fn canonical(self) -> super::CanonicalType {
        super::CanonicalType(self.slot)
    }
}

/// Declares the nullable references to abstract heap types, with the short names of the text format.
macro_rules! abstract_refs {
    ($($constant:ident $kind:ident $short:literal $long:literal;)*) => {
        impl RefType {
            $(
                #[doc = concat!("`", $short, "`, short for `(ref null ", $long, ")`.")]
                pub const $constant: Self = Self::of_kind(Kind::$kind);
            )*
        }

        impl HeapType {
            /// The name in the text format, and that of nullable references; `None` for concrete types.
            fn names(self) -> Option<(&'static str, &'static str)> {
                match self {
                    $(Self::$kind => Some(($long, $short)),)*
                    Self::ConcreteFunc(_) | Self::ConcreteStruct(_) | Self::ConcreteArray(_) => None,
                }
            }
        }
    };
}

abstract_refs! {
    FUNCREF Func "funcref" "func";
    NULLFUNCREF NoFunc "nullfuncref" "nofunc";
    EXTERNREF Extern "externref" "extern";
    NULLEXTERNREF NoExtern "nullexternref" "noextern";
    ANYREF Any "anyref" "any";
    EQREF Eq "eqref" "eq";
    I31REF I31 "i31ref" "i31";
    STRUCTREF Struct "structref" "struct";
    ARRAYREF Array "arrayref" "array";
    NULLREF None "nullref" "none";
    EXNREF Exn "exnref" "exn";
    NULLEXNREF NoExn "nullexnref" "noexn";
}

impl RefType {
    const fn of_kind(kind: Kind) -> Self {
        Self { kind, nullable: true, generation: 0, slot: 0 }
    }

    /// A reference type.
    ///
    /// ```
    /// use wapiti::{HeapType, RefType};
    ///
    /// assert_eq!(RefType::new(true, HeapType::Func), RefType::FUNCREF);
    /// assert_eq!(RefType::new(false, HeapType::Extern).to_string(), "(ref extern)");
    /// ```
    pub fn new(nullable: bool, heap_type: HeapType) -> Self {
        let (kind, concrete) = match heap_type {
            HeapType::Func => (Kind::Func, None),
            HeapType::NoFunc => (Kind::NoFunc, None),
            HeapType::Extern => (Kind::Extern, None),
            HeapType::NoExtern => (Kind::NoExtern, None),
            HeapType::Any => (Kind::Any, None),
            HeapType::Eq => (Kind::Eq, None),
            HeapType::I31 => (Kind::I31, None),
            HeapType::Struct => (Kind::Struct, None),
            HeapType::Array => (Kind::Array, None),
            HeapType::None => (Kind::None, None),
            HeapType::Exn => (Kind::Exn, None),
            HeapType::NoExn => (Kind::NoExn, None),
            HeapType::ConcreteFunc(concrete) => (Kind::ConcreteFunc, Some(concrete)),
            HeapType::ConcreteStruct(concrete) => (Kind::ConcreteStruct, Some(concrete)),
            HeapType::ConcreteArray(concrete) => (Kind::ConcreteArray, Some(concrete)),
        };
        let ConcreteType { slot, generation } = concrete.unwrap_or(ConcreteType { slot: 0, generation: 0 });
        Self { kind, nullable, generation, slot }
    }

    /// True if the reference may be null.
    pub fn is_nullable(self) -> bool {
        self.nullable
    }

    /// What the reference refers to.
    pub fn heap_type(self) -> HeapType {
        let concrete = ConcreteType { slot: self.slot, generation: self.generation };
        match self.kind {
            Kind::Func => HeapType::Func,
            Kind::NoFunc => HeapType::NoFunc,
            Kind::Extern => HeapType::Extern,
            Kind::NoExtern => HeapType::NoExtern,
            Kind::Any => HeapType::Any,
            Kind::Eq => HeapType::Eq,
            Kind::I31 => HeapType::I31,
            Kind::Struct => HeapType::Struct,
            Kind::Array => HeapType::Array,
            Kind::None => HeapType::None,
            Kind::Exn => HeapType::Exn,
            Kind::NoExn => HeapType::NoExn,
            Kind::ConcreteFunc => HeapType::ConcreteFunc(concrete),
            Kind::ConcreteStruct => HeapType::ConcreteStruct(concrete),
            Kind::ConcreteArray => HeapType::ConcreteArray(concrete),
        }
    }

    /// The concrete type that it refers to, if it does.
    pub(crate) fn concrete(self) -> Option<ConcreteType> {
        self.heap_type().concrete()
    }

    /// This type, null excluded.
    #[must_use]
    pub const fn as_non_null(self) -> Self {
        Self { nullable: false, kind: self.kind, generation: self.generation, slot: self.slot }
    }

    /// The type with another concrete one in place of the one it has.
    pub(super) fn with_concrete(self, concrete: ConcreteType) -> Self {
        Self { slot: concrete.slot, generation: concrete.generation, ..self }
    }

    /// Kind and nullability as a number, for comparing types by their parts.
    pub(super) fn code(self) -> u32 {
        self.kind as u32 | u32::from(self.nullable) << 8
    }
}

impl HeapType {
    /// The type at the top of the same hierarchy: `func`, `extern`, `exn` or `any`. Its references are all those that a
    /// reference of this type can ever be compared with.
    pub fn top(self) -> Self {
        match self {
            Self::Func | Self::NoFunc | Self::ConcreteFunc(_) => Self::Func,
            Self::Extern | Self::NoExtern => Self::Extern,
            Self::Exn | Self::NoExn => Self::Exn,
            Self::Any | Self::Eq | Self::I31 | Self::Struct | Self::Array | Self::None => Self::Any,
            Self::ConcreteStruct(_) | Self::ConcreteArray(_) => Self::Any,
        }
    }

    /// The type at the bottom of the same hierarchy, of which nothing is but null.
    pub fn bottom(self) -> Self {
        match self.top() {
            Self::Func => Self::NoFunc,
            Self::Extern => Self::NoExtern,
            Self::Exn => Self::NoExn,
            _ => Self::None,
        }
    }

    /// The concrete type, if it is one.
    pub fn concrete(self) -> Option<ConcreteType> {
        match self {
            Self::ConcreteFunc(ty) | Self::ConcreteStruct(ty) | Self::ConcreteArray(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether this is a subtype of `other`, given the same of concrete types ([spec][spec]).
    ///
    /// [spec]: https://webassembly.github.io/spec/core/valid/matching.html#heap-types
    pub(super) fn matches_with(
        self,
        other: Self,
        concrete_matches: impl FnOnce(ConcreteType, ConcreteType) -> bool,
    ) -> bool {
        if self == other || self == other.bottom() {
            return true;
        }
        match other {
            Self::Func | Self::Extern | Self::Exn | Self::Any => self.top() == other,
            Self::Eq => self.top() == Self::Any && self != Self::Any,
            Self::Struct => matches!(self, Self::ConcreteStruct(_)),
            Self::Array => matches!(self, Self::ConcreteArray(_)),
            Self::I31 | Self::NoFunc | Self::NoExtern | Self::None | Self::NoExn => false,
            Self::ConcreteFunc(sup) | Self::ConcreteStruct(sup) | Self::ConcreteArray(sup) => {
                self.concrete().is_some_and(|sub| concrete_matches(sub, sup))
            }
        }
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.heap_type().names(), self.nullable) {
            (Some((_, short)), true) => f.write_str(short),
            (_, true) => write!(f, "(ref null {})", self.heap_type()),
            (_, false) => write!(f, "(ref {})", self.heap_type()),
        }
    }
}

impl fmt::Debug for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for HeapType {
    /// Concrete types have a number that only tells them apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConcreteFunc(ty) => write!(f, "$func{}", ty.slot),
            Self::ConcreteStruct(ty) => write!(f, "$struct{}", ty.slot),
            Self::ConcreteArray(ty) => write!(f, "$array{}", ty.slot),
            abstract_type => f.write_str(abstract_type.names().map_or("", |(long, _)| long)),
        }
    }
}

impl fmt::Debug for ConcreteType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "type {}", self.slot)
    }
}
