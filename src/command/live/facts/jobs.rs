//! Jobs, their settings, the connection test and provisioning on demand. No job is started here.

use serde_json::json;

use crate::live::fact::facts;
use crate::live::finding::{Finding, Obstacle, judged};
use crate::live::stage::{JOB_TEMPLATE, Side, Stage, shown};

/// The names on Microsoft's page, and on older revisions of it.
const POLICY_CODES: [&str; 2] = [
    "AzureActiveDirectoryCrossTenantSyncPolicyCheckFailure",
    "AzureDirectoryB2BManagementPolicyCheckFailure",
];

facts! {
    "failed-connection-test"
        "A connection test that the policies do not allow fails with 400 and the documented name as its code."
        changes failed_connection_test;
    "codes-of-licenses"
        "A missing license or permission to invite has License, AadPremiumLicenseRequired or AzureActiveDirectoryForbidden in its code."
        cannot "it needs a tenant without a license";
    "second-job"
        "A second POST of a job creates another job."
        changes second_job;
    "another-target"
        "The target of a job cannot be changed."
        cannot "only a cycle would show where a job leads";
    "masked-secrets"
        "Graph accepts a secret that it returned as * and leaves it unchanged."
        cannot "cross-tenant synchronization has no secret that is masked";
    "types-of-notification-settings"
        "The members of SyncNotificationSettings are booleans, a string and a number, or all of them strings."
        cannot "Graph answers what was stored; only a job that the portal set up would show it";
    "several-recipients"
        "Recipients contains one address."
        cannot "Graph stores any text; only the mail that arrives would show it";
    "threshold-by-default"
        "A job without a stored threshold has the threshold 500."
        cannot "only a job that deletes more than 500 users would show it";
    "limit-of-threshold"
        "The threshold can be as large as the provider allows."
        cannot "Graph stores any text; only the portal would refuse it";
    "start-when-started"
        "Pausing a paused job or starting a running one may be an error."
        cannot "the run starts no job, so no users are synchronized";
    "restart-for-scope"
        "A restart with Watermark, Escrows, QuarantineState applies a narrower scope."
        cannot "the run starts no job, so no users are synchronized";
    "delete-while-running"
        "A job that is paused while its cycle runs can be deleted at once."
        cannot "the run starts no job, so no users are synchronized";
    "pause-when-paused"
        "Pausing a job that does not run succeeds or is refused with 400 or 409."
        changes pause_when_paused;
    "words-of-on-demand"
        "The response of provision on demand contains result and reason as in the samples."
        cannot "the run synchronizes no users";
    "redundant-export"
        "The reason is RedundantExport if the user is already up to date."
        cannot "the run synchronizes no users";
    "on-demand-again"
        "Provision on demand can be repeated after a lost response."
        cannot "the run synchronizes no users";
    "cycle-with-errors"
        "A cycle with errors of single users counts as the initial cycle."
        cannot "the run synchronizes no users";
}

async fn failed_connection_test(stage: &mut Stage) -> Result<Finding, Obstacle> {
    for side in Side::BOTH {
        stage.without_partner(side).await?;
    }
    let made = stage.configuration().await?;
    let path = format!("{}/validateCredentials", made.jobs_path());
    let body = json!({
        "useSavedCredentials": false,
        "templateId": JOB_TEMPLATE,
        "credentials": [
            { "key": "CompanyId", "value": stage.id(Side::Target) },
            { "key": "AuthenticationType", "value": "SyncPolicy" },
        ],
    });
    // A 404 means that the service principal, which is new, has not replicated.
    let has_replicated = |answer: &graph::Exchange| answer.status != 404;
    let test = ("POST", path.as_str(), Some(body));
    let answer = stage.eventually(Side::Source, test, has_replicated).await?;
    let named = POLICY_CODES.contains(&answer.code());
    judged(answer.status == 400 && named, shown(&answer))
}

async fn second_job(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let first = stage.job().await?;
    let jobs = stage.configuration().await?.jobs_path();
    let body = json!({ "templateId": JOB_TEMPLATE });
    let second = stage.ask(Side::Source, "POST", &jobs, Some(body)).await?;
    let id = second.response["id"].as_str().unwrap_or_default();
    let path = format!("{jobs}/{}", graph::segment(id));
    let another = second.succeeded() && !id.is_empty() && path != first;
    if another {
        stage.must(Side::Source, "DELETE", &path, None).await?;
    }
    let said = if second.succeeded() && !another {
        "the same job"
    } else {
        ""
    };
    judged(another, format!("{} {said}", shown(&second)))
}

async fn pause_when_paused(stage: &mut Stage) -> Result<Finding, Obstacle> {
    let path = format!("{}/pause", stage.job().await?);
    let done = stage.ask(Side::Source, "POST", &path, None).await?;
    judged(
        done.succeeded() || matches!(done.status, 400 | 409),
        shown(&done),
    )
}
