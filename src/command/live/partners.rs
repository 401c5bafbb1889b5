//! The partner entries of both tenants for each other, which tests create and remove.

use serde_json::{Value as Json, json};

use super::finding::{Obstacle, obstacle};
use super::stage::{PREFIX, Side, Stage, shown};

const PARTNERS: &str = "/policies/crossTenantAccessPolicy/partners";

impl Stage {
    /// The path of the partner entry in the tenant of `side`.
    pub(super) fn partner_path(&self, side: Side) -> String {
        format!("{PARTNERS}/{}", self.id(side.other()))
    }

    /// The path of its synchronization policy.
    pub(super) fn sync_policy_path(&self, side: Side) -> String {
        format!("{}/identitySynchronization", self.partner_path(side))
    }

    /// Replaces the entry with one that has these `values` and no synchronization policy, and waits until it can be read.
    pub(super) async fn fresh_partner(
        &mut self,
        side: Side,
        values: &Json,
    ) -> Result<String, Obstacle> {
        self.without_partner(side).await?;
        self.made.will_make(side)?;
        let mut body = json!({ "tenantId": self.id(side.other()) });
        for (name, value) in values.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.must(side, "POST", PARTNERS, Some(body)).await?;
        let path = self.partner_path(side);
        self.must(side, "GET", &path, None).await?;
        Ok(path)
    }

    /// Creates an entry with a synchronization policy in the target tenant, and returns the path of the policy.
    pub(super) async fn fresh_sync_policy(&mut self) -> Result<String, Obstacle> {
        self.fresh_partner(Side::Target, &json!({})).await?;
        let path = self.sync_policy_path(Side::Target);
        let done = self.put_sync_policy().await?;
        if !done {
            return obstacle("the synchronization policy could not be made");
        }
        self.must(Side::Target, "GET", &path, None).await?;
        Ok(path)
    }

    async fn put_sync_policy(&mut self) -> Result<bool, Obstacle> {
        let path = self.sync_policy_path(Side::Target);
        let body = sync_policy();
        let put = ("PUT", path.as_str(), Some(body));
        // A conflict means that the response of an earlier attempt was lost.
        let done = self.eventually(Side::Target, put, |answer| {
            answer.succeeded() || answer.status == 409
        });
        let done = done.await?;
        Ok(done.succeeded() || done.status == 409)
    }

    /// Removes the entry and its synchronization policy. The requests do not depend on whether they exist, so that a transcript does not
    /// depend on earlier tests.
    pub(super) async fn without_partner(&mut self, side: Side) -> Result<(), Obstacle> {
        if let Some(why) = &self.foreign_partners {
            return obstacle(why.clone());
        }
        self.remove_partner(side).await
    }

    /// Removes the entry, even if this command did not create it.
    pub(super) async fn remove_partner(&mut self, side: Side) -> Result<(), Obstacle> {
        for path in [self.sync_policy_path(side), self.partner_path(side)] {
            let gone = |answer: &graph::Exchange| answer.succeeded() || answer.status == 404;
            let delete = ("DELETE", path.as_str(), None);
            let done = self.eventually(side, delete, gone).await?;
            if !gone(&done) {
                return obstacle(format!("DELETE {path} was refused: {}", shown(&done)));
            }
        }
        self.made.is_gone(side)
    }
}

/// A synchronization policy that allows no synchronization.
pub(super) fn sync_policy() -> Json {
    json!({ "displayName": PREFIX, "userSyncInbound": { "isSyncAllowed": false } })
}
