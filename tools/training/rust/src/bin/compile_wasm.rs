//! Assembles, validates and reads WebAssembly.
fn main() {
    let mut text = String::from("(module (memory 1) (table 4 funcref)");
    for i in 0..60 {
        text += &format!(
            "(func $f{i} (param $a i32) (param i64) (result i32) (local $x f64)
              (block $out (loop $again (br_if $out (i32.lt_s (local.get $a) (i32.const {i})))
              (local.set $a (i32.sub (local.get $a) (i32.load offset=4 (i32.and (local.get $a) (i32.const 255)))))
              (local.set $x (f64.add (f64.const {i}.5) (local.get $x))) (br $again)))
              (i32.trunc_sat_f64_s (local.get $x))) (export \"f{i}\" (func $f{i}))"
        );
    }
    text += ")";
    let mut operators = 0;
    for _ in 0..3 {
        let module = wat::parse_str(&text).unwrap();
        wasmparser::validate(&module).unwrap();
        for payload in wasmparser::Parser::new(0).parse_all(&module) {
            if let wasmparser::Payload::CodeSectionEntry(body) = payload.unwrap() {
                operators += body.get_operators_reader().unwrap().into_iter().count();
            }
        }
    }
    println!("{operators}");
}
