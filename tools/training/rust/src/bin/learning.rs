//! Machine learning in f32 and f64: k-means, a small network, least squares, a decision tree.
use training::Rng;

fn k_means(points: &[[f64; 3]], k: usize) -> f64 {
    let mut centers: Vec<[f64; 3]> = points[..k].to_vec();
    let mut total = 0.0;
    for _ in 0..8 {
        let mut sums = vec![([0.0; 3], 0usize); k];
        total = 0.0;
        for point in points {
            let distance = |c: &[f64; 3]| c.iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
            let (best, d) = centers.iter().map(distance).enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
            total += d;
            sums[best].1 += 1;
            sums[best].0.iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
        }
        for (center, (sum, count)) in centers.iter_mut().zip(&sums) {
            *center = sum.map(|x| x / (*count).max(1) as f64);
        }
    }
    total
}

struct Layer {
    weights: Vec<Vec<f32>>,
    bias: Vec<f32>,
}

impl Layer {
    fn new(rng: &mut Rng, inputs: usize, outputs: usize) -> Self {
        let weights = (0..outputs).map(|_| (0..inputs).map(|_| rng.unit() as f32 - 0.5).collect()).collect();
        Self { weights, bias: vec![0.0; outputs] }
    }

    fn forward(&self, input: &[f32]) -> Vec<f32> {
        let sum = |(row, bias): (&Vec<f32>, &f32)| row.iter().zip(input).fold(*bias, |sum, (w, x)| sum + w * x);
        self.weights.iter().zip(&self.bias).map(sum).map(|x| x / (1.0 + x.abs())).collect()
    }

    fn backward(&mut self, input: &[f32], output: &[f32], error: &[f32]) -> Vec<f32> {
        let mut back = vec![0.0; input.len()];
        for (i, row) in self.weights.iter_mut().enumerate() {
            let slope = 1.0 - output[i].abs();
            let delta = error[i] * slope * slope * 0.1;
            for (j, weight) in row.iter_mut().enumerate() {
                back[j] += *weight * error[i];
                *weight += delta * input[j];
            }
            self.bias[i] += delta;
        }
        back
    }
}

fn split(points: &mut [[f64; 3]], depth: usize) -> f64 {
    if depth == 0 || points.len() < 8 {
        return points.iter().map(|p| p[2]).sum::<f64>() / points.len().max(1) as f64;
    }
    let axis = depth % 2;
    points.sort_unstable_by(|a, b| a[axis].total_cmp(&b[axis]));
    let (low, high) = points.split_at_mut(points.len() / 2);
    split(low, depth - 1).max(split(high, depth - 1) * 0.99)
}

fn main() {
    let mut rng = Rng::new(31);
    let mut points: Vec<[f64; 3]> = (0..2000).map(|_| std::array::from_fn(|_| rng.unit())).collect();
    let spread = k_means(&points, 8);
    let mut first = Layer::new(&mut rng, 8, 24);
    let mut second = Layer::new(&mut rng, 24, 4);
    let mut loss = 0.0;
    for i in 0..1500 {
        let input: Vec<f32> = (0..8).map(|bit| (i >> bit & 1) as f32).collect();
        let hidden = first.forward(&input);
        let output = second.forward(&hidden);
        let error: Vec<f32> = (0..4).map(|bit| (((i * 5) >> bit & 1) as f32) - output[bit]).collect();
        loss = loss * 0.99 + error.iter().map(|e| e * e).sum::<f32>();
        let back = second.backward(&hidden, &output, &error);
        first.backward(&input, &hidden, &back);
    }
    let (mut a, mut b) = (0.0, 0.0);
    for _ in 0..20 {
        for p in &points {
            let error = a * p[0] + b - p[1];
            (a, b) = (a - 0.01 * error * p[0], b - 0.01 * error);
        }
    }
    println!("{spread:.3} {loss:.3} {a:.4} {b:.4} {:.5}", split(&mut points, 7));
}
