//! What the compiler does not check of the house style (`docs/style.md`) and of what the documents promise.
//!
//! The repository's sources and documents go in as plain text; out come faults, each with its place and what to do
//! about it. Every check is a function over sources, and `every_check_can_fail` gives each one something to find.

#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/habits.rs"]
mod habits;
#[path = "tidy/imports.rs"]
mod imports;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/unsafe_code.rs"]
mod unsafe_code;

use documents::{invariants, missing_paths};
use habits::{MAX_LINES, shortcuts, too_long};
use imports::{imports_of, layers, layers_are_complete, style_names_layers, wasmparser_in};
use source::{Source, document, files_in, is_within, sources};
use unsafe_code::{forbids, places, undocumented_unsafe, unsafe_places};

/// What users get: the rules for it are stricter than those for tests.
const SHIPPED: [&str; 7] =
    ["src/", "cli/src/", "explain/src/", "lab/src/", "wasi/src/", "wast/src/", "web/src/"];

#[test]
fn imports_point_upstream() {
    let architecture = document("ARCHITECTURE.md");
    let layers = layers(&architecture);
    let mut faults = layers_are_complete(&layers);
    faults.extend(style_names_layers(&document("docs/style.md"), &layers));
    for source in sources() {
        faults.extend(imports_of(&source, &layers));
        faults.extend(wasmparser_in(&source));
    }
    report(&faults);
}

#[test]
fn unsafe_code_is_where_the_documents_say() {
    let architecture = document("ARCHITECTURE.md");
    let allowed = places(&architecture, "Unsafe code is in ");
    let forbidden = places(&architecture, "It is forbidden in ");
    let sources = sources();
    let mut faults = unsafe_places(&sources, &allowed);
    faults.extend(forbids(&sources, &forbidden));
    report(&faults);
}

#[test]
fn unsafe_code_says_why() {
    let sources = sources();
    let faults: Vec<_> = sources.iter().flat_map(|source| undocumented_unsafe(source, &sources)).collect();
    report(&faults);
}

#[test]
fn invariants_are_defined_and_used() {
    report(&invariants(&document("ARCHITECTURE.md"), &sources()));
}

#[test]
fn paths_in_documents_exist() {
    let mut documents: Vec<_> =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].into_iter().map(document).collect();
    for path in files_in("docs") {
        documents.push(document(&path));
    }
    let faults: Vec<_> = documents.iter().flat_map(missing_paths).collect();
    report(&faults);
}

#[test]
fn files_are_short_and_free_of_shortcuts() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| is_within(&source.path, &SHIPPED)) {
        faults.extend(too_long(source));
        faults.extend(shortcuts(source));
    }
    report(&faults);
}

#[test]
fn every_check_can_fail() {
    let architecture = Source::new(
        "ARCHITECTURE.md",
        "| `src/error.rs` | |\n| `src/isa/` | `gone.rs` |\n| `src/exec/` | |\n\n\
         Unsafe code is in `src/exec/`\nand `src/isa/`.\n\n**INV-A** holds. **INV-B** too.\n\n**INV-B** holds.\n",
    );
    let layers = layers(&architecture);
    assert_eq!(layers, ["error", "isa", "exec"]);
    let finds = |faults: Vec<String>, expected: &str| {
        assert!(
            faults.len() == 1 && faults[0].contains(expected),
            "{expected:?} is not what is in {faults:#?}"
        );
    };

    let upstream =
        Source::new("src/isa/ops.rs", "use crate::error::Trap; // crate::exec\nuse super::shape::A;\n");
    assert!(imports_of(&upstream, &layers).is_empty());
    for text in ["use crate::exec;", "use crate::{\n error::Trap, exec::call};", "use super::super::exec;"] {
        finds(imports_of(&Source::new("src/isa/ops.rs", text), &layers), "src/isa/ops.rs:");
    }
    finds(
        imports_of(&Source::new("src/isa/ops.rs", "use crate::Engine;"), &layers),
        "src/isa/ops.rs:1: `Engine`",
    );
    let style =
        Source::new("docs/style.md", "6. Imports point upstream: `error`, `exec`, `isa`, each of which.");
    finds(style_names_layers(&style, &layers), "docs/style.md:1:");

    let bad = Source::new("src/error.rs", "// unsafe is a word\nlet a = \"unsafe {\"; unsafe { b() }\n");
    let sources = [bad, Source::new("src/exec/mod.rs", "unsafe impl Send for A {}")];
    finds(unsafe_places(&sources, &["src/exec/".into()]), "src/error.rs:2:");
    finds(unsafe_places(&sources, &["src/".into(), "src/isa/".into()]), "`src/isa/`");
    finds(forbids(&sources, &["src/exec/".into()]), "src/exec/mod.rs");
    assert_eq!(places(&architecture, "Unsafe code is in "), ["src/exec/", "src/isa/"]);

    for text in [
        "// No reason.\nunsafe { a() }",
        "// SAFETY: for another one.\na();\nunsafe { b() }",
        "unsafe impl Send for A {}",
        "/// Does.\n#[inline]\npub(crate) unsafe fn a() {}",
    ] {
        let source = Source::new("src/a.rs", text);
        finds(undocumented_unsafe(&source, &[]), "src/a.rs:");
    }
    for text in [
        "// SAFETY: why.\nlet a =\n    unsafe { a() };",
        "/// # Safety\n/// So.\n#[inline]\npub unsafe fn a();",
        "//! # Safety\n//! So.\n\npub unsafe fn a();",
    ] {
        assert!(undocumented_unsafe(&Source::new("src/a.rs", text), &[]).is_empty(), "{text}");
    }

    let uses = |text| [Source::new("src/a.rs", text)];
    finds(invariants(&architecture, &uses("// INV-A and INV-B and INV-C.")), "src/a.rs:1: INV-C");
    finds(invariants(&architecture, &uses("// INV-A")), "ARCHITECTURE.md:10: INV-B");

    finds(missing_paths(&architecture), "ARCHITECTURE.md:2: `gone.rs`");
    finds(missing_paths(&Source::new("README.md", "See `src/gone/*.rs`.")), "README.md:1:");
    let fine = "`src/exec` `tests/golden/*.wat` `/data` `a b/c` `br_if.i32` `.wat`\n```\n`src/gone`\n```\n";
    assert!(missing_paths(&Source::new("README.md", fine)).is_empty());

    finds(too_long(&Source::new("src/a.rs", &"\n".repeat(MAX_LINES + 1))).into_iter().collect(), "801 lines");
    for text in ["a.unwrap();", "use a::*;", "use a::{b, c::*};", "todo!()", "unimplemented!()", "dbg!(a)"] {
        finds(shortcuts(&Source::new("src/a.rs", text)), "src/a.rs:1:");
    }
}

fn report(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}
