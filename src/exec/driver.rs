//! Runs a call from the host: enters the dispatch loop, and does what ops leave to plain Rust.
//!
//! Whenever the loop is left the whole state is in the value stack and the saved position (INV-STATE), so everything
//! here may allocate, call the host, fail or unwind. A host panic passes through ordinary frames; what the run holds of
//! the store is given back on the way.

use core::ptr::{NonNull, with_exposed_provenance, with_exposed_provenance_mut};
use core::sync::atomic::Ordering;

use super::backtrace::{Place, capture};
use super::dispatch;
use super::form::keep_result;
use super::link::ensure_lowered;
use super::state::{Context, Registers, State, call_site, callee_word, op_at};
use super::strategy::Exit;
use super::waiting;
use crate::error::{Error, ErrorKind, Trap};
use crate::isa::ops::Op;
use crate::isa::shape::{A, B, C, CALL_BYTES, D, D2, E, F, F2, Shape};
use crate::lower::RESTORE_CELLS;
use crate::runtime::{CompiledModule, FrameHeader, FuncPlace, HostCall, Instance, MemoryEntity};
use crate::runtime::{StoreCore, TableEntity, ValueStack};
use crate::types::{DataIdx, ElemIdx, FuncIdx, HostFuncAddr, InstanceAddr, MemoryIdx, TableIdx};

/// Calls `func`, a function reference that is not null. `cells` is as long as the longer of its parameters and its
/// results: arguments in, results out. A host function is told that `caller` calls.
///
/// # Errors
/// The guest's trap, a host function's error, or what lowering on first call found wrong.
///
/// # Safety
/// `store` is valid, exclusively held, and may be used to reach the whole store including the embedder's data;
/// `func` is of this store, and the arguments are of its parameters' types.
pub(crate) unsafe fn call(
    store: NonNull<StoreCore>,
    func: u64,
    caller: Option<InstanceAddr>,
    cells: &mut [u64],
) -> Result<(), Error> {
    let _level = NestingLevel::enter(store)?;
    // SAFETY: by the caller.
    unsafe {
        match FuncPlace::from_cell(func).expect("the caller has a function") {
            FuncPlace::Host(addr) => call_host(store, addr, caller, cells),
            FuncPlace::Wasm { instance, func } => Run::new(store, instance)?.call(func, cells),
        }
    }
}

/// Counts calls from the host that are nested within one another, for as long as it lives.
pub(super) struct NestingLevel {
    store: NonNull<StoreCore>,
}

impl NestingLevel {
    pub(super) fn enter(mut store: NonNull<StoreCore>) -> Result<Self, Error> {
        // SAFETY: by the contract of `call`; the borrow ends with this function.
        let core = unsafe { store.as_mut() };
        if core.host_nesting >= core.engine.config.max_host_nesting {
            return Err(Trap::StackExhausted.into());
        }
        core.host_nesting += 1;
        Ok(Self { store })
    }
}

impl Drop for NestingLevel {
    fn drop(&mut self) {
        // SAFETY: the store outlives the call; no other reference to it is in use when a call ends.
        unsafe { self.store.as_mut() }.host_nesting -= 1;
    }
}

/// Calls a host function with `cells` as its window.
///
/// # Safety
/// As for [`call`]; `caller` is the instance that calls.
pub(super) unsafe fn call_host(
    store: NonNull<StoreCore>,
    addr: HostFuncAddr,
    caller: Option<InstanceAddr>,
    cells: &mut [u64],
) -> Result<(), Error> {
    // SAFETY: INV-ARENA: the entity stays where it is whatever the function does to the store.
    let func = unsafe { store.as_ref().host_funcs.ptr(addr).as_ref() };
    // SAFETY: nobody else uses the store between these statements; the function gets it for itself.
    let scope = unsafe { store.as_ref() }.roots.begin_scope();
    let outcome = (func.call)(HostCall { store, caller, cells });
    // SAFETY: as above.
    unsafe { store.as_ref() }.roots.end_scope(scope);
    outcome
}

/// One run of the dispatch loop, with all that belongs to it.
pub(super) struct Run {
    pub(super) store: NonNull<StoreCore>,
    /// The instance whose code runs.
    pub(super) instance: InstanceAddr,
    pub(super) cx: Context,
    /// Taken out when the run is suspended.
    pub(super) stack: Option<ValueStack>,
}

/// How a run goes on after the driver has done its part.
pub(super) enum Next {
    /// With the op at this position in this frame.
    Resume(*const u8, *mut u64),
    /// Not at all: the call has returned.
    Finished,
}

/// What a call into another instance leaves in the caller's frame, for returning from it.
pub(super) struct RestoreRecord {
    pub(super) ip: *const u8,
    pub(super) fp: *mut u64,
    pub(super) instance: InstanceAddr,
    pub(super) result_cells: u32,
}

impl RestoreRecord {
    /// # Safety
    /// `at` is a record that `write` made.
    pub(super) unsafe fn read(at: *const u64) -> Self {
        // SAFETY: by the caller.
        let [ip, fp, instance, result_cells] = unsafe { at.cast::<[u64; RESTORE_CELLS as usize]>().read() };
        Self {
            ip: with_exposed_provenance(ip as usize),
            fp: with_exposed_provenance_mut(fp as usize),
            instance: InstanceAddr(instance as u32),
            result_cells: result_cells as u32,
        }
    }

    /// # Safety
    /// `at` has room for the record in the value stack.
    pub(super) unsafe fn write(&self, at: *mut u64) {
        let cells = [
            self.ip.expose_provenance() as u64,
            self.fp.expose_provenance() as u64,
            self.instance.0.into(),
            self.result_cells.into(),
        ];
        // SAFETY: by the caller.
        unsafe { at.cast::<[u64; RESTORE_CELLS as usize]>().write(cells) }
    }
}

/// The function whose stub is at `ip`, if one is.
pub(super) fn func_of_stub(module: &CompiledModule, ip: *const u8) -> Option<FuncIdx> {
    let records = module.funcs.as_ptr_range();
    let within = (records.start.addr()..records.end.addr()).contains(&ip.addr());
    // SAFETY: within the records only stubs are ever a position, and a stub has its header before it.
    within.then(|| FuncIdx(unsafe { ip.cast::<FrameHeader>().sub(1).read() }.func))
}

impl Run {
    /// # Safety
    /// As for [`call`].
    pub(super) unsafe fn new(mut store: NonNull<StoreCore>, instance: InstanceAddr) -> Result<Self, Error> {
        // SAFETY: by the caller; the borrow ends with this function.
        let core = unsafe { store.as_mut() };
        let stack = core.take_stack().ok_or_else(|| {
            let bytes = core.engine.config.max_stack_bytes;
            Error::from(ErrorKind::OutOfMemory(alloc::format!("a value stack of {bytes} bytes")))
        })?;
        // SAFETY: by the caller.
        Ok(unsafe { Self::with_stack(store, instance, stack) })
    }

    /// A run in `instance` with frames on `stack`.
    ///
    /// # Safety
    /// As for [`call`].
    pub(super) unsafe fn with_stack(
        mut store: NonNull<StoreCore>,
        instance: InstanceAddr,
        stack: ValueStack,
    ) -> Self {
        let mut cx = Context::empty();
        // SAFETY: by the caller; the borrow ends with this statement.
        cx.enter(unsafe { &store.as_ref().instances[instance] });
        cx.stack_end = stack.end();
        // SAFETY: by the caller.
        unsafe {
            cx.reload_heap(store.as_ref());
            store.as_mut().extents.push(stack.base());
        }
        Self { store, instance, cx, stack: Some(stack) }
    }

    pub(super) fn store(&self) -> &StoreCore {
        // SAFETY: by the contract of `call`: the store is exclusively ours, and neither handlers nor host functions
        // run while the reference is in use.
        unsafe { self.store.as_ref() }
    }

    pub(super) fn store_mut(&mut self) -> &mut StoreCore {
        // SAFETY: as in `store`.
        unsafe { self.store.as_mut() }
    }

    pub(super) fn instance(&self) -> &Instance {
        &self.store().instances[self.instance]
    }

    /// Calls `func` of the current instance.
    ///
    /// # Safety
    /// As for [`call`].
    unsafe fn call(mut self, func: FuncIdx, cells: &mut [u64]) -> Result<(), Error> {
        // SAFETY: by the caller.
        unsafe {
            let (entry, base) = self.lay_frame(func, cells)?;
            if self.store().tracer.is_some() {
                self.drive_traced(entry, base)?;
            } else if self.store().counter.is_some() {
                self.drive_counted(entry, base)?;
            } else {
                self.drive(entry, base)?;
            }
            core::ptr::copy_nonoverlapping(base, cells.as_mut_ptr(), cells.len());
        }
        Ok(())
    }

    /// Lays arguments and link of `func` at the base of the stack. Returns where its code begins, and the base.
    ///
    /// # Safety
    /// As for [`call`].
    pub(super) unsafe fn lay_frame(
        &mut self,
        func: FuncIdx,
        cells: &[u64],
    ) -> Result<(*const u8, *mut u64), Error> {
        let base = self.base();
        let (entry, link_cell) = {
            let record = &self.instance().module.funcs[func.index()];
            (record.entry(), record.link_cell as usize)
        };
        if !self.has_room(entry, base) {
            return Err(Trap::StackExhausted.into());
        }
        // SAFETY: INV-STACK: there is room for the frame, which begins with the window and the link.
        unsafe {
            core::ptr::copy_nonoverlapping(cells.as_ptr(), base, cells.len());
            base.add(link_cell).write(self.store().engine.finish_gate().expose_provenance() as u64);
            base.add(link_cell + 1).write(0);
        }
        Ok((entry, base))
    }

    /// The first cell of the value stack.
    pub(super) fn base(&self) -> *mut u64 {
        self.stack.as_ref().expect("a run has its stack until it ends").base()
    }

    /// Whether a frame for the code or stub at `entry` fits at `fp`.
    pub(super) fn has_room(&self, entry: *const u8, fp: *mut u64) -> bool {
        // SAFETY: INV-FRAME: the header before every entry.
        let cells = unsafe { entry.cast::<FrameHeader>().sub(1).read() }.cells as usize;
        let room = (self.cx.stack_end.addr() - fp.addr()) / size_of::<u64>();
        cells <= room
    }

    /// Runs from the op at `ip` until the call has returned.
    ///
    /// # Safety
    /// `ip` and `fp` are as `dispatch::run` wants them.
    unsafe fn drive(&mut self, mut ip: *const u8, fp: *mut u64) -> Result<(), Error> {
        let dispatch = self.store().engine.dispatch;
        let mut registers = Registers::new(fp, &raw mut self.cx);
        loop {
            // SAFETY: by the caller at first, by what `leave` and `interrupt` promise afterwards.
            let exit = unsafe { dispatch::run(dispatch, registers.at(ip)) };
            registers.fp = self.cx.saved_fp;
            // SAFETY: nobody else reaches the registers.
            let st = unsafe { registers.at(self.cx.saved_ip) };
            // SAFETY: INV-STATE: the loop saved its position when it was left.
            let next = unsafe {
                match exit {
                    Exit::LEAVE => self.leave(st),
                    Exit::INTERRUPT => self.interrupt(st),
                    trap => Err(trap.as_trap().expect("an exit is a request or a trap").into()),
                }
            };
            (ip, registers.fp) = match next {
                Ok(Next::Finished) => return Ok(()),
                Ok(Next::Resume(ip, fp)) => (ip, fp),
                // SAFETY: INV-STATE: what failed has left stack and position as they were saved.
                Err(error) => match unsafe { self.recover(error, st)? } {
                    Next::Resume(ip, fp) => (ip, fp),
                    Next::Finished => unreachable!("a handler is a position in code"),
                },
            };
            // The run has been borrowed as a whole since.
            registers.cx = &raw mut self.cx;
        }
    }

    /// The error with the frames from `st` outwards.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state.
    pub(super) unsafe fn with_backtrace(&self, mut error: Error, st: State) -> Error {
        let place = Place { instance: self.instance, ip: st.ip, fp: st.fp() };
        // SAFETY: by the caller.
        error.add_backtrace(unsafe { capture(self.store(), place) });
        error
    }

    /// Sees whom an interrupt is for. If it is for others, executes the op whose head it has taken, with its result in the
    /// accumulator as well, where code behind it may look for it.
    unsafe fn interrupt(&mut self, st: State) -> Result<Next, Error> {
        if self.store().interrupt.take() {
            return Err(Trap::Interrupted.into());
        }
        if self.store().interrupt.take_sample() {
            self.sample(st);
        }
        // SAFETY: by the caller. Heads of functions and loops are all that is ever taken, and no op there takes operands
        // from accumulators.
        unsafe {
            let op = op_at(st.ip);
            let next = self.step(st, op)?;
            keep_result(op, st);
            Ok(next)
        }
    }

    /// Executes one op in its base form, whatever its head says, with all that it leaves to the driver.
    ///
    /// # Safety
    /// As for [`drive`](Self::drive).
    #[inline]
    pub(super) unsafe fn step(&mut self, st: State, op: Op) -> Result<Next, Error> {
        // Whoever got `st` has borrowed the run as a whole since.
        let mut registers = Registers::new(st.fp(), &raw mut self.cx);
        // SAFETY: by the caller; nobody else reaches the registers.
        unsafe {
            let st = registers.at(st.ip);
            match dispatch::step(op, st) {
                Ok(next) => Ok(Next::Resume(next.ip, next.fp())),
                Err(Exit::LEAVE) => self.leave(st),
                Err(trap) => Err(trap.as_trap().expect("no base form interrupts").into()),
            }
        }
    }

    /// Shows the store's sampler where the run is.
    fn sample(&mut self, st: State) {
        // Taken out while it looks, because what it looks at is the store's.
        let Some(mut sampler) = self.store_mut().sampler.take() else { return };
        let place = Place { instance: self.instance, ip: st.ip, fp: st.fp() };
        // SAFETY: INV-STATE: the loop saved its position when it was left.
        sampler(&unsafe { capture(self.store(), place) });
        self.store_mut().sampler = Some(sampler);
    }

    /// Does what the op at the saved position leaves to the driver. Calls of the host are what is left most often.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state.
    #[inline(always)]
    pub(super) unsafe fn leave(&mut self, st: State) -> Result<Next, Error> {
        // SAFETY: by the caller; each op's fields are read as its shape has them.
        unsafe {
            match op_at(st.ip) {
                Op::Finish => Ok(Next::Finished),
                op @ (Op::CallImport | Op::CallIndirect | Op::CallRef) => self.call_beyond(st, op),
                op => self.leave_rarely(st, op),
            }
        }
    }

    #[inline(never)]
    unsafe fn leave_rarely(&mut self, st: State, op: Op) -> Result<Next, Error> {
        // SAFETY: by the caller.
        unsafe {
            match op {
                Op::RestoreInstance => Ok(self.restore_instance(st)),
                Op::LowerFunc => self.lower_func(st),
                Op::ReturnCallImport | Op::ReturnCallIndirect | Op::ReturnCallRef => {
                    self.return_call_beyond(st, op)
                }
                Op::Throw => self.throw(st),
                Op::ThrowRef => self.throw_ref(st),
                _ => match self.object_op(st, op) {
                    Some(outcome) => outcome,
                    None => self.access(st, op),
                },
            }
        }
    }

    /// The end of the frame at `st`, which is that of a function.
    ///
    /// # Safety
    /// INV-STATE: `st` is the saved state.
    pub(super) unsafe fn frame_end(&self, st: State) -> *const u64 {
        let module = &self.instance().module;
        let (func, _) = module.find_position(st.ip).expect("the op is in a function's code");
        // SAFETY: INV-FRAME: the frame lies in the value stack.
        unsafe { st.fp().add(module.funcs[func.index()].frame_cells() as usize) }
    }

    /// Looks up the heap again, after anything that may have moved it.
    pub(super) fn reload_heap(&mut self) {
        // SAFETY: as in `store`, without borrowing the run as a whole.
        self.cx.reload_heap(unsafe { self.store.as_ref() });
    }

    /// Lowers the function whose stub was called, and goes on in its code.
    unsafe fn lower_func(&mut self, st: State) -> Result<Next, Error> {
        let module = &self.instance().module;
        let func = func_of_stub(module, st.ip).expect("the op stands in stubs only");
        let entry = ensure_lowered(module, func)?.as_ptr().cast_const();
        let link_cell = module.funcs[func.index()].link_cell as usize;
        if !self.has_room(entry, st.fp()) {
            return Err(Trap::StackExhausted.into());
        }
        // SAFETY: INV-CALL: an op that is a call, or is none, stands before every return position. INV-SHARE: the
        // callee word of a direct call is the one operand that may change.
        unsafe {
            let return_position: *const u8 = with_exposed_provenance(st.fp().add(link_cell).read() as usize);
            let site = return_position.sub(CALL_BYTES);
            if op_at(site) == Op::Call {
                // A tail call may have come between: then the site calls some other function.
                let _ = callee_word(site).compare_exchange(
                    st.ip.addr(),
                    entry.expose_provenance(),
                    Ordering::Release,
                    Ordering::Relaxed,
                );
            }
        }
        Ok(Next::Resume(entry, st.fp()))
    }

    /// Switches to `instance`.
    pub(super) fn enter_instance(&mut self, instance: InstanceAddr) {
        self.instance = instance;
        // SAFETY: as in `store`, without borrowing the run as a whole.
        let store = unsafe { self.store.as_ref() };
        self.cx.enter(&store.instances[instance]);
    }

    /// Returns from another instance: results move down over the restore record.
    unsafe fn restore_instance(&mut self, st: State) -> Next {
        // SAFETY: a return to this gate has the record as its frame, with the results behind it.
        let record = unsafe {
            let record = RestoreRecord::read(st.fp());
            let results = st.fp().add(RESTORE_CELLS as usize);
            core::ptr::copy(results, st.fp(), record.result_cells as usize);
            record
        };
        self.enter_instance(record.instance);
        Next::Resume(record.ip, record.fp)
    }

    /// The function that a call of an import, through a table or through a reference names.
    ///
    /// # Safety
    /// `st` is at such a call.
    #[inline(always)]
    pub(super) unsafe fn callee(&self, st: State, op: Op) -> Result<FuncPlace, Trap> {
        let instance = self.instance();
        // SAFETY: by the caller; all kinds of call have the same fields, with and without tail.
        let (cell, trap) = unsafe {
            match op {
                Op::CallImport | Op::ReturnCallImport => {
                    (instance.func_cell(FuncIdx(st.u32(D))), Trap::NullReference)
                }
                Op::CallRef | Op::ReturnCallRef => (st.get::<u64>(D), Trap::NullReference),
                _ => {
                    let table = instance.tables[st.u16(D2)].as_ref();
                    let cell = table.get(st.get(D)).ok_or(Trap::UndefinedElement)?;
                    let expected = &instance.module.info.types[call_site(st.ip).ty as usize];
                    if cell != 0 && !self.store().func_defined(cell).is_subtype_of(expected) {
                        return Err(Trap::IndirectCallTypeMismatch);
                    }
                    (cell, Trap::UninitializedElement)
                }
            }
        };
        FuncPlace::from_cell(cell).ok_or(trap)
    }

    /// A host function's window of cells at `window`, and how many of them are results.
    ///
    /// # Safety
    /// The frame at `window` was laid out for this function.
    #[inline]
    pub(super) unsafe fn host_window<'s>(
        &self,
        addr: HostFuncAddr,
        window: *mut u64,
    ) -> (&'s mut [u64], u32) {
        let ty = self.store().host_funcs[addr].ty();
        // SAFETY: lowering counted the longer of parameters and results from the window on; nothing else refers to
        // the value stack while a host function runs.
        let cells = unsafe { core::slice::from_raw_parts_mut(window, ty.link_cell() as usize) };
        (cells, ty.result_cells())
    }

    /// Calls a host function from the current instance.
    ///
    /// # Safety
    /// As for [`call_host`].
    pub(super) unsafe fn call_host_from_here(
        &mut self,
        addr: HostFuncAddr,
        cells: &mut [u64],
    ) -> Result<(), Error> {
        // The window is the last that the calling frame needs.
        self.store_mut().extents.set_end(cells.as_ptr_range().end);
        // SAFETY: by the caller.
        let outcome = unsafe { call_host(self.store, addr, Some(self.instance), cells) };
        self.reload_memory();
        self.reload_heap();
        outcome
    }

    fn reload_memory(&mut self) {
        // SAFETY: as in `store`, without borrowing the run as a whole.
        let store = unsafe { self.store.as_ref() };
        self.cx.reload_memory(&store.instances[self.instance]);
    }

    /// Calls a function of the host or of another instance.
    #[inline(always)]
    unsafe fn call_beyond(&mut self, st: State, op: Op) -> Result<Next, Error> {
        // SAFETY: by the caller.
        unsafe {
            match self.callee(st, op)? {
                FuncPlace::Host(addr) => {
                    let (cells, _) = self.host_window(addr, st.fp().add(st.u32(B) as usize));
                    self.call_host_from_here(addr, cells)?;
                    Ok(Next::Resume(st.ip.add(CALL_BYTES), st.fp()))
                }
                FuncPlace::Wasm { instance, func } => self.call_other(st, instance, func),
            }
        }
    }

    /// Calls a function of another instance.
    #[inline(never)]
    unsafe fn call_other(&mut self, st: State, instance: InstanceAddr, func: FuncIdx) -> Result<Next, Error> {
        let (entry, link_cell) = self.entry_of(instance, func);
        // SAFETY: by the caller; lowering left room for the record between the window and the frame.
        unsafe {
            let window = st.fp().add(st.u32(B) as usize);
            let fp = window.add(RESTORE_CELLS as usize);
            if !self.has_room(entry, fp) {
                return Err(Trap::StackExhausted.into());
            }
            let ty = self.store().instances[instance].module.info.func_type(func);
            let (params, results) = (ty.param_cells(), ty.result_cells());
            core::ptr::copy(window, fp, params as usize);
            let record = RestoreRecord {
                ip: st.ip.add(CALL_BYTES),
                fp: st.fp(),
                instance: self.instance,
                result_cells: results,
            };
            record.write(window);
            Ok(self.enter_other(instance, entry, fp, link_cell, window))
        }
    }

    /// Entry and link cell of a function.
    pub(super) fn entry_of(&self, instance: InstanceAddr, func: FuncIdx) -> (*const u8, usize) {
        let record = &self.store().instances[instance].module.funcs[func.index()];
        (record.entry(), record.link_cell as usize)
    }

    /// Links the frame at `fp` to the restore record at `record`, and goes on in `instance`.
    ///
    /// # Safety
    /// INV-STACK: the frame fits.
    pub(super) unsafe fn enter_other(
        &mut self,
        instance: InstanceAddr,
        entry: *const u8,
        fp: *mut u64,
        link_cell: usize,
        record: *mut u64,
    ) -> Next {
        // SAFETY: by the caller.
        unsafe {
            fp.add(link_cell).write(self.store().engine.restore_gate().expose_provenance() as u64);
            fp.add(link_cell + 1).write(record.expose_provenance() as u64);
        }
        self.enter_instance(instance);
        Next::Resume(entry, fp)
    }

    /// Executes an operator on memories, tables or references.
    unsafe fn access(&mut self, st: State, op: Op) -> Result<Next, Error> {
        // SAFETY: by the caller; validation bounds the indices.
        unsafe {
            // INV-CELL: addresses, indices and lengths of 32 bits fill their cells zero-extended.
            let [a, b, c] = [A, B, C].map(|at| st.get::<u64>(at));
            match op {
                Op::MemoryGrow => self.memory_grow(st),
                Op::MemoryInit => {
                    let (data, memory) = (DataIdx(st.u32(D)), MemoryIdx(st.u32(E)));
                    self.instance().memory_init(memory, data, a, b, c)?;
                }
                Op::MemorySizeFar => st.set(A, self.memory(st.u32(D)).as_ref().pages()),
                Op::MemoryCopyFar => {
                    MemoryEntity::copy(self.memory(st.u32(D)), a, self.memory(st.u32(E)), b, c)?;
                }
                Op::MemoryFillFar => self.memory(st.u32(D)).as_mut().fill(a, b as u8, c)?,
                Op::MemoryAtomicNotify => {
                    let woken =
                        waiting::notify(self.memory(st.u16(F) as u32).as_ref(), b, st.u64(D), c as u32)?;
                    st.set(A, woken);
                }
                Op::MemoryAtomicWait32 | Op::MemoryAtomicWait64 => {
                    let place = (b, st.u64(D));
                    let outcome = self.wait(op, st.u16(F2) as u32, place, c, st.get(F))?;
                    st.set(A, outcome);
                }
                Op::DataDrop => self.instance_mut().drop_data(DataIdx(st.u32(D))),
                Op::ElemDrop => self.instance_mut().drop_elem(ElemIdx(st.u32(D))),
                Op::TableGet => st.set(A, self.table(st.u32(D)).get(b).ok_or(Trap::TableOutOfBounds)?),
                Op::TableSet => self.table(st.u32(D)).set(a, st.get(B))?,
                Op::TableSize => st.set(A, self.table(st.u32(D)).len as u64),
                Op::TableGrow => {
                    let old = self.table(st.u32(D)).grow_cell(c, b);
                    st.set(A, old);
                }
                Op::TableFill => self.table(st.u32(D)).fill(a, st.get(B), c)?,
                Op::TableCopy => {
                    let tables = &self.instance().tables;
                    let (dst, src) = (tables[st.u32(D) as usize], tables[st.u32(E) as usize]);
                    TableEntity::copy(dst, a, src, b, c)?;
                }
                Op::TableInit => {
                    let (elem, table) = (ElemIdx(st.u32(D)), TableIdx(st.u32(E)));
                    self.instance().table_init(table, elem, a, b, c)?;
                }
                Op::RefFuncImported => st.set(A, self.instance().func_cell(FuncIdx(st.u32(D)))),
                _ => unreachable!("{op:?} does not leave the dispatch loop"),
            }
            Ok(Next::Resume(st.ip.add(op.shape().bytes()), st.fp()))
        }
    }

    unsafe fn memory_grow(&mut self, st: State) {
        // SAFETY: by the caller; the memory lives as long as the store, which is exclusively ours.
        unsafe {
            let old = self.memory(st.u32(D)).as_mut().grow_cell(st.get(B));
            st.set(A, old);
        }
        self.reload_memory();
    }

    /// Memory `idx` of the current instance.
    pub(super) fn memory(&self, idx: u32) -> NonNull<MemoryEntity> {
        self.instance().memories[idx as usize]
    }

    fn instance_mut(&mut self) -> &mut Instance {
        let instance = self.instance;
        &mut self.store_mut().instances[instance]
    }

    /// Table `idx` of the current instance.
    fn table(&mut self, idx: u32) -> &mut TableEntity {
        // SAFETY: INV-ARENA: the table lives as long as the store, which is exclusively ours.
        unsafe { &mut *self.instance().tables[idx as usize].as_ptr() }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let end = self.store_mut().extents.pop();
        if let Some(mut stack) = self.stack.take() {
            let store = self.store_mut();
            if store.heap.is_some() {
                stack.clear(end);
            }
            store.stacks.push(stack);
        }
    }
}

const _: () = assert!(Shape::call_indirect.bytes() == CALL_BYTES);
