//! What was read of one or two tenants, as a file: for `export --offline-from`, for `map`, and to look at later.
//!
//! It holds objects as the provider's resources show them, never Graph's own JSON, and nothing that is secret: no resource has a
//! secret in its state, and how somebody signs in is reduced to the arguments that say so.

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

/// What says that a file is a snapshot.
const KIND: &str = "crosstenant_snapshot";

/// What was read of one or two tenants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// Always [`KIND`].
    pub(crate) kind: String,
    /// Always [`VERSION`].
    pub(crate) version: u64,
    /// The provider that wrote it.
    pub(crate) provider_version: String,
    /// When it was taken, in UTC.
    pub(crate) taken_at: String,
    /// The tenants, the source first where there are two.
    pub(crate) tenants: Vec<TenantSnapshot>,
}

/// One tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantSnapshot {
    /// Its ID.
    pub(crate) tenant_id: String,
    /// Its name, where it could be looked up.
    pub(crate) display_name: Option<String>,
    /// Its primary domain name, likewise.
    pub(crate) domain_name: Option<String>,
    /// The `alias` of its provider configuration; none where there is only one.
    pub(crate) alias: Option<String>,
    /// The other arguments of its provider configuration: none of them is secret.
    pub(crate) provider: Map<String, Json>,
    /// The managed objects in it.
    pub(crate) objects: Vec<Object>,
    /// Other tenants that they name.
    pub(crate) partners: Vec<Partner>,
    /// Users, groups and service principals that they name.
    pub(crate) principals: Vec<Principal>,
    /// How each job is doing: what the data source `crosstenant_provisioning_job` says.
    pub(crate) jobs: Vec<Json>,
    /// What could not be read.
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
    /// What a person would call it, where it has a name.
    pub(crate) display_name: Option<String>,
    /// The name of the configuration that it is or belongs to, where it does.
    pub(crate) configuration: Option<String>,
    /// What identifies it, as in an `import` block with an identity.
    pub(crate) identity: Json,
    /// The configuration that leaves it as it is, in the order of the reference; nothing in it is null.
    pub(crate) config: Map<String, Json>,
    /// The object as it would be stored in a state.
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
    /// Its primary domain name, by which it can be found.
    pub(crate) domain_name: Option<String>,
}

/// A user, a group or a service principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Principal {
    /// Its object ID.
    pub(crate) id: String,
    /// What it is.
    pub(crate) kind: PrincipalKind,
    /// Its name.
    pub(crate) display_name: Option<String>,
    /// What it alone goes by: the sign-in name of a user, the name of a group where no other group has it.
    pub(crate) unique_name: Option<String>,
}

/// What a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PrincipalKind {
    /// A user, guests included.
    User,
    /// A group.
    Group,
    /// An application of its own.
    ServicePrincipal,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    /// What is missing, in words.
    pub(crate) what: String,
    /// Why: the provider's own words, which name tenant, permission and role.
    pub(crate) why: String,
    /// Whether it needs a permission that setting up synchronization does not need, and was not asked for by name.
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
    /// Where the file cannot be read, is not a snapshot, or is one of another version.
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

    /// Refuses what no provider has written: it would be left out without a word, or be no configuration.
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
        // They are written as arguments, without quotation marks around them.
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

    /// Makes sure that a snapshot can be written there: nobody should wait for tenants to be read only to learn that it cannot.
    ///
    /// # Errors
    ///
    /// Where it cannot.
    pub(crate) fn can_be_saved(path: &Path) -> Result<(), Failure> {
        file::can_be_written(path).map_err(|error| unsaved(path, &error))
    }

    /// Writes it to a file, in one step; what was there before stays until then.
    ///
    /// # Errors
    ///
    /// Where the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| unsaved(path, &error);
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        // It holds no secret, but names people.
        file::write(path, &text, Readers::Owner).map_err(failed)
    }
}

fn unsaved(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!(
        "The snapshot {} cannot be written: {error}.",
        file.display()
    ))
}

/// Whether this could be the name of an argument.
fn is_argument(name: &str) -> bool {
    let is_plain =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.starts_with(|letter: char| letter.is_ascii_lowercase()) && name.chars().all(is_plain)
}

/// Why a file is not a snapshot that can be used.
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
