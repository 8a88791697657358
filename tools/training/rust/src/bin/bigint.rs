//! Large numbers: factorials, powers, divisions, digits of pi.
use num_bigint::{BigInt, BigUint};

fn main() {
    let factorial = (1..600u32).fold(BigUint::from(1u32), |product, i| product * i);
    let modulus = (BigUint::from(1u32) << 521) - 1u32;
    let power = BigUint::from(3u32).modpow(&(&modulus >> 3), &modulus);
    let (mut q, mut r, mut t, mut k, mut n, mut l) =
        (BigInt::from(1), BigInt::from(0), BigInt::from(1), BigInt::from(1), BigInt::from(3), BigInt::from(3));
    let mut digits = String::new();
    while digits.len() < 150 {
        if &q * 4 + &r - &t < &n * &t {
            digits += &n.to_string();
            let next = (&r - &n * &t) * 10;
            n = (&q * 3 + &r) * 10 / &t - &n * 10;
            q *= 10;
            r = next;
        } else {
            let next = (&q * 2 + &r) * &l;
            let digit = (&q * (&k * 7) + 2 + &r * &l) / (&t * &l);
            q *= &k;
            t *= &l;
            l += 2;
            k += 1;
            n = digit;
            r = next;
        }
    }
    println!("{} {} {digits}", factorial.to_string().len(), power % 1_000_007u32);
}
