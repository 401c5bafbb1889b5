//! Writes the exchanges of a test to a file that can be replayed and published.

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

/// The transcript of one test. Its format is documented in the guide, and members are only ever added.
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
            // The bodies come first, because they contain the names that must be redacted in the address.
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

/// Writes the transcript to `folder`, readable only by its owner until it was reviewed.
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
