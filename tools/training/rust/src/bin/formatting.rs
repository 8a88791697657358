//! Formats and parses numbers and strings.
use std::fmt::Write;
use training::Rng;

fn main() {
    let mut rng = Rng::new(13);
    let mut text = String::new();
    for i in 0..6000u32 {
        let value = rng.unit() * 1e6;
        writeln!(text, "{i:>6} {value:10.3} {value} {:#x} {:e} {:08b} {:?}", rng.next(), value, i & 255, (i, "x\n"))
            .unwrap();
    }
    let mut sum = 0.0;
    for line in text.lines() {
        let mut fields = line.split_whitespace();
        let number: u32 = fields.next().unwrap().parse().unwrap();
        let values = fields.filter_map(|field| field.parse::<f64>().ok());
        sum += values.sum::<f64>() + number as f64;
    }
    println!("{} {sum}", text.to_uppercase().replace("0X", "").len());
}
