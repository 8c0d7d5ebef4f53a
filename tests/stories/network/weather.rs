//! The wire between the pods, with bad weather: pods that stop, fail, are slow or cut the connection behind
//! a message that they took; and an eavesdropper who sends changed copies ahead and old ones again.
//!
//! What happens to a message follows from the seed, from where it comes, where it goes to, what it is and how often it
//! was tried: a pod sends several at once, and whichever of them is the first must not change the fate of the others.
//! Of what is encrypted nobody sees what it is; the messages to one person are sent one after the other.
use super::Dice;
use async_trait::async_trait;
use pappus_federation::{PrivateKey, envelope, receive};
use pappus_kernel::env::{Fetch, FetchError, FetchRequest, FetchResponse, TestClock};
use pappus_tests::Wire;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

/// Messages that can be sent again.
const KEPT: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    /// No answer at all.
    Stopped,
    /// 500 to everything.
    Failing,
    /// Takes the message; its answer never comes.
    Cutting,
    /// Ten seconds for each answer, and some too late.
    Slow,
}

/// What happened, by name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub stopped: usize,
    pub failed: usize,
    pub cut: usize,
    pub slow: usize,
    pub flipped: usize,
    pub resigned: usize,
    pub replayed: usize,
}

impl Tally {
    pub fn all(self) -> [(&'static str, usize); 7] {
        [
            ("stopped", self.stopped),
            ("failed", self.failed),
            ("cut", self.cut),
            ("slow", self.slow),
            ("flipped", self.flipped),
            ("resigned", self.resigned),
            ("replayed", self.replayed),
        ]
    }
}

#[derive(Default)]
struct Inner {
    states: HashMap<String, State>,
    bad: bool,
    /// So often a message went this way.
    tries: HashMap<(usize, String, u64), u64>,
    /// By a number of their own, so that one can be chosen without knowing when it came.
    seen: BTreeMap<u64, FetchRequest>,
    tally: Tally,
}

pub struct Weather {
    wire: Arc<Wire>,
    clock: Arc<TestClock>,
    forger: PrivateKey,
    seed: u64,
    inner: Mutex<Inner>,
}

/// The weather as one pod meets it.
pub struct Way {
    pub from: usize,
    pub weather: Arc<Weather>,
}

/// What the weather does to one exchange.
struct Fate {
    state: State,
    late: bool,
    before: Vec<FetchRequest>,
}

impl Weather {
    pub fn new(wire: Arc<Wire>, clock: Arc<TestClock>, seed: u64) -> Self {
        let forger = PrivateKey::generate_small().unwrap();
        Self { wire, clock, forger, seed, inner: Mutex::default() }
    }

    pub fn begin(&self) {
        self.inner.lock().unwrap().bad = true;
    }

    /// From now on nothing fails, and nobody is evil.
    pub fn clear(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.bad = false;
        inner.states.clear();
    }

    /// Somewhere it changes.
    pub fn change(&self, dice: &mut Dice) {
        let host = format!("pod{}.test", dice.roll(super::PODS));
        let states = [State::Fine, State::Fine, State::Stopped, State::Failing, State::Cutting, State::Slow];
        let state = states[dice.roll(states.len())];
        self.inner.lock().unwrap().states.insert(host, state);
    }

    pub fn tally(&self) -> Tally {
        self.inner.lock().unwrap().tally
    }

    fn fate(&self, from: usize, request: &FetchRequest) -> Fate {
        let mut guard = self.inner.lock().unwrap();
        let inner = &mut *guard;
        let host = request.url.host_str().unwrap_or_default();
        let mut fate = Fate { state: State::Fine, late: false, before: Vec::new() };
        if !inner.bad {
            return fate;
        }
        let what = mixed(0, &[said(request).unwrap_or_default()]);
        let tries = inner.tries.entry((from, request.url.to_string(), what)).or_default();
        *tries += 1;
        let words = [&from.to_string(), request.url.as_str(), &what.to_string(), &tries.to_string()];
        let number = mixed(self.seed, &words);
        let mut dice = Dice::new(number);
        fate.state = inner.states.get(host).copied().unwrap_or(State::Fine);
        match fate.state {
            State::Fine => {}
            State::Stopped => inner.tally.stopped += 1,
            State::Failing => inner.tally.failed += 1,
            State::Cutting => inner.tally.cut += 1,
            State::Slow => {
                inner.tally.slow += 1;
                fate.late = dice.percent(30);
            }
        }
        if let Some((kind, body)) = &request.post {
            fate.before = {
                let changed = |body| FetchRequest { post: Some((*kind, body)), ..request.clone() };
                inner.meddle(&mut dice, body, &self.forger).into_iter().map(changed).collect()
            };
            fate.before.extend(inner.replay(&mut dice));
            inner.seen.insert(number, request.clone());
            if inner.seen.len() > KEPT {
                inner.seen.pop_first();
            }
        }
        fate
    }
}

impl Inner {
    /// Changed copies of a message.
    fn meddle(&mut self, dice: &mut Dice, body: &[u8], forger: &PrivateKey) -> Vec<Vec<u8>> {
        let (flips, signs) = (dice.percent(12), dice.percent(12));
        let (place, bit) = (dice.roll(1 << 20), dice.roll(7));
        let mut bodies = Vec::new();
        if flips && !body.is_empty() {
            self.tally.flipped += 1;
            let mut flipped = body.to_vec();
            flipped[place % body.len()] ^= 1 << bit;
            bodies.push(flipped);
        }
        if let Some(signed) = signs.then(|| resign(body, forger)).flatten() {
            self.tally.resigned += 1;
            bodies.push(signed);
        }
        bodies
    }

    /// An old message again.
    fn replay(&mut self, dice: &mut Dice) -> Option<FetchRequest> {
        let (replays, from) = (dice.percent(8), mixed(0, &[&dice.roll(usize::MAX).to_string()]));
        let (_, old) =
            self.seen.range(from..).next().or_else(|| self.seen.iter().next()).filter(|_| replays)?;
        self.tally.replayed += 1;
        Some(old.clone())
    }
}

/// A number that nothing but these words decides.
fn mixed(seed: u64, words: &[&str]) -> u64 {
    let mut number = seed ^ 0xcbf2_9ce4_8422_2325;
    for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
        number = (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    number ^ number >> 29
}

/// What a message says, as far as everybody can read it: keys differ from run to run, and signatures with them.
fn said(request: &FetchRequest) -> Option<&str> {
    let (_, body) = request.post.as_ref()?;
    let (_, data) = std::str::from_utf8(body).ok()?.split_once("<me:data")?;
    Some(data.split_once('<')?.0)
}

/// The same message with another text, signed by somebody else in the sender's name.
fn resign(body: &[u8], forger: &PrivateKey) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let (_, data) = text.split_once("<me:data")?;
    let (data, _) = data.split_once('>')?.1.split_once('<')?;
    let xml = String::from_utf8(decode(data.trim())?).ok()?;
    let sender = receive::open(body).ok()?.sender().clone();
    let xml = xml.replace("</text>", " forged</text>");
    Some(envelope::sign(&xml, &sender, forger).ok()?.into_bytes())
}

/// Base64 with the alphabet for addresses.
fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => Some(c - b'A'),
        b'a'..=b'z' => Some(c - b'a' + 26),
        b'0'..=b'9' => Some(c - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    };
    let (mut out, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for c in text.bytes().filter(|c| *c != b'=' && !c.is_ascii_whitespace()) {
        bits = bits << 6 | u32::from(digit(c)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(out)
}

#[async_trait]
impl Fetch for Way {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let weather = &self.weather;
        let fate = weather.fate(self.from, &request);
        if fate.state == State::Stopped {
            return Err(FetchError::Network("connection refused".into()));
        }
        if fate.state == State::Failing {
            let (url, body) = (request.url, b"out of order".to_vec());
            return Ok(FetchResponse { status: 500, url, content_type: None, retry_after: None, body });
        }
        for forged in fate.before {
            weather.wire.send(forged).await?;
        }
        let answer = weather.wire.send(request).await;
        match fate.state {
            State::Cutting => Err(FetchError::Network("connection reset".into())),
            State::Slow => {
                weather.clock.advance(Duration::from_secs(10));
                if fate.late { Err(FetchError::Network("no answer within 30 s".into())) } else { answer }
            }
            _ => answer,
        }
    }
}
