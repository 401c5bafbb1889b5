//! The settings of a provisioning job as Graph keeps them: a list of keys and texts, one of which is JSON in a text.
//!
//! None of them is secret for cross-tenant synchronization. A write replaces the whole list, so what is not ours is read first
//! and sent back as it came. Graph shows truly secret values as `*`; whether it takes that back as "unchanged" is UNVERIFIED.

use serde_json::{Map, Value as Json, json};

use super::provisioning_job::ProvisioningJob;

const COMPANY: &str = "CompanyId";
const AUTHENTICATION: &str = "AuthenticationType";
const SCOPE: &str = "SyncAll";
const NOTIFICATIONS: &str = "SyncNotificationSettings";

/// The list as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Secrets(Vec<(String, String)>);

/// What a job's settings are, as members to be merged into the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    target: String,
    sync_all: bool,
    notifications: Map<String, Json>,
}

/// The settings of `job`.
pub(super) fn wanted(job: &ProvisioningJob) -> Wanted {
    let notifications = json!({
        "Enabled": job.notification_email.is_some(),
        "Recipients": job.notification_email.clone().unwrap_or_default(),
        "DeleteThresholdEnabled": job.prevent_accidental_deletion.unwrap_or(true),
        "DeleteThresholdValue": job.accidental_deletion_threshold.unwrap_or(500),
    });
    Wanted {
        target: job.target_tenant_id.to_lowercase(),
        sync_all: job.scope.as_deref() == Some("all"),
        notifications: notifications.as_object().cloned().unwrap_or_default(),
    }
}

impl Secrets {
    /// Reads Graph's answer; nothing where there is none.
    pub(super) fn read(answer: Option<&Json>) -> Self {
        let pairs = answer
            .and_then(|answer| answer["value"].as_array())
            .into_iter()
            .flatten();
        Self(
            pairs
                .filter_map(|pair| {
                    Some((
                        pair["key"].as_str()?.to_owned(),
                        pair["value"].as_str().unwrap_or_default().to_owned(),
                    ))
                })
                .collect(),
        )
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Tenant id of the tenant that is synchronized to, where one was saved.
    pub(super) fn target(&self) -> Option<&str> {
        self.get(COMPANY).filter(|target| !target.is_empty())
    }

    fn notifications(&self) -> Map<String, Json> {
        let parsed = self
            .get(NOTIFICATIONS)
            .and_then(|text| serde_json::from_str::<Json>(text).ok());
        parsed
            .and_then(|json| json.as_object().cloned())
            .unwrap_or_default()
    }

    /// The body that makes the list say what is wanted, and `None` where it does already.
    pub(super) fn with(&self, wanted: &Wanted) -> Option<Json> {
        let before = self.notifications();
        let mut notifications = before.clone();
        for (name, value) in &wanted.notifications {
            // An address that was never there need not be cleared.
            if !(name == "Recipients" && *value == "" && !before.contains_key(name)) {
                notifications.insert(name.clone(), value.clone());
            }
        }
        notifications
            .entry("HumanResourcesLookaheadQueryEnabled")
            .or_insert(json!(false));
        let same = notifications == before
            && self
                .get(COMPANY)
                .is_some_and(|target| target.eq_ignore_ascii_case(&wanted.target))
            && self.get(AUTHENTICATION) == Some("SyncPolicy")
            && self
                .get(SCOPE)
                .is_some_and(|text| text.eq_ignore_ascii_case(&wanted.sync_all.to_string()));
        if same {
            return None;
        }
        let ours = [
            (AUTHENTICATION, "SyncPolicy".to_owned()),
            (COMPANY, wanted.target.clone()),
            (NOTIFICATIONS, Json::Object(notifications).to_string()),
            (SCOPE, wanted.sync_all.to_string()),
        ];
        let others = self
            .0
            .iter()
            .filter(|(name, _)| !ours.iter().any(|(key, _)| key == name));
        let others = others.map(|(name, value)| (name.as_str(), value.clone()));
        let pairs: Vec<Json> = ours
            .clone()
            .into_iter()
            .chain(others)
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        Some(json!({ "value": pairs }))
    }

    /// Sets what the list says about `job`.
    pub(super) fn describe(&self, job: &mut ProvisioningJob) {
        let notifications = self.notifications();
        let is_on = |name: &str| notifications.get(name).and_then(Json::as_bool) == Some(true);
        self.get(COMPANY)
            .unwrap_or_default()
            .clone_into(&mut job.target_tenant_id);
        let all = self
            .get(SCOPE)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"));
        job.scope = Some(if all { "all" } else { "assigned" }.to_owned());
        let recipient = notifications
            .get("Recipients")
            .and_then(Json::as_str)
            .filter(|text| !text.is_empty());
        job.notification_email = recipient.filter(|_| is_on("Enabled")).map(str::to_owned);
        job.prevent_accidental_deletion = Some(is_on("DeleteThresholdEnabled"));
        // Where no threshold was ever stored the portal shows, and the service uses, this one.
        let threshold = notifications
            .get("DeleteThresholdValue")
            .and_then(Json::as_i64);
        job.accidental_deletion_threshold = Some(threshold.unwrap_or(500));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> ProvisioningJob {
        ProvisioningJob {
            service_principal_id: "sp".into(),
            template_id: None,
            target_tenant_id: "T".into(),
            scope: Some("assigned".into()),
            notification_email: None,
            prevent_accidental_deletion: Some(true),
            accidental_deletion_threshold: Some(500),
            enabled: Some(true),
            validate_connection: None,
            validate_connection_timeout: None,
            restart_triggers: None,
            reset_scope: None,
            wait_for: None,
            restart_pending: None,
            id: None,
            tenant_id: None,
        }
    }

    fn stored(notifications: &str, more: &[(&str, &str)]) -> Secrets {
        let ours = [
            (AUTHENTICATION, "SyncPolicy"),
            (COMPANY, "t"),
            (NOTIFICATIONS, notifications),
            (SCOPE, "False"),
        ];
        let pairs = ours
            .iter()
            .chain(more)
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Secrets(pairs.collect())
    }

    const SAME: &str = r#"{"DeleteThresholdValue":500,"Other":1,"DeleteThresholdEnabled":true,"HumanResourcesLookaheadQueryEnabled":false,"Enabled":false}"#;

    #[test]
    fn another_order_or_spelling_is_no_difference() {
        assert_eq!(stored(SAME, &[]).with(&wanted(&job())), None);
    }

    #[test]
    fn what_is_not_ours_is_sent_back() {
        let changed = ProvisioningJob {
            notification_email: Some("a@b.example".into()),
            ..job()
        };
        let body = stored(SAME, &[("Domain", "x")])
            .with(&wanted(&changed))
            .unwrap();
        let pairs = body["value"].as_array().unwrap();
        assert!(pairs.contains(&json!({ "key": "Domain", "value": "x" })));
        let notifications = pairs
            .iter()
            .find(|pair| pair["key"] == NOTIFICATIONS)
            .unwrap()["value"]
            .as_str()
            .unwrap();
        let notifications: Json = serde_json::from_str(notifications).unwrap();
        assert_eq!(
            (&notifications["Other"], &notifications["Recipients"]),
            (&json!(1), &json!("a@b.example"))
        );
    }

    #[test]
    fn the_list_describes_the_job() {
        let settings = r#"{"Enabled":true,"Recipients":"a@b.example","DeleteThresholdEnabled":false,"DeleteThresholdValue":7}"#;
        let mut found = job();
        stored(settings, &[]).describe(&mut found);
        assert_eq!(found.notification_email.as_deref(), Some("a@b.example"));
        assert_eq!(
            (
                found.prevent_accidental_deletion,
                found.accidental_deletion_threshold
            ),
            (Some(false), Some(7))
        );
    }
}
