//! Writes an image as SVG: one file without scripts or external resources, readable on light and dark pages.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::layout::Curve;
use super::picture::{Badge, Box, Kind, Line, Picture, Text, drawn};
use super::topology::Topology;
use super::words;

type Xml = Writer<Vec<u8>>;

/// Colors of medium brightness on a background of their own; states differ in their dashes as well.
const STYLE: &str = "
text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif;font-size:12px;fill:#1f2328}
.paper{fill:#ffffff}.title{font-size:20px;font-weight:600}.heading{font-size:14px;font-weight:600}
.name{font-size:14px;font-weight:600}.id{font-size:9.5px}.id,.dim{fill:#59636e}
.box{fill:#f6f8fa;stroke:#59636e;stroke-width:1.6}.mentioned{stroke-dasharray:5 3}
path{fill:none}.partners{stroke:#8c959f;stroke-width:1.4}.half{stroke-dasharray:4 4}
.sync{stroke-width:2.8}.number{fill:#ffffff;font-size:11px;font-weight:600}
path.running{stroke:#1a7f37}path.on{stroke:#6e7781}path.initial{stroke:#0969da}path.unknown{stroke:#8c959f}
path.paused{stroke:#9a6700}path.quarantined{stroke:#cf222e}path.paused,path.unknown{stroke-dasharray:9 4}
path.initial{stroke-dasharray:14 3}
text.running{fill:#1a7f37}text.initial{fill:#0969da}text.paused{fill:#9a6700}text.quarantined{fill:#cf222e}
.badge.running,path.tip.running{fill:#1a7f37}.badge.on,path.tip.on{fill:#6e7781}
.badge.initial,path.tip.initial{fill:#0969da}.badge.unknown,path.tip.unknown{fill:#8c959f}
.badge.paused,path.tip.paused{fill:#9a6700}.badge.quarantined,path.tip.quarantined{fill:#cf222e}
path.tip.partners{fill:#8c959f}path.tip{stroke:none}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.box{fill:#161b22;stroke:#8b949e}
.id,.dim{fill:#9198a1}.number{fill:#ffffff}text.running{fill:#3fb950}text.initial{fill:#4493f8}text.paused{fill:#d29922}
text.quarantined{fill:#f85149}}
";

/// The classes with an arrow head.
const TIPS: [&str; 7] = [
    "running",
    "initial",
    "on",
    "paused",
    "quarantined",
    "unknown",
    "partners",
];

/// The whole file.
///
/// # Errors
///
/// None in practice, because it is written to memory.
pub(super) fn rendered(map: &Topology, title: &str) -> io::Result<String> {
    let picture = drawn(map, title);
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (width, height) = (number(picture.width), number(picture.height));
    xml.create_element("svg")
        .with_attributes([
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &format!("0 0 {width} {height}")),
            ("width", &width),
            ("height", &height),
            ("role", "img"),
        ])
        .write_inner_content(|xml| content(xml, &picture, title, &words::summary(map)))?;
    let mut text = String::from_utf8(xml.into_inner()).map_err(io::Error::other)?;
    text.push('\n');
    Ok(text)
}

fn content(xml: &mut Xml, picture: &Picture, title: &str, summary: &str) -> io::Result<()> {
    write_text_element(xml, "title", title)?;
    write_text_element(xml, "desc", summary)?;
    xml.create_element("style")
        .write_text_content(BytesText::from_escaped(STYLE))?;
    markers(xml)?;
    xml.create_element("rect")
        .with_attributes([("class", "paper"), ("width", "100%"), ("height", "100%")])
        .write_empty()?;
    legend(xml, picture)?;
    picture
        .lines
        .iter()
        .try_for_each(|line| self::line(xml, line))?;
    picture.boxes.iter().try_for_each(|one| tenant(xml, one))?;
    picture.badges.iter().try_for_each(|one| badge(xml, one))?;
    picture.texts.iter().try_for_each(|one| text(xml, one))
}

fn write_text_element(xml: &mut Xml, element: &str, words: &str) -> io::Result<()> {
    xml.create_element(element)
        .write_text_content(BytesText::new(&clean(words)))?;
    Ok(())
}

/// One arrow head for each color, because not every program supports `context-stroke`.
fn markers(xml: &mut Xml) -> io::Result<()> {
    xml.create_element("defs").write_inner_content(|xml| {
        for class in TIPS {
            xml.create_element("marker")
                .with_attributes([
                    ("id", format!("to-{class}").as_str()),
                    ("viewBox", "0 0 10 10"),
                    ("refX", "9"),
                    ("refY", "5"),
                    ("markerWidth", if class == "partners" { "8" } else { "12" }),
                    ("markerHeight", if class == "partners" { "8" } else { "12" }),
                    ("markerUnits", "userSpaceOnUse"),
                    ("orient", "auto-start-reverse"),
                ])
                .write_inner_content(|xml| {
                    xml.create_element("path")
                        .with_attributes([
                            ("class", format!("tip {class}").as_str()),
                            ("d", "M0 0 10 5 0 10z"),
                        ])
                        .write_empty()?;
                    Ok(())
                })?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The legend.
fn legend(xml: &mut Xml, picture: &Picture) -> io::Result<()> {
    for key in &picture.keys {
        let (y, end) = (key.at.y - 4.0, key.at.x + 34.0);
        let [x, y, end] = [key.at.x, y, end].map(number);
        stroke(xml, key.kind, &format!("M{x} {y} L{end} {y}"), None)?;
        let place = [key.at.x + 42.0, key.at.y].map(number);
        xml.create_element("text")
            .with_attributes([
                ("x", place[0].as_str()),
                ("y", place[1].as_str()),
                ("class", "dim"),
            ])
            .write_text_content(BytesText::new(key.words))?;
    }
    Ok(())
}

fn line(xml: &mut Xml, line: &Line) -> io::Result<()> {
    let Curve { from, bend, to } = line.curve;
    let way = [from.x, from.y, bend.x, bend.y, to.x, to.y].map(number);
    let way = format!(
        "M{} {} Q{} {} {} {}",
        way[0], way[1], way[2], way[3], way[4], way[5]
    );
    stroke(xml, line.kind, &way, Some(&line.hint))
}

/// A line in the style of its kind.
fn stroke(xml: &mut Xml, kind: Kind, way: &str, hint: Option<&str>) -> io::Result<()> {
    let (class, ends) = match kind {
        Kind::Sync(class) => (format!("sync {class}"), [None, Some(format!("to-{class}"))]),
        Kind::Partners {
            redeems,
            at_from,
            at_to,
        } => {
            let class = if redeems { "partners" } else { "partners half" };
            let tip = |is: bool| is.then(|| "to-partners".to_owned());
            (class.to_owned(), [tip(at_from), tip(at_to)])
        }
    };
    let ends = ends.map(|end| end.map(|end| format!("url(#{end})")));
    let mut path = xml
        .create_element("path")
        .with_attributes([("class", class.as_str()), ("d", way)]);
    for (name, end) in ["marker-start", "marker-end"].into_iter().zip(&ends) {
        if let Some(end) = end {
            path = path.with_attribute((name, end.as_str()));
        }
    }
    match hint {
        Some(hint) => path.write_inner_content(|xml| write_text_element(xml, "title", hint))?,
        None => path.write_empty()?,
    };
    Ok(())
}

fn tenant(xml: &mut Xml, tenant: &Box) -> io::Result<()> {
    let rect = tenant.rect;
    let class = if tenant.is_read {
        "box"
    } else {
        "box mentioned"
    };
    let place = [rect.left(), rect.top(), rect.width, rect.height].map(number);
    xml.create_element("g")
        .with_attribute(("class", "tenant"))
        .write_inner_content(|xml| {
            write_text_element(xml, "title", &tenant.hint)?;
            xml.create_element("rect")
                .with_attributes([
                    ("class", class),
                    ("x", &place[0]),
                    ("y", &place[1]),
                    ("width", &place[2]),
                    ("height", &place[3]),
                    ("rx", "7"),
                ])
                .write_empty()?;
            let has_name = !tenant.name.is_empty();
            if has_name {
                middle(
                    xml,
                    "name",
                    rect.middle.x,
                    rect.middle.y - 2.0,
                    &tenant.name,
                )?;
            }
            let y = rect.middle.y + if has_name { 14.0 } else { 4.0 };
            middle(xml, "id", rect.middle.x, y, &tenant.id)
        })?;
    Ok(())
}

fn badge(xml: &mut Xml, badge: &Badge) -> io::Result<()> {
    let rect = badge.rect;
    let place = [rect.left(), rect.top(), rect.width, rect.height].map(number);
    xml.create_element("rect")
        .with_attributes([
            ("class", format!("badge {}", badge.class).as_str()),
            ("x", &place[0]),
            ("y", &place[1]),
            ("width", &place[2]),
            ("height", &place[3]),
            ("rx", "10"),
        ])
        .write_empty()?;
    middle(
        xml,
        "number",
        rect.middle.x,
        rect.middle.y + 4.0,
        &badge.text,
    )
}

fn middle(xml: &mut Xml, class: &str, x: f64, y: f64, words: &str) -> io::Result<()> {
    xml.create_element("text")
        .with_attributes([
            ("class", class),
            ("x", number(x).as_str()),
            ("y", number(y).as_str()),
            ("text-anchor", "middle"),
        ])
        .write_text_content(BytesText::new(&clean(words)))?;
    Ok(())
}

fn text(xml: &mut Xml, text: &Text) -> io::Result<()> {
    let place = [text.at.x, text.at.y].map(number);
    let element = xml.create_element("text").with_attributes([
        ("class", text.class),
        ("x", place[0].as_str()),
        ("y", place[1].as_str()),
    ]);
    match text.hint.as_ref().filter(|hint| **hint != text.words) {
        None => element.write_text_content(BytesText::new(&clean(&text.words)))?,
        Some(hint) => element.write_inner_content(|xml| {
            write_text_element(xml, "title", hint)?;
            xml.write_event(Event::Text(BytesText::new(&clean(&text.words))))
        })?,
    };
    Ok(())
}

/// Rounds to a tenth of a pixel.
fn number(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0")
        .map_or_else(|| text.clone(), str::to_owned)
}

/// Removes characters that XML does not allow even if escaped.
fn clean(words: &str) -> String {
    let cannot = |letter: char| {
        (letter.is_control() && letter != '\n') || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    words
        .chars()
        .map(|letter| if cannot(letter) { '\u{fffd}' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;

    use super::super::topology::State;
    use super::super::topology::tests::sync;
    use super::*;

    /// Parses the file with an XML parser: the classes of all elements, and all texts.
    fn parsed(svg: &str) -> (Vec<String>, Vec<String>) {
        let (mut classes, mut texts, mut depth) = (Vec::new(), Vec::new(), 0);
        let mut reader = Reader::from_str(svg);
        reader.config_mut().check_end_names = true;
        let mut open = String::new();
        loop {
            let event = reader.read_event().unwrap();
            match &event {
                Event::Start(start) | Event::Empty(start) => {
                    for attribute in start.attributes() {
                        let attribute = attribute.unwrap();
                        let value = attribute.unescape_value().unwrap();
                        if attribute.key.as_ref() == b"class" {
                            classes.push(value.into_owned());
                        }
                    }
                    depth += i32::from(matches!(event, Event::Start(_)));
                }
                Event::End(_) => {
                    texts.push(std::mem::take(&mut open));
                    depth -= 1;
                }
                Event::Text(text) => open.push_str(&text.decode().unwrap()),
                Event::GeneralRef(reference) => {
                    open.push_str(match reference.decode().unwrap().as_ref() {
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        "quot" => "\"",
                        "apos" => "'",
                        other => panic!("{other}"),
                    });
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        (classes, texts)
    }

    #[test]
    fn every_tenant_is_there_once_and_names_are_no_markup() {
        let mut map = Topology::default();
        let nasty = "<b>&\"x\"</text>";
        map.name("a", Some(nasty.to_owned()));
        map.trust("a", "b").mfa = true;
        map.sync(sync("a", "b", "]]><script>", State::Running));
        let svg = rendered(&map, "A & B").unwrap();
        let (classes, texts) = parsed(&svg);
        assert_eq!(classes.iter().filter(|class| *class == "tenant").count(), 2);
        assert_eq!(
            texts.iter().filter(|text| text.trim() == nasty).count(),
            1,
            "{texts:?}"
        );
        assert!(!svg.contains("<script") && !svg.contains("<b>"));
        assert!(texts.iter().any(|text| text.trim() == "A & B"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
        #[test]
        fn output_is_valid_xml_for_any_names(names in prop::collection::vec(any::<String>(), 1..6), title in any::<String>()) {
            let mut map = Topology::default();
            for (at, name) in names.iter().enumerate() {
                map.name(&format!("t{at}"), Some(name.clone()));
                map.sync(sync("t0", &format!("t{at}"), name, State::Quarantined { reason: Some(name.clone()) }));
            }
            let (classes, _) = parsed(&rendered(&map, &title).unwrap());
            prop_assert_eq!(classes.iter().filter(|class| *class == "tenant").count(), names.len());
        }
    }
}
