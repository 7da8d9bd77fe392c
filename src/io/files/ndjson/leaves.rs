//! The values of a JSON object under their paths: `ecommerce.purchase_revenue`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Objects within objects; deeper ones are kept as they are written.
const DEEPEST: usize = 16;

/// What stands under a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Leaf<'a> {
    /// One value.
    Value(&'a RawValue),
    /// Several objects, none of which is the one that is meant.
    List(&'a RawValue),
}

impl<'a> Leaf<'a> {
    /// As it is written.
    pub(super) fn written(self) -> &'a str {
        match self {
            Leaf::Value(value) | Leaf::List(value) => value.get(),
        }
    }
}

/// Calls back with each value of an object and its path.
///
/// An array of one object counts as that object. An array of keys and values, as analytics write them, has a path for each
/// key: `event_params.ga_session_id.value`.
///
/// # Errors
/// Where it is no JSON object; some of its values may have been called back with then.
pub(super) fn for_each_leaf<'a>(object: &'a str, mut found: impl FnMut(&str, Leaf<'a>)) -> serde_json::Result<()> {
    let object: Object = serde_json::from_str(object)?;
    leaves_of(object, &mut Path::default(), &mut found)
}

fn leaves_of<'a>(
    object: Object<'a>,
    path: &mut Path,
    found: &mut impl FnMut(&str, Leaf<'a>),
) -> serde_json::Result<()> {
    for (key, value) in object.0 {
        path.within(&key, |path| leaves_in(value, path, found))?;
    }
    Ok(())
}

fn leaves_in<'a>(
    value: &'a RawValue,
    path: &mut Path,
    found: &mut impl FnMut(&str, Leaf<'a>),
) -> serde_json::Result<()> {
    let written = value.get();
    if path.depth >= DEEPEST || !written.starts_with(['{', '[']) {
        found(&path.text, Leaf::Value(value));
        return Ok(());
    }
    if written.starts_with('{') {
        return leaves_of(serde_json::from_str(written)?, path, found);
    }
    let elements: Vec<&'a RawValue> = serde_json::from_str(written)?;
    if elements.is_empty() || elements.iter().any(|element| !element.get().starts_with('{')) {
        found(&path.text, Leaf::Value(value));
        return Ok(());
    }
    let objects: Vec<Object> =
        elements.iter().map(|element| serde_json::from_str(element.get())).collect::<Result<_, _>>()?;
    if let Some(pairs) = objects.iter().map(Object::pair).collect::<Option<Vec<_>>>() {
        return pairs.into_iter().try_for_each(|(key, value)| {
            path.within(&key, |path| path.within("value", |path| pair_value(value, path, found)))
        });
    }
    match <[Object; 1]>::try_from(objects) {
        Ok([only]) => leaves_of(only, path, found)?,
        Err(_) => found(&path.text, Leaf::List(value)),
    }
    Ok(())
}

/// The value of a key: itself, or that of its types which is there, such as `{"int_value": 5, "string_value": null}`.
fn pair_value<'a>(
    value: &'a RawValue,
    path: &mut Path,
    found: &mut impl FnMut(&str, Leaf<'a>),
) -> serde_json::Result<()> {
    let typed: Option<Object> = Some(value.get()).filter(|text| text.starts_with('{')).map(serde_json::from_str).transpose()?;
    let value = match typed {
        Some(typed) => typed.0.into_iter().map(|(_, value)| value).find(|value| value.get() != "null"),
        None => Some(value),
    };
    value.into_iter().for_each(|value| found(&path.text, Leaf::Value(value)));
    Ok(())
}

/// A path and how deep it goes.
#[derive(Default)]
struct Path {
    text: String,
    depth: usize,
}

impl Path {
    fn within<R>(&mut self, key: &str, act: impl FnOnce(&mut Path) -> R) -> R {
        let length = self.text.len();
        if self.depth > 0 {
            self.text.push('.');
        }
        self.text.push_str(key);
        self.depth += 1;
        let result = act(self);
        self.depth -= 1;
        self.text.truncate(length);
        result
    }
}

/// The keys and values of an object, as they are written.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Object<'a> {
    /// Its key and value, where it has nothing else.
    fn pair(&self) -> Option<(Cow<'a, str>, &'a RawValue)> {
        let [first, second] = self.0.as_slice() else { return None };
        let (key, value) = if second.0 == "value" { (first, second) } else { (second, first) };
        let named = value.0 == "value" && ["key", "name"].contains(&key.0.as_ref());
        let key = serde_json::from_str::<String>(key.1.get()).ok().filter(|_| named)?;
        Some((key.into(), value.1))
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some((Key(key), value)) = map.next_entry()? {
                    fields.push((key, value));
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Fields).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use crate::files::ndjson::leaves::*;

    fn leaves(object: &str) -> Vec<String> {
        let mut found = Vec::new();
        for_each_leaf(object, |path, leaf| found.push(format!("{path}={}", leaf.written()))).expect("an object");
        found
    }

    #[test]
    fn values_are_found_under_their_paths() {
        assert_eq!(leaves(r#"{"a":1,"b":{"c":"x","d":{"e":null}},"f":{},"g.h":2}"#), ["a=1", "b.c=\"x\"", "b.d.e=null", "g.h=2"]);
        assert_eq!(leaves(r#"{"tags":["x","y"],"none":[],"items":[{"price":5}]}"#), ["tags=[\"x\",\"y\"]", "none=[]", "items.price=5"]);
        assert_eq!(leaves(r#"{"items":[{"price":5},{"price":6}]}"#), [r#"items=[{"price":5},{"price":6}]"#]);
        assert!(for_each_leaf("[1]", |_, _| {}).is_err() && for_each_leaf("{\"a\":", |_, _| {}).is_err());
    }

    #[test]
    fn keys_and_values_are_paths_too() {
        let params = r#"{"event_params":[{"key":"id","value":{"string_value":null,"int_value":7}},{"key":"page","value":{"string_value":"x"}},{"key":"no","value":{"int_value":null}}]}"#;
        assert_eq!(leaves(params), ["event_params.id.value=7", "event_params.page.value=\"x\""]);
        assert_eq!(leaves(r#"{"notes":[{"name":"gift","value":"yes"}]}"#), ["notes.gift.value=\"yes\""]);
        // A product with a name and a price is none.
        assert_eq!(leaves(r#"{"items":[{"name":"x","price":2}]}"#), ["items.name=\"x\"", "items.price=2"]);
    }

    #[test]
    fn what_is_nested_without_end_is_kept_as_it_is_written() {
        let deep = format!("{}1{}", "{\"a\":".repeat(100), "}".repeat(100));
        assert_eq!(leaves(&deep).len(), 1);
    }
}
