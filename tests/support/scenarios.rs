//! The table of scenarios: one row for every resource and data source. Every suite takes its input from the row: lifecycles, plans,
//! imports, identities, lists, moves, exports, permissions, faults, replication lag, crashes and hostile responses.

mod deeds;
mod lookups;
mod organizations;
mod policies;
mod synchronization;

use serde_json::{Value as Json, json};

use super::peers::Peer;
use super::{CONTOSO, FABRIKAM};

pub use lookups::lookups;

pub const ADA: &str = "a1000000-0000-4000-8000-000000000001";
pub const GRACE: &str = "a1000000-0000-4000-8000-000000000002";
pub const EDSGER: &str = "a1000000-0000-4000-8000-000000000005";
pub const COLLABORATORS: &str = "b1000000-0000-4000-8000-000000000001";

/// One of the two tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Source,
    Target,
}

impl Side {
    pub fn tenant_id(self) -> &'static str {
        match self {
            Self::Source => CONTOSO,
            Self::Target => FABRIKAM,
        }
    }

    /// ID of the other tenant.
    fn partner_id(self) -> &'static str {
        match self {
            Self::Source => FABRIKAM,
            Self::Target => CONTOSO,
        }
    }
}

/// A prerequisite of a scenario. `@name.attribute` in a configuration refers to a resource that was created before.
#[derive(Clone, Debug)]
pub enum Ground {
    /// A resource, with the name that references use.
    Resource {
        name: &'static str,
        side: Side,
        type_name: &'static str,
        config: Json,
    },
    /// The object at this Graph path was deleted outside of Terraform.
    Deleted { side: Side, path: &'static str },
}

/// The expected result of the list resource of a type.
#[derive(Clone, Copy, Debug)]
pub enum Listed {
    /// Objects in the source tenant, after the example of `crosstenant_provision_on_demand` created a complete synchronization.
    Found {
        /// The argument that limits the list to the configuration of that example, if there is one.
        within: &'static str,
        count: usize,
        /// The maximum number of requests.
        requests: usize,
    },
    /// Deleted objects, which a separate test lists.
    Deleted,
    /// There is no list resource, because a tenant has exactly one object.
    Once,
    /// There is no list resource, for this reason.
    None(&'static str),
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub type_name: &'static str,
    pub side: Side,
    pub ground: Vec<Ground>,
    pub config: Json,
    /// The configuration after a change; null if the resource cannot be changed.
    pub changed: Json,
    /// The attributes of the import ID, which separates them by slashes.
    pub import: &'static [&'static str],
    /// The other forms of the import ID, as written on the page of the resource.
    pub forms: &'static [&'static str],
    pub identity_version: i64,
    /// An attribute that identifies the object instead of the last attribute of `import`.
    pub alternative: Option<&'static str>,
    pub listing: Listed,
    /// The states of other providers for an object with these values; `None` if it cannot be moved here.
    pub peers: Option<fn(&Json) -> Vec<Peer>>,
    /// Permissions of calls that only look for warnings: without them, there is no warning and no error.
    pub silent: &'static [&'static str],
    /// Permissions of calls that are made only after a failure, and not in this lifecycle.
    pub unused: &'static [&'static str],
}

/// A row with only the configuration and the attributes of the import ID.
fn scenario(
    type_name: &'static str,
    side: Side,
    import: &'static [&'static str],
    config: Json,
) -> Scenario {
    Scenario {
        type_name,
        side,
        ground: Vec::new(),
        config,
        changed: Json::Null,
        import,
        forms: &[],
        identity_version: 0,
        alternative: None,
        listing: Listed::None(""),
        peers: None,
        silent: &[],
        unused: &[],
    }
}

impl Scenario {
    /// Adds prerequisites.
    fn on(mut self, ground: impl IntoIterator<Item = Ground>) -> Self {
        self.ground.extend(ground);
        self
    }

    /// The configuration after a change.
    fn changes(mut self, changed: Json) -> Self {
        self.changed = changed;
        self
    }

    fn forms(mut self, forms: &'static [&'static str]) -> Self {
        self.forms = forms;
        self
    }

    fn or_by(mut self, alternative: &'static str) -> Self {
        self.alternative = Some(alternative);
        self
    }

    fn listed(mut self, within: &'static str, count: usize, requests: usize) -> Self {
        self.listing = Listed::Found {
            within,
            count,
            requests,
        };
        self
    }

    fn lists(mut self, listing: Listed) -> Self {
        self.listing = listing;
        self
    }

    fn peers(mut self, peers: fn(&Json) -> Vec<Peer>) -> Self {
        self.peers = Some(peers);
        self
    }

    fn silent(mut self, permissions: &'static [&'static str]) -> Self {
        self.silent = permissions;
        self
    }

    fn unused(mut self, permissions: &'static [&'static str]) -> Self {
        self.unused = permissions;
        self
    }

    /// The import ID of the object with these values.
    pub fn id_of(&self, values: &Json) -> String {
        self.id_from(|name| values[name].as_str().map(str::to_owned))
    }

    /// The import ID of the object with these attributes.
    pub fn id_from(&self, text: impl Fn(&str) -> Option<String>) -> String {
        let part =
            |name: &&str| text(name).unwrap_or_else(|| panic!("{} has no {name}", self.type_name));
        self.import.iter().map(part).collect::<Vec<_>>().join("/")
    }

    /// Whether there is a list resource.
    pub fn is_listed(&self) -> bool {
        matches!(self.listing, Listed::Found { .. } | Listed::Deleted)
    }

    /// The two attributes of which exactly one identifies the object.
    pub fn alternatives(&self) -> Option<[&'static str; 2]> {
        Some([*self.import.last()?, self.alternative?])
    }

    /// All forms of the import ID, as written on the page of the resource; the form of this provider is the first.
    pub fn all_forms(&self) -> Vec<String> {
        let own = self.import.iter().map(|name| format!("<{name}>"));
        let own = own.collect::<Vec<_>>().join("/");
        let others = self.forms.iter().map(|form| (*form).to_owned());
        std::iter::once(own).chain(others).collect()
    }

    /// The attributes of the identity, sorted.
    pub fn identity(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.import.to_vec();
        names.push("tenant_id");
        names.extend(self.alternative);
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn ground(name: &'static str, side: Side, type_name: &'static str, config: Json) -> Ground {
    Ground::Resource {
        name,
        side,
        type_name,
        config,
    }
}

fn partner(side: Side, name: &'static str) -> Ground {
    let config = json!({ "partner_tenant_id": side.partner_id() });
    ground(name, side, "crosstenant_partner_policy", config)
}

fn configuration() -> Ground {
    ground(
        "configuration",
        Side::Source,
        "crosstenant_synchronization_configuration",
        json!({ "display_name": "Contoso to Fabrikam" }),
    )
}

fn all_for_a_job() -> Vec<Ground> {
    let trust = |name, side: Side, consent| {
        let config = json!({ "partner_tenant_id": side.partner_id(), "automatic_user_consent_settings": consent });
        ground(name, side, "crosstenant_trust_settings", config)
    };
    vec![
        partner(Side::Target, "partner"),
        trust("trust", Side::Target, json!({ "inbound_allowed": true })),
        ground(
            "sync",
            Side::Target,
            "crosstenant_sync_policy",
            json!({ "partner_tenant_id": CONTOSO, "user_sync_inbound": { "is_sync_allowed": true } }),
        ),
        partner(Side::Source, "other"),
        trust("consent", Side::Source, json!({ "outbound_allowed": true })),
        configuration(),
    ]
}

/// A job that is running, with one assigned user.
fn a_job() -> Vec<Ground> {
    let mut all = all_for_a_job();
    all.push(assigned("assignment", ADA));
    all.push(ground(
        "job",
        Side::Source,
        "crosstenant_provisioning_job",
        json!({ "service_principal_id": "@configuration.service_principal_id", "target_tenant_id": FABRIKAM }),
    ));
    all
}

/// The assignment of a user or group.
fn assigned(name: &'static str, principal: &str) -> Ground {
    ground(
        name,
        Side::Source,
        "crosstenant_app_role_assignment",
        json!({ "principal_object_id": principal, "resource_object_id": "@configuration.service_principal_id" }),
    )
}

/// The configuration of a resource that belongs to the job, with the attributes in `more`.
fn of_job(more: &Json) -> Json {
    let mut config =
        json!({ "service_principal_id": "@job.service_principal_id", "job_id": "@job.id" });
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    config
}

/// All resources of the provider.
pub fn all() -> Vec<Scenario> {
    [
        policies::rows(),
        organizations::rows(),
        synchronization::rows(),
        deeds::rows(),
    ]
    .concat()
}

/// The row of a resource.
pub fn of(type_name: &str) -> Scenario {
    let mut rows = all().into_iter();
    rows.find(|row| row.type_name == type_name)
        .unwrap_or_else(|| panic!("tests/support/scenarios has no row for {type_name}"))
}
