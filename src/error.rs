//! What can go wrong: [`Error`] for everything that reaches the embedder, [`Trap`] for a guest's own failure.
//!
//! Bad input is an [`Error`] that says what and where (byte offset in the module). A guest that fails while it
//! runs has a [`Trap`], small and `Copy`; on its way to the embedder it becomes an [`Error`] with a backtrace.
//! A bug of ours is a panic. Nothing in this file depends on any other part of the library.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

/// A guest's failure while running, as in the [specification's][spec] execution chapter.
///
/// The texts are those of the official test suite.
///
/// [spec]: https://webassembly.github.io/spec/core/exec/runtime.html#syntax-trap
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[repr(u8)]
#[non_exhaustive]
pub enum Trap {
    /// The `unreachable` operator was executed.
    #[error("unreachable")]
    Unreachable = 1,
    /// A load, a store or a bulk memory operator touched bytes beyond the memory's current size.
    #[error("out of bounds memory access")]
    MemoryOutOfBounds,
    /// A table operator touched elements beyond the table's current size.
    #[error("out of bounds table access")]
    TableOutOfBounds,
    /// `call_indirect` used an index beyond the table's current size.
    #[error("undefined element")]
    UndefinedElement,
    /// `call_indirect` met a null reference.
    #[error("uninitialized element")]
    UninitializedElement,
    /// `call_indirect` met a function of another type than the operator names.
    #[error("indirect call type mismatch")]
    IndirectCallTypeMismatch,
    /// An integer was divided by zero.
    #[error("integer divide by zero")]
    IntegerDivideByZero,
    /// A signed division or a conversion from float has a result that its type cannot hold.
    #[error("integer overflow")]
    IntegerOverflow,
    /// A NaN was converted to an integer.
    #[error("invalid conversion to integer")]
    InvalidConversionToInteger,
    /// Calls are nested deeper than `Config::max_stack_bytes` (or `Config::max_host_nesting`) allows.
    #[error("call stack exhausted")]
    StackExhausted,
    /// An operator needed a reference that is not null.
    #[error("null reference")]
    NullReference,
    /// A field of a null reference was accessed.
    #[error("null structure reference")]
    NullStructReference,
    /// An element, or the length, of a null reference was accessed.
    #[error("null array reference")]
    NullArrayReference,
    /// `i31.get_s` or `i31.get_u` met a null reference.
    #[error("null i31 reference")]
    NullI31Reference,
    /// An array operator touched elements beyond the array's length.
    #[error("out of bounds array access")]
    ArrayOutOfBounds,
    /// `ref.cast` met a reference that is not of the type.
    #[error("cast failure")]
    CastFailure,
    /// A structure or array found no room in the collected heap: see `Config::max_gc_heap_bytes`.
    #[error("out of memory: the heap for structures and arrays is full")]
    HeapExhausted,
    /// Another thread asked the store to stop, through `Store::interrupt_handle`.
    #[error("interrupted")]
    Interrupted,
    /// An atomic operator was used at an address that is no multiple of its width.
    #[error("unaligned atomic")]
    UnalignedAtomic,
    /// `memory.atomic.wait32` or `memory.atomic.wait64` was used on a memory that is not shared.
    #[error("expected shared memory")]
    ExpectedSharedMemory,
    /// The guest would have waited where that is not allowed: see `Config::allow_wait`.
    #[error("waiting is not allowed")]
    WaitNotAllowed,
}

/// Why an API call failed.
///
/// One pointer wide; [`Error::kind`] has the details. A guest's trap, an error of a host function and a module
/// that does not validate all arrive as this type, so that `?` works everywhere.
pub struct Error {
    inner: Box<ErrorInner>,
}

struct ErrorInner {
    kind: ErrorKind,
    backtrace: Option<WasmBacktrace>,
}

/// The kinds of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not a valid module.
    #[error("{message} (at offset {offset:#x})")]
    Invalid {
        /// What is wrong and what was expected.
        message: String,
        /// Byte offset in the module, from its first byte.
        offset: usize,
    },
    /// The text is not a well-formed module in the text format.
    #[error("{message}")]
    Text {
        /// What is wrong, with line and column.
        message: String,
    },
    /// The module is valid, but larger in some respect than this implementation handles.
    #[error("{what}: {value} is over the limit of {limit} (at offset {offset:#x})")]
    Limit {
        /// Name of the quantity.
        what: &'static str,
        /// Its value in the module.
        value: u64,
        /// The largest value handled.
        limit: u64,
        /// Byte offset in the module.
        offset: usize,
    },
    /// An import has no definition.
    #[error("unknown import: `{module}` `{name}` ({expected}) has not been defined")]
    UnknownImport {
        /// The import's module name.
        module: String,
        /// The import's field name.
        name: String,
        /// What the module expects there.
        expected: String,
    },
    /// An import's definition has another type than the module expects.
    #[error("incompatible import type: `{module}` `{name}` is {found}, but {expected} is expected")]
    IncompatibleImport {
        /// The import's module name.
        module: String,
        /// The import's field name.
        name: String,
        /// What the module expects.
        expected: String,
        /// What was given.
        found: String,
    },
    /// An API call was given something that does not fit: a wrong number or type of arguments, an unknown
    /// export, a handle of another store, a name defined twice.
    #[error("{0}")]
    Usage(String),
    /// Memory or table elements for the instance could not be had.
    #[error("out of memory: {0}")]
    OutOfMemory(String),
    /// The guest trapped.
    #[error("{trap}")]
    Trap {
        /// Which trap.
        trap: Trap,
    },
    /// The guest, or a host function, threw an exception that nobody caught.
    #[error("{0}")]
    Exception(ThrownException),
    /// A host function returned this error.
    #[error("{0}")]
    Host(Box<dyn core::error::Error + Send + Sync + 'static>),
}

/// An exception on its way out of the guest. Returned by a host function as part of its error, it goes on through the
/// guest's frames.
#[derive(Clone)]
pub struct ThrownException {
    data: Arc<dyn ExceptionData>,
}

/// What has been thrown; implemented by the store's exceptions.
pub(crate) trait ExceptionData: Send + Sync {
    fn as_any(&self) -> &(dyn Any + Send + Sync);
    /// Writes the tag and the values.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// Where a guest was when it trapped or when one of its host calls failed: the innermost frame first.
#[derive(Clone)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    omitted: usize,
}

/// One frame of a [`WasmBacktrace`].
#[derive(Clone)]
pub struct FrameInfo {
    code: Arc<dyn SourceMap>,
    func_idx: u32,
    code_pos: u32,
}

/// Turns a position in lowered code back into a position in the module. Implemented by a module's code; offsets
/// are worked out when they are asked for, so that a trap nobody prints costs nothing.
pub(crate) trait SourceMap: Send + Sync {
    /// The module's name, from its name section.
    fn module_name(&self) -> Option<&str>;
    /// The function's name, from the name section.
    fn func_name(&self, func_idx: u32) -> Option<&str>;
    /// Byte offset, from the module's first byte, of the operator that the op at `code_pos` was lowered from.
    fn wasm_offset(&self, func_idx: u32, code_pos: u32) -> Option<usize>;
}

impl Trap {
    /// The trap with this discriminant.
    pub(crate) fn from_u8(number: u8) -> Option<Self> {
        const ALL: [Trap; 21] = [
            Trap::Unreachable,
            Trap::MemoryOutOfBounds,
            Trap::TableOutOfBounds,
            Trap::UndefinedElement,
            Trap::UninitializedElement,
            Trap::IndirectCallTypeMismatch,
            Trap::IntegerDivideByZero,
            Trap::IntegerOverflow,
            Trap::InvalidConversionToInteger,
            Trap::StackExhausted,
            Trap::NullReference,
            Trap::NullStructReference,
            Trap::NullArrayReference,
            Trap::NullI31Reference,
            Trap::ArrayOutOfBounds,
            Trap::CastFailure,
            Trap::HeapExhausted,
            Trap::Interrupted,
            Trap::UnalignedAtomic,
            Trap::ExpectedSharedMemory,
            Trap::WaitNotAllowed,
        ];
        ALL.into_iter().find(|trap| *trap as u8 == number)
    }
}

impl Error {
    /// Wraps an error of the embedder's own, for a host function to return; [`Error::downcast_ref`] finds it again.
    pub fn host(error: impl Into<Box<dyn core::error::Error + Send + Sync + 'static>>) -> Self {
        ErrorKind::Host(error.into()).into()
    }

    /// An error that is a message and nothing else, for a host function to return.
    pub fn msg(message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self::host(message)
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.inner.kind
    }

    /// The trap that ended the guest, if a trap did.
    pub fn trap(&self) -> Option<Trap> {
        match self.kind() {
            ErrorKind::Trap { trap } => Some(*trap),
            _ => None,
        }
    }

    /// The exception that nobody caught, if one ended the guest.
    pub fn exception(&self) -> Option<&ThrownException> {
        match self.kind() {
            ErrorKind::Exception(exception) => Some(exception),
            _ => None,
        }
    }

    /// Where the guest was, for an error that came up while it ran.
    pub fn backtrace(&self) -> Option<&WasmBacktrace> {
        self.inner.backtrace.as_ref()
    }

    /// The embedder's own error of type `E`, if a host function returned one with [`Error::host`].
    pub fn downcast_ref<E: core::error::Error + 'static>(&self) -> Option<&E> {
        match self.kind() {
            ErrorKind::Host(error) => error.downcast_ref(),
            _ => None,
        }
    }

    pub(crate) fn invalid(message: impl Into<String>, offset: usize) -> Self {
        ErrorKind::Invalid { message: message.into(), offset }.into()
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        ErrorKind::Usage(message.into()).into()
    }

    /// Adds frames further out to what is known already, or starts a backtrace.
    pub(crate) fn add_backtrace(&mut self, outer: WasmBacktrace) {
        match &mut self.inner.backtrace {
            Some(inner) => inner.append(outer),
            none => *none = Some(outer),
        }
    }
}

impl ThrownException {
    pub(crate) fn new(data: Arc<dyn ExceptionData>) -> Self {
        Self { data }
    }

    pub(crate) fn data(&self) -> &(dyn Any + Send + Sync) {
        self.data.as_any()
    }
}

impl fmt::Display for ThrownException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("uncaught exception: tag ")?;
        self.data.describe(f)
    }
}

impl fmt::Debug for ThrownException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { inner: Box::new(ErrorInner { kind, backtrace: None }) }
    }
}

impl From<Trap> for Error {
    fn from(trap: Trap) -> Self {
        ErrorKind::Trap { trap }.into()
    }
}

impl From<wasmparser::BinaryReaderError> for Error {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::invalid(error.message(), error.offset() as usize)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind().fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind())?;
        match self.backtrace() {
            Some(backtrace) => write!(f, "\n{backtrace}"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Host(error) => error.source(),
            _ => None,
        }
    }
}

impl WasmBacktrace {
    /// Frames kept of one backtrace; a deep recursion has more, and they are only counted.
    pub(crate) const MAX_FRAMES: usize = 64;

    pub(crate) fn new() -> Self {
        Self { frames: Vec::new(), omitted: 0 }
    }

    pub(crate) fn push(&mut self, code: &Arc<dyn SourceMap>, func_idx: u32, code_pos: u32) {
        if self.frames.len() < Self::MAX_FRAMES {
            self.frames.push(FrameInfo { code: Arc::clone(code), func_idx, code_pos });
        } else {
            self.omitted += 1;
        }
    }

    /// True once further frames would only be counted.
    pub(crate) fn is_full(&self) -> bool {
        self.frames.len() >= Self::MAX_FRAMES
    }

    pub(crate) fn omit(&mut self, frames: usize) {
        self.omitted += frames;
    }

    fn append(&mut self, outer: Self) {
        for frame in outer.frames {
            self.push(&frame.code, frame.func_idx, frame.code_pos);
        }
        self.omitted += outer.omitted;
    }

    /// The frames, innermost first; at most 64 of them.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// How many frames further out are not listed.
    pub fn omitted(&self) -> usize {
        self.omitted
    }
}

impl FrameInfo {
    /// The function's index in its module's function index space.
    pub fn func_index(&self) -> u32 {
        self.func_idx
    }

    /// The function's name, if the module has a name section that names it.
    pub fn func_name(&self) -> Option<&str> {
        self.code.func_name(self.func_idx)
    }

    /// The module's name, if the module has a name section that names it.
    pub fn module_name(&self) -> Option<&str> {
        self.code.module_name()
    }

    /// Byte offset of the operator from the module's first byte.
    pub fn module_offset(&self) -> Option<usize> {
        self.code.wasm_offset(self.func_idx, self.code_pos)
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wasm backtrace:")?;
        for (depth, frame) in self.frames.iter().enumerate() {
            write!(f, "\n{depth:>4}: ")?;
            if let Some(offset) = frame.module_offset() {
                write!(f, "{offset:#8x} - ")?;
            }
            write!(f, "{}!", frame.module_name().unwrap_or("<module>"))?;
            match frame.func_name() {
                Some(name) => write!(f, "{name}")?,
                None => write!(f, "<function {}>", frame.func_idx)?,
            }
        }
        match self.omitted {
            0 => Ok(()),
            count => write!(f, "\n      ... and {count} frames further out"),
        }
    }
}

impl fmt::Debug for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const _: () = assert!(size_of::<Trap>() == 1);
const _: () = assert!(size_of::<Error>() == size_of::<usize>());
