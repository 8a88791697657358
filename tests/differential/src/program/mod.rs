//! Random programs for the hot paths of lowering, where wasm-smith's flat code seldom leads: loops with counters,
//! nested blocks that carry values, comparisons that feed branches, addresses made of base and index, operands that
//! wait on the stack while locals change, calls with many values.
//!
//! In go bytes, out come one or two modules, the second of which imports from the first. All code terminates: loops
//! have counters, functions call only those before them (or themselves, with a counter), and the generator keeps
//! count of how many operators a call can execute. Addresses are kept within bounds but for a few, so that programs
//! seldom end early. Floats are stored only where nothing but floats of their width is loaded, and canonical before
//! their bits are looked at, so that nothing depends on the bits of NaNs.

mod address;
mod body;
mod calls;
mod exceptions;
mod flow;
mod loops;
mod objects;
mod operators;
mod shape;
mod statements;
mod switch;
mod values;

use crate::choices::Choices;
use crate::hints::with_hints;
use crate::smith::Proposals;
use body::Body;
use shape::{Function, Shape};

/// Makes one function's frame very large, without changing what the program does: locals that nothing uses, and
/// values that lie on the operand stack below everything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Padding {
    /// Locals between the parameters and the other locals.
    pub locals: u32,
    /// Values on the stack.
    pub values: u32,
}

/// The modules of the program that `bytes` describe, in the order in which they are to be instantiated.
///
/// Some have hints which branches are likely. Of the proposals that are not common, typed references to functions, exceptions
/// and garbage collection occur.
pub fn random_program(bytes: &[u8], padding: Padding, proposals: Proposals) -> Vec<Vec<u8>> {
    let mut choices = Choices::new(bytes);
    let first = random_shape(&mut choices, None, padding, proposals);
    let mut modules = vec![first.encode()];
    if choices.chance(1, 3) {
        modules.push(random_shape(&mut choices, Some(&first), padding, proposals).encode());
    }
    if choices.chance(1, 3) {
        let seed = choices.bits();
        modules.iter_mut().for_each(|module| *module = with_hints(module, seed));
    }
    modules
}

fn random_shape(
    choices: &mut Choices<'_>,
    earlier: Option<&Shape>,
    padding: Padding,
    proposals: Proposals,
) -> Shape {
    let mut shape = Shape::random(choices, earlier, proposals);
    let padded_func = shape.imported_funcs() + choices.below(shape.own_signatures());
    for func_idx in shape.imported_funcs()..shape.imported_funcs() + shape.own_signatures() {
        let padding = if func_idx == padded_func { padding } else { Padding::default() };
        let function: Function = Body::random(choices, &mut shape, func_idx, padding);
        shape.finish_function(function);
    }
    shape
}
