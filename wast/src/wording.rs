//! Where our messages say the same as the specification's scripts in other words.
//!
//! A script's text and the text of our error go in, a verdict comes out. Our text has to contain the script's, or
//! one of the alternatives that a row of the table lists for it. Decoding and validation speak wasmparser's
//! language and the text format its parser's; traps and link errors are our own and follow the specification.

/// A row holds for every script text that begins with its first column.
const ALTERNATIVES: &[(&str, &[&str])] = &[
    // Some older scripts name the element.
    ("uninitialized element", &["uninitialized element"]),
    // Others name the operands.
    ("type mismatch: instruction requires", &["type mismatch"]),
    // What the specification calls by the rule that is broken, wasmparser calls by what it met instead.
    ("END opcode expected", &[BODY_WITHOUT_END]),
    ("section size mismatch", &[BODY_WITHOUT_END]),
    (
        "unexpected end",
        &[BODY_WITHOUT_END, "unexpected end-of-file", "unknown label: branch depth too large"],
    ),
    ("unexpected content after last section", &["section out of order", "inconsistent lengths"]),
    ("junk after last section", &["section out of order"]),
    ("multiple start sections", &["section out of order"]),
    ("invalid section id", &["malformed section id"]),
    // Some section ids have come to mean something since.
    ("malformed section id", &["unexpected end-of-file"]),
    ("length out of bounds", &["unexpected end-of-file", "expected section, got wasm magic number"]),
    ("data count and data section have inconsistent lengths", &["but data section is absent"]),
    (
        "function and code section have inconsistent lengths",
        &["but code section is absent", "function section is absent"],
    ),
    ("illegal opcode", &["illegal opcode: 0x", "non-constant operator", "unexpected end-of-file"]),
    (
        "zero flag expected",
        &["zero byte expected", "trailing bytes at end of section", BODY_WITHOUT_END, "unknown table 1"],
    ),
    ("invalid value type", &["unexpected end-of-file"]),
    ("malformed elements segment kind", &["unexpected end-of-file"]),
    ("malformed import kind", &["for external kind", "unexpected end-of-file"]),
    ("malformed limits flags", &[MEMORY_LIMITS, TABLE_LIMITS, "unexpected end-of-file"]),
    ("malformed memop flags", &["alignment must not be larger than natural", "malformed memop"]),
    ("invalid mutability", &["malformed global flags", "shared globals require", "unexpected end-of-file"]),
    ("malformed mutability", &["malformed global flags", "shared globals require"]),
    ("invalid lane index", &["SIMD index out of bounds"]),
    ("immutable global", &["global is immutable"]),
    ("immutable array", &["array is immutable"]),
    ("immutable field", &["struct field is immutable"]),
    ("invalid UTF-8 encoding", &["malformed UTF-8 encoding"]),
    ("malformed UTF-8 encoding", &["malformed UTF-8"]),
    // One byte is read where the specification has a LEB128 number: overlong, it looks like something else.
    (
        "integer representation too long",
        &[
            "invalid leading byte",
            MEMORY_LIMITS,
            TABLE_LIMITS,
            "malformed section id",
            "unexpected end-of-file",
            "trailing bytes at end of section",
        ],
    ),
    (
        "integer too large",
        &[
            "integer representation too long",
            MEMORY_LIMITS,
            TABLE_LIMITS,
            "malformed section id",
            "unexpected end-of-file",
            "trailing bytes at end of section",
        ],
    ),
    // One trap for all references.
    ("null function reference", &["null reference"]),
    // Without 64-bit memories, limits and offsets are read as 32-bit numbers and larger ones do not parse.
    (
        "memory size must be at most 65536 pages (4GiB)",
        &["memory size must be at most 0x10000 65536-byte pages"],
    ),
    ("memory size", &["integer too large"]),
    ("table size", &["integer too large"]),
    ("i32 constant", &["integer too large", "table size must be at most"]),
    ("i64 constant", &["constant out of range"]),
    ("offset out of range", &["integer too large", "integer representation too long"]),
    ("alignment must not be larger than natural", &["integer representation too long"]),
    // The text format's parser.
    ("illegal character", &["unexpected character"]),
    ("empty identifier", &["invalid character in string"]),
    ("empty annotation id", &["invalid character in string"]),
    ("unclosed string", &["unexpected end-of-file"]),
    (
        "unexpected token",
        &[
            "expected ",
            "extra tokens remaining",
            "legacy_exceptions feature required",
            "constant out of range",
        ],
    ),
    ("unknown operator", &["expected ", "unexpected token", "constant out of range"]),
    ("wrong number of lane literals", &["expected ", "constant out of range"]),
    ("wrong number of lane indices", &["expected "]),
    ("i8 constant out of range", &["malformed lane index", "invalid u8 number"]),
    ("malformed lane index", &["expected a u8", "constant out of range"]),
    ("invalid lane length", &["expected a"]),
];

const BODY_WITHOUT_END: &str = "control frames remain at end of function body or expression";
const MEMORY_LIMITS: &str = "invalid memory limits flags";
const TABLE_LIMITS: &str = "invalid table resizable limits flags";

/// True if `found` says what a script demands with `expected`.
pub(crate) fn agrees(expected: &str, found: &str) -> bool {
    found.contains(expected)
        || ALTERNATIVES
            .iter()
            .filter(|(text, _)| expected.starts_with(text))
            .any(|(_, alternatives)| alternatives.iter().any(|text| found.contains(text)))
}

#[cfg(test)]
mod tests {
    use super::agrees;

    #[test]
    fn same_words_agree() {
        assert!(agrees("type mismatch", "type mismatch: expected i32, found i64 (at offset 0x20)"));
        assert!(agrees("unknown import", "unknown import: `m` `f` (function [] -> []) has not been defined"));
        assert!(!agrees("unknown import", "incompatible import type: `m` `f`"));
        assert!(!agrees("type mismatch", "unknown local 3"));
    }

    #[test]
    fn listed_words_agree() {
        assert!(agrees("uninitialized element 2", "uninitialized element"));
        assert!(agrees("unknown operator get_local", "unknown operator or unexpected token"));
        assert!(!agrees("integer divide by zero", "integer overflow"));
    }
}
