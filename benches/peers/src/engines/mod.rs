//! What is measured: one file per engine, all behind the same three traits.
//!
//! A module's imports are two: `host.add`, which adds two numbers, and anything else, which is a function that stops
//! the guest. So every module can be run up to its first call of the host without that host.

/// The calls of engines whose interface is like Wasmtime's.
macro_rules! typed_calls {
    () => {
        fn start(&mut self) -> bool {
            let start = self.instance.get_typed_func::<(), ()>(&mut self.store, "_start");
            start.is_ok_and(|start| start.call(&mut self.store, ()).is_ok())
        }

        fn call(&mut self, export: &str, arg: i32) -> anyhow::Result<i32> {
            let func = self
                .instance
                .get_typed_func::<i32, i32>(&mut self.store, export)
                .map_err(crate::engines::failed)?;
            func.call(&mut self.store, arg).map_err(crate::engines::failed)
        }

        fn add_often(&mut self, count: i32) -> anyhow::Result<i32> {
            let add = self
                .instance
                .get_typed_func::<(i32, i32), i32>(&mut self.store, "add")
                .map_err(crate::engines::failed)?;
            let mut sum = 0;
            for n in (1..=count).rev() {
                sum = add.call(&mut self.store, (sum, n)).map_err(crate::engines::failed)?;
            }
            Ok(sum)
        }
    };
}

mod stitch;
mod tinywasm;
mod wapiti;
#[cfg(feature = "wasm3")]
mod wasm3;
mod wasmi;
#[cfg(feature = "wasmtime")]
mod wasmtime;

use std::cell::RefCell;

use anyhow::{Result, anyhow, bail};
use clap::ValueEnum;
use serde::Serialize;

/// When function bodies are validated and translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Both when the module is loaded.
    Eager,
    /// Validated when the module is loaded, translated at the first call.
    LazyTranslation,
    /// Both at the first call.
    Lazy,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Eager => "eager",
            Self::LazyTranslation => "lazy-translation",
            Self::Lazy => "lazy",
        }
    }
}

/// An engine in one mode.
pub trait Engine {
    /// Decodes a binary module and whatever the mode says.
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Module>>;
}

pub trait Module {
    /// An instance in a store of its own.
    fn instantiate(&self) -> Result<Box<dyn Instance>>;

    /// Bytes of bytecode so far, where the engine tells.
    fn bytecode_bytes(&self) -> Option<usize> {
        None
    }
}

pub trait Instance {
    /// One more instance of the module in the same store.
    fn again(&mut self) -> Result<()>;

    /// Calls `_start`, which takes and returns nothing. True if it came to its end. Why it did not is left out: errors
    /// would take their time, with `RUST_BACKTRACE` more than all else.
    fn start(&mut self) -> bool;

    /// Calls `export`, which takes and returns a number.
    fn call(&mut self, export: &str, arg: i32) -> Result<i32>;

    /// Calls the export `add` as `sum = add(sum, n)` for n from `count` down to 1, by the fastest way that the engine
    /// has for calling a function whose type is known.
    fn add_often(&mut self, count: i32) -> Result<i32>;
}

/// The engines of this build; names are `engine` or `engine-variant`.
pub const NAMES: &[&str] = &[
    "wapiti",
    WASMI_2,
    "wasmi-1",
    "stitch",
    "tinywasm",
    #[cfg(feature = "wasm3")]
    "wasm3",
    #[cfg(feature = "wasmtime")]
    "wasmtime-pulley",
    #[cfg(feature = "wasmtime")]
    "wasmtime-winch",
    #[cfg(feature = "wasmtime")]
    "wasmtime-cranelift",
];

/// wasmi 2, by how this build of it dispatches.
pub const WASMI_2: &str = if cfg!(feature = "wasmi-portable") { "wasmi-portable" } else { "wasmi" };

/// The engine called `name`; `None` if it does not have the mode.
pub fn make(name: &str, mode: Mode) -> Result<Option<Box<dyn Engine>>> {
    let has_mode = match name {
        // It has one, but no start-up that could be measured.
        "stitch" | "wasm3" => false,
        "tinywasm" | "wasmtime-pulley" | "wasmtime-winch" | "wasmtime-cranelift" => mode == Mode::Eager,
        _ => true,
    };
    if !has_mode {
        return Ok(None);
    }
    Ok(Some(match name {
        "wapiti" => Box::new(wapiti::WapitiEngine::new(::wapiti::Dispatch::Tail, mode)),
        "wapiti-call" => Box::new(wapiti::WapitiEngine::new(::wapiti::Dispatch::Call, mode)),
        "wapiti-match" => Box::new(wapiti::WapitiEngine::new(::wapiti::Dispatch::Match, mode)),
        WASMI_2 => Box::new(wasmi::two::WasmiEngine::new(mode)),
        "wasmi-1" => Box::new(wasmi::one::WasmiEngine::new(mode)),
        "tinywasm" => Box::new(tinywasm::TinywasmEngine),
        #[cfg(feature = "wasmtime")]
        "wasmtime-pulley" => Box::new(wasmtime::WasmtimeEngine::pulley()?),
        #[cfg(feature = "wasmtime")]
        "wasmtime-winch" => Box::new(wasmtime::WasmtimeEngine::winch()?),
        #[cfg(feature = "wasmtime")]
        "wasmtime-cranelift" => Box::new(wasmtime::WasmtimeEngine::cranelift()?),
        _ => {
            bail!("there is no engine `{name}` in this build; there are {NAMES:?}, wapiti-call, wapiti-match")
        }
    }))
}

/// The mode that every engine comes closest to: its own, if it has just one.
pub fn make_lazy(name: &str) -> Result<Box<dyn Engine>> {
    if name == "stitch" {
        return Ok(Box::new(stitch::StitchEngine));
    }
    #[cfg(feature = "wasm3")]
    if name == "wasm3" {
        return Ok(Box::new(wasm3::Wasm3Engine::new()));
    }
    let lazy = make(name, Mode::LazyTranslation)?;
    Ok(match lazy {
        Some(engine) => engine,
        None => make(name, Mode::Eager)?.expect("an engine has one of these modes"),
    })
}

thread_local! {
    static STOPPED_AT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Not all engines have errors that are `std::error::Error`.
fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error:#}")
}

/// Notes that the guest has called the import `name`, and says what the host function is to fail with.
fn stop(name: &str) -> &'static str {
    STOPPED_AT.with_borrow_mut(|stopped| {
        stopped.clear();
        stopped.push_str(name);
    });
    "stopped at an import"
}

/// The first import that the guest has called since the last question; none if it came to its end.
pub fn stopped_at() -> String {
    STOPPED_AT.take()
}
