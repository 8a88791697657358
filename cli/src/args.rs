//! The command line as clap knows it: one struct a command, with the texts of `--help`.
//!
//! Options of `run` stand before FILE. From FILE on every word is the guest's, whatever it looks like, so FILE and
//! the guest's words are one argument here and `run` takes them apart.

use std::ffi::OsString;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use wapiti::{Compilation, Config, Dispatch};

use crate::failure::Failure;
use crate::lab_args::{BenchArgs, ProfileArgs};
use crate::options::{
    SystemOption, WasmOption, parse_address, parse_duration, parse_proposal, parse_size, parse_stack,
    parse_system_option, parse_wasm_option,
};
use crate::switches::Proposal;

/// A fast WebAssembly interpreter
#[derive(Parser)]
#[command(name = "wapiti", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  wapiti run hello.wasm                   run a WASI program
  wapiti run --dir . grep.wasm -n TODO a  let it see the current directory
  wapiti run --invoke fib fib.wat 30      call one export and print its result
  wapiti inspect hello.wasm               what is in a module, on one screen
  wapiti dump --function fib fib.wat      show a function's bytecode";

// The options of a command are made when it is asked for. What their structs' doc comments say then comes after what is
// said here and takes its place, so structs of options have plain comments.
#[derive(Subcommand)]
#[command(defer = true)]
pub(crate) enum Command {
    /// Run a module: a WASI program, or one of its exports
    Run(Box<RunArgs>),
    /// Show a module's sections and the bytecode of its functions
    Dump(DumpArgs),
    /// Sum a module up: sections, imports, exports, proposals used, biggest functions
    Inspect(InspectArgs),
    /// Walk through a module's bytes, with what each means and the bytecode it becomes
    Explain(ExplainArgs),
    /// Execute one export step by step, forwards and back
    Step(StepArgs),
    /// Run WebAssembly specification scripts
    Wast(WastArgs),
    /// Measure programs under several settings, and say which is faster
    Bench(Box<BenchArgs>),
    /// Count what a program executes, and sample where its time goes
    Profile(Box<ProfileArgs>),
    /// Print a script that makes a shell complete this command's words
    Completions(CompletionsArgs),
}

const RUN_HELP: &str = "\
Options stand before FILE; every word after FILE goes to the program unchanged, even -s or --help.

Arguments and results of --invoke:
  integers 7, -7, 0x1f; floats 1.5, -2e-3, inf, nan, nan:0x1; vectors as lanes, the lowest first:
  i32x4:1,-2,3,0x4, likewise i8x16, i16x8, i64x2, f32x4, f64x2; of references only null

Exit code:
  the program's own, or 134 if it trapped or its time was over, 130 after Ctrl-C, 1 if the module
  cannot be loaded, 2 for wrong usage

Examples:
  wapiti run hello.wasm
  wapiti run --env LANG=C --dir-ro data::/data --dir . tool.wasm -v /data/in.txt
  wapiti run --timeout 10s --max-memory 256m untrusted.wasm
  wapiti run --invoke add add.wat 2 -0x5
  cat module.wasm | wapiti run - arg";

#[derive(Args)]
#[command(after_help = RUN_HELP, override_usage = "wapiti run [OPTIONS] [--] FILE [ARGS]...")]
pub(crate) struct RunArgs {
    /// Set an environment variable of the program; without a value, pass on the one of this process
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<OsString>,

    /// Pass on all environment variables of this process; --env comes on top
    #[arg(long)]
    pub(crate) inherit_env: bool,

    /// Give the program a directory, as GUEST or else under the name written
    #[arg(long, value_name = "HOST[::GUEST]", value_parser = parse_dir)]
    pub(crate) dir: Vec<DirArg>,

    /// Give the program a directory that it can only read; these come after those of --dir
    #[arg(long, value_name = "HOST[::GUEST]", value_parser = parse_dir)]
    pub(crate) dir_ro: Vec<DirArg>,

    /// Give the program a socket that listens; its descriptor is the next one after the directories
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_address)]
    pub(crate) tcp_listen: Vec<SocketAddr>,

    /// What the program sees as its own name, instead of FILE
    #[arg(long, value_name = "NAME")]
    pub(crate) argv0: Option<OsString>,

    /// Let the program read FILE as its standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin: Option<PathBuf>,

    /// Stop the program after this time, such as 10s or 500ms; that is a trap
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,

    /// Size that no memory of the program grows beyond, such as 65536 or 64m
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    pub(crate) max_memory: Option<u64>,

    /// Call this export instead of running a program; ARGS are its arguments, results are printed one a line
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// Print seconds taken for loading and for running to standard error
    #[arg(long)]
    pub(crate) time: bool,

    /// Print each operation that is executed to standard error, with the values it reads and writes
    #[arg(long)]
    pub(crate) trace: bool,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// wasmtime's names for these limits and for proposals: max-memory-size, max-wasm-stack, timeout, simd[=y|n] ...
    #[arg(short = 'W', value_name = "NAME=VALUE,...", value_delimiter = ',', value_parser = parse_wasm_option)]
    pub(crate) wasm: Vec<WasmOption>,

    /// wasmtime's names for --inherit-env and --tcp-listen: inherit-env[=y|n], tcplisten
    #[arg(short = 'S', value_name = "NAME[=VALUE],...", value_delimiter = ',', value_parser = parse_system_option)]
    pub(crate) system: Vec<SystemOption>,

    /// The module, .wasm or .wat (- for standard input), and the program's arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "FILE [ARGS]",
        help_heading = "Arguments"
    )]
    pub(crate) words: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct DumpArgs {
    /// Show one function only: its name, or its index (imported functions come first)
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// The module, .wasm or .wat (- for standard input)
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct InspectArgs {
    /// Print everything, as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// The module, .wasm or .wat (- for standard input)
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// The module, .wasm or .wat (- for standard input)
    pub(crate) file: PathBuf,
}

const STEP_HELP: &str = "\
Without a terminal, words are read from standard input, one a line: step [N], back [N], over, end, start, quit.

Examples:
  wapiti step hello.wat
  wapiti step --invoke fib fib.wat 10";

#[derive(Args)]
#[command(after_help = STEP_HELP)]
pub(crate) struct StepArgs {
    /// Step through this export; ARGS are its arguments [default: _start]
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// The module, .wasm or .wat
    pub(crate) file: PathBuf,

    /// The arguments of the export
    #[arg(allow_hyphen_values = true, value_name = "ARGS")]
    pub(crate) words: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    pub(crate) shell: Shell,
}

#[derive(Args)]
pub(crate) struct WastArgs {
    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// The scripts
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

// How the engine works: the options that all commands share.
#[derive(Args)]
pub(crate) struct EngineArgs {
    /// How the interpreter gets from one operation to the next
    #[arg(long, value_enum, value_name = "STRATEGY", default_value = "tail")]
    pub(crate) dispatch: DispatchArg,

    /// When functions are validated and compiled to bytecode
    #[arg(long, value_enum, value_name = "WHEN", default_value = "lazy")]
    pub(crate) compile: CompileArg,

    /// Size of the stack that the program's calls use, such as 65536 or 64m [default: 8m]
    #[arg(long, value_name = "BYTES", value_parser = parse_stack)]
    pub(crate) max_stack: Option<usize>,

    /// Proposals to do with, such as threads, or without, such as simd=n
    #[arg(long, value_name = "NAME[=y|n],...", value_delimiter = ',', value_parser = parse_proposal)]
    pub(crate) proposals: Vec<Proposal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DispatchArg {
    /// One loop around one match
    Match,
    /// A loop that calls each operation's handler
    Call,
    /// Every handler jumps to the next one
    Tail,
    /// The same by calls that the compiler guarantees to be jumps
    #[cfg(wapiti_become)]
    Become,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompileArg {
    /// Validate and compile everything when loading
    Eager,
    /// Validate when loading, compile a function at its first call
    Lazy,
    /// Validate and compile a function at its first call
    LazyValidation,
}

/// A directory for the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirArg {
    pub(crate) host: PathBuf,
    pub(crate) guest: String,
}

impl RunArgs {
    /// Takes over what `-W` and `-S` say under wasmtime's names. The last of several values counts, but a limit under
    /// both of its names is an error: nobody could tell which one is meant.
    pub(crate) fn merge_options(&mut self) -> Result<(), Failure> {
        let (mut memory, mut stack, mut timeout) = (None, None, None);
        for option in self.wasm.drain(..) {
            match option {
                WasmOption::MaxMemory(bytes) => memory = Some(bytes),
                WasmOption::MaxStack(bytes) => stack = Some(bytes),
                WasmOption::Timeout(time) => timeout = Some(time),
                WasmOption::Proposal(proposal) => self.engine.proposals.push(proposal),
            }
        }
        for option in self.system.drain(..) {
            match option {
                SystemOption::InheritEnv(on) => self.inherit_env = on,
                SystemOption::TcpListen(address) => self.tcp_listen.push(address),
            }
        }
        merge(&mut self.max_memory, memory, "--max-memory and -W max-memory-size")?;
        merge(&mut self.engine.max_stack, stack, "--max-stack and -W max-wasm-stack")?;
        merge(&mut self.timeout, timeout, "--timeout and -W timeout")
    }

    /// The engine's configuration that these options ask for.
    pub(crate) fn config(&self) -> Config {
        let mut config = self.engine.config();
        if let Some(bytes) = self.max_memory {
            config.max_memory_bytes(bytes);
        }
        config
    }
}

fn merge<T>(plain: &mut Option<T>, other: Option<T>, names: &str) -> Result<(), Failure> {
    if plain.is_some() && other.is_some() {
        return Err(Failure::usage(format_args!("{names} are the same option; write one of them")));
    }
    *plain = plain.take().or(other);
    Ok(())
}

impl From<DispatchArg> for Dispatch {
    fn from(arg: DispatchArg) -> Self {
        match arg {
            DispatchArg::Match => Self::Match,
            DispatchArg::Call => Self::Call,
            DispatchArg::Tail => Self::Tail,
            #[cfg(wapiti_become)]
            DispatchArg::Become => Self::Become,
        }
    }
}

impl From<CompileArg> for Compilation {
    fn from(arg: CompileArg) -> Self {
        match arg {
            CompileArg::Eager => Self::Eager,
            CompileArg::Lazy => Self::Lazy,
            CompileArg::LazyValidation => Self::LazyValidation,
        }
    }
}

impl EngineArgs {
    /// The engine's configuration that these options ask for.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new();
        config.dispatch(self.dispatch.into());
        config.compilation(self.compile.into());
        if let Some(bytes) = self.max_stack {
            config.max_stack_bytes(bytes);
        }
        self.proposals.iter().for_each(|proposal| proposal.apply(&mut config));
        config
    }
}

/// Reads a command line, the command's own name first.
///
/// Where any word may follow, clap takes `-Wtimeout=1` for one of these: it looks for an option of every letter. So a
/// word of that kind in front of them is parted into option and value, and all is read again.
pub(crate) fn parse(mut line: Vec<OsString>) -> Result<Cli, clap::Error> {
    loop {
        let cli = Cli::try_parse_from(&line)?;
        let Command::Run(args) = &cli.command else { return Ok(cli) };
        let at = line.len() - args.words.len();
        match attached_value(&args.words[0]) {
            Some(parts) if line[at - 1] != "--" => drop(line.splice(at..=at, parts)),
            _ => return Ok(cli),
        }
    }
}

/// `-W` or `-S` and what stands directly behind.
fn attached_value(word: &OsString) -> Option<[OsString; 2]> {
    let word = word.to_str()?;
    let (option, value) = word.split_at_checked(2)?;
    (["-W", "-S"].contains(&option) && !value.is_empty()).then(|| [option.into(), value.into()])
}

/// Ends the process with clap's message and exit code: 0 for `--help`, 2 for wrong usage. Someone who left out
/// `run` is told so.
pub(crate) fn exit_with(error: &clap::Error) -> ! {
    // There is nobody to tell that standard error is closed.
    let _ = error.print();
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && (word.ends_with(".wasm") || word.ends_with(".wat"))
    {
        eprintln!("\nTo run a module, write `wapiti run {word}`.");
    }
    std::process::exit(error.exit_code())
}

/// Prints the script for `shell` and returns the exit code.
pub(crate) fn print_completions(shell: Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "wapiti", &mut script);
    std::io::stdout()
        .write_all(&script)
        .map(|()| 0)
        .map_err(|error| Failure::load(format_args!("cannot write the script: {error}")))
}

pub(crate) fn parse_dir(text: &str) -> Result<DirArg, String> {
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    if host.is_empty() || guest.is_empty() {
        return Err("expected HOST or HOST::GUEST, neither of them empty".to_owned());
    }
    Ok(DirArg { host: host.into(), guest: guest.to_owned() })
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use clap::CommandFactory;

    use super::{Cli, Command, DirArg, RunArgs, parse, parse_dir};

    fn run(line: &[&str]) -> RunArgs {
        let line = ["wapiti", "run"].iter().chain(line).map(OsString::from).collect();
        match parse(line).unwrap_or_else(|error| panic!("{error}")).command {
            Command::Run(args) => *args,
            _ => panic!("not `run`"),
        }
    }

    fn words(line: &[&str]) -> Vec<String> {
        let words = run(line).words.into_iter();
        words.map(|word| word.into_string().expect("UTF-8 in, UTF-8 out")).collect()
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_word_after_the_file_is_the_guests() {
        for line in [
            &["f.wasm", "-s", "--help", "-5", "--env", "A=B"][..],
            &["f.wasm", "--", "a", "--", "b"],
            &["f.wasm", "run", "-h", "", "--version"],
        ] {
            assert_eq!(words(line), line);
        }
        assert_eq!(words(&["--time", "f.wasm", "--time"]), ["f.wasm", "--time"]);
        assert_eq!(words(&["--dir", ".", "--", "f.wasm", "--", "-x"]), ["f.wasm", "--", "-x"]);
        assert_eq!(words(&["--", "-f.wasm"]), ["-f.wasm"]);
        assert_eq!(words(&["--", "-Wtimeout=1"]), ["-Wtimeout=1"]);
        assert_eq!(words(&["-Wtimeout=1", "-Sinherit-env", "f.wasm", "-Wfuel=1"]), ["f.wasm", "-Wfuel=1"]);
    }

    #[test]
    fn both_names_of_an_option_mean_the_same() {
        let lines: [&[&str]; 3] = [
            &["--timeout", "2s", "--max-memory", "1m", "--max-stack", "64k", "--inherit-env", "f"],
            &["-W", "timeout=2,max-memory-size=1048576", "-Wmax-wasm-stack=65536", "-S", "inherit-env", "f"],
            &[
                "-W",
                "timeout=9",
                "-W",
                "timeout=2,max-memory-size=1m,max-wasm-stack=64k",
                "-Sinherit-env=y",
                "f",
            ],
        ];
        for line in lines {
            let mut args = run(line);
            args.merge_options().unwrap_or_else(|failure| panic!("{}", failure.message));
            assert_eq!(args.timeout, Some(Duration::from_secs(2)));
            assert_eq!((args.max_memory, args.engine.max_stack), (Some(1 << 20), Some(65_536)));
            assert!(args.inherit_env);
        }
        for line in [
            &["--timeout", "1", "-W", "timeout=1", "f"][..],
            &["--max-memory", "1", "-W", "max-memory-size=1", "f"],
            &["--max-stack", "1", "-W", "max-wasm-stack=1", "f"],
        ] {
            assert!(run(line).merge_options().is_err_and(|failure| failure.message.contains(line[0])));
        }
    }

    #[test]
    fn directories() {
        let dir = |host: &str, guest: &str| DirArg { host: host.into(), guest: guest.to_owned() };
        assert_eq!(parse_dir("a/b"), Ok(dir("a/b", "a/b")));
        assert_eq!(parse_dir("C:\\x::/y::z"), Ok(dir("C:\\x", "/y::z")));
        assert!(parse_dir("a::").is_err() && parse_dir("::b").is_err() && parse_dir("").is_err());
    }
}
