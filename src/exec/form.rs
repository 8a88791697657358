//! Forms of an op: which operand comes out of an accumulator, and whether the result is stored.
//!
//! Every op that computes a value leaves it in the accumulator of its kind, besides its cell. An op that directly
//! follows and reads that cell can take the accumulator instead, and when nothing else will read the cell the store
//! can be left out. Both are a matter of which handler an op gets: its code stays the same, so linking chooses forms
//! by looking at neighbours, and a strategy that has only the base form runs the same code.
//!
//! INV-STATE: whatever leaves the dispatch loop takes its operands from cells, so no accumulator matters there.

use super::state::State;
use super::vector::{self, Lanes, Vector};
use crate::isa::cell::Cell;
use crate::isa::shape::{A, B, C, D};

/// The accumulator that a value is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Integers of either width, as cells hold them.
    Int,
    F32,
    F64,
    Vector,
}

/// A value that ops compute with: it has an accumulator.
pub(super) trait Value: Cell {
    const CLASS: Class;
    /// Reads the accumulator.
    fn take(st: State) -> Self;
    /// The state with the accumulator set.
    fn keep(self, st: State) -> State;
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl Value for $ty {
            const CLASS: Class = Class::Int;
            #[inline(always)]
            fn take(st: State) -> Self {
                Self::from_cell(st.acc)
            }
            #[inline(always)]
            fn keep(self, st: State) -> State {
                State { acc: self.into_cell(), ..st }
            }
        }
    )*};
}

integers!(u32 i32 u64 i64 bool);

impl Value for f32 {
    const CLASS: Class = Class::F32;
    #[inline(always)]
    fn take(st: State) -> Self {
        st.acc_f32
    }
    #[inline(always)]
    fn keep(self, st: State) -> State {
        State { acc_f32: self, ..st }
    }
}

impl Value for f64 {
    const CLASS: Class = Class::F64;
    #[inline(always)]
    fn take(st: State) -> Self {
        st.acc_f64
    }
    #[inline(always)]
    fn keep(self, st: State) -> State {
        State { acc_f64: self, ..st }
    }
}

/// A form, as a type.
pub(super) trait Form: Copy + Default {
    /// The operand field that is replaced by an accumulator; 0 for none.
    const SOURCE: usize;
    /// Whether the result is stored in its cell.
    const STORES: bool;

    /// The operand named by the narrow field at `at`.
    ///
    /// # Safety
    /// As for [`State::get`]; if `at` is the source, the op before left that operand in its accumulator.
    #[inline(always)]
    unsafe fn get<T: Value>(self, st: State, at: usize) -> T {
        if at == Self::SOURCE {
            return T::take(st);
        }
        // SAFETY: by the caller.
        unsafe { st.get(at) }
    }

    /// The state with the op's result in its accumulator and, unless nobody will look there, in its cell.
    ///
    /// # Safety
    /// As for [`State::set`].
    #[inline(always)]
    unsafe fn set<T: Value>(self, st: State, value: T) -> State {
        if Self::STORES {
            // SAFETY: by the caller.
            unsafe { st.set(A, value) }
        }
        value.keep(st)
    }

    /// The vector operand named by the narrow field at `at`.
    ///
    /// # Safety
    /// As for [`Form::get`]; INV-FRAME: the frame has both cells.
    #[inline(always)]
    unsafe fn vector(self, st: State, at: usize) -> Vector {
        if at == Self::SOURCE {
            return st.acc_vector;
        }
        // SAFETY: by the caller.
        unsafe { vector::read(st.fp.add(st.u16(at)).cast()) }
    }

    /// Likewise, as lanes.
    ///
    /// # Safety
    /// As for [`Form::vector`].
    #[inline(always)]
    unsafe fn lanes<T: Lanes>(self, st: State, at: usize) -> T {
        // SAFETY: by the caller.
        vector::lanes_of(unsafe { self.vector(st, at) })
    }

    /// The state with the op's result, a vector, where [`Form::set`] puts others.
    ///
    /// # Safety
    /// As for [`Form::set`]; INV-FRAME: the frame has both cells.
    #[inline(always)]
    unsafe fn set_vector(self, st: State, value: Vector) -> State {
        if Self::STORES {
            // SAFETY: by the caller.
            unsafe { vector::write(st.fp.add(st.u16(A)).cast(), value) }
        }
        State { acc_vector: value, ..st }
    }

    /// Likewise, from lanes.
    ///
    /// # Safety
    /// As for [`Form::set_vector`].
    #[inline(always)]
    unsafe fn set_lanes<T: Lanes>(self, st: State, lanes: T) -> State {
        // SAFETY: by the caller.
        unsafe { self.set_vector(st, vector::vector_of(lanes)) }
    }
}

/// The form with operand field `SOURCE` in an accumulator.
#[derive(Clone, Copy, Default)]
pub(super) struct Formed<const SOURCE: usize, const STORES: bool>;

impl<const SOURCE: usize, const STORES: bool> Form for Formed<SOURCE, STORES> {
    const SOURCE: usize = SOURCE;
    const STORES: bool = STORES;
}

/// All operands and the result in cells.
pub(super) const BASE: named::Base = Formed;

/// Forms that an op may have at most: a table of handlers has this many columns.
pub(super) const FORMS: usize = 10;

/// Gives the forms names, each a type and a number. Lists of sequences name forms and do not spell them out: two constant
/// expressions for each of tens of thousands of ops would take the compiler seconds.
macro_rules! name_forms {
    ($($name:ident $source:tt $stores:literal;)*) => {
        /// The forms: `FromB` takes the operand in field B from an accumulator, `Silent` does not store the result.
        #[allow(dead_code, reason = "a list need not have all of them")]
        pub(super) mod named {
            use super::{Formed, form_number};
            use crate::isa::shape::{A, B, C, D};

            $(pub(in crate::exec) type $name = Formed<{ $source }, $stores>;)*

            $(#[allow(non_upper_case_globals, reason = "named like their types")]
            pub(in crate::exec) const $name: u8 = form_number($source, $stores) as u8;)*
        }
    };
}

name_forms! {
    Base 0 true;
    Silent 0 false;
    FromA A true;
    FromASilent A false;
    FromB B true;
    FromBSilent B false;
    FromC C true;
    FromCSilent C false;
    FromD D true;
    FromDSilent D false;
}

/// The column of a form in a table of handlers.
pub(super) const fn form_number(source: usize, stores: bool) -> usize {
    let column = match source {
        A => 1,
        B => 2,
        C => 3,
        D => 4,
        _ => 0,
    };
    column * 2 + !stores as usize
}

/// The operand field that comes from an accumulator in the form of this number.
pub(super) const fn source_of(form: usize) -> Option<usize> {
    match form / 2 {
        0 => None,
        column => Some(A + (column - 1) * (B - A)),
    }
}

/// Whether the form of this number stores the result.
pub(super) const fn stores(form: usize) -> bool {
    form.is_multiple_of(2)
}

/// Calls `$entry!(name source stores)` for every form that ops of a shape have, and collects the results into an array
/// with a place for every form: `Some` for those, `None` for the rest.
macro_rules! forms_of_shape {
    (unary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (binary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (binary_imm $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (imm_binary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, C]) };
    (copy $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    (select $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, D]) };
    (load $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (load_at $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (load_indexed $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (load_long $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (load_long_indexed $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (load_far $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (store $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (store_at $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    (store_indexed $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B, C]) };
    (store_imm $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (store_imm_indexed $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, C]) };
    (store_long $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (store_long_indexed $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B, C]) };
    (store_long_imm $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (store_far $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (load_shared $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (store_shared $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (atomic_load $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (atomic_store $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (atomic_rmw $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (atomic_cmpxchg $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (branch_if $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (branch_compare $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (branch_compare_imm $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (branch_table $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (return_one $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    (struct_get $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (struct_set $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (array_get $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (array_set $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B, C]) };
    (struct_get_vector $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (struct_set_vector $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (array_get_vector $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (array_set_vector $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B, C]) };
    (array_len $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (ref_test $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (ref_cast $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (branch_cast $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (global_get $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (ref_func $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (global_set $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (vector_unary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_binary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_ternary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C, D]) };
    (vector_mul_add $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C, D]) };
    (vector_mul_sub $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C, D]) };
    (vector_shift $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_shift_imm $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_test $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_splat $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_extract $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (vector_replace $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_swizzle $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_relaxed_swizzle $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_permute $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_shuffle $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_const $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (vector_copy $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    (vector_select $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, D]) };
    (vector_load $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_load_at $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (vector_load_indexed $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_store $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (vector_store_at $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    (vector_store_indexed $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B, C]) };
    (vector_load_far $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (vector_store_far $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A, B]) };
    (vector_load_lane $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (vector_store_lane $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (global_get_vector $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0]) };
    (global_set_vector $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, A]) };
    (return_vector $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    ($other:ident $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0]) };
    (@results $entry:ident $name:ident [$($source:tt),*]) => {{
        use crate::exec::form::{FORMS, form_number};
        #[allow(unused_imports, reason = "not every shape has all fields")]
        use crate::isa::shape::{A, B, C, D};
        let mut forms = [None; FORMS];
        $(
            forms[form_number($source, true)] = Some($entry!($name $source true));
            forms[form_number($source, false)] = Some($entry!($name $source false));
        )*
        forms
    }};
    (@effects $entry:ident $name:ident [$($source:tt),*]) => {{
        use crate::exec::form::{FORMS, form_number};
        #[allow(unused_imports, reason = "not every shape has all fields")]
        use crate::isa::shape::{A, B, C, D};
        let mut forms = [None; FORMS];
        $(forms[form_number($source, true)] = Some($entry!($name $source true));)*
        forms
    }};
}
pub(super) use forms_of_shape;
