//! Modules that were whole once: cut off at every byte, and with bits flipped here and there.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use wapiti::{
    Engine, Error, ErrorKind, Extern, ExternType, Func, Global, Instance, InterruptHandle, Memory, Module,
    Mutability, Ref, Store, Table, Val,
};

use crate::support::{Setting, settings};

/// Flipped copies of each module, for each setting.
const FLIPPED: usize = if cfg!(debug_assertions) { 4 } else { 30 };

/// A module with one of everything.
const EVERYTHING: &str = r#"(module $everything
    (type $binary (func (param i32 i64) (result i64)))
    (import "host" "f" (func $f (param i32) (result i32)))
    (import "host" "t" (table $imported 1 10 externref))
    (import "host" "g" (global $g i32))
    (import "host" "m" (memory 1 2))
    (table $t 5 20 funcref)
    (global $counter (mut i64) (i64.const 0))
    (global $ref funcref (ref.func $start))
    (elem (table $t) (i32.const 1) func $start $add $start)
    (elem $passive func $add)
    (elem declare func $f)
    (data (i32.const 16) "some bytes")
    (data $more "more bytes")
    (func $start (global.set $counter (i64.const 10)))
    (func $add (export "add") (type $binary) (local f32 f64)
        (local.set 2 (f32.convert_i32_s (local.get 0)))
        (i64.add (local.get 1) (i64.extend_i32_s (call $f (i32.trunc_sat_f32_s (local.get 2))))))
    (func (export "loop") (param i32) (result i64) (local $sum i64)
        (block $done
            (loop $again
                (br_if $done (i32.eqz (local.get 0)))
                (local.set $sum (call_indirect $t (type $binary)
                    (local.get 0) (local.get $sum) (i32.const 2)))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br $again)))
        (local.get $sum))
    (func (export "memory") (param i32 i32) (result i32 i64)
        (i32.store8 offset=3 (local.get 0) (local.get 1))
        (memory.init $more (i32.const 100) (i32.const 2) (i32.const 3))
        (memory.copy (i32.const 50) (local.get 0) (i32.const 20))
        (memory.fill (i32.const 60) (local.get 1) (i32.const 5))
        (drop (memory.grow (i32.const 1)))
        (i32.load (i32.add (local.get 0) (i32.const 1)))
        (i64.load16_s offset=2 (local.get 0)))
    (func (export "table") (param externref i32) (result externref)
        (table.set $imported (i32.const 0) (local.get 0))
        (table.init $t $passive (i32.const 4) (i32.const 0) (i32.const 1))
        (drop (table.grow $imported (local.get 0) (local.get 1)))
        (select (result externref) (ref.null extern) (table.get $imported (i32.const 0)) (local.get 1)))
    (func (export "switch") (param i32) (result i32)
        (block $a (result i32)
            (block $b (result i32)
                (br_table $a $b 2 (i32.const 7) (local.get 0)))
            (i32.div_s (i32.const 100) (local.get 0))
            (i32.rem_u))
        (if (param i32) (result i32) (local.get 0)
            (then (return_call $f))
            (else (i32.xor (i32.const 1)))))
    (start $start))"#;

/// Examples, golden modules and one with everything, by name.
fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut corpus = vec![("everything".to_owned(), wat::parse_str(EVERYTHING).expect("well formed"))];
    for folder in ["examples", "tests/golden"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.extension().is_some_and(|extension| extension == "wat") {
                let module = wat::parse_file(&path).expect("well formed");
                corpus.push((path.display().to_string(), module));
            }
        }
    }
    corpus.sort();
    assert!(corpus.len() > 20, "examples and golden modules are there");
    corpus
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

/// Stops, every now and then, whatever guest code runs.
struct Watchdog {
    current: Mutex<Option<InterruptHandle>>,
    done: AtomicBool,
}

impl Watchdog {
    /// Runs `work` with a watchdog beside it.
    fn beside(work: impl FnOnce(&Self)) {
        let watchdog = Self { current: Mutex::new(None), done: AtomicBool::new(false) };
        thread::scope(|scope| {
            scope.spawn(|| watchdog.watch());
            // A panic must not leave the thread behind.
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&watchdog)));
            watchdog.done.store(true, Ordering::Relaxed);
            if let Err(panic) = outcome {
                std::panic::resume_unwind(panic);
            }
        });
    }

    fn watch(&self) {
        while !self.done.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(4));
            if let Some(handle) = &*self.current.lock().expect("nobody panics with the lock") {
                handle.interrupt();
            }
        }
    }

    fn observe(&self, store: &Store<()>) {
        *self.current.lock().expect("nobody panics with the lock") = Some(store.interrupt_handle());
    }
}

/// Loads the bytes and runs whatever they export. True if they are a module.
fn survive(name: &str, bytes: &[u8], setting: Setting, watchdog: &Watchdog) -> bool {
    // Deep recursion is tried elsewhere.
    let engine = Engine::new(setting.config().max_stack_bytes(64 << 10));
    let module = match Module::new(&engine, bytes) {
        Ok(module) => module,
        Err(error) => {
            assert_tells_where(name, bytes, &error);
            return false;
        }
    };
    let mut store = Store::new(&engine, ());
    watchdog.observe(&store);
    let imports: Result<Vec<Extern>, Error> =
        module.imports().map(|import| definition(&mut store, &import.ty())).collect();
    let Ok(imports) = imports else { return true };
    let Ok(instance) = Instance::new(&mut store, &module, &imports) else { return true };
    let exports: Vec<Extern> = instance.exports(&mut store).map(|export| export.into_extern()).collect();
    for func in exports.into_iter().filter_map(Extern::into_func) {
        call_with_samples(&mut store, func);
    }
    true
}

fn assert_tells_where(name: &str, bytes: &[u8], error: &Error) {
    match error.kind() {
        ErrorKind::Invalid { offset, message } => {
            assert!(*offset <= bytes.len(), "{name}: {message} at {offset} of {} bytes", bytes.len());
        }
        // The first byte decides whether it is text.
        ErrorKind::Text { .. } => assert_ne!(bytes[0], 0, "{name}"),
        ErrorKind::Limit { value, limit, .. } => assert!(value > limit, "{name}"),
        kind => panic!("{name}: {kind:?}"),
    }
}

/// Something of this type to import.
fn definition(store: &mut Store<()>, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => Func::new(store, ty.clone(), |_, _, _| Ok(())).into(),
        ExternType::Global(ty) => {
            assert!(matches!(ty.mutability(), Mutability::Const | Mutability::Var));
            Global::new(store, *ty, Val::default_for_ty(ty.content()))?.into()
        }
        ExternType::Table(ty) => Table::new(store, *ty, Ref::null(ty.element().heap_type()))?.into(),
        ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
        other => return Err(Error::msg(format!("nothing of type {other}"))),
    })
}

fn call_with_samples(store: &mut Store<()>, func: Func) {
    let ty = func.ty(&*store);
    for sample in [0i32, 1, 5, -1] {
        let arguments: Vec<Val> = ty
            .params()
            .iter()
            .map(|ty| match Val::default_for_ty(*ty) {
                Val::I32(_) => Val::I32(sample),
                Val::I64(_) => Val::I64(sample.into()),
                Val::F32(_) => Val::F32((sample as f32).to_bits()),
                Val::F64(_) => Val::F64(f64::from(sample).to_bits()),
                null => null,
            })
            .collect();
        let mut results = vec![Val::I32(0); ty.results().len()];
        // Whatever comes of it.
        let _ = func.call(&mut *store, &arguments, &mut results);
    }
}

#[test]
fn whole_modules_run() {
    Watchdog::beside(|watchdog| {
        for (name, module) in corpus() {
            for setting in settings() {
                assert!(survive(&name, &module, setting, watchdog), "{name} is a module");
            }
        }
    });
}

#[test]
fn cut_off_at_every_byte() {
    Watchdog::beside(|watchdog| {
        let settings = settings();
        for (name, module) in corpus() {
            let mut valid = 0;
            for len in 0..module.len() {
                // Every setting gets its turn many times over.
                let setting = settings[len % settings.len()];
                valid += usize::from(survive(&name, &module[..len], setting, watchdog));
            }
            // The sections that go without each other.
            assert!(valid < 12, "{name}: {valid} of {} beginnings are modules", module.len());
        }
    });
}

#[test]
fn with_flipped_bits() {
    Watchdog::beside(|watchdog| {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let (mut valid, mut total) = (0, 0);
        for (name, module) in corpus() {
            for setting in settings() {
                for _ in 0..FLIPPED {
                    let mut flipped = module.clone();
                    for _ in 0..=random.below(3) {
                        // The header is too easy.
                        let position = 8 + random.below(module.len() - 8);
                        flipped[position] ^= 1 << random.below(8);
                    }
                    total += 1;
                    valid += usize::from(survive(&name, &flipped, setting, watchdog));
                }
            }
        }
        assert!(valid > total / 20, "only {valid} of {total} get past validation: too few to mean anything");
    });
}
