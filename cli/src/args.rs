//! The command line as clap knows it: one struct a command, with the texts of `--help`.
//!
//! Options of `run` stand before FILE. From FILE on every word is the guest's, whatever it looks like, so FILE and
//! the guest's words are one argument here and `run` takes them apart.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand, ValueEnum};
use wapiti::{Compilation, Config, Dispatch};

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
  wapiti dump --function fib fib.wat      show a function's bytecode";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a module: a WASI program, or one of its exports
    Run(RunArgs),
    /// Show a module's sections and the bytecode of its functions
    Dump(DumpArgs),
    /// Run WebAssembly specification scripts
    Wast(WastArgs),
}

const RUN_HELP: &str = "\
Options stand before FILE; every word after FILE goes to the program unchanged, even -s or --help.

Exit code:
  the program's own, or 134 if it trapped, 1 if the module cannot be loaded, 2 for wrong usage

Examples:
  wapiti run hello.wasm
  wapiti run --env LANG=C --dir data::/data --dir . tool.wasm -v /data/in.txt
  wapiti run --invoke add add.wat 2 -0x5
  cat module.wasm | wapiti run - arg";

#[derive(Args)]
#[command(after_help = RUN_HELP, override_usage = "wapiti run [OPTIONS] [--] FILE [ARGS]...")]
pub(crate) struct RunArgs {
    /// Set an environment variable of the program; without a value, pass on the one of this process
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<OsString>,

    /// Give the program a directory, as GUEST or else under the name written
    #[arg(long, value_name = "HOST[::GUEST]", value_parser = parse_dir)]
    pub(crate) dir: Vec<DirArg>,

    /// Call this export instead of running a program; ARGS are its arguments, results are printed one a line
    #[arg(long, value_name = "NAME")]
    pub(crate) invoke: Option<String>,

    /// Print seconds taken for loading and for running to standard error
    #[arg(long)]
    pub(crate) time: bool,

    #[command(flatten)]
    pub(crate) engine: EngineArgs,

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
pub(crate) struct WastArgs {
    #[command(flatten)]
    pub(crate) engine: EngineArgs,

    /// The scripts
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// How the engine works: the options that all commands share.
#[derive(Args)]
pub(crate) struct EngineArgs {
    /// How the interpreter gets from one operation to the next
    #[arg(long, value_enum, value_name = "STRATEGY", default_value = "tail")]
    pub(crate) dispatch: DispatchArg,

    /// When functions are validated and compiled to bytecode
    #[arg(long, value_enum, value_name = "WHEN", default_value = "lazy")]
    pub(crate) compile: CompileArg,

    /// Size of the stack that the program's calls use, such as 65536 or 64m [default: 8m]
    #[arg(long, value_name = "BYTES", value_parser = parse_size)]
    pub(crate) max_stack: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DispatchArg {
    /// One loop around one match
    Match,
    /// A loop that calls each operation's handler
    Call,
    /// Every handler jumps to the next one
    Tail,
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

impl From<DispatchArg> for Dispatch {
    fn from(arg: DispatchArg) -> Self {
        match arg {
            DispatchArg::Match => Self::Match,
            DispatchArg::Call => Self::Call,
            DispatchArg::Tail => Self::Tail,
        }
    }
}

impl EngineArgs {
    /// The engine's configuration that these options ask for.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new();
        config.dispatch(self.dispatch.into());
        config.compilation(match self.compile {
            CompileArg::Eager => Compilation::Eager,
            CompileArg::Lazy => Compilation::Lazy,
            CompileArg::LazyValidation => Compilation::LazyValidation,
        });
        if let Some(bytes) = self.max_stack {
            config.max_stack_bytes(bytes);
        }
        config
    }
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

fn parse_dir(text: &str) -> Result<DirArg, String> {
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    if host.is_empty() || guest.is_empty() {
        return Err("expected HOST or HOST::GUEST, neither of them empty".to_owned());
    }
    Ok(DirArg { host: host.into(), guest: guest.to_owned() })
}

/// A number of bytes; `k`, `m` and `g` multiply by 1024, 1024² and 1024³.
fn parse_size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 1usize << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    let number: usize =
        digits.parse().map_err(|_| "expected a number of bytes, such as 65536 or 8m".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "that many bytes do not fit into memory".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Command, DirArg, parse_dir, parse_size};

    fn words(line: &[&str]) -> Vec<String> {
        let line = ["wapiti", "run"].iter().chain(line);
        match Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{error}")).command {
            Command::Run(args) => {
                args.words.into_iter().map(|word| word.into_string().expect("UTF-8 in, UTF-8 out")).collect()
            }
            _ => panic!("not `run`"),
        }
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
    }

    #[test]
    fn directories() {
        let dir = |host: &str, guest: &str| DirArg { host: host.into(), guest: guest.to_owned() };
        assert_eq!(parse_dir("a/b"), Ok(dir("a/b", "a/b")));
        assert_eq!(parse_dir("C:\\x::/y::z"), Ok(dir("C:\\x", "/y::z")));
        assert!(parse_dir("a::").is_err() && parse_dir("::b").is_err() && parse_dir("").is_err());
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("65536"), Ok(65536));
        assert_eq!(parse_size("8m"), Ok(8 << 20));
        assert_eq!(parse_size("1K"), Ok(1024));
        for bad in ["", "k", "-1", "1x", "99999999999999999999", "99999999999999g"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }
}
