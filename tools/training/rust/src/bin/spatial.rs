//! Nearest neighbours in an R-tree.
use rstar::{AABB, RTree};
use training::Rng;

fn main() {
    let mut rng = Rng::new(23);
    let points: Vec<[f64; 2]> = (0..12_000).map(|_| [rng.unit(), rng.unit()]).collect();
    let mut tree = RTree::bulk_load(points);
    let mut sum = 0.0;
    for _ in 0..2500 {
        let near = [rng.unit(), rng.unit()];
        sum += tree.nearest_neighbor(&near).unwrap()[0];
        tree.insert(near);
        let envelope = AABB::from_corners(near, [near[0] + 0.02, near[1] + 0.03]);
        sum += tree.locate_in_envelope(&envelope).count() as f64;
    }
    println!("{sum:.6}");
}
