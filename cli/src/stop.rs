//! Stops the guest from outside: when its time is over, and at Ctrl-C.
//!
//! The store and the guest's system calls go in as handles; threads here use them. Code that loops and calls that wait
//! are both ended, and `run` then finds the backtrace and the reason. What can be neither (a host call stuck in the
//! system) gets a second, after which the process ends without a backtrace.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wapiti::InterruptHandle;
use wapiti_wasi::WakeHandle;

use crate::failure::Failure;

/// How long the guest has to notice.
const GRACE: Duration = Duration::from_secs(1);

/// Why a guest was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It ran as long as `--timeout` allows.
    Timeout(Duration),
    /// Somebody pressed Ctrl-C.
    CtrlC,
}

/// Stops one guest.
#[derive(Clone)]
pub(crate) struct Stopper {
    interrupt: InterruptHandle,
    wake: WakeHandle,
    reason: Arc<OnceLock<Reason>>,
}

impl Reason {
    /// The exit code of a process that was stopped for this reason.
    fn code(self) -> u8 {
        match self {
            Self::Timeout(_) => Failure::TRAP,
            Self::CtrlC => Failure::INTERRUPTED,
        }
    }

    /// What to say after the file's name.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Timeout(after) => format!("trap: interrupted, because its time of {after:?} is over"),
            Self::CtrlC => "interrupted".to_owned(),
        }
    }

    /// The failure of a guest that was stopped, with its backtrace.
    pub(crate) fn failure(self, file: &str, backtrace: &str) -> Failure {
        Failure { code: self.code(), message: format!("{file}: {}{backtrace}", self.describe()) }
    }
}

impl Stopper {
    pub(crate) fn new(interrupt: InterruptHandle, wake: WakeHandle) -> Self {
        Self { interrupt, wake, reason: Arc::new(OnceLock::new()) }
    }

    /// Why the guest was stopped, if it was.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.reason.get().copied()
    }

    /// Stops the guest once `timeout` has passed.
    pub(crate) fn after(&self, timeout: Duration) {
        let stopper = self.clone();
        // The thread ends with the process, at the latest.
        std::thread::spawn(move || {
            std::thread::sleep(timeout);
            stopper.stop(Reason::Timeout(timeout));
        });
    }

    /// Stops the guest at Ctrl-C, and the whole process at the second one.
    pub(crate) fn at_ctrl_c(&self) {
        let stopper = self.clone();
        let handled = ctrlc::try_set_handler(move || {
            if stopper.reason().is_some() {
                std::process::exit(Failure::INTERRUPTED.into());
            }
            let stopper = stopper.clone();
            std::thread::spawn(move || stopper.stop(Reason::CtrlC));
        });
        match handled {
            // Whoever started this process has it ignore Ctrl-C, as `nohup` does.
            Ok(()) | Err(ctrlc::Error::MultipleHandlers) => {}
            // Ctrl-C then ends the process as it ends any other.
            Err(error) => eprintln!("warning: there will be no backtrace at Ctrl-C: {error}"),
        }
    }

    fn stop(&self, reason: Reason) {
        // Who comes second finds the guest stopped already.
        if self.reason.set(reason).is_err() {
            return;
        }
        self.interrupt.interrupt();
        self.wake.wake();
        std::thread::sleep(GRACE);
        eprintln!("error: {}, and stuck in a system call", reason.describe());
        std::process::exit(reason.code().into());
    }
}
