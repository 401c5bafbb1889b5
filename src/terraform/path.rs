//! Paths to attributes.

use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An attribute of an object.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list.
    Index(usize),
}

/// The path of an attribute. Elements of sets have no path of their own: a path ends at the set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// Returns the path of the top-level attribute `name`.
    #[must_use]
    pub fn root(name: &str) -> Self {
        Self::default().attribute(name)
    }

    /// Appends an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.then(Step::Attribute(name.to_owned()))
    }

    /// Appends an element of a map.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    /// Appends an element of a list.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(index))
    }

    fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => write!(formatter, "{name}")?,
                Step::Attribute(name) => write!(formatter, ".{name}")?,
                Step::Key(key) => write!(formatter, "[{key:?}]")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The current position of a traversal. It costs nothing until it is converted to a [`Path`]: a traversal visits thousands of
/// elements, and few of them need a message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trail<'t>(Option<(&'t Trail<'t>, TrailStep<'t>)>);

/// One step of a [`Trail`].
#[derive(Clone, Copy, Debug)]
enum TrailStep<'t> {
    Attribute(&'t str),
    Key(&'t str),
    Index(usize),
}

impl<'t> Trail<'t> {
    /// Appends an attribute.
    #[must_use]
    pub fn attribute(&'t self, name: &'t str) -> Self {
        Self(Some((self, TrailStep::Attribute(name))))
    }

    /// Appends an element of a map.
    #[must_use]
    pub fn key(&'t self, key: &'t str) -> Self {
        Self(Some((self, TrailStep::Key(key))))
    }

    /// Appends an element of a list.
    #[must_use]
    pub fn index(&'t self, index: usize) -> Self {
        Self(Some((self, TrailStep::Index(index))))
    }

    /// Converts to a path.
    #[must_use]
    pub fn path(&self) -> Path {
        let Some((before, pace)) = self.0 else {
            return Path::default();
        };
        let mut path = before.path();
        path.0.push(match pace {
            TrailStep::Attribute(name) => Step::Attribute(name.to_owned()),
            TrailStep::Key(key) => Step::Key(key.to_owned()),
            TrailStep::Index(index) => Step::Index(index),
        });
        path
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.path(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trail_converts_to_a_path() {
        let root = Trail::default();
        let (b2b, key) = (root.attribute("b2b"), "x y".to_owned());
        let element = b2b.index(2);
        let path = Path::root("b2b").index(2).key("x y");
        assert_eq!(element.key(&key).path(), path);
        assert_eq!(root.path(), Path::default());
    }

    #[test]
    fn a_path_is_printed_in_hcl_syntax() {
        let path = Path::root("b2b")
            .attribute("targets")
            .index(2)
            .attribute("by")
            .key("x y");
        assert_eq!(path.to_string(), "b2b.targets[2].by[\"x y\"]");
    }
}
