//! Calls and returns within an instance; everything beyond it is left to the driver.
//!
//! A callee's frame begins where its arguments already lie in the caller's:
//!
//! ```text
//!   window: arguments, then results | link: return position, caller's frame | locals | operand stack
//! ```
//!
//! The word before a function's first op holds how many cells its frame takes (INV-FRAME), so that a call checks the
//! room before it pushes (INV-STACK). The callee pointer of a direct call starts at a stub that leaves for the driver
//! to lower the function; the driver then replaces it (INV-SHARE).

use core::sync::atomic::Ordering;

use crate::error::Trap;
use crate::exec::form::Form;
use crate::exec::state::{State, callee_word};
use crate::exec::strategy::{Exit, Strategy};
use crate::isa::shape::{A, B, CALL_BYTES, D, D2, E, F, Shape};
use crate::runtime::{FrameHeader, FuncPlace, FuncRecord};

/// Checks that a frame for the code at `callee` fits at `fp`.
#[inline(always)]
unsafe fn has_room(st: State, callee: *const u8, fp: *mut u64) -> bool {
    // SAFETY: INV-FRAME: every function's code, and every stub, has its frame's size in the word before it.
    let cells = unsafe { callee.cast::<FrameHeader>().sub(1).read() }.cells as usize;
    // SAFETY: `stack_end` is behind `fp` in the same allocation, both being in the running call's value stack.
    let room = unsafe { (*st.cx()).stack_end.offset_from(fp) };
    cells as isize <= room
}

/// Pushes a frame for `callee` at cell B, linked at cell A, and goes on there.
#[inline(always)]
unsafe fn enter<S: Strategy>(strategy: S, st: State, callee: *const u8) -> S::Out {
    // SAFETY: the module's contract; INV-STACK: `has_room` is asked before anything is written. Cell B is within the
    // caller's frame, so the new frame's pointer is within the stack.
    unsafe {
        let fp = st.fp().add(st.u32(B) as usize);
        if !has_room(st, callee, fp) {
            return strategy.trap(st, Trap::StackExhausted);
        }
        let link = fp.add(st.u16(A));
        link.write(st.ip.add(CALL_BYTES).expose_provenance() as u64);
        link.add(1).write(st.fp().expose_provenance() as u64);
        strategy.jump(st.goto(callee, fp))
    }
}

#[inline(always)]
pub(crate) unsafe fn call<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: INV-SHARE: the callee word of a linked call is the address of code or a stub, and whatever it
    // names was complete before it was published.
    unsafe {
        let callee = callee_word(st.ip).load(Ordering::Acquire);
        enter(strategy, st, core::ptr::with_exposed_provenance(callee))
    }
}

#[inline(always)]
pub(crate) unsafe fn call_import<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { strategy.exit(st, Exit::LEAVE) }
}

/// Looks up the function that an indirect call names. `Err` is the exit to take instead: a trap, or to the driver
/// for functions of another instance, of the host, and of a type that is not the very one.
#[inline(always)]
unsafe fn indirect_callee(st: State) -> Result<*const FuncRecord, Exit> {
    // SAFETY: the module's contract; validation bounds table and type index, the table entity says how many elements
    // it has, and a reference tagged with the current instance indexes that instance's functions.
    unsafe {
        let table = (*(*st.cx()).tables.add(st.u16(D2))).as_ref();
        // INV-CELL: a 32-bit index fills its cell zero-extended.
        let index = st.get::<u64>(D);
        if index >= table.len as u64 {
            return Err(Exit::trap(Trap::UndefinedElement));
        }
        let reference = *table.elems.add(index as usize);
        if FuncPlace::tag_of(reference) != (*st.cx()).instance_tag {
            // Null has a tag of no instance, too.
            return Err(if reference == 0 { Exit::trap(Trap::UninitializedElement) } else { Exit::LEAVE });
        }
        let func = (*st.cx()).funcs.add(reference as u32 as usize);
        if (*func).canonical != *(*st.cx()).canonical_types.add(st.u32(E) as usize) {
            // The driver sees whether it is a subtype's.
            return Err(Exit::LEAVE);
        }
        Ok(func)
    }
}

#[inline(always)]
pub(crate) unsafe fn call_indirect<S: Strategy>(
    strategy: S,
    _: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match indirect_callee(st) {
            Ok(func) => enter(strategy, st, (*func).entry()),
            Err(exit) => strategy.exit(st, exit),
        }
    }
}

/// Looks up the function of the current instance that cell D refers to. `None` leaves null, and functions of others, to
/// the driver. Validation has seen that the type is right.
#[inline(always)]
unsafe fn referenced_callee(st: State) -> Option<*const FuncRecord> {
    // SAFETY: the module's contract; a reference tagged with the current instance indexes that instance's functions.
    unsafe {
        let reference = st.get::<u64>(D);
        let is_own = FuncPlace::tag_of(reference) == (*st.cx()).instance_tag;
        is_own.then_some((*st.cx()).funcs.add(reference as u32 as usize))
    }
}

#[inline(always)]
pub(crate) unsafe fn call_ref<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match referenced_callee(st) {
            Some(func) => enter(strategy, st, (*func).entry()),
            None => strategy.exit(st, Exit::LEAVE),
        }
    }
}

/// Replaces the current frame by one for `callee`: its arguments from cell B on are moved down over it.
#[inline(always)]
unsafe fn replace<S: Strategy>(strategy: S, st: State, callee: *const u8) -> S::Out {
    // SAFETY: the module's contract; INV-STACK as in `enter`. The link is read before the arguments may overwrite it,
    // and the new one is written behind them.
    unsafe {
        if !has_room(st, callee, st.fp()) {
            return strategy.trap(st, Trap::StackExhausted);
        }
        let link = st.fp().add(st.u16(A));
        let (return_position, caller_frame) = (link.read(), link.add(1).read());
        let (arg_cells, callee_link) = (st.u32(F) as usize, st.u32(F + 4) as usize);
        core::ptr::copy(st.fp().add(st.u32(B) as usize), st.fp(), arg_cells);
        let link = st.fp().add(callee_link);
        link.write(return_position);
        link.add(1).write(caller_frame);
        strategy.jump(st.goto(callee, st.fp()))
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract; linking wrote the address of the module's own record into D, and records live as
    // long as the module.
    unsafe {
        let func = core::ptr::with_exposed_provenance::<FuncRecord>(st.u64(D) as usize);
        replace(strategy, st, (*func).entry())
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call_import<S: Strategy>(
    strategy: S,
    _: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { strategy.exit(st, Exit::LEAVE) }
}

#[inline(always)]
pub(crate) unsafe fn return_call_indirect<S: Strategy>(
    strategy: S,
    _: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match indirect_callee(st) {
            Ok(func) => replace(strategy, st, (*func).entry()),
            Err(exit) => strategy.exit(st, exit),
        }
    }
}

#[inline(always)]
pub(crate) unsafe fn return_call_ref<S: Strategy>(
    strategy: S,
    _: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match referenced_callee(st) {
            Some(func) => replace(strategy, st, (*func).entry()),
            None => strategy.exit(st, Exit::LEAVE),
        }
    }
}

/// Goes back to the caller; the results are in place.
#[inline(always)]
pub(super) unsafe fn leave_frame<S: Strategy>(strategy: S, st: State, link: *mut u64) -> S::Out {
    // SAFETY: the link was written by the call that pushed this frame and nothing else names its cells.
    unsafe {
        let ip = core::ptr::with_exposed_provenance(link.read() as usize);
        let fp = core::ptr::with_exposed_provenance_mut(link.add(1).read() as usize);
        strategy.jump(st.goto(ip, fp))
    }
}

#[inline(always)]
pub(crate) unsafe fn return_none<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe { leave_frame(strategy, st, st.fp().add(st.u16(A))) }
}

#[inline(always)]
pub(crate) unsafe fn return_one<S: Strategy>(
    strategy: S,
    form: impl Form,
    st: State,
    _: impl Fn(),
) -> S::Out {
    // SAFETY: the module's contract; cell 0 is the window's first.
    unsafe {
        st.fp().write(form.get(st, B));
        leave_frame(strategy, st, st.fp().add(st.u16(A)))
    }
}

#[inline(always)]
pub(crate) unsafe fn return_span<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract; the results fit the window, which ends before the link.
    unsafe {
        core::ptr::copy(st.fp().add(st.u32(B) as usize), st.fp(), st.u32(D) as usize);
        leave_frame(strategy, st, st.fp().add(st.u16(A)))
    }
}

const _: () = assert!(Shape::call.bytes() == CALL_BYTES);
