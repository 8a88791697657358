//! What JavaScript calls. Numbers go in and out; bytes go in through `malloc`, JSON comes out through `reply`.
//!
//! A function that returns a length has left JSON of so many bytes at `reply()`, valid until the next call: an object
//! with what was asked for, or with `error`. No input makes one of them trap, and none may be called while another one
//! runs, that is from `host_call`, but for `malloc`, `free` and `fail`.
//!
//! The names are exported where the page is the system: elsewhere there is another `malloc` that must keep its name.

use std::cell::RefCell;

use crate::session::Session;
use crate::{buffers, host, run_main};

#[derive(Default)]
struct Page {
    session: Session,
    reply: String,
}

thread_local! {
    static PAGE: RefCell<Page> = RefCell::default();
}

/// The address of `size` bytes for the page to write to; 0 if there is no room.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn malloc(size: usize) -> usize {
    buffers::allocate(size)
}

/// Gives back what `malloc` gave.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn free(address: usize) {
    buffers::release(address);
}

/// Runs the export `main` of the module in the `len` bytes at `address` and returns its result: not a number if it
/// failed, and then `log` has been given the reason.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn run(address: usize, len: usize) -> f64 {
    let outcome = buffers::copy(address, len).and_then(|bytes| run_main(&bytes));
    outcome.unwrap_or_else(|message| {
        host::log(&message);
        let error = serde_json::json!({ "error": { "message": message } });
        PAGE.with(|page| {
            if let Ok(mut page) = page.try_borrow_mut() {
                page.reply = error.to_string();
            }
        });
        f64::NAN
    })
}

/// Where the JSON of the last reply begins.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn reply() -> *const u8 {
    PAGE.with(|page| page.try_borrow().map_or(std::ptr::null(), |page| page.reply.as_ptr()))
}

/// How long the JSON of the last reply is.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn reply_len() -> usize {
    PAGE.with(|page| page.try_borrow().map_or(0, |page| page.reply.len()))
}

/// Says why a host call fails; the host call then returns something other than 0.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn fail(address: usize, len: usize) {
    let message = buffers::copy(address, len).unwrap_or_else(String::into_bytes);
    host::set_failure(String::from_utf8_lossy(&message).into_owned());
}

/// Carries out a request in JSON: see [`Session::request`]. Returns the length of the reply.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn request(address: usize, len: usize) -> usize {
    PAGE.with(|page| {
        // A call from within `host_call`: the reply that is being made is not ours to replace.
        let Ok(mut page) = page.try_borrow_mut() else { return 0 };
        let outcome = buffers::copy(address, len);
        page.reply = match outcome {
            Ok(json) => page.session.request(&json),
            Err(message) => serde_json::json!({ "error": { "message": message } }).to_string(),
        };
        page.reply.len()
    })
}

/// Takes a module, binary or text, from the `len` bytes at `address`. Returns the length of the reply.
#[cfg_attr(target_os = "unknown", unsafe(no_mangle))]
pub extern "C" fn load(address: usize, len: usize) -> usize {
    PAGE.with(|page| {
        let Ok(mut page) = page.try_borrow_mut() else { return 0 };
        page.reply = match buffers::copy(address, len) {
            Ok(bytes) => page.session.load(&bytes),
            Err(message) => serde_json::json!({ "error": { "message": message } }).to_string(),
        };
        page.reply.len()
    })
}
