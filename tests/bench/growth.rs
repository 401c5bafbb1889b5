//! Growth of the cost of a plan with the number of resources, as a table and as a picture.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::support::{CONTOSO, Emulator, Workspace, project};
use crate::{Measured, assigned, id, megabytes, with_assigned};

const COUNTS: [usize; 4] = [10, 100, 1_000, 10_000];

/// One size of a configuration, and the cost of its plan.
struct Point {
    resources: f64,
    /// Duration of the whole command, in milliseconds.
    wall: f64,
    /// Time that the CLI needs to plan as many built-in resources, in milliseconds.
    alone: f64,
    requests: usize,
    /// Processor time of the provider, in milliseconds.
    processor: f64,
    /// Peak memory of the provider, in megabytes.
    memory: f64,
}

/// A line of the picture: color, name, offset of the name below its end, and the quantity of a point.
type Line = (&'static str, &'static str, f64, fn(&Point) -> f64);

/// Measures without latency, so that only computation counts.
pub fn section() -> String {
    let points: Vec<Point> = COUNTS.iter().map(|count| measure(*count)).collect();
    let mut text = String::from(
        "\n## Growth\n\nA plan of single assignments without latency: what the CLI and the provider do themselves. What each resource \
         takes is the difference to the smallest plan, divided by the resources that there are more. Beside it the plan of as many \
         `terraform_data`, which ask no provider: what the CLI takes whatever the provider does.\n\n\
         | resources | plan, ms | CLI alone, ms | requests | processor time of the provider, ms | memory of the provider, MB | per resource: plan, ms | \
         processor time, ms | memory, kB |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for point in &points {
        let _ = writeln!(text, "{}", row(point, &points[0]));
    }
    std::fs::write(project("docs/internals/performance.svg"), plot(&points)).unwrap();
    text.push_str("\n![Growth of a plan: time, processor time and memory by number of resources, all axes logarithmic](performance.svg)\n");
    text
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
fn measure(count: usize) -> Point {
    let folder = tempfile::tempdir().unwrap();
    let (emulator, workspace, principal) = with_assigned(count, folder.path());
    let import = format!(
        "{}\nimport {{\n  to = crosstenant_app_role_assignment.it[0]\n  id = \"{principal}/{}\"\n}}\n",
        assigned(1),
        id(0)
    );
    workspace.write("main.tf", &import);
    workspace.apply().succeeded();
    know_all(&emulator, &workspace, count);
    workspace.write("main.tf", &assigned(count));
    let mut plan = Measured::default();
    plan.run(
        &emulator,
        &workspace,
        &["plan", "-input=false", "-detailed-exitcode"],
    );
    Point {
        resources: count as f64,
        wall: plan.times[0],
        alone: alone(&emulator, count),
        requests: plan.requests,
        processor: plan.processor,
        memory: megabytes(plan.memory),
    }
}

/// The same plan without any provider.
fn alone(emulator: &Emulator, count: usize) -> f64 {
    let main = format!(
        "resource \"terraform_data\" \"it\" {{\n  count = {count}\n  input = format(\"c2000000-0000-4000-8000-%012d\", count.index)\n}}\n"
    );
    let workspace = Workspace::new(emulator, &main);
    let instance = |number: usize| {
        let input = json!({ "value": id(number), "type": "string" });
        let attributes =
            json!({ "id": id(number), "input": input, "output": input, "triggers_replace": null });
        json!({ "index_key": number, "schema_version": 0, "attributes": attributes })
    };
    let resource = json!({
        "mode": "managed", "type": "terraform_data", "name": "it",
        "provider": "provider[\"terraform.io/builtin/terraform\"]",
        "instances": (0..count).map(instance).collect::<Vec<_>>(),
    });
    let state = json!({
        "version": 4, "terraform_version": "1.8.0", "serial": 1, "lineage": id(0), "outputs": {}, "resources": [resource],
    });
    workspace.write("terraform.tfstate", &state.to_string());
    let mut plan = Measured::default();
    plan.run(
        emulator,
        &workspace,
        &["plan", "-input=false", "-detailed-exitcode"],
    );
    plan.times[0]
}

/// Extends a state with one assignment to all assignments: applying that many would measure how the CLI writes states.
fn know_all(emulator: &Emulator, workspace: &Workspace, count: usize) {
    let text = std::fs::read_to_string(workspace.folder.path().join("terraform.tfstate")).unwrap();
    let mut state: Json = serde_json::from_str(&text).unwrap();
    let tenant = emulator.tenant(CONTOSO);
    let assignments = tenant["assignments"].as_object().unwrap().values();
    let by_principal: HashMap<&str, &Json> = assignments
        .map(|assignment| (assignment["principalId"].as_str().unwrap(), assignment))
        .collect();
    let resources = state["resources"].as_array_mut().unwrap();
    let resource = resources
        .iter_mut()
        .find(|resource| resource["type"] == "crosstenant_app_role_assignment")
        .unwrap();
    let first = resource["instances"][0].clone();
    let instance = |number: usize| {
        let assignment = by_principal[id(number).as_str()];
        let mut instance = first.clone();
        instance["index_key"] = json!(number);
        let attributes = &mut instance["attributes"];
        attributes["id"] = assignment["id"].clone();
        attributes["principal_object_id"] = assignment["principalId"].clone();
        attributes["principal_display_name"] = assignment["principalDisplayName"].clone();
        instance
    };
    resource["instances"] = (0..count).map(instance).collect();
    workspace.write("terraform.tfstate", &state.to_string());
}

fn row(point: &Point, smallest: &Point) -> String {
    let more = point.resources - smallest.resources;
    let each = |now: f64, then: f64| {
        if more > 0.0 {
            format!("{:.2}", (now - then).max(0.0) / more)
        } else {
            String::new()
        }
    };
    format!(
        "| {} | {:.0} | {:.0} | {} | {:.0} | {:.1} | {} | {} | {} |",
        point.resources,
        point.wall,
        point.alone,
        point.requests,
        point.processor,
        point.memory,
        each(point.wall, smallest.wall),
        each(point.processor, smallest.processor),
        each(point.memory * 1000.0, smallest.memory * 1000.0),
    )
}

/// Bounds of the plot area.
const LEFT: f64 = 60.0;
const RIGHT: f64 = 540.0;
const TOP: f64 = 35.0;
const BOTTOM: f64 = 260.0;

fn across(resources: f64) -> f64 {
    LEFT + (resources.log10() - 0.8) / 3.4 * (RIGHT - LEFT)
}

/// Vertical position on a logarithmic axis from one to a hundred thousand.
fn up(number: f64) -> f64 {
    BOTTOM - number.max(1.0).log10() / 5.0 * (BOTTOM - TOP)
}

fn plot(points: &[Point]) -> String {
    let mut svg = String::from(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 300\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"720\" height=\"300\" fill=\"white\"/>\n\
         <text x=\"300\" y=\"20\" text-anchor=\"middle\">plan by number of resources</text>\n",
    );
    for count in COUNTS {
        let x = across(f64::from(u32::try_from(count).unwrap()));
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{BOTTOM}\" stroke=\"#ddd\"/>\
             <text x=\"{x:.1}\" y=\"278\" text-anchor=\"middle\">{count}</text>"
        );
    }
    for power in 0..=5 {
        let number = 10_u32.pow(power);
        let y = up(f64::from(number));
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
             <text x=\"52\" y=\"{:.1}\" text-anchor=\"end\">{number}</text>",
            y + 4.0
        );
    }
    let lines: [Line; 4] = [
        ("#0b5fff", "whole command, ms", 0.0, |point| point.wall),
        ("#868e96", "CLI alone, ms", 15.0, |point| point.alone),
        ("#d9480f", "provider, ms of processor", 0.0, |point| {
            point.processor
        }),
        ("#2b8a3e", "provider, MB", 0.0, |point| point.memory),
    ];
    for line in lines {
        svg.push_str(&curve(points, line));
    }
    svg.push_str("</svg>\n");
    svg
}

/// The points of one quantity, connected, with the name at the end.
fn curve(points: &[Point], (color, name, below, of): Line) -> String {
    let places: Vec<(f64, f64)> = points
        .iter()
        .map(|point| (across(point.resources), up(of(point))))
        .collect();
    let line: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let mut svg = format!(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>\n",
        line.join(" ")
    );
    for (x, y) in &places {
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{color}\"/>"
        );
    }
    let (_, y) = places[places.len() - 1];
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{:.1}\" fill=\"{color}\">{name}</text>",
        RIGHT + 8.0,
        y + 4.0 + below
    );
    svg
}
