//! From counts by position to what one wants to know: the hottest functions, loops, ops, pairs and sequences.

use std::collections::HashMap;

use serde::Serialize;
use wapiti::{CountedOp, FunctionCounts, OpCounts};

use super::function_name;
use super::samples::Samples;

/// A profile, summed up. Lists are in descending order of their counts.
#[derive(Serialize)]
pub(super) struct Digest {
    pub(super) ops: u64,
    pub(super) dispatches: u64,
    /// Samples taken, if any were to be.
    pub(super) samples: Option<u64>,
    pub(super) functions: Vec<Function>,
    pub(super) loops: Vec<Loop>,
    /// Executions by op.
    pub(super) by_op: Vec<Counted>,
    /// How often one op was executed directly after another one that lies before it in the code.
    pub(super) pairs: Vec<Counted>,
    /// Dispatches to fused sequences.
    pub(super) fused: Vec<Counted>,
    /// Dispatches that a handler for the sequence would save, at most.
    pub(super) candidates: Vec<Counted>,
}

#[derive(Serialize)]
pub(super) struct Function {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) calls: u64,
    pub(super) ops: u64,
    pub(super) dispatches: u64,
    pub(super) samples: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Loop {
    pub(super) function: String,
    /// Positions of its first and its last op, as `wapiti dump` shows them.
    pub(super) head: u32,
    pub(super) end: u32,
    /// How often its head was executed.
    pub(super) turns: u64,
    /// Ops executed within it, inner loops included.
    pub(super) ops: u64,
    /// Ops executed within it and within no inner loop.
    pub(super) own_ops: u64,
}

#[derive(Serialize)]
pub(super) struct Counted {
    pub(super) what: Vec<String>,
    pub(super) count: u64,
}

/// The longest sequences that are looked for.
const LONGEST: usize = 4;

impl Digest {
    pub(super) fn new(counts: &OpCounts, samples: Option<&Samples>) -> Self {
        let mut tallies = Tallies::default();
        counts.functions.iter().for_each(|function| tallies.add(function));
        let mut loops: Vec<Loop> =
            counts.functions.iter().flat_map(loops_of).filter(|found| found.turns > 0).collect();
        loops.sort_by_key(|found| std::cmp::Reverse(found.own_ops));
        let by_function = samples.map(Samples::by_function);
        let mut functions: Vec<Function> = counts
            .functions
            .iter()
            .map(|function| Function {
                index: function.index,
                name: function_name(function.name.as_deref(), function.index),
                calls: function.calls,
                ops: function.executions(),
                dispatches: function.dispatches(),
                samples: by_function.as_ref().map(|samples| {
                    samples.get(&(function.index, function.name.as_deref())).copied().unwrap_or(0)
                }),
            })
            .collect();
        functions.sort_by_key(|function| std::cmp::Reverse(function.ops));
        Self {
            ops: counts.ops(),
            dispatches: counts.dispatches(),
            samples: samples.map(|samples| samples.total),
            functions,
            loops,
            by_op: listed(tallies.by_op),
            pairs: listed(tallies.pairs),
            fused: listed(tallies.fused),
            candidates: listed(tallies.candidates),
        }
    }
}

type Tally = HashMap<Vec<&'static str>, u64>;

#[derive(Default)]
struct Tallies {
    by_op: Tally,
    pairs: Tally,
    fused: Tally,
    candidates: Tally,
}

impl Tallies {
    fn add(&mut self, function: &FunctionCounts) {
        let ops = &function.ops;
        for (at, op) in ops.iter().enumerate() {
            let names = |len: usize| {
                ops[at..(at + len).min(ops.len())].iter().map(CountedOp::name).collect::<Vec<_>>()
            };
            add(&mut self.by_op, names(1), op.executions);
            add(&mut self.pairs, names(2), op.followed);
            if op.sequence > 1 {
                add(&mut self.fused, names(op.sequence), op.dispatches);
            }
            for len in 2..=LONGEST.min(ops.len() - at) {
                match saved(&ops[at..at + len]) {
                    0 => break,
                    saved => add(&mut self.candidates, names(len), saved),
                }
            }
        }
    }
}

fn add(tally: &mut Tally, key: Vec<&'static str>, count: u64) {
    if count > 0 {
        *tally.entry(key).or_default() += count;
    }
}

/// Dispatches that one handler for all of `ops` would save, at most: those to all but the first that come from the op
/// before.
fn saved(ops: &[CountedOp]) -> u64 {
    if !ops.iter().all(CountedOp::is_fusible) {
        return 0;
    }
    let mut flow = ops[0].executions;
    let mut sum = 0;
    for pair in ops.windows(2) {
        // A sequence cannot go on with an op that is never reached from the one before, as behind a call.
        flow = flow.min(pair[0].followed);
        if flow == 0 {
            return 0;
        }
        sum += flow.min(pair[1].dispatches);
    }
    sum
}

fn listed(tally: Tally) -> Vec<Counted> {
    let named = |(what, count): (Vec<&'static str>, u64)| Counted {
        what: what.into_iter().map(str::to_owned).collect(),
        count,
    };
    let mut list: Vec<Counted> = tally.into_iter().map(named).collect();
    list.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.what.cmp(&b.what)));
    list
}

fn loops_of(function: &FunctionCounts) -> Vec<Loop> {
    // The innermost loop of each op is the one that begins last of those that hold it.
    let mut own = vec![0; function.loops.len()];
    let mut all = vec![0; function.loops.len()];
    for op in &function.ops {
        let mut innermost = None;
        for (number, within) in function.loops.iter().enumerate() {
            if (within.head..=within.end).contains(&op.position) {
                all[number] += op.executions;
                innermost = Some(number);
            }
        }
        if let Some(number) = innermost {
            own[number] += op.executions;
        }
    }
    let turns = |head: u32| function.ops.iter().find(|op| op.position == head).map_or(0, |op| op.executions);
    function
        .loops
        .iter()
        .enumerate()
        .map(|(number, found)| Loop {
            function: function_name(function.name.as_deref(), function.index),
            head: found.head,
            end: found.end,
            turns: turns(found.head),
            ops: all[number],
            own_ops: own[number],
        })
        .collect()
}
