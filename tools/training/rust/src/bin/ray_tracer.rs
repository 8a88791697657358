//! Traces rays through spheres and planes, in f32 vectors.
use glam::Vec3;

struct Sphere {
    center: Vec3,
    radius: f32,
    color: Vec3,
    mirror: f32,
}

fn hit(spheres: &[Sphere], from: Vec3, way: Vec3) -> Option<(f32, &Sphere)> {
    let mut nearest: Option<(f32, &Sphere)> = None;
    for sphere in spheres {
        let to = sphere.center - from;
        let along = to.dot(way);
        let inside = sphere.radius * sphere.radius - to.length_squared() + along * along;
        if inside > 0.0 {
            let distance = along - inside.sqrt();
            if distance > 1e-3 && nearest.is_none_or(|(best, _)| distance < best) {
                nearest = Some((distance, sphere));
            }
        }
    }
    nearest
}

fn trace(spheres: &[Sphere], from: Vec3, way: Vec3, depth: u32) -> Vec3 {
    let light = Vec3::new(0.5, 0.8, -0.4).normalize();
    let Some((distance, sphere)) = hit(spheres, from, way) else {
        return Vec3::splat(0.5 + 0.5 * way.y);
    };
    let at = from + way * distance;
    let normal = (at - sphere.center) / sphere.radius;
    let lit = if hit(spheres, at, light).is_none() { normal.dot(light).max(0.0) } else { 0.0 };
    let own = sphere.color * (0.2 + 0.8 * lit);
    if depth == 0 || sphere.mirror == 0.0 {
        return own;
    }
    let reflected = trace(spheres, at, way - 2.0 * way.dot(normal) * normal, depth - 1);
    own.lerp(reflected, sphere.mirror)
}

fn main() {
    let spheres: Vec<Sphere> = (0..9)
        .map(|i| Sphere {
            center: Vec3::new(i as f32 - 4.0, (i * i % 5) as f32 - 2.0, 6.0 + (i % 3) as f32),
            radius: 0.6 + 0.1 * i as f32,
            color: Vec3::new(0.1 * i as f32, 0.5, 1.0 - 0.1 * i as f32),
            mirror: (i % 2) as f32 * 0.5,
        })
        .collect();
    let mut sum = Vec3::ZERO;
    for y in 0..90 {
        for x in 0..120 {
            let way = Vec3::new(x as f32 / 60.0 - 1.0, y as f32 / 60.0 - 0.75, 1.0).normalize();
            sum += trace(&spheres, Vec3::ZERO, way, 3).clamp(Vec3::ZERO, Vec3::ONE);
        }
    }
    println!("{sum:?}");
}
