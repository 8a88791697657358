//! Forms of an op: which operands come out of an accumulator, and whether the result is stored.
//!
//! Every op that computes a value leaves it in the accumulator of its kind, besides its cell. A later op that reads
//! that cell can take the accumulator instead, as long as neither has changed, and when only the next op will read the
//! cell the store can be left out. Both are a matter of which handler an op gets: its code stays the same, so linking
//! chooses forms by looking at neighbours, and a strategy that has only the base form runs the same code.
//!
//! Within a sequence that has one handler, an op can also take what an accumulator held before the op before: there
//! it is still in some register, while nobody passes it on from handler to handler. What is computed two ops before is
//! the other operand as often as not: `(a ^ b) + (c << 3)`.
//!
//! INV-STATE: whatever leaves the dispatch loop takes its operands from cells, so no accumulator matters there.

use super::classes::classes;
use super::state::{Accumulators, State};
use super::vector::{self, Lanes, Vector};
use crate::isa::cell::Cell;
use crate::isa::ops::Op;
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

/// How many accumulators there are.
pub(super) const CLASSES: usize = 4;

/// A value that ops compute with: it has an accumulator.
pub(super) trait Value: Cell {
    const CLASS: Class;
    /// Reads its accumulator.
    ///
    /// # Safety
    /// The pointer is valid. The same goes for [`keep`](Self::keep).
    unsafe fn take(from: *const Accumulators) -> Self;
    /// Sets its accumulator.
    unsafe fn keep(self, to: *mut Accumulators);
}

macro_rules! values {
    ($($ty:ty: $class:ident $field:ident = |$from:ident| $take:expr, |$value:ident| $keep:expr;)*) => {$(
        impl Value for $ty {
            const CLASS: Class = Class::$class;
            #[inline(always)]
            unsafe fn take($from: *const Accumulators) -> Self {
                // SAFETY: by the caller.
                unsafe { $take }
            }
            #[inline(always)]
            unsafe fn keep(self, to: *mut Accumulators) {
                let $value = self;
                // SAFETY: by the caller.
                unsafe { (*to).$field = $keep }
            }
        }
    )*};
}

values! {
    u32: Int int = |from| Self::from_cell((*from).int), |value| value.into_cell();
    i32: Int int = |from| Self::from_cell((*from).int), |value| value.into_cell();
    u64: Int int = |from| Self::from_cell((*from).int), |value| value.into_cell();
    i64: Int int = |from| Self::from_cell((*from).int), |value| value.into_cell();
    bool: Int int = |from| Self::from_cell((*from).int), |value| value.into_cell();
    f32: F32 f32 = |from| (*from).f32, |value| value;
    f64: F64 f64 = |from| (*from).f64, |value| value;
}

/// A form, as a type. Its values know what the accumulators held before the op before.
pub(super) trait Form: Copy {
    /// See [`Flags`].
    const FLAGS: Flags;

    /// The form of an op in a sequence, of which the op before found this in the accumulators, if it takes something from
    /// there.
    fn after(earlier: *const Accumulators) -> Self;

    /// What the accumulators held before the op before.
    fn earlier(self) -> *const Accumulators;

    /// The accumulators that the operand in the field at `at` comes from, if it does.
    #[inline(always)]
    fn source(self, st: State, at: usize) -> Option<*const Accumulators> {
        if Self::FLAGS & from(at) != 0 {
            Some(st.acc())
        } else if Self::FLAGS & earlier(at) != 0 {
            Some(self.earlier())
        } else {
            None
        }
    }

    /// The operand named by the narrow field at `at`.
    ///
    /// # Safety
    /// As for [`State::get`]; if the operand is to come from accumulators, it is in these.
    #[inline(always)]
    unsafe fn get<T: Value>(self, st: State, at: usize) -> T {
        // SAFETY: by the caller.
        unsafe {
            match self.source(st, at) {
                Some(accumulators) => T::take(accumulators),
                None => st.get(at),
            }
        }
    }

    /// Puts the op's result into its accumulator and, unless nobody will look there, into its cell.
    ///
    /// # Safety
    /// As for [`State::set`].
    #[inline(always)]
    unsafe fn set<T: Value>(self, st: State, value: T) {
        // SAFETY: by the caller.
        unsafe {
            if stores(Self::FLAGS) {
                st.set(A, value);
            }
            value.keep(st.acc());
        }
    }

    /// The vector operand named by the narrow field at `at`.
    ///
    /// # Safety
    /// As for [`Form::get`]; INV-FRAME: the frame has both cells.
    #[inline(always)]
    unsafe fn vector(self, st: State, at: usize) -> Vector {
        // SAFETY: by the caller.
        unsafe {
            match self.source(st, at) {
                Some(accumulators) => (*accumulators).vector,
                None => vector::read(st.fp().add(st.u16(at)).cast()),
            }
        }
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

    /// Puts the op's result, a vector, where [`Form::set`] puts others.
    ///
    /// # Safety
    /// As for [`Form::set`]; INV-FRAME: the frame has both cells.
    #[inline(always)]
    unsafe fn set_vector(self, st: State, value: Vector) {
        // SAFETY: by the caller.
        unsafe {
            if stores(Self::FLAGS) {
                vector::write(st.fp().add(st.u16(A)).cast(), value);
            }
            (*st.acc()).vector = value;
        }
    }

    /// Likewise, from lanes.
    ///
    /// # Safety
    /// As for [`Form::set_vector`].
    #[inline(always)]
    unsafe fn set_lanes<T: Lanes>(self, st: State, lanes: T) {
        // SAFETY: by the caller.
        unsafe { self.set_vector(st, vector::vector_of(lanes)) }
    }
}

/// The form with these flags.
#[derive(Clone, Copy)]
pub(super) struct Formed<const FLAGS: Flags> {
    earlier: *const Accumulators,
}

impl<const FLAGS: Flags> Form for Formed<FLAGS> {
    const FLAGS: Flags = FLAGS;

    #[inline(always)]
    fn after(earlier: *const Accumulators) -> Self {
        Self { earlier }
    }

    #[inline(always)]
    fn earlier(self) -> *const Accumulators {
        self.earlier
    }
}

/// Puts the result that `op`, executed at `st` in its base form, has left in a cell into its accumulator as well.
///
/// # Safety
/// INV-CODE: `op` is at `st.ip`; INV-FRAME: `st` has the op's frame.
pub(super) unsafe fn keep_result(op: Op, st: State) {
    // SAFETY: by the caller: an op with a result has written its cell.
    unsafe {
        match classes(op).result {
            None => {}
            Some(Class::Int) => st.get::<u64>(A).keep(st.acc()),
            Some(Class::F32) => st.get::<f32>(A).keep(st.acc()),
            Some(Class::F64) => st.get::<f64>(A).keep(st.acc()),
            Some(Class::Vector) => (*st.acc()).vector = vector::read(st.fp().add(st.u16(A)).cast()),
        }
    }
}

/// All operands and the result in cells.
pub(super) const BASE: named::Base = Formed { earlier: core::ptr::null() };

/// What a form is made of, and its number: [`SILENT`], [`from`] for operands that the op before has left in an
/// accumulator, [`earlier`] for those that were there before that op. With fewer flags an op does more than it has to.
pub(super) type Flags = u8;

/// The result is not stored.
pub(super) const SILENT: Flags = 1;
/// Any operand that the op before has left in an accumulator.
pub(super) const FROM: Flags = from(A) | from(B) | from(C) | from(D);
/// Any operand that was in an accumulator before the op before.
pub(super) const EARLIER: Flags = earlier(A) | earlier(B) | earlier(C);

/// The operand in the field at `at` is what the op before has left in an accumulator. None, if no such operand can be.
pub(super) const fn from(at: usize) -> Flags {
    match at {
        A => 1 << 1,
        B => 1 << 2,
        C => 1 << 3,
        D => 1 << 4,
        _ => 0,
    }
}

/// The operand in the field at `at` is what an accumulator held before the op before. None, if no such operand can be.
pub(super) const fn earlier(at: usize) -> Flags {
    match at {
        A => 1 << 5,
        B => 1 << 6,
        C => 1 << 7,
        _ => 0,
    }
}

/// The same operands as [`from`] has them, when they were in accumulators before the op before: not the one in D.
pub(super) const fn as_earlier(operands: Flags) -> Flags {
    operands << 4
}

/// The other way round.
pub(super) const fn of_earlier(operands: Flags) -> Flags {
    operands >> 4
}

const _: () = assert!(as_earlier(from(A) | from(B) | from(C)) == EARLIER);

/// Whether the form stores the result.
pub(super) const fn stores(form: Flags) -> bool {
    form & SILENT == 0
}

/// Gives the forms that sequences may have names, each a type and a number. Lists of sequences name forms and do not spell
/// them out: constant expressions for each of tens of thousands of ops would take the compiler seconds.
macro_rules! name_forms {
    ($($name:ident [$($from:tt)*] [$($earlier:tt)*] $silent:expr;)*) => {
        /// The forms: `FromB` takes the operand in field B from an accumulator, `EarlierC` the one in field C from what an
        /// accumulator held before the op before, `Silent` does not store the result.
        #[allow(dead_code, reason = "a list need not have all of them")]
        pub(super) mod named {
            use super::{Flags, Formed, SILENT, earlier, from};
            use crate::isa::shape::{A, B, C, D};

            const STORES: Flags = 0;

            $(#[allow(non_upper_case_globals, reason = "named like their types")]
            pub(in crate::exec) const $name: Flags = $silent $(| from($from))* $(| earlier($earlier))*;
            pub(in crate::exec) type $name = Formed<{ $name }>;)*
        }
    };
}

name_forms! {
    Base [] [] STORES;
    Silent [] [] SILENT;
    FromA [A] [] STORES;
    FromB [B] [] STORES;
    FromBSilent [B] [] SILENT;
    FromC [C] [] STORES;
    FromCSilent [C] [] SILENT;
    FromD [D] [] STORES;
    FromDSilent [D] [] SILENT;
    FromBC [B C] [] STORES;
    FromBCSilent [B C] [] SILENT;
    EarlierA [] [A] STORES;
    EarlierB [] [B] STORES;
    EarlierBSilent [] [B] SILENT;
    EarlierC [] [C] STORES;
    EarlierCSilent [] [C] SILENT;
    EarlierBC [] [B C] STORES;
    EarlierBCSilent [] [B C] SILENT;
    FromAEarlierB [A] [B] STORES;
    FromAEarlierC [A] [C] STORES;
    FromAEarlierBC [A] [B C] STORES;
    FromBEarlierA [B] [A] STORES;
    FromBEarlierC [B] [C] STORES;
    FromBEarlierCSilent [B] [C] SILENT;
    FromCEarlierA [C] [A] STORES;
    FromCEarlierB [C] [B] STORES;
    FromCEarlierBSilent [C] [B] SILENT;
    FromBCEarlierA [B C] [A] STORES;
    FromDEarlierB [D] [B] STORES;
    FromDEarlierBSilent [D] [B] SILENT;
    FromDEarlierC [D] [C] STORES;
    FromDEarlierCSilent [D] [C] SILENT;
    FromDEarlierBC [D] [B C] STORES;
    FromDEarlierBCSilent [D] [B C] SILENT;
}

/// Forms that an op may have outside of sequences, where one operand at most comes from an accumulator: a table of
/// handlers has this many columns.
pub(super) const COLUMNS: usize = 10;

/// The form with the operand field `source` in an accumulator; 0 for none.
pub(super) const fn form_of(source: usize, stores: bool) -> Flags {
    from(source) | if stores { 0 } else { SILENT }
}

/// The column of a form in a table of handlers; `None` if it is one for sequences only.
#[inline]
pub(super) const fn column(form: Flags) -> Option<usize> {
    let sources = form & !SILENT;
    let source = match sources {
        0 => 0,
        _ if sources & EARLIER != 0 || !sources.is_power_of_two() => return None,
        _ => sources.trailing_zeros() as usize,
    };
    Some(source * 2 + !stores(form) as usize)
}

/// The column of that form.
pub(super) const fn own_column(source: usize, stores: bool) -> usize {
    column(form_of(source, stores)).expect("it has one source at most")
}

/// Calls `$entry!(name source stores)` for every form that ops of a shape have, and collects the results into an array
/// with a place for every form: `Some` for those, `None` for the rest.
macro_rules! forms_of_shape {
    (unary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (binary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C]) };
    (binary_imm $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B]) };
    (imm_binary $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, C]) };
    (copy $entry:ident $name:ident) => { forms_of_shape!(@effects $entry $name [0, B]) };
    (select $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, C, D]) };
    (select_imm $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, B, D]) };
    (select_imm_lhs $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, C, D]) };
    (select_imms $entry:ident $name:ident) => { forms_of_shape!(@results $entry $name [0, D]) };
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
        use crate::exec::form::{COLUMNS, own_column};
        #[allow(unused_imports, reason = "not every shape has all fields")]
        use crate::isa::shape::{A, B, C, D};
        let mut forms = [None; COLUMNS];
        $(
            forms[own_column($source, true)] = Some($entry!($name $source true));
            forms[own_column($source, false)] = Some($entry!($name $source false));
        )*
        forms
    }};
    (@effects $entry:ident $name:ident [$($source:tt),*]) => {{
        use crate::exec::form::{COLUMNS, own_column};
        #[allow(unused_imports, reason = "not every shape has all fields")]
        use crate::isa::shape::{A, B, C, D};
        let mut forms = [None; COLUMNS];
        $(forms[own_column($source, true)] = Some($entry!($name $source true));)*
        forms
    }};
}
pub(super) use forms_of_shape;
