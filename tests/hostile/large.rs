//! Modules that are valid and of extreme size in one respect or other: what they compute must be right.

use std::time::{Duration, Instant};

use wapiti::{
    Compilation, Engine, Error, ErrorKind, FuncType, Instance, Linker, Module, Store, Val, ValType,
};

use crate::binary::{F32, F64, Function, I32, I64, leb, module, op};
use crate::meter::peak_bytes;
use crate::run::{assert_returns, assert_returns_each, call, func, run_each};
use crate::support::one_setting_a_strategy;

/// Far more than any of this takes, and far less than anything that grows with the square of the size.
const MAX_TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 300 } else { 60 });

fn function(params: usize, results: usize, locals: &[(u32, u8)], body: Vec<u8>) -> Function {
    Function { params: vec![I32; params], results: vec![I32; results], locals: locals.to_vec(), body }
}

fn in_time<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    let taken = start.elapsed();
    assert!(taken < MAX_TIME, "it took {taken:?}");
    result
}

fn repeat(code: &[u8], times: usize) -> Vec<u8> {
    code.repeat(times)
}

const DEPTH: usize = 100_000;

/// `openings` opened [`DEPTH`] times in all, with `inside` within and `closing` at each end.
fn nested(openings: &[&[u8]], inside: &[u8], closing: &[u8]) -> Vec<u8> {
    let open = openings.concat();
    [repeat(&open, DEPTH / openings.len()), inside.to_vec(), repeat(closing, DEPTH)].concat()
}

#[test]
fn deeply_nested_blocks() {
    in_time(|| {
        let block = &[op::BLOCK, op::EMPTY][..];
        let loop_ = &[op::LOOP, op::EMPTY][..];
        let if_ = &[op::LOCAL_GET, 0, op::IF, op::EMPTY][..];
        let result = [op::I32_CONST, 7];
        // Out of all of them at once, or one after the other.
        let far = [&[op::BR][..], &leb(DEPTH as u64 - 1)].concat();
        for inside in [far, vec![op::BR, 0], vec![]] {
            for openings in [&[block][..], &[block, loop_], &[block, loop_, if_, block]] {
                let mut body = nested(openings, &inside, &[op::END]);
                body.extend(result);
                let bytes = module(&[function(1, 1, &[], body)]);
                // A branch to a loop would repeat it.
                let endless = openings.len() == 2 && inside == [op::BR, 0];
                if !endless {
                    assert_returns(&bytes, &[1], &[7]);
                    assert_returns(&bytes, &[0], &[7]);
                }
            }
        }
    });
}

#[test]
fn deeply_nested_results() {
    in_time(|| {
        let block = &[op::BLOCK, I32][..];
        let add = [op::LOCAL_GET, 0, op::I32_ADD, op::END];
        let body = nested(&[block], &[op::I32_CONST, 1], &add);
        assert_returns(&module(&[function(1, 1, &[], body)]), &[2], &[1 + 2 * DEPTH as i32]);
        // Every block but the innermost has a value below it.
        let block = &[op::LOCAL_GET, 0, op::BLOCK, I32][..];
        let add = [op::END, op::I32_ADD];
        let body = nested(&[block], &[op::I32_CONST, 1], &add);
        assert_returns(&module(&[function(1, 1, &[], body)]), &[2], &[1 + 2 * DEPTH as i32]);
    });
}

#[test]
fn deeply_nested_else() {
    in_time(|| {
        // if (x) { 1 } else { if (x) { 1 } else { ... } }
        let open = &[op::LOCAL_GET, 0, op::IF, I32, op::I32_CONST, 1, op::ELSE][..];
        let body = nested(&[open], &[op::I32_CONST, 2], &[op::END]);
        let bytes = module(&[function(1, 1, &[], body)]);
        assert_returns(&bytes, &[1], &[1]);
        assert_returns(&bytes, &[0], &[2]);
    });
}

#[test]
fn deeply_nested_unreachable_blocks() {
    in_time(|| {
        let block = &[op::BLOCK, op::EMPTY][..];
        let mut body = vec![op::I32_CONST, 9, op::RETURN];
        body.extend(nested(&[block], &[op::BR, 3], &[op::END]));
        assert_returns(&module(&[function(0, 1, &[], body)]), &[], &[9]);
    });
}

/// As long as validation allows a body to be, or, where all is slow, long enough.
const BODY_BYTES: usize = if cfg!(debug_assertions) { 1_500_000 } else { 7_654_321 - 100 };

#[test]
fn functions_of_several_megabytes() {
    in_time(|| {
        // Nothing folds: every addition is an op.
        let add = [op::LOCAL_GET, 0, op::I32_ADD];
        let times = BODY_BYTES / add.len();
        let body = [vec![op::I32_CONST, 0], repeat(&add, times)].concat();
        assert_returns(&module(&[function(1, 1, &[], body)]), &[3], &[3 * times as i32]);
        // Everything folds.
        let add = [op::I32_CONST, 1, op::I32_ADD];
        let times = BODY_BYTES / add.len();
        let body = [vec![op::I32_CONST, 0], repeat(&add, times)].concat();
        assert_returns(&module(&[function(0, 1, &[], body)]), &[], &[times as i32]);
    });
}

#[test]
fn functions_of_a_million_statements() {
    in_time(|| {
        let increment = [op::LOCAL_GET, 0, op::LOCAL_GET, 1, op::I32_ADD, op::LOCAL_SET, 0];
        let times = BODY_BYTES / increment.len();
        let body = [repeat(&increment, times), vec![op::LOCAL_GET, 0]].concat();
        assert_returns(&module(&[function(2, 1, &[], body)]), &[0, 1], &[times as i32]);
        // A branch that is taken and one that is not, each time.
        let step = [
            &[op::BLOCK, op::EMPTY, op::LOCAL_GET, 0, op::BR_IF, 0, op::LOCAL_GET, 1, op::BR_IF, 0][..],
            &[op::END],
        ];
        let step = step.concat();
        let body = [repeat(&step, BODY_BYTES / step.len()), vec![op::LOCAL_GET, 0]].concat();
        assert_returns(&module(&[function(2, 1, &[], body)]), &[0, 1], &[0]);
    });
}

#[test]
fn functions_of_a_million_calls() {
    in_time(|| {
        let call = [op::CALL, 1, op::LOCAL_GET, 0, op::I32_ADD, op::LOCAL_SET, 0];
        let times = BODY_BYTES / call.len();
        let body = [repeat(&call, times), vec![op::LOCAL_GET, 0]].concat();
        let one = function(0, 1, &[], vec![op::I32_CONST, 1]);
        assert_returns(&module(&[function(1, 1, &[], body), one]), &[0], &[times as i32]);
    });
}

/// Bytecode is larger than Wasm, but not by orders of magnitude.
#[test]
fn memory_for_large_functions_is_bounded() {
    let add = [op::LOCAL_GET, 0, op::I32_ADD];
    let body = [vec![op::I32_CONST, 0], repeat(&add, 1_000_000)].concat();
    let bytes = module(&[function(1, 1, &[], body)]);
    for setting in one_setting_a_strategy() {
        let engine = Engine::new(&setting.config());
        let (module, peak) = peak_bytes(|| {
            let module = Module::new(&engine, &bytes).expect("the module is valid");
            module
                .listing(0)
                .map(|listing| assert!(listing.lines().len() >= 1_000_000))
                .expect("it can be listed");
            module
        });
        assert_eq!(module.function_count(), 1);
        assert!(peak < 500 << 20, "{peak} bytes");
    }
}

#[test]
fn many_locals_of_each_type() {
    in_time(|| {
        let max = 50_000u32;
        let last = leb(max - 1);
        let to_i32: [(u8, u8, &[u8]); 4] = [
            (I32, op::I32_ADD, &[]),
            (I64, op::I64_ADD, &[0xA7]),
            (F32, op::F32_ADD, &[0xA8]),
            (F64, op::F64_ADD, &[0xAA]),
        ];
        for (ty, add, convert) in to_i32 {
            let groups = [vec![(max, ty)], vec![(1, ty); max as usize]];
            for locals in groups {
                // All are zero.
                let mut body = vec![op::LOCAL_GET, 0];
                for local in 1..max {
                    body.push(op::LOCAL_GET);
                    body.extend(leb(local));
                    body.push(add);
                }
                body.extend(convert);
                assert_returns(&module(&[function(0, 1, &locals, body)]), &[], &[0]);
            }
            // The last one is as good as any.
            let convert_back: &[u8] = match ty {
                I32 => &[],
                I64 => &[0xAC],
                F32 => &[0xB2],
                _ => &[0xB7],
            };
            let code = [
                &[op::LOCAL_GET, 0][..],
                convert_back,
                &[op::LOCAL_TEE],
                &last,
                &[op::LOCAL_GET],
                &last,
                &[add],
                convert,
            ];
            assert_returns(&module(&[function(1, 1, &[(max - 1, ty)], code.concat())]), &[21], &[42]);
        }
        // As many as can be, of all types.
        let locals = [(12_500, I32), (12_500, I64), (12_500, F32), (12_500, F64)];
        let body =
            [&[op::LOCAL_GET][..], &leb(12_499u32), &[op::LOCAL_GET], &last, &[0xAA, op::I32_ADD]].concat();
        assert_returns(&module(&[function(0, 1, &locals, body)]), &[], &[0]);
    });
}

/// A thousand parameters, returned in reverse.
fn reverse(count: usize) -> Function {
    let mut body = Vec::new();
    for param in (0..count as u32).rev() {
        body.push(op::LOCAL_GET);
        body.extend(leb(param));
    }
    function(count, count, &[], body)
}

#[test]
fn a_thousand_parameters_and_results() {
    let arguments: Vec<i32> = (0..1000).collect();
    let reversed: Vec<i32> = arguments.iter().rev().copied().collect();
    assert_returns(&module(&[reverse(1000)]), &arguments, &reversed);
}

/// Calls it again and again with what it has returned.
#[test]
fn a_thousand_results_repeatedly() {
    in_time(|| {
        let mut body = Vec::new();
        for param in 0..1000u32 {
            body.push(op::LOCAL_GET);
            body.extend(leb(param));
        }
        body.extend(repeat(&[op::CALL, 1], 501));
        let caller = function(1000, 1000, &[], body);
        let arguments: Vec<i32> = (0..1000).collect();
        let reversed: Vec<i32> = arguments.iter().rev().copied().collect();
        assert_returns(&module(&[caller, reverse(1000)]), &arguments, &reversed);
    });
}

/// The same, from the host, and through it.
#[test]
fn a_thousand_results_of_the_host() {
    let types = "i32 ".repeat(1000);
    let gets: String = (0..1000).map(|param| format!("local.get {param}\n")).collect();
    let text = format!(
        r#"(module
            (type $t (func (param {types}) (result {types})))
            (import "host" "reverse" (func $reverse (type $t)))
            (func (export "twice") (type $t) {gets} call $reverse call $reverse)
            (func (export "tail") (type $t) {gets} return_call $reverse))"#
    );
    let arguments: Vec<Val> = (0..1000).map(Val::I32).collect();
    let numbers = |values: &[Val]| values.iter().map(Val::unwrap_i32).collect::<Vec<_>>();
    for setting in one_setting_a_strategy() {
        let engine = Engine::new(&setting.config());
        let mut linker = Linker::new(&engine);
        let ty = FuncType::new(vec![ValType::I32; 1000], vec![ValType::I32; 1000]);
        let reverse = |_: wapiti::Caller<'_, ()>, params: &[Val], results: &mut [Val]| {
            results.copy_from_slice(params);
            results.reverse();
            Ok(())
        };
        linker.func_new("host", "reverse", ty, reverse).expect("the name is new");
        let mut store = Store::new(&engine, ());
        let module = Module::new(&engine, &text).expect("the module is valid");
        let instance = linker.instantiate(&mut store, &module).expect("the import is defined");
        let mut results = vec![Val::I32(0); 1000];
        for (name, is_reversed) in [("twice", false), ("tail", true)] {
            let func = instance.get_func(&mut store, name).expect("it is exported");
            for _ in 0..100 {
                func.call(&mut store, &arguments, &mut results).expect("it returns");
                let mut found = numbers(&results);
                if is_reversed {
                    found.reverse();
                }
                assert!(found == numbers(&arguments), "{name}, {setting:?}: {results:?}");
            }
        }
    }
}

/// The same, from another instance.
#[test]
fn a_thousand_results_of_another_instance() {
    let types = "i32 ".repeat(1000);
    let gets = |order: &mut dyn Iterator<Item = usize>| -> String {
        order.map(|param| format!("local.get {param}\n")).collect()
    };
    let (forward, backward) = (gets(&mut (0..1000)), gets(&mut (0..1000).rev()));
    let ty = format!("(type $t (func (param {types}) (result {types})))");
    let callee = format!(r#"(module {ty} (func (export "reverse") (type $t) {backward}))"#);
    let caller = format!(
        r#"(module {ty}
            (import "other" "reverse" (func $reverse (type $t)))
            (table funcref (elem $reverse))
            (func (export "twice") (type $t) {forward} call $reverse
                i32.const 0 call_indirect (type $t))
            (func (export "tail") (type $t) {forward} return_call $reverse))"#
    );
    let arguments: Vec<Val> = (0..1000).map(Val::I32).collect();
    for setting in one_setting_a_strategy() {
        let engine = Engine::new(&setting.config());
        let mut store = Store::new(&engine, ());
        let other = Module::new(&engine, &callee).expect("the module is valid");
        let other = Instance::new(&mut store, &other, &[]).expect("it has no imports");
        let reverse = func(&mut store, other, "reverse");
        let module = Module::new(&engine, &caller).expect("the module is valid");
        let instance = Instance::new(&mut store, &module, &[reverse.into()]).expect("the import fits");
        for (name, is_reversed) in [("twice", false), ("tail", true)] {
            let func = func(&mut store, instance, name);
            for _ in 0..100 {
                let results = call(&mut store, func, &arguments).expect("it returns");
                let mut found: Vec<i32> = results.iter().map(Val::unwrap_i32).collect();
                if is_reversed {
                    found.reverse();
                }
                assert!(found.iter().copied().eq(0..1000), "{name}, {setting:?}: {found:?}");
            }
        }
    }
}

#[test]
fn a_deep_operand_stack() {
    in_time(|| {
        const DEEP: usize = 60_000;
        // Locals and constants, which wait on the stack without an op; values that are computed; all mixed.
        let operands: [&[u8]; 4] = [
            &[op::LOCAL_GET, 0],
            &[op::I32_CONST, 3],
            &[op::LOCAL_GET, 0, op::LOCAL_GET, 0, op::I32_ADD],
            &[op::I32_CONST, 3, op::LOCAL_GET, 0, op::LOCAL_GET, 0, op::LOCAL_GET, 0, op::I32_ADD],
        ];
        let sums = [3 * DEEP, 3 * DEEP, 6 * DEEP, 12 * DEEP].map(|sum| sum as i32);
        for ((operand, values), sum) in operands.into_iter().zip([1, 1, 1, 3]).zip(sums) {
            for locals in [0, 49_000] {
                let adds = [op::I32_ADD].repeat(DEEP * values - 1);
                let body = [repeat(operand, DEEP), adds].concat();
                assert_returns(&module(&[function(1, 1, &[(locals, I32)], body)]), &[3], &[sum]);
            }
        }
    });
}

/// All of them are pending when the local is written.
#[test]
fn a_deep_stack_of_one_local() {
    in_time(|| {
        const DEEP: usize = 60_000;
        let body = [
            repeat(&[op::LOCAL_GET, 0], DEEP),
            vec![op::I32_CONST, 50, op::LOCAL_SET, 0],
            [op::I32_ADD].repeat(DEEP - 1),
            vec![op::LOCAL_GET, 0, op::I32_ADD],
        ];
        let body = body.concat();
        for locals in [0, 49_000] {
            let bytes = module(&[function(1, 1, &[(locals, I32)], body.clone())]);
            assert_returns(&bytes, &[1], &[DEEP as i32 + 50]);
        }
    });
}

/// Reads of many locals lie far down on the stack when the locals are written, one by one.
#[test]
fn pending_locals_far_down() {
    in_time(|| {
        const LOCALS: u32 = 50_000;
        const DEEP: usize = 3_300_000;
        let mut body = Vec::new();
        for local in 0..LOCALS {
            body.push(op::LOCAL_GET);
            body.extend(leb(local));
        }
        body.extend(repeat(&[op::I32_CONST, 0], DEEP));
        for local in 0..LOCALS {
            body.extend([op::I32_CONST, 1, op::LOCAL_SET]);
            body.extend(leb(local));
        }
        body.push(op::RETURN);
        let bytes = module(&[function(0, 0, &[(LOCALS, I32)], body)]);
        let module = Module::new(&Engine::default(), &bytes).expect("the module is valid");
        module.listing(0).expect("no limit is exceeded");
    });
}

#[test]
fn a_million_branch_targets() {
    in_time(|| {
        const TARGETS: usize = 1_000_000;
        // Three labels in turn, the function's among them, and the first one as the default.
        let table = |value: &[u8]| {
            let targets = [0u8, 1, 2].repeat(TARGETS / 3 + 1);
            let table = [&leb(TARGETS as u64)[..], &targets[..TARGETS], &[0]].concat();
            let open = [op::BLOCK, I32, op::BLOCK, I32];
            let branch = [value, &[op::LOCAL_GET, 0, op::BR_TABLE], &table].concat();
            [
                &open[..],
                &branch,
                &[op::END, op::I32_CONST, 10, op::I32_ADD, op::END, op::I32_CONST, 5, op::I32_ADD],
            ]
            .concat()
        };
        let plain = module(&[function(1, 1, &[], table(&[op::I32_CONST, 1]))]);
        // The value lies above another one, so it has to be moved.
        let moved = module(&[function(1, 1, &[], table(&[op::I32_CONST, 9, op::I32_CONST, 1]))]);
        for bytes in [plain, moved] {
            assert_returns_each(
                &bytes,
                &[
                    (&[0], &[16]),
                    (&[1], &[6]),
                    (&[2], &[1]),
                    (&[999_998], &[1]),
                    (&[999_999], &[16]),
                    (&[1_000_000], &[16]),
                    (&[-1], &[16]),
                ],
            );
        }
    });
}

/// Each to another label.
#[test]
fn many_labels_of_one_branch_table() {
    in_time(|| {
        const LABELS: u32 = 20_000;
        let mut body = repeat(&[op::BLOCK, op::EMPTY], LABELS as usize);
        body.extend([op::LOCAL_GET, 0, op::BR_TABLE]);
        body.extend(leb(LABELS - 1));
        for label in 0..LABELS {
            body.extend(leb(label));
        }
        // Every block but the outermost adds one to what it finds.
        body.push(op::END);
        let add = [op::LOCAL_GET, 1, op::I32_CONST, 1, op::I32_ADD, op::LOCAL_SET, 1, op::END];
        body.extend(repeat(&add, LABELS as usize - 1));
        body.extend([op::LOCAL_GET, 1]);
        let bytes = module(&[function(2, 1, &[], body)]);
        let last = LABELS as i32 - 1;
        assert_returns_each(
            &bytes,
            &[
                (&[0, 0], &[last]),
                (&[1, 0], &[last - 1]),
                (&[17, 0], &[last - 17]),
                (&[last, 0], &[0]),
                (&[last + 1, 0], &[0]),
            ],
        );
    });
}

#[test]
fn frames_over_the_limit() {
    // Just as many operands as are allowed, which with the locals are too many.
    let body = [[op::CALL, 1].repeat(4_194), vec![op::RETURN]].concat();
    let thousand = function(0, 1000, &[], [op::I32_CONST, 0].repeat(1000));
    let bytes = module(&[function(0, 0, &[(1000, I32)], body), thousand]);
    let is_limit = |error: &Error| matches!(error.kind(), ErrorKind::Limit { what: "cells of a frame", .. });
    for setting in one_setting_a_strategy() {
        let engine = Engine::new(&setting.config());
        match Module::new(&engine, &bytes) {
            Err(error) => {
                assert_eq!(setting.compilation, Compilation::Eager);
                assert!(is_limit(&error), "{error:?}");
            }
            Ok(module) => {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[]).expect("it has no imports");
                let run = func(&mut store, instance, "run");
                let error = call(&mut store, run, &[]).expect_err("it cannot be lowered");
                assert!(is_limit(&error), "{error:?}");
            }
        }
    }
}

/// A frame that no value stack has room for is a trap, and one beyond what is handled an error.
#[test]
fn frames_larger_than_the_stack() {
    let body = |depth: usize| [repeat(&[op::LOCAL_GET, 0], depth), repeat(&[op::DROP], depth)].concat();
    let fits = module(&[function(1, 0, &[], body(1_000_000))]);
    run_each(&fits, &[Val::I32(1)], |outcome, setting| {
        outcome.unwrap_or_else(|error| panic!("{error:?}, {setting:?}"));
    });
    let too_large = module(&[function(1, 0, &[], body(1_100_000))]);
    run_each(&too_large, &[Val::I32(1)], |outcome, setting| {
        crate::run::assert_traps(outcome, wapiti::Trap::StackExhausted, setting);
    });
}
