//! How an engine decodes, compiles and runs: what the embedder may choose.
//!
//! Plain data, set before an `Engine` is made and never changed afterwards. Later folders read it; nothing writes it.

use wasmparser::WasmFeatures;

/// How the dispatch loop gets from one op to the next. All three run the same bytecode with the same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dispatch {
    /// One loop around one `match`. Portable: any target, any optimisation level.
    Match,
    /// A loop that calls the handler whose address the op carries.
    Call,
    /// Every handler ends by jumping to the next one. The fastest, and the default where the build can do it:
    /// optimised code on x86-64 and aarch64. Elsewhere the engine uses [`Dispatch::Match`] instead;
    /// `Engine::dispatch` says which strategy is really in use.
    Tail,
    /// The same with tail calls that the compiler guarantees (`become`) and a calling convention made for them. Only in
    /// builds by a nightly compiler with `RUSTFLAGS="--cfg wapiti_become"`, where [`Dispatch::Tail`] is available too;
    /// an experiment.
    #[cfg(wapiti_become)]
    Become,
}

impl Dispatch {
    /// All strategies that there are, whether this build can offer them or not: `Engine::dispatch` tells.
    pub const ALL: &'static [Self] = &[
        Self::Match,
        Self::Call,
        Self::Tail,
        #[cfg(wapiti_become)]
        Self::Become,
    ];
}

/// When functions are validated and lowered to bytecode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compilation {
    /// Validate and lower every function when the module is made.
    Eager,
    /// Validate every function when the module is made, lower each at its first call.
    Lazy,
    /// Validate and lower each function at its first call. An invalid function is only noticed then, with the same
    /// error and offset. Everything outside of function bodies is always validated when the module is made.
    LazyValidation,
}

/// Which sequences of ops get one handler, which executes them without a dispatch in between. Results do not depend on
/// it; it is there to measure what the technique brings.
///
/// [`Dispatch::Call`] has no such handlers, whatever this says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fusion {
    /// None: every op is dispatched.
    None,
    /// Sequences of two ops.
    Pairs,
    /// Sequences of up to four ops. The default.
    Full,
}

/// Settings of an `Engine`.
///
/// ```
/// use wapiti::{Compilation, Config, Dispatch, Engine};
///
/// let mut config = Config::new();
/// config.dispatch(Dispatch::Match).compilation(Compilation::Eager).max_stack_bytes(256 * 1024);
/// let engine = Engine::new(&config);
/// assert_eq!(engine.dispatch(), Dispatch::Match);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) dispatch: Dispatch,
    pub(crate) compilation: Compilation,
    pub(crate) fusion: Fusion,
    pub(crate) accumulators: bool,
    pub(crate) combining: bool,
    pub(crate) max_stack_bytes: usize,
    pub(crate) max_host_nesting: u32,
    pub(crate) max_memory_bytes: u64,
    pub(crate) max_gc_heap_bytes: u64,
    pub(crate) gc_stress: bool,
    pub(crate) max_threads: usize,
    pub(crate) allow_wait: bool,
    pub(crate) branch_hinting: bool,
    pub(crate) relaxed_simd_deterministic: bool,
    pub(crate) features: WasmFeatures,
}

/// Declares one switch a proposal; the table in the README lists the same names.
macro_rules! proposal_switches {
    ($($(#[$doc:meta])* $method:ident => $flag:ident;)*) => {
        impl Config {
            $($(#[$doc])* pub fn $method(&mut self, enable: bool) -> &mut Self {
                self.features.set(WasmFeatures::$flag, enable);
                self
            })*
        }

        #[cfg(test)]
        const SWITCHES: &[(&str, WasmFeatures)] = &[$((stringify!($method), WasmFeatures::$flag)),*];
    };
}

proposal_switches! {
    /// Globals that are mutable may be imported and exported. On by default.
    wasm_mutable_global => MUTABLE_GLOBAL;
    /// `i32.extend8_s` and its kind. On by default.
    wasm_sign_extension => SIGN_EXTENSION;
    /// `i32.trunc_sat_f32_s` and its kind. On by default.
    wasm_saturating_float_to_int => SATURATING_FLOAT_TO_INT;
    /// Blocks and functions with several results, blocks with parameters. On by default.
    wasm_multi_value => MULTI_VALUE;
    /// `memory.copy`, `table.init` and the other bulk operators, passive segments. On by default.
    wasm_bulk_memory => BULK_MEMORY;
    /// `externref`, `ref.func`, `table.get`, several tables. On by default.
    wasm_reference_types => REFERENCE_TYPES;
    /// `return_call` and `return_call_indirect`. On by default.
    wasm_tail_call => TAIL_CALL;
    /// `throw`, `throw_ref` and `try_table`, tags, `exnref`. On by default.
    wasm_exceptions => EXCEPTIONS;
    /// `try`, `catch`, `delegate` and `rethrow`, which older compilers emit in place of `try_table`. Needs
    /// [`wasm_exceptions`](Self::wasm_exceptions). Off by default.
    wasm_legacy_exceptions => LEGACY_EXCEPTIONS;
    /// 128-bit values and operators on their lanes. On by default.
    wasm_simd => SIMD;
    /// Operators on vectors that may do one of several things; see
    /// [`relaxed_simd_deterministic`](Config::relaxed_simd_deterministic). On by default.
    wasm_relaxed_simd => RELAXED_SIMD;
    /// Integer addition, subtraction and multiplication in constant expressions. On by default.
    wasm_extended_const => EXTENDED_CONST;
    /// `call_ref`, references to functions of a particular type, references that are not null. On by default.
    wasm_function_references => FUNCTION_REFERENCES;
    /// Recursion groups, subtypes, structures, arrays, `i31`, casts. On by default. Needs
    /// [`wasm_function_references`](Self::wasm_function_references).
    wasm_gc => GC;
    /// Several memories in one module. On by default.
    wasm_multi_memory => MULTI_MEMORY;
    /// Memories with 64-bit addresses, tables with 64-bit indices. On by default.
    wasm_memory64 => MEMORY64;
    /// Memories whose pages have one byte. Off by default.
    wasm_custom_page_sizes => CUSTOM_PAGE_SIZES;
    /// `i64.add128`, `i64.mul_wide_s` and their kind. Off by default.
    wasm_wide_arithmetic => WIDE_ARITHMETIC;
    /// Shared memories and atomic operators. Off by default: the proposal is no part of WebAssembly 3.0.
    wasm_threads => THREADS;
}

impl Config {
    /// Proposals that are implemented and on by default.
    pub(crate) const DEFAULT_FEATURES: WasmFeatures = WasmFeatures::MUTABLE_GLOBAL
        .union(WasmFeatures::SIGN_EXTENSION)
        .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
        .union(WasmFeatures::MULTI_VALUE)
        .union(WasmFeatures::BULK_MEMORY)
        .union(WasmFeatures::REFERENCE_TYPES)
        .union(WasmFeatures::CALL_INDIRECT_OVERLONG)
        .union(WasmFeatures::TAIL_CALL)
        .union(WasmFeatures::EXTENDED_CONST)
        .union(WasmFeatures::MULTI_MEMORY)
        .union(WasmFeatures::MEMORY64)
        .union(WasmFeatures::EXCEPTIONS)
        .union(WasmFeatures::FUNCTION_REFERENCES)
        .union(WasmFeatures::SIMD)
        .union(WasmFeatures::RELAXED_SIMD)
        .union(WasmFeatures::GC)
        .union(WasmFeatures::FLOATS)
        .union(WasmFeatures::GC_TYPES);

    /// The defaults: tail dispatch where the build can do it, lazy lowering after full validation, a value stack of
    /// 8 MiB, 32 nested host calls, memories as large as their types allow, 4 GiB of structures and arrays a store, the
    /// proposals of WebAssembly 3.0 on.
    pub fn new() -> Self {
        Self {
            dispatch: Dispatch::Tail,
            compilation: Compilation::Lazy,
            fusion: Fusion::Full,
            accumulators: true,
            combining: true,
            max_stack_bytes: 8 << 20,
            max_host_nesting: 32,
            max_memory_bytes: u64::MAX,
            max_gc_heap_bytes: 4 << 30,
            gc_stress: false,
            max_threads: usize::MAX,
            allow_wait: true,
            branch_hinting: true,
            relaxed_simd_deterministic: false,
            features: Self::DEFAULT_FEATURES,
        }
    }

    /// Chooses how ops are dispatched.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Self {
        self.dispatch = dispatch;
        self
    }

    /// Chooses when functions are validated and lowered.
    pub fn compilation(&mut self, compilation: Compilation) -> &mut Self {
        self.compilation = compilation;
        self
    }

    /// Chooses which sequences of ops have one handler.
    ///
    /// ```
    /// use wapiti::{Config, Engine, Fusion};
    ///
    /// let engine = Engine::new(Config::new().fusion(Fusion::None));
    /// ```
    pub fn fusion(&mut self, fusion: Fusion) -> &mut Self {
        self.fusion = fusion;
        self
    }

    /// Whether an op may take a value out of a register in which the op before has left it, and leave out a store that
    /// nobody needs. On by default; results do not depend on it. Without it every op finds its operands in the cells of
    /// its frame, as under [`Dispatch::Call`], which has no such handlers.
    ///
    /// ```
    /// use wapiti::{Config, Engine};
    ///
    /// let engine = Engine::new(Config::new().accumulators(false));
    /// ```
    pub fn accumulators(&mut self, enable: bool) -> &mut Self {
        self.accumulators = enable;
        self
    }

    /// Whether one op may do what several operators say: with a constant as its operand, a comparison and the branch upon
    /// it, a result written straight to a local, an address that is a sum. On by default; results do not depend on it.
    ///
    /// ```
    /// use wapiti::{Config, Engine, Module};
    ///
    /// let text = "(module (func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))";
    /// let ops = |config: &Config| Module::new(&Engine::new(config), text).map(|module| {
    ///     module.listing(0).expect("there is a function 0").lines().len()
    /// });
    /// assert_eq!(ops(&Config::new())?, 2);
    /// assert_eq!(ops(Config::new().combining(false))?, 3);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn combining(&mut self, enable: bool) -> &mut Self {
        self.combining = enable;
        self
    }

    /// Sets the size of the value stack in bytes, rounded down to a multiple of 8; at least 4 KiB are given.
    ///
    /// All frames of a call, and of what it calls, lie on it; a call that finds no room traps with
    /// [`Trap::StackExhausted`](crate::Trap::StackExhausted). Memory is committed only as it is touched.
    pub fn max_stack_bytes(&mut self, bytes: usize) -> &mut Self {
        self.max_stack_bytes = bytes.max(4096) & !7;
        self
    }

    /// Sets how deep calls from the host into the guest may be nested within one another (a host function calling
    /// back into Wasm, which calls the host again ...); at least 1. Each level takes native stack, so beyond the
    /// limit such a call traps with [`Trap::StackExhausted`](crate::Trap::StackExhausted).
    ///
    /// The default of 32 fits a thread with 1 MiB of native stack in an unoptimised build.
    pub fn max_host_nesting(&mut self, levels: u32) -> &mut Self {
        self.max_host_nesting = levels.max(1);
        self
    }

    /// Sets how many bytes each memory may have, whatever its type allows; rounded down to whole pages.
    ///
    /// Growth beyond it fails, which a guest sees as -1 from `memory.grow`. A memory that is larger from the start
    /// cannot be made: instantiation fails with [`OutOfMemory`](crate::ErrorKind::OutOfMemory). No limit by default.
    ///
    /// ```
    /// use wapiti::{Config, Engine, Memory, MemoryType, Store};
    ///
    /// let engine = Engine::new(Config::new().max_memory_bytes(2 * 65_536));
    /// let mut store = Store::new(&engine, ());
    /// let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    /// assert!(memory.grow(&mut store, 2).is_err());
    /// assert_eq!(memory.grow(&mut store, 1)?, 1);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn max_memory_bytes(&mut self, bytes: u64) -> &mut Self {
        self.max_memory_bytes = bytes;
        self
    }

    /// Sets whether guests may wait for shared memory to change (`memory.atomic.wait32` and its kind), which blocks the
    /// thread. Where they may not, they trap with [`Trap::WaitNotAllowed`](crate::Trap::WaitNotAllowed). They may by
    /// default; without the feature `std`, and in WebAssembly, they never may.
    ///
    /// ```
    /// let mut config = wapiti::Config::new();
    /// config.wasm_threads(true).allow_wait(false);
    /// ```
    pub fn allow_wait(&mut self, allow: bool) -> &mut Self {
        self.allow_wait = allow;
        self
    }

    /// Whether code is laid out as the hints of a module's section `metadata.code.branch_hint` suggest, unlikely arms of
    /// branches behind everything else ([proposal](https://github.com/WebAssembly/branch-hinting)). On by default; results
    /// do not depend on it, and a malformed section is ignored.
    ///
    /// ```
    /// let mut config = wapiti::Config::new();
    /// config.wasm_branch_hinting(false);
    /// ```
    pub fn wasm_branch_hinting(&mut self, enable: bool) -> &mut Self {
        self.branch_hinting = enable;
        self
    }

    /// Sets how many bytes the structures and arrays of each store may take, those included that nothing refers to any
    /// more but that have not been collected yet; rounded down to blocks of 16 KiB.
    ///
    /// A guest that finds no room, even after a collection, traps with
    /// [`Trap::HeapExhausted`](crate::Trap::HeapExhausted). The default is 4 GiB, the most is 32 GiB.
    ///
    /// ```
    /// use wapiti::{Config, Engine, Instance, Module, Store, Trap};
    ///
    /// let engine = Engine::new(Config::new().max_gc_heap_bytes(1 << 20));
    /// let module = Module::new(&engine, r#"
    ///     (module
    ///       (type $bytes (array i8))
    ///       (func (export "make") (param i32) (drop (array.new_default $bytes (local.get 0)))))
    /// "#)?;
    /// let mut store = Store::new(&engine, ());
    /// let make = Instance::new(&mut store, &module, &[])?.get_typed_func::<i32, ()>(&mut store, "make")?;
    /// for _ in 0..10 {
    ///     make.call(&mut store, 500_000)?;
    /// }
    /// assert_eq!(make.call(&mut store, 2_000_000).unwrap_err().trap(), Some(Trap::HeapExhausted));
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn max_gc_heap_bytes(&mut self, bytes: u64) -> &mut Self {
        self.max_gc_heap_bytes = bytes;
        self
    }

    /// Has every store collect before every structure and array that it makes. For tests of the collector.
    #[doc(hidden)]
    pub fn gc_stress(&mut self, enable: bool) -> &mut Self {
        self.gc_stress = enable;
        self
    }

    /// Whether the operators of relaxed SIMD have the results that the specification's deterministic profile asks for, on
    /// every processor. Off by default: then they do what this processor does fastest.
    ///
    /// Either way all [`Dispatch`] strategies have the same results on one processor. What differs on x86-64: out of
    /// range, `i32x4.relaxed_trunc_f32x4_s` and `i32x4.relaxed_trunc_f64x2_s_zero` give the least number instead of
    /// saturating, and numbers of lanes from 16 to 127 in `i8x16.relaxed_swizzle` count modulo 16 instead of giving zero.
    /// Everywhere, `relaxed_min` and `relaxed_max` give an operand where one is a NaN or both are zero; and
    /// `relaxed_madd` and `relaxed_nmadd` round twice if the processor has no instruction that rounds once.
    ///
    /// ```
    /// use wapiti::{Config, Engine, Instance, Module, Store};
    ///
    /// let mut config = Config::new();
    /// let engine = Engine::new(config.relaxed_simd_deterministic(true));
    /// let module = Module::new(&engine, r#"(module (func (export "f") (param f32) (result i32)
    ///     (i32x4.extract_lane 0 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (local.get 0))))))"#)?;
    /// let mut store = Store::new(&engine, ());
    /// let instance = Instance::new(&mut store, &module, &[])?;
    /// let truncate = instance.get_typed_func::<f32, i32>(&store, "f")?;
    /// assert_eq!(truncate.call(&mut store, 1e10)?, i32::MAX);
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    pub fn relaxed_simd_deterministic(&mut self, enable: bool) -> &mut Self {
        self.relaxed_simd_deterministic = enable;
        self
    }

    /// Limits the threads on which a module is validated and, under [`Compilation::Eager`], lowered; the calling one
    /// counts, so 1 (or 0) means that no other one is started.
    ///
    /// Without a limit, which is the default, there are as many as cores, but at most one for every 256 KiB of function
    /// bodies to validate, and for every 64 KiB to lower. They are gone when the module is made. What comes of it,
    /// errors included, does not depend on their number. Without the feature `std` there is only ever the calling one.
    ///
    /// ```
    /// let mut config = wapiti::Config::new();
    /// config.max_threads(1);
    /// ```
    pub fn max_threads(&mut self, threads: usize) -> &mut Self {
        self.max_threads = threads;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::{Config, SWITCHES};

    /// Cells of the table's row about a switch.
    fn row(switch: &str) -> Vec<&'static str> {
        let name = format!("`{switch}`");
        let mut rows = include_str!("../README.md").lines().filter(|line| line.contains(&name));
        let row = rows.next().unwrap_or_else(|| panic!("the README says nothing of {switch}"));
        row.split('|').map(str::trim).collect()
    }

    #[test]
    fn the_readme_has_all_switches() {
        for &(switch, flag) in SWITCHES {
            let default = if Config::DEFAULT_FEATURES.contains(flag) { "on" } else { "off" };
            assert_eq!(row(switch)[3], default, "{switch}");
        }
        assert_eq!(row("wasm_branch_hinting")[3], if Config::new().branch_hinting { "on" } else { "off" });
    }
}
