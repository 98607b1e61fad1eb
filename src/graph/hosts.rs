//! Files in which hosts are told what headers to send.

use crate::model::Asset;
use crate::scan::Site;
use crate::syntax::policy;

/// `None`: pages are sent without a Content-Security-Policy. Else whether it may restrict what stands in them.
pub fn sent_policy(site: &Site) -> Option<bool> {
    let named = |name: &str| policy::TOLD_IN.iter().any(|file| file.eq_ignore_ascii_case(name));
    let told = site.assets.iter().filter(|a| named(a.path.file_name()));
    let of_file = |(asset, bytes): (&Asset, Vec<u8>)| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // One line, one header; elsewhere, a policy may stand on several.
        let by_line = asset.path.file_name() == "_headers";
        let restricts = if by_line { text.lines().any(policy::is_sent) } else { policy::is_sent(&text) };
        policy::is_mentioned(&text).then_some(restricts)
    };
    told.filter_map(|a| of_file((a, site.read(a).ok()?))).reduce(|one, other| one || other)
}
