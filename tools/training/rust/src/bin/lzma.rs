//! Compresses with LZMA, whose decoder works bit by bit.
use std::io::Cursor;
use training::{Rng, prose};

fn main() {
    let text = prose(&mut Rng::new(16), 8000);
    let mut packed = Vec::new();
    lzma_rs::lzma_compress(&mut Cursor::new(text.as_bytes()), &mut packed).unwrap();
    let mut back = Vec::new();
    lzma_rs::lzma_decompress(&mut Cursor::new(&packed), &mut back).unwrap();
    println!("{} {}", packed.len(), back == text.as_bytes());
}
