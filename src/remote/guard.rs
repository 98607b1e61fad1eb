//! Where a name may lead: a host that anybody can name must not be one that only this machine can see.

use crate::config::Reach;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks names up, and lets through only addresses within reach. What it gives is what is connected to: a name cannot mean
/// something else a moment later.
#[derive(Debug)]
pub struct Guard<R> {
    pub reach: Reach,
    pub inner: R,
}

/// The name leads to no address within reach.
#[derive(Debug, thiserror::Error)]
#[error("its name leads to {0}, which is not on the internet")]
pub struct OutOfReach(pub IpAddr);

impl<R: Resolver> Resolver for Guard<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // A proxy is the user's own, wherever it stands, and looks the other names up itself.
        if config.proxy().is_some_and(|p| Some(p.host()) == uri.host()) {
            return Ok(found);
        }
        let mut allowed = self.inner.empty();
        found.iter().filter(|a| is_within(self.reach, a.ip())).for_each(|a| allowed.push(*a));
        match (allowed.is_empty(), found.iter().next()) {
            (true, Some(first)) => Err(ureq::Error::Other(Box::new(OutOfReach(first.ip())))),
            _ => Ok(allowed),
        }
    }
}

/// RFC 6890 and the registries of special addresses, as far as they are not for everybody.
pub fn is_within(reach: Reach, ip: IpAddr) -> bool {
    reach
        >= match ip {
            IpAddr::V4(ip) => needed(ip),
            IpAddr::V6(ip) => needed_v6(ip),
        }
}

fn needed(ip: Ipv4Addr) -> Reach {
    let [a, b, c, d] = ip.octets();
    if matches!((a, b, c, d), (100, 100, 100, 200) | (168, 63, 129, 16)) {
        // Where Alibaba's and Microsoft's clouds keep secrets.
        return Reach::Own;
    }
    if ip.is_private() || (a == 100 && b & 0xc0 == 64) {
        // 100.64.0.0/10: behind a provider's translation of addresses.
        return Reach::Private;
    }
    let special = a == 0
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a >= 240
        || (a == 198 && b & 0xfe == 18)
        || (a == 192 && b == 0 && c == 0);
    if special { Reach::Own } else { Reach::Public }
}

fn needed_v6(ip: Ipv6Addr) -> Reach {
    if let Some(inner) = embedded(ip) {
        return needed(inner);
    }
    let [first, second, .., last] = ip.segments();
    match first {
        // Where Amazon's and Google's clouds keep secrets: fd00:ec2::254 and fd20:ce::254.
        0xfd00 | 0xfd20 if matches!((first, second), (0xfd00, 0xec2) | (0xfd20, 0xce)) && last == 0x254 => Reach::Own,
        // fc00::/7, unique local.
        _ if first & 0xfe00 == 0xfc00 => Reach::Private,
        // 2000::/3 is what is given out; of it, 2001:db8::/32 is for books, and 2001::/32 leads through others (Teredo).
        _ if first & 0xe000 == 0x2000 && !(first == 0x2001 && matches!(second, 0 | 0x0db8)) => Reach::Public,
        _ => Reach::Own,
    }
}

/// The IPv4 address that one of IPv6 stands for: mapped, translated (RFC 6052), or 6to4 (RFC 3056).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([w, x], [y, z]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(w, x, y, z)
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(g, h)),
        (0x2002, ..) => Some(v4(b, c)),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use ureq::unversioned::resolver::DefaultResolver;

    fn least(ip: &str) -> Reach {
        let ip = ip.parse().unwrap();
        [Reach::Public, Reach::Private, Reach::Own].into_iter().find(|r| is_within(*r, ip)).unwrap()
    }

    #[test]
    fn a_name_that_leads_to_this_machine_is_not_followed() {
        let look_up = |reach| {
            let guard = Guard { reach, inner: DefaultResolver::default() };
            guard.resolve(&Uri::from_static("http://localhost:9/x.jpg"), &Config::default(), NextTimeout::default())
        };
        let refused = look_up(Reach::Public).unwrap_err();
        assert!(matches!(&refused, ureq::Error::Other(e) if e.is::<OutOfReach>()), "{refused}");
        assert!(look_up(Reach::Private).is_err());
        assert!(look_up(Reach::Own).unwrap().iter().all(|a| a.ip().is_loopback()));
    }

    #[test]
    fn addresses_and_who_may_lead_to_them() {
        for (ip, expected) in [
            ("93.184.216.34", Reach::Public),
            ("172.32.0.1", Reach::Public),
            ("100.128.0.1", Reach::Public),
            ("2606:2800:220:1::1", Reach::Public),
            ("64:ff9b::5db8:d822", Reach::Public),
            ("10.0.0.1", Reach::Private),
            ("172.16.0.1", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("100.64.0.1", Reach::Private),
            ("fd00::1", Reach::Private),
            ("::ffff:10.0.0.1", Reach::Private),
            ("127.0.0.1", Reach::Own),
            ("127.8.8.8", Reach::Own),
            ("0.0.0.0", Reach::Own),
            ("169.254.169.254", Reach::Own),
            ("224.0.0.1", Reach::Own),
            ("255.255.255.255", Reach::Own),
            ("::", Reach::Own),
            ("::1", Reach::Own),
            ("fe80::1", Reach::Own),
            ("ff02::1", Reach::Own),
            ("::ffff:127.0.0.1", Reach::Own),
            ("64:ff9b::a9fe:a9fe", Reach::Own),
            ("2002:7f00:1::", Reach::Own),
            ("fd00:ec2::254", Reach::Own),
            ("fd20:ce::254", Reach::Own),
            ("100.100.100.200", Reach::Own),
            ("::ffff:100.100.100.200", Reach::Own),
            ("168.63.129.16", Reach::Own),
            ("2001:0:7f00:1::1", Reach::Own),
            ("2001:4860:4860::8888", Reach::Public),
        ] {
            assert_eq!(least(ip), expected, "{ip}");
        }
    }
}
