//! A mutex that both builds have: the standard library's, or a spin lock where there is none.
//!
//! A value goes in, a guard with exclusive access comes out. Poisoning is ignored: what the engine keeps behind a
//! mutex is consistent whenever the lock is free, even after a panic elsewhere. Critical sections are short and
//! never run guest or host code, which is what makes a spin lock bearable.

#[cfg(not(feature = "std"))]
pub(crate) use self::spin::Mutex;
#[cfg(feature = "std")]
pub(crate) use self::with_std::Mutex;

#[cfg(feature = "std")]
mod with_std {
    use std::sync::{MutexGuard, PoisonError};

    /// `std::sync::Mutex` without poisoning.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(std::sync::Mutex::new(value))
        }

        /// Waits until no other guard exists.
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

/// Compiled into tests as well, so that the lock nobody's machine runs by default is tried at all.
#[cfg(any(test, not(feature = "std")))]
mod spin {
    use core::cell::UnsafeCell;
    use core::hint;
    use core::marker::PhantomData;
    use core::ops::{Deref, DerefMut};
    use core::sync::atomic::{AtomicBool, Ordering};

    /// A lock that waits by spinning.
    ///
    /// INV-LOCK: `locked` is true from the `lock` that made a guard until that guard is dropped, so that at most
    /// one guard exists, and `value` is reached through a guard only.
    #[derive(Debug, Default)]
    pub(crate) struct Mutex<T> {
        locked: AtomicBool,
        value: UnsafeCell<T>,
    }

    // SAFETY: INV-LOCK: threads that share the mutex reach `value` one after the other, each seeing the writes of
    // the one before (Acquire in `lock`, Release in `drop`), as if the value were sent to them: `T: Send` is enough.
    unsafe impl<T: Send> Sync for Mutex<T> {}

    /// Exclusive access to a mutex's value until it is dropped.
    pub(crate) struct MutexGuard<'a, T> {
        mutex: &'a Mutex<T>,
        /// Makes the guard `Send` and `Sync` only where `&mut T` is; the reference above would promise too much.
        exclusive: PhantomData<&'a mut T>,
    }

    impl<T> Mutex<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
        }

        /// Waits until no other guard exists.
        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            while self
                .locked
                .compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed)
                .is_err()
            {
                // Reading is cheaper than trying to write while another core holds the cache line.
                while self.locked.load(Ordering::Relaxed) {
                    hint::spin_loop();
                }
            }
            MutexGuard { mutex: self, exclusive: PhantomData }
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            debug_assert!(self.mutex.locked.load(Ordering::Relaxed), "INV-LOCK");
            // SAFETY: INV-LOCK: this is the only guard, and the result borrows it.
            unsafe { &*self.mutex.value.get() }
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            debug_assert!(self.mutex.locked.load(Ordering::Relaxed), "INV-LOCK");
            // SAFETY: INV-LOCK: this is the only guard, and the result borrows it exclusively.
            unsafe { &mut *self.mutex.value.get() }
        }
    }

    impl<T> Drop for MutexGuard<'_, T> {
        fn drop(&mut self) {
            let was_locked = self.mutex.locked.swap(false, Ordering::Release);
            debug_assert!(was_locked, "INV-LOCK");
        }
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use std::thread;

    const THREADS: u32 = 4;
    const ROUNDS: u32 = 500;

    #[test]
    fn std_mutex_excludes_other_threads_and_ignores_poison() {
        let mutex = super::Mutex::new(0);
        thread::scope(|scope| {
            let poisoner = scope.spawn(|| {
                let _guard = mutex.lock();
                panic!("while the lock is held, on purpose");
            });
            assert!(poisoner.join().is_err());
            for _ in 0..THREADS {
                scope.spawn(|| (0..ROUNDS).for_each(|_| *mutex.lock() += 1));
            }
        });
        assert_eq!(*mutex.lock(), THREADS * ROUNDS);
    }

    #[test]
    fn spin_lock_excludes_other_threads() {
        let mutex = super::spin::Mutex::new(0);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| (0..ROUNDS).for_each(|_| *mutex.lock() += 1));
            }
        });
        assert_eq!(*mutex.lock(), THREADS * ROUNDS);
    }
}
