//! The configuration of a job, read from Graph's responses.

use serde_json::Value as Json;

use super::attributes::EXPANDED;
use super::directory::{Columns, Source};
use super::doubt::Doubt;
use super::filter::Filter;
use super::mapping::{AttributeMapping, Destination};
use super::scope::{Assignment, Scope};
use super::value::Value;
use super::verdict::Change;

/// The configuration of a job.
#[derive(Debug)]
pub struct Configuration {
    /// The scope.
    pub scope: Scope,
    /// The assignments, which the assigned scope uses.
    pub assignments: Vec<Assignment>,
    /// The mapping of users.
    pub users: ObjectMapping,
    /// The mapping of groups, if the schema has one.
    pub groups: Option<ObjectMapping>,
    /// The domain in the names of external users of the target.
    pub target_domain: String,
    /// Whether the target allows guest invitations; `None` if unknown.
    pub invitations: Option<bool>,
    /// Whether the target allows group synchronization; `None` if unknown.
    pub group_sync: Option<bool>,
    /// The number of deletions in one cycle above which the job stops instead.
    pub delete_threshold: Option<u64>,
    pub(super) source: Columns,
    pub(super) target: Columns,
    pub(super) group_source: Columns,
    pub(super) group_target: Columns,
}

/// A target object action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub enum Action {
    Add,
    Update,
    Delete,
}

/// The `flowTypes` of an object mapping.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are self-explanatory")]
pub struct Flows {
    pub add: bool,
    pub update: bool,
    pub delete: bool,
}

/// The object mapping of users or groups.
#[derive(Debug)]
pub struct ObjectMapping {
    /// Whether it is enabled.
    pub enabled: bool,
    /// The target object actions.
    pub flows: Flows,
    /// The scoping filter.
    pub filter: Filter,
    /// The attribute mappings.
    pub attributes: Vec<AttributeMapping>,
    pub(super) doubts: Vec<Doubt>,
}

/// The reason why a schema cannot be previewed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

impl Flows {
    fn read(text: Option<&str>) -> Self {
        let has = |word: &str| {
            let mut words = text.unwrap_or_default().split(',').map(str::trim);
            words.any(|found| found.eq_ignore_ascii_case(word))
        };
        Self {
            add: has("Add"),
            update: has("Update"),
            delete: has("Delete"),
        }
    }
}

/// Attributes of users that verdicts need regardless of the mappings.
const OF_SOURCE: [&str; 8] = [
    "userPrincipalName",
    "displayName",
    "mail",
    "userType",
    "accountEnabled",
    "creationType",
    "externalUserState",
    "objectId",
];
const OF_TARGET: [&str; 9] = [
    "userPrincipalName",
    "displayName",
    "mail",
    "proxyAddresses",
    "userType",
    "accountEnabled",
    "creationType",
    "externalUserState",
    "objectId",
];

impl Configuration {
    /// Reads Graph's `synchronizationSchema`. The caller sets the other fields.
    ///
    /// # Errors
    ///
    /// The schema has no mapping of users.
    pub fn read(schema: &Json) -> Result<Self, Unusable> {
        let mut source = Columns::default();
        let mut target = Columns::default();
        let mut group_source = Columns::default();
        for name in OF_SOURCE {
            source.column(name);
        }
        for name in OF_TARGET {
            target.column(name);
        }
        group_source.column("displayName");
        let users = object_mapping(schema, "User")
            .ok_or_else(|| Unusable("The schema has no mapping of users.".to_owned()))?;
        let users = ObjectMapping::read(users, &mut source, &mut target);
        let mut group_target = Columns::default();
        let groups = object_mapping(schema, "Group")
            .map(|mapping| ObjectMapping::read(mapping, &mut group_source, &mut group_target));
        Ok(Self {
            scope: Scope::Assigned,
            assignments: Vec::new(),
            users,
            groups,
            target_domain: String::new(),
            invitations: None,
            group_sync: None,
            delete_threshold: None,
            source,
            target,
            group_source,
            group_target,
        })
    }

    /// The attributes of source users that are used.
    #[must_use]
    pub fn source_columns(&self) -> &Columns {
        &self.source
    }

    /// The attributes of target users that are used.
    #[must_use]
    pub fn target_columns(&self) -> &Columns {
        &self.target
    }

    /// The attributes of source groups that are used.
    #[must_use]
    pub fn group_columns(&self) -> &Columns {
        &self.group_source
    }

    /// The attributes of copies of groups that are used.
    #[must_use]
    pub fn group_copy_columns(&self) -> &Columns {
        &self.group_target
    }

    /// Whether the managers of source users are used, which Graph returns only on request.
    #[must_use]
    pub fn reads_managers(&self) -> bool {
        self.source.find(EXPANDED).is_some()
    }

    /// The name of the attribute of a change.
    #[must_use]
    pub fn attribute(&self, change: &Change) -> &str {
        let mapping = self.users.attributes.get(usize::from(change.mapping));
        mapping.map_or("", AttributeMapping::target)
    }

    /// Returns the mapped values for the existing copy of a user, with references to source users; an error names the mapping
    /// that fails. While these values stay the same, and the references are written, an incremental cycle skips the user.
    ///
    /// # Errors
    ///
    /// A mapping fails.
    pub fn mapped(&self, user: &Source) -> Result<Vec<Value>, String> {
        let to = Destination {
            domain: &self.target_domain,
            creating: false,
        };
        let mappings = self.users.attributes.iter();
        mappings
            .map(|mapping| {
                let value = mapping.value(&user.record, to);
                value.map_err(|why| format!("{}: {}", why.attribute, why.why))
            })
            .collect()
    }

    /// Whether groups are copied.
    #[must_use]
    pub fn copies_groups(&self) -> bool {
        self.groups.as_ref().is_some_and(|groups| groups.enabled)
    }
}

/// Returns the mapping of `User` or `Group`, in whichever rule it is.
fn object_mapping<'s>(schema: &'s Json, kind: &str) -> Option<&'s Json> {
    let rules = schema["synchronizationRules"].as_array()?;
    let mut mappings = rules
        .iter()
        .filter_map(|rule| rule["objectMappings"].as_array())
        .flatten();
    mappings.find(|mapping| {
        let name = mapping["sourceObjectName"].as_str();
        name.is_some_and(|name| name.eq_ignore_ascii_case(kind))
    })
}

impl ObjectMapping {
    fn read(mapping: &Json, source: &mut Columns, target: &mut Columns) -> Self {
        let lines = mapping["attributeMappings"].as_array();
        let lines = lines.map_or(&[][..], Vec::as_slice);
        let attributes: Vec<AttributeMapping> = lines
            .iter()
            .filter_map(|line| AttributeMapping::read(line, source, target))
            .collect();
        let filter = Filter::read(&mapping["scope"], source);
        let odd = |line: &Json| {
            let flow = line["flowType"].as_str();
            flow.is_some_and(|flow| !matches!(flow, "Always" | "ObjectAddOnly"))
        };
        let doubts = [
            (lines.iter().any(odd), Doubt::FlowType),
            (filter.has_pattern(), Doubt::Pattern),
            (
                attributes.iter().any(AttributeMapping::needs_service),
                Doubt::Expression,
            ),
        ];
        Self {
            enabled: mapping["enabled"].as_bool().unwrap_or(false),
            flows: Flows::read(mapping["flowTypes"].as_str()),
            filter,
            attributes,
            doubts: doubts
                .into_iter()
                .filter(|(is, _)| *is)
                .map(|(_, doubt)| doubt)
                .collect(),
        }
    }

    pub(super) fn allows(&self, action: Action) -> bool {
        match action {
            Action::Add => self.flows.add,
            Action::Update => self.flows.update,
            Action::Delete => self.flows.delete,
        }
    }
}
