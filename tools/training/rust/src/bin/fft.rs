//! Fourier transforms of several lengths, f32 and f64.
use rustfft::{FftNum, FftPlanner, num_complex::Complex};

fn spectrum<T: FftNum>(len: usize) -> Complex<T> {
    let mut planner = FftPlanner::<T>::new();
    let mut data: Vec<Complex<T>> = (0..len)
        .map(|i| Complex::new(T::from_usize(i * i % 97).unwrap(), T::from_usize(i % 5).unwrap()))
        .collect();
    for _ in 0..5 {
        planner.plan_fft_forward(len).process(&mut data);
        planner.plan_fft_inverse(len).process(&mut data);
        let scale = T::one() / T::from_usize(len).unwrap();
        data.iter_mut().for_each(|value| *value = value.scale(scale));
    }
    data[1]
}

fn main() {
    println!("{:?} {:?}", spectrum::<f32>(4096), spectrum::<f64>(3 * 5 * 7 * 16));
    println!("{:?} {:?}", spectrum::<f64>(2048), spectrum::<f32>(1009));
}
