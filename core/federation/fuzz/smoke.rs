//! Fuzz targets on their seeds and on many changed copies of them: what a fuzzer would do, for a moment, on every
//! machine and without a nightly compiler. Tests of the crates that have targets include it.

use std::fs;
use std::path::Path;

/// Deterministic, so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

/// One to four changes: a byte, a cut, a copy of a piece, a piece of markup.
fn change(seed: &[u8], dice: &mut Dice) -> Vec<u8> {
    let pieces: [&[u8]; 8] =
        [b"<", b"&", b"]]>", b"<!DOCTYPE x>", b"</guid>", b"\xff", "\u{fffe}".as_bytes(), b"<text/>"];
    let mut data = seed.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(data.len());
        match dice.roll(4) {
            0 if !data.is_empty() => data[at] = u8::try_from(dice.roll(256)).unwrap(),
            1 => drop(data.drain(at..(at + dice.roll(30)).min(data.len()))),
            2 => {
                let copy = data[at..(at + dice.roll(60)).min(data.len())].to_vec();
                data.splice(at..at, copy);
            }
            _ => drop(data.splice(at..at, pieces[dice.roll(pieces.len())].iter().copied())),
        }
    }
    data
}

/// Runs a target on every seed and `copies` changed copies of each; says how many seeds there were.
pub fn smoke(crate_folder: &str, name: &str, target: fn(&[u8]), copies: usize) -> usize {
    let folder = Path::new(crate_folder).join("fuzz/corpus").join(name);
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("seed-"))
        .collect();
    seeds.sort();
    let mut dice = Dice(42);
    for seed in &seeds {
        let seed = fs::read(seed).unwrap();
        target(&seed);
        for _ in 0..copies {
            target(&change(&seed, &mut dice));
        }
    }
    seeds.len()
}
