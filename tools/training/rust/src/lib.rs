//! What the programs share: numbers and text that look random and are the same every time.

/// A generator of numbers (xorshift64*).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number less than `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 32) as usize) % n
    }

    /// A number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A made-up word; short ones are more frequent.
pub fn word(rng: &mut Rng) -> String {
    const PARTS: [&str; 24] = [
        "ka", "lo", "mi", "ter", "an", "sou", "pre", "di", "ven", "tor", "e", "ri", "qua", "st", "im", "po", "the",
        "ing", "er", "un", "gra", "mor", "bel", "ti",
    ];
    let len = 1 + rng.below(3).min(rng.below(4));
    (0..len).map(|_| PARTS[rng.below(PARTS.len())]).collect()
}

/// Sentences of made-up words, `words` in all.
pub fn prose(rng: &mut Rng, words: usize) -> String {
    let mut text = String::new();
    for i in 0..words {
        text.push_str(&word(rng));
        text.push_str(if i % 11 == 10 { ". " } else if i % 7 == 6 { ", " } else { " " });
        if i % 60 == 59 {
            text.push('\n');
        }
    }
    text
}

/// Bytes with some repetition in them.
pub fn bytes(rng: &mut Rng, len: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(len + 64);
    while data.len() < len {
        if data.len() > 64 && rng.below(3) == 0 {
            let from = rng.below(data.len() - 32);
            data.extend_from_within(from..from + 4 + rng.below(28));
        } else {
            data.extend((0..rng.below(16)).map(|_| (rng.next() >> 59) as u8 * 3));
        }
    }
    data.truncate(len);
    data
}
