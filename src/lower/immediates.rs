//! Reads immediates of the operators that code has most of.
//!
//! The bytes have been validated. What compilers hardly ever write, such as numbers longer than they need to be, is left
//! to wasmparser's reader.

use wasmparser::{MemArg, MemArgTarget};

/// Reads the immediates of one operator.
pub(super) struct ImmediateReader<'b> {
    bytes: &'b [u8],
    position: usize,
}

impl<'b> ImmediateReader<'b> {
    /// For the operator at the start of `bytes`, whose opcode is one byte.
    #[inline]
    pub(super) fn behind_opcode(bytes: &'b [u8]) -> Self {
        Self { bytes, position: 1 }
    }

    /// How far it has come, in bytes from the operator's start.
    #[inline]
    pub(super) fn position(&self) -> usize {
        self.position
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.position)?;
        self.position += 1;
        Some(byte)
    }

    /// Whether a block's type follows that has neither parameters nor results. What else there is has not been read then.
    #[inline]
    pub(super) fn is_empty_block(&mut self) -> bool {
        self.byte() == Some(0x40)
    }

    /// An index.
    #[inline]
    pub(super) fn index(&mut self) -> Option<u32> {
        Some(self.unsigned()? as u32)
    }

    #[inline]
    fn unsigned(&mut self) -> Option<u64> {
        match self.byte()? {
            short @ ..0x80 => Some(short.into()),
            first => self.long(first).map(|(value, _)| value),
        }
    }

    /// A signed number of 32 or 64 bits.
    #[inline]
    pub(super) fn signed(&mut self) -> Option<i64> {
        let (value, bits) = match self.byte()? {
            short @ ..0x80 => (short.into(), 7),
            first => self.long(first)?,
        };
        let above = u64::BITS - bits;
        Some((value << above).cast_signed() >> above)
    }

    /// The other bytes of a number, up to nine in all, and how many bits it has.
    fn long(&mut self, first: u8) -> Option<(u64, u32)> {
        let (mut value, mut bits) = (u64::from(first & 0x7F), 7);
        while bits < 63 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << bits;
            bits += 7;
            if byte < 0x80 {
                return Some((value, bits));
            }
        }
        None
    }

    /// Of a load or store in memory 0. Lowering does not ask for the alignment.
    #[inline]
    pub(super) fn memarg(&mut self) -> Option<MemArg> {
        // Bits from this one on say that something follows.
        const FLAGS: u8 = 1 << 4;
        let align @ ..FLAGS = self.byte()? else { return None };
        let offset = self.unsigned()?;
        Some(MemArg { align, max_align: align, offset, target: MemArgTarget::Memory(0), ordering: None })
    }
}
