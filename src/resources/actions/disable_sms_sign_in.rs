//! Disables SMS sign-in of a user, because synchronization skips users who have it.

use super::{Action, model_of};
use crate::sms_sign_in::SmsSignIn;
use sdk::prelude::*;
use terraform::Progress;

attributes! {
    /// Disables SMS sign-in for one user, because cross-tenant synchronization skips users with SMS sign-in. Invoke this
    /// action with the provider of the source tenant.
    ///
    /// If SMS sign-in is already disabled, nothing is changed. To keep it disabled, use the resource `crosstenant_sms_sign_in`.
    pub struct DisableSmsSignIn {
        /// Object ID of the user.
        user_object_id: String = required().guid(),
    }
}

impl Action for DisableSmsSignIn {
    const NAME: &'static str = "disable_sms_sign_in";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &[
        "GET /users/{id}/authentication/phoneMethods",
        "POST /users/{id}/authentication/phoneMethods/{id}/disableSmsSignIn",
    ];

    async fn invoke(context: &Context, config: &Self, progress: &Progress) -> Result {
        let user = &config.user_object_id;
        let wanted: SmsSignIn = model_of([
            ("user_object_id", user.as_str().into()),
            ("enabled", false.into()),
        ])?;
        progress.tell(format!("Disabling SMS sign-in of user {user}"));
        let mut reached = None;
        SmsSignIn::create(context, &wanted, &mut reached).await?;
        let state = reached.and_then(|reached| reached.sms_sign_in_state);
        progress.tell(match state {
            Some(state) => format!("The state of their mobile phone is {state} now."),
            None => "They have no mobile phone registered.".to_owned(),
        });
        Ok(())
    }
}
