//! Writes the seeds of the fuzz targets: `cargo run -p pappus-federation --example fuzz_seeds FOLDER`.
//! `FOLDER` is `core/federation/fuzz`; the throw-away key there is made anew as well.

use std::error::Error;
use std::fs;
use std::path::Path;

use pappus_federation::discovery::{HCard, WebFinger, host_meta, nodeinfo};
use pappus_federation::entity::{
    AccountDeletion, AccountMigration, Answer, Comment, Contact, Conversation, Event, EventParticipation,
    Like, Location, Message, Participation, Photo, Poll, PollAnswer, PollParticipation, Profile, Reshare,
    Retraction, StatusMessage,
};
use pappus_federation::{
    DiasporaId, Entity, Guid, Kind, PrivateKey, Relayable as _, Timestamp, envelope, sealed,
};

const NOW: Timestamp = Timestamp::from_micros(1_715_938_200_000_000);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let key = PrivateKey::generate_small()?;
    fs::write(folder.join("recipient.pem"), key.to_pem()?.as_str())?;
    let mia: DiasporaId = "mia@pod.example".parse()?;
    let mut entropy = counter();
    for entity in entities(&mia, &key)? {
        let (name, xml) = (entity.name(), entity.to_xml());
        write(folder, "entity", &format!("{name}.xml"), &xml)?;
        let signed = envelope::sign(&xml, &mia, &key)?;
        write(folder, "envelope", &format!("{name}.xml"), &signed)?;
        write(
            folder,
            "sealed",
            &format!("{name}.json"),
            &sealed::seal(&signed, key.public(), &mut entropy)?,
        )?;
    }
    let odd = "<?xml version='1.0'?>\n<like><positive>t</positive><x/><author>a@b.example</author>\
               <guid>aaaaaaaaaaaaaaaa</guid><parent_guid>bbbbbbbbbbbbbbbb</parent_guid><!-- c -->\
               <parent_type>Post</parent_type><y><![CDATA[<&>]]></y><parent_author_signature>AA</parent_author_signature></like>";
    write(folder, "entity", "odd.xml", odd)?;
    let links = "see web+diaspora://mia@pod.example/post/0123456789abcdef, diaspora://noa@other.example:3000/comment/\
                 a-b_c@d.e:f0123456789. And diaspora://é/post/ü diaspora:// diaspora://x@y/Post/z";
    write(folder, "uri", "links.txt", links)?;
    discovery(folder, &mia, &key)
}

fn write(folder: &Path, target: &str, name: &str, text: &str) -> std::io::Result<()> {
    write_bytes(folder, target, name, text.as_bytes())
}

fn write_bytes(folder: &Path, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = folder.join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{name}")), bytes)
}

/// Seeds need no chance.
fn counter() -> impl FnMut(&mut [u8]) {
    let mut next = 0u8;
    move |bytes| {
        bytes.fill_with(|| {
            next = next.wrapping_add(101);
            next
        });
    }
}

fn guid(name: &str) -> Result<Guid, Box<dyn Error>> {
    Ok(format!("{name:0>32}").parse()?)
}

fn post(mia: &DiasporaId) -> Result<StatusMessage, Box<dyn Error>> {
    let mut post = StatusMessage::new(
        mia.clone(),
        guid("post")?,
        NOW,
        true,
        "Sunset @{noa@other.example} #lake".to_owned(),
    );
    let location =
        Location { address: "Lakeside".to_owned(), lat: "47.05".to_owned(), lng: "8.31".to_owned() };
    post.photos.push(photo(mia)?);
    post.location = Some(location.clone());
    let answer =
        |name: &str| Ok::<_, Box<dyn Error>>(PollAnswer { guid: guid(name)?, answer: name.to_owned() });
    post.poll = Some(Poll {
        guid: guid("poll")?,
        question: "Tabs or spaces?".to_owned(),
        answers: vec![answer("tabs")?, answer("spaces")?],
    });
    post.event = Some(Event {
        author: mia.clone(),
        guid: guid("event")?,
        edited_at: None,
        summary: "Pod meetup".to_owned(),
        description: None,
        start: NOW,
        end: None,
        all_day: false,
        timezone: Some("Europe/Zurich".to_owned()),
        location: Some(location),
    });
    Ok(post)
}

fn photo(mia: &DiasporaId) -> Result<Photo, Box<dyn Error>> {
    Ok(Photo {
        guid: guid("photo")?,
        author: mia.clone(),
        public: true,
        created_at: NOW,
        edited_at: None,
        remote_photo_path: "https://pod.example/uploads/images/".to_owned(),
        remote_photo_name: "c0ffee.jpg".to_owned(),
        text: Some("the sun & the lake".to_owned()),
        status_message_guid: Some(guid("post")?),
        height: Some(768),
        width: Some(1024),
    })
}

fn entities(mia: &DiasporaId, key: &PrivateKey) -> Result<Vec<Entity>, Box<dyn Error>> {
    let noa: DiasporaId = "noa@other.example:3000".parse()?;
    let mut comment = Comment::new(mia.clone(), guid("comment")?, guid("post")?, "Lovely! <3\n&c", NOW)?;
    let mut like = Like::new(mia.clone(), guid("like")?, true, guid("comment")?);
    let mut vote = PollParticipation::new(mia.clone(), guid("vote")?, guid("poll")?, guid("tabs")?);
    let mut answer = EventParticipation::new(mia.clone(), guid("answer")?, guid("event")?, Answer::Accepted);
    comment.sign(key)?;
    like.sign(key)?;
    vote.sign(key)?;
    answer.sign(key)?;
    let mut profile = Profile::new(mia.clone(), true);
    profile.first_name = Some("Mia".to_owned());
    profile.bio = Some("I like lakes.".to_owned());
    profile.image_url = Some("/a/l.jpg".to_owned());
    let mut migration = AccountMigration::new(noa.clone(), noa.clone(), profile.clone());
    migration.sign(key)?;
    let message = Message::new(mia.clone(), guid("message")?, "When?".to_owned(), NOW, guid("talk")?);
    let people = vec![mia.clone(), noa.clone()];
    Ok(vec![
        post(mia)?.into(),
        photo(mia)?.into(),
        comment.into(),
        like.into(),
        vote.into(),
        answer.into(),
        profile.into(),
        migration.into(),
        Conversation::new("Trip".to_owned(), people, message.clone()).into(),
        message.into(),
        Reshare::new(mia.clone(), guid("reshare")?, NOW, (noa.clone(), guid("root")?)).into(),
        Contact::new(mia.clone(), noa, true).into(),
        Participation::new(mia.clone(), guid("subscription")?, guid("root")?).into(),
        Retraction::new(mia.clone(), Kind::Post, guid("post")?).into(),
        AccountDeletion { author: mia.clone() }.into(),
    ])
}

fn discovery(folder: &Path, mia: &DiasporaId, key: &PrivateKey) -> Result<(), Box<dyn Error>> {
    let local = WebFinger::local(mia, &guid("mia")?, "https://pod.example/");
    write(folder, "webfinger", "local.json", &local.to_jrd())?;
    let xrd = "<?xml version='1.0' encoding='UTF-8'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
               <Subject>acct:mia@pod.example</Subject>\
               <Link rel='http://microformats.org/profile/hcard' href='https://pod.example/hcard/users/x'/>\
               <Link rel='http://joindiaspora.com/seed_location' href='https://pod.example'/></XRD>";
    write(folder, "webfinger", "old.xml", xrd)?;
    write(folder, "key", "public.pem", &key.public().to_pem())?;
    write(folder, "key", "private.pem", &key.to_pem()?)?;
    write_bytes(folder, "key", "public.der", key.public().as_spki())?;
    write(folder, "host_meta", "local.xml", &host_meta::print("https://pod.example/"))?;
    write(folder, "nodeinfo", "links.json", &nodeinfo::links("https://pod.example/"))?;
    write(folder, "nodeinfo", "relay.json", r#"{"subscribe":true,"scope":"tags","tags":["lakes"]}"#)?;
    let software = r#"{"version":"1.0","server":{"baseUrl":"https://pod.example","name":"Pod","software":"x","version":"1"},
                       "software":{"name":"x","version":"1"},"protocols":{"inbound":["diaspora"]},"usage":{"users":{}}}"#;
    write(folder, "nodeinfo", "software.json", software)?;
    let card = HCard {
        guid: guid("mia")?,
        nickname: Some("mia".to_owned()),
        full_name: "Mia <Muster>".to_owned(),
        first_name: Some("Mia".to_owned()),
        last_name: None,
        public_key: key.public().clone(),
        photo_large_url: "https://pod.example/a/l.jpg".to_owned(),
        photo_medium_url: "/a/m.jpg".to_owned(),
        photo_small_url: "/a/s.jpg".to_owned(),
        searchable: true,
    };
    let page = card.to_html("https://pod.example/");
    write(folder, "hcard", "local.html", &page)?;
    let messy = page.replace("</dd></dl>", "<script>'</dd>'</script>").replace("<dt>", "<DT class=key><br>");
    write(folder, "hcard", "messy.html", &messy)?;
    Ok(())
}
