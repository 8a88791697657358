//! The standard streams, and waiting for them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::support::{
    BADF, BUFFER, FAULT, Guest, INVAL, IOVECS, PIPE, RESULT, SPIPE, SUCCESS, put_clock, put_fd,
};
use wapiti_wasi::{OutputPipe, WasiCtxBuilder};

#[test]
fn output_is_captured_in_order() {
    // One sink for both streams shows their order.
    let pipe = OutputPipe::new();
    let mut guest = Guest::new(WasiCtxBuilder::new().stdout(pipe.clone()).stderr(pipe.clone()));
    for byte in b"out" {
        assert_eq!(guest.write(1, &[*byte]), Ok(1));
    }
    assert_eq!(guest.write(2, b"err"), Ok(3));
    assert_eq!(guest.write(1, b"put"), Ok(3));
    guest.try_call("proc_exit", &[0]).expect_err("the guest ends");
    assert_eq!(pipe.contents(), b"outerrput");
}

#[test]
fn output_of_several_buffers() {
    let pipe = OutputPipe::new();
    let mut guest = Guest::new(WasiCtxBuilder::new().stdout(pipe.clone()));
    guest.put(BUFFER, b"abcdef");
    let [iovs, count] = guest.iovecs(&[(BUFFER + 3, 3), (0, 0), (BUFFER, 3), (BUFFER, 1)]);
    guest.must("fd_write", &[1, iovs, count, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 7);
    guest.store.data_mut().flush().expect("memory takes everything");
    assert_eq!(pipe.contents(), b"defabca");
}

/// Counts how often it is written to.
#[derive(Clone, Default)]
struct CountingSink(Arc<Mutex<usize>>);

impl Write for CountingSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.0.lock().expect("no test panics here") += 1;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn single_bytes_are_collected() {
    let sink = CountingSink::default();
    let mut guest = Guest::new(WasiCtxBuilder::new().stdout(sink.clone()));
    for _ in 0..20_000 {
        assert_eq!(guest.write(1, b"x"), Ok(1));
    }
    guest.must("fd_close", &[1]);
    assert!(*sink.0.lock().expect("no test panics here") < 10_000);
    assert_eq!(guest.write(1, b"x"), Err(BADF));
}

/// A pipe whose reader has gone.
struct ClosedSink;

impl Write for ClosedSink {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_an_error() {
    let mut guest = Guest::new(WasiCtxBuilder::new().stdout(ClosedSink).stderr(ClosedSink));
    // The write itself may be collected; then the flush meets the error.
    let written = guest.write(1, b"x").err().unwrap_or(SUCCESS);
    let flushed = guest.call("fd_datasync", &[1]);
    assert_eq!(written.max(flushed), PIPE);
    assert_eq!(guest.write(2, b"x"), Err(PIPE));
}

#[test]
fn input() {
    let mut guest = Guest::new(WasiCtxBuilder::new().stdin(&b"one two"[..]));
    assert_eq!(guest.read(0, 4).as_deref(), Ok(&b"one "[..]));
    // An empty buffer in front, and only the first of the others is filled.
    let [iovs, count] = guest.iovecs(&[(0, 0), (BUFFER, 2), (BUFFER + 2, 2)]);
    guest.must("fd_read", &[0, iovs, count, RESULT.into()]);
    assert_eq!(guest.bytes(BUFFER, guest.u32_at(RESULT)), b"tw");
    assert_eq!(guest.read(0, 4).as_deref(), Ok(&b"o"[..]));
    assert_eq!(guest.read(0, 4).as_deref(), Ok(&b""[..]));
    assert_eq!(guest.read(1, 4), Err(BADF));
    assert_eq!(guest.write(0, b"x"), Err(BADF));
}

#[test]
fn streams_do_not_seek() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    for fd in 0..3 {
        assert_eq!(guest.call("fd_seek", &[fd, 0, 0, 0]), SPIPE);
        assert_eq!(guest.call("fd_tell", &[fd, 0]), SPIPE);
        guest.must("fd_fdstat_get", &[fd, 0]);
        assert_eq!(guest.bytes(0, 1), [0], "captured streams are no terminals");
        guest.must("fd_filestat_get", &[fd, 0]);
    }
}

#[test]
fn bad_buffers_have_no_effect() {
    let pipe = OutputPipe::new();
    let mut guest = Guest::new(WasiCtxBuilder::new().stdout(pipe.clone()).stdin(&b"text"[..]));
    let [iovs, _] = guest.iovecs(&[(BUFFER, 2), (0xffff, 2)]);
    for name in ["fd_write", "fd_read"] {
        let fd = i64::from(name == "fd_write");
        assert_eq!(guest.call(name, &[fd, iovs, 2, 0]), FAULT, "{name}: a bad buffer");
        assert_eq!(guest.call(name, &[fd, iovs, -1, 0]), FAULT, "{name}: a huge count");
        assert_eq!(guest.call(name, &[fd, 0xfffc, 1, 0]), FAULT, "{name}: a bad array");
        assert_eq!(guest.call(name, &[fd, iovs, 1, 0xfffd]), FAULT, "{name}: a bad result");
    }
    guest.store.data_mut().flush().expect("memory takes everything");
    assert_eq!(pipe.contents(), b"");
    assert_eq!(guest.read(0, 9).as_deref(), Ok(&b"text"[..]));
}

#[test]
fn waiting_for_a_clock() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    put_clock(&mut guest, IOVECS, 7, 20_000_000);
    put_clock(&mut guest, IOVECS + 48, 8, 3_600_000_000_000);
    let before = std::time::Instant::now();
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 2, RESULT.into()]);
    assert!(before.elapsed().as_millis() >= 20);
    assert_eq!(guest.u32_at(RESULT), 1);
    assert_eq!(guest.u64_at(BUFFER), 7);
    assert_eq!(guest.bytes(BUFFER + 8, 3), [0, 0, 0]);
}

#[test]
fn waiting_for_descriptors() {
    let mut guest = Guest::new(WasiCtxBuilder::new().stdin(&b"x"[..]));
    put_clock(&mut guest, IOVECS, 1, 3_600_000_000_000);
    put_fd(&mut guest, IOVECS + 48, 2, 1, 0);
    put_fd(&mut guest, IOVECS + 96, 3, 2, 1);
    put_fd(&mut guest, IOVECS + 144, 4, 1, 77);
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 4, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 3);
    let event = |guest: &Guest, i: u32| {
        let at = BUFFER + 32 * i;
        (guest.u64_at(at), guest.bytes(at + 8, 3).to_vec())
    };
    assert_eq!(event(&guest, 0), (2, vec![0, 0, 1]));
    assert_eq!(event(&guest, 1), (3, vec![0, 0, 2]));
    assert_eq!(event(&guest, 2), (4, vec![8, 0, 1]));
}

#[test]
fn bad_subscriptions() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    put_clock(&mut guest, IOVECS, 1, 0);
    let [subs, events, result] = [IOVECS, BUFFER, RESULT].map(i64::from);
    assert_eq!(guest.call("poll_oneoff", &[subs, events, 0, result]), INVAL);
    assert_eq!(guest.call("poll_oneoff", &[subs, events, -1, result]), INVAL);
    assert_eq!(guest.call("poll_oneoff", &[0xfff0, events, 1, result]), FAULT);
    assert_eq!(guest.call("poll_oneoff", &[subs, 0xfff0, 1, result]), FAULT);
    assert_eq!(guest.call("poll_oneoff", &[subs, events, 1, 0xfffe]), FAULT);
    guest.put(IOVECS + 8, &[3]);
    assert_eq!(guest.call("poll_oneoff", &[subs, events, 1, result]), INVAL);
}
