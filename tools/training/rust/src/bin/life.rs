//! The game of life, in bytes, in bits and as a set; and an elementary automaton.
use std::collections::HashSet;
use training::Rng;

const SIDE: usize = 64;

fn bytes(board: &[Vec<u8>]) -> Vec<Vec<u8>> {
    (0..SIDE)
        .map(|y| {
            (0..SIDE)
                .map(|x| {
                    let mut around = 0;
                    for (dy, dx) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)] {
                        around += board[(y + SIDE + dy - 1) % SIDE][(x + SIDE + dx - 1) % SIDE];
                    }
                    (around == 3 || around == 2 && board[y][x] == 1) as u8
                })
                .collect()
        })
        .collect()
}

fn bits(board: &[u64; SIDE]) -> [u64; SIDE] {
    std::array::from_fn(|y| {
        let (mut ones, mut twos, mut fours) = (0, 0, 0);
        for dy in [SIDE - 1, 0, 1] {
            let row = board[(y + dy) % SIDE];
            for part in [row.rotate_left(1), if dy == 0 { 0 } else { row }, row.rotate_right(1)] {
                let carry = ones & part;
                ones ^= part;
                fours |= twos & carry;
                twos ^= carry;
            }
        }
        twos & !fours & (ones | board[y])
    })
}

fn main() {
    let mut rng = Rng::new(27);
    let mut board: Vec<Vec<u8>> = (0..SIDE).map(|_| (0..SIDE).map(|_| (rng.below(3) == 0) as u8).collect()).collect();
    let mut rows = [0u64; SIDE];
    let mut cells: HashSet<(i32, i32)> = [(1, 0), (2, 1), (0, 2), (1, 2), (2, 2), (0, 0)].into();
    for _ in 0..25 {
        for (row, cells) in rows.iter_mut().zip(&board) {
            *row ^= cells.iter().enumerate().fold(0, |bits, (x, &cell)| bits | (cell as u64) << x);
        }
        for _ in 0..30 {
            rows = bits(&rows);
        }
        board = bytes(&board);
        let near: HashSet<(i32, i32)> =
            cells.iter().flat_map(|&(x, y)| (0..9).map(move |i| (x + i % 3 - 1, y + i / 3 - 1))).collect();
        cells = near
            .into_iter()
            .filter(|&(x, y)| {
                let around = (0..9).filter(|i| cells.contains(&(x + i % 3 - 1, y + i / 3 - 1))).count();
                around == 3 || around == 4 && cells.contains(&(x, y))
            })
            .collect();
    }
    let mut line: Vec<bool> = (0..300).map(|i| i == 150).collect();
    for _ in 0..100 {
        line = (0..300)
            .map(|i| line[(i + 299) % 300] ^ (line[i] | line[(i + 1) % 300]))
            .collect();
    }
    let alive: u32 = rows.iter().map(|row| row.count_ones()).sum();
    println!("{} {alive} {} {}", board.concat().iter().sum::<u8>(), cells.len(), line.iter().filter(|&&c| c).count());
}
