//! How a function reference lies in a cell.
//!
//! Null is 0. A function of a module is `(instance address + 1) << 32 | function index`, always naming the instance
//! that defines the function, so that equal functions are equal cells. A host function has all ones in the upper
//! half and its address in the lower one.

use crate::types::{FuncIdx, HostFuncAddr, InstanceAddr};

/// Upper half of a host function's cell; no instance has this number.
const HOST: u32 = u32::MAX;

/// What a function reference that is not null refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FuncPlace {
    /// Function `func` of `instance`, defined there and not imported.
    Wasm { instance: InstanceAddr, func: FuncIdx },
    /// A function of the host's.
    Host(HostFuncAddr),
}

impl FuncPlace {
    /// Instances that a store may have, so that their cells can be told from host functions'.
    pub(crate) const MAX_INSTANCES: u32 = HOST - 1;

    /// The cell of a reference to this function.
    pub(crate) fn cell(self) -> u64 {
        let (upper, lower) = match self {
            Self::Wasm { instance, func } => (instance.0 + 1, func.0),
            Self::Host(addr) => (HOST, addr.0),
        };
        u64::from(upper) << 32 | u64::from(lower)
    }

    /// The part of a cell that says whose function it is: the same for all functions of an instance.
    #[inline(always)]
    pub(crate) const fn tag_of(cell: u64) -> u64 {
        cell & 0xFFFF_FFFF_0000_0000
    }

    /// What `cell` refers to; `None` for null.
    pub(crate) fn from_cell(cell: u64) -> Option<Self> {
        let (upper, lower) = ((cell >> 32) as u32, cell as u32);
        match upper {
            0 => None,
            HOST => Some(Self::Host(HostFuncAddr(lower))),
            _ => Some(Self::Wasm { instance: InstanceAddr(upper - 1), func: FuncIdx(lower) }),
        }
    }
}
