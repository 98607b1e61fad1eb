//! The sixth stage: content hashes of whole cycles at once, names from hashes, names into holes. Pure.

mod hash;

use crate::execute::{Artifact, Content, Hole, Stored, Text};
use crate::model::{Asset, AssetId, Digest, Kind, Piece, SitePath};
use crate::plan::{Naming, Plan, Task, plain_stem};
use crate::scan::Site;
use crate::syntax::url;
use rayon::prelude::*;

/// Final names. By `AssetId`, variants by their index.
pub struct Names {
    pub files: Vec<SitePath>,
    pub variants: Vec<Vec<SitePath>>,
}

/// The final bytes of one output.
#[derive(Clone, Debug)]
pub enum Bytes {
    Input(AssetId),
    Stored(Stored),
    Text(String),
}

/// One file to be written, pages excepted.
#[derive(Clone, Debug)]
pub struct Output {
    pub path: SitePath,
    pub source: AssetId,
    pub bytes: Bytes,
    pub role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The file itself. `fingerprinted`: its name holds a hash that kiln made, or a bundler's over unchanged bytes.
    Main {
        fingerprinted: bool,
    },
    /// The same bytes under the name that the file had in the input.
    OldName,
    Variant(u32),
    SourceMap,
}

/// Which renamed files stay available under their old name.
pub trait KeepOldName: Sync {
    fn keeps(&self, naming: &Naming) -> bool;
}

pub fn names(site: &Site, plan: &Plan, artifacts: &[Artifact]) -> Names {
    let variants: Vec<Vec<SitePath>> = site
        .assets
        .iter()
        .zip(artifacts)
        .map(|(asset, artifact)| {
            let stem = plain_stem(&asset.path);
            artifact
                .variants
                .iter()
                .map(|v| {
                    let width = if v.width == artifact.width { String::new() } else { format!("-{}w", v.width) };
                    let token = hash::token(&hash::leaf(&v.stored.digest, asset.path.as_str()));
                    asset.path.with_file_name(&format!("{stem}{width}.{token}.{}", v.format.extension()))
                })
                .collect()
        })
        .collect();
    Names { files: hash::file_names(site, plan, artifacts, &variants), variants }
}

impl Names {
    fn of(&self, hole: Hole) -> Option<&SitePath> {
        match hole.variant {
            None => self.files.get(hole.asset.index()),
            Some(i) => self.variants.get(hole.asset.index())?.get(i as usize),
        }
    }

    /// The text with every hole filled. A URL keeps its bytes unless its file has another name now.
    pub fn fill(&self, site: &Site, body: &Text) -> String {
        let mut out = String::new();
        for piece in &body.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Url { raw, url, escape, target } => match self.of(*target) {
                    Some(name)
                        if target.variant.is_some() || site.get(target.asset).is_some_and(|a| a.path != *name) =>
                    {
                        escape.write(&url::with_file_name(url, name.file_name()), &mut out);
                    }
                    _ => out.push_str(raw),
                },
            }
        }
        out
    }
}

/// All outputs but the pages, sorted by path.
pub fn link(
    site: &Site,
    plan: &Plan,
    artifacts: &[Artifact],
    names: &Names,
    old_names: &dyn KeepOldName,
) -> Vec<Output> {
    let is_page = |id: AssetId| plan.task(id).is_some_and(|t| matches!(t.op, crate::plan::Op::Html(_)));
    let ids: Vec<AssetId> = site.ids().filter(|id| !is_page(*id) && !plan.shaken.pruned.contains(id)).collect();
    let mut outputs: Vec<Output> =
        ids.into_par_iter().flat_map_iter(|id| outputs_of(site, plan, artifacts, names, old_names, id)).collect();
    outputs.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| rank(a.role).cmp(&rank(b.role))));
    // A composed map takes the place of the one it was composed from.
    outputs.dedup_by(|b, a| a.path == b.path);
    outputs
}

fn rank(role: Role) -> u8 {
    match role {
        Role::SourceMap => 0,
        Role::Main { .. } => 1,
        Role::OldName => 2,
        Role::Variant(_) => 3,
    }
}

fn outputs_of(
    site: &Site,
    plan: &Plan,
    artifacts: &[Artifact],
    names: &Names,
    old_names: &dyn KeepOldName,
    id: AssetId,
) -> Vec<Output> {
    let (Some(asset), Some(artifact), Some(task), Some(name)) =
        (site.get(id), artifacts.get(id.index()), plan.task(id), names.files.get(id.index()))
    else {
        return Vec::new();
    };
    let output = |path: &SitePath, bytes: Bytes, role: Role| Output { path: path.clone(), source: id, bytes, role };
    let mut out = Vec::new();
    let renamed = *name != asset.path;
    // New names are longer than old ones: a sheet that gains nothing else stays as it was where it was. Scripts do not: what
    // they import may have lost what they did.
    let stays = |id: AssetId| {
        let kept = |asset: &Asset| plan.task(id).is_some_and(|task| keeps_old(site, asset, task, old_names));
        site.get(id).is_some_and(|asset| names.files.get(id.index()) == Some(&asset.path) || kept(asset))
    };
    let in_place = |body: &Text, text: String| {
        let same = |piece: &Piece<Hole>| match piece {
            Piece::Text(_) => true,
            Piece::Url { target, .. } => target.variant.is_none() && stays(target.asset),
        };
        let grown = asset.kind == Kind::Css && text.len() as u64 > asset.len;
        if grown && body.pieces.iter().all(same) { Bytes::Input(id) } else { Bytes::Text(text) }
    };
    let mut map = None;
    let mut old = None;
    let bytes = match &artifact.content {
        Content::Same => Bytes::Input(id),
        Content::Stored(stored) => Bytes::Stored(stored.clone()),
        Content::Text { body, lean, .. } => {
            let mut text = names.fill(site, body);
            // Columns of a map are those of the text before names were put in: with other names it would be wrong.
            map = artifact.map.as_ref().filter(|_| text == crate::execute::joined(body));
            if map.is_some() {
                let separator = if text.ends_with('\n') { "" } else { "\n" };
                text = format!(
                    "{text}{separator}//# sourceMappingURL={}.map\n",
                    url::percent_encode_segment(name.file_name())
                );
            }
            if renamed {
                old = Some(match lean {
                    Some(lean) => in_place(lean, names.fill(site, lean)),
                    None => in_place(body, text.clone()),
                });
                Bytes::Text(text)
            } else {
                in_place(body, text)
            }
        }
    };
    let fingerprinted = renamed
        || (matches!(task.naming, Naming::Bundled { .. })
            && matches!(artifact.content, Content::Same | Content::Text { .. }));
    if renamed && keeps_old(site, asset, task, old_names) {
        out.push(output(&asset.path, old.unwrap_or_else(|| bytes.clone()), Role::OldName));
    }
    out.push(output(name, bytes, Role::Main { fingerprinted }));
    if let Some(map) = map {
        out.push(output(
            &name.with_file_name(&format!("{}.map", name.file_name())),
            Bytes::Text(map.clone()),
            Role::SourceMap,
        ));
    }
    for (i, (variant, path)) in
        artifact.variants.iter().zip(names.variants.get(id.index()).into_iter().flatten()).enumerate()
    {
        out.push(output(
            path,
            Bytes::Stored(variant.stored.clone()),
            Role::Variant(u32::try_from(i).unwrap_or(u32::MAX)),
        ));
    }
    out
}

fn keeps_old(site: &Site, asset: &Asset, task: &Task, old_names: &dyn KeepOldName) -> bool {
    !site.is_fetched(&asset.path) && old_names.keeps(&task.naming)
}

impl Bytes {
    pub fn len(&self, site: &Site) -> Option<u64> {
        match self {
            Self::Input(id) => site.get(*id).map(|a| a.len),
            Self::Stored(s) => Some(s.len),
            Self::Text(text) => Some(text.len() as u64),
        }
    }

    /// BLAKE3 of what an output holds, without reading the input again.
    pub fn digest(&self, site: &Site) -> Option<Digest> {
        match self {
            Self::Input(id) => site.get(*id).map(|a| a.digest),
            Self::Stored(s) => Some(s.digest),
            Self::Text(text) => Some(Digest::of(text.as_bytes())),
        }
    }
}
