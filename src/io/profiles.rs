//! Exports that are known by their header, and what their columns mean: a small table each, as data.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use clivia_core::notes::Note;

use crate::columns::normal;
use crate::error::TableError;
use crate::orders::amount_column::Continuation;
use crate::orders::look::{Look, named};
use crate::orders::status::{Kind, Reason, StatusColumn};

/// The tables that come with clivia. Of two that fit a header, the first is taken.
#[rustfmt::skip]
const TEXTS: [&str; 18] = [
    include_str!("profiles/shopify_orders.toml"),
    include_str!("profiles/woocommerce_orders.toml"),
    include_str!("profiles/woocommerce_analytics.toml"),
    include_str!("profiles/magento_orders.toml"),
    include_str!("profiles/prestashop_orders.toml"),
    include_str!("profiles/stripe_payments.toml"),
    include_str!("profiles/stripe_subscriptions.toml"),
    include_str!("profiles/paypal_activity.toml"),
    include_str!("profiles/square_transactions.toml"),
    include_str!("profiles/amazon_seller.toml"),
    include_str!("profiles/amazon_order_history.toml"),
    include_str!("profiles/ga4_bigquery.toml"),
    include_str!("profiles/klaviyo_sends.toml"),
    include_str!("profiles/mautic_email_stats.toml"),
    include_str!("profiles/olist_orders.toml"),
    include_str!("profiles/online_retail.toml"),
    include_str!("profiles/instacart.toml"),
    include_str!("profiles/dunnhumby.toml"),
];

static BUILTIN: LazyLock<Vec<Profile>> =
    LazyLock::new(|| TEXTS.iter().filter_map(|text| Profile::parse(text, "a profile of clivia").ok()).collect());

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Orders or their lines.
    Orders,
    /// Contacts.
    Contacts,
    /// Subscriptions.
    Subscriptions,
    /// Customers.
    Customers,
}

impl Holds {
    /// In a sentence: `orders`.
    pub fn words(self) -> &'static str {
        match self {
            Holds::Orders => "orders",
            Holds::Contacts => "contacts",
            Holds::Subscriptions => "subscriptions",
            Holds::Customers => "customers",
        }
    }
}

/// The part that a column plays in an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Who.
    Customer,
    /// Whose a refund is, where another column says so.
    RefundCustomer,
    /// When.
    Date,
    /// For how much: a column, or an expression with its columns in quotes.
    Amount,
    /// In which order.
    Order,
    /// In which currency.
    Currency,
    /// How much of it was given back.
    Refunded,
    /// Of which product.
    Product,
    /// Of which category.
    Category,
    /// How many pieces.
    Quantity,
    /// By which channel somebody was contacted.
    Channel,
    /// Who contacted whom.
    Direction,
    /// What came of a contact.
    Outcome,
    /// To which campaign a contact belongs.
    Campaign,
    /// Whether a contact failed: yes, or when.
    Failed,
    /// When a subscription began.
    Start,
    /// When it ended.
    End,
    /// What it costs a period.
    Price,
}

/// Columns by which an export is known: all of some, one of some, none of some.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signature {
    /// All of these must be there.
    pub all_of: Vec<String>,
    /// One of these must be there, where there are any.
    pub any_of: Vec<String>,
    /// None of these may be there.
    pub none_of: Vec<String>,
}

/// A column that says which rows are purchases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileStatus {
    /// The column.
    pub column: String,
    /// How it says so: found out by its name where it is left out.
    #[serde(default)]
    pub kind: Option<StatusKind>,
    /// Whether its values are events, of which only purchases count.
    #[serde(default)]
    pub events: bool,
    /// Values that are purchases.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Values that are none.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Values that give money back.
    #[serde(default)]
    pub refund: Vec<String>,
}

/// How a column of a profile says which rows are purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// What became of the order.
    State,
    /// What the row is.
    Type,
    /// Yes is a purchase.
    Yes,
    /// No is a purchase.
    No,
    /// Empty is a purchase, a date is none.
    Date,
}

impl StatusKind {
    fn kind(self) -> Kind {
        match self {
            StatusKind::State => Kind::State,
            StatusKind::Type => Kind::Type,
            StatusKind::Yes => Kind::Flag { counts: true, reason: Reason::Dropped },
            StatusKind::No => Kind::Flag { counts: false, reason: Reason::Dropped },
            StatusKind::Date => Kind::Moment { reason: Reason::Cancelled },
        }
    }
}

/// Why an export cannot be read as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Columns one of which solves it.
    #[serde(default)]
    pub unless: Vec<String>,
    /// What is missing, and what to do.
    pub says: String,
}

/// A column whose absence is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lack {
    /// The column.
    pub column: String,
    /// What is then the matter, and what to do.
    pub says: String,
}

/// An export that is known by its header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, for `read.profile`.
    pub name: String,
    /// In a sentence: `a Shopify order export`.
    pub title: String,
    /// What it holds.
    pub table: Holds,
    /// How it is read, in a sentence.
    pub meaning: String,
    /// What it is known by: one of these.
    pub recognise: Vec<Signature>,
    /// The columns that play each part, the surest first.
    pub columns: BTreeMap<Part, Vec<String>>,
    /// The columns that say which rows are purchases.
    #[serde(default, rename = "status")]
    pub statuses: Vec<ProfileStatus>,
    /// Rows that go on with an order.
    #[serde(default, rename = "continuation")]
    pub continued: Option<Continuation>,
    /// What is the same in every row: the channel and the direction of contacts.
    #[serde(default)]
    pub constants: BTreeMap<Part, String>,
    /// Why it cannot be read as it is.
    #[serde(default)]
    pub problem: Option<Problem>,
    /// Columns whose absence is to be said.
    #[serde(default)]
    pub lacks: Vec<Lack>,
    /// How it is written.
    #[serde(skip)]
    text: String,
}

impl Signature {
    fn fits(&self, held: &[String]) -> bool {
        let holds = |name: &String| held.contains(&normal(name));
        self.all_of.iter().all(holds)
            && (self.any_of.is_empty() || self.any_of.iter().any(holds))
            && !self.none_of.iter().any(holds)
    }

    /// In words: `Name, Total and one of Lineitem name, Lineitem price`.
    pub fn words(&self) -> String {
        let list = |names: &[String]| names.join(", ");
        let mut parts = vec![list(&self.all_of)];
        if !self.any_of.is_empty() {
            parts.push(format!("one of {}", list(&self.any_of)));
        }
        if !self.none_of.is_empty() {
            parts.push(format!("none of {}", list(&self.none_of)));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("; ")
    }
}

impl Profile {
    /// Reads a profile; `file` is its name in errors.
    ///
    /// ```
    /// use clivia_io::profiles::Profile;
    /// let profile = Profile::parse(
    ///     r#"
    ///     name = "till"
    ///     title = "an export of our till"
    ///     table = "orders"
    ///     meaning = "a row is a receipt"
    ///     recognise = [{ all_of = ["Bon", "Karte", "Summe"] }]
    ///     [columns]
    ///     customer = ["Karte"]
    ///     date = ["Tag"]
    ///     amount = ["Summe"]
    ///     "#,
    ///     "till.toml",
    /// )?;
    /// assert!(profile.fits(&["Tag", "BON", "karte", "Summe"].map(String::from)));
    /// # Ok::<(), clivia_io::error::TableError>(())
    /// ```
    ///
    /// # Errors
    /// [`TableError::Setting`] that names the file and what is wrong in it.
    pub fn parse(text: &str, file: &str) -> Result<Self, TableError> {
        let wrong = |cause: String| TableError::Setting { setting: "read.profile", cause: format!("{file}: {cause}") };
        let profile: Profile = toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().into()))?;
        profile.check().map_err(|cause| wrong(cause.into()))?;
        Ok(Profile { text: text.into(), ..profile })
    }

    fn check(&self) -> Result<(), &'static str> {
        let has = |part| self.columns.get(&part).is_some_and(|names| !names.is_empty());
        let needed: &[Part] = match self.table {
            Holds::Orders | Holds::Contacts => &[Part::Customer, Part::Date],
            Holds::Subscriptions => &[Part::Customer, Part::Start],
            Holds::Customers => &[Part::Customer],
        };
        if self.recognise.iter().all(|signature| signature.all_of.is_empty() && signature.any_of.is_empty()) {
            return Err("recognise names no column; write those by which the export is known in all_of");
        }
        match needed.iter().all(|part| has(*part)) {
            true => Ok(()),
            false if needed.contains(&Part::Start) => Err("columns must name a customer and a start"),
            false => Err("columns must name a customer and a date"),
        }
    }

    /// Whether a header is one of this export.
    pub fn fits(&self, header: &[String]) -> bool {
        let held: Vec<String> = header.iter().map(|name| normal(name)).collect();
        self.recognise.iter().any(|signature| signature.fits(&held))
    }

    /// The source's own name for the surest column of a part; for an amount, an expression where that comes first.
    pub fn column(&self, part: Part, header: &[String]) -> Option<String> {
        self.candidates(part, header).next()
    }

    /// All columns for a part that a source has, the surest first.
    fn candidates<'p>(&'p self, part: Part, header: &'p [String]) -> impl Iterator<Item = String> + 'p {
        let names = self.columns.get(&part).into_iter().flatten();
        names.filter_map(move |name| match name.contains('"') {
            true => expression(name, header),
            false => named(header, &[&normal(name)]).map(String::from),
        })
    }

    /// All of a source's columns for a part, the surest first.
    pub(crate) fn all(&self, part: Part, header: &[String]) -> Vec<String> {
        self.candidates(part, header).collect()
    }

    /// The column of customers: the surest that is filled in nearly every row, else the one with the fewest gaps.
    pub fn customer(&self, look: &Look) -> Option<String> {
        let filled = |name: &String| (0..look.rows()).filter(|row| look.name(name, *row).is_some()).count();
        let candidates: Vec<String> = self.candidates(Part::Customer, look.header()).collect();
        let full = candidates.iter().find(|name| filled(name) * 20 >= look.rows() * 19);
        // Of two that are equally full, the surer.
        full.or_else(|| candidates.iter().rev().max_by_key(|name| filled(name))).cloned()
    }

    /// The columns that say which rows are purchases, where a source has them.
    pub fn status(&self, header: &[String]) -> Vec<StatusColumn> {
        let column = |status: &ProfileStatus| {
            let name = named(header, &[&normal(&status.column)])?;
            let kind = status.kind.map(StatusKind::kind).unwrap_or_else(|| StatusColumn::kind_of(name));
            let ProfileStatus { events, keep, drop, refund, .. } = status.clone();
            Some(StatusColumn { events, keep, drop, refund, ..StatusColumn::new(name, kind) })
        };
        self.statuses.iter().filter_map(column).collect()
    }

    /// Rows that go on with an order, under the source's own names.
    pub fn continuation(&self, header: &[String]) -> Option<Continuation> {
        let own = |name: &String| named(header, &[&normal(name)]).map(String::from);
        let continued = self.continued.as_ref()?;
        let empty: Vec<String> = continued.empty.iter().filter_map(own).collect();
        let order = own(&continued.order)?;
        (!empty.is_empty()).then_some(Continuation { order, empty })
    }

    /// What is the same in every row.
    pub fn constant(&self, part: Part) -> Option<&str> {
        self.constants.get(&part).map(String::as_str)
    }

    /// Why a source with this header cannot be read as it is.
    ///
    /// # Errors
    /// [`TableError::Profile`] that says what is missing.
    pub fn readable(&self, file: &str, header: &[String]) -> Result<(), TableError> {
        let solved = |name: &String| named(header, &[&normal(name)]).is_some();
        match &self.problem {
            Some(problem) if !problem.unless.iter().any(solved) => {
                Err(TableError::Profile { file: file.into(), title: self.title.clone(), cause: problem.says.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Whether the problem is that there is no column for a part.
    pub(crate) fn problem_is_of(&self, part: Part) -> bool {
        let names: Vec<String> = self.columns.get(&part).into_iter().flatten().map(|name| normal(name)).collect();
        let mut solving = self.problem.iter().flat_map(|problem| &problem.unless);
        solving.any(|name| names.contains(&normal(name)))
    }

    /// Fails where a source of orders lacks columns that it is read by; `stated` parts and a stated status are named by
    /// settings.
    pub(crate) fn check_held(
        &self,
        file: &str,
        header: &[String],
        stated: &[Part],
        status: bool,
    ) -> Result<(), TableError> {
        let parts = [(Part::Customer, "customer"), (Part::Date, "date"), (Part::Amount, "amount")];
        let lacking = |(part, name): (Part, &str)| {
            let is_there = stated.contains(&part) || self.column(part, header).is_some();
            let names = self.columns.get(&part).filter(|_| !is_there)?;
            Some(format!("{name} ({})", names.join(", ")))
        };
        let mut missing: Vec<String> = parts.into_iter().filter_map(lacking).collect();
        if status && !self.statuses.is_empty() && self.status(header).is_empty() {
            let names = self.statuses.iter().map(|status| status.column.as_str()).collect::<Vec<_>>().join(", ");
            missing.push(format!("status ({names})"));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let cause = format!("it has no {}; it holds: {}", missing.join(", no "), header.join(", "));
        Err(TableError::ProfileColumns { file: file.into(), title: self.title.clone(), cause })
    }

    /// What is to be said of a source that is read by this profile.
    pub fn notes(&self, header: &[String]) -> Vec<Note> {
        let sentence = format!("read as {}: {}", self.title, self.meaning);
        let known =
            Note::info("profile", sentence).remedy("to read it as any other table, set read.profile = \"none\"");
        let lacks = self.lacks.iter().filter(|lack| named(header, &[&normal(&lack.column)]).is_none());
        let lacks =
            lacks.map(|lack| Note::severe("profile_lacks", format!("it has no '{}': {}", lack.column, lack.says)));
        lacks.chain([known]).collect()
    }

    /// How it is written, in TOML.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// An expression under the source's own names; `None` where it has not all of its columns.
fn expression(text: &str, header: &[String]) -> Option<String> {
    let pieces: Vec<&str> = text.split('"').collect();
    let own = |(place, piece): (usize, &&str)| match place % 2 {
        0 => Some((*piece).to_string()),
        _ => named(header, &[&normal(piece)]).map(|name| format!("\"{}\"", name.replace('"', "\"\""))),
    };
    pieces.iter().enumerate().map(own).collect()
}

/// The exports that are known.
#[derive(Debug, Clone, Copy)]
pub struct Profiles;

impl Profiles {
    /// Those that come with clivia.
    pub fn builtin() -> &'static [Profile] {
        &BUILTIN
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<&'static Profile> {
        Self::builtin().iter().find(|profile| profile.name == name)
    }

    /// The one that a header is of.
    pub fn recognise(header: &[String]) -> Option<&'static Profile> {
        Self::builtin().iter().find(|profile| profile.fits(header))
    }

    /// The profile that `read.profile` says for a source with this header: the one that it is of where the setting is
    /// empty, none with `none`, the one of that name, or that of a file. One that is named is used whatever the header.
    ///
    /// # Errors
    /// [`TableError::Setting`] where there is none of that name or the file is none.
    pub fn chosen(setting: &str, header: &[String]) -> Result<Option<Profile>, TableError> {
        match setting {
            "" => Ok(Self::recognise(header).cloned()),
            "none" => Ok(None),
            name => match Self::named(name) {
                Some(profile) => Ok(Some(profile.clone())),
                None => Self::load(name).map(Some),
            },
        }
    }

    /// As [`Profiles::chosen`] for a table that holds this; a name that is one of another table says nothing of it.
    ///
    /// # Errors
    /// As [`Profiles::chosen`].
    pub(crate) fn chosen_for(holds: Holds, setting: &str, header: &[String]) -> Result<Option<Profile>, TableError> {
        let chosen = Self::chosen(setting, header)?;
        Ok(match chosen {
            Some(profile) if profile.table != holds => Self::recognise(header).cloned(),
            chosen => chosen,
        }
        .filter(|profile| profile.table == holds))
    }

    fn load(file: &str) -> Result<Profile, TableError> {
        let wrong = |cause: String| TableError::Setting { setting: "read.profile", cause };
        let is_file = Path::new(file).extension().is_some_and(|ending| ending == "toml") || file.contains(['/', '\\']);
        if !is_file {
            let near = Self::builtin().iter().map(|profile| (strsim::jaro_winkler(&profile.name, file), &profile.name));
            let nearest = near.max_by(|a, b| a.0.total_cmp(&b.0)).map_or("", |(_, name)| name.as_str());
            return Err(wrong(format!(
                "there is no profile '{file}' (nearest: '{nearest}'); write a name, none, or a file that ends in .toml"
            )));
        }
        let text = std::fs::read_to_string(file).map_err(|cause| wrong(format!("{file}: {cause}")))?;
        Profile::parse(&text, file)
    }
}

#[cfg(test)]
mod tests;
