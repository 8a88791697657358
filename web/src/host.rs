//! The functions that Wapiti imports from the page, and what stands in for them elsewhere.
//!
//! All may be functions that do nothing and return 0: messages are then not seen, the guest's host calls return 0, and
//! the clock stands still.

use std::cell::RefCell;

#[cfg(target_os = "unknown")]
mod imports {
    #[link(wasm_import_module = "wapiti")]
    unsafe extern "C" {
        /// A message for people, in UTF-8.
        pub(super) safe fn log(text: *const u8, bytes: usize);
        /// The guest calls the function that is its import number `import`: 64-bit cells of arguments in, of results
        /// out, and the guest's memory. Returns 0, or something else for failure.
        pub(super) safe fn host_call(
            import: u32,
            params: *const u64,
            results: *mut u64,
            memory: *mut u8,
            memory_bytes: usize,
        ) -> u32;
        /// Milliseconds since 1970.
        pub(super) safe fn now() -> f64;
    }
}

#[cfg(not(target_os = "unknown"))]
mod imports {
    pub(super) fn log(_text: *const u8, _bytes: usize) {}

    pub(super) fn host_call(
        _import: u32,
        _params: *const u64,
        _results: *mut u64,
        _memory: *mut u8,
        _memory_bytes: usize,
    ) -> u32 {
        0
    }

    pub(super) fn now() -> f64 {
        0.0
    }
}

/// Gives the page a message.
pub fn log(message: &str) {
    imports::log(message.as_ptr(), message.len());
}

/// Has the page carry out a call of the guest's import number `import`. False if it failed.
pub(crate) fn call(import: u32, params: &[u64], results: &mut [u64], memory: &mut [u8]) -> bool {
    let (results, memory_bytes) = (results.as_mut_ptr(), memory.len());
    imports::host_call(import, params.as_ptr(), results, memory.as_mut_ptr(), memory_bytes) == 0
}

thread_local! {
    static FAILURE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Says why the host call that is under way will have failed.
pub(crate) fn set_failure(message: String) {
    FAILURE.replace(message);
}

/// Why a host call has failed.
pub(crate) fn take_failure() -> String {
    let message = FAILURE.take();
    if message.is_empty() { "a function of the page failed".to_owned() } else { message }
}

/// Nanoseconds since 1970.
pub(crate) fn now() -> u64 {
    (imports::now() * 1e6) as u64
}
