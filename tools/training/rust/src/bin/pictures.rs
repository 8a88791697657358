//! Work on pixels: YUV, dithering, edges, flood fill, histograms, median.
use training::Rng;

fn main() {
    let (w, h) = (160usize, 120usize);
    let mut rng = Rng::new(33);
    let rgba: Vec<u8> = (0..w * h * 4).map(|i| ((i / 4 % w * 2) ^ (i / w) ^ (rng.next() & 15) as usize) as u8).collect();
    let luma: Vec<u8> = rgba
        .chunks_exact(4)
        .map(|p| ((66 * p[0] as u32 + 129 * p[1] as u32 + 25 * p[2] as u32 + 128) >> 8) as u8 + 16)
        .collect();
    let mut blended = rgba.clone();
    for (to, from) in blended.chunks_exact_mut(4).zip(rgba.chunks_exact(4).rev()) {
        let alpha = from[3] as u32;
        for c in 0..3 {
            to[c] = ((from[c] as u32 * alpha + to[c] as u32 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    let mut dithered: Vec<i16> = luma.iter().map(|&x| x as i16).collect();
    for y in 0..h - 1 {
        for x in 1..w - 1 {
            let old = dithered[y * w + x];
            let new = if old > 127 { 255 } else { 0 };
            dithered[y * w + x] = new;
            let error = old - new;
            dithered[y * w + x + 1] += error * 7 / 16;
            dithered[(y + 1) * w + x - 1] += error * 3 / 16;
            dithered[(y + 1) * w + x] += error * 5 / 16;
            dithered[(y + 1) * w + x + 1] += error / 16;
        }
    }
    let mut edges = vec![0u8; w * h];
    let mut medians = vec![0u8; w * h];
    for y in 1..h - 1 {
        for x in 1..w - 1 {
            let at = |dx: usize, dy: usize| luma[(y + dy - 1) * w + x + dx - 1] as i32;
            let gx = at(2, 0) + 2 * at(2, 1) + at(2, 2) - at(0, 0) - 2 * at(0, 1) - at(0, 2);
            let gy = at(0, 2) + 2 * at(1, 2) + at(2, 2) - at(0, 0) - 2 * at(1, 0) - at(2, 0);
            edges[y * w + x] = ((gx * gx + gy * gy) as f32).sqrt().min(255.0) as u8;
            let mut around: [i32; 9] = std::array::from_fn(|i| at(i % 3, i / 3));
            around.sort_unstable();
            medians[y * w + x] = around[4] as u8;
        }
    }
    let mut region = vec![0u16; w * h];
    let mut regions = 0;
    let mut stack = Vec::new();
    for start in 0..w * h {
        if region[start] != 0 || edges[start] > 90 {
            continue;
        }
        regions += 1;
        stack.push(start);
        while let Some(at) = stack.pop() {
            if region[at] != 0 || edges[at] > 90 {
                continue;
            }
            region[at] = regions;
            let (x, y) = (at % w, at / w);
            stack.extend([(x > 0).then(|| at - 1), (x + 1 < w).then_some(at + 1), (y > 0).then(|| at - w)].iter().flatten());
            if y + 1 < h {
                stack.push(at + w);
            }
        }
    }
    let mut histogram = [0u32; 256];
    medians.iter().chain(&blended).for_each(|&x| histogram[x as usize] += 1);
    let on = dithered.iter().filter(|&&x| x == 255).count();
    println!("{regions} {on} {} {}", histogram[100], edges.iter().map(|&e| e as u32).sum::<u32>());
}
