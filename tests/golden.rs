//! What functions are lowered to, and that it computes the right results.
//!
//! Each `tests/golden/*.wat` is one idea. It begins with a comment that has lines like `;; fib(10) => 55` or
//! `;; div(1, 0) => trap: integer divide by zero`: calls of exports, made in this order in one store, under every
//! dispatch strategy and compile mode. Beside it stands the bytecode of its functions as text, which
//! `BLESS=1 cargo test --test golden` writes again: look at the difference before you commit it.

mod support;

#[path = "support/deepen.rs"]
mod deepen;

#[path = "support/hinted.rs"]
mod hinted;

use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use wapiti::{Engine, Error, Instance, Module, Store, Val, ValType};

use deepen::deepen;
use hinted::hinted;
use support::{Setting, one_setting_a_strategy, settings};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");

#[test]
fn results_are_right() {
    let failures = failures(&settings(), |module| module);
    assert!(failures.is_empty(), "\n{failures}");
}

/// Whatever the functions do, they do in a frame whose operands lie beyond what narrow operand fields reach, and in
/// ones where they lie on both sides of that.
#[test]
fn results_are_right_in_large_frames() {
    let locals = 49_000;
    // Window, link, and the function's own locals take a few cells more.
    let edge = 0x1_0000 - locals;
    let depths = if cfg!(debug_assertions) { vec![edge] } else { (edge - 18..=edge).step_by(3).collect() };
    for depth in depths {
        let failures = failures(&one_setting_a_strategy(), |module| deepen(&module, locals, depth));
        assert!(failures.is_empty(), "{depth} operands deep:\n{failures}");
    }
}

/// Hints, right or wrong, move code about and change nothing else.
#[test]
fn results_are_right_with_hints() {
    for pattern in [0b0, 0b1, 0b01, 0b10, 0b011_0100_1101] {
        let failures = failures(&one_setting_a_strategy(), |module| {
            hinted(&module, |number| pattern >> (number % 11) & 1 == 1 || pattern == 1)
        });
        assert!(failures.is_empty(), "hints {pattern:#b}:\n{failures}");
    }
}

#[test]
fn large_frames_have_far_operands() {
    let source = fs::read(Path::new(FOLDER).join("calls.wat")).expect("the file is there");
    let module = deepen(&wat::parse_bytes(&source).expect("the text is well formed"), 49_000, 20_000);
    let listing = listing(&module).expect("no limit is exceeded");
    assert!(listing.contains("copy_wide"), "{listing}");
}

/// Runs all files after `change` has been made to their modules.
fn failures(settings: &[Setting], change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let mut failures = String::new();
    for file in files("wat") {
        let source = fs::read_to_string(&file).expect("the file is there");
        let name = file.display();
        let calls = calls(&source);
        assert!(!calls.is_empty(), "{name}: no line of its comment is a call");
        let module = change(wat::parse_str(&source).expect("the text is well formed"));
        for &setting in settings {
            let wrong = run(&module, &calls, setting).unwrap_or_else(|error| vec![error.to_string()]);
            for wrong in wrong {
                writeln!(failures, "{name}: {wrong}, {setting:?}").expect("a String takes it");
            }
        }
    }
    failures
}

#[test]
fn listings_are_as_before() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut failures = String::new();
    for file in files("wat") {
        let source = fs::read_to_string(&file).expect("the file is there");
        let found = listing(&source).unwrap_or_else(|error| format!("{error}\n"));
        let golden = file.with_extension("txt");
        if bless {
            fs::write(&golden, found).expect("the folder can be written to");
            continue;
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if let Some(difference) = first_difference(&expected, &found) {
            writeln!(failures, "{}: {difference}", golden.display()).expect("a String takes it");
        }
    }
    assert!(failures.is_empty(), "\n{failures}\nIf that is right: BLESS=1 cargo test --test golden");
}

#[test]
fn every_listing_belongs_to_a_module() {
    for file in files("txt") {
        assert!(file.with_extension("wat").exists(), "{}: there is no such module", file.display());
    }
}

fn files(extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(FOLDER)).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.retain(|file| file.extension().is_some_and(|found| found == extension));
    files.sort();
    files
}

/// A line of the comment: `name(arguments) => outcome`.
struct Call<'a> {
    name: &'a str,
    arguments: Vec<&'a str>,
    /// Results, or a trap.
    outcome: &'a str,
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({}) => {}", self.name, self.arguments.join(", "), self.outcome)
    }
}

fn calls(source: &str) -> Vec<Call<'_>> {
    let comment = source.lines().map_while(|line| line.strip_prefix(";;"));
    comment.filter_map(|line| line.split_once(" => ")).map(|(call, outcome)| parse(call, outcome)).collect()
}

fn parse<'a>(call: &'a str, outcome: &'a str) -> Call<'a> {
    let (name, arguments) =
        call.trim().trim_end_matches(')').split_once('(').expect("a call has parentheses");
    Call { name, arguments: values(arguments), outcome: outcome.trim() }
}

fn values(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|value| !value.is_empty()).collect()
}

/// What the calls give that is not as the comment says.
fn run(module: &[u8], calls: &[Call<'_>], setting: Setting) -> Result<Vec<String>, Error> {
    let engine = Engine::new(setting.config().max_stack_bytes(64 << 20));
    let module = Module::new(&engine, module)?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let mut wrong = Vec::new();
    for call in calls {
        if let Err(found) = check(&mut store, instance, call) {
            wrong.push(format!("{call}, but found {found}"));
        }
    }
    Ok(wrong)
}

fn check(store: &mut Store<()>, instance: Instance, call: &Call<'_>) -> Result<(), String> {
    let func = instance.get_func(&mut *store, call.name).ok_or("no such export")?;
    let ty = func.ty(&*store);
    let arguments = typed(ty.params(), &call.arguments)?;
    let mut results = vec![Val::I32(0); ty.results().len()];
    if let Err(error) = func.call(&mut *store, &arguments, &mut results) {
        let found = error.trap().map_or(format!("{error}"), |trap| format!("trap: {trap}"));
        return if found == call.outcome { Ok(()) } else { Err(found) };
    }
    let found = || text(&results);
    let outcome = if call.outcome == "()" { Vec::new() } else { values(call.outcome) };
    let expected = typed(ty.results(), &outcome).map_err(|_| found())?;
    if expected.iter().map(bits).eq(results.iter().map(bits)) { Ok(()) } else { Err(found()) }
}

fn typed(types: &[ValType], words: &[&str]) -> Result<Vec<Val>, String> {
    if types.len() != words.len() {
        return Err(format!("{} values where {} are expected", words.len(), types.len()));
    }
    types.iter().zip(words).map(|(ty, word)| value(ty, word)).collect()
}

fn value(ty: &ValType, word: &str) -> Result<Val, String> {
    let parsed = match ty {
        // Unsigned numbers are welcome, too.
        ValType::I32 => word.parse::<i64>().ok().map(|value| Val::I32(value as i32)),
        ValType::I64 => word.parse::<i128>().ok().map(|value| Val::I64(value as i64)),
        ValType::F32 => word.parse::<f32>().ok().map(|value| Val::F32(value.to_bits())),
        ValType::F64 => word.parse::<f64>().ok().map(|value| Val::F64(value.to_bits())),
        _ => None,
    };
    parsed.ok_or_else(|| format!("`{word}` is no {ty}"))
}

/// A value to compare: all NaNs are the same here.
fn bits(value: &Val) -> u64 {
    match *value {
        Val::I32(value) => u64::from(value.cast_unsigned()),
        Val::I64(value) => value.cast_unsigned(),
        Val::F32(bits) if f32::from_bits(bits).is_nan() => u64::MAX,
        Val::F32(bits) => u64::from(bits),
        Val::F64(bits) if f64::from_bits(bits).is_nan() => u64::MAX,
        Val::F64(bits) => bits,
        _ => panic!("references cannot be written in a comment"),
    }
}

fn text(values: &[Val]) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| match *value {
            Val::I32(value) => value.to_string(),
            Val::I64(value) => value.to_string(),
            Val::F32(bits) => format!("{:?}", f32::from_bits(bits)),
            Val::F64(bits) => format!("{:?}", f64::from_bits(bits)),
            _ => format!("{value:?}"),
        })
        .collect();
    texts.join(", ")
}

/// The bytecode of all functions that the module defines.
fn listing(module: impl AsRef<[u8]>) -> Result<String, Error> {
    let module = Module::new(&Engine::default(), module)?;
    let mut text = String::new();
    for func in 0..module.function_count() {
        let listing = module.listing(func)?;
        let name = module.function_name(func).expect("every function has a name");
        let separator = if func == 0 { "" } else { "\n" };
        writeln!(text, "{separator}{name}: {} cells", listing.frame_cells()).expect("a String takes it");
        write!(text, "{listing}").expect("a String takes it");
    }
    Ok(text)
}

fn first_difference(expected: &str, found: &str) -> Option<String> {
    if expected == found {
        return None;
    }
    let mut expected = expected.lines();
    for (line, found) in (1..).zip(found.lines()) {
        match expected.next() {
            Some(expected) if expected == found => {}
            expected => return Some(format!("line {line}: `{found}` instead of {expected:?}")),
        }
    }
    Some(format!("it goes on with {:?}", expected.next()))
}
