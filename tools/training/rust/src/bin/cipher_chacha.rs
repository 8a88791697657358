//! Encrypts a stream with ChaCha20.
use chacha20::cipher::{KeyIvInit, StreamCipher};

fn main() {
    let mut cipher = chacha20::ChaCha20::new(&[3; 32].into(), &[4; 12].into());
    let mut data = vec![0u8; 300_000];
    for _ in 0..3 {
        cipher.apply_keystream(&mut data);
    }
    println!("{:02x?}", &data[data.len() - 16..]);
}
