//! Whether external users may leave this tenant: one field of a policy that exists only in beta.

use serde_json::{Value as Json, json};

use sdk::prelude::*;

attributes! {
    /// Manages whether external users, including synchronized users, may leave this tenant on their own. Configure this
    /// resource in the target tenant.
    ///
    /// A user who has left is provisioned again by the next cycle if the user is still in scope. Every tenant has
    /// exactly one such setting. It is a preview feature of Microsoft Graph beta.
    pub struct ExternalUserLeaveSettings {
        /// Whether external users may leave. If `false`, only an administrator can remove them.
        allow_external_identities_to_leave: bool = required().beta(),
        /// Tenant ID of the tenant that these settings belong to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const LEAVE: &str = "allowExternalIdentitiesToLeave";

impl Resource for ExternalUserLeaveSettings {
    const NAME: &'static str = "external_user_leave_settings";
    const TASK: Task = Task::Policies;
    const EXPORT: Export = Export::IfChanged(export::SETTINGS);
    const PATH: &'static str = "/policies/externalIdentitiesPolicy";
    // That leaving is allowed by default is UNVERIFIED.
    const DESTROY: Destroy = Destroy::Reset(|| json!({ LEAVE: true }));
    const IMPORT: &'static [&'static str] =
        &["<tenant_id>", Self::PATH, "externalIdentitiesPolicy"];
    const MOVES: &'static [Peer] = &[
        Peer::microsoft365wp_settings("microsoft365wp_external_identities_policy"),
        Peer::MSGRAPH_UPDATE,
    ];
    const NOTES: &'static str = "\
Creating this resource changes the existing setting. Destroying it lets external users leave again, which is Microsoft's default. Microsoft
requires the tenant's privacy contact before external users can be prevented from leaving; `crosstenant_tenant_properties` manages it.";

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        let mut answer = answer.clone();
        if answer[LEAVE].is_null() {
            answer[LEAVE] = json!(true); // UNVERIFIED, as above
        }
        model(&answer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, empty, reply};

    #[tokio::test]
    async fn it_lives_in_beta_and_goes_back_to_the_default() {
        let script = Script::of([empty(204), empty(204)]);
        let context = Context::new(script.client());
        let mut state = None;
        let stay = ExternalUserLeaveSettings {
            allow_external_identities_to_leave: false,
            tenant_id: None,
        };
        ExternalUserLeaveSettings::create(&context, &stay, &mut state)
            .await
            .unwrap();
        ExternalUserLeaveSettings::delete(&context, &state.unwrap())
            .await
            .unwrap();
        let path = "/beta/policies/externalIdentitiesPolicy";
        let sent: Vec<_> = script
            .sent()
            .into_iter()
            .map(|sent| (sent.path, sent.body))
            .collect();
        let leave = |allowed: bool| json!({ "allowExternalIdentitiesToLeave": allowed });
        let expected = [leave(false), leave(true)];
        assert_eq!(sent, expected.map(|body| (path.to_owned(), body)));
    }

    #[tokio::test]
    async fn an_answer_in_value_or_without_the_property_is_read() {
        let read = async |answer: Json| {
            let script = Script::of([reply(200, &answer)]);
            let any = ExternalUserLeaveSettings {
                allow_external_identities_to_leave: false,
                tenant_id: None,
            };
            let found = ExternalUserLeaveSettings::read(&Context::new(script.client()), &any).await;
            found.map(|found| found.unwrap().allow_external_identities_to_leave)
        };
        let policy = |allowed: Json| json!({ "id": "externalIdentitiesPolicy", "allowExternalIdentitiesToLeave": allowed });
        for allowed in [true, false] {
            let policy = policy(json!(allowed));
            assert_eq!(read(json!({ "value": policy })).await.unwrap(), allowed);
            assert_eq!(
                read(json!({ "@odata.context": "c", "value": [policy] }))
                    .await
                    .unwrap(),
                allowed
            );
        }
        assert!(
            read(json!({ "id": "externalIdentitiesPolicy" }))
                .await
                .unwrap()
        );
        assert!(read(policy(Json::Null)).await.unwrap());
        assert!(read(policy(json!("yes"))).await.is_err());
    }
}
