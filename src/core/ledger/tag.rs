//! What tells a customer from others of the same hash.

use std::borrow::Cow;

use crate::base::ids::{IdRef, hash_of_text, number_of_hash};
use crate::orders::IdBytes;

/// What stands beside a customer's hash, so that both say who it is.
pub(super) trait Tag: Copy + Default {
    /// The hash and the tag of a customer that stands on this page; `None` where it is of the other kind.
    fn of(customer: IdBytes<'_>, number: usize, page: &[u8]) -> Option<(u64, Self)>;
    /// Whether two customers of one hash are one.
    fn same(&self, other: &Self, pages: &[Cow<'_, [u8]>]) -> bool;
    /// The customer.
    fn id<'a>(&'a self, hash: u64, pages: &'a [Cow<'_, [u8]>]) -> IdRef<'a>;
}

/// A number: its hash says it all.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Number;

impl Tag for Number {
    #[inline(always)]
    fn of(customer: IdBytes<'_>, _: usize, _: &[u8]) -> Option<(u64, Self)> {
        if let IdBytes::Number(number) = customer { Some((IdRef::Number(number).hash(), Number)) } else { None }
    }

    #[inline(always)]
    fn same(&self, _: &Self, _: &[Cow<'_, [u8]>]) -> bool {
        true
    }

    #[inline(always)]
    fn id<'a>(&'a self, hash: u64, _: &'a [Cow<'_, [u8]>]) -> IdRef<'a> {
        IdRef::Number(number_of_hash(hash))
    }
}

/// A text: a short one itself, of a longer one where it stands and how long it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Text([u8; 16]);

/// The most bytes of a short text; what comes after them is the length.
const SHORT: usize = 15;
/// In place of the length of a longer text.
const LONG: u8 = u8::MAX;
/// Bits of a place in a page; before them is room for more pages than memory can hold.
const PLACE_BITS: u32 = 40;

impl Tag for Text {
    #[inline(always)]
    fn of(customer: IdBytes<'_>, number: usize, page: &[u8]) -> Option<(u64, Self)> {
        let IdBytes::Text(text) = customer else { return None };
        let tag = if text.len() <= SHORT { Text::short(text) } else { Text::long(text, number, page) };
        Some((hash_of_text(text), tag))
    }

    #[inline(always)]
    fn same(&self, other: &Self, pages: &[Cow<'_, [u8]>]) -> bool {
        self == other || (self.0[SHORT] == LONG && self.text(pages) == other.text(pages))
    }

    fn id<'a>(&'a self, _: u64, pages: &'a [Cow<'_, [u8]>]) -> IdRef<'a> {
        IdBytes::Text(self.text(pages)).id()
    }
}

impl Text {
    #[inline(always)]
    fn short(text: &[u8]) -> Self {
        let length = text.len();
        let eight =
            |at: usize| text.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let (low, high) = match length.checked_sub(8) {
            // The last eight overlap the first.
            Some(more) if more > 0 => (eight(0), eight(more) >> (64 - 8 * more)),
            Some(_) => (eight(0), 0),
            None => (text.iter().rev().fold(0, |low, byte| low << 8 | u64::from(*byte)), 0),
        };
        Text((u128::from(low) | u128::from(high) << 64 | (length as u128) << (8 * SHORT)).to_le_bytes())
    }

    fn long(text: &[u8], number: usize, page: &[u8]) -> Self {
        let place = text.as_ptr().addr() - page.as_ptr().addr();
        let low = (number as u64) << PLACE_BITS | place as u64;
        Text((u128::from(low) | (text.len() as u128) << 64 | u128::from(LONG) << (8 * SHORT)).to_le_bytes())
    }

    fn text<'a>(&'a self, pages: &'a [Cow<'_, [u8]>]) -> &'a [u8] {
        if self.0[SHORT] != LONG {
            return &self.0[..usize::from(self.0[SHORT])];
        }
        let all = u128::from_le_bytes(self.0);
        let (low, length) = (all as u64, (all >> 64) as u32 as usize);
        let place = (low & ((1 << PLACE_BITS) - 1)) as usize;
        &pages[(low >> PLACE_BITS) as usize][place..place + length]
    }
}

#[cfg(test)]
mod tests {
    use crate::ledger::tag::*;

    /// A page of texts, one after the other, and the tag of each.
    fn tags(texts: &[&str]) -> (Vec<u8>, Vec<(u64, Text)>) {
        let page = texts.concat().into_bytes();
        let mut at = 0;
        let mut tag = |text: &&str| {
            at += text.len();
            Text::of(IdBytes::Text(&page[at - text.len()..at]), 0, &page).expect("a text")
        };
        let tags = texts.iter().map(&mut tag).collect();
        (page, tags)
    }

    #[test]
    fn a_text_comes_out_as_it_went_in() {
        let letters = "abcdefghijklmnopqrstuvwxyzäöü";
        let mut texts: Vec<&str> = (0..=26).map(|end| &letters[..end]).collect();
        texts.extend([letters, "\0", "\0\0", "a\0", "fifteen letters", "sixteen letters!"]);
        let (page, tags) = tags(&texts);
        let pages = [Cow::Borrowed(&page[..])];
        for (text, (hash, tag)) in texts.iter().zip(&tags) {
            assert_eq!(tag.id(*hash, &pages), IdRef::Text(text));
            assert_eq!(*hash, IdRef::Text(text).hash());
        }
    }

    #[test]
    fn only_the_same_texts_are_the_same() {
        let texts = ["", "\0", "a", "a\0", "b", "sixteen letters!", "sixteen letters?", "seventeen letters", "a"];
        let (page, tags) = tags(&[texts, texts].concat());
        let pages = [Cow::Borrowed(&page[..])];
        let text = |at: usize| texts[at % texts.len()];
        for (one, (_, tag)) in tags.iter().enumerate() {
            for (other, (_, with)) in tags.iter().enumerate() {
                assert_eq!(tag.same(with, &pages), text(one) == text(other), "{:?} {:?}", text(one), text(other));
            }
        }
    }

    #[test]
    fn a_number_stands_in_its_hash() {
        let (hash, tag) = Number::of(IdBytes::Number(42), 0, &[]).expect("a number");
        assert_eq!(tag.id(hash, &[]), IdRef::Number(42));
        assert!(Number::of(IdBytes::Text(b"42"), 0, &[]).is_none() && Text::of(IdBytes::Number(42), 0, &[]).is_none());
    }
}
