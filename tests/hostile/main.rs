//! Input that means no good: damaged modules, modules of extreme size, recursion without end, accesses out of bounds.
//!
//! Whatever it is, the answer is a clear error or a trap, or the right result, within bounded memory and time, under
//! every dispatch strategy. A panic fails the test, and a crash all of them.

#[path = "../support/mod.rs"]
mod support;

mod binary;
mod meter;
mod run;

mod amplified;
mod bounds;
mod counts;
mod damaged;
mod large;
mod recursion;
mod segments;
mod thrown;
