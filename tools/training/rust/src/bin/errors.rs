//! Commands parsed and executed with errors, options and results everywhere.
use std::collections::BTreeMap;
use std::{error::Error, fmt, str::FromStr};
use training::{Rng, word};

#[derive(Debug, PartialEq)]
enum Failure {
    Unknown(String),
    Missing { what: &'static str, at: usize },
    Number(std::num::ParseIntError),
    Overdraft(i64),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "unknown command {name:?}"),
            Self::Missing { what, at } => write!(f, "missing {what} at {at}"),
            Self::Number(error) => write!(f, "bad number: {error}"),
            Self::Overdraft(by) => write!(f, "short by {by}"),
        }
    }
}

impl Error for Failure {}

impl From<std::num::ParseIntError> for Failure {
    fn from(error: std::num::ParseIntError) -> Self {
        Self::Number(error)
    }
}

#[derive(Clone, Debug)]
enum Command {
    Pay { from: String, to: String, amount: i64 },
    Open(String),
    Close(String),
    Report,
}

impl FromStr for Command {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let mut parts = line.split(' ').enumerate();
        let mut next = |what| parts.next().map(|(_, part)| part.to_owned()).ok_or(Failure::Missing { what, at: line.len() });
        Ok(match next("command")?.as_str() {
            "pay" => Self::Pay { from: next("payer")?, to: next("payee")?, amount: next("amount")?.parse()? },
            "open" => Self::Open(next("name")?),
            "close" => Self::Close(next("name")?),
            "report" => Self::Report,
            other => return Err(Failure::Unknown(other.into())),
        })
    }
}

#[derive(Default)]
struct Bank(BTreeMap<String, i64>);

impl Bank {
    fn execute(&mut self, line: &str) -> Result<i64, Box<dyn Error>> {
        match line.parse::<Command>()? {
            Command::Open(name) => Ok(*self.0.entry(name).or_insert(100)),
            Command::Close(name) => self.0.remove(&name).ok_or_else(|| "no such account".into()),
            Command::Report => Ok(self.0.values().sum()),
            Command::Pay { from, to, amount } => {
                let balance = self.0.get_mut(&from).ok_or("no payer")?;
                let left = balance.checked_sub(amount).filter(|left| *left >= -50);
                *balance = left.ok_or(Failure::Overdraft(amount - *balance))?;
                *self.0.get_mut(&to).ok_or("no payee")? += amount;
                Ok(amount)
            }
        }
    }
}

fn main() {
    let mut rng = Rng::new(35);
    let mut bank = Bank::default();
    let (mut done, mut failed) = (0, 0);
    for _ in 0..12_000 {
        let (a, b) = (word(&mut rng), word(&mut rng));
        let line = match rng.below(12) {
            0..=4 => format!("open {a}"),
            5..=8 => format!("pay {a} {b} {}", rng.below(60)),
            9 => format!("close {a}"),
            10 => format!("pay {a} {b} {b}"),
            _ if rng.below(10) == 0 => "report".into(),
            _ => a,
        };
        match bank.execute(&line) {
            Ok(amount) => done += amount,
            Err(error) => failed += error.to_string().len(),
        }
    }
    println!("{done} {failed} {}", bank.0.len());
}
