//! What a tracer is shown of guest code, under every strategy; and calls that are executed in portions.

use std::sync::{Arc, Mutex};

use wapiti::{
    Caller, Config, Dispatch, Engine, Error, Instance, Linker, Module, Place, Store, TracedOp, Tracer, Trap,
    Val,
};

/// Writes a line an op: what it reads before, what it writes after.
#[derive(Default)]
struct Lines {
    all: Arc<Mutex<Vec<String>>>,
    before: String,
}

impl Tracer for Lines {
    fn before(&mut self, op: &TracedOp<'_>) {
        self.before = format!("{}:{} {}", op.function(), op.position(), op.name());
        for access in op.reads() {
            self.before.push_str(&format!(" {}", text(access)));
        }
    }

    fn after(&mut self, op: &TracedOp<'_>, outcome: Result<(), &Error>) {
        let mut line = std::mem::take(&mut self.before);
        match outcome {
            Ok(()) => op.writes().iter().for_each(|access| line.push_str(&format!(" -> {}", text(access)))),
            Err(error) => line.push_str(&format!(" fails: {error}")),
        }
        self.all.lock().expect("nobody panics").push(line);
    }
}

fn text(access: &wapiti::Access) -> String {
    let place = match access.place {
        Place::Cell(cell) => format!("r{cell}"),
        Place::Global(idx) => format!("g{idx}"),
        Place::Memory { index: 0, address, len } => format!("[{address};{len}]"),
        other => format!("{other:?}"),
    };
    access.value.map_or(place.clone(), |value| format!("{place}={value}"))
}

fn engines() -> impl Iterator<Item = Engine> {
    let engine = |dispatch| Engine::new(Config::new().dispatch(dispatch));
    Dispatch::ALL.iter().copied().map(engine)
}

/// The lines of calling the export `f`, under every strategy; they must be the same, and so must a second instance's.
fn trace(wat: &str, args: &[Val]) -> Vec<String> {
    let mut all = Vec::new();
    for engine in engines() {
        let module = Module::new(&engine, wat).expect("the test's module is valid");
        let mut linker = Linker::new(&engine);
        let double = |mut caller: Caller<'_, ()>, n: i32| {
            if let Some(memory) = caller.get_export("memory").and_then(|export| export.into_memory()) {
                memory.data_mut(&mut caller)[8] = 77;
            }
            n * 2
        };
        linker.func_wrap("host", "double", double).expect("it is defined once");
        // The second instance has functions that have been lowered already.
        for _ in 0..2 {
            let mut store = Store::new(&engine, ());
            let instance = linker.instantiate(&mut store, &module).expect("what it imports is there");
            let func = instance.get_func(&store, "f").expect("it is exported");
            let results = func.ty(&store).results().len();
            let lines = Lines::default();
            let seen = Arc::clone(&lines.all);
            store.set_tracer(Some(Box::new(lines)));
            // A trap is in the lines.
            let _ = func.call(&mut store, args, &mut vec![Val::I32(0); results]);
            assert!(store.set_tracer(None).is_some());
            all.push(std::mem::take(&mut *seen.lock().expect("nobody panics")));
        }
    }
    assert!(all.iter().all(|lines| *lines == all[0]), "{all:#?}");
    all.swap_remove(0)
}

#[test]
fn values_read_and_written() {
    let lines = trace(
        r#"(module (memory 1) (global $g (mut i32) (i32.const 5))
            (func (export "f") (param i32 i32) (result i32)
                (i32.store16 offset=2 (local.get 0) (local.get 1))
                (global.set $g (i32.add (global.get $g) (local.get 1)))
                (i32.load (local.get 0))))"#,
        &[Val::I32(4), Val::I32(0x1_0203)],
    );
    assert_eq!(
        lines,
        [
            "0:0 i32.store16 r0=4 r1=66051 -> [6;2]=515",
            "0:24 global.get g0=5 -> r4=5",
            "0:40 i32.add r4=5 r1=66051 -> r4=66056",
            "0:56 global.set r4=66056 -> g0=66056",
            "0:72 i32.load r0=4 [4;4]=33751040 -> r4=33751040",
            "0:96 return r4=33751040 -> r0=33751040",
        ]
    );
}

#[test]
fn calls_of_guest_and_host() {
    let lines = trace(
        r#"(module (import "host" "double" (func $double (param i32) (result i32)))
            (memory (export "memory") 1)
            (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
            (func (export "f") (param i32) (result i32)
                (call $add (call $double (local.get 0)) (i32.load8_u (i32.const 8)))))"#,
        &[Val::I32(21)],
    );
    let names: Vec<&str> = lines.iter().map(|line| line.split(' ').nth(1).expect("a name")).collect();
    assert_eq!(names, ["copy", "call_import", "i32.load8_u_at", "call", "i32.add", "return", "return"]);
    assert!(lines[1].ends_with("r3=21 -> r3=42"), "{}", lines[1]);
    assert!(lines[2].contains("[8;1]=77"), "{}", lines[2]);
    assert!(lines[3].contains("r3=42 r4=77"), "{}", lines[3]);
}

/// The second instance's calls find what the first one's have remembered.
#[test]
fn indirect_calls_read_their_arguments() {
    let lines = trace(
        r#"(module (import "host" "double" (func $double (param i32) (result i32)))
            (type $binary (func (param i32 i32) (result i32)))
            (type $unary (func (param i32) (result i32)))
            (table funcref (elem $double $sub))
            (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
            (func (export "f") (param i32) (result i32)
                (call_indirect (type $unary)
                    (call_indirect (type $binary) (local.get 0) (i32.const 8) (i32.const 1))
                    (i32.const 0))))"#,
        &[Val::I32(29)],
    );
    let calls: Vec<&String> = lines.iter().filter(|line| line.contains("call_indirect")).collect();
    assert_eq!(calls.len(), 2, "{lines:?}");
    assert!(calls[0].contains("r3=29 r4=8"), "{}", calls[0]);
    assert!(calls[1].ends_with("r3=21 -> r3=42"), "{}", calls[1]);
}

#[test]
fn traps_are_shown_at_the_op() {
    let wat = r#"(module (memory 1) (func (export "f") (param i32) (result i32) (i32.load (local.get 0))))"#;
    assert_eq!(
        trace(wat, &[Val::I32(65_533)]),
        ["0:0 i32.load r0=65533 [65533;4] fails: out of bounds memory access"]
    );
}

#[test]
fn start_functions_are_watched() {
    for engine in engines() {
        let module = Module::new(&engine, "(module (func $s nop) (start $s))").expect("a valid module");
        let mut store = Store::new(&engine, ());
        let lines = Lines::default();
        let seen = Arc::clone(&lines.all);
        store.set_tracer(Some(Box::new(lines)));
        Instance::new(&mut store, &module, &[]).expect("it needs nothing");
        assert_eq!(*seen.lock().expect("nobody panics"), ["0:0 return"]);
    }
}

const FIB: &str = r#"(module (func $fib (export "f") (param i32) (result i32)
    (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
    (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))"#;

#[test]
fn portions_add_up_to_the_call() {
    let count = trace(FIB, &[Val::I32(10)]).len() as u64;
    for engine in engines() {
        for portion in [1, 7, 1000] {
            let module = Module::new(&engine, FIB).expect("the test's module is valid");
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).expect("it needs nothing");
            let func = instance.get_func(&store, "f").expect("it is exported");
            let mut execution = func.start(&mut store, &[Val::I32(10)]).expect("the argument fits");
            let results = loop {
                // Other calls in between do not disturb it.
                func.call(&mut store, &[Val::I32(3)], &mut [Val::I32(0)]).expect("it does not trap");
                if let Some(results) = execution.resume(&mut store, portion).expect("it does not trap") {
                    break results;
                }
            };
            assert!(matches!(results[..], [Val::I32(55)]));
            assert_eq!(execution.executed(), count);
            assert!(execution.resume(&mut store, 1).is_err());
            assert_eq!(execution.next_op(&mut store, |op| op.name()).expect("the same store"), None);
        }
    }
}

#[test]
fn frames_are_those_of_the_call() {
    let engine = Engine::default();
    let module = Module::new(&engine, FIB).expect("the test's module is valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("it needs nothing");
    let func = instance.get_func(&store, "f").expect("it is exported");
    let mut execution = func.start(&mut store, &[Val::I32(3)]).expect("the argument fits");
    let mut arguments = Vec::new();
    while execution.resume(&mut store, 1).expect("it does not trap").is_none() {
        let seen = execution.next_op(&mut store, |op| {
            let frames = op.frames();
            assert_eq!(frames[0].start, op.frame_start());
            assert_eq!(frames[0].position, op.position());
            frames.iter().map(|frame| op.stack()[frame.start]).collect::<Vec<_>>()
        });
        arguments.push(seen.expect("the same store").expect("it has not ended"));
    }
    // fib(3) calls fib(2), which calls fib(1).
    assert!(arguments.contains(&vec![1, 2, 3]), "{arguments:?}");
}

#[test]
fn wrong_stores_traps_and_interrupts() {
    for engine in engines() {
        let module = Module::new(&engine, r#"(module (func (export "f") (loop (br 0))))"#).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("it needs nothing");
        let func = instance.get_func(&store, "f").expect("it is exported");
        let mut execution = func.start(&mut store, &[]).expect("it takes nothing");
        let mut other = Store::new(&engine, ());
        assert!(execution.resume(&mut other, 1).is_err());
        assert!(execution.next_op(&mut other, |_| ()).is_err());
        assert!(execution.resume(&mut store, 1000).expect("it spins").is_none());
        store.interrupt_handle().interrupt();
        let error = execution.resume(&mut store, u64::MAX).expect_err("it is interrupted");
        assert_eq!(error.trap(), Some(Trap::Interrupted));
        assert!(func.start(&mut store, &[Val::I32(1)]).is_err());
    }
}
