//! The tenant itself: `/organization`, and the lookup of other tenants.

use serde_json::{Value, json};

use crate::call::Call;
use crate::odata::{self, Entity};
use crate::properties::{Field, Kind, field, is_guid};
use crate::reply::{Answer, Refusal, Reply};
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

const PRIVACY_PROFILE: &[Field] = &[
    field("contactEmail", Kind::Text),
    field("statementUrl", Kind::Text),
];

/// The properties that Microsoft documents as changeable.
const CHANGEABLE: &[Field] = &[
    field("marketingNotificationEmails", Kind::List(&Kind::Text)),
    field("privacyProfile", Kind::Object(PRIVACY_PROFILE)),
    field(
        "securityComplianceNotificationMails",
        Kind::List(&Kind::Text),
    ),
    field(
        "securityComplianceNotificationPhones",
        Kind::List(&Kind::Text),
    ),
    field("technicalNotificationMails", Kind::List(&Kind::Text)),
];

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
    let mut organization = json!({
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
        "privacyProfile": null,
    });
    for (name, value) in &tenant.organization {
        organization[name.as_str()] = value.clone();
    }
    organization
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

/// Changes the organization. A complex value replaces the stored one; whether a live tenant merges it is UNVERIFIED.
pub(crate) fn update(call: &mut Call) -> Answer {
    if !call.arg(0).eq_ignore_ascii_case(&call.tenant_id) {
        return Err(Refusal::absent(call.arg(0)));
    }
    let mut body = call.body(CHANGEABLE, false)?;
    if let Some(profile) = body.get_mut("privacyProfile") {
        *profile = privacy_profile(profile)?;
    }
    call.tenant_mut().organization.extend(body);
    Ok(Reply::no_content())
}

/// A profile with both members; null if neither is set.
fn privacy_profile(profile: &Value) -> Result<Value, Refusal> {
    let (contact, statement) = (&profile["contactEmail"], &profile["statementUrl"]);
    let is_invalid =
        |value: &Value, valid: fn(&str) -> bool| value.as_str().is_some_and(|text| !valid(text));
    if is_invalid(contact, |text| text.contains('@')) {
        return Err(Refusal::bad(
            "Invalid value specified for property 'contactEmail' of resource 'Company'.",
        ));
    }
    if is_invalid(statement, is_statement_url) {
        return Err(Refusal::bad(
            "Invalid value specified for property 'statementUrl' of resource 'Company'.",
        ));
    }
    if contact.is_null() && statement.is_null() {
        return Ok(Value::Null);
    }
    Ok(json!({ "contactEmail": contact, "statementUrl": statement }))
}

/// Microsoft documents the beginning and the length.
fn is_statement_url(text: &str) -> bool {
    const MOST: usize = 255;
    text.chars().count() <= MOST && (text.starts_with("https://") || text.starts_with("http://"))
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
