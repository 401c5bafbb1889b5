//! Reads one object as Terraform would: imports and refreshes it, generates its configuration, and checks the plan.

use std::sync::atomic::Ordering;

use serde_json::{Map, Value as Json};

use super::problems::error_texts;
use super::{Called, Reader};
use crate::export::exported_types::is_default;
use crate::json::json;
use crate::snapshot::Object;
use sdk::PREFIX;
use terraform::{
    self, Attribute, Capabilities, Kind, PlanRequest, Provider as _, ReadRequest, Value, has_errors,
};

impl Reader<'_, '_> {
    /// The object of a type with this `id`. `None` if it does not exist, if it contains only defaults, or if it cannot be read, which is
    /// recorded.
    pub(super) async fn object(&self, name: &str, id: String, called: Called) -> Option<Object> {
        let _turn = self.turn(name).await;
        let type_name = format!("{PREFIX}_{name}");
        let resource = self.tenant.provider().resource(&type_name)?;
        self.bar.begin(name);
        let taken = imported(resource, &id).await;
        self.bar.end();
        if taken.is_ok() {
            self.answered.store(true, Ordering::Relaxed);
        }
        match taken {
            Ok(None) => None,
            Ok(Some((state, config))) => {
                let object = Object {
                    identity: resource
                        .identity()
                        .map_or(Json::Null, |identity| json(&identity.of(&state))),
                    type_name,
                    import_id: id,
                    display_name: called.name,
                    configuration: called.configuration,
                    config: members(&resource.schema().attributes, &config),
                    state: members(&resource.schema().attributes, &state),
                };
                (!is_default(name, &object.config)).then_some(object)
            }
            Err(why) => {
                self.record_problem(name, Some(called.name.unwrap_or(id)), &why);
                None
            }
        }
    }
}

/// The state and the configuration of an existing object.
async fn imported(
    resource: &dyn terraform::Resource,
    id: &str,
) -> Result<Option<(Value, Value)>, String> {
    let imported = resource.import(id.to_owned()).await;
    let imported = imported.map_err(|problems| error_texts(&problems))?;
    let request = ReadRequest {
        current: imported.state,
        // Without the private state of an import, an object that was deleted since it was listed is not an error.
        private: Vec::new(),
    };
    let read = resource.read(request).await;
    if has_errors(&read.diagnostics) {
        return Err(error_texts(&read.diagnostics));
    }
    if read.state.is_null() {
        return Ok(None);
    }
    let config = resource.generate(&read.state);
    has_empty_plan(resource, id, &read.state, &config).await?;
    Ok(Some((read.state, config)))
}

/// Whether the plan with this configuration is empty. Graph can contain values that cannot be written.
async fn has_empty_plan(
    resource: &dyn terraform::Resource,
    id: &str,
    state: &Value,
    config: &Value,
) -> Result<(), String> {
    let found = resource.validate(config, Capabilities::default());
    if has_errors(&found) {
        return Err(format!(
            "Microsoft Graph returned a value that a configuration cannot contain: {}\nTo manage the object anyway, \
            write its resource with the values that you want, and import it as \"{id}\". The plan then shows the \
            changes.",
            error_texts(&found)
        ));
    }
    let request = PlanRequest {
        prior: state.clone(),
        config: config.clone(),
        private: Vec::new(),
    };
    let plan = resource.plan(request).await;
    if has_errors(&plan.diagnostics) {
        return Err(format!(
            "No plan can contain these values: {}",
            error_texts(&plan.diagnostics)
        ));
    }
    if plan.planned != *state {
        return Err(
            "No configuration leaves the object unchanged. Please report this with the debug log."
                .to_owned(),
        );
    }
    Ok(())
}

/// The members of an object in the order of the reference, without null and sensitive ones.
fn members(attributes: &[Attribute], object: &Value) -> Map<String, Json> {
    let shown = attributes
        .iter()
        .filter(|attribute| !attribute.rules.sensitive && !attribute.rules.write_only);
    let members = shown.filter_map(|attribute| {
        let value = object.member(attribute.name);
        (!value.is_null()).then(|| (attribute.name.to_owned(), ordered(&attribute.kind, value)))
    });
    members.collect()
}

fn ordered(kind: &Kind, value: &Value) -> Json {
    match (kind, value) {
        (Kind::Object(attributes), Value::Object(_)) => Json::Object(members(attributes, value)),
        (Kind::List(of) | Kind::Set(of), Value::List(elements) | Value::Set(elements)) => elements
            .iter()
            .map(|element| ordered(of, element))
            .collect(),
        (Kind::Map(of), Value::Map(elements)) => Json::Object(
            elements
                .iter()
                .map(|(name, element)| (name.to_string(), ordered(of, element)))
                .collect(),
        ),
        (_, value) => json(value),
    }
}
