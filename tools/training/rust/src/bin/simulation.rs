//! Simulations: springs, fluid, annealing, noise, sound.
use glam::{DVec2, Vec2};
use training::Rng;

fn cloth(side: usize) -> f32 {
    let mut at: Vec<Vec2> = (0..side * side).map(|i| Vec2::new((i % side) as f32, (i / side) as f32)).collect();
    let mut before = at.clone();
    for _ in 0..25 {
        for (p, old) in at.iter_mut().zip(&mut before).skip(side) {
            let next = *p * 1.99 - *old * 0.99 + Vec2::new(0.0, 0.01);
            *old = *p;
            *p = next;
        }
        for y in 0..side {
            for x in 0..side - 1 {
                for (i, j) in [(y * side + x, y * side + x + 1), (x * side + y, (x + 1) * side + y)] {
                    let way = at[j] - at[i];
                    let push = way * (0.5 * (1.0 - 1.0 / way.length()));
                    at[i] += push;
                    at[j] -= push;
                }
            }
        }
    }
    at[side * side - 1].length()
}

fn fluid(n: usize) -> f32 {
    let at = |x: usize, y: usize| x + (n + 2) * y;
    let (mut u, mut p) = (vec![0.0f32; (n + 2) * (n + 2)], vec![0.0f32; (n + 2) * (n + 2)]);
    for step in 0..6 {
        u[at(n / 2, n / 3 + step)] += 10.0;
        for _ in 0..10 {
            for y in 1..=n {
                for x in 1..=n {
                    let around = p[at(x - 1, y)] + p[at(x + 1, y)] + p[at(x, y - 1)] + p[at(x, y + 1)];
                    p[at(x, y)] = (u[at(x, y)] + 0.2 * around) / 1.8;
                }
            }
        }
        for y in 1..=n {
            for x in 1..=n {
                let (fx, fy) = ((x as f32 - p[at(x, y)]).clamp(0.5, n as f32), (y as f32 - 0.3).max(0.5));
                let (ix, iy) = (fx as usize, fy as usize);
                let (s, t) = (fx - ix as f32, fy - iy as f32);
                u[at(x, y)] = (1.0 - s) * ((1.0 - t) * p[at(ix, iy)] + t * p[at(ix, iy + 1)])
                    + s * ((1.0 - t) * p[at(ix + 1, iy)] + t * p[at(ix + 1, iy + 1)]);
            }
        }
    }
    u.iter().sum()
}

fn annealing(rng: &mut Rng) -> f64 {
    let mut tour: Vec<DVec2> = (0..100).map(|_| DVec2::new(rng.unit(), rng.unit())).collect();
    let mut heat = 1.0;
    for _ in 0..30_000 {
        let (i, j) = (1 + rng.below(98), 1 + rng.below(98));
        let (i, j) = (i.min(j), i.max(j));
        let old = tour[i - 1].distance(tour[i]) + tour[j].distance(tour[j + 1]);
        let new = tour[i - 1].distance(tour[j]) + tour[i].distance(tour[j + 1]);
        if new < old || rng.unit() < ((old - new) / heat).exp() {
            tour[i..=j].reverse();
        }
        heat *= 0.9997;
    }
    tour.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

fn noise(table: &[u8], x: f32, y: f32) -> f32 {
    let (ix, iy) = (x.floor(), y.floor());
    let (fx, fy) = (x - ix, y - iy);
    let corner = |dx: i32, dy: i32| {
        let hash = table[(table[(ix as i32 + dx) as usize & 255] as usize + (iy as i32 + dy) as usize) & 255];
        let (gx, gy) = (if hash & 1 == 0 { 1.0 } else { -1.0 }, if hash & 2 == 0 { 1.0 } else { -1.0 });
        gx * (fx - dx as f32) + gy * (fy - dy as f32)
    };
    let fade = |t: f32| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let mix = |a: f32, b: f32, t: f32| a + (b - a) * t;
    mix(mix(corner(0, 0), corner(1, 0), fade(fx)), mix(corner(0, 1), corner(1, 1), fade(fx)), fade(fy))
}

fn sound() -> i64 {
    let (mut x1, mut x2, mut y1, mut y2) = (0.0f32, 0.0, 0.0, 0.0);
    let mut echo = vec![0.0f32; 700];
    let mut sum = 0i64;
    for i in 0..40_000usize {
        let t = i as f32 / 8000.0;
        let x = (t * 440.0 * std::f32::consts::TAU).sin() * 0.5 + if i / 20 % 2 == 0 { 0.3 } else { -0.3 };
        let y = 0.2 * x + 0.4 * x1 + 0.2 * x2 + 0.5 * y1 - 0.3 * y2;
        (x2, x1, y2, y1) = (x1, x, y1, y);
        let at = i % echo.len();
        let out = y + 0.4 * echo[at];
        echo[at] = out;
        sum += (out.clamp(-1.0, 1.0) * 32767.0) as i16 as i64;
    }
    sum
}

fn main() {
    let mut rng = Rng::new(32);
    let table: Vec<u8> = (0..256).map(|_| rng.next() as u8).collect();
    let field: f32 = (0..20_000).map(|i| noise(&table, (i % 141) as f32 * 0.13, i as f32 * 0.0071)).sum();
    println!("{} {} {:.4} {field} {}", cloth(24), fluid(48), annealing(&mut rng), sound());
}
