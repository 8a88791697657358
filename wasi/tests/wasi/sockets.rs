//! A listener that the embedder opened, and connections to it from this process.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::support::{
    AGAIN, BADF, BUFFER, END, FAULT, Guest, INTR, INVAL, IOVECS, NOTCONN, NOTSUP, PIPE, RESULT, SPIPE,
    SUCCESS, put_fd,
};
use wapiti_wasi::WasiCtxBuilder;

/// Where `sock_recv` puts its flags.
const FLAGS: i64 = 16;
const NONBLOCK: i64 = 4;

fn guest() -> (Guest, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback device is there");
    let address = listener.local_addr().expect("it is bound");
    (Guest::new(WasiCtxBuilder::new().preopened_listener(listener)), address)
}

/// Accepts a connection and returns its descriptor beside the other end.
fn connected() -> (Guest, i64, TcpStream) {
    let (mut guest, address) = guest();
    let client = TcpStream::connect(address).expect("somebody listens");
    client.set_read_timeout(Some(Duration::from_secs(60))).expect("a valid time");
    let fd = accept(&mut guest, 0).expect("somebody connects");
    (guest, fd, client)
}

fn accept(guest: &mut Guest, flags: i64) -> Result<i64, i32> {
    match guest.call("sock_accept", &[3, flags, RESULT.into()]) {
        SUCCESS => Ok(guest.u32_at(RESULT).into()),
        code => Err(code),
    }
}

fn recv(guest: &mut Guest, fd: i64, buffers: &[(u32, u32)], flags: i64) -> Result<Vec<u8>, i32> {
    let [iovs, count] = guest.iovecs(buffers);
    guest.put(16, &[0xff, 0xff]);
    match guest.call("sock_recv", &[fd, iovs, count, flags, RESULT.into(), FLAGS]) {
        SUCCESS => {
            assert_eq!(guest.bytes(16, 2), [0, 0], "a stream cuts nothing off");
            Ok(guest.bytes(buffers[0].0, guest.u32_at(RESULT)).to_vec())
        }
        code => Err(code),
    }
}

#[test]
fn bytes_go_both_ways() {
    let (mut guest, fd, mut client) = connected();
    assert_eq!(fd, 4);
    client.write_all(b"hello").expect("connected");
    assert_eq!(recv(&mut guest, fd, &[(BUFFER, 3)], 1).as_deref(), Ok(&b"hel"[..]), "only looked at");
    assert_eq!(recv(&mut guest, fd, &[(BUFFER, 100)], 0).as_deref(), Ok(&b"hello"[..]));

    guest.put(BUFFER, b"answer");
    let [iovs, count] = guest.iovecs(&[(BUFFER, 2), (0, 0), (BUFFER + 2, 4)]);
    guest.must("sock_send", &[fd, iovs, count, 0, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 6);
    // A libc's `read` and `write` are calls for files.
    assert_eq!(guest.write(fd, b"+more"), Ok(5));
    let mut answer = [0; 11];
    client.read_exact(&mut answer).expect("connected");
    assert_eq!(&answer, b"answer+more");
    client.write_all(b"x").expect("connected");
    assert_eq!(guest.read(fd, 9).as_deref(), Ok(&b"x"[..]));
}

#[test]
fn receiving_waits_for_all_if_told_to() {
    let (mut guest, fd, mut client) = connected();
    let sender = std::thread::spawn(move || {
        for part in [&b"12"[..], b"34", b"567"] {
            client.write_all(part).expect("connected");
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let buffers = [(BUFFER, 3), (BUFFER + 3, 3)];
    assert_eq!(recv(&mut guest, fd, &buffers, 2).as_deref(), Ok(&b"123456"[..]));
    assert_eq!(recv(&mut guest, fd, &buffers, 2).as_deref(), Ok(&b"7"[..]), "then comes the end");
    sender.join().expect("it sends what it wants to");
    assert_eq!(recv(&mut guest, fd, &buffers, 3), Err(NOTSUP));
}

#[test]
fn shutting_down() {
    let (mut guest, fd, mut client) = connected();
    for how in [0, 4, 256] {
        assert_eq!(guest.call("sock_shutdown", &[fd, how]), INVAL);
    }
    guest.write(fd, b"last").expect("connected");
    guest.must("sock_shutdown", &[fd, 2]);
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).expect("the guest has shut its side down");
    assert_eq!(rest, b"last");
    assert_eq!(guest.write(fd, b"x"), Err(PIPE));
    drop(client);
    assert_eq!(recv(&mut guest, fd, &[(BUFFER, 9)], 0).as_deref(), Ok(&b""[..]), "the end");
}

#[test]
fn without_blocking() {
    let (mut guest, address) = guest();
    guest.must("fd_fdstat_set_flags", &[3, NONBLOCK]);
    assert_eq!(accept(&mut guest, 0), Err(AGAIN));
    let mut client = TcpStream::connect(address).expect("somebody listens");
    put_fd(&mut guest, IOVECS, 1, 1, 3);
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 1, RESULT.into()]);
    assert_eq!(guest.u64_at(BUFFER + 16), 1, "one connection waits");
    let fd = accept(&mut guest, NONBLOCK).expect("one waits");
    assert_eq!(recv(&mut guest, fd, &[(BUFFER, 9)], 0), Err(AGAIN));
    client.write_all(b"abc").expect("connected");
    put_fd(&mut guest, IOVECS, 1, 1, fd as u32);
    guest.must("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 1, RESULT.into()]);
    assert_eq!(guest.u64_at(BUFFER + 16), 3, "bytes that can be read");
    assert_eq!(recv(&mut guest, fd, &[(BUFFER, 9)], 0).as_deref(), Ok(&b"abc"[..]));
    guest.must("fd_fdstat_set_flags", &[fd, 0]);
    guest.must("fd_fdstat_get", &[fd, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER, 4), [6, 0, 0, 0], "a stream, without flags");
    assert_eq!(guest.call("fd_fdstat_set_flags", &[fd, 1]), NOTSUP);
    assert_eq!(accept(&mut guest, 1), Err(INVAL), "sockets do not append");
    assert_eq!(accept(&mut guest, 32), Err(INVAL));
}

#[test]
#[cfg(unix)]
fn a_wait_can_be_ended() {
    let (mut guest, _address) = guest();
    let wake = guest.store.data_mut().wake_handle().expect("descriptors are left");
    wake.wake();
    assert_eq!(accept(&mut guest, 0), Err(INTR));
    put_fd(&mut guest, IOVECS, 1, 1, 3);
    let waker = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        wake.wake();
    });
    assert_eq!(guest.call("poll_oneoff", &[IOVECS.into(), BUFFER.into(), 1, RESULT.into()]), INTR);
    waker.join().expect("it cannot panic");
}

#[test]
fn what_a_listener_and_a_connection_cannot_do() {
    let (mut guest, fd, _client) = connected();
    assert_eq!(guest.read(3, 9), Err(NOTCONN));
    assert_eq!(guest.write(3, b"x"), Err(NOTCONN));
    assert_eq!(recv(&mut guest, 3, &[(BUFFER, 9)], 0), Err(NOTCONN));
    assert_eq!(guest.call("sock_shutdown", &[3, 3]), NOTCONN);
    assert_eq!(guest.call("sock_accept", &[fd, 0, RESULT.into()]), INVAL);
    assert_eq!(guest.call("sock_send", &[fd, IOVECS.into(), 0, 1, RESULT.into()]), INVAL, "no flags exist");
    for fd in [3, fd] {
        assert_eq!(guest.call("fd_prestat_get", &[fd, 0]), BADF);
        assert_eq!(guest.call("fd_tell", &[fd, 0]), SPIPE);
        assert_eq!(guest.call("fd_sync", &[fd]), INVAL);
        guest.must("fd_filestat_get", &[fd, BUFFER.into()]);
        assert_eq!(guest.bytes(BUFFER + 16, 1), [6]);
    }
    let [iovs, count] = guest.iovecs(&[(BUFFER, 9)]);
    let end = i64::from(END);
    for (name, args) in [
        ("sock_accept", vec![3, 0, end - 3]),
        ("sock_recv", vec![fd, iovs, count, 0, end - 3, FLAGS]),
        ("sock_recv", vec![fd, iovs, count, 0, 0, end - 1]),
        ("sock_recv", vec![fd, end - 7, 1, 0, 0, FLAGS]),
        ("sock_send", vec![fd, iovs, count, 0, end - 3]),
        ("sock_send", vec![fd, end - 7, 1, 0, 0]),
    ] {
        assert_eq!(guest.call(name, &args), FAULT, "{name}{args:?}");
    }
    guest.must("fd_close", &[fd]);
    assert_eq!(recv(&mut guest, fd, &[(BUFFER, 9)], 0), Err(BADF));
}
