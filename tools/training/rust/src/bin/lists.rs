//! Linked lists, queues and heaps: boxes, counted references, indices.
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, LinkedList, VecDeque};
use std::rc::{Rc, Weak};
use training::Rng;

enum List {
    Nil,
    Cons(i64, Box<List>),
}

fn reverse(mut list: List) -> List {
    let mut result = List::Nil;
    while let List::Cons(value, rest) = list {
        result = List::Cons(value, Box::new(result));
        list = *rest;
    }
    result
}

struct Tree {
    value: i64,
    parent: Weak<Tree>,
    children: RefCell<Vec<Rc<Tree>>>,
}

fn sum(tree: &Rc<Tree>) -> i64 {
    let own = tree.value + tree.parent.upgrade().map_or(0, |parent| parent.value & 1);
    own + tree.children.borrow().iter().map(sum).sum::<i64>()
}

/// Least recently used: a doubly linked list in a vector.
struct Cache {
    links: Vec<(usize, usize)>,
}

impl Cache {
    fn touch(&mut self, i: usize) {
        let (before, after) = self.links[i];
        self.links[before].1 = after;
        self.links[after].0 = before;
        let first = self.links[0].1;
        self.links[i] = (0, first);
        self.links[0].1 = i;
        self.links[first].0 = i;
    }
}

fn main() {
    let mut rng = Rng::new(29);
    let mut list = (0..5000).fold(List::Nil, |list, i| List::Cons(i, Box::new(list)));
    for _ in 0..10 {
        list = reverse(list);
    }
    let mut total = 0;
    while let List::Cons(value, rest) = list {
        total = total * 3 % 1_000_003 + value;
        list = *rest;
    }
    let root = Rc::new(Tree { value: 1, parent: Weak::new(), children: RefCell::default() });
    let mut all = vec![root.clone()];
    for i in 0..8000 {
        let parent = all[rng.below(all.len())].clone();
        let child = Rc::new(Tree { value: i, parent: Rc::downgrade(&parent), children: RefCell::default() });
        parent.children.borrow_mut().push(child.clone());
        all.push(child);
    }
    let mut cache = Cache { links: (0..500).map(|i| ((i + 499) % 500, (i + 1) % 500)).collect() };
    (0..60_000).for_each(|_| cache.touch(1 + rng.below(499)));
    let mut events = BinaryHeap::new();
    events.push(Reverse((0u64, 0usize)));
    let mut queue: VecDeque<usize> = VecDeque::new();
    let mut served = LinkedList::new();
    while let Some(Reverse((time, customer))) = events.pop() {
        if time > 60_000 {
            break;
        }
        queue.push_back(customer);
        events.push(Reverse((time + 1 + rng.below(9) as u64, customer + 1)));
        if rng.below(4) == 0 {
            events.push(Reverse((time + rng.below(5) as u64, customer + 7)));
        }
        while events.len() > 50 {
            events.pop();
        }
        if queue.len() > 3 {
            served.extend(queue.drain(..2));
        }
    }
    println!("{total} {} {:?} {} {}", sum(&root), cache.links[0], served.len(), queue.iter().sum::<usize>());
}
