//! A profile as text for people, or as JSON with everything in it.

use serde::Serialize;
use wapiti::OpCounts;
use wapiti_lab::text::{columns, count};

use super::digest::{Counted, Digest};

#[derive(Serialize)]
struct Everything<'a> {
    #[serde(flatten)]
    digest: &'a Digest,
    code: Vec<Code>,
    paths: Vec<Path>,
}

/// A function's ops with their counts.
#[derive(Serialize)]
struct Code {
    index: u32,
    name: Option<String>,
    ops: Vec<Op>,
}

#[derive(Serialize)]
struct Op {
    position: u32,
    name: &'static str,
    row: String,
    form: u8,
    executions: u64,
    followed: u64,
    dispatches: u64,
    sequence: usize,
}

/// A path of calls: its caller is a position in the list of paths, its function one in `code`.
#[derive(Serialize)]
struct Path {
    caller: Option<usize>,
    function: usize,
    ops: u64,
}

pub(super) fn json(counts: &OpCounts, digest: &Digest) -> String {
    let op = |op: &wapiti::CountedOp| Op {
        position: op.position,
        name: op.name(),
        row: op.row_name(),
        form: op.form,
        executions: op.executions,
        followed: op.followed,
        dispatches: op.dispatches,
        sequence: op.sequence,
    };
    let code = |function: &wapiti::FunctionCounts| Code {
        index: function.index,
        name: function.name.clone(),
        ops: function.ops.iter().map(op).collect(),
    };
    let path = |path: &wapiti::CallPath| Path { caller: path.caller, function: path.function, ops: path.ops };
    let everything = Everything {
        digest,
        code: counts.functions.iter().map(code).collect(),
        paths: counts.paths.iter().map(path).collect(),
    };
    let mut json = serde_json::to_string_pretty(&everything).expect("a profile is plain data");
    json.push('\n');
    json
}

pub(super) fn text(digest: &Digest, top: usize) -> String {
    let per_dispatch = digest.ops as f64 / digest.dispatches.max(1) as f64;
    let mut text = format!(
        "{} operations, {} dispatches ({per_dispatch:.2} operations each)",
        count(digest.ops as f64),
        count(digest.dispatches as f64)
    );
    if let Some(samples) = digest.samples {
        text.push_str(&format!(", {samples} samples of time"));
    }
    text.push('\n');
    functions(&mut text, digest, top);
    loops(&mut text, digest, top);
    let all = digest.ops;
    list(&mut text, "operations executed", &digest.by_op, all, top);
    list(&mut text, "pairs executed", &digest.pairs, all, top);
    list(&mut text, "fused sequences dispatched to", &digest.fused, digest.dispatches, top);
    list(
        &mut text,
        "candidates for fused sequences: dispatches saved, at most",
        &digest.candidates,
        digest.dispatches,
        top,
    );
    text
}

fn functions(text: &mut String, digest: &Digest, top: usize) {
    let mut head = ["functions", "operations", "", "calls"].map(str::to_owned).to_vec();
    if digest.samples.is_some() {
        head.push("time".to_owned());
    }
    let mut rows = vec![head];
    for function in digest.functions.iter().take(top) {
        let mut row = vec![
            format!("  {}", short(&function.name)),
            count(function.ops as f64),
            share(function.ops, digest.ops),
            count(function.calls as f64),
        ];
        if let (Some(samples), Some(all)) = (function.samples, digest.samples) {
            row.push(share(samples, all));
        }
        rows.push(row);
    }
    push(text, &rows, digest.functions.len(), top);
}

fn loops(text: &mut String, digest: &Digest, top: usize) {
    let mut rows = vec![["loops", "operations", "", "with inner loops", "turns"].map(str::to_owned).to_vec()];
    for found in digest.loops.iter().take(top) {
        rows.push(vec![
            format!("  {} {}..{}", short(&found.function), found.head, found.end),
            count(found.own_ops as f64),
            share(found.own_ops, digest.ops),
            share(found.ops, digest.ops),
            count(found.turns as f64),
        ]);
    }
    push(text, &rows, digest.loops.len(), top);
}

fn list(text: &mut String, title: &str, listed: &[Counted], all: u64, top: usize) {
    let mut rows = vec![vec![title.to_owned(), String::new(), String::new()]];
    for counted in listed.iter().take(top) {
        let what = format!("  {}", counted.what.join(", "));
        rows.push(vec![what, count(counted.count as f64), share(counted.count, all)]);
    }
    push(text, &rows, listed.len(), top);
}

fn push(text: &mut String, rows: &[Vec<String>], all: usize, top: usize) {
    if all == 0 {
        return;
    }
    text.push('\n');
    text.push_str(&columns(rows));
    if all > top {
        text.push_str(&format!("  ... and {} more; --json lists all\n", all - top));
    }
}

fn share(part: u64, all: u64) -> String {
    format!("{:.1} %", part as f64 / all.max(1) as f64 * 100.0)
}

/// A name that fits into a line; those of other languages can be pages long.
fn short(name: &str) -> String {
    const LONGEST: usize = 60;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &name[..end]),
        None => name.to_owned(),
    }
}
