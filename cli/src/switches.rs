//! Switches for proposals, under the names that wasmtime's `-W` has for them.
//!
//! A name goes in, a switch of the configuration comes out.

use wapiti::Config;

/// Turns a proposal on or off.
type Switch = fn(&mut Config, bool) -> &mut Config;

const SWITCHES: &[(&str, Switch)] = &[
    ("branch-hinting", Config::wasm_branch_hinting),
    ("bulk-memory", Config::wasm_bulk_memory),
    ("custom-page-sizes", Config::wasm_custom_page_sizes),
    ("exceptions", Config::wasm_exceptions),
    ("extended-const", Config::wasm_extended_const),
    ("function-references", Config::wasm_function_references),
    ("gc", Config::wasm_gc),
    ("legacy-exceptions", Config::wasm_legacy_exceptions),
    ("memory64", Config::wasm_memory64),
    ("multi-memory", Config::wasm_multi_memory),
    ("multi-value", Config::wasm_multi_value),
    ("mutable-global", Config::wasm_mutable_global),
    ("reference-types", Config::wasm_reference_types),
    ("relaxed-simd", Config::wasm_relaxed_simd),
    ("saturating-float-to-int", Config::wasm_saturating_float_to_int),
    ("sign-extension", Config::wasm_sign_extension),
    ("simd", Config::wasm_simd),
    ("tail-call", Config::wasm_tail_call),
    ("threads", Config::wasm_threads),
    ("wide-arithmetic", Config::wasm_wide_arithmetic),
];

/// A proposal that is asked for, or that is to be done without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    position: usize,
    enable: bool,
}

impl Proposal {
    pub(crate) fn apply(self, config: &mut Config) {
        SWITCHES[self.position].1(config, self.enable);
    }

    /// `None` if no proposal has this name.
    pub(crate) fn named(name: &str, enable: bool) -> Option<Self> {
        let position = SWITCHES.iter().position(|(known, _)| *known == name)?;
        Some(Self { position, enable })
    }

    /// The names that there are.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        SWITCHES.iter().map(|(name, _)| *name)
    }
}
