//! A function's bytecode as text, for people and for golden tests.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use super::handlers::{Clause, Target};
use super::{Scratch, Trace, lower};
use crate::decode::info::ModuleInfo;
use crate::error::Error;
use crate::isa::code::CodePos;
use crate::isa::disasm::op_text;
use crate::types::FuncIdx;

/// The bytecode that a function is lowered to: see [`Module::listing`](crate::Module::listing).
#[derive(Clone, Debug)]
pub struct Listing {
    frame_cells: u32,
    lines: Vec<ListingLine>,
    handlers: Vec<String>,
}

/// One op of a [`Listing`].
#[derive(Clone, Debug)]
pub struct ListingLine {
    position: u32,
    module_offset: usize,
    text: String,
}

impl Listing {
    /// Lowers `func`, which is not imported, and prints what comes out.
    pub(crate) fn new(info: &ModuleInfo, func: FuncIdx) -> Result<Self, Error> {
        let mut scratch = Scratch::default();
        let mut trace = Trace::default();
        let lowered = lower(info, func, &mut scratch, Some(&mut trace))?;
        let start = info.body(func).map_or(0, |range| range.start as usize);
        let prologue = lowered.prologue.reader().map(|op| ListingLine {
            position: op.pos.0,
            module_offset: start,
            text: op_text(&op, 0),
        });
        let shift = lowered.prologue.pos().0;
        let body = lowered.body.reader().map(|op| ListingLine {
            position: op.pos.0 + shift,
            module_offset: trace.offset_at(CodePos(op.pos.0)).unwrap_or(start),
            text: op_text(&op, shift),
        });
        let handlers =
            lowered.handlers.rows().map(|(code, clause)| handler_text(code, clause, shift)).collect();
        Ok(Self { frame_cells: lowered.needs.frame_cells, lines: prologue.chain(body).collect(), handlers })
    }

    /// Cells of 8 bytes that a frame of the function takes.
    pub fn frame_cells(&self) -> u32 {
        self.frame_cells
    }

    /// The ops in order.
    pub fn lines(&self) -> &[ListingLine] {
        &self.lines
    }

    /// What is caught, one clause a line: the positions for which it holds, the tag's index (or `all`), where it goes
    /// on, the first cell of what the exception carries and, behind `ref`, the cell of a reference to it.
    /// Where several hold for a position, the first that fits counts.
    pub fn handlers(&self) -> &[String] {
        &self.handlers
    }
}

fn handler_text(code: Range<u32>, clause: &Clause, shift: u32) -> String {
    let what = clause.tag.map_or_else(|| String::from("all"), |tag| format!("tag {}", tag.0));
    let target = match clause.target {
        Target::Code(position) => format!("->{}", position + shift),
        _ => String::from("return"),
    };
    let reference = clause.reference.map(|cell| format!(" ref r{cell}")).unwrap_or_default();
    let (start, end) = (code.start + shift, code.end + shift);
    format!("{start}..{end} catch {what} {target} r{}{reference}", clause.payload)
}

impl ListingLine {
    /// Byte offset of the op in the function's code; branch targets in [`text`](Self::text) are such offsets.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// Byte offset in the module of the Wasm operator that the op was lowered from.
    pub fn module_offset(&self) -> usize {
        self.module_offset
    }

    /// The op: result cells, mnemonic, operands. `r3` is cell 3 of the frame.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{:>5}  {}", line.position, line.text)?;
        }
        for handler in &self.handlers {
            writeln!(f, "       {handler}")?;
        }
        Ok(())
    }
}
