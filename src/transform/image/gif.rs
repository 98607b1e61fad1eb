//! The blocks of a GIF, without decoding its pictures (GIF89a, <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>).

/// What a GIF's blocks tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Blocks {
    pub frames: u32,
    /// All blocks end: a missing trailer is no damage.
    pub whole: bool,
    /// How often it plays; 0 is without end.
    pub plays: u16,
    /// Every reader makes the same of it: no frame reaches beyond the picture, nothing names a colour that its table has not,
    /// and what happens to a frame afterwards is one of what the standard knows.
    pub plain: bool,
}

pub(super) fn blocks(bytes: &[u8]) -> Blocks {
    let mut found = Blocks { frames: 0, whole: false, plays: 1, plain: true };
    found.whole = walk(bytes, &mut found).is_some() && found.frames > 0;
    found
}

fn walk(mut rest: &[u8], found: &mut Blocks) -> Option<()> {
    let head = rest.split_off(..13)?;
    let screen = (number(head, 6)?, number(head, 8)?);
    let shared = palette_length(*head.get(10)?);
    rest.split_off(..shared)?;
    while let Some(block) = rest.split_off_first() {
        match block {
            0x2c => {
                found.frames += 1;
                let descriptor = rest.split_off(..9)?;
                let end = |at: usize| Some(u32::from(number(descriptor, at)?) + u32::from(number(descriptor, at + 4)?));
                found.plain &= end(0)? <= u32::from(screen.0) && end(2)? <= u32::from(screen.1);
                let own = palette_length(*descriptor.get(8)?);
                rest.split_off(..own)?;
                let bits = u32::from(*rest.split_off_first()?);
                let palette = if own > 0 { own } else { shared };
                found.plain &= 1_usize.checked_shl(bits).is_some_and(|most| most <= palette / 3);
            }
            0x21 => {
                let label = *rest.split_off_first()?;
                found.plays = plays(label, rest).unwrap_or(found.plays);
                // A graphic control extension: its packed field has three bits for the disposal.
                found.plain &= label != 0xf9 || rest.get(1).is_some_and(|packed| (packed >> 2) & 7 <= 3);
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
