//! What figures say: summaries, and ratios with confidence intervals.
//!
//! Times of programs have long tails: now and then something else runs. So nothing here is a mean with a standard
//! deviation. Ratios are estimated from logarithms by ranks: of the same rounds by Wilcoxon's signed ranks ([`paired`]),
//! of two separate runs by Wilcoxon's rank sums ([`unpaired`]); the estimates are those of Hodges and Lehmann that belong
//! to these tests. What they assume is that the rounds are independent and, for pairs, that the logarithms of the ratios
//! lie symmetrically; no distribution is assumed.

use serde::{Deserialize, Serialize};

/// What a series of figures is like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The smallest figure.
    pub min: f64,
    /// The one in the middle, or halfway between the two there.
    pub median: f64,
    /// Half of the figures lie between these two.
    pub quartiles: [f64; 2],
    /// The largest figure.
    pub max: f64,
    /// How many there are.
    pub count: usize,
}

impl Summary {
    /// Of `figures`, which are finite; `None` if there are none.
    pub fn of(figures: &[f64]) -> Option<Self> {
        let sorted = sorted(figures.iter().copied());
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let quartiles = [quantile(&sorted, 0.25), quantile(&sorted, 0.75)];
        Some(Self { min, median: quantile(&sorted, 0.5), quartiles, max, count: sorted.len() })
    }

    /// How far apart the quartiles are, as a share of the median; 0 if that is 0.
    pub fn spread(&self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.quartiles[1] - self.quartiles[0]) / self.median }
    }
}

/// An estimate of a ratio, and the interval in which it lies with some confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The estimate.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// How often such an interval holds the truth: 0.95, or less if there are too few figures for that.
    pub confidence: f64,
}

/// What a ratio says of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is less than 1, by more than what is let pass.
    Less,
    /// It is more than 1, by more than what is let pass.
    More,
    /// Nothing can be said: the interval holds 1, or the difference is too small to matter.
    Noise,
}

/// What intervals are to have.
pub const CONFIDENCE: f64 = 0.95;

impl Ratio {
    /// Whether the ratio differs from 1 by more than `tolerance` (0.01 is one in a hundred), and by more than chance.
    pub fn verdict(&self, tolerance: f64) -> Verdict {
        // Fewer figures than an interval of this confidence needs prove nothing.
        if self.confidence < CONFIDENCE - 0.005 {
            Verdict::Noise
        } else if self.high < 1.0 && self.value < 1.0 - tolerance {
            Verdict::Less
        } else if self.low > 1.0 && self.value > 1.0 + tolerance {
            Verdict::More
        } else {
            Verdict::Noise
        }
    }

    /// The ratio the other way round.
    pub fn inverse(&self) -> Self {
        let [value, low, high] = [self.value, self.high, self.low].map(f64::recip);
        Self { value, low, high, confidence: self.confidence }
    }

    fn from_logs(value: f64, low: f64, high: f64, confidence: f64) -> Self {
        let [value, low, high] = [value, low, high].map(f64::exp);
        Self { value, low, high, confidence }
    }
}

/// The ratio of `numerators` to `denominators`, figures above 0 of the same rounds in the same order. `None` if there are
/// none or not as many of each.
pub fn paired(numerators: &[f64], denominators: &[f64]) -> Option<Ratio> {
    if numerators.len() != denominators.len() {
        return None;
    }
    let logs: Vec<f64> = numerators.iter().zip(denominators).map(|(a, b)| (a / b).ln()).collect();
    centre(&logs)
}

/// The geometric mean of several ratios: `pairs` has numerators and denominators for each, all of the same rounds.
/// `None` if there are none or not as many of each.
pub fn paired_mean(pairs: &[(&[f64], &[f64])]) -> Option<Ratio> {
    let rounds = pairs.first()?.0.len();
    if pairs.iter().any(|(a, b)| a.len() != rounds || b.len() != rounds) {
        return None;
    }
    let log = |round: usize| -> f64 { pairs.iter().map(|(a, b)| (a[round] / b[round]).ln()).sum() };
    let logs: Vec<f64> = (0..rounds).map(|round| log(round) / pairs.len() as f64).collect();
    centre(&logs)
}

/// The centre of numbers that lie symmetrically about it, by signed ranks.
fn centre(logs: &[f64]) -> Option<Ratio> {
    let count = logs.len();
    let mut walsh = Vec::with_capacity(count * (count + 1) / 2);
    for (i, x) in logs.iter().enumerate() {
        walsh.extend(logs[i..].iter().map(|y| (x + y) / 2.0));
    }
    let walsh = sorted(walsh);
    (!walsh.is_empty()).then(|| interval(&walsh, &signed_rank_counts(count)))
}

/// The ratio of `after` to `before`, figures above 0 of two separate runs. `None` if there are none of one.
pub fn unpaired(after: &[f64], before: &[f64]) -> Option<Ratio> {
    let differences = sorted(after.iter().flat_map(|x| before.iter().map(move |y| (x / y).ln())));
    (!differences.is_empty()).then(|| interval(&differences, &rank_sum_counts(after.len(), before.len())))
}

/// Estimate and interval from the `sorted` differences that a rank test counts. `weights` says how probable it is, up to a
/// factor, that 0, 1, 2 ... of them are below 0 if the truth is 0.
fn interval(sorted: &[f64], weights: &[f64]) -> Ratio {
    let total: f64 = weights.iter().sum();
    let (mut skipped, mut tail) = (0, weights[0] / total);
    while 2 * (skipped + 1) < sorted.len() && 2.0 * (tail + weights[skipped + 1] / total) <= 1.0 - CONFIDENCE
    {
        skipped += 1;
        tail += weights[skipped] / total;
    }
    let (low, high) = (sorted[skipped], sorted[sorted.len() - 1 - skipped]);
    Ratio::from_logs(quantile(sorted, 0.5), low, high, 1.0 - 2.0 * tail)
}

/// In how many ways the ranks 1 to `count` have a subset with the sum 0, 1, 2 ...; as shares, from the second step on, so
/// that they stay finite.
fn signed_rank_counts(count: usize) -> Vec<f64> {
    let mut counts = vec![1.0];
    for rank in 1..=count {
        let mut longer = vec![0.0; counts.len() + rank];
        for (sum, ways) in counts.iter().enumerate() {
            longer[sum] += ways / 2.0;
            longer[sum + rank] += ways / 2.0;
        }
        counts = longer;
    }
    counts
}

/// How probable it is that 0, 1, 2 ... of the pairs from groups of `m` and `n` are out of order.
fn rank_sum_counts(m: usize, n: usize) -> Vec<f64> {
    // By the larger group's size: the last of all is in one group or in the other.
    let mut rows: Vec<Vec<f64>> = vec![vec![1.0]; n + 1];
    for i in 1..=m {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for j in 1..=n {
            let mut counts = vec![0.0; i * j + 1];
            let (of_first, of_second) = (i as f64 / (i + j) as f64, j as f64 / (i + j) as f64);
            for (sum, ways) in rows[j].iter().enumerate() {
                counts[sum + j] += ways * of_first;
            }
            for (sum, ways) in next[j - 1].iter().enumerate() {
                counts[sum] += ways * of_second;
            }
            next.push(counts);
        }
        rows = next;
    }
    rows.swap_remove(n)
}

/// The geometric mean of figures above 0; `None` if there are none.
pub fn geometric_mean(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let logs: Vec<f64> = figures.into_iter().map(f64::ln).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

fn sorted(figures: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures
}

/// The figure at the share `at` of the way through; between two figures, what lies between them.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let place = at * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::{
        Summary, Verdict, geometric_mean, paired, paired_mean, rank_sum_counts, signed_rank_counts, unpaired,
    };
    use crate::random::Random;

    /// Series of times as machines give them: a base that drifts from round to round for both alike, noise of each, and
    /// now and then an outlier.
    fn rounds(random: &mut Random, count: usize, ratio: f64, noise: f64) -> (Vec<f64>, Vec<f64>) {
        let mut drift = 0.0;
        let mut pair = |_| {
            drift += 0.02 * random.normal();
            let mut figure = |factor: f64| {
                let outlier = if random.uniform() < 0.05 { 0.3 * random.uniform() } else { 0.0 };
                factor * (drift + noise * random.normal() + outlier).exp()
            };
            (figure(ratio), figure(1.0))
        };
        (0..count).map(&mut pair).unzip()
    }

    #[test]
    fn summaries() {
        let summary = Summary::of(&[4.0, 1.0, 3.0, 2.0, 10.0]).expect("there are figures");
        assert_eq!((summary.min, summary.median, summary.max, summary.count), (1.0, 3.0, 10.0, 5));
        assert_eq!(summary.quartiles, [2.0, 4.0]);
        assert!((summary.spread() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(Summary::of(&[1.0, 2.0]).map(|summary| summary.median), Some(1.5));
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(geometric_mean([1.0, 4.0]), Some(2.0));
        assert_eq!(geometric_mean([]), None);
    }

    /// The distributions by which intervals are cut, against those that tables give.
    #[test]
    fn distributions_are_those_of_the_tests() {
        let ways =
            |counts: &[f64], of: f64| counts.iter().map(|share| (share * of).round()).collect::<Vec<_>>();
        assert_eq!(ways(&signed_rank_counts(4), 16.0), [1., 1., 1., 2., 2., 2., 2., 2., 1., 1., 1.]);
        assert_eq!(ways(&rank_sum_counts(2, 3), 10.0), [1., 1., 2., 2., 2., 1., 1.]);
        assert_eq!(rank_sum_counts(3, 2).len(), 7);
        for total in [signed_rank_counts(40).iter().sum::<f64>(), rank_sum_counts(30, 25).iter().sum()] {
            assert!((total - 1.0).abs() < 1e-9);
        }
    }

    /// Known shift, known noise: the interval holds the truth as often as it says, and the estimate is near it.
    #[test]
    fn paired_intervals_hold_the_truth() {
        let mut random = Random::new(1);
        for (count, ratio, noise) in [(7, 1.0, 0.02), (11, 1.1, 0.02), (15, 0.5, 0.1), (31, 3.0, 0.3)] {
            const TRIALS: usize = 2000;
            let (mut held, mut error) = (0, 0.0);
            for _ in 0..TRIALS {
                let (a, b) = rounds(&mut random, count, ratio, noise);
                let estimate = paired(&a, &b).expect("there are rounds");
                held += usize::from((estimate.low..=estimate.high).contains(&ratio));
                error += (estimate.value / ratio).ln() / TRIALS as f64;
                assert!(estimate.confidence >= 0.95 && estimate.low <= estimate.value);
            }
            let share = held as f64 / TRIALS as f64;
            assert!(share > 0.935, "{count} rounds: the interval held the truth in {share} of the trials");
            assert!(error.abs() < 0.02, "{count} rounds: off by {error} on average");
        }
    }

    #[test]
    fn unpaired_intervals_hold_the_truth() {
        let mut random = Random::new(2);
        for (m, n, ratio) in [(7, 7, 1.0), (9, 15, 1.2), (20, 10, 0.9)] {
            const TRIALS: usize = 1000;
            let mut held = 0;
            for _ in 0..TRIALS {
                let mut series = |count, factor: f64| -> Vec<f64> {
                    (0..count).map(|_| factor * (0.05 * random.normal()).exp()).collect()
                };
                let (after, before) = (series(m, ratio), series(n, 1.0));
                let estimate = unpaired(&after, &before).expect("there are figures");
                held += usize::from((estimate.low..=estimate.high).contains(&ratio));
            }
            let share = held as f64 / TRIALS as f64;
            assert!(
                share > 0.93,
                "{m} and {n} figures: the interval held the truth in {share} of the trials"
            );
        }
    }

    /// What is no difference is called noise, and what is one is found.
    #[test]
    fn signal_and_noise() {
        let mut random = Random::new(3);
        let (mut false_alarms, mut found) = (0, 0);
        for _ in 0..1000 {
            let (a, b) = rounds(&mut random, 11, 1.0, 0.02);
            false_alarms +=
                usize::from(paired(&a, &b).expect("there are rounds").verdict(0.0) != Verdict::Noise);
            let (a, b) = rounds(&mut random, 15, 1.1, 0.02);
            found += usize::from(paired(&a, &b).expect("there are rounds").verdict(0.01) == Verdict::More);
        }
        assert!(false_alarms < 65, "{false_alarms} of 1000 series without a difference are said to have one");
        assert!(found > 950, "a difference of 10 % is found in {found} of 1000 series");
        let tiny = paired(&[1.001; 9], &[1.0; 9]).expect("there are rounds");
        assert_eq!((tiny.verdict(0.01), tiny.verdict(0.0001)), (Verdict::Noise, Verdict::More));
        assert_eq!(tiny.inverse().verdict(0.0001), Verdict::Less);
    }

    #[test]
    fn too_few_rounds_prove_nothing() {
        let three = paired(&[2.0; 3], &[1.0; 3]).expect("there are rounds");
        assert!((three.value - 2.0).abs() < 1e-12);
        assert_eq!(three.confidence, 0.75);
        assert_eq!(three.verdict(0.0), Verdict::Noise);
        let six = paired(&[2.0; 6], &[1.0; 6]).expect("there are rounds");
        assert_eq!(six.verdict(0.0), Verdict::More);
        assert_eq!(paired(&[], &[]), None);
        assert_eq!(paired(&[1.0], &[]), None);
        assert_eq!(unpaired(&[1.0], &[]), None);
    }

    #[test]
    fn the_mean_of_ratios_is_geometric() {
        let (two, half, one) = ([2.0; 7], [0.5; 7], [1.0; 7]);
        let mean = paired_mean(&[(&two, &one), (&half, &one)]).expect("there are rounds");
        assert!((mean.value - 1.0).abs() < 1e-12);
        assert_eq!(paired_mean(&[]), None);
        assert_eq!(paired_mean(&[(&two, &one[..3])]), None);
    }
}
