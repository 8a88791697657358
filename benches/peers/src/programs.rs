//! WASI programs under engines that are commands.
//!
//! In goes a folder with a `workloads.json`, which says for each program: `id`, `wasm`, `args`, perhaps `stdin` (a
//! file) and `cwd` (a folder that it sees as `.`), and the `exit` code and the `md5` of the output that it must have.
//! With `stderr`, that counts as output too; with `outfile`, the file of that name does instead.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::Common;
use crate::measure::{Candidate, compare};
use crate::table::{Table, Unit};

#[derive(Deserialize)]
struct Program {
    id: String,
    #[serde(default)]
    category: String,
    wasm: PathBuf,
    args: Vec<String>,
    stdin: Option<PathBuf>,
    cwd: Option<PathBuf>,
    #[serde(default)]
    exit: i32,
    md5: String,
    #[serde(default)]
    stderr: bool,
    outfile: Option<PathBuf>,
    /// Set for single exports, which are left out.
    invoke: Option<String>,
}

/// An engine: words of which `{wasm}` and `{args}` are replaced.
#[derive(Clone)]
pub struct External {
    pub name: String,
    template: Vec<String>,
}

/// What one run of a program took.
struct Usage {
    seconds: f64,
    peak_bytes: f64,
}

impl std::str::FromStr for External {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, template) = text.split_once('=').ok_or("expected NAME=COMMAND")?;
        let template = template.split_whitespace().map(str::to_owned).collect();
        Ok(Self { name: name.to_owned(), template })
    }
}

/// Tables of time and of peak memory, for the programs that `select` names by id or category, or all.
pub fn measure(
    common: &Common,
    externals: &[External],
    folder: &Path,
    select: &[String],
) -> Result<Vec<Table>> {
    let list = folder.join("workloads.json");
    let text = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let programs: Vec<Program> = serde_json::from_str(&text).with_context(|| list.display().to_string())?;
    let folder = folder.canonicalize()?;

    let mut seconds = Table::new("WASI programs: processor time of the process", Unit::Seconds, common);
    let mut peaks = Table::new("WASI programs: peak memory of the process", Unit::Bytes, common);
    for program in programs {
        let selected =
            select.is_empty() || select.iter().any(|word| *word == program.id || *word == program.category);
        if program.invoke.is_some() || !selected {
            continue;
        }
        // Peaks come with the times, and the largest of them counts.
        let largest: Vec<_> = externals.iter().map(|_| Cell::new(0.0)).collect();
        let samples = compare(common, &program.id, |name| {
            let position = externals.iter().position(|external| external.name == name);
            let position = position.context("there is no such command")?;
            let (program, external, largest) = (&program, &externals[position], &largest[position]);
            program.run(external, &folder)?;
            Ok(Some((String::new(), program.runner(external, &folder, largest))))
        });
        let peak = |cell: &Cell<f64>| Some(cell.get()).filter(|peak| *peak > 0.0);
        let peak_samples = largest.iter().map(|cell| peak(cell).map(crate::measure::Sample::once));
        peaks.push(&program.id, None, peak_samples.collect());
        seconds.push(&program.id, None, samples);
    }
    Ok(vec![seconds, peaks])
}

impl Program {
    fn runner<'a>(
        &'a self,
        external: &'a External,
        folder: &'a Path,
        largest: &'a Cell<f64>,
    ) -> Candidate<'a> {
        Box::new(move || {
            let usage = self.run(external, folder)?;
            largest.set(largest.get().max(usage.peak_bytes));
            Ok(usage.seconds)
        })
    }

    /// Runs the program and checks how it ends.
    fn run(&self, external: &External, folder: &Path) -> Result<Usage> {
        let cwd = self.cwd.as_ref().map_or_else(|| folder.to_owned(), |cwd| folder.join(cwd));
        fs::create_dir_all(&cwd)?;
        let outfile = self.outfile.as_ref().map(|file| cwd.join(file));
        let (mut stdout, mut stderr) = (scratch_file()?, scratch_file()?);
        let words = external.words(&folder.join(&self.wasm), &self.args);
        let mut command = Command::new(words.first().context("the command is empty")?);
        command.args(&words[1..]).current_dir(&cwd);
        command.stdin(match &self.stdin {
            Some(stdin) => Stdio::from(File::open(folder.join(stdin))?),
            None => Stdio::null(),
        });
        command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
        let (exit, usage) = run(&mut command)?;

        let mut output = Vec::new();
        match &outfile {
            Some(path) => {
                output = fs::read(path).unwrap_or_default();
                let _ = fs::remove_file(path);
            }
            None => {
                read_back(&mut stdout, &mut output)?;
                if self.stderr {
                    read_back(&mut stderr, &mut output)?;
                }
            }
        }
        if exit != self.exit {
            let mut text = Vec::new();
            read_back(&mut stderr, &mut text)?;
            bail!("exit code {exit}: {}", String::from_utf8_lossy(&text).lines().last().unwrap_or_default());
        }
        ensure!(format!("{:x}", md5::compute(&output)) == self.md5, "wrong output");
        Ok(usage)
    }
}

impl External {
    fn words(&self, wasm: &Path, args: &[String]) -> Vec<String> {
        let wasm = wasm.to_string_lossy();
        let expand = |word: &String| match &**word {
            "{args}" => args.to_vec(),
            word => vec![word.replace("{wasm}", &wasm)],
        };
        self.template.iter().flat_map(expand).collect()
    }
}

/// An open file without a name.
fn scratch_file() -> Result<File> {
    // SAFETY: the name is a string that ends in 0, and the flags ask for nothing special.
    let descriptor = unsafe { libc::memfd_create(c"output".as_ptr(), libc::MFD_CLOEXEC) };
    ensure!(descriptor >= 0, std::io::Error::last_os_error());
    // SAFETY: the descriptor was just made and belongs to nobody else.
    Ok(unsafe { std::os::fd::FromRawFd::from_raw_fd(descriptor) })
}

fn read_back(file: &mut File, output: &mut Vec<u8>) -> Result<()> {
    file.rewind()?;
    file.read_to_end(output)?;
    Ok(())
}

/// Runs the command: its exit code, or 128 and the signal that killed it, and what it used.
fn run(command: &mut Command) -> Result<(i32, Usage)> {
    // A process is said to have had the memory of the one that it was made from. With a step between fork and exec,
    // the standard library forks properly, and that is only what this program has on its heap.
    // SAFETY: the closure does nothing.
    unsafe { command.pre_exec(|| Ok(())) };
    #[allow(clippy::zombie_processes, reason = "it is waited for below, by a call that tells more")]
    let child = command.spawn().with_context(|| format!("{command:?}"))?;
    let mut status = 0;
    // SAFETY: all zero is a valid `rusage`.
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the pointers are to live places, and the child is ours and has not been waited for.
    let waited = unsafe { libc::wait4(child.id() as libc::pid_t, &raw mut status, 0, &raw mut used) };
    ensure!(waited > 0, std::io::Error::last_os_error());
    let exit = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { 128 + libc::WTERMSIG(status) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    let usage = Usage {
        seconds: seconds(used.ru_utime) + seconds(used.ru_stime),
        peak_bytes: used.ru_maxrss as f64 * 1024.0,
    };
    Ok((exit, usage))
}
