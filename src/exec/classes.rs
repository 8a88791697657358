//! Which accumulator each op's operands and result belong to: read off the types of its meaning.

use super::form::{Class, Value};
use super::shapes::Outcome;
use crate::isa::eval;
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{A, B, C, D};

/// The classes of one op.
#[derive(Clone, Copy, Default)]
pub(super) struct Classes {
    /// Of what the op leaves in an accumulator, if it does.
    pub(super) result: Option<Class>,
    /// Of the operand in each of the fields A to D that can come from an accumulator.
    operands: [Option<Class>; 4],
}

impl Classes {
    const fn none() -> Self {
        Self { result: None, operands: [None; 4] }
    }

    const fn result(self, class: Class) -> Self {
        Self { result: Some(class), ..self }
    }

    const fn operand(mut self, at: usize, class: Class) -> Self {
        self.operands[(at - A) / 2] = Some(class);
        self
    }

    /// The class of the operand in the field at `at`.
    pub(super) const fn operand_at(&self, at: usize) -> Option<Class> {
        let index = (at - A) / 2;
        if index < self.operands.len() { self.operands[index] } else { None }
    }
}

const _: () = assert!(B == A + 2 && C == A + 4 && D == A + 6);

/// One function a shape whose meaning has types of interest.
mod of {
    use super::{B, C, Class, Classes, Outcome, Value};
    use crate::isa::shape::A;

    pub(super) const fn unary<X: Value, R: Outcome>(_: fn(X) -> R) -> Classes {
        Classes::none().result(R::Value::CLASS).operand(B, X::CLASS)
    }

    pub(super) const fn binary<X: Value, Y: Value, R: Outcome>(_: fn(X, Y) -> R) -> Classes {
        Classes::none().result(R::Value::CLASS).operand(B, X::CLASS).operand(C, Y::CLASS)
    }

    pub(super) const fn binary_imm<X: Value, Y: Value, R: Outcome>(_: fn(X, Y) -> R) -> Classes {
        Classes::none().result(R::Value::CLASS).operand(B, X::CLASS)
    }

    pub(super) const fn imm_binary<X: Value, Y: Value, R: Outcome>(_: fn(X, Y) -> R) -> Classes {
        Classes::none().result(R::Value::CLASS).operand(C, Y::CLASS)
    }

    pub(super) const fn load<const N: usize, R: Value>(_: fn([u8; N]) -> R) -> Classes {
        Classes::none().result(R::CLASS).operand(B, Class::Int)
    }

    pub(super) const fn load_at<const N: usize, R: Value>(_: fn([u8; N]) -> R) -> Classes {
        Classes::none().result(R::CLASS)
    }

    pub(super) const fn load_indexed<const N: usize, R: Value>(_: fn([u8; N]) -> R) -> Classes {
        Classes::none().result(R::CLASS).operand(B, Class::Int).operand(C, Class::Int)
    }

    pub(super) const fn store<const N: usize, V: Value>(_: fn(V) -> [u8; N]) -> Classes {
        Classes::none().operand(A, Class::Int).operand(B, V::CLASS)
    }

    pub(super) const fn store_at<const N: usize, V: Value>(_: fn(V) -> [u8; N]) -> Classes {
        Classes::none().operand(B, V::CLASS)
    }

    pub(super) const fn store_indexed<const N: usize, V: Value>(_: fn(V) -> [u8; N]) -> Classes {
        Classes::none().operand(A, Class::Int).operand(C, Class::Int).operand(B, V::CLASS)
    }

    pub(super) const fn vector_test<X, R: Value>(_: fn(X) -> R) -> Classes {
        Classes::none().result(R::CLASS).operand(B, Class::Vector)
    }

    pub(super) const fn vector_splat<X: Value, R>(_: fn(X) -> R) -> Classes {
        Classes::none().result(Class::Vector).operand(B, X::CLASS)
    }

    pub(super) const fn vector_extract<const N: usize, R: Value>(_: fn([u8; N]) -> R) -> Classes {
        Classes::none().result(R::CLASS)
    }

    pub(super) const fn vector_replace<X, V: Value>(_: fn(X, V, u8) -> X) -> Classes {
        Classes::none().result(Class::Vector).operand(B, Class::Vector).operand(C, V::CLASS)
    }

    pub(super) const fn branch_if<X: Value>(_: fn(X) -> bool) -> Classes {
        Classes::none().operand(A, X::CLASS)
    }

    pub(super) const fn branch_compare<X: Value, Y: Value>(_: fn(X, Y) -> bool) -> Classes {
        Classes::none().operand(A, X::CLASS).operand(B, Y::CLASS)
    }

    pub(super) const fn branch_compare_imm<X: Value, Y: Value>(_: fn(X, Y) -> bool) -> Classes {
        Classes::none().operand(A, X::CLASS)
    }
}

/// The shapes whose operands and results are cells of no particular kind count as integers.
macro_rules! classes_row {
    (copy $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (const32 $meaning:ident) => {
        Classes::none().result(Class::Int)
    };
    (const64 $meaning:ident) => {
        Classes::none().result(Class::Int)
    };
    (select $meaning:ident) => {
        Classes::none()
            .result(Class::Int)
            .operand(B, Class::Int)
            .operand(C, Class::Int)
            .operand(D, Class::Int)
    };
    (select_imm $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int).operand(D, Class::Int)
    };
    (select_imm_lhs $meaning:ident) => {
        Classes::none().result(Class::Int).operand(C, Class::Int).operand(D, Class::Int)
    };
    (select_imms $meaning:ident) => {
        Classes::none().result(Class::Int).operand(D, Class::Int)
    };
    (ref_func $meaning:ident) => {
        Classes::none().result(Class::Int)
    };
    (global_get $meaning:ident) => {
        Classes::none().result(Class::Int)
    };
    (global_get_imported $meaning:ident) => {
        Classes::none().result(Class::Int)
    };
    (global_set $meaning:ident) => {
        Classes::none().operand(A, Class::Int)
    };
    (branch_table $meaning:ident) => {
        Classes::none().operand(A, Class::Int)
    };
    (return_one $meaning:ident) => {
        Classes::none().operand(B, Class::Int)
    };
    (store_imm $meaning:ident) => {
        Classes::none().operand(A, Class::Int)
    };
    (store_imm_indexed $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(C, Class::Int)
    };
    (store_long_imm $meaning:ident) => {
        Classes::none().operand(A, Class::Int)
    };
    (load_long $meaning:ident) => {
        of::load(eval::$meaning)
    };
    (load_long_indexed $meaning:ident) => {
        of::load_indexed(eval::$meaning)
    };
    (load_far $meaning:ident) => {
        of::load(eval::$meaning)
    };
    (store_long $meaning:ident) => {
        of::store(eval::$meaning)
    };
    (store_long_indexed $meaning:ident) => {
        of::store_indexed(eval::$meaning)
    };
    (store_far $meaning:ident) => {
        of::store(eval::$meaning)
    };
    (load_shared $meaning:ident) => {
        of::load(eval::$meaning)
    };
    (store_shared $meaning:ident) => {
        of::store(eval::$meaning)
    };
    (atomic_load $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (atomic_store $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(B, Class::Int)
    };
    (atomic_rmw $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (atomic_cmpxchg $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (struct_get $meaning:ident) => {
        of::load(eval::$meaning)
    };
    (struct_set $meaning:ident) => {
        of::store(eval::$meaning)
    };
    (array_get $meaning:ident) => {
        of::load_indexed(eval::$meaning)
    };
    (array_set $meaning:ident) => {
        of::store_indexed(eval::$meaning)
    };
    (struct_get_vector $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Int)
    };
    (struct_set_vector $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(B, Class::Vector)
    };
    (array_get_vector $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Int).operand(C, Class::Int)
    };
    (array_set_vector $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(B, Class::Vector).operand(C, Class::Int)
    };
    (array_len $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (ref_test $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (ref_cast $meaning:ident) => {
        Classes::none().result(Class::Int).operand(B, Class::Int)
    };
    (branch_cast $meaning:ident) => {
        Classes::none().operand(A, Class::Int)
    };
    (unary $meaning:ident) => {
        of::unary(eval::$meaning)
    };
    (binary $meaning:ident) => {
        of::binary(eval::$meaning)
    };
    (binary_imm $meaning:ident) => {
        of::binary_imm(eval::$meaning)
    };
    (imm_binary $meaning:ident) => {
        of::imm_binary(eval::$meaning)
    };
    (load $meaning:ident) => {
        of::load(eval::$meaning)
    };
    (load_at $meaning:ident) => {
        of::load_at(eval::$meaning)
    };
    (load_indexed $meaning:ident) => {
        of::load_indexed(eval::$meaning)
    };
    (store $meaning:ident) => {
        of::store(eval::$meaning)
    };
    (store_at $meaning:ident) => {
        of::store_at(eval::$meaning)
    };
    (store_indexed $meaning:ident) => {
        of::store_indexed(eval::$meaning)
    };
    (branch_if $meaning:ident) => {
        of::branch_if(eval::$meaning)
    };
    (branch_compare $meaning:ident) => {
        of::branch_compare(eval::$meaning)
    };
    (branch_compare_imm $meaning:ident) => {
        of::branch_compare_imm(eval::$meaning)
    };
    (vector_unary $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector)
    };
    (vector_binary $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector).operand(C, Class::Vector)
    };
    (vector_ternary $meaning:ident) => {
        Classes::none()
            .result(Class::Vector)
            .operand(B, Class::Vector)
            .operand(C, Class::Vector)
            .operand(D, Class::Vector)
    };
    (vector_mul_add $meaning:ident) => {
        Classes::none()
            .result(Class::Vector)
            .operand(B, Class::Vector)
            .operand(C, Class::Vector)
            .operand(D, Class::Vector)
    };
    (vector_mul_sub $meaning:ident) => {
        Classes::none()
            .result(Class::Vector)
            .operand(B, Class::Vector)
            .operand(C, Class::Vector)
            .operand(D, Class::Vector)
    };
    (vector_shift $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector).operand(C, Class::Int)
    };
    (vector_shift_imm $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector)
    };
    (vector_swizzle $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector).operand(C, Class::Vector)
    };
    (vector_relaxed_swizzle $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector).operand(C, Class::Vector)
    };
    (vector_permute $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector)
    };
    (vector_shuffle $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector).operand(C, Class::Vector)
    };
    (vector_const $meaning:ident) => {
        Classes::none().result(Class::Vector)
    };
    (vector_copy $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Vector)
    };
    (vector_select $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(D, Class::Int)
    };
    (vector_load $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Int)
    };
    (vector_load_at $meaning:ident) => {
        Classes::none().result(Class::Vector)
    };
    (vector_load_indexed $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Int).operand(C, Class::Int)
    };
    (vector_store $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(B, Class::Vector)
    };
    (vector_store_at $meaning:ident) => {
        Classes::none().operand(B, Class::Vector)
    };
    (vector_store_indexed $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(B, Class::Vector).operand(C, Class::Int)
    };
    (vector_load_far $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Int)
    };
    (vector_store_far $meaning:ident) => {
        Classes::none().operand(A, Class::Int).operand(B, Class::Vector)
    };
    (vector_load_lane_far $meaning:ident) => {
        Classes::none().result(Class::Vector)
    };
    (vector_load_lane $meaning:ident) => {
        Classes::none().result(Class::Vector).operand(B, Class::Int).operand(C, Class::Vector)
    };
    (vector_store_lane $meaning:ident) => {
        Classes::none().operand(A, Class::Int)
    };
    (global_get_vector $meaning:ident) => {
        Classes::none().result(Class::Vector)
    };
    (global_get_vector_imported $meaning:ident) => {
        Classes::none().result(Class::Vector)
    };
    (global_set_vector $meaning:ident) => {
        Classes::none().operand(A, Class::Vector)
    };
    (return_vector $meaning:ident) => {
        Classes::none().operand(B, Class::Vector)
    };
    (vector_test $meaning:ident) => {
        of::vector_test(eval::$meaning)
    };
    (vector_splat $meaning:ident) => {
        of::vector_splat(eval::$meaning)
    };
    (vector_extract $meaning:ident) => {
        of::vector_extract(eval::$meaning)
    };
    (vector_replace $meaning:ident) => {
        of::vector_replace(eval::$meaning)
    };
    ($other:ident $meaning:ident) => {
        Classes::none()
    };
}

macro_rules! define_classes {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        static CLASSES: [Classes; Op::ALL.len()] = [$(classes_row!($shape $meaning)),*];
    };
}

for_each_op!(define_classes);

/// The classes of `op`.
pub(super) const fn classes(op: Op) -> &'static Classes {
    &CLASSES[op as usize]
}
