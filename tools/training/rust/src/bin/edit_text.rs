//! Edits a long text and compares versions of it.
use ropey::Rope;
use similar::{ChangeTag, TextDiff};
use training::{Rng, prose, word};

fn main() {
    let mut rng = Rng::new(21);
    let before = prose(&mut rng, 12_000);
    let mut rope = Rope::from_str(&before);
    for _ in 0..600 {
        let at = rng.below(rope.len_chars() - 20);
        if rng.below(3) == 0 {
            rope.remove(at..at + rng.below(15));
        } else {
            rope.insert(at, &word(&mut rng));
        }
    }
    let after = rope.to_string();
    let diff = TextDiff::from_lines(&before, &after);
    let changed = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal).count();
    let words = TextDiff::from_words(&before[..4000], &after[..4000]).ratio();
    println!("{changed} {words:.3} {}", rope.byte_to_line(rope.len_bytes() / 2));
}
