//! Time: of the processor, or of the clock on the wall.

use std::time::Instant;

use serde::{Deserialize, Serialize};

/// What is meant by time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// What this process has used of the processor: all its threads, and the kernel's work for them. Where the system does
    /// not tell, time on the wall.
    #[default]
    Cpu,
    /// Time that passes, whoever runs.
    Wall,
}

/// A moment on a clock.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    clock: Clock,
    wall: Instant,
    cpu: f64,
}

impl Clock {
    /// Now.
    pub fn now(self) -> Moment {
        Moment { clock: self, wall: Instant::now(), cpu: cpu_seconds().unwrap_or_default() }
    }
}

impl Moment {
    /// Seconds since then.
    pub fn seconds(&self) -> f64 {
        match (self.clock, cpu_seconds()) {
            (Clock::Cpu, Some(now)) => now - self.cpu,
            _ => self.wall.elapsed().as_secs_f64(),
        }
    }
}

/// Seconds of processor time that this process has used, where the system tells.
#[cfg(unix)]
pub fn cpu_seconds() -> Option<f64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9)
}

/// Seconds of processor time that this process has used, where the system tells.
#[cfg(not(unix))]
pub fn cpu_seconds() -> Option<f64> {
    None
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn work_takes_time_and_sleep_takes_none_of_the_processors() {
        let (cpu, wall) = (Clock::Cpu.now(), Clock::Wall.now());
        std::thread::sleep(std::time::Duration::from_millis(30));
        let slept = (cpu.seconds(), wall.seconds());
        assert!(slept.1 >= 0.03, "{slept:?}");
        assert!(cfg!(not(unix)) || slept.0 < slept.1, "{slept:?}");
        let mut sum = 0u64;
        while wall.seconds() < slept.1 + 0.02 {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(cpu.seconds() > slept.0);
    }
}
