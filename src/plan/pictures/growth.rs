//! What could make an image wider than the layout sees it: rules for states, for paper and in animations, about it or about
//! what is around it.

use super::context::PictureContext;
use super::measured::screens;
use super::{Delivery, Picture, raster};
use crate::analyze::css::{BoxProp, Extent, Size, Sized, Sizing, Step, Tie, What, When, chain_text};
use crate::analyze::html::{Element, ImageUse};
use crate::config::Config;
use crate::graph::AssetGraph;
use crate::layout::{Measured, Width};
use std::collections::{BTreeMap, BTreeSet};

/// One rule that may come to apply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Growth {
    to: To,
    printed: bool,
    /// As its author wrote the selector, or nearly.
    rule: String,
}

/// An upper bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum To {
    /// CSS pixels.
    Px(u32),
    /// Hundredths of the viewport's width.
    Part(u32),
    /// Hundredths of what it was.
    Times(u32),
    Any,
}

/// How much wider nobody sees, as with what is hovered over.
const UNSEEN: f64 = 1.25;
/// The width of a sheet of paper, in CSS pixels.
const PAPER: f64 = 800.0;

impl Growth {
    /// The rule, if with it the picture needs more pixels than `shown` has: pairs of a viewport's width and the image's.
    pub fn exceeds(&self, shown: &[(f64, f64)], natural: f64) -> Option<&str> {
        let widest = shown.iter().map(|(_, width)| *width).fold(0.0, f64::max);
        let beyond = |&(viewport, width): &(f64, f64)| {
            let (viewport, width) = if self.printed { (PAPER, widest) } else { (viewport, width) };
            let to = match self.to {
                To::Px(px) => f64::from(px),
                To::Part(part) => f64::from(part) / 100.0 * viewport,
                To::Times(times) => f64::from(times) / 100.0 * width,
                To::Any => natural,
            };
            to.min(natural) > width * UNSEEN
        };
        shown.iter().any(beyond).then_some(self.rule.as_str())
    }
}

/// An image that may become wider than its other widths are made for comes in its own.
pub fn keep(graph: &AssetGraph, config: &Config, image: &ImageUse, measured: Option<&Measured>, picture: &mut Picture) {
    let fit = measured.and_then(|m| if let Width::Fits(fit) = &m.width { Some(fit) } else { None });
    let said = image.width.as_deref().and_then(|w| w.trim().parse::<u32>().ok()).or(picture.size.map(|s| s.0));
    let natural = match &picture.delivery {
        Delivery::Single { asset, widths, .. } if !picture.own_width && (fit.is_some() || widths.len() > 1) => {
            raster(graph, *asset).map(|i| i.width)
        }
        Delivery::Elsewhere { natural, .. } => Some(natural.0),
        _ => None,
    };
    let width = |viewport| match fit {
        Some(fit) => Some(fit.at(viewport)),
        None => said.map(|w| f64::from(w.min(viewport))),
    };
    let shown: Vec<(f64, f64)> = screens(config).filter_map(|w| Some((f64::from(w), width(w)?))).collect();
    let Some(natural) = natural.map(f64::from) else { return };
    let Some(rule) = picture.growths.iter().find_map(|g| g.exceeds(&shown, natural)) else { return };
    let why = format!("`{rule}` may make it wider than it is at first");
    picture.keep_own_width(graph, why);
}

/// The rules of a page's sheets that do not apply at rest, or may cease to.
pub struct Growing<'a> {
    context: &'a PictureContext<'a>,
    variables: Variables<'a>,
    rules: Vec<Rule<'a>>,
}

struct Rule<'a> {
    chain: &'a [Step],
    when: When,
    sizes: Vec<&'a Sized>,
    animated: bool,
}

/// How a rule could come to apply to an element, or cease to.
#[derive(Clone, Copy, Default)]
struct Change {
    gains: bool,
    loses: bool,
}

/// The image, or an element around it.
#[derive(Clone)]
struct Place<'a> {
    tag: &'a str,
    id: Option<&'a str>,
    names: Vec<&'a str>,
    attributes: &'a [String],
    known: bool,
}

impl<'a> Growing<'a> {
    pub fn new(context: &'a PictureContext<'a>) -> Self {
        let changes = |step: &Step| {
            let written = step.names.iter().any(|name| context.writes(name));
            step.state || written || !step.attributes.is_empty() || !step.inner.is_empty()
        };
        let rule = |(sizing, when): &(&'a Sizing, When)| {
            let frames = context.keyframes.iter().filter(|k| sizing.animations.contains(&k.0));
            let animated: Vec<&Sized> = frames.flat_map(|k| &k.1).collect();
            let moves = !animated.is_empty();
            let sizes: Vec<&Sized> = sizing.sizes.iter().chain(animated).collect();
            let matters = moves || *when != When::Screen || sizing.chain.iter().any(changes);
            matters.then_some(Rule { chain: &sizing.chain, when: *when, sizes, animated: moves })
        };
        let rules = context.sizings.iter().filter_map(rule).collect();
        Self { context, variables: Variables::new(context), rules }
    }

    /// What could make this image wider. `size`: the width that it will be given.
    pub fn of<'i>(&self, image: &'i ImageUse, size: Option<u32>) -> Vec<Growth> {
        let walked = self.context.walked(image).is_some();
        let place = |e: &'i Element| {
            let names: Vec<&str> = e.names().map(String::as_str).collect();
            let known = walked || e.bound || self.context.finds(&e.tag, &names, &e.attributes);
            Place { tag: &e.tag, id: e.id.as_deref(), names, attributes: &e.attributes, known }
        };
        // There is always a root and a body, whose tags may be left out.
        let implied = |tag: &'static str| {
            let known = self.context.finds(tag, &[], &[]);
            let there = image.around.iter().any(|e| e.tag == tag);
            (!there).then_some(Place { tag, id: None, names: Vec::new(), attributes: &[], known })
        };
        let root = image.around.iter().filter(|e| e.tag == "html").map(place).chain(implied("html"));
        let inner = image.around.iter().filter(|e| e.tag != "html").map(place);
        let mut places: Vec<Place> = root.chain(implied("body")).chain(inner).collect();
        let names: Vec<&str> = image.id.iter().chain(&image.classes).map(String::as_str).collect();
        let known = walked || self.context.finds("img", &names, &image.attributes);
        places.push(Place { tag: "img", id: image.id.as_deref(), names, attributes: &image.attributes, known });
        let cap = self.cap(image, size, &places);
        let follows_height = self.follows_height(image);
        let mut found = BTreeSet::new();
        // A script may go from what it knows to what is around, and put names there for which the image has a rule.
        let (last, outer) = (places.len() - 1, |place: &Place<'i>| Place { known: true, ..place.clone() });
        let switched: Vec<Place> = places.iter().take(last).map(outer).chain(places.last().cloned()).collect();
        for rule in &self.rules {
            let mut reached = self.reaches(rule.chain, &places);
            if let Some(own @ None) = reached.last_mut() {
                *own = self.reaches(rule.chain, &switched).pop().flatten();
            }
            for (at, change) in reached.into_iter().enumerate() {
                let Some(change) = change else { continue };
                let own = at + 1 == places.len();
                for (what, to) in self.bounds(rule, change) {
                    let to = match (&what, cap) {
                        (What::Height, _) if !own && !follows_height => continue,
                        (What::Height, _) if to != To::Px(0) => To::Any,
                        (What::MaxWidth, Some(cap)) => To::Px(cap),
                        (What::Width, Some(cap)) if !own => To::Px(cap),
                        _ => to,
                    };
                    let printed = rule.when == When::Print;
                    found.insert(Growth { to, printed, rule: chain_text(rule.chain) });
                }
            }
        }
        found.into_iter().collect()
    }

    fn bounds(&self, rule: &Rule<'_>, change: Change) -> Vec<(What, To)> {
        let mut all = Vec::new();
        if change.gains || rule.when != When::Screen || rule.animated {
            all.extend(rule.sizes.iter().flat_map(|sized| self.variables.resolved(sized)));
        }
        let limits = |sized: &&&Sized| {
            matches!(sized.what, What::Width | What::MaxWidth)
                && matches!(sized.to, Extent::Px(1..) | Extent::Part(1..100))
        };
        let limited = rule.sizes.iter().find(limits).filter(|_| change.loses);
        all.extend(limited.map(|sized| (sized.what.clone(), To::Part(100))));
        all
    }

    /// Its own rules never let it be wider, whatever is around it.
    fn cap(&self, image: &ImageUse, size: Option<u32>, places: &[Place<'_>]) -> Option<u32> {
        let context = self.context;
        let rules = context.rules(image);
        let has = |is: fn(&BoxProp) -> bool| rules.iter().any(|(r, _)| r.props.iter().any(is));
        let styled = image.style.is_some() || has(|p| matches!(p, BoxProp::All | BoxProp::Other | BoxProp::ObjectFit));
        if styled || context.is_item(image) {
            return None;
        }
        let own = |chain: &[Step]| self.reaches(chain, places).last().is_some_and(Option::is_some);
        let all = context.sizings.iter().filter(|(s, _)| own(&s.chain));
        let widths: Vec<&Extent> =
            all.flat_map(|(s, _)| &s.sizes).filter(|s| s.what == What::Width).map(|s| &s.to).collect();
        if widths.is_empty() {
            return image.width.as_deref().and_then(|w| w.trim().parse().ok()).or(size);
        }
        let sure = rules.iter().any(|(r, sure)| *sure && r.props.iter().any(|p| matches!(p, BoxProp::Width(_))));
        let px = |to: &Extent| if let Extent::Px(px) = to { Some(*px) } else { None };
        widths.into_iter().map(px).collect::<Option<Vec<u32>>>()?.into_iter().max().filter(|_| sure)
    }

    /// Its width may come from the height of what is around it.
    fn follows_height(&self, image: &ImageUse) -> bool {
        let height = |p: &BoxProp| match p {
            BoxProp::Height(size) => *size != Size::Auto,
            BoxProp::MinHeight | BoxProp::MaxHeight | BoxProp::ObjectFit | BoxProp::All => true,
            _ => false,
        };
        image.style.is_some() || self.context.rules(image).iter().any(|(r, _)| r.props.iter().any(height))
    }

    /// For each place, whether the chain could describe it, and what would have to change. Empty if it never could.
    fn reaches(&self, chain: &[Step], places: &[Place<'_>]) -> Vec<Option<Change>> {
        let fits = |step: &Step| places.iter().any(|place| self.describes(step, place).is_some());
        if !chain.last().is_some_and(fits) {
            return Vec::new();
        }
        let mut around = vec![Some(Change::default()); places.len()];
        let (mut reached, mut before): (Vec<Option<Change>>, Option<&Step>) = (Vec::new(), None);
        for step in chain {
            if let Some(before) = before {
                around = match step.tie {
                    Tie::Child => std::iter::once(None).chain(reached).take(places.len()).collect(),
                    Tie::Inside => inside(&reached),
                    Tie::Beside => {
                        let beside = self.beside(before);
                        around.into_iter().map(|around| Some(beside?.and(around?))).collect()
                    }
                };
            }
            let own =
                |(place, around): (&Place<'_>, &Option<Change>)| Some(self.describes(step, place)?.and((*around)?));
            reached = places.iter().zip(&around).map(own).collect();
            before = Some(step);
        }
        reached
    }

    /// The step could describe an element that stands before one of these.
    fn beside(&self, step: &Step) -> Option<Change> {
        let context = self.context;
        let there = |name: &String| context.has(name) || context.writes(name);
        if !step.tag.iter().all(|tag| context.has(tag)) || !step.names.iter().all(there) {
            return None;
        }
        let written = step.names.iter().chain(&step.inner).any(|name| context.writes(name));
        let changes = step.state || written || step.attributes.iter().any(|a| context.writes_attribute(a));
        Some(Change { gains: changes, loses: written })
    }

    fn describes(&self, step: &Step, place: &Place<'_>) -> Option<Change> {
        let context = self.context;
        if step.tag.as_deref().is_some_and(|tag| tag != place.tag) {
            return None;
        }
        // Quirks mode knows no case.
        let there = |name: &String| place.names.iter().any(|n| n.eq_ignore_ascii_case(name));
        let written = |name: &String| place.known && context.writes(name);
        let gains = step.names.iter().any(|name| !there(name));
        if !step.names.iter().all(|name| there(name) || written(name)) {
            return None;
        }
        let switched = |name: &String| place.known && context.writes_attribute(name) || name == "open";
        let has = |name: &String| place.attributes.contains(name);
        if !step.attributes.iter().all(|name| has(name) || switched(name)) {
            return None;
        }
        let attributes = step.attributes.iter().any(switched);
        let inner = step.inner.iter().any(|name| written(name) || switched(name));
        let taken = |name: &String| there(name) && written(name) && place.id != Some(name);
        let loses = inner || step.names.iter().any(taken) || attributes && step.attributes.iter().any(has);
        Some(Change { gains: gains || step.state || attributes || inner, loses })
    }
}

impl Change {
    fn and(self, other: Self) -> Self {
        Self { gains: self.gains || other.gains, loses: self.loses || other.loses }
    }
}

/// For each place, what is around it.
fn inside(reached: &[Option<Change>]) -> Vec<Option<Change>> {
    let mut outer: Option<Change> = None;
    let next = |own: &Option<Change>| {
        let around = outer;
        outer = [outer, *own].into_iter().flatten().reduce(Change::and);
        around
    };
    reached.iter().map(next).collect()
}

/// What custom properties come to, by name: everywhere, and whether scales are made of them.
struct Variables<'a> {
    values: BTreeMap<&'a str, BTreeSet<&'a Extent>>,
    sizes: BTreeSet<&'a str>,
    scales: BTreeSet<&'a str>,
}

/// Custom properties that name each other.
const DEPTH: usize = 4;

impl<'a> Variables<'a> {
    fn new(context: &PictureContext<'a>) -> Self {
        let frames = context.keyframes.iter().flat_map(|k| &k.1);
        let all: Vec<&Sized> = context.sizings.iter().flat_map(|(s, _)| &s.sizes).chain(frames).collect();
        let mut variables = Self { values: BTreeMap::new(), sizes: BTreeSet::new(), scales: BTreeSet::new() };
        for sized in &all {
            if let What::Custom(name) = &sized.what {
                variables.values.entry(name).or_default().insert(&sized.to);
            }
        }
        for _ in 0..DEPTH {
            for sized in &all {
                let Extent::Variable(used) = &sized.to else { continue };
                let (size, scale) = match &sized.what {
                    What::Custom(name) => {
                        (variables.sizes.contains(name.as_str()), variables.scales.contains(name.as_str()))
                    }
                    What::Scale => (false, true),
                    What::Width | What::MaxWidth | What::Height => (true, false),
                };
                variables.sizes.extend(size.then_some(used.as_str()));
                variables.scales.extend(scale.then_some(used.as_str()));
            }
        }
        variables
    }

    fn resolved(&self, sized: &Sized) -> Vec<(What, To)> {
        let what = match &sized.what {
            What::Custom(name) if self.scales.contains(name.as_str()) => What::Scale,
            What::Custom(name) if self.sizes.contains(name.as_str()) => What::Width,
            What::Custom(_) => return Vec::new(),
            what => what.clone(),
        };
        let mut all = BTreeSet::new();
        self.bounds(&what, &sized.to, DEPTH, &mut all);
        all.into_iter().map(|to| (what.clone(), to)).collect()
    }

    fn bounds(&self, what: &What, to: &Extent, depth: usize, all: &mut BTreeSet<To>) {
        all.insert(match (to, what) {
            (Extent::Px(px), _) => To::Px(*px),
            // `scale: 105%`
            (Extent::Part(part), What::Scale) => To::Times(*part),
            (Extent::Part(part), _) => To::Part(*part),
            (Extent::Times(times), _) => To::Times(*times),
            (Extent::Any, _) => To::Any,
            (Extent::Variable(name), _) => match self.values.get(name.as_str()).filter(|_| depth > 0) {
                Some(values) => return values.iter().for_each(|to| self.bounds(what, to, depth - 1, all)),
                None if *what == What::Scale => return,
                None => To::Any,
            },
        });
    }
}
