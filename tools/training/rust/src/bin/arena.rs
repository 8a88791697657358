//! Trees in an arena: a binary search tree, a trie and an expression tree.
use bumpalo::{Bump, collections::Vec as BumpVec};
use std::cell::Cell;
use training::{Rng, word};

struct Node<'a> {
    key: u32,
    left: Cell<Option<&'a Node<'a>>>,
    right: Cell<Option<&'a Node<'a>>>,
}

struct Trie<'a> {
    next: [Cell<Option<&'a Trie<'a>>>; 26],
    words: Cell<u32>,
}

fn insert<'a>(arena: &'a Bump, root: &Cell<Option<&'a Node<'a>>>, key: u32) {
    let mut at = root;
    while let Some(node) = at.get() {
        at = if key < node.key { &node.left } else { &node.right };
    }
    at.set(Some(arena.alloc(Node { key, left: Cell::new(None), right: Cell::new(None) })));
}

fn depth(node: Option<&Node<'_>>) -> u32 {
    node.map_or(0, |node| 1 + depth(node.left.get()).max(depth(node.right.get())))
}

fn main() {
    let arena = Bump::new();
    let mut rng = Rng::new(26);
    let root = Cell::new(None);
    for _ in 0..20_000 {
        insert(&arena, &root, rng.next() as u32);
    }
    let trie: &Trie<'_> = arena.alloc(Trie { next: Default::default(), words: Cell::new(0) });
    let mut list = BumpVec::new_in(&arena);
    for _ in 0..8000 {
        let mut at = trie;
        for letter in word(&mut rng).bytes() {
            let next = &at.next[(letter - b'a') as usize];
            at = next.get().unwrap_or_else(|| {
                let node: &Trie<'_> = arena.alloc(Trie { next: Default::default(), words: Cell::new(0) });
                next.set(Some(node));
                node
            });
        }
        at.words.set(at.words.get() + 1);
        list.push(at.words.get());
    }
    println!("{} {}", depth(root.get()), list.iter().sum::<u32>());
}
