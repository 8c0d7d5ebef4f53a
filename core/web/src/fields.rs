//! A submitted form or a query as its pairs, repeated names kept.
use crate::{App, error::Error, theme::contract::Form};
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
};
use std::convert::Infallible;
use url::form_urlencoded;

/// The pairs of a form, in order.
#[derive(Debug, Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// These pairs.
    pub const fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// More fields of one name.
    pub fn add(&mut self, name: &str, values: impl Iterator<Item = String>) {
        self.0.extend(values.map(|value| (name.to_owned(), value)));
    }

    /// All of them.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// The first field of that name, as it was typed.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, empty where it is missing.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// All fields of that name; `name[]` as well as `name` and `name[0]`.
    pub fn all(&self, name: &str) -> Vec<String> {
        let belongs = |key: &str| {
            key.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || (rest.starts_with('[') && rest.ends_with(']')))
        };
        self.0.iter().filter(|(key, _)| belongs(key)).map(|(_, value)| value.clone()).collect()
    }

    /// A number, if it is one.
    pub fn id(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|text| text.trim().parse().ok())
    }

    /// A box that was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value, "" | "0" | "false"))
    }

    /// What was typed into these fields, to show it again: the names inside `outer[…]`.
    pub fn kept(&self, outer: &str, names: &[&str]) -> Form {
        let mut form = Form::default();
        for name in names {
            let key = if outer.is_empty() { (*name).to_owned() } else { format!("{outer}[{name}]") };
            if let Some(value) = self.get(&key) {
                form = form.value(*name, value);
            }
        }
        form
    }
}

impl FromRequest<App> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes().to_ascii_lowercase());
        let is_form =
            kind.as_ref().is_some_and(|kind| kind.starts_with(b"application/x-www-form-urlencoded"));
        let bytes = Bytes::from_request(request, app).await.map_err(|_| Error::TooLong)?;
        match (bytes.is_empty(), is_form) {
            (true, _) => Ok(Self::default()),
            (false, false) => Err(Error::MediaType),
            (false, true) => {
                if std::str::from_utf8(&unescaped(&bytes)).is_err() {
                    return Err(Error::Malformed("a field is not text"));
                }
                let fields = Self::parse(&bytes);
                let sound = fields.0.iter().all(|(key, value)| !key.contains('\0') && !value.contains('\0'));
                sound.then_some(fields).ok_or(Error::Malformed("a field holds a zero character"))
            }
        }
    }
}

/// The bytes that a form spells. Parsing would put a question mark where they are no text, and publish it.
fn unescaped(mut rest: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(rest.len());
    while let [first, tail @ ..] = rest {
        let escaped = match tail {
            [high, low, behind @ ..] if *first == b'%' => {
                digit(high).zip(digit(low)).map(|pair| (pair, behind))
            }
            _ => None,
        };
        let (byte, behind) =
            escaped.map_or((*first, tail), |((high, low), behind)| (high * 16 + low, behind));
        out.push(byte);
        rest = behind;
    }
    out
}

/// The query as fields.
#[derive(Debug, Clone, Default)]
pub struct Query(pub Fields);

impl FromRequestParts<App> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(Fields::parse(parts.uri.query().unwrap_or_default().as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_spells_is_read_as_bytes() {
        assert_eq!(unescaped(b"a=%C3%bc&b=%zz%4"), b"a=\xc3\xbc&b=%zz%4");
        assert_eq!(unescaped(b"%ff\xfe"), [0xff, 0xfe]);
    }

    #[test]
    fn repeated_fields_are_kept() {
        let fields = Fields::parse(b"aspect_ids%5B%5D=1&aspect_ids[]=2&aspect_idsx=3&user[a]=b");
        assert_eq!(fields.all("aspect_ids"), ["1", "2"]);
        assert_eq!(fields.get("user[a]"), Some("b"));
        assert_eq!(fields.kept("user", &["a", "c"]).values.len(), 1);
    }
}
