//! Logs, users and queries.

use super::NOBODY;
use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged, obstacle};
use crate::live::stage::{Side, Stage, shown};

/// The ID of the mobile phone method, which is the same for every user.
const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";

facts! {
    "filters-of-provisioning-log"
        "The provisioning log can be filtered by sourceIdentity/id, provisioningStatusInfo/status and provisioningAction."
        reads filters_of_provisioning_log;
    "reasons-for-skipping"
        "Reasons for skipping have the names that Microsoft documents, and others."
        cannot "the run synchronizes no users";
    "no-mobile-phone"
        "A user without a mobile phone is a 404 whose code contains \"NotFound\"."
        reads no_mobile_phone;
    "filter-of-deleted-users"
        "Deleted users can be filtered."
        reads filter_of_deleted_users;
    "sign-in-names-of-guests"
        "The sign-in name of an external user is derived from the one in the home tenant."
        cannot "the run synchronizes no users";
    "origin-in-profile"
        "The profile of a synchronized user contains its origin."
        cannot "the run synchronizes no users";
    "counts-of-job"
        "synchronizedEntryCountByType counts the users that are in the target tenant after the last cycle."
        cannot "the run synchronizes no users";
    "contact-with-address"
        "If a contact of the target tenant has the mail address of a user, the user is created without the address."
        cannot "the run synchronizes no users";
    "plans-of-licenses"
        "The service plans of Entra ID P1 and P2 with the status Enabled or Warning indicate the license."
        cannot "it needs tenants with and without each license";
    "advanced-query"
        "An advanced query that is not marked as one is refused with Request_UnsupportedQuery."
        reads advanced_query;
}

async fn filters_of_provisioning_log(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let mut all = Vec::new();
    let mut holds = true;
    for filter in [
        &format!("sourceIdentity/id eq '{NOBODY}'"),
        "provisioningStatusInfo/status eq 'failure'",
        "provisioningAction eq 'create'",
    ] {
        let path = format!("/auditLogs/provisioning?$filter={filter}&$top=1");
        let read = stage.get(Side::Source, &path).await?;
        holds &= read.succeeded();
        all.push(format!("{filter}: {}", shown(&read)));
    }
    judged(holds, all.join("; "))
}

async fn no_mobile_phone(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let users = stage.get(Side::Source, "/users?$top=1&$select=id").await?;
    let user = users.response["value"]
        .get(0)
        .and_then(|user| user["id"].as_str());
    let Some(user) = user else {
        return obstacle("the source tenant has no user");
    };
    let path = format!("/users/{user}/authentication/phoneMethods/{MOBILE}");
    let read = stage.get(Side::Source, &path).await?;
    if read.succeeded() {
        return obstacle("the first user of the source tenant has a mobile phone");
    }
    let named = read.code().to_ascii_lowercase().contains("notfound");
    judged(read.status == 404 && named, shown(&read))
}

async fn filter_of_deleted_users(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path =
        "/directory/deletedItems/microsoft.graph.user?$filter=userType eq 'Guest'&$select=id";
    let read = stage.get(Side::Source, path).await?;
    judged(read.succeeded(), shown(&read))
}

async fn advanced_query(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = "/users?$filter=endswith(mail,'.example')&$select=id";
    let read = stage.get(Side::Source, path).await?;
    judged(read.code() == "Request_UnsupportedQuery", shown(&read))
}
