//! Finds out what this build can do safely, because only a build script is told the optimisation level.
//!
//! `wapiti_optimized`: handlers are worth inlining into one dispatch loop (opt-level above 0).
//! `wapiti_loop_rows`: the match loop has arms for forms and fused sequences besides the base ops. Not where it is to be
//! made quickly (opt-level 1, where the library takes LLVM minutes with them) or is to be small.
//! `wapiti_tail`: the tail-threaded strategy is offered. It rests on LLVM's sibling-call optimisation, which
//! needs optimisation and a target whose calling convention keeps the whole state in registers.
//! `wapiti_threads`: there is a standard library with threads.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    let optimized = !matches!(&level[..], "" | "0");
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let miri = std::env::var_os("CARGO_CFG_MIRI").is_some();
    if arch != "wasm32" && std::env::var_os("CARGO_FEATURE_STD").is_some() {
        println!("cargo::rustc-cfg=wapiti_threads");
    }
    if optimized && !miri {
        println!("cargo::rustc-cfg=wapiti_optimized");
        if arch != "wasm32" && matches!(&level[..], "2" | "3") {
            println!("cargo::rustc-cfg=wapiti_loop_rows");
        }
        if arch == "x86_64" || arch == "aarch64" {
            println!("cargo::rustc-cfg=wapiti_tail");
        }
    }
}
