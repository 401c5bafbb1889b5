//! Properties of the tenant: one property of its organization in Graph.

use serde_json::{Value as Json, json};

use sdk::prelude::*;

attributes! {
    /// Manages properties of the tenant itself: its privacy contact and privacy statement. Configure this resource in the target tenant.
    ///
    /// Microsoft requires this information before `crosstenant_external_user_leave_settings` can prevent external users from leaving.
    /// Every tenant has exactly one such set of properties.
    pub struct TenantProperties {
        /// The privacy information that users and guests of the tenant see.
        privacy_profile: PrivacyProfile = required(),
        /// Tenant ID of the tenant that these properties belong to.
        tenant_id: Option<String> = read_only().local(),
    }

    /// The privacy information of a tenant.
    pub struct PrivacyProfile {
        /// Email address of the privacy contact, which external users see when they may not leave on their own. Optional. If omitted, the
        /// tenant has no privacy contact.
        contact_email: Option<String> = optional().check(Check::Email),
        /// URL of the privacy statement, which begins with `https://` or `http://` and has at most 255 characters. Optional. If omitted,
        /// the tenant has no privacy statement.
        statement_url: Option<String> = optional().check(Check::That(web_address)),
    }
}

impl Resource for TenantProperties {
    const NAME: &'static str = "tenant_properties";
    const TASK: Task = Task::Policies;
    const PATH: &'static str = "/organization/{tenant_id}";
    const IMPORT: &'static [&'static str] = &["<tenant_id>", "/organization/<tenant_id>"];
    const DESTROY: Destroy = Destroy::Reset(|| organization(&Json::Null));
    // Reading them requires a permission that nothing else requires.
    const EXPORT: Export = Export::OnRequest(export::SETTINGS);
    const MOVES: &'static [Peer] = &[Peer::MSGRAPH_UPDATE];
    const NOTES: &'static str = "\
Creating this resource changes the existing properties and nothing else of the organization. Destroying it removes the privacy contact and
the privacy statement, which a new tenant does not have either.";

    fn validate(config: &Value, found: &mut Diagnostics) {
        let profile = config.member("privacy_profile");
        let is_null = |name: &str| profile.member(name).is_null();
        if !profile.is_unknown() && is_null("contact_email") && is_null("statement_url") {
            let detail = "`privacy_profile` needs `contact_email`, `statement_url` or both. To remove both, remove the resource.";
            let problem = Diagnostic::error("The privacy profile sets nothing", detail);
            found.push(problem.at(Path::root("privacy_profile")));
        }
    }

    fn body(body: &mut Json) {
        // Whether Graph keeps an omitted member of the profile is not documented, so both are always sent.
        if let Some(profile) = body.get_mut("privacyProfile") {
            *profile = organization(profile)["privacyProfile"].take();
        }
    }

    fn found(&self, answer: &Json) -> Result<Option<Self>> {
        let found: Self = model(answer)?;
        // Graph answers null also to a caller that may not read the profile, so null does not make a stored profile absent.
        let is_set = found.privacy_profile.is_set() || self.privacy_profile.is_set();
        Ok(is_set.then_some(found))
    }
}

impl PrivacyProfile {
    fn is_set(&self) -> bool {
        self.contact_email.is_some() || self.statement_url.is_some()
    }
}

/// Returns the organization with a complete privacy profile; members that `profile` lacks are null.
fn organization(profile: &Json) -> Json {
    let member = |name: &str| profile[name].clone();
    json!({ "privacyProfile": { "contactEmail": member("contactEmail"), "statementUrl": member("statementUrl") } })
}

fn web_address(value: &Value) -> Result<(), String> {
    const MOST: usize = 255;
    let Some(text) = value.as_str() else {
        return Ok(());
    };
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web && text.chars().count() <= MOST && !text.contains(char::is_whitespace) {
        return Ok(());
    }
    Err(format!(
        "a URL that begins with https:// or http:// and has at most {MOST} characters, not {text:?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::testing::{Script, TENANT, empty, reply};

    fn properties(contact_email: Option<&str>, statement_url: Option<&str>) -> TenantProperties {
        TenantProperties {
            privacy_profile: PrivacyProfile {
                contact_email: contact_email.map(str::to_owned),
                statement_url: statement_url.map(str::to_owned),
            },
            tenant_id: Some(TENANT.to_owned()),
        }
    }

    #[tokio::test]
    async fn both_members_of_the_profile_are_always_sent() {
        let script = Script::new(|_| empty(204));
        let context = Context::new(script.client());
        let mut state = None;
        let contact = properties(Some("privacy@contoso.example"), None);
        TenantProperties::create(&context, &contact, &mut state)
            .await
            .unwrap();
        let mut state = state.unwrap();
        let statement = properties(None, Some("https://contoso.example/privacy"));
        TenantProperties::update(&context, &statement, &mut state)
            .await
            .unwrap();
        TenantProperties::delete(&context, &state).await.unwrap();
        let sent = script.sent();
        assert!(
            sent.iter()
                .all(|sent| sent.path == format!("/v1.0/organization/{TENANT}"))
        );
        let bodies: Vec<&Json> = sent
            .iter()
            .map(|sent| &sent.body["privacyProfile"])
            .collect();
        let expected = [
            json!({ "contactEmail": "privacy@contoso.example", "statementUrl": null }),
            json!({ "contactEmail": null, "statementUrl": "https://contoso.example/privacy" }),
            json!({ "contactEmail": null, "statementUrl": null }),
        ];
        assert_eq!(bodies, expected.iter().collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_tenant_without_a_profile_has_no_such_properties() {
        for profile in [Json::Null, json!({ "contactEmail": null })] {
            let script = Script::of([reply(
                200,
                &json!({ "id": TENANT, "privacyProfile": profile }),
            )]);
            let context = Context::new(script.client());
            let found = TenantProperties::read(&context, &properties(None, None))
                .await
                .unwrap();
            assert_eq!(found, None);
        }
    }

    #[tokio::test]
    async fn a_stored_profile_is_never_dropped() {
        let stored = properties(Some("privacy@contoso.example"), None);
        let read = async |profile: Json| {
            let script = Script::of([reply(200, &json!({ "privacyProfile": profile }))]);
            TenantProperties::read(&Context::new(script.client()), &stored).await
        };
        let found = read(Json::Null).await.unwrap().unwrap();
        assert!(!found.privacy_profile.is_set());
        for wrong in [json!("none"), json!(5), json!([])] {
            assert!(read(wrong.clone()).await.is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_invalid_statement_is_refused_while_planning() {
        let refused = |url: &str| web_address(&url.into()).is_err();
        assert!(!refused("https://contoso.example/privacy"));
        for wrong in [
            "contoso.example",
            "ftp://contoso.example",
            "https://contoso.example/a b",
        ] {
            assert!(refused(wrong), "{wrong}");
        }
        assert!(refused(&format!("https://{}", "a".repeat(248))));
    }

    #[test]
    fn an_empty_profile_is_refused_unless_it_is_unknown() {
        let problems = |profile: Value| {
            let mut config = properties(None, None).to_value();
            config.set_member("privacy_profile", profile);
            let mut found = Diagnostics::new();
            TenantProperties::validate(&config, &mut found);
            found.len()
        };
        assert_eq!(
            problems(properties(None, None).privacy_profile.to_value()),
            1
        );
        assert_eq!(problems(Value::Unknown), 0);
        let contact = properties(Some("a@b.example"), None)
            .privacy_profile
            .to_value();
        assert_eq!(problems(contact), 0);
    }
}
