//! What an op reads and writes: for people who watch it, not for executing it.
//!
//! In goes an op about to be executed, out come places. Most follow from the op's shape; what cells lead to (memory,
//! globals, arguments of calls) is worked out here. Nothing is changed and nothing is assumed of operands: an address
//! out of bounds is a place like any other.

use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use super::driver::Run;
use super::state::{State, call_site, callee_word};
use crate::isa::eval;
use crate::isa::ops::{Op, for_each_op};
use crate::isa::shape::{A, B, C, D, D2, E, F, F2, Field, Shape};
use crate::runtime::{Access, FrameHeader, FuncPlace, Place};
use crate::types::{FuncIdx, TagIdx, TypeIdx};

/// What one op reads and writes.
#[derive(Default)]
pub(super) struct Accesses {
    pub(super) reads: Vec<Access>,
    pub(super) writes: Vec<Access>,
}

impl Accesses {
    /// Of the op at `st`, with the values as they are.
    ///
    /// # Safety
    /// INV-STATE: `st` is the state of `run` between two ops.
    pub(super) unsafe fn of(run: &Run, st: State, op: Op) -> Self {
        let mut accesses = Self::default();
        // SAFETY: by the caller; the fields that are asked for are those of the op's shape.
        unsafe {
            accesses.add_operands(st, op);
            accesses.add_what_operands_lead_to(run, st, op);
            accesses.fill(run, st);
        }
        accesses
    }

    /// Looks up the values of what is written again.
    ///
    /// # Safety
    /// As for [`of`](Self::of): `st` is the state before the op.
    pub(super) unsafe fn refresh_writes(&mut self, run: &Run, st: State) {
        for access in &mut self.writes {
            // SAFETY: by the caller; the frame's cells lie in the value stack whether it is still in use or not.
            access.value = unsafe { value_at(run, st, access.place) };
        }
    }

    fn read(&mut self, place: Place) {
        self.reads.push(Access { place, value: None });
    }

    fn write(&mut self, place: Place) {
        self.writes.push(Access { place, value: None });
    }

    fn read_cells(&mut self, first: u32, count: u32) {
        (first..first + count).for_each(|cell| self.read(Place::Cell(cell)));
    }

    fn write_cells(&mut self, first: u32, count: u32) {
        (first..first + count).for_each(|cell| self.write(Place::Cell(cell)));
    }

    /// The cells that the op's fields name.
    unsafe fn add_operands(&mut self, st: State, op: Op) {
        // SAFETY: by the caller.
        unsafe {
            match op.shape() {
                // Their fields name the first of several cells.
                Shape::copy_span => {
                    self.read_cells(st.u32(E), st.u32(B));
                    self.write_cells(st.u32(D), st.u32(B));
                    return;
                }
                Shape::zero_span => return self.write_cells(st.u32(D), st.u32(E)),
                Shape::return_span => {
                    self.read_cells(st.u32(B), st.u32(D));
                    return self.write_cells(0, st.u32(D));
                }
                Shape::return_call | Shape::return_call_import => return,
                Shape::return_call_indirect | Shape::return_call_ref => {
                    return self.read(Place::Cell(st.u16(D) as u32));
                }
                _ => {}
            }
            for field in op.shape().fields() {
                match *field {
                    Field::Dst(at) => self.write(Place::Cell(st.u16(at) as u32)),
                    Field::Dst128(at) => self.write_cells(st.u16(at) as u32, 2),
                    Field::Slot128(at) => self.read_cells(st.u16(at) as u32, 2),
                    Field::Slot(at) => self.read(Place::Cell(st.u16(at) as u32)),
                    Field::Dst32(at) => self.write(Place::Cell(st.u32(at))),
                    Field::Slot32(at) => self.read(Place::Cell(st.u32(at))),
                    _ => {}
                }
            }
        }
    }

    /// What the op reaches by way of its operands.
    unsafe fn add_what_operands_lead_to(&mut self, run: &Run, st: State, op: Op) {
        // SAFETY: by the caller.
        unsafe {
            // INV-CELL: what has 32 bits fills its cell zero-extended.
            let cell = |at| st.get::<u64>(at);
            let bytes = |at| Place::Memory { index: 0, address: cell(at), len: cell(C) };
            let own_globals = run.instance().module.info.imported.globals;
            match op.shape() {
                Shape::load
                | Shape::load_at
                | Shape::load_indexed
                | Shape::load_long
                | Shape::load_long_indexed
                | Shape::load_far
                | Shape::load_shared
                | Shape::vector_load
                | Shape::vector_load_at
                | Shape::vector_load_indexed
                | Shape::vector_load_lane
                | Shape::vector_load_far
                | Shape::vector_load_lane_far => self.read(memory_operand(st, op)),
                Shape::vector_store
                | Shape::vector_store_at
                | Shape::vector_store_indexed
                | Shape::vector_store_lane
                | Shape::vector_store_far
                | Shape::vector_store_lane_far => self.write(memory_operand(st, op)),
                Shape::atomic_load | Shape::leave_wait => self.read(memory_operand(st, op)),
                Shape::atomic_store => self.write(memory_operand(st, op)),
                Shape::atomic_rmw | Shape::atomic_cmpxchg => {
                    self.read(memory_operand(st, op));
                    self.write(memory_operand(st, op));
                }
                Shape::store | Shape::store_at | Shape::store_indexed => self.write(memory_operand(st, op)),
                Shape::store_imm | Shape::store_imm_at | Shape::store_imm_indexed => {
                    self.write(memory_operand(st, op));
                }
                Shape::store_long | Shape::store_long_imm | Shape::store_long_indexed | Shape::store_far => {
                    self.write(memory_operand(st, op))
                }
                Shape::global_get | Shape::global_get_vector => {
                    self.read(Place::Global(st.u32(B) + own_globals))
                }
                Shape::global_get_imported | Shape::global_get_vector_imported => {
                    self.read(Place::Global(st.u32(B)));
                }
                Shape::global_set | Shape::global_set_vector => {
                    self.write(Place::Global(st.u32(B) + own_globals))
                }
                Shape::global_set_imported | Shape::global_set_vector_imported => {
                    self.write(Place::Global(st.u32(B)));
                }
                Shape::memory_copy => {
                    self.read(bytes(B));
                    self.write(bytes(A));
                }
                Shape::memory_fill => self.write(bytes(A)),
                Shape::return_one => self.write(Place::Cell(0)),
                Shape::return_vector => self.write_cells(0, 2),
                Shape::call => {
                    let callee = callee_word(st.ip).load(Ordering::Acquire);
                    let callee = core::ptr::with_exposed_provenance::<FrameHeader>(callee);
                    // INV-FRAME: every entry and every stub has a header before it.
                    let func = FuncIdx(callee.sub(1).read().func);
                    self.read_cells(st.u32(B), run.instance().module.info.func_type(func).param_cells());
                }
                Shape::throw => {
                    let tag = TagIdx(st.u32(D));
                    self.read_cells(st.u32(B), run.instance().module.info.tag_type(tag).param_cells());
                }
                Shape::call_import | Shape::call_indirect | Shape::call_ref => self.add_call(run, st, op),
                Shape::return_call
                | Shape::return_call_import
                | Shape::return_call_indirect
                | Shape::return_call_ref => self.add_tail_call(run, st, op),
                Shape::leave_get | Shape::leave_unary | Shape::leave_binary | Shape::leave_effect => {
                    self.add_entity(st, op);
                }
                _ => {}
            }
        }
    }

    /// Arguments of a call that may leave the instance, and the results if the host is called: those of a guest are
    /// written by its own return.
    unsafe fn add_call(&mut self, run: &Run, st: State, op: Op) {
        // SAFETY: by the caller.
        unsafe {
            let window = st.u32(B);
            if op.shape() == Shape::call_indirect {
                self.read(Place::Table(st.u16(D2) as u32));
            }
            self.read_cells(window, params_of_call(run, st, op));
            if let Some(results) = host_results(run, st, op) {
                self.write_cells(window, results);
            }
        }
    }

    /// Arguments of a tail call, and the current frame's window, which they or the host's results go to.
    unsafe fn add_tail_call(&mut self, run: &Run, st: State, op: Op) {
        // SAFETY: by the caller.
        unsafe {
            let arguments = st.u32(F);
            if op.shape() == Shape::return_call_indirect {
                self.read(Place::Table(st.u16(D2) as u32));
            }
            self.read_cells(st.u32(B), arguments);
            let results = if op.shape() == Shape::return_call { None } else { host_results(run, st, op) };
            self.write_cells(0, results.unwrap_or(arguments));
        }
    }

    /// What the ops of the driver's reach.
    unsafe fn add_entity(&mut self, st: State, op: Op) {
        // SAFETY: by the caller; all of these have their index at D.
        unsafe {
            let index = st.u32(D);
            let bytes = |index, at| Place::Memory { index, address: st.get(at), len: st.get(C) };
            match op {
                Op::MemoryInit => self.write(bytes(st.u32(E), A)),
                Op::MemoryFillFar => self.write(bytes(index, A)),
                Op::MemoryCopyFar => {
                    self.read(bytes(st.u32(E), B));
                    self.write(bytes(index, A));
                }
                Op::TableGet => self.read(Place::Table(index)),
                Op::TableSet | Op::TableGrow | Op::TableFill => self.write(Place::Table(index)),
                Op::TableCopy => {
                    self.read(Place::Table(st.u32(E)));
                    self.write(Place::Table(index));
                }
                Op::TableInit => self.write(Place::Table(st.u32(E))),
                _ => {}
            }
        }
    }

    unsafe fn fill(&mut self, run: &Run, st: State) {
        for access in self.reads.iter_mut().chain(&mut self.writes) {
            // SAFETY: by the caller.
            access.value = unsafe { value_at(run, st, access.place) };
        }
    }
}

/// How many cells of arguments a call takes that may leave the instance.
unsafe fn params_of_call(run: &Run, st: State, op: Op) -> u32 {
    let info = &run.instance().module.info;
    // SAFETY: by the caller.
    unsafe {
        match op.shape() {
            Shape::call_import => info.func_type(FuncIdx(st.u32(D))).param_cells(),
            Shape::call_indirect => info.func_type_at(TypeIdx(call_site(st.ip).ty)).param_cells(),
            // A call through null reads nothing but the reference.
            _ => match st.get::<u64>(D) {
                0 => 0,
                reference => run.store().func_type(reference).param_cells(),
            },
        }
    }
}

/// How many cells of results the host will write; `None` if the call does not reach the host.
unsafe fn host_results(run: &Run, st: State, op: Op) -> Option<u32> {
    // SAFETY: by the caller.
    match unsafe { run.callee(st, op) } {
        Ok(FuncPlace::Host(addr)) => Some(run.store().host_funcs[addr].ty().result_cells()),
        _ => None,
    }
}

/// The bytes that a load or a store accesses.
unsafe fn memory_operand(st: State, op: Op) -> Place {
    let mut index = 0;
    // SAFETY: by the caller. An address that would wrap around is as far out of bounds as the highest one.
    let address = unsafe {
        let sum = |a, b| u64::from(st.get::<u32>(a).wrapping_add(st.get::<u32>(b))) + u64::from(st.u32(D));
        let long = |a: u64| a.saturating_add(st.u64(D));
        let long_sum = |a, b| long(st.get::<u64>(a).wrapping_add(st.get(b)));
        match op.shape() {
            Shape::load | Shape::vector_load | Shape::vector_load_lane => {
                u64::from(st.get::<u32>(B)) + u64::from(st.u32(D))
            }
            Shape::store | Shape::store_imm | Shape::vector_store | Shape::vector_store_lane => {
                u64::from(st.get::<u32>(A)) + u64::from(st.u32(D))
            }
            Shape::load_indexed | Shape::vector_load_indexed => sum(B, C),
            Shape::store_indexed | Shape::store_imm_indexed | Shape::vector_store_indexed => sum(A, C),
            Shape::vector_load_lane_far => {
                index = st.u16(F) as u32;
                long(st.get(B))
            }
            Shape::vector_store_lane_far => {
                index = st.u16(F) as u32;
                long(st.get(A))
            }
            Shape::load_long => long(st.get(B)),
            Shape::load_long_indexed => long_sum(B, C),
            Shape::store_long | Shape::store_long_imm => long(st.get(A)),
            Shape::store_long_indexed => long_sum(A, C),
            Shape::load_far | Shape::load_shared | Shape::atomic_load | Shape::vector_load_far => {
                index = st.u16(C) as u32;
                long(st.get(B))
            }
            Shape::store_far | Shape::store_shared | Shape::atomic_store | Shape::vector_store_far => {
                index = st.u16(C) as u32;
                long(st.get(A))
            }
            Shape::atomic_rmw => {
                index = st.u16(F) as u32;
                long(st.get(B))
            }
            Shape::atomic_cmpxchg | Shape::leave_wait => {
                index = st.u16(F2) as u32;
                long(st.get(B))
            }
            _ => st.u64(D),
        }
    };
    Place::Memory { index, address, len: WIDTHS[op as usize].into() }
}

/// The value at a place.
unsafe fn value_at(run: &Run, st: State, place: Place) -> Option<u64> {
    match place {
        // SAFETY: INV-FRAME: the op names cells of its own frame only.
        Place::Cell(cell) => Some(unsafe { st.fp().add(cell as usize).read() }),
        Place::Global(idx) => Some(run.instance().global_cell(idx as usize)),
        Place::Memory { index, address, len } => {
            let memory = run.instance().memories.get(index as usize)?;
            // SAFETY: INV-ARENA: the memory lives as long as the store, and nothing runs at the moment.
            let memory = unsafe { memory.as_ref() };
            let mut word = [0; size_of::<u64>()];
            memory.read(address, word.get_mut(..usize::try_from(len).ok()?)?).ok()?;
            Some(u64::from_le_bytes(word))
        }
        Place::Table(_) => None,
    }
}

/// Bytes that a load or a store accesses: read off the types of its meaning.
mod width {
    use crate::exec::shapes::Word;

    pub(super) const fn load<const N: usize, R>(_: fn([u8; N]) -> R) -> u8 {
        N as u8
    }

    pub(super) const fn load_lane<const N: usize, X>(_: fn([u8; N], X, u8) -> X) -> u8 {
        N as u8
    }

    pub(super) const fn store<const N: usize, V>(_: fn(V) -> [u8; N]) -> u8 {
        N as u8
    }

    pub(super) const fn atomic_load<W: Word>(_: fn(&W) -> u64) -> u8 {
        W::BYTES as u8
    }

    pub(super) const fn atomic_store<W: Word>(_: fn(&W, u64)) -> u8 {
        W::BYTES as u8
    }

    pub(super) const fn atomic_rmw<W: Word>(_: fn(&W, u64) -> u64) -> u8 {
        W::BYTES as u8
    }

    pub(super) const fn atomic_cmpxchg<W: Word>(_: fn(&W, u64, u64) -> u64) -> u8 {
        W::BYTES as u8
    }
}

macro_rules! width_row {
    (load $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (load_at $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (load_indexed $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (load_shared $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (store_shared $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (atomic_load $meaning:ident) => {
        width::atomic_load(eval::$meaning)
    };
    (atomic_store $meaning:ident) => {
        width::atomic_store(eval::$meaning)
    };
    (atomic_rmw $meaning:ident) => {
        width::atomic_rmw(eval::$meaning)
    };
    (atomic_cmpxchg $meaning:ident) => {
        width::atomic_cmpxchg(eval::$meaning)
    };
    (load_long $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (load_long_indexed $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (load_far $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (store_long $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_long_indexed $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_long_imm $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_far $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_at $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_indexed $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_imm $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_imm_at $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (store_imm_indexed $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (vector_load $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (vector_load_at $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (vector_load_indexed $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (vector_load_far $meaning:ident) => {
        width::load(eval::$meaning)
    };
    (vector_store_far $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (vector_load_lane_far $meaning:ident) => {
        width::load_lane(eval::$meaning)
    };
    (vector_store_lane_far $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (vector_load_lane $meaning:ident) => {
        width::load_lane(eval::$meaning)
    };
    (vector_store $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (vector_store_at $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (vector_store_indexed $meaning:ident) => {
        width::store(eval::$meaning)
    };
    (vector_store_lane $meaning:ident) => {
        width::store(eval::$meaning)
    };
    ($other:ident $meaning:ident) => {
        0
    };
}

macro_rules! define_widths {
    ($($name:ident $mnemonic:literal $shape:ident $meaning:ident [$($relations:tt)*];)*) => {
        static WIDTHS: [u8; Op::ALL.len()] = [$(width_row!($shape $meaning)),*];
    };
}

for_each_op!(define_widths);
