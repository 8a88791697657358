//! Writes and reads values in the binary formats postcard and CBOR.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use training::{Rng, word};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Value {
    Null,
    Number(f64),
    Int(i64),
    Text(String),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
}

fn value(rng: &mut Rng, depth: usize) -> Value {
    match rng.below(if depth == 0 { 4 } else { 6 }) {
        0 => Value::Null,
        1 => Value::Number(rng.unit()),
        2 => Value::Int(rng.next() as i64 >> rng.below(60)),
        3 => Value::Text(word(rng)),
        4 => Value::List((0..rng.below(6)).map(|_| value(rng, depth - 1)).collect()),
        _ => Value::Map((0..rng.below(6)).map(|_| (word(rng), value(rng, depth - 1))).collect()),
    }
}

fn main() {
    let mut rng = Rng::new(17);
    let values: Vec<Value> = (0..1500).map(|_| value(&mut rng, 4)).collect();
    let packed = postcard::to_stdvec(&values).unwrap();
    assert_eq!(postcard::from_bytes::<Vec<Value>>(&packed).unwrap(), values);
    let mut cbor = Vec::new();
    ciborium::into_writer(&values, &mut cbor).unwrap();
    assert_eq!(ciborium::from_reader::<Vec<Value>, _>(&cbor[..]).unwrap(), values);
    println!("{} {}", packed.len(), cbor.len());
}
