//! Decomposes matrices of f64.
use nalgebra::{DMatrix, DVector};
use training::Rng;

fn main() {
    let mut rng = Rng::new(9);
    let matrix = DMatrix::from_fn(60, 60, |i, j| rng.unit() + if i == j { 10.0 } else { 0.0 });
    let right = DVector::from_fn(60, |i, _| i as f64);
    let solved = matrix.clone().lu().solve(&right).unwrap();
    let inverse = matrix.clone().try_inverse().unwrap();
    let qr = matrix.clone().qr().r();
    let eigen = (&matrix * matrix.transpose()).symmetric_eigen().eigenvalues;
    let product = &matrix * &inverse;
    println!("{:.6} {:.6} {:.6} {:.6}", solved.sum(), qr.trace(), eigen.max(), product.trace());
}
