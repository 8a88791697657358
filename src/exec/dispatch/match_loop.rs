//! One loop around one `match`: base ops, their forms and fused sequences are its arms.
//!
//! From op to op it carries the accumulator for integers only: with one for floats, too, every arm ends in moves between
//! registers, because LLVM keeps the arms' values elsewhere than the loop's.
//!
//! Ops on vectors, on memories that are shared or not the first, and atomic ones have no arms, for the sake of the time that
//! LLVM takes for the loop. They are executed by the call-threaded loop's handlers, and sequences with vectors by functions
//! of the same kind, in which vectors stay in registers.
//!
//! Optimised, every arm that goes on is inlined and the state stays in registers. Unoptimised, an arm is one call, or
//! the loop's native frame would hold the locals of all arms at once; and there are arms for the base forms only,
//! because that build is for debugging and has to be made quickly.

use core::hint::{cold_path, unreachable_unchecked};

use super::super::classes::classes;
use super::super::form::{COLUMNS, Class, Flags, column, earlier, from, keep_result, named, stores};
use super::super::fused::for_each_loop_row;
use super::super::fusion::{self, Fusion, Sequence, Steps, Trie};
use super::super::state::{Accumulators, Context, Registers, State, header_at, op_at};
use super::super::strategy::{Exit, One, Step, Strategy};
use super::{call, op_types, save};
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{Field, Shape};

#[derive(Clone, Copy)]
struct Match;

/// What an arm comes to.
enum Flow {
    Next(State),
    Exit(Exit),
}

impl Strategy for Match {
    type Out = Flow;
    const CALLS: bool = true;

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
        Flow::Exit(save(st.ip, st.fp(), st.cx(), exit))
    }
}

/// The number of an op's arm in base form.
pub(super) fn word_of(op: Op) -> usize {
    op as usize
}

/// Whether ops of this shape have an arm.
const fn has_arm(shape: Shape) -> bool {
    !has_vector(shape)
        && !matches!(
            shape,
            Shape::load_far
                | Shape::store_far
                | Shape::load_shared
                | Shape::store_shared
                | Shape::atomic_load
                | Shape::atomic_store
                | Shape::atomic_rmw
                | Shape::atomic_cmpxchg
                | Shape::atomic_fence
        )
}

const fn has_vector(shape: Shape) -> bool {
    let mut fields = shape.fields();
    while let [field, rest @ ..] = fields {
        if matches!(field, Field::Dst128(_) | Field::Slot128(_)) {
            return true;
        }
        fields = rest;
    }
    false
}

/// Executes a step, and moves on. Returns the reason if the loop is left.
///
/// Takes and returns nothing but words, and its inlining is left to LLVM, which then simplifies each arm before the loop
/// has it. With arms that it has to inline at once it takes most of the build to find out about the structs in them.
#[cfg_attr(wapiti_optimized, inline)]
#[cfg_attr(not(wapiti_optimized), inline(never))]
unsafe fn arm<X: Step>(
    ip: &mut *const u8,
    fp: &mut *mut u64,
    cx: *mut Context,
    int: &mut u64,
) -> Result<(), usize> {
    let mut registers = Registers { fp: *fp, cx, acc: Accumulators { int: *int, ..Accumulators::NONE } };
    // SAFETY: by the caller, whose contract is the same.
    match unsafe { X::run(Match, core::ptr::null(), registers.at(*ip)) } {
        Flow::Next(next) => {
            *ip = next.ip;
            *fp = registers.fp;
            *int = registers.acc.int;
            Ok(())
        }
        Flow::Exit(exit) => Err(exit.0 as usize),
    }
}

/// An op that has no arm.
struct Called;

impl Step for Called {
    const TAKES_EARLIER: bool = false;

    #[inline(always)]
    unsafe fn run<S: Strategy>(strategy: S, _: *const Accumulators, st: State) -> S::Out {
        // SAFETY: by the caller, whose contract is the same; what has no arm is linked in base form only. The state that
        // the op has saved when it leaves is this one (INV-STATE).
        unsafe {
            let op = op_at(st.ip);
            match call::step(op, st) {
                Ok(next) => {
                    if classes(op).result == Some(Class::Int) {
                        keep_result(op, st);
                    }
                    strategy.jump(next)
                }
                Err(exit) => strategy.exit(st, exit),
            }
        }
    }
}

/// Executes the row of this number, which has no arm, like [`arm`].
#[cfg(wapiti_loop_rows)]
#[inline]
unsafe fn called_row(
    number: usize,
    ip: &mut *const u8,
    fp: &mut *mut u64,
    cx: *mut Context,
    int: &mut u64,
) -> Result<(), usize> {
    // The function gets the address of a copy: that of the loop's variable would keep it out of registers.
    let mut changed = *int;
    // SAFETY: by the caller, whose contract is the same.
    let next = unsafe { CALLED[number - FIRST_CALLED](*ip, *fp, cx, &mut changed) }.or_exit();
    let next = next.map_err(|exit| exit.0 as usize)?;
    (*ip, *fp, *int) = (next.ip, next.fp, changed);
    Ok(())
}

/// Base ops as patterns.
mod base {
    use super::{Op, for_each_op};

    macro_rules! define_numbers {
        ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
            $(#[allow(non_upper_case_globals, reason = "named like their ops")]
            pub(super) const $name: usize = Op::$name as usize;)*
        };
    }

    for_each_op!(define_numbers);
}

/// Has position, frame and context in registers before anything is read there. Otherwise LLVM computes addresses in the
/// context in front of the loop, has no registers left for them, and every access to memory reads two words of the native
/// stack.
macro_rules! settle {
    ($ip:ident, $fp:ident, $cx:ident) => {
        #[cfg(all(wapiti_loop_rows, any(target_arch = "x86_64", target_arch = "aarch64")))]
        core::arch::asm!(
            "/* {} {} {} */",
            inout(reg) $ip, inout(reg) $fp, inout(reg) $cx,
            options(nomem, nostack, preserves_flags)
        );
    };
}

/// Ends an arm unlike any other. Otherwise LLVM merges what arms end in, down to the sum that is the next position, and
/// most of them are two or three jumps away from the next dispatch in place of one.
macro_rules! end_apart {
    ($number:expr) => {
        #[cfg(all(wapiti_loop_rows, any(target_arch = "x86_64", target_arch = "aarch64")))]
        core::arch::asm!("/* {} */", const $number, options(nomem, nostack, preserves_flags));
    };
}

/// Whether some row takes a float or a vector from an accumulator that it has not set itself, or leaves one there only.
const fn carries_more(mut rows: &[Sequence]) -> bool {
    while let [row, rest @ ..] = rows {
        let (mut made, mut made_before) = (Made::NONE, Made::NONE);
        let mut i = 0;
        while i < row.len() {
            let (op, form) = row[i];
            if made.lacks_operand(op, form, true) || made_before.lacks_operand(op, form, false) {
                return true;
            }
            made_before = made;
            made = made.and(classes(op).result);
            i += 1;
        }
        let (last, form) = row[row.len() - 1];
        if !stores(form) && Made::NONE.lacks(classes(last).result) {
            return true;
        }
        rows = rest;
    }
    false
}

const fn are_consecutive(mut numbers: &[u16]) -> bool {
    while let [number, rest @ ..] = numbers {
        if !rest.is_empty() && rest[0] != *number + 1 {
            return false;
        }
        numbers = rest;
    }
    true
}

/// Accumulators that have been set, of those that the loop does not carry.
#[derive(Clone, Copy)]
struct Made {
    f32: bool,
    f64: bool,
    vector: bool,
}

impl Made {
    const NONE: Self = Self { f32: false, f64: false, vector: false };

    const fn and(self, class: Option<Class>) -> Self {
        match class {
            Some(Class::F32) => Self { f32: true, ..self },
            Some(Class::F64) => Self { f64: true, ..self },
            Some(Class::Vector) => Self { vector: true, ..self },
            Some(Class::Int) | None => self,
        }
    }

    /// Whether this is such a class and has not been set.
    const fn lacks(self, class: Option<Class>) -> bool {
        match class {
            Some(Class::F32) => !self.f32,
            Some(Class::F64) => !self.f64,
            Some(Class::Vector) => !self.vector,
            Some(Class::Int) | None => false,
        }
    }

    /// Whether such a one is an operand that the op takes from accumulators: as they are, or were before the op before.
    const fn lacks_operand(self, op: Op, form: Flags, as_they_are: bool) -> bool {
        let mut fields = op.shape().fields();
        while let [field, rest @ ..] = fields {
            if let Field::Slot(at) | Field::Slot128(at) = *field {
                let flag = if as_they_are { from(at) } else { earlier(at) };
                if form & flag != 0 && self.lacks(classes(op).operand_at(at)) {
                    return true;
                }
            }
            fields = rest;
        }
        false
    }
}

macro_rules! define_run {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        for_each_loop_row!(define_run_with_rows { $($name $shape)* });
    };
}

macro_rules! define_run_with_rows {
    (
        { $($name:ident $shape:ident)* }
        arms { $($number:literal $(($op:ident $form:ident))+;)* }
        called { $($called_number:literal $(($called_op:ident $called_form:ident))+;)* }
    ) => {
        const ROWS: &[Sequence] = if cfg!(wapiti_loop_rows) {
            &[$(&[$((Op::$op, named::$form)),+],)* $(&[$((Op::$called_op, named::$called_form)),+]),*]
        } else {
            &[]
        };
        const _: () = assert!(!carries_more(ROWS), "the loop carries neither floats nor vectors");
        const NUMBERS: [u16; [$($number,)* $($called_number),*].len()] = [$($number,)* $($called_number),*];
        const _: () = assert!(Op::ALL.len() <= NUMBERS[0] as usize, "ops and rows share the numbers");
        const _: () = assert!(are_consecutive(&NUMBERS), "a called row's number says where its function is");

        /// What the rows without arms are executed by.
        #[cfg(wapiti_loop_rows)]
        static CALLED: [call::Row; [$($called_number),*].len()] =
            [$(call::row_handler::<($(One<op_types::$called_op, named::$called_form>,)+)>),*];
        /// The first one's number.
        #[cfg(wapiti_loop_rows)]
        const FIRST_CALLED: usize = [$($called_number),*][0];

        /// See [`super::run`].
        #[allow(clippy::pointers_in_nomem_asm_block, reason = "the assembly is a comment")]
        #[allow(clippy::manual_range_patterns, reason = "with a range there is a comparison before each jump")]
        pub(super) unsafe fn run(st: State) -> Exit {
            // As variables of their own: LLVM leaves a struct that so many arms share in memory.
            #[allow(unused_mut, reason = "not every processor has its registers settled")]
            let (mut ip, mut fp, mut cx) = (st.ip, st.fp(), st.cx());
            // SAFETY: INV-CODE, by the caller at first and by every op's own contract afterwards: linking wrote
            // the numbers of ops and rows only. The assembly is a comment.
            unsafe {
                let mut int = (*st.acc()).int;
                loop {
                    settle!(ip, fp, cx);
                    // Looks at each arm's end by itself: what leaves needs another state than what goes on. As ways out
                    // are said to be cold, arms are not, and LLVM inlines them.
                    macro_rules! go_on {
                        ($outcome:expr) => {
                            if let Err(exit) = $outcome {
                                cold_path();
                                return Exit(exit as u32);
                            }
                        };
                    }
                    macro_rules! arm_of {
                        ($arm:expr, $step:ty) => {{
                            go_on!(arm::<$step>(&mut ip, &mut fp, cx, &mut int));
                            end_apart!($arm);
                        }};
                    }
                    let number = header_at(ip);
                    match number {
                        $(base::$name if const { has_arm(Shape::$shape) } => {
                            arm_of!(base::$name, One<op_types::$name, named::Base>)
                        })*
                        $(#[cfg(wapiti_loop_rows)]
                        $number => arm_of!($number, ($(One<op_types::$op, named::$form>,)+)),)*
                        #[cfg(wapiti_loop_rows)]
                        $($called_number)|* => go_on!(called_row(number, &mut ip, &mut fp, cx, &mut int)),
                        $(base::$name)|* => go_on!(arm::<Called>(&mut ip, &mut fp, cx, &mut int)),
                        _ => unreachable_unchecked(),
                    }
                }
            }
        }
    };
}

for_each_op!(define_run);

/// The number of the arm for each op in each form; 0 where there is none, as the first op's base form is not asked for.
static FORM_NUMBERS: [[u16; COLUMNS]; Op::ALL.len()] = {
    let mut numbers = [[0; COLUMNS]; Op::ALL.len()];
    let mut row = 0;
    while row < ROWS.len() {
        if ROWS[row].len() == 1 {
            let (op, form) = ROWS[row][0];
            numbers[op as usize][column(form).expect("it is a form outside of sequences")] = NUMBERS[row];
        }
        row += 1;
    }
    numbers
};

const TRIE: Trie = fusion::build(ROWS);
static STEPS: Steps = TRIE.steps;
static FUSED: [u16; NUMBERS.len()] = TRIE.in_places(&NUMBERS);

/// The sequences with an arm of their own.
pub(super) static FUSION: Fusion = Fusion::new(&STEPS, |place| FUSED[place].into());

/// The arm of an op in this form.
pub(super) fn form(op: Op, form: Flags) -> Option<usize> {
    if form == named::Base {
        return Some(word_of(op));
    }
    match FORM_NUMBERS[op as usize][column(form)?] {
        0 => None,
        number => Some(number.into()),
    }
}
