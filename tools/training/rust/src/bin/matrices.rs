//! Products of matrices of four types: nested vectors, flat slices, generic code.
use std::ops::{Add, Mul};

fn nested<T: Copy + Default + Add<Output = T> + Mul<Output = T>>(a: &[Vec<T>], b: &[Vec<T>]) -> Vec<Vec<T>> {
    let n = b[0].len();
    a.iter()
        .map(|row| (0..n).map(|j| row.iter().zip(b).fold(T::default(), |sum, (&x, y)| sum + x * y[j])).collect())
        .collect()
}

fn flat<T: Copy + Default + Add<Output = T> + Mul<Output = T>>(a: &[T], b: &[T], n: usize) -> Vec<T> {
    let mut c = vec![T::default(); n * n];
    for i in 0..n {
        for k in 0..n {
            let x = a[i * n + k];
            for j in 0..n {
                c[i * n + j] = c[i * n + j] + x * b[k * n + j];
            }
        }
    }
    c
}

fn determinant(mut m: Vec<Vec<u64>>, p: u64) -> u64 {
    let mut product = 1;
    for i in 0..m.len() {
        let Some(pivot) = (i..m.len()).find(|&r| m[r][i] != 0) else { return 0 };
        m.swap(i, pivot);
        product = product * m[i][i] % p;
        let (mut inverse, mut base, mut power) = (1, m[i][i], p - 2);
        while power > 0 {
            if power & 1 == 1 {
                inverse = inverse * base % p;
            }
            base = base * base % p;
            power >>= 1;
        }
        for r in i + 1..m.len() {
            let factor = m[r][i] * inverse % p;
            for c in i..m.len() {
                m[r][c] = (m[r][c] + (p - factor) * m[i][c]) % p;
            }
        }
    }
    product
}

fn make<T>(n: usize, of: impl Fn(usize) -> T) -> Vec<Vec<T>> {
    (0..n).map(|i| (0..n).map(|j| of(i * 31 + j * 17 + i * j % 7)).collect()).collect()
}

fn main() {
    let n = 60;
    let ints = nested(&make(n, |x| x as i32 % 10), &make(n, |x| x as i32 % 7));
    let longs = nested(&make(n, |x| x as i64 % 10), &make(n, |x| x as i64 % 7));
    let floats = flat(&make(n, |x| x as f32 * 0.1).concat(), &make(n, |x| x as f32).concat(), n);
    let doubles = flat(&make(n, |x| x as f64 * 0.1).concat(), &make(n, |x| x as f64).concat(), n);
    let longs_flat = flat(&make(n, |x| x as u64).concat(), &make(n, |x| x as u64).concat(), n);
    let determinant = determinant(make(n, |x| (x * x % 1009) as u64), 1_000_000_007);
    println!("{} {} {} {} {} {determinant}", ints[3][4], longs[4][3], floats[99], doubles[98], longs_flat[77]);
}
