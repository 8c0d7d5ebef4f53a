//! One closing line for many test runners: reads what each of them prints at its end and adds it up.

use std::fmt;

/// Tests that passed, failed, and did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Tally {
    /// Something that could not be had on this machine.
    pub const SKIPPED: Self = Self { passed: 0, failed: 0, skipped: 1 };

    /// Reads every closing line of nextest, cargo test, node's runner, and our own plain one.
    pub fn read(text: &str) -> Self {
        // nextest shows what a failing test printed, with the closing line of that one test's own runner
        let is_nextest = text.lines().any(|line| line.trim().starts_with("Summary ["));
        let lines =
            text.lines().map(str::trim).filter(|line| !is_nextest || !line.starts_with("test result: "));
        let mut tally = Self::default();
        for line in lines {
            tally += Self::closing_line(line).unwrap_or_default();
        }
        tally
    }

    fn closing_line(line: &str) -> Option<Self> {
        let nextest = line
            .starts_with("Summary [")
            .then(|| line.split_once("tests run:").or(line.split_once("test run:")));
        if let Some(found) = nextest {
            return Some(Self::counts(found?.1));
        }
        if let Some(rest) = line.strip_prefix("test result: ") {
            return Some(Self::counts(rest));
        }
        if let Some(rest) = line.strip_prefix("# ").or(line.strip_prefix("ℹ ")) {
            let (word, number) = rest.split_once(' ')?;
            return Some(Self::count(word, number.parse().ok()?));
        }
        let plain = line.split(", ").all(|part| {
            part.split_once(' ').is_some_and(|(number, word)| {
                number.parse::<u64>().is_ok() && ["passed", "failed", "skipped"].contains(&word)
            })
        });
        (plain && line.contains("passed") && line.contains("failed")).then(|| Self::counts(line))
    }

    fn counts(text: &str) -> Self {
        let words: Vec<&str> =
            text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut tally = Self::default();
        for pair in words.windows(2) {
            if let [number, word] = pair
                && let Ok(number) = number.parse()
            {
                tally += Self::count(word, number);
            }
        }
        tally
    }

    fn count(word: &str, number: u64) -> Self {
        let mut tally = Self::default();
        match word {
            "passed" | "pass" => tally.passed = number,
            "failed" | "fail" | "cancelled" => tally.failed = number,
            "skipped" | "ignored" | "todo" => tally.skipped = number,
            _ => {}
        }
        tally
    }

    /// Whether any test ran, and none failed.
    pub fn is_good(self) -> bool {
        self.passed > 0 && self.failed == 0
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn every_runners_closing_line_is_read() {
        let nextest =
            "     Summary [   3.214s] 12 tests run: 10 passed (1 slow, 1 flaky), 2 failed, 4 skipped";
        assert_eq!(Tally::read(nextest), tally(10, 2, 4));
        assert_eq!(Tally::read("     Summary [   0.1s] 1 test run: 1 passed, 0 skipped"), tally(1, 0, 0));
        let cargo = "test result: FAILED. 7 passed; 1 failed; 2 ignored; 0 measured; 9 filtered out; finished in 0.1s";
        assert_eq!(Tally::read(cargo), tally(7, 1, 2));
        assert_eq!(Tally::read("# tests 5\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 1"), tally(3, 1, 1));
        assert_eq!(Tally::read("ℹ tests 2\nℹ pass 2\nℹ fail 0"), tally(2, 0, 0));
        assert_eq!(Tally::read("4 passed, 1 failed, 2 skipped"), tally(4, 1, 2));
    }

    #[test]
    fn what_a_failing_test_printed_is_not_counted_beside_it() {
        let one = "test result: FAILED. 0 passed; 1 failed; 0 ignored";
        let all = "Summary [ 1.0s] 9 tests run: 8 passed, 1 failed, 0 skipped";
        assert_eq!(Tally::read(&format!("{one}\n  {all}\n{one}")), tally(8, 1, 0));
    }

    #[test]
    fn ordinary_lines_count_nothing() {
        assert_eq!(
            Tally::read("3 passed the gate\n2 failed, it said\n# heading 7\ntest a ... ok"),
            tally(0, 0, 0)
        );
    }

    #[test]
    fn a_run_without_a_test_is_not_good() {
        assert!(!tally(0, 0, 3).is_good());
        assert!(!tally(9, 1, 0).is_good());
        assert!(tally(1, 0, 0).is_good());
    }
}
