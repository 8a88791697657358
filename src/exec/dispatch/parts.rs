//! Types that say with which others a handler is compiled.
//!
//! The compiler optimises a crate in units, several at a time, and a unit is made of modules. A generic function is
//! compiled with the module that it stands in, which would be one unit for thousands of handlers; a generic method of a
//! trait is compiled with the module of its `Self`.

macro_rules! define_parts {
    ($($part:ident)*) => {$(
        pub(super) mod $part {
            pub(in crate::exec::dispatch) struct Part;
        }
    )*};
}

define_parts!(forms part1 part2 part3 part4 part5 part6);
