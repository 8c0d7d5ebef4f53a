//! `/public/NAME.atom`: the public posts of a member, for feed readers. WebFinger names it.
use crate::{App, error::Result, page::person::elsewhere, view, visit::Visit};
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use pappus_kernel::{
    access::Viewer,
    error as kernel,
    person::{self, Person},
    stream::{self, Item, Reshared, Stream},
    text::plain,
};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::io::{Result as Written, Write};

const POSTS: i64 = 20;

/// `GET /public/{file}`
pub async fn show(State(app): State<App>, visit: Visit, Path(file): Path<String>) -> Result<Response> {
    let name = file.strip_suffix(".atom").ok_or(crate::error::Error::NotFound)?;
    let person = person::by_username(&app.pod, name).await?;
    if let Some(elsewhere) = elsewhere(&app, &visit, &person.guid).await? {
        return Ok(elsewhere);
    }
    // whoever is closed or suspended has no page, and no feed
    let profile = person::show(&app.pod, Viewer::Visitor, &person.guid).await?;
    if profile.person.closed {
        return Err(crate::error::Error::Status(axum::http::StatusCode::GONE));
    }
    let posts = stream::page(&app.pod, Viewer::Visitor, Stream::Person(person.id), None, POSTS).await?;
    let feed = feed(&app, name, &profile.person, &posts.items).map_err(kernel::Error::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed).into_response())
}

fn feed(app: &App, name: &str, author: &Person, items: &[Item]) -> Written<Vec<u8>> {
    let base = app.pod.site().url("/");
    let address = |path: &str| app.pod.site().url(path);
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let head = [("xmlns", "http://www.w3.org/2005/Atom"), ("xml:base", base.as_str())];
    xml.create_element("feed").with_attributes(head).write_inner_content(|xml| {
        let own = address(&format!("/public/{name}.atom"));
        let page = address(&format!("/u/{name}"));
        words(xml, "id", &own)?;
        words(xml, "title", &author.name)?;
        let newest = items.iter().map(|item| item.created_at.0).max().unwrap_or_default();
        words(xml, "updated", &when(newest))?;
        link(xml, "self", "application/atom+xml", &own)?;
        link(xml, "alternate", "text/html", &page)?;
        signed(xml, author, &page)?;
        items.iter().try_for_each(|item| entry(xml, app, item, &address(&format!("/posts/{}", item.guid))))
    })?;
    Ok(xml.into_inner())
}

fn entry<W: Write>(xml: &mut Writer<W>, app: &App, item: &Item, page: &str) -> Written<()> {
    // what a reshare passes on, by whoever wrote it
    let (author, text, html) = match &item.reshare {
        Some(Reshared::Root(root)) => (&root.author, "", &root.html),
        Some(Reshared::Gone) => return Ok(()),
        None => (&item.author, item.text.as_str(), &item.html),
    };
    let title = Some(plain::title(text)).filter(|title| !title.is_empty());
    xml.create_element("entry").write_inner_content(|xml| {
        words(xml, "id", page)?;
        words(xml, "title", title.as_deref().unwrap_or(&author.name))?;
        words(xml, "published", &when(item.created_at.0))?;
        words(xml, "updated", &when(item.created_at.0))?;
        link(xml, "alternate", "text/html", page)?;
        if author.id != item.author.id {
            signed(xml, author, &app.pod.site().url(&format!("/people/{}", author.guid)))?;
        }
        if item.nsfw {
            xml.create_element("category").with_attribute(("term", "nsfw")).write_empty()?;
        }
        let html = view::html(app, author, html);
        let content = xml.create_element("content").with_attribute(("type", "html"));
        content.write_text_content(BytesText::new(&valid(html.value().as_str().unwrap_or_default())))?;
        Ok(())
    })?;
    Ok(())
}

fn signed<W: Write>(xml: &mut Writer<W>, author: &Person, page: &str) -> Written<()> {
    xml.create_element("author").write_inner_content(|xml| {
        words(xml, "name", &author.name)?;
        words(xml, "uri", page)
    })?;
    Ok(())
}

fn words<W: Write>(xml: &mut Writer<W>, name: &str, text: &str) -> Written<()> {
    xml.create_element(name).write_text_content(BytesText::new(&valid(text))).map(drop)
}

/// What XML cannot hold at all is left out.
fn valid(text: &str) -> String {
    let fine =
        |c: &char| matches!(c, '\t' | '\n') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(fine).collect()
}

fn link<W: Write>(xml: &mut Writer<W>, rel: &str, kind: &str, href: &str) -> Written<()> {
    let attributes = [("rel", rel), ("type", kind), ("href", href)];
    xml.create_element("link").with_attributes(attributes).write_empty().map(drop)
}

fn when(micros: i64) -> String {
    Timestamp::from_microsecond(micros).unwrap_or_default().to_string()
}
