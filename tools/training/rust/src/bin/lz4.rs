//! Compresses with LZ4 and Snappy.
use training::{Rng, bytes};

fn main() {
    let data = bytes(&mut Rng::new(15), 400_000);
    let mut total = 0;
    for _ in 0..3 {
        let packed = lz4_flex::compress_prepend_size(&data);
        assert!(lz4_flex::decompress_size_prepended(&packed).unwrap() == data);
        let snappy = snap::raw::Encoder::new().compress_vec(&data).unwrap();
        assert!(snap::raw::Decoder::new().decompress_vec(&snappy).unwrap() == data);
        total += packed.len() + snappy.len();
    }
    println!("{total}");
}
