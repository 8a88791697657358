//! Memory that JavaScript asked for, to hand over bytes in.
//!
//! `malloc` goes in, an address comes out; later an address and a length go in and a copy of the bytes comes out.
//! Always: only what `malloc` gave and `free` has not taken back is read, so a wrong address is an error and nothing
//! worse. The bytes are atomic because somebody outside of the program writes them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};

/// Buffers by address.
#[derive(Default)]
struct Buffers(BTreeMap<usize, Box<[AtomicU8]>>);

thread_local! {
    static BUFFERS: RefCell<Buffers> = RefCell::default();
}

/// The address of `size` bytes that nobody else uses; 0 if there is no room.
pub(crate) fn allocate(size: usize) -> usize {
    let mut bytes = Vec::new();
    // Every buffer gets at least one byte, so that no two have the same address.
    if bytes.try_reserve_exact(size.max(1)).is_err() {
        return 0;
    }
    bytes.resize_with(size.max(1), || AtomicU8::new(0));
    let bytes = bytes.into_boxed_slice();
    let address = bytes.as_ptr().expose_provenance();
    BUFFERS.with_borrow_mut(|buffers| buffers.0.insert(address, bytes));
    address
}

/// Gives back what [`allocate`] gave. Any other address does nothing.
pub(crate) fn release(address: usize) {
    BUFFERS.with_borrow_mut(|buffers| buffers.0.remove(&address));
}

/// A copy of the `len` bytes at `address`.
///
/// # Errors
///
/// If they are not all within one buffer.
pub(crate) fn copy(address: usize, len: usize) -> Result<Vec<u8>, String> {
    BUFFERS.with_borrow(|buffers| {
        let buffer = buffers.0.range(..=address).next_back().and_then(|(start, bytes)| {
            let from = address - start;
            bytes.get(from..from.checked_add(len)?)
        });
        let bytes = buffer.ok_or_else(|| {
            format!("the {len} bytes at {address:#x} are not within what `malloc` has given")
        })?;
        Ok(bytes.iter().map(|byte| byte.load(Ordering::Relaxed)).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::{allocate, copy, release};

    #[test]
    fn only_what_was_given_is_read() {
        let address = allocate(4);
        assert_eq!(copy(address, 4), Ok(vec![0; 4]));
        assert_eq!(copy(address + 1, 3), Ok(vec![0; 3]));
        assert!(copy(address, 5).is_err() && copy(address + 2, usize::MAX).is_err() && copy(0, 1).is_err());
        release(address + 1);
        assert!(copy(address, 4).is_ok());
        release(address);
        assert!(copy(address, 4).is_err());
    }

    #[test]
    fn sizes_beyond_memory_are_refused() {
        assert_eq!(allocate(isize::MAX as usize + 1), 0);
        assert_ne!(allocate(0), allocate(0));
    }
}
