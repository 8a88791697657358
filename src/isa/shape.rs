//! Operand layouts: how many words an op takes and where in them each operand lies.
//!
//! Code is a sequence of 8-byte words. Every op starts with two:
//!
//! ```text
//!          bytes 0..8                 8..10   10..12  12..14  14..16
//!   word 0 handler address   word 1   op      A       B       C
//!          16..20   20..24            24..32
//!   word 2 D        E        word 3   F
//! ```
//!
//! The handler address is written by `exec` when code is linked and is zero until then; everything else is written
//! by `lower`. A wider operand spans neighbouring fields. Fields are little-endian on every host.
//!
//! Results always go to field A, so that a later `local.set` can redirect any op by writing that one field.

/// Bytes of a branch target.
pub(crate) const TARGET_BYTES: u32 = 8;

/// Byte offset of an op's number from its start.
pub(crate) const OP: usize = 8;
/// Byte offsets of the operand fields from an op's start.
pub(crate) const A: usize = 10;
/// See [`A`].
pub(crate) const B: usize = 12;
/// See [`A`].
pub(crate) const C: usize = 14;
/// See [`A`].
pub(crate) const D: usize = 16;
/// Upper half of the lower half of word 2, for shapes with two narrow fields there.
pub(crate) const D2: usize = 18;
/// See [`A`].
pub(crate) const E: usize = 20;
/// See [`A`].
pub(crate) const F: usize = 24;
/// The narrow field behind a narrow F.
pub(crate) const F2: usize = 26;

/// One operand of a shape: what it is and at which byte offset it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// Result cell, u16.
    Dst(usize),
    /// Operand cell, u16.
    Slot(usize),
    /// Result cell, u32.
    Dst32(usize),
    /// Operand cell, u32.
    Slot32(usize),
    /// Result of 128 bits: this cell (u16) and the next.
    Dst128(usize),
    /// Operand of 128 bits: this cell (u16) and the next.
    Slot128(usize),
    /// A constant, 16 bytes.
    Imm128(usize),
    /// First cell of a callee's frame, where its arguments are and its results will be, u32.
    Base32(usize),
    /// A constant, u32.
    Imm32(usize),
    /// A constant, u64.
    Imm64(usize),
    /// Branch target, u64. Until linked, its lower half is the distance in bytes from this field to the target op, i32;
    /// then all of it is that op's address.
    Target(usize),
    /// A number that is none of the above (an index, a count, an offset), u16.
    Num16(usize),
    /// Likewise, u32.
    Num32(usize),
    /// Likewise, u64.
    Num64(usize),
    /// The function that a direct call names: its index until linked, then the address of its code.
    Callee(usize),
    /// The type of the function that any other call within the module calls, u32: its index until linked, then the distance
    /// in bytes from the op to its [`CallSite`](crate::runtime::CallSite).
    Site(usize),
}

/// Entries behind an op's fields, of which the op says at B how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Branch targets, of 8 bytes; their number has 32 bits.
    Targets,
    /// Pairs of the cell that a word of a struct comes from and the byte that it goes to, together 4 bytes; their number
    /// has 16 bits.
    Fields,
}

/// Declares the shapes: name, words, operands in the order in which listings print them.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident $words:literal [$($kind:ident $at:ident),*];)*) => {
        /// The operand layout of an op. Variants are spelled like the functions of `exec` that execute them,
        /// because a row of the op table names both with one word.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Shape {
            $($(#[$doc])* $name,)*
        }

        impl Shape {
            /// Words that an op of this shape takes, without its [`tail`](Self::tail).
            #[inline(always)]
            pub(crate) const fn words(self) -> usize {
                match self {
                    $(Self::$name => $words,)*
                }
            }

            /// Bytes that an op of this shape takes, without its [`tail`](Self::tail).
            #[inline(always)]
            pub(crate) const fn bytes(self) -> usize {
                self.words() * 8
            }

            /// What lies behind these words.
            pub(crate) const fn tail(self) -> Option<Tail> {
                match self {
                    Self::branch_table => Some(Tail::Targets),
                    Self::struct_new => Some(Tail::Fields),
                    _ => None,
                }
            }

            /// Cells that the result takes; 1 if there is none.
            pub(crate) fn result_cells(self) -> u32 {
                if matches!(self.fields().first(), Some(Field::Dst128(_))) { 2 } else { 1 }
            }

            /// The operands, results first.
            pub(crate) const fn fields(self) -> &'static [Field] {
                match self {
                    $(Self::$name => &[$(Field::$kind($at)),*],)*
                }
            }
        }
    };
}

shapes! {
    /// A = f(B)
    unary 2 [Dst A, Slot B];
    /// A = f(B, C)
    binary 2 [Dst A, Slot B, Slot C];
    /// A = f(B, constant)
    binary_imm 3 [Dst A, Slot B, Imm64 D];
    /// A = f(constant, C)
    imm_binary 3 [Dst A, Imm64 D, Slot C];
    /// A and B = f(C and D, D2 and E), the lower halves first
    wide_sum 3 [Dst A, Dst B, Slot C, Slot D, Slot D2, Slot E];
    /// A and B = f(C, D), the lower half first
    wide_product 3 [Dst A, Dst B, Slot C, Slot D];
    /// A = B
    copy 2 [Dst A, Slot B];
    /// Cells D = E: for frames of 2^16 cells and more.
    copy_wide 3 [Dst32 D, Slot32 E];
    /// Cells D.. = E.. for B cells, upwards.
    copy_span 3 [Dst32 D, Slot32 E, Num32 B];
    /// A = constant of 32 bits, zero-extended
    const32 2 [Dst A, Imm32 B];
    /// A = constant
    const64 3 [Dst A, Imm64 D];
    /// A = 0
    zero1 2 [Dst A];
    /// A = B = 0
    zero2 2 [Dst A, Dst B];
    /// A = B = C = 0
    zero3 2 [Dst A, Dst B, Dst C];
    /// Cells D.. = 0 for E cells
    zero_span 3 [Dst32 D, Num32 E];
    /// A = D != 0 ? B : C
    select 3 [Dst A, Slot B, Slot C, Slot D];
    /// A = D != 0 ? B : constant of 32 bits, zero-extended
    select_imm 3 [Dst A, Slot B, Imm32 E, Slot D];
    /// A = D != 0 ? constant of 32 bits, zero-extended : C
    select_imm_lhs 3 [Dst A, Imm32 E, Slot C, Slot D];
    /// A = D != 0 ? constant : constant, each of 32 bits, zero-extended
    select_imms 3 [Dst A, Imm32 B, Imm32 E, Slot D];
    /// A = memory[B + D]
    load 3 [Dst A, Slot B, Num32 D];
    /// A = memory[D]
    load_at 3 [Dst A, Num64 D];
    /// A = memory[(B + C mod 2^32) + D]
    load_indexed 3 [Dst A, Slot B, Slot C, Num32 D];
    /// A = memory 0[B + D], B having 64 bits
    load_long 3 [Dst A, Slot B, Num64 D];
    /// A = memory 0[(B + C mod 2^64) + D]
    load_long_indexed 3 [Dst A, Slot B, Slot C, Num64 D];
    /// A = memory C[B + D], B having 64 bits or being zero-extended
    load_far 3 [Dst A, Num16 C, Slot B, Num64 D];
    /// memory[A + D] = B
    store 3 [Slot A, Num32 D, Slot B];
    /// memory[D] = B
    store_at 3 [Num64 D, Slot B];
    /// memory[(A + C mod 2^32) + D] = B
    store_indexed 3 [Slot A, Slot C, Num32 D, Slot B];
    /// memory[A + D] = constant, sign-extended from 32 bits
    store_imm 3 [Slot A, Num32 D, Imm32 E];
    /// memory[D] = constant, sign-extended from 32 bits
    store_imm_at 3 [Num64 D, Imm32 B];
    /// memory[(A + C mod 2^32) + D] = constant, sign-extended from 32 bits
    store_imm_indexed 3 [Slot A, Slot C, Num32 D, Imm32 E];
    /// memory 0[A + D] = B, A having 64 bits
    store_long 3 [Slot A, Num64 D, Slot B];
    /// memory 0[(A + C mod 2^64) + D] = B
    store_long_indexed 3 [Slot A, Slot C, Num64 D, Slot B];
    /// memory 0[A + D] = constant, sign-extended from 32 bits, A having 64 bits
    store_long_imm 3 [Slot A, Num64 D, Imm32 B];
    /// memory C[A + D] = B, A having 64 bits or being zero-extended
    store_far 3 [Num16 C, Slot A, Num64 D, Slot B];
    /// A = memory C[B + D], which is shared
    load_shared 3 [Dst A, Num16 C, Slot B, Num64 D];
    /// memory C[A + D] = B, in a memory that is shared
    store_shared 3 [Num16 C, Slot A, Num64 D, Slot B];
    /// A = f(word at memory C[B + D])
    atomic_load 3 [Dst A, Num16 C, Slot B, Num64 D];
    /// f(word at memory C[A + D], B)
    atomic_store 3 [Num16 C, Slot A, Num64 D, Slot B];
    /// A = f(word at memory F[B + D], C)
    atomic_rmw 4 [Dst A, Num16 F, Slot B, Num64 D, Slot C];
    /// A = f(word at memory F2[B + D], C, F)
    atomic_cmpxchg 4 [Dst A, Num16 F2, Slot B, Num64 D, Slot C, Slot F];
    /// Nothing is moved across by the host.
    atomic_fence 2 [];
    /// Left to the driver: A = f(memory F[B + D], C)
    leave_notify 4 [Dst A, Num16 F, Slot B, Num64 D, Slot C];
    /// Left to the driver: A = f(memory F2[B + D], C, F)
    leave_wait 4 [Dst A, Num16 F2, Slot B, Num64 D, Slot C, Slot F];
    /// Go to D.
    branch 3 [Target D];
    /// If f(A), go to D.
    branch_if 3 [Slot A, Target D];
    /// If f(A, B), go to D.
    branch_compare 3 [Slot A, Slot B, Target D];
    /// If f(A, constant sign-extended from 32 bits), go to D.
    branch_compare_imm 3 [Slot A, Imm32 B, Target D];
    /// Go to the target number A of the B targets behind the op, or to the last.
    branch_table 2 [Slot A, Num32 B];
    /// Return nothing. A is the frame's link cell, here and below.
    return_none 2 [Num16 A];
    /// Return the cell B.
    return_one 2 [Num16 A, Slot B];
    /// Return the D cells from B on.
    return_span 3 [Num16 A, Slot32 B, Num32 D];
    /// Call D; its frame begins at cell B and has its link at cell A.
    call 3 [Callee D, Base32 B, Num16 A];
    /// Call the imported function D; its window begins at cell B.
    call_import 3 [Num32 D, Base32 B, Num16 A];
    /// Call element D (a cell) of table D2, expected to be of the type at E; its frame begins at cell B.
    call_indirect 3 [Num16 D2, Slot D, Site E, Base32 B, Num16 A];
    /// Call the function that cell D refers to, which is of the type at E; its frame begins at cell B.
    call_ref 3 [Slot D, Site E, Base32 B, Num16 A];
    /// Leave this frame (link at A) and go on in D, whose arguments are at cell B; F: see `tail_window`.
    return_call 4 [Callee D, Slot32 B, Num64 F, Num16 A];
    /// Likewise with the imported function D.
    return_call_import 4 [Num32 D, Slot32 B, Num64 F, Num16 A];
    /// Likewise with element D (a cell) of table D2, expected to be of the type at E.
    return_call_indirect 4 [Num16 D2, Slot D, Site E, Slot32 B, Num64 F, Num16 A];
    /// Likewise with the function that cell D refers to, which is of the type at E.
    return_call_ref 4 [Slot D, Site E, Slot32 B, Num64 F, Num16 A];
    /// A = a reference to function D, which is not imported
    ref_func 3 [Dst A, Num32 D];
    /// A = global B
    global_get 2 [Dst A, Num32 B];
    /// Global B = A
    global_set 2 [Slot A, Num32 B];
    /// A = global B, which is imported
    global_get_imported 2 [Dst A, Num32 B];
    /// Global B, which is imported, = A
    global_set_imported 2 [Slot A, Num32 B];
    /// A = pages of memory 0
    memory_size 2 [Dst A];
    /// Copy C bytes within memory 0, from B to A.
    memory_copy 2 [Slot A, Slot B, Slot C];
    /// Set C bytes of memory 0 from A on to B.
    memory_fill 2 [Slot A, Slot B, Slot C];
    /// A = f(B), all of 128 bits, here and in what follows unless a comment says otherwise.
    vector_unary 2 [Dst128 A, Slot128 B];
    /// A = f(B, C)
    vector_binary 2 [Dst128 A, Slot128 B, Slot128 C];
    /// A = f(B, C, D)
    vector_ternary 3 [Dst128 A, Slot128 B, Slot128 C, Slot128 D];
    /// A = B * C + D by one instruction of processors that have it, and lowering knows that this one does.
    vector_mul_add 3 [Dst128 A, Slot128 B, Slot128 C, Slot128 D];
    /// A = D - B * C, likewise
    vector_mul_sub 3 [Dst128 A, Slot128 B, Slot128 C, Slot128 D];
    /// Likewise; f is a call into the C library.
    vector_fused 3 [Dst128 A, Slot128 B, Slot128 C, Slot128 D];
    /// A = f(B, C), with C an i32
    vector_shift 2 [Dst128 A, Slot128 B, Slot C];
    /// A = f(B, constant)
    vector_shift_imm 2 [Dst128 A, Slot128 B, Num16 C];
    /// A = f(B), an i32
    vector_test 2 [Dst A, Slot128 B];
    /// A = f(B), with B a number
    vector_splat 2 [Dst128 A, Slot B];
    /// A = f(what lies C bytes behind the start of B), a number
    vector_extract 2 [Dst A, Slot128 B, Num16 C];
    /// A = B with lane D replaced by C, a number
    vector_replace 3 [Dst128 A, Slot128 B, Slot C, Num16 D];
    /// A = the lanes of B that C names, zero for numbers of 16 or more; as for `vector_mul_add`
    vector_swizzle 2 [Dst128 A, Slot128 B, Slot128 C];
    /// Likewise; what other numbers name is left to the processor.
    vector_relaxed_swizzle 2 [Dst128 A, Slot128 B, Slot128 C];
    /// A = the lanes of B that the constant names; likewise
    vector_permute 4 [Dst128 A, Slot128 B, Imm128 D];
    /// A = the lanes of B and C that the constant names; likewise
    vector_shuffle 4 [Dst128 A, Slot128 B, Slot128 C, Imm128 D];
    /// A = f(B, C, constant)
    vector_shuffle_portable 4 [Dst128 A, Slot128 B, Slot128 C, Imm128 D];
    /// A = constant
    vector_const 4 [Dst128 A, Imm128 D];
    /// A = B
    vector_copy 2 [Dst128 A, Slot128 B];
    /// A = D != 0 ? B : C
    vector_select 3 [Dst128 A, Slot128 B, Slot128 C, Slot D];
    /// A = memory[B + D]
    vector_load 3 [Dst128 A, Slot B, Num32 D];
    /// A = memory[D]
    vector_load_at 3 [Dst128 A, Num64 D];
    /// A = memory[(B + C mod 2^32) + D]
    vector_load_indexed 3 [Dst128 A, Slot B, Slot C, Num32 D];
    /// memory[A + D] = B
    vector_store 3 [Slot A, Num32 D, Slot128 B];
    /// memory[D] = B
    vector_store_at 3 [Num64 D, Slot128 B];
    /// memory[(A + C mod 2^32) + D] = B
    vector_store_indexed 3 [Slot A, Slot C, Num32 D, Slot128 B];
    /// A = C with lane E replaced by memory[B + D]
    vector_load_lane 3 [Dst128 A, Slot B, Slot128 C, Num32 D, Num32 E];
    /// memory[A + D] = what lies E bytes behind the start of B
    vector_store_lane 3 [Slot A, Num32 D, Slot128 B, Num32 E];
    /// A = memory C[B + D], with addresses of any width
    vector_load_far 3 [Dst128 A, Num16 C, Slot B, Num64 D];
    /// Memory C[A + D] = B, with addresses of any width
    vector_store_far 3 [Num16 C, Slot A, Num64 D, Slot128 B];
    /// A = C with lane F2 replaced by memory F[B + D], with addresses of any width
    vector_load_lane_far 4 [Dst128 A, Num16 F, Slot B, Slot128 C, Num64 D, Num16 F2];
    /// Memory F[A + D] = what lies F2 bytes behind the start of B, with addresses of any width
    vector_store_lane_far 4 [Num16 F, Slot A, Num64 D, Slot128 B, Num16 F2];
    /// A = global B
    global_get_vector 2 [Dst128 A, Num32 B];
    /// Global B = A
    global_set_vector 2 [Slot128 A, Num32 B];
    /// A = global B, which is imported
    global_get_vector_imported 2 [Dst128 A, Num32 B];
    /// Global B, which is imported, = A
    global_set_vector_imported 2 [Slot128 A, Num32 B];
    /// Return B. A is the frame's link cell.
    return_vector 2 [Num16 A, Slot128 B];
    /// A = field at byte D of the struct B
    struct_get 3 [Dst A, Slot B, Num32 D];
    /// Field at byte D of the struct A = B
    struct_set 3 [Slot A, Num32 D, Slot B];
    /// A = element C of the array B
    array_get 2 [Dst A, Slot B, Slot C];
    /// Element C of the array A = B
    array_set 2 [Slot A, Slot C, Slot B];
    /// A = field at byte D of the struct B, of 128 bits
    struct_get_vector 3 [Dst128 A, Slot B, Num32 D];
    /// Field at byte D of the struct A = B, of 128 bits
    struct_set_vector 3 [Slot A, Num32 D, Slot128 B];
    /// A = element C of the array B, of 128 bits
    array_get_vector 2 [Dst128 A, Slot B, Slot C];
    /// Element C of the array A = B, of 128 bits
    array_set_vector 2 [Slot A, Slot C, Slot128 B];
    /// A = length of the array B
    array_len 2 [Dst A, Slot B];
    /// A = a struct of type D, in a cell of class C and size E in bytes, with B words of fields. Behind the op come as
    /// many pairs of the cell that a word comes from and the byte of the struct that it goes to, in ascending order.
    struct_new 3 [Dst A, Num32 D, Num16 B, Num16 C, Num32 E];
    /// A = a struct of type D, in a cell of class C and size E in words, with all fields zero or null.
    struct_new_default 3 [Dst A, Num32 D, Num16 C, Num32 E];
    /// A = whether B is of the concrete type D; C: see `TypeTest`, here and below.
    ref_test 3 [Dst A, Slot B, Num32 D, Num16 C];
    /// A = B, which is of the concrete type D
    ref_cast 3 [Dst A, Slot B, Num32 D, Num16 C];
    /// If f(whether A is of the concrete type D), go to F.
    branch_cast 4 [Slot A, Num32 D, Num16 C, Target F];
    /// A = whether B is of the abstract type C
    ref_test_kind 2 [Dst A, Slot B, Num16 C];
    /// A = B, which is of the abstract type C
    ref_cast_kind 2 [Dst A, Slot B, Num16 C];
    /// Left to the driver: A = an object of type D, from the cells from B on, of which there are E.
    leave_new 3 [Dst A, Base32 B, Num32 D, Num32 E];
    /// Left to the driver: A = an array of type D, from C elements of segment E from B on.
    leave_new_segment 3 [Dst A, Slot B, Slot C, Num32 D, Num32 E];
    /// Left to the driver: f(A, B, C, D, D2, index E)
    leave_elems 3 [Slot A, Slot B, Slot C, Slot D, Slot D2, Num32 E];
    /// Left to the driver: A = f(index D)
    leave_get 3 [Dst A, Num32 D];
    /// Left to the driver: A = f(B, index D)
    leave_unary 3 [Dst A, Slot B, Num32 D];
    /// Left to the driver: A = f(B, C, index D)
    leave_binary 3 [Dst A, Slot B, Slot C, Num32 D];
    /// Left to the driver: f(A, B, C, indices D and E)
    leave_effect 3 [Slot A, Slot B, Slot C, Num32 D, Num32 E];
    /// Left to the driver: throw an exception with tag D, whose payload begins at cell B.
    throw 3 [Num32 D, Base32 B];
    /// Left to the driver: throw the exception that A refers to.
    throw_ref 2 [Slot A];
    /// Left to the driver; no operands that listings show.
    leave 2 [];
    /// Left to the driver, which runs the op that this one hides.
    interrupt 2 [];
    /// Traps.
    unreachable 2 [];
}

impl Shape {
    /// The byte offset of the field that linking completes: whom a call calls, or a branch target, the first of a table's. No
    /// shape has two.
    pub(crate) const fn linked_field(self) -> Option<usize> {
        if let Some(Tail::Targets) = self.tail() {
            return Some(self.bytes());
        }
        let fields = self.fields();
        let mut i = 0;
        while i < fields.len() {
            if let Field::Callee(at) | Field::Target(at) | Field::Site(at) = fields[i] {
                return Some(at);
            }
            i += 1;
        }
        None
    }

    /// Whether ops of this shape may go on with the op behind them.
    pub(crate) fn goes_on(self) -> bool {
        !matches!(
            self,
            Self::branch
                | Self::branch_table
                | Self::return_none
                | Self::return_one
                | Self::return_vector
                | Self::return_span
                | Self::return_call
                | Self::return_call_import
                | Self::return_call_indirect
                | Self::return_call_ref
                | Self::unreachable
                | Self::throw
                | Self::throw_ref
        )
    }
}

/// Bytes of every op that pushes a return position, so that the op before one can be found (INV-CALL).
pub(crate) const CALL_BYTES: usize = Shape::call.bytes();

const _: () = assert!(Shape::call_import.bytes() == CALL_BYTES);
const _: () = assert!(Shape::call_indirect.bytes() == CALL_BYTES);
const _: () = assert!(Shape::call_ref.bytes() == CALL_BYTES);

/// Cells of a frame's link: return position, then the caller's frame.
pub(crate) const LINK_CELLS: u32 = 2;

/// Packs field F of the tail-call shapes: cells of arguments, and the callee's link cell.
pub(crate) const fn tail_window(arg_cells: u32, link_cell: u32) -> u64 {
    arg_cells as u64 | (link_cell as u64) << 32
}
