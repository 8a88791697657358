//! Base64, hexadecimal, run lengths, variable-length numbers.
use base64::{Engine, engine::general_purpose};
use training::{Rng, bytes};

fn main() {
    let data = bytes(&mut Rng::new(25), 60_000);
    let mut sum = 0;
    for _ in 0..4 {
        let text = general_purpose::STANDARD.encode(&data);
        sum += general_purpose::STANDARD.decode(&text).unwrap().len();
        let hex: String = data.iter().flat_map(|b| [b >> 4, b & 15]).map(|d| char::from_digit(d.into(), 16).unwrap()).collect();
        let back: Vec<u8> = hex
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        let mut varints = Vec::new();
        for pair in back.windows(3) {
            let mut value = (pair[0] as u64) << (pair[1] % 56) ^ pair[2] as u64;
            while value >= 128 {
                varints.push(value as u8 | 128);
                value >>= 7;
            }
            varints.push(value as u8);
        }
        let mut runs = Vec::new();
        for run in varints.chunk_by(|a, b| a == b) {
            runs.push((run.len().min(255) as u8, run[0]));
        }
        sum += runs.iter().map(|(n, b)| *n as usize * *b as usize).sum::<usize>();
    }
    println!("{sum}");
}
