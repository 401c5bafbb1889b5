//! Restores a deleted user. The job does not restore users who were deleted manually.

use serde_json::json;

use sdk::prelude::*;

attributes! {
    /// Restores a soft-deleted user. Use it for synchronized users whom an administrator deleted in the target tenant: the job
    /// does not restore them. Configure this resource in the tenant where the user was deleted.
    ///
    /// A user who is not deleted is not changed. If the user is deleted again later, the next apply restores the user.
    /// Destroying this resource removes it from the state only and deletes nothing.
    pub struct RestoredUser {
        /// Object ID of the user, which is the same before and after the deletion. Changing this forces a new resource to be created.
        user_object_id: String = key().guid().named("id"),
        /// The user principal name.
        user_principal_name: Option<String> = read_only(),
        /// Name of the user.
        display_name: Option<String> = read_only(),
        /// Tenant ID of the tenant that the user belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Resource for RestoredUser {
    const NAME: &'static str = "restored_user";
    const TASK: Task = Task::UsersAndGroups;
    const EXPORT: Export = Export::No("it is a one-off operation");
    const PATH: &'static str = "/users/{user_object_id}?$select=id,userPrincipalName,displayName";
    const DESTROY: Destroy = Destroy::Keep;
    const IMPORT: &'static [&'static str] = &[
        "<user_object_id>",
        "/users/<user_object_id>",
        "/directory/deletedItems/<user_object_id>",
    ];
    const CALLS: Calls = &[
        "GET /users/{id}",
        "POST /directory/deletedItems/{id}/restore",
    ];
    const NOTES: &'static str = "\
Users can be restored for 30 days. After that, they are deleted permanently, and the job creates a new user if the source user is still in
scope. Restore a user before you provision the source user on demand; otherwise, a second user may be created.";

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        if let Some(there) = Self::read(context, planned).await? {
            *state = Some(there);
            return Ok(());
        }
        let id = graph::segment(&planned.user_object_id);
        let path = format!("/directory/deletedItems/{id}/restore");
        let look = async || -> Result<Option<serde_json::Value>, graph::Error> {
            context.graph.get(&planned.path()).await
        };
        let restored = match context
            .graph
            .post_once(&path, &json!({}), Resend::Safe, look)
            .await
        {
            Ok(restored) => restored,
            Err(error) if error.is_not_found() => return Err(planned.is_gone(context)),
            Err(error) => return Err(error.into()),
        };
        let found: Self = model(&restored)?;
        *state = Some(Self {
            user_object_id: planned.user_object_id.clone(),
            ..found
        });
        Ok(())
    }
}

impl RestoredUser {
    fn is_gone(&self, context: &Context) -> Problem {
        Problem::at(
            "user_object_id",
            "The user to restore does not exist",
            format!(
                "Tenant {} has no user with the object ID {}, neither among its users nor among the deleted ones. Users can be \
                 restored for 30 days. Check that the ID is the object ID in this tenant, not in the home tenant of the \
                 user.",
                context.tenant_id(),
                self.user_object_id
            ),
        )
    }
}
