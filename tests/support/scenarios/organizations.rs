//! Multitenant organizations: the source tenant owns an organization, and the target tenant joins it.

use serde_json::json;

use super::Side::{Source, Target};
use super::{CONTOSO, FABRIKAM, Ground, Listed, Scenario, ground, scenario};
use crate::support::peers;

fn organization() -> Ground {
    ground(
        "organization",
        Source,
        "crosstenant_multi_tenant_organization",
        json!({ "display_name": "All of us" }),
    )
}

fn member() -> Ground {
    ground(
        "member",
        Source,
        "crosstenant_multi_tenant_organization_tenant",
        json!({ "member_tenant_id": FABRIKAM, "display_name": "Fabrikam" }),
    )
}

pub(super) fn rows() -> Vec<Scenario> {
    let once = Listed::Once;
    vec![
        scenario(
            "crosstenant_multi_tenant_organization",
            Source,
            &["tenant_id"],
            json!({ "display_name": "All of us" }),
        )
        .changes(json!({ "display_name": "Everybody", "description": "Both" }))
        .forms(&["/tenantRelationships/multiTenantOrganization"])
        .lists(once)
        .peers(|_| peers::updated("tenantRelationships/multiTenantOrganization")),
        scenario(
            "crosstenant_multi_tenant_organization_tenant",
            Source,
            &["member_tenant_id"],
            json!({ "member_tenant_id": FABRIKAM, "display_name": "Fabrikam" }),
        )
        .on([organization()])
        .changes(
            json!({ "member_tenant_id": FABRIKAM, "display_name": "Fabrikam", "role": "owner" }),
        )
        .forms(&["/tenantRelationships/multiTenantOrganization/tenants/<member_tenant_id>"])
        .listed("", 0, 1)
        .peers(peers::organization_tenants)
        .unused(&["MultiTenantOrganization.Read.All"]), // It is needed to find out whether there is an organization.
        scenario(
            "crosstenant_multi_tenant_organization_join_request",
            Target,
            &["tenant_id"],
            json!({ "added_by_tenant_id": CONTOSO }),
        )
        .on([organization(), member()])
        .forms(&["/tenantRelationships/multiTenantOrganization/joinRequest"])
        .lists(once)
        .peers(|_| peers::updated("tenantRelationships/multiTenantOrganization/joinRequest")),
    ]
}
