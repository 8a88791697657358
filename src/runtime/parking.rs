//! Who waits for a word of a shared memory to change: `memory.atomic.wait32` and its kind.
//!
//! In go addresses, out come reasons why a wait ended. Each memory has its own list. Always: a thread is in the list from
//! when it has seen the value that it expects, under the list's lock, until somebody wakes it or it gives up; so a notice
//! that comes after the value was changed is not missed.

use core::time::Duration;

pub(crate) use self::threads::{Parking, Waiter};

/// Why a wait ended ([spec](https://webassembly.github.io/threads/core/exec/instructions.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitResult {
    /// It was woken by `memory.atomic.notify`.
    Ok = 0,
    /// It did not begin: the word has another value than expected.
    Mismatch = 1,
    /// Its time was up.
    TimedOut = 2,
}

/// How a wait ended, or that somebody asked for its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parked {
    #[cfg_attr(
        not(all(feature = "std", not(target_family = "wasm"))),
        expect(dead_code, reason = "nobody waits")
    )]
    Done(WaitResult),
    /// [`Waiter::interrupt`] was called.
    #[cfg_attr(
        not(all(feature = "std", not(target_family = "wasm"))),
        expect(dead_code, reason = "nobody waits")
    )]
    Interrupted,
    /// No thread can wait here.
    #[cfg_attr(all(feature = "std", not(target_family = "wasm")), expect(dead_code, reason = "threads can"))]
    Impossible,
}

/// The timeout that an operator's operand means: nanoseconds, or for ever if it is negative.
pub(crate) fn timeout_of(nanoseconds: i64) -> Option<Duration> {
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}

#[cfg(all(feature = "std", not(target_family = "wasm")))]
mod threads {
    use alloc::collections::{BTreeMap, VecDeque};
    use alloc::sync::Arc;
    use core::time::Duration;
    use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
    use std::time::Instant;

    use super::{Parked, WaitResult};

    /// The list of one memory.
    pub(crate) struct Parking {
        /// By address, those that have waited longest at the front.
        waiting: Mutex<BTreeMap<u64, VecDeque<Arc<Waiter>>>>,
    }

    /// A thread that waits, or is about to.
    pub(crate) struct Waiter {
        state: Mutex<State>,
        changed: Condvar,
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum State {
        Waiting,
        Woken,
        Interrupted,
    }

    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        // Nothing that is done under these locks panics half way.
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    impl Parking {
        pub(crate) fn new() -> Self {
            Self { waiting: Mutex::new(BTreeMap::new()) }
        }

        /// Waits at `address`, if `is_expected` says that the value there is the expected one.
        pub(crate) fn wait(
            &self,
            waiter: &Arc<Waiter>,
            address: u64,
            timeout: Option<Duration>,
            is_expected: impl FnOnce() -> bool,
        ) -> Parked {
            // A time too far away to be told is for ever.
            let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
            {
                let mut waiting = lock(&self.waiting);
                if !is_expected() {
                    return Parked::Done(WaitResult::Mismatch);
                }
                waiting.entry(address).or_default().push_back(Arc::clone(waiter));
            }
            match waiter.park(deadline) {
                State::Woken => Parked::Done(WaitResult::Ok),
                other => self.give_up(waiter, address, other),
            }
        }

        /// Takes the waiter out of the list, unless somebody has woken it in the meantime.
        fn give_up(&self, waiter: &Arc<Waiter>, address: u64, state: State) -> Parked {
            let mut waiting = lock(&self.waiting);
            let queue = waiting.get_mut(&address);
            let position =
                queue.as_ref().and_then(|queue| queue.iter().position(|one| Arc::ptr_eq(one, waiter)));
            let (Some(queue), Some(position)) = (queue, position) else {
                return Parked::Done(WaitResult::Ok);
            };
            queue.remove(position);
            if queue.is_empty() {
                waiting.remove(&address);
            }
            if state == State::Interrupted { Parked::Interrupted } else { Parked::Done(WaitResult::TimedOut) }
        }

        /// Wakes up to `count` threads that wait at `address`, those first that have waited longest. Returns how many.
        pub(crate) fn notify(&self, address: u64, count: u32) -> u32 {
            let mut waiting = lock(&self.waiting);
            let Some(queue) = waiting.get_mut(&address) else { return 0 };
            let mut woken = 0;
            while woken < count
                && let Some(waiter) = queue.pop_front()
            {
                waiter.set(State::Woken);
                woken += 1;
            }
            if queue.is_empty() {
                waiting.remove(&address);
            }
            woken
        }
    }

    impl Waiter {
        pub(crate) fn new() -> Arc<Self> {
            Arc::new(Self { state: Mutex::new(State::Waiting), changed: Condvar::new() })
        }

        /// Ends the wait, now or as soon as it begins.
        pub(crate) fn interrupt(&self) {
            self.set(State::Interrupted);
        }

        fn set(&self, state: State) {
            *lock(&self.state) = state;
            self.changed.notify_one();
        }

        /// Waits until the state has been set, or until the deadline.
        fn park(&self, deadline: Option<Instant>) -> State {
            let mut state = lock(&self.state);
            while *state == State::Waiting {
                state = match deadline {
                    None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                    Some(deadline) => {
                        let left = deadline.saturating_duration_since(Instant::now());
                        if left.is_zero() {
                            break;
                        }
                        let waited = self.changed.wait_timeout(state, left);
                        waited.unwrap_or_else(PoisonError::into_inner).0
                    }
                };
            }
            *state
        }
    }
}

/// Where there are no threads to be woken by, nobody waits.
#[cfg(not(all(feature = "std", not(target_family = "wasm"))))]
mod threads {
    use alloc::sync::Arc;
    use core::time::Duration;

    use super::Parked;

    pub(crate) struct Parking;

    pub(crate) struct Waiter;

    impl Parking {
        pub(crate) fn new() -> Self {
            Self
        }

        pub(crate) fn wait(
            &self,
            _: &Arc<Waiter>,
            _: u64,
            _: Option<Duration>,
            _: impl FnOnce() -> bool,
        ) -> Parked {
            Parked::Impossible
        }

        pub(crate) fn notify(&self, _: u64, _: u32) -> u32 {
            0
        }
    }

    impl Waiter {
        pub(crate) fn new() -> Arc<Self> {
            Arc::new(Self)
        }

        pub(crate) fn interrupt(&self) {}
    }
}
