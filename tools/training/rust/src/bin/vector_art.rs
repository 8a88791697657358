//! Draws paths with anti-aliasing, gradients and transparency.
use tiny_skia::*;

fn main() {
    let mut picture = Pixmap::new(200, 200).unwrap();
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    for i in 0..12 {
        let t = i as f32;
        let mut path = PathBuilder::new();
        path.move_to(100.0 + 80.0 * t.sin(), 100.0 + 80.0 * t.cos());
        path.cubic_to(20.0 * t, 10.0, 180.0, 15.0 * t, 100.0, 100.0);
        path.quad_to(10.0, 190.0 - t, 30.0 + t, 40.0);
        path.close();
        let path = path.finish().unwrap();
        paint.set_color_rgba8(20 * i, 255 - 9 * i, 100, 128);
        picture.fill_path(&path, &paint, FillRule::EvenOdd, Transform::from_rotate(t), None);
        let stroke = Stroke { width: 1.0 + t / 4.0, line_cap: LineCap::Round, ..Stroke::default() };
        picture.stroke_path(&path, &paint, &stroke, Transform::from_scale(0.9, 1.1), None);
    }
    let stops = vec![GradientStop::new(0.0, Color::BLACK), GradientStop::new(1.0, Color::from_rgba8(9, 99, 199, 90))];
    let (from, to) = (Point::from_xy(0.0, 0.0), Point::from_xy(200.0, 150.0));
    paint.shader = LinearGradient::new(from, to, stops, SpreadMode::Reflect, Transform::identity()).unwrap();
    picture.fill_rect(Rect::from_xywh(30.0, 30.0, 90.0, 120.0).unwrap(), &paint, Transform::identity(), None);
    println!("{}", picture.data().iter().map(|&byte| byte as u32).sum::<u32>());
}
