//! Writes a table as CSV, reads it and adds up its columns by key.
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use training::{Rng, word};

#[derive(Serialize, Deserialize)]
struct Row {
    city: String,
    year: u16,
    amount: f64,
    comment: String,
}

fn main() {
    let mut rng = Rng::new(6);
    let mut writer = csv::Writer::from_writer(Vec::new());
    for _ in 0..5000 {
        let comment = format!("{}, \"{}\"", word(&mut rng), word(&mut rng));
        let amount = (rng.unit() * 1e6).round() / 100.0;
        writer.serialize(Row { city: word(&mut rng), year: 1990 + rng.below(30) as u16, amount, comment }).unwrap();
    }
    let file = writer.into_inner().unwrap();
    let mut sums: HashMap<(String, u16), (f64, usize)> = HashMap::new();
    for row in csv::Reader::from_reader(&file[..]).deserialize() {
        let row: Row = row.unwrap();
        let sum = sums.entry((row.city, row.year)).or_default();
        sum.0 += row.amount;
        sum.1 += row.comment.len();
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then_with(|| a.0.cmp(&b.0)));
    println!("{:?} {}", sums[0], sums.len());
}
