//! Resource types of other providers whose objects can be moved here, and how their state identifies the object.
//!
//! Only the identifying attributes are taken from another provider's state. The read that follows fills in the others, so that secrets in
//! that state are never copied.

use super::SITE;
use terraform::{MoveSource, Value};

/// Returns the import ID of the object in another provider's state, or the reason why there is none.
pub type FindId = fn(&Value) -> Result<String, String>;

/// A resource type of another provider that manages the same objects.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Namespace and type of the provider. The registry or mirror does not matter.
    pub provider: &'static str,
    /// The type name, including the provider's prefix.
    pub type_name: &'static str,
    /// The latest version of its schema that was considered.
    pub version: i64,
    /// Returns the import ID of the object in its state. `None` for settings that every tenant has exactly once: they need no ID.
    pub id: Option<FindId>,
}

impl Peer {
    /// A type of `hashicorp/azuread` whose `id` identifies the object.
    pub const fn azuread(type_name: &'static str, version: i64) -> Self {
        Self {
            provider: "hashicorp/azuread",
            type_name,
            version,
            id: Some(by_id),
        }
    }

    /// A type of `deploymenttheory/microsoft365`.
    pub const fn microsoft365(type_name: &'static str, id: FindId) -> Self {
        Self {
            provider: "deploymenttheory/microsoft365",
            type_name,
            version: 0,
            id: Some(id),
        }
    }

    /// A type of `terraprovider/microsoft365wp`.
    pub const fn microsoft365wp(type_name: &'static str, id: FindId) -> Self {
        Self {
            provider: "terraprovider/microsoft365wp",
            type_name,
            version: 0,
            id: Some(id),
        }
    }

    /// A type of `deploymenttheory/microsoft365` for settings that every tenant has exactly once.
    pub const fn microsoft365_settings(type_name: &'static str) -> Self {
        Self {
            provider: "deploymenttheory/microsoft365",
            type_name,
            version: 0,
            id: None,
        }
    }

    /// A type of `terraprovider/microsoft365wp` for settings that every tenant has exactly once.
    pub const fn microsoft365wp_settings(type_name: &'static str) -> Self {
        Self {
            provider: "terraprovider/microsoft365wp",
            type_name,
            version: 0,
            id: None,
        }
    }

    /// Returns the same type with another way to identify the object.
    #[must_use]
    pub const fn by(self, id: FindId) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// Any object of Graph, identified by its URL.
    pub const MSGRAPH: Self = Self {
        provider: "microsoft/msgraph",
        type_name: "msgraph_resource",
        version: 0,
        id: Some(by_resource_url),
    };

    /// Part of any object of Graph, identified by the object's URL.
    pub const MSGRAPH_UPDATE: Self = Self {
        provider: "microsoft/msgraph",
        type_name: "msgraph_update_resource",
        version: 0,
        id: Some(by_url),
    };

    /// One action on an object of Graph, such as the creation of another object. How its state identifies that object depends on the
    /// action.
    pub const MSGRAPH_ACTION: Self = Self {
        provider: "microsoft/msgraph",
        type_name: "msgraph_resource_action",
        version: 0,
        id: Some(by_resource_url),
    };

    /// Returns the URL of the guide about moving from its provider, for the reference.
    pub fn guide(&self) -> String {
        let name = self.provider.split('/').next_back().unwrap_or_default();
        let name = name.trim_end_matches("wp");
        format!("[{name}]({SITE}/guides/moving-from-{name})")
    }

    /// Returns the type with its provider, for messages and documentation.
    pub fn title(&self) -> String {
        format!("`{}` of `{}`", self.type_name, self.provider)
    }

    /// Whether `source` is of this type.
    pub(crate) fn is(&self, source: &MoveSource) -> bool {
        self.type_name == source.type_name && is_of(&source.provider_address, self.provider)
    }
}

/// Whether an address with host, namespace and type is that of `provider`, for any host.
pub(crate) fn is_of(address: &str, provider: &str) -> bool {
    address
        .split_once('/')
        .is_some_and(|(host, rest)| !host.is_empty() && rest.eq_ignore_ascii_case(provider))
}

/// Returns a string attribute of the state if it is not empty.
pub fn text(state: &Value, name: &str) -> Result<String, String> {
    state
        .member(name)
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| format!("its state has no `{name}`"))
}

/// Returns the ID of an object whose state holds it in `id`.
pub fn by_id(state: &Value) -> Result<String, String> {
    text(state, "id")
}

/// Returns the ID of an object that every tenant has exactly once: the tenant ID.
pub fn by_tenant_id(state: &Value) -> Result<String, String> {
    text(state, "tenant_id")
}

fn by_url(state: &Value) -> Result<String, String> {
    text(state, "url")
}

/// Returns the URL of the object. Earlier versions of the provider stored only the URL of its collection.
pub fn by_resource_url(state: &Value) -> Result<String, String> {
    text(state, "resource_url").or_else(|_| {
        let (url, id) = (text(state, "url")?, text(state, "id")?);
        Ok(format!("{}/{id}", url.trim_end_matches('/')))
    })
}

/// Like [`by_resource_url`], for a job or an object below it.
pub fn by_resource_url_of_job(state: &Value) -> Result<String, String> {
    below_job(by_resource_url(state)?)
}

/// Like [`by_url`], for a job or an object below it.
pub fn by_url_of_job(state: &Value) -> Result<String, String> {
    below_job(by_url(state)?)
}

/// Rejects the URL of a service principal. It would be valid for an import, but identifies a configuration in a move.
fn below_job(url: String) -> Result<String, String> {
    if url.to_ascii_lowercase().contains("/synchronization/jobs/") {
        Ok(url)
    } else {
        Err(format!("{url:?} names no such object: it is not a job"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_the_same_from_every_host() {
        for host in [
            "registry.terraform.io",
            "registry.opentofu.org",
            "mirror.corp.example:8443",
        ] {
            assert!(
                is_of(&format!("{host}/hashicorp/azuread"), "hashicorp/azuread"),
                "{host}"
            );
        }
        for other in [
            "hashicorp/azuread",
            "/hashicorp/azuread",
            "registry.terraform.io/nothashicorp/azuread",
            "registry.terraform.io/x/hashicorp/azuread",
            "registry.terraform.io/hashicorp/azuread2",
        ] {
            assert!(!is_of(other, "hashicorp/azuread"), "{other}");
        }
    }
}
