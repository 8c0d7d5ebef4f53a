//! Writes the seeds of the fuzz targets: `cargo run -p pappus-kernel --example kernel_fuzz_seeds core/kernel/fuzz`.

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::{
    error::Error,
    fs,
    io::{Cursor, Write as _},
    path::Path,
};
use zip::{ZipWriter, write::SimpleFileOptions};

const TEXT: &str = "# A morning at the lake\n\n@{Noa; noa@other.example} and @{zoe@pod.example}, look: #lakes \
                    \u{200f}#\u{628}\u{62d}\u{631} #<3\r\nhttps://pod.example/a?b=1&c=\"2\" <b>bold</b>\n\n\nand more\u{a0}\u{0}.";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let archive = archive();
    write(folder, "archive", "whole.json", archive.to_string().as_bytes())?;
    let empty = r#"{"version":"2.0","user":{"private_key":"","profile":0}}"#;
    write(folder, "archive", "empty.json", empty.as_bytes())?;
    packed(folder, archive.to_string().as_bytes())?;
    blocklists(folder)?;
    answers(folder)?;
    write(folder, "scan", "text.md", TEXT.as_bytes())?;
    write(folder, "plain", "text.md", TEXT.as_bytes())?;
    html(folder)?;
    Ok(())
}

fn write(folder: &Path, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let folder = folder.join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{name}")), bytes)
}

fn guid(name: &str) -> String {
    format!("{name:0>32}")
}

/// One of everything that an archive can hold.
fn archive() -> Value {
    let mia = "mia@pod.example";
    let post = json!({
        "entity_type": "status_message",
        "entity_data": {
            "author": mia, "guid": guid("post"), "created_at": "2026-05-17T10:30:00Z", "public": false,
            "text": TEXT.replace('\0', ""),
            "poll": { "entity_type": "poll", "entity_data": { "guid": guid("poll"), "question": "why?", "poll_answers": [
                { "entity_type": "poll_answer", "entity_data": { "guid": guid("yes"), "answer": "yes" } },
                { "entity_type": "poll_answer", "entity_data": { "guid": guid("no"), "answer": "no" } }
            ] } }
        },
        "subscribed_users_ids": ["noa@other.example"]
    });
    let comment = json!({
        "entity_type": "comment",
        "entity_data": {
            "author": mia, "guid": guid("comment"), "parent_guid": guid("root"), "text": "mine",
            "created_at": "2026-05-17T10:31:00Z", "author_signature": "AAAA"
        },
        "property_order": ["author", "guid", "parent_guid", "text", "created_at"]
    });
    let reshare = json!({ "entity_type": "reshare", "entity_data": {
        "author": mia, "guid": guid("reshare"), "created_at": "2026-05-17T10:32:00Z",
        "root_author": "noa@other.example", "root_guid": guid("root")
    } });
    let profile = json!({ "entity_type": "profile", "entity_data": { "author": mia, "first_name": "Mia" } });
    let user = json!({
        "private_key": "none", "profile": profile, "contact_groups": [{ "name": "Friends" }],
        "contacts": [{ "sharing": true, "receiving": true, "account_id": "noa@other.example",
                       "contact_groups_membership": ["Friends"] }],
        "blocks": ["eve@liar.example"], "posts": [post, reshare], "relayables": [comment],
        "followed_tags": ["lakes"], "post_subscriptions": [guid("root")]
    });
    json!({ "version": "2.0", "user": user, "others_data": { "relayables": [{}], "posts": [] } })
}

fn packed(folder: &Path, json: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::best());
    gz.write_all(json)?;
    let gz = gz.finish()?;
    write(folder, "unpack", "archive.json", json)?;
    // without the ends of names that packed files have: these are texts that tests read, not something to unpack
    write(folder, "unpack", "gzip-of-archive", &gz)?;
    let inside =
        [("zip-of-archive", "archive.json", json), ("zip-of-gzip", "archive.json.gz", gz.as_slice())];
    for (seed, name, inner) in inside {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("photos/a.jpg", SimpleFileOptions::default())?;
        zip.write_all(b"not a photo")?;
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(inner)?;
        write(folder, "unpack", seed, zip.finish()?.get_ref())?;
    }
    Ok(())
}

fn blocklists(folder: &Path) -> std::io::Result<()> {
    let list = "\u{feff}#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\r\n\
                spam.example,suspend,True,false,\"spam, lots of \"\"it\"\"\nand more\",false\r\n\
                Loud.Example,silence,false,true,,TRUE\n*.pics.example,noop,true,false,,\nsp*m.example,suspend\n";
    write(folder, "blocklist", "head.csv", list.as_bytes())?;
    write(folder, "blocklist", "plain.txt", b"# ours\nbad.example\n*.worse.example\n192.0.2.1\n[::1]\nx y\n")
}

fn answers(folder: &Path) -> std::io::Result<()> {
    let envelope = "<me:env xmlns:me=\"http://salmon-protocol.org/ns/magic-env\"><me:data type=\"application/xml\">PGEvPg==\
                    </me:data><me:encoding>base64url</me:encoding><me:alg>RSA-SHA256</me:alg>\
                    <me:sig key_id=\"bWlhQHBvZC5leGFtcGxl\">AAAA</me:sig></me:env>";
    let piece = |kind: &str| json!({ "kind": kind, "guid": guid(kind), "envelope": envelope });
    let page = json!({ "items": [piece("Comment"), piece("Like")], "next": "l42" });
    let comment = json!({ "guid": guid("c"), "author": { "diaspora_id": "noa@other.example" } });
    let post = json!({ "guid": guid("p"), "interactions": { "comments": [comment, {}], "likes": [] } });
    let theirs = json!({ "guid": guid("p"), "public": true, "author": { "guid": guid("111") } });
    for (name, answer) in [("page", page), ("post", post), ("stream", json!([theirs, { "public": false }]))] {
        write(folder, "answer", &format!("{name}.json"), answer.to_string().as_bytes())?;
    }
    Ok(())
}

fn html(folder: &Path) -> std::io::Result<()> {
    let rendered = "<h1 id=x>A</h1>\n<p><pod-mention handle=\"noa@other.example\">Noa</pod-mention> <pod-tag name=\"lakes\">\
                    #lakes</pod-tag> <a href=\"https://pod.example/a?b=1&amp;c=%222%22\" title='<x>'>b</a> <img src=\
                    \"https://pod.example/i.png\" alt=\"i\"><code class=\"language-rust\">x</code></p>\0# A\n@{Noa; \
                    noa@other.example} #lakes https://pod.example/a?b=1&c=\"2\" ![i](https://pod.example/i.png)";
    write(folder, "sanitise", "rendered.html", rendered.as_bytes())?;
    let hostile = "<svg/onload=alert(1)><math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 \
                   onerror=alert(1)&gt;\"><a href=\" java\nscript:x\">x</a><iframe srcdoc=\"<script>x</script>\">";
    write(folder, "sanitise", "hostile.html", hostile.as_bytes())?;
    write(folder, "sanitise", "plain.txt", TEXT.replace('\0', "").as_bytes())
}
