//! Heat flow and statistics over arrays of f32 with ndarray.
use ndarray::{Array2, Axis, s};

fn main() {
    let mut heat = Array2::<f32>::from_shape_fn((120, 120), |(i, j)| ((i * 7 + j * 13) % 50) as f32);
    for _ in 0..40 {
        let mut next = heat.clone();
        let around = &heat.slice(s![..-2, 1..-1]) + &heat.slice(s![2.., 1..-1]) + heat.slice(s![1..-1, ..-2])
            + heat.slice(s![1..-1, 2..]);
        next.slice_mut(s![1..-1, 1..-1]).zip_mut_with(&around, |cell, sum| *cell += 0.2 * (sum - 4.0 * *cell));
        heat = next;
    }
    let product = heat.dot(&heat.t());
    println!("{} {} {}", heat.sum(), heat.mean_axis(Axis(0)).unwrap().var(0.0), product[[5, 7]]);
}
