//! Taking over what other providers manage: which of their types, and where their state says which object it is.
//!
//! Nothing but what identifies the object is taken from a state that others wrote. The read that follows fills in the rest, so
//! their secrets never get here.

use super::SITE;
use terraform::{MoveSource, Value};

/// Finds one of our import IDs in the state of another provider's resource, or returns the reason why there is none.
pub type FindId = fn(&Value) -> Result<String, String>;

/// A resource type of another provider that manages objects of ours.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Namespace and type of the provider. From which registry or mirror it was installed makes no difference.
    pub provider: &'static str,
    /// With the provider's prefix.
    pub type_name: &'static str,
    /// The newest version of its schema that this was written for.
    pub version: i64,
    /// Finds one of our import IDs in its state, or says why there is none. `None` for settings that every tenant has exactly once:
    /// they are the same whatever the state calls them.
    pub id: Option<FindId>,
}

impl Peer {
    /// A type of `hashicorp/azuread`, whose `id` says it all.
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

    /// The same type, whose state identifies the object in another way.
    #[must_use]
    pub const fn by(self, id: FindId) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// Any object of Graph, by its address.
    pub const MSGRAPH: Self = Self {
        provider: "microsoft/msgraph",
        type_name: "msgraph_resource",
        version: 0,
        id: Some(by_resource_url),
    };

    /// A part of any object of Graph, by the object's address.
    pub const MSGRAPH_UPDATE: Self = Self {
        provider: "microsoft/msgraph",
        type_name: "msgraph_update_resource",
        version: 0,
        id: Some(by_url),
    };

    /// One action on an object of Graph, such as making another one. What it says of that one depends on the action.
    pub const MSGRAPH_ACTION: Self = Self {
        provider: "microsoft/msgraph",
        type_name: "msgraph_resource_action",
        version: 0,
        id: Some(by_resource_url),
    };

    /// The guide about moving from its provider, for the reference.
    pub fn guide(&self) -> String {
        let name = self.provider.split('/').next_back().unwrap_or_default();
        let name = name.trim_end_matches("wp");
        format!("[{name}]({SITE}/guides/moving-from-{name})")
    }

    /// The type with its provider, for messages and documentation.
    pub fn title(&self) -> String {
        format!("`{}` of `{}`", self.type_name, self.provider)
    }

    /// Whether `source` is of this type.
    pub(crate) fn is(&self, source: &MoveSource) -> bool {
        self.type_name == source.type_name && is_of(&source.provider_address, self.provider)
    }
}

/// Whether an address with host, namespace and type is that of `provider`, from whatever host.
pub(crate) fn is_of(address: &str, provider: &str) -> bool {
    address
        .split_once('/')
        .is_some_and(|(host, rest)| !host.is_empty() && rest.eq_ignore_ascii_case(provider))
}

/// What an attribute of the state says, where it is a text that is not empty.
pub fn text(state: &Value, name: &str) -> Result<String, String> {
    state
        .member(name)
        .as_str()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| format!("its state has no `{name}`"))
}

/// The ID of an object whose state holds it as `id`.
pub fn by_id(state: &Value) -> Result<String, String> {
    text(state, "id")
}

/// The ID of an object that every tenant has once: that of the tenant.
pub fn by_tenant_id(state: &Value) -> Result<String, String> {
    text(state, "tenant_id")
}

fn by_url(state: &Value) -> Result<String, String> {
    text(state, "url")
}

/// The object's address. Earlier versions of the provider stored only that of its collection.
pub fn by_resource_url(state: &Value) -> Result<String, String> {
    text(state, "resource_url").or_else(|_| {
        let (url, id) = (text(state, "url")?, text(state, "id")?);
        Ok(format!("{}/{id}", url.trim_end_matches('/')))
    })
}

/// As [`by_resource_url`], of a job or something below it.
pub fn by_resource_url_of_job(state: &Value) -> Result<String, String> {
    below_job(by_resource_url(state)?)
}

/// As [`by_url`], of a job or something below it.
pub fn by_url_of_job(state: &Value) -> Result<String, String> {
    below_job(by_url(state)?)
}

/// The address of a service principal would do for an import, but is what a configuration is moved by.
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
