//! The picture of how loading goes: shown on a terminal after a second, and nowhere else.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A bit longer than loading may take without a picture.
const LONGER: Duration = Duration::from_millis(1500);

/// Both ends of a new terminal.
fn terminal() -> (std::fs::File, OwnedFd) {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals left");
    grantpt(&ours).expect("it is ours");
    unlockpt(&ours).expect("it is ours");
    let name = ptsname(&ours, Vec::new()).expect("it has a name").into_string().expect("a plain name");
    let theirs = OpenOptions::new().read(true).write(true).open(name).expect("it was just made");
    (ours.into(), theirs.into())
}

/// Runs a module from standard input that takes `time` to arrive, and returns what the terminal shows.
fn shown(time: Duration) -> String {
    let (mut ours, theirs) = terminal();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wapiti"))
        .args(["run", "-"])
        .env("TERM", "xterm")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(theirs)
        .spawn()
        .expect("cargo has built the command");
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(b"(module (func (export \"_start\"))").expect("the command reads");
    std::thread::sleep(time);
    input.write_all(b")").expect("the command reads");
    drop(input);
    assert_eq!(child.wait().expect("it was started").code(), Some(0));
    let mut shown = Vec::new();
    // Once nobody else has the terminal, reading ends with an error, which says nothing.
    let _ = ours.read_to_end(&mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

#[test]
fn it_appears_after_a_second() {
    let shown = shown(LONGER);
    assert!(shown.contains("reading -"), "{shown:?}");
}

#[test]
fn it_does_not_appear_before() {
    assert_eq!(shown(Duration::ZERO), "");
}

#[test]
fn it_appears_on_terminals_only() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wapiti"))
        .args(["run", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo has built the command");
    let mut input = child.stdin.take().expect("it is piped");
    std::thread::sleep(LONGER);
    input.write_all(b"(module (func (export \"_start\")))").expect("the command reads");
    drop(input);
    let output = child.wait_with_output().expect("it was started");
    assert_eq!((output.status.code(), &output.stdout[..], &output.stderr[..]), (Some(0), &b""[..], &b""[..]));
}
