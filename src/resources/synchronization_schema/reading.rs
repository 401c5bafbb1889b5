//! Expressions that only Microsoft Graph can parse: it returns the tree that the schema stores.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::part::Objects;
use super::{SynchronizationSchema, document};
use sdk::prelude::*;

/// Trees by the text of their expression.
pub(super) type Read = BTreeMap<String, Json>;

impl SynchronizationSchema {
    /// Returns the trees of all expressions that this provider cannot parse and need not validate. Trees in the live schema are reused;
    /// Graph parses the others.
    pub(super) async fn read_by_graph(&self, context: &Context, live: &Json) -> Result<Read> {
        let mut read = Read::new();
        for objects in Objects::ALL {
            let part = self.part(objects);
            for (target, mapping) in part.mappings.iter().flatten() {
                let Some(text) = mapping.unread() else {
                    continue;
                };
                let mappings = document::mappings(live, objects);
                let mut sources = mappings.map(|(_, mapping)| &mapping["source"]);
                let stored =
                    sources.find(|source| expression::equivalent(&document::text_of(source), text));
                let source = if let Some(source) = stored {
                    source.clone()
                } else {
                    let at = Path::root(objects.mappings()).key(target);
                    self.parsed_by_graph(context, objects, &at, text).await?
                };
                read.insert(text.to_owned(), source);
            }
        }
        Ok(read)
    }

    async fn parsed_by_graph(
        &self,
        context: &Context,
        objects: Objects,
        at: &Path,
        text: &str,
    ) -> Result<Json> {
        let path = format!("{}/parseExpression", self.path());
        let question = json!({
            "expression": text,
            "testInputObject": { "definition": { "name": objects.kind(), "attributes": [] }, "properties": [] },
            "targetAttributeDefinition": null,
        });
        let mut answer = context.graph.post(&path, &question, Resend::Safe).await?;
        let parsed = answer["parsedExpression"].take();
        if answer["parsingSucceeded"] == true && parsed.is_object() {
            return Ok(parsed);
        }
        let said = sdk::prelude::text(&answer["error"], "message")
            .unwrap_or_else(|| "It did not return an error message.".to_owned());
        let detail = format!(
            "Microsoft Graph does not accept the expression at `{at}`: {said} Nothing was changed."
        );
        let summary = "Microsoft Graph refuses the expression";
        let at = at.attribute("expression");
        Err(Diagnostic::error(summary, detail).at(at).into())
    }
}
