//! Sets of numbers as compressed bitmaps.
use roaring::RoaringBitmap;
use training::Rng;

fn main() {
    let mut rng = Rng::new(22);
    let mut sets: Vec<RoaringBitmap> = (0..8)
        .map(|i| (0..20_000).map(|_| rng.below(200_000 << i % 3) as u32).collect())
        .collect();
    let mut sum = 0;
    for i in 0..40 {
        let (a, b) = (&sets[i % 8], &sets[(i * 3 + 1) % 8]);
        let mixed = (a & b) | (a ^ b) - b;
        sum += mixed.len() + mixed.rank(70_000) + mixed.iter().step_by(7).map(u64::from).sum::<u64>() % 999;
        sets[i % 8].insert_range(i as u32 * 100..i as u32 * 100 + 50);
    }
    println!("{sum}");
}
