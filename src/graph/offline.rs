//! Pictures that a service worker hands out when there is no network.

use super::{AssetGraph, Node, Summary, names};
use crate::model::{Asset, AssetId};
use crate::scan::Site;
use std::collections::BTreeSet;

/// The workers know nothing of other versions of them: a page that shows those shows nothing without a network.
#[derive(Default)]
pub struct Offline {
    listed: BTreeSet<AssetId>,
    /// Of file names, where the workers go by these and do not know AVIF.
    endings: BTreeSet<String>,
    /// What the workers and their lists say.
    texts: Vec<String>,
}

impl Offline {
    pub fn of(site: &Site, graph: &AssetGraph) -> Self {
        let workers: BTreeSet<AssetId> = site.ids().filter(|id| graph.is_service_worker(*id)).collect();
        let manifests = site.ids().zip(&site.assets).filter(|(_, a)| names::is_angular_manifest(&a.path));
        let lists: BTreeSet<AssetId> = manifests.map(|(id, _)| id).chain(workers.iter().copied()).collect();
        let text = |id: &AssetId| String::from_utf8(site.read(site.get(*id)?).ok()?).ok();
        let texts = lists.iter().filter_map(text).map(|text| text.replace("\\/", "/")).collect();
        let pinned = |(id, node): (AssetId, &Node)| node.pins.iter().any(|p| lists.contains(&p.by)).then_some(id);
        let mut listed: BTreeSet<AssetId> = site.ids().zip(&graph.nodes).filter_map(pinned).collect();
        let mut endings = BTreeSet::new();
        for worker in workers.into_iter().filter_map(|id| graph.node(id)) {
            listed.extend(worker.edges.iter().map(|e| e.asset));
            if let Summary::Js(js) = &worker.summary {
                endings.extend(js.image_endings.iter().cloned());
            }
        }
        if endings.contains("avif") {
            endings.clear();
        }
        Self { listed, endings, texts }
    }

    /// A worker has what is at this address of another host.
    pub fn holds(&self, url: &str) -> bool {
        let bare = url.split('#').next().unwrap_or_default();
        let bare = bare.split_once("//").map_or(bare, |(_, rest)| rest);
        !bare.is_empty() && self.texts.iter().any(|text| text.contains(bare))
    }

    /// Why only the file itself is there without a network.
    pub fn keeps(&self, id: AssetId, asset: &Asset) -> Option<&'static str> {
        match () {
            () if self.listed.contains(&id) => Some("a service worker has this file for when there is no network"),
            () if self.endings.contains(&asset.path.extension().to_ascii_lowercase()) => {
                Some("a service worker goes by the endings of names, and does not know avif")
            }
            () => None,
        }
    }
}
