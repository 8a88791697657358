//! A report as one HTML file: text, tables and charts, with nothing to be loaded from elsewhere.

use crate::text::escaped;

/// A report under construction.
#[derive(Clone, Debug, Default)]
pub struct Page {
    title: String,
    body: String,
}

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}\
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .8em;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}\
td:first-child,th:first-child{text-align:left}figure,div{margin:1.5em 0;overflow-x:auto}\
pre{background:#f5f5f5;padding:.7em;overflow-x:auto}svg{max-width:100%;height:auto}";

impl Page {
    /// An empty report.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), body: format!("<h1>{}</h1>\n", escaped(title)) }
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: &str) -> &mut Self {
        self.push(format_args!("<h2>{}</h2>\n", escaped(text)))
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: &str) -> &mut Self {
        self.push(format_args!("<p>{}</p>\n", escaped(text)))
    }

    /// Adds text as it is, lines and all.
    pub fn preformatted(&mut self, text: &str) -> &mut Self {
        self.push(format_args!("<pre>{}</pre>\n", escaped(text)))
    }

    /// Adds a chart.
    pub fn svg(&mut self, svg: &str) -> &mut Self {
        // The declaration that a file of its own begins with has no place within a page.
        let svg = svg.find("<svg").map_or(svg, |start| &svg[start..]);
        self.push(format_args!("<figure>{svg}</figure>\n"))
    }

    /// Adds a table, whose first row is its head.
    pub fn table(&mut self, rows: &[Vec<String>]) -> &mut Self {
        // A wide table scrolls for itself.
        self.body.push_str("<div><table>\n");
        for (number, row) in rows.iter().enumerate() {
            let tag = if number == 0 { "th" } else { "td" };
            let cells: String = row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
            self.push(format_args!("<tr>{cells}</tr>\n"));
        }
        self.push(format_args!("</table></div>\n"))
    }

    /// The file.
    pub fn html(&self) -> String {
        format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\n\
             <link rel=\"icon\" href=\"data:,\"><style>{STYLE}</style></head>\n<body>\n{}</body></html>\n",
            escaped(&self.title),
            self.body
        )
    }

    fn push(&mut self, text: std::fmt::Arguments<'_>) -> &mut Self {
        self.body.push_str(&text.to_string());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn text_cannot_become_markup() {
        let mut page = Page::new("<script>");
        page.paragraph("a < b").table(&[vec!["<td>".to_owned()]]).svg("<?xml?><svg></svg>");
        let html = page.html();
        assert!(!html.contains("<script>") && !html.contains("<?xml"), "{html}");
        assert!(html.contains("<th>&lt;td&gt;</th>") && html.contains("<figure><svg>"), "{html}");
    }
}
