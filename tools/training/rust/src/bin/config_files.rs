//! Reads and writes TOML and XML.
use quick_xml::{Reader, events::Event};
use training::{Rng, prose, word};

fn main() {
    let mut rng = Rng::new(19);
    let (mut conf, mut xml) = (String::new(), String::from("<?xml version='1.0'?><root>"));
    for i in 0..150 {
        conf += &format!("[section{i}.{}]\nname = \"{}\"\nsize = {}\n", word(&mut rng), word(&mut rng), rng.below(999));
        conf += &format!("ratio = {:.4}\nlist = [1, 2, {i}]\nat = 2001-02-03T04:05:06Z\n", rng.unit());
        xml += &format!("<item id='{i}'><name>{}</name><t>{}</t><e/></item>", word(&mut rng), prose(&mut rng, 12));
    }
    xml += "</root>";
    let table: toml::Table = conf.parse().unwrap();
    let printed = toml::to_string_pretty(&table).unwrap();
    let (mut reader, mut names, mut text) = (Reader::from_str(&xml), 0, 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => names += start.attributes().map(|a| a.unwrap().value.len()).sum::<usize>() + 1,
            Event::Text(part) => text += part.unescape().unwrap().len(),
            Event::Eof => break,
            _ => {}
        }
    }
    println!("{} {names} {text}", printed.len());
}
