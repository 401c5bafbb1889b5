//! Performance aims of the project next to the measured values, which are read from the tables of the page so that they cannot differ.

use std::fmt::Write as _;

/// One row of the table.
struct Aim {
    /// The row of the page that this aim refers to.
    row: &'static str,
    /// The results of other providers for the same kind of run, measured once.
    peers: &'static str,
    limits: &'static [Limit],
}

/// The maximum for a column.
struct Limit {
    /// Heading of the column; empty for a table of single values.
    column: &'static str,
    unit: &'static str,
    most: Most,
}

enum Most {
    Fixed(f64),
    /// This much more than another row.
    More(f64, &'static str),
    /// This many times the value of another row.
    Times(f64, &'static str),
}

const fn at_most(column: &'static str, most: f64) -> Limit {
    Limit {
        column,
        unit: unit(column),
        most: Most::Fixed(most),
    }
}

/// The unit of a column, which is its heading if that is short.
const fn unit(column: &'static str) -> &'static str {
    match column.as_bytes() {
        b"" => "ms",
        b"processor time of the provider, ms" => "ms of processor time",
        _ => column,
    }
}

const AIMS: &[Aim] = &[
    Aim {
        row: "plan 500",
        peers: "500 requests, 3,700–5,200 ms; a provider in Go that does nothing: 1,360 ms",
        limits: &[at_most("requests", 3.0), at_most("ms", 1360.0)],
    },
    Aim {
        row: "plan 500 at 150ms",
        peers: "8,900 ms",
        limits: &[Limit {
            column: "ms",
            unit: "ms",
            most: Most::More(500.0, "plan 500"),
        }],
    },
    Aim {
        row: "plan 200 partners",
        peers: "600 requests",
        limits: &[at_most("requests", 5.0)],
    },
    Aim {
        row: "create 500",
        peers: "1,500 requests, 13,300 ms",
        limits: &[at_most("requests", 520.0), at_most("ms", 4500.0)],
    },
    Aim {
        row: "create a map of 5000",
        peers: "none has one",
        limits: &[
            at_most("requests", 260.0),
            at_most("ms", 30_000.0),
            at_most("MB", 60.0),
        ],
    },
    Aim {
        row: "create a map of 2500",
        peers: "none has one",
        limits: &[at_most("ms", 15_000.0)],
    },
    Aim {
        row: "plan a map of 5000",
        peers: "none has one",
        limits: &[at_most("ms", 3000.0)],
    },
    Aim {
        row: "plan a map of 50000, imported",
        peers: "none has one",
        limits: &[
            at_most("requests", 55.0),
            at_most("ms", 60_000.0),
            at_most("MB", 150.0),
            Limit {
                column: "processor time of the provider, ms",
                unit: unit("processor time of the provider, ms"),
                // Linear growth, with a fifth for noise.
                most: Most::Times(12.0, "plan a map of 5000, imported"),
            },
        ],
    },
    Aim {
        row: "preview 50000",
        peers: "none has a preview",
        limits: &[
            at_most("requests to the source", 60.0),
            at_most("requests to the target", 60.0),
            at_most("processor time of the provider, ms", 3000.0),
            at_most("MB", 150.0),
        ],
    },
    Aim {
        row: "create a job, tested and started",
        peers: "9 requests, 21,000 ms",
        limits: &[at_most("requests", 5.0), at_most("ms", 600.0)],
    },
    Aim {
        row: "a missing permission is reported",
        peers: "247,000 ms",
        limits: &[at_most("requests", 1.0)],
    },
    Aim {
        row: "process start to handshake, mutual TLS",
        peers: "18.8 ms; a minimal provider in Go: 12.2 ms",
        limits: &[Limit {
            column: "",
            unit: "ms",
            // The start time of any process varies between machines, and over hours on one machine.
            most: Most::Times(
                2.0,
                "start and end of `true`, which does nothing: the machine",
            ),
        }],
    },
    Aim {
        row: "schema call",
        peers: "9.6 ms",
        limits: &[at_most("", 2.0)],
    },
    Aim {
        row: "plan 500",
        peers: "79 MB; a minimal provider in Go: 17.9 MB",
        limits: &[at_most("MB", 20.0)],
    },
    Aim {
        row: "from an edit of a resource to the end of its lifecycle test",
        peers: "not measured",
        limits: &[at_most("ms", 15_000.0)],
    },
    Aim {
        row: "size of the binary",
        peers: "not measured",
        limits: &[Limit {
            column: "",
            unit: "MB",
            most: Most::Fixed(15.0),
        }],
    },
];

/// The section of the page, computed from its other sections.
pub fn section(page: &str) -> String {
    let mut text = String::from(
        "## Aims\n\nThe measured values come from the tables below, which explain them. The values of other providers were measured once, \
         in the same kind of run on a machine with two cores, 50 ms latency and parallelism 10. Unless another provider is named, they are \
         those of `azuread`. `make bench` does not measure them again.\n\n\
         | | aim | measured | reached | others |\n|---|---|---|---|---|\n",
    );
    for aim in AIMS {
        for limit in aim.limits {
            let _ = writeln!(text, "{}", line(page, aim, limit));
        }
    }
    text
}

fn line(page: &str, aim: &Aim, limit: &Limit) -> String {
    let most = most(page, limit);
    let measured = cell(page, aim.row, limit.column);
    let reached = match (measured, most) {
        (Some(measured), Some(most)) if measured <= most => "yes",
        (Some(_), Some(_)) => "no",
        _ => "not measured",
    };
    let shown = |number: Option<f64>| {
        number.map_or("–".to_owned(), |number| {
            // Further digits of a multiple of a measurement are meaningless.
            ((number * 10.0).round() / 10.0).to_string()
        })
    };
    format!(
        "| {} | ≤ {} {} | {} | {reached} | {} |",
        aim.row,
        shown(most),
        limit.unit,
        shown(measured),
        aim.peers
    )
}

fn most(page: &str, limit: &Limit) -> Option<f64> {
    match limit.most {
        Most::Fixed(most) => Some(most),
        Most::More(more, row) => Some(cell(page, row, limit.column)? + more),
        Most::Times(times, row) => Some(cell(page, row, limit.column)? * times),
    }
}

/// The number in a column of the row with this name. If there are several such rows, the last one with this column.
fn cell(page: &str, row: &str, column: &str) -> Option<f64> {
    let mut head = Vec::new();
    let mut found = None;
    let mut before = "";
    for line in page.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if line.starts_with("|---") {
            head = before.trim_matches('|').split('|').map(str::trim).collect();
        } else if line.starts_with('|') && cells[0] == row {
            let place = head.iter().rposition(|name| *name == column);
            let number = place
                .filter(|place| *place > 0)
                .and_then(|place| cells.get(place))
                .and_then(|cell| cell.split_whitespace().next()?.parse().ok());
            found = number.or(found);
        }
        before = line;
    }
    found
}
