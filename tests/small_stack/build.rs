//! Tells the program how it was built, because only a build script is told.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let opt_level = std::env::var("OPT_LEVEL").expect("cargo sets it");
    println!("cargo::rustc-env=OPT_LEVEL={opt_level}");
}
