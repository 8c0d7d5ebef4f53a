//! The wire between the pods, with bad weather: pods that stop, fail, are slow or cut the connection behind
//! a message that they took; and an eavesdropper who sends changed copies ahead and old ones again.
use super::Dice;
use async_trait::async_trait;
use pappus_federation::{PrivateKey, envelope, receive};
use pappus_kernel::env::{Fetch, FetchError, FetchRequest, FetchResponse, TestClock};
use pappus_tests::Wire;
use std::{
    collections::HashMap,
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

struct Inner {
    dice: Dice,
    states: HashMap<String, State>,
    bad: bool,
    seen: Vec<FetchRequest>,
    tally: Tally,
}

pub struct Weather {
    wire: Arc<Wire>,
    clock: Arc<TestClock>,
    forger: PrivateKey,
    inner: Mutex<Inner>,
}

/// What the weather does to one exchange.
struct Fate {
    state: State,
    late: bool,
    before: Vec<FetchRequest>,
}

impl Weather {
    pub fn new(wire: Arc<Wire>, clock: Arc<TestClock>, seed: u64) -> Self {
        let inner = Inner {
            dice: Dice::new(seed ^ 0xbad),
            states: HashMap::new(),
            bad: false,
            seen: Vec::new(),
            tally: Tally::default(),
        };
        Self { wire, clock, forger: PrivateKey::generate_small().unwrap(), inner: Mutex::new(inner) }
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
    pub fn change(&self) {
        let mut inner = self.inner.lock().unwrap();
        let host = format!("pod{}.test", inner.dice.roll(super::PODS));
        let states = [State::Fine, State::Fine, State::Stopped, State::Failing, State::Cutting, State::Slow];
        let state = states[inner.dice.roll(states.len())];
        inner.states.insert(host, state);
    }

    pub fn tally(&self) -> Tally {
        self.inner.lock().unwrap().tally
    }

    fn fate(&self, request: &FetchRequest) -> Fate {
        let mut guard = self.inner.lock().unwrap();
        let inner = &mut *guard;
        let host = request.url.host_str().unwrap_or_default();
        let mut fate = Fate { state: State::Fine, late: false, before: Vec::new() };
        if !inner.bad {
            return fate;
        }
        fate.state = inner.states.get(host).copied().unwrap_or(State::Fine);
        match fate.state {
            State::Fine => {}
            State::Stopped => inner.tally.stopped += 1,
            State::Failing => inner.tally.failed += 1,
            State::Cutting => inner.tally.cut += 1,
            State::Slow => {
                inner.tally.slow += 1;
                fate.late = inner.dice.percent(30);
            }
        }
        if let Some((kind, body)) = &request.post {
            if inner.dice.percent(12) {
                inner.tally.flipped += 1;
                let mut body = body.clone();
                let at = inner.dice.roll(body.len());
                body[at] ^= 1 << inner.dice.roll(7);
                fate.before.push(FetchRequest { post: Some((*kind, body)), ..request.clone() });
            }
            if inner.dice.percent(12)
                && let Some(body) = resign(body, &self.forger)
            {
                inner.tally.resigned += 1;
                fate.before.push(FetchRequest { post: Some((*kind, body)), ..request.clone() });
            }
            if inner.dice.percent(8) && !inner.seen.is_empty() {
                inner.tally.replayed += 1;
                let at = inner.dice.roll(inner.seen.len());
                let again = inner.seen[at].clone();
                fate.before.push(again);
            }
            let at = inner.dice.roll(KEPT);
            if inner.seen.len() < KEPT {
                inner.seen.push(request.clone());
            } else {
                inner.seen[at] = request.clone();
            }
        }
        fate
    }
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
impl Fetch for Weather {
    async fn send(&self, request: FetchRequest) -> Result<FetchResponse, FetchError> {
        let fate = self.fate(&request);
        if fate.state == State::Stopped {
            return Err(FetchError::Network("connection refused".into()));
        }
        if fate.state == State::Failing {
            let (url, body) = (request.url, b"out of order".to_vec());
            return Ok(FetchResponse { status: 500, url, content_type: None, retry_after: None, body });
        }
        for forged in fate.before {
            self.wire.send(forged).await?;
        }
        let answer = self.wire.send(request).await;
        match fate.state {
            State::Cutting => Err(FetchError::Network("connection reset".into())),
            State::Slow => {
                self.clock.advance(Duration::from_secs(10));
                if fate.late { Err(FetchError::Network("no answer within 30 s".into())) } else { answer }
            }
            _ => answer,
        }
    }
}
