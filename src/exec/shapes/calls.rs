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
use crate::exec::state::{State, call_site, callee_word};
use crate::exec::strategy::{Exit, Strategy};
use crate::isa::shape::{A, B, CALL_BYTES, D, D2, F, Shape};
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

/// The code of the function that the call at `st` found before, if it is what `reference` refers to: a function of the current
/// instance, and of the type that is expected here, because it was when it was noted.
#[inline(always)]
unsafe fn found_before(st: State, reference: u64) -> Option<*const u8> {
    // SAFETY: INV-FRAME: the code of a function, and of nobody, has a header before it.
    unsafe {
        let code = call_site(st.ip).callee();
        let func = code.cast::<FrameHeader>().sub(1).read().func;
        (reference == (*st.cx()).instance_tag | u64::from(func)).then_some(code)
    }
}

/// The code of `func`, or its stub while there is none. Code is noted for the next call.
#[inline(always)]
unsafe fn code_of(st: State, func: *const FuncRecord) -> *const u8 {
    // SAFETY: the caller has a record of the current module.
    unsafe {
        match (*func).lowered() {
            Some(code) => {
                call_site(st.ip).note(code);
                code.as_ptr()
            }
            None => (*func).stub(),
        }
    }
}

/// The element that an indirect call names. `Err` is the exit to take instead.
#[inline(always)]
unsafe fn element(st: State) -> Result<u64, Exit> {
    // SAFETY: the module's contract; validation bounds the table's index, and the table entity says how many elements it
    // has.
    unsafe {
        let table = (*(*st.cx()).tables.add(st.u16(D2))).as_ref();
        // INV-CELL: a 32-bit index fills its cell zero-extended.
        let index = st.get::<u64>(D);
        if index >= table.len as u64 {
            return Err(Exit::trap(Trap::UndefinedElement));
        }
        Ok(*table.elems.add(index as usize))
    }
}

/// The function that an element refers to. `Err` is the exit to take instead: a trap, or to the driver for functions of
/// another instance, of the host, and of a type that is not the very one.
#[inline(always)]
unsafe fn indirect_callee(st: State, reference: u64) -> Result<*const FuncRecord, Exit> {
    // SAFETY: the module's contract; validation bounds the type index, and a reference tagged with the current instance
    // indexes that instance's functions.
    unsafe {
        if FuncPlace::tag_of(reference) != (*st.cx()).instance_tag {
            // Null has a tag of no instance, too.
            return Err(if reference == 0 { Exit::trap(Trap::UninitializedElement) } else { Exit::LEAVE });
        }
        let func = (*st.cx()).funcs.add(reference as u32 as usize);
        if (*func).canonical != *(*st.cx()).canonical_types.add(call_site(st.ip).ty as usize) {
            // The driver sees whether it is a subtype's.
            return Err(Exit::LEAVE);
        }
        Ok(func)
    }
}

/// The code of the function that an indirect call names. `Err` is the exit to take instead.
#[inline(always)]
unsafe fn indirect_code(st: State) -> Result<*const u8, Exit> {
    // SAFETY: the module's contract.
    unsafe {
        let reference = element(st)?;
        match found_before(st, reference) {
            Some(code) => Ok(code),
            None => Ok(code_of(st, indirect_callee(st, reference)?)),
        }
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
        match indirect_code(st) {
            Ok(code) => enter(strategy, st, code),
            Err(exit) => strategy.exit(st, exit),
        }
    }
}

/// The code of the function of the current instance that cell D refers to. `None` leaves null, and functions of others, to the
/// driver. Validation has seen that the type is right.
#[inline(always)]
unsafe fn referenced_code(st: State) -> Option<*const u8> {
    // SAFETY: the module's contract; a reference tagged with the current instance indexes that instance's functions.
    unsafe {
        let reference = st.get::<u64>(D);
        if let Some(code) = found_before(st, reference) {
            return Some(code);
        }
        let is_own = FuncPlace::tag_of(reference) == (*st.cx()).instance_tag;
        if !is_own {
            return None;
        }
        Some(code_of(st, (*st.cx()).funcs.add(reference as u32 as usize)))
    }
}

#[inline(always)]
pub(crate) unsafe fn call_ref<S: Strategy>(strategy: S, _: impl Form, st: State, _: impl Fn()) -> S::Out {
    // SAFETY: the module's contract.
    unsafe {
        match referenced_code(st) {
            Some(code) => enter(strategy, st, code),
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
        match indirect_code(st) {
            Ok(code) => replace(strategy, st, code),
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
        match referenced_code(st) {
            Some(code) => replace(strategy, st, code),
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
