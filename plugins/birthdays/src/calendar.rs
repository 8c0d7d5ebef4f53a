//! Which birthdays a day is, and how old that makes somebody.
use pappus_plugin_sdk::clock::Date;

/// The days, as month and day, whose birthdays are kept on this one.
pub fn days_of(today: Date) -> Vec<(u8, u8)> {
    let mut days = vec![(today.month, today.day)];
    if (today.month, today.day) == (2, 28) && !today.year.is_some_and(is_leap) {
        days.push((2, 29));
    }
    days
}

/// None where the year of birth is not told, or makes no age.
pub fn age(born: Date, today: Date) -> Option<i64> {
    let years = today.year?.checked_sub(born.year?)?;
    (1..=130).contains(&years).then_some(i64::from(years))
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: u16, month: u8, day: u8) -> Date {
        Date { year: Some(year), month, day }
    }

    #[test]
    fn the_29th_of_february_is_kept_a_day_early_where_there_is_none() {
        assert_eq!(days_of(date(2027, 2, 28)), [(2, 28), (2, 29)]);
        assert_eq!(days_of(date(1900, 2, 28)), [(2, 28), (2, 29)]);
        assert_eq!(days_of(date(2028, 2, 28)), [(2, 28)]);
        assert_eq!(days_of(date(2000, 2, 28)), [(2, 28)]);
        assert_eq!(days_of(date(2028, 2, 29)), [(2, 29)]);
        assert_eq!(days_of(date(2027, 3, 1)), [(3, 1)]);
    }

    #[test]
    fn an_age_needs_both_years_and_makes_sense() {
        assert_eq!(age(date(1990, 5, 1), date(2027, 5, 1)), Some(37));
        assert_eq!(age(Date { year: None, month: 5, day: 1 }, date(2027, 5, 1)), None);
        for born in [2027, 2030, 1500] {
            assert_eq!(age(date(born, 5, 1), date(2027, 5, 1)), None, "{born}");
        }
    }
}
