//! Determines the source users of external users from the data of the target tenant.

use serde_json::Value as Json;

use super::external;
use super::prelude::*;

/// The source user of an external user, with the evidence for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The evidence.
    pub(super) known_by: Option<&'static str>,
    /// Object ID of the source user.
    pub(super) source: Option<String>,
    /// ID of the source tenant.
    pub(super) tenant: Option<String>,
}

impl Link {
    /// A source user whose object ID is certain.
    pub(super) fn exact(known_by: &'static str, source: &str) -> Self {
        Self {
            known_by: Some(known_by),
            source: Some(source.to_lowercase()),
            tenant: None,
        }
    }

    /// A guess from the name and the email address.
    pub(super) fn guess(user: &Json) -> Self {
        let named = external::home_name(user).map(|_| "user_principal_name");
        Self {
            known_by: named.or_else(|| text(user, "mail").map(|_| "mail")),
            ..Self::default()
        }
    }

    /// Whether the evidence is exact.
    pub(super) fn is_exact(&self) -> bool {
        is_exact(self.known_by.unwrap_or_default())
    }
}

/// Whether this kind of evidence is exact.
pub(super) fn is_exact(known_by: &str) -> bool {
    matches!(known_by, "provisioning_log" | "attribute")
}

/// Returns the property of a user that contains the attribute with this name.
pub(super) fn property(attribute: &str) -> &str {
    if attribute.starts_with("extensionAttribute") {
        "onPremisesExtensionAttributes"
    } else {
        attribute
    }
}

/// Returns the object ID in an attribute. Other values are ignored.
pub(super) fn held(user: &Json, attribute: &str) -> Option<String> {
    let property = property(attribute);
    let value = if property == attribute {
        &user[attribute]
    } else {
        &user[property][attribute]
    };
    let value = value.as_str().map(str::trim)?;
    is_guid(value).then(|| value.to_owned())
}

/// Reads the profiles of users without exact evidence. If Graph refuses to return one, the evidence is unchanged.
pub(super) async fn complete(context: &Context, users: &[Json], links: &mut [Link]) -> Result {
    let open: Vec<usize> = (0..users.len())
        .filter(|at| !links[*at].is_exact())
        .collect();
    let path = |at: &usize| {
        let id = text(&users[*at], "id").unwrap_or_default();
        format!("beta:/users/{}/profile/accounts", graph::segment(&id))
    };
    let paths: Vec<String> = open.iter().map(path).collect();
    for (at, answer) in open.iter().zip(context.graph.batch_get(&paths).await?) {
        if let Ok(Some(answer)) = answer
            && let Some(link) = origin(&answer)
        {
            links[*at] = link;
        }
    }
    Ok(())
}

/// Reads the source user from the response about a user's accounts. UNVERIFIED whether it is filled in for synchronized users.
fn origin(answer: &Json) -> Option<Link> {
    let accounts = answer["value"].as_array()?.iter();
    let mut origins = accounts.map(|account| &account["originTenantInfo"]);
    let origin = origins.find(|origin| origin.is_object())?;
    Some(Link {
        known_by: Some("profile"),
        source: Some(
            text(origin, "originUserId")
                .filter(|id| is_guid(id))?
                .to_lowercase(),
        ),
        tenant: text(origin, "originTenantId"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "a1000000-0000-4000-8000-00000000000a";

    #[test]
    fn an_attribute_that_holds_something_else_tells_nothing() {
        let user = |value: &str| json!({ "onPremisesExtensionAttributes": { "extensionAttribute1": value }, "extension_1_id": value });
        for attribute in ["extensionAttribute1", "extension_1_id"] {
            assert_eq!(held(&user(ID), attribute).as_deref(), Some(ID));
            assert_eq!(held(&user("cost center 7"), attribute), None);
            assert_eq!(held(&json!({}), attribute), None);
        }
    }

    #[test]
    fn a_profile_tells_where_it_names_an_origin() {
        let answer = |info: Json| json!({ "value": [{ "originTenantInfo": null }, { "originTenantInfo": info }] });
        let found = origin(&answer(
            json!({ "originTenantId": "t", "originUserId": ID.to_uppercase() }),
        ))
        .unwrap();
        assert_eq!(
            (
                found.known_by,
                found.source.as_deref(),
                found.tenant.as_deref()
            ),
            (Some("profile"), Some(ID), Some("t"))
        );
        assert!(!found.is_exact(), "not verified is not exact");
        assert_eq!(origin(&answer(json!({ "originTenantId": "t" }))), None);
        assert_eq!(origin(&json!({ "value": [] })), None);
    }
}
