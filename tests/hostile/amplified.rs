//! A few bytes that stand for a thousand values each: bodies of the largest size made of nothing else.

use std::time::{Duration, Instant};

use wapiti::{Engine, Error, ErrorKind, Instance, Module, Store, Val};

use crate::binary::{Function, I32, leb, module, op};
use crate::meter::peak_bytes;
use crate::run::{call, func};
use crate::support::{Setting, one_setting_a_strategy, settings};

/// Of the largest body, less what its beginning and end take.
const BODY_BYTES: usize = 7_600_000;

/// What loading and running such a module may take.
const MAX_PEAK_BYTES: usize = 128 << 20;
const MAX_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 600 } else { 60 });

fn function(params: usize, results: usize, body: Vec<u8>) -> Function {
    Function { params: vec![I32; params], results: vec![I32; results], locals: Vec::new(), body }
}

/// A thousand constants.
fn thousand() -> Vec<u8> {
    [op::I32_CONST, 1].repeat(1000)
}

/// Loads the module and calls its export `run`, within bounds.
fn run(bytes: &[u8], arguments: &[Val], setting: Setting) -> Result<Vec<Val>, Error> {
    let start = Instant::now();
    let (outcome, peak) = peak_bytes(|| {
        let engine = Engine::new(&setting.config());
        let module = Module::new(&engine, bytes)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let run = func(&mut store, instance, "run");
        call(&mut store, run, arguments)
    });
    let taken = start.elapsed();
    assert!(peak < MAX_PEAK_BYTES, "{peak} bytes, {setting:?}");
    assert!(taken < MAX_TIME, "{taken:?}, {setting:?}");
    outcome
}

#[test]
fn results_that_nobody_takes() {
    let calls = [op::CALL, 1].repeat(BODY_BYTES / 2);
    let reached = [&calls[..], &[op::RETURN]].concat();
    let unreached = [&[op::RETURN][..], &calls, &[op::UNREACHABLE]].concat();
    for body in [reached, unreached] {
        let bytes = module(&[function(0, 0, body), function(0, 1000, thousand())]);
        for setting in settings() {
            let error = run(&bytes, &[], setting).expect_err("no operand stack is that deep");
            let is_limit = matches!(
                error.kind(),
                ErrorKind::Limit {
                    what: "values on the operand stack",
                    value: 4_195_000,
                    limit: 4_194_304,
                    ..
                }
            );
            assert!(is_limit, "{error:?}, {setting:?}");
        }
    }
}

/// Each takes a thousand values and gives a thousand, time and again. Validation and lowering look at every one of them
/// each time, so these bodies are shorter.
#[test]
fn values_that_are_passed_on() {
    const BYTES: usize = BODY_BYTES / if cfg!(debug_assertions) { 1000 } else { 100 };
    let steps: [&[u8]; 6] = [
        &[op::CALL, 1],
        &[op::LOCAL_GET, 0, op::BR_IF, 0],
        &[op::BLOCK, 1, op::END],
        &[op::LOOP, 1, op::END],
        &[op::LOCAL_GET, 0, op::IF, 1, op::ELSE, op::END],
        &[op::BLOCK, 1, op::BR, 0, op::END],
    ];
    let table = [
        &[op::BLOCK, 1, op::LOCAL_GET, 0, op::BR_TABLE][..],
        &leb(BYTES as u64),
        &[0, 1].repeat(BYTES / 2),
        &[0, op::END],
    ];
    let bodies = steps.map(|step| step.repeat(BYTES / step.len())).into_iter().chain([table.concat()]);
    for body in bodies {
        let run_body = [thousand(), body].concat();
        let gets = (0..1000u32).flat_map(|param| [vec![op::LOCAL_GET], leb(param)].concat()).collect();
        let bytes = module(&[function(1, 1000, run_body), function(1000, 1000, gets)]);
        for setting in one_setting_a_strategy() {
            let results = run(&bytes, &[Val::I32(0)], setting).expect("no limit is exceeded");
            assert!(results.iter().all(|result| result.unwrap_i32() == 1), "{setting:?}");
        }
    }
}
