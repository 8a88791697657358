//! Stepping for the page: a call of its own in an instance of its own, and its state as JSON.

use serde_json::{Value, json};
use wapiti::{Access, Error, Func, Module, Place, Store, TracedFrame, Val};
use wapiti_explain::{Ended, Stepper};

use crate::session::{failure, values};
use crate::world::World;

/// Frames that a state has the cells of; further ones are only counted.
const MAX_FRAMES: usize = 32;
/// Cells of a frame that a state has.
const MAX_CELLS: usize = 256;
/// Bytes of memory that a state shows.
const VIEW_BYTES: usize = 128;

/// A call that is being stepped through.
pub(crate) struct Stepping {
    store: Store<World>,
    stepper: Stepper<World>,
}

impl Stepping {
    /// Begins a call of the export in a new instance.
    pub(crate) fn new(module: &Module, export: &str, args: &[Val]) -> Result<Self, Error> {
        let (mut store, func) = instantiate(module, export)?;
        let stepper = Stepper::new(&mut store, func, args, World::written_bytes)?;
        Ok(Self { store, stepper })
    }

    /// Goes so many steps forwards, as far as there are any.
    pub(crate) fn forward(&mut self, count: u64) -> Result<(), Error> {
        for _ in 0..count {
            if !self.stepper.forward(&mut self.store)? {
                break;
            }
        }
        Ok(())
    }

    /// Goes so many steps back, as far as there are any.
    pub(crate) fn back(&mut self, count: u64) {
        for _ in 0..count {
            if !self.stepper.back() {
                break;
            }
        }
    }

    /// The state; memory is shown from `view` on.
    pub(crate) fn state(&self, module: &Module, view: usize) -> Value {
        let state = self.stepper.state();
        let point = &state.point;
        let frames: Vec<Value> = point
            .frames
            .iter()
            .take(MAX_FRAMES)
            .map(|frame| frame_json(module, frame, state.cells(frame)))
            .collect();
        let view = view.min(state.memory.len().saturating_sub(VIEW_BYTES));
        let shown = &state.memory[view..(view + VIEW_BYTES).min(state.memory.len())];
        let output = self.store.data().written(point.output);
        json!({
            "step": self.stepper.step_number(),
            "next": {
                "name": point.next.name,
                "function": point.next.function,
                "position": point.next.position,
                "reads": accesses(&point.next.reads),
                "writes": accesses(&point.next.writes),
            },
            "frames": frames,
            "depth": point.frames.len(),
            "changed": self.changes(),
            "globals": state.globals.iter().map(|(ty, value)| {
                json!({ "type": ty.to_string(), "value": value.to_string() })
            }).collect::<Value>(),
            "memory": { "bytes": state.memory.len(), "start": view, "shown": hex(shown) },
            "output": String::from_utf8_lossy(&output),
            "ended": point.ended.as_ref().map(ended),
        })
    }

    /// What the last step changed: cells of the stack, ranges of memory.
    fn changes(&self) -> Value {
        let Some(patch) = self.stepper.last_change() else { return json!({ "cells": [], "memory": [] }) };
        let cells = patch.stack.iter().flat_map(|change| change.start..change.start + change.new.len());
        let memory = patch.memory.iter().take(64).map(|change| {
            let shown = |bytes: &[u8]| hex(&bytes[..bytes.len().min(16)]);
            json!({
                "start": change.start, "bytes": change.new.len(),
                "old": shown(&change.old), "new": shown(&change.new),
            })
        });
        json!({ "cells": cells.collect::<Value>(), "memory": memory.collect::<Value>() })
    }
}

/// How many ops a call of the export executes, in a new instance, and whether it has ended within `limit` of them.
pub(crate) fn count(module: &Module, export: &str, args: &[Val], limit: u64) -> Result<Value, Error> {
    let (mut store, func) = instantiate(module, export)?;
    let mut execution = func.start(&mut store, args)?;
    // How the call ends does not matter here: whoever wants to know has made it.
    let outcome = execution.resume(&mut store, limit);
    Ok(json!({ "ops": execution.executed(), "complete": !matches!(outcome, Ok(None)) }))
}

fn instantiate(module: &Module, export: &str) -> Result<(Store<World>, Func), Error> {
    let mut store = Store::new(module.engine(), World::new());
    let instance = World::linker(module)?.instantiate(&mut store, module)?;
    let func = instance.get_func(&store, export).expect("the module exports this function");
    Ok((store, func))
}

fn frame_json(module: &Module, frame: &TracedFrame, cells: &[u64]) -> Value {
    let cells = cells.iter().take(MAX_CELLS).map(ToString::to_string);
    json!({
        "function": frame.function,
        "name": module.function_name(frame.function),
        "position": frame.position,
        "start": frame.start,
        "link": frame.link_cell,
        "cells": cells.collect::<Vec<_>>(),
    })
}

fn accesses(accesses: &[Access]) -> Value {
    let access = |access: &Access| {
        let mut place = match access.place {
            Place::Cell(cell) => json!({ "cell": cell }),
            Place::Global(idx) => json!({ "global": idx }),
            Place::Memory { index: 0, address, len } => json!({ "address": address, "bytes": len }),
            Place::Table(idx) => json!({ "table": idx }),
            _ => json!({}),
        };
        place["value"] = access.value.map_or(Value::Null, |value| value.to_string().into());
        place
    };
    accesses.iter().map(access).collect()
}

fn ended(ended: &Ended) -> Value {
    match ended {
        Ended::Returned(results) => json!({ "results": values(results) }),
        Ended::Failed(error) => failure(error),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
