//! Reads immediates of the operators that code has most of.
//!
//! The bytes have been validated. What compilers hardly ever write, such as numbers longer than they need to be, is left
//! to wasmparser's reader.

use wasmparser::{MemArg, MemArgTarget};

/// Bits of a number in each byte of its LEB128.
const BITS_PER_BYTE: u32 = 7;

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
    #[inline(always)]
    pub(super) fn index(&mut self) -> Option<u32> {
        Some(self.unsigned()? as u32)
    }

    #[inline(always)]
    fn unsigned(&mut self) -> Option<u64> {
        match self.byte()? {
            short @ ..0x80 => Some(short.into()),
            first => self.long(first).map(|(value, _)| value),
        }
    }

    /// A signed number of 32 or 64 bits.
    #[inline(always)]
    pub(super) fn signed(&mut self) -> Option<i64> {
        let (value, bits) = match self.byte()? {
            short @ ..0x80 => (short.into(), BITS_PER_BYTE),
            first => self.long(first)?,
        };
        let above = u64::BITS - bits;
        Some((value << above).cast_signed() >> above)
    }

    /// The rest of a number, and how many bits it has.
    #[inline(always)]
    fn long(&mut self, first: u8) -> Option<(u64, u32)> {
        let (value, bits) = long(first, self.bytes.get(self.position..)?)?;
        self.position += (bits / BITS_PER_BYTE) as usize - 1;
        Some((value, bits))
    }

    /// Of a load or store in memory 0. Lowering does not ask for the alignment.
    #[inline(always)]
    pub(super) fn memarg(&mut self) -> Option<MemArg> {
        // Bits from this one on say that something follows.
        const FLAGS: u8 = 1 << 4;
        let align @ ..FLAGS = self.byte()? else { return None };
        let offset = self.unsigned()?;
        Some(MemArg { align, max_align: align, offset, target: MemArgTarget::Memory(0), ordering: None })
    }
}

/// The number of up to nine bytes that begins with `first` and goes on with `bytes`, and how many bits it has. It is handed
/// no reader: that stays in registers while nothing refers to it.
#[inline(never)]
fn long(first: u8, bytes: &[u8]) -> Option<(u64, u32)> {
    const MAX_BITS: u32 = 9 * BITS_PER_BYTE;
    let (mut value, mut bits) = (u64::from(first & 0x7F), BITS_PER_BYTE);
    for &byte in bytes {
        if bits == MAX_BITS {
            return None;
        }
        value |= u64::from(byte & 0x7F) << bits;
        bits += BITS_PER_BYTE;
        if byte < 0x80 {
            return Some((value, bits));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::ImmediateReader;

    #[test]
    fn numbers_are_read_as_long_as_they_are() {
        let numbers: [(&[u8], u32, i64); 6] = [
            (&[0x41, 0x3F], 0x3F, 0x3F),
            (&[0x41, 0x40], 0x40, -0x40),
            (&[0x41, 0xFF, 0x00], 0x7F, 0x7F),
            (&[0x41, 0x80, 0x7F], 0x3F80, -0x80),
            (&[0x41, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], u32::MAX, 0xFFFF_FFFF),
            (&[0x41, 0x80, 0x80, 0x80, 0x80, 0x78], 0x8000_0000, i32::MIN as i64),
        ];
        for (bytes, unsigned, signed) in numbers {
            let mut reader = ImmediateReader::behind_opcode(bytes);
            assert_eq!((reader.index(), reader.position()), (Some(unsigned), bytes.len()));
            assert_eq!(ImmediateReader::behind_opcode(bytes).signed(), Some(signed));
        }
    }

    #[test]
    fn what_is_rare_is_left_to_others() {
        let longest = [0x42, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F];
        assert_eq!(ImmediateReader::behind_opcode(&longest).signed(), None);
        let in_memory_1 = [0x28, 0x42, 1, 0];
        assert!(ImmediateReader::behind_opcode(&in_memory_1).memarg().is_none());
        let far_offset = [0x28, 2, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
        let memarg = ImmediateReader::behind_opcode(&far_offset).memarg();
        assert_eq!(memarg.map(|memarg| memarg.offset), Some(1 << 35));
    }
}
