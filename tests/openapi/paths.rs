//! Path templates, and the selection of the template for a path: literal segments take precedence over parameters, as OpenAPI prescribes.

use percent_encoding::percent_decode_str;

/// A path of the description, split into segments.
pub(super) struct Template {
    text: String,
    segments: Vec<Segment>,
}

/// One segment; their order is the order of preference.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Rank {
    Parameter,
    Quoted,
    Literal,
}

enum Segment {
    Literal(String),
    /// A function call or an alternate key: `name(key='` and `')` around the value.
    Quoted(String, String),
    Parameter,
}

impl Template {
    pub(super) fn new(text: &str) -> Self {
        let segments = text.split('/').skip(1).map(Segment::new).collect();
        Self {
            text: text.to_owned(),
            segments,
        }
    }

    /// How well the template matches, `None` if it does not.
    fn fit(&self, segments: &[String]) -> Option<Vec<Rank>> {
        if self.segments.len() != segments.len() {
            return None;
        }
        let pairs = self.segments.iter().zip(segments);
        pairs
            .map(|(template, actual)| template.fit(actual))
            .collect()
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.split_once('{') {
            None => Self::Literal(text.to_owned()),
            Some((before, rest)) => {
                let (_, after) = rest.split_once('}').expect("a closing brace");
                assert!(!after.contains('{'), "{text} has more than one parameter");
                if before.is_empty() && after.is_empty() {
                    Self::Parameter
                } else {
                    Self::Quoted(before.to_owned(), after.to_owned())
                }
            }
        }
    }

    fn fit(&self, actual: &str) -> Option<Rank> {
        match self {
            Self::Literal(text) => (text == actual).then_some(Rank::Literal),
            Self::Quoted(before, after) => {
                let value = actual.strip_prefix(before)?.strip_suffix(after)?;
                // A quote inside OData's quotes is doubled.
                let plain = !value.is_empty() && !value.replace("''", "").contains('\'');
                plain.then_some(Rank::Quoted)
            }
            // Neither `$count` and `$ref` nor casts and functions are keys.
            Self::Parameter => {
                let key =
                    !actual.is_empty() && !actual.starts_with(['$', '(']) && !actual.contains("('");
                (key && !actual.starts_with("microsoft.graph.")).then_some(Rank::Parameter)
            }
        }
    }
}

/// The template for a path without its version; the path may be percent-encoded.
pub(super) fn find<'t>(templates: &'t [Template], path: &str) -> Option<&'t str> {
    let decode = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let fitting = templates
        .iter()
        .filter_map(|template| Some((template.fit(&segments)?, template)));
    let (_, best) = fitting.max_by(|(left, _), (right, _)| left.cmp(right))?;
    Some(&best.text)
}
