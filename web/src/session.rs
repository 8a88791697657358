//! The rich interface: one module at a time, loaded, instantiated, called.
//!
//! In go a module's bytes and requests in JSON, out come replies in JSON: an object with what was asked for, or with
//! `error`, which has a `message`, and `offset`, `trap` and `backtrace` where there are such. A failed request leaves
//! the session as usable as it was.

use serde::Deserialize;
use serde_json::{Value, json};
use wapiti::{Engine, Error, ErrorKind, ExternType, FuncType, Instance, Module, Store, Val};
use wapiti_explain::{format_value, parse_value};

use crate::main_export::config;
use crate::world::World;

/// What a page works with.
pub struct Session {
    engine: Engine,
    loaded: Option<Loaded>,
}

/// A module, and its instance once there is one.
struct Loaded {
    module: Module,
    running: Option<Running>,
}

struct Running {
    store: Store<World>,
    instance: Instance,
}

/// What a page can ask for.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Request {
    /// Makes an instance, in place of the one before. Reply: `stdout`, `stderr`.
    Instantiate {},
    /// Calls an exported function; makes an instance first if there is none. Arguments are texts, as people write
    /// numbers. Reply: `results`, `stdout`, `stderr`, and `exit` if the program ended with `proc_exit`.
    Call { export: String, args: Vec<String> },
}

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
            self.loaded = Some(Loaded { module, running: None });
            reply
        });
        outcome.unwrap_or_else(|error| failure(&error)).to_string()
    }

    /// Carries out a request.
    pub fn request(&mut self, json: &[u8]) -> String {
        let outcome = serde_json::from_slice(json)
            .map_err(|error| Error::msg(format!("not a request: {error}")))
            .and_then(|request| self.carry_out(request));
        outcome.unwrap_or_else(|error| failure(&error)).to_string()
    }

    fn carry_out(&mut self, request: Request) -> Result<Value, Error> {
        let loaded = self.loaded.as_mut().ok_or_else(|| Error::msg("no module has been loaded"))?;
        match request {
            Request::Instantiate {} => loaded.instantiate(),
            Request::Call { export, args } => loaded.call(&export, &args),
        }
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
fn values(values: &[Val]) -> Value {
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
fn failure(error: &Error) -> Value {
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
