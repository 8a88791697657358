//! Searches text with regular expressions and with many words at once.
use aho_corasick::AhoCorasick;
use regex_lite::Regex;
use training::{Rng, prose, word};

fn main() {
    let mut rng = Rng::new(2);
    let text = prose(&mut rng, 2000);
    let mut found = 0;
    for pattern in [r"\b(\w+)er\b", r"(ka|lo)+[a-e]*,", r"^[a-z ]+\.", r"(?i)THE.{1,5}ing", r"t[^ ]{3,6}(i|o)\b"] {
        let regex = Regex::new(pattern).unwrap();
        found += regex.find_iter(&text).map(|m| m.len()).sum::<usize>();
    }
    let words: Vec<String> = (0..200).map(|_| word(&mut rng)).collect();
    let finder = AhoCorasick::new(&words).unwrap();
    for _ in 0..10 {
        found += finder.find_iter(&text).map(|m| m.end()).sum::<usize>() % 1000;
    }
    println!("{found} {}", Regex::new("an+").unwrap().replace_all(&text, "<$0>").len());
}
