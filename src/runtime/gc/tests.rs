//! The heap and its collector by themselves, against a few layouts.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::Others;
use super::heap::BLOCK_BYTES;
use super::{Heap, NoRoom};
use crate::isa::object::CLASS_BYTES;
use crate::runtime::ExternValues;
use crate::runtime::exception::Exceptions;
use crate::types::{
    ArrayType, CanonicalType, CompositeType, FieldType, Mutability, RefType, Storage, StorageType,
    StructType, TypeRegistry, ValType,
};

/// A pair of references.
const PAIR: CanonicalType = CanonicalType(0);
const REFS: CanonicalType = CanonicalType(1);
const BYTES: CanonicalType = CanonicalType(2);

/// Offsets of a pair's fields.
const FIRST: u64 = 8;
const SECOND: u64 = 16;

struct World {
    heap: Heap,
    others: Others,
    roots: Vec<u64>,
}

impl World {
    fn new(max_bytes: u64, stress: bool) -> Self {
        let mut heap = Heap::new(max_bytes, stress);
        let registry = Arc::new(TypeRegistry::default());
        let field = |storage| FieldType::new(storage, Mutability::Var);
        let reference = field(StorageType::Val(ValType::Ref(RefType::ANYREF)));
        let types = [
            (PAIR, CompositeType::Struct(StructType::new([reference, reference]))),
            (REFS, CompositeType::Array(ArrayType::new(reference))),
            (BYTES, CompositeType::Array(ArrayType::new(field(StorageType::I8)))),
        ];
        for (number, composite) in types {
            let ty = registry.define_final(composite).expect("it refers to no other");
            assert_eq!(ty.canonical(), number);
            heap.register(&ty);
        }
        let others = Others { externs: ExternValues::default(), exceptions: Exceptions::new() };
        Self { heap, others, roots: Vec::new() }
    }

    fn collect(&mut self) {
        let roots = &self.roots;
        self.heap.collect(&mut self.others, |marker| roots.iter().for_each(|&cell| marker.maybe(cell)));
    }

    fn alloc(&mut self, mut alloc: impl FnMut(&mut Heap, bool) -> Result<u64, NoRoom>) -> Option<u64> {
        match alloc(&mut self.heap, false) {
            Ok(object) => Some(object),
            Err(NoRoom::OutOfMemory) => None,
            Err(NoRoom::Collect) => {
                self.collect();
                alloc(&mut self.heap, true).ok()
            }
        }
    }

    fn pair(&mut self, first: u64, second: u64) -> u64 {
        self.roots.extend([first, second]);
        let pair = self.alloc(|heap, collected| heap.new_struct(PAIR, collected)).expect("room");
        self.roots.truncate(self.roots.len() - 2);
        self.heap.write(pair, FIRST, Storage::Ref, [first, 0]);
        self.heap.write(pair, SECOND, Storage::Ref, [second, 0]);
        pair
    }

    fn array(&mut self, ty: CanonicalType, len: u32) -> u64 {
        self.alloc(|heap, collected| heap.new_array(ty, len, collected)).expect("room")
    }

    fn field(&self, pair: u64, at: u64) -> u64 {
        self.heap.read(pair, at, Storage::Ref)[0]
    }
}

#[test]
fn what_is_reachable_stays_and_cycles_do_not_help_the_rest() {
    let mut world = World::new(u64::MAX, false);
    let kept = world.pair(0, 0);
    let keeper = world.pair(kept, 3);
    world.heap.write(kept, FIRST, Storage::Ref, [keeper, 0]);
    for _ in 0..1000 {
        let lost = world.pair(0, 0);
        let other = world.pair(lost, lost);
        world.heap.write(lost, SECOND, Storage::Ref, [other, 0]);
    }
    world.roots.push(keeper);
    world.collect();
    assert_eq!(world.heap.stats().live_bytes(), 2 * 24);
    assert_eq!((world.field(keeper, FIRST), world.field(kept, FIRST)), (kept, keeper));
    world.roots.clear();
    world.collect();
    assert_eq!(world.heap.stats().live_bytes(), 0);
    assert_eq!(world.heap.stats().used_bytes(), BLOCK_BYTES as u64, "the first block is never used");
}

#[test]
fn cells_that_are_no_references_are_harmless() {
    let mut world = World::new(u64::MAX, false);
    let pair = world.pair(0, 0);
    let large = world.array(REFS, 10_000);
    let cells = [0, 1, 2, 4, 8, 10, u64::MAX, !7, 1 << 40, 1 << 63, 1 << 62 | 2, pair + 1];
    world.roots.extend(cells);
    world.roots.extend((1..2000).map(|i| pair + i * 8));
    world.roots.extend((1..3000).map(|i| large + i * 8));
    world.collect();
    assert_eq!(world.heap.stats().live_bytes(), 0);
    // Never-used cells of the block are no objects, either.
    let again = world.pair(0, 0);
    world.roots.push(again);
    world.collect();
    assert_eq!(world.heap.stats().live_bytes(), 24);
}

#[test]
fn deep_and_wide_graphs_are_marked_with_a_small_stack() {
    for stack in [1, 7, 100_000] {
        let mut world = World::new(u64::MAX, false);
        world.heap.limit_mark_stack(stack);
        let mut list = 0;
        let count = 200_000;
        for _ in 0..count {
            world.roots.push(list);
            list = world.pair(list, 1);
            world.roots.clear();
        }
        let wide = {
            world.roots.push(list);
            let wide = world.array(REFS, 5000);
            world.roots.push(wide);
            for i in 0..5000 {
                let leaf = world.pair(0, 0);
                world.heap.write(wide, 8 + i * 8, Storage::Ref, [leaf, 0]);
            }
            wide
        };
        world.heap.write(wide, 8, Storage::Ref, [list, 0]);
        world.roots = [wide].to_vec();
        world.collect();
        let wide_bytes = (8_u64 + 5000 * 8).next_multiple_of(BLOCK_BYTES as u64);
        assert_eq!(world.heap.stats().live_bytes(), (count + 4999) * 24 + wide_bytes);
        let mut len = 0;
        while list != 0 {
            (list, len) = (world.field(list, FIRST), len + 1);
        }
        assert_eq!(len, count);
    }
}

#[test]
fn a_hundred_times_the_live_set_fits() {
    let mut world = World::new(2 << 20, false);
    let live = world.array(REFS, 1000);
    world.roots.push(live);
    let mut state = 1_u64;
    for round in 0..200_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let len = (state >> 33) % 200;
        let array = world.array(BYTES, len as u32);
        world.heap.elems_mut(array).fill(round as u8);
        world.heap.write(live, 8 + (state >> 40) % 1000 * 8, Storage::Ref, [array, 0]);
    }
    let stats = world.heap.stats();
    assert!(stats.collections() > 10 && stats.used_bytes() <= 2 << 20, "{stats:?}");
    // No array was overwritten by another.
    for i in 0..1000 {
        let array = world.heap.read(live, 8 + i * 8, Storage::Ref)[0];
        if array != 0 {
            let bytes = world.heap.elems_mut(array);
            assert!(bytes.iter().all(|byte| *byte == bytes[0]));
        }
    }
}

#[test]
fn a_full_heap_says_so_and_recovers() {
    for stress in [false, true] {
        let mut world = World::new(1 << 20, stress);
        let mut count = 0_u64;
        while let Some(array) = world.alloc(|heap, collected| heap.new_array(BYTES, 1000, collected)) {
            world.roots.push(array);
            count += 1;
        }
        // 16 arrays of 1008 bytes, rounded to 1024, in each of the 63 blocks.
        assert_eq!(count, 63 * 16);
        assert_eq!(world.heap.new_array(REFS, u32::MAX, true), Err(NoRoom::OutOfMemory));
        world.roots.truncate(1);
        world.collect();
        assert!(world.alloc(|heap, collected| heap.new_array(BYTES, 60_000, collected)).is_some());
    }
}

#[test]
fn objects_of_all_sizes_lie_apart() {
    let mut world = World::new(u64::MAX, false);
    let sizes = CLASS_BYTES.iter().flat_map(|&size| [size - 15, size - 8, size - 7]).chain([20_000, 70_000]);
    let sizes: Vec<u32> = sizes.collect();
    for round in 0..3 {
        let mut arrays = Vec::new();
        for (i, &size) in sizes.iter().cycle().take(sizes.len() * 20).enumerate() {
            let array = world.array(BYTES, size);
            assert!(world.heap.elems_mut(array).iter().all(|&byte| byte == 0), "fresh elements are zero");
            world.heap.elems_mut(array).fill(i as u8 | 1);
            world.roots.push(array);
            arrays.push((array, size, i as u8 | 1));
        }
        for &(array, size, byte) in &arrays {
            assert_eq!(world.heap.header(array), (BYTES, size));
            assert!(world.heap.elems_mut(array).iter().all(|&found| found == byte));
        }
        world.roots = arrays.iter().skip(round).step_by(3).map(|(array, ..)| *array).collect();
        world.collect();
        for (array, size, byte) in arrays.into_iter().filter(|(array, ..)| world.roots.contains(array)) {
            assert_eq!(world.heap.header(array), (BYTES, size));
            assert!(world.heap.elems_mut(array).iter().all(|&found| found == byte));
        }
    }
}

#[test]
fn under_stress_only_what_is_rooted_survives_an_allocation() {
    let mut world = World::new(u64::MAX, true);
    let lost = world.pair(0, 0);
    let kept = world.pair(0, 0);
    world.roots.push(kept);
    assert_eq!(kept, lost, "the first one was gone when the second one was made");
    let third = world.pair(0, 0);
    assert_ne!(third, kept);
    assert_eq!(world.heap.stats().collections(), 3);
}

#[test]
fn values_of_the_host_live_as_long_as_objects_refer_to_them() {
    let mut world = World::new(u64::MAX, false);
    let [kept, lost] = [1, 2].map(|value: u32| ExternValues::cell(world.others.externs.add(Box::new(value))));
    let pair = world.pair(kept, 0);
    world.roots.push(pair);
    world.collect();
    assert_eq!(world.others.externs.len(), 1);
    assert_eq!(world.others.externs.get(ExternValues::addr(kept)).downcast_ref(), Some(&1_u32));
    let reused = ExternValues::cell(world.others.externs.add(Box::new(3_u32)));
    assert_eq!(reused, lost);
    world.roots.push(reused);
    world.heap.write(pair, FIRST, Storage::Ref, [0, 0]);
    world.collect();
    assert_eq!(
        (world.others.externs.len(), world.others.externs.get(ExternValues::addr(reused)).is::<u32>()),
        (1, true)
    );
}
