//! Text without crates: counting words, wrapping, searching, a JSON parser, Huffman codes, suffixes.
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use training::{Rng, prose};

fn search(text: &[u8], pattern: &[u8]) -> usize {
    let mut fail = vec![0; pattern.len()];
    let mut k = 0;
    for i in 1..pattern.len() {
        while k > 0 && pattern[i] != pattern[k] {
            k = fail[k - 1];
        }
        k += (pattern[i] == pattern[k]) as usize;
        fail[i] = k;
    }
    let (mut k, mut found) = (0, 0);
    for &byte in text {
        while k > 0 && (k == pattern.len() || byte != pattern[k]) {
            k = fail[k - 1];
        }
        k += (byte == pattern[k]) as usize;
        found += (k == pattern.len()) as usize;
    }
    found
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if lines[lines.len() - 1].chars().count() + word.len() >= width {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}

fn huffman(text: &[u8]) -> u64 {
    let mut counts = [0u64; 256];
    text.iter().for_each(|&byte| counts[byte as usize] += 1);
    let mut heap: BinaryHeap<_> = counts.iter().filter(|&&n| n > 0).map(|&n| std::cmp::Reverse(n)).collect();
    let mut bits = 0;
    while let (Some(a), Some(b)) = (heap.pop(), heap.pop()) {
        bits += a.0 + b.0;
        if heap.is_empty() {
            break;
        }
        heap.push(std::cmp::Reverse(a.0 + b.0));
    }
    bits
}

#[derive(Debug)]
enum Json {
    Word(String),
    Number(f64),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> u8 {
        while self.text[self.at].is_ascii_whitespace() {
            self.at += 1;
        }
        self.text[self.at]
    }

    fn string(&mut self) -> String {
        self.at += 1;
        let mut string = String::new();
        while self.text[self.at] != b'"' {
            if self.text[self.at] == b'\\' {
                self.at += 1;
            }
            string.push(self.text[self.at] as char);
            self.at += 1;
        }
        self.at += 1;
        string
    }

    fn value(&mut self) -> Json {
        match self.peek() {
            b'"' => Json::Word(self.string()),
            b'[' => {
                self.at += 1;
                let mut list = Vec::new();
                while self.peek() != b']' {
                    list.push(self.value());
                    self.at += (self.peek() == b',') as usize;
                }
                self.at += 1;
                Json::List(list)
            }
            b'{' => {
                self.at += 1;
                let mut map = BTreeMap::new();
                while self.peek() != b'}' {
                    let key = self.string();
                    self.at += (self.peek() == b':') as usize;
                    map.insert(key, self.value());
                    self.at += (self.peek() == b',') as usize;
                }
                self.at += 1;
                Json::Map(map)
            }
            _ => {
                let start = self.at;
                while matches!(self.text[self.at], b'0'..=b'9' | b'.' | b'-') {
                    self.at += 1;
                }
                Json::Number(std::str::from_utf8(&self.text[start..self.at]).unwrap().parse().unwrap())
            }
        }
    }
}

fn weight(json: &Json) -> f64 {
    match json {
        Json::Word(word) => word.len() as f64,
        Json::Number(number) => *number,
        Json::List(list) => list.iter().map(weight).sum(),
        Json::Map(map) => map.iter().map(|(key, value)| key.len() as f64 + weight(value)).sum(),
    }
}

fn main() {
    let mut rng = Rng::new(34);
    let text = prose(&mut rng, 6000);
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        *counts.entry(word).or_default() += 1;
    }
    let found = search(text.as_bytes(), b"the kalo") + search(text.as_bytes(), b"erer");
    let lines = wrap(&text, 72);
    let mut suffixes: Vec<&str> = text[..3000].char_indices().map(|(i, _)| &text[i..3000]).collect();
    suffixes.sort();
    let shared = suffixes.windows(2).map(|p| p[0].bytes().zip(p[1].bytes()).take_while(|(a, b)| a == b).count());
    let shared = shared.max();
    let mut json = String::from("[");
    for i in 0..400 {
        json += &format!("{{\"id\": {i}, \"na\\\"me\": \"{}\", \"list\": [1.5, {}, []]}}, ", &text[i..i + 9], i * 7);
    }
    let json = Parser { text: (json + "{}]").as_bytes(), at: 0 }.value();
    let title: String = text
        .split(' ')
        .map(|word| word[..word.len().min(1)].to_uppercase() + word.get(1..).unwrap_or(""))
        .collect::<Vec<_>>()
        .join("_");
    let caesar: String = text.chars().map(|c| if c.is_ascii_lowercase() { ((c as u8 - 97 + 13) % 26 + 97) as char } else { c }).collect();
    println!("{} {found} {} {shared:?} {} {}", counts.len(), lines.len(), weight(&json), huffman(text.as_bytes()));
    println!("{} {}", title.len(), caesar.matches("gur").count());
}
