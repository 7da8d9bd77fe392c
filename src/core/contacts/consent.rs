//! What customers refuse: by which channels they may not be contacted, and since when.
//!
//! Silence is no refusal: a customer of whom nothing is known may be contacted by every channel.

use crate::base::{Day, Moment};
use crate::contacts::quality::channel_key;

/// A kind of channel, about which customers are asked as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Medium {
    /// E-mail, with newsletters and mass mail.
    Email,
    /// Telephone.
    Phone,
    /// Text messages.
    Text,
    /// Letters.
    Post,
    /// Notifications of an app.
    Push,
    /// Visits.
    Visit,
}

impl Medium {
    /// The kinds that a channel is of, by its name: `mail` may be either of two.
    pub fn of(channel: &str) -> &'static [Medium] {
        match channel_key(channel).as_str() {
            "email" | "newsletter" | "emailing" | "emailcampaign" => &[Medium::Email],
            "mail" | "massmail" | "mailing" => &[Medium::Email, Medium::Post],
            "phone" | "call" | "telephone" | "mobile" | "voice" | "phonecall" => &[Medium::Phone],
            "sms" | "mms" | "text" | "textmessage" => &[Medium::Text],
            "letter" | "post" | "postal" | "directmail" | "postcard" | "catalogue" | "catalog" => &[Medium::Post],
            "push" | "pushnotification" | "webpush" | "mobilepush" => &[Medium::Push],
            "visit" | "meeting" => &[Medium::Visit],
            _ => &[],
        }
    }
}

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Every channel.
    Everything,
    /// All channels of these kinds.
    Media(&'static [Medium]),
    /// The channel at this place of the log, however it is spelt.
    Channel(u16),
}

/// A customer may not be contacted, from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Row of the customer.
    pub customer: u32,
    /// By which channels.
    pub about: About,
    /// The first day.
    pub from: Day,
}

impl Refusal {
    /// The first day of a refusal that has always been there, or whose day nobody tells.
    pub const ALWAYS: Day = Day(i32::MIN);
}

/// What a customer said at some time, as a contact log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// Row of the customer.
    pub customer: u32,
    /// About which channels.
    pub about: About,
    /// When.
    pub at: Moment,
    /// Whether that was a refusal, or consent.
    pub refuses: bool,
}

/// The refusals that stand: what was said last counts, and a refusal where both were said at once.
pub fn standing(mut statements: Vec<Statement>) -> Vec<Refusal> {
    statements.sort_unstable();
    let of_one = |a: &Statement, b: &Statement| (a.customer, a.about) == (b.customer, b.about);
    statements.chunk_by(of_one).filter_map(standing_of_one).collect()
}

/// The first of the refusals after which no consent came.
fn standing_of_one(said: &[Statement]) -> Option<Refusal> {
    let since = said.iter().rposition(|one| !one.refuses).map_or(0, |last_consent| last_consent + 1);
    let Statement { customer, about, at, .. } = *said.get(since)?;
    Some(Refusal { customer, about, from: at.day })
}

/// What the customers of a base refuse, by channel of the log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Consent {
    /// In the order of customers.
    refused: Vec<Refused>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Refused {
    customer: u32,
    /// [`EVERY`] or a place in the log's channels.
    channel: u16,
    from: Day,
}

/// Stands for every channel.
const EVERY: u16 = u16::MAX;

impl Consent {
    /// Of refusals in any order; `channels` are those of the log.
    pub fn new(refusals: &[Refusal], channels: &[String]) -> Self {
        let keys: Vec<String> = channels.iter().map(|name| channel_key(name)).collect();
        let media: Vec<&[Medium]> = channels.iter().map(|name| Medium::of(name)).collect();
        let places = |is_meant: &dyn Fn(usize) -> bool| -> Vec<u16> {
            (0..channels.len()).filter(|&place| is_meant(place)).map(|place| place as u16).collect()
        };
        let channels_of = |about: About| match about {
            About::Everything => vec![EVERY],
            About::Media(wanted) => places(&|place| media[place].iter().any(|medium| wanted.contains(medium))),
            About::Channel(one) => places(&|place| keys.get(usize::from(one)) == Some(&keys[place])),
        };
        let each = |&Refusal { customer, about, from }: &Refusal| {
            channels_of(about).into_iter().map(move |channel| Refused { customer, channel, from })
        };
        let mut refused: Vec<Refused> = refusals.iter().flat_map(each).collect();
        refused.sort_unstable();
        refused.dedup_by_key(|one| (one.customer, one.channel));
        Consent { refused }
    }

    /// Whether a customer refuses a channel of the log on a day.
    pub fn refuses(&self, customer: usize, channel: u16, on: Day) -> bool {
        let first = self.refused.partition_point(|one| (one.customer as usize) < customer);
        let mut own = self.refused[first..].iter().take_while(|one| one.customer as usize == customer);
        own.any(|one| (one.channel == channel || one.channel == EVERY) && one.from <= on)
    }

    /// How many customers refuse a channel or more.
    pub fn customers(&self) -> usize {
        self.refused.chunk_by(|a, b| a.customer == b.customer).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Clock;

    fn names() -> Vec<String> {
        ["E-Mail", "newsletter", "Phone", "mail", "pigeon", "e mail"].map(str::to_string).to_vec()
    }

    fn refused(about: About) -> Vec<u16> {
        let consent = Consent::new(&[Refusal { customer: 3, about, from: Refusal::ALWAYS }], &names());
        (0..6).filter(|&channel| consent.refuses(3, channel, Day(0))).collect()
    }

    #[test]
    fn a_refusal_concerns_the_channels_that_it_is_about() {
        assert_eq!(refused(About::Media(&[Medium::Email])), [0, 1, 3, 5]);
        assert_eq!(refused(About::Media(&[Medium::Phone])), [2]);
        assert_eq!(refused(About::Media(&[Medium::Text])), [0_u16; 0]);
        assert_eq!(refused(About::Channel(4)), [4]);
        assert_eq!(refused(About::Channel(0)), [0, 5]); // two spellings
        assert_eq!(refused(About::Everything), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn nobody_else_refuses_and_nobody_before_the_day() {
        let refusal = Refusal { customer: 3, about: About::Everything, from: Day(100) };
        let later = Refusal { from: Day(200), ..refusal };
        let consent = Consent::new(&[later, refusal], &names());
        assert!(!consent.refuses(3, 0, Day(99)) && consent.refuses(3, 0, Day(100)));
        assert!(!consent.refuses(2, 0, Day(100)) && !consent.refuses(4, 0, Day(100)));
        assert_eq!((consent.customers(), Consent::default().customers()), (1, 0));
        assert!(!Consent::default().refuses(0, 0, Day(0)));
    }

    #[test]
    fn what_was_said_last_stands() {
        let said = |day: i32, refuses: bool| Statement {
            customer: 1,
            about: About::Channel(0),
            at: Moment { day: Day(day), clock: Clock::UNKNOWN },
            refuses,
        };
        let from = |said: Vec<Statement>| standing(said).first().map(|refusal| refusal.from.0);
        assert_eq!(from(vec![said(5, true), said(1, true)]), Some(1));
        assert_eq!(from(vec![said(5, false), said(1, true)]), None);
        assert_eq!(from(vec![said(9, true), said(5, false), said(1, true)]), Some(9));
        assert_eq!(from(vec![said(5, true), said(5, false)]), Some(5));
        assert_eq!(from(vec![said(5, false)]), None);
        let other = Statement { about: About::Everything, ..said(9, false) };
        assert_eq!(from(vec![said(5, true), other]), Some(5)); // about something else
    }
}
