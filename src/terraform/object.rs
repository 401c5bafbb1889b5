//! The members of objects and the elements of maps, by name.
//!
//! A map of 50,000 principals is in memory several times during a plan: as prior state, as configuration and as planned state. So
//! members are stored contiguously, sorted by name, and a small object is one small allocation. Attribute names are static, and a
//! map key is shared by all copies of its value.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Index};
use std::sync::Arc;

use super::Value;

/// The name of a member, or the key of an element.
#[derive(Clone)]
pub struct Name(Text);

#[derive(Clone)]
enum Text {
    /// The name of an attribute.
    Fixed(&'static str),
    /// A map key.
    Shared(Arc<str>),
}

impl Name {
    /// Creates a name at run time.
    #[must_use]
    pub fn shared(text: &str) -> Self {
        Self(Text::Shared(text.into()))
    }

    /// The name as a string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Fixed(text) => text,
            Text::Shared(text) => text,
        }
    }
}

impl From<&'static str> for Name {
    fn from(text: &'static str) -> Self {
        Self(Text::Fixed(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(Text::Shared(text.into()))
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.as_str().to_owned()
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), formatter)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

/// Members sorted by name, each name once. Of two members with the same name, the later one wins.
///
/// An insertion into a large object moves all later members, so thousands of members are collected instead.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object(Vec<(Name, Value)>);

impl Object {
    /// Returns an object without members.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the member called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let at = self.position(name).ok()?;
        Some(&self.0[at].1)
    }

    /// Returns the member called `name` for modification.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let at = self.position(name).ok()?;
        Some(&mut self.0[at].1)
    }

    /// Whether there is a member called `name`.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Adds or replaces a member; returns its previous value.
    pub fn insert(&mut self, name: impl Into<Name>, value: Value) -> Option<Value> {
        let name = name.into();
        match self.position(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (name, value));
                None
            }
        }
    }

    /// Removes a member.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.position(name).ok()?;
        Some(self.0.remove(at).1)
    }

    /// The members, sorted.
    pub fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }

    /// The names, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, sorted by name.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Returns the position of `name`, or where to insert it. Names that arrive in order need no search.
    fn position(&self, name: &str) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if last.as_str() < name => Err(self.0.len()),
            _ => self.0.binary_search_by(|(one, _)| one.as_str().cmp(name)),
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}

impl Index<&str> for Object {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).expect("a member of the object")
    }
}

impl<N: Into<Name>> FromIterator<(N, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut members: Vec<(Name, Value)> =
            members.map(|(name, value)| (name.into(), value)).collect();
        if !members.is_sorted_by(|(one, _), (next, _)| one < next) {
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                if is_same {
                    std::mem::swap(later, earlier);
                }
                is_same
            });
        }
        members.shrink_to_fit();
        Self(members)
    }
}

impl<N: Into<Name>, const COUNT: usize> From<[(N, Value); COUNT]> for Object {
    fn from(members: [(N, Value); COUNT]) -> Self {
        members.into_iter().collect()
    }
}

impl IntoIterator for Object {
    type Item = (Name, Value);
    type IntoIter = std::vec::IntoIter<(Name, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'o> IntoIterator for &'o Object {
    type Item = (&'o Name, &'o Value);
    type IntoIter = Members<'o>;

    fn into_iter(self) -> Self::IntoIter {
        Members(self.0.iter())
    }
}

/// Iterator over the members of an [`Object`].
#[derive(Clone, Debug)]
pub struct Members<'o>(std::slice::Iter<'o, (Name, Value)>);

impl<'o> Iterator for Members<'o> {
    type Item = (&'o Name, &'o Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Members<'_> {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// An operation that a test applies both to an object and to an equivalent map.
    #[derive(Clone, Debug)]
    enum Operation {
        Insert(String, bool),
        Remove(String),
    }

    fn operations() -> impl Strategy<Value = Vec<Operation>> {
        let one = prop_oneof![
            ("[a-f]{0,2}", any::<bool>()).prop_map(|(name, value)| Operation::Insert(name, value)),
            "[a-f]{0,2}".prop_map(Operation::Remove),
        ];
        proptest::collection::vec(one, 0..40)
    }

    fn same(object: &Object, map: &BTreeMap<String, bool>) {
        let members = object.iter();
        let members: Vec<_> = members
            .map(|(name, value)| (name.to_string(), value.as_bool().unwrap()))
            .collect();
        let expected: Vec<_> = map.clone().into_iter().collect();
        assert_eq!(members, expected);
        assert_eq!(object.len(), map.len());
    }

    proptest! {
        #[test]
        fn an_object_behaves_like_a_sorted_map(operations in operations()) {
            let (mut object, mut map) = (Object::new(), BTreeMap::new());
            for operation in operations {
                match operation {
                    Operation::Insert(name, value) => {
                        let before = object.insert(name.clone(), value.into());
                        assert_eq!(before.map(|it| it.as_bool().unwrap()), map.insert(name, value));
                    }
                    Operation::Remove(name) => {
                        let gone = object.remove(&name);
                        assert_eq!(gone.map(|it| it.as_bool().unwrap()), map.remove(&name));
                        assert!(!object.contains_key(&name));
                    }
                }
                same(&object, &map);
            }
        }

        #[test]
        fn members_may_come_in_any_order(members in proptest::collection::vec(("[a-f]{0,2}", any::<bool>()), 0..40)) {
            let object: Object = members.iter().cloned().map(|(name, value)| (name, value.into())).collect();
            same(&object, &members.into_iter().collect());
        }
    }

    #[test]
    fn names_are_compared_by_their_text() {
        let (fixed, shared) = (Name::from("note"), Name::shared("note"));
        assert_eq!(fixed, shared);
        assert_eq!(format!("{fixed} {shared:?}"), "note \"note\"");
        let object = Object::from([(shared, Value::Null)]);
        assert_eq!(object["note"], Value::Null);
        assert_eq!(format!("{object:?}"), "{\"note\": Null}");
    }

    /// The memory of a large map is this size multiplied by the number of its members.
    #[test]
    fn a_member_is_small() {
        assert!(size_of::<(Name, Value)>() <= 56);
    }
}
