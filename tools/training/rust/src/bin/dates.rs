//! Computes with dates and formats them.
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime};

fn main() {
    let start = NaiveDate::from_ymd_opt(1999, 12, 31).unwrap().and_hms_opt(23, 59, 1).unwrap();
    let mut length = 0;
    for i in 0..2500i64 {
        let then = start + Duration::seconds(i * 86_399) - Duration::days(i * 3 % 700);
        let text = then.format("%Y-%m-%d %H:%M:%S %a %b %j").to_string();
        let back = NaiveDateTime::parse_from_str(&text[..19], "%Y-%m-%d %H:%M:%S").unwrap();
        assert_eq!(back, then);
        length += text.len() + then.iso_week().week() as usize;
    }
    println!("{length}");
}
