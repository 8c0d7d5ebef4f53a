//! A place as it hangs on a post: the element of the protocol as JSON. Other pods wrote most of them, so what is read
//! is only what a place can be.
use std::fmt::Write as _;

use serde_json::Value;

use crate::degrees::{self, LATITUDE, LONGITUDE};

/// Letters of the words that are shown.
const LONGEST: usize = 255;
const MAP: &str = "https://www.openstreetmap.org";
/// Near enough to see the street.
const ZOOM: u8 = 16;

/// Where something is: in words, on the globe, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub words: String,
    /// Latitude and longitude.
    pub point: Option<(String, String)>,
}

impl Place {
    /// None where nothing of it can be shown.
    pub fn read(data: &str) -> Option<Self> {
        let element: Value = serde_json::from_str(data).ok()?;
        let text = |name: &str| element.get(name).and_then(Value::as_str).unwrap_or_default();
        let place = Self {
            words: line(text("address")),
            point: degrees::read(text("lat"), LATITUDE).zip(degrees::read(text("lng"), LONGITUDE)),
        };
        let place = Self { point: place.point.filter(|point| !is_nowhere(point)), ..place };
        (!place.words.is_empty() || place.point.is_some()).then_some(place)
    }

    /// The element; 0 and 0 where nobody said where it is, as the protocol wants a number.
    pub fn element(&self) -> Value {
        let zero = || ("0".to_owned(), "0".to_owned());
        let (latitude, longitude) = self.point.clone().unwrap_or_else(zero);
        serde_json::json!({ "address": self.words, "lat": latitude, "lng": longitude })
    }

    /// In words, or in degrees where there are none.
    pub fn shown(&self) -> String {
        match &self.point {
            Some((latitude, longitude)) if self.words.is_empty() => format!("{latitude}, {longitude}"),
            _ => self.words.clone(),
        }
    }

    /// Where a map shows it, or a search for it.
    pub fn map(&self) -> String {
        match &self.point {
            Some((lat, lng)) => format!("{MAP}/?mlat={lat}&mlon={lng}#map={ZOOM}/{lat}/{lng}"),
            None => format!("{MAP}/search?query={}", encoded(&self.words)),
        }
    }
}

/// What stands for "unknown": a spot in the open sea.
fn is_nowhere((latitude, longitude): &(String, String)) -> bool {
    latitude == "0" && longitude == "0"
}

/// One line that is not longer than it may be, without what turns the direction of the letters behind it.
pub fn line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text
        .chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .take(LONGEST * 4)
        .collect();
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default().trim_end()),
        None => line,
    }
}

/// As it stands in the query of an address.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // a string takes whatever is written to it
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(address: &str, lat: &str, lng: &str) -> Option<Place> {
        Place::read(
            &serde_json::json!({ "address": address, "lat": lat, "lng": lng, "answers": {} }).to_string(),
        )
    }

    #[test]
    fn a_place_is_the_same_there_and_back() {
        let place = read("Lakeside", "47.05", "8.31").unwrap();
        assert_eq!(Place::read(&place.element().to_string()).unwrap(), place);
        assert_eq!(place.shown(), "Lakeside");
        assert_eq!(place.map(), "https://www.openstreetmap.org/?mlat=47.05&mlon=8.31#map=16/47.05/8.31");
        assert_eq!(read("", "47.05", "8.31").unwrap().shown(), "47.05, 8.31");
    }

    #[test]
    fn a_place_of_which_nobody_said_where_it_is_is_searched_by_its_words() {
        let place = read("Café & Bar?", "0", "0.000").unwrap();
        assert_eq!(place.point, None);
        assert_eq!(place.map(), "https://www.openstreetmap.org/search?query=Caf%C3%A9%20%26%20Bar%3F");
        assert_eq!(place.element()["lat"], "0");
        assert!(read("", "0", "8.31").unwrap().point.is_some(), "the equator is a place");
        assert_eq!(read(" \n", "0", "0"), None);
    }

    #[test]
    fn what_is_no_place_is_not_shown() {
        for (lat, lng) in [
            ("91", "8"),
            ("8", "181"),
            ("javascript:alert(1)", "8"),
            ("NaN", "NaN"),
            ("1\"><b>", "1"),
            ("", ""),
        ] {
            assert_eq!(read("", lat, lng), None, "{lat} {lng}");
            assert_eq!(read("Here", lat, lng).unwrap().point, None, "{lat} {lng}");
        }
        for data in ["", "null", "[]", "{}", "7", r#"{"address": ["a", "b"], "lat": {}, "lng": 7}"#] {
            assert_eq!(Place::read(data), None, "{data}");
        }
    }

    #[test]
    fn words_are_one_line_in_their_own_direction() {
        assert_eq!(line("  a\r\n\tb\u{0}c\u{a0}d "), "a b c d");
        assert_eq!(line("a\u{202e}b\u{2066}c"), "abc");
        assert_eq!(line(&"ä".repeat(255)).chars().count(), 255);
        let cut = line(&"ä".repeat(60_000));
        assert!(cut.chars().count() == 256 && cut.ends_with('…'));
    }
}
