//! Hash maps of numbers and strings.
use hashbrown::HashMap as Fast;
use indexmap::IndexMap;
use std::collections::HashMap;
use training::{Rng, word};

fn main() {
    let mut rng = Rng::new(10);
    let mut numbers: Fast<u32, u32> = Fast::new();
    for _ in 0..200_000 {
        *numbers.entry((rng.next() >> 48) as u32).or_insert(0) += 1;
    }
    for i in 0..20_000 {
        numbers.remove(&i);
    }
    let mut words: HashMap<String, usize> = HashMap::new();
    let mut order: IndexMap<String, usize> = IndexMap::new();
    for i in 0..20_000 {
        let word = word(&mut rng);
        *words.entry(word.clone()).or_default() += i;
        *order.entry(word).or_default() += 1;
    }
    let most = words.iter().max_by_key(|(word, count)| (**count, word.len())).unwrap();
    println!("{} {most:?} {:?}", numbers.len(), order.get_index(3));
}
