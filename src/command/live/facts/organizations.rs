//! The default policy and multitenant organizations.

use serde_json::json;

use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged, obstacle};
use crate::live::stage::{Side, Stage, shown};

facts! {
    "default-policy"
        "By default tenant restrictions block everything, and invitations are redeemed with federation, Entra, social, then the configured provider."
        reads default_policy;
    "leaving-by-default"
        "External users may leave unless this was disabled; a missing value means that they may."
        cannot "the setting does not tell whether somebody made it";
    "settings-in-value"
        "Settings that exist once per tenant are not wrapped in value."
        reads settings_in_value;
    "no-organization"
        "A tenant without a multitenant organization returns 404 or the state inactive."
        reads no_organization;
    "join-request-after-joining"
        "A tenant that has joined an organization still returns its join request with the tenant that added it."
        cannot "a tenant needs hours to join and leave an organization";
    "join-request-after-leaving"
        "Leaving an organization ends the join request."
        cannot "a tenant needs hours to join and leave an organization";
    "uninvited-join"
        "A join is refused with 400 or 404 for a tenant that was not added."
        cannot "a join request that was accepted after all could not be taken back";
}

async fn default_policy(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let read = stage
        .get(Side::Source, "/policies/crossTenantAccessPolicy/default")
        .await?;
    let policy = &read.response;
    if policy["isServiceDefault"] != json!(true) {
        return obstacle("somebody has changed the default policy of the source tenant");
    }
    let restrictions = &policy["tenantRestrictions"];
    let blocked = ["usersAndGroups", "applications"].map(|what| &restrictions[what]["accessType"]);
    let redemption = &policy["invitationRedemptionIdentityProviderConfiguration"];
    let order = json!([
        "externalFederation",
        "azureActiveDirectory",
        "socialIdentityProviders"
    ]);
    let holds = blocked == [&json!("blocked"); 2]
        && redemption["primaryIdentityProviderPrecedenceOrder"] == order
        && redemption["fallbackIdentityProvider"] == json!("defaultConfiguredIdp");
    let [users, applications] = blocked;
    let order = &redemption["primaryIdentityProviderPrecedenceOrder"];
    let fallback = &redemption["fallbackIdentityProvider"];
    judged(
        holds,
        format!("users {users}, applications {applications}, {order}, then {fallback}"),
    )
}

async fn settings_in_value(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = graph::beta("/policies/externalIdentitiesPolicy");
    let read = stage.get(Side::Source, &path).await?;
    let wrapped = !read.response["value"].is_null();
    let form = if wrapped { "wrapped" } else { "not wrapped" };
    judged(
        read.succeeded() && !wrapped,
        format!("{}, {form}", shown(&read)),
    )
}

async fn no_organization(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = "/tenantRelationships/multiTenantOrganization";
    let read = stage.get(Side::Source, path).await?;
    let membership = &read.response["state"];
    if read.succeeded() && *membership == json!("active") {
        return obstacle("the source tenant is in a multitenant organization");
    }
    let none = read.status == 404 || *membership == json!("inactive");
    judged(none, format!("{}, state {membership}", shown(&read)))
}
