//! Dynamic programming: edit distance, longest common subsequence, chains of matrices, shortest paths.
use training::{Rng, prose};

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + (x != y) as usize).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

fn common(a: &[u8], b: &[u8]) -> u16 {
    let mut table = vec![vec![0u16; b.len() + 1]; a.len() + 1];
    for i in 0..a.len() {
        for j in 0..b.len() {
            table[i + 1][j + 1] =
                if a[i] == b[j] { table[i][j] + 1 } else { table[i][j + 1].max(table[i + 1][j]) };
        }
    }
    table[a.len()][b.len()]
}

fn main() {
    let mut rng = Rng::new(28);
    let (a, b) = (prose(&mut rng, 110), prose(&mut rng, 110));
    let sizes: Vec<u64> = (0..61).map(|_| 5 + rng.below(50) as u64).collect();
    let mut cost = vec![vec![0u64; 60]; 60];
    for len in 1..60 {
        for i in 0..60 - len {
            let j = i + len;
            cost[i][j] = (i..j)
                .map(|k| cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1])
                .min()
                .unwrap();
        }
    }
    let mut paths: Vec<Vec<i32>> = (0..80).map(|_| (0..80).map(|_| 1 + rng.below(500) as i32).collect()).collect();
    for k in 0..80 {
        for i in 0..80 {
            for j in 0..80 {
                paths[i][j] = paths[i][j].min(paths[i][k] + paths[k][j]);
            }
        }
    }
    println!("{} {} {} {}", distance(&a, &b), common(a.as_bytes(), b.as_bytes()), cost[0][59], paths[3][70]);
}
