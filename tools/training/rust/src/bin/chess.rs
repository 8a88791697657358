//! Counts the moves of chess.
use shakmaty::{Chess, Position, perft};

fn search(position: &Chess, depth: u32, mut alpha: i32, beta: i32) -> i32 {
    let moves = position.legal_moves();
    if depth == 0 || moves.is_empty() {
        let board = position.board();
        let balance = board.white().count() as i32 - board.black().count() as i32;
        return if position.turn().is_white() { balance } else { -balance } * 16 + moves.len() as i32;
    }
    for step in moves {
        let mut next = position.clone();
        next.play_unchecked(&step);
        alpha = alpha.max(-search(&next, depth - 1, -beta, -alpha));
        if alpha >= beta {
            break;
        }
    }
    alpha
}

fn main() {
    let start = Chess::default();
    println!("{} {}", perft(&start, 3), search(&start, 3, -99_999, 99_999));
}
