//! Creates the prerequisites of a scenario on a stage.

use crosstenant::terraform::Value;
use serde_json::{Value as Json, json};

use super::{Stage, Stored, USUAL, apply};

pub use crate::support::scenarios::*;

/// The prerequisites that were created on a stage.
pub struct Made(Vec<(&'static str, Stored)>);

impl Made {
    pub async fn on(stage: &Stage, scenario: &Scenario) -> Self {
        let mut made = Self(Vec::new());
        for ground in &scenario.ground {
            match ground {
                Ground::Deleted { side, path } => stage.delete(*side, path).await,
                Ground::Resource {
                    name,
                    side,
                    type_name,
                    config,
                } => {
                    let provider = stage.provider(*side, USUAL).await;
                    let config = made.fill(config);
                    let outcome = apply(&provider, type_name, &Stored::default(), &config).await;
                    made.0.push((name, outcome.succeeded()));
                }
            }
        }
        made
    }

    /// A configuration with its references resolved.
    pub fn fill(&self, config: &Json) -> Json {
        match config {
            Json::String(text) => {
                match text.strip_prefix('@').and_then(|path| path.split_once('.')) {
                    Some((name, attribute)) => {
                        let (_, stored) = self.0.iter().find(|(made, _)| *made == name).unwrap();
                        json!(stored.value.member(attribute).as_str())
                    }
                    None => config.clone(),
                }
            }
            Json::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Json::Object(members) => {
                let filled = members
                    .iter()
                    .map(|(name, json)| (name.clone(), self.fill(json)));
                Json::Object(filled.collect())
            }
            other => other.clone(),
        }
    }
}

impl Scenario {
    /// The import ID of the stored object.
    pub fn import_id(&self, stored: &Value) -> String {
        self.id_from(|name| stored.member(name).as_str().map(str::to_owned))
    }
}
