//! Modules large enough for several threads: whatever their number, what comes of a module is the same.

use std::fmt::Write;

use wapiti::{Compilation, Config, Engine, Error, Instance, Module, Store, Trap};

const FUNCS: usize = 600;

/// `FUNCS` functions of 1 to 2 KiB each. Function `n` adds `n` to what the one before returns; in those of `faulty`
/// something is of the wrong type, and `divides` fails when it is called.
fn module(faulty: &[usize], divides: usize) -> Vec<u8> {
    let mut text = String::from("(module (func (export \"f0\") (result i32) i32.const 0)\n");
    for n in 1..FUNCS {
        writeln!(text, "(func (export \"f{n}\") (result i32) (local i64)")
            .expect("a string takes everything");
        text.push_str(&"(local.set 0 (i64.add (local.get 0) (i64.const 123456)))\n".repeat(100 + n % 7 * 20));
        if faulty.contains(&n) {
            text.push_str("(local.set 0 (i32.const 1))\n");
        }
        if n == divides {
            text.push_str("(drop (i64.div_u (i64.const 1) (i64.sub (local.get 0) (local.get 0))))\n");
        }
        writeln!(text, "(i32.add (i32.const {n}) (call {})))", n - 1).expect("a string takes everything");
    }
    text.push(')');
    wat::parse_str(&text).expect("the text is well-formed")
}

fn engine(compilation: Compilation, threads: usize) -> Engine {
    Engine::new(Config::new().compilation(compilation).max_threads(threads))
}

/// The messages, offsets included, of what is wrong with `bytes`, for all numbers of threads.
fn faults(bytes: &[u8], compilation: Compilation) -> Vec<String> {
    let fault = |threads| {
        let error = Module::new(&engine(compilation, threads), bytes).expect_err("the module is invalid");
        format!("{error:?}")
    };
    [1, 2, 3, usize::MAX].map(fault).into()
}

#[test]
fn the_first_fault_is_reported_whichever_thread_finds_it() {
    for faulty in [vec![1, 599], vec![140, 141, 290], vec![598, 350], vec![599]] {
        let bytes = module(&faulty, 0);
        assert!(bytes.len() > 3 * 256 * 1024, "there is something to do for several threads");
        let first = *faulty.iter().min().expect("some are faulty");
        let alone = faults(&module(&[first], 0), Compilation::Lazy);
        assert!(alone[0].contains("type mismatch"), "{alone:?}");
        for compilation in [Compilation::Eager, Compilation::Lazy] {
            let faults = faults(&bytes, compilation);
            assert!(faults.iter().all(|fault| *fault == alone[0]), "{faults:?}, {alone:?}");
        }
    }
}

#[test]
fn a_faulty_body_comes_before_what_is_wrong_behind_it() {
    let faulty = module(&[20], 0);
    let expected = faults(&faulty, Compilation::Lazy).remove(0);
    for cut in [faulty.len() - 1, faulty.len() / 2] {
        let faults = faults(&faulty[..cut], Compilation::Lazy);
        assert!(faults.iter().all(|fault| *fault == expected), "{faults:?}, {expected}");
    }
    // Cut before the fault, or without one, the end is what is wrong.
    for cut in [&faulty[..4000], &module(&[], 0)[..100_000]] {
        let faults = faults(cut, Compilation::Lazy);
        assert!(faults[0].contains("unexpected end"), "{faults:?}");
        assert!(faults.iter().all(|fault| *fault == faults[0]), "{faults:?}");
    }
}

#[test]
fn code_made_on_several_threads_is_one_module() {
    let bytes = module(&[], 77);
    let mut sizes = Vec::new();
    for threads in [1, 2, usize::MAX] {
        let module = Module::new(&engine(Compilation::Eager, threads), &bytes).expect("valid");
        sizes.push(module.bytecode_bytes());
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, &module, &[]).expect("nothing is imported");
        for n in [0, 1, 50, 76] {
            let sum = call(&mut store, instance, n).expect("nothing is divided");
            assert_eq!(sum, (0..=n).sum::<usize>() as i32);
        }
        let error = call(&mut store, instance, 299).expect_err("function 77 divides by zero");
        assert_eq!(error.trap(), Some(Trap::IntegerDivideByZero));
        let frames = error.backtrace().expect("a trap has a backtrace").frames();
        let funcs: Vec<u32> = frames.iter().map(|frame| frame.func_index()).collect();
        assert_eq!(funcs[..3], [77, 78, 79]);
    }
    assert!(sizes[0] > 100_000 && sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
}

fn call(store: &mut Store<()>, instance: Instance, n: usize) -> Result<i32, Error> {
    instance.get_typed_func::<(), i32>(&mut *store, &format!("f{n}"))?.call(store, ())
}
