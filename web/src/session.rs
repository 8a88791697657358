//! The rich interface: one module at a time, loaded, instantiated, called.
//!
//! In go a module's bytes and requests in JSON, out come replies in JSON: an object with what was asked for, or with
//! `error`, which has a `message`, and `offset`, `trap` and `backtrace` where there are such. A failed request leaves
//! the session as usable as it was.

use serde_json::{Value, json};
use wapiti::{Engine, Error, ErrorKind, ExternType, FuncType, Instance, Module, Store, Val};
use wapiti_explain::{format_value, parse_value};

use crate::main_export::config;
use crate::stepping::{self, Stepping};
use crate::world::World;

/// What a page works with.
pub struct Session {
    engine: Engine,
    loaded: Option<Loaded>,
}

/// A module, and its instance once there is one.
struct Loaded {
    module: Module,
    binary: Vec<u8>,
    running: Option<Running>,
    stepping: Option<Stepping>,
}

struct Running {
    store: Store<World>,
    instance: Instance,
}

/// What is shown of a large module: more would only be in the way.
const MAX_SPANS: usize = 20_000;
const MAX_BYTES: usize = 1 << 16;

impl Default for Session {
    fn default() -> Self {
        Self { engine: Engine::new(&config()), loaded: None }
    }
}

impl Session {
    /// Takes a module, binary or text, in place of the one before. Reply: `imports`, `exports`.
    pub fn load(&mut self, bytes: &[u8]) -> String {
        let outcome = Module::new(&self.engine, bytes).map(|module| {
            let reply = describe_module(&module);
            // The library reads text by itself, but the page shows the binary form.
            let binary =
                wat::parse_bytes(bytes).expect("the library has read this module already").into_owned();
            self.loaded = Some(Loaded { module, binary, running: None, stepping: None });
            reply
        });
        outcome.unwrap_or_else(|error| failure(&error)).to_string()
    }

    /// Carries out a request: an object that says in `do` what to do.
    ///
    /// * `instantiate`: makes an instance, in place of the one before. Reply: `stdout`, `stderr`.
    /// * `call`: calls the function `export` with `args`, texts as people write numbers; makes an instance first if there
    ///   is none. Reply: `results`, `stdout`, `stderr`, and `exit` if the program ended with `proc_exit`.
    /// * `count`: counts the ops of such a call, in an instance of its own, up to `limit`. Reply: `ops`, `complete`.
    /// * `explain`: takes the module apart. Reply: `bytes` in hexadecimal, `spans`, `functions` with their bytecode, and
    ///   `complete` if the module is not too large for all of it.
    /// * `start`: begins to step through such a call, in an instance of its own. Reply: the state, with memory from
    ///   `view` on.
    /// * `step`, `back`: go `count` steps forwards or back. Reply: the state, likewise.
    pub fn request(&mut self, json: &[u8]) -> String {
        let outcome = Request::new(json).and_then(|request| self.carry_out(&request));
        outcome.unwrap_or_else(|error| failure(&error)).to_string()
    }

    fn carry_out(&mut self, request: &Request) -> Result<Value, Error> {
        let loaded = self.loaded.as_mut().ok_or_else(|| Error::msg("no module has been loaded"))?;
        match request.text("do")? {
            "instantiate" => loaded.instantiate(),
            "call" => loaded.call(request.text("export")?, &request.texts("args")?),
            "count" => {
                let (export, args) = loaded.arguments(request)?;
                stepping::count(&loaded.module, export, &args, request.number("limit")?)
            }
            "explain" => loaded.explain(),
            "start" => {
                let (export, args) = loaded.arguments(request)?;
                let stepping = Stepping::new(&loaded.module, export, &args)?;
                Ok(loaded.stepping.insert(stepping).state(&loaded.module, request.number("view")? as usize))
            }
            "step" => {
                let count = request.number("count")?;
                loaded.step(request, |stepping| stepping.forward(count))
            }
            "back" => {
                let count = request.number("count")?;
                loaded.step(request, |stepping| {
                    stepping.back(count);
                    Ok(())
                })
            }
            other => Err(Error::msg(format!("not a request: there is nothing called `{other}` to do"))),
        }
    }
}

/// What a page asks for. Taken apart by hand: what would be derived is larger than all else here together.
struct Request(Value);

impl Request {
    fn new(json: &[u8]) -> Result<Self, Error> {
        let value = serde_json::from_slice(json);
        value.map(Self).map_err(|error| Error::msg(format!("not a request: {error}")))
    }

    fn field<'a, T>(
        &'a self,
        name: &str,
        kind: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<T, Error> {
        let value = self.0.get(name).and_then(read);
        value.ok_or_else(|| Error::msg(format!("not a request: `{name}` is to be {kind}")))
    }

    fn text(&self, name: &str) -> Result<&str, Error> {
        self.field(name, "a text", Value::as_str)
    }

    fn number(&self, name: &str) -> Result<u64, Error> {
        self.field(name, "a number", Value::as_u64)
    }

    fn texts(&self, name: &str) -> Result<Vec<String>, Error> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.field(name, "a list of texts", |value| value.as_array()?.iter().map(text).collect())
    }
}

impl Loaded {
    fn instantiate(&mut self) -> Result<Value, Error> {
        self.running = None;
        let mut store = Store::new(self.module.engine(), World::new());
        let outcome = World::linker(&self.module)?.instantiate(&mut store, &self.module);
        let mut reply = match outcome {
            Ok(instance) => {
                self.running = Some(Running { store, instance });
                return Ok(self.running.as_mut().map_or(Value::Null, |running| running.output()));
            }
            Err(error) => failure(&error),
        };
        add_output(&mut reply, store.data_mut());
        Ok(reply)
    }

    fn call(&mut self, export: &str, args: &[String]) -> Result<Value, Error> {
        let (ty, args) = arguments(&self.module, export, args)?;
        if self.running.is_none() {
            let reply = self.instantiate()?;
            if reply.get("error").is_some() {
                return Ok(reply);
            }
        }
        let Running { store, instance } = self.running.as_mut().expect("there is an instance by now");
        let func = instance.get_func(&*store, export).expect("the module exports this function");
        let mut results = vec![Val::I32(0); ty.results().len()];
        let outcome = func.call(&mut *store, &args, &mut results);
        let mut reply = match outcome {
            Ok(()) => json!({ "results": values(&results) }),
            Err(error) => failure(&error),
        };
        add_output(&mut reply, store.data_mut());
        Ok(reply)
    }
}

impl Loaded {
    /// The function that a request names, and the arguments for it.
    fn arguments<'a>(&self, request: &'a Request) -> Result<(&'a str, Vec<Val>), Error> {
        let export = request.text("export")?;
        Ok((export, arguments(&self.module, export, &request.texts("args")?)?.1))
    }

    fn step(
        &mut self,
        request: &Request,
        go: impl FnOnce(&mut Stepping) -> Result<(), Error>,
    ) -> Result<Value, Error> {
        let view = request.number("view")? as usize;
        let stepping = self.stepping.as_mut().ok_or_else(|| Error::msg("no call has been started"))?;
        go(stepping)?;
        Ok(stepping.state(&self.module, view))
    }

    fn explain(&self) -> Result<Value, Error> {
        let spans = wapiti_explain::spans(&self.binary).map_err(Error::msg)?;
        let shown: Vec<_> =
            spans.iter().take_while(|span| span.range.start < MAX_BYTES).take(MAX_SPANS).collect();
        let end = shown.last().map_or(0, |span| span.range.end.min(MAX_BYTES));
        let mut functions = Vec::new();
        for func_idx in shown.iter().filter_map(|span| span.function) {
            if functions.last().is_none_or(|(last, _)| *last != func_idx) {
                functions.push((func_idx, self.listing(func_idx)?));
            }
        }
        let span = |span: &&wapiti_explain::Span| {
            json!({
                "start": span.range.start, "end": span.range.end.min(MAX_BYTES), "kind": span.kind,
                "section": span.section, "function": span.function, "depth": span.depth, "text": span.text,
            })
        };
        Ok(json!({
            "bytes": stepping::hex(&self.binary[..end]),
            "size": self.binary.len(),
            "spans": shown.iter().map(span).collect::<Value>(),
            "functions": functions.into_iter().map(|(_, listing)| listing).collect::<Value>(),
            "complete": shown.len() == spans.len() && end == self.binary.len(),
        }))
    }

    fn listing(&self, func_idx: u32) -> Result<Value, Error> {
        let listing = self.module.listing(func_idx)?;
        let op = |line: &wapiti::ListingLine| json!({ "position": line.position(), "offset": line.module_offset(), "text": line.text() });
        Ok(json!({
            "function": func_idx,
            "name": self.module.function_name(func_idx),
            "cells": listing.frame_cells(),
            "ops": listing.lines().iter().map(op).collect::<Value>(),
        }))
    }
}

impl Running {
    fn output(&mut self) -> Value {
        let mut reply = json!({});
        add_output(&mut reply, self.store.data_mut());
        reply
    }
}

/// Finds the function and reads its arguments.
fn arguments(module: &Module, export: &str, words: &[String]) -> Result<(FuncType, Vec<Val>), Error> {
    let ty = match module.get_export(export) {
        Some(ExternType::Func(ty)) => ty,
        Some(other) => return Err(Error::msg(format!("the export `{export}` is a {other}, not a function"))),
        None => return Err(Error::msg(format!("the module has no export `{export}`"))),
    };
    if words.len() != ty.params().len() {
        let (expected, given) = (ty.params().len(), words.len());
        return Err(Error::msg(format!("`{export}` takes {expected} arguments, {given} are given: {ty}")));
    }
    let read = |(number, (word, &ty)): (usize, (&String, _))| {
        parse_value(word.trim(), ty).map_err(|what| Error::msg(format!("argument {}: {what}", number + 1)))
    };
    let args = words.iter().zip(ty.params()).enumerate().map(read).collect::<Result<_, _>>()?;
    Ok((ty, args))
}

/// Values with their types; integers as texts, because JavaScript's numbers do not hold all of them.
pub(crate) fn values(values: &[Val]) -> Value {
    let value = |value: &Val| json!({ "type": value.ty().to_string(), "value": format_value(value) });
    values.iter().map(value).collect()
}

fn describe_module(module: &Module) -> Value {
    let extern_type = |ty: &ExternType| match ty {
        ExternType::Func(ty) => json!({
            "kind": "function",
            "params": ty.params().iter().map(ToString::to_string).collect::<Vec<_>>(),
            "results": ty.results().iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        ExternType::Table(_) => json!({ "kind": "table" }),
        ExternType::Memory(_) => json!({ "kind": "memory" }),
        ExternType::Global(_) => json!({ "kind": "global" }),
        _ => json!({ "kind": "other" }),
    };
    let exports = module.exports().map(|export| {
        let mut item = extern_type(&export.ty());
        item["name"] = export.name().into();
        item["type"] = export.ty().to_string().into();
        item
    });
    let imports = module.imports().map(|import| {
        let mut item = extern_type(&import.ty());
        item["module"] = import.module().into();
        item["name"] = import.name().into();
        item["type"] = import.ty().to_string().into();
        item
    });
    json!({ "exports": exports.collect::<Value>(), "imports": imports.collect::<Value>() })
}

/// An error as people read it, in several lines if there is a backtrace.
pub(crate) fn describe(error: &Error) -> String {
    match error.backtrace() {
        Some(backtrace) => format!("{error}\n{backtrace}"),
        None => error.to_string(),
    }
}

/// The reply for an error. That a program ends with `proc_exit` is none.
pub(crate) fn failure(error: &Error) -> Value {
    if let Some(crate::system::Exit(code)) = error.downcast_ref() {
        return json!({ "exit": code });
    }
    let mut reply = json!({ "message": error.to_string() });
    if let ErrorKind::Invalid { offset, .. } | ErrorKind::Limit { offset, .. } = error.kind() {
        reply["offset"] = (*offset).into();
    }
    if let Some(trap) = error.trap() {
        reply["trap"] = trap.to_string().into();
    }
    if let Some(backtrace) = error.backtrace() {
        let frame = |frame: &wapiti::FrameInfo| {
            json!({
                "function": frame.func_index(), "name": frame.func_name(), "offset": frame.module_offset(),
            })
        };
        reply["backtrace"] = backtrace.frames().iter().map(frame).collect();
    }
    json!({ "error": reply })
}

/// Adds what the program has written since it was last asked.
fn add_output(reply: &mut Value, world: &mut World) {
    let (stdout, stderr) = world.take_output();
    reply["stdout"] = String::from_utf8_lossy(&stdout).into();
    reply["stderr"] = String::from_utf8_lossy(&stderr).into();
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Session;

    fn load(session: &mut Session, text: &str) -> Value {
        serde_json::from_str(&session.load(text.as_bytes())).expect("replies are JSON")
    }

    fn request(session: &mut Session, request: Value) -> Value {
        let reply = session.request(request.to_string().as_bytes());
        serde_json::from_str(&reply).expect("replies are JSON")
    }

    #[test]
    fn calls_take_and_give_typed_values() {
        let mut session = Session::default();
        let text =
            "(module (func (export \"swap\") (param i64 f32) (result f32 i64) local.get 1 local.get 0))";
        let exports = &load(&mut session, text)["exports"];
        assert_eq!(exports[0]["params"], json!(["i64", "f32"]));
        let reply = request(
            &mut session,
            json!({ "do": "call", "export": "swap", "args": ["-9007199254740993", "0.5"] }),
        );
        assert_eq!(
            reply["results"],
            json!([{ "type": "f32", "value": "0.5" }, { "type": "i64", "value": "-9007199254740993" }])
        );
    }

    #[test]
    fn errors_say_what_and_where_and_leave_the_session_usable() {
        let mut session = Session::default();
        let message = |reply: &Value| reply["error"]["message"].as_str().expect("an error").to_owned();
        assert!(message(&request(&mut session, json!({ "do": "instantiate" }))).contains("no module"));
        let reply = session.load(b"\0asm\x01\0\0\0\x01\x05");
        assert!(reply.contains("\"offset\":"), "{reply}");
        let text =
            "(module (func (export \"f\") (param i32) (result i32) (i32.div_u (i32.const 1) (local.get 0))))";
        load(&mut session, text);
        let call = |session: &mut Session, args: Value| {
            request(session, json!({ "do": "call", "export": "f", "args": args }))
        };
        assert!(message(&call(&mut session, json!([]))).contains("1 arguments, 0 are given"));
        assert!(message(&call(&mut session, json!(["x"]))).contains("argument 1: `x`"));
        let reply = call(&mut session, json!(["0"]));
        assert_eq!(reply["error"]["trap"], "integer divide by zero");
        assert!(reply["error"]["backtrace"][0]["offset"].is_u64(), "{reply}");
        assert_eq!(call(&mut session, json!(["1"]))["results"][0]["value"], "1");
        assert!(message(&request(&mut session, json!({ "do": "fly" }))).contains("not a request"));
    }

    #[test]
    fn stepping_back_restores_the_state() {
        let mut session = Session::default();
        load(&mut session, include_str!("../../examples/hello.wat"));
        let first =
            request(&mut session, json!({ "do": "start", "export": "_start", "args": [], "view": 0 }));
        assert_eq!((&first["step"], &first["output"]), (&json!(0), &json!("")));
        let step = |session: &mut Session, direction: &str, count: u64| {
            request(session, json!({ "do": direction, "count": count, "view": 0 }))
        };
        let second = step(&mut session, "step", 1);
        assert_ne!(first, second);
        let last = step(&mut session, "step", 1000);
        assert_eq!(last["output"], "Hello, World!\n");
        assert_eq!(last["ended"]["results"], json!([]));
        let steps = last["step"].as_u64().expect("a number");
        assert_eq!(step(&mut session, "back", steps - 1), second);
        assert_eq!(step(&mut session, "back", 5), first);
        assert_eq!(step(&mut session, "step", 1000), last);
        let count = json!({ "do": "count", "export": "_start", "args": [], "limit": 1000 });
        assert_eq!(request(&mut session, count), json!({ "ops": steps, "complete": true }));
    }

    #[test]
    fn explain_has_bytes_meanings_and_bytecode() {
        let mut session = Session::default();
        load(&mut session, include_str!("../../examples/fib.wat"));
        let reply = request(&mut session, json!({ "do": "explain" }));
        assert_eq!(reply["complete"], true);
        assert_eq!(
            reply["bytes"].as_str().map(str::len),
            reply["size"].as_u64().map(|size| size as usize * 2)
        );
        assert_eq!(reply["functions"][0]["ops"].as_array().map(Vec::len), Some(8));
        assert_eq!(reply["spans"][0]["end"], 4);
    }

    #[test]
    fn programs_write_and_exit() {
        let mut session = Session::default();
        load(&mut session, include_str!("../../examples/hello.wat"));
        let reply = request(&mut session, json!({ "do": "call", "export": "_start", "args": [] }));
        assert_eq!(reply["stdout"], "Hello, World!\n");
        let exits = "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $exit (param i32)))
            (memory (export \"memory\") 1) (func (export \"_start\") (call $exit (i32.const 3))))";
        load(&mut session, exits);
        let reply = request(&mut session, json!({ "do": "call", "export": "_start", "args": [] }));
        assert_eq!((&reply["exit"], &reply["error"]), (&json!(3), &Value::Null));
    }
}
