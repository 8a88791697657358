//! Hash functions for tables: XXH, SipHash, FNV, Adler.
use siphasher::sip::SipHasher24;
use std::hash::Hasher;
use training::{Rng, bytes};

fn main() {
    let data = bytes(&mut Rng::new(5), 300_000);
    let mut xx64 = twox_hash::XxHash64::with_seed(1);
    let mut xx32 = twox_hash::XxHash32::with_seed(1);
    let mut sip = SipHasher24::new_with_keys(1, 2);
    let mut fnv = 0xcbf2_9ce4_8422_2325u64;
    let (mut low, mut high) = (1u32, 0u32);
    for part in data.chunks(97) {
        xx64.write(part);
        xx32.write(part);
        sip.write(part);
        for &byte in part {
            fnv = (fnv ^ byte as u64).wrapping_mul(0x100_0000_01b3);
            low = (low + byte as u32) % 65521;
            high = (high + low) % 65521;
        }
    }
    println!("{:x} {:x} {:x} {fnv:x} {:x}", xx64.finish(), xx32.finish(), sip.finish(), high << 16 | low);
}
