//! Guests who have not accepted their invitation.

use serde_json::Value as Json;

use super::prelude::*;
use super::{directory_search, external};

attributes! {
    /// Lists guests of the target tenant whose invitation is pending. Synchronization does not update their attributes
    /// until they accept the invitation, are provisioned on demand, or the job is restarted. Configure this data source
    /// in the target tenant.
    ///
    /// To provision the guests with `crosstenant_provision_on_demand`, which requires source users, look up
    /// `home_user_principal_names` in the source tenant with `crosstenant_users`, and use its `ids`.
    pub struct PendingGuests {
        /// Domain of the home tenant of the guests to list, for example `contoso.example`.
        home_domain: Option<String> = optional().check(Check::NotEmpty),
        /// The guests.
        guests: Option<Vec<PendingGuest>> = read_only(),
        /// Object IDs of the guests in this tenant.
        ids: Option<Vec<String>> = read_only(),
        /// User principal names of the guests in their home tenants, as far as they can be derived.
        home_user_principal_names: Option<Vec<String>> = read_only(),
        /// Tenant ID of the tenant that the guests were invited to.
        tenant_id: Option<String> = read_only(),
    }

    /// One guest.
    pub struct PendingGuest {
        /// Object ID of the guest in this tenant.
        id: Option<String> = read_only(),
        /// User principal name of the guest in this tenant.
        user_principal_name: Option<String> = read_only(),
        /// User principal name in the home tenant, derived from the user principal name in this tenant, or otherwise
        /// the invited email address.
        home_user_principal_name: Option<String> = read_only().local(),
        /// Name of the guest.
        display_name: Option<String> = read_only(),
        /// Email address of the guest.
        mail: Option<String> = read_only(),
        /// Time at which the guest was invited.
        invited: Option<String> = read_only().named("createdDateTime"),
        /// Time since which the invitation is pending.
        pending_since: Option<String> = read_only().named("externalUserStateChangeDateTime"),
    }
}

const FILTER: &str = "userType eq 'Guest' and externalUserState eq 'PendingAcceptance'";
const SELECT: &str =
    "id,userPrincipalName,displayName,mail,createdDateTime,externalUserStateChangeDateTime";

impl DataSource for PendingGuests {
    const NAME: &'static str = "pending_guests";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &["GET /users"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let users = directory_search::Collection {
            path: "/users",
            noun: "user",
            select: SELECT,
        };
        let mut found = users.filtered(context, FILTER).await?;
        if let Some(domain) = &config.home_domain {
            found.retain(|user| external::comes_from(user, domain));
        }
        let guests: Vec<PendingGuest> = found.iter().map(described).collect::<Result<_, _>>()?;
        let names = guests
            .iter()
            .filter_map(|guest| guest.home_user_principal_name.clone());
        Ok(Self {
            home_domain: config.home_domain.clone(),
            ids: Some(directory_search::ids(&found)),
            home_user_principal_names: Some(names.collect()),
            guests: Some(guests),
            tenant_id: Some(context.tenant_id().to_owned()),
        })
    }
}

fn described(user: &Json) -> Result<PendingGuest> {
    Ok(PendingGuest {
        home_user_principal_name: external::home_name(user).or_else(|| text(user, "mail")),
        ..model(user)?
    })
}
