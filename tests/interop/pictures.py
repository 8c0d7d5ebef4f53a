"""Photos between two kinds of pods: with a public post and with a limited one, in both directions, and taken back."""
import json
import struct
import zlib

from exercised import exercises
from pod import wait_for
from stories import ALICE, FAY

STORIES = []


def story(function):
    STORIES.append(function)
    return function


def png(width, height):
    """A picture of one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes((90, 140, 40)) * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def picture_of(w, post, private):
    """The photo that came with a post of ours, as the library read it; and that its address leads to it."""
    record, taken = w.fay.wait_for("DiasporaPost", guid=post)
    assert record["path"].startswith("/receive/users/" if private else "/receive/public"), record["path"]
    photo, = (child for child in taken["children"] if child["class"] == "DiasporaImage")
    assert (photo["handle"], photo["width"], photo["height"]) == (ALICE, 60, 40), photo
    assert photo["url"].startswith("https://pod.test/"), photo["url"]
    status, content, headers = w.alice.get(photo["url"].removeprefix("https://pod.test"))
    assert status == 200 and headers["Content-Type"].startswith("image/") and content, (status, headers["Content-Type"])
    return photo


@story
@exercises("photo", "to the peer, public")
@exercises("retraction of a photo", "to the peer, public")
def our_photo_reaches_the_peer_with_its_post(w):
    photo = w.alice.upload(png(60, 40))
    post = w.alice.publish("With a picture of ours", "public", photos=[photo])
    guid = picture_of(w, post, private=False)["guid"]
    takes_photo_back(w, photo, guid, "/receive/public")


@story
@exercises("photo", "to the peer, limited")
@exercises("retraction of a photo", "to the peer, limited")
def our_limited_photo_reaches_its_aspect_and_nobody_else(w):
    photo = w.alice.upload(png(60, 40))
    post = w.alice.publish("With a picture for those who are near", str(w.near), photos=[photo])
    taken = picture_of(w, post, private=True)
    takes_photo_back(w, photo, taken["guid"], "/receive/users/")
    after = w.alice.publish("A public one after the picture", "public")
    w.gus.wait_for("DiasporaPost", guid=after)
    everything = json.dumps(w.gus.received(), ensure_ascii=False)
    assert post not in everything and taken["guid"] not in everything and taken["url"] not in everything


def takes_photo_back(w, photo, guid, way):
    address = w.pod.rows("SELECT remote_path || remote_name FROM photos WHERE guid = ?", guid)[0][0]
    w.alice.done(f"/photos/{photo}", {"_method": "delete"})
    record, retraction = w.fay.wait_for("DiasporaRetraction", target_guid=guid)
    assert retraction["entity_type"] == "Image" and record["sender"] == ALICE, retraction
    assert record["path"].startswith(way), record["path"]
    status, _, _ = w.alice.get(address.removeprefix("https://pod.test"))
    assert status in (404, 410), f"the picture is still there: {status}"


@story
@exercises("photo", "from the peer")
@exercises("retraction of a photo", "from the peer")
def photos_of_the_peer_are_kept_with_their_posts(w):
    for digit, private in (("a", False), ("b", True)):
        photo, text = digit * 32, f"With a picture {digit}"
        post = w.fay.send(ALICE, "status", text, private=private)
        wait_for("the post", lambda post=post: w.pod.rows("SELECT 1 FROM posts WHERE guid = ?", post))
        w.fay.send_xml(ALICE, f"<photo><guid>{photo}</guid><author>{FAY}</author>"
                       f"<public>{'false' if private else 'true'}</public><created_at>2026-11-01T10:00:00Z</created_at>"
                       f"<remote_photo_path>https://fed.test/</remote_photo_path>"
                       f"<remote_photo_name>avatar.png</remote_photo_name><text>What it shows {digit}</text>"
                       f"<status_message_guid>{post}</status_message_guid><height>4</height><width>4</width></photo>",
                       private=private)
        wait_for("the photo", lambda photo=photo, post=post: w.pod.rows(
            "SELECT 1 FROM photos f JOIN posts p ON p.id = f.post_id WHERE f.guid = ? AND p.guid = ?", photo, post))
        assert f"What it shows {digit}" in w.alice.page(f"/posts/{post}")
        assert w.bob.get(f"/posts/{post}")[0] in ((403, 404) if private else (200,))
        w.fay.send(ALICE, "retract", "Image", photo, private=private)
        wait_for("the photo to go", lambda photo=photo: not w.pod.rows("SELECT 1 FROM photos WHERE guid = ?", photo))
        assert text in w.alice.page(f"/posts/{post}"), "the post stays"
