//! An engine's types: every recursion group once, whichever modules define it.
//!
//! In go groups of type definitions, out come shared handles. Two groups are the same if they are equal member by member,
//! references to members counting by position and those to other types by identity ([spec][spec]); so a group that is
//! looked up by its parts is compared with all equal ones at once, and from then on types are compared by number. A
//! group lives as long as somebody holds it, and keeps what it refers to alive; then its members' numbers are used again.
//!
//! [spec]: https://webassembly.github.io/spec/core/valid/conventions.html#rolling-and-unrolling

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::fmt;

use super::composite::SubType;
use super::{
    ArrayType, CanonicalType, CompositeType, ConcreteType, FieldType, FuncType, HeapType, Layout, Mutability,
    RefType, StorageType, StructType, ValType,
};
use crate::sync::Mutex;

/// All types of an engine that somebody holds.
#[derive(Default)]
pub(crate) struct TypeRegistry {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By everything that groups are compared by.
    groups: BTreeMap<Arc<[u32]>, Weak<RecGroup>>,
    /// Living types and free numbers, by number.
    slots: Vec<Slot>,
    /// Numbers that nobody uses, the one that has been free for longest first.
    free: VecDeque<u32>,
}

struct Slot {
    /// How often the number has been used before.
    generation: u16,
    /// Dangling while the number is free.
    group: Weak<RecGroup>,
    /// Position in the group.
    index: u32,
}

/// A recursion group. Dropping the last reference takes it out of the registry.
pub(crate) struct RecGroup {
    registry: Arc<TypeRegistry>,
    key: Arc<[u32]>,
    members: Box<[Member]>,
    /// Other groups that this one refers to.
    outer: Vec<Arc<RecGroup>>,
}

/// A member of a registered group.
struct Member {
    concrete: ConcreteType,
    is_final: bool,
    /// From the root of the hierarchy down to the declared supertype, so that a type's depth says where it would be.
    supertypes: Box<[CanonicalType]>,
    composite: CompositeType,
    /// How its objects are laid out, if it has any.
    layout: Option<Layout>,
}

/// A type that a module or the host defines: what it consists of, its supertypes, and the group it belongs to. Keeps
/// all of it alive.
///
/// ```
/// use wapiti::{DefinedType, Engine, FuncType, RefType, ValType};
///
/// let engine = Engine::default();
/// let callback = DefinedType::func(&engine, FuncType::new([ValType::I32], []))?;
/// let again = DefinedType::func(&engine, FuncType::new([ValType::I32], []))?;
/// assert_eq!(callback.heap_type(), again.heap_type());
/// let takes_one = FuncType::new([ValType::Ref(RefType::new(false, callback.heap_type()))], []);
/// assert_eq!(takes_one.params().len(), 1);
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone)]
pub struct DefinedType {
    group: Arc<RecGroup>,
    index: u32,
}

impl TypeRegistry {
    /// The group with these members, which refer to no other types than members and what is in `outer`.
    pub(crate) fn define(self: &Arc<Self>, members: &[SubType], outer: Vec<Arc<RecGroup>>) -> Arc<RecGroup> {
        let key = key_of(members);
        let mut state = self.state.lock();
        // Upgrading fails for a group that another thread is about to take out; then this one takes its place.
        if let Some(group) = state.groups.get(&key[..]).and_then(Weak::upgrade) {
            return group;
        }
        let key: Arc<[u32]> = key.into();
        // Most groups have one member.
        let (single, several);
        let numbers: &[ConcreteType] = if members.len() == 1 {
            single = [state.take_slot()];
            &single
        } else {
            several = members.iter().map(|_| state.take_slot()).collect::<Vec<_>>();
            &several
        };
        let group = Arc::new(RecGroup {
            registry: Arc::clone(self),
            key: Arc::clone(&key),
            members: complete(&state, members, numbers),
            outer: without_duplicates(outer),
        });
        for (index, number) in (0..).zip(numbers) {
            let slot = &mut state.slots[number.slot as usize];
            (slot.group, slot.index) = (Arc::downgrade(&group), index);
        }
        state.groups.insert(key, Arc::downgrade(&group));
        group
    }

    /// The type on its own, which refers to no other types than those in `outer`.
    pub(crate) fn define_one(self: &Arc<Self>, member: SubType, outer: Vec<Arc<RecGroup>>) -> DefinedType {
        DefinedType { group: self.define(&[member], outer), index: 0 }
    }

    /// The type as a group of its own, final and without a supertype; `None` if it refers to a type that is no more.
    pub(crate) fn define_final(self: &Arc<Self>, composite: CompositeType) -> Option<DefinedType> {
        let outer = self.groups_of(composite.val_types())?;
        Some(self.define_one(SubType { is_final: true, supertype: None, composite }, outer))
    }

    /// The groups of all concrete types among `types`; `None` if one is no more.
    fn groups_of(&self, types: impl Iterator<Item = ValType>) -> Option<Vec<Arc<RecGroup>>> {
        let concrete = types.filter_map(ValType::concrete);
        concrete.map(|ty| self.resolve(ty).map(|ty| ty.group)).collect()
    }

    /// The type that a handle is for, if it still lives.
    pub(crate) fn resolve(&self, ty: ConcreteType) -> Option<DefinedType> {
        let state = self.state.lock();
        let slot = state.slots.get(ty.slot as usize).filter(|slot| slot.generation == ty.generation)?;
        Some(DefinedType { group: slot.group.upgrade()?, index: slot.index })
    }

    /// Whether `sub` is a subtype of `sup`; false if either is no more, except that a type is its own subtype.
    fn concrete_matches(&self, sub: ConcreteType, sup: ConcreteType) -> bool {
        sub == sup
            || self
                .resolve(sub)
                .is_some_and(|sub| self.resolve(sup).is_some_and(|sup| sub.is_subtype_of(&sup)))
    }

    /// Whether `sub` is a subtype of `sup` ([spec][spec]).
    ///
    /// [spec]: https://webassembly.github.io/spec/core/valid/matching.html
    pub(crate) fn heap_matches(&self, sub: HeapType, sup: HeapType) -> bool {
        sub.matches_with(sup, |sub, sup| self.concrete_matches(sub, sup))
    }

    /// As [`heap_matches`](Self::heap_matches), of references.
    pub(crate) fn ref_matches(&self, sub: RefType, sup: RefType) -> bool {
        sub == sup
            || (!sub.is_nullable() || sup.is_nullable())
                && self.heap_matches(sub.heap_type(), sup.heap_type())
    }

    /// As [`heap_matches`](Self::heap_matches), of values.
    pub(crate) fn val_matches(&self, sub: ValType, sup: ValType) -> bool {
        match (sub, sup) {
            (ValType::Ref(sub), ValType::Ref(sup)) => self.ref_matches(sub, sup),
            _ => sub == sup,
        }
    }

    /// How many types are alive.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        let state = self.state.lock();
        state.slots.len() - state.free.len()
    }
}

impl State {
    fn take_slot(&mut self) -> ConcreteType {
        let slot = self.free.pop_front().unwrap_or_else(|| {
            let slot = u32::try_from(self.slots.len()).expect("2^32 types do not fit into memory");
            self.slots.push(Slot { generation: 0, group: Weak::new(), index: 0 });
            slot
        });
        ConcreteType { slot, generation: self.slots[slot as usize].generation }
    }

    fn free_slot(&mut self, ty: ConcreteType) {
        let slot = &mut self.slots[ty.slot as usize];
        let next = slot.generation + 1;
        // A handle would have to be kept over 65,535 uses of a number to be taken for a later one.
        slot.generation = if next == ConcreteType::IN_GROUP { 0 } else { next };
        slot.group = Weak::new();
        self.free.push_back(ty.slot);
    }
}

impl RecGroup {
    /// The types of the group, in order.
    pub(crate) fn types(self: &Arc<Self>) -> impl Iterator<Item = DefinedType> {
        (0..self.members.len() as u32).map(|index| DefinedType { group: Arc::clone(self), index })
    }
}

impl Drop for RecGroup {
    fn drop(&mut self) {
        {
            let mut state = self.registry.state.lock();
            // Another thread may have defined the same group anew in the meantime.
            if state.groups.get(&self.key).is_some_and(|group| core::ptr::eq(group.as_ptr(), self)) {
                state.groups.remove(&self.key);
            }
            self.members.iter().for_each(|member| state.free_slot(member.concrete));
        }
        // Only then what the key speaks of. A chain of a million groups must not end in as many nested calls.
        let mut outer = core::mem::take(&mut self.outer);
        while let Some(group) = outer.pop() {
            if let Some(mut last) = Arc::into_inner(group) {
                outer.append(&mut last.outer);
            }
        }
    }
}

impl DefinedType {
    fn member(&self) -> &Member {
        &self.group.members[self.index as usize]
    }

    /// Whether it is one of the types in `registry`.
    pub(crate) fn is_in(&self, registry: &TypeRegistry) -> bool {
        core::ptr::eq(Arc::as_ptr(&self.group.registry), registry)
    }

    /// How many parameters and results it has, if it is the type of a function, a group of its own, and refers to no other
    /// type.
    pub(crate) fn plain_values(&self) -> Option<usize> {
        let is_alone = self.group.members.len() == 1 && self.group.outer.is_empty();
        is_alone.then(|| self.as_func()).flatten().map(|ty| ty.all().len())
    }

    /// The group it belongs to.
    pub(crate) fn group(&self) -> &Arc<RecGroup> {
        &self.group
    }

    /// What it consists of.
    pub fn composite(&self) -> &CompositeType {
        &self.member().composite
    }

    /// True if it can have no subtypes.
    pub fn is_final(&self) -> bool {
        self.member().is_final
    }

    /// The handle that stands for it in value types.
    pub fn concrete(&self) -> ConcreteType {
        self.member().concrete
    }

    /// The type of its values as a heap type.
    pub fn heap_type(&self) -> HeapType {
        match self.composite() {
            CompositeType::Func(_) => HeapType::ConcreteFunc(self.concrete()),
            CompositeType::Struct(_) => HeapType::ConcreteStruct(self.concrete()),
            CompositeType::Array(_) => HeapType::ConcreteArray(self.concrete()),
        }
    }

    /// The engine's number for it.
    pub(crate) fn canonical(&self) -> CanonicalType {
        self.concrete().canonical()
    }

    /// The numbers of its supertypes: the root of the hierarchy first, the declared supertype last. Stays where it is
    /// while the type lives.
    pub(crate) fn supertypes(&self) -> &[CanonicalType] {
        &self.member().supertypes
    }

    /// Whether it is `other` or one of its subtypes, both being of one engine.
    pub(crate) fn is_subtype_of(&self, other: &Self) -> bool {
        let depth = other.supertypes().len();
        self.canonical() == other.canonical() || self.supertypes().get(depth) == Some(&other.canonical())
    }

    /// How its objects are laid out; `None` for function types.
    pub(crate) fn layout(&self) -> Option<&Layout> {
        self.member().layout.as_ref()
    }

    /// The function type, if it is one.
    pub fn as_func(&self) -> Option<&FuncType> {
        self.composite().as_func()
    }

    /// The structure type, if it is one.
    pub fn as_struct(&self) -> Option<&StructType> {
        self.composite().as_struct()
    }

    /// The array type, if it is one.
    pub fn as_array(&self) -> Option<&ArrayType> {
        self.composite().as_array()
    }
}

impl PartialEq for DefinedType {
    /// Types of different engines are never equal.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.group, &other.group) && self.index == other.index
    }
}

impl Eq for DefinedType {}

impl fmt::Display for DefinedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.composite().fmt(f)
    }
}

impl fmt::Debug for DefinedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.concrete(), self.composite())
    }
}

impl fmt::Debug for TypeRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypeRegistry").finish_non_exhaustive()
    }
}

/// Many members may refer to one group.
fn without_duplicates(mut groups: Vec<Arc<RecGroup>>) -> Vec<Arc<RecGroup>> {
    groups.sort_unstable_by_key(|group| Arc::as_ptr(group).addr());
    groups.dedup_by(|a, b| Arc::ptr_eq(a, b));
    groups.shrink_to_fit();
    groups
}

/// The members with their numbers in place of positions.
fn complete(state: &State, members: &[SubType], numbers: &[ConcreteType]) -> Box<[Member]> {
    let number = |ty: ConcreteType| if ty.is_in_group() { numbers[ty.slot as usize] } else { ty };
    let renumber = |ty: ValType| match ty {
        ValType::Ref(ty) => {
            ValType::Ref(ty.concrete().map_or(ty, |concrete| ty.with_concrete(number(concrete))))
        }
        other => other,
    };
    let mut complete: Vec<Member> = Vec::with_capacity(members.len());
    for (member, &concrete) in members.iter().zip(numbers) {
        let supertypes = match member.supertype {
            None => Box::default(),
            Some(ty) if ty.is_in_group() => path_to(&complete[ty.slot as usize]),
            Some(ty) => {
                let slot = &state.slots[ty.slot as usize];
                let group = slot.group.upgrade().expect("the caller holds all that is referred to");
                path_to(&group.members[slot.index as usize])
            }
        };
        let is_closed =
            member.composite.val_types().all(|ty| ty.concrete().is_none_or(|ty| !ty.is_in_group()));
        let composite = if is_closed { member.composite.clone() } else { member.composite.map(renumber) };
        let layout = Layout::of(&composite);
        complete.push(Member { concrete, is_final: member.is_final, supertypes, composite, layout });
    }
    complete.into()
}

/// The supertypes of a type that declares `supertype` as its own.
fn path_to(supertype: &Member) -> Box<[CanonicalType]> {
    let above = supertype.supertypes.iter().copied();
    above.chain([supertype.concrete.canonical()]).collect()
}

/// Everything that groups are compared by, as a sequence of numbers from which the group could be told again.
fn key_of(members: &[SubType]) -> Vec<u32> {
    let mut key =
        Vec::with_capacity(members.iter().map(|member| 3 + member.composite.val_types().count()).sum());
    for member in members {
        let kind = match &member.composite {
            CompositeType::Func(_) => 0,
            CompositeType::Struct(_) => 1,
            CompositeType::Array(_) => 2,
        };
        let flags = u32::from(member.is_final) << 2 | u32::from(member.supertype.is_some()) << 3;
        key.push(kind | flags);
        if let Some(ty) = member.supertype {
            push_concrete(&mut key, ty);
        }
        match &member.composite {
            CompositeType::Func(ty) => {
                key.extend([ty.params().len() as u32, ty.results().len() as u32]);
                ty.all().iter().for_each(|&ty| push_val(&mut key, ty));
            }
            CompositeType::Struct(ty) => {
                key.push(ty.fields().len() as u32);
                ty.fields().iter().for_each(|field| push_field(&mut key, field));
            }
            CompositeType::Array(ty) => push_field(&mut key, &ty.element()),
        }
    }
    key
}

fn push_concrete(key: &mut Vec<u32>, ty: ConcreteType) {
    // Within a group by position. The types of other groups are alive, so that their numbers say it all.
    key.extend([u32::from(ty.is_in_group()), ty.slot]);
}

fn push_field(key: &mut Vec<u32>, field: &FieldType) {
    key.push(match field.mutability() {
        Mutability::Const => 0,
        Mutability::Var => 1,
    });
    match field.storage() {
        StorageType::I8 => key.push(0x78),
        StorageType::I16 => key.push(0x77),
        StorageType::Val(ty) => push_val(key, ty),
    }
}

fn push_val(key: &mut Vec<u32>, ty: ValType) {
    match ty {
        // As in the binary format, which has no references above 0x100.
        ValType::I32 => key.push(0x7F),
        ValType::I64 => key.push(0x7E),
        ValType::F32 => key.push(0x7D),
        ValType::F64 => key.push(0x7C),
        ValType::V128 => key.push(0x7B),
        ValType::Ref(ty) => {
            key.push(0x1000 | ty.code());
            if let Some(concrete) = ty.concrete() {
                push_concrete(key, concrete);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Arc, CompositeType, ConcreteType, FuncType, HeapType, RefType, SubType, TypeRegistry, ValType, Vec,
    };

    fn reference(ty: ConcreteType) -> ValType {
        ValType::Ref(RefType::new(true, HeapType::ConcreteFunc(ty)))
    }

    fn member(is_final: bool, supertype: Option<ConcreteType>, params: &[ValType]) -> SubType {
        let composite = CompositeType::Func(FuncType::new(params.iter().copied(), []));
        SubType { is_final, supertype, composite }
    }

    #[test]
    fn equal_groups_are_one() {
        let registry = Arc::new(TypeRegistry::default());
        let pair = |to: u32| {
            let params = [reference(ConcreteType::in_group(to))];
            registry.define(&[member(true, None, &params), member(true, None, &[])], Vec::new())
        };
        let (first, second, third) = (pair(0), pair(0), pair(1));
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &third));
        let [looped, empty] = &first.types().collect::<Vec<_>>()[..] else { panic!("two members") };
        assert_eq!(
            looped.as_func().map(|ty| ty.params().to_vec()),
            Some([reference(looped.concrete())].to_vec())
        );
        assert_ne!(
            empty,
            &registry.define_final(CompositeType::Func(FuncType::new([], []))).expect("no references")
        );
    }

    #[test]
    fn numbers_of_types_that_nobody_holds_are_used_again() {
        let registry = Arc::new(TypeRegistry::default());
        let base = registry.define_one(member(false, None, &[]), Vec::new());
        let user = FuncType::new([reference(base.concrete())], []);
        let user = registry.define_final(CompositeType::Func(user)).expect("the base lives");
        let (old_base, old_user) = (base.concrete(), user.concrete());
        drop(base);
        // The user refers to it.
        assert!(registry.resolve(old_base).is_some());
        drop(user);
        assert_eq!((registry.len(), registry.resolve(old_base), registry.resolve(old_user)), (0, None, None));
        let new = registry.define_one(member(false, None, &[ValType::I32]), Vec::new());
        assert!([old_base.slot, old_user.slot].contains(&new.concrete().slot));
        assert!(registry.resolve(old_base).is_none() && registry.resolve(old_user).is_none());
        let stale = CompositeType::Func(FuncType::new([reference(old_base)], []));
        assert!(registry.define_final(stale).is_none());
    }

    #[test]
    fn a_long_chain_is_dropped_without_recursion() {
        let registry = Arc::new(TypeRegistry::default());
        let mut last = registry.define_one(member(true, None, &[]), Vec::new());
        for _ in 0..200_000 {
            let outer = [last.group().clone()].to_vec();
            last = registry.define_one(member(true, None, &[reference(last.concrete())]), outer);
        }
        assert_eq!(registry.len(), 200_001);
        drop(last);
        assert_eq!(registry.len(), 0);
    }

    #[test]
    fn subtypes_are_found_at_any_depth() {
        let registry = Arc::new(TypeRegistry::default());
        let mut chain = [registry.define_one(member(false, None, &[]), Vec::new())].to_vec();
        for depth in 0..10 {
            let outer = [chain[depth].group().clone()].to_vec();
            chain.push(registry.define_one(member(false, Some(chain[depth].concrete()), &[]), outer));
        }
        for (i, sub) in chain.iter().enumerate() {
            for (j, sup) in chain.iter().enumerate() {
                assert_eq!(registry.heap_matches(sub.heap_type(), sup.heap_type()), i >= j);
            }
            assert!(registry.heap_matches(sub.heap_type(), HeapType::Func));
            assert!(registry.heap_matches(HeapType::NoFunc, sub.heap_type()));
            assert!(!registry.heap_matches(HeapType::None, sub.heap_type()));
        }
    }

    #[test]
    fn abstract_types_form_four_hierarchies() {
        use HeapType::{Any, Array, Eq, Exn, Extern, Func, I31, NoExn, NoExtern, NoFunc, None, Struct};

        let registry = TypeRegistry::default();
        let all = [Func, NoFunc, Extern, NoExtern, Exn, NoExn, Any, Eq, I31, Struct, Array, None];
        let above = |ty| -> &[HeapType] {
            match ty {
                NoFunc => &[Func],
                NoExtern => &[Extern],
                NoExn => &[Exn],
                None => &[I31, Struct, Array, Eq, Any],
                I31 | Struct | Array => &[Eq, Any],
                Eq => &[Any],
                _ => &[],
            }
        };
        for sub in all {
            for sup in all {
                let expected = sub == sup || above(sub).contains(&sup);
                assert_eq!(registry.heap_matches(sub, sup), expected, "{sub} <: {sup}");
            }
        }
        assert!(registry.ref_matches(RefType::NULLFUNCREF.as_non_null(), RefType::FUNCREF));
        assert!(!registry.ref_matches(RefType::FUNCREF, RefType::FUNCREF.as_non_null()));
    }
}
