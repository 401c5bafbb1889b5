//! Lifecycles of resources in real tenants, through the provider, with the calls of Terraform: create, plan again, import, destroy.

use super::finding::{Finding, Obstacle, judged, obstacle};
use super::stage::{Side, Stage};
use terraform::{
    Apply, Capabilities, Diagnostics, PlanRequest, Provider as _, ReadRequest, Resource, Severity,
    Value, has_errors,
};

/// An object as stored in the state.
struct Stored {
    value: Value,
    private: Vec<u8>,
}

/// Runs the lifecycle. The import ID consists of the attributes in `import`, joined by slashes.
pub(super) async fn life(
    stage: &Stage,
    side: Side,
    name: &str,
    values: &[(&str, Value)],
    import: &[&str],
) -> Result<Finding, Obstacle> {
    let type_name = format!("{}_{name}", sdk::PREFIX);
    let provider = stage.provider(side);
    let Some(resource) = provider.resource(&type_name) else {
        return obstacle(format!("the provider has no {type_name}"));
    };
    let mut config = resource.schema().empty_object();
    for (attribute, value) in values {
        config.set_member(attribute, value.clone());
    }
    let nothing = Stored {
        value: Value::Null,
        private: Vec::new(),
    };
    let created = match applied(resource, &nothing, &config).await {
        Ok(created) => created,
        Err(why) => return judged(false, format!("create: {why}")),
    };
    let seen = used(resource, &created, &config, import).await;
    let destroyed = applied(resource, &created, &Value::Null).await.map(drop);
    match seen.and(destroyed.map_err(|why| format!("destroy: {why}"))) {
        Ok(()) => judged(
            true,
            "created, planned without a difference, imported, destroyed",
        ),
        Err(why) => judged(false, why),
    }
}

/// Checks that the object is as configured and can be imported.
async fn used(
    resource: &dyn Resource,
    created: &Stored,
    config: &Value,
    import: &[&str],
) -> Result<(), String> {
    let read = resource.read(ReadRequest {
        current: created.value.clone(),
        private: created.private.clone(),
    });
    let read = read.await;
    succeeded(&read.diagnostics).map_err(|why| format!("read: {why}"))?;
    let seen = Stored {
        value: read.state,
        private: read.private,
    };
    let plan = resource.plan(request(&seen, config)).await;
    succeeded(&plan.diagnostics).map_err(|why| format!("plan: {why}"))?;
    if plan.planned != seen.value {
        return Err("the plan after the creation is not empty".to_owned());
    }
    let parts = import
        .iter()
        .map(|name| seen.value.member(name).as_str().unwrap_or_default());
    let id = parts.collect::<Vec<_>>().join("/");
    let imported = resource.import(id).await;
    let imported = imported.map_err(|problems| format!("import: {}", error_text(&problems)))?;
    let found = resource.read(ReadRequest {
        current: imported.state,
        private: imported.private,
    });
    let found = found.await;
    succeeded(&found.diagnostics).map_err(|why| format!("import: {why}"))?;
    if found.state.is_null() {
        return Err("import: there is no such object".to_owned());
    }
    Ok(())
}

/// Plans and applies; a null `config` destroys.
async fn applied(
    resource: &dyn Resource,
    stored: &Stored,
    config: &Value,
) -> Result<Stored, String> {
    if !config.is_null() {
        succeeded(&resource.validate(config, Capabilities::default()))?;
    }
    let plan = resource.plan(request(stored, config)).await;
    succeeded(&plan.diagnostics)?;
    let applied = resource.apply(Apply {
        prior: stored.value.clone(),
        planned: plan.planned,
        config: config.clone(),
        private: plan.private,
    });
    let applied = applied.await;
    succeeded(&applied.diagnostics)?;
    Ok(Stored {
        value: applied.state,
        private: applied.private,
    })
}

fn request(stored: &Stored, config: &Value) -> PlanRequest {
    PlanRequest {
        prior: stored.value.clone(),
        config: config.clone(),
        private: stored.private.clone(),
    }
}

fn succeeded(said: &Diagnostics) -> Result<(), String> {
    if has_errors(said) {
        Err(error_text(said))
    } else {
        Ok(())
    }
}

fn error_text(said: &Diagnostics) -> String {
    let errors = said.iter().filter(|one| one.severity == Severity::Error);
    let texts = errors.map(|error| format!("{}: {}", error.summary, error.detail));
    texts.collect::<Vec<_>>().join(" ")
}
