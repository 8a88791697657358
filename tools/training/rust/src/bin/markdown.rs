//! Renders Markdown to HTML.
use training::{Rng, prose, word};

fn main() {
    let mut rng = Rng::new(7);
    let mut text = String::new();
    for i in 0..60 {
        text += &format!("\n## {} {i}\n\n{}\n", word(&mut rng), prose(&mut rng, 60));
        text += &format!("\n* *{}* and `{}`\n* **{}** [x](http://a.b/{i})\n", word(&mut rng), i, word(&mut rng));
        text += "\n> quoted\n> more\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nlet x = 1;\n```\n";
    }
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    println!("{}", (0..3).map(|_| comrak::markdown_to_html(&text, &options).len()).sum::<usize>());
}
