//! Wasmtime as a subject of the differential tests, for what wasmi does not know: garbage collection, exceptions, typed
//! references to functions, shared memories, and relaxed SIMD on floats.
//!
//! In go Wasmtime's values, out come those of `wapiti_differential`, and back.
//!
//! What is not compared: the older exceptions, which Wasmtime does not compile; relaxed SIMD outside of its deterministic
//! profile; waits that wait, and memories shared with other threads; which bits a NaN has; the identity of references, of
//! which kind, type and contents are compared, a few references deep; what comes after a step in which one engine has
//! found no room on its stack or heap, which is its own choice; and which trap it is where an atomic access is out of bounds
//! as well as unaligned.

use std::borrow::Cow;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU8, Ordering};

use wapiti_differential::{
    BACK, Deed, Digest, End, FAILURE, FUEL, Heap, HostLog, IMPOSSIBLE, MAX_DEPTH, MAX_ELEMENTS, MEMORY,
    Object, Signature, Subject, TAG, TrapKind, Type, Value, earlier_instance, global_value, import_number,
};
use wasmtime::{
    AnyRef, AsContext, AsContextMut, Caller, Config, Engine, Error, ExnRef, ExnRefPre, ExnType, Extern,
    ExternRef, ExternType, Func, FuncType, GcHeapOutOfMemory, Global, HeapType, I31, Instance, Memory,
    Module, OptLevel, Ref, RootScope, Rooted, SharedMemory, Store, StoreContextMut, Table, Tag,
    ThrownException, Trap, Val, ValType,
};

/// An engine and a store.
pub struct OnWasmtime {
    store: Store<HostLog>,
    instances: Vec<Instance>,
    funcs: Vec<(Func, Signature)>,
    globals: Vec<Global>,
    fuel: Vec<Global>,
    tables: Vec<Table>,
    memories: Vec<AnyMemory>,
}

enum AnyMemory {
    Own(Memory),
    Shared(SharedMemory),
}

impl OnWasmtime {
    /// A subject with an empty store.
    pub fn new(engine: &Engine) -> Self {
        Self {
            store: Store::new(engine, HostLog::default()),
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
            let number = import_number(import.module(), import.name());
            let earlier = earlier_instance(import.module());
            let instance = earlier.and_then(|earlier| self.instances.get(earlier));
            imports.push(match instance.and_then(|m| m.get_export(&mut self.store, import.name())) {
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
            let export = instance.get_export(&mut self.store, &name);
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
            Extern::Memory(memory) => self.memories.push(AnyMemory::Own(memory)),
            Extern::SharedMemory(memory) => self.memories.push(AnyMemory::Shared(memory)),
            Extern::Tag(_) => {}
        }
    }
}

impl Subject for OnWasmtime {
    fn instantiate(&mut self, module: &[u8]) -> End {
        match self.try_instantiate(module) {
            Ok(()) => End::Returned(Vec::new()),
            Err(error) => end_of(&mut self.store, &error),
        }
    }

    fn funcs(&self) -> Vec<Signature> {
        self.funcs.iter().map(|(_, signature)| signature.clone()).collect()
    }

    fn call(&mut self, func: usize, args: &[Value]) -> End {
        let (func, signature) = &self.funcs[func];
        let mut scope = RootScope::new(&mut self.store);
        let args: Vec<Val> = args.iter().map(|arg| to_val(&mut scope, arg)).collect();
        let mut results = vec![Val::I32(0); signature.results.len()];
        match func.call(&mut scope, &args, &mut results) {
            Ok(()) => End::Returned(results.iter().map(|value| from_val(&mut scope, value, 0)).collect()),
            Err(error) => end_of(&mut scope, &error),
        }
    }

    fn refuel(&mut self, fuel: i32) {
        for global in &self.fuel {
            global.set(&mut self.store, Val::I32(fuel)).expect("the fuel is a mutable i32");
        }
    }

    fn globals(&mut self) -> Vec<Value> {
        let mut scope = RootScope::new(&mut self.store);
        let value = |global: &Global| {
            let value = global.get(&mut scope);
            from_val(&mut scope, &value, 0)
        };
        self.globals.iter().map(value).collect()
    }

    fn tables(&mut self) -> Vec<Vec<Value>> {
        let mut scope = RootScope::new(&mut self.store);
        let mut all = Vec::new();
        for table in &self.tables {
            let mut elements = Vec::new();
            for index in 0..table.size(&scope) {
                let element = table.get(&mut scope, index).expect("the index is below the table's size");
                elements.push(from_val(&mut scope, &element.into(), 0));
            }
            all.push(elements);
        }
        all
    }

    fn memories(&self) -> Vec<Cow<'_, [u8]>> {
        let bytes = |memory: &AnyMemory| match memory {
            AnyMemory::Own(memory) => memory.data(&self.store).into(),
            AnyMemory::Shared(memory) => memory.data().iter().map(byte_of).collect::<Vec<u8>>().into(),
        };
        self.memories.iter().map(bytes).collect()
    }

    fn host_digest(&self) -> Digest {
        self.store.data().digest
    }
}

fn byte_of(cell: &UnsafeCell<u8>) -> u8 {
    // SAFETY: INV-ATOMIC: Wasmtime's shared memories are reached by atomic accesses only; and nobody runs a guest now.
    unsafe { AtomicU8::from_ptr(cell.get()) }.load(Ordering::Relaxed)
}

/// An engine that offers what Wapiti offers, and the results of the deterministic profile.
pub fn engine() -> Result<Engine, Error> {
    let mut config = Config::new();
    config
        .wasm_tail_call(true)
        .wasm_simd(true)
        .wasm_relaxed_simd(true)
        .relaxed_simd_deterministic(true)
        .wasm_multi_memory(true)
        .wasm_memory64(true)
        .wasm_extended_const(true)
        .wasm_custom_page_sizes(true)
        .wasm_wide_arithmetic(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true)
        .wasm_threads(true)
        .shared_memory(true)
        // Modules are small and run for a short time.
        .cranelift_opt_level(OptLevel::None)
        .memory_reservation(1 << 20)
        .memory_guard_size(1 << 16);
    Engine::new(&config)
}

/// Makes what the host gives for an import; `number` stands for its name.
fn host_item(store: &mut Store<HostLog>, number: u32, ty: &ExternType) -> Result<Extern, Error> {
    Ok(match ty {
        ExternType::Func(ty) => host_func(store, number, ty).into(),
        ExternType::Global(ty) => {
            let value = global_value(type_of(ty.content()), number).ok_or_else(|| Error::msg(IMPOSSIBLE))?;
            let value = to_val(&mut *store, &value);
            Global::new(store, ty.clone(), value)?.into()
        }
        ExternType::Table(ty) => {
            let element = type_of(&ty.element().clone().into()).reference(0);
            let element = to_val(&mut *store, &element.ok_or_else(|| Error::msg(IMPOSSIBLE))?);
            let element: Ref = element.ref_().expect("tables hold references");
            Table::new(store, ty.clone(), element)?.into()
        }
        ExternType::Memory(ty) if ty.is_shared() => SharedMemory::new(store.engine(), ty.clone())?.into(),
        ExternType::Memory(ty) => Memory::new(store, ty.clone())?.into(),
        ExternType::Tag(ty) => Tag::new(store, ty)?.into(),
    })
}

fn host_func(store: &mut Store<HostLog>, number: u32, ty: &FuncType) -> Func {
    let result_types = signature(ty).results;
    Func::new(store, ty.clone(), move |mut caller: Caller<'_, HostLog>, args, results| {
        let args: Vec<Value> = args.iter().map(|arg| from_val(&mut caller, arg, 0)).collect();
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
        Deed::Throw(number) => {
            if let Some(Extern::Tag(tag)) = caller.get_export(TAG) {
                let ty = ExnType::from_tag_type(&tag.ty(&*caller))?;
                let allocator = ExnRefPre::new(&mut *caller, ty);
                let exception = ExnRef::new(&mut *caller, &allocator, &tag, &[Val::I32(number)])?;
                caller.as_context_mut().throw(exception)?;
            }
        }
        Deed::Fail => return Err(Error::msg(FAILURE)),
        // Being at the maximum already is fine.
        Deed::Grow => match caller.get_export(MEMORY) {
            Some(Extern::Memory(memory)) => drop(memory.grow(caller, 1)),
            Some(Extern::SharedMemory(memory)) => drop(memory.grow(1)),
            _ => {}
        },
        Deed::CallBack => {
            if let Some(Extern::Func(func)) = caller.get_export(BACK) {
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

fn end_of(mut store: impl AsContextMut<Data = HostLog>, error: &Error) -> End {
    if let Some(trap) = error.downcast_ref::<Trap>() {
        return End::Trapped(trap_kind(*trap));
    }
    if error.is::<ThrownException>() {
        let exception = store.as_context_mut().take_pending_exception().expect("one has been thrown");
        return End::Thrown(fields_of(store.as_context_mut(), exception, 0));
    }
    if error.is::<GcHeapOutOfMemory<()>>() {
        return End::Trapped(TrapKind::HeapExhausted);
    }
    match error.root_cause().to_string() {
        message if message == FAILURE => End::HostFailed,
        message if message == IMPOSSIBLE => End::Refused(message),
        _ => End::Failed(format!("{error:?}")),
    }
}

fn trap_kind(trap: Trap) -> TrapKind {
    match trap {
        Trap::UnreachableCodeReached => TrapKind::Unreachable,
        Trap::MemoryOutOfBounds => TrapKind::MemoryOutOfBounds,
        Trap::TableOutOfBounds => TrapKind::TableOutOfBounds,
        Trap::IndirectCallToNull => TrapKind::UninitializedElement,
        Trap::BadSignature => TrapKind::IndirectCallTypeMismatch,
        Trap::IntegerDivisionByZero => TrapKind::IntegerDivideByZero,
        Trap::IntegerOverflow => TrapKind::IntegerOverflow,
        Trap::BadConversionToInteger => TrapKind::InvalidConversionToInteger,
        Trap::NullReference => TrapKind::NullReference,
        Trap::CastFailure => TrapKind::CastFailure,
        Trap::ArrayOutOfBounds => TrapKind::ArrayOutOfBounds,
        Trap::AllocationTooLarge => TrapKind::HeapExhausted,
        Trap::HeapMisaligned => TrapKind::UnalignedAtomic,
        Trap::AtomicWaitNonSharedMemory => TrapKind::ExpectedSharedMemory,
        Trap::StackOverflow => TrapKind::StackExhausted,
        _ => TrapKind::Other,
    }
}

fn signature(ty: &FuncType) -> Signature {
    Signature {
        params: ty.params().map(|ty| type_of(&ty)).collect(),
        results: ty.results().map(|ty| type_of(&ty)).collect(),
    }
}

fn type_of(ty: &ValType) -> Type {
    match ty {
        ValType::I32 => Type::I32,
        ValType::I64 => Type::I64,
        ValType::F32 => Type::F32,
        ValType::F64 => Type::F64,
        ValType::V128 => Type::V128,
        ValType::Ref(ty) => Type::of_references(heap_of(ty.heap_type()), ty.is_nullable()),
    }
}

fn heap_of(ty: &HeapType) -> Heap {
    match ty {
        HeapType::Func => Heap::Func,
        HeapType::NoFunc => Heap::NoFunc,
        HeapType::ConcreteFunc(_) => Heap::ConcreteFunc,
        HeapType::Extern => Heap::Extern,
        HeapType::NoExtern => Heap::NoExtern,
        HeapType::Any => Heap::Any,
        HeapType::Eq => Heap::Eq,
        HeapType::I31 => Heap::I31,
        HeapType::Struct => Heap::Struct,
        HeapType::ConcreteStruct(_) => Heap::ConcreteStruct,
        HeapType::Array => Heap::Array,
        HeapType::ConcreteArray(_) => Heap::ConcreteArray,
        HeapType::None => Heap::None,
        HeapType::Exn => Heap::Exn,
        HeapType::NoExn => Heap::NoExn,
        other => panic!("a reference of an unknown kind: {other:?}"),
    }
}

const ROOM: &str = "there is room for so little";
const OF_THIS_STORE: &str = "the reference is of this store";

fn to_val(mut store: impl AsContextMut<Data = HostLog>, value: &Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(*value),
        Value::I64(value) => Val::I64(*value),
        Value::F32(bits) => Val::F32(*bits),
        Value::F64(bits) => Val::F64(*bits),
        Value::V128(bits) => Val::V128((*bits).into()),
        Value::Func(None) => Val::FuncRef(None),
        Value::Func(Some(_)) => Val::FuncRef(Some(Func::wrap(&mut store, || {}))),
        Value::Extern(number) => {
            Val::ExternRef(number.map(|number| ExternRef::new(&mut store, number).expect(ROOM)))
        }
        Value::Any(Object::I31(value)) => {
            Val::AnyRef(Some(AnyRef::from_i31(&mut store, I31::wrapping_i32(*value))))
        }
        Value::Any(_) => Val::AnyRef(None),
        Value::Exn(_) => Val::ExnRef(None),
    }
}

/// The value, with what it refers to; `depth` says how many references have been followed to get there.
fn from_val(mut store: impl AsContextMut<Data = HostLog>, value: &Val, depth: u32) -> Value {
    value_of(store.as_context_mut(), value, depth)
}

fn value_of(mut store: StoreContextMut<'_, HostLog>, value: &Val, depth: u32) -> Value {
    match value {
        Val::I32(value) => Value::I32(*value),
        Val::I64(value) => Value::I64(*value),
        Val::F32(bits) => Value::f32(*bits),
        Val::F64(bits) => Value::f64(*bits),
        Val::V128(value) => Value::V128((*value).into()),
        Val::FuncRef(func) => Value::Func(func.map(|func| signature(&func.ty(&store)))),
        Val::ExternRef(None) => Value::Extern(None),
        Val::ExternRef(Some(reference)) => match number_of(&store, *reference) {
            Some(number) => Value::Extern(Some(number)),
            None => {
                let reference = AnyRef::convert_extern(&mut store, *reference).expect(OF_THIS_STORE);
                Value::Any(object(store.as_context_mut(), reference, depth))
            }
        },
        Val::AnyRef(None) => Value::Any(Object::Null),
        Val::AnyRef(Some(reference)) => Value::Any(object(store.as_context_mut(), *reference, depth)),
        Val::ExnRef(None) => Value::Exn(None),
        Val::ExnRef(Some(reference)) => Value::Exn(Some(if depth < MAX_DEPTH {
            fields_of(store.as_context_mut(), *reference, depth)
        } else {
            Vec::new()
        })),
        other => panic!("a value of an unknown type: {other:?}"),
    }
}

/// The number that an external reference was made with, if it is one of the host's.
fn number_of(store: impl AsContext<Data = HostLog>, reference: Rooted<ExternRef>) -> Option<u32> {
    let data = reference.data(store.as_context()).expect(OF_THIS_STORE)?;
    Some(*data.downcast_ref::<u32>().expect("all external references are numbers"))
}

fn fields_of(mut store: StoreContextMut<'_, HostLog>, exception: Rooted<ExnRef>, depth: u32) -> Vec<Value> {
    let fields: Vec<Val> = exception.fields(&mut store).expect(OF_THIS_STORE).collect();
    fields.iter().map(|field| value_of(store.as_context_mut(), field, depth + 1)).collect()
}

fn object(mut store: StoreContextMut<'_, HostLog>, reference: Rooted<AnyRef>, depth: u32) -> Object {
    if let Some(value) = reference.as_i31(&store).expect(OF_THIS_STORE) {
        return Object::I31(value.get_i32());
    }
    if depth >= MAX_DEPTH {
        return Object::Deep;
    }
    if let Some(structure) = reference.as_struct(&store).expect(OF_THIS_STORE) {
        let fields: Vec<Val> = structure.fields(&mut store).expect(OF_THIS_STORE).collect();
        let fields = fields.iter().map(|field| value_of(store.as_context_mut(), field, depth + 1));
        return Object::Struct(fields.collect());
    }
    if let Some(array) = reference.as_array(&store).expect(OF_THIS_STORE) {
        let len = array.len(&store).expect(OF_THIS_STORE);
        let element = |index| {
            let element = array.get(&mut store, index).expect(OF_THIS_STORE);
            value_of(store.as_context_mut(), &element, depth + 1)
        };
        return Object::Array(len, (0..len.min(MAX_ELEMENTS)).map(element).collect());
    }
    let external = ExternRef::convert_any(&mut store, reference).expect(OF_THIS_STORE);
    Object::Extern(number_of(&store, external).expect("what is nothing else is the host's"))
}
