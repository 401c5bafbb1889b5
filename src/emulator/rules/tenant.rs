//! The tenant itself: `/organization`, and the lookup of other tenants.

use serde_json::{Value, json};

use crate::call::Call;
use crate::odata::{self, Entity};
use crate::properties::is_guid;
use crate::reply::{Answer, Refusal};
use crate::store::Tenant;

const ENTITY: Entity = Entity {
    name: "organization",
    properties: &[
        "id",
        "deletedDateTime",
        "assignedPlans",
        "businessPhones",
        "city",
        "country",
        "countryLetterCode",
        "createdDateTime",
        "defaultUsageLocation",
        "displayName",
        "marketingNotificationEmails",
        "mobileDeviceManagementAuthority",
        "onPremisesLastSyncDateTime",
        "onPremisesSyncEnabled",
        "partnerTenantType",
        "postalCode",
        "preferredLanguage",
        "privacyProfile",
        "provisionedPlans",
        "securityComplianceNotificationMails",
        "securityComplianceNotificationPhones",
        "state",
        "street",
        "technicalNotificationMails",
        "tenantType",
        "verifiedDomains",
    ],
    usual: &[],
    directory: false,
};

/// Entra ID P1, the license that synchronization requires in the source tenant.
pub(crate) fn premium() -> Value {
    json!({
        "assignedDateTime": "2020-01-01T00:00:00Z", "capabilityStatus": "Enabled",
        "service": "AADPremiumService", "servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    })
}

fn organization(tenant: &Tenant) -> Value {
    let domains: Vec<Value> = tenant
        .domains
        .iter()
        .enumerate()
        .map(|(at, name)| json!({ "capabilities": "Email", "isDefault": at == 0, "isInitial": at == 0, "name": name, "type": "Managed" }))
        .collect();
    let plans = if tenant.unlicensed {
        json!([])
    } else {
        json!([premium()])
    };
    json!({
        "id": tenant.tenant_id,
        "deletedDateTime": null,
        "displayName": tenant.display_name,
        "businessPhones": [],
        "city": null,
        "country": null,
        "countryLetterCode": "US",
        "createdDateTime": "2020-01-01T00:00:00Z",
        "onPremisesSyncEnabled": null,
        "partnerTenantType": null,
        "preferredLanguage": "en",
        "tenantType": "AAD",
        "verifiedDomains": domains,
        "assignedPlans": plans,
        "provisionedPlans": [],
    })
}

pub(crate) fn list(call: &mut Call) -> Answer {
    let own = organization(call.tenant());
    odata::list(call, std::iter::once(&own), &ENTITY, "organization")
}

pub(crate) fn get(call: &mut Call) -> Answer {
    if !call.arg(0).eq_ignore_ascii_case(&call.tenant_id) {
        return Err(Refusal::absent(call.arg(0)));
    }
    odata::single(call, &organization(call.tenant()), &ENTITY, "organization")
}

pub(crate) fn by_domain(call: &mut Call) -> Answer {
    let domain = call.arg(0);
    if !domain.contains('.') {
        return Err(Refusal::bad(format!("Invalid domain name '{domain}'.")));
    }
    let found = call
        .world
        .find(domain)
        .filter(|tenant| tenant.cloud == call.tenant().cloud);
    look_up(call, found)
}

pub(crate) fn by_id(call: &mut Call) -> Answer {
    let id = call.arg(0);
    if !is_guid(id) {
        return Err(Refusal::bad(format!("Invalid tenant identifier '{id}'.")));
    }
    // Tenants of other clouds are not found (UNVERIFIED).
    let found = call
        .world
        .find(id)
        .filter(|tenant| tenant.cloud == call.tenant().cloud);
    look_up(call, found)
}

/// The error code for unknown tenants is UNVERIFIED.
fn look_up(call: &Call, found: Option<&Tenant>) -> Answer {
    let Some(tenant) = found else {
        let name = call.arg(0);
        return Err(Refusal::new(
            404,
            "Directory_ObjectNotFound",
            format!("Unable to find tenant information for '{name}'."),
        ));
    };
    let body = json!({
        "tenantId": tenant.tenant_id,
        "federationBrandName": null,
        "displayName": tenant.display_name,
        "defaultDomainName": tenant.default_domain(),
    });
    odata::document(call, body, "microsoft.graph.tenantInformation")
}
