//! Leftovers: target users whose source user was deleted, is disabled, or is no longer in scope.

use super::leftover_reasons::{Reason, Situation};
use super::leftover_sources::{Sources, Wanted};
use super::origins::is_exact;
use super::prelude::*;
use crate::previewing;
use preview::{Configuration, Cycle, Engine, Group, new_schema};

attributes! {
    /// Lists leftover users of the target tenant: users whose source user does not exist any more, is deleted, is disabled, or is
    /// out of the scope of the configuration. Each has the reason and the recommended action. This data source changes nothing.
    /// Configure this data source in the source tenant, and pass it the users from `crosstenant_synchronized_users` of the target
    /// tenant.
    ///
    /// If `exact` is `false`, the source user was found by name or email address, which is a guess: the user may have been
    /// invited manually. SMS sign-in of source users is not checked.
    pub struct LeftoverUsers {
        /// Object ID of the service principal of the configuration whose scope is evaluated. Optional; if omitted, for
        /// example after the configuration was deleted, a user is left over only if its source user does not exist, is
        /// deleted or is disabled.
        service_principal_id: Option<String> = optional().guid(),
        /// Users of the target tenant: `users` of `crosstenant_synchronized_users`.
        target_users: Vec<TargetUser> = required(),
        /// Whether users whose source user is only guessed are evaluated. Optional; defaults to `true`.
        include_guesses: Option<bool> = optional(),
        /// Leftover users, in the order of `target_users`.
        leftovers: Option<Vec<LeftoverUser>> = read_only(),
        /// Object IDs of the leftover users in the target tenant.
        ids: Option<Vec<String>> = read_only(),
        /// Object IDs of the target users whose source user cannot be determined, so that they cannot be evaluated.
        unknown_ids: Option<Vec<String>> = read_only(),
        /// Tenant ID of the source tenant.
        tenant_id: Option<String> = read_only(),
    }

    /// A user of the target tenant.
    pub struct TargetUser {
        /// Object ID of the user in the target tenant.
        id: String = required(),
        /// User principal name in the target tenant.
        user_principal_name: Option<String> = optional(),
        /// Display name of the user.
        display_name: Option<String> = optional(),
        /// Email address of the user.
        mail: Option<String> = optional(),
        /// Object ID of the source user.
        source_object_id: Option<String> = optional(),
        /// User principal name in the source tenant.
        home_user_principal_name: Option<String> = optional(),
        /// Evidence for the source user.
        known_by: Option<String> = optional(),
    }

    /// A user who is left over.
    pub struct LeftoverUser {
        /// Object ID of the user in the target tenant.
        id: Option<String> = read_only(),
        /// User principal name in the target tenant.
        user_principal_name: Option<String> = read_only(),
        /// Display name of the user in the target tenant.
        display_name: Option<String> = read_only(),
        /// Object ID of the source user, if it is known or was found.
        source_object_id: Option<String> = read_only(),
        /// User principal name of the source user. If the source user was not found, the name is derived from the target user.
        source_user_principal_name: Option<String> = read_only(),
        /// Evidence for the source user, as in `target_users`.
        known_by: Option<String> = read_only(),
        /// Whether the link to the source user is exact.
        exact: Option<bool> = read_only(),
        /// Reason why the user is left over: `source_not_found`, `source_deleted`, `source_disabled`, `unassigned`, `default_access`,
        /// `filtered`, `not_internal` or `no_job`.
        reason: Option<String> = read_only(),
        /// Explanation of the reason.
        detail: Option<String> = read_only(),
        /// Recommended action.
        what_to_do: Option<String> = read_only(),
        /// Time until which a deleted source user can be restored.
        restorable_until: Option<String> = read_only(),
    }
}

/// The maximum number of guesses that are looked up individually. For more, the whole directory is read.
const ONE_BY_ONE: usize = 100;

impl DataSource for LeftoverUsers {
    const NAME: &'static str = "leftover_users";
    const TASK: Task = Task::UsersAndGroups;
    const CALLS: Calls = &[
        "GET /users",
        "GET /users/{id}",
        "GET /directory/deletedItems/microsoft.graph.user",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "GET /servicePrincipals/{id}/synchronization/jobs/{id}/schema",
        "GET /servicePrincipals/{id}/synchronization/secrets",
        "GET /servicePrincipals/{id}/appRoleAssignedTo",
        "GET /groups/{id}",
        "GET /groups/{id}/members/microsoft.graph.user",
    ];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let wanted = Wanted::of(&config.judged());
        let (configuration, groups, situation) = config.situation(context).await?;
        let engine = Engine::new(&configuration, groups, Cycle::Full, false);
        let mut sources = Sources::new(&engine, &configuration, &wanted);
        let columns = configuration.source_columns();
        let take = |user: &serde_json::Value| sources.take(user);
        if wanted.names.len() > ONE_BY_ONE {
            previewing::sources(context, &[columns], None, &[], take).await?;
        } else {
            let mut take = take;
            previewing::sources(context, &[columns], Some(&wanted.ids), &[], &mut take).await?;
            previewing::named_sources(context, columns, &wanted.names, &mut take).await?;
        }
        if wanted.lacks(&sources) {
            sources.read_deleted(context).await?;
        }
        let judged = config.judged();
        let leftovers: Vec<LeftoverUser> = judged
            .iter()
            .filter_map(|user| left_over(user, &sources, situation))
            .collect();
        let unknown = config.target_users.iter().filter(|user| user.is_unknown());
        Ok(Self {
            ids: Some(leftovers.iter().filter_map(|one| one.id.clone()).collect()),
            leftovers: Some(leftovers),
            unknown_ids: Some(unknown.map(|user| user.id.clone()).collect()),
            tenant_id: Some(context.tenant_id().to_owned()),
            ..config.clone()
        })
    }
}

impl LeftoverUsers {
    /// Returns the target users that can be evaluated.
    fn judged(&self) -> Vec<&TargetUser> {
        let guesses = self.include_guesses != Some(false);
        let all = self.target_users.iter();
        all.filter(|user| !user.is_unknown() && (guesses || user.is_exact()))
            .collect()
    }

    /// Reads the job that manages the target users.
    async fn situation(&self, context: &Context) -> Result<(Configuration, Vec<Group>, Situation)> {
        let nothing = || {
            Configuration::read(&new_schema())
                .map_err(|why| Problem::error("No users can be evaluated", why.to_string()))
        };
        let Some(principal) = &self.service_principal_id else {
            return Ok((nothing()?, Vec::new(), Situation::Alone));
        };
        let Some(job) = previewing::Situation::first(context, principal).await? else {
            return Ok((nothing()?, Vec::new(), Situation::NoJob));
        };
        let (job, configuration, groups) = job.with_groups(context).await?;
        let situation = Situation::Job {
            runs: job.settings.runs,
            deletes: configuration.users.flows.delete,
        };
        Ok((configuration, groups, situation))
    }
}

impl TargetUser {
    /// Whether there is no evidence for a source user.
    fn is_unknown(&self) -> bool {
        self.source_object_id.is_none()
            && self.home_user_principal_name.is_none()
            && self.mail.is_none()
    }

    fn is_exact(&self) -> bool {
        self.source_object_id.is_some() && is_exact(self.known_by.as_deref().unwrap_or_default())
    }
}

/// Describes a target user who is a leftover.
fn left_over(user: &TargetUser, sources: &Sources, situation: Situation) -> Option<LeftoverUser> {
    let found = sources.of(user);
    let reason = Reason::of(&found, situation)?;
    let source = found.source();
    Some(LeftoverUser {
        id: Some(user.id.clone()),
        user_principal_name: user.user_principal_name.clone(),
        display_name: user.display_name.clone(),
        source_object_id: source
            .as_ref()
            .map(|it| it.id.clone())
            .or_else(|| user.source_object_id.clone()),
        source_user_principal_name: source
            .map(|it| it.name)
            .or_else(|| user.home_user_principal_name.clone()),
        known_by: user.known_by.clone(),
        exact: Some(user.is_exact()),
        reason: Some(reason.name().to_owned()),
        detail: Some(reason.detail()),
        what_to_do: Some(reason.advice(situation, user.is_exact())),
        restorable_until: reason.restorable_until(),
    })
}
