//! Entitlement: all users, or users who are assigned directly or as direct members of an assigned group.

use std::collections::{HashMap, HashSet};

use super::groups::Group;

/// The role of an assignment with default access, which does not count for provisioning.
const DEFAULT_ACCESS: &str = "00000000-0000-0000-0000-000000000000";

/// The secret `SyncAll`: the scope of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every user.
    All,
    /// Assigned users and groups.
    Assigned,
}

/// The type of an assigned principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Principal {
    User,
    Group,
}

/// An app role assignment of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The object ID of the user or group.
    pub principal: String,
    /// The type.
    pub kind: Principal,
    /// The ID of the app role.
    pub role: String,
}

/// How a user is entitled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// All users are.
    Everybody,
    /// By an assignment of the user.
    Direct,
    /// As a direct member of an assigned group, with its display name.
    Group(String),
}

/// The entitled users.
#[derive(Debug)]
pub(super) struct Entitled {
    scope: Scope,
    users: HashMap<Box<str>, Vec<CompactRoute>>,
    groups: Vec<(String, String)>,
    /// Users that are assigned with the default access role only.
    without_role: HashSet<Box<str>>,
}

/// A [`Route`] with the number of the group instead of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CompactRoute {
    Direct,
    /// The number of the group.
    Group(u32),
}

impl Entitled {
    pub(super) fn new(scope: Scope, assignments: &[Assignment], groups: &[Group]) -> Self {
        let mut found = Self {
            scope,
            users: HashMap::new(),
            groups: Vec::new(),
            without_role: HashSet::new(),
        };
        if scope == Scope::All {
            return found;
        }
        let by_id: HashMap<&str, &Group> = groups
            .iter()
            .map(|group| (group.id.as_str(), group))
            .collect();
        for assignment in assignments {
            let counts = assignment.role != DEFAULT_ACCESS;
            match assignment.kind {
                Principal::User => found.add(&assignment.principal, CompactRoute::Direct, counts),
                Principal::Group => {
                    let Some(group) = by_id.get(assignment.principal.as_str()) else {
                        continue;
                    };
                    if !group.brings_members() {
                        continue;
                    }
                    let number = u32::try_from(found.groups.len()).unwrap_or(u32::MAX);
                    found
                        .groups
                        .push((group.id.clone(), group.display_name.clone()));
                    for member in &group.users {
                        found.add(member, CompactRoute::Group(number), counts);
                    }
                }
            }
        }
        found
    }

    fn add(&mut self, user: &str, route: CompactRoute, counts: bool) {
        if counts {
            let routes = self.users.entry(user.into()).or_default();
            if !routes.contains(&route) {
                routes.push(route);
            }
        } else {
            self.without_role.insert(user.into());
        }
    }

    pub(super) fn holds(&self, user: &str) -> bool {
        self.scope == Scope::All || self.users.contains_key(user)
    }

    /// Whether the only assignments are those that do not count.
    pub(super) fn lacks_role(&self, user: &str) -> bool {
        !self.holds(user) && self.without_role.contains(user)
    }

    pub(super) fn routes(&self, user: &str) -> Vec<Route> {
        if self.scope == Scope::All {
            return vec![Route::Everybody];
        }
        let routes = self.users.get(user).into_iter().flatten();
        let full = |route: &CompactRoute| match route {
            CompactRoute::Direct => Route::Direct,
            CompactRoute::Group(number) => {
                let group = self.groups.get(*number as usize);
                Route::Group(group.map_or_else(String::new, |(_, name)| name.clone()))
            }
        };
        routes.map(full).collect()
    }
}
