//! Damages modules: flips bits, changes, removes, repeats and inserts bytes.

use crate::noise::Noise;

/// The module with a few changes somewhere behind its header.
pub fn mutate(module: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mut bytes = module.to_vec();
    for _ in 0..1 + noise.below(4) {
        change(&mut bytes, noise);
    }
    bytes
}

/// Bytes that mean much in many places: type and opcode bytes, the ends of LEB128 numbers.
const TELLING: [u8; 16] =
    [0x00, 0x01, 0x0B, 0x05, 0x0C, 0x0E, 0x10, 0x11, 0x40, 0x60, 0x70, 0x7C, 0x7F, 0x80, 0xFC, 0xFF];

fn change(bytes: &mut Vec<u8>, noise: &mut Noise) {
    const HEADER_BYTES: usize = 8;
    if bytes.len() <= HEADER_BYTES {
        return;
    }
    let at = HEADER_BYTES + noise.below(bytes.len() - HEADER_BYTES);
    match noise.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, TELLING[noise.below(TELLING.len())]),
        3 => {
            let end = bytes.len().min(at + 1 + noise.below(8));
            let piece = bytes[at..end].to_vec();
            bytes.splice(at..at, piece);
        }
        4 => bytes[at] = TELLING[noise.below(TELLING.len())],
        5 => bytes[at] = bytes[at].wrapping_add(1),
        _ => bytes[at] ^= 1 << noise.below(8),
    }
}
