//! Redacts transcripts so that they can be published: every ID, name, address and domain is replaced consistently.
//!
//! Everything is replaced unless it is known to be harmless: strings of responses are kept only in members whose values are terms of Graph.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::stage::PREFIX;

/// IDs of Microsoft, which are the same in every tenant.
const PUBLIC_IDS: [&str; 4] = [
    super::stage::TEMPLATE,
    "00000000-0000-0000-0000-000000000000",
    "18d14569-c3bd-439b-9a66-3a2aee01d14f",
    "3179e48a-750b-4051-897c-87b9720928f7",
];

/// The ID of a job without the IDs in it.
const JOB: &str = "Azure2Azure..";

/// Names of Microsoft.
const PUBLIC_NAMES: [&str; 3] = ["msiam_access", "User", "externalIdentitiesPolicy"];

/// Members whose values are terms of Graph. In schemas, all members are.
const WORDS: [&str; 22] = [
    "@odata.type",
    "accessType",
    "allowedMemberTypes",
    "arity",
    "code",
    "fallbackIdentityProvider",
    "key",
    "method",
    "primaryIdentityProviderPrecedenceOrder",
    "principalType",
    "role",
    "signInAudience",
    "smsSignInState",
    "state",
    "status",
    "target",
    "targetType",
    "templateId",
    "type",
    "userType",
    "provisioningAction",
    "value",
];

/// Members whose values are sentences that contain IDs and names.
const SENTENCES: [&str; 4] = [
    "message",
    "@odata.context",
    "expression",
    "parsedExpression",
];

/// Replaces values consistently within one run.
#[derive(Default)]
pub(super) struct Redaction {
    ids: HashMap<String, String>,
    /// Names, addresses and domains with their replacements.
    texts: HashMap<String, String>,
}

impl Redaction {
    /// Redacts the body of a request or response; `path` is the path of the request.
    pub(super) fn body(&mut self, path: &str, body: &Json) -> Json {
        let is_schema = path.contains("/schema");
        self.value("", body, is_schema)
    }

    /// Redacts a path or a query.
    pub(super) fn address(&mut self, text: &str) -> String {
        let mut plain = self.ids(text);
        let mut known: Vec<_> = self
            .texts
            .iter()
            .filter(|(text, _)| text.len() > 3)
            .collect();
        known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        for (text, stand_in) in known {
            plain = plain.replace(text.as_str(), stand_in);
        }
        plain
    }

    fn value(&mut self, member: &str, value: &Json, all_words: bool) -> Json {
        match value {
            Json::Object(members) => {
                let members = members.iter();
                let plain = members.map(|(name, value)| {
                    let value = self.value(name, value, all_words);
                    (self.name(name), value)
                });
                plain.collect()
            }
            Json::Array(items) => {
                let items = items.iter();
                items
                    .map(|item| self.value(member, item, all_words))
                    .collect()
            }
            Json::String(text) => self.text(member, text, all_words).into(),
            other => other.clone(),
        }
    }

    /// Member names are terms of Graph, except extensions, which contain the ID of an application.
    fn name(&mut self, name: &str) -> String {
        if name.starts_with("extension_") {
            return self.stand_in(name);
        }
        name.to_owned()
    }

    fn text(&mut self, member: &str, text: &str, all_words: bool) -> String {
        let is_plain = text.is_empty()
            || is_time(text)
            || text.starts_with(PREFIX)
            || PUBLIC_NAMES.contains(&text)
            || matches!(without_ids(text).as_str(), "" | JOB);
        let is_word = all_words
            || WORDS.contains(&member)
            || SENTENCES.contains(&member)
            || member == "name" && text.len() < 40 && !text.contains(['.', '@']);
        if is_plain {
            return self.ids(text);
        }
        if !is_word || text.contains('@') && !SENTENCES.contains(&member) && !all_words {
            return self.stand_in(text);
        }
        self.sentence(text)
    }

    /// Redacts a sentence of Graph: IDs, known names and everything that looks like an address.
    fn sentence(&mut self, text: &str) -> String {
        let plain = self.address(text);
        let is_address = |word: &str| word.contains('@') && !word.starts_with("@odata");
        let words = plain.split(' ');
        let words = words.map(|word| {
            if is_address(word) {
                self.stand_in(word)
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    fn stand_in(&mut self, text: &str) -> String {
        let number = self.texts.len() + 1;
        let stand_in = self.texts.entry(text.to_owned());
        stand_in.or_insert_with(|| format!("text-{number}")).clone()
    }

    /// Replaces IDs in a text, with and without hyphens.
    fn ids(&mut self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let found = id_at(rest).filter(|_| !plain.ends_with(|c: char| c.is_ascii_hexdigit()));
            if let Some(length) = found {
                plain.push_str(&self.id(&rest[..length]));
                rest = &rest[length..];
            } else {
                let length = rest.chars().next().map_or(0, char::len_utf8);
                plain.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
        plain
    }

    fn id(&mut self, id: &str) -> String {
        let hyphens = id.contains('-');
        let key = id.replace('-', "").to_ascii_lowercase();
        let is_public = PUBLIC_IDS
            .iter()
            .any(|public| public.replace('-', "") == key);
        if is_public {
            return id.to_owned();
        }
        let number = self.ids.len() + 1;
        let stand_in = self.ids.entry(key);
        let stand_in = stand_in.or_insert_with(|| format!("00000000-0000-4000-8000-{number:012}"));
        if hyphens {
            stand_in.clone()
        } else {
            stand_in.replace('-', "")
        }
    }
}

/// The length of the ID at the beginning of a text.
fn id_at(text: &str) -> Option<usize> {
    let hyphens = [8, 13, 18, 23];
    let fits = |length: usize, is_hyphen: &dyn Fn(usize) -> bool| {
        let bytes = text.as_bytes();
        let all = bytes.len() >= length
            && (0..length).all(|at| match bytes[at] {
                b'-' => is_hyphen(at),
                byte => byte.is_ascii_hexdigit() && !is_hyphen(at),
            });
        let ends = bytes
            .get(length)
            .is_none_or(|byte| !byte.is_ascii_hexdigit());
        (all && ends).then_some(length)
    };
    fits(36, &|at| hyphens.contains(&at)).or_else(|| fits(32, &|_| false))
}

/// A text without its IDs and the separators between them.
fn without_ids(text: &str) -> String {
    let mut left = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = id_at(rest).unwrap_or_else(|| {
            left.push(first);
            first.len_utf8()
        });
        rest = &rest[length..];
    }
    left
}

fn is_time(text: &str) -> bool {
    text.len() >= 10 && text.len() <= 35 && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_of_a_tenant_is_left_and_the_same_stays_the_same() {
        let mut redaction = Redaction::default();
        let user = "a1b2c3d4-0000-4000-8000-0000000000ff";
        let body = json!({ "value": [{
            "id": user, "displayName": "Ada Lovelace", "userPrincipalName": "ada@contoso.example",
            "businessPhones": ["+44 1"], "accountEnabled": true, "createdDateTime": "2026-01-02T03:04:05Z",
            "extension_a1b2c3d40000400080000000000000ff_desk": "7",
        }], "@odata.count": 1 });
        let plain = redaction.body("/v1.0/users", &body);
        let error = json!({ "error": { "code": "Request_BadRequest",
            "message": format!("User Ada Lovelace ({user}, other@contoso.example) of A1B2C3D40000400080000000000000FF.") } });
        let refused = redaction.body("/v1.0/users", &error);
        let path = redaction.address(&format!("/users/{user}"));
        let all = format!("{plain}{refused}{path}");
        for secret in ["Ada", "contoso", "+44", "a1b2c3d4", "A1B2", "_desk"] {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
        let id = plain["value"][0]["id"].as_str().unwrap();
        assert!(path.ends_with(id), "{path}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(id));
        assert_eq!(refused["error"]["code"], "Request_BadRequest");
        assert_eq!(plain["value"][0]["createdDateTime"], "2026-01-02T03:04:05Z");
        assert_eq!(plain["@odata.count"], 1);
        assert_eq!(redaction.body("/v1.0/users", &body), plain);
    }

    #[test]
    fn ours_and_public_things_stay() {
        let mut redaction = Redaction::default();
        let body = json!({ "displayName": "crosstenant-live renamed", "applicationTemplateId": PUBLIC_IDS[0],
            "appRoles": [{ "value": "msiam_access" }], "templateId": "Azure2Azure" });
        assert_eq!(redaction.body("/v1.0/applications", &body), body);
        let schema = json!({ "targetAttributeName": "userType", "source": { "expression": "Trim([mail])" } });
        assert_eq!(
            redaction.body(
                "/v1.0/servicePrincipals/1/synchronization/jobs/2/schema",
                &schema
            ),
            schema
        );
        let job =
            "Azure2Azure.0123456789abcdef0123456789abcdef.0a1b2c3d-0000-4000-8000-000000000001";
        let shown = redaction.body("/v1.0/jobs", &json!({ "id": job }));
        assert_eq!(
            json!(redaction.address(job)),
            shown["id"],
            "a path leads to it"
        );
        assert_eq!(
            redaction.address("/jobs/Azure2Azure.0123456789abcdef0123456789abcdef.x"),
            "/jobs/Azure2Azure.00000000000040008000000000000001.x"
        );
    }
}
