//! What an engine did with a case, step by step, and where two engines part.

use std::fmt;

use crate::value::{Digest, End, TrapKind, Value};

/// Everything that could be seen while a case ran.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    pub(crate) steps: Vec<Step>,
}

/// One step, and what could be seen after it.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Instantiate { module: usize, end: End, state: State },
    Call { func: usize, args: Vec<Value>, end: End, state: State },
}

/// Everything that instances export, but for functions.
#[derive(Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) globals: Vec<Value>,
    pub(crate) tables: Vec<TableState>,
    pub(crate) memories: Vec<MemoryState>,
    pub(crate) host: Digest,
}

/// A table's length, and a digest of its elements.
#[derive(Debug, PartialEq)]
pub(crate) struct TableState {
    pub(crate) len: usize,
    pub(crate) digest: Digest,
}

/// A memory's size, and a digest of each 4 KiB.
#[derive(Debug, PartialEq)]
pub(crate) struct MemoryState {
    pub(crate) pages: usize,
    pub(crate) chunks: Vec<Digest>,
}

/// How a comparison went.
pub(crate) enum Comparison {
    Same,
    /// One engine gave up where that is its right, so the rest was not compared.
    Incomparable,
    /// What differs, as text.
    Different(String),
}

impl Transcript {
    /// How the steps ended.
    pub(crate) fn ends(&self) -> impl Iterator<Item = &End> {
        self.steps.iter().map(Step::end)
    }

    /// Compares two transcripts of the same case. `may_give_up` is for different engines: it allows that one refuses a
    /// module or runs out of stack where the other does not.
    pub(crate) fn compare(&self, other: &Self, may_give_up: bool) -> Comparison {
        for (number, (one, two)) in self.steps.iter().zip(&other.steps).enumerate() {
            if may_give_up && (one.end().is_giving_up() || two.end().is_giving_up()) {
                return Comparison::Incomparable;
            }
            if one != two && !(may_give_up && one.is_unaligned_and_out_of_bounds(two)) {
                return Comparison::Different(format!("step {number}: {}", difference(one, two)));
            }
        }
        let (one, two) = (self.steps.len(), other.steps.len());
        if one == two { Comparison::Same } else { Comparison::Different(format!("{one} and {two} steps")) }
    }
}

impl Step {
    fn end(&self) -> &End {
        match self {
            Self::Instantiate { end, .. } | Self::Call { end, .. } => end,
        }
    }

    /// Whether one engine has found an atomic access unaligned and the other one out of bounds, with nothing else
    /// different. An access may be both. Wapiti always looks at the alignment first; Wasmtime does not where the sum of
    /// address and offset of `memory.atomic.notify` or a wait has more than 32 bits.
    fn is_unaligned_and_out_of_bounds(&self, other: &Self) -> bool {
        let ends = (self.end(), other.end());
        let traps = (&End::Trapped(TrapKind::UnalignedAtomic), &End::Trapped(TrapKind::MemoryOutOfBounds));
        ends == traps && self.state() == other.state()
    }

    fn state(&self) -> &State {
        match self {
            Self::Instantiate { state, .. } | Self::Call { state, .. } => state,
        }
    }
}

impl End {
    fn is_giving_up(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Trapped(TrapKind::StackExhausted | TrapKind::HeapExhausted))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instantiate { module, .. } => write!(f, "instantiating m{module}"),
            Self::Call { func, args, .. } => write!(f, "calling exported function {func} with {args:?}"),
        }
    }
}

/// Says what differs between two steps that are not equal.
fn difference(one: &Step, two: &Step) -> String {
    if one.end() != two.end() {
        return format!("{one} ends in {:?} and {:?}", one.end(), two.end());
    }
    let (here, there) = (one.state(), two.state());
    let mut parts = Vec::new();
    for (number, (a, b)) in here.globals.iter().zip(&there.globals).enumerate() {
        if a != b {
            parts.push(format!("exported global {number} is {a:?} and {b:?}"));
        }
    }
    for (number, (a, b)) in here.tables.iter().zip(&there.tables).enumerate() {
        if a != b {
            parts.push(format!("exported table {number} is {a:?} and {b:?}"));
        }
    }
    for (number, (a, b)) in here.memories.iter().zip(&there.memories).enumerate() {
        if a.pages != b.pages {
            parts.push(format!("exported memory {number} has {} and {} pages", a.pages, b.pages));
        }
        let chunks = a.chunks.iter().zip(&b.chunks).enumerate().filter(|(_, (a, b))| a != b);
        let starts: Vec<_> = chunks.map(|(chunk, _)| format!("{:#x}", chunk * 4096)).collect();
        if !starts.is_empty() {
            parts.push(format!("exported memory {number} differs in the 4 KiB at {}", starts.join(", ")));
        }
    }
    if here.host != there.host {
        parts.push("host functions were called differently".to_owned());
    }
    if parts.is_empty() {
        parts.push(format!("{one:?} and {two:?}"));
    }
    format!("after {one}, which ended in {:?}: {}", one.end(), parts.join("; "))
}
