//! Writes and reads a picture as PNG, JPEG and GIF.
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

fn main() {
    let picture = RgbImage::from_fn(200, 160, |x, y| Rgb([(x ^ y) as u8, (x * x / 90) as u8, (3 * y) as u8]));
    let mut picture = DynamicImage::ImageRgb8(picture);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp] {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        println!("{}", file.get_ref().len());
        picture = image::load_from_memory_with_format(file.get_ref(), format).unwrap().to_rgb8().into();
    }
}
