//! Rounds in which candidates take turns.

/// Has each of `count` candidates measure itself `rounds` times, in turns, another one first in each round, after
/// `warm_up` rounds that do not count. `measure` is told which one it is; `progress` is told before each turn.
/// Returns the figures by candidate, round after round.
///
/// # Errors
/// The first one of `measure`; nothing is measured after it.
pub fn take_turns<T, E>(
    count: usize,
    warm_up: usize,
    rounds: usize,
    mut measure: impl FnMut(usize) -> Result<T, E>,
    mut progress: impl FnMut(usize),
) -> Result<Vec<Vec<T>>, E> {
    let mut figures: Vec<Vec<T>> = (0..count).map(|_| Vec::with_capacity(rounds)).collect();
    for round in 0..warm_up + rounds {
        for candidate in (0..count).map(|turn| (round + turn) % count) {
            progress(candidate);
            let figure = measure(candidate)?;
            if round >= warm_up {
                figures[candidate].push(figure);
            }
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::take_turns;

    #[test]
    fn everybody_has_as_many_turns_and_nobody_is_always_first() {
        let mut order = Vec::new();
        let figures = take_turns(3, 1, 3, |who| Ok::<_, ()>((order.push(who), who).1), |_| {});
        assert_eq!(figures, Ok(vec![vec![0; 3], vec![1; 3], vec![2; 3]]));
        assert_eq!(order, [0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2]);
    }

    #[test]
    fn the_first_error_ends_it() {
        let outcome = take_turns(2, 0, 5, |who| if who == 1 { Err("failed") } else { Ok(()) }, |_| {});
        assert_eq!(outcome, Err("failed"));
    }
}
