#![no_std]
#![doc = "placeholder"]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod api;
mod config;
mod decode;
mod error;
mod exec;
mod isa;
mod lower;
mod runtime;
mod sync;
mod types;
