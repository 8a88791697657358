//! Arguments, environment, clocks, randomness, and the end of a guest.

use crate::support::{BADF, BUFFER, FAULT, Guest, INVAL, NOTSOCK, NOTSUP, RESULT, SUCCESS};
use wapiti_wasi::{I32Exit, WasiCtxBuilder};

#[test]
fn arguments_and_environment() {
    let mut guest = Guest::new(WasiCtxBuilder::new().args(["prog", "", "ü"]).env("A", "1").env("B", ""));
    guest.must("args_sizes_get", &[0, 4]);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (3, 5 + 1 + 3));
    guest.must("args_get", &[0, BUFFER.into()]);
    assert_eq!((guest.u32_at(0), guest.u32_at(4), guest.u32_at(8)), (BUFFER, BUFFER + 5, BUFFER + 6));
    assert_eq!(guest.bytes(BUFFER, 9), "prog\0\0ü\0".as_bytes());

    guest.must("environ_sizes_get", &[0, 4]);
    assert_eq!((guest.u32_at(0), guest.u32_at(4)), (2, 4 + 3));
    guest.must("environ_get", &[0, BUFFER.into()]);
    assert_eq!(guest.bytes(BUFFER, 7), b"A=1\0B=\0");

    // The strings would run over the end of memory.
    assert_eq!(guest.call("args_get", &[0, 0xfffc]), FAULT);
    assert_eq!(guest.call("args_get", &[0xfffc, 0]), FAULT);
    assert_eq!(guest.call("args_get", &[-4, -4]), FAULT);
}

#[test]
fn clocks() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    for clock in 0..4 {
        guest.must("clock_res_get", &[clock, RESULT.into()]);
        assert!(guest.u64_at(RESULT) > 0);
        guest.must("clock_time_get", &[clock, 0, RESULT.into()]);
    }
    guest.must("clock_time_get", &[1, 0, 0]);
    guest.must("clock_time_get", &[1, 0, 8]);
    assert!(guest.u64_at(0) <= guest.u64_at(8), "the monotonic clock never runs backwards");
    guest.must("clock_time_get", &[0, 0, 0]);
    assert!(guest.u64_at(0) > 1_600_000_000_000_000_000, "later than 2020");
    assert_eq!(guest.call("clock_time_get", &[4, 0, 0]), INVAL);
    assert_eq!(guest.call("clock_res_get", &[-1, 0]), INVAL);
    assert_eq!(guest.call("clock_time_get", &[0, 0, 0xfffc]), FAULT);
}

#[test]
fn randomness() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    guest.must("random_get", &[0, 64]);
    assert_ne!(guest.bytes(0, 64), [0; 64], "all zero once in 2^512 runs");
    guest.must("random_get", &[0, 0]);
    guest.must("random_get", &[0x1_0000, 0]);
    assert_eq!(guest.call("random_get", &[0xfff0, 17]), FAULT);
    assert_eq!(guest.call("random_get", &[0, -1]), FAULT);
}

#[test]
fn exit_codes_pass_through() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    for code in [0, 1, 255, 256, -1] {
        let error = guest.try_call("proc_exit", &[code]).expect_err("the guest ends");
        let code = i32::try_from(code).expect("small");
        assert_eq!(error.downcast_ref::<I32Exit>(), Some(&I32Exit(code)));
    }
}

#[test]
fn nothing_pretends_to_work() {
    let mut guest = Guest::new(&mut WasiCtxBuilder::new());
    assert_eq!(guest.call("proc_raise", &[6]), NOTSUP);
    assert_eq!(guest.call("sched_yield", &[]), SUCCESS);
    assert_eq!(guest.call("sock_shutdown", &[1, 3]), NOTSOCK);
    assert_eq!(guest.call("sock_shutdown", &[9, 3]), BADF);
    assert_eq!(guest.call("sock_accept", &[1, 0, 0]), NOTSOCK);
    assert_eq!(guest.call("sock_send", &[1, 0, 0, 0, 0]), NOTSOCK);
    assert_eq!(guest.call("sock_recv", &[0, 0, 0, 0, 0, 0]), NOTSOCK);
}
