//! The sequences of ops that have a handler of their own: data, made by `tools/fuse.py` from profiles.
//!
//! A row is a sequence that falls through from op to op, each in a form: the operand field that comes from an accumulator
//! (0 for none), and whether the result is stored.

/// Calls the macro `$expand` with all rows.
macro_rules! for_each_fused {
    ($expand:ident) => {
        $expand! {
            (I32AddImm 0 false) (I32Load B true);
        }
    };
}
pub(super) use for_each_fused;
