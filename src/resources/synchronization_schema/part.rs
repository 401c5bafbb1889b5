//! Users and groups: a schema maps both, with separate mappings, filters, operations and switches.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{self, elements};
use super::{AttributeMapping, ObjectActions, ScopingFilter, SynchronizationSchema};

/// The objects of a part of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Objects {
    Users,
    Groups,
}

/// The names of the mapping of groups in the portal. Which rule contains it is not public.
const GROUP_MAPPINGS: [&str; 2] = [
    "Provision Microsoft Entra ID Groups",
    "Provision Azure Active Directory Groups",
];

impl Objects {
    pub(super) const ALL: [Self; 2] = [Self::Users, Self::Groups];

    /// Returns the type in the schema.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Users => "User",
            Self::Groups => "Group",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
        }
    }

    pub(super) fn mappings(self) -> &'static str {
        match self {
            Self::Users => "attribute_mappings",
            Self::Groups => "group_attribute_mappings",
        }
    }

    pub(super) fn filters(self) -> &'static str {
        match self {
            Self::Users => "scoping_filters",
            Self::Groups => "group_scoping_filters",
        }
    }

    pub(super) fn actions(self) -> &'static str {
        match self {
            Self::Users => "object_actions",
            Self::Groups => "group_object_actions",
        }
    }

    pub(super) fn switch(self) -> &'static str {
        match self {
            Self::Users => "users_enabled",
            Self::Groups => "groups_enabled",
        }
    }

    /// Returns the position of the mapping of these objects: the rule and the index in it. For users, it is the first mapping of users.
    /// Groups are identified by name, then by target type, in any rule.
    pub(super) fn place(self, document: &Json) -> Option<(usize, usize)> {
        let is_kind = |name: &Json| {
            name.as_str()
                .is_some_and(|name| name.eq_ignore_ascii_case(self.kind()))
        };
        let is_named = |it: &Json| {
            it["name"]
                .as_str()
                .is_some_and(|name| GROUP_MAPPINGS.contains(&name))
        };
        let find = |fits: &dyn Fn(&Json) -> bool| {
            let rules = elements(&document["synchronizationRules"]).iter();
            rules.enumerate().find_map(|(rule, it)| {
                let mut mappings = elements(&it["objectMappings"]).iter();
                Some((rule, mappings.position(fits)?))
            })
        };
        let by_source = || find(&|it: &Json| is_kind(&it["sourceObjectName"]));
        match self {
            Self::Users => by_source(),
            Self::Groups => find(&is_named)
                .or_else(|| find(&|it: &Json| is_kind(&it["targetObjectName"])))
                .or_else(by_source),
        }
    }
}

/// The managed parts of one kind of objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part {
    pub(super) mappings: Option<BTreeMap<String, AttributeMapping>>,
    pub(super) filters: Option<Vec<ScopingFilter>>,
    pub(super) actions: Option<ObjectActions>,
    pub(super) enabled: Option<bool>,
}

impl Part {
    /// Whether any part is managed.
    pub(super) fn is_some(&self) -> bool {
        *self != Self::default()
    }

    /// Whether a part that `prior` manages is not managed here, so that it is reset to the template.
    pub(super) fn gives_up(&self, prior: &Self) -> bool {
        let written = self.mappings.as_ref();
        let is_written = |target: &String| written.is_some_and(|it| it.contains_key(target));
        let mut before = prior.mappings.iter().flatten();
        before.any(|(target, _)| !is_written(target))
            || (prior.filters.is_some() && self.filters.is_none())
            || (prior.actions.is_some() && self.actions.is_none())
            || (prior.enabled.is_some() && self.enabled.is_none())
    }

    /// Returns the managed parts with the values of `document`, in the configured spelling if that is equivalent. With `exclusive`, all
    /// mappings and filters are included.
    fn found(&self, document: &Json, objects: Objects, exclusive: bool) -> Self {
        let mut written = self.mappings.clone();
        if exclusive {
            written.get_or_insert_default();
        }
        let mappings = written.map(|written| {
            let live = document::mappings(document, objects).filter(|(target, mapping)| {
                let is_managed = exclusive && !document::is_built_in(mapping);
                written.contains_key(*target) || is_managed
            });
            live.map(|(target, mapping)| {
                let found = document::shown(objects, mapping);
                let found = match written.get(target) {
                    Some(written) => found.spelled_as(written),
                    None => found,
                };
                (target.to_owned(), found)
            })
            .collect()
        });
        let live = document::filters(document::filter_groups(document, objects));
        let filters = match &self.filters {
            Some(written) if document::same_filters(written, &live) => Some(written.clone()),
            None if !exclusive || live.is_empty() => None,
            _ => Some(live),
        };
        let actions = document::actions(document, objects);
        let enabled = document::enabled(document, objects);
        Self {
            mappings,
            filters,
            actions: self.actions.as_ref().and(actions),
            enabled: self.enabled.and(enabled),
        }
    }

    /// Returns all differences of `document` from `template`, for an import.
    fn customized(document: &Json, template: &Json, objects: Objects) -> Self {
        let original: BTreeMap<&str, AttributeMapping> = document::mappings(template, objects)
            .map(|(target, mapping)| (target, document::shown(objects, mapping)))
            .collect();
        let changed = document::mappings(document, objects)
            .filter(|(_, mapping)| !document::is_matching(mapping));
        let changed: BTreeMap<String, AttributeMapping> = changed
            .map(|(target, mapping)| (target.to_owned(), document::shown(objects, mapping)))
            .filter(|(target, mapping)| {
                let original = original.get(target.as_str());
                !mapping.is_nothing()
                    && !original.is_some_and(|original| original.means_the_same_as(mapping))
            })
            .collect();
        let filters = |document| document::filters(document::filter_groups(document, objects));
        let (live, enabled) = (filters(document), document::enabled(document, objects));
        let actions = document::actions(document, objects);
        Self {
            mappings: (!changed.is_empty()).then_some(changed),
            filters: (!document::same_filters(&live, &filters(template))).then_some(live),
            actions: actions
                .filter(|now| Some(now) != document::actions(template, objects).as_ref()),
            enabled: enabled.filter(|now| Some(*now) != document::enabled(template, objects)),
        }
    }
}

impl SynchronizationSchema {
    /// Returns the managed parts of users or groups.
    pub(super) fn part(&self, objects: Objects) -> Part {
        match objects {
            Objects::Users => Part {
                mappings: self.attribute_mappings.clone(),
                filters: self.scoping_filters.clone(),
                actions: self.object_actions.clone(),
                enabled: self.users_enabled,
            },
            Objects::Groups => Part {
                mappings: self.group_attribute_mappings.clone(),
                filters: self.group_scoping_filters.clone(),
                actions: self.group_object_actions.clone(),
                enabled: self.groups_enabled,
            },
        }
    }

    /// Returns the schema with these managed parts.
    pub(super) fn with(&self, users: Part, groups: Part) -> Self {
        Self {
            attribute_mappings: users.mappings,
            scoping_filters: users.filters,
            object_actions: users.actions,
            users_enabled: users.enabled,
            group_attribute_mappings: groups.mappings,
            group_scoping_filters: groups.filters,
            group_object_actions: groups.actions,
            groups_enabled: groups.enabled,
            ..self.clone()
        }
    }

    /// Whether all mappings and filters of these objects are managed. For groups, only if their mappings are configured: they were added
    /// later, and older configurations do not contain them.
    pub(super) fn is_exclusive(&self, objects: Objects) -> bool {
        let covers = objects == Objects::Users || self.group_attribute_mappings.is_some();
        self.exclusive == Some(true) && covers
    }

    /// Returns the managed parts with the values of `document`.
    pub(super) fn found(&self, document: &Json) -> Self {
        let [users, groups] = Objects::ALL.map(|objects| {
            let exclusive = self.is_exclusive(objects);
            self.part(objects).found(document, objects, exclusive)
        });
        self.with(users, groups).recognizing(document)
    }

    /// Returns all differences of `document` from `template`, for an import.
    pub(super) fn customized(&self, document: &Json, template: &Json) -> Self {
        let [users, groups] =
            Objects::ALL.map(|objects| Part::customized(document, template, objects));
        self.with(users, groups).recognizing(document)
    }

    /// Returns the schema with the matching attributes of `document`.
    pub(super) fn recognizing(self, document: &Json) -> Self {
        let of = |objects| document::matching(document, objects);
        let groups = of(Objects::Groups);
        Self {
            matching_attributes: Some(of(Objects::Users)),
            group_matching_attributes: Some(groups),
            ..self
        }
    }
}
