//! Normalizes, splits and changes the case of text in several scripts.
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

fn main() {
    let text = "Größe naïve Ελληνικά Кириллица 日本語のテキスト 한국어 e\u{301}a\u{308} 👩‍👩‍👧 ﬁne Straße ".repeat(60);
    let decomposed: String = text.nfd().collect();
    let composed: String = decomposed.nfkc().collect();
    let words = composed.unicode_words().count();
    let graphemes = decomposed.graphemes(true).map(str::len).max();
    let upper = composed.to_uppercase().to_lowercase();
    let utf16: Vec<u16> = upper.encode_utf16().collect();
    let back = String::from_utf16(&utf16).unwrap();
    println!("{words} {graphemes:?} {} {}", utf16.len(), back.chars().rev().filter(|c| c.is_alphabetic()).count());
}
