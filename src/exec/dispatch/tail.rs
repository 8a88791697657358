//! Every handler ends by jumping to the next one.
//!
//! Stable Rust has no guaranteed tail calls; this rests on LLVM's sibling-call optimisation, which applies to a call
//! in tail position with the same calling convention and arguments in registers, when no local's address escapes. What
//! is offered must be certain, so there are three guards: the build script enables this file for optimised builds
//! only, [`is_certain`] measures a run before an engine uses it, and a test looks at every handler.
//!
//! On x86-64 handlers use the System V convention on every operating system: the Windows one passes four arguments in
//! registers, and this convention has room for what later versions keep in registers.

#![allow(
    improper_ctypes_definitions,
    reason = "handlers call one another only, and vectors go in registers as they are meant to"
)]

use super::super::form::{COLUMNS, Flags, Formed, column, form_of, forms_of_shape, named};
use super::super::fused::for_each_fused;
use super::super::fusion::{self, Fusion, Sequence, Steps, Trie};
use super::super::state::{Accumulators, Context, Registers, State, header_at};
use super::super::strategy::{Exit, One, Step, Strategy};
use super::super::vector::Vector;
use super::{op_types, parts, save};
use crate::isa::ops::{Op, for_each_op};

#[derive(Clone, Copy)]
struct Tail;

/// Declares what depends on the calling convention, once for each.
macro_rules! with_convention {
    ($convention:literal) => {
        type Handler =
            unsafe extern $convention fn(*const u8, *mut u64, *mut Context, u64, f32, f64, Vector) -> Exit;

        /// Implemented by the types in [`parts`].
        trait Handlers {
            unsafe extern $convention fn handler<X: Step>(
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
                unsafe { X::run(Tail, core::ptr::null(), registers.at(ip)) }
            }
        }

        /// [`save`] with the handlers' own convention, so that it is reached by a jump as well.
        #[cold]
        #[inline(never)]
        unsafe extern $convention fn leave(ip: *const u8, fp: *mut u64, cx: *mut Context, exit: Exit) -> Exit {
            save(ip, fp, cx, exit)
        }

        /// Leaves with the address of its own stack frame as the saved position: see [`is_certain`].
        #[inline(never)]
        unsafe extern $convention fn measure(
            _: *const u8,
            fp: *mut u64,
            cx: *mut Context,
            _: u64,
            _: f32,
            _: f64,
            _: Vector,
        ) -> Exit {
            let local = 0u8;
            save(core::hint::black_box(&raw const local), fp, cx, Exit::LEAVE)
        }
    };
}

#[cfg(target_arch = "x86_64")]
with_convention!("sysv64");
#[cfg(not(target_arch = "x86_64"))]
with_convention!("C");

impl Strategy for Tail {
    type Out = Exit;
    const CALLS: bool = false;

    #[inline(always)]
    unsafe fn next(self, st: State, bytes: usize) -> Exit {
        // SAFETY: by the caller.
        unsafe { self.jump(st.advance(bytes)) }
    }

    #[inline(always)]
    unsafe fn jump(self, st: State) -> Exit {
        // SAFETY: INV-CODE: linking wrote the address of a handler into the header.
        unsafe {
            let handler = core::ptr::with_exposed_provenance::<()>(header_at(st.ip));
            let handler = core::mem::transmute::<*const (), Handler>(handler);
            let Accumulators { int, f32, f64, vector } = *st.acc();
            handler(st.ip, st.fp(), st.cx(), int, f32, f64, vector)
        }
    }

    #[inline(always)]
    unsafe fn exit(self, st: State, exit: Exit) -> Exit {
        // SAFETY: by the caller.
        unsafe { leave(st.ip, st.fp(), st.cx(), exit) }
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

        pub(super) const SEQUENCES: &[Sequence] = &[$($(&[$((Op::$name, named::$form)),+]),*),*];
        static FUSED: [Handler; SEQUENCES.len()] =
            TRIE.in_places(&[$($(parts::$part::Part::handler::<($(One<op_types::$name, named::$form>,)+)>),*),*]);
    };
}

for_each_fused!(define_fused);

pub(super) const TRIE: Trie = fusion::build(SEQUENCES);
pub(super) static STEPS: Steps = TRIE.steps;

/// The sequences with a handler of their own.
pub(super) static FUSION: Fusion = Fusion::new(&STEPS, |row| address(FUSED[row]));

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

/// See [`super::run`].
pub(super) unsafe fn run(st: State) -> Exit {
    // SAFETY: by the caller.
    unsafe { Tail.jump(st) }
}

/// Whether handlers really jump in this build: something (such as `RUSTFLAGS`) may have changed the optimisation level
/// behind the build script's back. Runs a few ops and compares where the native stack is afterwards.
pub(super) fn is_certain() -> bool {
    /// Ops before the measuring one; each would leave a native frame if it called instead of jumping.
    const OPS: usize = 64;
    let depth_after = |ops: usize| {
        let mut code = alloc::vec::Vec::new();
        for _ in 0..ops {
            code.extend([word_of(Op::Copy) as u64, u64::from(Op::Copy as u16).to_le()]);
        }
        code.extend([address(measure) as u64, 0]);
        let mut cells = [0u64; 1];
        let mut context = Context::empty();
        let cx = &raw mut context;
        // SAFETY: INV-CODE: the code is copies of cell 0 to itself and the measuring op, which leaves; INV-FRAME:
        // there is a cell 0. None of them uses the context but to save the position.
        unsafe {
            let mut registers = Registers::new(cells.as_mut_ptr(), cx);
            run(registers.at(code.as_ptr().cast()));
            (*cx).saved_ip.addr()
        }
    };
    // Once for all: the answer depends on the build alone.
    static CERTAIN: core::sync::atomic::AtomicU8 = core::sync::atomic::AtomicU8::new(0);
    use core::sync::atomic::Ordering::Relaxed;
    if CERTAIN.load(Relaxed) == 0 {
        let grown = depth_after(1).abs_diff(depth_after(OPS));
        CERTAIN.store(if grown < OPS { 1 } else { 2 }, Relaxed);
    }
    CERTAIN.load(Relaxed) == 1
}
