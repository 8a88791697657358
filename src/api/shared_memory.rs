//! Memories that several threads use at the same time, as the host sees them.
//!
//! In go byte positions and slices; bytes come out by copy, because guests may change them at any time. A shared memory
//! belongs to no store: it is imported by instances in as many as one likes, and exported by instances of modules that
//! define one.

use alloc::format;
use alloc::sync::Arc;
use core::cell::UnsafeCell;
use core::fmt;
use core::sync::atomic::Ordering;
use core::time::Duration;

use super::engine::Engine;
use super::memory::MemoryAccessError;
use crate::error::{Error, ErrorKind, Trap};
use crate::runtime::{Parked, SharedBlock, WaitResult, Waiter};
use crate::types::MemoryType;

/// A linear memory that stores on several threads can share
/// ([proposal](https://github.com/WebAssembly/threads)). Clones are handles to the same memory.
///
/// Modules that use one need [`Config::wasm_threads`](crate::Config::wasm_threads). What one thread writes without atomic
/// operators and without being ordered by some, others may see late, in any order, and byte by byte; but nobody sees
/// anything else than bytes that have been written there.
///
/// ```
/// use wapiti::{Config, Engine, Instance, MemoryType, Module, SharedMemory, Store};
///
/// let engine = Engine::new(Config::new().wasm_threads(true));
/// let module = Module::new(&engine, r#"
///     (module
///       (import "host" "memory" (memory 1 1 shared))
///       (func (export "count") (param $times i32)
///         (loop $again
///           (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
///           (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
/// "#)?;
/// let memory = SharedMemory::new(&engine, MemoryType::shared(1, 1))?;
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             let mut store = Store::new(&engine, ());
///             let instance = Instance::new(&mut store, &module, &[memory.clone().into()]).unwrap();
///             let count = instance.get_typed_func::<i32, ()>(&mut store, "count").unwrap();
///             count.call(&mut store, 1000).unwrap();
///         });
///     }
/// });
/// let mut count = [0; 4];
/// memory.read(8, &mut count)?;
/// assert_eq!(u32::from_le_bytes(count), 4000);
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone)]
pub struct SharedMemory {
    block: Arc<SharedBlock>,
}

impl SharedMemory {
    /// A zeroed memory of the type's minimum size. So much as its type and
    /// [`Config::max_memory_bytes`](crate::Config::max_memory_bytes) allow it to have is reserved now, though not yet
    /// used: the bytes never move.
    ///
    /// # Errors
    ///
    /// [`Usage`](ErrorKind::Usage) if the type is not one of a shared memory or its limits make no sense,
    /// [`OutOfMemory`](ErrorKind::OutOfMemory) if the host has no room for its maximum.
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<Self, Error> {
        if !ty.is_shared() {
            return Err(Error::usage(format!("a {ty} is not shared")));
        }
        let block = SharedBlock::new(&ty, engine.config().max_memory_bytes)?;
        Ok(Self { block: Arc::new(block) })
    }

    pub(crate) fn from_block(block: &Arc<SharedBlock>) -> Self {
        Self { block: Arc::clone(block) }
    }

    pub(crate) fn block(&self) -> &Arc<SharedBlock> {
        &self.block
    }

    /// The type, with the current size as minimum.
    pub fn ty(&self) -> MemoryType {
        self.block.ty()
    }

    /// The current size in pages. Another thread may make it larger at any time.
    pub fn size(&self) -> u64 {
        self.block.pages()
    }

    /// The current size in bytes.
    pub fn data_size(&self) -> usize {
        self.block.len_bytes()
    }

    /// All bytes that there are now, for atomic accesses: any other access, also to read, is a data race as soon as some
    /// thread writes. [`read`](Self::read) and [`write`](Self::write) need no such care.
    pub fn data(&self) -> &[UnsafeCell<u8>] {
        self.block.cells()
    }

    /// Copies bytes from `offset` on into `buffer`, as many as it holds. What others write meanwhile may be seen in part.
    ///
    /// # Errors
    ///
    /// If they are not all within the memory; `buffer` is left as it was.
    pub fn read(&self, offset: usize, buffer: &mut [u8]) -> Result<(), MemoryAccessError> {
        self.block.read(offset as u64, buffer).map_err(|_| MemoryAccessError)
    }

    /// Copies `buffer` into the memory, from `offset` on. Others may see it in part, in any order.
    ///
    /// # Errors
    ///
    /// If it does not fit into the memory; nothing is written then.
    pub fn write(&self, offset: usize, buffer: &[u8]) -> Result<(), MemoryAccessError> {
        self.block.write(offset as u64, buffer).map_err(|_| MemoryAccessError)
    }

    /// Adds `delta` zeroed pages and returns the former size in pages.
    ///
    /// # Errors
    ///
    /// [`OutOfMemory`](ErrorKind::OutOfMemory) if the memory's maximum does not allow it; nothing has changed then.
    pub fn grow(&self, delta: u64) -> Result<u64, Error> {
        self.block.grow(delta).ok_or_else(|| {
            let message = format!("a {} cannot grow by {delta} pages", self.ty());
            ErrorKind::OutOfMemory(message).into()
        })
    }

    /// Wakes up to `count` threads that wait at `address`, as `memory.atomic.notify` does. Returns how many.
    ///
    /// # Errors
    ///
    /// [`Trap::UnalignedAtomic`] if `address` is no multiple of 4, [`Trap::MemoryOutOfBounds`] if there is no such word.
    pub fn atomic_notify(&self, address: u64, count: u32) -> Result<u32, Trap> {
        self.block.word32(address)?;
        Ok(self.block.parking.notify(address, count))
    }

    /// Waits at `address` while the word there is `expected`, as `memory.atomic.wait32` does: until somebody notifies, or
    /// the time is up. `None` waits for ever.
    ///
    /// # Errors
    ///
    /// As for [`atomic_notify`](Self::atomic_notify), and [`Trap::WaitNotAllowed`] where there are no threads: without the
    /// feature `std`, and in WebAssembly.
    pub fn atomic_wait32(
        &self,
        address: u64,
        expected: u32,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, Trap> {
        let word = self.block.word32(address)?;
        self.wait(address, timeout, || u32::from_le(word.load(Ordering::SeqCst)) == expected)
    }

    /// As [`atomic_wait32`](Self::atomic_wait32), for a word of 64 bits.
    ///
    /// # Errors
    ///
    /// As for [`atomic_wait32`](Self::atomic_wait32), but `address` has to be a multiple of 8.
    pub fn atomic_wait64(
        &self,
        address: u64,
        expected: u64,
        timeout: Option<Duration>,
    ) -> Result<WaitResult, Trap> {
        let word = self.block.word64(address)?;
        self.wait(address, timeout, || u64::from_le(word.load(Ordering::SeqCst)) == expected)
    }

    fn wait(
        &self,
        address: u64,
        timeout: Option<Duration>,
        is_expected: impl FnOnce() -> bool,
    ) -> Result<WaitResult, Trap> {
        match self.block.parking.wait(&Waiter::new(), address, timeout, is_expected) {
            Parked::Done(result) => Ok(result),
            Parked::Interrupted | Parked::Impossible => Err(Trap::WaitNotAllowed),
        }
    }
}

impl fmt::Debug for SharedMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedMemory").field("ty", &self.ty()).finish_non_exhaustive()
    }
}
