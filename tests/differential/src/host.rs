//! The host that all engines give to the modules: what imported functions do, and what else can be imported.
//!
//! A host function folds its arguments into a log, and everything it does follows from the log, so that two engines
//! that make the same calls get the same answers.

use crate::value::{Digest, Type, Value};

/// The data of a store: what host functions have been told so far.
#[derive(Debug, Default)]
pub struct HostLog {
    /// All calls, and their arguments.
    pub digest: Digest,
    /// Host functions that have called back and are waiting.
    pub nesting: u32,
}

/// What a host function does.
pub struct Answer {
    /// What it returns.
    pub results: Vec<Value>,
    /// What it does before.
    pub deed: Deed,
}

/// What a host function does besides returning results.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Only returns.
    Nothing,
    /// Fails instead of returning.
    Fail,
    /// Grows the caller's memory called [`MEMORY`] by a page, if there is one.
    Grow,
    /// Calls the caller's function called [`BACK`], if there is one.
    CallBack,
    /// Throws an exception with this number and the caller's tag called [`TAG`], if there is one.
    Throw(i32),
}

/// The memory that host functions grow.
pub const MEMORY: &str = "memory";

/// The function, without parameters, that host functions call back.
pub const BACK: &str = "back";

/// The tag, for an `i32`, of exceptions that host functions throw.
pub const TAG: &str = "tag";

/// Host functions that may wait for calls back at the same time.
const MAX_NESTING: u32 = 3;

impl HostLog {
    /// What the host function for the import `import` does when it is called with `args`.
    pub fn answer(&mut self, import: u32, args: &[Value], results: &[Type]) -> Answer {
        self.digest.add(import.into());
        args.iter().for_each(|arg| arg.digest(&mut self.digest));
        let can_answer =
            results.iter().all(|ty| !matches!(ty, Type::Ref { .. }) || ty.reference(0).is_some());
        let deed = match self.digest.0 % 64 {
            _ if !can_answer => Deed::Fail,
            0 => Deed::Fail,
            1..4 => Deed::Grow,
            24..28 => Deed::Throw(self.digest.0 as i32 >> 20),
            4..24 if self.nesting < MAX_NESTING => Deed::CallBack,
            _ => Deed::Nothing,
        };
        let results = results.iter().enumerate().map(|(number, ty)| self.result(*ty, number)).collect();
        Answer { results, deed }
    }

    fn result(&self, ty: Type, number: usize) -> Value {
        let bits = self.digest.0.rotate_left(number as u32 * 7);
        match ty {
            Type::I32 => Value::I32(bits as i32 >> (bits >> 60)),
            Type::I64 => Value::I64(bits.cast_signed() >> (bits >> 58)),
            Type::F32 => Value::F32((f32::from(bits as i8) * 0.25).to_bits()),
            Type::F64 => Value::F64((f64::from(bits as i16) * 0.25).to_bits()),
            Type::V128 => Value::V128(u128::from(bits) << 40 | u128::from(bits)),
            Type::Func => Value::Func(None),
            Type::Extern => Value::Extern((bits & 1 == 0).then_some(bits as u32 >> 8)),
            // It fails instead.
            Type::Ref { .. } => ty.reference(bits).unwrap_or(Value::Func(None)),
        }
    }
}

/// What an import is refused with that the host cannot make.
pub const IMPOSSIBLE: &str = "the host has no such value";
/// What a host function fails with.
pub const FAILURE: &str = "the host function fails";

/// The number of the earlier instance that a module of this name stands for, if it is one.
pub fn earlier_instance(module: &str) -> Option<usize> {
    module.strip_prefix('m')?.parse().ok()
}

/// A number that stands for an import's name. Its place in the list would not do, as engines list imports in different
/// orders.
pub fn import_number(module: &str, name: &str) -> u32 {
    let mut digest = Digest::default();
    module.bytes().for_each(|byte| digest.add(byte.into()));
    digest.add(0);
    name.bytes().for_each(|byte| digest.add(byte.into()));
    digest.0 as u32
}

/// The value of an imported global, if the host can make one.
pub fn global_value(ty: Type, import: u32) -> Option<Value> {
    Some(match ty {
        // Good for an offset of a segment, too.
        Type::I32 => Value::I32((import % 16).cast_signed()),
        Type::I64 => Value::I64(-i64::from(import)),
        Type::F32 => Value::F32((import as f32 + 0.5).to_bits()),
        Type::F64 => Value::F64((f64::from(import) - 0.5).to_bits()),
        Type::V128 => Value::V128(u128::from(import) << 64 | 7),
        Type::Func => Value::Func(None),
        Type::Extern => Value::Extern(Some(import)),
        Type::Ref { .. } => return ty.reference(import.into()),
    })
}
