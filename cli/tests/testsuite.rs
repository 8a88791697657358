//! Runs the public WASI test suite through the command, under tail and match dispatch, and prints the counts.
//!
//! The suite is not part of the repository. It is looked for in the folder `wasi-testsuite` of the workloads, which are
//! beside the checkout or where `WAPITI_WORKLOADS` says; without it this test says so and passes. Its file
//! `specification.md` says how a case is run: a `.json` beside the `.wasm` has arguments, variables, a directory, and
//! what must come of it. Every case gets a fresh copy of its directory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use serde::Deserialize;
use tempfile::TempDir;

/// Strategies that the suite is run under.
const STRATEGIES: [&str; 2] = ["tail", "match"];
/// No case takes a second; one that hangs is ended by this.
const TIMEOUT: &str = "60s";

/// What a case's `.json` says; without one, the defaults.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Expectations {
    args: Vec<String>,
    /// A directory beside the case, for the guest's `/`.
    root: Option<String>,
    env: BTreeMap<String, String>,
    exit_code: i32,
    /// Cases that do not say print whatever helps those who debug them.
    stdout: Option<String>,
    stderr: Option<String>,
}

fn main() -> ExitCode {
    let suite = workloads().join("wasi-testsuite");
    if !suite.is_dir() {
        eprintln!("skipped: the WASI test suite is not at {}", suite.display());
        return ExitCode::SUCCESS;
    }
    let cases = cases(&suite).expect("the suite can be read");
    assert!(!cases.is_empty(), "{} has no case", suite.display());
    let mut all_good = true;
    for strategy in STRATEGIES {
        let mut passed = 0;
        for case in &cases {
            match run(case, strategy) {
                Ok(()) => passed += 1,
                Err(fault) => println!("{strategy}: {}: {fault}", case.display()),
            }
        }
        println!("WASI test suite, {strategy} dispatch: {passed} of {} passed", cases.len());
        all_good &= passed == cases.len();
    }
    if all_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A relative path counts from the top of the repository.
fn workloads() -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var_os("WAPITI_WORKLOADS").unwrap_or_else(|| "../shared/workloads".into());
    top.join(folder)
}

/// The `.wasm` files in the suite's folders, one folder a language.
fn cases(suite: &Path) -> io::Result<Vec<PathBuf>> {
    let mut cases = Vec::new();
    for language in fs::read_dir(suite)? {
        let language = language?.path();
        if !language.is_dir() {
            continue;
        }
        for file in fs::read_dir(language)? {
            let file = file?.path();
            if file.extension().is_some_and(|extension| extension == "wasm") {
                cases.push(file);
            }
        }
    }
    cases.sort();
    Ok(cases)
}

/// Runs a case and says what is not as expected.
fn run(case: &Path, strategy: &str) -> Result<(), String> {
    let expected = expectations(case)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_wapiti"));
    command.args(["run", "--dispatch", strategy, "--timeout", TIMEOUT]);
    for (name, value) in &expected.env {
        command.arg("--env").arg(format!("{name}={value}"));
    }
    let root = TempDir::new().map_err(|error| error.to_string())?;
    if let Some(name) = &expected.root {
        copy_dir(&case.with_file_name(name), root.path()).map_err(|error| format!("{name}: {error}"))?;
        let mut dir = root.path().as_os_str().to_owned();
        dir.push("::/");
        command.arg("--dir").arg(dir);
    }
    let output = command
        .arg(case)
        .args(&expected.args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("the command cannot be run: {error}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(expected.exit_code) {
        let (wanted, got) = (expected.exit_code, output.status);
        return Err(format!("exit code {wanted} is expected, but it is {got}\n{stderr}"));
    }
    let stdout = String::from_utf8_lossy(&output.stdout);
    for (what, wanted, got) in
        [("output", expected.stdout, stdout), ("error output", expected.stderr, stderr)]
    {
        if wanted.as_ref().is_some_and(|wanted| *wanted != got) {
            return Err(format!("{what} {wanted:?} is expected, but it is {got:?}"));
        }
    }
    Ok(())
}

fn expectations(case: &Path) -> Result<Expectations, String> {
    let file = case.with_extension("json");
    match fs::read(&file) {
        Ok(json) => serde_json::from_slice(&json).map_err(|error| format!("{}: {error}", file.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Expectations::default()),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

/// Copies what is in a directory, but not its permissions: the copy can be written. Leavings of other runs stay.
fn copy_dir(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy_dir(&entry.path(), &target)?;
        } else if entry.path().extension().is_none_or(|extension| extension != "cleanup") {
            fs::write(target, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
