//! Values of scripts: arguments become [`Val`]s, results are compared with patterns.
//!
//! Numbers are compared bit for bit; the two classes of NaN are the specification's. Host references
//! (`ref.extern 5`, `ref.host 5`) are external values that hold the script's number.

use wapiti::{AnyRef, ExternRef, Store, V128, Val};
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};
use wast::token::{F32, F64};
use wast::{WastArg, WastRet};

/// What the host references of scripts hold.
struct HostNumber(u32);

/// The value of an argument.
pub(crate) fn argument(store: &mut Store<()>, arg: &WastArg<'_>) -> Result<Val, String> {
    let WastArg::Core(arg) = arg else { return not_supported("this kind of argument") };
    Ok(match arg {
        WastArgCore::I32(value) => Val::I32(*value),
        WastArgCore::I64(value) => Val::I64(*value),
        WastArgCore::F32(value) => Val::F32(value.bits),
        WastArgCore::F64(value) => Val::F64(value.bits),
        WastArgCore::RefNull(HeapType::Abstract { shared: false, ty }) => match ty {
            AbstractHeapType::Func | AbstractHeapType::NoFunc => Val::FuncRef(None),
            AbstractHeapType::Extern | AbstractHeapType::NoExtern => Val::ExternRef(None),
            AbstractHeapType::Exn | AbstractHeapType::NoExn => Val::ExnRef(None),
            AbstractHeapType::Any
            | AbstractHeapType::Eq
            | AbstractHeapType::I31
            | AbstractHeapType::Struct
            | AbstractHeapType::Array
            | AbstractHeapType::None => Val::AnyRef(None),
            other => return not_supported(&format!("a null reference of type {other:?}")),
        },
        WastArgCore::RefNull(other) => return not_supported(&format!("a null reference of type {other:?}")),
        WastArgCore::RefExtern(number) => Val::ExternRef(Some(ExternRef::new(store, HostNumber(*number)))),
        WastArgCore::RefHost(number) => {
            let external = ExternRef::new(store, HostNumber(*number));
            Val::AnyRef(Some(AnyRef::convert_extern(external)))
        }
        WastArgCore::V128(value) => Val::V128(value.to_le_bytes().into()),
    })
}

/// Compares all results of an action with what an `assert_return` lists.
pub(crate) fn check_results(
    store: &Store<()>,
    found: &[Val],
    expected: &[WastRet<'_>],
) -> Result<(), String> {
    if found.len() != expected.len() {
        return Err(format!("expected {} results, found {}: {found:?}", expected.len(), found.len()));
    }
    for (position, (found, expected)) in found.iter().zip(expected).enumerate() {
        let WastRet::Core(pattern) = expected else { return not_supported("this kind of result") };
        if !matches_pattern(store, found, pattern)? {
            let found = show(store, found);
            return Err(format!("result {position}: expected {}, found {found}", show_pattern(pattern)));
        }
    }
    Ok(())
}

fn matches_pattern(store: &Store<()>, found: &Val, pattern: &WastRetCore<'_>) -> Result<bool, String> {
    Ok(match (pattern, found) {
        (WastRetCore::I32(expected), Val::I32(found)) => expected == found,
        (WastRetCore::I64(expected), Val::I64(found)) => expected == found,
        (WastRetCore::F32(expected), Val::F32(found)) => f32_matches(*expected, *found),
        (WastRetCore::F64(expected), Val::F64(found)) => f64_matches(*expected, *found),
        (WastRetCore::V128(expected), Val::V128(found)) => lanes_match(expected, *found),
        (WastRetCore::RefNull(ty), Val::FuncRef(None)) => null_matches(ty.as_ref(), AbstractHeapType::Func),
        (WastRetCore::RefNull(ty), Val::ExternRef(None)) => {
            null_matches(ty.as_ref(), AbstractHeapType::Extern)
        }
        (WastRetCore::RefFunc(None), Val::FuncRef(found)) => found.is_some(),
        (WastRetCore::RefExtern(None), Val::ExternRef(found)) => found.is_some(),
        (WastRetCore::RefExtern(Some(expected)), Val::ExternRef(Some(found))) => {
            host_number(store, found) == Some(*expected)
        }
        (WastRetCore::RefHost(expected), Val::AnyRef(Some(found))) => {
            host_number(store, &ExternRef::convert_any(*found)) == Some(*expected)
        }
        (WastRetCore::RefNull(ty), Val::AnyRef(None)) => null_matches(ty.as_ref(), AbstractHeapType::Any),
        (WastRetCore::RefNull(ty), Val::ExnRef(None)) => null_matches(ty.as_ref(), AbstractHeapType::Exn),
        (WastRetCore::RefAny, Val::AnyRef(found)) => found.is_some(),
        (WastRetCore::RefEq, Val::AnyRef(Some(found))) => found.ty(store) != wapiti::HeapType::Any,
        (WastRetCore::RefI31, Val::AnyRef(Some(found))) => found.ty(store) == wapiti::HeapType::I31,
        (WastRetCore::RefStruct, Val::AnyRef(Some(found))) => {
            matches!(found.ty(store), wapiti::HeapType::ConcreteStruct(_))
        }
        (WastRetCore::RefArray, Val::AnyRef(Some(found))) => {
            matches!(found.ty(store), wapiti::HeapType::ConcreteArray(_))
        }
        (WastRetCore::Either(patterns), found) => {
            for pattern in patterns {
                if matches_pattern(store, found, pattern)? {
                    return Ok(true);
                }
            }
            false
        }
        (WastRetCore::RefFunc(Some(_)), _) => return not_supported("a particular function as a result"),
        (WastRetCore::RefI31Shared, _) => return not_supported("a result of a shared type"),
        _ => false,
    })
}

/// A null pattern without a type fits every null; with a type, those of the same hierarchy.
fn null_matches(expected: Option<&HeapType<'_>>, top: AbstractHeapType) -> bool {
    match expected {
        None => true,
        Some(HeapType::Abstract { shared: false, ty }) => match ty {
            AbstractHeapType::Func | AbstractHeapType::NoFunc => top == AbstractHeapType::Func,
            AbstractHeapType::Extern | AbstractHeapType::NoExtern => top == AbstractHeapType::Extern,
            AbstractHeapType::Exn | AbstractHeapType::NoExn => top == AbstractHeapType::Exn,
            AbstractHeapType::Any
            | AbstractHeapType::Eq
            | AbstractHeapType::I31
            | AbstractHeapType::Struct
            | AbstractHeapType::Array
            | AbstractHeapType::None => top == AbstractHeapType::Any,
            _ => false,
        },
        Some(_) => false,
    }
}

fn host_number(store: &Store<()>, reference: &ExternRef) -> Option<u32> {
    if !reference.is_host(store) {
        return None;
    }
    reference.data(store).downcast_ref::<HostNumber>().map(|HostNumber(number)| *number)
}

/// A canonical NaN has the top bit of its significand set and no other; an arithmetic one may have others as well.
/// Signs do not matter.
fn f32_matches(expected: NanPattern<F32>, found_bits: u32) -> bool {
    const CANONICAL: u32 = 0x7fc0_0000;
    match expected {
        NanPattern::CanonicalNan => found_bits & 0x7fff_ffff == CANONICAL,
        NanPattern::ArithmeticNan => found_bits & CANONICAL == CANONICAL,
        NanPattern::Value(expected) => found_bits == expected.bits,
    }
}

/// As `f32_matches`.
fn f64_matches(expected: NanPattern<F64>, found_bits: u64) -> bool {
    const CANONICAL: u64 = 0x7ff8_0000_0000_0000;
    match expected {
        NanPattern::CanonicalNan => found_bits & 0x7fff_ffff_ffff_ffff == CANONICAL,
        NanPattern::ArithmeticNan => found_bits & CANONICAL == CANONICAL,
        NanPattern::Value(expected) => found_bits == expected.bits,
    }
}

fn lanes_match(expected: &V128Pattern, found: V128) -> bool {
    match expected {
        V128Pattern::I8x16(expected) => *expected == found.to_i8x16(),
        V128Pattern::I16x8(expected) => *expected == found.to_i16x8(),
        V128Pattern::I32x4(expected) => *expected == found.to_i32x4(),
        V128Pattern::I64x2(expected) => *expected == found.to_i64x2(),
        V128Pattern::F32x4(expected) => {
            expected.iter().zip(found.to_u32x4()).all(|(expected, found)| f32_matches(*expected, found))
        }
        V128Pattern::F64x2(expected) => {
            expected.iter().zip(found.to_u64x2()).all(|(expected, found)| f64_matches(*expected, found))
        }
    }
}

fn show(store: &Store<()>, val: &Val) -> String {
    match val {
        Val::F32(bits) => show_f32(*bits),
        Val::F64(bits) => show_f64(*bits),
        Val::FuncRef(None) => "ref.null func".to_owned(),
        Val::FuncRef(Some(_)) => "a function".to_owned(),
        Val::ExternRef(None) => "ref.null extern".to_owned(),
        Val::ExternRef(Some(reference)) => match host_number(store, reference) {
            Some(number) => format!("ref.extern {number}"),
            None => "an external value of another kind".to_owned(),
        },
        other => format!("{other:?}"),
    }
}

fn show_pattern(pattern: &WastRetCore<'_>) -> String {
    match pattern {
        WastRetCore::F32(NanPattern::Value(value)) => show_f32(value.bits),
        WastRetCore::F64(NanPattern::Value(value)) => show_f64(value.bits),
        other => format!("{other:?}"),
    }
}

/// The bits tell apart what the number does not: NaNs, and zeros.
fn show_f32(bits: u32) -> String {
    format!("F32({bits:#010x}, {})", f32::from_bits(bits))
}

/// As `show_f32`.
fn show_f64(bits: u64) -> String {
    format!("F64({bits:#018x}, {})", f64::from_bits(bits))
}

fn not_supported<T>(what: &str) -> Result<T, String> {
    Err(format!("{what} is not supported by this runner"))
}

#[cfg(test)]
mod tests {
    use super::{NanPattern, f32_matches, f64_matches};

    #[test]
    fn nan_classes_are_told_apart_bit_for_bit() {
        for canonical in [0x7fc0_0000, 0xffc0_0000] {
            assert!(f32_matches(NanPattern::CanonicalNan, canonical));
            assert!(f32_matches(NanPattern::ArithmeticNan, canonical));
        }
        assert!(!f32_matches(NanPattern::CanonicalNan, 0x7fc0_0001));
        assert!(f32_matches(NanPattern::ArithmeticNan, 0x7fc0_0001));
        // A signalling NaN and infinity are neither.
        assert!(!f32_matches(NanPattern::ArithmeticNan, 0x7fa0_0000));
        assert!(!f32_matches(NanPattern::ArithmeticNan, 0x7f80_0000));
        assert!(f64_matches(NanPattern::CanonicalNan, 0xfff8_0000_0000_0000));
        assert!(!f64_matches(NanPattern::CanonicalNan, 0x7ff8_0000_0000_0001));
        assert!(!f64_matches(NanPattern::ArithmeticNan, 0x7ff4_0000_0000_0000));
    }
}
