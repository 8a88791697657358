//! The commands of `docs/how-it-works.md` print what it says they print.
//!
//! A block of the kind `console` has one command, after `$`, and below it what goes to standard output and then what
//! goes to standard error, without blank lines at the end. A line `...` stands for any number of lines.

use std::io::Write;
use std::process::{Command, Stdio};

const TOUR: &str = include_str!("../../../docs/how-it-works.md");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn the_tours_commands_print_what_it_says() {
    let blocks: Vec<&str> = TOUR.split("```console\n").skip(1).collect();
    assert!(blocks.len() >= 7, "the tour has its commands");
    for block in blocks {
        let (block, _) = block.split_once("```").expect("every block ends");
        let (command, expected) = block.split_once('\n').expect("there is a line below the command");
        let command = command.strip_prefix("$ ").expect("a block begins with a command");
        let printed = run(command);
        let expected: Vec<&str> = expected.lines().collect();
        let printed: Vec<&str> = printed.trim_end().lines().collect();
        assert!(matches(&expected, &printed), "`{command}` prints\n{}", printed.join("\n"));
    }
}

/// Runs `wapiti ...` or `echo ... | wapiti ...` in the repository.
fn run(command: &str) -> String {
    let (input, command) = match command.split_once(" | ") {
        Some((echo, command)) => (echo.strip_prefix("echo ").expect("only echo comes before `|`"), command),
        None => ("", command),
    };
    let mut words = command.split_whitespace();
    assert_eq!(words.next(), Some("wapiti"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_wapiti"))
        .args(words)
        .current_dir(ROOT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the command");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A command that reads nothing closes the pipe early, which is no error here.
    let _ = writeln!(stdin, "{input}");
    drop(stdin);
    let output = child.wait_with_output().expect("the command was started");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the tour prints text");
    // Builds without optimisation say that they have no tail dispatch.
    let stderr = text(&output.stderr);
    let stderr: String =
        stderr.lines().filter(|line| !line.starts_with("warning: this build")).map(line).collect();
    text(&output.stdout) + &stderr
}

fn line(line: &str) -> String {
    format!("{line}\n")
}

/// Whether lines are as expected, where `...` is any number of them.
fn matches(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|from| matches(rest, &printed[from..])),
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, others)| line == first && matches(rest, others))
        }
    }
}

#[test]
fn other_output_would_be_noticed() {
    assert!(matches(&["a", "...", "d"], &["a", "b", "c", "d"]));
    assert!(matches(&["a", "..."], &["a"]));
    assert!(!matches(&["a", "..."], &["b"]));
    assert!(!matches(&["a", "...", "d"], &["a", "b"]));
    assert!(!matches(&["a"], &["a", "b"]));
}
