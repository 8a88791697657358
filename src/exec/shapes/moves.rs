//! Ops that move values: copies, constants, zeroing, selection, globals.

use core::hint::select_unpredictable;

use crate::exec::form::Form;
use crate::exec::register::in_register;
use crate::exec::state::State;
use crate::exec::strategy::Strategy;
use crate::isa::shape::{A, B, C, D, E, Shape};

/// `chosen` if the condition is not 0, else `other`: by a conditional move, of values that are both there. Of a choice
/// between cells LLVM would make one between their addresses, or a branch, and what waits for the condition would wait
/// for a load, too.
#[inline(always)]
fn select_value(condition: u32, chosen: u64, other: u64) -> u64 {
    select_unpredictable(condition != 0, in_register!(chosen), in_register!(other))
}

/// Declares ops that do something to the state and fall through: the body sees it as `st`.
macro_rules! moves {
    ($($shape:ident |$form:ident, $st:ident| $body:block)*) => {$(
        #[inline(always)]
        pub(crate) unsafe fn $shape<S: Strategy, M: Form>(strategy: S, $form: M, $st: State, _: impl Fn()) -> S::Out {
            // SAFETY: the module's contract; cells named by 32-bit fields are counted by lowering like all others.
            unsafe {
                $body;
                strategy.next($st, Shape::$shape.bytes())
            }
        }
    )*};
}

moves! {
    copy |form, st| { form.set(st, form.get::<u64>(st, B)) }
    copy_wide |_form, st| { *st.fp().add(st.u32(D) as usize) = *st.fp().add(st.u32(E) as usize) }
    copy_span |_form, st| {
        let (to, from) = (st.fp().add(st.u32(D) as usize), st.fp().add(st.u32(E) as usize));
        core::ptr::copy(from, to, st.u32(B) as usize);
    }
    const32 |form, st| { form.set(st, st.u32(B)) }
    const64 |form, st| { form.set(st, st.u64(D)) }
    zero1 |_form, st| { st.set(A, 0u64) }
    zero2 |_form, st| { st.set(A, 0u64); st.set(B, 0u64) }
    zero3 |_form, st| { st.set(A, 0u64); st.set(B, 0u64); st.set(C, 0u64) }
    zero_span |_form, st| { st.fp().add(st.u32(D) as usize).write_bytes(0, st.u32(E) as usize) }
    select |form, st| {
        form.set(st, select_value(form.get(st, D), form.get(st, B), form.get(st, C)))
    }
    select_imm |form, st| {
        form.set(st, select_value(form.get(st, D), form.get(st, B), st.u32(E).into()))
    }
    select_imm_lhs |form, st| {
        form.set(st, select_value(form.get(st, D), st.u32(E).into(), form.get(st, C)))
    }
    select_imms |form, st| {
        form.set(st, select_value(form.get(st, D), st.u32(B).into(), st.u32(E).into()))
    }
    ref_func |form, st| { form.set(st, (*st.cx()).instance_tag | u64::from(st.u32(D))) }
    global_get |form, st| { form.set(st, (*(*st.cx()).own_globals.add(st.u32(B) as usize)).0[0]) }
    global_set |form, st| { (*(*st.cx()).own_globals.add(st.u32(B) as usize)).0[0] = form.get(st, A) }
    global_get_imported |form, st| {
        form.set(st, (*(*(*st.cx()).globals.add(st.u32(B) as usize)).as_ptr()).0[0])
    }
    global_set_imported |_form, st| {
        (*(*(*st.cx()).globals.add(st.u32(B) as usize)).as_ptr()).0[0] = st.get(A);
    }
}
