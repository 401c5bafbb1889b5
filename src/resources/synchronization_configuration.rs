//! A configuration for cross-tenant synchronization: an application and its service principal, created from a template.

use serde_json::{Value as Json, json};

use super::order_guard::{self, Doomed};
use super::paths::principal_path;
use sdk::prelude::*;

/// The ID of Microsoft's template for cross-tenant synchronization, the same in every tenant.
pub(super) const CROSS_TENANT_TEMPLATE: &str = "518e5f48-1fc8-4c48-9387-9fdf28b0dfe7";

attributes! {
    /// Manages a configuration for cross-tenant synchronization: the application and service principal that users are assigned
    /// to and that a provisioning job belongs to. Configure this resource in the source tenant.
    ///
    /// Microsoft Graph allows several configurations with the same name. Before creating one, the provider looks for a
    /// configuration of that name and, if it exists, fails and shows the `import` block for it.
    pub struct SynchronizationConfiguration {
        /// Name of the configuration, also of its application and service principal. Can be changed in place. Names of the form
        /// `MTO_Sync_<tenant id>` belong to the Microsoft 365 admin center, which creates, changes and deletes configurations with
        /// such names for multitenant organizations. This resource does not create or adopt them, and does not rename a configuration
        /// to such a name.
        display_name: String = required().check(Check::NotEmpty),
        /// ID of the application template that the configuration is created from. Defaults to Microsoft's template for cross-tenant
        /// synchronization. Changing this forces a new resource to be created.
        template_id: Option<String> = default(CROSS_TENANT_TEMPLATE).replaces().guid(),
        /// Whether this configuration synchronizes to a tenant in another Microsoft cloud. Such a configuration can be imported and
        /// managed, but not created: Microsoft has not published its template. Create it in the portal, with the check box *Setup
        /// cross-tenant synchronization across Microsoft clouds*, and import it. `template_id` is then not changed (UNVERIFIED).
        /// Optional; defaults to `false`.
        across_clouds: Option<bool> = default(false).local(),
        /// Whether destroying this resource also deletes the application permanently. Otherwise, it can be restored from the deleted
        /// items for 30 days.
        purge_on_destroy: Option<bool> = default(false).local(),
        /// Whether a plan that would destroy the configuration fails while its job still has users in the target tenant. Without the
        /// configuration, these users stay there and no cycle removes them. Optional; if omitted or `false`, the plan only warns with
        /// their number.
        prevent_leftovers: Option<bool> = optional().local(),
        /// Object ID of the application.
        application_id: Option<String> = read_only(),
        /// Client ID of the application, which the portal calls application ID.
        client_id: Option<String> = read_only(),
        /// Object ID of the service principal, which the portal calls enterprise application. This is the import ID of this resource.
        service_principal_id: Option<String> = read_only().guid(),
        /// ID of the app role with which users and groups are assigned.
        app_role_id: Option<String> = read_only(),
        /// Tenant ID of the tenant that the configuration belongs to.
        tenant_id: Option<String> = read_only().local(),
    }
}

impl Resource for SynchronizationConfiguration {
    const NAME: &'static str = "synchronization_configuration";
    const TASK: Task = Task::Synchronization;
    const EXPORT: Export = Export::Always(export::SYNCHRONIZATION);
    const IMPORT: &'static [&'static str] = &[
        "<service_principal_id>",
        "/servicePrincipals/<service_principal_id>",
        "/applicationTemplates/{template}/instantiate/{application}/<service_principal_id>",
    ];
    const MOVES: &'static [Peer] = &[
        Peer::azuread("azuread_application_from_template", 0),
        Peer::MSGRAPH_ACTION.by(instantiated),
        Peer::MSGRAPH,
        Peer::MSGRAPH_UPDATE,
    ];
    const CALLS: Calls = &[
        "GET /servicePrincipals",
        "POST /applicationTemplates/{id}/instantiate",
        "GET /servicePrincipals/{id}",
        "GET /applications/{id}",
        "GET /applications(appId='{appId}')",
        "PATCH /applications/{id}",
        "PATCH /servicePrincipals/{id}",
        "GET /servicePrincipals/{id}/synchronization/jobs",
        "POST /servicePrincipals/{id}/synchronization/jobs/{id}/pause",
        "DELETE /servicePrincipals/{id}/synchronization/jobs/{id}",
        "DELETE /applications/{id}",
        "DELETE /servicePrincipals/{id}",
        "GET /directory/deletedItems/{id}",
        "DELETE /directory/deletedItems/{id}",
    ];

    fn validate(config: &Value, found: &mut Diagnostics) {
        let name = config.member("display_name").as_str();
        if let Some(name) = name.filter(|name| is_admin_centers(name)) {
            let detail = format!(
                "{name:?} is a name that the Microsoft 365 admin center uses for configurations of a multitenant organization. The admin \
                 center may change or delete such a configuration at any time. Choose another name, or manage this pair of tenants in the \
                 admin center."
            );
            let problem = Diagnostic::error(ADMIN_CENTERS, detail);
            found.push(problem.at(Path::root("display_name")));
        }
    }

    fn plan(change: &mut Change) {
        if change.prior.member("purge_on_destroy").as_bool() == Some(true) {
            change.warn_of_loss(
                "a configuration with `purge_on_destroy`",
                "Its application and service principal are deleted permanently. Without `purge_on_destroy`, they can \
                be restored for 30 days: see `crosstenant_restored_configuration`.",
            );
        }
        if change.planned.member("across_clouds").as_bool() != Some(true) {
            return;
        }
        if change.prior.is_null() {
            let detail = "Microsoft has not published the template of a configuration that synchronizes across Microsoft clouds, so this \
                          provider cannot create it. In the portal of the source tenant, open *Cross-tenant synchronization*, \
                          *Configurations*, *New configuration*, select *Setup cross-tenant synchronization across Microsoft clouds*, and \
                          create it; the check box cannot be selected later. Then import it by the object ID of its service principal:\n\n \
                           import {\n    to = crosstenant_synchronization_configuration.NAME\n    id = \"<service_principal_id>\"\n  }";
            let summary = "A configuration across clouds cannot be created";
            let problem = Diagnostic::error(summary, detail);
            change
                .diagnostics
                .push(problem.at(Path::root("across_clouds")));
            return;
        }
        // The template that the portal used is unknown, and does not require a replacement.
        if change.config.member("template_id").is_null() {
            let template = change.prior.member("template_id").clone();
            change.planned.set_member("template_id", template);
            let at = Path::root("template_id");
            change.requires_replace.retain(|path| *path != at);
        }
    }

    async fn warn(context: &Context, prior: &Value, planned: &Value) -> Result<Diagnostics> {
        let principal = prior.member("service_principal_id").as_str();
        let Some(principal) = principal.filter(|_| order_guard::is_doomed::<Self>(prior, planned))
        else {
            return Ok(Diagnostics::new());
        };
        let doomed = Doomed {
            what: "the configuration",
            principal,
            job: None,
            prevents: prior.member(order_guard::ATTRIBUTE).as_bool() == Some(true),
        };
        Ok(order_guard::about(context, &doomed).await)
    }

    async fn create(context: &Context, planned: &Self, state: &mut Option<Self>) -> Result {
        if let Some(existing) = planned.same_name(context).await? {
            return Err(exists(context, &planned.display_name, &existing));
        }
        let path = format!(
            "/applicationTemplates/{}/instantiate",
            graph::segment(planned.template())
        );
        let body = json!({ "displayName": planned.display_name });
        let look = || async {
            Ok(planned
                .same_name(context)
                .await?
                .map(|found| json!({ "servicePrincipal": found })))
        };
        let answer = context
            .graph
            .post_once(&path, &body, Resend::Never, look)
            .await?;
        let answer = planned.with_ids(context, answer).await?;
        let made = state.insert(planned.made(&answer));
        let Some(other) = made.settle(context).await? else {
            return Ok(());
        };
        // The new configuration was not used yet, but the purpose of the other one is unknown.
        made.remove(context).await?;
        *state = None;
        Err(exists(context, &planned.display_name, &other))
    }

    async fn read(context: &Context, state: &Self) -> Result<Option<Self>> {
        let Some(id) = &state.service_principal_id else {
            return Ok(None);
        };
        let application_id = match &state.application_id {
            Some(application_id) => Some(application_id.clone()),
            None => state.application_of(context, id).await?,
        };
        let Some((principal, application)) = both(context, id, application_id.as_deref()).await?
        else {
            return Ok(None);
        };
        let mut found = Self {
            application_id,
            ..state.clone()
        };
        found.learn(&principal);
        found.display_name =
            text(application.as_ref().unwrap_or(&principal), "displayName").unwrap_or_default();
        found.template_id = text(&principal, "applicationTemplateId").or(found.template_id);
        if found.template_id.is_none() {
            return Err(no_configuration(context, id, &found.display_name));
        }
        // Only after an import is the name unknown.
        if state.display_name.is_empty() && is_admin_centers(&found.display_name) {
            return Err(not_adopted(context, id, &found.display_name));
        }
        Ok(Some(found))
    }

    async fn explain_absence(context: &Context, stored: &Self) -> Diagnostics {
        let Some(path) = stored.application_path() else {
            return Diagnostics::new();
        };
        match context.graph.get(&format!("{path}?$select=id")).await {
            Ok(Some(_)) => vec![half_gone(context, stored)],
            // A missing permission causes no message: it is certain that the object was deleted.
            _ => Diagnostics::new(),
        }
    }

    async fn update(context: &Context, planned: &Self, state: &mut Self) -> Result {
        if planned.display_name != state.display_name {
            let body = json!({ "displayName": planned.display_name });
            // Whether the name of the application is copied to its service principal is not documented, so both are changed.
            for path in [state.application_path(), state.principal_path()]
                .into_iter()
                .flatten()
            {
                context.graph.patch(&path, &body).await?;
            }
            state.display_name.clone_from(&planned.display_name);
        }
        state.purge_on_destroy = planned.purge_on_destroy;
        state.across_clouds = planned.across_clouds;
        Ok(())
    }

    /// Deletes jobs, application and service principal in the documented order. Objects that do not exist are skipped.
    async fn delete(context: &Context, state: &Self) -> Result {
        state.delete_jobs(context).await?;
        let deleted = state.remove(context).await?;
        if state.purge_on_destroy == Some(true) {
            // A recently deleted object may appear among the deleted items later; the state of others is final.
            let patience = std::time::Duration::from_secs(if deleted { 20 } else { 0 });
            for id in [&state.application_id, &state.service_principal_id]
                .into_iter()
                .flatten()
            {
                purge(context, id, patience).await?;
            }
        }
        Ok(())
    }
}

impl SynchronizationConfiguration {
    fn template(&self) -> &str {
        self.template_id.as_deref().unwrap_or(CROSS_TENANT_TEMPLATE)
    }

    fn application_path(&self) -> Option<String> {
        self.application_id
            .as_deref()
            .map(|id| format!("/applications/{}", graph::segment(id)))
    }

    fn principal_path(&self) -> Option<String> {
        self.service_principal_id.as_deref().map(principal_path)
    }

    /// Deletes the application and its service principal. Returns whether either existed.
    async fn remove(&self, context: &Context) -> Result<bool> {
        let mut deleted = false;
        for path in [self.application_path(), self.principal_path()]
            .into_iter()
            .flatten()
        {
            deleted |= context.graph.delete(&path).await? == graph::Deleted::Now;
        }
        Ok(deleted)
    }

    /// Deletes the jobs: unmanaged jobs would be kept with the deleted service principal, and continue if it is restored.
    async fn delete_jobs(&self, context: &Context) -> Result {
        let Some(principal) = self.principal_path() else {
            return Ok(());
        };
        let jobs = format!("{principal}/synchronization/jobs");
        let found = match context.graph.list(&jobs).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for job in found {
            if let Some(id) = text(&job, "id") {
                let path = format!("{jobs}/{}", graph::segment(&id));
                let runs = job["schedule"]["state"] == "Active";
                super::provisioning_job::remove(context, &path, runs).await?;
            }
        }
        Ok(())
    }

    /// Returns an existing configuration with this name.
    async fn same_name(&self, context: &Context) -> Result<Option<Json>, graph::Error> {
        Ok(self.all_of_name(context).await?.into_iter().next())
    }

    async fn all_of_name(&self, context: &Context) -> Result<Vec<Json>, graph::Error> {
        let name = graph::quoted(&self.display_name);
        let path = format!("/servicePrincipals?$filter=displayName%20eq%20{name}&$select={SELECT}");
        let found = context.graph.list(&path).await?;
        // Whether Graph can filter by template is not documented, so the provider filters.
        let is_one = |principal: &Json| {
            let template = principal["applicationTemplateId"]
                .as_str()
                .unwrap_or_default();
            template.eq_ignore_ascii_case(self.template())
                && principal["displayName"] == self.display_name.as_str()
        };
        Ok(found.into_iter().filter(is_one).collect())
    }

    /// Returns the response to `instantiate`, completed by a search by name if it lacks the IDs.
    async fn with_ids(&self, context: &Context, answer: Json) -> Result<Json> {
        if text(&answer["servicePrincipal"], "id").is_some() {
            return Ok(answer);
        }
        let graph = &context.graph;
        let patience = graph.until_listed("/servicePrincipals");
        let look = || self.same_name(context);
        let found = graph.until(patience, look, Option::is_some).await?;
        let with =
            |found| json!({ "application": answer["application"], "servicePrincipal": found });
        found.map(with).ok_or_else(|| {
            Problem::error(
                "Graph did not return the IDs of the new configuration",
                format!(
                    "Microsoft Graph accepted the new configuration {:?}, but neither its response nor a search by \
                    name returned its IDs for several minutes. Look for it in tenant {} and import it before you apply \
                    again; otherwise, a second configuration may be created.",
                    self.display_name,
                    context.tenant_id()
                ),
            )
        })
    }

    /// Returns the configuration from the response to `instantiate`, or from a search after a lost response.
    fn made(&self, answer: &Json) -> Self {
        let (application, principal) = (&answer["application"], &answer["servicePrincipal"]);
        let mut made = self.clone();
        made.application_id = text(application, "id");
        made.service_principal_id = text(principal, "id");
        made.client_id = text(principal, "appId").or_else(|| text(application, "appId"));
        made.app_role_id = assignable_role(principal);
        made
    }

    /// Waits until the configuration is listed, and completes the values that the response to `instantiate` lacks. Replicas apply writes in
    /// order, so a response that contains it also contains one with the same name that a killed run may have created: that one is returned.
    async fn settle(&mut self, context: &Context) -> Result<Option<Json>> {
        let Some(id) = self.service_principal_id.clone() else {
            return Err(Problem::error(
                "Graph returned no service principal",
                "The configuration may exist anyway. Apply again: the provider finds it by its name.",
            ));
        };
        let is_it = |principal: &Json| principal["id"] == id.as_str();
        let look = || self.all_of_name(context);
        let is_complete = |listed: &Vec<Json>| {
            let mut complete = listed.iter().filter(|one| assignable_role(one).is_some());
            complete.any(is_it)
        };
        let graph = &context.graph;
        let patience = graph.until_listed("/servicePrincipals");
        let mut listed = graph.until(patience, look, is_complete).await?;
        if let Some(ours) = listed.iter().position(is_it) {
            self.learn(&listed.remove(ours));
        }
        if self.application_id.is_none() {
            self.application_id = self.application_of(context, &id).await?;
        }
        if self.app_role_id.is_none() || self.application_id.is_none() {
            return Err(Problem::error(
                "The configuration did not become readable",
                "Its application and service principal were created but cannot be read yet. They are kept in the state; apply \
                 again.",
            ));
        }
        Ok(listed.into_iter().next())
    }

    fn learn(&mut self, principal: &Json) {
        self.client_id = text(principal, "appId").or(self.client_id.take());
        self.app_role_id = assignable_role(principal).or(self.app_role_id.take());
    }

    /// Returns the object ID of the application of a service principal of this tenant.
    async fn application_of(&self, context: &Context, id: &str) -> Result<Option<String>> {
        let client_id = match &self.client_id {
            Some(client_id) => Some(client_id.clone()),
            None => context
                .graph
                .get(&format!("{}?$select={SELECT}", principal_path(id)))
                .await?
                .and_then(|principal| text(&principal, "appId")),
        };
        let Some(client_id) = client_id else {
            return Ok(None);
        };
        let path = format!(
            "/applications(appId={})?$select=id,appId,displayName",
            graph::quoted(&client_id)
        );
        Ok(context
            .graph
            .get(&path)
            .await?
            .and_then(|application| text(&application, "id")))
    }
}

/// Returns the service principal that `instantiate` created, if its ID was exported from the response.
fn instantiated(state: &Value) -> Result<String, String> {
    let url = peer::text(state, "resource_url")?;
    let is_template = url
        .trim_start_matches('/')
        .to_lowercase()
        .starts_with("applicationtemplates/");
    if !is_template || state.member("action").as_str() != Some("instantiate") {
        return Err("it did not instantiate an application template".to_owned());
    }
    // A value of dynamic type is stored together with its type.
    let output = state.member("output").member("value");
    let exports = state.member("response_export_values").as_object();
    let mut ids = exports.into_iter().flatten().map(|(name, from)| {
        let exported = output.member(name);
        match from.as_str() {
            Some("servicePrincipal.id") => exported,
            Some("servicePrincipal") => exported.member("id"),
            Some("@") => exported.member("servicePrincipal").member("id"),
            _ => &Value::Null,
        }
    });
    ids.find_map(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| {
            "its `response_export_values` do not export `servicePrincipal.id`".to_owned()
        })
}

const SELECT: &str = "id,appId,displayName,applicationTemplateId,appRoles";

/// Reads the service principal and the application in one batch request. `None` if the service principal does not exist.
async fn both(
    context: &Context,
    id: &str,
    application_id: Option<&str>,
) -> Result<Option<(Json, Option<Json>)>> {
    let mut paths = vec![format!("{}?$select={SELECT}", principal_path(id))];
    if let Some(application_id) = application_id {
        paths.push(format!(
            "/applications/{}?$select=id,appId,displayName",
            graph::segment(application_id)
        ));
    }
    let mut answers = context.graph.batch_together(&paths).await?.into_iter();
    let Some(principal) = answers.next().transpose()?.flatten() else {
        return Ok(None);
    };
    Ok(Some((principal, answers.next().transpose()?.flatten())))
}

/// Returns the role to assign: the one that Microsoft's template calls `msiam_access`, or else the first that users can have.
pub(super) fn assignable_role(principal: &Json) -> Option<String> {
    let roles = principal["appRoles"].as_array()?;
    let for_users = |role: &&Json| {
        role["isEnabled"] != json!(false)
            && role["allowedMemberTypes"]
                .as_array()
                .is_some_and(|kinds| kinds.iter().any(|kind| kind == "User"))
    };
    let usual = roles
        .iter()
        .filter(for_users)
        .find(|role| role["displayName"] == "msiam_access");
    usual
        .or_else(|| roles.iter().find(for_users))
        .and_then(|role| text(role, "id"))
}

/// Adopting another application would plan its replacement: only an instantiated one has a template.
const ADMIN_CENTERS: &str = "The configuration belongs to the Microsoft 365 admin center";

/// Whether the admin center creates such a name: `MTO_Sync_` and a tenant ID.
fn is_admin_centers(name: &str) -> bool {
    let prefix = name.get(..9);
    prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case("MTO_Sync_"))
        && name.get(9..).is_some_and(is_guid)
}

fn not_adopted(context: &Context, id: &str, name: &str) -> Problem {
    Problem::error(
        ADMIN_CENTERS,
        format!(
            "The configuration {name:?} (service principal {id} in tenant {}) was created by the admin center for a multitenant \
             organization, which may change or delete it at any time. It is not imported. Manage this pair of tenants in the admin \
             center, or create a configuration of your own.",
            context.tenant_id()
        ),
    )
}

fn no_configuration(context: &Context, id: &str, name: &str) -> Problem {
    Problem::error(
        format!("{name:?} is not a synchronization configuration"),
        format!(
            "Service principal {id} in tenant {} was not made from an application template, so it cannot be managed \
            here. The data source `crosstenant_synchronization_configurations` lists the configurations of the \
            tenant.",
            context.tenant_id()
        ),
    )
}

/// Warns that one of the two objects was deleted. The next apply creates both anew, and the other one would be forgotten.
fn half_gone(context: &Context, stored: &SynchronizationConfiguration) -> Diagnostic {
    let [principal, application] = [&stored.service_principal_id, &stored.application_id]
        .map(|id| id.as_deref().unwrap_or_default());
    Diagnostic::warning(
        format!(
            "The service principal of the configuration {:?} was deleted",
            stored.display_name
        ),
        format!(
            "The service principal {principal} in tenant {} was deleted. Its application {application} still exists. The next apply \
             creates a new application and a new service principal and does not delete this application.\n\nTo keep the configuration, \
             restore the service principal before you apply; Microsoft keeps it for 30 days: POST \
             /directory/deletedItems/{principal}/restore. Otherwise, delete the application.",
            context.tenant_id()
        ),
    )
}

fn exists(context: &Context, name: &str, principal: &Json) -> Problem {
    let id = text(principal, "id").unwrap_or_default();
    let what = format!("A configuration called {name:?}");
    SynchronizationConfiguration::already_exists(context, &what, &id)
}

/// Deletes a deleted item permanently. It may appear among the deleted items after a delay.
async fn purge(context: &Context, id: &str, patience: std::time::Duration) -> Result {
    let path = format!("/directory/deletedItems/{}", graph::segment(id));
    let look = || context.graph.get(&path);
    let found = context.graph.until(patience, look, Option::is_some).await?;
    if found.is_some() {
        context.graph.delete(&path).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_admin_center_are_not_created() {
        let said = |name: &str| {
            let config = SynchronizationConfiguration {
                display_name: name.to_owned(),
                ..SynchronizationConfiguration::from_value(&Value::Null).unwrap()
            };
            let mut found = Diagnostics::new();
            SynchronizationConfiguration::validate(&config.to_value(), &mut found);
            found.pop().map(|it| it.summary)
        };
        for name in [
            "MTO_Sync_8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264",
            "mto_sync_8B2E6D17-4F93-4A5C-B1D8-5E0C3A7F9264",
        ] {
            assert_eq!(said(name).as_deref(), Some(ADMIN_CENTERS), "{name}");
        }
        for name in ["MTO_Sync_", "MTO_Sync_Fabrikam", "Contoso to Fabrikam"] {
            assert_eq!(said(name), None, "{name}");
        }
    }

    #[tokio::test]
    async fn a_configuration_of_the_admin_center_is_not_imported() {
        use graph::testing::{Script, reply};

        let name = "MTO_Sync_8b2e6d17-4f93-4a5c-b1d8-5e0c3a7f9264";
        let script = Script::new(move |sent| {
            let principal = json!({ "id": "sp", "appId": "c", "displayName": name,
                "applicationTemplateId": CROSS_TENANT_TEMPLATE, "appRoles": [] });
            if sent.path.ends_with("$batch") {
                let requests = sent.body["requests"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                let one = |it: &Json| json!({ "id": it["id"], "status": 200, "body": principal });
                let answers: Vec<Json> = requests.iter().map(one).collect();
                return reply(200, &json!({ "responses": answers }));
            }
            reply(200, &principal)
        });
        let context = Context::new(script.client());
        let imported = SynchronizationConfiguration {
            service_principal_id: Some("sp".to_owned()),
            application_id: Some("a".to_owned()),
            ..SynchronizationConfiguration::from_value(&Value::Null).unwrap()
        };
        let refused = SynchronizationConfiguration::read(&context, &imported).await;
        assert!(matches!(refused, Err(Problem::Diagnostic(said)) if said.summary == ADMIN_CENTERS));
        // A managed configuration is read under any previous name.
        let managed = SynchronizationConfiguration {
            display_name: "Contoso to Fabrikam".to_owned(),
            ..imported
        };
        assert!(
            SynchronizationConfiguration::read(&context, &managed)
                .await
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn the_role_for_users_is_found() {
        let role = |name: &str, kind: &str| json!({ "id": name, "displayName": name, "isEnabled": true, "allowedMemberTypes": [kind] });
        let find = |roles: &[Json]| assignable_role(&json!({ "appRoles": roles }));
        assert_eq!(
            find(&[role("User", "User"), role("msiam_access", "User")]),
            Some("msiam_access".into())
        );
        assert_eq!(
            find(&[role("Robot", "Application"), role("User", "User")]),
            Some("User".into())
        );
        assert_eq!(find(&[role("Robot", "Application")]), None);
        assert_eq!(assignable_role(&json!({})), None);
    }

    /// 202 with a body without the IDs of application and service principal; the collection contains them after a delay.
    #[tokio::test(start_paused = true)]
    async fn what_an_answer_without_ids_has_made_is_found_by_its_name() {
        use graph::testing::{Script, reply};

        let planned = SynchronizationConfiguration {
            display_name: "To Fabrikam".to_owned(),
            ..SynchronizationConfiguration::from_value(&Value::Null).unwrap()
        };
        for answer in [
            json!({}),
            json!({ "status": "accepted", "servicePrincipal": { "id": null } }),
        ] {
            let found = json!({ "id": "sp", "appId": "c", "displayName": "To Fabrikam",
                "applicationTemplateId": CROSS_TENANT_TEMPLATE, "appRoles": [] });
            let (late, there) = (json!({ "value": [] }), json!({ "value": [found] }));
            let script = Script::of([reply(200, &late), reply(200, &late), reply(200, &there)]);
            let context = Context::new(script.client());
            let answer = planned.with_ids(&context, answer).await.unwrap();
            assert_eq!(
                planned.made(&answer).service_principal_id.as_deref(),
                Some("sp")
            );
        }
        let whole = json!({ "servicePrincipal": { "id": "sp" }, "application": { "id": "a" } });
        let context = Context::new(Script::of([]).client());
        assert_eq!(
            planned.with_ids(&context, whole.clone()).await.unwrap(),
            whole
        );
    }
}
