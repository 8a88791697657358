//! A host that fails: a full disk, closed pipes, interrupted calls, sizes at the edge of 32 bits. The guest gets the
//! code that says so, and what had been done already is told.

use std::fs;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::{
    BUFFER, FAULT, Guest, INVAL, IOVECS, NAMETOOLONG, O_CREAT, PIPE, READ_WRITE, RESULT, RIGHT_READ, SUCCESS,
};
use tempfile::TempDir;
use wapiti_wasi::{DirAccess, OutputPipe, WasiCtxBuilder};

fn with_dir(dir: &std::path::Path) -> WasiCtxBuilder {
    let mut builder = WasiCtxBuilder::new();
    builder.preopened_dir(dir, "/", DirAccess::ReadWrite).expect("it is there");
    builder
}

#[cfg(target_os = "linux")]
mod full_disk {
    use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
    use tempfile::TempDir;

    use super::with_dir;
    use crate::support::{Guest, NOSPC, O_CREAT, READ_WRITE, RESULT, SUCCESS};

    const DISK_BYTES: u32 = 64 * 1024;

    /// A file system in memory, as long as it lives.
    struct Disk(TempDir);

    impl Disk {
        /// None where this process may not mount one; it then says so.
        fn new() -> Option<Self> {
            let dir = TempDir::new().expect("a temporary directory");
            let options = std::ffi::CString::new(format!("size={DISK_BYTES}")).expect("no NUL");
            match mount("tmpfs", dir.path(), "tmpfs", MountFlags::empty(), Some(options.as_c_str())) {
                Ok(()) => Some(Self(dir)),
                Err(error) => {
                    eprintln!("skipped: a small disk cannot be mounted here: {error}");
                    None
                }
            }
        }
    }

    impl Drop for Disk {
        fn drop(&mut self) {
            // The test's outcome stands; what stays mounted is seen in the next line's failure to remove it.
            let _ = unmount(self.0.path(), UnmountFlags::DETACH);
        }
    }

    #[test]
    fn a_full_disk_takes_what_fits() {
        let Some(disk) = Disk::new() else { return };
        let mut guest = Guest::new(&mut with_dir(disk.0.path()));
        let fd = guest.open("f", O_CREAT, READ_WRITE).expect("room for a name");
        let chunk = [7; 5000];
        let mut taken = 0;
        let code = loop {
            match guest.write(fd, &chunk) {
                Ok(written) => {
                    assert!(written > 0 && written <= 5000);
                    taken += written;
                }
                Err(code) => break code,
            }
            assert!(taken <= DISK_BYTES, "more than the disk has");
        };
        assert_eq!(code, NOSPC);
        assert!(taken >= DISK_BYTES / 2, "{taken}");
        guest.must("fd_tell", &[fd, RESULT.into()]);
        assert_eq!(guest.u64_at(RESULT), u64::from(taken), "no byte was taken that was not told of");
        assert_eq!(guest.call("fd_allocate", &[fd, 0, 1 << 20]), NOSPC);
        assert_eq!(std::fs::read(disk.0.path().join("f")).expect("there"), vec![7; taken as usize]);
        // Room that is given back can be used.
        guest.must("fd_filestat_set_size", &[fd, 0]);
        guest.must("fd_seek", &[fd, 0, 0, RESULT.into()]);
        assert_eq!(guest.write(fd, b"x"), Ok(1));
        assert_eq!(guest.call("fd_sync", &[fd]), SUCCESS);
    }
}

#[test]
fn a_pipe_without_a_reader() {
    let (reader, writer) = io::pipe().expect("descriptors are left");
    let mut guest =
        Guest::new(WasiCtxBuilder::new().stdout(writer.try_clone().expect("left")).stderr(writer));
    assert_eq!(guest.write(2, b"heard"), Ok(5));
    drop(reader);
    assert_eq!(guest.write(2, b"unheard"), Err(PIPE));
    assert_eq!(guest.write(1, b"unheard\n"), Err(PIPE));
    // The guest goes on, and ends as it wants to.
    assert_eq!(guest.call("sched_yield", &[]), SUCCESS);
    assert!(guest.try_call("proc_exit", &[0]).is_err());
}

/// Succeeds every third time; in between a signal comes.
struct Interrupted<T>(T, AtomicU32);

impl<T> Interrupted<T> {
    fn comes(&self) -> io::Result<()> {
        match self.1.fetch_add(1, Ordering::Relaxed) % 3 {
            2 => Ok(()),
            _ => Err(io::ErrorKind::Interrupted.into()),
        }
    }
}

impl<T: Read> Read for Interrupted<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.comes()?;
        self.0.read(buffer)
    }
}

impl<T: Write> Write for Interrupted<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.comes()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn signals_are_not_the_guests() {
    let pipe = OutputPipe::new();
    let mut guest = Guest::new(
        WasiCtxBuilder::new()
            .stdin(Interrupted(&b"some input"[..], AtomicU32::new(0)))
            .stdout(Interrupted(pipe.clone(), AtomicU32::new(0))),
    );
    assert_eq!(guest.read(0, 4).as_deref(), Ok(&b"some"[..]));
    assert_eq!(guest.read(0, 9).as_deref(), Ok(&b" input"[..]));
    assert_eq!(guest.write(1, b"some output\n"), Ok(12));
    guest.must("fd_sync", &[1]);
    assert_eq!(pipe.contents(), b"some output\n");
}

#[test]
fn huge_arrays_of_buffers() {
    let dir = TempDir::new().expect("a temporary directory");
    let mut guest = Guest::new(&mut with_dir(dir.path()));
    let fd = guest.open("f", O_CREAT, READ_WRITE).expect("a new file");
    // An array as long as fits: from IOVECS to the end, all of its buffers one byte long.
    let count = (0x1_0000 - IOVECS) / 8;
    let iovec: Vec<u8> = [BUFFER.to_le_bytes(), 1u32.to_le_bytes()].concat();
    guest.put(IOVECS, &iovec.repeat(count as usize));
    let iovs = i64::from(IOVECS);
    for (name, args) in [
        ("fd_write", vec![fd, iovs, count.into(), RESULT.into()]),
        ("fd_pwrite", vec![fd, iovs, count.into(), 0, RESULT.into()]),
        ("fd_read", vec![fd, iovs, count.into(), RESULT.into()]),
        ("fd_pread", vec![fd, iovs, count.into(), 0, RESULT.into()]),
    ] {
        guest.put(IOVECS, &iovec.repeat(count as usize));
        guest.must("fd_filestat_set_size", &[fd, 0x1_0000]);
        guest.must(name, &args);
        assert_eq!(guest.u32_at(RESULT), 1024, "{name}: as many as one call handles");
        for count in [count + 1, 1 << 28, 1 << 29, (1 << 29) + 1, 1 << 31, u32::MAX] {
            let mut args = args.clone();
            args[2] = count.into();
            assert_eq!(guest.call(name, &args), FAULT, "{name} with {count}");
        }
    }
    let subscriptions = [IOVECS.into(), BUFFER.into(), 0, RESULT.into()];
    for count in [1i64 << 16, 1 << 27, 1 << 31, u32::MAX.into()] {
        let mut args = subscriptions;
        args[2] = count;
        assert!([FAULT, INVAL].contains(&guest.call("poll_oneoff", &args)), "{count}");
    }
}

/// Takes everything and keeps nothing.
struct Bottomless;

impl Write for Bottomless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A guest whose memory goes a page beyond the lengths that are negative as i32.
#[test]
fn lengths_of_two_gigabytes() {
    const LEN: u32 = 1 << 31;
    const PAGES: u32 = LEN / 0x1_0000 + 1;
    let dir = TempDir::new().expect("a temporary directory");
    fs::write(dir.path().join("f"), "text").expect("room");
    let mut builder = with_dir(dir.path());
    builder.stdout(Bottomless).stdin(&b"input"[..]);
    let mut guest = Guest::with_pages("wasi_snapshot_preview1", PAGES, &mut builder);
    let fd = guest.open("f", 0, RIGHT_READ).expect("there");

    assert_eq!(guest.read(fd, LEN).as_deref(), Ok(&b"text"[..]));
    assert_eq!(guest.read(0, LEN).as_deref(), Ok(&b"input"[..]));
    let [iovs, count] = guest.iovecs(&[(BUFFER, LEN)]);
    guest.must("fd_pread", &[fd, iovs, count, 1, RESULT.into()]);
    assert_eq!(guest.bytes(BUFFER, guest.u32_at(RESULT)), b"ext");
    guest.must("fd_write", &[1, iovs, count, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), LEN);
    // What no u32 could tell is left out.
    let [iovs, count] = guest.iovecs(&[(BUFFER, LEN), (BUFFER, LEN)]);
    guest.must("fd_write", &[1, iovs, count, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), LEN);

    guest.must("fd_readdir", &[3, BUFFER.into(), LEN.into(), 0, RESULT.into()]);
    assert_eq!(guest.u32_at(RESULT), 3 * 24 + 4, "three entries");
    let [path, _] = guest.path("f");
    assert_eq!(guest.call("path_unlink_file", &[3, path, LEN.into()]), NAMETOOLONG);
    assert_eq!(guest.call("path_open", &[3, 0, path, LEN.into(), 0, 0, 0, 0, RESULT.into()]), NAMETOOLONG);
    let (len, end) = (i64::from(LEN), i64::from(LEN) + 0x1_0000);
    assert_eq!(guest.call("path_unlink_file", &[3, 0x1_0001, len]), FAULT);
    assert_eq!(guest.call("random_get", &[0x1_0001, len]), FAULT);
    guest.must("random_get", &[end - 8, 8]);
    assert_eq!(guest.call("random_get", &[end - 7, 8]), FAULT);
    guest.must("fd_prestat_dir_name", &[3, BUFFER.into(), len]);
    assert_eq!(guest.bytes(BUFFER, 1), b"/");
}
