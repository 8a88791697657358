//! The guest's standard input, output and error: where they lead, and how output is buffered.
//!
//! What a guest wrote to its output is never reordered with what it wrote to its error stream, and has left this
//! process before the guest can wait for anything: input, time, its own end. In between, many small writes become
//! few system calls, but no complete line is held back from a reader, and neither is anything that comes after a
//! quiet while: whoever watches a slow guest sees its output as it appears.

use std::io::{self, IsTerminal, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::host;
use crate::types::FileType;

/// Bytes of output held back at most.
const BUFFER_BYTES: usize = 32 * 1024;
/// A write that comes this long after the last flush is not held back.
const QUIET: Duration = Duration::from_millis(1);

/// The three standard streams.
pub(crate) struct Stdio {
    pub(crate) stdin: InputStream,
    pub(crate) stdout: OutputStream,
    pub(crate) stderr: OutputStream,
}

/// Where a guest's standard input comes from.
pub(crate) enum InputStream {
    /// Nothing to read: end of file at once.
    Empty,
    /// The process's own standard input.
    Inherited,
    /// The embedder's.
    Reader(Box<dyn Read + Send>),
}

/// Where a guest's output goes to.
pub(crate) enum Sink {
    Discard,
    Stdout,
    Stderr,
    Writer(Box<dyn Write + Send>),
}

/// A guest's standard output or error.
pub(crate) struct OutputStream {
    sink: Sink,
    buffer: Vec<u8>,
    buffering: Buffering,
    flushed_at: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Buffering {
    /// Every call goes out at once.
    None,
    /// A call that contains a line end goes out at once. For terminals.
    Line,
    /// A call that ends with a line end goes out at once. For pipes: a guest that writes lines is done with one
    /// then, and a guest whose libc cuts its output into blocks does without the immediacy anyway.
    LineAtEnd,
    /// Calls are collected. For files.
    Block,
}

/// Collects a guest's output in memory. Clones share what they collect: give one to
/// [`WasiCtxBuilder::stdout`](crate::WasiCtxBuilder::stdout), keep the other.
///
/// ```
/// use std::io::Write;
/// use wapiti_wasi::OutputPipe;
///
/// let pipe = OutputPipe::new();
/// pipe.clone().write_all(b"hello")?;
/// assert_eq!(pipe.contents(), b"hello");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OutputPipe {
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl OutputPipe {
    /// An empty pipe.
    pub fn new() -> Self {
        Self::default()
    }

    /// What has been written so far. A guest's output is complete here once its context has been flushed
    /// ([`WasiCtx::flush`](crate::WasiCtx::flush)) or dropped, or the guest has ended with `proc_exit`.
    pub fn contents(&self) -> Vec<u8> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Write for OutputPipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stdio {
    /// Lets held back output go. Comes before anything that may block or that can be seen from outside.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

impl InputStream {
    /// Reads at least one byte into `buffer`, or none at the end of the input.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Empty => Ok(0),
            Self::Inherited => host::stdin_read(buffer),
            Self::Reader(reader) => loop {
                match reader.read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => return result,
                }
            },
        }
    }

    pub(crate) fn is_inherited(&self) -> bool {
        matches!(self, Self::Inherited)
    }

    pub(crate) fn file_type(&self) -> FileType {
        terminal_or_unknown(self.is_inherited() && io::stdin().is_terminal())
    }
}

/// A guest's libc takes a character device that cannot seek for a terminal, so nothing else may look like one.
fn terminal_or_unknown(is_terminal: bool) -> FileType {
    if is_terminal { FileType::CharacterDevice } else { FileType::Unknown }
}

impl Sink {
    fn is_terminal(&self) -> bool {
        match self {
            Self::Discard | Self::Writer(_) => false,
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
        }
    }

    fn buffering(&self) -> Buffering {
        match self {
            Self::Discard => Buffering::Block,
            Self::Stdout if host::stdout_is_file() => Buffering::Block,
            Self::Stdout | Self::Stderr if self.is_terminal() => Buffering::Line,
            Self::Stdout | Self::Stderr | Self::Writer(_) => Buffering::LineAtEnd,
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Discard => Ok(()),
            Self::Stdout => host::stdout_write(bytes),
            Self::Stderr => host::stderr_write(bytes),
            Self::Writer(writer) => {
                writer.write_all(bytes)?;
                writer.flush()
            }
        }
    }
}

impl OutputStream {
    /// A buffered stream.
    pub(crate) fn output(sink: Sink) -> Self {
        let buffering = sink.buffering();
        Self { sink, buffer: Vec::new(), buffering, flushed_at: Instant::now() }
    }

    /// A stream that holds nothing back.
    pub(crate) fn error(sink: Sink) -> Self {
        Self { sink, buffer: Vec::new(), buffering: Buffering::None, flushed_at: Instant::now() }
    }

    /// Takes all of `parts`, and says how many bytes that were. An error may concern bytes of an earlier call.
    pub(crate) fn write<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]>) -> io::Result<u32> {
        let mut written = 0usize;
        let mut line_ends = false;
        for part in parts {
            written += part.len();
            if self.buffer.len() + part.len() > BUFFER_BYTES {
                self.flush()?;
            }
            if part.len() >= BUFFER_BYTES {
                self.sink.write_all(part)?;
            } else {
                line_ends |= self.buffering == Buffering::Line && part.contains(&b'\n');
                self.buffer.extend_from_slice(part);
            }
        }
        let complete = match self.buffering {
            Buffering::None => true,
            Buffering::Line => line_ends,
            Buffering::LineAtEnd => self.buffer.ends_with(b"\n"),
            Buffering::Block => false,
        };
        if complete || self.flushed_at.elapsed() >= QUIET {
            self.flush()?;
        }
        Ok(u32::try_from(written).expect("iovecs are cut off below 4 GiB"))
    }

    /// Lets held back output go. What could not be written is dropped: the guest has been told of the error.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let result = self.sink.write_all(&self.buffer);
        self.buffer.clear();
        self.flushed_at = Instant::now();
        result
    }

    pub(crate) fn is_inherited(&self) -> bool {
        matches!(self.sink, Sink::Stdout | Sink::Stderr)
    }

    pub(crate) fn file_type(&self) -> FileType {
        terminal_or_unknown(self.sink.is_terminal())
    }
}

#[cfg(test)]
mod tests {
    use super::{BUFFER_BYTES, OutputPipe, OutputStream, Sink};

    fn captured(make: fn(Sink) -> OutputStream) -> (OutputStream, OutputPipe) {
        let pipe = OutputPipe::new();
        (make(Sink::Writer(Box::new(pipe.clone()))), pipe)
    }

    #[test]
    fn output_comes_in_order_and_complete() {
        let (mut stream, pipe) = captured(OutputStream::output);
        let big = vec![b'x'; BUFFER_BYTES + 1];
        let parts: [&[u8]; 4] = [b"a", b"", &big, b"b"];
        let written = stream.write(parts.into_iter()).expect("memory takes everything");
        assert_eq!(written as usize, BUFFER_BYTES + 3);
        stream.flush().expect("memory takes everything");
        assert_eq!(pipe.contents(), parts.concat());
    }

    #[test]
    fn lines_are_not_held_back() {
        let (mut stream, pipe) = captured(OutputStream::output);
        for part in [&b"a li"[..], b"ne\n", b"another\n"] {
            stream.write([part].into_iter()).expect("memory takes everything");
            if part.ends_with(b"\n") {
                assert!(pipe.contents().ends_with(part));
            }
        }
    }

    #[test]
    fn errors_go_out_at_once() {
        let (mut stream, pipe) = captured(OutputStream::error);
        stream.write([&b"one"[..], b" two"].into_iter()).expect("memory takes everything");
        assert_eq!(pipe.contents(), b"one two");
    }
}
