//! Runs programs of a scripting language.
fn main() {
    let engine = rhai::Engine::new();
    let primes = r#"
        let sieve = []; sieve.pad(3000, true); let count = 0;
        for i in 2..3000 {
            if !sieve[i] { continue; }
            count += 1;
            let j = i * i;
            while j < 3000 { sieve[j] = false; j += i; }
        }
        count
    "#;
    let words = r#"
        fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
        let map = #{}; let text = "";
        for i in 0..400 { let key = "k" + (i * 7 % 31); map[key] = (map[key] ?? 0) + i; text += key; }
        let sum = 0; for key in map.keys() { sum += map[key]; }
        sum + text.len() + fib(14)
    "#;
    println!("{} {}", engine.eval::<i64>(primes).unwrap(), engine.eval::<i64>(words).unwrap());
}
