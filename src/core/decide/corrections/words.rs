//! Corrections in words: the figures first, then what to do.

use std::fmt;

use crate::base::Money;
use crate::contacts::quality::channel_key;
use crate::decide::corrections::{Action, Correction, Corrections, Reason, Treatment};

impl Corrections {
    /// What to do and why, such as `no contact for 210 days against a rhythm of 45: call`. It names no customer.
    pub fn words<'a>(&'a self, correction: &'a Correction) -> impl fmt::Display + 'a {
        Words { correction, channels: &self.channels }
    }
}

/// A correction to be written.
struct Words<'a> {
    correction: &'a Correction,
    channels: &'a [String],
}

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.correction.action {
            Action::Contact(reason) => self.contact(f, reason),
            Action::AnswerSooner { hours, usual } => {
                write!(f, "answered after {hours:.1} hours on average against {usual:.1} usually: answer sooner")
            }
            Action::NoChannel { refused: 0, full: 0 } => {
                f.write_str("no channel is open: the company contacts nobody by any")
            }
            Action::NoChannel { refused, full } => {
                write!(f, "no channel is open: {refused} refused, {full} at the cap")
            }
            Action::NoGain => f.write_str("no single contact raises contact quality: leave it at that for now"),
            Action::Replace { treatment, with } => {
                self.treatment(f, treatment)?;
                write!(f, ": {} instead of {}", self.by(with).verb(), self.by_own().gerund())?;
                self.saving(f)
            }
            Action::Reduce(treatment) => {
                self.treatment(f, treatment)?;
                write!(f, ": fewer {} will do", self.by_own().nouns())?;
                self.saving(f)
            }
            Action::Pause { contacts, days, cap, until } => {
                write!(f, "{} within {days} days, cap {cap}: pause until {until}", self.by_own().count(contacts))?;
                self.saving(f)
            }
            Action::Leave { days } => write!(f, "no contact by us in {days} days: leave it at that"),
        }
    }
}

impl Words<'_> {
    fn by(&self, channel: u16) -> Channel<'_> {
        Channel::of(&self.channels[usize::from(channel)])
    }

    fn by_own(&self) -> Channel<'_> {
        self.correction.channel.map_or(Channel::Other("any channel"), |channel| self.by(channel))
    }

    fn contact(&self, f: &mut fmt::Formatter<'_>, reason: Reason) -> fmt::Result {
        let verb = self.by_own().verb();
        match reason {
            Reason::NeverContacted => write!(f, "never contacted: {verb}"),
            Reason::Silence { days, rhythm: Some(rhythm), is_own } => {
                let usual = if is_own { "a" } else { "a usual" };
                write!(f, "no contact for {} against {usual} rhythm of {rhythm:.0}: {verb}", counted(days, "day"))
            }
            Reason::Silence { days, rhythm: None, .. } => write!(f, "no contact for {}: {verb}", counted(days, "day")),
            Reason::Few { contacts, days, last } => {
                let contacts = counted(contacts, "contact");
                write!(f, "{contacts} in {days} days, the last {} ago: {verb}", counted(last, "day"))
            }
            Reason::Reach { tried: 0, rate, .. } => write!(f, "no outcome known: {verb} (reaches {})", Percent(rate)),
            Reason::Reach { by, reached, tried, rate } => {
                write!(f, "{reached} of {} reached: {verb} (reaches {})", self.by(by).count(tried), Percent(rate))
            }
            Reason::Dialogue { two_way, contacts, rate } => {
                let contacts = counted(contacts, "contact");
                write!(f, "{two_way} of {contacts} two-way: {verb} ({} are answered)", Percent(rate))
            }
            Reason::Richness { mean, weight } => {
                write!(f, "contacts of weight {mean:.2} on average: {verb} (weight {weight:.2})")
            }
            Reason::Satisfaction { rating, usual } => write!(f, "rating {rating:.1} against {usual:.1}: {verb}"),
        }
    }

    fn treatment(&self, f: &mut fmt::Formatter<'_>, treatment: Treatment) -> fmt::Result {
        let Treatment { contacts, besides, days, third } = treatment;
        f.write_str(&self.by_own().count(contacts))?;
        if let Some((channel, contacts)) = besides {
            write!(f, " and {}", self.by(channel).count(contacts))?;
        }
        let third = ["lowest", "middle", "highest"][usize::from(third.min(2))];
        write!(f, " in {days} days for a customer of the {third} third")
    }

    fn saving(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.correction.saving {
            // In hundredths: more is not known of a saving.
            Some(saving) if saving >= Money(50) => {
                write!(f, ", saves {}", Money(saving.0.saturating_add(50) / 100 * 100))
            }
            _ => Ok(()),
        }
    }
}

/// A share as a whole percentage.
struct Percent(f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} %", 100.0 * self.0)
    }
}

fn counted<N: fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// How a channel is spoken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel<'a> {
    Visit,
    Meeting,
    Call,
    Video,
    Chat,
    Letter,
    Email,
    Sms,
    /// By its name in the log.
    Other(&'a str),
}

impl<'a> Channel<'a> {
    fn of(name: &'a str) -> Self {
        match channel_key(name).as_str() {
            "visit" => Channel::Visit,
            "meeting" => Channel::Meeting,
            "phone" | "call" | "telephone" => Channel::Call,
            "video" => Channel::Video,
            "chat" => Channel::Chat,
            "letter" => Channel::Letter,
            "email" => Channel::Email,
            "sms" => Channel::Sms,
            _ => Channel::Other(name),
        }
    }

    fn verb(self) -> String {
        match self {
            Channel::Visit => "visit".into(),
            Channel::Meeting => "meet".into(),
            Channel::Call => "call".into(),
            Channel::Video => "call by video".into(),
            Channel::Chat => "chat".into(),
            Channel::Letter => "write a letter".into(),
            Channel::Email => "write an e-mail".into(),
            Channel::Sms => "send a text message".into(),
            Channel::Other(name) => format!("contact by {name}"),
        }
    }

    fn gerund(self) -> String {
        match self {
            Channel::Visit => "visiting".into(),
            Channel::Meeting => "meeting".into(),
            Channel::Call => "calling".into(),
            Channel::Video => "calling by video".into(),
            Channel::Chat => "chatting".into(),
            Channel::Letter => "writing letters".into(),
            Channel::Email => "writing e-mails".into(),
            Channel::Sms => "sending text messages".into(),
            Channel::Other(name) => format!("contacting by {name}"),
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Channel::Visit => "visit",
            Channel::Meeting => "meeting",
            Channel::Call => "call",
            Channel::Video => "video call",
            Channel::Chat => "chat",
            Channel::Letter => "letter",
            Channel::Email => "e-mail",
            Channel::Sms => "text message",
            Channel::Other(_) => "contact",
        }
    }

    /// `by NAME` of a channel that has no noun of its own.
    fn by_name(self) -> String {
        if let Channel::Other(name) = self { format!(" by {name}") } else { String::new() }
    }

    fn nouns(self) -> String {
        format!("{}s{}", self.noun(), self.by_name())
    }

    fn count(self, count: u32) -> String {
        format!("{}{}", counted(count, self.noun()), self.by_name())
    }
}

#[cfg(test)]
mod tests {
    use crate::base::Day;
    use crate::decide::corrections::words::*;
    use crate::map::Diagnosis;

    fn said(action: Action, channel: u16, saving: Option<i64>) -> String {
        let row = Correction {
            channel: Some(channel),
            saving: saving.map(Money),
            ..Correction::new(77, Diagnosis::UnderServed, action)
        };
        let channels = ["visit", "Phone", "E-Mail", "fax"].map(str::to_string).to_vec();
        Corrections { rows: Vec::new(), channels, customers: 0 }.words(&row).to_string()
    }

    #[test]
    fn reasons_come_with_their_figures() {
        for (reason, words) in [
            (Reason::NeverContacted, "never contacted: call"),
            (
                Reason::Silence { days: 210, rhythm: Some(45.2), is_own: true },
                "no contact for 210 days against a rhythm of 45: call",
            ),
            (
                Reason::Silence { days: 210, rhythm: Some(45.2), is_own: false },
                "no contact for 210 days against a usual rhythm of 45: call",
            ),
            (Reason::Silence { days: 1, rhythm: None, is_own: true }, "no contact for 1 day: call"),
            (Reason::Few { contacts: 1, days: 90, last: 12 }, "1 contact in 90 days, the last 12 days ago: call"),
            (Reason::Reach { by: 2, reached: 1, tried: 6, rate: 0.5 }, "1 of 6 e-mails reached: call (reaches 50 %)"),
            (Reason::Reach { by: 2, reached: 0, tried: 0, rate: 0.5 }, "no outcome known: call (reaches 50 %)"),
            (
                Reason::Dialogue { two_way: 0, contacts: 3, rate: 0.4 },
                "0 of 3 contacts two-way: call (40 % are answered)",
            ),
            (Reason::Richness { mean: 0.3, weight: 0.7 }, "contacts of weight 0.30 on average: call (weight 0.70)"),
            (Reason::Satisfaction { rating: 2.1, usual: 4.0 }, "rating 2.1 against 4.0: call"),
        ] {
            assert_eq!(said(Action::Contact(reason), 1, None), words);
        }
        assert_eq!(said(Action::Contact(Reason::NeverContacted), 3, None), "never contacted: contact by fax");
    }

    #[test]
    fn what_is_saved_is_said() {
        let treatment = Treatment { contacts: 9, besides: Some((1, 14)), days: 90, third: 0 };
        assert_eq!(
            said(Action::Replace { treatment, with: 2 }, 0, Some(4_200_000)),
            "9 visits and 14 calls in 90 days for a customer of the lowest third: \
             write an e-mail instead of visiting, saves 420.00"
        );
        let treatment = Treatment { contacts: 1, besides: None, days: 30, third: 2 };
        assert_eq!(
            said(Action::Reduce(treatment), 3, Some(0)),
            "1 contact by fax in 30 days for a customer of the highest third: fewer contacts by fax will do"
        );
        let pause = Action::Pause { contacts: 12, days: 30, cap: 8, until: Day(0) };
        assert_eq!(
            said(pause, 2, Some(19_999)),
            "12 e-mails within 30 days, cap 8: pause until 1970-01-01, saves 2.00"
        );
    }

    #[test]
    fn where_nothing_is_to_be_done_the_words_say_why() {
        assert_eq!(
            said(Action::NoChannel { refused: 2, full: 1 }, 0, None),
            "no channel is open: 2 refused, 1 at the cap"
        );
        assert_eq!(said(Action::Leave { days: 90 }, 0, None), "no contact by us in 90 days: leave it at that");
        assert_eq!(
            said(Action::AnswerSooner { hours: 31.04, usual: 6.0 }, 0, None),
            "answered after 31.0 hours on average against 6.0 usually: answer sooner"
        );
    }
}
