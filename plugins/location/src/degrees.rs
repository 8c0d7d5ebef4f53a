//! Latitudes and longitudes as people and other pods write them.

/// How far a latitude may be from the equator, and a longitude from Greenwich.
pub const LATITUDE: f64 = 90.0;
pub const LONGITUDE: f64 = 180.0;

/// More letters are no number that anybody measured.
const LONGEST: usize = 40;

/// The number in `text` with six decimals at most, if it is one from `-most` to `most`. A comma may stand for the point;
/// exponents, infinities and the like are no degrees.
pub fn read(text: &str, most: f64) -> Option<String> {
    let text = text.trim();
    let number = text.replace(',', ".");
    let digits = number.strip_prefix(['-', '+']).unwrap_or(&number);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let starts = digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    if !plain || !starts || text.len() > LONGEST {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    if value.abs() > most {
        return None;
    }
    let written = format!("{value:.6}");
    let short = written.trim_end_matches('0').trim_end_matches('.');
    Some(if short == "-0" { "0" } else { short }.to_owned())
}

/// Both numbers, where somebody put them into one field as maps show them: `47.05, 8.31`.
pub fn both(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split_whitespace();
    let (latitude, longitude) = (words.next()?, words.next()?);
    words.next().is_none().then(|| (latitude.trim_end_matches([',', ';']), longitude))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_are_numbers_on_earth() {
        for (text, number) in [
            ("47.05", "47.05"),
            (" +8,31 ", "8.31"),
            ("-90", "-90"),
            ("90.000", "90"),
            ("0", "0"),
            ("-0.0000001", "0"),
            ("52.5200065999999", "52.520007"),
            ("7.", "7"),
        ] {
            assert_eq!(read(text, LATITUDE).as_deref(), Some(number), "{text}");
        }
        assert_eq!(read("-180", LONGITUDE).as_deref(), Some("-180"));
    }

    #[test]
    fn what_is_no_number_on_earth_is_none() {
        let long = "1".repeat(41);
        for text in [
            "", "north", "90.1", "-91", "1e1", "NaN", "inf", "1.2.3", "4 7", "٤٧", "0x10", "--1", "+", ".",
            &long,
        ] {
            assert_eq!(read(text, LATITUDE), None, "{text}");
        }
        assert_eq!(read("180.01", LONGITUDE), None);
    }

    #[test]
    fn both_may_stand_in_one_field() {
        assert_eq!(both("47.05, 8.31"), Some(("47.05", "8.31")));
        assert_eq!(both(" 47,05 8,31"), Some(("47,05", "8,31")));
        for text in ["47,05", "47.05", "1 2 3", ""] {
            assert_eq!(both(text), None, "{text}");
        }
    }
}
