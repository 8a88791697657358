//! Prices options and measures pi with random numbers.
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_distr::{Distribution, Exp, Normal};

fn main() {
    let mut rng = rand_pcg::Pcg64::seed_from_u64(1);
    let normal = Normal::new(0.0f64, 1.0).unwrap();
    let exp = Exp::new(2.0f64).unwrap();
    let mut payoff = 0.0;
    for _ in 0..4000 {
        let mut price = 100.0f64;
        for _ in 0..12 {
            price *= f64::exp(0.01 + 0.2 * normal.sample(&mut rng) / 3.5);
        }
        payoff += (price - 105.0f64).max(0.0) + exp.sample(&mut rng);
    }
    let inside = (0..150_000).filter(|_| rng.r#gen::<f64>().hypot(rng.r#gen()) < 1.0).count();
    let mut cards: Vec<u8> = (0..52).collect();
    let pairs: usize = (0..2000)
        .map(|_| {
            cards.shuffle(&mut rng);
            cards.windows(2).filter(|w| w[0] % 13 == w[1] % 13).count()
        })
        .sum();
    println!("{:.4} {inside} {pairs} {}", payoff / 4000.0, rng.gen_range(0..1000));
}
