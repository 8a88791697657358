//! Addresses and indices at every limit, compared with what plain arithmetic says of them.

use std::fmt::Write as _;

use wapiti::{Config, ErrorKind, Instance, Store, Trap, Val};

use crate::run::{assert_traps, call, func, instance};
use crate::support::{Setting, one_setting_a_strategy, settings};

const MEMORY_BYTES: u64 = 65_536;

/// Loads and stores, each with its type and how many bytes it touches.
const LOADS: [(&str, &str, u64); 14] = [
    ("i32.load", "i32", 4),
    ("i64.load", "i64", 8),
    ("f32.load", "f32", 4),
    ("f64.load", "f64", 8),
    ("i32.load8_s", "i32", 1),
    ("i32.load8_u", "i32", 1),
    ("i32.load16_s", "i32", 2),
    ("i32.load16_u", "i32", 2),
    ("i64.load8_s", "i64", 1),
    ("i64.load8_u", "i64", 1),
    ("i64.load16_s", "i64", 2),
    ("i64.load16_u", "i64", 2),
    ("i64.load32_s", "i64", 4),
    ("i64.load32_u", "i64", 4),
];
const STORES: [(&str, &str, u64); 9] = [
    ("i32.store", "i32", 4),
    ("i64.store", "i64", 8),
    ("f32.store", "f32", 4),
    ("f64.store", "f64", 8),
    ("i32.store8", "i32", 1),
    ("i32.store16", "i32", 2),
    ("i64.store8", "i64", 1),
    ("i64.store16", "i64", 2),
    ("i64.store32", "i64", 4),
];

const OFFSETS: [u64; 5] = [0, 1, 65_535, 0x7FFF_FFFF, 0xFFFF_FFFF];

/// What lies around the ends of memory and of the address space.
fn addresses(bytes: u64) -> Vec<u32> {
    let end = MEMORY_BYTES as u32;
    let mut addresses = vec![0, 1, 0x7FFF_FFFF, 0x8000_0000, u32::MAX - 1, u32::MAX];
    addresses.extend(end - bytes as u32 - 1..=end - bytes as u32 + 1);
    addresses.extend([
        end - 1,
        end,
        end + 1,
        u32::MAX - bytes as u32 + 1,
        u32::MAX - end,
        u32::MAX - end + 1,
    ]);
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn int(value: u32) -> Val {
    Val::I32(value.cast_signed())
}

/// Calls an export that must succeed if `fits`, and trap otherwise.
#[track_caller]
fn expect(
    store: &mut Store<()>,
    instance: Instance,
    name: &str,
    arguments: &[Val],
    fits: bool,
    trap: Trap,
    setting: Setting,
) {
    let exported = func(store, instance, name);
    let outcome = call(store, exported, arguments);
    if fits {
        assert!(outcome.is_ok(), "{name} {arguments:?}: {outcome:?}, {setting:?}");
    } else {
        match outcome {
            Ok(results) => panic!("{name} {arguments:?}: {results:?}, {setting:?}"),
            Err(error) => assert_eq!(error.trap(), Some(trap), "{name} {arguments:?}, {setting:?}"),
        }
    }
}

/// One module of all accesses in all forms: the address a cell, the sum of two cells, a constant.
fn accesses() -> String {
    let mut text = String::from("(module (memory (export \"memory\") 1)\n");
    for offset in OFFSETS {
        for (load, ty, bytes) in LOADS {
            let mut form = |name: &str, params: &str, address: &str| {
                writeln!(
                    text,
                    "(func (export \"{load} {offset} {name}\") {params} (drop ({load} offset={offset} {address})))"
                )
                .expect("a String takes it");
            };
            form("cell", "(param i32)", "(local.get 0)");
            form("sum", "(param i32 i32)", "(i32.add (local.get 0) (local.get 1))");
            for address in addresses(bytes) {
                form(&address.to_string(), "", &format!("(i32.const {address})"));
            }
            assert!(["i32", "i64", "f32", "f64"].contains(&ty));
        }
        for (store, ty, bytes) in STORES {
            // A cell, and constants: a short one and, for 64 bits, a long one.
            for (value_name, value) in [
                ("cell", "(local.get 2)".to_owned()),
                ("short", format!("({ty}.const -1)")),
                ("long", format!("({ty}.const {})", if ty == "i64" { "0x7FFFFFFFFFFFFFFF" } else { "0.1" })),
            ] {
                if ty == "i32" && value_name == "long" {
                    continue;
                }
                let mut form = |name: &str, address: &str| {
                    writeln!(
                        text,
                        "(func (export \"{store} {offset} {value_name} {name}\") (param i32 i32 {ty})
                            ({store} offset={offset} {address} {value}))"
                    )
                    .expect("a String takes it");
                };
                form("cell", "(local.get 0)");
                form("sum", "(i32.add (local.get 0) (local.get 1))");
                if value_name != "long" {
                    for address in addresses(bytes) {
                        form(&address.to_string(), &format!("(i32.const {address})"));
                    }
                }
            }
        }
    }
    text.push(')');
    text
}

#[test]
fn of_loads() {
    let binary = wat::parse_str(accesses()).expect("well formed");
    for setting in one_setting_a_strategy() {
        let (mut store, instance) = instance(&setting.config(), &binary);
        let mut check = |name: String, arguments: &[Val], fits| {
            expect(&mut store, instance, &name, arguments, fits, Trap::MemoryOutOfBounds, setting);
        };
        for offset in OFFSETS {
            for (load, _, bytes) in LOADS {
                for address in addresses(bytes) {
                    let fits = u64::from(address) + offset + bytes <= MEMORY_BYTES;
                    check(format!("{load} {offset} cell"), &[int(address)], fits);
                    check(format!("{load} {offset} {address}"), &[], fits);
                    // The sum wraps, what is added to it does not.
                    for part in [0, 1, 40_000, 0x8000_0000, u32::MAX] {
                        let rest = address.wrapping_sub(part);
                        check(format!("{load} {offset} sum"), &[int(part), int(rest)], fits);
                    }
                }
            }
        }
    }
}

#[test]
fn of_stores() {
    let binary = wat::parse_str(accesses()).expect("well formed");
    for setting in one_setting_a_strategy() {
        let (mut store, instance) = instance(&setting.config(), &binary);
        let memory = instance.get_memory(&store, "memory").expect("it is exported");
        for offset in OFFSETS {
            for (store_name, ty, bytes) in STORES {
                for address in addresses(bytes) {
                    let start = u64::from(address) + offset;
                    let fits = start + bytes <= MEMORY_BYTES;
                    let value = match ty {
                        "i32" => Val::I32(-1),
                        "i64" => Val::I64(-1),
                        "f32" => Val::F32(u32::MAX),
                        _ => Val::F64(u64::MAX),
                    };
                    let mut forms = vec![
                        ("cell cell".to_owned(), address, 0),
                        ("short cell".to_owned(), address, 0),
                        ("cell sum".to_owned(), 40_000, address.wrapping_sub(40_000)),
                        ("short sum".to_owned(), u32::MAX, address.wrapping_add(1)),
                        (format!("cell {address}"), 0, 0),
                        (format!("short {address}"), 0, 0),
                    ];
                    if ty != "i32" {
                        forms.push(("long cell".to_owned(), address, 0));
                        forms.push(("long sum".to_owned(), 1, address.wrapping_sub(1)));
                    }
                    for (form, first, second) in forms {
                        memory.data_mut(&mut store).fill(0);
                        let name = format!("{store_name} {offset} {form}");
                        let arguments = [int(first), int(second), value];
                        expect(
                            &mut store,
                            instance,
                            &name,
                            &arguments,
                            fits,
                            Trap::MemoryOutOfBounds,
                            setting,
                        );
                        // All of it or nothing, and nothing beside it.
                        let data = memory.data(&store);
                        let (from, to) =
                            if fits { (start as usize, (start + bytes) as usize) } else { (0, 0) };
                        assert!(data[..from].iter().all(|byte| *byte == 0), "{name}, {setting:?}");
                        assert!(data[to..].iter().all(|byte| *byte == 0), "{name}, {setting:?}");
                        assert!(!fits || data[from..to].iter().any(|byte| *byte != 0), "{name}, {setting:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn of_an_empty_memory() {
    let text = r#"(module (memory 0 1)
        (func (export "load") (param i32) (drop (i32.load8_u (local.get 0))))
        (func (export "store") (param i32) (i64.store8 (local.get 0) (i64.const 1)))
        (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    for setting in settings() {
        let (mut store, instance) = instance(&setting.config(), text.as_bytes());
        let mut check = |name, arguments: &[Val], fits| {
            expect(&mut store, instance, name, arguments, fits, Trap::MemoryOutOfBounds, setting);
        };
        for address in [0, 1, 65_535, u32::MAX] {
            check("load", &[int(address)], false);
            check("store", &[int(address)], false);
            check("fill", &[int(address), int(1)], false);
            check("fill", &[int(address), int(0)], address == 0);
        }
        check("grow", &[int(1)], true);
        check("store", &[int(65_535)], true);
        check("load", &[int(65_536)], false);
    }
}

/// All of the address space: nothing is out of bounds until the last bytes.
#[test]
fn of_the_largest_memory() {
    let text = r#"(module (memory (export "memory") 65536)
        (func (export "load") (param i32) (result i64) (i64.load (local.get 0)))
        (func (export "load at an offset") (param i32) (drop (i32.load8_u offset=0xFFFFFFFF (local.get 0))))
        (func (export "store") (param i32) (i32.store16 (local.get 0) (i32.const 0xABCD)))
        (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
        (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    for setting in one_setting_a_strategy() {
        let engine = wapiti::Engine::new(&setting.config());
        let module = wapiti::Module::new(&engine, text).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = match Instance::new(&mut store, &module, &[]) {
            Ok(instance) => instance,
            Err(error) => {
                // A machine may not have as much address space to give.
                assert!(matches!(error.kind(), ErrorKind::OutOfMemory(_)), "{error:?}");
                return;
            }
        };
        let mut check = |name, arguments: &[u32], fits| {
            let arguments: Vec<Val> = arguments.iter().copied().map(int).collect();
            expect(&mut store, instance, name, &arguments, fits, Trap::MemoryOutOfBounds, setting);
        };
        check("load", &[u32::MAX - 7], true);
        check("load", &[u32::MAX - 6], false);
        check("load", &[u32::MAX], false);
        check("load at an offset", &[0], true);
        check("load at an offset", &[1], false);
        check("load at an offset", &[u32::MAX], false);
        check("store", &[u32::MAX - 1], true);
        check("store", &[u32::MAX], false);
        check("fill", &[u32::MAX, 1], true);
        check("fill", &[u32::MAX, 2], false);
        check("fill", &[2, u32::MAX], false);
        check("copy", &[0, u32::MAX, 1], true);
        check("copy", &[u32::MAX, 0, 2], false);
        check("copy", &[0, u32::MAX, 2], false);
        check("copy", &[u32::MAX, u32::MAX, u32::MAX], false);
        let grow = func(&mut store, instance, "grow");
        for (pages, before) in [(0, 65_536), (1, -1), (u32::MAX, -1)] {
            let results = call(&mut store, grow, &[int(pages)]).expect("growing does not trap");
            assert_eq!(results[0].unwrap_i32(), before, "{pages} pages, {setting:?}");
        }
    }
}

/// To the module's maximum and to that of every memory, at once and page by page.
#[test]
fn of_growth() {
    let text = |limits: &str| {
        format!(
            r#"(module (memory {limits})
                (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
                (func (export "grow page by page") (result i32)
                    (loop $next (br_if $next (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
                    (memory.size)))"#
        )
    };
    for setting in one_setting_a_strategy() {
        for (limits, max) in [("0 0", 0), ("1 7", 7), ("0 300", 300), ("1", 65_536)] {
            let (mut store, instance) = instance(&setting.config(), text(limits).as_bytes());
            let [grow, by_page] = ["grow", "grow page by page"].map(|name| func(&mut store, instance, name));
            let start = limits.starts_with('1') as i32;
            for too_much in [max - start + 1, i32::MAX, i32::MIN, -1] {
                let results = call(&mut store, grow, &[Val::I32(too_much)]).expect("growing does not trap");
                assert_eq!(results[0].unwrap_i32(), -1, "{limits}, {too_much} pages, {setting:?}");
            }
            let size = call(&mut store, by_page, &[]).expect("growing does not trap")[0].unwrap_i32();
            // A machine may not have as much address space to give.
            assert!(size == max || max == 65_536, "{limits}: {size} pages, {setting:?}");
        }
    }
}

const EDGES: [u32; 11] = [0, 1, 4, 9, 10, 11, 0x7FFF_FFFF, 0x8000_0000, u32::MAX - 9, u32::MAX - 1, u32::MAX];

/// Whether `len` from `start` on are among `size`.
fn fits(start: u32, len: u32, size: u64) -> bool {
    u64::from(start) + u64::from(len) <= size
}

#[test]
fn of_bulk_memory_operators() {
    let text = r#"(module (memory 1) (data $passive "0123456789")
        (data (i32.const 0) "active")
        (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
        (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
        (func (export "init") (param i32 i32 i32) (memory.init $passive (local.get 0) (local.get 1) (local.get 2)))
        (func (export "init active") (param i32 i32 i32) (memory.init 1 (local.get 0) (local.get 1) (local.get 2)))
        (func (export "drop") (data.drop $passive) (data.drop $passive) (data.drop 1)))"#;
    let mut edges = EDGES.to_vec();
    edges.extend([65_525, 65_526, 65_527, 65_535, 65_536, 65_537, u32::MAX - 65_535, u32::MAX - 65_536]);
    for setting in settings() {
        let (mut store, instance) = instance(&setting.config(), text.as_bytes());
        for dropped in [false, true] {
            let passive = if dropped { 0 } else { 10 };
            let mut check = |name, [a, b, c]: [u32; 3], fits| {
                let arguments = [int(a), int(b), int(c)];
                expect(&mut store, instance, name, &arguments, fits, Trap::MemoryOutOfBounds, setting);
            };
            for &a in &edges {
                for &b in &edges {
                    for &c in &edges {
                        check("fill", [a, b, c], fits(a, c, MEMORY_BYTES));
                        check("copy", [a, b, c], fits(a, c, MEMORY_BYTES) && fits(b, c, MEMORY_BYTES));
                        check("init", [a, b, c], fits(a, c, MEMORY_BYTES) && fits(b, c, passive));
                        // An active segment has been dropped when it was used.
                        check("init active", [a, b, c], fits(a, c, MEMORY_BYTES) && fits(b, c, 0));
                    }
                }
            }
            let drop = func(&mut store, instance, "drop");
            call(&mut store, drop, &[]).expect("dropping twice is no mistake");
        }
    }
}

#[test]
fn of_table_operators() {
    let text = r#"(module (table $t 10 20 funcref) (table $other 4 externref)
        (type $f (func))
        (elem $passive func $f $f $f $f)
        (elem (table $t) (i32.const 0) func $f $f)
        (func $f)
        (func (export "get") (param i32) (drop (table.get $t (local.get 0))))
        (func (export "set") (param i32) (table.set $t (local.get 0) (ref.null func)))
        (func (export "get other") (param i32) (drop (table.get $other (local.get 0))))
        (func (export "set other") (param i32) (table.set $other (local.get 0) (ref.null extern)))
        (func (export "fill") (param i32 i32 i32) (table.fill $t (local.get 0) (ref.func $f) (local.get 2)))
        (func (export "copy") (param i32 i32 i32) (table.copy $t $t (local.get 0) (local.get 1) (local.get 2)))
        (func (export "init") (param i32 i32 i32) (table.init $t $passive (local.get 0) (local.get 1) (local.get 2)))
        (func (export "call") (param i32) (call_indirect $t (type $f) (local.get 0)))
        (func (export "tail call") (param i32) (return_call_indirect $t (type $f) (local.get 0)))
        (func (export "reset") (table.fill $t (i32.const 0) (ref.func $f) (table.size $t)))
        (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
        (func (export "grow other") (param i32) (result i32) (table.grow $other (ref.null extern) (local.get 0)))
        (func (export "drop") (elem.drop $passive) (elem.drop $passive)))"#;
    for setting in settings() {
        let (mut store, instance) = instance(&setting.config(), text.as_bytes());
        for dropped in [false, true] {
            let passive = if dropped { 0 } else { 4 };
            for a in EDGES {
                let mut check = |name, arguments: &[Val], fits, trap| {
                    expect(&mut store, instance, name, arguments, fits, trap, setting);
                };
                let size = 10;
                check("get", &[int(a)], fits(a, 1, size), Trap::TableOutOfBounds);
                check("set", &[int(a)], fits(a, 1, size), Trap::TableOutOfBounds);
                check("get other", &[int(a)], fits(a, 1, 4), Trap::TableOutOfBounds);
                check("set other", &[int(a)], fits(a, 1, 4), Trap::TableOutOfBounds);
                for b in EDGES {
                    for c in EDGES {
                        let arguments = [int(a), int(b), int(c)];
                        let mut check = |name, fits| check(name, &arguments, fits, Trap::TableOutOfBounds);
                        check("fill", fits(a, c, size));
                        check("copy", fits(a, c, size) && fits(b, c, size));
                        check("init", fits(a, c, size) && fits(b, c, passive));
                    }
                }
                check("reset", &[], true, Trap::TableOutOfBounds);
                check("call", &[int(a)], fits(a, 1, size), Trap::UndefinedElement);
                check("tail call", &[int(a)], fits(a, 1, size), Trap::UndefinedElement);
            }
            let drop = func(&mut store, instance, "drop");
            call(&mut store, drop, &[]).expect("dropping twice is no mistake");
        }
        for (name, delta, before) in [
            ("grow", 11, -1),
            ("grow", u32::MAX, -1),
            ("grow", 10, 10),
            ("grow", 1, -1),
            ("grow other", u32::MAX, -1),
            ("grow other", u32::MAX - 3, -1),
            ("grow other", 0, 4),
        ] {
            let grow = func(&mut store, instance, name);
            let results = call(&mut store, grow, &[int(delta)]).expect("growing does not trap");
            assert_eq!(results[0].unwrap_i32(), before, "{name} {delta}, {setting:?}");
        }
    }
}

/// More tables than narrow operand fields can number.
#[test]
fn of_the_number_of_tables() {
    let mut text = String::from("(module (type $t (func (result i32)))");
    text.push_str(&"(table 0 funcref)".repeat(70_000));
    text.push_str(
        r#"(table $last funcref (elem $seven))
        (func $seven (result i32) (i32.const 7))
        (func (export "size") (result i32) (table.size $last))
        (func (export "call") (param i32) (result i32) (call_indirect $last (type $t) (local.get 0)))
        (func (export "tail") (param i32) (result i32) (return_call_indirect $last (type $t) (local.get 0))))"#,
    );
    let binary = wat::parse_str(text).expect("well formed");
    for setting in settings() {
        let engine = wapiti::Engine::new(&setting.config());
        // Whether so many are handled or refused is for the engine to say; it says so.
        let module = match wapiti::Module::new(&engine, &binary) {
            Ok(module) => module,
            Err(error) => {
                assert!(
                    matches!(error.kind(), ErrorKind::Limit { .. } | ErrorKind::Invalid { .. }),
                    "{error:?}"
                );
                continue;
            }
        };
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("the tables are small");
        for (name, arguments) in [("size", &[][..]), ("call", &[Val::I32(0)]), ("tail", &[Val::I32(0)])] {
            let exported = func(&mut store, instance, name);
            let expected = if name == "size" { 1 } else { 7 };
            match call(&mut store, exported, arguments) {
                Ok(results) => assert_eq!(results[0].unwrap_i32(), expected, "{name}, {setting:?}"),
                Err(error) => {
                    assert!(matches!(error.kind(), ErrorKind::Limit { .. }), "{name}: {error:?}, {setting:?}")
                }
            }
        }
    }
}

/// Segments that do not fit are found when the module is instantiated, and leave the store usable.
#[test]
fn of_active_segments() {
    for (text, trap) in [
        ("(memory 1) (data (i32.const 65536) \"a\")", Trap::MemoryOutOfBounds),
        ("(memory 1) (data (i32.const -1) \"a\")", Trap::MemoryOutOfBounds),
        ("(memory 0) (data (i32.const 1) \"\")", Trap::MemoryOutOfBounds),
        ("(table 1 funcref) (func $f) (elem (i32.const 1) func $f)", Trap::TableOutOfBounds),
        ("(table 1 funcref) (func $f) (elem (i32.const -1) func $f)", Trap::TableOutOfBounds),
        ("(table 0 funcref) (elem (i32.const 1) func)", Trap::TableOutOfBounds),
    ] {
        for setting in settings() {
            let engine = wapiti::Engine::new(&setting.config());
            let module =
                wapiti::Module::new(&engine, format!("(module {text})")).expect("the module is valid");
            let mut store = Store::new(&engine, ());
            for _ in 0..2 {
                assert_traps(Instance::new(&mut store, &module, &[]), trap, setting);
            }
        }
    }
}

/// More than there can be.
#[test]
fn of_declared_sizes() {
    let refused = |text: &str| {
        let engine = wapiti::Engine::new(&Config::new());
        let module = wapiti::Module::new(&engine, text)?;
        Instance::new(Store::new(&engine, ()), &module, &[]).map(drop)
    };
    for text in [
        "(module (memory 65537))",
        "(module (memory 0 65537))",
        "(module (memory 2 1))",
        "(module (table 4294967295 funcref))",
        "(module (table 10000001 externref))",
        "(module (table 2 1 funcref))",
    ] {
        let error = refused(text).expect_err(text);
        assert!(
            matches!(error.kind(), ErrorKind::Invalid { .. } | ErrorKind::Limit { .. }),
            "{text}: {error:?}"
        );
    }
}
