//! What is run: a WASI program or an export, with everything it is given, so that every run is like the others.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use wapiti::{Engine, Module, Store};
use wapiti_lab::clock::Clock;
use wapiti_lab::counters::{Counters, Counts};
use wapiti_wasi::{DirAccess, I32Exit, OutputPipe, WasiCtx, WasiCtxBuilder};

use crate::args::DirArg;
use crate::failure::Failure;
use crate::invoke;
use crate::lab_args::GuestArgs;
use crate::load;
use crate::run;

/// A program or an export, ready to be run any number of times.
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// The module in its binary form.
    binary: Vec<u8>,
    invoke: Option<String>,
    args: Vec<OsString>,
    stdin: Vec<u8>,
    dirs: Vec<DirArg>,
    env: BTreeMap<String, String>,
    /// What must come out, where that is known.
    exit: Option<i32>,
    output: Option<Vec<u8>>,
}

/// An entry of a manifest. The names in second place are those of other lists of programs.
#[derive(Deserialize)]
struct Entry {
    #[serde(alias = "id")]
    name: String,
    #[serde(alias = "wasm")]
    file: PathBuf,
    #[serde(default)]
    args: Vec<String>,
    invoke: Option<String>,
    stdin: Option<PathBuf>,
    /// A folder that the program sees as `.`.
    #[serde(alias = "cwd")]
    dir: Option<PathBuf>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    exit: Option<i32>,
    /// A file with what the program must write to its standard output.
    output: Option<PathBuf>,
}

/// What came out of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    exit: i32,
    stdout: Vec<u8>,
    results: Vec<String>,
}

/// What a run took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Taken {
    pub(crate) load: f64,
    pub(crate) run: f64,
    pub(crate) counts: Counts,
}

impl Workload {
    /// The one that a command line names.
    pub(crate) fn from_args(file: &Path, guest: &GuestArgs) -> Result<Self, Failure> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let stdin = guest.stdin.as_deref().map(read_file).transpose()?.unwrap_or_default();
        Ok(Self {
            name,
            file: file.to_owned(),
            binary: load::binary(file, &load::read(file)?)?.into_owned(),
            invoke: guest.invoke.clone(),
            args: guest.words.iter().map(OsString::from).collect(),
            stdin,
            dirs: guest.dir.clone(),
            env: BTreeMap::new(),
            exit: None,
            output: None,
        })
    }

    /// Those of a manifest whose names contain one of `only`, or all if there are none.
    pub(crate) fn from_manifest(manifest: &Path, only: &[String]) -> Result<Vec<Self>, Failure> {
        let fail =
            |what: &dyn std::fmt::Display| Failure::load(format_args!("{}: {what}", manifest.display()));
        let entries: Vec<Entry> = serde_json::from_slice(&read_file(manifest)?)
            .map_err(|error| fail(&format_args!("not a manifest: {error}")))?;
        let folder = manifest.parent().unwrap_or(Path::new("."));
        let selected = |entry: &Entry| only.is_empty() || only.iter().any(|part| entry.name.contains(part));
        let workloads: Vec<Self> = entries
            .into_iter()
            .filter(selected)
            .map(|entry| entry.prepare(folder))
            .collect::<Result<_, _>>()?;
        if workloads.is_empty() {
            return Err(fail(&"there is no such program in the list"));
        }
        Ok(workloads)
    }

    /// The module for `engine`, and the seconds that it took to make.
    pub(crate) fn load(&self, engine: &Engine, clock: Clock) -> Result<(Module, f64), Failure> {
        let begun = clock.now();
        let module = load::module(engine, &self.file, &self.binary)?;
        Ok((module, begun.seconds()))
    }

    /// Runs once in a store of its own. `prepare` is called before the guest's first op, `finish` after its last.
    pub(crate) fn run<R>(
        &self,
        module: &Module,
        clock: Clock,
        counters: &mut Counters,
        prepare: impl FnOnce(&mut Store<WasiCtx>),
        finish: impl FnOnce(&mut Store<WasiCtx>) -> R,
    ) -> Result<(Outcome, Taken, R), Failure> {
        let stdout = OutputPipe::new();
        let linker = run::linker(module.engine()).map_err(|error| self.failed(error))?;
        let mut store = Store::new(module.engine(), self.wasi(&stdout)?);
        let (entry, call) = match &self.invoke {
            Some(name) => (&**name, invoke::prepare(module, name, &self.args)?),
            None => {
                let entry = run::program_entry(module, &self.file)?;
                (entry, invoke::prepare(module, entry, &[])?)
            }
        };
        prepare(&mut store);
        let instance = linker.instantiate(&mut store, module).map_err(|error| self.failed(error))?;
        if self.invoke.is_some() {
            run::initialize_reactor(&mut store, &instance, module, entry)
                .map_err(|error| self.failed(error))?;
        }
        let begun = clock.now();
        let (called, counts) = counters.count(|| call.run(&mut store, &instance, entry));
        let seconds = begun.seconds();
        let found = finish(&mut store);
        let (exit, results) = match called {
            Ok(results) => (0, results),
            Err(error) => match error.downcast_ref() {
                Some(I32Exit(code)) => (*code, Vec::new()),
                None => return Err(self.failed(error)),
            },
        };
        drop(store);
        Ok((
            Outcome { exit, stdout: stdout.contents(), results },
            Taken { load: 0.0, run: seconds, counts },
            found,
        ))
    }

    /// Checks what came out against what is known of it.
    pub(crate) fn check(&self, outcome: &Outcome) -> Result<(), Failure> {
        if self.exit.is_some_and(|exit| exit != outcome.exit) {
            return Err(self.failed(format_args!("it ended with the exit code {}", outcome.exit)));
        }
        if self.output.as_ref().is_some_and(|output| *output != outcome.stdout) {
            return Err(self.failed("its output is not what the manifest says"));
        }
        Ok(())
    }

    pub(crate) fn failed(&self, what: impl std::fmt::Display) -> Failure {
        Failure::load(format_args!("{}: {what}", self.name))
    }

    fn wasi(&self, stdout: &OutputPipe) -> Result<WasiCtx, Failure> {
        let mut builder = WasiCtxBuilder::new();
        builder.arg(self.file.file_name().unwrap_or(self.file.as_os_str()));
        if self.invoke.is_none() {
            builder.args(&self.args);
        }
        builder.stdin(Cursor::new(self.stdin.clone())).stdout(stdout.clone()).stderr(std::io::sink());
        for (name, value) in &self.env {
            builder.env(name, value);
        }
        for dir in &self.dirs {
            builder
                .preopened_dir(&dir.host, dir.guest.clone(), DirAccess::ReadWrite)
                .map_err(|error| self.failed(error))?;
        }
        builder.build().map_err(|error| self.failed(error))
    }
}

impl Entry {
    fn prepare(self, folder: &Path) -> Result<Workload, Failure> {
        let file = folder.join(&self.file);
        let read = |path: &PathBuf| read_file(&folder.join(path));
        let dir = self.dir.map(|dir| DirArg { host: folder.join(dir), guest: ".".to_owned() });
        Ok(Workload {
            binary: load::binary(&file, &load::read(&file)?)?.into_owned(),
            file,
            stdin: self.stdin.as_ref().map(read).transpose()?.unwrap_or_default(),
            output: self.output.as_ref().map(read).transpose()?,
            name: self.name,
            invoke: self.invoke,
            args: self.args.into_iter().map(OsString::from).collect(),
            dirs: dir.into_iter().collect(),
            env: self.env,
            exit: self.exit,
        })
    }
}

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::load(format_args!("{}: cannot read it: {error}", path.display())))
}
