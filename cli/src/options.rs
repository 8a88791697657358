//! `-W` and `-S`: options as `wasmtime run` has them, for habits and scripts that come from there.
//!
//! One `NAME=VALUE` goes in (clap has taken lists apart at their commas), one option comes out. Whatever is not
//! supported is refused by its name, never ignored. Every option has a plain long name as well; `run` puts the two
//! together.

use std::net::SocketAddr;
use std::time::Duration;

use crate::switches::Proposal;

/// One option of `-W`, about the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WasmOption {
    MaxMemory(u64),
    MaxStack(usize),
    Timeout(Duration),
    Proposal(Proposal),
}

/// One option of `-S`, about the program's system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SystemOption {
    InheritEnv(bool),
    TcpListen(SocketAddr),
}

pub(crate) fn parse_wasm_option(text: &str) -> Result<WasmOption, String> {
    let (name, value) = split(text);
    match name {
        "max-memory-size" => Ok(WasmOption::MaxMemory(parse_size(required(name, value)?)?)),
        "max-wasm-stack" => Ok(WasmOption::MaxStack(parse_stack(required(name, value)?)?)),
        "timeout" => Ok(WasmOption::Timeout(parse_duration(required(name, value)?)?)),
        _ => match Proposal::named(name, true) {
            Some(_) => parse_proposal(text).map(WasmOption::Proposal),
            None => Err(unsupported("-W", name, "max-memory-size, max-wasm-stack, timeout, and proposals")),
        },
    }
}

pub(crate) fn parse_system_option(text: &str) -> Result<SystemOption, String> {
    let (name, value) = split(text);
    match name {
        "inherit-env" => Ok(SystemOption::InheritEnv(parse_switch(value)?)),
        "tcplisten" => Ok(SystemOption::TcpListen(parse_address(required(name, value)?)?)),
        _ => Err(unsupported("-S", name, "inherit-env, tcplisten")),
    }
}

/// A proposal, with or without a value: `threads`, `simd=n`.
pub(crate) fn parse_proposal(text: &str) -> Result<Proposal, String> {
    let (name, value) = split(text);
    let enable = parse_switch(value)?;
    Proposal::named(name, enable).ok_or_else(|| {
        let names: Vec<_> = Proposal::names().collect();
        format!("`{name}`: no such proposal; there are: {}", names.join(", "))
    })
}

fn split(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    }
}

fn required<'a>(name: &str, value: Option<&'a str>) -> Result<&'a str, String> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| format!("`{name}` needs a value: {name}=VALUE"))
}

fn unsupported(option: &str, name: &str, supported: &str) -> String {
    format!("`{option} {name}` is not supported; there are: {supported}")
}

/// A switch that is named is on, unless its value says otherwise.
fn parse_switch(value: Option<&str>) -> Result<bool, String> {
    match value {
        None | Some("y" | "yes" | "true") => Ok(true),
        Some("n" | "no" | "false") => Ok(false),
        Some(other) => Err(format!("`{other}`: expected y or n")),
    }
}

/// An address to listen at.
pub(crate) fn parse_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("`{text}`: expected an address and a port, such as 127.0.0.1:8080"))
}

/// A number of bytes; `k`, `m` and `g` multiply by 1024, 1024² and 1024³.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1u64 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let number: u64 =
        digits.parse().map_err(|_| format!("`{text}`: expected a number of bytes, such as 65536 or 8m"))?;
    number.checked_mul(unit).ok_or_else(|| format!("`{text}`: that many bytes cannot be counted"))
}

/// A size of something that lies in this process's memory.
pub(crate) fn parse_stack(text: &str) -> Result<usize, String> {
    usize::try_from(parse_size(text)?).map_err(|_| format!("`{text}`: does not fit into memory"))
}

/// A time: a number of seconds, or one with the unit ns, us, ms, s, m or h.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 6] =
        [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (digits, unit) =
        UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, 1.0));
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
    digits
        .parse::<f64>()
        .ok()
        .filter(|_| is_number)
        .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
        .ok_or_else(|| format!("`{text}`: expected a time, such as 10, 1.5s, 200ms or 5m"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        SystemOption, WasmOption, parse_duration, parse_proposal, parse_size, parse_system_option,
        parse_wasm_option,
    };
    use crate::switches::Proposal;

    #[test]
    fn options_have_names_and_values() {
        assert_eq!(parse_wasm_option("max-memory-size=1m"), Ok(WasmOption::MaxMemory(1 << 20)));
        assert_eq!(parse_wasm_option("max-wasm-stack=4096"), Ok(WasmOption::MaxStack(4096)));
        assert_eq!(parse_wasm_option("timeout=2s"), Ok(WasmOption::Timeout(Duration::from_secs(2))));
        for (text, on) in [("inherit-env", true), ("inherit-env=y", true), ("inherit-env=n", false)] {
            assert_eq!(parse_system_option(text), Ok(SystemOption::InheritEnv(on)));
        }
        assert_eq!(
            parse_system_option("tcplisten=127.0.0.1:80"),
            Ok(SystemOption::TcpListen(([127, 0, 0, 1], 80).into()))
        );
    }

    #[test]
    fn what_is_not_supported_is_named() {
        for text in ["fuel=5", "fuel", "", "Timeout=1", "epoch-interruption=y"] {
            let name = text.split('=').next().expect("a split has a first part");
            let message = parse_wasm_option(text).expect_err("not supported");
            assert!(message.contains(&format!("`-W {name}`")), "{message}");
        }
        assert!(parse_system_option("http").expect_err("not supported").contains("`-S http`"));
        for text in ["timeout", "timeout=", "timeout=soon", "max-memory-size=-1"] {
            assert!(parse_wasm_option(text).is_err(), "{text}");
        }
        assert!(parse_system_option("inherit-env=maybe").is_err());
        assert!(parse_system_option("tcplisten=localhost").is_err());
    }

    #[test]
    fn proposals() {
        for name in Proposal::names() {
            let off = Proposal::named(name, false).expect("it is in the list");
            assert_eq!(parse_proposal(&format!("{name}=n")), Ok(off));
            assert_eq!(parse_wasm_option(&format!("{name}=n")), Ok(WasmOption::Proposal(off)));
            assert_eq!(parse_proposal(name).ok(), Proposal::named(name, true));
        }
        assert!(parse_proposal("gc=maybe").is_err());
        assert!(parse_proposal("stringref").expect_err("there is none").contains("simd"));
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("65536"), Ok(65536));
        assert_eq!(parse_size("8m"), Ok(8 << 20));
        assert_eq!(parse_size("1K"), Ok(1024));
        for bad in ["", "k", "-1", "1x", "99999999999999999999", "99999999999999g", "8µ"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times() {
        for (text, milliseconds) in [
            ("10", 10_000),
            ("1.5", 1500),
            ("2s", 2000),
            ("250ms", 250),
            ("3000us", 3),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("0", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(parse_duration("500ns"), Ok(Duration::from_nanos(500)));
        for bad in ["", "s", "-1", "+1", "1d", "inf", "nan", "1e400", "1 s", "1e30h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }
}
