//! The kernels of `benches/wat`, each about one thing that interpreters are slow or fast at.

/// Kernels and the amounts of work that they are given: about 30 ms each.
pub const KERNELS: &[(&str, i32)] = &[
    ("fib", 27),
    ("sieve", 1_000_000),
    ("matmul", 120),
    ("crc32", 1_000_000),
    ("nbody", 20_000),
    ("switch", 1_500_000),
    ("indirect", 1_500_000),
    ("copy", 50_000),
];
