//! A loop that calls the handler whose address the op carries.
//!
//! A handler returns the next position and frame in two registers; a null position means that the loop is left, and
//! the reason then takes the frame's place.
//!
//! The match loop calls the same handlers for ops that it has no arms for, and functions like these for rows with such ops.

use super::super::form::{BASE, Flags, named};
#[cfg(wapiti_loop_rows)]
use super::super::state::Accumulators;
use super::super::state::{Context, Registers, State, header_at};
#[cfg(wapiti_loop_rows)]
use super::super::strategy::Step;
use super::super::strategy::{Execute, Exit, Strategy};
use super::{op_types, save};
use crate::isa::ops::{Op, for_each_op};

#[derive(Clone, Copy)]
struct Call;

/// Where to go on.
#[repr(C)]
pub(super) struct Position {
    pub(super) ip: *const u8,
    pub(super) fp: *mut u64,
}

impl Position {
    /// This position, or why the loop is left.
    #[inline(always)]
    pub(super) fn or_exit(self) -> Result<Self, Exit> {
        if self.ip.is_null() { Err(Exit(self.fp.addr() as u32)) } else { Ok(self) }
    }
}

impl Strategy for Call {
    type Out = Position;
    const CALLS: bool = true;

    #[inline(always)]
    unsafe fn next(self, st: State, bytes: usize) -> Position {
        // SAFETY: by the caller.
        unsafe { self.jump(st.advance(bytes)) }
    }

    #[inline(always)]
    unsafe fn jump(self, st: State) -> Position {
        Position { ip: st.ip, fp: st.fp() }
    }

    #[inline(always)]
    unsafe fn exit(self, st: State, exit: Exit) -> Position {
        let exit = save(st.ip, st.fp(), st.cx(), exit);
        Position { ip: core::ptr::null(), fp: core::ptr::without_provenance_mut(exit.0 as usize) }
    }
}

type Handler = unsafe extern "C" fn(*const u8, *mut u64, *mut Context) -> Position;

unsafe extern "C" fn handler<X: Execute>(ip: *const u8, fp: *mut u64, cx: *mut Context) -> Position {
    let mut registers = Registers::new(fp, cx);
    // SAFETY: by the caller, whose contract is the same.
    unsafe { X::execute(Call, BASE, registers.at(ip)) }
}

macro_rules! define_handlers {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        static HANDLERS: [Handler; Op::ALL.len()] = [$(handler::<op_types::$name>),*];
    };
}

for_each_op!(define_handlers);

pub(super) fn word_of(op: Op) -> usize {
    (HANDLERS[op as usize] as *const ()).expose_provenance()
}

/// The handler of an op in this form: there are base forms only.
pub(super) fn form(op: Op, form: Flags) -> Option<usize> {
    (form == named::Base).then(|| word_of(op))
}

/// Executes one op. Accumulators stay as they are.
///
/// # Safety
/// As for [`Execute::execute`], whatever strategy the code is linked for: base forms only look at cells.
pub(in crate::exec) unsafe fn step(op: Op, st: State) -> Result<State, Exit> {
    // SAFETY: by the caller.
    let next = unsafe { HANDLERS[op as usize](st.ip, st.fp(), st.cx()) }.or_exit()?;
    Ok(st.goto(next.ip, next.fp))
}

/// A function for a row of the match loop, whose accumulator for integers it takes by address.
#[cfg(wapiti_loop_rows)]
pub(super) type Row = unsafe extern "C" fn(*const u8, *mut u64, *mut Context, *mut u64) -> Position;

/// The function for the row `X`.
///
/// # Safety
/// As for [`Step::run`]; `int` is a variable of the caller's that nobody else reaches.
#[cfg(wapiti_loop_rows)]
pub(super) unsafe extern "C" fn row_handler<X: Step>(
    ip: *const u8,
    fp: *mut u64,
    cx: *mut Context,
    int: *mut u64,
) -> Position {
    // SAFETY: by the caller.
    unsafe {
        let mut registers = Registers { fp, cx, acc: Accumulators { int: *int, ..Accumulators::NONE } };
        let position = X::run(Call, core::ptr::null(), registers.at(ip));
        *int = registers.acc.int;
        position
    }
}

/// See [`super::run`].
pub(super) unsafe fn run(st: State) -> Exit {
    let mut position = Position { ip: st.ip, fp: st.fp() };
    // Read once: a handler gets `cx` as a word, and cannot change what `st` leads to.
    let cx = st.cx();
    // SAFETY: INV-CODE, by the caller at first and by every op's own contract afterwards: linking wrote addresses of
    // these handlers only.
    unsafe {
        loop {
            let handler = core::ptr::with_exposed_provenance::<()>(header_at(position.ip));
            let handler = core::mem::transmute::<*const (), Handler>(handler);
            position = match handler(position.ip, position.fp, cx).or_exit() {
                Ok(next) => next,
                Err(exit) => return exit,
            };
        }
    }
}
