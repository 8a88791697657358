//! Counts and sizes that are declared and not kept.

use wapiti::{Compilation, Config, Engine, Error, ErrorKind, Instance, Module, Store};

use crate::binary::{F32, F64, Function, HEADER, I32, I64, leb, module, op, section, sized};
use crate::meter::peak_bytes;

/// Memory that refusing a module of a few bytes may take: far less than what is declared would.
const MAX_PEAK_BYTES: usize = 1 << 20;

const MODES: [Compilation; 3] = [Compilation::Eager, Compilation::Lazy, Compilation::LazyValidation];

/// The error that the bytes give when they are loaded, which takes little memory.
fn refused(bytes: &[u8], compilation: Compilation) -> Error {
    let engine = Engine::new(Config::new().compilation(compilation));
    let (outcome, peak) = peak_bytes(|| Module::new(&engine, bytes));
    let error = outcome.expect_err("the module is not valid");
    let limit = MAX_PEAK_BYTES + bytes.len() * 4;
    assert!(peak < limit, "{peak} bytes to find that {error}");
    error
}

#[track_caller]
fn assert_invalid(bytes: &[u8], compilation: Compilation) {
    let error = refused(bytes, compilation);
    match error.kind() {
        ErrorKind::Invalid { offset, message } => {
            assert!(*offset <= bytes.len(), "{message}: offset {offset} of {} bytes", bytes.len());
            assert!(!message.is_empty());
        }
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn of_sections() {
    for id in 0..=14 {
        for count in [1, 1000, 1_000_000, u32::MAX] {
            let empty = [HEADER, &section(id, count, &[])].concat();
            let cut_off = [HEADER, &[id], &leb(count)].concat();
            let repeated = [HEADER, &section(id, count, &[0; 100])].concat();
            for compilation in MODES {
                for bytes in [&empty, &cut_off, &repeated] {
                    let engine = Engine::new(Config::new().compilation(compilation));
                    let (outcome, peak) = peak_bytes(|| Module::new(&engine, bytes));
                    // Validation makes room for as many items as it would accept, before it meets them.
                    assert!(peak < 100 * MAX_PEAK_BYTES, "section {id}, {count} items: {peak} bytes");
                    // A custom section is whatever it likes to be, once it has a name.
                    assert!(outcome.is_err() || id == 0, "section {id}, {count} items");
                }
            }
        }
    }
}

/// Modules whose one function has a body of `bytes`.
fn with_body(bytes: &[u8]) -> Vec<u8> {
    let ty = section(1, 1, &[0x60, 0, 0]);
    [HEADER, &ty, &section(3, 1, &[0]), &section(10, 1, bytes)].concat()
}

#[test]
fn of_functions() {
    let huge = leb(u32::MAX);
    let two_huge_groups = [&[2][..], &huge, &[I32], &huge, &[I64], &[op::END]].concat();
    let many_groups = [&leb(u32::MAX)[..], &[1, I32].repeat(50), &[op::END]].concat();
    let branch_table = [&[0, op::I32_CONST, 0, op::BR_TABLE][..], &huge, &[0, 0, op::END]].concat();
    let lazily = |bytes: &[u8]| {
        // In this mode only what is around the body is looked at.
        let engine = Engine::new(Config::new().compilation(Compilation::LazyValidation));
        let module = Module::new(&engine, bytes).expect("bodies are not looked at");
        module.listing(0).expect_err("now they are")
    };
    for body in [two_huge_groups, many_groups, branch_table] {
        let bytes = with_body(&sized(&body));
        assert_invalid(&bytes, Compilation::Eager);
        assert_invalid(&bytes, Compilation::Lazy);
        let (error, peak) = peak_bytes(|| lazily(&bytes));
        assert!(peak < MAX_PEAK_BYTES, "{peak} bytes to find that {error}");
        assert_eq!(error.to_string(), refused(&bytes, Compilation::Eager).to_string());
    }
    for compilation in MODES {
        let declared_size = with_body(&huge);
        assert_invalid(&declared_size, compilation);
    }
}

#[test]
fn of_names_and_segments() {
    let huge = leb(u32::MAX);
    let import_name = [HEADER, &section(2, 1, &huge)].concat();
    let export_name = [HEADER, &section(7, 1, &huge)].concat();
    let params = [HEADER, &section(1, 1, &[&[0x60][..], &huge].concat())].concat();
    let results = [HEADER, &section(1, 1, &[&[0x60, 0][..], &huge].concat())].concat();
    let elements = [HEADER, &section(9, 1, &[&[1, 0][..], &huge].concat())].concat();
    let data = [HEADER, &section(11, 1, &[&[1][..], &huge].concat())].concat();
    let data_count = [HEADER, &[12, 5][..], &huge].concat();
    let memory = [HEADER, &section(5, 1, &[&[0][..], &huge].concat())].concat();
    for compilation in MODES {
        for bytes in [&import_name, &export_name, &params, &results, &elements, &data, &data_count, &memory] {
            assert_invalid(bytes, compilation);
        }
    }
}

/// A table's size is a matter of instantiation.
#[test]
fn of_table_elements() {
    let table = [HEADER, &section(4, 1, &[&[0x70, 0][..], &leb(u32::MAX)].concat())].concat();
    let engine = Engine::default();
    let module = Module::new(&engine, &table).expect("the module is valid");
    let mut store = Store::new(&engine, ());
    let (outcome, peak) = peak_bytes(|| Instance::new(&mut store, &module, &[]));
    let error = outcome.expect_err("the table is too large");
    assert!(matches!(error.kind(), ErrorKind::Limit { what: "table elements", .. }), "{error}");
    assert!(peak < MAX_PEAK_BYTES, "{peak} bytes to find that {error}");
}

/// What the name section says is of no consequence, so neither is what it gets wrong.
#[test]
fn of_the_name_section() {
    let huge = leb(u32::MAX);
    let name = sized(b"name");
    for subsection in 0..10u8 {
        let contents = [&name[..], &[subsection], &sized(&huge)].concat();
        let bytes = [HEADER, &[0], &sized(&contents)].concat();
        for compilation in MODES {
            let engine = Engine::new(Config::new().compilation(compilation));
            let (outcome, peak) = peak_bytes(|| Module::new(&engine, &bytes));
            outcome.expect("a custom section is never invalid");
            assert!(peak < MAX_PEAK_BYTES, "{peak} bytes");
        }
    }
}

/// One more than validation allows.
#[test]
fn just_over_the_limit() {
    let function = |params: usize, results: usize, locals: Vec<(u32, u8)>| Function {
        params: vec![I32; params],
        results: vec![I32; results],
        locals,
        body: vec![0],
    };
    let over = [
        function(1001, 0, vec![]),
        function(0, 1001, vec![]),
        function(0, 0, vec![(50_001, I32)]),
        function(0, 0, vec![(50_000, I32), (50_000, I64), (50_000, F32), (50_000, F64)]),
        function(0, 0, vec![(1, I64); 50_001]),
        // Parameters count as locals.
        function(1, 0, vec![(50_000, F64)]),
    ];
    for function in over {
        let bytes = module(&[function]);
        assert_invalid(&bytes, Compilation::Eager);
        assert_invalid(&bytes, Compilation::Lazy);
    }
    let long = Function { params: vec![], results: vec![], locals: vec![], body: vec![1; 7_654_322] };
    let bytes = module(&[long]);
    for compilation in MODES {
        assert_invalid(&bytes, compilation);
    }
}
