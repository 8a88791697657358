//! Wapiti as a subject.

use wapiti::{
    AsContext, AsContextMut, Caller, Compilation, Config, Dispatch, Engine, Error, ErrorKind, Extern,
    ExternRef, ExternType, Func, FuncType, Global, HeapType, Instance, Memory, Module, Ref, Store, Table,
    Trap, Val, ValType,
};

use crate::host::{self, BACK, Deed, HostLog, MEMORY};
use crate::subject::{FUEL, Subject};
use crate::value::{Digest, End, Signature, TrapKind, Type, Value};
use crate::watchdog::Watched;

/// An engine under one strategy and one compile mode, and a store.
pub(crate) struct OnWapiti {
    _watched: Watched,
    store: Store<HostLog>,
    instances: Vec<Instance>,
    funcs: Vec<(Func, Signature)>,
    globals: Vec<Global>,
    fuel: Vec<Global>,
    tables: Vec<Table>,
    memories: Vec<Memory>,
}

impl OnWapiti {
    pub(crate) fn new(dispatch: Dispatch, compilation: Compilation) -> Self {
        let store = Store::new(&engine(dispatch, compilation), HostLog::default());
        Self {
            _watched: Watched::new(store.interrupt_handle()),
            store,
            instances: Vec::new(),
            funcs: Vec::new(),
            globals: Vec::new(),
            fuel: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
        }
    }

    fn try_instantiate(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let module = Module::from_binary(self.store.engine(), bytes)?;
        let mut imports = Vec::new();
        for import in module.imports() {
            let number = host::import_number(import.module(), import.name());
            let earlier = import.module().strip_prefix('m').and_then(|earlier| earlier.parse::<usize>().ok());
            let instance = earlier.and_then(|earlier| self.instances.get(earlier));
            imports.push(match instance.and_then(|m| m.get_export(&self.store, import.name())) {
                Some(export) => export,
                None => host_item(&mut self.store, number, &import.ty())?,
            });
        }
        let instance = Instance::new(&mut self.store, &module, &imports)?;
        self.instances.push(instance);
        // Engines list them in different orders.
        let mut names: Vec<String> = module.exports().map(|export| export.name().to_owned()).collect();
        names.sort();
        for name in names {
            let export = instance.get_export(&self.store, &name);
            self.keep(&name, export.expect("the module says that it exports this"));
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, item: Extern) {
        match item {
            Extern::Func(func) => {
                let signature = signature(&func.ty(&self.store));
                self.funcs.push((func, signature));
            }
            Extern::Global(global) => {
                self.globals.push(global);
                if name == FUEL {
                    self.fuel.push(global);
                }
            }
            Extern::Table(table) => self.tables.push(table),
            Extern::Memory(memory) => self.memories.push(memory),
            _ => {}
        }
    }
}

impl Subject for OnWapiti {
    fn instantiate(&mut self, module: &[u8]) -> End {
        match self.try_instantiate(module) {
            Ok(()) => End::Returned(Vec::new()),
            Err(error) => end_of(&error),
        }
    }

    fn funcs(&self) -> Vec<Signature> {
        self.funcs.iter().map(|(_, signature)| signature.clone()).collect()
    }

    fn call(&mut self, func: usize, args: &[Value]) -> End {
        let (func, signature) = &self.funcs[func];
        let args: Vec<Val> = args.iter().map(|arg| to_val(&mut self.store, arg)).collect();
        let mut results = vec![Val::I32(0); signature.results.len()];
        match func.call(&mut self.store, &args, &mut results) {
            Ok(()) => End::Returned(results.iter().map(|value| from_val(&self.store, value)).collect()),
            Err(error) => end_of(&error),
        }
    }

    fn refuel(&mut self, fuel: i32) {
        for global in &self.fuel {
            global.set(&mut self.store, Val::I32(fuel)).expect("the fuel is a mutable i32");
        }
    }

    fn globals(&self) -> Vec<Value> {
        self.globals.iter().map(|global| from_val(&self.store, &global.get(&self.store))).collect()
    }

    fn tables(&self) -> Vec<Vec<Value>> {
        let element = |table: &Table, index| {
            let element = table.get(&self.store, index).expect("the index is below the table's size");
            from_val(&self.store, &element.into())
        };
        let elements = |table: &Table| (0..table.size(&self.store)).map(|i| element(table, i)).collect();
        self.tables.iter().map(elements).collect()
    }

    fn memories(&self) -> Vec<&[u8]> {
        self.memories.iter().map(|memory| memory.data(&self.store)).collect()
    }

    fn host_digest(&self) -> Digest {
        self.store.data().digest
    }
}

/// An engine for random modules.
pub(crate) fn engine(dispatch: Dispatch, compilation: Compilation) -> Engine {
    let mut config = Config::new();
    // Enough for programs with padding, whose frames are large.
    config.dispatch(dispatch).compilation(compilation).max_stack_bytes(64 << 20);
    config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true).wasm_threads(true);
    config.relaxed_simd_deterministic(true);
    Engine::new(&config)
}

/// Makes what the host gives for an import; `number` stands for its name.
fn host_item(store: &mut Store<HostLog>, number: u32, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => host_func(store, number, ty).into(),
        ExternType::Global(ty) => {
            let value = to_val(&mut *store, &host::global_value(type_of(ty.content()), number));
            Global::new(store, *ty, value)?.into()
        }
        ExternType::Table(ty) => Table::new(store, *ty, Ref::null(ty.element().heap_type()))?.into(),
        ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
        _ => return Err(Error::msg("an import of an unknown kind")),
    })
}

fn host_func(store: &mut Store<HostLog>, number: u32, ty: &FuncType) -> Func {
    let result_types = signature(ty).results;
    Func::new(store, ty.clone(), move |mut caller: Caller<'_, HostLog>, args, results| {
        let args: Vec<Value> = args.iter().map(|arg| from_val(&caller, arg)).collect();
        let answer = caller.data_mut().answer(number, &args, &result_types);
        do_deed(&mut caller, answer.deed)?;
        for (result, value) in results.iter_mut().zip(&answer.results) {
            *result = to_val(&mut caller, value);
        }
        Ok(())
    })
}

fn do_deed(caller: &mut Caller<'_, HostLog>, deed: Deed) -> Result<(), Error> {
    match deed {
        Deed::Nothing => {}
        Deed::Fail => return Err(Error::msg("the host function fails")),
        Deed::Grow => {
            if let Some(memory) = caller.get_export(MEMORY).and_then(Extern::into_memory) {
                // Being at the maximum already is fine.
                let _ = memory.grow(caller, 1);
            }
        }
        Deed::CallBack => {
            if let Some(func) = caller.get_export(BACK).and_then(Extern::into_func) {
                let mut results = vec![Val::I32(0); func.ty(&*caller).results().len()];
                caller.data_mut().nesting += 1;
                let outcome = func.call(&mut *caller, &[], &mut results);
                caller.data_mut().nesting -= 1;
                outcome?;
            }
        }
    }
    Ok(())
}

pub(crate) fn end_of(error: &Error) -> End {
    match error.kind() {
        ErrorKind::Trap { trap } => End::Trapped(trap_kind(*trap)),
        ErrorKind::Host(_) => End::HostFailed,
        ErrorKind::Limit { .. } => End::Refused(error.to_string()),
        _ => End::Failed(error.to_string()),
    }
}

fn trap_kind(trap: Trap) -> TrapKind {
    match trap {
        Trap::Unreachable => TrapKind::Unreachable,
        Trap::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        Trap::TableOutOfBounds | Trap::UndefinedElement => TrapKind::TableOutOfBounds,
        Trap::UninitializedElement => TrapKind::UninitializedElement,
        Trap::IndirectCallTypeMismatch => TrapKind::IndirectCallTypeMismatch,
        Trap::IntegerDivideByZero => TrapKind::IntegerDivideByZero,
        Trap::IntegerOverflow => TrapKind::IntegerOverflow,
        Trap::InvalidConversionToInteger => TrapKind::InvalidConversionToInteger,
        Trap::StackExhausted => TrapKind::StackExhausted,
        Trap::Interrupted => TrapKind::Interrupted,
        _ => TrapKind::Other,
    }
}

fn signature(ty: &FuncType) -> Signature {
    let types = |types: &[ValType]| types.iter().map(|ty| type_of(*ty)).collect();
    Signature { params: types(ty.params()), results: types(ty.results()) }
}

fn type_of(ty: ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::V128 => Type::V128,
        ValType::Ref(ty) => match ty.heap_type() {
            HeapType::Func => Type::Func,
            HeapType::Extern => Type::Extern,
            other => panic!("a reference of an unknown kind: {other:?}"),
        },
        other => panic!("a value of an unknown type: {other:?}"),
    }
}

fn to_val(mut store: impl AsContextMut<Data = HostLog>, value: &Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(*value),
        Value::I64(value) => Val::I64(*value),
        Value::F32(bits) => Val::F32(*bits),
        Value::F64(bits) => Val::F64(*bits),
        Value::V128(bits) => Val::V128((*bits).into()),
        Value::Func(_) => Val::FuncRef(None),
        Value::Extern(number) => Val::ExternRef(number.map(|number| ExternRef::new(&mut store, number))),
    }
}

fn from_val(store: impl AsContext<Data = HostLog>, value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(bits) => Value::f32(*bits),
        Val::F64(bits) => Value::f64(*bits),
        Val::V128(value) => Value::V128((*value).into()),
        Val::FuncRef(func) => Value::Func(func.map(|func| signature(&func.ty(&store)))),
        Val::ExternRef(reference) => {
            let number = |reference: ExternRef| {
                let data = reference.data(store.as_context()).downcast_ref::<u32>();
                *data.expect("all external references are numbers")
            };
            Value::Extern(reference.map(number))
        }
        other => panic!("a value of an unknown type: {other:?}"),
    }
}
