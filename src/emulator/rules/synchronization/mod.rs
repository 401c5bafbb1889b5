//! `/servicePrincipals/{id}/synchronization`: jobs, secrets, templates and schemas.

mod credentials;
mod jobs;
mod schema;
mod subjects;

use serde_json::{Value, json};

use super::applications;
use crate::call::Call;
use crate::odata::{self, Entity};
use crate::reply::{Answer, Refusal};
use crate::sync::clouds::TEMPLATE_ACROSS;
use crate::sync::template::TEMPLATE_APPLICATION;
use crate::sync::template::{self, TEMPLATE};

pub(crate) use credentials::{get_secrets, put_secrets, validate_existing, validate_new};
pub(crate) use jobs::{
    create_job, delete_job, get_job, list_jobs, pause, provision_on_demand, restart, start,
    update_job,
};
pub(crate) use schema::{
    directories, directory, discover, filter_operators, functions, get_schema, parse_expression,
    put_schema, reset_schema,
};

const TEMPLATE_ENTITY: Entity = Entity {
    name: "synchronizationTemplate",
    properties: &[
        "id",
        "applicationId",
        "default",
        "description",
        "discoverable",
        "factoryTag",
        "metadata",
    ],
    usual: &[],
    directory: false,
};

/// The service principal in the path. An app that may write only applications it owns must own it.
fn principal(call: &Call) -> Result<String, Refusal> {
    let id = applications::service_principal(call)?;
    applications::check_owner(call, &call.tenant().service_principals[&id])?;
    Ok(id)
}

/// The service principal in the path, if it is an instance of the gallery application.
fn instance(call: &Call) -> Result<String, Refusal> {
    let id = principal(call)?;
    let template = &call.tenant().service_principals[&id]["applicationTemplateId"];
    if *template != TEMPLATE_APPLICATION && *template != TEMPLATE_ACROSS {
        return Err(Refusal::bad(
            "The service principal does not support synchronization.",
        ));
    }
    Ok(id)
}

/// The index of the job in the path, if it is visible.
fn job(call: &Call) -> Result<usize, Refusal> {
    let principal = principal(call)?;
    let id = call.arg(1);
    let position = call
        .tenant()
        .job_position(&principal, id)
        .filter(|_| !call.hides(&format!("jobs/{id}")));
    position.ok_or_else(|| {
        Refusal::new(
            404,
            "JobNotFound",
            format!("The synchronization job '{id}' was not found."),
        )
    })
}

pub(crate) fn container(call: &mut Call) -> Answer {
    let id = principal(call)?;
    let body = json!({ "id": id, "secrets": credentials::masked(call.tenant().secrets.get(&id)) });
    odata::document(
        call,
        body,
        &format!("servicePrincipals('{id}')/synchronization/$entity"),
    )
}

/// Beta only; confirms that the service is available.
pub(crate) fn ping(call: &mut Call) -> Answer {
    principal(call)?;
    odata::document(call, json!({ "value": "" }), "Edm.String")
}

fn check_template(id: &str) -> Result<(), Refusal> {
    if id == TEMPLATE {
        Ok(())
    } else {
        Err(Refusal::new(
            404,
            "TemplateNotFound",
            format!("The synchronization template '{id}' was not found."),
        ))
    }
}

fn template_list(call: &Call) -> Answer {
    odata::list(
        call,
        std::iter::once(&template::template()),
        &TEMPLATE_ENTITY,
        "synchronization/templates",
    )
}

fn template_by_id(call: &Call) -> Answer {
    check_template(call.arg(1))?;
    odata::single(
        call,
        &template::template(),
        &TEMPLATE_ENTITY,
        "synchronization/templates",
    )
}

fn template_document(call: &Call) -> Answer {
    check_template(call.arg(1))?;
    let mut document = template::schema(
        &format!("{TEMPLATE}.{}", "0".repeat(32)),
        "v1.1",
        "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8",
    );
    document["directories"] = Value::Array(template::directories(&[], None));
    odata::document(call, document, "synchronization/templates/schema/$entity")
}

pub(crate) fn templates(call: &mut Call) -> Answer {
    instance(call)?;
    template_list(call)
}

pub(crate) fn template(call: &mut Call) -> Answer {
    instance(call)?;
    template_by_id(call)
}

pub(crate) fn template_schema(call: &mut Call) -> Answer {
    instance(call)?;
    template_document(call)
}

/// The same templates, addressed by the application.
pub(crate) fn application_templates(call: &mut Call) -> Answer {
    applications::application(call)?;
    template_list(call)
}

pub(crate) fn application_template(call: &mut Call) -> Answer {
    applications::application(call)?;
    template_by_id(call)
}

pub(crate) fn application_template_schema(call: &mut Call) -> Answer {
    applications::application(call)?;
    template_document(call)
}
