//! Parses HTML and selects elements.
use scraper::{Html, Selector};
use training::{Rng, prose, word};

fn main() {
    let mut rng = Rng::new(8);
    let mut page = String::from("<!doctype html><html><body>");
    for i in 0..120 {
        let (class, text) = (word(&mut rng), prose(&mut rng, 20));
        page += &format!("<div class='{class} c{}' id=i{i}><p>{text}<a href='/x?{i}'>l &amp; r</a><br><b>", i % 5);
        page += "<ul><li>one<li>two</ul></b></div>";
    }
    let html = Html::parse_document(&page);
    let mut found = 0;
    for selector in ["div.c3 > p a[href]", "ul li:first-child", "div p, b", "#i7 li"] {
        found += html.select(&Selector::parse(selector).unwrap()).map(|e| e.html().len()).sum::<usize>();
    }
    println!("{found}");
}
