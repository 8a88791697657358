//! Ordered maps, sets and ranges of them.
use std::collections::{BTreeMap, BTreeSet};
use training::{Rng, word};

fn main() {
    let mut rng = Rng::new(11);
    let mut map = BTreeMap::new();
    let mut names = BTreeSet::new();
    for i in 0..60_000u64 {
        map.insert((rng.next() >> 44) as u32, i);
        if i % 4 == 0 {
            names.insert(word(&mut rng));
        }
        if i % 3 == 0 {
            let from = (rng.next() >> 44) as u32;
            let next = map.range(from..).next().map(|(key, _)| *key);
            next.map(|key| map.remove(&key));
        }
    }
    let sum: u64 = map.range(1000..500_000).map(|(key, value)| *key as u64 ^ value).sum();
    println!("{} {sum} {:?}", map.len(), names.range("m".to_string()..).next());
}
