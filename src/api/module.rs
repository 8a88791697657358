//! A module as the embedder sees it: made from bytes or text, asked for imports, exports and custom sections.
//!
//! In go bytes, which are decoded, validated and compiled here by the earlier folders; out comes a handle that is
//! cheap to clone and may be used from any thread. A module never changes; everything that runs is in instances.

use alloc::borrow::Cow;
use alloc::format;
use alloc::sync::Arc;
use core::fmt;

use super::engine::Engine;
use crate::config::Compilation;
use crate::decode::{
    self,
    info::{ExternIdx, ModuleInfo},
};
use crate::error::Error;
#[cfg(feature = "wat")]
use crate::error::ErrorKind;
use crate::exec;
use crate::lower::Listing;
use crate::runtime::{CompiledModule, item_type};
use crate::types::{DefinedType, ExternType, FuncIdx};

/// A validated module, ready to be instantiated.
///
/// Cloning is cheap, and one module may be instantiated many times, in stores on different threads.
///
/// ```
/// use wapiti::{Engine, Module};
///
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module $greeter (func (export "greet") (param i32)))"#)?;
/// assert_eq!(module.name(), Some("greeter"));
/// let export = module.exports().next().unwrap();
/// assert_eq!((export.name(), export.ty().to_string()), ("greet", "function [i32] -> []".to_string()));
/// # Ok::<(), wapiti::Error>(())
/// ```
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    code: Arc<CompiledModule>,
}

/// An import of a module: the name it asks for and the type it expects.
#[derive(Clone, Debug)]
pub struct ImportType<'module> {
    module: &'module str,
    name: &'module str,
    ty: ExternType,
    /// The very type, for functions and tags.
    func_type: Option<&'module DefinedType>,
}

/// An export of a module: its name and its type.
#[derive(Clone, Debug)]
pub struct ExportType<'module> {
    name: &'module str,
    ty: ExternType,
}

impl Module {
    /// Makes a module from its binary format or, with feature `wat` (on by default), from its text format.
    ///
    /// Bytes count as text unless the first one is 0, with which every binary module begins, or there are none.
    ///
    /// # Errors
    ///
    /// [`Invalid`](crate::ErrorKind::Invalid) with a byte offset if the bytes are not a valid module under the
    /// engine's configuration, [`Text`](crate::ErrorKind::Text) with line and column if they are text and not
    /// well-formed, [`Limit`](crate::ErrorKind::Limit) if the module is valid but too large in some respect.
    pub fn new(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::from_binary(engine, &to_binary(bytes.as_ref())?)
    }

    /// Makes a module from its binary format. As [`new`](Self::new), but never takes the bytes for text.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), without [`Text`](crate::ErrorKind::Text).
    pub fn from_binary(engine: &Engine, bytes: &[u8]) -> Result<Self, Error> {
        let info = decode::decode(Arc::from(bytes), engine.config(), &engine.shared().types)?;
        engine.shared().keep_types(&info.types);
        let code = exec::compile(engine.shared(), info)?;
        Ok(Self { engine: engine.clone(), code })
    }

    /// Checks that the bytes are a valid module, function bodies included, whatever
    /// [`Config::compilation`](crate::Config::compilation) says, and throws the result away.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), without those limits that only compiling meets.
    pub fn validate(engine: &Engine, bytes: impl AsRef<[u8]>) -> Result<(), Error> {
        let bytes = to_binary(bytes.as_ref())?;
        let mut config = engine.config().clone();
        config.compilation(Compilation::Eager);
        decode::decode(Arc::from(&*bytes), &config, &engine.shared().types).map(drop)
    }

    /// The module's name, if it has a name section that gives one.
    pub fn name(&self) -> Option<&str> {
        self.info().name()
    }

    /// The imports, in the order in which [`Instance::new`](crate::Instance::new) takes definitions for them.
    pub fn imports(&self) -> impl ExactSizeIterator<Item = ImportType<'_>> {
        self.info().imports.iter().map(|import| ImportType {
            module: &import.module,
            name: &import.name,
            ty: item_type(self.info(), import.item),
            func_type: match import.item {
                ExternIdx::Func(idx) => Some(&self.info().types[self.info().funcs[idx.index()].index()]),
                ExternIdx::Tag(idx) => Some(&self.info().types[self.info().tags[idx.index()].index()]),
                _ => None,
            },
        })
    }

    /// The exports, in the order of the module.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = ExportType<'_>> {
        self.info()
            .exports
            .iter()
            .map(|export| ExportType { name: &export.name, ty: item_type(self.info(), export.item) })
    }

    /// The type of the export called `name`, if there is one.
    pub fn get_export(&self, name: &str) -> Option<ExternType> {
        Some(item_type(self.info(), self.info().export(name)?))
    }

    /// The contents of the custom sections called `name`, in the order of the module.
    pub fn custom_sections<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let info = self.info();
        info.sections.iter().filter_map(move |section| {
            let (section_name, start) = section.custom.as_ref()?;
            (**section_name == *name).then(|| &info.bytes[*start as usize..section.range.end as usize])
        })
    }

    /// The sections in the order of the module: id ([spec][spec]) and where in the bytes the payload lies.
    ///
    /// [spec]: https://webassembly.github.io/spec/core/binary/modules.html#sections
    pub fn sections(&self) -> impl ExactSizeIterator<Item = (u8, core::ops::Range<usize>)> {
        let sections = self.info().sections.iter();
        sections.map(|section| (section.id, section.range.start as usize..section.range.end as usize))
    }

    /// How many functions the module has, imported ones included, which come first in the index space.
    pub fn function_count(&self) -> u32 {
        self.code.funcs.len() as u32
    }

    /// The name of function `func_idx`, if the name section gives one.
    pub fn function_name(&self, func_idx: u32) -> Option<&str> {
        self.info().func_name(FuncIdx(func_idx))
    }

    /// The bytecode that function `func_idx` is lowered to.
    ///
    /// ```
    /// use wapiti::{Engine, Module};
    ///
    /// let module = Module::new(
    ///     &Engine::default(),
    ///     "(module (func (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))",
    /// )?;
    /// let listing = module.listing(0)?;
    /// assert_eq!(listing.lines()[0].text(), "r4 = i32.add r0, r1");
    /// # Ok::<(), wapiti::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Usage`](crate::ErrorKind::Usage) if there is no such function or it is imported,
    /// [`Limit`](crate::ErrorKind::Limit) if it exceeds a limit of lowering, and
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is not valid, which can only be under
    /// [`Compilation::LazyValidation`](crate::Compilation::LazyValidation).
    pub fn listing(&self, func_idx: u32) -> Result<Listing, Error> {
        let func = FuncIdx(func_idx);
        if func_idx >= self.function_count() || self.info().body(func).is_none() {
            return Err(Error::usage(format!("the module defines no function {func_idx}")));
        }
        if let Some(validator) = &self.info().validator {
            validator.validate(self.info(), func)?;
        }
        Listing::new(self.info(), func)
    }

    /// Bytes of bytecode that functions have been lowered to so far, by whichever store ran them.
    pub fn bytecode_bytes(&self) -> usize {
        self.code.code_bytes()
    }

    /// The engine that the module was made with.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn code(&self) -> &Arc<CompiledModule> {
        &self.code
    }

    pub(crate) fn info(&self) -> &ModuleInfo {
        &self.code.info
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("name", &self.name()).finish_non_exhaustive()
    }
}

impl<'module> ImportType<'module> {
    /// The first of the import's two names.
    pub fn module(&self) -> &'module str {
        self.module
    }

    /// The second of the import's two names.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// What the module expects.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }

    /// The very type of the function or tag that the module expects, if it is one. A host makes such a function with
    /// [`Func::of_type`](crate::Func::of_type), such a tag with [`Tag::of_type`](crate::Tag::of_type).
    pub fn func_type(&self) -> Option<&'module DefinedType> {
        self.func_type
    }
}

impl<'module> ExportType<'module> {
    /// The export's name.
    pub fn name(&self) -> &'module str {
        self.name
    }

    /// What is exported.
    pub fn ty(&self) -> ExternType {
        self.ty.clone()
    }
}

/// The binary format of what may be text. Nothing that begins with a 0 byte is text; and no bytes at all are a
/// truncated binary rather than the text of an empty module.
fn to_binary(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    match bytes.first() {
        None | Some(0) => Ok(Cow::Borrowed(bytes)),
        Some(_) => parse_text(bytes),
    }
}

#[cfg(feature = "wat")]
fn parse_text(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    use alloc::string::ToString;

    wat::parse_bytes(bytes).map_err(|error| ErrorKind::Text { message: error.to_string() }.into())
}

#[cfg(not(feature = "wat"))]
fn parse_text(_bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    let message =
        "magic header not detected: expected the bytes `\\0asm` (reading text needs the feature `wat`)";
    Err(Error::invalid(message, 0))
}
