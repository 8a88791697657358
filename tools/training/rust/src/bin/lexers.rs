//! Tokenizes and parses expressions, with generated and with combined parsers.
use logos::Logos;
use nom::{IResult, branch::alt, bytes::complete::tag, character::complete::{char, multispace0}, combinator::map};
use nom::{multi::fold_many0, number::complete::double, sequence::{delimited, pair, preceded}};
use training::Rng;

#[derive(Logos, Debug, PartialEq)]
#[logos(skip r"[ \n]+")]
enum Token {
    #[regex("[0-9]+(\\.[0-9]+)?")]
    Number,
    #[regex("[a-z_][a-z0-9_]*")]
    Name,
    #[token("(")]
    Open,
    #[token(")")]
    Close,
    #[regex("[-+*/]")]
    Operator,
    #[token("while")]
    While,
}

fn atom(input: &str) -> IResult<&str, f64> {
    let group = delimited(char('('), sum, preceded(multispace0, char(')')));
    preceded(multispace0, alt((double, group, map(tag("x"), |_| 0.5))))(input)
}

fn product(input: &str) -> IResult<&str, f64> {
    let (input, first) = atom(input)?;
    let operator = preceded(multispace0, alt((char('*'), char('/'))));
    fold_many0(pair(operator, atom), move || first, |a, (op, b)| if op == '*' { a * b } else { a / (b + 1.0) })(input)
}

fn sum(input: &str) -> IResult<&str, f64> {
    let (input, first) = product(input)?;
    let operator = preceded(multispace0, alt((char('+'), char('-'))));
    fold_many0(pair(operator, product), move || first, |a, (op, b)| if op == '+' { a + b } else { a - b })(input)
}

fn expression(rng: &mut Rng, depth: usize) -> String {
    match rng.below(if depth == 0 { 2 } else { 5 }) {
        0 => "x".into(),
        1 => format!("{:.2}", rng.unit() * 100.0),
        n => format!("({} {} {})", expression(rng, depth - 1), ["+", "-", "*", "/"][n - 1], expression(rng, depth - 1)),
    }
}

fn main() {
    let mut rng = Rng::new(20);
    let mut total = 0.0;
    let mut tokens = 0;
    for _ in 0..300 {
        let text = format!("({} + {})", expression(&mut rng, 7), expression(&mut rng, 6));
        total += sum(&text).unwrap().1;
        tokens += Token::lexer(&text).filter(|token| *token != Ok(Token::Name)).count();
    }
    println!("{tokens} {total:.3e}");
}
