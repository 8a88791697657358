//! Encrypts blocks with AES.
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit, generic_array::GenericArray};

fn main() {
    let cipher = aes::Aes256::new(&GenericArray::from([7; 32]));
    let mut blocks = [GenericArray::from([1u8; 16]); 8];
    for _ in 0..300 {
        cipher.encrypt_blocks(&mut blocks);
        blocks[0][0] ^= blocks[7][5];
    }
    cipher.decrypt_blocks(&mut blocks);
    println!("{:02x?}", blocks[3]);
}
