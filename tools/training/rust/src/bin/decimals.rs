//! Interest and rounding in decimal numbers, and fixed point.
use rust_decimal::Decimal;

fn main() {
    let mut balance = Decimal::new(1_000_00, 2);
    let rate = Decimal::new(10_0035, 6);
    for month in 1..4000 {
        balance = (balance * (Decimal::ONE + rate / Decimal::from(12))).round_dp(4) - Decimal::new(8_34, 2);
        if month % 50 == 0 {
            balance = balance.to_string().parse::<Decimal>().unwrap() / Decimal::from(2);
        }
    }
    let mut fixed = 1i64 << 32;
    for i in 1..200_000i64 {
        fixed = ((fixed as i128 * ((1 << 32) + i) as i128) >> 32) as i64 % (1 << 40);
    }
    println!("{balance} {fixed}");
}
