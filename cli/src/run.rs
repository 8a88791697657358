//! `wapiti run`: runs a module as a WASI program, or one of its exports.
//!
//! The module gets WASI and nothing else. What always holds: the guest's output is written before this process
//! ends, however the guest ended, and the exit code says how.

use std::ffi::OsString;
use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use wapiti::{Engine, Error, ExternType, Instance, Linker, Module, Store, Trap};
use wapiti_wasi::{DirAccess, I32Exit, WasiCtx, WasiCtxBuilder};

use crate::args::RunArgs;
use crate::failure::Failure;
use crate::invoke;
use crate::load;
use crate::progress::Progress;
use crate::stop::Stopper;
use crate::trace::Printer;

/// Runs the module and returns the exit code.
pub(crate) fn run(mut args: RunArgs) -> Result<u8, Failure> {
    let started = Instant::now();
    args.merge_options()?;
    let args = &args;
    let (file, guest_args) = split_words(args)?;
    let path = Path::new(file);
    let mut wasi = wasi(args, file, guest_args)?;
    let wake = wasi.wake_handle().map_err(|error| Failure::load(format_args!("WASI: {error}")))?;
    let engine = load::engine_with(&args.engine, &args.config());
    let progress = Progress::new(path);
    let module = load::module(&engine, path, &load::read_with(path, &progress)?)?;
    drop(progress);
    let entry = match &args.invoke {
        Some(name) => Entry::Export { call: invoke::prepare(&module, name, guest_args)?, name },
        None => Entry::Program(program_entry(&module, path)?),
    };
    let linker = linker(&engine).map_err(|error| Failure::load(format_args!("WASI: {error}")))?;
    let mut store = Store::new(&engine, wasi);
    let stopper = Stopper::new(store.interrupt_handle(), wake);
    stopper.at_ctrl_c();
    if args.trace {
        store.set_tracer(Some(Box::new(Printer::new())));
    }
    let load_time = started.elapsed();

    let started = Instant::now();
    if let Some(timeout) = args.timeout {
        stopper.after(timeout);
    }
    let outcome = execute(&linker, &mut store, &module, &entry);
    let flushed = store.data_mut().flush();
    let run_time = started.elapsed();
    if args.time {
        print_times(load_time, run_time);
    }
    let code = outcome.or_else(|error| exit_code(path, &error, &stopper))?;
    match flushed {
        Ok(()) => Ok(code),
        // Whoever read our output has gone; that is not for us to complain about.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(code),
        Err(error) => Err(Failure::load(format_args!("cannot write the program's output: {error}"))),
    }
}

/// What a program may import. In one place, because all of WASI is compiled wherever it is added to a linker.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<WasiCtx>, Error> {
    let mut linker = Linker::new(engine);
    wapiti_wasi::add_to_linker(&mut linker, |wasi: &mut WasiCtx| wasi)?;
    Ok(linker)
}

/// Where the guest is entered.
enum Entry<'a> {
    Export { name: &'a str, call: invoke::Call },
    Program(&'static str),
}

/// FILE and the guest's words. clap cannot tell an unknown option from a file, so that is done here.
fn split_words(args: &RunArgs) -> Result<(&OsString, &[OsString]), Failure> {
    let (file, guest_args) = args.words.split_first().expect("clap requires one word");
    let looks_like_option = file.as_encoded_bytes().starts_with(b"-") && file != "-";
    if looks_like_option && !follows_double_dash(args.words.len()) {
        let option = file.to_string_lossy();
        return Err(Failure::usage(format_args!(
            "unexpected option `{option}`\n\nUsage: wapiti run [OPTIONS] [--] FILE [ARGS]...\n\n\
             For the options there are, try `wapiti run --help`; a file of that name can be given as `./{option}`."
        )));
    }
    Ok((file, guest_args))
}

/// True if a `--` stands before the last `count` words of the command line.
fn follows_double_dash(count: usize) -> bool {
    let line: Vec<OsString> = std::env::args_os().collect();
    line.len().checked_sub(count + 1).is_some_and(|before| line[before] == "--")
}

fn wasi(args: &RunArgs, file: &OsString, guest_args: &[OsString]) -> Result<WasiCtx, Failure> {
    let mut builder = WasiCtxBuilder::new();
    builder.inherit_stdio().arg(args.argv0.as_ref().unwrap_or(file));
    if args.invoke.is_none() {
        builder.args(guest_args);
    }
    if let Some(file) = &args.stdin {
        let opened = File::open(file);
        builder.stdin(
            opened.map_err(|error| Failure::load(format_args!("--stdin {}: {error}", file.display())))?,
        );
    }
    if args.inherit_env {
        builder.inherit_env();
    }
    for variable in &args.env {
        let (name, value) = split_variable(variable)?;
        builder.env(name, value);
    }
    for (option, dirs, access) in
        [("--dir", &args.dir, DirAccess::ReadWrite), ("--dir-ro", &args.dir_ro, DirAccess::ReadOnly)]
    {
        for dir in dirs {
            builder
                .preopened_dir(&dir.host, dir.guest.clone(), access)
                .map_err(|error| Failure::load(format_args!("{option}: {error}")))?;
        }
    }
    for address in &args.tcp_listen {
        let listener = TcpListener::bind(address).map_err(|error| {
            Failure::load(format_args!("--tcp-listen {address}: cannot listen there: {error}"))
        })?;
        builder.preopened_listener(listener);
    }
    builder.build().map_err(Failure::usage)
}

/// `NAME=VALUE`, or `NAME` for a variable of this process.
fn split_variable(variable: &OsString) -> Result<(String, OsString), Failure> {
    let text = variable.to_str().ok_or_else(|| {
        Failure::usage(format_args!("--env {}: not valid UTF-8", variable.to_string_lossy()))
    })?;
    match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.into())),
        None => match std::env::var_os(text) {
            Some(value) => Ok((text.to_owned(), value)),
            None => Err(Failure::usage(format_args!(
                "--env {text}: no such variable here to pass on; write {text}=VALUE to set it"
            ))),
        },
    }
}

/// What a program's file is entered at: `_start` of a command.
pub(crate) fn program_entry(module: &Module, file: &Path) -> Result<&'static str, Failure> {
    const START: &str = "_start";
    if let Some(ExternType::Func(ty)) = module.get_export(START) {
        if ty.params().is_empty() && ty.results().is_empty() {
            return Ok(START);
        }
        return Err(Failure::load(format_args!(
            "{}: its `{START}` has the type {ty}, but a program's takes and returns nothing",
            file.display()
        )));
    }
    Err(Failure::load(format_args!(
        "{}: not a program: it has no export `{START}`. {}",
        file.display(),
        invoke::describe_exports(module)
    )))
}

fn execute(
    linker: &Linker<WasiCtx>,
    store: &mut Store<WasiCtx>,
    module: &Module,
    entry: &Entry<'_>,
) -> Result<u8, Error> {
    let instance = linker.instantiate(&mut *store, module)?;
    match entry {
        Entry::Program(name) => {
            instance.get_typed_func::<(), ()>(&mut *store, name)?.call(&mut *store, ())?;
        }
        Entry::Export { name, call } => {
            initialize_reactor(store, &instance, module, name)?;
            for result in call.run(store, &instance, name)? {
                print_result(store, &result);
            }
        }
    }
    Ok(0)
}

/// A library compiled for WASI exports `_initialize`, to be called before anything else.
pub(crate) fn initialize_reactor(
    store: &mut Store<WasiCtx>,
    instance: &Instance,
    module: &Module,
    name: &str,
) -> Result<(), Error> {
    const INITIALIZE: &str = "_initialize";
    match module.get_export(INITIALIZE) {
        Some(ExternType::Func(ty))
            if ty.params().is_empty() && ty.results().is_empty() && name != INITIALIZE =>
        {
            instance.get_typed_func::<(), ()>(&mut *store, INITIALIZE)?.call(store, ())
        }
        _ => Ok(()),
    }
}

/// Results come after whatever the guest itself has written.
fn print_result(store: &mut Store<WasiCtx>, result: &str) {
    // The final flush meets the same error and reports it.
    let _ = store.data_mut().flush();
    println!("{result}");
}

/// The exit code of a guest that ended early, or what to say of it.
fn exit_code(file: &Path, error: &Error, stopper: &Stopper) -> Result<u8, Failure> {
    if let Some(I32Exit(code)) = error.downcast_ref() {
        // A process has eight bits for its code, here as everywhere.
        return Ok(code.to_le_bytes()[0]);
    }
    let file = file.display();
    let backtrace = error.backtrace().map_or_else(String::new, |backtrace| format!("\n{backtrace}"));
    Err(match error.trap() {
        Some(Trap::Interrupted) if let Some(reason) = stopper.reason() => {
            reason.failure(&file.to_string(), &backtrace)
        }
        Some(trap) => Failure::trap(format_args!("{file}: trap: {trap}{backtrace}")),
        None => Failure::load(format_args!("{file}: {error}{backtrace}")),
    })
}

fn print_times(load: Duration, run: Duration) {
    eprintln!("load: {:.6} s", load.as_secs_f64());
    eprintln!("run:  {:.6} s", run.as_secs_f64());
}
