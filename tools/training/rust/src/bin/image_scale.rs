//! Makes a picture, scales and blurs it.
use image::{Rgb, RgbImage, imageops};

fn main() {
    let picture = RgbImage::from_fn(300, 200, |x, y| Rgb([(x ^ y) as u8, (x * y / 7) as u8, (x + 2 * y) as u8]));
    let small = imageops::resize(&picture, 160, 120, imageops::FilterType::Lanczos3);
    let blurred = imageops::blur(&small, 1.5);
    let grey = imageops::grayscale(&imageops::rotate90(&blurred));
    println!("{}", grey.pixels().map(|p| p.0[0] as u32).sum::<u32>());
}
