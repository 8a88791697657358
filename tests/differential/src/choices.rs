//! Choices taken from bytes, one after the other. When the bytes run out, every choice is the first one, which for
//! all users is the simplest: so shortening the bytes simplifies what is made of them.

use arbitrary::Unstructured;

/// A supply of choices.
pub(crate) struct Choices<'u>(Unstructured<'u>);

impl<'u> Choices<'u> {
    pub(crate) fn new(bytes: &'u [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.int_in_range(0..=end - 1).unwrap_or(0)
    }

    /// True in `part` of `whole` cases, false when the bytes have run out.
    pub(crate) fn chance(&mut self, part: usize, whole: usize) -> bool {
        self.below(whole) >= whole - part
    }

    /// One of the items.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// One of the items, each as often as its weight says.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(usize, T)]) -> T {
        let total = items.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(total);
        for (weight, item) in items {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        unreachable!("the number is below the sum of the weights")
    }

    /// Any 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or(0)
    }

    /// True when only first choices are left.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.0.is_empty()
    }
}
