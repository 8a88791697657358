//! Runs a WASI program that needs no files: small enough to be compiled for WASI itself and run by Wapiti.
//!
//! `nested FILE [ARGS]...` runs the module in FILE, which is `-` for standard input, with the words from FILE on as
//! its arguments. Output passes through, and so does standard input if the module has not come from there, so that
//! interpreters can be nested: the outer one is given the inner one as FILE and the program for that one as input.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use wapiti::{Engine, Error, Linker, Module, Store};
use wapiti_web::system::{self, Exit, System};

fn main() -> ExitCode {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let Some(file) = args.first_mut() else {
        eprintln!("error: nothing to run\n\nUsage: nested FILE [ARGS]...");
        return ExitCode::from(2);
    };
    let from_input = file == "-";
    match read(file, from_input).and_then(|bytes| run(&bytes, args, from_input)) {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn read(file: &str, from_input: bool) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let outcome = if from_input {
        std::io::stdin().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(file).map(|contents| bytes = contents)
    };
    outcome.map(|()| bytes).map_err(|error| format!("{file}: {error}"))
}

fn run(bytes: &[u8], args: Vec<String>, from_input: bool) -> Result<u8, String> {
    let stdin: Box<dyn Read> =
        if from_input { Box::new(std::io::empty()) } else { Box::new(std::io::stdin()) };
    let seed = now();
    let world = System { args, stdin, output: Box::new(write), now, seed };
    match start(bytes, world) {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref() {
            Some(Exit(code)) => Ok(code.to_le_bytes()[0]),
            None => Err(format!("{error:?}")),
        },
    }
}

fn start(bytes: &[u8], world: System) -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(&engine, bytes)?;
    let mut linker = Linker::new(&engine);
    system::add_to_linker(&mut linker, |world: &mut System| world)?;
    system::define_the_rest(&mut linker, &module)?;
    let mut store = Store::new(&engine, world);
    let instance = linker.instantiate(&mut store, &module)?;
    instance.get_typed_func::<(), ()>(&store, "_start")?.call(&mut store, ())
}

fn write(fd: u32, bytes: &[u8]) {
    // A closed output is not for us to complain about: the program is told of it by no system call here.
    let _ = match fd {
        1 => std::io::stdout().lock().write_all(bytes),
        _ => std::io::stderr().lock().write_all(bytes),
    };
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64)
}
