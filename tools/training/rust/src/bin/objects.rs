//! Trait objects, closures, generic iterators.
use std::collections::HashMap;
use std::fmt::Debug;
use training::Rng;

trait Shape: Debug {
    fn area(&self) -> f64;
    fn grow(&mut self, by: f64);
    fn name(&self) -> &str {
        "shape"
    }
}

#[derive(Debug)]
struct Circle(f64);
#[derive(Debug)]
struct Square {
    side: f64,
}
#[derive(Debug)]
struct Group {
    parts: Vec<Box<dyn Shape>>,
    label: String,
}

impl Shape for Circle {
    fn area(&self) -> f64 {
        self.0 * self.0 * std::f64::consts::PI
    }
    fn grow(&mut self, by: f64) {
        self.0 += by;
    }
}

impl Shape for Square {
    fn area(&self) -> f64 {
        self.side * self.side
    }
    fn grow(&mut self, by: f64) {
        self.side *= 1.0 + by;
    }
    fn name(&self) -> &str {
        "square"
    }
}

impl Shape for Group {
    fn area(&self) -> f64 {
        self.parts.iter().map(|part| part.area()).sum()
    }
    fn grow(&mut self, by: f64) {
        self.parts.iter_mut().for_each(|part| part.grow(by / 2.0));
    }
    fn name(&self) -> &str {
        &self.label
    }
}

fn shape(rng: &mut Rng, depth: usize) -> Box<dyn Shape> {
    match rng.below(if depth == 0 { 2 } else { 3 }) {
        0 => Box::new(Circle(rng.unit())),
        1 => Box::new(Square { side: rng.unit() }),
        _ => Box::new(Group { parts: (0..4).map(|_| shape(rng, depth - 1)).collect(), label: format!("group{depth}") }),
    }
}

type Step = Box<dyn Fn(i64) -> i64>;

fn main() {
    let mut rng = Rng::new(30);
    let mut shapes: Vec<Box<dyn Shape>> = (0..200).map(|_| shape(&mut rng, 3)).collect();
    let mut total = 0.0;
    let mut names: HashMap<String, usize> = HashMap::new();
    for round in 0..30 {
        for shape in &mut shapes {
            shape.grow(0.01);
            total += shape.area();
            if round % 10 == 0 {
                *names.entry(shape.name().to_owned()).or_default() += 1;
            }
        }
    }
    let steps: Vec<Step> = (1..20i64)
        .map(|i| -> Step {
            match i % 3 {
                0 => Box::new(move |x| x + i),
                1 => Box::new(move |x| x ^ (i << 3)),
                _ => Box::new(move |x| x.wrapping_mul(i) >> 1),
            }
        })
        .collect();
    let mut value = 1;
    for _ in 0..5000 {
        value = steps.iter().fold(value, |value, step| step(value));
    }
    let evens: i64 = (0..40_000i64)
        .filter(|x| x % 2 == 0)
        .map(|x| x * x)
        .skip(3)
        .step_by(5)
        .zip((1..4).cycle())
        .take_while(|(x, _)| *x < 1 << 40)
        .map(|(x, y): (i64, i64)| x ^ (y & 7))
        .sum();
    println!("{total:.3} {} {value} {evens} {}", names.len(), format!("{:?}", shapes[0]).len());
}
