//! What a guest has been given: [`WasiCtxBuilder`] collects it, [`WasiCtx`] holds it while the guest runs.
//!
//! A context starts with nothing: no arguments, no environment, empty input, output that goes nowhere, no
//! directory. Strings are checked once, when the context is built, so that the guest's copies are well formed.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use wapiti::Error;

use crate::entropy::{RandomSource, seeded};
use crate::stdio::{InputStream, OutputStream, Sink, Stdio};
use crate::table::{Descriptor, Directory, Kind, Table};
use crate::time::{Clocks, TimeSource, VirtualClocks};
use crate::types::{FdFlags, Rights};
use crate::wake::{Wake, WakeHandle};

/// The state of one guest's system calls. Lives in the store's data; [`add_to_linker`](crate::add_to_linker) is
/// told where.
pub struct WasiCtx {
    /// Without the final NUL.
    pub(crate) args: Vec<Vec<u8>>,
    /// `NAME=value`, without the final NUL.
    pub(crate) env: Vec<Vec<u8>>,
    pub(crate) stdio: Stdio,
    pub(crate) table: Table,
    pub(crate) time: TimeSource,
    pub(crate) random: RandomSource,
    /// Directories are listed by name, not as the host happens to have them.
    pub(crate) sorted_listings: bool,
    pub(crate) wake: Option<Wake>,
}

/// Makes a [`WasiCtx`].
///
/// ```
/// use wapiti_wasi::{DirAccess, WasiCtxBuilder};
///
/// let ctx = WasiCtxBuilder::new()
///     .args(["prog", "--verbose"])
///     .env("LANG", "C")
///     .inherit_stdio()
///     .preopened_dir(".", "/", DirAccess::ReadOnly)?
///     .build()?;
/// # let _: wapiti_wasi::WasiCtx = ctx;
/// # Ok::<(), wapiti::Error>(())
/// ```
pub struct WasiCtxBuilder {
    args: Vec<Vec<u8>>,
    env: Vec<(Vec<u8>, Vec<u8>)>,
    stdin: InputStream,
    stdout: Sink,
    stderr: Sink,
    preopens: Vec<(Dir, String, DirAccess)>,
    listeners: Vec<TcpListener>,
    max_descriptors: u32,
    time: TimeSource,
    random: RandomSource,
    sorted_listings: bool,
}

/// What a guest may do below a preopened directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirAccess {
    /// Read files, list directories.
    ReadOnly,
    /// Also create, write, rename and remove.
    ReadWrite,
}

impl WasiCtxBuilder {
    /// A builder of a context that has nothing.
    pub fn new() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            stdin: InputStream::Empty,
            stdout: Sink::Discard,
            stderr: Sink::Discard,
            preopens: Vec::new(),
            listeners: Vec::new(),
            max_descriptors: u32::MAX,
            time: TimeSource::Host,
            random: RandomSource::Host,
            sorted_listings: false,
        }
    }

    /// Adds one argument. The first one is the program's name, by custom.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Self {
        self.args.push(arg.as_ref().as_encoded_bytes().to_vec());
        self
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(&mut self, args: impl IntoIterator<Item = S>) -> &mut Self {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// Sets an environment variable, replacing an earlier value.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
        let name = name.as_ref().as_encoded_bytes();
        let value = value.as_ref().as_encoded_bytes().to_vec();
        match self.env.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.env.push((name.to_vec(), value)),
        }
        self
    }

    /// Sets the environment variables of this process, but for such as a guest could not read (Windows has some whose
    /// names contain `=`).
    pub fn inherit_env(&mut self) -> &mut Self {
        for (name, value) in std::env::vars_os() {
            if is_name(name.as_encoded_bytes()) {
                self.env(name, value);
            }
        }
        self
    }

    /// Connects all three standard streams with this process's.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// The guest reads this process's standard input.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin = InputStream::Inherited;
        self
    }

    /// The guest writes to this process's standard output.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout = Sink::Stdout;
        self
    }

    /// The guest's errors go to this process's standard error.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr = Sink::Stderr;
        self
    }

    /// The guest's standard input is what `reader` gives, for instance `&b"text"[..]`.
    pub fn stdin(&mut self, reader: impl Read + Send + 'static) -> &mut Self {
        self.stdin = InputStream::Reader(Box::new(reader));
        self
    }

    /// The guest's standard output goes to `writer`, for instance an [`OutputPipe`](crate::OutputPipe).
    pub fn stdout(&mut self, writer: impl Write + Send + 'static) -> &mut Self {
        self.stdout = Sink::Writer(Box::new(writer));
        self
    }

    /// The guest's errors go to `writer`.
    pub fn stderr(&mut self, writer: impl Write + Send + 'static) -> &mut Self {
        self.stderr = Sink::Writer(Box::new(writer));
        self
    }

    /// Opens the directory `host_path` and gives it to the guest under the name `guest_path`.
    ///
    /// # Errors
    ///
    /// If it cannot be opened or is no directory.
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl Into<String>,
        access: DirAccess,
    ) -> Result<&mut Self, Error> {
        let host_path = host_path.as_ref();
        let dir = Dir::open_ambient_dir(host_path, ambient_authority()).map_err(|error| {
            Error::msg(format!("cannot open directory `{}`: {error}", host_path.display()))
        })?;
        self.preopens.push((dir, guest_path.into(), access));
        Ok(self)
    }

    /// Gives the guest a socket that listens: it may accept connections from it, and send and receive on these.
    ///
    /// Its descriptor is 3 plus the number of preopened directories and of listeners added before.
    ///
    /// ```
    /// use std::net::TcpListener;
    /// use wapiti_wasi::WasiCtxBuilder;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0").map_err(wapiti::Error::host)?;
    /// let ctx = WasiCtxBuilder::new().preopened_listener(listener).build()?;
    /// # let _: wapiti_wasi::WasiCtx = ctx;
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn preopened_listener(&mut self, listener: TcpListener) -> &mut Self {
        self.listeners.push(listener);
        self
    }

    /// Limits how many descriptors the guest has at a time, the standard streams and preopened ones included. Beyond
    /// the limit opening is `EMFILE`. Without one, a guest can use up all descriptors of the process.
    pub fn max_descriptors(&mut self, count: u32) -> &mut Self {
        self.max_descriptors = count;
        self
    }

    /// The guest's time is that of `clocks`.
    pub fn clocks(&mut self, clocks: impl Clocks + 'static) -> &mut Self {
        self.time = TimeSource::Embedder(Box::new(clocks));
        self
    }

    /// The guest's random bytes are those that `fill` writes into the slices it is given.
    pub fn random(&mut self, fill: impl FnMut(&mut [u8]) + Send + 'static) -> &mut Self {
        self.random = RandomSource::Embedder(Box::new(fill));
        self
    }

    /// Makes runs repeatable: the clocks are [`VirtualClocks`] from the year 2000 on, random bytes come from a
    /// generator that begins at `seed`, and directories are listed by name. What the guest reads (arguments, variables,
    /// input, files and their times and inode numbers) is as it is given.
    ///
    /// A guest's secrets are none then: anybody who knows the seed knows its random bytes.
    ///
    /// ```
    /// use wapiti_wasi::WasiCtxBuilder;
    ///
    /// let ctx = WasiCtxBuilder::new().deterministic(7).build()?;
    /// # let _: wapiti_wasi::WasiCtx = ctx;
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn deterministic(&mut self, seed: u64) -> &mut Self {
        const YEAR_2000: u64 = 946_684_800_000_000_000;
        self.sorted_listings = true;
        self.clocks(VirtualClocks::starting_at(YEAR_2000)).random(seeded(seed))
    }

    /// Makes the context; the builder is empty afterwards.
    ///
    /// # Errors
    ///
    /// If an argument, an environment variable or a guest path contains a NUL byte, or the name of an environment
    /// variable is empty or contains `=`: the guest could not tell where such a string ends. Also if there are more
    /// preopened directories and listeners than [`max_descriptors`](Self::max_descriptors) allows.
    pub fn build(&mut self) -> Result<WasiCtx, Error> {
        let builder = std::mem::take(self);
        let mut env = Vec::with_capacity(builder.env.len());
        for (name, value) in builder.env {
            if !is_name(&name) {
                return Err(bad_string("name of an environment variable", &name));
            }
            env.push([name, value].join(&b'='));
        }
        for (what, strings) in [("argument", &builder.args), ("environment variable", &env)] {
            if let Some(bad) = strings.iter().find(|string| string.contains(&0)) {
                return Err(bad_string(what, bad));
            }
        }
        let stdio = Stdio {
            stdin: builder.stdin,
            stdout: OutputStream::output(builder.stdout),
            stderr: OutputStream::error(builder.stderr),
        };
        let mut table = Table::new(builder.max_descriptors);
        insert_first(&mut table, builder.preopens, builder.listeners)?;
        Ok(WasiCtx {
            args: builder.args,
            env,
            stdio,
            table,
            time: builder.time,
            random: builder.random,
            sorted_listings: builder.sorted_listings,
            wake: None,
        })
    }
}

impl Default for WasiCtxBuilder {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a guest can tell an environment variable of this name from its value.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'=')
}

fn bad_string(what: &str, bytes: &[u8]) -> Error {
    Error::msg(format!("not a valid {what}: {:?}", String::from_utf8_lossy(bytes)))
}

/// The standard streams as 0, 1 and 2, then the preopened directories, then the listeners: a guest's libc looks for
/// directories from 3 on, until it meets something else.
fn insert_first(
    table: &mut Table,
    preopens: Vec<(Dir, String, DirAccess)>,
    listeners: Vec<TcpListener>,
) -> Result<(), Error> {
    let streams =
        [(Kind::Stdin, Rights::INPUT), (Kind::Stdout, Rights::OUTPUT), (Kind::Stderr, Rights::OUTPUT)];
    let streams = streams.map(|(kind, rights)| Descriptor {
        kind,
        rights,
        inheriting: Rights::default(),
        flags: FdFlags::default(),
    });
    let mut dirs = Vec::with_capacity(preopens.len());
    for (handle, guest_path, access) in preopens {
        if guest_path.is_empty() || guest_path.contains('\0') {
            return Err(bad_string("guest path", guest_path.as_bytes()));
        }
        let denied = match access {
            DirAccess::ReadOnly => Rights::MUTATING,
            DirAccess::ReadWrite => Rights::default(),
        };
        dirs.push(Descriptor {
            kind: Kind::Dir(Directory { handle, preopen: Some(guest_path), listing: None }),
            rights: Rights::DIRECTORY.without(denied),
            inheriting: Rights::DIRECTORY.union(Rights::FILE).without(denied),
            flags: FdFlags::default(),
        });
    }
    let listeners = listeners.into_iter().map(|listener| Descriptor {
        kind: Kind::Listener(listener),
        rights: Rights::LISTENER,
        inheriting: Rights::default(),
        flags: FdFlags::default(),
    });
    for descriptor in streams.into_iter().chain(dirs).chain(listeners) {
        let inserted = table.insert(descriptor);
        inserted.map_err(|_| Error::msg("more descriptors from the start than the guest may have"))?;
    }
    Ok(())
}

impl WasiCtx {
    /// Writes out what the guest's standard output still holds back. `proc_exit` does so by itself; after a guest
    /// that returned or trapped, call this (or drop the context) before reading what it wrote.
    ///
    /// # Errors
    ///
    /// That of the write, for instance of a pipe whose reader has gone.
    pub fn flush(&mut self) -> io::Result<()> {
        self.stdio.flush()
    }

    /// A handle that ends what the guest waits for, from another thread.
    ///
    /// # Errors
    ///
    /// If the process has no descriptors left for the pipe behind it.
    ///
    /// ```
    /// use wapiti::{Engine, Store};
    /// use wapiti_wasi::WasiCtxBuilder;
    ///
    /// let mut store = Store::new(&Engine::default(), WasiCtxBuilder::new().build()?);
    /// let wake = store.data_mut().wake_handle().map_err(wapiti::Error::host)?;
    /// let interrupt = store.interrupt_handle();
    /// // On another thread, this stops a guest whatever it does.
    /// interrupt.interrupt();
    /// wake.wake();
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn wake_handle(&mut self) -> io::Result<WakeHandle> {
        let wake = match self.wake.take() {
            Some(wake) => wake,
            None => Wake::new()?,
        };
        Ok(self.wake.insert(wake).handle())
    }
}

impl Drop for WasiCtx {
    fn drop(&mut self) {
        // Nobody is left to be told of an error.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::{DirAccess, WasiCtxBuilder};

    #[test]
    fn strings_are_checked() {
        assert!(WasiCtxBuilder::new().arg("a\0b").build().is_err());
        assert!(WasiCtxBuilder::new().env("", "x").build().is_err());
        assert!(WasiCtxBuilder::new().env("a=b", "x").build().is_err());
        assert!(WasiCtxBuilder::new().env("a", "x\0").build().is_err());
        let ctx = WasiCtxBuilder::new().env("a", "1").env("b", "2").env("a", "x=y").build().expect("valid");
        assert_eq!(ctx.env, [b"a=x=y".to_vec(), b"b=2".to_vec()]);
    }

    #[test]
    fn a_missing_directory_is_named() {
        let error = WasiCtxBuilder::new()
            .preopened_dir("no/such/dir", "/", DirAccess::ReadOnly)
            .err()
            .expect("it does not exist");
        assert!(error.to_string().contains("no/such/dir"), "{error}");
    }
}
