//! Makes every system call from a guest's place, and checks codes, memory and what became of the host's files.
//!
//! One test program of several modules, because each program would link the whole engine again. The guest is in
//! `support`; what it is told to do, and what must come of it, is in the others, one subject each.

mod support;

mod conformance;
mod faults;
mod files;
mod hostile;
mod process;
#[cfg(unix)]
mod sandbox;
mod sockets;
mod shared;
mod sources;
mod stdio;
mod unstable;
