//! What decoding promises, tried on modules written as text.
//!
//! Each test decodes a module under one configuration and looks at the result or at the error's text and offset.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::decode;
use super::info::{ConstOp, DataMode, ElemItems, ElemMode, ExternIdx, ModuleInfo};
use crate::config::{Compilation, Config};
use crate::error::{Error, ErrorKind};
use crate::types::{ElemIdx, FuncIdx, GlobalIdx, MemoryIdx, TableIdx, ValType};

fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's module is well-formed text")
}

fn decode_bytes(bytes: &[u8], config: &Config) -> Result<ModuleInfo, Error> {
    decode(Arc::from(bytes), config, &Arc::default())
}

fn decode_text(text: &str) -> ModuleInfo {
    decode_bytes(&assemble(text), &Config::new()).expect("the test's module is valid")
}

/// The text and offset of an `Invalid` error.
fn invalid(result: Result<ModuleInfo, Error>) -> (String, usize) {
    let Err(error) = result else { panic!("the test's module is not valid") };
    fault(&error)
}

fn fault(error: &Error) -> (String, usize) {
    match error.kind() {
        ErrorKind::Invalid { message, offset } => (message.clone(), *offset),
        other => panic!("not `Invalid`: {other:?}"),
    }
}

fn config_with(compilation: Compilation) -> Config {
    let mut config = Config::new();
    config.compilation(compilation);
    config
}

#[test]
fn truncated_module_is_an_error_where_the_bytes_end() {
    let bytes = assemble("(module (func (export \"f\") (result i32) (i32.const 7)))");
    for len in 0..bytes.len() {
        let result = decode_bytes(&bytes[..len], &Config::new());
        // Cut behind a section, what is left may be a valid module: a header, or types without functions.
        if let Err(error) = result {
            let (message, offset) = fault(&error);
            assert!(offset <= len, "{message} at {offset} in {len} bytes");
        }
    }
    let (message, offset) = invalid(decode_bytes(&bytes[..bytes.len() - 1], &Config::new()));
    assert!(message.contains("unexpected end"), "{message}");
    // wasmparser points at the body that does not fit any more.
    let body = decode_bytes(&bytes, &Config::new()).expect("the whole module is valid").bodies[0].clone();
    assert!((body.start as usize..bytes.len()).contains(&offset), "{offset}");
}

#[test]
fn wrong_magic_is_named() {
    let (message, offset) = invalid(decode_bytes(b"\x7fELF\x01\0\0\0", &Config::new()));
    assert!(message.starts_with("magic header not detected"), "{message}");
    assert_eq!(offset, 0);
}

#[test]
fn unknown_version_is_named() {
    let (message, offset) = invalid(decode_bytes(b"\0asm\x02\0\0\0", &Config::new()));
    assert!(message.starts_with("unknown binary version"), "{message}");
    assert_eq!(offset, 4);
}

#[test]
fn component_is_refused_clearly() {
    let (message, offset) = invalid(decode_bytes(b"\0asm\x0d\0\x01\0", &Config::new()));
    assert!(message.contains("this is a component"), "{message}");
    assert_eq!(offset, 4);
}

#[test]
fn every_part_of_a_module_arrives() {
    let info = decode_text(
        r#"(module
            (import "m" "f" (func (param i32)))
            (import "m" "t" (table 1 2 funcref))
            (import "m" "g" (global (mut i64)))
            (func $own (result f64) (f64.const 1))
            (table 3 externref)
            (memory 1 4)
            (global i32 (i32.const -1))
            (export "own" (func $own))
            (export "mem" (memory 0))
            (export "g" (global 0))
            (start $start)
            (func $start)
            (elem (table 0) (i32.const 0) func $own $start)
            (elem declare func $own)
            (elem externref (ref.null extern))
            (data (i32.const 8) "active")
            (data "passive"))"#,
    );
    assert_eq!(info.imports.len(), 3);
    assert_eq!(&*info.imports[1].name, "t");
    assert_eq!(info.imports[1].item, ExternIdx::Table(TableIdx(0)));
    assert_eq!((info.imported.funcs, info.imported.tables), (1, 1));
    assert_eq!((info.imported.memories, info.imported.globals), (0, 1));
    assert_eq!(info.funcs.len(), 3);
    assert_eq!(info.func_type(FuncIdx(1)).results(), [ValType::F64]);
    assert_eq!((info.tables.len(), info.table_inits.len()), (2, 1));
    assert_eq!(info.tables[0].maximum(), Some(2));
    assert_eq!((info.memories[0].minimum(), info.memories[0].maximum()), (1, Some(4)));
    assert!(matches!(&*info.global_inits[0].0, [ConstOp::Value(0xFFFF_FFFF)]));
    assert_eq!(info.export("mem"), Some(ExternIdx::Memory(MemoryIdx(0))));
    assert_eq!(info.start, Some(FuncIdx(2)));
    assert!(info.validator.is_none());
}

#[test]
fn segments_keep_mode_items_and_bytes() {
    let info = decode_text(
        r#"(module
            (func $f)
            (table 3 funcref) (memory 1)
            (elem (i32.const 1) func $f)
            (elem declare func $f)
            (elem funcref (ref.func $f) (ref.null func))
            (data (i32.const 8) "active")
            (data "passive"))"#,
    );
    assert!(matches!(info.elem(ElemIdx(0)).mode, ElemMode::Active { table: TableIdx(0), .. }));
    assert!(matches!(&info.elem(ElemIdx(0)).items, ElemItems::Funcs(funcs) if **funcs == [FuncIdx(0)]));
    assert!(matches!(info.elem(ElemIdx(1)).mode, ElemMode::Declared));
    let ElemItems::Exprs(exprs) = &info.elem(ElemIdx(2)).items else { panic!("written as expressions") };
    assert!(matches!(&*exprs[0].0, [ConstOp::RefFunc(FuncIdx(0))]));
    assert!(matches!(&*exprs[1].0, [ConstOp::RefNull]));
    assert_eq!(info.data(0usize.into()), b"active");
    assert!(matches!(info.datas[0].mode, DataMode::Active { memory: MemoryIdx(0), .. }));
    assert_eq!(info.data(1usize.into()), b"passive");
    assert!(matches!(info.datas[1].mode, DataMode::Passive));
}

#[test]
fn bodies_are_ranges_without_the_size() {
    let info = decode_text("(module (import \"\" \"\" (func)) (func (nop) (nop)))");
    assert!(info.body(FuncIdx(0)).is_none());
    let range = info.body(FuncIdx(1)).expect("function 1 is defined here");
    // No local declarations, two nops, end.
    assert_eq!(info.bytes[range.start as usize..range.end as usize], [0, 1, 1, 0x0b]);
}

#[test]
fn names_are_kept() {
    let info = decode_text("(module $m (func $first) (func) (func $third))");
    assert_eq!(info.name(), Some("m"));
    assert_eq!(info.func_name(FuncIdx(0)), Some("first"));
    assert_eq!(info.func_name(FuncIdx(1)), None);
    assert_eq!(info.func_name(FuncIdx(2)), Some("third"));
}

#[test]
fn malformed_name_section_is_ignored() {
    // A module name of 100 bytes in a subsection of 2.
    let mut bytes = assemble("(module (func))");
    bytes.extend_from_slice(b"\0\x09\x04name\0\x02\x64x");
    let info = decode_bytes(&bytes, &Config::new()).expect("custom sections cannot make a module invalid");
    assert_eq!(info.name(), None);
    assert!(info.sections.iter().any(|section| section.custom.is_some()));
}

const HINTED: &str = r#"(module (import "" "" (func))
    (func) (func (param i32) local.get 0 (@metadata.code.branch_hint "\01") if nop end)
    (func (param i32) local.get 0 (@metadata.code.branch_hint "\00") br_if 0))"#;

#[test]
fn branch_hints_are_found_by_function() {
    let bytes = assemble(HINTED);
    let info = decode_bytes(&bytes, &Config::new()).expect("the test's module is valid");
    let hints = |func| -> Vec<(u32, bool)> {
        info.branch_hints_of(FuncIdx(func)).iter().map(|hint| (hint.offset, hint.likely)).collect()
    };
    assert_eq!([hints(0), hints(1), hints(2), hints(3), hints(4)].map(|hints| hints.len()), [0, 0, 1, 1, 0]);
    // No local declarations and a `local.get` stand before the branch.
    assert_eq!((hints(2), hints(3)), ([(3, true)].into(), [(3, false)].into()));
    let off = decode_bytes(&bytes, Config::new().wasm_branch_hinting(false)).expect("it is still valid");
    assert!(off.branch_hints.is_empty());
}

#[test]
fn malformed_branch_hints_are_ignored() {
    let bytes = assemble(HINTED);
    let name = b"metadata.code.branch_hint";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("it has the section");
    let contents = at + name.len();
    // The size of the section stands before the name's length.
    let end = at - 1 + usize::from(bytes[at - 2]);
    let mut ignored = 0;
    for position in contents..end {
        for value in [0, 1, 2, 0x7f, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[position] = value;
            let info =
                decode_bytes(&damaged, &Config::new()).expect("custom sections cannot make a module invalid");
            ignored += usize::from(info.branch_hints.is_empty());
        }
    }
    assert!(ignored > 20, "{ignored}");
}

#[test]
fn sections_are_listed_in_order() {
    let info = decode_text(
        r#"(module
            (@custom "before" (before first) "one")
            (type (func))
            (@custom "after" (after last) "two")
            (func))"#,
    );
    let ids: Vec<u8> = info.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids, [0, 1, 3, 10, 0]);
    let customs: Vec<(&str, &[u8])> = info
        .sections
        .iter()
        .filter_map(|section| {
            let (name, data_start) = section.custom.as_ref()?;
            Some((&**name, &info.bytes[*data_start as usize..section.range.end as usize]))
        })
        .collect();
    assert_eq!(customs, [("before", &b"one"[..]), ("after", &b"two"[..])]);
    let types = &info.sections[1].range;
    // One type, a function of nothing to nothing.
    assert_eq!(info.bytes[types.start as usize..types.end as usize], [1, 0x60, 0, 0]);
}

#[test]
fn extended_constant_expressions_are_postfix() {
    let info = decode_text(
        r#"(module
            (import "m" "base" (global i32))
            (global i32 (i32.mul (i32.add (global.get 0) (i32.const 5)) (i32.const -2)))
            (global f64 (f64.const -0)))"#,
    );
    assert!(matches!(
        &*info.global_inits[0].0,
        [
            ConstOp::GlobalGet(GlobalIdx(0)),
            ConstOp::Value(5),
            ConstOp::I32Add,
            ConstOp::Value(0xFFFF_FFFE),
            ConstOp::I32Mul,
        ]
    ));
    assert!(matches!(&*info.global_inits[1].0, [ConstOp::Value(0x8000_0000_0000_0000)]));
}

#[test]
fn proposals_can_be_switched_off() {
    let bytes = assemble("(module (global i32 (i32.add (i32.const 1) (i32.const 2))))");
    let mut config = Config::new();
    config.wasm_extended_const(false);
    let (message, _) = invalid(decode_bytes(&bytes, &config));
    assert!(message.contains("constant expression required"), "{message}");
}

#[test]
fn what_is_switched_off_is_refused() {
    let off_by_default = ["(module (memory 1 2 shared))", "(module (memory 1 (pagesize 1)))"];
    for text in off_by_default {
        invalid(decode_bytes(&assemble(text), &Config::new()));
    }
    let mut without_gc = Config::new();
    without_gc.wasm_gc(false);
    let of_gc = [
        "(module (type (struct)))",
        "(module (rec (type (func)) (type (func))))",
        "(module (type (sub (func))))",
        "(module (func (param anyref)))",
    ];
    for text in of_gc {
        decode_text(text);
        invalid(decode_bytes(&assemble(text), &without_gc));
    }
}

/// The second of three functions is invalid.
const INVALID_BODY: &str = "(module (import \"\" \"\" (func))
    (func (nop))
    (func (result i32) (nop) (i64.const 1))
    (func (drop (i32.const 1))))";

#[test]
fn body_validated_later_has_the_same_error_and_offset() {
    let bytes = assemble(INVALID_BODY);
    let eager = invalid(decode_bytes(&bytes, &config_with(Compilation::Eager)));
    assert_eq!(invalid(decode_bytes(&bytes, &config_with(Compilation::Lazy))), eager);
    assert!(eager.0.contains("type mismatch"), "{}", eager.0);

    let info = decode_bytes(&bytes, &config_with(Compilation::LazyValidation))
        .expect("bodies are not looked at in this mode");
    let validator = info.validator.as_ref().expect("this mode leaves bodies to be validated");
    for valid in [0, 1, 3] {
        validator.validate(&info, FuncIdx(valid)).expect("only function 2 is invalid");
    }
    let error = validator.validate(&info, FuncIdx(2)).expect_err("function 2 is invalid");
    assert_eq!(fault(&error), eager);
}

#[test]
fn later_validation_knows_the_whole_module() {
    let bytes = assemble(
        r#"(module
            (memory 1) (table 1 funcref) (global (mut i32) (i32.const 0))
            (elem declare func 0)
            (func (drop (ref.func 0)) (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))
            (data "x"))"#,
    );
    let info = decode_bytes(&bytes, &config_with(Compilation::LazyValidation)).expect("valid");
    let validator = info.validator.as_ref().expect("this mode leaves bodies to be validated");
    validator.validate(&info, FuncIdx(0)).expect("valid");
}

#[test]
fn what_lies_outside_of_bodies_is_always_validated() {
    let bytes = assemble("(module (func) (export \"f\" (func 1)))");
    let (message, _) = invalid(decode_bytes(&bytes, &config_with(Compilation::LazyValidation)));
    assert!(message.to_string().contains("unknown function"), "{message}");
}

const _: () = {
    const fn shared_by_threads<T: Send + Sync>() {}
    shared_by_threads::<ModuleInfo>();
};
