//! What messages cost, with keys as large as members have: `cargo bench -p pappus-federation`.
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pappus_federation::{
    DiasporaId, Entity, PrivateKey, Relayable as _, Timestamp, entity::Comment, envelope, receive, sealed,
};

const NOW: Timestamp = Timestamp::from_micros(1_715_938_200_000_000);

/// A signed public comment in the envelope of its author.
fn comment(mia: &DiasporaId, key: &PrivateKey) -> String {
    let text = "Me please! Two **bunches**, on the market on Saturday.";
    let [guid, parent] = ["c", "a"].map(|name| name.repeat(32).parse().expect("a guid"));
    let mut comment = Comment::new(mia.clone(), guid, parent, text, NOW).expect("a short text");
    comment.sign(key).expect("the key is sound");
    envelope::sign(&comment.to_xml(), mia, key).expect("the key is sound")
}

fn messages(criterion: &mut Criterion) {
    let key = PrivateKey::generate().expect("there is chance");
    let mia: DiasporaId = "mia@pod.example".parse().expect("an id");
    let signed = comment(&mia, &key);
    criterion.bench_function("a public comment read, both signatures verified", |bencher| {
        bencher.iter(|| {
            let opened = receive::open(black_box(signed.as_bytes())).expect("it is an envelope");
            let payload = opened.verify(key.public(), NOW).expect("mia signed it");
            let Entity::Comment(comment) = payload.entity() else { unreachable!("it is a comment") };
            assert!(comment.author_signature_verifies(key.public()));
        });
    });
    criterion.bench_function("an envelope signed", |bencher| {
        bencher.iter(|| envelope::sign(black_box("<comment><text>hi</text></comment>"), &mia, &key));
    });
    let mut chance = |bytes: &mut [u8]| bytes.fill(7);
    criterion.bench_function("an envelope sealed", |bencher| {
        bencher.iter(|| sealed::seal(black_box(&signed), key.public(), &mut chance));
    });
    let sealed = sealed::seal(&signed, key.public(), &mut chance).expect("the key is sound");
    criterion.bench_function("a sealed envelope opened", |bencher| {
        bencher.iter(|| sealed::open(black_box(sealed.as_bytes()), &key).expect("it is for this key"));
    });
}

criterion_group!(benches, messages);
criterion_main!(benches);
