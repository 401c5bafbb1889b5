//! What a trial exchanged, as a file that tests replay and that may be shown to anybody.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::super::Failure;
use super::super::file::{self, Readers};
use super::super::json::document;
use super::fact::Fact;
use super::finding::Finding;
use super::redaction::Redaction;
use super::stage::{Side, Stage};
use graph::Redactor;

/// The transcript of one trial. Its form is documented in the guide and only ever grows.
pub(super) fn transcript(
    fact: &Fact,
    finding: &Finding,
    stage: &Stage,
    redaction: &mut Redaction,
) -> Json {
    let tenants = Side::BOTH.map(|side| redaction.address(stage.id(side)));
    let exchanges: Vec<Json> = stage
        .exchanges()
        .map(|(side, exchange)| {
            // The bodies first: they tell which names an address must not hold.
            let answer = redaction.body(&exchange.path, &exchange.response);
            let request = redaction.body(&exchange.path, &exchange.request);
            json!({
                "tenant": side.name(),
                "method": exchange.method,
                "path": redaction.address(&exchange.path),
                "query": redaction.address(&exchange.query),
                "status": exchange.status,
                "request_body": request,
                "response_body": answer,
            })
        })
        .collect();
    json!({
        "fact": fact.id,
        "statement": fact.statement,
        "holds": finding.holds,
        "seen": redaction.address(&finding.seen),
        "source": tenants[0],
        "target": tenants[1],
        "exchanges": exchanges,
    })
}

/// Writes it into `folder`, readable for its owner only until somebody has looked at it.
pub(super) fn write(
    folder: &Path,
    fact: &Fact,
    transcript: &Json,
    redactor: &Redactor,
) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!("{}.json", fact.id));
    let text = redactor.redact(&document(transcript));
    file::write(&path, text.as_bytes(), Readers::Owner)?;
    Ok(())
}
