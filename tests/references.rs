//! References to functions across the boundary between host and guest, and between instances.

use wapiti::{
    Config, DefinedType, Dispatch, Engine, Error, Func, FuncType, Global, GlobalType, HeapType, Instance,
    Linker, Module, Mutability, Ref, RefType, Store, Table, TableType, Trap, Val, ValType,
};

const DISPATCHES: &[Dispatch] = Dispatch::ALL;

fn instantiate(store: &mut Store<()>, text: &str) -> Instance {
    let module = Module::new(store.engine(), text).expect("the test's module is valid");
    Linker::new(store.engine()).instantiate(store, &module).expect("the test's module imports nothing")
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().map(|error| error.to_string()).unwrap_or_default()
}

/// `(ref $t)` for the function type `i32 -> i32`, which lives as long as what is returned.
fn unary(engine: &Engine) -> (DefinedType, RefType) {
    let defined =
        DefinedType::func(engine, FuncType::new([ValType::I32], [ValType::I32])).expect("it refers to none");
    let not_null = RefType::new(false, defined.heap_type());
    (defined, not_null)
}

const CALLER: &str = "(module
    (type $unary (func (param i32) (result i32)))
    (type $nullable (func (param (ref null $unary) i32) (result i32)))
    (func (export \"apply\") (param (ref $unary) i32) (result i32) (call_ref $unary (local.get 1) (local.get 0)))
    (func (export \"maybe\") (type $nullable) (call_ref $unary (local.get 1) (local.get 0)))
    (func $double (export \"double\") (type $unary) (i32.shl (local.get 0) (i32.const 1)))
    (func (export \"get\") (result (ref $unary)) (ref.func $double))
    (func (export \"any\") (param funcref) (result i32) (ref.is_null (local.get 0))))";

#[test]
fn arguments_are_of_the_very_type() {
    for &dispatch in DISPATCHES {
        let engine = Engine::new(Config::new().dispatch(dispatch));
        let mut store = Store::new(&engine, ());
        let instance = instantiate(&mut store, CALLER);
        let triple = Func::wrap(&mut store, |n: i32| n * 3);
        let other = Func::wrap(&mut store, |n: i64| n);

        let apply = instance.get_typed_func::<(Func, i32), i32>(&store, "apply").expect("it is of this type");
        assert_eq!(apply.call(&mut store, (triple, 5)).expect("it is of this type"), 15);
        let text = message(apply.call(&mut store, (other, 5)));
        assert!(text.starts_with("argument 0: type mismatch: expected (ref $func"), "{text}");
        // A parameter that is not null takes nothing that may be.
        assert!(instance.get_typed_func::<(Option<Func>, i32), i32>(&store, "apply").is_err());

        let maybe =
            instance.get_typed_func::<(Option<Func>, i32), i32>(&store, "maybe").expect("it is of this type");
        assert_eq!(maybe.call(&mut store, (Some(triple), 5)).expect("it is of this type"), 15);
        let trap = maybe.call(&mut store, (None, 5)).expect_err("null cannot be called");
        assert_eq!(trap.trap(), Some(Trap::NullReference));
        assert!(maybe.call(&mut store, (Some(other), 5)).is_err());

        // Results may be of a subtype, arguments of a supertype's parameter as well.
        let get = instance.get_typed_func::<(), Func>(&store, "get").expect("it is never null");
        let double = get.call(&mut store, ()).expect("it does not trap");
        assert_eq!(apply.call(&mut store, (double, 5)).expect("it is of this type"), 10);
        assert!(instance.get_typed_func::<(), Option<Func>>(&store, "get").is_ok());
        let any = instance.get_typed_func::<Func, i32>(&store, "any").expect("a function is a nullable one");
        assert_eq!(any.call(&mut store, other).expect("it does not trap"), 0);

        let apply = instance.get_func(&store, "apply").expect("it is exported");
        let mut results = [Val::I32(0)];
        let null = message(apply.call(&mut store, &[Val::FuncRef(None), Val::I32(1)], &mut results));
        assert!(null.starts_with("argument 0: type mismatch: expected (ref $func"), "{null}");
        assert!(null.ends_with(", found nullfuncref"), "{null}");
        assert!(apply.call(&mut store, &[other.into(), Val::I32(1)], &mut results).is_err());
        apply.call(&mut store, &[triple.into(), Val::I32(7)], &mut results).expect("it is of this type");
        assert_eq!(results[0].unwrap_i32(), 21);
    }
}

#[test]
fn tables_and_globals_hold_what_their_types_say() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let (defined, not_null) = unary(&engine);
    let nullable = RefType::new(true, defined.heap_type());
    let triple = Func::wrap(&mut store, |n: i32| n * 3);
    let other = Func::wrap(&mut store, || {});
    assert_eq!(triple.defined_type(&store), defined);

    let table =
        Table::new(&mut store, TableType::new(nullable, 2, None), Ref::Func(None)).expect("null is allowed");
    table.set(&mut store, 0, triple.into()).expect("it is of this type");
    assert!(table.set(&mut store, 1, other.into()).is_err());
    assert!(Table::new(&mut store, TableType::new(not_null, 2, None), Ref::Func(None)).is_err());

    let any =
        Table::new(&mut store, TableType::new(RefType::FUNCREF, 2, None), Ref::Func(None)).expect("small");
    Table::copy(&mut store, &any, 0, &table, 0, 2).expect("these are functions");
    let text = message(Table::copy(&mut store, &table, 0, &any, 0, 2));
    assert!(text.contains("found funcref"), "{text}");

    let ty = GlobalType::new(ValType::Ref(not_null), Mutability::Var);
    assert!(Global::new(&mut store, ty, Val::FuncRef(None)).is_err());
    let global = Global::new(&mut store, ty, triple.into()).expect("it is of this type");
    assert!(global.set(&mut store, other.into()).is_err());
    // The store keeps the type, whoever else does not.
    let handle = defined.concrete();
    drop(defined);
    assert!(global.set(&mut store, triple.into()).is_ok());
    assert!(DefinedType::resolve(&engine, handle).is_some());
}

#[test]
fn types_that_are_no_more_are_refused() {
    let engine = Engine::default();
    let (defined, _) = {
        let base = FuncType::new([ValType::F64; 7], []);
        let defined = DefinedType::func(&engine, base).expect("it refers to none");
        (defined.clone(), defined)
    };
    let stale = HeapType::ConcreteFunc(defined.concrete());
    let matches_itself = stale.matches(&engine, HeapType::Func);
    drop(defined);
    assert!(matches_itself);
    // Another handle kept it alive up to here.
    let ty = ValType::Ref(RefType::new(true, stale));
    let text = message(DefinedType::func(&engine, FuncType::new([ty], [])));
    assert!(text.ends_with("refers to a type that no longer exists"), "{text}");
    let mut store = Store::new(&engine, ());
    let global = Global::new(&mut store, GlobalType::new(ty, Mutability::Const), Val::FuncRef(None));
    assert!(message(global).ends_with("refers to a type that no longer exists"));
    let mut linker = Linker::<()>::new(&engine);
    assert!(linker.func_new("m", "f", FuncType::new([ty], []), |_, _, _| Ok(())).is_err());
}

#[test]
fn imports_match_by_subtyping() {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let (_defined, not_null) = unary(&engine);
    let triple = Func::wrap(&mut store, |n: i32| n * 3);
    let mut fits = |mutability, import: &str| {
        let global =
            Global::new(&mut store, GlobalType::new(ValType::Ref(not_null), mutability), triple.into());
        let text =
            format!("(module (type $unary (func (param i32) (result i32))) (import \"\" \"\" {import}))");
        let module = Module::new(&engine, text).expect("the test's module is valid");
        Instance::new(&mut store, &module, &[global.expect("it is of this type").into()]).is_ok()
    };
    assert!(fits(Mutability::Const, "(global (ref $unary))"));
    assert!(fits(Mutability::Const, "(global (ref null $unary))"));
    assert!(fits(Mutability::Const, "(global funcref)"));
    assert!(!fits(Mutability::Const, "(global externref)"));
    assert!(fits(Mutability::Var, "(global (mut (ref $unary)))"));
    assert!(!fits(Mutability::Var, "(global (mut (ref null $unary)))"));
    assert!(!fits(Mutability::Var, "(global (ref $unary))"));
}

/// Two instances tail-call each other through references, and a host function at the end.
#[test]
fn tail_calls_through_references_take_no_room() {
    const ROUNDS: i32 = 200_000;
    let text = "(module
        (type $step (func (param i32 funcref) (result i32)))
        (type $end (func (param i32) (result i32)))
        (import \"host\" \"end\" (func $end (type $end)))
        (table $other (export \"other\") 1 (ref null $step))
        (elem declare func $end $step)
        (func $step (export \"step\") (type $step)
            (if (local.get 0) (then
                (return_call_ref $step (i32.sub (local.get 0) (i32.const 1)) (local.get 1)
                    (table.get $other (i32.const 0)))))
            (return_call_ref $end (i32.const 20) (ref.func $end))))";
    for &dispatch in DISPATCHES {
        let engine = Engine::new(Config::new().dispatch(dispatch).max_stack_bytes(64 * 1024));
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        linker.func_wrap("host", "end", |n: i32| n + 1).expect("the name is free");
        let module = Module::new(&engine, text).expect("the test's module is valid");
        let instances = [(); 2].map(|()| linker.instantiate(&mut store, &module).expect("`end` is defined"));
        for (one, other) in [(0, 1), (1, 0)] {
            let step = instances[other].get_func(&store, "step").expect("it is exported");
            let table = instances[one].get_table(&store, "other").expect("it is exported");
            table.set(&mut store, 0, step.into()).expect("it is of this type");
        }
        let step =
            instances[0].get_typed_func::<(i32, Option<Func>), i32>(&store, "step").expect("as declared");
        assert_eq!(step.call(&mut store, (ROUNDS, None)).expect("tail calls need no room"), 21);
    }
}

/// An engine that sees module after module keeps no types of those that are gone.
#[test]
fn numbers_of_types_are_used_again() {
    let engine = Engine::default();
    let text = |n: usize| {
        let params = "i32 ".repeat(n % 50);
        format!(
            "(module (type $t (func (param {params}))) (type (func (param (ref null $t)))) (func (type $t)))"
        )
    };
    let mut highest = 0;
    for n in 0..500 {
        let module = Module::new(&engine, text(n)).expect("the test's module is valid");
        let mut store = Store::new(&engine, ());
        Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let params = vec![ValType::I32; n % 50];
        let ty = DefinedType::func(&engine, FuncType::new(params, [])).expect("it refers to none");
        let number = format!("{}", ty.heap_type()).trim_start_matches("$func").parse::<u32>();
        highest = highest.max(number.expect("types are shown with their numbers"));
    }
    assert!(highest < 10, "{highest}");
}
