//! Restores a deleted user.

use super::{Action, model_of};
use crate::restored_user::RestoredUser;
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Restores a soft-deleted user. Use it for synchronized users whom an administrator deleted in the target tenant:
    /// the job does not restore them. Invoke this action with the provider of the tenant where the user was deleted.
    ///
    /// A user who is not deleted is not changed. Users can be restored for 30 days.
    pub struct RestoreDeletedUser {
        /// Object ID of the user, which is the same before and after the deletion.
        user_object_id: String = required().guid(),
    }
}

impl Action for RestoreDeletedUser {
    const NAME: &'static str = "restore_deleted_user";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &[
        "GET /users/{id}",
        "POST /directory/deletedItems/{id}/restore",
    ];

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let user = &config.user_object_id;
        let wanted: RestoredUser = model_of([("user_object_id", user.as_str().into())])?;
        progress.tell(format!("Restoring user {user}"));
        let mut reached = None;
        RestoredUser::create(context, &wanted, &mut reached).await?;
        let name = reached.and_then(|reached| reached.user_principal_name);
        progress.tell(format!(
            "{} is not deleted.",
            name.as_deref().unwrap_or(user)
        ));
        Ok(())
    }
}
