//! Waiting for a descriptor, and ending that wait from another thread.
//!
//! The system is asked about two handles at once: the guest's, and the reading end of a pipe that belongs to the
//! context. A byte in the pipe ends the wait with `EINTR`. Contexts that nobody asked for a [`WakeHandle`] have no pipe.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::host::{self, PollHandle, PollItem};
use crate::types::Errno;

/// Ends what a guest waits for, from another thread. Made by [`WasiCtx::wake_handle`](crate::WasiCtx::wake_handle).
///
/// [`wapiti::InterruptHandle`] stops a guest that runs; one that sleeps, or waits for input or a connection, runs only
/// when the host lets it. To stop a guest whatever it does, interrupt first and wake second: its wait then ends with the
/// trap.
#[derive(Clone, Debug)]
pub struct WakeHandle {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    writer: PipeWriter,
    /// A byte is in the pipe, or is about to be. Keeps the pipe from filling up.
    pending: AtomicBool,
}

impl WakeHandle {
    /// Ends the guest's wait, or else its next one, with `EINTR`. On systems other than Unix nothing happens, because
    /// they offer no waiting for several handles.
    pub fn wake(&self) {
        if !self.shared.pending.swap(true, Ordering::SeqCst) {
            // The pipe holds at most two bytes and the context its other end; without a context nobody waits.
            let _ = (&self.shared.writer).write_all(&[1]);
        }
    }
}

/// A context's end of the pipe.
pub(crate) struct Wake {
    reader: PipeReader,
    shared: Arc<Shared>,
}

impl Wake {
    pub(crate) fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self { reader, shared: Arc::new(Shared { writer, pending: AtomicBool::new(false) }) })
    }

    pub(crate) fn handle(&self) -> WakeHandle {
        WakeHandle { shared: Arc::clone(&self.shared) }
    }

    /// What to wait for beside the guest's handles.
    pub(crate) fn item(&self) -> PollItem<'_> {
        PollItem { handle: PollHandle::Wake(&self.reader), for_write: false, ready: false, hang_up: false }
    }

    /// Takes the byte back out; the wait is to end.
    pub(crate) fn take(&self) -> Errno {
        // A byte is there, so this does not block; without one there would be nothing to take back.
        let _ = (&self.reader).read(&mut [0]);
        self.shared.pending.store(false, Ordering::SeqCst);
        Errno::Interrupted
    }
}

/// Waits until a blocking call on `handle` will not block. Without a [`Wake`] the call itself is left to wait.
pub(crate) fn wait_ready(wake: Option<&Wake>, handle: PollHandle<'_>, for_write: bool) -> Result<(), Errno> {
    let Some(wake) = wake else { return Ok(()) };
    let mut items = [wake.item(), PollItem { handle, for_write, ready: false, hang_up: false }];
    loop {
        host::poll(&mut items, None)?;
        let [woken, wanted] = &items;
        if woken.ready {
            return Err(wake.take());
        }
        if wanted.ready {
            return Ok(());
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use super::{Wake, wait_ready};
    use crate::host::PollHandle;
    use crate::types::Errno;

    #[test]
    fn a_wait_ends_once_for_any_number_of_wakes() {
        let wake = Wake::new().expect("descriptors are left");
        let (never, _writer) = std::io::pipe().expect("descriptors are left");
        let never = PollHandle::Wake(&never);
        for _ in 0..100_000 {
            wake.handle().wake();
        }
        assert_eq!(wait_ready(Some(&wake), never, false), Err(Errno::Interrupted));
        let handle = wake.handle();
        let waker = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            handle.wake();
        });
        assert_eq!(wait_ready(Some(&wake), never, false), Err(Errno::Interrupted));
        waker.join().expect("it cannot panic");
    }
}
