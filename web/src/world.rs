//! What a guest in a page has around it: WASI with captured output, and the page's functions.
//!
//! Every function that a module imports and that is not WASI's is carried out by the page, which is told the number of
//! the import, so that it needs no names.

use std::cell::RefCell;
use std::rc::Rc;

use wapiti::{Caller, Error, ExternType, FuncType, Linker, Module, Val, ValType};

use crate::host;
use crate::system::{self, System, WASI};

/// The data of a page's stores.
pub(crate) struct World {
    system: System,
    written: Rc<RefCell<Written>>,
}

/// What the guest has written to standard output and error.
#[derive(Default)]
struct Written {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// Both together; this is never taken.
    all: Vec<u8>,
}

impl World {
    /// A world in which nothing has happened.
    pub(crate) fn new() -> Self {
        let written = Rc::new(RefCell::new(Written::default()));
        let sink = Rc::clone(&written);
        let output = move |fd: u32, bytes: &[u8]| {
            let mut written = sink.borrow_mut();
            let stream = if fd == 1 { &mut written.stdout } else { &mut written.stderr };
            stream.extend_from_slice(bytes);
            written.all.extend_from_slice(bytes);
        };
        let system = System {
            args: vec!["program".to_owned()],
            stdin: Box::new(std::io::empty()),
            output: Box::new(output),
            now: host::now,
            seed: host::now(),
        };
        Self { system, written }
    }

    /// Takes what has been written to standard output and to standard error.
    pub(crate) fn take_output(&mut self) -> (Vec<u8>, Vec<u8>) {
        let mut written = self.written.borrow_mut();
        (std::mem::take(&mut written.stdout), std::mem::take(&mut written.stderr))
    }

    /// How many bytes have been written to either.
    pub(crate) fn written_bytes(&self) -> usize {
        self.written.borrow().all.len()
    }

    /// The first `bytes` bytes that have been written to either.
    pub(crate) fn written(&self, bytes: usize) -> Vec<u8> {
        self.written.borrow().all[..bytes].to_vec()
    }

    /// Definitions for what `module` imports of WASI.
    ///
    /// # Errors
    ///
    /// None at present: names are defined once.
    pub(crate) fn system_linker(module: &Module) -> Result<Linker<Self>, Error> {
        let mut linker = Linker::new(module.engine());
        system::add_to_linker(&mut linker, |world: &mut Self| &mut world.system)?;
        system::define_the_rest(&mut linker, module)?;
        Ok(linker)
    }

    /// Definitions for everything that `module` imports.
    ///
    /// # Errors
    ///
    /// None at present: names are defined once.
    pub(crate) fn linker(module: &Module) -> Result<Linker<Self>, Error> {
        let mut linker = Self::system_linker(module)?;
        // A module may import a name twice; each import has its own number, and the first one stands for both.
        for (number, import) in (0..).zip(module.imports()) {
            let ExternType::Func(ty) = import.ty() else { continue };
            if import.module() != WASI {
                let results = ty.results().to_vec();
                let call = move |caller: Caller<'_, Self>, params: &[Val], values: &mut [Val]| {
                    call_page(caller, number, &results, params, values)
                };
                let _ = linker.func_new(import.module(), import.name(), FuncType::clone(&ty), call);
            }
        }
        Ok(linker)
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// Has the page carry out a call.
fn call_page(
    mut caller: Caller<'_, World>,
    import: u32,
    result_types: &[ValType],
    params: &[Val],
    results: &mut [Val],
) -> Result<(), Error> {
    let cells = params.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
    let mut result_cells = vec![0; result_types.len()];
    let memory = caller.get_export("memory").and_then(|export| export.into_memory());
    let bytes = memory.map_or_else(Default::default, |memory| memory.data_mut(&mut caller));
    if !host::call(import, &cells, &mut result_cells, bytes) {
        return Err(Error::msg(host::take_failure()));
    }
    for ((result, &ty), cell) in results.iter_mut().zip(result_types).zip(result_cells) {
        *result = value(ty, cell)?;
    }
    Ok(())
}

/// The cell that the page sees of a value.
fn cell(value: &Val) -> Result<u64, Error> {
    match value {
        Val::I32(value) => Ok(u64::from(value.cast_unsigned())),
        Val::I64(value) => Ok(value.cast_unsigned()),
        Val::F32(bits) => Ok(u64::from(*bits)),
        Val::F64(bits) => Ok(*bits),
        other => Err(no_references(other.ty())),
    }
}

/// The value of type `ty` in a cell that the page has written.
fn value(ty: ValType, cell: u64) -> Result<Val, Error> {
    match ty {
        ValType::I32 => Ok(Val::I32(cell as i32)),
        ValType::I64 => Ok(Val::I64(cell.cast_signed())),
        ValType::F32 => Ok(Val::F32(cell as u32)),
        ValType::F64 => Ok(Val::F64(cell)),
        ty => Err(no_references(ty)),
    }
}

fn no_references(ty: ValType) -> Error {
    Error::msg(format!("a value of type {ty} cannot be passed to or from the page"))
}
