//! Values as people write and read them.
//!
//! What is written can be read again: integers in decimal, floats with as many digits as tell them from their
//! neighbours, NaNs with sign and payload where these are not the usual ones, vectors as lanes of 32 bits.

use wapiti::{V128, Val, ValType};

/// Reads a value of the type.
///
/// ```
/// use wapiti::{Val, ValType};
/// use wapiti_explain::{format_value, parse_value};
///
/// assert_eq!(parse_value("-0x10", ValType::I32).map(|value| format_value(&value)), Ok("-16".to_owned()));
/// assert!(parse_value("2.5", ValType::I64).is_err());
/// ```
///
/// # Errors
///
/// A sentence that says what was expected.
pub fn parse_value(text: &str, ty: ValType) -> Result<Val, String> {
    match ty {
        ValType::I32 => {
            let bits = parse_integer(text, 32)?;
            Ok(Val::I32(u32::try_from(bits).expect("checked to have 32 bits").cast_signed()))
        }
        ValType::I64 => Ok(Val::I64(parse_integer(text, 64)?.cast_signed())),
        ValType::F32 => Ok(Val::F32(parse_f32(text)?.to_bits())),
        ValType::F64 => Ok(Val::F64(parse_f64(text)?.to_bits())),
        ValType::V128 => Ok(Val::V128(parse_vector(text)?)),
        ValType::Ref(ty) if text == "null" && ty.is_nullable() => Ok(Val::null_ref(ty.heap_type())),
        ValType::Ref(ty) if !ty.is_nullable() => {
            Err(format!("`{text}`: a value of type {ty}, which cannot be null, cannot be written"))
        }
        other => Err(format!("`{text}`: of type {other} only `null` can be written")),
    }
}

/// Reads a decimal or hexadecimal integer that fits `width` bits as signed or as unsigned, and returns its bits.
fn parse_integer(text: &str, width: u32) -> Result<u64, String> {
    let wrong = || format!("`{text}`: expected an integer of type i{width}, such as 7, -7 or 0x1f");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    // `from_str_radix` would take a second sign.
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return Err(wrong());
    }
    let magnitude = u128::from_str_radix(digits, radix).map_err(|_| wrong())?;
    let limit = if negative { 1u128 << (width - 1) } else { (1u128 << width) - 1 };
    if magnitude > limit {
        return Err(format!("`{text}`: does not fit into an i{width}"));
    }
    let magnitude = u64::try_from(magnitude).expect("the limit has at most 64 bits");
    let bits = if negative { magnitude.wrapping_neg() } else { magnitude };
    Ok(bits & (u64::MAX >> (64 - width)))
}

fn parse_f32(text: &str) -> Result<f32, String> {
    match nan_payload(text) {
        Some((negative, payload)) => {
            let payload = u32::try_from(payload).ok().filter(|payload| (1..1 << 23).contains(payload));
            let payload = payload
                .ok_or_else(|| format!("`{text}`: a NaN of type f32 has a payload of 1 to 0x7fffff"))?;
            Ok(f32::from_bits(u32::from(negative) << 31 | 0xff << 23 | payload))
        }
        None => text.parse().map_err(|_| wrong_float(text, "f32")),
    }
}

fn parse_f64(text: &str) -> Result<f64, String> {
    match nan_payload(text) {
        Some((negative, payload)) => {
            if !(1..1 << 52).contains(&payload) {
                return Err(format!("`{text}`: a NaN of type f64 has a payload of 1 to 0xfffffffffffff"));
            }
            Ok(f64::from_bits(u64::from(negative) << 63 | 0x7ff << 52 | payload))
        }
        None => text.parse().map_err(|_| wrong_float(text, "f64")),
    }
}

fn wrong_float(text: &str, ty: &str) -> String {
    format!("`{text}`: expected a number of type {ty}, such as 1.5, -2e-3, inf or nan")
}

/// Reads lanes, `i32x4:1,-2,3,0x4` or `f64x2:0.5,inf`, the first one the lowest.
fn parse_vector(text: &str) -> Result<V128, String> {
    let wrong = || format!("`{text}`: expected a vector's lanes, such as i32x4:1,-2,3,0x4 or f64x2:0.5,inf");
    let (shape, lanes) = text.split_once(':').ok_or_else(wrong)?;
    let (ty, width) = match shape {
        "i8x16" => (None, 8),
        "i16x8" => (None, 16),
        "i32x4" => (None, 32),
        "i64x2" => (None, 64),
        "f32x4" => (Some(ValType::F32), 32),
        "f64x2" => (Some(ValType::F64), 64),
        _ => return Err(wrong()),
    };
    let lanes: Vec<&str> = lanes.split(',').collect();
    let count = 128 / width;
    if lanes.len() != count as usize {
        return Err(format!("`{text}`: {shape} has {count} lanes, but {} are given", lanes.len()));
    }
    let mut bits = 0;
    for (number, lane) in (0..).zip(lanes) {
        let lane = match ty {
            Some(ty) => match parse_value(lane, ty)? {
                Val::F32(bits) => bits.into(),
                Val::F64(bits) => bits,
                _ => return Err(wrong()),
            },
            None => parse_integer(lane, width)?,
        };
        bits |= u128::from(lane) << (number * width);
    }
    Ok(V128::from(bits))
}

/// Sign and payload of `nan:0x...`.
fn nan_payload(text: &str) -> Option<(bool, u64)> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let payload = text.strip_prefix("nan:0x")?;
    Some((negative, u64::from_str_radix(payload, 16).ok()?))
}

/// Writes a value; a reference that is not null as its kind.
pub fn format_value(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => {
            let value = f32::from_bits(*bits);
            if value.is_nan() {
                format_nan(bits >> 31 != 0, (bits & 0x7f_ffff).into(), 1 << 22)
            } else {
                format!("{value:?}")
            }
        }
        Val::F64(bits) => {
            let value = f64::from_bits(*bits);
            if value.is_nan() {
                format_nan(bits >> 63 != 0, bits & ((1 << 52) - 1), 1 << 51)
            } else {
                format!("{value:?}")
            }
        }
        Val::V128(value) => {
            let [a, b, c, d] = value.to_u32x4();
            format!("i32x4:{a:#x},{b:#x},{c:#x},{d:#x}")
        }
        value if value.ref_().is_some_and(|reference| reference.is_null()) => "null".to_owned(),
        Val::FuncRef(Some(_)) => "funcref".to_owned(),
        Val::ExternRef(Some(_)) => "externref".to_owned(),
        Val::AnyRef(Some(_)) => "anyref".to_owned(),
        Val::ExnRef(Some(_)) => "exnref".to_owned(),
        #[allow(unreachable_patterns, reason = "the library may get more kinds of values")]
        other => format!("{other:?}"),
    }
}

fn format_nan(negative: bool, payload: u64, canonical: u64) -> String {
    let sign = if negative { "-" } else { "" };
    if payload == canonical { format!("{sign}nan") } else { format!("{sign}nan:{payload:#x}") }
}

#[cfg(test)]
mod tests {
    use wapiti::{Val, ValType};

    use super::{format_value, parse_value};

    fn round_trip(text: &str, ty: ValType) -> String {
        format_value(&parse_value(text, ty).unwrap_or_else(|error| panic!("{error}")))
    }

    #[test]
    fn integers_are_signed_or_unsigned() {
        for (text, expected) in [
            ("0", "0"),
            ("-5", "-5"),
            ("+7", "7"),
            ("0x1f", "31"),
            ("-0x80000000", "-2147483648"),
            ("4294967295", "-1"),
            ("0xFFFFFFFF", "-1"),
        ] {
            assert_eq!(round_trip(text, ValType::I32), expected, "{text}");
        }
        assert_eq!(round_trip("18446744073709551615", ValType::I64), "-1");
        assert_eq!(round_trip("-9223372036854775808", ValType::I64), "-9223372036854775808");
    }

    #[test]
    fn bad_integers_are_refused() {
        for text in ["", "-", "x", "1.5", "0x", "--1", "-+1", "0x-1", "1 ", "4294967296", "-2147483649"] {
            assert!(parse_value(text, ValType::I32).is_err(), "{text}");
        }
        assert!(parse_value("18446744073709551616", ValType::I64).is_err());
    }

    #[test]
    fn floats_come_back() {
        for text in ["1.5", "-0.0", "inf", "-inf", "nan", "-nan", "nan:0x200000", "1e-45"] {
            assert_eq!(round_trip(text, ValType::F32), text);
        }
        for text in ["1e300", "0.1", "-nan:0x1", "nan"] {
            assert_eq!(round_trip(text, ValType::F64), text);
        }
        assert!(parse_value("nan:0x800000", ValType::F32).is_err());
        assert!(parse_value("nan:0x0", ValType::F64).is_err());
        assert!(parse_value("one", ValType::F64).is_err());
    }

    #[test]
    fn vectors_are_lanes() {
        for (text, expected) in [
            ("i32x4:1,-2,3,0x4", "i32x4:0x1,0xfffffffe,0x3,0x4"),
            ("i8x16:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,-1", "i32x4:0x3020100,0x7060504,0xb0a0908,0xff0e0d0c"),
            ("i16x8:1,2,3,4,5,6,7,8", "i32x4:0x20001,0x40003,0x60005,0x80007"),
            ("i64x2:1,-1", "i32x4:0x1,0x0,0xffffffff,0xffffffff"),
            ("f32x4:1,-0.0,inf,nan", "i32x4:0x3f800000,0x80000000,0x7f800000,0x7fc00000"),
            ("f64x2:1.5,-2", "i32x4:0x0,0x3ff80000,0x0,0xc0000000"),
        ] {
            assert_eq!(round_trip(text, ValType::V128), expected);
            assert_eq!(round_trip(expected, ValType::V128), expected);
        }
        for text in ["", "0", "i32x4", "i32x4:", "i32x4:1,2,3", "i64x2:1,2,3", "i8x4:1,2,3,4", "i64x2:1,1.5"]
        {
            assert!(parse_value(text, ValType::V128).is_err(), "{text}");
        }
        let message = parse_value("i32x4:1,2,4294967296,4", ValType::V128).expect_err("a lane is too large");
        assert!(message.contains("`4294967296`"), "{message}");
    }

    #[test]
    fn references_are_null() {
        assert!(matches!(parse_value("null", ValType::FUNCREF), Ok(Val::FuncRef(None))));
        assert!(parse_value("0", ValType::EXTERNREF).is_err());
    }
}
