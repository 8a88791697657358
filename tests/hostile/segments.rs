//! Segments and constant expressions of extreme size, and as many as there can be.

use wapiti::{Engine, ErrorKind, Module, Trap, Val};

use crate::binary::{HEADER, I32, leb, op, section, sized};
use crate::meter::peak_bytes;
use crate::run::{assert_traps, call, func, instance};
use crate::support::one_setting_a_strategy;

/// The most segments of a kind that validation allows.
const MAX_SEGMENTS: u32 = 100_000;

/// What a module may take for each of its bytes.
const PEAK_PER_BYTE: usize = 40;

/// A module with these sections around a function `run` from an i32 to an i32.
fn around(before: &[Vec<u8>], body: &[u8], behind: &[Vec<u8>]) -> Vec<u8> {
    let ty = section(1, 1, &[0x60, 1, I32, 1, I32]);
    let code = [&[0][..], body, &[op::END]].concat();
    let parts = [
        vec![HEADER.to_vec(), ty, section(3, 1, &[0])],
        before.to_vec(),
        vec![section(10, 1, &sized(&code))],
        behind.to_vec(),
    ];
    parts.concat().concat()
}

fn export() -> Vec<u8> {
    section(7, 1, &[&sized(b"run")[..], &[0, 0]].concat())
}

/// Loads the module, within bounds.
fn load(engine: &Engine, bytes: &[u8]) -> Module {
    let (outcome, peak) = peak_bytes(|| Module::new(engine, bytes));
    let limit = (1 << 20) + bytes.len() * PEAK_PER_BYTE;
    assert!(peak < limit, "{peak} bytes for a module of {}", bytes.len());
    outcome.expect("the module is valid")
}

/// Copies the last element, or the element behind it, to a table.
#[test]
fn an_element_segment_of_ten_million() {
    const LEN: u32 = 10_000_000;
    let table = section(4, 1, &[0x70, 0, 1]);
    let elements = section(9, 1, &[&[1, 0][..], &leb(LEN), &vec![0; LEN as usize]].concat());
    // table.init of one element at the position of the argument, and the argument again.
    let body = [op::I32_CONST, 0, op::LOCAL_GET, 0, op::I32_CONST, 1, 0xFC, 12, 0, 0, op::LOCAL_GET, 0];
    let bytes = around(&[table, export(), elements], &body, &[]);
    for setting in one_setting_a_strategy() {
        load(&Engine::new(&setting.config()), &bytes);
        let (mut store, instance) = instance(&setting.config(), &bytes);
        let run = func(&mut store, instance, "run");
        let last = LEN as i32 - 1;
        call(&mut store, run, &[Val::I32(last)]).expect("the segment is that long");
        assert_traps(call(&mut store, run, &[Val::I32(last + 1)]), Trap::TableOutOfBounds, setting);
    }
}

#[test]
fn as_many_data_segments_as_there_can_be() {
    let with = |count: u32| {
        let memory = section(5, 1, &[0, 1]);
        let data_count = [&[12][..], &sized(&leb(count))].concat();
        let data = section(11, count, &[1, 1, 7].repeat(count as usize));
        // memory.init of the last segment, to the address of the argument; then what is there.
        let init = [&[0xFC, 8][..], &leb(count - 1), &[0]].concat();
        let body = [
            &[op::LOCAL_GET, 0, op::I32_CONST, 0, op::I32_CONST, 1][..],
            &init,
            &[op::LOCAL_GET, 0, 0x2D, 0, 0],
        ];
        around(&[memory, export(), data_count], &body.concat(), &[data])
    };
    for setting in one_setting_a_strategy() {
        let bytes = with(MAX_SEGMENTS);
        load(&Engine::new(&setting.config()), &bytes);
        let (mut store, instance) = instance(&setting.config(), &bytes);
        let run = func(&mut store, instance, "run");
        let found = call(&mut store, run, &[Val::I32(9)]).expect("it is a byte");
        assert_eq!(found[0].unwrap_i32(), 7, "{setting:?}");
        assert_traps(call(&mut store, run, &[Val::I32(65_536)]), Trap::MemoryOutOfBounds, setting);

        let error =
            Module::new(&Engine::new(&setting.config()), with(MAX_SEGMENTS + 1)).expect_err("too many");
        assert!(matches!(error.kind(), ErrorKind::Invalid { .. }), "{error:?}");
    }
}

/// A sum of a million numbers, all of which wait on the stack.
#[test]
fn a_deep_constant_expression() {
    const TERMS: usize = 1_000_000;
    let sum = [[op::I32_CONST, 1].repeat(TERMS), vec![op::I32_ADD; TERMS - 1], vec![op::END]].concat();
    let global = section(6, 1, &[&[I32, 0][..], &sum].concat());
    let bytes = around(&[global, export()], &[0x23, 0], &[]);
    for setting in one_setting_a_strategy() {
        load(&Engine::new(&setting.config()), &bytes);
        let (mut store, instance) = instance(&setting.config(), &bytes);
        let run = func(&mut store, instance, "run");
        let found = call(&mut store, run, &[Val::I32(0)]).expect("a global is read");
        assert_eq!(found[0].unwrap_i32(), TERMS as i32, "{setting:?}");
    }
}
