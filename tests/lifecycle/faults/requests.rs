//! The number of requests of each operation without lag is exactly the number in `docs/internals/requests.md`.

use std::fmt::Write as _;

use futures::StreamExt;

use super::{OPERATIONS, Operation, Scenario, USUAL, all, begin, perform};

/// The number of requests of one operation without the sign-in; `None` if the operation is impossible.
async fn requests(scenario: Scenario, operation: Operation) -> Option<usize> {
    if operation == Operation::Update && scenario.changed.is_null() {
        return None;
    }
    let begun = begin(&scenario, operation).await;
    let outcome = perform(&begun, &scenario, operation, &begun.stored, USUAL).await;
    assert!(!outcome.failed(), "{}", outcome.text());
    let journal = begun.stage.journal().await;
    let is_request = |path: &str| path.starts_with("/v1.0/") || path.starts_with("/beta/");
    let sent = journal
        .iter()
        .filter(|entry| entry["batch"].is_null() && entry["path"].as_str().is_some_and(is_request));
    Some(sent.count())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_operation_takes_as_many_requests_as_documented() {
    let rows = all().into_iter().map(|scenario| async move {
        let mut row = format!("| `{}` |", scenario.type_name);
        for operation in OPERATIONS {
            let count = requests(scenario.clone(), operation).await;
            let count = count.map_or_else(|| "–".to_owned(), |count| count.to_string());
            let _ = write!(row, " {count} |");
        }
        row
    });
    let rows: Vec<String> = futures::stream::iter(rows).buffered(8).collect().await;
    let names = OPERATIONS
        .map(|operation| format!(" {operation:?} |"))
        .concat();
    let head = format!("| Resource |{names}\n|---|---|---|---|---|---|");
    let table = format!("{head}\n{}", rows.join("\n"));
    crate::reliability::says_on("requests.md", "operations", &table);
}
