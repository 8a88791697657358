//! Reads a disassembly and checks that no handler of the tail strategy can grow the native stack.
//!
//! What `objdump --dynamic-reloc` and then `objdump --disassemble --demangle --no-show-raw-insn` print of a program for
//! x86-64 or aarch64 goes in on standard input. A handler must go on by jumping: if it called the next one, the native
//! stack would grow with every op. So the only functions that a handler may call are those that come back without
//! running another op (copying and filling of memory, float functions of the C library, meanings of ops that were not
//! inlined) and those that never come back, because they panic.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read as _};
use std::process::ExitCode;

/// What the name of every handler contains.
const HANDLER: &str = "wapiti::exec::dispatch::tail::Handlers::handler";

/// What the names of functions that a handler may call begin with.
#[rustfmt::skip]
const HARMLESS: [&str; 16] = [
    "memcpy", "memmove", "memset",
    "floor", "ceil", "trunc", "rint", "roundeven", "nearbyint", "sqrt",
    "wapiti::isa::eval::", "wapiti::isa::float::", "wapiti::isa::vector::swizzle", "wapiti::isa::vector::shuffle", "compiler_builtins::", "core::panicking::",
];

/// Fewer handlers than this cannot be all.
const MIN_HANDLERS: usize = 1000;

fn main() -> ExitCode {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).expect("standard input is text");
    let listing = Listing::parse(&text);
    let handlers = listing.functions.values().filter(|function| function.name.contains(HANDLER));
    let (mut count, mut calls) = (0, Vec::<&str>::new());
    for handler in handlers {
        count += 1;
        let is_harmful = |line: &&str| is_call(line) && !listing.is_harmless(line);
        calls.extend(handler.lines.iter().copied().filter(is_harmful));
    }
    println!("{count} handlers with {} calls that they must not make", calls.len());
    for call in calls.iter().take(20) {
        println!("    {}", call.trim());
    }
    if count < MIN_HANDLERS {
        println!("there should be {MIN_HANDLERS} at least: does the program have its symbols?");
    }
    if calls.is_empty() && count >= MIN_HANDLERS { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Listing<'a> {
    /// By address.
    functions: BTreeMap<u64, Function<'a>>,
    /// Words that hold the address of something in the program: where, and of what.
    pointers: HashMap<u64, u64>,
}

struct Function<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

impl<'a> Listing<'a> {
    fn parse(text: &'a str) -> Self {
        let mut listing = Self { functions: BTreeMap::new(), pointers: HashMap::new() };
        for line in text.lines() {
            if let Some((address, name)) = function_start(line) {
                listing.functions.insert(address, Function { name, lines: Vec::new() });
            } else if let Some((place, address)) = pointer(line) {
                listing.pointers.insert(place, address);
            } else if let Some(mut function) = listing.functions.last_entry() {
                function.get_mut().lines.push(line);
            }
        }
        listing
    }

    /// Whether a call, if it comes back, does so without running an op.
    fn is_harmless(&self, call: &str) -> bool {
        let Some(callee) = self.callee(call) else { return false };
        HARMLESS.iter().any(|harmless| callee.starts_with(harmless))
    }

    /// The name of the function that is called; none if that is not known until it is.
    fn callee(&self, call: &'a str) -> Option<&'a str> {
        // Behind `#` is where the address of the function stands.
        let place = call.split_once("# ").and_then(|(_, place)| hex(place.split_whitespace().next()?));
        if let Some(address) = place.and_then(|place| self.pointers.get(&place)) {
            return self.functions.get(address).map(|function| function.name);
        }
        call.split_once('<').map(|(_, name)| name)
    }
}

/// `0000000000177700 <name>:`
fn function_start(line: &str) -> Option<(u64, &str)> {
    let (address, name) = line.strip_suffix(">:")?.split_once(" <")?;
    Some((hex(address)?, name))
}

/// `000000000034c870 R_X86_64_RELATIVE  *ABS*+0x000000000032d800`
fn pointer(line: &str) -> Option<(u64, u64)> {
    let (place, address) = line.split_once(" R_")?;
    Some((hex(place)?, hex(address.split_once("*ABS*+0x")?.1)?))
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// `  177700:  call  ...`, perhaps with prefixes.
fn is_call(line: &str) -> bool {
    let Some((_address, instruction)) = line.split_once(':') else { return false };
    let prefixes = ["notrack", "bnd", "addr32", "data16", "rex.W", "cs"];
    let mnemonic = instruction.split_whitespace().find(|word| !prefixes.contains(word));
    mnemonic.is_some_and(|mnemonic| ["call", "callq", "bl", "blr"].contains(&mnemonic))
}
