//! Parses and prints JSON, with types and without.
use serde::{Deserialize, Serialize};
use training::{Rng, prose, word};

#[derive(Serialize, Deserialize)]
struct Item {
    id: u64,
    name: String,
    tags: Vec<String>,
    price: f64,
    stock: Option<i32>,
    #[serde(default)]
    nested: Vec<Item>,
    kind: Kind,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind {
    Plain,
    Sized { width: i32, height: i32 },
    Text { body: String },
}

fn item(rng: &mut Rng, depth: usize) -> Item {
    Item {
        id: rng.next() >> 20,
        name: word(rng),
        tags: (0..rng.below(5)).map(|_| word(rng)).collect(),
        price: (rng.unit() * 1e5).round() / 100.0,
        stock: (rng.below(2) == 0).then(|| rng.below(900) as i32 - 40),
        nested: (0..if depth == 0 { 0 } else { rng.below(4) }).map(|_| item(rng, depth - 1)).collect(),
        kind: match rng.below(3) {
            0 => Kind::Plain,
            1 => Kind::Sized { width: rng.below(99) as i32, height: rng.below(99) as i32 },
            _ => Kind::Text { body: prose(rng, 6) },
        },
    }
}

fn main() {
    let mut rng = Rng::new(1);
    let items: Vec<Item> = (0..300).map(|_| item(&mut rng, 2)).collect();
    let mut text = serde_json::to_string(&items).unwrap();
    for _ in 0..4 {
        let typed: Vec<Item> = serde_json::from_str(&text).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value[0]["id"] = typed.len().into();
        text = serde_json::to_string_pretty(&value).unwrap();
    }
    println!("{}", text.len());
}
