//! Makes the bytes of a failure shorter and simpler for as long as the failure stays.

use std::time::{Duration, Instant};

/// Returns bytes that `fails` still holds for, not longer than `bytes` and mostly zeros, after about as long as `time`.
pub(crate) fn reduce(bytes: &[u8], time: Duration, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut best = bytes.to_vec();
    let start = Instant::now();
    let attempt = |candidate: Vec<u8>, best: &mut Vec<u8>| {
        if start.elapsed() > time || candidate == *best {
            return false;
        }
        let is_failing = fails(&candidate);
        if is_failing {
            *best = candidate;
        }
        is_failing
    };
    loop {
        let before = best.clone();
        while attempt(best[..best.len() / 2].to_vec(), &mut best) {}
        let mut step = best.len() / 2;
        while step > 0 {
            let mut start = 0;
            while start < best.len() {
                let end = (start + step).min(best.len());
                let cut = [&best[..start], &best[end..]].concat();
                if attempt(cut, &mut best) {
                    continue;
                }
                let mut zeroed = best.clone();
                zeroed[start..end].fill(0);
                attempt(zeroed, &mut best);
                start += step;
            }
            step /= 2;
        }
        if best == before {
            return best;
        }
    }
}
