//! A snapshot of one or two tenants in a file: for `export --offline-from`, for `map`, and for later inspection.
//!
//! It contains objects as the provider's resources return them, never JSON of Graph, and no secrets: no resource has a secret in its state,
//! and of the sign-in, only the arguments without secrets are kept.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::Failure;
use super::export::exported_types::exports;
use super::file::{self, Readers};

/// The version of the format that this provider writes and reads.
pub(crate) const VERSION: u64 = 1;

/// Identifies a file as a snapshot.
const KIND: &str = "crosstenant_snapshot";

/// The content of one or two tenants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// Always [`KIND`].
    pub(crate) kind: String,
    /// Always [`VERSION`].
    pub(crate) version: u64,
    /// The provider that wrote it.
    pub(crate) provider_version: String,
    /// The time of the snapshot, in UTC.
    pub(crate) taken_at: String,
    /// The tenants; if there are two, the source is first.
    pub(crate) tenants: Vec<TenantSnapshot>,
}

/// One tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantSnapshot {
    /// Its ID.
    pub(crate) tenant_id: String,
    /// Its name, if it could be looked up.
    pub(crate) display_name: Option<String>,
    /// Its primary domain name, if it could be looked up.
    pub(crate) domain_name: Option<String>,
    /// The `alias` of its provider configuration; `None` if there is only one.
    pub(crate) alias: Option<String>,
    /// The other arguments of its provider configuration, none of which is secret.
    pub(crate) provider: Map<String, Json>,
    /// The managed objects in it.
    pub(crate) objects: Vec<Object>,
    /// Other tenants to which they refer.
    pub(crate) partners: Vec<Partner>,
    /// Users, groups and service principals to which they refer.
    pub(crate) principals: Vec<Principal>,
    /// The status of each job: the attributes of the data source `crosstenant_provisioning_job`.
    pub(crate) jobs: Vec<Json>,
    /// Parts that could not be read.
    pub(crate) missing: Vec<Missing>,
}

/// One managed object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Object {
    /// The resource type, with the provider's prefix.
    #[serde(rename = "type")]
    pub(crate) type_name: String,
    /// The ID to import it with.
    pub(crate) import_id: String,
    /// Its display name, if it has one.
    pub(crate) display_name: Option<String>,
    /// The name of the configuration that it is or belongs to, if any.
    pub(crate) configuration: Option<String>,
    /// Its identity, as in an `import` block with an identity.
    pub(crate) identity: Json,
    /// The configuration whose plan is empty, in the order of the reference, without nulls.
    pub(crate) config: Map<String, Json>,
    /// The object as stored in a state.
    pub(crate) state: Map<String, Json>,
}

/// Another tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Partner {
    /// Its ID.
    pub(crate) tenant_id: String,
    /// Its name.
    pub(crate) display_name: Option<String>,
    /// Its primary domain name, by which it can be looked up.
    pub(crate) domain_name: Option<String>,
}

/// A user, a group or a service principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Principal {
    /// Its object ID.
    pub(crate) id: String,
    /// Its type.
    pub(crate) kind: PrincipalKind,
    /// Its name.
    pub(crate) display_name: Option<String>,
    /// A unique name: the sign-in name of a user, or the name of a group if no other group has it.
    pub(crate) unique_name: Option<String>,
}

/// The type of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PrincipalKind {
    /// A user, guests included.
    User,
    /// A group.
    Group,
    /// A service principal.
    ServicePrincipal,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    /// A description of what is missing.
    pub(crate) what: String,
    /// The reason: the message of the provider, with the tenant, the permission and the role.
    pub(crate) why: String,
    /// Whether it requires a permission that is not needed for setting up synchronization, and was not requested by name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) optional: bool,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Not read: {}\n{}",
            super::terminal::printable(&self.what),
            self.why
        )
    }
}

impl Snapshot {
    /// A snapshot of these tenants, taken now.
    pub(crate) fn of(tenants: Vec<TenantSnapshot>) -> Self {
        Self {
            kind: KIND.to_owned(),
            version: VERSION,
            provider_version: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            tenants,
        }
    }

    /// Reads a snapshot from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is not a snapshot, or has another version.
    pub(crate) fn load(file: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(file).map_err(|error| {
            Failure::new(format!(
                "The snapshot {} cannot be read: {error}.",
                file.display()
            ))
        })?;
        Self::parse(&bytes).map_err(|problem| Failure::new(format!("{} {problem}", file.display())))
    }

    fn parse(bytes: &[u8]) -> Result<Self, Unfit> {
        let json: Json =
            serde_json::from_slice(bytes).map_err(|error| Unfit::Damaged(error.to_string()))?;
        if json["kind"] != KIND {
            return Err(Unfit::Other);
        }
        let version = &json["version"];
        if version.as_u64() != Some(VERSION) {
            let by = json["provider_version"].as_str().map(str::to_owned);
            return Err(Unfit::Version(version.to_string(), by));
        }
        let snapshot: Self =
            serde_json::from_value(json).map_err(|error| Unfit::Damaged(error.to_string()))?;
        snapshot.is_sound()?;
        Ok(snapshot)
    }

    /// Refuses content that no provider has written, which would be omitted silently or be an invalid configuration.
    fn is_sound(&self) -> Result<(), Unfit> {
        let damaged = |why: String| Err(Unfit::Damaged(why));
        if self.tenants.is_empty() {
            return damaged("there is no tenant in it".to_owned());
        }
        let mut aliases = BTreeSet::new();
        for tenant in &self.tenants {
            let alias = tenant.alias.as_deref();
            if let Some(name) = alias.filter(|alias| !is_argument(alias)) {
                return damaged(format!(
                    "{name:?} is not an alias of a provider configuration"
                ));
            }
            if !aliases.insert(alias) {
                return damaged("two tenants have the same alias".to_owned());
            }
        }
        let mut objects = self.tenants.iter().flat_map(|tenant| &tenant.objects);
        let stranger = |object: &&Object| !exports(&object.type_name);
        if let Some(object) = objects.find(stranger) {
            return damaged(format!("this provider exports no {:?}", object.type_name));
        }
        // They are written as arguments, without quotation marks.
        if let Some(name) = self.arguments().find(|name| !is_argument(name)) {
            return damaged(format!("{name:?} is not the name of an argument"));
        }
        Ok(())
    }

    /// The names of all arguments in it.
    fn arguments(&self) -> impl Iterator<Item = &String> {
        self.tenants.iter().flat_map(|tenant| {
            let configs = tenant
                .objects
                .iter()
                .flat_map(|object| object.config.keys());
            tenant.provider.keys().chain(configs)
        })
    }

    /// Checks that a snapshot can be written, before any tenant is read.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn can_be_saved(path: &Path) -> Result<(), Failure> {
        file::can_be_written(path).map_err(|error| unsaved(path, &error))
    }

    /// Writes the snapshot to a file atomically; the old content remains until then.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| unsaved(path, &error);
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        // It contains no secrets, but names of people.
        file::write(path, &text, Readers::Owner).map_err(failed)
    }
}

fn unsaved(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!(
        "The snapshot {} cannot be written: {error}.",
        file.display()
    ))
}

/// Whether this is a valid name of an argument.
fn is_argument(name: &str) -> bool {
    let is_plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.starts_with(|letter: char| letter.is_ascii_lowercase()) && name.chars().all(is_plain)
}

/// The reason why a file is not a usable snapshot.
#[derive(Debug)]
enum Unfit {
    Damaged(String),
    Other,
    Version(String, Option<String>),
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(why) => write!(
                f,
                "is not a complete snapshot: {why}. Save it again with `terraform-provider-crosstenant export --save FILE`."
            ),
            Self::Other => write!(
                f,
                "is not a snapshot: it was not written by `terraform-provider-crosstenant export --save FILE`."
            ),
            Self::Version(version, by) => {
                let by = by.as_deref().unwrap_or("an unknown version");
                write!(
                    f,
                    "is a snapshot of version {version}, written by provider {by}; this is provider {}, which reads version \
                     {VERSION}. Use the provider that wrote it, or save the snapshot again with `export --save FILE`.",
                    env!("CARGO_PKG_VERSION")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn snapshot() -> Snapshot {
        Snapshot::of(vec![TenantSnapshot {
            tenant_id: "1".to_owned(),
            principals: vec![Principal {
                id: "2".to_owned(),
                kind: PrincipalKind::ServicePrincipal,
                display_name: None,
                unique_name: None,
            }],
            ..TenantSnapshot::default()
        }])
    }

    fn refused(json: &Json) -> String {
        Snapshot::parse(json.to_string().as_bytes())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_was_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("snapshot.json");
        snapshot().save(&file).unwrap();
        assert_eq!(Snapshot::load(&file).unwrap(), snapshot_like(&file));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file stays");
    }

    fn snapshot_like(file: &Path) -> Snapshot {
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    #[test]
    fn what_would_be_left_out_or_be_no_configuration_is_refused() {
        let object = json!({ "type": "crosstenant_partner_policy", "import_id": "3", "display_name": null, "configuration": null,
            "identity": {}, "config": {}, "state": {} });
        let mut sound = serde_json::to_value(snapshot()).unwrap();
        sound["tenants"][0]["objects"] = json!([object]);
        Snapshot::parse(sound.to_string().as_bytes()).unwrap();
        let changed = |change: &dyn Fn(&mut Json)| {
            let mut json = sound.clone();
            change(&mut json);
            refused(&json)
        };
        let strange =
            changed(&|json| json["tenants"][0]["objects"][0]["type"] = json!("crosstenant_flux"));
        assert!(strange.contains("\"crosstenant_flux\""), "{strange}");
        let alias = changed(&|json| json["tenants"][0]["alias"] = json!("a b"));
        assert!(alias.contains("\"a b\""), "{alias}");
        let twice = changed(&|json| {
            json["tenants"] = json!([sound["tenants"][0], sound["tenants"][0]]);
        });
        assert!(twice.contains("same alias"), "{twice}");
        assert!(changed(&|json| json["tenants"] = json!([])).contains("no tenant"));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        for wrong in ["missing/snapshot.json", ""] {
            let file = folder.path().join(wrong);
            let said = Snapshot::can_be_saved(&file).unwrap_err().to_string();
            assert!(said.contains("cannot be written"), "{said}");
        }
        Snapshot::can_be_saved(&folder.path().join("snapshot.json")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn another_version_is_refused_before_its_shape_is_looked_at() {
        let mut json = serde_json::to_value(snapshot()).unwrap();
        json["version"] = json!(2);
        json["provider_version"] = json!("9.9.9");
        json["novel"] = json!(true);
        let said = refused(&json);
        assert!(
            said.contains("version 2") && said.contains("9.9.9"),
            "{said}"
        );
    }

    #[test]
    fn input_that_is_not_a_snapshot_is_refused() {
        assert!(refused(&json!({ "version": 1 })).contains("is not a snapshot"));
        assert!(refused(&json!([])).contains("is not a snapshot"));
        let mut json = serde_json::to_value(snapshot()).unwrap();
        json["tenants"][0]["objects"] = json!(7);
        assert!(refused(&json).contains("not a complete snapshot"));
        let half = Snapshot::parse(b"{\"kind\":").unwrap_err().to_string();
        assert!(half.contains("not a complete snapshot"), "{half}");
    }
}
