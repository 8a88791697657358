//! What is asked of an engine, and the sequence of questions that makes a transcript.
//!
//! Modules are instantiated one after the other in one store: `m0`, `m1` ... are the module names under which later
//! ones import what earlier ones export, every other import is the host's. Then every exported function is called
//! with several tuples of arguments, and after each step everything that is exported is looked at.

use std::borrow::Cow;

use crate::check::{Case, Nans};
use crate::noise::Noise;
use crate::transcript::{MemoryState, State, Step, TableState, Transcript};
use crate::value::{Digest, End, F32_NAN, F64_NAN, Signature, TrapKind, Type, Value};

/// An engine with a store, in which modules have been instantiated.
pub trait Subject {
    /// Instantiates a module and keeps its exports.
    fn instantiate(&mut self, module: &[u8]) -> End;
    /// The functions exported so far, by all instances.
    fn funcs(&self) -> Vec<Signature>;
    /// Calls function number `func` of these.
    fn call(&mut self, func: usize, args: &[Value]) -> End;
    /// Sets every exported global called [`FUEL`].
    fn refuel(&mut self, fuel: i32);
    /// The values of all exported globals.
    fn globals(&mut self) -> Vec<Value>;
    /// The elements of all exported tables.
    fn tables(&mut self) -> Vec<Vec<Value>>;
    /// The bytes of all exported memories.
    fn memories(&self) -> Vec<Cow<'_, [u8]>>;
    /// What host functions have been told.
    fn host_digest(&self) -> Digest;
}

/// The global that limits how long a random module runs.
pub const FUEL: &str = "fuel of the differential tests";

/// Cells of these addresses hold an `f32` each and are only accessed as such, if the case says so.
pub(crate) const F32_CELLS: std::ops::Range<usize> = 0x2000..0x3000;
/// Likewise with `f64`.
pub(crate) const F64_CELLS: std::ops::Range<usize> = 0x3000..0x4000;

const PAGE_BYTES: usize = 65_536;
const CHUNK_BYTES: usize = 4096;
static ZEROS: [u8; CHUNK_BYTES] = [0; CHUNK_BYTES];

/// Runs a case.
pub(crate) fn run(subject: &mut impl Subject, case: &Case) -> Transcript {
    let mut transcript = Transcript::default();
    for (number, module) in case.modules.iter().enumerate() {
        let end = subject.instantiate(module);
        let is_instance = matches!(end, End::Returned(_));
        transcript.steps.push(Step::Instantiate { module: number, end, state: look(subject, case) });
        if !is_instance {
            return transcript;
        }
    }
    let funcs = subject.funcs();
    for (number, signature) in funcs.iter().enumerate() {
        for round in 0..case.rounds {
            let seed = case.seed.wrapping_add(number as u64);
            let Some(args) = arguments(signature, round, seed, case.nans) else { continue };
            subject.refuel(case.fuel);
            let end = subject.call(number, &args);
            // What comes after it depends on how much fits on the stack; and once is enough to wait.
            let is_last = matches!(
                end,
                End::Trapped(TrapKind::StackExhausted | TrapKind::HeapExhausted | TrapKind::Interrupted)
            );
            transcript.steps.push(Step::Call { func: number, args, end, state: look(subject, case) });
            if is_last {
                return transcript;
            }
        }
    }
    transcript
}

/// Looks at everything that is exported.
fn look(subject: &mut impl Subject, case: &Case) -> State {
    let table = |elements: Vec<Value>| {
        let mut digest = Digest::default();
        elements.iter().for_each(|element| element.digest(&mut digest));
        TableState { len: elements.len(), digest }
    };
    State {
        globals: subject.globals(),
        tables: subject.tables().into_iter().map(table).collect(),
        memories: subject.memories().into_iter().map(|bytes| memory_state(&bytes, case)).collect(),
        host: subject.host_digest(),
    }
}

fn memory_state(bytes: &[u8], case: &Case) -> MemoryState {
    let has_float_cells = case.nans == Nans::InCells;
    let chunk_state = |(number, chunk): (usize, &[u8])| {
        let start = number * CHUNK_BYTES;
        if has_float_cells && F32_CELLS.contains(&start) {
            f32_cells_digest(chunk)
        } else if has_float_cells && F64_CELLS.contains(&start) {
            f64_cells_digest(chunk)
        } else {
            bytes_digest(chunk)
        }
    };
    let chunks = bytes.chunks(CHUNK_BYTES).enumerate().map(chunk_state).collect();
    MemoryState { pages: bytes.len() / PAGE_BYTES, chunks }
}

fn bytes_digest(chunk: &[u8]) -> Digest {
    // Most of them, in most cases.
    if chunk == &ZEROS[..chunk.len()] {
        return Digest(0);
    }
    // Four digests at a time, because each waits for its previous step.
    let mut digests = [Digest(1), Digest(2), Digest(3), Digest(4)];
    for words in chunk.as_chunks::<32>().0 {
        for (digest, word) in digests.iter_mut().zip(words.as_chunks::<8>().0) {
            digest.add(u64::from_le_bytes(*word));
        }
    }
    let mut digest = Digest::default();
    digests.iter().for_each(|part| digest.add(part.0));
    digest
}

fn f32_cells_digest(chunk: &[u8]) -> Digest {
    let mut digest = Digest::default();
    for cell in chunk.as_chunks::<4>().0 {
        let bits = u32::from_le_bytes(*cell);
        digest.add(if f32::from_bits(bits).is_nan() { F32_NAN } else { bits }.into());
    }
    digest
}

fn f64_cells_digest(chunk: &[u8]) -> Digest {
    let mut digest = Digest::default();
    for cell in chunk.as_chunks::<8>().0 {
        let bits = u64::from_le_bytes(*cell);
        digest.add(if f64::from_bits(bits).is_nan() { F64_NAN } else { bits });
    }
    digest
}

/// The arguments of call number `round`: first the same extreme for all parameters, then mixtures. None if the host cannot
/// make them.
fn arguments(signature: &Signature, round: u32, seed: u64, nans: Nans) -> Option<Vec<Value>> {
    let mut noise = Noise::new(seed.wrapping_mul(31).wrapping_add(round.into()));
    let argument = |ty: &Type| match round {
        _ if matches!(ty, Type::Ref { .. }) => ty.reference(noise.next_u64() >> (8 * (round % 8))),
        0..EXTREMES => Some(extreme(*ty, round)),
        _ if noise.below(3) == 0 => Some(extreme(*ty, noise.below(EXTREMES as usize) as u32)),
        _ => Some(any_value(*ty, &mut noise)),
    };
    let without_nan = |value| match value {
        Value::F32(F32_NAN) if nans == Nans::Rare => Value::f32(0x3F80_0000),
        Value::F64(F64_NAN) if nans == Nans::Rare => Value::f64(0x3FF0_0000_0000_0000),
        value => value,
    };
    signature.params.iter().map(argument).map(|value| value.map(without_nan)).collect()
}

const EXTREMES: u32 = 6;

fn extreme(ty: Type, which: u32) -> Value {
    let which = which as usize;
    match ty {
        Type::I32 => Value::I32([0, 1, -1, i32::MIN, i32::MAX, 8][which]),
        Type::I64 => Value::I64([0, 1, -1, i64::MIN, i64::MAX, 8][which]),
        Type::F32 => Value::f32([0.0, 1.0, -1.0, f32::NEG_INFINITY, f32::MAX, f32::NAN][which].to_bits()),
        Type::F64 => Value::f64([0.0, 1.0, -1.0, f64::NEG_INFINITY, f64::MAX, f64::NAN][which].to_bits()),
        Type::V128 => Value::V128([0, 1, u128::MAX, 1 << 127, 0x80 << 56, 0x3F80_0000 << 32][which]),
        Type::Func => Value::Func(None),
        Type::Extern => Value::Extern([None, Some(1), Some(2), None, Some(4), Some(5)][which]),
        Type::Ref { .. } => unreachable!("references of other types are made of bits"),
    }
}

fn any_value(ty: Type, noise: &mut Noise) -> Value {
    let bits = noise.next_u64();
    // Small numbers get further in most programs than large ones.
    let shift = noise.below(64) as u32;
    match ty {
        Type::I32 => Value::I32(bits as i32 >> (shift / 2)),
        Type::I64 => Value::I64(bits.cast_signed() >> shift),
        Type::F32 if shift < 8 => Value::f32(bits as u32),
        Type::F32 => Value::f32((bits as i32 as f32 / 65536.0).to_bits()),
        Type::F64 if shift < 8 => Value::f64(bits),
        Type::F64 => Value::f64((bits.cast_signed() as f64 / 65536.0 / 65536.0).to_bits()),
        Type::V128 => Value::V128(u128::from(bits) << shift | u128::from(bits)),
        Type::Func => Value::Func(None),
        Type::Extern => Value::Extern(Some(bits as u32)),
        Type::Ref { .. } => unreachable!("references of other types are made of bits"),
    }
}
