//! What measuring needs besides something to measure: turns, clocks, statistics, plots.
//!
//! In go closures that run something once, and the names of what they run; out come figures with confidence intervals, and
//! charts. `wapiti bench` and `benches/peers` are built on it. Candidates always take turns, and what is said of two of
//! them is worked out from figures of the same rounds: what else the machine does hits both alike.

#![forbid(unsafe_code)]

pub mod clock;
pub mod counters;
pub mod page;
pub mod plot;
pub mod random;
pub mod rounds;
pub mod stats;
pub mod text;
