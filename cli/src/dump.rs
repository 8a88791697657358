//! `wapiti dump`: prints a module's sections, imports and exports, and its functions' bytecode.
//!
//! The sections come from the module's bytes, so that custom ones and those that the library does not keep are
//! seen as well; everything else comes from the library, which has validated the module before a line is printed.

use std::fmt::Write as _;
use std::io::Write as _;

use wapiti::{Engine, ExternType, Module};
use wasmparser::{Parser, Payload};

use crate::args::DumpArgs;
use crate::failure::Failure;
use crate::listing::FunctionTexts;
use crate::load;
use crate::progress::Progress;
use crate::summary::describe as section_name;

/// Prints the dump and returns the exit code.
pub(crate) fn dump(args: &DumpArgs) -> Result<u8, Failure> {
    let engine = load::engine(&args.engine);
    let progress = Progress::new(&args.file);
    let bytes = load::read_with(&args.file, &progress)?;
    let module = load::module(&engine, &args.file, &bytes)?;
    drop(progress);
    // The library reads text by itself, but sections and offsets exist only in the binary form.
    let binary = wat::parse_bytes(&bytes).expect("the library has read this module already");
    let text = match &args.function {
        Some(name) => {
            let func_idx = find_function(&module, name)?;
            FunctionTexts::new(&binary).listing(&module, func_idx)?
        }
        None => whole_module(&engine, &module, &binary)?,
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever looked at the dump has seen enough of it.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Failure::load(format_args!("cannot write the dump: {error}"))),
        Ok(()) => Ok(0),
    }
}

fn whole_module(engine: &Engine, module: &Module, binary: &[u8]) -> Result<String, Failure> {
    let mut text = sections(binary).expect("the library has validated this module already");
    text.push_str(&imports_and_exports(module));
    text.push_str(&format!("\nfunctions ({:?} dispatch):\n", engine.dispatch()));
    let texts = FunctionTexts::new(binary);
    for func_idx in imported_function_count(module)..module.function_count() {
        text.push('\n');
        text.push_str(&texts.listing(module, func_idx)?);
    }
    Ok(text)
}

/// One line a section: where its contents lie, how many bytes they are, what they are.
fn sections(binary: &[u8]) -> wasmparser::Result<String> {
    let mut text = String::from("sections:\n    offset      bytes  section\n");
    for payload in Parser::new(0).parse_all(binary) {
        let payload = payload?;
        let Some((_, range)) = payload.as_section() else { continue };
        let bytes = range.end - range.start;
        line(&mut text, format_args!("{:#10x} {bytes:>10}  {}", range.start, describe(&payload)));
    }
    Ok(text)
}

fn describe(payload: &Payload<'_>) -> String {
    match (payload, section_name(payload)) {
        (Payload::StartSection { func, .. }, _) => format!("start     function {func}"),
        (Payload::CustomSection(reader), _) => format!("custom    {:?}", reader.name()),
        (_, (name, Some(count))) => format!("{name:<9} {count}"),
        (_, (name, None)) => name,
    }
}

fn imports_and_exports(module: &Module) -> String {
    let mut text = String::new();
    let mut imported_functions = 0;
    for (i, import) in module.imports().enumerate() {
        if i == 0 {
            text.push_str("\nimports:\n");
        }
        let (from, name, ty) = (import.module(), import.name(), import.ty());
        match ty {
            ExternType::Func(_) => {
                line(&mut text, format_args!("  {from:?} {name:?}: {ty}, index {imported_functions}"));
                imported_functions += 1;
            }
            _ => line(&mut text, format_args!("  {from:?} {name:?}: {ty}")),
        }
    }
    for (i, export) in module.exports().enumerate() {
        if i == 0 {
            text.push_str("\nexports:\n");
        }
        line(&mut text, format_args!("  {:?}: {}", export.name(), export.ty()));
    }
    text
}

pub(crate) fn line(text: &mut String, what: std::fmt::Arguments<'_>) {
    writeln!(text, "{what}").expect("writing to a string cannot fail");
}

fn imported_function_count(module: &Module) -> u32 {
    let count = module.imports().filter(|import| matches!(import.ty(), ExternType::Func(_))).count();
    u32::try_from(count).expect("a module has fewer than 2^32 functions")
}

/// The function that `--function` names: by its name, else by its index.
fn find_function(module: &Module, name: &str) -> Result<u32, Failure> {
    let functions = 0..module.function_count();
    let wanted = name.strip_prefix('$').unwrap_or(name);
    let found = functions
        .clone()
        .find(|&func_idx| module.function_name(func_idx) == Some(wanted))
        .or_else(|| name.parse().ok().filter(|func_idx| functions.contains(func_idx)));
    let found = found
        .ok_or_else(|| Failure::usage(format_args!("--function {name}: {}", describe_functions(module))))?;
    if found < imported_function_count(module) {
        return Err(Failure::usage(format_args!(
            "--function {name}: it is imported, so there is no code of it here"
        )));
    }
    Ok(found)
}

/// A sentence that lists the functions there are, for someone who named another one.
fn describe_functions(module: &Module) -> String {
    const LISTED: usize = 40;
    let functions = module.function_count();
    let named: Vec<String> = (0..functions)
        .filter_map(|func_idx| Some(format!("\n  {func_idx} {}", module.function_name(func_idx)?)))
        .take(LISTED)
        .collect();
    match (functions, named.is_empty()) {
        (0, _) => "the module has no functions.".to_owned(),
        (_, true) => {
            format!("there is no such function. They have no names; use an index below {functions}.")
        }
        (_, false) => format!(
            "there is no such function. Use an index below {functions} or a name, such as:{}",
            named.concat()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::sections;

    #[test]
    fn every_section_has_a_line() {
        let binary = wat::parse_str(
            r#"(module (memory 1) (func (export "f")) (data (i32.const 0) "abc") (@custom "note" "hi"))"#,
        )
        .expect("a valid module");
        let text = sections(&binary).expect("a valid module");
        for section in ["type", "function", "memory", "export", "code", "data", "custom    \"note\""] {
            assert!(text.contains(section), "{section} is missing in {text}");
        }
    }
}
