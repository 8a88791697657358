//! Wapiti as a subject.

use std::borrow::Cow;

use wapiti::{
    AnyRef, AsContext, AsContextMut, Caller, Compilation, Config, DefinedType, Dispatch, Engine, Error,
    ErrorKind, ExnRef, Extern, ExternRef, ExternType, Func, FuncType, Fusion, Global, HeapType, I31,
    ImportType, Instance, Memory, Module, SharedMemory, Store, StoreContextMut, Table, Tag, Tracer, Trap,
    Val, ValType,
};

use crate::host::{self, BACK, Deed, HostLog, MEMORY, TAG};
use crate::noise::Noise;
use crate::subject::{FUEL, Subject};
use crate::value::{Digest, End, Heap, MAX_DEPTH, MAX_ELEMENTS, Object, Signature, TrapKind, Type, Value};
use crate::watchdog::Watched;

/// How an engine is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) dispatch: Dispatch,
    pub(crate) compilation: Compilation,
    pub(crate) fusion: Fusion,
    pub(crate) accumulators: bool,
    pub(crate) combining: bool,
    pub(crate) gc_stress: bool,
    /// No proposals but those that are on by default.
    pub(crate) default_proposals: bool,
}

impl Settings {
    /// Every technique in use.
    pub(crate) fn new(dispatch: Dispatch, compilation: Compilation) -> Self {
        let fusion = Fusion::Full;
        Self {
            dispatch,
            compilation,
            fusion,
            accumulators: true,
            combining: true,
            gc_stress: false,
            default_proposals: false,
        }
    }

    /// In half of the cases some techniques are not in use. Which ones, a seed decides.
    pub(crate) fn varied(self, seed: u64) -> Self {
        let mut noise = Noise::new(!seed ^ self.dispatch as u64);
        if noise.below(2) == 0 {
            return self;
        }
        Self {
            fusion: [Fusion::None, Fusion::Pairs, Fusion::Full][noise.below(3)],
            accumulators: noise.below(2) == 0,
            combining: noise.below(2) == 0,
            gc_stress: noise.below(2) == 0,
            ..self
        }
    }
}

/// An engine under certain settings, and a store.
pub(crate) struct OnWapiti {
    _watched: Watched,
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

impl OnWapiti {
    pub(crate) fn new(settings: Settings) -> Self {
        let store = Store::new(&engine(settings), HostLog::default());
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

    /// Has everything executed op by op before somebody's eyes from now on.
    pub(crate) fn trace(&mut self) {
        struct Blind;
        impl Tracer for Blind {}
        self.store.set_tracer(Some(Box::new(Blind)));
    }

    /// Has everything executed op by op and counted from now on.
    pub(crate) fn count(&mut self) {
        self.store.count_ops(true);
    }

    /// How often ops were executed whose names `is_meant` accepts.
    pub(crate) fn executions(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        let functions = self.store.op_counts().functions;
        let ops = functions.iter().flat_map(|function| &function.ops);
        ops.filter(|op| is_meant(op.name())).map(|op| op.executions).sum()
    }

    fn try_instantiate(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let module = Module::from_binary(self.store.engine(), bytes)?;
        let mut imports = Vec::new();
        for import in module.imports() {
            let number = host::import_number(import.module(), import.name());
            let earlier = host::earlier_instance(import.module());
            let instance = earlier.and_then(|earlier| self.instances.get(earlier));
            imports.push(match instance.and_then(|m| m.get_export(&self.store, import.name())) {
                Some(export) => export,
                None => host_item(&mut self.store, number, &import)?,
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
            Extern::Memory(memory) => self.memories.push(AnyMemory::Own(memory)),
            Extern::SharedMemory(memory) => self.memories.push(AnyMemory::Shared(memory)),
            _ => {}
        }
    }
}

impl Subject for OnWapiti {
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
        self.store.root_scope(|store| {
            let args: Vec<Val> = args.iter().map(|arg| to_val(&mut *store, arg)).collect();
            let mut results = vec![Val::I32(0); signature.results.len()];
            match func.call(&mut *store, &args, &mut results) {
                Ok(()) => {
                    End::Returned(results.iter().map(|value| from_val(&mut *store, value, 0)).collect())
                }
                Err(error) => end_of(store, &error),
            }
        })
    }

    fn refuel(&mut self, fuel: i32) {
        for global in &self.fuel {
            global.set(&mut self.store, Val::I32(fuel)).expect("the fuel is a mutable i32");
        }
    }

    fn globals(&mut self) -> Vec<Value> {
        let (globals, store) = (&self.globals, &mut self.store);
        store.root_scope(|store| {
            let value = |global: &Global| {
                let value = global.get(&mut *store);
                from_val(&mut *store, &value, 0)
            };
            globals.iter().map(value).collect()
        })
    }

    fn tables(&mut self) -> Vec<Vec<Value>> {
        let (tables, store) = (&self.tables, &mut self.store);
        let sizes: Vec<u64> = tables.iter().map(|table| table.size(&*store)).collect();
        store.root_scope(|store| {
            let mut element = |table: &Table, index| {
                let element = table.get(&mut *store, index).expect("the index is below the table's size");
                from_val(&mut *store, &element.into(), 0)
            };
            let elements =
                |(table, size): (&Table, u64)| (0..size).map(|index| element(table, index)).collect();
            tables.iter().zip(sizes).map(elements).collect()
        })
    }

    fn memories(&self) -> Vec<Cow<'_, [u8]>> {
        let bytes = |memory: &AnyMemory| match memory {
            AnyMemory::Own(memory) => memory.data(&self.store).into(),
            AnyMemory::Shared(memory) => {
                let mut bytes = vec![0; memory.data_size()];
                memory.read(0, &mut bytes).expect("the memory does not shrink");
                bytes.into()
            }
        };
        self.memories.iter().map(bytes).collect()
    }

    fn host_digest(&self) -> Digest {
        self.store.data().digest
    }
}

/// An engine for random modules.
pub(crate) fn engine(settings: Settings) -> Engine {
    let mut config = Config::new();
    // Enough for programs with padding, whose frames are large.
    config.dispatch(settings.dispatch).compilation(settings.compilation).max_stack_bytes(64 << 20);
    config.fusion(settings.fusion).accumulators(settings.accumulators).combining(settings.combining);
    config.gc_stress(settings.gc_stress).max_gc_heap_bytes(16 << 20);
    if !settings.default_proposals {
        config.wasm_custom_page_sizes(true).wasm_wide_arithmetic(true).wasm_threads(true);
    }
    config.relaxed_simd_deterministic(true);
    Engine::new(&config)
}

/// Makes what the host gives for an import; `number` stands for its name.
fn host_item(store: &mut Store<HostLog>, number: u32, import: &ImportType<'_>) -> Result<Extern, Error> {
    let defined = || import.func_type().expect("functions and tags have one");
    Ok(match &import.ty() {
        ExternType::Func(ty) => host_func(store, number, ty, defined())?.into(),
        ExternType::Global(ty) => {
            let Some(value) = host::global_value(type_of(ty.content()), number) else {
                return Err(impossible_import());
            };
            let value = to_val(&mut *store, &value);
            Global::new(store, *ty, value)?.into()
        }
        ExternType::Table(ty) => {
            let Some(element) = type_of(ValType::Ref(ty.element())).reference(0) else {
                return Err(impossible_import());
            };
            let element = to_val(&mut *store, &element).ref_().expect("tables hold references");
            Table::new(store, *ty, element)?.into()
        }
        ExternType::Memory(ty) if ty.is_shared() => SharedMemory::new(store.engine(), *ty)?.into(),
        ExternType::Memory(ty) => Memory::new(store, *ty)?.into(),
        ExternType::Tag(_) => Tag::of_type(store, defined())?.into(),
        _ => return Err(Error::msg("an import of an unknown kind")),
    })
}

fn host_func(
    store: &mut Store<HostLog>,
    number: u32,
    ty: &FuncType,
    defined: &DefinedType,
) -> Result<Func, Error> {
    let result_types = signature(ty).results;
    Func::of_type(store, defined, move |mut caller: Caller<'_, HostLog>, args, results| {
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
                return Err(tag.exception(caller, &[Val::I32(number)])?.into());
            }
        }
        Deed::Fail => return Err(Error::msg(host::FAILURE)),
        Deed::Grow => {
            // Being at the maximum already is fine.
            match caller.get_export(MEMORY) {
                Some(Extern::Memory(memory)) => drop(memory.grow(caller, 1)),
                Some(Extern::SharedMemory(memory)) => drop(memory.grow(1)),
                _ => {}
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

fn impossible_import() -> Error {
    Error::msg(host::IMPOSSIBLE)
}

fn end_of(store: &mut Store<HostLog>, error: &Error) -> End {
    match error.kind() {
        ErrorKind::Exception(exception) => {
            let values = exception.fields(&mut *store).expect("it is of this store");
            End::Thrown(values.iter().map(|value| from_val(&mut *store, value, 1)).collect())
        }
        ErrorKind::Host(error) if error.to_string() == host::IMPOSSIBLE => End::Refused(error.to_string()),
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
        Trap::NullReference
        | Trap::NullStructReference
        | Trap::NullArrayReference
        | Trap::NullI31Reference => TrapKind::NullReference,
        Trap::CastFailure => TrapKind::CastFailure,
        Trap::ArrayOutOfBounds => TrapKind::ArrayOutOfBounds,
        Trap::HeapExhausted => TrapKind::HeapExhausted,
        Trap::UnalignedAtomic => TrapKind::UnalignedAtomic,
        Trap::ExpectedSharedMemory => TrapKind::ExpectedSharedMemory,
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
        ValType::Ref(ty) => Type::of_references(heap_of(ty.heap_type()), ty.is_nullable()),
        other => panic!("a value of an unknown type: {other:?}"),
    }
}

fn heap_of(ty: HeapType) -> Heap {
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

fn to_val(mut store: impl AsContextMut<Data = HostLog>, value: &Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(*value),
        Value::I64(value) => Val::I64(*value),
        Value::F32(bits) => Val::F32(*bits),
        Value::F64(bits) => Val::F64(*bits),
        Value::V128(bits) => Val::V128((*bits).into()),
        Value::Func(None) => Val::FuncRef(None),
        Value::Func(Some(_)) => Val::FuncRef(Some(Func::wrap(&mut store, || {}))),
        Value::Extern(number) => Val::ExternRef(number.map(|number| ExternRef::new(&mut store, number))),
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
        Val::ExternRef(Some(reference)) if !reference.is_host(&store) => {
            Value::Any(object(store.as_context_mut(), AnyRef::convert_extern(*reference), depth))
        }
        Val::ExternRef(Some(reference)) => Value::Extern(Some(number_of(&store, *reference))),
        Val::AnyRef(None) => Value::Any(Object::Null),
        Val::AnyRef(Some(reference)) => Value::Any(object(store.as_context_mut(), *reference, depth)),
        Val::ExnRef(reference) => Value::Exn(reference.map(|reference| {
            let fields =
                if depth < MAX_DEPTH { fields_of(store.as_context_mut(), reference) } else { Vec::new() };
            fields.iter().map(|field| value_of(store.as_context_mut(), field, depth + 1)).collect()
        })),
        other => panic!("a value of an unknown type: {other:?}"),
    }
}

fn number_of(store: impl AsContext<Data = HostLog>, reference: ExternRef) -> u32 {
    let data = reference.data(store.as_context()).downcast_ref::<u32>();
    *data.expect("all external references are numbers")
}

fn fields_of(store: StoreContextMut<'_, HostLog>, exception: ExnRef) -> Vec<Val> {
    exception.fields(store).expect(OF_THIS_STORE)
}

const OF_THIS_STORE: &str = "the reference is of this store";

fn object(mut store: StoreContextMut<'_, HostLog>, reference: AnyRef, depth: u32) -> Object {
    if let Some(value) = reference.as_i31(&store).expect(OF_THIS_STORE) {
        return Object::I31(value.get_i32());
    }
    if depth >= MAX_DEPTH {
        return Object::Deep;
    }
    if let Some(structure) = reference.as_struct(&store).expect(OF_THIS_STORE) {
        let fields = structure.fields(&mut store).expect(OF_THIS_STORE);
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
    Object::Extern(number_of(&store, ExternRef::convert_any(reference)))
}
