//! A guest that does nothing by itself: it exports every WASI function under the function's own name, so that a
//! test makes system calls from Rust, with the guest's memory to put arguments into and read results from.

use wapiti::{Engine, Error, Func, Instance, Linker, Memory, Module, Store, Val};
use wapiti_wasi::{WasiCtx, WasiCtxBuilder};

/// Name and parameters of every function; `i` stands for i32, `l` for i64. All but `proc_exit` return an i32.
pub(crate) const FUNCTIONS: [(&str, &str); 46] = [
    ("args_get", "ii"),
    ("args_sizes_get", "ii"),
    ("environ_get", "ii"),
    ("environ_sizes_get", "ii"),
    ("clock_res_get", "ii"),
    ("clock_time_get", "ili"),
    ("fd_advise", "illi"),
    ("fd_allocate", "ill"),
    ("fd_close", "i"),
    ("fd_datasync", "i"),
    ("fd_fdstat_get", "ii"),
    ("fd_fdstat_set_flags", "ii"),
    ("fd_fdstat_set_rights", "ill"),
    ("fd_filestat_get", "ii"),
    ("fd_filestat_set_size", "il"),
    ("fd_filestat_set_times", "illi"),
    ("fd_pread", "iiili"),
    ("fd_prestat_get", "ii"),
    ("fd_prestat_dir_name", "iii"),
    ("fd_pwrite", "iiili"),
    ("fd_read", "iiii"),
    ("fd_readdir", "iiili"),
    ("fd_renumber", "ii"),
    ("fd_seek", "ilii"),
    ("fd_sync", "i"),
    ("fd_tell", "ii"),
    ("fd_write", "iiii"),
    ("path_create_directory", "iii"),
    ("path_filestat_get", "iiiii"),
    ("path_filestat_set_times", "iiiilli"),
    ("path_link", "iiiiiii"),
    ("path_open", "iiiiillii"),
    ("path_readlink", "iiiiii"),
    ("path_remove_directory", "iii"),
    ("path_rename", "iiiiii"),
    ("path_symlink", "iiiii"),
    ("path_unlink_file", "iii"),
    ("poll_oneoff", "iiii"),
    ("proc_exit", "i"),
    ("proc_raise", "i"),
    ("random_get", "ii"),
    ("sched_yield", ""),
    ("sock_accept", "iii"),
    ("sock_recv", "iiiiii"),
    ("sock_send", "iiiii"),
    ("sock_shutdown", "ii"),
];

pub(crate) const SUCCESS: i32 = 0;
pub(crate) const AGAIN: i32 = 6;
pub(crate) const BADF: i32 = 8;
pub(crate) const EXIST: i32 = 20;
pub(crate) const FAULT: i32 = 21;
pub(crate) const ILSEQ: i32 = 25;
pub(crate) const INTR: i32 = 27;
pub(crate) const INVAL: i32 = 28;
pub(crate) const ISDIR: i32 = 31;
pub(crate) const LOOP: i32 = 32;
pub(crate) const MFILE: i32 = 33;
pub(crate) const NOENT: i32 = 44;
pub(crate) const NOTCONN: i32 = 53;
pub(crate) const NOTDIR: i32 = 54;
pub(crate) const NOTEMPTY: i32 = 55;
pub(crate) const NOTSOCK: i32 = 57;
pub(crate) const NOTSUP: i32 = 58;
pub(crate) const NAMETOOLONG: i32 = 37;
pub(crate) const NOSPC: i32 = 51;
pub(crate) const PERM: i32 = 63;
pub(crate) const PIPE: i32 = 64;
pub(crate) const SPIPE: i32 = 70;
pub(crate) const NOTCAPABLE: i32 = 76;

pub(crate) const O_CREAT: i64 = 1;
pub(crate) const O_DIRECTORY: i64 = 2;
pub(crate) const O_EXCL: i64 = 4;
pub(crate) const O_TRUNC: i64 = 8;
pub(crate) const FOLLOW: i64 = 1;
pub(crate) const APPEND: i64 = 1;
pub(crate) const RIGHT_READ: i64 = 1 << 1;
pub(crate) const RIGHT_WRITE: i64 = 1 << 6;
pub(crate) const READ_WRITE: i64 = RIGHT_READ | RIGHT_WRITE;

/// Where tests put the arguments and find the results of a call.
pub(crate) const RESULT: u32 = 0;
pub(crate) const IOVECS: u32 = 64;
pub(crate) const PATH: u32 = 0x1000;
pub(crate) const SECOND_PATH: u32 = 0x2000;
pub(crate) const BUFFER: u32 = 0x8000;
/// The first address behind the guest's memory of one page.
pub(crate) const END: u32 = 0x1_0000;

pub(crate) struct Guest {
    pub(crate) store: Store<WasiCtx>,
    instance: Instance,
    memory: Memory,
}

impl Guest {
    pub(crate) fn new(builder: &mut WasiCtxBuilder) -> Self {
        Self::with_module("wasi_snapshot_preview1", builder)
    }

    /// A guest that imports from `module`.
    pub(crate) fn with_module(module: &str, builder: &mut WasiCtxBuilder) -> Self {
        Self::with_pages(module, 1, builder)
    }

    /// A guest whose memory has `pages` pages of 64 KiB.
    pub(crate) fn with_pages(module: &str, pages: u32, builder: &mut WasiCtxBuilder) -> Self {
        let engine = Engine::default();
        let ctx = builder.build().expect("the test gives valid strings");
        let mut store = Store::new(&engine, ctx);
        let mut linker = Linker::new(&engine);
        wapiti_wasi::add_to_linker(&mut linker, |ctx: &mut WasiCtx| ctx).expect("the linker is empty");
        let module = Module::new(&engine, guest_text(module, pages)).expect("the guest is valid");
        let instance = linker.instantiate(&mut store, &module).expect("WASI is all it imports");
        let memory = instance.get_memory(&mut store, "memory").expect("the guest exports it");
        Self { store, instance, memory }
    }

    fn func(&mut self, name: &str) -> Func {
        self.instance.get_func(&mut self.store, name).expect("the guest exports every function")
    }

    /// Calls `name` and returns its error code.
    pub(crate) fn call(&mut self, name: &str, args: &[i64]) -> i32 {
        self.try_call(name, args).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn try_call(&mut self, name: &str, args: &[i64]) -> Result<i32, Error> {
        let (_, params) = FUNCTIONS.iter().find(|(known, _)| *known == name).expect("a WASI function");
        assert_eq!(args.len(), params.len(), "{name}");
        let args: Vec<Val> = args
            .iter()
            .zip(params.chars())
            .map(|(&arg, ty)| match ty {
                'i' => Val::I32(i32::from_le_bytes(arg.to_le_bytes()[..4].try_into().expect("four bytes"))),
                _ => Val::I64(arg),
            })
            .collect();
        let mut results = [Val::I32(0)];
        let results = if name == "proc_exit" { &mut results[..0] } else { &mut results[..] };
        let func = self.func(name);
        func.call(&mut self.store, &args, results)?;
        match results.first() {
            Some(Val::I32(code)) => Ok(*code),
            _ => Ok(SUCCESS),
        }
    }

    /// Calls `name`, which must succeed.
    #[track_caller]
    pub(crate) fn must(&mut self, name: &str, args: &[i64]) {
        assert_eq!(self.call(name, args), SUCCESS, "{name}{args:?}");
    }

    pub(crate) fn bytes(&self, ptr: u32, len: u32) -> &[u8] {
        &self.memory.data(&self.store)[ptr as usize..(ptr + len) as usize]
    }

    pub(crate) fn put(&mut self, ptr: u32, bytes: &[u8]) {
        let at = ptr as usize;
        self.memory.data_mut(&mut self.store)[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn u32_at(&self, ptr: u32) -> u32 {
        u32::from_le_bytes(self.bytes(ptr, 4).try_into().expect("four bytes"))
    }

    pub(crate) fn u64_at(&self, ptr: u32) -> u64 {
        u64::from_le_bytes(self.bytes(ptr, 8).try_into().expect("eight bytes"))
    }

    /// Puts `path` where paths go, and returns the two arguments that stand for it.
    pub(crate) fn path(&mut self, path: &str) -> [i64; 2] {
        self.put(PATH, path.as_bytes());
        [PATH.into(), path.len().try_into().expect("paths are short")]
    }

    /// The same for the second path of a call.
    pub(crate) fn second_path(&mut self, path: &str) -> [i64; 2] {
        self.put(SECOND_PATH, path.as_bytes());
        [SECOND_PATH.into(), path.len().try_into().expect("paths are short")]
    }

    /// Puts an array of buffers where such arrays go, and returns the two arguments that stand for it.
    pub(crate) fn iovecs(&mut self, iovecs: &[(u32, u32)]) -> [i64; 2] {
        for (i, (ptr, len)) in (0u32..).zip(iovecs) {
            self.put(IOVECS + 8 * i, &ptr.to_le_bytes());
            self.put(IOVECS + 8 * i + 4, &len.to_le_bytes());
        }
        [IOVECS.into(), iovecs.len().try_into().expect("few buffers")]
    }

    /// Writes `bytes` to `fd`, and returns how many were taken.
    pub(crate) fn write(&mut self, fd: i64, bytes: &[u8]) -> Result<u32, i32> {
        self.put(BUFFER, bytes);
        let [iovs, count] = self.iovecs(&[(BUFFER, bytes.len().try_into().expect("short"))]);
        match self.call("fd_write", &[fd, iovs, count, RESULT.into()]) {
            SUCCESS => Ok(self.u32_at(RESULT)),
            code => Err(code),
        }
    }

    /// Reads up to `len` bytes from `fd`.
    pub(crate) fn read(&mut self, fd: i64, len: u32) -> Result<Vec<u8>, i32> {
        let [iovs, count] = self.iovecs(&[(BUFFER, len)]);
        match self.call("fd_read", &[fd, iovs, count, RESULT.into()]) {
            SUCCESS => Ok(self.bytes(BUFFER, self.u32_at(RESULT)).to_vec()),
            code => Err(code),
        }
    }

    /// Opens `path` below the descriptor 3, following links.
    pub(crate) fn open(&mut self, path: &str, flags: i64, rights: i64) -> Result<i64, i32> {
        self.open_with(3, FOLLOW, path, flags, rights, 0)
    }

    pub(crate) fn open_with(
        &mut self,
        dir: i64,
        lookup: i64,
        path: &str,
        flags: i64,
        rights: i64,
        fd_flags: i64,
    ) -> Result<i64, i32> {
        let [path, len] = self.path(path);
        let args = [dir, lookup, path, len, flags, rights, 0, fd_flags, RESULT.into()];
        match self.call("path_open", &args) {
            SUCCESS => Ok(self.u32_at(RESULT).into()),
            code => Err(code),
        }
    }
}

/// Puts a clock subscription with a relative timeout at `ptr`.
pub(crate) fn put_clock(guest: &mut Guest, ptr: u32, userdata: u64, nanoseconds: u64) {
    guest.put(ptr, &[0; 48]);
    guest.put(ptr, &userdata.to_le_bytes());
    guest.put(ptr + 16, &1u32.to_le_bytes());
    guest.put(ptr + 24, &nanoseconds.to_le_bytes());
}

/// Puts a subscription to a descriptor at `ptr`; kind 1 is reading, 2 writing.
pub(crate) fn put_fd(guest: &mut Guest, ptr: u32, userdata: u64, kind: u8, fd: u32) {
    guest.put(ptr, &[0; 48]);
    guest.put(ptr, &userdata.to_le_bytes());
    guest.put(ptr + 8, &[kind]);
    guest.put(ptr + 16, &fd.to_le_bytes());
}

/// Lists descriptor 3 in steps of `len` bytes, the way a libc does: an entry that was cut off is asked for again.
pub(crate) fn names(guest: &mut Guest, len: u32) -> Vec<String> {
    let mut found = Vec::new();
    let mut cookie = 0u64;
    loop {
        guest.must("fd_readdir", &[3, BUFFER.into(), len.into(), cookie.cast_signed(), RESULT.into()]);
        let used = guest.u32_at(RESULT);
        let mut at = 0;
        while at + 24 <= used {
            let name_len = guest.u32_at(BUFFER + at + 16);
            if at + 24 + name_len > used {
                break;
            }
            let name = guest.bytes(BUFFER + at + 24, name_len).to_vec();
            found.push(String::from_utf8(name).expect("only such names are listed"));
            cookie = guest.u64_at(BUFFER + at);
            at += 24 + name_len;
        }
        if used < len {
            return found;
        }
    }
}

/// The guest in the text format.
pub(crate) fn guest_text(module: &str, pages: u32) -> String {
    let mut text = String::from("(module\n");
    let mut exports = String::new();
    for (name, params) in FUNCTIONS {
        if module == "wasi_unstable" && name == "sock_accept" {
            continue;
        }
        let types: String = params.chars().map(|ty| if ty == 'i' { " i32" } else { " i64" }).collect();
        let params = if types.is_empty() { String::new() } else { format!("(param{types})") };
        let result = if name == "proc_exit" { "" } else { "(result i32)" };
        let arguments: String = (0..types.len() / 4).map(|i| format!("(local.get {i})")).collect();
        text.push_str(&format!("(import \"{module}\" \"{name}\" (func ${name} {params} {result}))\n"));
        exports
            .push_str(&format!("(func (export \"{name}\") {params} {result} (call ${name} {arguments}))\n"));
    }
    text.push_str(&format!("(memory (export \"memory\") {pages})\n"));
    text.push_str(&exports);
    text.push(')');
    text
}
