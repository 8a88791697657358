//! Hashes with BLAKE2b.
use sha2::Digest;
use training::{Rng, bytes};

fn main() {
    let data = bytes(&mut Rng::new(4), 700_000);
    let mut hash = blake2::Blake2b512::new();
    for part in data.chunks(4001) {
        hash.update(part);
    }
    println!("{:02x?}", &hash.finalize()[..]);
}
