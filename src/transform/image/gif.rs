//! The blocks of a GIF, without decoding its pictures (GIF89a, <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>).

/// What a GIF's blocks tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Blocks {
    pub frames: u32,
    /// All blocks end: a missing trailer is no damage.
    pub whole: bool,
    /// How often it plays; 0 is without end.
    pub plays: u16,
    /// No frame reaches beyond the picture: browsers differ in what they make of those that do.
    pub inside: bool,
}

pub(super) fn blocks(bytes: &[u8]) -> Blocks {
    let mut found = Blocks { frames: 0, whole: false, plays: 1, inside: true };
    found.whole = walk(bytes, &mut found).is_some() && found.frames > 0;
    found
}

fn walk(mut rest: &[u8], found: &mut Blocks) -> Option<()> {
    let head = rest.split_off(..13)?;
    let screen = (number(head, 6)?, number(head, 8)?);
    rest.split_off(..palette_length(*head.get(10)?))?;
    while let Some(block) = rest.split_off_first() {
        match block {
            0x2c => {
                found.frames += 1;
                let descriptor = rest.split_off(..9)?;
                let end = |at: usize| Some(u32::from(number(descriptor, at)?) + u32::from(number(descriptor, at + 4)?));
                found.inside &= end(0)? <= u32::from(screen.0) && end(2)? <= u32::from(screen.1);
                rest.split_off(..palette_length(*descriptor.get(8)?))?;
                rest.split_off_first()?;
            }
            0x21 => {
                let label = *rest.split_off_first()?;
                found.plays = plays(label, rest).unwrap_or(found.plays);
            }
            _ => break,
        }
        // Sub-blocks, each with its length, until an empty one.
        while let length @ 1.. = *rest.split_off_first()? {
            rest.split_off(..usize::from(length))?;
        }
    }
    Some(())
}

/// Netscape's extension says how often an animation is repeated, and browsers play it once more than that.
fn plays(label: u8, blocks: &[u8]) -> Option<u16> {
    let data = blocks.strip_prefix(b"\x0bNETSCAPE2.0").or_else(|| blocks.strip_prefix(b"\x0bANIMEXTS1.0"))?;
    let repeated = number(data.strip_prefix(b"\x03\x01").filter(|_| label == 0xff)?, 0)?;
    Some(if repeated == 0 { 0 } else { repeated.saturating_add(1) })
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).map(|two| u16::from_le_bytes(*two))
}

/// Bytes of the colour table that a packed field announces.
fn palette_length(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}
