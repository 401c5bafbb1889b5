//! Lets Graph evaluate an expression for a sample user.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::paths::schema_path;
use sdk::prelude::*;

attributes! {
    /// Parses an expression of the mapping language with Microsoft Graph and evaluates it for given attribute values.
    ///
    /// A mistake in the expression does not fail the data source. `error` contains the message from Graph, so that
    /// `check` blocks and conditions can test it.
    pub struct ExpressionTest {
        /// Object ID of the service principal that the job belongs to.
        service_principal_id: String = required().guid(),
        /// ID of a provisioning job. The job is not changed.
        job_id: String = required().check(Check::NotEmpty),
        /// Expression in the mapping language.
        expression: String,
        /// Values of the attributes that the expression reads, by name.
        attributes: Option<BTreeMap<String, String>>,
        /// Whether Graph accepts the expression.
        parsed: Option<bool> = read_only(),
        /// Value of the expression. Null if there is no value or more than one.
        result: Option<String> = read_only(),
        /// All values of the expression.
        results: Option<Vec<String>> = read_only(),
        /// Error message from Graph. Null if the expression is valid.
        error: Option<String> = read_only(),
    }
}

impl DataSource for ExpressionTest {
    const NAME: &'static str = "expression_test";
    const TASK: Task = Task::Synchronization;
    const CALLS: Calls =
        &["POST /servicePrincipals/{id}/synchronization/jobs/{id}/schema/parseExpression"];

    async fn read(context: &Context, config: &Self) -> Result<Self> {
        let schema = schema_path(&config.service_principal_id, &config.job_id);
        let path = format!("{schema}/parseExpression");
        let answer = context
            .graph
            .post(&path, &config.question(), Resend::Safe)
            .await?;
        Ok(config.answered(&answer))
    }
}

impl ExpressionTest {
    fn question(&self) -> Json {
        let given = self.attributes.iter().flatten();
        let properties: Vec<Json> = given
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        json!({
            "expression": self.expression,
            "testInputObject": { "definition": { "name": "User", "attributes": [] }, "properties": properties },
            "targetAttributeDefinition": null,
        })
    }

    fn answered(&self, answer: &Json) -> Self {
        let is = |member: &str| answer[member].as_bool().unwrap_or(false);
        let words = |value: &Json| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let results: Vec<String> = answer["evaluationResult"]
            .as_array()
            .into_iter()
            .flatten()
            .map(words)
            .collect();
        let succeeded = is("parsingSucceeded") && is("evaluationSucceeded");
        let said = text(&answer["error"], "message").or_else(|| text(&answer["error"], "code"));
        let silent = || "Microsoft Graph did not return an error message.".to_owned();
        Self {
            parsed: Some(is("parsingSucceeded")),
            result: match results.as_slice() {
                [only] => Some(only.clone()),
                _ => None,
            },
            results: Some(results),
            error: (!succeeded).then(|| said.unwrap_or_else(silent)),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test() -> ExpressionTest {
        ExpressionTest {
            attributes: Some(BTreeMap::from([("mail".to_owned(), "a@b".to_owned())])),
            ..ExpressionTest::from_value(&Value::Null).unwrap()
        }
    }

    #[test]
    fn answers_are_distinguished() {
        let answered = |parsing: bool, evaluation: bool, results: &[&str], error: Json| {
            let answer = json!({ "parsingSucceeded": parsing, "evaluationSucceeded": evaluation,
                "evaluationResult": results, "error": error });
            let answer = test().answered(&answer);
            (answer.parsed.unwrap(), answer.result, answer.error)
        };
        let error = json!({ "code": "c", "message": "Column 1" });
        assert_eq!(
            answered(true, true, &["x"], Json::Null),
            (true, Some("x".to_owned()), None)
        );
        assert_eq!(
            answered(true, true, &["x", "y"], Json::Null),
            (true, None, None)
        );
        assert_eq!(
            answered(false, false, &[], error),
            (false, None, Some("Column 1".to_owned()))
        );
        let silent = answered(true, false, &[], Json::Null).2.unwrap();
        assert!(silent.contains("did not return"), "{silent}");
    }

    #[test]
    fn the_question_carries_the_attributes() {
        assert_eq!(
            test().question()["testInputObject"]["properties"],
            json!([{ "key": "mail", "value": "a@b" }])
        );
    }
}
