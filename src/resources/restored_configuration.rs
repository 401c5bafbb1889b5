//! Restores a deleted configuration: its application and its service principal, which includes its assignments and its job.

use serde_json::{Value as Json, json};

use sdk::prelude::*;

attributes! {
    /// Restores a deleted configuration for cross-tenant synchronization: its application and its service principal. Assignments,
    /// settings and the job that belonged to the service principal when it was deleted are restored with it. Configure this resource in
    /// the source tenant.
    ///
    /// A configuration that exists is not changed. If it is deleted again later, the next apply restores it. Destroying this resource
    /// removes it from the state only and deletes nothing.
    pub struct RestoredConfiguration {
        /// Object ID of the configuration's service principal, which is the same before and after the deletion. Changing this forces a
        /// new resource to be created.
        service_principal_id: String = key().guid().named("id"),
        /// Client ID of the application.
        client_id: Option<String> = read_only().named("appId"),
        /// Name of the configuration.
        display_name: Option<String> = read_only(),
        /// Tenant ID of the tenant that the configuration belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

const DELETED_PRINCIPALS: &str = "/directory/deletedItems/microsoft.graph.servicePrincipal";
const DELETED_APPLICATIONS: &str = "/directory/deletedItems/microsoft.graph.application";

impl Resource for RestoredConfiguration {
    const NAME: &'static str = "restored_configuration";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::No("it is a one-off operation");
    const PATH: &'static str =
        "/servicePrincipals/{service_principal_id}?$select=id,appId,displayName";
    const DESTROY: Destroy = Destroy::Keep;
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
        "/directory/deletedItems/<service_principal_id>",
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals/{id}",
        "GET /directory/deletedItems/microsoft.graph.servicePrincipal",
        "GET /directory/deletedItems/microsoft.graph.application",
        "GET /applications/{id}",
        "POST /directory/deletedItems/{application}/restore",
    ];
    const NOTES: &'static str = "\
Configurations can be restored for 30 days. A job that was deleted before its configuration, as `terraform destroy` does, cannot be
restored: create a new one with `crosstenant_provisioning_job`. The new job matches the users that already exist in the target tenant.

**UNVERIFIED:** The job, its settings and its schema are assumed to be restored with the service principal. Microsoft documents that objects
are restored with their properties, but does not mention synchronization.";

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        if let Some(there) = Self::read(context, planned).await? {
            *state = Some(there);
            return Ok(());
        }
        let principals = context.graph.list(DELETED_PRINCIPALS).await?;
        let id = &planned.service_principal_id;
        let is_it = |one: &&Json| text(one, "id").is_some_and(|it| it.eq_ignore_ascii_case(id));
        let Some(principal) = principals.iter().find(is_it) else {
            return Err(planned.is_gone(context));
        };
        planned.restore_application(context, principal).await?;
        let restored = restore(context, id, &planned.path()).await?;
        let found: Self = model(&restored)?;
        *state = Some(Self {
            service_principal_id: id.clone(),
            ..found
        });
        Ok(())
    }
}

impl RestoredConfiguration {
    /// Restores the application of a deleted service principal first, if it is deleted as well: Graph restores each separately, and a
    /// service principal needs its application.
    async fn restore_application(&self, context: &Context, principal: &Json) -> Result {
        let client_id = text(principal, "appId");
        let applications = context.graph.list(DELETED_APPLICATIONS).await?;
        let application = applications
            .iter()
            .find(|one| client_id.is_some() && text(one, "appId") == client_id);
        if let Some(id) = application.and_then(|one| text(one, "id")) {
            let there = format!("/applications/{}", graph::segment(&id));
            restore(context, &id, &there).await?;
        }
        Ok(())
    }

    fn is_gone(&self, context: &Context) -> Problem {
        Problem::at(
            "service_principal_id",
            "The configuration to restore does not exist",
            format!(
                "Tenant {} has no service principal with the object ID {}, neither among its service principals nor among the deleted \
                 ones. Configurations can be restored for 30 days, unless `purge_on_destroy` deleted them permanently. \
                 `crosstenant_deleted_configurations` lists the configurations that can be restored.",
                context.tenant_id(),
                self.service_principal_id
            ),
        )
    }
}

/// Restores a directory object. If the response is lost, the object is looked for at the path `there`.
async fn restore(context: &Context, id: &str, there: &str) -> Result<Json> {
    let path = format!("/directory/deletedItems/{}/restore", graph::segment(id));
    let look = async || -> Result<Option<Json>, graph::Error> { context.graph.get(there).await };
    let answer = context
        .graph
        .post_once(&path, &json!({}), Resend::Safe, look)
        .await;
    match answer {
        Err(error) if error.status() == Some(403) => Err(Problem::error(
            "The configuration cannot be restored with these permissions",
            format!(
                "{error}\n\nRestoring applications requires the application permission Application.ReadWrite.All or \
                the directory role Cloud Application Administrator."
            ),
        )),
        answer => Ok(answer?),
    }
}
