//! Parses Rust source.
use syn::visit::Visit as _;

#[derive(Default)]
struct Counter(usize);

impl<'ast> syn::visit::Visit<'ast> for Counter {
    fn visit_ident(&mut self, ident: &'ast proc_macro2::Ident) {
        self.0 += ident.to_string().len();
    }
}

fn main() {
    let source = include_str!("../lib.rs").to_string() + include_str!("compile_rust.rs") + include_str!("json.rs");
    let source: String = source.lines().filter(|line| !line.starts_with("//!")).fold(String::new(), |a, b| a + b + "\n");
    let mut counter = Counter::default();
    for _ in 0..3 {
        counter.visit_file(&syn::parse_file(&source).unwrap());
    }
    println!("{}", counter.0);
}
