//! GIFs stay as they are, animated: only what draws is copied. Comments, texts and whatever programs put into
//! extensions of their own stay behind, as does everything after the end.
use super::{MOST_PIXELS, Refused};

/// An animation with more frames is a film.
const MOST_FRAMES: usize = 2000;

/// The same pictures without anything else, and how large they are.
pub fn clean(bytes: &[u8]) -> Result<(Vec<u8>, u32, u32), Refused> {
    let mut from = Reader(bytes);
    let mut out = Vec::with_capacity(bytes.len());
    let head = from.take(13)?;
    let &[b'G', b'I', b'F', b'8', b'7' | b'9', b'a', w0, w1, h0, h1, flags, _, _] = head else {
        return Err(Refused::Format);
    };
    let (width, height) = (u32::from(u16::from_le_bytes([w0, w1])), u32::from(u16::from_le_bytes([h0, h1])));
    if width == 0 || height == 0 {
        return Err(Refused::Broken);
    }
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Refused::Pixels);
    }
    out.extend_from_slice(head);
    out.extend_from_slice(from.take(colours(flags))?);
    let mut frames = 0;
    loop {
        match from.byte()? {
            0x21 => extension(&mut from, &mut out)?,
            0x2c => {
                frames += 1;
                if frames > MOST_FRAMES {
                    return Err(Refused::Pixels);
                }
                frame(&mut from, &mut out)?;
            }
            0x3b => break,
            _ => return Err(Refused::Broken),
        }
    }
    out.push(0x3b);
    if frames == 0 { Err(Refused::Broken) } else { Ok((out, width, height)) }
}

/// How times and loops are said; nothing else draws.
fn extension(from: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Refused> {
    let label = from.byte()?;
    let blocks = from.blocks()?;
    let mut copy = |parts: &[&[u8]]| {
        out.extend_from_slice(&[0x21, label]);
        for part in parts {
            out.push(u8::try_from(part.len()).unwrap_or(0));
            out.extend_from_slice(part);
        }
        out.push(0);
    };
    match (label, blocks.as_slice()) {
        (0xf9, [control, ..]) if control.len() == 4 => copy(&[control]),
        (0xff, [name @ (b"NETSCAPE2.0" | b"ANIMEXTS1.0"), times @ [1, _, _], ..]) => copy(&[name, times]),
        _ => {}
    }
    Ok(())
}

fn frame(from: &mut Reader<'_>, out: &mut Vec<u8>) -> Result<(), Refused> {
    out.push(0x2c);
    let place = from.take(9)?;
    out.extend_from_slice(place);
    out.extend_from_slice(from.take(colours(place.last().copied().unwrap_or(0)))?);
    out.push(from.byte()?); // the size of the first codes
    for block in from.blocks()? {
        out.push(u8::try_from(block.len()).unwrap_or(0));
        out.extend_from_slice(block);
    }
    out.push(0);
    Ok(())
}

/// The bytes of the colour table that these flags announce.
const fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Refused> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Refused::Broken)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Refused> {
        self.take(1)?.first().copied().ok_or(Refused::Broken)
    }

    /// Blocks up to the empty one that ends them.
    fn blocks(&mut self) -> Result<Vec<&'a [u8]>, Refused> {
        let mut all = Vec::new();
        loop {
            match self.byte()? {
                0 => return Ok(all),
                length => all.push(self.take(usize::from(length))?),
            }
        }
    }
}
