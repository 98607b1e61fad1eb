//! One element, reduced to what rules can tell of it.

use super::selector::{Selector, Simple};
use crate::model::Looks;
use serde::{Deserialize, Serialize};

/// All that rules can tell of an element by itself. Elements that look the same are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Shape {
    /// In lower case, in SVG too.
    pub tag: String,
    pub id: Option<String>,
    /// Sorted.
    pub classes: Vec<String>,
    /// Names of the other attributes. Sorted.
    pub attrs: Vec<String>,
    /// In a `<template>`, or in a part of a page: it may come to any place.
    pub loose: bool,
}

impl Shape {
    /// It never moves.
    pub fn is_root(&self) -> bool {
        matches!(self.tag.as_str(), "html" | "head" | "body")
    }

    pub fn looks(&self) -> Looks {
        Looks { tag: self.tag.clone(), id: self.id.clone(), classes: self.classes.clone() }
    }

    /// An element of this shape may meet all of the conditions; scripts may give it names that are `known`.
    pub fn may_be(&self, conditions: &[Simple], known: &dyn Fn(&str) -> bool) -> bool {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        conditions.iter().all(|c| match c {
            Simple::Tag(tag) => same(&self.tag, tag),
            Simple::Id(id) => self.id.as_deref().is_some_and(|own| same(own, id)) || known(id),
            Simple::Class(class) => self.classes.iter().any(|own| same(own, class)) || known(class),
            Simple::Attr(..) | Simple::Any(_) | Simple::Has(_) | Simple::Parent => true,
            Simple::FromEnd { .. } | Simple::Pointed => true,
        })
    }

    /// The same of an element that no script gets hold of: it has the names that it came with, and no others.
    pub fn stays_like(&self, conditions: &[Simple]) -> bool {
        let last = |s: &Selector| s.compounds.last().is_none_or(|(_, inner)| self.stays_like(inner));
        self.may_be(conditions, &|_| false)
            && conditions.iter().all(|c| match c {
                Simple::Attr(name, _) => matches!(&**name, "id" | "class") || self.attrs.contains(name),
                Simple::Any(list) => list.iter().any(last),
                _ => true,
            })
    }
}
