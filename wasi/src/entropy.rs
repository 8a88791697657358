//! Where a guest's random bytes come from: the operating system's generator, or the embedder's.

use crate::types::Errno;

/// Fills a slice with random bytes.
type Fill = dyn FnMut(&mut [u8]) + Send;

/// Where a guest's random bytes come from.
pub(crate) enum RandomSource {
    Host,
    Embedder(Box<Fill>),
}

impl RandomSource {
    /// Fills `bytes`.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
        match self {
            Self::Host => getrandom::fill(bytes).map_err(|_| Errno::Io),
            Self::Embedder(fill) => {
                fill(bytes);
                Ok(())
            }
        }
    }
}

/// Bytes that look random and depend on `seed` alone: SplitMix64, whose output is fixed for ever, which that of a
/// library is not. Anybody who knows the seed can foretell them.
pub(crate) fn seeded(seed: u64) -> impl FnMut(&mut [u8]) + Send {
    let mut state = seed;
    move |bytes| {
        for chunk in bytes.chunks_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::seeded;

    #[test]
    fn seeded_bytes_are_the_published_ones() {
        let mut bytes = [0; 20];
        seeded(1_234_567)(&mut bytes);
        assert_eq!(bytes[..8], 6_457_827_717_110_365_317u64.to_le_bytes());
        assert_eq!(bytes[8..16], 3_203_168_211_198_807_973u64.to_le_bytes());
        assert_eq!(bytes[16..], 9_817_491_932_198_370_423u64.to_le_bytes()[..4]);
    }
}
