//! The second factor: codes of an app (RFC 6238, six digits, 30 seconds, one step of slack), each good
//! once, and ten recovery codes, each good once.
use super::{password, store};
use crate::{Error, Invalid, Pod, Result, access::Owner, db::Tx, id::UserId, seal::Place};
use aws_lc_rs::digest::{SHA256, digest};
use qrcode::{QrCode, render::svg};
use std::fmt;
use totp_rs::{Builder, Secret, Totp};

const CODES: usize = 10;
/// Without letters and digits that look alike.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// How far the member's second factor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not in use.
    Off,
    /// A secret was made; the first code is awaited.
    Pending,
    /// In use.
    On {
        /// Recovery codes that were not used.
        codes_left: i64,
    },
}

/// What an app needs to know.
#[derive(Clone)]
pub struct Enrolment {
    /// To type in: base32.
    pub secret: String,
    /// `otpauth://…`
    pub url: String,
    /// The same as a picture, an `<svg>` element.
    pub qr_svg: String,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment").finish_non_exhaustive()
    }
}

/// How far it is.
pub async fn state(pod: &Pod, who: Owner) -> Result<State> {
    let mut conn = pod.db.read().await?;
    let row = store::totp(&mut conn, who.user()).await?.ok_or(Error::NotFound)?;
    Ok(match (row.totp_secret, row.totp_since) {
        (None, _) => State::Off,
        (Some(_), None) => State::Pending,
        (Some(_), Some(_)) => State::On { codes_left: store::codes_left(&mut conn, who.user()).await? },
    })
}

/// Makes a secret. Nothing changes at sign-in until a first code was given.
pub async fn begin(pod: &Pod, who: Owner) -> Result<Enrolment> {
    let mut tx = pod.db.begin_durable().await?;
    let row = store::totp(&mut tx, who.user()).await?.ok_or(Error::NotFound)?;
    if row.totp_since.is_some() {
        return Err(Error::Conflict("two-factor-on"));
    }
    let secret = pod.random::<20>();
    let sealed = pod.seal(place(&row.username), &secret)?;
    store::set_totp(&mut tx, who.user(), Some(&sealed), None).await?;
    tx.commit().await?;
    enrolment(pod, &row.username, &secret)
}

/// The secret that waits for its first code, to show it again.
pub async fn pending(pod: &Pod, who: Owner) -> Result<Option<Enrolment>> {
    let row = store::totp(&mut pod.db.read().await?, who.user()).await?.ok_or(Error::NotFound)?;
    match (row.totp_secret, row.totp_since) {
        (Some(sealed), None) => {
            let secret = pod.vault.open(place(&row.username), &sealed).map_err(Error::internal)?;
            enrolment(pod, &row.username, &secret).map(Some)
        }
        _ => Ok(None),
    }
}

/// The first code switches it on. Answers the recovery codes, which cannot be read again.
pub async fn confirm(pod: &Pod, who: Owner, code: &str) -> Result<Vec<String>> {
    let now = pod.clock.now();
    let mut tx = pod.db.begin_durable().await?;
    let row = store::totp(&mut tx, who.user()).await?.ok_or(Error::NotFound)?;
    let (Some(sealed), None) = (row.totp_secret, row.totp_since) else {
        return Err(Error::Conflict("two-factor-not-pending"));
    };
    let totp = open(pod, &row.username, &sealed)?;
    if !use_step(pod, &mut tx, who.user(), &totp, code).await? {
        return Err(Invalid::new("code", "wrong-code").into());
    }
    store::set_totp(&mut tx, who.user(), Some(&sealed), Some(now)).await?;
    let codes = write_codes(pod, &mut tx, who.user()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Forgets a secret that waits for its first code. It protects nothing yet, so no password is asked for. Says
/// whether there was one.
pub async fn cancel(pod: &Pod, who: Owner) -> Result<bool> {
    let mut tx = pod.db.begin_durable().await?;
    let forgotten = store::forget_pending_totp(&mut tx, who.user()).await?;
    tx.commit().await?;
    Ok(forgotten > 0)
}

/// Switches it off, or forgets a secret that waits.
pub async fn disable(pod: &Pod, who: Owner, password: &str) -> Result<()> {
    password::require(pod, who.user(), password, "password").await?;
    let mut tx = pod.db.begin_durable().await?;
    store::set_totp(&mut tx, who.user(), None, None).await?;
    store::delete_codes(&mut tx, who.user()).await?;
    Ok(tx.commit().await?)
}

/// Ten new recovery codes; the old ones no longer work.
pub async fn new_codes(pod: &Pod, who: Owner, password: &str) -> Result<Vec<String>> {
    password::require(pod, who.user(), password, "password").await?;
    let mut tx = pod.db.begin_durable().await?;
    let row = store::totp(&mut tx, who.user()).await?.ok_or(Error::NotFound)?;
    if row.totp_since.is_none() {
        return Err(Error::Conflict("two-factor-off"));
    }
    let codes = write_codes(pod, &mut tx, who.user()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Whether `code` is right now, and uses it up.
pub(super) async fn accepts(pod: &Pod, tx: &mut Tx, user: UserId, code: &str) -> Result<bool> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
    let row = store::totp(tx, user).await?.ok_or(Error::NotFound)?;
    let (Some(sealed), Some(_)) = (row.totp_secret, row.totp_since) else { return Ok(false) };
    let totp = open(pod, &row.username, &sealed)?;
    if use_step(pod, tx, user, &totp, &code).await? {
        return Ok(true);
    }
    let hash = digest(&SHA256, code.to_ascii_lowercase().as_bytes());
    Ok(store::use_code(tx, user, hash.as_ref(), pod.clock.now()).await? == 1)
}

/// A code is good once: its step must be later than every step used before.
async fn use_step(pod: &Pod, tx: &mut Tx, user: UserId, totp: &Totp, code: &str) -> Result<bool> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let Some(step) = totp.check(&code, pod.clock.now().seconds()) else { return Ok(false) };
    let step = i64::try_from(step).map_err(Error::internal)?;
    Ok(store::use_totp_step(tx, user, step).await? == 1)
}

async fn write_codes(pod: &Pod, tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
    store::delete_codes(tx, user).await?;
    let mut codes = Vec::with_capacity(CODES);
    for _ in 0..CODES {
        let plain: String = pod.random::<16>().into_iter().filter_map(letter).collect();
        store::insert_code(tx, user, digest(&SHA256, plain.as_bytes()).as_ref()).await?;
        codes.push(plain.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"));
    }
    Ok(codes)
}

fn letter(byte: u8) -> Option<char> {
    ALPHABET.get(usize::from(byte % 32)).map(|letter| char::from(*letter))
}

fn open(pod: &Pod, username: &str, sealed: &[u8]) -> Result<Totp> {
    let secret = pod.vault.open(place(username), sealed).map_err(Error::internal)?;
    totp(pod, username, &secret)
}

fn totp(pod: &Pod, username: &str, secret: &[u8]) -> Result<Totp> {
    let site = pod.site();
    // the label separates issuer and account by a colon
    let issuer = site.name.replace(':', " ");
    let account = format!("{username}@{}", site.host()).replace(':', " ");
    Builder::new()
        .with_secret(Secret::from(secret.to_vec()))
        .with_account_name(account)
        .with_issuer(Some(issuer))
        .build()
        .map_err(Error::internal)
}

fn enrolment(pod: &Pod, username: &str, secret: &[u8]) -> Result<Enrolment> {
    let totp = totp(pod, username, secret)?;
    let url = totp.to_url().map_err(Error::internal)?;
    let code = QrCode::new(url.as_bytes()).map_err(Error::internal)?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(220, 220).quiet_zone(true).build();
    // an inline picture has no XML declaration
    let qr_svg = picture.find("<svg").and_then(|at| picture.get(at..)).unwrap_or_default().to_owned();
    Ok(Enrolment { secret: totp.secret().to_base32(), url, qr_svg })
}

fn place(username: &str) -> Place<'_> {
    Place { table: "users", row: username, column: "totp_secret" }
}
