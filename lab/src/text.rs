//! Figures and tables as text.

/// A time with three digits and its unit.
pub fn seconds(seconds: f64) -> String {
    scaled(seconds, &[(1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")])
}

/// A size with three digits and its unit.
pub fn bytes(bytes: f64) -> String {
    scaled(bytes, &[(1_073_741_824.0, "GiB"), (1_048_576.0, "MiB"), (1024.0, "KiB"), (1.0, "B")])
}

/// A count with three digits and its unit: thousands, millions ...
pub fn count(count: f64) -> String {
    scaled(count, &[(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, "")])
}

fn scaled(figure: f64, units: &[(f64, &str)]) -> String {
    let smallest = units[units.len() - 1];
    let (scale, unit) = *units.iter().find(|(scale, _)| figure.abs() >= *scale).unwrap_or(&smallest);
    let scaled = figure / scale;
    let digits = match scaled.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    let digits = if unit.is_empty() && scaled.fract() == 0.0 { 0 } else { digits };
    format!("{scaled:.digits$} {unit}").trim_end().to_owned()
}

/// A table for people: the first column to the left, the others to the right.
pub fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = widths[column];
            let cell = if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
            line.push_str(&cell);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A table in Markdown; the first row is its head.
pub fn markdown(rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
        if number == 0 {
            let rules: Vec<&str> = (0..row.len()).map(|at| if at == 0 { "---" } else { "---:" }).collect();
            text.push_str(&format!("|{}|\n", rules.join("|")));
        }
    }
    text
}

/// A table as comma-separated values (RFC 4180).
pub fn csv(rows: &[Vec<String>]) -> String {
    let quoted = |cell: &String| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
    rows.iter().map(line).collect()
}

/// Text for HTML and SVG.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{bytes, columns, count, csv, escaped, markdown, seconds};

    fn rows() -> Vec<Vec<String>> {
        [["", "a"], ["long name", "1|2,\"3\""]].map(|row| row.map(str::to_owned).to_vec()).to_vec()
    }

    #[test]
    fn figures_have_units() {
        assert_eq!([0.0, 1.5e-9, 0.0123, 123.4].map(seconds), ["0.00 ns", "1.50 ns", "12.3 ms", "123 s"]);
        assert_eq!([10.0, 2048.0, 3e9].map(bytes), ["10.0 B", "2.00 KiB", "2.79 GiB"]);
        assert_eq!([7.0, 1234.0, 5e9].map(count), ["7", "1.23 k", "5.00 G"]);
    }

    #[test]
    fn tables() {
        assert_eq!(columns(&rows()), "                 a\nlong name  1|2,\"3\"\n");
        assert_eq!(markdown(&rows()), "|  | a |\n|---|---:|\n| long name | 1\\|2,\"3\" |\n");
        assert_eq!(csv(&rows()), ",a\r\nlong name,\"1|2,\"\"3\"\"\"\r\n");
        assert_eq!(escaped("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;&gt;");
    }
}
