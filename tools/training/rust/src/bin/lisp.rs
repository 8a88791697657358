//! An interpreter of a small Lisp, with counted references and environments.
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

#[derive(Clone)]
enum Value {
    Number(f64),
    Symbol(Rc<str>),
    List(Rc<[Value]>),
    Lambda(Rc<[Rc<str>]>, Rc<Value>, Rc<Scope>),
    Builtin(fn(&[Value]) -> Result<Value, String>),
}

#[derive(Default)]
struct Scope {
    names: RefCell<HashMap<Rc<str>, Value>>,
    outer: Option<Rc<Scope>>,
}

impl Scope {
    fn find(&self, name: &str) -> Result<Value, String> {
        match (self.names.borrow().get(name), &self.outer) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(outer)) => outer.find(name),
            (None, None) => Err(format!("unknown: {name}")),
        }
    }
}

fn parse(tokens: &mut std::iter::Peekable<std::str::SplitWhitespace<'_>>) -> Result<Value, String> {
    let token = tokens.next().ok_or("end of text")?;
    if token != "(" {
        return Ok(token.parse().map_or_else(|_| Value::Symbol(token.into()), Value::Number));
    }
    let mut list = Vec::new();
    while *tokens.peek().ok_or("missing )")? != ")" {
        list.push(parse(tokens)?);
    }
    tokens.next();
    Ok(Value::List(list.into()))
}

fn eval(value: &Value, scope: &Rc<Scope>) -> Result<Value, String> {
    let list = match value {
        Value::Symbol(name) => return scope.find(name),
        Value::List(list) => list,
        other => return Ok(other.clone()),
    };
    if let Value::Symbol(name) = &list[0] {
        match &**name {
            "if" => {
                let yes = !matches!(eval(&list[1], scope)?, Value::Number(n) if n == 0.0);
                return eval(&list[if yes { 2 } else { 3 }], scope);
            }
            "define" => {
                let Value::Symbol(name) = &list[1] else { return Err("no name".into()) };
                let value = eval(&list[2], scope)?;
                scope.names.borrow_mut().insert(name.clone(), value.clone());
                return Ok(value);
            }
            "lambda" => {
                let Value::List(names) = &list[1] else { return Err("no parameters".into()) };
                let names = names.iter().filter_map(|n| if let Value::Symbol(n) = n { Some(n.clone()) } else { None });
                return Ok(Value::Lambda(names.collect(), Rc::new(list[2].clone()), scope.clone()));
            }
            _ => {}
        }
    }
    let function = eval(&list[0], scope)?;
    let arguments = list[1..].iter().map(|value| eval(value, scope)).collect::<Result<Vec<_>, _>>()?;
    match function {
        Value::Builtin(builtin) => builtin(&arguments),
        Value::Lambda(names, body, outer) => {
            let names = RefCell::new(names.iter().cloned().zip(arguments).collect());
            eval(&body, &Rc::new(Scope { names, outer: Some(outer) }))
        }
        _ => Err("not a function".into()),
    }
}

macro_rules! builtins {
    ($scope:ident: $($name:literal $x:ident $y:ident $result:expr;)*) => {$(
        $scope.names.borrow_mut().insert($name.into(), Value::Builtin(|arguments| match arguments {
            [Value::Number($x), Value::Number($y)] => Ok(Value::Number($result)),
            _ => Err("wrong arguments".into()),
        }));
    )*};
}

fn main() {
    let scope = Rc::new(Scope::default());
    builtins!(scope: "+" x y x + y; "-" x y x - y; "*" x y x * y; "<" x y (x < y) as u8 as f64;);
    let program = "( define fib ( lambda ( n ) ( if ( < n 2 ) n ( + ( fib ( - n 1 ) ) ( fib ( - n 2 ) ) ) ) ) )
        ( define compose ( lambda ( f g ) ( lambda ( x ) ( f ( g x ) ) ) ) )
        ( define loop ( lambda ( i sum ) ( if ( < i 1 ) sum ( loop ( - i 1 ) ( + sum ( * i i ) ) ) ) ) )
        ( + ( fib 14 ) ( ( compose fib ( lambda ( x ) ( - x 3 ) ) ) 12 ) ) ( loop 200 0 )";
    let mut tokens = program.split_whitespace().peekable();
    while tokens.peek().is_some() {
        if let Value::Number(result) = eval(&parse(&mut tokens).unwrap(), &scope).unwrap() {
            println!("{result}");
        }
    }
}
