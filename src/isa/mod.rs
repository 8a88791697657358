//! The bytecode: which ops exist, how they are laid out, and what they mean.
//!
//! An op is *shape x meaning*: the shape ([`shape`]) says where the operands lie, the meaning ([`eval`]) is a pure
//! function. [`ops`] is the one table of all ops; the opcode enum, the disassembler, constant folding and the
//! handlers of every dispatch strategy are expanded from its rows. [`code`] writes, patches and reads code words.
//!
//! Nothing here knows a handler's address or an instance: code is plain data until `exec` links it.

#![forbid(unsafe_code)]

pub(crate) mod atomic;
pub(crate) mod cell;
pub(crate) mod code;
pub(crate) mod disasm;
pub(crate) mod eval;
pub(crate) mod float;
pub(crate) mod fold;
pub(crate) mod object;
pub(crate) mod hardware;
pub(crate) mod ops;
pub(crate) mod shape;
pub(crate) mod vector;
pub(crate) mod vector_ops;
