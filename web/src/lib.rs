//! Wapiti for web pages.
//!
//! Compiled for `wasm32-unknown-unknown` this is a module for plain JavaScript: [`exports`] are functions of
//! numbers; bytes and JSON lie in memory. It imports `log`, `host_call` and `now` from `wapiti`.

mod buffers;
pub mod exports;
mod host;
mod main_export;
mod session;
mod stepping;
pub mod system;
mod world;

pub use host::log;
pub use main_export::run_main;
pub use session::Session;
