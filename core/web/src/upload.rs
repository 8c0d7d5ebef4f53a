//! Forms that bring files: read part by part, so that no more than one file is in memory, and whatever is wrong
//! with a file, the words beside it are kept.
use crate::{App, error::Error, fields::Fields, route::TEXT_BYTES};
use axum::{
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
    http::{StatusCode, header},
};
use pappus_kernel::{
    access::Owner,
    error as kernel,
    media::{self, LARGEST_FILE, MOST_PHOTOS, Refused, Waiting},
};

/// Bytes of a field beside a file, and how many such fields are read.
const WORDS: usize = 1024;
const MOST_WORDS: usize = 20;

/// What such a form said, and what became of its files.
#[derive(Default)]
pub struct Sent {
    pub fields: Fields,
    /// Taken, in order.
    pub photos: Vec<Waiting>,
    /// The first thing that was wrong with a file.
    pub problem: Option<kernel::Error>,
}

/// Whether the body is a form with files.
pub fn is_multipart(request: &Request) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// Reads a form and takes its files as photos of the member; a form without files is read as it is.
pub async fn photos(app: &App, owner: Owner, request: Request) -> Result<Sent, Error> {
    if !is_multipart(&request) {
        return Ok(Sent { fields: Fields::from_request(request, app).await?, ..Sent::default() });
    }
    let mut form = Reader::of(app, request).await?;
    let mut sent = Sent::default();
    while let Some(part) = form.next().await {
        match part {
            Part::Words => {}
            Part::File(file) if sent.photos.len() < MOST_PHOTOS => match take(app, owner, file).await {
                Ok(photo) => sent.photos.push(photo),
                Err(error) => sent.problem = sent.problem.or(Some(error)),
            },
            Part::File(_) => {
                let many = kernel::Invalid::new("photos", "picture-count");
                sent.problem = sent.problem.or(Some(many.into()));
            }
            Part::Refused(why) => sent.problem = sent.problem.or(Some(why.into())),
        }
    }
    sent.fields = form.fields()?;
    Ok(sent)
}

/// One file as a photo that waits.
pub async fn take(app: &App, owner: Owner, file: Vec<u8>) -> Result<Waiting, kernel::Error> {
    may_open(app, owner)?;
    media::upload(&app.pod, owner, file).await
}

/// Whether the member has not opened too many pictures lately.
pub fn may_open(app: &App, owner: Owner) -> Result<(), kernel::Error> {
    match app.limits.pictures.check(&format!("user {}", owner.user())) {
        Err(Error::TooMany(seconds)) => Err(kernel::Error::TooMany(seconds)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Reads a form for its one file; none where none was chosen.
pub async fn file(app: &App, request: Request) -> Result<Result<Option<Vec<u8>>, Refused>, Error> {
    if !is_multipart(&request) {
        return Err(Error::MediaType);
    }
    let mut form = Reader::of(app, request).await?;
    while let Some(part) = form.next().await {
        match part {
            Part::Words => {}
            Part::File(file) => return Ok(Ok(Some(file))),
            Part::Refused(why) => return Ok(Err(why)),
        }
    }
    Ok(Ok(None))
}

/// Reads a form for the file of one field, of at most so many bytes, and for its words.
pub async fn one(
    app: &App,
    request: Request,
    field: &str,
    most: usize,
) -> Result<(Fields, Option<Vec<u8>>), Error> {
    let broken = |_| Error::Malformed("the upload ended early");
    let mut parts = Multipart::from_request(request, app).await.map_err(|_| Error::MediaType)?;
    let (mut pairs, mut file) = (Vec::new(), None);
    while let Some(mut part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let room = if name == field { most } else { WORDS };
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > room {
                return Err(Error::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        if name == field {
            file = Some(bytes).filter(|bytes| !bytes.is_empty());
        } else if pairs.len() < MOST_WORDS {
            pairs.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok((Fields::of(pairs), file))
}

/// What such a form says, without its files: for whoever may not send any.
pub async fn words(app: &App, mut request: Request, most: usize) -> Fields {
    DefaultBodyLimit::max(most).apply(&mut request);
    let Ok(mut form) = Reader::of(app, request).await else { return Fields::default() };
    form.takes_files = false;
    while form.next().await.is_some() {}
    form.fields().unwrap_or_default()
}

struct Reader {
    parts: Multipart,
    pairs: Vec<(String, String)>,
    bytes: usize,
    ended: bool,
    takes_files: bool,
}

enum Part {
    Words,
    File(Vec<u8>),
    Refused(Refused),
}

impl Reader {
    async fn of(app: &App, request: Request) -> Result<Self, Error> {
        let parts = Multipart::from_request(request, app).await.map_err(|_| Error::MediaType)?;
        Ok(Self { parts, pairs: Vec::new(), bytes: 0, ended: false, takes_files: true })
    }

    /// None at the end. What breaks off says so once, and is the end.
    async fn next(&mut self) -> Option<Part> {
        if self.ended {
            return None;
        }
        let read = match self.parts.next_field().await {
            Ok(None) => return None,
            Ok(Some(field)) => {
                let room = TEXT_BYTES.saturating_sub(self.bytes);
                read(field, room, self.takes_files).await
            }
            Err(error) => Err(broken(error.status())),
        };
        match read {
            Ok(Read::Words(name, words)) => {
                self.bytes += words.len();
                self.pairs.push((name, words));
                Some(Part::Words)
            }
            Ok(Read::Nothing) => Some(Part::Words),
            Ok(Read::File(file)) => Some(Part::File(file)),
            Ok(Read::TooLong) => Some(Part::Refused(Refused::Bytes)),
            Err(why) => {
                self.ended = true;
                Some(Part::Refused(why))
            }
        }
    }

    fn fields(self) -> Result<Fields, Error> {
        let sound = self.pairs.iter().all(|(key, value)| !key.contains('\0') && !value.contains('\0'));
        if sound {
            Ok(Fields::of(self.pairs))
        } else {
            Err(Error::Malformed("a field holds a zero character"))
        }
    }
}

enum Read {
    Words(String, String),
    File(Vec<u8>),
    Nothing,
    TooLong,
}

/// A part of the form, to its end, even where it is not wanted: the parts behind it may be.
async fn read(mut field: Field<'_>, room: usize, takes_files: bool) -> Result<Read, Refused> {
    let name = field.name().unwrap_or_default().to_owned();
    let is_file = field.file_name().is_some();
    let most = match (is_file, takes_files) {
        (true, true) => LARGEST_FILE,
        (true, false) => 0,
        (false, _) => room,
    };
    let (mut bytes, mut too_long) = (Vec::new(), false);
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(error.status()))? {
        too_long |= bytes.len() + chunk.len() > most;
        if !too_long {
            bytes.extend_from_slice(&chunk);
        }
    }
    match (is_file, too_long) {
        (true, true) if takes_files => Ok(Read::TooLong),
        (true, true) => Ok(Read::Nothing),
        // a file field that was left empty
        (true, false) if bytes.is_empty() => Ok(Read::Nothing),
        (true, false) => Ok(Read::File(bytes)),
        (false, true) => Err(Refused::Bytes),
        (false, false) => Ok(Read::Words(name, String::from_utf8_lossy(&bytes).into_owned())),
    }
}

fn broken(status: StatusCode) -> Refused {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Refused::Bytes } else { Refused::Broken }
}
