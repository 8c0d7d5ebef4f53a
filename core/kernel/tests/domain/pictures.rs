//! Photos of members: made harmless, shown to whom they are for, gone when they should be.
use crate::{is_invalid, share};
use image::{
    DynamicImage, ExtendedColorType, GenericImageView as _, ImageEncoder as _, ImageFormat, Rgb, RgbImage,
    codecs::{gif::GifEncoder, jpeg::JpegEncoder},
};
use pappus_kernel::{
    Error,
    access::Viewer,
    id::AspectId,
    job, media,
    person::{self, profile::ProfileForm},
    post::{self, Attached, Audience, Draft, PostText, Published},
    sql,
    testing::{Member, TestPod, on_both},
};
use std::{io::Cursor, time::Duration};

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(
        width,
        height,
        |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) },
    )
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(halves(width, height)).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

const SECRET: &[u8] = b"51 degrees north";

/// As a camera that was held on its side writes it, with a word about where that was.
fn jpeg_on_its_side(width: u32, height: u32) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x02".to_vec();
    exif.extend(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0"); // orientation: turn by 90 degrees
    exif.extend(b"\x01\x0e\0\x02\0\0\0\x11\0\0\0\x26"); // description
    exif.extend(b"\0\0\0\0");
    exif.extend(SECRET);
    exif.push(0);
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 95);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.write_image(&halves(width, height), width, height, ExtendedColorType::Rgb8).unwrap();
    file
}

/// Two frames, with a comment between the head and the first.
fn gif_with_a_comment() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    for _ in 0..2 {
        let frame = DynamicImage::from(halves(40, 20)).to_rgba8();
        encoder.encode(&frame, 40, 20, ExtendedColorType::Rgba8).unwrap();
    }
    drop(encoder);
    let flags = file[10];
    let head = 13 + if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let mut comment = vec![0x21, 0xfe, u8::try_from(SECRET.len()).unwrap()];
    comment.extend(SECRET);
    comment.push(0);
    file.splice(head..head, comment);
    file.extend(SECRET);
    file
}

/// A PNG whose head announces more pixels than anybody should open.
fn bomb() -> Vec<u8> {
    let mut file = png(8, 8);
    file[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    file[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    // the head's checksum has to be right, or that alone would refuse it
    let crc = crc32(&file[12..29]);
    file[29..33].copy_from_slice(&crc.to_be_bytes());
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn holds(file: &[u8], words: &[u8]) -> bool {
    file.windows(words.len()).any(|window| window == words)
}

async fn upload(pod: &TestPod, who: &Member, file: Vec<u8>) -> media::Waiting {
    media::upload(pod, who.owner, file).await.unwrap()
}

async fn publish(pod: &TestPod, who: &Member, audience: Audience, photos: &[&media::Waiting]) -> Published {
    let photos = photos.iter().map(|photo| Attached { id: photo.id, text: Some("A wall".into()) }).collect();
    let text = PostText::beside_photos(String::new()).unwrap();
    post::publish_draft(pod, who.owner, Draft { text, audience, provider: None, photos, attachments: vec![] })
        .await
        .unwrap()
}

async fn sees(pod: &TestPod, viewer: Viewer, photo: &media::Waiting) -> bool {
    match media::show(pod, viewer, &photo.name).await {
        Ok(found) => !found.bytes.is_empty(),
        Err(Error::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

fn aspects(all: &[AspectId]) -> Audience {
    Audience::Aspects(all.iter().copied().collect())
}

#[tokio::test]
async fn a_limited_photo_is_seen_by_exactly_its_audience() {
    on_both(async |pod| {
        let (alice, bob, carol) =
            (pod.member("alice").await, pod.member("bob").await, pod.member("carol").await);
        let (friends, work) = (pod.aspect(&alice, "friends").await, pod.aspect(&alice, "work").await);
        share(&pod, &alice, friends, bob.person()).await;
        let photo = upload(&pod, &alice, png(64, 32)).await;

        // nobody else's, as long as it waits
        assert!(sees(&pod, alice.viewer(), &photo).await);
        assert!(!sees(&pod, bob.viewer(), &photo).await && !sees(&pod, Viewer::Visitor, &photo).await);

        let post = publish(&pod, &alice, aspects(&[friends]), &[&photo]).await;
        assert!(sees(&pod, alice.viewer(), &photo).await && sees(&pod, bob.viewer(), &photo).await);
        assert!(!sees(&pod, carol.viewer(), &photo).await);
        assert!(!sees(&pod, Viewer::Visitor, &photo).await, "it went to no other pod");
        assert!(!media::show(&pod, bob.viewer(), &photo.name).await.unwrap().public);

        // a reader on another pod comes without a name, with the address that their pod was given
        let dora = pod.remote("dora@far.test").await;
        share(&pod, &alice, work, dora).await;
        let far = upload(&pod, &alice, png(64, 32)).await;
        publish(&pod, &alice, aspects(&[work]), &[&far]).await;
        assert!(sees(&pod, Viewer::Visitor, &far).await);
        assert!(!sees(&pod, bob.viewer(), &far).await, "a member is who they are");
        assert!(!media::show(&pod, Viewer::Visitor, &far.name).await.unwrap().public);

        post::retract(&pod, alice.owner, &post.guid).await.unwrap();
        assert!(!sees(&pod, bob.viewer(), &photo).await && !sees(&pod, alice.viewer(), &photo).await);
    })
    .await;
}

#[tokio::test]
async fn a_photo_is_turned_upright_scaled_and_says_nothing_but_what_it_shows() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let file = jpeg_on_its_side(1000, 600);
        assert!(
            holds(&file, SECRET) && holds(&file, b"Exif"),
            "the test's own picture says where it was taken"
        );
        let photo = upload(&pod, &alice, file).await;
        assert_eq!((photo.width, photo.height), (600, 1000));
        let widths = [
            ("", 600),
            ("scaled_full_", 600),
            ("thumb_large_", 300),
            ("thumb_medium_", 60),
            ("thumb_small_", 50),
        ];
        for (prefix, width) in widths {
            let name = format!("{prefix}{}", photo.name);
            let found = media::show(&pod, alice.viewer(), &name).await.unwrap();
            assert_eq!(found.kind, "image/webp");
            for words in [SECRET, b"Exif", b"EXIF", b"XMP", b"ICCP"] {
                assert!(!holds(&found.bytes, words), "{name}");
            }
            let image = image::load_from_memory_with_format(&found.bytes, ImageFormat::WebP).unwrap();
            assert_eq!(image.width(), width, "{name}");
            // what was on the left is above
            let (above, below) = (image.get_pixel(10, 2), image.get_pixel(10, image.height() - 3));
            assert!(above[0] > 150 && above[2] < 90 && below[2] > 150 && below[0] < 90, "{name}");
        }
        assert_eq!(pod.media.count().await, 5);
    })
    .await;
}

#[tokio::test]
async fn a_gif_keeps_its_frames_and_loses_its_comments() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let file = gif_with_a_comment();
        assert!(holds(&file, SECRET));
        let photo = upload(&pod, &alice, file).await;
        for prefix in ["", "thumb_small_", "scaled_full_"] {
            let found = media::show(&pod, alice.viewer(), &format!("{prefix}{}", photo.name)).await.unwrap();
            assert_eq!(found.kind, "image/gif");
            assert!(!holds(&found.bytes, SECRET) && found.bytes.ends_with(b"\x3b"));
            let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(found.bytes)).unwrap();
            let frames = image::AnimationDecoder::into_frames(decoder).collect_frames().unwrap();
            assert_eq!(frames.len(), 2);
        }
        assert_eq!(pod.media.count().await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_picture_or_too_much_of_one_is_refused_and_leaves_nothing() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let cut = {
            let mut file = png(64, 64);
            file.truncate(60);
            file
        };
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec();
        let long = [png(8, 8), vec![0; media::LARGEST_FILE]].concat();
        let mut endless = gif_with_a_comment();
        endless.truncate(endless.len() - SECRET.len() - 1);
        for (file, rule) in [
            (bomb(), "picture-pixels"),
            (cut, "picture-broken"),
            (endless, "picture-broken"),
            (svg, "picture-format"),
            (b"BM6\0\0\0".to_vec(), "picture-format"),
            (Vec::new(), "picture-format"),
            (long, "picture-bytes"),
        ] {
            let refused = media::upload(&pod, alice.owner, file).await;
            assert!(is_invalid(refused.map(drop), "photos", rule), "{rule}");
        }
        assert_eq!(pod.media.count().await, 0);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM photos")).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_photo_waits_a_day_for_its_post() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let (kept, forgotten) =
            (upload(&pod, &alice, png(9, 9)).await, upload(&pod, &alice, png(9, 9)).await);
        publish(&pod, &alice, Audience::Public, &[&kept]).await;
        pod.clock.advance(Duration::from_hours(23));
        media::sweep(&pod).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 10);
        pod.clock.advance(Duration::from_hours(2));
        media::sweep(&pod).await.unwrap();
        assert!(!sees(&pod, alice.viewer(), &forgotten).await);
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 5);
        assert!(sees(&pod, Viewer::Visitor, &kept).await);
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM media")).await, 1);
    })
    .await;
}

#[tokio::test]
async fn only_ones_own_photos_that_wait_can_be_published_and_only_once() {
    on_both(async |pod| {
        let (alice, bob) = (pod.member("alice").await, pod.member("bob").await);
        let photo = upload(&pod, &alice, png(9, 9)).await;
        let draft = |id| Draft {
            text: PostText::beside_photos(String::new()).unwrap(),
            audience: Audience::Public,
            provider: None,
            photos: vec![Attached { id, text: None }],
            attachments: vec![],
        };
        let stolen = post::publish_draft(&pod, bob.owner, draft(photo.id)).await;
        assert!(is_invalid(stolen.map(drop), "photos", "picture-gone"));
        post::publish_draft(&pod, alice.owner, draft(photo.id)).await.unwrap();
        let again = post::publish_draft(&pod, alice.owner, draft(photo.id)).await;
        assert!(is_invalid(again.map(drop), "photos", "picture-gone"));
        let nothing = Draft { photos: vec![], ..draft(photo.id) };
        let nothing = post::publish_draft(&pod, alice.owner, nothing).await;
        assert!(is_invalid(nothing.map(drop), "text", "required"));
        assert_eq!(pod.count(sql!("SELECT COUNT(*) FROM posts")).await, 1);
        assert!(matches!(media::retract(&pod, bob.owner, &photo.guid).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn the_files_go_with_the_post_the_photo_and_the_account() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        let mut photos = Vec::new();
        for _ in 0..4 {
            photos.push(upload(&pod, &alice, png(9, 9)).await);
        }
        let post = publish(&pod, &alice, Audience::Public, &[&photos[0], &photos[1]]).await;
        let alone = publish(&pod, &alice, Audience::Public, &[&photos[2]]).await;
        media::set_portrait(&pod, alice.owner, png(40, 20)).await.unwrap();
        assert_eq!(pod.media.count().await, 25);

        media::retract(&pod, alice.owner, &photos[1].guid).await.unwrap();
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 20);
        assert_eq!(post::show(&pod, Viewer::Visitor, &post.guid).await.unwrap().item.photos.len(), 1);

        // the last photo of a post without words takes the post with it
        media::retract(&pod, alice.owner, &photos[2].guid).await.unwrap();
        assert!(matches!(post::show(&pod, Viewer::Visitor, &alone.guid).await, Err(Error::NotFound)));
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 15);

        pappus_kernel::account::close::close_as_operator(&pod, pod.admin(), "alice").await.unwrap();
        assert!(!sees(&pod, Viewer::Visitor, &photos[0]).await);
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_portrait_is_a_square_for_everybody_until_another_takes_its_place() {
    on_both(async |pod| {
        let alice = pod.member("alice").await;
        media::set_portrait(&pod, alice.owner, png(90, 30)).await.unwrap();
        let first = avatar(&pod, &alice).await.unwrap();
        let name = first.strip_prefix("https://pod.test/uploads/images/").unwrap().to_owned();
        let found = media::show(&pod, Viewer::Visitor, &name).await.unwrap();
        assert!(found.public && name.starts_with("thumb_medium_"));
        let image = image::load_from_memory_with_format(&found.bytes, ImageFormat::WebP).unwrap();
        assert_eq!((image.width(), image.height()), (100, 100));

        // a change of the words leaves the picture
        let form = ProfileForm { first_name: "Alice".into(), ..ProfileForm::default() };
        person::profile::change(&pod, alice.owner, form).await.unwrap();
        assert_eq!(avatar(&pod, &alice).await.as_ref(), Some(&first));

        media::set_portrait(&pod, alice.owner, png(30, 90)).await.unwrap();
        assert_ne!(avatar(&pod, &alice).await.as_ref(), Some(&first));
        assert!(matches!(media::show(&pod, Viewer::Visitor, &name).await, Err(Error::NotFound)));
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 5);
        media::remove_portrait(&pod, alice.owner).await.unwrap();
        assert_eq!(avatar(&pod, &alice).await, None);
        job::run_due(&pod.pod).await.unwrap();
        assert_eq!(pod.media.count().await, 0);
    })
    .await;
}

async fn avatar(pod: &TestPod, who: &Member) -> Option<String> {
    person::show(pod, who.viewer(), &who.guid).await.unwrap().person.avatar
}
