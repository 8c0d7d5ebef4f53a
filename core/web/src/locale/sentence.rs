//! Sentences read once. Fluent resolves a sentence anew at each use, with scopes and locks made for much harder
//! ones than ours; a page says hundreds. What is not as plain as this stays with Fluent.
use std::{borrow::Cow, fmt::Write as _};

use fluent_bundle::{FluentArgs, FluentValue};
use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};

/// The plural category of a whole number, in the words of the plural rules.
pub type Plural = fn(i64) -> &'static str;

/// Texts, arguments and choices by an argument, in their order.
#[derive(Debug)]
pub struct Sentence(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Text(String),
    Argument(String),
    Choice { by: String, arms: Vec<(Key, Sentence)>, otherwise: Sentence },
}

#[derive(Debug)]
enum Key {
    Number(i64),
    Word(String),
}

impl Sentence {
    /// None for a sentence with more in it.
    pub fn read(pattern: &Pattern<&str>) -> Option<Self> {
        pattern.elements.iter().map(Piece::read).collect::<Option<_>>().map(Self)
    }

    /// None where Fluent should say it, and what is wrong with it.
    pub fn say(&self, args: &FluentArgs<'_>, plural: Plural) -> Option<Cow<'_, str>> {
        if let [Piece::Text(text)] = self.0.as_slice() {
            return Some(Cow::Borrowed(text));
        }
        let mut out = String::with_capacity(32);
        self.write(&mut out, args, plural)?;
        Some(Cow::Owned(out))
    }

    fn write(&self, out: &mut String, args: &FluentArgs<'_>, plural: Plural) -> Option<()> {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Argument(name) => match args.get(name)? {
                    FluentValue::String(text) => out.push_str(text),
                    number => write!(out, "{}", whole(number)?).ok()?,
                },
                Piece::Choice { by, arms, otherwise } => {
                    let chosen = args.get(by)?;
                    let fits = |key: &Key| key.fits(chosen, plural);
                    let arm = arms.iter().find(|(key, _)| fits(key)).map_or(otherwise, |(_, arm)| arm);
                    whole(chosen).map(drop).or_else(|| text(chosen).map(drop))?;
                    arm.write(out, args, plural)?;
                }
            }
        }
        Some(())
    }
}

impl Piece {
    fn read(element: &PatternElement<&str>) -> Option<Self> {
        let expression = match element {
            PatternElement::TextElement { value } => return Some(Self::Text((*value).to_owned())),
            PatternElement::Placeable { expression } => expression,
        };
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => {
                Some(Self::Argument(id.name.to_owned()))
            }
            Expression::Inline(InlineExpression::StringLiteral { value }) if !value.contains('\\') => {
                Some(Self::Text((*value).to_owned()))
            }
            Expression::Select { selector: InlineExpression::VariableReference { id }, variants } => {
                let otherwise = variants.iter().find(|variant| variant.default)?;
                let arms = variants.iter().map(arm).collect::<Option<_>>()?;
                Some(Self::Choice {
                    by: id.name.to_owned(),
                    arms,
                    otherwise: Sentence::read(&otherwise.value)?,
                })
            }
            _ => None,
        }
    }
}

fn arm(variant: &Variant<&str>) -> Option<(Key, Sentence)> {
    let key = match variant.key {
        VariantKey::Identifier { name } => Key::Word(name.to_owned()),
        VariantKey::NumberLiteral { value } => Key::Number(value.parse().ok()?),
    };
    Some((key, Sentence::read(&variant.value)?))
}

impl Key {
    fn fits(&self, chosen: &FluentValue<'_>, plural: Plural) -> bool {
        match (self, whole(chosen)) {
            (Self::Number(number), chosen) => chosen == Some(*number),
            (Self::Word(word), Some(number)) => plural(number) == word,
            (Self::Word(word), None) => text(chosen) == Some(word.as_str()),
        }
    }
}

fn text<'a>(value: &'a FluentValue<'_>) -> Option<&'a str> {
    if let FluentValue::String(text) = value { Some(text) } else { None }
}

/// The number, if it is one of those that look the same however they are written.
fn whole(value: &FluentValue<'_>) -> Option<i64> {
    let FluentValue::Number(number) = value else { return None };
    let plain = number.options.minimum_fraction_digits.is_none() && number.value.fract() == 0.0;
    #[allow(clippy::cast_possible_truncation, reason = "whole, and far from the limits")]
    (plain && number.value.abs() < 1e15).then_some(number.value as i64)
}
