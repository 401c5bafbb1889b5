//! The synchronization secrets of a service principal, and the connection test.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{instance, job, principal};
use crate::call::Call;
use crate::odata;
use crate::properties::{Access, Field, Kind, field, is_guid, ruled};
use crate::reply::{Answer, Refusal, Reply};
use crate::rules::applications;
use crate::sync::agreement;
use crate::sync::template::TEMPLATE;

const KEYS: [&str; 45] = [
    "None",
    "UserName",
    "Password",
    "SecretToken",
    "AppKey",
    "BaseAddress",
    "ClientIdentifier",
    "ClientSecret",
    "SingleSignOnType",
    "Sandbox",
    "Url",
    "Domain",
    "ConsumerKey",
    "ConsumerSecret",
    "TokenKey",
    "TokenExpiration",
    "Oauth2AccessToken",
    "Oauth2AccessTokenCreationTime",
    "Oauth2RefreshToken",
    "SyncAll",
    "InstanceName",
    "Oauth2ClientId",
    "Oauth2ClientSecret",
    "CompanyId",
    "UpdateKeyOnSoftDelete",
    "SynchronizationSchedule",
    "SystemOfRecord",
    "SandboxName",
    "EnforceDomain",
    "SyncNotificationSettings",
    "SkipOutOfScopeDeletions",
    "Oauth2AuthorizationCode",
    "Oauth2RedirectUri",
    "ApplicationTemplateIdentifier",
    "Oauth2TokenExchangeUri",
    "Oauth2AuthorizationUri",
    "AuthenticationType",
    "Server",
    "PerformInboundEntitlementGrants",
    "HardDeletesEnabled",
    "SyncAgentCompatibilityKey",
    "SyncAgentADContainer",
    "ValidateDomain",
    "TestReferences",
    "ConnectionString",
];

/// Keys whose values are returned as `*`.
const SENSITIVE: [&str; 12] = [
    "Password",
    "SecretToken",
    "AppKey",
    "ClientSecret",
    "ConsumerKey",
    "ConsumerSecret",
    "TokenKey",
    "Oauth2AccessToken",
    "Oauth2RefreshToken",
    "Oauth2ClientSecret",
    "Oauth2AuthorizationCode",
    "ConnectionString",
];

const SECRET: Kind = Kind::Object(&[field("key", Kind::OneOf(&KEYS)), field("value", Kind::Text)]);
const SECRETS: &[Field] = &[ruled("value", Kind::List(&SECRET), Access::Required)];

const VALIDATE: &[Field] = &[
    field("applicationIdentifier", Kind::Text),
    field("templateId", Kind::Text),
    field("useSavedCredentials", Kind::Bool),
    field("credentials", Kind::List(&SECRET)),
];

/// Secrets as Graph returns them.
pub(super) fn masked(secrets: Option<&Vec<Value>>) -> Vec<Value> {
    let mask = |secret: &Value| {
        let sensitive = secret["key"]
            .as_str()
            .is_some_and(|key| SENSITIVE.contains(&key));
        let empty = secret["value"].as_str().is_none_or(str::is_empty);
        if sensitive && !empty {
            json!({ "key": secret["key"], "value": "*" })
        } else {
            secret.clone()
        }
    };
    secrets.into_iter().flatten().map(mask).collect()
}

pub(crate) fn get_secrets(call: &mut Call) -> Answer {
    let id = principal(call)?;
    let body = json!({ "value": masked(call.tenant().secrets.get(&id)) });
    odata::document(
        call,
        body,
        &format!("servicePrincipals('{id}')/synchronization/secrets"),
    )
}

/// Replaces the whole list.
pub(crate) fn put_secrets(call: &mut Call) -> Answer {
    let id = instance(call)?;
    applications::check_backing(call, &id)?;
    let body = call.body(SECRETS, true)?;
    let sent = body["value"].as_array().cloned().unwrap_or_default();
    let mut keys = HashSet::new();
    let mut stored = Vec::new();
    for secret in sent {
        let key = secret["key"].as_str().unwrap_or_default().to_owned();
        if key.is_empty() || !keys.insert(key.clone()) {
            return Err(Refusal::bad(format!(
                "The key '{key}' is missing or appears twice."
            )));
        }
        let value = match secret["value"].as_str() {
            Some(value) => json!(checked(&key, value)?),
            None => Value::Null,
        };
        stored.push(json!({ "key": key, "value": value }));
    }
    // The order of the response is that of the server.
    stored.sort_by(|a, b| a["key"].as_str().cmp(&b["key"].as_str()));
    call.tenant_mut().secrets.insert(id, stored);
    Ok(Reply::no_content())
}

fn checked(key: &str, value: &str) -> Result<String, Refusal> {
    let wrong = || {
        Err(Refusal::bad(format!(
            "Invalid value specified for the key '{key}'."
        )))
    };
    match key {
        "SyncAll"
            if !value.is_empty() && !["true", "false"].contains(&value.to_lowercase().as_str()) =>
        {
            wrong()
        }
        "CompanyId" if !value.is_empty() && !is_guid(value) => wrong(),
        "SyncNotificationSettings" if !value.is_empty() => {
            match serde_json::from_str::<Map<String, Value>>(value) {
                Ok(settings) => Ok(Value::Object(reordered(settings)).to_string()),
                Err(_) => wrong(),
            }
        }
        _ => Ok(value.to_owned()),
    }
}

/// The order in which the service stores these settings, which differs from the client's.
fn reordered(mut settings: Map<String, Value>) -> Map<String, Value> {
    let mut ordered = Map::new();
    for name in [
        "Enabled",
        "Recipients",
        "DeleteThresholdEnabled",
        "HumanResourcesLookaheadQueryEnabled",
        "DeleteThresholdValue",
    ] {
        if let Some(value) = settings.shift_remove(name) {
            ordered.insert(name.to_owned(), value);
        }
    }
    ordered.extend(settings);
    ordered
}

pub(crate) fn validate_new(call: &mut Call) -> Answer {
    let principal = instance(call)?;
    validate(call, &principal)
}

pub(crate) fn validate_existing(call: &mut Call) -> Answer {
    let at = job(call)?;
    let principal = call.tenant().jobs[at].service_principal.clone();
    validate(call, &principal)
}

fn validate(call: &mut Call, principal: &str) -> Answer {
    let body = call.body(VALIDATE, false)?;
    let template = body
        .get("templateId")
        .and_then(Value::as_str)
        .unwrap_or(TEMPLATE);
    super::check_template(template)?;
    let saved = body.get("useSavedCredentials") == Some(&json!(true));
    let credentials = if saved {
        call.tenant()
            .secrets
            .get(principal)
            .cloned()
            .unwrap_or_default()
    } else {
        body.get("credentials")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let views = call.world.engine_view(call.position);
    let agreed = agreement::check(call.world, call.tenant(), principal, &credentials);
    call.world.leave_views(views);
    agreed?;
    Ok(Reply::no_content())
}
