//! wasmi as a subject.

use std::borrow::Cow;

use wasmi::errors::{ErrorKind, InstantiationError, TableError};
use wasmi::{
    AsContext, AsContextMut, Caller, Config, Engine, Error, Extern, ExternRef, ExternType, Func, FuncType,
    Global, Instance, Memory, Module, Ref, Store, Table, TrapCode, Val, ValType,
};

use crate::host::{self, BACK, Deed, HostLog, MEMORY};
use crate::subject::{FUEL, Subject};
use crate::value::{Digest, End, Signature, TrapKind, Type, Value};

/// An engine and a store.
pub(crate) struct OnWasmi {
    store: Store<HostLog>,
    instances: Vec<Instance>,
    funcs: Vec<(Func, Signature)>,
    globals: Vec<Global>,
    fuel: Vec<Global>,
    tables: Vec<Table>,
    memories: Vec<Memory>,
}

impl OnWasmi {
    pub(crate) fn new() -> Self {
        Self {
            store: Store::new(&engine(), HostLog::default()),
            instances: Vec::new(),
            funcs: Vec::new(),
            globals: Vec::new(),
            fuel: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
        }
    }

    fn try_instantiate(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let module = Module::new(self.store.engine(), bytes)?;
        let mut imports = Vec::new();
        for import in module.imports() {
            let number = host::import_number(import.module(), import.name());
            let earlier = host::earlier_instance(import.module());
            let instance = earlier.and_then(|earlier| self.instances.get(earlier));
            imports.push(match instance.and_then(|m| m.get_export(&self.store, import.name())) {
                Some(export) => export,
                None => host_item(&mut self.store, number, import.ty())?,
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
        }
    }
}

impl Subject for OnWasmi {
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
        let mut results: Vec<Val> = signature.results.iter().map(|ty| Val::default(ty_of(*ty))).collect();
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

    fn globals(&mut self) -> Vec<Value> {
        self.globals.iter().map(|global| from_val(&self.store, &global.get(&self.store))).collect()
    }

    fn tables(&mut self) -> Vec<Vec<Value>> {
        let element = |table: &Table, index| {
            let element = table.get(&self.store, index).expect("the index is below the table's size");
            from_val(&self.store, &element)
        };
        let elements = |table: &Table| (0..table.size(&self.store)).map(|i| element(table, i)).collect();
        self.tables.iter().map(elements).collect()
    }

    fn memories(&self) -> Vec<Cow<'_, [u8]>> {
        self.memories.iter().map(|memory| memory.data(&self.store).into()).collect()
    }

    fn host_digest(&self) -> Digest {
        self.store.data().digest
    }
}

/// An engine that offers what Wapiti offers too.
fn engine() -> Engine {
    let mut config = Config::default();
    config
        .wasm_mutable_global(true)
        .wasm_sign_extension(true)
        .wasm_saturating_float_to_int(true)
        .wasm_multi_value(true)
        .wasm_bulk_memory(true)
        .wasm_reference_types(true)
        .wasm_tail_call(true)
        .wasm_extended_const(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        .wasm_multi_memory(true)
        .wasm_memory64(true)
        .wasm_custom_page_sizes(true)
        .wasm_wide_arithmetic(true)
        .set_max_recursion_depth(1_000_000)
        .set_max_stack_height(64 << 20);
    Engine::new(&config)
}

/// Makes what the host gives for an import; `number` stands for its name.
fn host_item(store: &mut Store<HostLog>, number: u32, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => host_func(store, number, ty).into(),
        ExternType::Global(ty) => {
            let value = host::global_value(type_of(ty.content()), number);
            let value = to_val(&mut *store, &value.expect("wasmi has no other references"));
            Global::new(store, value, ty.mutability()).into()
        }
        ExternType::Table(ty) => Table::new(store, *ty, Val::default(ty.element()))?.into(),
        ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
    })
}

fn host_func(store: &mut Store<HostLog>, number: u32, ty: &FuncType) -> Func {
    let result_types = signature(ty).results;
    Func::new(store, ty.clone(), move |mut caller: Caller<'_, HostLog>, args: &[Val], results: &mut [Val]| {
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
        // There are no tags.
        Deed::Nothing | Deed::Throw(_) => {}
        Deed::Fail => return Err(Error::new(host::FAILURE)),
        Deed::Grow => {
            if let Some(Extern::Memory(memory)) = caller.get_export(MEMORY) {
                // Being at the maximum already is fine.
                let _ = memory.grow(caller, 1);
            }
        }
        Deed::CallBack => {
            if let Some(Extern::Func(func)) = caller.get_export(BACK) {
                let results = func.ty(&*caller).results().to_vec();
                let mut results: Vec<Val> = results.into_iter().map(Val::default).collect();
                caller.data_mut().nesting += 1;
                let outcome = func.call(&mut *caller, &[], &mut results);
                caller.data_mut().nesting -= 1;
                outcome?;
            }
        }
    }
    Ok(())
}

fn end_of(error: &Error) -> End {
    if let Some(code) = error.as_trap_code() {
        return End::Trapped(trap_kind(code));
    }
    match error.kind() {
        ErrorKind::Message(_) => End::HostFailed,
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. })
        | ErrorKind::Table(TableError::CopyOutOfBounds) => End::Trapped(TrapKind::TableOutOfBounds),
        ErrorKind::Translation(_) | ErrorKind::Ir(_) => End::Refused(error.to_string()),
        _ => End::Failed(error.to_string()),
    }
}

fn trap_kind(code: TrapCode) -> TrapKind {
    match code {
        TrapCode::UnreachableCodeReached => TrapKind::Unreachable,
        TrapCode::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        TrapCode::TableOutOfBounds => TrapKind::TableOutOfBounds,
        TrapCode::IndirectCallToNull => TrapKind::UninitializedElement,
        TrapCode::BadSignature => TrapKind::IndirectCallTypeMismatch,
        TrapCode::IntegerDivisionByZero => TrapKind::IntegerDivideByZero,
        TrapCode::IntegerOverflow => TrapKind::IntegerOverflow,
        TrapCode::BadConversionToInteger => TrapKind::InvalidConversionToInteger,
        TrapCode::StackOverflow => TrapKind::StackExhausted,
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
        ValType::FuncRef => Type::Func,
        ValType::ExternRef => Type::Extern,
        ValType::V128 => Type::V128,
    }
}

fn ty_of(ty: Type) -> ValType {
    match ty {
        Type::I32 => ValType::I32,
        Type::I64 => ValType::I64,
        Type::F32 => ValType::F32,
        Type::F64 => ValType::F64,
        Type::V128 => ValType::V128,
        Type::Func => ValType::FuncRef,
        Type::Extern => ValType::ExternRef,
        Type::Ref { .. } => unreachable!("wasmi has no other references"),
    }
}

fn to_val(mut store: impl AsContextMut<Data = HostLog>, value: &Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(*value),
        Value::I64(value) => Val::I64(*value),
        Value::F32(bits) => Val::F32(f32::from_bits(*bits).into()),
        Value::F64(bits) => Val::F64(f64::from_bits(*bits).into()),
        Value::V128(bits) => Val::V128((*bits).into()),
        Value::Func(_) => Val::FuncRef(Ref::Null),
        Value::Extern(None) => Val::ExternRef(Ref::Null),
        Value::Extern(Some(number)) => Val::ExternRef(Ref::Val(ExternRef::new(&mut store, *number))),
        Value::Any(_) | Value::Exn(_) => unreachable!("wasmi has no other references"),
    }
}

fn from_val(store: impl AsContext<Data = HostLog>, value: &Val) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(value) => Value::f32(value.to_bits()),
        Val::F64(value) => Value::f64(value.to_bits()),
        Val::FuncRef(func) => Value::Func(func.val().map(|func| signature(&func.ty(&store)))),
        Val::ExternRef(reference) => {
            let number = |reference: &ExternRef| {
                let data = reference.data(store.as_context()).downcast_ref::<u32>();
                *data.expect("all external references are numbers")
            };
            Value::Extern(reference.val().map(number))
        }
        Val::V128(value) => Value::V128(value.as_u128()),
    }
}
