//! Which source user an external user stands for, from what the target tenant can show.

use serde_json::Value as Json;

use super::external;
use super::prelude::*;

/// What tells a source user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// What it was that told.
    pub(super) known_by: Option<&'static str>,
    /// Object ID of the source user.
    pub(super) source: Option<String>,
    /// Tenant ID of its tenant.
    pub(super) tenant: Option<String>,
}

impl Link {
    /// The object ID is known for certain.
    pub(super) fn exact(known_by: &'static str, source: &str) -> Self {
        Self {
            known_by: Some(known_by),
            source: Some(source.to_lowercase()),
            tenant: None,
        }
    }

    /// What name and address suggest.
    pub(super) fn guess(user: &Json) -> Self {
        let named = external::home_name(user).map(|_| "user_principal_name");
        Self {
            known_by: named.or_else(|| text(user, "mail").map(|_| "mail")),
            ..Self::default()
        }
    }

    /// Whether there is no doubt about it.
    pub(super) fn is_exact(&self) -> bool {
        is_exact(self.known_by.unwrap_or_default())
    }
}

/// Whether something that tells a source user leaves no doubt.
pub(super) fn is_exact(known_by: &str) -> bool {
    matches!(known_by, "provisioning_log" | "attribute")
}

/// The property of a user that has an attribute of this name.
pub(super) fn property(attribute: &str) -> &str {
    if attribute.starts_with("extensionAttribute") {
        "onPremisesExtensionAttributes"
    } else {
        attribute
    }
}

/// The object ID that an attribute holds. Something else in it is nobody's.
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

/// Looks at the profiles of those of whom nothing exact is known. That Graph refuses one says nothing about the user.
pub(super) async fn complete(
    context: &Context,
    users: &[Json],
    links: &mut [Link],
) -> Result<(), Problem> {
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

/// The origin in an answer about the accounts of a user. UNVERIFIED whether it is filled in for synchronized users.
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
