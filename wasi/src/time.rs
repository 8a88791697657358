//! Where a guest's time comes from: the host's clocks, or those of an embedder.
//!
//! Requests for a clock go in, nanoseconds come out. A guest that waits does so by its own clocks: when an embedder
//! keeps them, the embedder is told how long the guest wants to wait and lets that much time pass, or jumps.

use std::time::Duration;

use crate::host;
use crate::types::Errno;

/// Which of a guest's clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The time of day: nanoseconds since 1970, without leap seconds.
    Realtime,
    /// Never runs backwards and counts from any moment.
    Monotonic,
    /// Processor time of the process.
    ProcessCpu,
    /// Processor time of the thread.
    ThreadCpu,
}

/// Clocks of the embedder's, for [`WasiCtxBuilder::clocks`](crate::WasiCtxBuilder::clocks).
///
/// ```
/// use wapiti_wasi::{Clock, Clocks, WasiCtxBuilder};
///
/// /// Every clock stands still.
/// struct Frozen;
///
/// impl Clocks for Frozen {
///     fn now(&mut self, clock: Clock) -> u64 {
///         if clock == Clock::Realtime { 1_000_000_000_000_000_000 } else { 0 }
///     }
///
///     // Where no time passes, a guest would wait for ever.
///     fn wait(&mut self, _nanoseconds: u64) -> bool {
///         false
///     }
/// }
///
/// let ctx = WasiCtxBuilder::new().clocks(Frozen).build()?;
/// # let _: wapiti_wasi::WasiCtx = ctx;
/// # Ok::<(), wapiti::Error>(())
/// ```
pub trait Clocks: Send {
    /// The clock's time in nanoseconds.
    fn now(&mut self, clock: Clock) -> u64;

    /// The clock's smallest step in nanoseconds, at least 1.
    fn resolution(&self, _clock: Clock) -> u64 {
        1
    }

    /// The guest waits, and no descriptor that it waits for is ready: lets time pass, `nanoseconds` of it or less.
    /// After `true` descriptors and clocks are looked at again; `false` ends the guest's wait with `EINTR`.
    fn wait(&mut self, nanoseconds: u64) -> bool;
}

/// Clocks that depend on nothing but the guest: each look at one takes a microsecond, and a wait is over at once, with
/// the clocks ahead by as much.
///
/// ```
/// use wapiti_wasi::{Clock, Clocks, VirtualClocks};
///
/// let mut clocks = VirtualClocks::starting_at(946_684_800_000_000_000);
/// let before = clocks.now(Clock::Monotonic);
/// assert!(clocks.wait(5_000_000_000));
/// assert_eq!(clocks.now(Clock::Monotonic) - before, 5_000_001_000);
/// assert!(clocks.now(Clock::Realtime) > 946_684_805_000_000_000);
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClocks {
    start: u64,
    elapsed: u64,
}

impl VirtualClocks {
    /// Nanoseconds that a look at a clock takes. Some time must pass: guests wait in loops for a clock to move on.
    const STEP: u64 = 1000;

    /// Clocks whose time of day begins at `nanoseconds` since 1970; the others begin at 0.
    pub fn starting_at(nanoseconds: u64) -> Self {
        Self { start: nanoseconds, elapsed: 0 }
    }
}

impl Clocks for VirtualClocks {
    fn now(&mut self, clock: Clock) -> u64 {
        self.elapsed = self.elapsed.saturating_add(Self::STEP);
        match clock {
            Clock::Realtime => self.start.saturating_add(self.elapsed),
            Clock::Monotonic | Clock::ProcessCpu | Clock::ThreadCpu => self.elapsed,
        }
    }

    fn resolution(&self, _clock: Clock) -> u64 {
        Self::STEP
    }

    fn wait(&mut self, nanoseconds: u64) -> bool {
        self.elapsed = self.elapsed.saturating_add(nanoseconds);
        true
    }
}

/// Where a guest's time comes from.
pub(crate) enum TimeSource {
    Host,
    Embedder(Box<dyn Clocks>),
}

impl TimeSource {
    /// The clock's time in nanoseconds.
    pub(crate) fn now(&mut self, clock: Clock) -> Result<u64, Errno> {
        match self {
            Self::Host => host::clock_time(clock),
            Self::Embedder(clocks) => Ok(clocks.now(clock)),
        }
    }

    /// The clock's resolution in nanoseconds.
    pub(crate) fn resolution(&self, clock: Clock) -> Result<u64, Errno> {
        match self {
            Self::Host => host::clock_resolution(clock),
            Self::Embedder(clocks) => Ok(clocks.resolution(clock).max(1)),
        }
    }

    /// How long the host may wait for descriptors before [`pass`](Self::pass) is called: the host's own clocks go on
    /// meanwhile, an embedder's do not.
    pub(crate) fn host_timeout(&self, wanted: Option<Duration>) -> Option<Duration> {
        match self {
            Self::Host => wanted,
            Self::Embedder(_) => wanted.map(|_| Duration::ZERO),
        }
    }

    /// Lets `duration` pass, as far as the host has not done so already.
    pub(crate) fn pass(&mut self, duration: Duration) -> Result<(), Errno> {
        match self {
            Self::Host => Ok(()),
            Self::Embedder(clocks) => {
                let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
                if clocks.wait(nanoseconds) { Ok(()) } else { Err(Errno::Interrupted) }
            }
        }
    }
}
