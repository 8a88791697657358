//! `wapiti run --invoke`: reads arguments as the export's parameter types say, writes results the same way.

use std::ffi::OsString;

use wapiti::{Error, ExternType, FuncType, Instance, Module, Store, Val};
use wapiti_explain::{format_value, parse_value};

use crate::failure::Failure;

/// A call of an export, checked against its type.
pub(crate) struct Call {
    args: Vec<Val>,
    result_count: usize,
}

impl Call {
    /// The arguments.
    pub(crate) fn args(&self) -> &[Val] {
        &self.args
    }

    /// Calls the export `name`, and returns its results as text.
    pub(crate) fn run<T: 'static>(
        &self,
        store: &mut Store<T>,
        instance: &Instance,
        name: &str,
    ) -> Result<Vec<String>, Error> {
        let func = instance.get_func(&mut *store, name).expect("the module exports a function of this name");
        let mut results = vec![Val::I32(0); self.result_count];
        func.call(&mut *store, &self.args, &mut results)?;
        Ok(results.iter().map(format_value).collect())
    }
}

/// Finds the export `name` and reads its arguments.
pub(crate) fn prepare(module: &Module, name: &str, words: &[OsString]) -> Result<Call, Failure> {
    let ty = match module.get_export(name) {
        Some(ExternType::Func(ty)) => ty,
        Some(other) => {
            return Err(Failure::usage(format_args!(
                "--invoke {name}: this export is a {other}, not a function. {}",
                describe_exports(module)
            )));
        }
        None => {
            return Err(Failure::usage(format_args!(
                "--invoke {name}: there is no such export. {}",
                describe_exports(module)
            )));
        }
    };
    if words.len() != ty.params().len() {
        return Err(Failure::usage(format_args!(
            "--invoke {name}: it has the type {ty}, so it takes {}, but {} given",
            count(ty.params().len(), "argument"),
            match words.len() {
                1 => "1 is".to_owned(),
                given => format!("{given} are"),
            }
        )));
    }
    let args = words
        .iter()
        .zip(ty.params())
        .enumerate()
        .map(|(i, (word, &ty))| {
            parse_value(&word.to_string_lossy(), ty)
                .map_err(|what| Failure::usage(format_args!("--invoke {name}: argument {}: {what}", i + 1)))
        })
        .collect::<Result<_, _>>()?;
    Ok(Call { args, result_count: ty.results().len() })
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A sentence that lists the functions a module exports, for someone who named another one.
pub(crate) fn describe_exports(module: &Module) -> String {
    let functions: Vec<(String, FuncType)> = module
        .exports()
        .filter_map(|export| match export.ty() {
            ExternType::Func(ty) => Some((export.name().to_owned(), ty.clone())),
            _ => None,
        })
        .collect();
    if functions.is_empty() {
        return "The module exports no functions.".to_owned();
    }
    const LISTED: usize = 40;
    let mut text = "With `--invoke NAME` these exports can be called:".to_owned();
    for (name, ty) in functions.iter().take(LISTED) {
        text.push_str(&format!("\n  {name} {ty}"));
    }
    if functions.len() > LISTED {
        text.push_str(&format!("\n  ... and {} more", functions.len() - LISTED));
    }
    text
}
