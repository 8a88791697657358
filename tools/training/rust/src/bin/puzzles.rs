//! Queens, sudoku, knapsack and permutations by search.
fn queens(all: u32, columns: u32, left: u32, right: u32) -> u32 {
    if columns == all {
        return 1;
    }
    let mut free = all & !(columns | left | right);
    let mut count = 0;
    while free != 0 {
        let bit = free & free.wrapping_neg();
        free ^= bit;
        count += queens(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
    }
    count
}

fn queens_by_vector(placed: &mut Vec<usize>, n: usize) -> usize {
    if placed.len() == n {
        return 1;
    }
    let mut count = 0;
    for column in 0..n {
        let row = placed.len();
        if placed.iter().enumerate().all(|(r, &c)| c != column && c.abs_diff(column) != row - r) {
            placed.push(column);
            count += queens_by_vector(placed, n);
            placed.pop();
        }
    }
    count
}

fn solve(board: &mut [[u8; 9]; 9], steps: &mut u32) -> bool {
    *steps += 1;
    for row in 0..9 {
        for column in 0..9 {
            if board[row][column] != 0 {
                continue;
            }
            for digit in 1..=9 {
                let fits = (0..9).all(|i| {
                    board[row][i] != digit
                        && board[i][column] != digit
                        && board[row / 3 * 3 + i / 3][column / 3 * 3 + i % 3] != digit
                });
                if fits {
                    board[row][column] = digit;
                    if solve(board, steps) {
                        return true;
                    }
                    board[row][column] = 0;
                }
            }
            return false;
        }
    }
    true
}

fn main() {
    let puzzle = "530070000600195000098000060800060003400803001700020006060000280000419005000080079";
    let mut board = [[0; 9]; 9];
    for (i, digit) in puzzle.bytes().enumerate() {
        board[i / 9][i % 9] = digit - b'0';
    }
    let mut steps = 0;
    solve(&mut board, &mut steps);
    let mut best = vec![0u32; 5001];
    for item in 1..60usize {
        let (weight, value) = (item * 37 % 91 + 5, (item * 53 % 97) as u32);
        for room in (weight..=5000).rev() {
            best[room] = best[room].max(best[room - weight] + value);
        }
    }
    println!("{} {} {steps} {:?} {}", queens(511, 0, 0, 0), queens_by_vector(&mut Vec::new(), 7), board[8], best[5000]);
}
