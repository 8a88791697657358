//! Multiplies points of Curve25519.
use curve25519_dalek::{constants::RISTRETTO_BASEPOINT_POINT, scalar::Scalar};

fn main() {
    let mut point = RISTRETTO_BASEPOINT_POINT;
    for i in 2..12u64 {
        point *= Scalar::from(i * 0x1234_5678_9abc_def1).invert();
    }
    println!("{:02x?}", point.compress().to_bytes());
}
