//! The notice of one birthday.
use pappus_plugin_sdk::{
    clock::Date,
    notifications::{self, Notice},
    people::Profile,
};

use crate::calendar;

const KIND: &str = "birthday";

/// None where the day is kept back. The year is part of the key, so that it is told once in each.
pub fn notice(member: u64, profile: &Profile, today: Date) -> Option<Notice> {
    let born = profile.birthday?;
    let age = calendar::age(born, today);
    let sentence = if age.is_some() { "birthday-age" } else { "birthday" };
    let key = format!("{}/{}", profile.handle, today.year.unwrap_or(0));
    Some(Notice {
        args: age.map(|age| notifications::number("age", age)).into_iter().collect(),
        actors: vec![profile.handle.clone()],
        ..notifications::notice(member, KIND, sentence, &key)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(birthday: Option<Date>) -> Profile {
        Profile {
            handle: "bob@pod.example".into(),
            local_user: None,
            display_name: "Bob".into(),
            avatar_url: None,
            profile_url: "https://pod.example/people/b0b".into(),
            birthday,
            locale: None,
            ext: Vec::new(),
        }
    }

    const TODAY: Date = Date { year: Some(2027), month: 2, day: 28 };

    #[test]
    fn an_age_is_told_where_the_year_is_known() {
        let told = notice(5, &somebody(Some(Date { year: Some(1996), month: 2, day: 29 })), TODAY).unwrap();
        assert_eq!((told.recipient, told.kind.as_str()), (5, "birthday"));
        assert_eq!((told.message_key.as_str(), told.args[0].value.as_str()), ("birthday-age", "31"));
        assert_eq!(told.dedupe_key, "bob@pod.example/2027");
        assert_eq!(told.actors, ["bob@pod.example"]);
    }

    #[test]
    fn without_a_year_no_age_is_told_and_without_a_day_nothing() {
        let told = notice(5, &somebody(Some(Date { year: None, month: 2, day: 28 })), TODAY).unwrap();
        assert_eq!((told.message_key.as_str(), told.args.len()), ("birthday", 0));
        assert!(notice(5, &somebody(None), TODAY).is_none());
    }
}
