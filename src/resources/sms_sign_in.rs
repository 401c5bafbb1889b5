//! Whether a user can sign in with a text message. Synchronization skips users who can.

use serde_json::Value as Json;

use sdk::prelude::*;

attributes! {
    /// Manages whether a user may sign in with a code sent by SMS. Cross-tenant synchronization skips users with SMS
    /// sign-in, so disable it for users who are to be synchronized. Configure this resource in the source tenant.
    ///
    /// Destroying this resource does not change the setting: removing a user from the configuration should not change
    /// how the user signs in.
    pub struct SmsSignIn {
        /// Object ID of the user. Changing this forces a new resource to be created.
        user_object_id: String = key().guid(),
        /// Whether the user may sign in by SMS. Set this to `false` for users who are to be synchronized.
        enabled: bool,
        /// State of the user's mobile phone in Microsoft Graph: `ready` if SMS sign-in works, otherwise the reason why
        /// it does not, for example `notEnabled`. Null if the user has no registered mobile phone.
        sms_sign_in_state: Option<String> = read_only().volatile(),
        /// Tenant ID of the tenant that the user belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

/// The ID of the mobile phone method, the same for every user.
const MOBILE: &str = "3179e48a-750b-4051-897c-87b9720928f7";
/// The state in which SMS sign-in works.
const READY: &str = "ready";

impl Resource for SmsSignIn {
    const NAME: &'static str = "sms_sign_in";
    const TASK: Task = Task::UsersAndGroups;
    const PATH: &'static str = "/users/{user_object_id}/authentication/phoneMethods";
    const DESTROY: Destroy = Destroy::Keep;
    const EXPORT: Export = Export::OnRequest(export::ASSIGNMENTS);
    const IMPORT: &'static [&'static str] = &[
        "<user_object_id>",
        "/users/<user_object_id>",
        "/users/<user_object_id>/authentication/phoneMethods/{method}",
    ];
    const CALLS: Calls = &[
        "GET",
        "POST /users/{id}/authentication/phoneMethods/{id}/disableSmsSignIn",
        "POST /users/{id}/authentication/phoneMethods/{id}/enableSmsSignIn",
    ];
    const NOTES: &'static str = "\
A user without a registered mobile phone cannot sign in by SMS: `enabled = false` changes nothing, and `enabled = true` is an error. Not
available in the cloud operated by 21Vianet.";

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        let Some(phone) = planned.phone(context).await? else {
            return Err(Problem::at(
                "user_object_id",
                "The user does not exist",
                format!(
                    "Tenant {} has no user with the object ID {}.",
                    context.tenant_id(),
                    planned.user_object_id
                ),
            ));
        };
        // If this run has changed the state, a replica may return the old one.
        let settling = context.graph.is_settling(&planned.mobile());
        planned
            .switch(context, phone, !settling.is_zero(), state)
            .await
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let phone = state.phone(context).await?;
        Ok(phone.map(|phone| Self {
            enabled: phone.as_deref() == Some(READY),
            sms_sign_in_state: phone,
            ..state.clone()
        }))
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        let phone = planned.phone(context).await?.flatten();
        // A value that equals the planned one does not make the request unnecessary: it may be outdated, and repeating the request is
        // harmless.
        let phone = phone.map(|seen| {
            if state.enabled == planned.enabled {
                seen
            } else if planned.enabled {
                "notEnabled".to_owned()
            } else {
                READY.to_owned()
            }
        });
        let mut reached = None;
        // A planned change is always sent, whatever a replica returns.
        let changes = planned.enabled != state.enabled;
        let result = planned.switch(context, phone, changes, &mut reached).await;
        if let Some(reached) = reached {
            *state = reached;
        }
        result
    }
}

impl SmsSignIn {
    fn mobile(&self) -> String {
        format!("{}/{MOBILE}", self.path())
    }

    /// Returns the state of the mobile phone, if there is one; the outer `None` stands for a user that does not exist.
    async fn phone(&self, context: &Context) -> Result<Option<Option<String>>> {
        let Some(methods) = context.graph.get(&self.path()).await? else {
            return Ok(None);
        };
        let methods = methods["value"].as_array().map_or(&[][..], Vec::as_slice);
        let is_mobile = |method: &&Json| method["id"] == MOBILE || method["phoneType"] == "mobile";
        let mobile = methods.iter().find(is_mobile);
        Ok(Some(mobile.and_then(|phone| text(phone, "smsSignInState"))))
    }

    /// Sets the state if it differs, or if `changes` is set. `reached` is the state that was set, even if it cannot be read afterwards.
    async fn switch(
        &self,
        context: &Context,
        phone: Option<String>,
        changes: bool,
        reached: &mut Option<Self>,
    ) -> Result {
        let as_is = |phone: Option<String>| Self {
            sms_sign_in_state: phone,
            ..self.clone()
        };
        let is_so = self.enabled == (phone.as_deref() == Some(READY));
        if is_so && !(changes && phone.is_some()) {
            *reached = Some(as_is(phone));
            return Ok(());
        }
        if self.enabled && phone.is_none() {
            return Err(Problem::at(
                "enabled",
                "The user has no mobile phone",
                format!(
                    "User {} has no registered mobile phone. Register one first.",
                    self.user_object_id
                ),
            ));
        }
        let action = if self.enabled {
            "enableSmsSignIn"
        } else {
            "disableSmsSignIn"
        };
        let path = format!("{}/{action}", self.mobile());
        context.graph.post(&path, &Json::Null, Resend::Safe).await?;
        *reached = Some(as_is(phone));
        let after = self.phone(context).await?.flatten();
        *reached = Some(as_is(after));
        Ok(())
    }
}
