//! Divides the work on a module's function bodies among threads.
//!
//! In go the bodies' places and what is to be done with each; out comes what one thread going from the first to the last
//! would have come to, whatever number of threads there really was. A thread takes the next few neighbouring bodies,
//! again and again, so that none waits for another one that met long functions. Small modules, and builds that have no
//! threads, are left to the calling thread.

use alloc::vec::Vec;
use core::ops::Range;

/// How many threads are worth their start.
#[derive(Clone, Copy)]
#[cfg_attr(not(wapiti_threads), allow(dead_code, reason = "there is the calling thread only"))]
pub(crate) struct Threads {
    /// Including the calling one.
    pub(crate) max: usize,
    /// Bytes of bodies for which one more pays.
    pub(crate) bytes_per_thread: usize,
}

/// Does `work` for all bodies, a few neighbouring ones at a time. Each thread has a state of its own, made by
/// `new_state`; they are returned, the calling thread's and the others'.
///
/// # Errors
/// What `work` returned for the first piece that failed; some of what is behind it may have been done.
pub(crate) fn for_each_piece<S: Send, E: Send>(
    bodies: &[Range<u32>],
    threads: Threads,
    new_state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Range<usize>) -> Result<(), E> + Sync,
) -> Result<(S, Vec<S>), E> {
    #[cfg(wapiti_threads)]
    {
        let count = several::thread_count(bodies, threads);
        if count > 1 {
            let mut others = several::for_each_piece(bodies, count, new_state, work)?;
            return Ok((others.remove(0), others));
        }
    }
    #[cfg(not(wapiti_threads))]
    let _ = threads;
    let mut state = new_state();
    work(&mut state, 0..bodies.len())?;
    Ok((state, Vec::new()))
}

#[cfg(wapiti_threads)]
mod several {
    use alloc::vec;
    use alloc::vec::Vec;
    use core::ops::Range;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::panic::resume_unwind;
    use std::thread;

    use super::Threads;

    /// Bytes of bodies that a thread takes at a time.
    const PIECE_BYTES: u32 = 8 * 1024;

    fn bytes_of(bodies: &[Range<u32>]) -> usize {
        bodies.iter().map(|body| body.len()).sum()
    }

    pub(super) fn thread_count(bodies: &[Range<u32>], threads: Threads) -> usize {
        let worthwhile = threads.max.min(bytes_of(bodies) / threads.bytes_per_thread);
        if worthwhile < 2 {
            return 1;
        }
        // Asking the system takes longer than loading a small module.
        thread::available_parallelism().map_or(1, |cores| worthwhile.min(cores.get()))
    }

    /// Neighbouring bodies in order, each piece of about the same length.
    fn pieces(bodies: &[Range<u32>]) -> Vec<Range<usize>> {
        let mut pieces = Vec::new();
        let (mut first, mut bytes) = (0, 0);
        for (index, body) in bodies.iter().enumerate() {
            bytes += body.end - body.start;
            if bytes >= PIECE_BYTES || index + 1 == bodies.len() {
                pieces.push(first..index + 1);
                (first, bytes) = (index + 1, 0);
            }
        }
        pieces
    }

    pub(super) fn for_each_piece<S: Send, E: Send>(
        bodies: &[Range<u32>],
        threads: usize,
        new_state: impl Fn() -> S + Sync,
        work: impl Fn(&mut S, Range<usize>) -> Result<(), E> + Sync,
    ) -> Result<Vec<S>, E> {
        let pieces = pieces(bodies);
        let next = AtomicUsize::new(0);
        let run = &|| {
            let mut state = new_state();
            while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = work(&mut state, piece.clone()) {
                    // Pieces are taken in order: those before this one have been, and those behind it no longer matter.
                    next.store(pieces.len(), Ordering::Relaxed);
                    return Err((piece.start, error));
                }
            }
            Ok(state)
        };
        let outcomes = thread::scope(|scope| {
            // A system that gives no more threads is no reason to fail.
            let spawn = |_| thread::Builder::new().spawn_scoped(scope, run).ok();
            let others: Vec<_> = (1..threads).map_while(spawn).collect();
            let mut outcomes = vec![run()];
            outcomes
                .extend(others.into_iter().map(|other| other.join().unwrap_or_else(|p| resume_unwind(p))));
            outcomes
        });
        let mut states = Vec::with_capacity(outcomes.len());
        let mut first_error: Option<(usize, E)> = None;
        for outcome in outcomes {
            match outcome {
                Ok(state) => states.push(state),
                Err(error) if first_error.as_ref().is_none_or(|first| error.0 < first.0) => {
                    first_error = Some(error);
                }
                Err(_) => {}
            }
        }
        first_error.map_or(Ok(states), |(_, error)| Err(error))
    }

    #[cfg(test)]
    mod tests {
        use alloc::vec::Vec;
        use core::ops::Range;
        use core::sync::atomic::{AtomicUsize, Ordering};

        use super::{Threads, for_each_piece, pieces, thread_count};

        /// `count` bodies of various lengths.
        fn bodies(count: u32) -> Vec<Range<u32>> {
            let mut end = 8;
            (0..count)
                .map(|index| {
                    let start = end + 1;
                    end = start + index * 7919 % 3000;
                    start..end
                })
                .collect()
        }

        #[test]
        fn every_body_is_in_one_piece() {
            for count in [0, 1, 2, 100, 1000] {
                let bodies = bodies(count);
                let covered: Vec<usize> = pieces(&bodies).into_iter().flatten().collect();
                assert_eq!(covered, (0..bodies.len()).collect::<Vec<_>>());
            }
        }

        #[test]
        fn every_body_is_done_once_whatever_the_number_of_threads() {
            let bodies = bodies(500);
            for threads in 1..=5 {
                let states = for_each_piece(&bodies, threads, Vec::new, |done: &mut Vec<usize>, piece| {
                    done.extend(piece);
                    Ok::<(), ()>(())
                });
                let mut done: Vec<usize> = states.expect("nothing fails").into_iter().flatten().collect();
                done.sort_unstable();
                assert_eq!(done, (0..500).collect::<Vec<_>>());
            }
        }

        #[test]
        fn the_first_error_is_returned_whoever_meets_it() {
            let bodies = bodies(500);
            for (round, threads) in (0..50).zip([1, 2, 3, 4, 5].into_iter().cycle()) {
                let failing = [77 + round, 200, 499];
                // The thread with the first one is the slowest.
                let met_later = AtomicUsize::new(0);
                let result = for_each_piece(
                    &bodies,
                    threads,
                    || (),
                    |(), piece| {
                        for body in piece {
                            if body == failing[0] && threads > 1 {
                                for _ in 0..100 {
                                    if met_later.load(Ordering::Relaxed) > 0 {
                                        break;
                                    }
                                    std::thread::yield_now();
                                }
                            }
                            if failing.contains(&body) {
                                met_later.fetch_add(1, Ordering::Relaxed);
                                return Err(body);
                            }
                        }
                        Ok(())
                    },
                );
                assert_eq!(result.expect_err("some fail"), failing[0]);
            }
        }

        #[test]
        fn threads_are_for_large_modules_and_as_many_as_allowed() {
            let count =
                |bodies: &[Range<u32>], max| thread_count(bodies, Threads { max, bytes_per_thread: 10_000 });
            assert_eq!(count(&bodies(3), usize::MAX), 1);
            let body = 0..1_000_000;
            let large = core::slice::from_ref(&body);
            assert_eq!(count(large, 1), 1);
            assert!(count(large, 2) <= 2);
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            assert_eq!(count(large, usize::MAX), cores.min(100));
        }
    }
}
