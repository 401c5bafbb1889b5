//! Partner entries and synchronization policies.

use serde_json::{Value as Json, json};

use super::NOBODY;
use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged};
use crate::live::partners::sync_policy;
use crate::live::stage::{Side, Stage, shown};

facts! {
    "partner-patch"
        "PATCH of a partner replaces complex values completely."
        changes partner_patch;
    "second-sync-policy"
        "A second PUT of a synchronization policy is refused with 409."
        changes second_sync_policy;
    "absent-sync-policy"
        "Reading a synchronization policy that was never created returns 404 or an object with null values."
        changes absent_sync_policy;
    "sync-policy-of-nulls"
        "PUT of a policy that contains only null values, as members of a multitenant organization have, is refused with 409."
        cannot "only members of a multitenant organization have such policies";
    "sync-policy-null"
        "PATCH of a synchronization policy accepts null."
        changes sync_policy_null;
    "partner-with-sync-policy"
        "Deleting a partner that has a synchronization policy is refused with 400 or 409."
        changes partner_with_sync_policy;
    "partner-created-again"
        "A partner that was deleted can be created again at once."
        changes partner_created_again;
    "inbound-ids"
        "IDs in inbound settings are those of the partner's tenant."
        cannot "only a sign-in of a user of the other tenant would show it";
    "role-enabled-groups"
        "Graph accepts role-enabled groups if groups are allowed."
        cannot "the property is in no published description";
    "m365-capabilities"
        "A Microsoft 365 feature is enabled by its type alone; a second time returns 409; and PATCH replaces its access completely."
        cannot "test tenants need Microsoft 365 and the permission Policy.ReadWrite.CrossTenantCapability";
    "restored-policies"
        "An application with Policy.ReadWrite.CrossTenantAccess may list and restore deleted policies."
        cannot "where it may not, the policies of the test tenants stay deleted";
    "restored-configuration"
        "Restoring a service principal restores its job, settings and schema."
        cannot "where it has not, the configuration of the test tenants is lost";
    "one-sided-consent"
        "The flag of a consent that was not set is returned as null or false."
        changes one_sided_consent;
    "unknown-tenant"
        "Looking up a tenant that does not exist is a 404 whose code contains \"NotFound\"."
        reads unknown_tenant;
}

async fn partner_patch(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let consent = |inbound: bool| json!({ "inboundAllowed": inbound });
    let both = json!({ "inboundAllowed": true, "outboundAllowed": true });
    let both = json!({ "automaticUserConsentSettings": both });
    let path = stage.fresh_partner(Side::Target, &both).await?;
    let change = json!({ "automaticUserConsentSettings": consent(false) });
    stage
        .must(Side::Target, "PATCH", &path, Some(change))
        .await?;
    let value = |name: &'static str| format!("/automaticUserConsentSettings/{name}");
    let changed = |answer: &graph::Exchange| {
        answer.response.pointer(&value("inboundAllowed")) != Some(&json!(true))
    };
    let read = stage.eventually(Side::Target, ("GET", &path, None), changed);
    let read = read.await?;
    let kept = read.response.pointer(&value("outboundAllowed")) == Some(&json!(true));
    judged(
        !kept,
        if kept {
            "members that were not sent stay"
        } else {
            "members that were not sent are gone"
        },
    )
}

async fn second_sync_policy(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = stage.fresh_sync_policy().await?;
    let again = stage
        .ask(Side::Target, "PUT", &path, Some(sync_policy()))
        .await?;
    judged(again.status == 409, shown(&again))
}

async fn absent_sync_policy(stage: &mut Stage) -> Result<Finding, Obstacle> {
    stage.fresh_partner(Side::Target, &json!({})).await?;
    let path = stage.sync_policy_path(Side::Target);
    let read = stage.get(Side::Target, &path).await?;
    let is_null = |(name, value): (&String, &Json)| {
        name.starts_with("@odata") || name == "tenantId" || value.is_null()
    };
    let nulls = read.succeeded()
        && read
            .response
            .as_object()
            .is_some_and(|all| all.iter().all(is_null));
    judged(read.status == 404 || nulls, shown(&read))
}

async fn sync_policy_null(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = stage.fresh_sync_policy().await?;
    let null = json!({ "displayName": null });
    let done = stage.ask(Side::Target, "PATCH", &path, Some(null)).await?;
    judged(done.succeeded(), shown(&done))
}

async fn partner_with_sync_policy(stage: &mut Stage) -> Result<Finding, Obstacle> {
    stage.fresh_sync_policy().await?;
    let path = stage.partner_path(Side::Target);
    let done = stage.ask(Side::Target, "DELETE", &path, None).await?;
    judged(matches!(done.status, 400 | 409), shown(&done))
}

async fn partner_created_again(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = stage.fresh_partner(Side::Target, &json!({})).await?;
    stage.must(Side::Target, "DELETE", &path, None).await?;
    let (partners, _) = path.rsplit_once('/').unwrap_or_default();
    let body = json!({ "tenantId": stage.id(Side::Source) });
    let again = ("POST", partners, Some(body));
    let done = stage.eventually(Side::Target, again, graph::Exchange::succeeded);
    let done = done.await?;
    judged(done.status == 201, shown(&done))
}

async fn one_sided_consent(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let one = json!({ "automaticUserConsentSettings": { "inboundAllowed": true } });
    let path = stage.fresh_partner(Side::Target, &one).await?;
    let set = |answer: &graph::Exchange| {
        answer
            .response
            .pointer("/automaticUserConsentSettings/inboundAllowed")
            == Some(&json!(true))
    };
    let read = stage
        .eventually(Side::Target, ("GET", &path, None), set)
        .await?;
    let other = &read.response["automaticUserConsentSettings"]["outboundAllowed"];
    judged(
        other.is_null() || *other == json!(false),
        format!("outboundAllowed is {other}"),
    )
}

async fn unknown_tenant(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = format!("/tenantRelationships/findTenantInformationByTenantId(tenantId='{NOBODY}')");
    let found = stage.get(Side::Source, &path).await?;
    let named = found.code().to_ascii_lowercase().contains("notfound");
    judged(found.status == 404 && named, shown(&found))
}
