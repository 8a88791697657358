//! Structs, arrays and casts.
//!
//! References are offsets in the store's heap, whose start the context caches; validation has seen to it that a field
//! is only looked for in an object that has it (INV-HEAP). Objects are made here as long as there are free cells of
//! their size; whatever else it takes is left to the driver, which may collect then: ops that make objects have the base
//! form only, so that every reference is in a cell.

use crate::error::Trap;
use crate::exec::form::{Form, Value};
use crate::exec::state::State;
use crate::exec::strategy::{Exit, Strategy};
use crate::exec::vector;
use crate::isa::object::{HEADER_BYTES, LEN_AT, RefKind, TypeTest, is_object};
use crate::isa::shape::{A, B, C, D, E, F, Shape};
use crate::types::CanonicalType;

/// The host address of the object that `cell` refers to.
///
/// # Safety
/// INV-HEAP: the cell refers to an object.
#[inline(always)]
unsafe fn object(st: State, cell: u64) -> *mut u8 {
    // SAFETY: by the caller; the context has the base of the heap (INV-HEAP).
    unsafe { (*st.cx()).heap_base.add(cell as usize) }
}

#[inline(always)]
pub(crate) unsafe fn struct_get<S: Strategy, M: Form, const N: usize, R: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N]) -> R,
) -> S::Out {
    // SAFETY: the module's contract; INV-HEAP: the struct has a field of `N` bytes at D.
    unsafe {
        let cell = form.get::<u64>(st, B);
        if cell == 0 {
            return strategy.trap(st, Trap::NullStructReference);
        }
        let field = object(st, cell).add(st.u32(D) as usize).cast::<[u8; N]>();
        form.set(st, f(field.read()));
        strategy.next(st, Shape::struct_get.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn struct_set<S: Strategy, M: Form, const N: usize, V: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(V) -> [u8; N],
) -> S::Out {
    // SAFETY: as in `struct_get`.
    unsafe {
        let cell = form.get::<u64>(st, A);
        if cell == 0 {
            return strategy.trap(st, Trap::NullStructReference);
        }
        let field = object(st, cell).add(st.u32(D) as usize).cast::<[u8; N]>();
        field.write(f(form.get(st, B)));
        strategy.next(st, Shape::struct_set.bytes())
    }
}

/// Element number `index` of `N` bytes of the array that `cell` refers to.
#[inline(always)]
unsafe fn element<const N: usize>(st: State, cell: u64, index: u32) -> Result<*mut [u8; N], Trap> {
    if cell == 0 {
        return Err(Trap::NullArrayReference);
    }
    // SAFETY: INV-HEAP: an array has as many elements behind its header as that says.
    unsafe {
        let array = object(st, cell);
        if index >= array.add(LEN_AT).cast::<u32>().read() {
            return Err(Trap::ArrayOutOfBounds);
        }
        Ok(array.add(HEADER_BYTES as usize + index as usize * N).cast())
    }
}

#[inline(always)]
pub(crate) unsafe fn array_get<S: Strategy, M: Form, const N: usize, R: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn([u8; N]) -> R,
) -> S::Out {
    // SAFETY: the module's contract; INV-HEAP: elements of this array have `N` bytes.
    unsafe {
        match element::<N>(st, form.get(st, B), form.get(st, C)) {
            Ok(elem) => {
                form.set(st, f(elem.read()));
                strategy.next(st, Shape::array_get.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn array_set<S: Strategy, M: Form, const N: usize, V: Value>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(V) -> [u8; N],
) -> S::Out {
    // SAFETY: as in `array_get`.
    unsafe {
        match element::<N>(st, form.get(st, A), form.get(st, C)) {
            Ok(elem) => {
                elem.write(f(form.get(st, B)));
                strategy.next(st, Shape::array_set.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn struct_get_vector<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: as in `struct_get`.
    unsafe {
        let cell = form.get::<u64>(st, B);
        if cell == 0 {
            return strategy.trap(st, Trap::NullStructReference);
        }
        let field = object(st, cell).add(st.u32(D) as usize);
        form.set_vector(st, vector::read(field));
        strategy.next(st, Shape::struct_get_vector.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn struct_set_vector<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: as in `struct_get`.
    unsafe {
        let cell = form.get::<u64>(st, A);
        if cell == 0 {
            return strategy.trap(st, Trap::NullStructReference);
        }
        let field = object(st, cell).add(st.u32(D) as usize);
        vector::write(field, form.vector(st, B));
        strategy.next(st, Shape::struct_set_vector.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn array_get_vector<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: as in `array_get`.
    unsafe {
        match element::<16>(st, form.get(st, B), form.get(st, C)) {
            Ok(elem) => {
                form.set_vector(st, vector::read(elem.cast()));
                strategy.next(st, Shape::array_get_vector.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn array_set_vector<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: as in `array_get`.
    unsafe {
        match element::<16>(st, form.get(st, A), form.get(st, C)) {
            Ok(elem) => {
                vector::write(elem.cast(), form.vector(st, B));
                strategy.next(st, Shape::array_set_vector.bytes())
            }
            Err(trap) => strategy.trap(st, trap),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn array_len<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract; INV-HEAP: the header of an array has its length.
    unsafe {
        let cell = form.get::<u64>(st, B);
        if cell == 0 {
            return strategy.trap(st, Trap::NullArrayReference);
        }
        let len = object(st, cell).add(LEN_AT).cast::<u32>().read();
        form.set(st, len);
        strategy.next(st, Shape::array_len.bytes())
    }
}

/// Takes a free cell of the size class at C and writes the header of a struct of the type at D. Null if there is none.
#[inline(always)]
unsafe fn take_cell(st: State) -> u64 {
    // SAFETY: the module's contract; INV-HEAP: a free cell begins with the next one's offset, and is taken from its list
    // by putting that in its place.
    unsafe {
        let free = (&raw mut (*(*st.cx()).heap).free).cast::<u64>().add(st.u16(C));
        let cell = *free;
        if cell != 0 {
            let object = object(st, cell).cast::<u64>();
            *free = object.read();
            // The lower half is the type, the upper one the length: none.
            object.write(u64::from((*(*st.cx()).canonical_types.add(st.u32(D) as usize)).0));
        }
        cell
    }
}

#[inline(always)]
pub(crate) unsafe fn struct_new<S: Strategy, M: Form>(strategy: S, _: M, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract; lowering writes as many words for fields as B says. INV-HEAP: fields are written in
    // ascending order as whole words, so that each sets right what the one before has written too much. The last one
    // may reach into what lies behind the object, which is set right at the end.
    unsafe {
        let cell = take_cell(st);
        if cell == 0 {
            return strategy.exit(st, Exit::LEAVE);
        }
        let object = object(st, cell);
        let count = st.u16(B);
        let behind = object.add(st.u32(E) as usize).cast::<core::mem::MaybeUninit<u64>>();
        let saved = *behind;
        let mut init = st.ip.add(Shape::struct_new.bytes()).cast::<[u16; 2]>();
        let end = init.add(count);
        while init != end {
            let (slot, offset) = (u16::from_le((*init)[0]), u16::from_le((*init)[1]));
            let value = *st.fp().add(slot.into());
            object.add(offset.into()).cast::<[u8; 8]>().write(value.to_le_bytes());
            init = init.add(1);
        }
        *behind = saved;
        st.set(A, cell);
        strategy.next(st, Shape::struct_new.bytes() + count.div_ceil(2) * 8)
    }
}

#[inline(always)]
pub(crate) unsafe fn struct_new_default<S: Strategy, M: Form>(
    strategy: S,
    _: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract; INV-HEAP: E is the size of the cells of this class, in words.
    unsafe {
        let cell = take_cell(st);
        if cell == 0 {
            return strategy.exit(st, Exit::LEAVE);
        }
        let mut word = object(st, cell).cast::<u64>();
        let end = word.add(st.u32(E) as usize);
        word = word.add(1);
        while word != end {
            // Volatile, or LLVM makes a call of it, for which the handler would need a frame.
            word.write_volatile(0);
            word = word.add(1);
        }
        st.set(A, cell);
        strategy.next(st, Shape::struct_new_default.bytes())
    }
}

/// Whether `cell` is a reference to an object of the type at D, or null if that is asked for.
#[inline(always)]
unsafe fn is_of_type(st: State, cell: u64) -> bool {
    // SAFETY: the module's contract; INV-HEAP: the heap knows the types of all objects, and those know their supertypes.
    unsafe {
        let test = TypeTest::from_field(st.u16(C) as u16);
        if !is_object(cell) {
            return cell == 0 && test.nullable;
        }
        let expected = *(*st.cx()).canonical_types.add(st.u32(D) as usize);
        let found = object(st, cell).cast::<CanonicalType>().read();
        if found == expected {
            return true;
        }
        let facts = (*(*st.cx()).heap).types.add(found.0 as usize);
        let depth = usize::from(test.what);
        (*facts).depth > depth && *(*facts).supertypes.add(depth) == expected
    }
}

#[inline(always)]
pub(crate) unsafe fn ref_test<S: Strategy, M: Form>(strategy: S, form: M, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        let holds = is_of_type(st, form.get(st, B));
        form.set(st, holds);
        strategy.next(st, Shape::ref_test.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn ref_cast<S: Strategy, M: Form>(strategy: S, form: M, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        let cell = form.get::<u64>(st, B);
        if !is_of_type(st, cell) {
            return strategy.trap(st, Trap::CastFailure);
        }
        form.set(st, cell);
        strategy.next(st, Shape::ref_cast.bytes())
    }
}

/// `f` says from the outcome of the test whether the branch is taken.
#[inline(always)]
pub(crate) unsafe fn branch_cast<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    f: impl Fn(bool) -> bool,
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        if f(is_of_type(st, form.get(st, A))) {
            strategy.jump(st.branch(F))
        } else {
            strategy.next(st, Shape::branch_cast.bytes())
        }
    }
}

/// Whether `cell` is a reference of an abstract type, or null if that is asked for.
#[inline(always)]
unsafe fn is_of_kind(st: State, cell: u64) -> bool {
    // SAFETY: as in `is_of_type`.
    unsafe {
        let test = TypeTest::from_field(st.u16(C) as u16);
        if cell == 0 {
            return test.nullable;
        }
        RefKind::matches(test.what, cell, || {
            let ty = object(st, cell).cast::<CanonicalType>().read();
            (*(*(*st.cx()).heap).types.add(ty.0 as usize)).is_array
        })
    }
}

#[inline(always)]
pub(crate) unsafe fn ref_test_kind<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        let holds = is_of_kind(st, form.get(st, B));
        form.set(st, holds);
        strategy.next(st, Shape::ref_test_kind.bytes())
    }
}

#[inline(always)]
pub(crate) unsafe fn ref_cast_kind<S: Strategy, M: Form>(
    strategy: S,
    form: M,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        let cell = form.get::<u64>(st, B);
        if !is_of_kind(st, cell) {
            return strategy.trap(st, Trap::CastFailure);
        }
        form.set(st, cell);
        strategy.next(st, Shape::ref_cast_kind.bytes())
    }
}
