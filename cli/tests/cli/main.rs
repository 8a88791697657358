//! Runs the `wapiti` command as a user does, and checks output, messages and exit codes.
//!
//! One test program of several modules, one a subcommand; what they share is here. Modules are written as text into
//! a temporary directory; nothing else is read, and no network is used.

mod bench;
#[cfg(unix)]
mod ctrl_c;
mod dump;
mod explain;
#[cfg(unix)]
mod faults;
mod inspect;
mod limits;
mod measuring;
mod profile;
#[cfg(unix)]
mod progress;
mod run;
mod tour;
mod wast;

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// What a run of the command left.
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// A directory for one test's files, removed at its end.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"))
    }

    fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    /// Writes a file and returns its path.
    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.path().join(name);
        std::fs::write(&path, contents).expect("there is room for a small file");
        path.into_os_string().into_string().expect("temporary directories have plain names")
    }
}

fn wapiti<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Outcome {
    wapiti_with("", args)
}

/// Runs the command with `stdin` as its standard input and one known environment variable.
fn wapiti_with<S: AsRef<OsStr>>(stdin: impl AsRef<[u8]>, args: impl IntoIterator<Item = S>) -> Outcome {
    let mut child = start(args);
    let mut input = child.stdin.take().expect("it is piped");
    let bytes = stdin.as_ref().to_vec();
    // On a thread, because the command may not read on before its output has been read. One that does not read at
    // all closes the pipe early, which is no error here.
    let writer = std::thread::spawn(move || drop(input.write_all(&bytes)));
    let output = child.wait_with_output().expect("the command was started");
    writer.join().expect("the thread has nothing to panic about");
    Outcome::new(output)
}

/// Runs the command with an input that stays open and empty, and does `meanwhile` as it runs.
fn wapiti_waiting<S: AsRef<OsStr>>(
    args: impl IntoIterator<Item = S>,
    meanwhile: impl FnOnce(&mut Child),
) -> Outcome {
    let mut child = start(args);
    // Waiting for the command would close its input.
    let input = child.stdin.take();
    meanwhile(&mut child);
    let output = child.wait_with_output().expect("the command was started");
    drop(input);
    Outcome::new(output)
}

fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Child {
    Command::new(env!("CARGO_BIN_EXE_wapiti"))
        .args(args)
        .env("WAPITI_TEST_VARIABLE", "from outside")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the command")
}

impl Outcome {
    fn new(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("these tests print text"),
            stderr: String::from_utf8(output.stderr).expect("these tests print text"),
        }
    }

    /// Checks for an exit code, nothing on standard output, and a message that contains all of `parts`.
    #[track_caller]
    fn fails_with(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert_eq!(self.stdout, "");
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is missing in:\n{}", self.stderr);
        }
    }

    /// Checks for success, this standard output, and silence on standard error.
    #[track_caller]
    fn prints(&self, stdout: &str) {
        assert_eq!(self.stderr, "");
        assert_eq!(self.code, Some(0));
        assert_eq!(self.stdout, stdout);
    }
}

/// An example of the repository.
fn example(name: &str) -> String {
    format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn help_and_version() {
    let help = wapiti(["--help"]);
    assert_eq!(help.code, Some(0));
    for word in ["run", "dump", "inspect", "wast", "bench", "profile", "completions", "Examples:"] {
        assert!(help.stdout.contains(word), "{}", help.stdout);
    }
    let help = wapiti(["run", "--help"]);
    assert_eq!(help.code, Some(0));
    for word in [
        "--env",
        "--inherit-env",
        "--dir",
        "--dir-ro",
        "--tcp-listen",
        "--argv0",
        "--stdin",
        "--invoke",
        "--dispatch",
        "--compile",
        "--time",
        "--timeout",
        "--max-stack",
        "--proposals",
        "--max-memory",
        "-W",
        "-S",
        "130",
        "134",
    ] {
        assert!(help.stdout.contains(word), "{word} is missing in:\n{}", help.stdout);
    }
    let version = wapiti(["--version"]);
    assert_eq!(version.code, Some(0));
    assert!(version.stdout.starts_with("wapiti "), "{}", version.stdout);
}

#[test]
fn wrong_usage() {
    assert_eq!(wapiti([""; 0]).code, Some(2));
    wapiti(["run"]).fails_with(2, &["FILE"]);
    wapiti(["frobnicate"]).fails_with(2, &["frobnicate"]);
    wapiti(["hello.wasm"]).fails_with(2, &["hello.wasm", "wapiti run hello.wasm"]);
    wapiti(["run", "--dispatch", "magic", "x.wasm"]).fails_with(2, &["magic", "tail", "match"]);
    wapiti(["run", "--max-stack", "many", "x.wasm"]).fails_with(2, &["many", "number of bytes"]);
    wapiti(["run", "--frobnicate", "x.wasm"]).fails_with(2, &["--frobnicate", "--help"]);
    wapiti(["run", "--dir", "::x", "x.wasm"]).fails_with(2, &["HOST"]);
    wapiti(["run", "--env", "WAPITI_NO_SUCH_VARIABLE", "x.wasm"]).fails_with(2, &["WAPITI_NO_SUCH_VARIABLE"]);
}
