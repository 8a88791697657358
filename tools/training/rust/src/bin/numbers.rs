//! Number theory: sieves, Miller-Rabin, gcd, transforms modulo a prime, Collatz.
fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = (result as u128 * base as u128 % modulus as u128) as u64;
        }
        base = (base as u128 * base as u128 % modulus as u128) as u64;
        exponent >>= 1;
    }
    result
}

fn prime(n: u64) -> bool {
    let (shift, odd) = ((n - 1).trailing_zeros(), (n - 1) >> (n - 1).trailing_zeros());
    [2, 3, 5, 7].iter().all(|&base| {
        let mut x = power(base, odd, n);
        x == 1 || (0..shift).any(|_| {
            let last = x;
            x = (x as u128 * x as u128 % n as u128) as u64;
            last == n - 1
        })
    })
}

fn transform(data: &mut [u32], root: u64) {
    const P: u64 = 998_244_353;
    let n = data.len();
    let mut j = 0;
    for i in 1..n {
        let mut bit = n >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
        if i < j {
            data.swap(i, j);
        }
    }
    let mut len = 2;
    while len <= n {
        let step = power(root, (n / len) as u64, P);
        for part in data.chunks_mut(len) {
            let mut w = 1u64;
            let (low, high) = part.split_at_mut(len / 2);
            for (a, b) in low.iter_mut().zip(high) {
                let v = *b as u64 * w % P;
                *b = ((*a as u64 + P - v) % P) as u32;
                *a = ((*a as u64 + v) % P) as u32;
                w = w * step % P;
            }
        }
        len *= 2;
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn main() {
    let mut smallest = vec![0u32; 60_001];
    let mut primes = Vec::new();
    for i in 2..smallest.len() {
        if smallest[i] == 0 {
            smallest[i] = i as u32;
            primes.push(i);
        }
        let least = smallest[i] as usize;
        for &p in primes.iter().take_while(|&&p| p <= least && p * i < 60_001) {
            smallest[p * i] = p as u32;
        }
    }
    let large = (1..400).filter(|i| prime(1_000_000_000_001 + 2 * i)).count();
    let mut data: Vec<u32> = (0..8192).map(|i| i * i % 1000).collect();
    transform(&mut data, power(3, (998_244_353 - 1) / 8192, 998_244_353));
    let longest = (1..8000u64)
        .max_by_key(|&n| {
            let (mut n, mut steps) = (n, 0);
            while n != 1 {
                n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
                steps += 1;
            }
            steps
        })
        .unwrap();
    let coprime = (1..300).flat_map(|a| (1..a).map(move |b| gcd(a, b))).filter(|&d| d == 1).count();
    println!("{} {large} {} {longest} {coprime}", primes.len(), data[5]);
}
