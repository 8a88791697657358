//! Shows that loading goes on, once it has taken a second, to somebody who watches.
//!
//! The loader says what it is doing; nothing is printed unless standard error is a terminal, and what was printed is
//! wiped off before anything else is.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Loading that takes no longer shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time from one picture to the next.
const TICK: Duration = Duration::from_millis(100);

/// A bar, or none, for as long as it lives.
pub(crate) struct Progress {
    state: Arc<State>,
    /// Dropping it tells the thread to wipe the bar off and end.
    watcher: Option<(Sender<()>, JoinHandle<()>)>,
}

/// What the thread shows: bytes read, of how many (0 if nobody knows), and all of them once they are checked.
#[derive(Default)]
struct State {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Begins to watch the loading of `file`.
    pub(crate) fn new(file: &Path) -> Self {
        let state = Arc::new(State::default());
        let watcher = std::io::stderr().is_terminal().then(|| {
            let (sender, receiver) = mpsc::channel();
            let (shared, name) = (Arc::clone(&state), file.display().to_string());
            let thread = std::thread::spawn(move || {
                if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    let bar = ProgressBar::no_length().with_message(name);
                    while receiver.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                        shared.show(&bar);
                    }
                    bar.finish_and_clear();
                }
            });
            (sender, thread)
        });
        Self { state, watcher }
    }

    /// Says how many bytes are to be read.
    pub(crate) fn expect(&self, bytes: u64) {
        self.state.total.store(bytes, Ordering::Relaxed);
    }

    /// Says how many bytes have been read.
    pub(crate) fn advance(&self, bytes: u64) {
        self.state.done.store(bytes, Ordering::Relaxed);
    }
}

impl State {
    fn show(&self, bar: &ProgressBar) {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        bar.set_position(done);
        let template = if total == 0 {
            "{spinner} reading {msg}: {bytes}"
        } else if done < total {
            bar.set_length(total);
            "{spinner} reading {msg} [{bar:30}] {bytes} of {total_bytes}"
        } else {
            "{spinner} checking {msg}: {bytes}, {elapsed}"
        };
        bar.set_style(ProgressStyle::with_template(template).expect("a constant that is well formed"));
        bar.tick();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.watcher.take() {
            drop(sender);
            // A thread that panicked has shown something wrong, and loading is what counts.
            let _ = thread.join();
        }
    }
}
