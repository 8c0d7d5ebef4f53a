//! People: a profile, contacts and aspects, and what others did.
use serde::Serialize;

use super::{
    Form, Message, Page, SafeHtml,
    views::{AspectView, ContactView, NotificationView, PersonView, PostView, RelationView},
};

/// What the pod's admins decided about somebody: sentence `profile-<standing>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonStanding {
    PicturesHidden,
    Silenced,
    Suspended,
}

/// `/people/<guid>` and `/u/<name>`. Membership posts to `/people/<guid>/aspects`: `aspect_ids[]`, all of them.
#[derive(Debug, Clone, Serialize)]
pub struct ProfilePage {
    pub person: PersonView,
    pub is_me: bool,
    /// None for a visitor and for myself.
    pub relation: Option<RelationView>,
    pub bio: Option<SafeHtml>,
    pub location: Option<String>,
    pub gender: Option<String>,
    pub birthday: Option<String>,
    /// Without number signs.
    pub tags: Vec<String>,
    pub standing: Option<PersonStanding>,
    /// In the admins' words.
    pub standing_reason: Option<String>,
    pub posts: Vec<PostView>,
    pub older: Option<String>,
}

impl Page for ProfilePage {
    const TEMPLATE: &'static str = "pages/profile.html";

    fn title(&self) -> Message {
        Message::new("profile-title").with("name", self.person.name.clone())
    }

    fn samples() -> Vec<Self> {
        let stranger = Self {
            person: PersonView::sample("Alia Okafor", "alia@garden.example"),
            is_me: false,
            relation: None,
            bio: None,
            location: None,
            gender: None,
            birthday: None,
            tags: vec![],
            standing: None,
            standing_reason: None,
            posts: vec![],
            older: None,
        };
        let mine = Self {
            person: PersonView::sample("Robin", "robin@meadow.example"),
            is_me: true,
            bio: Some(SafeHtml::sanitised("<p>Grows things.</p>")),
            location: Some("Leipzig".into()),
            gender: Some("gardener".into()),
            birthday: Some("5 May".into()),
            tags: vec!["gardening".into(), "rust".into()],
            posts: PostView::samples(),
            older: Some("/people/x?max_time=1".into()),
            ..stranger.clone()
        };
        let known = RelationView::samples()
            .into_iter()
            .map(|relation| Self { relation: Some(relation), ..stranger.clone() });
        let kept_away = [
            (PersonStanding::PicturesHidden, None),
            (PersonStanding::Silenced, Some("Loud.".to_owned())),
            (PersonStanding::Suspended, Some("Sells <b>things</b>.".to_owned())),
        ];
        let kept_away = kept_away.map(|(standing, standing_reason)| Self {
            standing: Some(standing),
            standing_reason,
            ..stranger.clone()
        });
        [stranger.clone(), mine].into_iter().chain(known).chain(kept_away).collect()
    }
}

/// A photo of an album.
#[derive(Debug, Clone, Serialize)]
pub struct AlbumPhotoView {
    pub guid: String,
    /// The post that it hangs on.
    pub post_url: String,
    /// Path on this pod.
    pub thumb: String,
    pub alt: String,
}

/// `/people/<guid>/photos`. A photo of mine goes by POST to `/photos/<guid>` (`_method=delete`).
#[derive(Debug, Clone, Serialize)]
pub struct PhotosPage {
    pub person: PersonView,
    pub mine: bool,
    pub photos: Vec<AlbumPhotoView>,
    pub older: Option<String>,
}

impl Page for PhotosPage {
    const TEMPLATE: &'static str = "pages/photos.html";

    fn title(&self) -> Message {
        Message::new("photos-title").with("name", self.person.name.clone())
    }

    fn samples() -> Vec<Self> {
        let photo = |at: usize| AlbumPhotoView {
            guid: format!("{at:x<32}"),
            post_url: "/posts/a0000000000000000000000000000000".into(),
            thumb: format!("/-/media/sample/{at}"),
            alt: if at == 1 { "Frost on <kale>".into() } else { String::new() },
        };
        let person = PersonView::sample("Robin", "robin@meadow.example");
        let empty = Self { person, mine: false, photos: vec![], older: None };
        let full = Self {
            mine: true,
            photos: (0..7).map(photo).collect(),
            older: Some("/people/x/photos?before=1-1".into()),
            ..empty.clone()
        };
        let theirs = Self { mine: false, ..full.clone() };
        vec![Self { mine: true, ..empty.clone() }, empty, full, theirs]
    }
}

/// `GET /people?q=…`: known people by name or diaspora* ID, and what a look-up on the network gave.
#[derive(Debug, Clone, Serialize)]
pub struct SearchPage {
    pub query: String,
    pub people: Vec<PersonView>,
    /// Why looking up the ID failed: `discovery-<failure>`: `unreachable`, `unknown`, `invalid`, `refused`, `off`,
    /// `often`.
    pub failure: Option<String>,
}

impl Page for SearchPage {
    const TEMPLATE: &'static str = "pages/search.html";

    fn title(&self) -> Message {
        Message::new("search-title")
    }

    fn samples() -> Vec<Self> {
        let found = Self {
            query: "\"ali".into(),
            people: vec![PersonView::sample("Alia Okafor", "alia@garden.example")],
            failure: None,
        };
        let failed = ["unreachable", "unknown", "invalid", "refused", "off", "often"].map(|failure| Self {
            query: "alia@garden.example".into(),
            people: vec![],
            failure: Some(failure.into()),
        });
        let blank = Self { query: String::new(), people: vec![], failure: None };
        let nobody = Self { query: "zz".into(), ..blank.clone() };
        [found, blank, nobody].into_iter().chain(failed).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactSet {
    /// Everybody in one of my aspects.
    Mine,
    /// They share with me, I do not (`?set=only_sharing`).
    OnlySharing,
    /// One aspect (`?a_id=…`).
    Aspect,
}

/// `/contacts`. Adding posts to `/contacts`: `handle`, `aspect_ids[]`; a new aspect to `/aspects`:
/// `aspect[name]`; renaming (`_method=put`, `aspect[name]`) and deleting (`_method=delete`) to `/aspects/<id>`.
#[derive(Debug, Clone, Serialize)]
pub struct ContactsPage {
    pub set: ContactSet,
    /// With set `aspect`.
    pub aspect: Option<AspectView>,
    pub aspects: Vec<AspectView>,
    pub contacts: Vec<ContactView>,
    /// Field `handle` (and `aspect_ids`).
    pub add_form: Form,
    /// Which aspects the add form has ticked.
    pub add_aspects: Vec<AspectView>,
    /// Field `name`.
    pub aspect_form: Form,
    /// Field `name`, for renaming the aspect being looked at.
    pub rename_form: Form,
    pub older: Option<String>,
}

impl Page for ContactsPage {
    const TEMPLATE: &'static str = "pages/contacts.html";

    fn title(&self) -> Message {
        Message::new("contacts-title")
    }

    fn samples() -> Vec<Self> {
        let empty = Self {
            set: ContactSet::Mine,
            aspect: None,
            aspects: AspectView::sample_list(),
            contacts: vec![],
            add_form: Form::default(),
            add_aspects: AspectView::sample_list(),
            aspect_form: Form::default(),
            rename_form: Form::default(),
            older: None,
        };
        let people = [("Alia Okafor", "alia@garden.example"), ("Jun Park", "jun@meadow.example")];
        let contacts = RelationView::samples()
            .into_iter()
            .zip(people.into_iter().cycle())
            .map(|(relation, (name, handle))| ContactView {
                person: PersonView::sample(name, handle),
                relation,
            })
            .enumerate()
            .map(|(at, mut contact)| {
                contact.person.guid = format!("{at:x<32}");
                contact
            })
            .collect();
        let full = Self {
            set: ContactSet::Aspect,
            aspect: AspectView::sample_list().into_iter().next(),
            contacts,
            add_form: Form::default().value("handle", "alia@").error("handle", "invalid"),
            aspect_form: Form::default().value("name", "Family").error("name", "taken"),
            rename_form: Form::default().value("name", "").error("name", "required"),
            older: Some("/contacts?page=2".into()),
            ..empty.clone()
        };
        vec![empty.clone(), full, Self { set: ContactSet::OnlySharing, ..empty }]
    }
}

/// `/notifications`. One is marked by POST to `/notifications/<id>` (`_method=put`, `set_unread`),
/// all by POST to `/notifications/read_all`.
#[derive(Debug, Clone, Serialize)]
pub struct NotificationsPage {
    pub notifications: Vec<NotificationView>,
    pub unread: u64,
    pub older: Option<String>,
}

impl Page for NotificationsPage {
    const TEMPLATE: &'static str = "pages/notifications.html";

    fn title(&self) -> Message {
        Message::new("notifications-title")
    }

    fn samples() -> Vec<Self> {
        vec![
            Self { notifications: vec![], unread: 0, older: None },
            Self {
                notifications: NotificationView::samples(),
                unread: 3,
                older: Some("/notifications?page=2".into()),
            },
        ]
    }
}
