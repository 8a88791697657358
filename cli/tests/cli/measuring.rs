//! The commands of `docs/benchmarking.md` can be run as they stand there.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Files;

const TEXT: &str = include_str!("../../../docs/benchmarking.md");

#[test]
fn the_commands_about_measuring_can_be_run() {
    let files = Files::new();
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let blocks = TEXT.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let lines: Vec<&str> =
        blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ wapiti ")).collect();
    assert!(lines.len() >= 10, "{lines:?}");
    for line in lines {
        let (line, output) = match line.split_once(" > ") {
            Some((line, output)) => (line, Some(output)),
            None => (line, None),
        };
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        // An unoptimised build has no tail dispatch. Quickly, and for the repository's files.
        words.iter_mut().filter(|word| **word == "tail").for_each(|word| *word = "match".to_owned());
        for word in words.iter_mut().filter(|word| word.contains('/')) {
            *word = root.join(&*word).display().to_string();
        }
        if words[0] == "bench" && !words.iter().any(|word| word == "--rounds") {
            words.splice(
                1..1,
                ["--rounds", "1", "--warm-up", "0", "--min-time", "0", "--no-counts"].map(str::to_owned),
            );
        }
        let output = output.map(|name| File::create(files.path().join(name)).expect("it can be written"));
        let done = Command::new(env!("CARGO_BIN_EXE_wapiti"))
            .args(&words)
            .current_dir(files.path())
            .stdin(Stdio::null())
            .stdout(output.map_or_else(Stdio::piped, Stdio::from))
            .output()
            .expect("cargo has built the command");
        assert!(
            done.status.success(),
            "wapiti {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&done.stderr)
        );
    }
    for made in ["fusion.svg", "ablation.html", "scale.html", "ops.svg", "time.svg", "profile.json"] {
        assert!(files.path().join(made).exists(), "{made} was not made");
    }
}
