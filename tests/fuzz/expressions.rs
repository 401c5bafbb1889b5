//! Expressions of attribute mappings: the provider's own reader and evaluator, and the emulator's.

use std::collections::BTreeMap;

use crosstenant::expression::{Expression, FUNCTIONS, Value, equivalent, evaluate, parse};
use serde_json::{Value as Json, json};

use crate::engine::scenarios::{Made, all};
use crate::engine::{Side, Stage, seed};
use crate::harness::Target;

/// The longest text an expression may yield, and something for escapes.
const LONGEST: usize = 128 * 1024;

/// An input is an expression.
pub struct Expressions {
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
    token: String,
    url: String,
    /// What serves the emulator's part.
    _stage: Stage,
    attributes: BTreeMap<String, Value>,
}

impl Expressions {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let (stage, url, token) = runtime.block_on(async {
            let stage = Stage::open(seed()).await;
            let scenario = all()
                .into_iter()
                .find(|one| one.type_name == "crosstenant_synchronization_schema")
                .unwrap();
            let made = Made::on(&stage, &scenario).await;
            let job =
                made.fill(&json!({ "principal": "@job.service_principal_id", "id": "@job.id" }));
            let text = |name: &str| job[name].as_str().unwrap().to_owned();
            let path = format!(
                "/v1.0/servicePrincipals/{}/synchronization/jobs/{}/schema/parseExpression",
                text("principal"),
                text("id")
            );
            let url = format!("{}{path}", stage.graph_url());
            let token = stage.token(Side::Source).await;
            (stage, url, token)
        });
        let attributes = [
            ("mail", Value::Text("ada@contoso.example".to_owned())),
            ("givenName", Value::Text("Ada".to_owned())),
            ("surname", Value::Text("Lovelace".to_owned())),
            (
                "otherMails",
                Value::List(vec!["a@b.example".to_owned(), "c@d.example".to_owned()]),
            ),
            (
                "employeeHireDate",
                Value::Text("2024-02-29T10:00:00Z".to_owned()),
            ),
            ("accountEnabled", Value::Boolean(true)),
        ];
        let attributes = attributes
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        Self {
            runtime,
            http: reqwest::Client::new(),
            token,
            url,
            _stage: stage,
            attributes,
        }
    }

    /// What the emulator makes of it.
    fn asked(&self, text: &str) -> String {
        let body = json!({ "expression": text, "testInputObject": { "properties": [{ "key": "givenName", "value": "Ada" }] } });
        self.runtime.block_on(async {
            let request = self
                .http
                .post(&self.url)
                .bearer_auth(&self.token)
                .json(&body);
            let answer = request.send().await.expect("the emulator answers");
            let status = answer.status();
            assert!(!status.is_server_error(), "{status}");
            let answer: Json = answer.json().await.unwrap();
            let result = answer["evaluationResult"].to_string();
            assert!(result.len() < 16 * LONGEST, "{} bytes", result.len());
            format!(
                "{status} {} {} {}",
                answer["parsingSucceeded"],
                answer["evaluationSucceeded"],
                answer["error"]["message"]
            )
        })
    }
}

/// What holds for everything that can be read.
fn is_sound(expression: &Expression, text: &str) {
    let written = expression.to_string();
    let again =
        parse(&written).unwrap_or_else(|why| panic!("{written:?} cannot be read again: {why:?}"));
    assert_eq!(again.to_string(), written, "one spelling");
    assert!(equivalent(text, &written));
    let back = Expression::from_source(&expression.to_source()).expect("Graph's form can be read");
    assert!(
        back.means_the_same_as(expression),
        "{written} became {back}"
    );
}

impl Target for Expressions {
    const NAME: &'static str = "expressions";

    fn samples(&mut self) -> Vec<Vec<u8>> {
        let samples = [
            "[mail]",
            "\"text\"",
            "Join(\", \", [surname], [givenName])",
            "IIF([givenName]=\"Ada\", \"yes\", IIF(IsPresent([mail]), \"mail\", [surname]))",
            "Switch([givenName], \"other\", \"Ada\", \"Countess\", \"Grace\", \"Admiral\")",
            "Replace([mail], , \"(?<name>.+)@.+\", , \"$1\", \"none\", )",
            "Mid([surname], 2, 3)",
            "FormatDateTime([employeeHireDate], , \"yyyy-MM-ddTHH:mm:ssZ\", \"dd.MM.yyyy\")",
            "DateAdd(\"ww\", 3, [employeeHireDate])",
            "Count([otherMails])",
            "Item([otherMails], 1)",
            "InStr([mail], \"@\", 1, vbTextCompare)",
            "SelectUniqueValue(Join(\"@\", [givenName], \"x\"), Join(\"@\", [surname], \"x\"))",
            "NormalizeDiacritics(ToLower(StripSpaces(\" É \")))",
            "PCase([surname])",
            "CBool([accountEnabled])",
            "BitAnd(&HF, 7)",
        ];
        samples.map(|text| text.as_bytes().to_vec()).into()
    }

    fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = FUNCTIONS
            .iter()
            .map(|function| format!("{}(", function.name))
            .collect();
        words.extend(
            [
                "[mail]",
                "[givenName]",
                "\"\"",
                "\"a\"",
                "<>",
                "<=",
                "&H7F",
                "True",
                "vbBinaryCompare",
                "(?<a>",
                "(a+)+$",
                "{1,9999}",
            ]
            .map(str::to_owned),
        );
        words
    }

    fn attempt(&mut self, input: &[u8]) -> String {
        let text = String::from_utf8_lossy(input).into_owned();
        let ours = match parse(&text) {
            Err(mistake) => {
                assert!(mistake.caret(&text).len() < 4 * text.len() + 10_000);
                format!("{mistake:?}")
            }
            Ok(expression) => {
                is_sound(&expression, &text);
                match evaluate(&expression, &self.attributes) {
                    Err(mistake) => {
                        let _ = mistake.caret(&text);
                        mistake.cause
                    }
                    Ok(value) => {
                        let length = format!("{value:?}").len();
                        assert!(length < LONGEST * 8, "{length} bytes");
                        format!("{:?}", std::mem::discriminant(&value))
                    }
                }
            }
        };
        // Long ones only make the emulator slow.
        if text.len() > 8_000 {
            return ours;
        }
        format!("{ours} {}", self.asked(&text))
    }
}
