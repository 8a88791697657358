//! How ops execute: one function per shape, generic over meaning and dispatch strategy.
//!
//! Each reads its operands, applies the meaning, writes the result and goes on. All are inlined into every handler,
//! so they must stay free of anything that needs a native stack frame: no locals whose address escapes, no values
//! with a destructor, no panics; whatever is cold or large is a call to a function of its own in tail position or
//! with scalar arguments.
//!
//! Safety of every function here: the contract of [`Execute::execute`](super::strategy::Execute::execute).

mod atomic;
mod calls;
mod compute;
mod control;
mod memory;
mod moves;
mod objects;
mod vectors;
mod wide;

pub(super) use atomic::{
    Word, atomic_cmpxchg, atomic_fence, atomic_load, atomic_rmw, atomic_store, load_shared, store_shared,
};
pub(super) use calls::{
    call, call_import, call_indirect, call_ref, return_call, return_call_import, return_call_indirect,
    return_call_ref, return_none, return_one, return_span,
};
pub(super) use compute::{Outcome, binary, binary_imm, imm_binary, unary};
pub(super) use control::{
    branch, branch_compare, branch_compare_imm, branch_if, branch_table, interrupt, leave, leave_binary,
    leave_effect, leave_elems, leave_get, leave_new, leave_new_segment, leave_notify, leave_unary,
    leave_wait, throw, throw_ref, unreachable,
};
pub(super) use memory::{
    load, load_at, load_far, load_indexed, load_long, load_long_indexed, memory_copy, memory_fill,
    memory_size, store, store_at, store_far, store_imm, store_imm_at, store_imm_indexed, store_indexed,
    store_long, store_long_imm, store_long_indexed,
};
pub(super) use moves::{
    const32, const64, copy, copy_span, copy_wide, global_get, global_get_imported, global_set,
    global_set_imported, ref_func, select, select_imm, select_imm_lhs, select_imms, zero_span, zero1, zero2,
    zero3,
};
pub(super) use objects::{
    array_get, array_get_vector, array_len, array_set, array_set_vector, branch_cast, ref_cast,
    ref_cast_kind, ref_test, ref_test_kind, struct_get, struct_get_vector, struct_new, struct_new_default,
    struct_set, struct_set_vector,
};
pub(super) use vectors::{
    global_get_vector, global_get_vector_imported, global_set_vector, global_set_vector_imported,
    return_vector, vector_binary, vector_const, vector_copy, vector_extract, vector_fused, vector_load,
    vector_load_at, vector_load_far, vector_load_indexed, vector_load_lane, vector_load_lane_far,
    vector_mul_add, vector_mul_sub, vector_permute, vector_relaxed_swizzle, vector_replace, vector_select,
    vector_shift, vector_shift_imm, vector_shuffle, vector_shuffle_portable, vector_splat, vector_store,
    vector_store_at, vector_store_far, vector_store_indexed, vector_store_lane, vector_store_lane_far,
    vector_swizzle, vector_ternary, vector_test, vector_unary,
};
pub(super) use wide::{wide_product, wide_sum};
