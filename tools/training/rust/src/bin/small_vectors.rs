//! Containers that keep a few elements inline, and a slot map.
use arrayvec::ArrayVec;
use slotmap::{DefaultKey, SlotMap};
use smallvec::SmallVec;
use training::Rng;

fn main() {
    let mut rng = Rng::new(18);
    let mut slots: SlotMap<DefaultKey, SmallVec<[u32; 4]>> = SlotMap::new();
    let mut keys = Vec::new();
    let mut sum = 0u64;
    for i in 0..60_000u32 {
        let list: SmallVec<[u32; 4]> = (0..rng.below(7) as u32).map(|j| i ^ j).collect();
        keys.push(slots.insert(list));
        if keys.len() > 500 {
            let key = keys.swap_remove(rng.below(500));
            let list = slots.remove(key).unwrap();
            let mut stack: ArrayVec<u32, 8> = list.iter().copied().filter(|x| x % 3 != 0).take(8).collect();
            while let Some(top) = stack.pop() {
                sum = sum.rotate_left(1) ^ top as u64;
            }
        }
        if let Some(list) = keys.get(i as usize % 97).and_then(|key| slots.get_mut(*key)) {
            list.push(i);
            list.sort_unstable();
        }
    }
    println!("{} {sum}", slots.len());
}
