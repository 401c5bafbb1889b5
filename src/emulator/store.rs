//! The stored state of the emulator: tenants, and in each the objects of Graph.
//!
//! The structure is typed; the objects are JSON of Graph. Properties that begin with an underscore are internal and never appear in
//! responses of Graph.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::clock::{Clock, millis};
use super::job::Job;
use super::lag::Replicas;

/// Objects by ID, in order of creation.
pub(super) type Collection = Map<String, Value>;

/// All tenants and the state that they share.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct World {
    pub(super) tenants: Vec<Tenant>,
    pub(super) settings: Settings,
    /// The key that signs tokens, stored so that they survive a restart.
    pub(super) token_key: String,
    #[serde(skip)]
    pub(super) clock: Clock,
    #[serde(skip)]
    pub(super) visibility: VisibilityDelay,
    /// Writes that replicas have not received yet.
    #[serde(skip)]
    pub(super) replicas: Replicas,
    /// Times of recent calls, by rate limit.
    #[serde(skip)]
    pub(super) recent: HashMap<String, VecDeque<i64>>,
    /// Tokens that expired before their time.
    #[serde(skip)]
    pub(super) revoked: HashSet<String>,
    /// Counts changes. The state file is out of date while its version differs.
    #[serde(skip)]
    pub(super) version: u64,
    /// Milliseconds between two cycles of a job.
    #[serde(skip)]
    pub(super) cycle: i64,
    /// Milliseconds from the start of a job to its first cycle.
    #[serde(skip)]
    pub(super) first_cycle: i64,
    /// Duration of a cycle in milliseconds.
    #[serde(skip)]
    pub(super) cycle_duration: i64,
}

/// Behavior that Microsoft has changed or that no public source documents; a seed chooses it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own"
)]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Settings {
    /// A failed connection test returns the code of older documentation.
    pub(super) old_validation_code: bool,
    /// `$expand=identitySynchronization` on partners is supported.
    pub(super) expand_partners: bool,
    /// The published limits of reports and on-demand provisioning are enforced.
    pub(super) limits: bool,
    /// Groups can be provisioned on demand; Microsoft's pages disagree.
    pub(super) groups_on_demand: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            old_validation_code: false,
            expand_partners: true,
            limits: true,
            groups_on_demand: true,
        }
    }
}

/// A tenant.
#[expect(
    clippy::struct_field_names,
    reason = "tenant_id is what Graph calls it"
)]
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Tenant {
    pub(super) tenant_id: String,
    pub(super) display_name: String,
    /// The first one is the default domain.
    pub(super) domains: Vec<String>,
    /// Name of the cloud as in policies; `microsoftonline.com` is the global cloud.
    pub(super) cloud: String,
    /// Whether the tenant lacks Microsoft Entra ID P1 and P2.
    pub(super) unlicensed: bool,
    pub(super) apps: Vec<App>,
    pub(super) access_policy: Collection,
    pub(super) default_policy: Collection,
    pub(super) partners: Collection,
    pub(super) sync_policies: Collection,
    /// Soft-deleted partners and synchronization policies.
    pub(super) deleted_partners: Collection,
    pub(super) deleted_sync_policies: Collection,
    pub(super) sync_policy_template: Collection,
    pub(super) partner_template: Collection,
    pub(super) authorization_policy: Collection,
    pub(super) external_identities_policy: Collection,
    /// The properties of the organization that were changed.
    pub(super) organization: Collection,
    /// Null while the tenant is not in a multitenant organization.
    pub(super) multi_tenant_organization: Value,
    pub(super) organization_members: Collection,
    pub(super) join_request: Collection,
    pub(super) users: Collection,
    /// Organizational contacts.
    pub(super) contacts: Vec<Value>,
    pub(super) groups: Collection,
    /// IDs of direct members by group ID.
    pub(super) members: BTreeMap<String, Vec<String>>,
    /// Phone methods by user ID.
    pub(super) phone_methods: BTreeMap<String, Vec<Value>>,
    pub(super) applications: Collection,
    pub(super) service_principals: Collection,
    pub(super) assignments: Collection,
    /// Synchronization secrets by service principal ID.
    pub(super) secrets: BTreeMap<String, Vec<Value>>,
    pub(super) jobs: Vec<Job>,
    /// Soft-deleted directory objects, each with its `@odata.type`.
    pub(super) deleted_items: Collection,
    pub(super) provisioning_log: Vec<Value>,
    pub(super) directory_audits: Vec<Value>,
}

/// An application that can sign in, with the permissions that an administrator granted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct App {
    pub(super) client_id: String,
    pub(super) display_name: String,
    pub(super) secrets: Vec<String>,
    /// PEM certificates whose keys can sign assertions.
    pub(super) certificates: Vec<String>,
    pub(super) federated_credentials: Vec<Federation>,
    /// Names of application permissions; `*` stands for all.
    pub(super) permissions: Permissions,
    /// Seconds; 0 is the default of one hour.
    pub(super) token_lifetime: i64,
}

/// A federated identity credential: the external tokens that an application accepts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Federation {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) audience: String,
    /// PEM certificate of the issuer's key.
    pub(super) certificate: String,
    /// `unchecked` accepts tokens without a check of their signature.
    pub(super) signature: String,
}

/// Application permissions of an app.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Permissions {
    /// The word `*`.
    All(String),
    Some(Vec<String>),
}

impl Default for Permissions {
    fn default() -> Self {
        Self::Some(Vec::new())
    }
}

impl App {
    pub(super) fn may(&self, permission: &str) -> bool {
        match &self.permissions {
            Permissions::All(word) => word == "*",
            Permissions::Some(names) => names.iter().any(|name| name == permission || name == "*"),
        }
    }
}

impl World {
    /// The tenant with this id or domain name.
    pub(super) fn find(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.tenant_id.eq_ignore_ascii_case(name)
                || tenant
                    .domains
                    .iter()
                    .any(|domain| domain.eq_ignore_ascii_case(name))
        })
    }

    /// Treats this token as expired from now on.
    pub(super) fn revoke(&mut self, token: Option<&str>) {
        self.revoked.extend(token.map(str::to_owned));
    }

    /// The objects of an earlier world with the current clock and tokens.
    pub(super) fn seen_as(&self, past: &Self) -> Self {
        let mut seen = past.clone();
        seen.clock = self.clock;
        seen.token_key.clone_from(&self.token_key);
        seen.revoked.clone_from(&self.revoked);
        seen
    }

    pub(super) fn position(&self, tenant_id: &str) -> Option<usize> {
        self.tenants
            .iter()
            .position(|tenant| tenant.tenant_id.eq_ignore_ascii_case(tenant_id))
    }

    /// Counts a call against a limit of `allowed` calls in ten seconds, and returns the seconds to wait if the limit is exceeded.
    pub(super) fn limited(&mut self, name: &str, allowed: usize) -> Option<u64> {
        if !self.settings.limits {
            return None;
        }
        let now = self.clock.now();
        let calls = self.recent.entry(name.to_owned()).or_default();
        while calls.front().is_some_and(|moment| now - moment >= 10_000) {
            calls.pop_front();
        }
        if calls.len() >= allowed {
            let wait = calls.front().map_or(0, |moment| 10_000 - (now - moment));
            return Some(u64::try_from(wait).unwrap_or(0).div_ceil(1_000).max(1));
        }
        calls.push_back(now);
        None
    }
}

impl Tenant {
    pub(super) fn default_domain(&self) -> &str {
        self.domains.first().map_or("", String::as_str)
    }

    /// The user with this ID or user principal name.
    pub(super) fn user(&self, name: &str) -> Option<&Value> {
        self.users.get(name).or_else(|| {
            self.users.values().find(|user| {
                user["userPrincipalName"]
                    .as_str()
                    .is_some_and(|upn| upn.eq_ignore_ascii_case(name))
            })
        })
    }

    /// The index of the job.
    pub(super) fn job_position(&self, service_principal: &str, id: &str) -> Option<usize> {
        self.jobs
            .iter()
            .position(|job| job.service_principal == service_principal && job.id == id)
    }
}

/// Hides new objects for a while to simulate eventual consistency.
#[derive(Debug, Clone, Default)]
pub(super) struct VisibilityDelay {
    /// Milliseconds until a new object is visible.
    delay: i64,
    /// The time at which each object becomes visible, by tenant and key.
    until: HashMap<String, i64>,
}

impl VisibilityDelay {
    pub(super) fn new(delay: std::time::Duration) -> Self {
        Self {
            delay: millis(delay),
            until: HashMap::new(),
        }
    }

    pub(super) fn created(&mut self, tenant: &str, key: &str, now: i64) {
        if self.delay > 0 {
            self.until
                .insert(format!("{tenant} {key}"), now + self.delay);
        }
    }

    pub(super) fn hides(&self, tenant: &str, key: &str, now: i64) -> bool {
        self.delay > 0
            && self
                .until
                .get(&format!("{tenant} {key}"))
                .is_some_and(|until| now < *until)
    }
}
