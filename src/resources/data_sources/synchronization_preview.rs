//! A preview of the next cycle of a job, for conditions and outputs.

mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use self::told::Told;
use super::assigned::with_sms_sign_in;
use super::prelude::*;
use crate::previewing::{Situation, sources};
use preview::{
    Assignment, Configuration, Cycle, Engine, Group, Known, Origin, Preview, Principal, Scope,
    Source, Target,
};

attributes! {
    /// Previews the next cycle of a provisioning job: the users who are in scope, who will be created, who will be deleted and who
    /// are skipped, with reasons. Use it in `check` blocks, preconditions and outputs. It changes and provisions nothing. Configure
    /// this data source in the source tenant.
    ///
    /// The preview is based on the current job. To preview a plan, use `terraform-provider-crosstenant preview --plan`; to make a
    /// plan fail if too many users leave the scope, set `maximum_leaving` of the resources. Results that depend on behavior that
    /// Microsoft does not document name their assumptions in `unverified`.
    pub struct SynchronizationPreview {
        /// Object ID of the service principal of the configuration.
        service_principal_id: String = required().guid(),
        /// ID of the job. Optional; if omitted, the only job of the service principal is used.
        job_id: Option<String> = computed().check(Check::NotEmpty),
        /// Users of the target tenant: `users` of `crosstenant_synchronized_users`, read with the provider configuration of the
        /// target tenant. Optional; if omitted, existing users of the target tenant are unknown: users in scope have the outcome
        /// `in_scope`, no leaving users are found, and counts that depend on the target tenant are null.
        target_users: Option<Vec<PreviewTarget>> = optional(),
        /// Whether to look up which assigned users have SMS sign-in, because synchronization skips them. This takes one request for
        /// each twenty users and an additional permission. It has no effect if the scope is `all`. Optional; defaults to `false`.
        include_sms_sign_in: Option<bool> = optional(),
        /// Whether to return the attributes of each user. Optional; defaults to `false`.
        include_changes: Option<bool> = optional(),
        /// Users who change in the next cycle and assigned users who are skipped, in the order of their user principal names. Users
        /// who do not change and users who are not assigned are only counted.
        users: Option<Vec<PreviewUser>> = read_only(),
        /// Assigned groups.
        groups: Option<Vec<PreviewGroup>> = read_only(),
        /// Number of users for each outcome.
        counts: Option<PreviewCounts> = read_only(),
        /// Scope of the job: `assigned` or `all`.
        scope: Option<String> = read_only(),
        /// Whether the job runs. The next cycle of a paused job runs once the job is started.
        is_running: Option<bool> = read_only(),
        /// Number of deletions in one cycle above which the job stops. Null if the threshold is disabled.
        deletion_threshold: Option<i64> = read_only(),
        /// Whether more users leave than `deletion_threshold` allows, so that the job goes into quarantine and writes nothing. Null
        /// without `target_users`.
        is_quarantined: Option<bool> = read_only(),
        /// Assumptions that Microsoft does not document and that results depend on: one sentence for each ID.
        unverified: Option<BTreeMap<String, String>> = read_only(),
        /// Tenant ID of the target tenant.
        target_tenant_id: Option<String> = read_only(),
        /// Tenant ID of the source tenant.
        tenant_id: Option<String> = read_only(),
    }

    /// A user of the target tenant.
    pub struct PreviewTarget {
        /// Object ID of the user in the target tenant.
        id: String = required(),
        /// User principal name in the target tenant.
        user_principal_name: Option<String> = optional(),
        /// Display name of the user.
        display_name: Option<String> = optional(),
        /// Email address of the user.
        mail: Option<String> = optional(),
        /// `Member` or `Guest`.
        user_type: Option<String> = optional(),
        /// Whether the user can sign in.
        account_enabled: Option<bool> = optional(),
        /// Object ID of the source user. Optional; if omitted, the source user is searched for by name and email address.
        source_object_id: Option<String> = optional(),
        /// Evidence for the source user. With `provisioning_log` or `attribute`, the user is assumed to be managed by this job.
        known_by: Option<String> = optional(),
        /// Whether the invitation was redeemed.
        state: Option<String> = optional(),
    }

    /// Result of the preview for a user.
    pub struct PreviewUser {
        /// Object ID of the user in the source tenant.
        source_object_id: Option<String> = read_only(),
        /// User principal name in the source tenant. Null for a user who does not exist there any more.
        user_principal_name: Option<String> = read_only(),
        /// Object ID of the user in the target tenant, if it already exists there.
        target_object_id: Option<String> = read_only(),
        /// Effect on the user: `create`, `update`, `leave`, `perhaps_leave` (the user leaves if this job created it), `keep`
        /// (the user is out of scope but kept), `skip`, `collision`, `failure`, or without `target_users` `in_scope`.
        outcome: Option<String> = read_only(),
        /// Explanation of the outcome. Null if there is nothing to explain.
        reason: Option<String> = read_only(),
        /// Attributes that change, except the manager. For existing users, only attributes in `target_users` are compared. Null
        /// without `include_changes`.
        changes: Option<Vec<PreviewChange>> = read_only(),
        /// IDs of the assumptions in `unverified` that the result depends on.
        unverified: Option<Vec<String>> = read_only(),
    }

    /// An attribute of the target user, before and after.
    pub struct PreviewChange {
        /// Name of the attribute in the target tenant.
        attribute: Option<String> = read_only(),
        /// Current value. Null if there is none.
        before: Option<String> = read_only(),
        /// Value after the cycle. Null if the value is removed.
        after: Option<String> = read_only(),
    }

    /// Result of the preview for an assigned group.
    pub struct PreviewGroup {
        /// Object ID of the group in the source tenant.
        source_object_id: Option<String> = read_only(),
        /// Display name of the group.
        display_name: Option<String> = read_only(),
        /// Whether the group itself is copied in addition to its members.
        is_copied: Option<bool> = read_only(),
        /// Reason why the group is not copied.
        reason: Option<String> = read_only(),
        /// Number of users who are direct members.
        member_count: Option<i64> = read_only(),
    }

    /// Numbers of users. Those that need the target tenant are null without `target_users`.
    pub struct PreviewCounts {
        /// Users in scope of the job.
        in_scope: Option<i64> = read_only(),
        /// Users who are created.
        created: Option<i64> = read_only(),
        /// Users who are updated, as far as their attributes are in `target_users`.
        updated: Option<i64> = read_only(),
        /// Existing users who do not change, as far as this can be determined.
        unchanged: Option<i64> = read_only(),
        /// Users who are soft-deleted.
        leaving: Option<i64> = read_only(),
        /// Users who are soft-deleted if this job created them, which is not known.
        perhaps_leaving: Option<i64> = read_only(),
        /// Users who are out of scope but kept.
        kept: Option<i64> = read_only(),
        /// Assigned users who are skipped.
        skipped: Option<i64> = read_only(),
        /// Users whose name or email address another object already uses.
        colliding: Option<i64> = read_only(),
        /// Users who cannot be written because a mapping fails or the target tenant refuses them.
        failing: Option<i64> = read_only(),
        /// Users whose result depends on an assumption.
        unverified: Option<i64> = read_only(),
    }
}

impl DataSource for SynchronizationPreview {
    const NAME: &'static str = "synchronization_preview";
    const TASK: Task = Task::Monitoring;
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /groups/{id}",
        "GET /groups/{id}/members/microsoft.graph.user",
        "GET /users",
        "GET /users/{id}/authentication/phoneMethods/{id}",
    ];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let principal = &config.service_principal_id;
        let job = Situation::read(context, principal, config.job_id.as_deref()).await?;
        let job = job.ok_or_else(|| config.no_job(context))?;
        let (job, mut configuration, groups) = job.with_groups(context).await?;
        configuration.target_domain = config.domain().unwrap_or_default();
        let members = groups.iter().map(|group| group.users.len()).collect();
        let (preview, in_scope) = config.judged(context, &job, &configuration, groups).await?;
        let told = Told {
            config,
            configuration: &configuration,
        };
        let mut found = told.described(&preview, in_scope, members);
        let settings = &job.settings;
        found.job_id = Some(settings.job_id.clone());
        found.scope = Some(
            match settings.scope {
                Scope::All => "all",
                Scope::Assigned => "assigned",
            }
            .to_owned(),
        );
        found.is_running = Some(settings.runs);
        found.deletion_threshold = settings
            .delete_threshold
            .and_then(|it| i64::try_from(it).ok());
        found
            .target_tenant_id
            .clone_from(&settings.target_tenant_id);
        found.tenant_id = Some(context.tenant_id().to_owned());
        Ok(found)
    }
}

impl SynchronizationPreview {
    fn no_job(&self, context: &Context) -> Problem {
        let (at, which) = match &self.job_id {
            Some(id) => ("job_id", format!("no job {id:?}")),
            None => (
                "service_principal_id",
                "no job, or several: then set `job_id`".to_owned(),
            ),
        };
        let detail = format!(
            "The service principal {} in tenant {} has {which}. A `crosstenant_provisioning_job` creates one.",
            self.service_principal_id,
            context.tenant_id()
        );
        Problem::at(at, "The job does not exist", detail)
    }

    /// Returns the domain in the names of external users of the target tenant, if one of them contains it.
    fn domain(&self) -> Option<String> {
        let mut names = self
            .target_users
            .iter()
            .flatten()
            .filter_map(|user| user.user_principal_name.as_deref());
        names.find_map(|name| Some(name.split_once("#EXT#@")?.1.to_owned()))
    }

    /// Reads the source users in question and runs the preview. Also returns the number of users in scope.
    async fn judged(
        &self,
        context: &Context,
        job: &Situation,
        configuration: &Configuration,
        groups: Vec<Group>,
    ) -> Result<(Preview, usize)> {
        let asked = in_question(configuration, &groups, self.linked());
        let entitled = in_question(configuration, &groups, Some(Vec::new()));
        let entitled = entitled.filter(|_| self.include_sms_sign_in == Some(true));
        let sms = match entitled {
            Some(ids) => {
                let ids: Vec<String> = ids.into_iter().collect();
                let found = with_sms_sign_in(context, &ids).await?;
                Some(found.into_iter().collect::<BTreeSet<String>>())
            }
            None => None,
        };
        let cycle = if job.settings.is_new {
            Cycle::Full
        } else {
            Cycle::Incremental(None)
        };
        let mut engine = Engine::new(configuration, groups, cycle, true);
        for user in self.target_users.iter().flatten() {
            engine.target(user.read(configuration));
        }
        let mut in_scope = 0;
        let columns = configuration.source_columns();
        let take = |object: &Json| {
            let record = columns.record(object);
            let user = Source {
                sms_sign_in: sms.as_ref().map(|sms| sms.contains(&*record.id)),
                licensed: None,
                record,
                managed: None,
            };
            in_scope += usize::from(engine.is_in_scope(&user));
            engine.source(&user);
        };
        sources(context, &[columns], asked.as_ref(), &[], take).await?;
        Ok((engine.finish(&[]), in_scope))
    }

    /// Returns the source users known to exist in the target tenant, whether or not they are still assigned.
    fn linked(&self) -> Option<Vec<&str>> {
        let users = self.target_users.as_deref().unwrap_or_default();
        let known = users.iter().map(|user| user.source_object_id.as_deref());
        known.collect()
    }
}

/// Returns the source users to read; `None` for all users: if the scope is all users, or if the source user of a target user is unknown.
fn in_question(
    configuration: &Configuration,
    groups: &[Group],
    linked: Option<Vec<&str>>,
) -> Option<BTreeSet<String>> {
    if configuration.scope == Scope::All {
        return None;
    }
    let users = configuration.assignments.iter();
    let users = users.filter(|one: &&Assignment| one.kind == Principal::User);
    let mut ids: BTreeSet<String> = users.map(|one| one.principal.clone()).collect();
    ids.extend(groups.iter().flat_map(|group| group.users.iter().cloned()));
    ids.extend(linked?.into_iter().map(str::to_lowercase));
    Some(ids)
}

impl PreviewTarget {
    fn read(&self, configuration: &Configuration) -> Target {
        let object = json!({
            "id": self.id, "userPrincipalName": self.user_principal_name, "displayName": self.display_name, "mail": self.mail,
            "userType": self.user_type, "accountEnabled": self.account_enabled, "externalUserState": self.state,
            "creationType": "Invitation",
        });
        let known = match self.known_by.as_deref() {
            Some("provisioning_log") => (Known::Log, Some(true)),
            Some("attribute") => (Known::Attribute, Some(true)),
            _ => (Known::Name, None),
        };
        let origin = self.source_object_id.as_ref().map(|source| Origin {
            source: source.to_lowercase(),
            known: known.0,
            managed: known.1,
            deleted_by_job: None,
        });
        Target {
            record: configuration.target_columns().record(&object),
            deleted: false,
            origin,
        }
    }
}
