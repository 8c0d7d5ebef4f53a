//! From the fields of the composer to a place.
use pappus_plugin_sdk::{Attachment, Composed, FieldError, Pair, problem, values};

use crate::{
    degrees::{self, LATITUDE, LONGITUDE},
    place::{Place, line},
};

pub fn compose(form: &[Pair]) -> Composed {
    let field = |name| values(form, name).map(str::trim).find(|text| !text.is_empty()).unwrap_or_default();
    let (words, latitude, longitude) = (line(field("address")), field("latitude"), field("longitude"));
    let both = if longitude.is_empty() { degrees::both(latitude) } else { None };
    let point = match point(both.unwrap_or((latitude, longitude))) {
        Ok(point) => point,
        Err(problems) => return Composed::Invalid(problems),
    };
    if words.is_empty() && point.is_none() {
        return Composed::Nothing;
    }
    let data = Place { words, point }.element().to_string();
    Composed::Attach(Attachment { guid: String::new(), kind: "location".to_owned(), data })
}

/// None where both are empty.
fn point((latitude, longitude): (&str, &str)) -> Result<Option<(String, String)>, Vec<FieldError>> {
    match (latitude, longitude) {
        ("", "") => return Ok(None),
        ("", _) => return Err(vec![problem("latitude", "both-needed")]),
        (_, "") => return Err(vec![problem("longitude", "both-needed")]),
        _ => {}
    }
    match (degrees::read(latitude, LATITUDE), degrees::read(longitude, LONGITUDE)) {
        (Some(latitude), Some(longitude)) => Ok(Some((latitude, longitude))),
        (latitude, longitude) => {
            let wrong = [
                latitude.is_none().then(|| problem("latitude", "latitude-wrong")),
                longitude.is_none().then(|| problem("longitude", "longitude-wrong")),
            ];
            Err(wrong.into_iter().flatten().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(address: &str, latitude: &str, longitude: &str) -> Composed {
        let fields = [("address", address), ("latitude", latitude), ("longitude", longitude)];
        let pair = |(name, value): (&str, &str)| Pair { name: name.to_owned(), value: value.to_owned() };
        compose(&fields.map(pair))
    }

    fn made(address: &str, latitude: &str, longitude: &str) -> Place {
        let Composed::Attach(made) = composed(address, latitude, longitude) else { panic!("no place") };
        assert_eq!((made.kind.as_str(), made.guid.as_str()), ("location", ""));
        Place::read(&made.data).unwrap()
    }

    fn wrong(latitude: &str, longitude: &str) -> Vec<(String, String)> {
        match composed("Here", latitude, longitude) {
            Composed::Invalid(problems) => problems.into_iter().map(|p| (p.field, p.message_key)).collect(),
            _ => vec![],
        }
    }

    #[test]
    fn words_degrees_or_both_are_a_place() {
        assert_eq!(made(" Lakeside ", "", "").point, None);
        let point = Some(("47.05".to_owned(), "8.31".to_owned()));
        assert_eq!(made("", "47,05", "8.31"), Place { words: String::new(), point: point.clone() });
        assert_eq!(made("Lakeside", "47.05, 8.31", ""), Place { words: "Lakeside".to_owned(), point });
        assert!(matches!(composed(" ", "", ""), Composed::Nothing));
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let said = |field: &str, key: &str| (field.to_owned(), key.to_owned());
        assert_eq!(wrong("47", ""), [said("longitude", "both-needed")]);
        assert_eq!(wrong("", "8"), [said("latitude", "both-needed")]);
        assert_eq!(wrong("91", "8"), [said("latitude", "latitude-wrong")]);
        assert_eq!(
            wrong("north", "181"),
            [said("latitude", "latitude-wrong"), said("longitude", "longitude-wrong")]
        );
    }
}
