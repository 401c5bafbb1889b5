//! Lists the users assigned to a configuration whom synchronization skips because of SMS sign-in.

use serde_json::Value as Json;

use super::{Entry, ListResource};
use crate::data_sources::assigned;
use crate::paths::principal_path;
use crate::sms_sign_in::SmsSignIn;
use sdk::prelude::*;

attributes! {
    /// Lists the users assigned to a configuration, directly or as direct members of an assigned group, who may sign in
    /// by SMS. Synchronization skips these users. Guests are not listed, because synchronization skips all guests.
    pub struct SmsSignIns {
        /// Object ID of the configuration's service principal.
        service_principal_id: String = required().guid(),
    }
}

impl ListResource for SmsSignIns {
    type Of = SmsSignIn;
    const COLLECTION: &'static str = "/servicePrincipals/{service_principal_id}/appRoleAssignedTo";
    const CALLS: Calls = &[
        "GET",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /users/{id}",
        "GET /users/{id}/authentication/phoneMethods/{id}",
    ];
    const REPEATS: bool = true;

    fn collection(&self, _most: usize) -> String {
        // Only few assigned users have SMS sign-in, so the page size does not depend on the limit.
        format!(
            "{}/appRoleAssignedTo?$top=100",
            principal_path(&self.service_principal_id)
        )
    }

    async fn found(&self, context: &Context, page: Vec<Json>) -> Result<Vec<Entry>> {
        let assigned = assigned::users_of(context, &page).await?;
        let ready = assigned::with_sms_sign_in(context, &assigned).await?;
        let select = "id,userPrincipalName,displayName,userType";
        let users = assigned::read_users(context, &ready, select).await?;
        let one = |user: &Json| {
            let id = text(user, "id").filter(|_| user["userType"] != "Guest")?;
            let called = text(user, "userPrincipalName").unwrap_or_else(|| id.clone());
            let name = text(user, "displayName").map(|name| format!("{name} ({called})"));
            Some(Entry::new(id, Some(name.unwrap_or(called))))
        };
        Ok(users.iter().filter_map(one).collect())
    }
}
