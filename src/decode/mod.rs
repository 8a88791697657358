//! Bytes in, [`ModuleInfo`](info::ModuleInfo) out: the one place where wasmparser decodes and validates.
//!
//! One pass over the sections: each is validated as a whole before it is converted, so conversion meets valid
//! input only and may trust declared counts. The sections of most modules are known to be valid without wasmparser's
//! validator ([`accept_sections`]); if one is not, the pass is made again with it. Whatever is wrong with the bytes
//! comes back as an error with wasmparser's message and byte offset. Function bodies are left as byte ranges; they are
//! validated last, on several threads if that pays, or not yet, in the mode `LazyValidation`.

#![forbid(unsafe_code)]

mod accept;
mod accept_sections;
pub(crate) mod body;
mod const_expr;
mod hints;
pub(crate) mod info;
mod names;
mod sections;
mod type_conv;

#[cfg(test)]
mod tests;

use alloc::format;
use alloc::sync::Arc;
use core::ops::Range;

use wasmparser::{Encoding, Parser, Payload, ValidPayload, Validator, ValidatorResources, WasmFeatures};

use self::body::BodyValidator;
use self::info::ModuleInfo;
use crate::config::{Compilation, Config};
use crate::error::{Error, ErrorKind};
use crate::types::TypeRegistry;

/// Decodes and validates a module. The types that it defines are registered with its engine's.
///
/// # Errors
///
/// `Invalid` with the offset of the first fault; `Limit` for a module of 4 GiB or more.
pub(crate) fn decode(
    bytes: Arc<[u8]>,
    config: &Config,
    registry: &Arc<TypeRegistry>,
) -> Result<ModuleInfo, Error> {
    check_size(&bytes)?;
    let mut info = ModuleInfo::new(Arc::clone(&bytes), config);
    let mut read = Ok(());
    if read_accepted(&bytes, config, registry, &mut info).is_none() {
        info = ModuleInfo::new(Arc::clone(&bytes), config);
        read = read_sections(&bytes, config, registry, &mut info);
    }
    if config.branch_hinting {
        info.read_branch_hints();
    }
    if config.compilation != Compilation::LazyValidation
        && let Some(validator) = info.validator.take()
    {
        // Whatever stopped the reading is behind all bodies that were read, so their faults come first.
        validator.validate_all(&info, config.max_threads)?;
    }
    read.map(|()| info)
}

/// Decodes all sections if they are certainly valid and need no validator; function bodies are listed and no more. If
/// `None`, nothing is known of the module, and `info` has some of it.
fn read_accepted(
    bytes: &[u8],
    config: &Config,
    registry: &Arc<TypeRegistry>,
    info: &mut ModuleInfo,
) -> Option<()> {
    // What is accepted is valid when all default proposals are on.
    if config.features != Config::DEFAULT_FEATURES {
        return None;
    }
    let mut parser = Parser::new(0);
    parser.set_features(config.features);
    for payload in parser.parse_all(bytes) {
        let payload = payload.ok().filter(|payload| accept_sections::accepts(info, payload))?;
        match payload {
            Payload::CodeSectionEntry(body) => info.bodies.push(narrow_range(body.range())),
            _ => sections::add(info, registry, payload).ok()?,
        }
    }
    if info.has_ambiguous_exports() {
        return None;
    }
    debug_assert!(
        read_sections(bytes, config, registry, &mut ModuleInfo::new(Arc::clone(&info.bytes), config)).is_ok(),
        "only valid sections are accepted"
    );
    info.validator = (!info.bodies.is_empty()).then(|| BodyValidator::of_accepted(config.features));
    Some(())
}

/// Decodes and validates all sections; function bodies are listed and no more.
fn read_sections(
    bytes: &[u8],
    config: &Config,
    registry: &Arc<TypeRegistry>,
    info: &mut ModuleInfo,
) -> Result<(), Error> {
    let mut parser = Parser::new(0);
    // Some encodings depend on the features, so the parser has to know them as well as the validator.
    parser.set_features(config.features);
    let mut validator = Validator::new_with_features(config.features);
    for payload in parser.parse_all(bytes) {
        let payload = payload?;
        refuse_component(&payload)?;
        match validator.payload(&payload)? {
            ValidPayload::Func(func, body) => {
                info.bodies.push(narrow_range(body.range()));
                info.validator.get_or_insert_with(|| BodyValidator::new(func));
            }
            _ => sections::add(info, registry, payload)?,
        }
    }
    Ok(())
}

/// What wasmparser knows of a module with bodies, all of whose sections have been accepted.
fn resources(bytes: &[u8], features: WasmFeatures) -> Result<ValidatorResources, Error> {
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut validator = Validator::new_with_features(features);
    for payload in parser.parse_all(bytes) {
        if let ValidPayload::Func(func, _) = validator.payload(&payload?)? {
            return Ok(func.resources);
        }
    }
    unreachable!("there is a body")
}

/// Ranges and offsets of a module are kept in 32 bits.
fn check_size(bytes: &[u8]) -> Result<(), Error> {
    let limit = u64::from(u32::MAX);
    let value = bytes.len() as u64;
    if value > limit {
        return Err(ErrorKind::Limit { what: "size of the module in bytes", value, limit, offset: 0 }.into());
    }
    Ok(())
}

/// wasmparser would refuse a component too, but in terms of its own configuration. The message begins as the
/// specification's does for a version it does not know, which is what a component's header is to it.
fn refuse_component(payload: &Payload<'_>) -> Result<(), Error> {
    match payload {
        Payload::Version { num, encoding: Encoding::Component, range } => Err(Error::invalid(
            format!(
                "unknown binary version: this is a component (version {num:#x}), but a core module is expected"
            ),
            // The version field stands behind the four bytes of the magic number.
            narrow(range.start) as usize + 4,
        )),
        _ => Ok(()),
    }
}

/// The error for what is valid with some proposal that this engine does not implement. Such input is refused by
/// validation as long as `Config` cannot switch the proposal on; this keeps a gap between the two from being worse
/// than an error.
fn not_supported(what: &str, offset: u64) -> Error {
    Error::invalid(format!("{what} is not supported"), narrow(offset) as usize)
}

fn narrow(offset: u64) -> u32 {
    u32::try_from(offset).expect("`check_size` refuses modules with offsets beyond 32 bits")
}

fn narrow_range(range: Range<u64>) -> Range<u32> {
    narrow(range.start)..narrow(range.end)
}
