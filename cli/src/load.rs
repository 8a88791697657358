//! Reads a module from a file or standard input and makes it ready for an engine.
//!
//! Whatever goes wrong is a [`Failure`] that names the file, says what is wrong and where, and, for the files that
//! people mistake for modules, what they are instead.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use wapiti::{Config, Engine, ErrorKind, Module};

use crate::args::EngineArgs;
use crate::failure::Failure;
use crate::progress::Progress;

/// The first four bytes of the binary format, and the fifth to eighth byte of a module and of a component.
const MAGIC: &[u8] = b"\0asm";
const MODULE_VERSION: &[u8] = &[1, 0, 0, 0];
const COMPONENT_LAYER: &[u8] = &[1, 0];

/// An engine as the options want it. Says so on standard error if it cannot do what was asked for.
pub(crate) fn engine(args: &EngineArgs) -> Engine {
    engine_with(args, &args.config())
}

/// An engine with settings beyond those of `args`.
pub(crate) fn engine_with(args: &EngineArgs, config: &Config) -> Engine {
    let engine = Engine::new(config);
    let (wanted, used) = (args.dispatch, engine.dispatch());
    if used != wanted.into() {
        eprintln!("warning: this build cannot do {wanted:?} dispatch; using {used:?} dispatch instead");
    }
    engine
}

/// The contents of `file`, or of standard input for `-`.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    read_with(file, &Progress::new(file))
}

/// As [`read`], for somebody who goes on to show how loading goes.
pub(crate) fn read_with(file: &Path, progress: &Progress) -> Result<Vec<u8>, Failure> {
    let result = if file == Path::new("-") {
        read_in_pieces(io::stdin().lock(), 0, progress)
    } else {
        File::open(file).and_then(|opened| {
            // Something other than a file may have more than this, or less.
            let bytes = opened.metadata().map_or(0, |metadata| metadata.len());
            read_in_pieces(opened, bytes, progress)
        })
    };
    result.map_err(|error| fail(file, format_args!("cannot read it: {error}")))
}

fn read_in_pieces(mut from: impl Read, expected: u64, progress: &Progress) -> io::Result<Vec<u8>> {
    const PIECE_BYTES: u64 = 4 << 20;
    progress.expect(expected);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    while from.by_ref().take(PIECE_BYTES).read_to_end(&mut bytes)? > 0 {
        progress.advance(bytes.len() as u64);
    }
    progress.expect(bytes.len() as u64);
    Ok(bytes)
}

/// Makes a module of a file's contents: binary, or text.
pub(crate) fn module(engine: &Engine, file: &Path, bytes: &[u8]) -> Result<Module, Failure> {
    check_kind(bytes).map_err(|what| fail(file, what))?;
    Module::new(engine, bytes).map_err(|error| match error.kind() {
        ErrorKind::Text { .. } => {
            // The library does not know the file's name.
            let text = error.to_string().replacen("<anon>", &file.display().to_string(), 1);
            fail(file, format_args!("not a valid module in the text format\n{text}"))
        }
        // The command switches no proposal off.
        ErrorKind::Invalid { message, .. } if message.ends_with("not enabled") => {
            fail(file, format_args!("it needs what is not implemented: {error}"))
        }
        ErrorKind::Invalid { .. } => fail(file, format_args!("not a valid module: {error}")),
        _ => fail(file, error),
    })
}

/// The binary form of a file's contents.
pub(crate) fn binary<'a>(file: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Failure> {
    check_kind(bytes).map_err(|what| fail(file, what))?;
    wat::parse_bytes(bytes).map_err(|mut error| {
        error.set_path(file);
        fail(file, format_args!("not a valid module in the text format\n{error}"))
    })
}

fn fail(file: &Path, what: impl fmt::Display) -> Failure {
    Failure::load(format_args!("{}: {what}", file.display()))
}

/// Recognises what is no module at all, where the parser's message would only puzzle.
fn check_kind(bytes: &[u8]) -> Result<(), String> {
    if bytes.is_empty() {
        return Err("the file is empty; a module begins with the bytes 00 61 73 6d".to_owned());
    }
    if let Some(version) = bytes.strip_prefix(MAGIC) {
        return match version.get(..4) {
            Some(MODULE_VERSION) => Ok(()),
            Some([_, _, layer @ ..]) if layer == COMPONENT_LAYER => {
                Err("this is a component; components aren't supported, only core modules. \
                 Programs compiled for `wasm32-wasip1` are core modules"
                    .to_owned())
            }
            Some(version) => Err(format!(
                "unknown binary version {:#x} (at offset 0x4); this is version 1 of WebAssembly's binary format",
                u32::from_le_bytes(version.try_into().expect("four bytes were taken"))
            )),
            None => Err("the file ends after its first bytes (at offset 0x4)".to_owned()),
        };
    }
    if std::str::from_utf8(bytes).is_err() {
        let head: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        return Err(format!(
            "not a WebAssembly module: it begins with the bytes {}, a module with 00 61 73 6d; nor is it text \
             (at offset 0x0)",
            head.join(" ")
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_kind;

    fn message(bytes: &[u8]) -> String {
        check_kind(bytes).expect_err("not a module")
    }

    #[test]
    fn mistaken_files_are_recognised() {
        assert!(message(b"\0asm\x0d\0\x01\0").contains("component"));
        assert!(message(b"\0asm\x02\0\0\0").contains("version 0x2"));
        assert!(message(b"\0asm\x01").contains("ends"));
        assert!(message(b"\x7fELF\xff").contains("7f 45 4c 46"));
        assert!(message(b"").contains("empty"));
    }

    #[test]
    fn binaries_and_texts_pass() {
        assert_eq!(check_kind(b"\0asm\x01\0\0\0"), Ok(()));
        assert_eq!(check_kind(b"(module)"), Ok(()));
    }
}
