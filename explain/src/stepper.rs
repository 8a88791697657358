//! A call executed op by op, forwards and back.
//!
//! In go a function and its arguments; out comes the state between two ops: frames, stack, memory, globals. Going
//! forwards at the front executes an op and notes what it changed, old and new; going back takes that back, going
//! forwards again puts it in place again. So states are the same however one comes to them, and nothing that has had an
//! effect on the world outside is executed twice.
//!
//! What changed is seen by comparing, and only where the op can have changed anything: a host function may have changed
//! all of memory, an op of the guest's only what it says it writes.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use wapiti::{Access, Error, Execution, Func, Place, Store, TracedFrame, TracedOp, Val, ValType};

/// Steps that can be taken back at most; older ones are forgotten.
const HISTORY: usize = 100_000;

/// A call that can be executed forwards and back.
pub struct Stepper<T: 'static> {
    execution: Execution,
    cells: Cells,
    /// How much the guest has written, by the embedder's measure.
    output: fn(&T) -> usize,
    state: State,
    /// The steps that are known, with the states' small parts before and after.
    steps: VecDeque<Step>,
    /// How many of them the state is behind.
    position: usize,
    /// The number of the first known step.
    first: u64,
}

/// A call between two ops.
#[derive(Clone, Debug)]
pub struct State {
    /// The value stack up to the end of the innermost frame. Cells that hold a way back, or nothing, are 0.
    pub stack: Vec<u64>,
    /// All of memory 0.
    pub memory: Vec<u8>,
    /// Types and values.
    pub globals: Vec<(ValType, u64)>,
    /// The rest, which is small.
    pub point: Rc<Point>,
}

/// Where a call is.
#[derive(Clone, Debug)]
pub struct Point {
    /// The frames, innermost first.
    pub frames: Vec<TracedFrame>,
    /// What is executed next, or has just failed; the last op once the call has returned.
    pub next: NextOp,
    /// How the call has ended, if it has.
    pub ended: Option<Ended>,
    /// How much the guest has written.
    pub output: usize,
}

/// An op about to be executed.
#[derive(Clone, Debug)]
pub struct NextOp {
    /// As in listings.
    pub name: &'static str,
    /// The function that it is in.
    pub function: u32,
    /// Byte offset in the function's code.
    pub position: u32,
    /// What it reads.
    pub reads: Vec<Access>,
    /// What it writes. In globals and memory with the values before.
    pub writes: Vec<Access>,
}

/// How a call ends.
#[derive(Clone, Debug)]
pub enum Ended {
    /// With these results.
    Returned(Vec<Val>),
    /// With a trap, or with an error of a host function.
    Failed(Rc<Error>),
}

/// Something that a step changed: from which place on, and what was and is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// The index of the first element.
    pub start: usize,
    /// What was there.
    pub old: Vec<T>,
    /// What is there now. Of another length where the whole became longer or shorter.
    pub new: Vec<T>,
}

/// What one step changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Cells of the value stack.
    pub stack: Vec<Change<u64>>,
    /// Bytes of memory.
    pub memory: Vec<Change<u8>>,
    /// Globals, by index.
    pub globals: Vec<Change<(ValType, u64)>>,
}

/// The value stack at the front, as it is and as it is shown.
///
/// What a frame leaves behind stays in the stack, ways back included, and so does what earlier calls have left. None of
/// that is shown: a cell is 0 until somebody writes a value there.
#[derive(Default)]
struct Cells {
    raw: Vec<u64>,
    shown: Vec<u64>,
}

struct Step {
    patch: Patch,
    before: Rc<Point>,
    after: Rc<Point>,
}

impl<T: 'static> Stepper<T> {
    /// Begins a call. `output` says how much the guest has written so far.
    ///
    /// # Errors
    ///
    /// As [`Func::start`].
    pub fn new(
        store: &mut Store<T>,
        func: Func,
        params: &[Val],
        output: fn(&T) -> usize,
    ) -> Result<Self, Error> {
        let mut execution = func.start(&mut *store, params)?;
        let written = output(store.data());
        let mut cells = Cells::default();
        let state =
            execution.next_op(&mut *store, |op| State::first(op, &mut cells, params.len(), written))?;
        let state = state.expect("a call that has begun has a next op");
        Ok(Self { execution, cells, output, state, steps: VecDeque::new(), position: 0, first: 0 })
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// How many ops have been executed to come here.
    pub fn step_number(&self) -> u64 {
        self.first + self.position as u64
    }

    /// What the step that led here changed; `None` at the beginning.
    pub fn last_change(&self) -> Option<&Patch> {
        self.position.checked_sub(1).map(|last| &self.steps[last].patch)
    }

    /// Goes one op forwards. False if the call has ended.
    ///
    /// `store` is the one that the call began in.
    ///
    /// # Errors
    ///
    /// [`Usage`](wapiti::ErrorKind::Usage) for another store. That the guest traps is an ended call, not an error.
    pub fn forward(&mut self, store: &mut Store<T>) -> Result<bool, Error> {
        if self.state.point.ended.is_some() {
            return Ok(false);
        }
        if self.position == self.steps.len() {
            self.execute(store)?;
        } else {
            let step = &self.steps[self.position];
            step.patch.apply(&mut self.state);
            self.state.point = Rc::clone(&step.after);
        }
        self.position += 1;
        if self.steps.len() > HISTORY {
            self.steps.pop_front();
            self.position -= 1;
            self.first += 1;
        }
        Ok(true)
    }

    /// Goes one op back. False at the beginning, or of what is remembered of it.
    pub fn back(&mut self) -> bool {
        let Some(last) = self.position.checked_sub(1) else { return false };
        let step = &self.steps[last];
        step.patch.revert(&mut self.state);
        self.state.point = Rc::clone(&step.before);
        self.position = last;
        true
    }

    /// Executes an op that has not been executed before.
    fn execute(&mut self, store: &mut Store<T>) -> Result<(), Error> {
        let before = Rc::clone(&self.state.point);
        let outcome = self.execution.resume(&mut *store, 1);
        let output = (self.output)(store.data());
        let seen = self.execution.next_op(&mut *store, |op| {
            let point = Point::of(op, output);
            let stack = self.cells.update(op, &point.frames, &before);
            let patch = Patch::between(&self.state, op, &stack, &before.next);
            (patch, point)
        })?;
        let (patch, after) = match (outcome, seen) {
            (_, Some((patch, point))) => (patch, point),
            (Ok(results), None) => {
                let ended = Some(Ended::Returned(results.unwrap_or_default()));
                (Patch::default(), Point { ended, output, ..Point::clone(&before) })
            }
            (Err(error), None) => {
                let ended = Some(Ended::Failed(Rc::new(error)));
                (Patch::default(), Point { ended, output, ..Point::clone(&before) })
            }
        };
        let after = Rc::new(after);
        patch.apply(&mut self.state);
        self.state.point = Rc::clone(&after);
        self.steps.push_back(Step { patch, before, after });
        Ok(())
    }
}

impl Cells {
    /// Of a call that begins: there is nothing yet but its arguments.
    fn begin(&mut self, raw: &[u64], params: usize) -> Vec<u64> {
        self.raw = raw.to_vec();
        self.shown = vec![0; raw.len()];
        self.shown[..params].copy_from_slice(&raw[..params]);
        self.shown.clone()
    }

    /// After one more op: what it says it has written, and what has changed by itself, such as a host's results.
    fn update(&mut self, op: &TracedOp<'_>, frames: &[TracedFrame], before: &Point) -> Vec<u64> {
        let raw = op.stack();
        let known = self.raw.len().min(raw.len());
        for ((value, known), shown) in raw.iter().zip(&mut self.raw).zip(&mut self.shown) {
            if value != known {
                (*known, *shown) = (*value, *value);
            }
        }
        // Where the stack has never been is nothing but what earlier calls have left.
        self.raw.extend_from_slice(&raw[known..]);
        self.shown.resize(self.raw.len(), 0);
        let start = before.frames.first().map_or(0, |frame| frame.start);
        for access in &before.next.writes {
            if let Place::Cell(cell) = access.place
                && let Some(value) = raw.get(start + cell as usize)
            {
                self.shown[start + cell as usize] = *value;
            }
        }
        for frame in frames {
            let link = frame.start + frame.link_cell as usize;
            self.shown[link..link + 2].fill(0);
        }
        self.shown[..raw.len()].to_vec()
    }
}

impl State {
    fn first(op: &TracedOp<'_>, cells: &mut Cells, params: usize, output: usize) -> Self {
        let point = Point::of(op, output);
        let stack = cells.begin(op.stack(), params);
        let (memory, globals) = (op.memory().to_vec(), op.globals().collect());
        Self { stack, memory, globals, point: Rc::new(point) }
    }

    /// The cells of a frame.
    pub fn cells(&self, frame: &TracedFrame) -> &[u64] {
        &self.stack[frame.start..frame.start + frame.cells as usize]
    }
}

impl Point {
    fn of(op: &TracedOp<'_>, output: usize) -> Self {
        let next = NextOp {
            name: op.name(),
            function: op.function(),
            position: op.position(),
            reads: op.reads().to_vec(),
            writes: op.writes().iter().map(without_remains).collect(),
        };
        Self { frames: op.frames(), next, ended: None, output }
    }
}

impl Patch {
    /// What leads from `old` to the state at `op`, by way of `executed`.
    fn between(old: &State, op: &TracedOp<'_>, stack: &[u64], executed: &NextOp) -> Self {
        let memory = match memory_written(executed) {
            None => differences(&old.memory, op.memory()),
            Some(ranges) if old.memory.len() == op.memory().len() => ranges
                .into_iter()
                .flat_map(|range| {
                    shifted(differences(&old.memory[range.clone()], &op.memory()[range.clone()]), range)
                })
                .collect(),
            Some(_) => differences(&old.memory, op.memory()),
        };
        let globals: Vec<_> = op.globals().collect();
        Self { stack: differences(&old.stack, stack), memory, globals: differences(&old.globals, &globals) }
    }

    fn apply(&self, state: &mut State) {
        self.stack.iter().for_each(|change| change.apply(&mut state.stack));
        self.memory.iter().for_each(|change| change.apply(&mut state.memory));
        self.globals.iter().for_each(|change| change.apply(&mut state.globals));
    }

    fn revert(&self, state: &mut State) {
        self.stack.iter().rev().for_each(|change| change.revert(&mut state.stack));
        self.memory.iter().rev().for_each(|change| change.revert(&mut state.memory));
        self.globals.iter().rev().for_each(|change| change.revert(&mut state.globals));
    }
}

impl<T: Copy> Change<T> {
    fn apply(&self, all: &mut Vec<T>) {
        all.splice(self.start..self.start + self.old.len(), self.new.iter().copied());
    }

    fn revert(&self, all: &mut Vec<T>) {
        all.splice(self.start..self.start + self.new.len(), self.old.iter().copied());
    }
}

/// What is to be written, without what may lie in a cell that has no value yet.
fn without_remains(access: &Access) -> Access {
    match access.place {
        Place::Cell(_) => Access { value: None, ..*access },
        _ => *access,
    }
}

/// Where `op` can have changed memory 0; `None` for anywhere.
fn memory_written(op: &NextOp) -> Option<Vec<Range<usize>>> {
    // Calls may reach the host, which may do anything.
    if op.name.contains("call") {
        return None;
    }
    let range = |access: &Access| match access.place {
        Place::Memory { index: 0, address, len } => {
            Some(address as usize..address.saturating_add(len) as usize)
        }
        _ => None,
    };
    Some(op.writes.iter().filter_map(range).collect())
}

fn shifted<T>(changes: Vec<Change<T>>, by: Range<usize>) -> impl Iterator<Item = Change<T>> {
    changes.into_iter().map(move |change| Change { start: change.start + by.start, ..change })
}

/// Elements that are compared at once where nothing has changed.
const BLOCK: usize = 4096;

/// The changes from `old` to `new`: runs of elements that differ, and a longer or shorter end.
fn differences<T: Copy + PartialEq>(old: &[T], new: &[T]) -> Vec<Change<T>> {
    let common = old.len().min(new.len());
    let mut changes = Vec::new();
    for block in (0..common).step_by(BLOCK) {
        let end = (block + BLOCK).min(common);
        if old[block..end] == new[block..end] {
            continue;
        }
        let mut at = block;
        while at < end {
            let run = (at..end).take_while(|&i| old[i] != new[i]).count();
            if run > 0 {
                let range = at..at + run;
                changes.push(Change {
                    start: at,
                    old: old[range.clone()].to_vec(),
                    new: new[range].to_vec(),
                });
            }
            at += run + 1;
        }
    }
    if old.len() != new.len() {
        changes.push(Change { start: common, old: old[common..].to_vec(), new: new[common..].to_vec() });
    }
    changes
}

#[cfg(test)]
mod tests {
    use wapiti::{Caller, Engine, Linker, Module, Store, Val};

    use super::{Ended, Stepper, differences};

    /// Everything that is to be seen of a state, as text.
    fn picture(stepper: &Stepper<usize>) -> String {
        format!("{} {:?}", stepper.step_number(), stepper.state())
    }

    fn start(text: &str, export: &str, args: &[Val]) -> (Store<usize>, Stepper<usize>) {
        let engine = Engine::default();
        let module = Module::new(&engine, text).expect("the test's module is valid");
        let mut linker = Linker::new(&engine);
        let host = |mut caller: Caller<'_, usize>, n: i32| {
            *caller.data_mut() += 1;
            let memory = caller.get_export("memory").and_then(|export| export.into_memory());
            memory.expect("it is exported").data_mut(&mut caller)[60_000] = n as u8;
            n + 1
        };
        linker.func_wrap("host", "f", host).expect("it is defined once");
        let mut store = Store::new(&engine, 0);
        let instance = linker.instantiate(&mut store, &module).expect("what it imports is there");
        let func = instance.get_func(&store, export).expect("it is exported");
        let stepper = Stepper::new(&mut store, func, args, |calls| *calls).expect("the arguments fit");
        (store, stepper)
    }

    const EVERYTHING: &str = r#"(module
        (import "host" "f" (func $host (param i32) (result i32)))
        (memory (export "memory") 1 3)
        (global $g (mut i64) (i64.const 7))
        (func $leaf (param i32) (result i32)
            (i32.store8 (local.get 0) (local.get 0))
            (global.set $g (i64.add (global.get $g) (i64.const 1)))
            (i32.add (local.get 0) (i32.const 1)))
        (func (export "run") (param $n i32) (result i32) (local $i i32)
            (loop $next
                (local.set $i (call $leaf (local.get $i)))
                (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
            (memory.fill (i32.const 100) (i32.const 1) (i32.const 9))
            (drop (memory.grow (i32.const 1)))
            (i32.store (i32.const 70000) (i32.const -1))
            (i32.div_u (call $host (local.get $i)) (i32.sub (local.get $n) (i32.const 3)))))"#;

    /// Goes to the end, all the way back, and to the end again; every state is to be the same each time.
    fn there_and_back(n: i32) -> (u64, Ended, usize) {
        let (mut store, mut stepper) = start(EVERYTHING, "run", &[Val::I32(n)]);
        let mut pictures = vec![picture(&stepper)];
        while stepper.forward(&mut store).expect("it is the same store") {
            pictures.push(picture(&stepper));
        }
        for expected in pictures.iter().rev() {
            assert_eq!(picture(&stepper), *expected);
            let was_at_the_start = stepper.step_number() == 0;
            assert_eq!(stepper.back(), !was_at_the_start);
        }
        for expected in &pictures {
            assert_eq!(picture(&stepper), *expected);
            stepper.forward(&mut store).expect("it is the same store");
        }
        let ended = stepper.state().point.ended.clone().expect("it went to the end");
        (stepper.step_number(), ended, *store.data())
    }

    #[test]
    fn back_is_exact() {
        let (steps, ended, calls) = there_and_back(5);
        assert!(steps > 20, "{steps}");
        assert!(matches!(ended, Ended::Returned(results) if matches!(results[..], [Val::I32(3)])));
        assert_eq!(calls, 1, "nothing is executed twice");
    }

    #[test]
    fn back_from_a_trap_is_exact() {
        let (_, ended, calls) = there_and_back(3);
        assert!(matches!(ended, Ended::Failed(error) if error.to_string() == "integer divide by zero"));
        assert_eq!(calls, 1);
    }

    #[test]
    fn the_state_is_the_stores() {
        let (mut store, mut stepper) = start(EVERYTHING, "run", &[Val::I32(4)]);
        while stepper.forward(&mut store).expect("it is the same store") {
            let live = stepper
                .execution
                .next_op(&mut store, |op| (op.memory().to_vec(), op.globals().collect::<Vec<_>>()));
            let Some((memory, globals)) = live.expect("it is the same store") else { break };
            assert!(stepper.state.memory == memory, "after step {}", stepper.step_number());
            assert_eq!(stepper.state.globals, globals);
        }
        assert_eq!(stepper.state().memory.len(), 2 * 65_536);
        assert_eq!(stepper.state().memory[60_000], 4);
    }

    #[test]
    fn states_do_not_depend_on_what_was_before() {
        let run = |calls: usize| {
            let (mut store, stepper) = start(EVERYTHING, "run", &[Val::I32(9)]);
            drop(stepper);
            let module = Module::new(store.engine(), EVERYTHING).expect("the test's module is valid");
            let host = wapiti::Func::wrap(&mut store, |n: i32| n);
            let mut instance =
                || wapiti::Instance::new(&mut store, &module, &[host.into()]).expect("it fits");
            let (first, second) = (instance(), instance());
            let func = first.get_func(&store, "run").expect("it is exported");
            for _ in 0..calls {
                func.call(&mut store, &[Val::I32(7)], &mut [Val::I32(0)]).expect("it does not trap");
            }
            let func = second.get_func(&store, "run").expect("it is exported");
            let mut stepper =
                Stepper::new(&mut store, func, &[Val::I32(4)], |_| 0).expect("the argument fits");
            let mut pictures = vec![picture(&stepper)];
            while stepper.forward(&mut store).expect("it is the same store") {
                pictures.push(picture(&stepper));
            }
            pictures
        };
        assert!(run(0) == run(2));
    }

    #[test]
    fn differences_are_runs() {
        let starts = |old: &[u8], new: &[u8]| -> Vec<usize> {
            differences(old, new).iter().map(|change| change.start).collect()
        };
        assert_eq!(starts(b"abcdef", b"abcdef"), []);
        assert_eq!(starts(b"abcdef", b"aXXdeX"), [1, 5]);
        assert_eq!(starts(b"abc", b"abX45"), [2, 3]);
    }
}
