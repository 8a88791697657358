//! Compresses and decompresses in the way of gzip.
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use std::io::{Read, Write};
use training::{Rng, bytes, prose};

fn main() {
    let mut rng = Rng::new(3);
    let mut data = bytes(&mut rng, 120_000);
    data.extend_from_slice(prose(&mut rng, 10_000).as_bytes());
    for level in [1, 6, 9] {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
        encoder.write_all(&data).unwrap();
        let packed = encoder.finish().unwrap();
        let mut back = Vec::new();
        for _ in 0..3 {
            back.clear();
            GzDecoder::new(&packed[..]).read_to_end(&mut back).unwrap();
        }
        println!("{level} {} {}", packed.len(), back == data);
    }
}
