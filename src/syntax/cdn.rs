//! Addresses of services that make a picture in any width: which numbers in them say how large it comes.
//!
//! The list of services and of what their parameters are called follows unpic (MIT). An address is only read where
//! everything in it is known to be about the picture whatever its size: a blur of ten pixels is another blur at half the
//! width, and a signed address is none any more once a digit changes.

mod services;
mod table;
#[cfg(test)]
mod tests;

use std::ops::Range;

/// An address that says how wide its picture comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address<'u> {
    url: &'u str,
    width: Number,
    height: Option<Number>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    /// Bytes of its digits in the address.
    range: Range<usize>,
    value: u32,
}

/// `None`: no service that is known. `Err`: an address of one that must stay as it is, because …
pub fn read(url: &str) -> Option<Result<Address<'_>, String>> {
    services::read(url)
}

impl Address<'_> {
    /// In pixels, at least 1.
    pub fn width(&self) -> u32 {
        self.width.value
    }

    /// The same picture in another width: a height changes with it, anything else stays byte for byte.
    pub fn at(&self, width: u32) -> String {
        let scaled = |number: &Number| {
            let exact = u64::from(number.value) * u64::from(width);
            let own = u64::from(self.width.value.max(1));
            ((exact + own / 2) / own).max(1)
        };
        let mut all: Vec<&Number> = self.height.iter().chain([&self.width]).collect();
        all.sort_by_key(|number| number.range.start);
        let (mut out, mut at) = (String::with_capacity(self.url.len()), 0);
        for number in all {
            out.push_str(self.url.get(at..number.range.start).unwrap_or_default());
            out.push_str(&scaled(number).to_string());
            at = number.range.end;
        }
        out.push_str(self.url.get(at..).unwrap_or_default());
        out
    }
}
