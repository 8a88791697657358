#![no_std]
#![doc = "placeholder"]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod types;
mod config;
mod decode;
mod isa;
mod lower;
mod runtime;
mod exec;
mod api;
