//! Stops guests that do not stop by themselves: a bug in a loop must be a failure, not the end of the campaign.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use wapiti::InterruptHandle;

/// While this lives, the store it was made for is stopped when it takes too long.
pub(crate) struct Watched(u64);

/// Much longer than any case takes, also on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(8);

static STORES: Mutex<BTreeMap<u64, (Instant, InterruptHandle)>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(0);
static START: Once = Once::new();

impl Watched {
    pub(crate) fn new(handle: InterruptHandle) -> Self {
        START.call_once(|| drop(thread::spawn(watch)));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        stores().insert(number, (Instant::now(), handle));
        Self(number)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        stores().remove(&self.0);
    }
}

fn watch() {
    loop {
        thread::sleep(Duration::from_millis(200));
        for (start, handle) in stores().values() {
            // Again and again: each interrupt stops one call only.
            if start.elapsed() > PATIENCE {
                handle.interrupt();
            }
        }
    }
}

fn stores() -> MutexGuard<'static, BTreeMap<u64, (Instant, InterruptHandle)>> {
    STORES.lock().unwrap_or_else(PoisonError::into_inner)
}
