//! `wapiti step`: executes one export op by op in a terminal, forwards and back.
//!
//! The screen shows the function's bytecode with the next op marked, the frame with what the last step changed, the
//! calls, and what the program has written. Without a terminal on standard input, commands are read from it instead,
//! a word a line, and each is answered with a few lines of plain text.

use std::io::{BufRead, IsTerminal, Write};

use crossterm::event::{Event, KeyCode, KeyEventKind};
use crossterm::{cursor, event, execute, terminal};
use wapiti::{Engine, Linker, Listing, Module, Store};
use wapiti_explain::{Ended, Stepper, format_value};
use wapiti_wasi::{OutputPipe, WasiCtx, WasiCtxBuilder};

use crate::args::StepArgs;
use crate::failure::Failure;
use crate::invoke;
use crate::load;
use crate::trace::{access_text, value_text};

/// Steps of one "run to the end".
const MANY: u64 = 1_000_000;

/// What the guest's store holds.
struct World {
    wasi: WasiCtx,
    output: OutputPipe,
}

struct Session {
    module: Module,
    store: Store<World>,
    stepper: Stepper<World>,
    /// The listing of the function that was last shown.
    listing: Option<(u32, Listing)>,
}

/// What the user wants.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    Forward(u64),
    Back(u64),
    /// To the next op of this function or a caller's.
    Over,
    Quit,
}

/// Steps until the user has seen enough, and returns the exit code.
pub(crate) fn step(args: &StepArgs) -> Result<u8, Failure> {
    let mut session = Session::new(args)?;
    let outcome = if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        on_screen(&mut session)
    } else {
        by_lines(&mut session)
    };
    outcome.map(|()| 0).map_err(Failure::load)
}

impl Session {
    fn new(args: &StepArgs) -> Result<Self, Failure> {
        let engine: Engine = load::engine(&args.engine);
        let module = load::module(&engine, &args.file, &load::read(&args.file)?)?;
        let name = args.invoke.as_deref().unwrap_or("_start");
        let call = invoke::prepare(&module, name, &args.words)?;
        let output = OutputPipe::new();
        let mut builder = WasiCtxBuilder::new();
        builder.arg(&args.file).stdout(output.clone()).stderr(output.clone());
        let wasi = builder.build().map_err(Failure::usage)?;
        let mut store = Store::new(&engine, World { wasi, output });
        let mut linker = Linker::new(&engine);
        let started = wapiti_wasi::add_to_linker(&mut linker, |world: &mut World| &mut world.wasi)
            .and_then(|()| linker.instantiate(&mut store, &module))
            .and_then(|instance| {
                let func =
                    instance.get_func(&store, name).expect("the module exports a function of this name");
                Stepper::new(&mut store, func, call.args(), |world| world.output.contents().len())
            });
        let stepper =
            started.map_err(|error| Failure::load(format_args!("{}: {error}", args.file.display())))?;
        Ok(Self { module, store, stepper, listing: None })
    }

    fn fulfil(&mut self, wish: Wish) -> Result<(), wapiti::Error> {
        match wish {
            Wish::Forward(steps) => {
                for _ in 0..steps {
                    if !self.stepper.forward(&mut self.store)? {
                        break;
                    }
                }
            }
            Wish::Back(steps) => _ = (0..steps).take_while(|_| self.stepper.back()).count(),
            Wish::Over => {
                let depth = self.depth();
                for _ in 0..MANY {
                    if !self.stepper.forward(&mut self.store)? || self.depth() <= depth {
                        break;
                    }
                }
            }
            Wish::Quit => {}
        }
        Ok(())
    }

    fn depth(&self) -> usize {
        self.stepper.state().point.frames.len()
    }

    /// The state in at most `rows` lines.
    fn lines(&mut self, rows: usize) -> Vec<String> {
        let mut lines = vec![self.headline(), String::new()];
        let rest = self.state_lines();
        let code_rows = rows.saturating_sub(lines.len() + rest.len()).max(3);
        lines.extend(self.code_lines(code_rows));
        lines.extend(rest);
        lines.truncate(rows);
        lines
    }

    fn headline(&self) -> String {
        let point = &self.stepper.state().point;
        let how = match &point.ended {
            None => format!("next: {}", point.next.name),
            Some(Ended::Returned(values)) => {
                let values: Vec<String> = values.iter().map(format_value).collect();
                format!(
                    "returned {}",
                    if values.is_empty() { "nothing".to_owned() } else { values.join(", ") }
                )
            }
            Some(Ended::Failed(error)) => format!("failed: {error}"),
        };
        format!("step {}   {}   {how}", self.stepper.step_number(), self.function_name(point.next.function))
    }

    fn function_name(&self, func_idx: u32) -> String {
        let name = self.module.function_name(func_idx).map(|name| format!(" ${name}"));
        format!("function {func_idx}{}", name.unwrap_or_default())
    }

    /// The bytecode around the next op.
    fn code_lines(&mut self, rows: usize) -> Vec<String> {
        let next = &self.stepper.state().point.next;
        let (function, position) = (next.function, next.position);
        if self.listing.as_ref().is_none_or(|(of, _)| *of != function) {
            self.listing = self.module.listing(function).ok().map(|listing| (function, listing));
        }
        let Some((_, listing)) = &self.listing else { return Vec::new() };
        let at = listing.lines().iter().position(|line| line.position() == position).unwrap_or(0);
        let first = at.saturating_sub(rows / 2).min(listing.lines().len().saturating_sub(rows));
        let lines = listing.lines().iter().skip(first).take(rows);
        lines
            .map(|line| {
                let mark = if line.position() == position { '>' } else { ' ' };
                format!("{mark}{:>5}  {}", line.position(), line.text())
            })
            .collect()
    }

    /// What the op reads, the frame, the calls, memory changes, output.
    fn state_lines(&self) -> Vec<String> {
        let state = self.stepper.state();
        let point = &state.point;
        let mut lines = vec![String::new()];
        let reads: Vec<String> = point.next.reads.iter().map(access_text).collect();
        lines.push(format!("reads   {}", reads.join("  ")));
        let changed = |cell: usize| {
            let patch = self.stepper.last_change();
            patch.is_some_and(|patch| {
                patch
                    .stack
                    .iter()
                    .any(|change| (change.start..change.start + change.new.len()).contains(&cell))
            })
        };
        if let Some(frame) = point.frames.first() {
            let cells =
                state.cells(frame).iter().enumerate().filter(|(cell, _)| !frame.is_link(*cell as u32));
            let cells: Vec<String> = cells
                .map(|(cell, value)| {
                    let mark = if changed(frame.start + cell) { "*" } else { "" };
                    format!("r{cell}={}{mark}", value_text(*value))
                })
                .collect();
            lines.push(format!("frame   {}", cells.join("  ")));
        }
        let calls: Vec<String> = point
            .frames
            .iter()
            .take(8)
            .map(|frame| format!("{}+{}", frame.function, frame.position))
            .collect();
        lines.push(format!("calls   {} ({} deep)", calls.join(" < "), point.frames.len()));
        for change in self.stepper.last_change().iter().flat_map(|patch| &patch.memory).take(4) {
            let bytes = |bytes: &[u8]| -> String {
                bytes.iter().take(16).map(|byte| format!("{byte:02x} ")).collect()
            };
            let (old, new) = (bytes(&change.old), bytes(&change.new));
            lines.push(format!("memory  {:#x}: {old}-> {new}", change.start));
        }
        let output = self.store.data().output.contents();
        let written = String::from_utf8_lossy(&output[..point.output.min(output.len())]).into_owned();
        lines.extend(written.lines().rev().take(3).map(|line| format!("output  {line}")));
        lines
    }
}

/// Puts the terminal back as it was, however the stepper ends.
struct Screen;

impl Screen {
    fn new() -> std::io::Result<Self> {
        terminal::enable_raw_mode()?;
        execute!(std::io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        Ok(Self)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // If the terminal is gone there is nothing to put back.
        let _ = execute!(std::io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

const KEYS: &str =
    "s or right: step   b or left: back   n: over calls   S, B: 100   g: start   G: end   q: quit";

fn on_screen(session: &mut Session) -> Result<(), Box<dyn std::error::Error>> {
    let _screen = Screen::new()?;
    loop {
        draw(session)?;
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let interrupted = key.modifiers.contains(event::KeyModifiers::CONTROL);
        let wish = match key.code {
            KeyCode::Char('c') if interrupted => Wish::Quit,
            KeyCode::Char('s') | KeyCode::Right | KeyCode::Enter => Wish::Forward(1),
            KeyCode::Char('b') | KeyCode::Left | KeyCode::Backspace => Wish::Back(1),
            KeyCode::Char('n') | KeyCode::Down => Wish::Over,
            KeyCode::Char('S') | KeyCode::PageDown => Wish::Forward(100),
            KeyCode::Char('B') | KeyCode::PageUp => Wish::Back(100),
            KeyCode::Char('g') | KeyCode::Home => Wish::Back(u64::MAX),
            KeyCode::Char('G') | KeyCode::End => Wish::Forward(MANY),
            KeyCode::Char('q') | KeyCode::Esc => Wish::Quit,
            _ => continue,
        };
        if wish == Wish::Quit {
            return Ok(());
        }
        session.fulfil(wish)?;
    }
}

fn draw(session: &mut Session) -> std::io::Result<()> {
    let (columns, rows) = terminal::size()?;
    let mut lines = session.lines(usize::from(rows).saturating_sub(1));
    lines.push(KEYS.to_owned());
    let mut out = std::io::stdout().lock();
    execute!(out, terminal::Clear(terminal::ClearType::All), cursor::MoveTo(0, 0))?;
    for (number, line) in lines.iter().enumerate() {
        let line: String = line.chars().take(usize::from(columns)).collect();
        let end = if number + 1 < lines.len() { "\r\n" } else { "" };
        write!(out, "{line}{end}")?;
    }
    out.flush()
}

/// Answers the lines of standard input: `step [N]`, `back [N]`, `over`, `end`, `start`, `quit`.
fn by_lines(session: &mut Session) -> Result<(), Box<dyn std::error::Error>> {
    const ROWS: usize = 24;
    print_state(session, ROWS)?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let Some(word) = words.next() else { continue };
        let count = words.next().map_or(Ok(1), str::parse)?;
        let wish = match word {
            "step" | "s" => Wish::Forward(count),
            "back" | "b" => Wish::Back(count),
            "over" | "n" => Wish::Over,
            "end" => Wish::Forward(MANY),
            "start" => Wish::Back(u64::MAX),
            "quit" | "q" => Wish::Quit,
            other => return Err(format!("`{other}`: expected step, back, over, end, start or quit").into()),
        };
        if wish == Wish::Quit {
            break;
        }
        session.fulfil(wish)?;
        print_state(session, ROWS)?;
    }
    Ok(())
}

fn print_state(session: &mut Session, rows: usize) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in session.lines(rows) {
        writeln!(out, "{}", line.trim_end())?;
    }
    writeln!(out)
}
