//! Every handler ends by becoming the next one: tail calls that the compiler guarantees.
//!
//! For a nightly compiler and `--cfg wapiti_become`: an experiment, to measure what the guarantee and a calling
//! convention made for such handlers bring beside [`super::tail`]. Forms and sequences are those of that strategy.
//!
//! `become` wants both functions to have one signature, so it stands in the handler itself, and what ops end with is a
//! value that says how to go on. By `preserve-none` no register has to be restored by anybody, so that a handler that
//! does call something may keep its state where it is.

use super::super::form::{COLUMNS, Flags, Formed, column, form_of, forms_of_shape, named};
use super::super::fused::for_each_fused;
use super::super::fusion::Fusion;
use super::super::state::{Accumulators, Context, Registers, State, header_at};
use super::super::strategy::{Exit, One, Step, Strategy};
use super::super::vector::Vector;
use super::{op_types, parts, save, tail};
use crate::isa::ops::{Op, for_each_op};

#[derive(Clone, Copy)]
struct Become;

/// What a handler comes to.
enum Flow {
    Next(State),
    Exit(State, Exit),
}

impl Strategy for Become {
    type Out = Flow;
    // It may, but the registers that it would spill are spilled whether it does or not.
    const CALLS: bool = false;

    #[inline(always)]
    unsafe fn next(self, st: State, bytes: usize) -> Flow {
        // SAFETY: by the caller.
        Flow::Next(unsafe { st.advance(bytes) })
    }

    #[inline(always)]
    unsafe fn jump(self, st: State) -> Flow {
        Flow::Next(st)
    }

    #[inline(always)]
    unsafe fn exit(self, st: State, exit: Exit) -> Flow {
        Flow::Exit(st, exit)
    }
}

type Handler =
    unsafe extern "rust-preserve-none" fn(*const u8, *mut u64, *mut Context, u64, f32, f64, Vector) -> Exit;

/// Implemented by the types in [`parts`].
trait Handlers {
    unsafe extern "rust-preserve-none" fn handler<X: Step>(
        ip: *const u8,
        fp: *mut u64,
        cx: *mut Context,
        int: u64,
        f32: f32,
        f64: f64,
        vector: Vector,
    ) -> Exit {
        let acc = Accumulators { int, f32, f64, vector };
        let mut registers = Registers { fp, cx, acc };
        // SAFETY: by the caller, whose contract is the same.
        match unsafe { X::run(Become, core::ptr::null(), registers.at(ip)) } {
            Flow::Next(State { ip, .. }) => {
                let Registers { fp, cx, acc: Accumulators { int, f32, f64, vector } } = registers;
                // SAFETY: INV-CODE: linking wrote the address of a handler into the header.
                let next = unsafe { handler_at(header_at(ip)) };
                // SAFETY: INV-CODE: it is the handler of the op at `ip`, and the state is as that op wants it.
                unsafe { become next(ip, fp, cx, int, f32, f64, vector) }
            }
            Flow::Exit(st, exit) => save(st.ip, st.fp(), st.cx(), exit),
        }
    }
}

macro_rules! handler_of_form {
    ($name:ident $source:tt $stores:literal) => {
        parts::forms::Part::handler::<One<op_types::$name, Formed<{ form_of($source, $stores) }>>> as Handler
    };
}

macro_rules! define_handlers {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        static HANDLERS: [[Option<Handler>; COLUMNS]; Op::ALL.len()] =
            [$(forms_of_shape!($shape handler_of_form $name)),*];
    };
}

impl Handlers for parts::forms::Part {}

for_each_op!(define_handlers);

macro_rules! define_fused {
    ($($part:ident { $($(($name:ident $form:ident))+;)* })*) => {
        $(impl Handlers for parts::$part::Part {})*

        static FUSED: [Handler; tail::SEQUENCES.len()] = tail::TRIE
            .in_places(&[$($(parts::$part::Part::handler::<($(One<op_types::$name, named::$form>,)+)>),*),*]);
    };
}

for_each_fused!(define_fused);

/// The sequences with a handler of their own.
pub(super) static FUSION: Fusion = Fusion::new(&tail::STEPS, |row| address(FUSED[row]));

/// The handler of an op in its base form.
pub(super) fn word_of(op: Op) -> usize {
    form(op, named::Base).expect("every op has its base form")
}

/// The handler of an op in this form.
pub(super) fn form(op: Op, form: Flags) -> Option<usize> {
    HANDLERS[op as usize][column(form)?].map(address)
}

fn address(handler: Handler) -> usize {
    (handler as *const ()).expose_provenance()
}

/// # Safety
/// INV-CODE: `header` is what [`address`] has made of a handler.
#[inline(always)]
unsafe fn handler_at(header: usize) -> Handler {
    let handler = core::ptr::with_exposed_provenance::<()>(header);
    // SAFETY: by the caller.
    unsafe { core::mem::transmute::<*const (), Handler>(handler) }
}

/// See [`super::run`].
pub(super) unsafe fn run(st: State) -> Exit {
    // SAFETY: by the caller.
    unsafe {
        let handler = handler_at(header_at(st.ip));
        let Accumulators { int, f32, f64, vector } = *st.acc();
        handler(st.ip, st.fp(), st.cx(), int, f32, f64, vector)
    }
}
