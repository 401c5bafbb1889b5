//! Other providers, permissions and errors.

use super::NOBODY;
use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged};
use crate::live::stage::{Side, Stage, shown};

facts! {
    "states-of-other-providers"
        "azuread, msgraph, microsoft365 and microsoft365wp write their states as their published schemas say."
        cannot "it is not about Microsoft Graph";
    "private-data-of-moved-objects"
        "OpenTofu keeps the private state of a moved object."
        cannot "it is not about Microsoft Graph";
    "codes-of-404"
        "The code of a 404 contains \"NotFound\"."
        reads codes_of_404;
    "unpublished-permissions"
        "A call without a published permission requires that of the neighboring call."
        cannot "it needs an application that has no other permission";
    "directory-roles"
        "Each call requires only the usual directory role."
        cannot "it needs a person with exactly that role";
    "other-clouds"
        "Certificates and federated credentials work in every cloud with the published audiences and hosts."
        cannot "a pair of tenants is in one cloud";
    "page-sizes"
        "Each collection has a maximum page size of its own."
        cannot "nothing depends on it";
}

async fn codes_of_404(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let mut all = Vec::new();
    let mut holds = true;
    for collection in [
        "users",
        "applications",
        "servicePrincipals",
        "policies/crossTenantAccessPolicy/partners",
    ] {
        let read = stage
            .get(Side::Source, &format!("/{collection}/{NOBODY}"))
            .await?;
        holds &= read.status == 404 && read.code().to_ascii_lowercase().contains("notfound");
        all.push(format!("{collection}: {}", shown(&read)));
    }
    judged(holds, all.join("; "))
}
