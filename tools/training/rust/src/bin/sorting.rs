//! Sorts numbers, records and strings: stable, unstable, by key.
use training::{Rng, word};

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    group: u8,
    name: String,
    value: i64,
}

fn main() {
    let mut rng = Rng::new(12);
    let mut numbers: Vec<u32> = (0..80_000).map(|_| rng.next() as u32).collect();
    let mut floats: Vec<f64> = (0..30_000).map(|_| rng.unit()).collect();
    let mut records: Vec<Record> = (0..8000)
        .map(|_| Record { group: rng.next() as u8 & 7, name: word(&mut rng), value: rng.next() as i64 })
        .collect();
    numbers.sort_unstable();
    floats.sort_by(f64::total_cmp);
    records.sort();
    records.sort_by_key(|record| record.value);
    records.sort_by(|a, b| b.name.cmp(&a.name));
    let found = (0..50_000u32).filter(|i| numbers.binary_search(&(i * 80_000)).is_ok()).count();
    println!("{} {} {} {found}", numbers[100], floats[100], records[100].value);
}
