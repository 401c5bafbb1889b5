//! The two policy templates of a multitenant organization.

use serde_json::{Value, json};

use super::settings::{self, B2B, CONSENT, SYNC_ALLOWED, TRUST};
use crate::call::Call;
use crate::odata;
use crate::properties::{Access, Field, Kind, complete, field, ruled};
use crate::reply::{Answer, Reply};
use crate::store::Collection;

const LEVELS: Kind = Kind::Flags(&["none", "newPartners", "existingPartners"]);

const SYNC: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    field("templateApplicationLevel", LEVELS),
    field("userSyncInbound", Kind::Object(SYNC_ALLOWED)),
];

const PARTNER: &[Field] = &[
    ruled("id", Kind::Text, Access::ReadOnly),
    field("templateApplicationLevel", LEVELS),
    field("inboundTrust", Kind::Object(TRUST)),
    field("automaticUserConsentSettings", Kind::Object(CONSENT)),
    field("b2bCollaborationOutbound", Kind::Object(B2B)),
    field("b2bCollaborationInbound", Kind::Object(B2B)),
    field("b2bDirectConnectOutbound", Kind::Object(B2B)),
    field("b2bDirectConnectInbound", Kind::Object(B2B)),
];

const CONTEXT: &str = "policies/crossTenantAccessPolicy/templates";

/// The initial content of both templates.
pub(crate) fn untouched(tenant_id: &str) -> Collection {
    let template =
        json!({ "id": tenant_id, "templateApplicationLevel": "newPartners,existingPartners" });
    template.as_object().cloned().unwrap_or_default()
}

fn sync(call: &Call) -> Value {
    Value::Object(complete(
        &call.tenant().sync_policy_template,
        SYNC,
        call.beta,
    ))
}

fn partner(call: &Call) -> Value {
    Value::Object(complete(
        &call.tenant().partner_template,
        PARTNER,
        call.beta,
    ))
}

pub(crate) fn get(call: &mut Call) -> Answer {
    let mut body = json!({ "id": call.tenant_id });
    for name in call.query.get("$expand").unwrap_or_default().split(',') {
        match name {
            "multiTenantOrganizationIdentitySynchronization" => body[name] = sync(call),
            "multiTenantOrganizationPartnerConfiguration" => body[name] = partner(call),
            _ => {}
        }
    }
    odata::document(call, body, CONTEXT)
}

pub(crate) fn get_sync(call: &mut Call) -> Answer {
    odata::document(call, sync(call), CONTEXT)
}

pub(crate) fn get_partner(call: &mut Call) -> Answer {
    odata::document(call, partner(call), CONTEXT)
}

pub(crate) fn update_sync(call: &mut Call) -> Answer {
    let body = call.body(SYNC, false)?;
    call.tenant_mut().sync_policy_template.extend(body);
    Ok(Reply::no_content())
}

pub(crate) fn update_partner(call: &mut Call) -> Answer {
    let body = call.body(PARTNER, false)?;
    settings::check_targets(&body)?;
    call.tenant_mut().partner_template.extend(body);
    Ok(Reply::no_content())
}

pub(crate) fn reset_sync(call: &mut Call) -> Answer {
    call.optional_body(&[])?;
    let template = untouched(&call.tenant_id);
    call.tenant_mut().sync_policy_template = template;
    Ok(Reply::no_content())
}

pub(crate) fn reset_partner(call: &mut Call) -> Answer {
    call.optional_body(&[])?;
    let template = untouched(&call.tenant_id);
    call.tenant_mut().partner_template = template;
    Ok(Reply::no_content())
}
