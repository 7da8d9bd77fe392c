//! How a source is read: what was set, and the plan that is made of it and of what the source tells.

use std::path::Path;

use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use clivia_core::base::Day;

use crate::contacts::ContactMapping;
use crate::dates::{DateReader, PartOrder};
use crate::error::TableError;
use crate::files::encoding::Encodings;
use crate::frame::Frame;
use crate::orders::Mapping;
use crate::orders::meaning::Meaning;
use crate::source::Source;
use crate::staging;
use crate::subscriptions::SubscriptionMapping;
use crate::write::ExportError;

/// The sign between whole and part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decimal {
    /// `1234.50`
    #[default]
    Point,
    /// `1234,50`
    Comma,
}

impl Decimal {
    /// The sign that separates thousands where this one separates decimals.
    pub(crate) fn other(self) -> Self {
        match self {
            Decimal::Point => Decimal::Comma,
            Decimal::Comma => Decimal::Point,
        }
    }
}

/// How files are read, whatever they hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadSettings {
    /// What separates the cells of a text file: one of `,` `;` `|` or a tab; sniffed where empty.
    pub delimiter: String,
    /// The encoding of text files, such as `utf-8`, `latin1` or `windows-1252`; found out where empty. Of two, such as
    /// `utf-8, windows-1252`, the second is that of rows that are not in the first.
    pub encoding: String,
    /// The line of the header of text files and workbooks; found out where 0.
    pub header_line: u64,
    /// The sheet of a workbook, by its name or its number; the only one with rows where empty.
    pub sheet: String,
    /// Whether numbers are written with a decimal point or a decimal comma; found out of each column of amounts where it is
    /// not said.
    #[serde(with = "decimal_name")]
    pub decimal: Option<Decimal>,
    /// How dates are written, in strftime's words, such as `%d/%m/%Y`, or by the order of their parts: `dmy`, `mdy` or `ymd`;
    /// found out where empty.
    pub date_format: String,
    /// The time zone in whose calendar a timestamp with a zone falls on a day; where there is none, it falls on the day as
    /// it is written.
    #[serde(with = "timezone_name")]
    pub timezone: Option<Tz>,
    /// Rows before this day are refused; 1900-01-01 and 1970-01-01 are how databases write "no date".
    pub earliest: Day,
    /// Rows after this day are refused.
    pub latest: Day,
    /// The share of rows or of money that could not be read from which that is the first thing that is said.
    pub unreadable_warning: f64,
    /// The share above which it is an error; 1 goes on whatever is lost.
    pub unreadable_error: f64,
    /// The export that a file is: the name of a profile, `none`, or a file with one; recognised by the header where empty.
    pub profile: String,
}

/// A time zone by its name; none is empty.
pub(crate) mod timezone_name {
    use chrono_tz::Tz;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(zone: &Option<Tz>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.map_or("", |zone| zone.name()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tz>, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.is_empty() {
            return Ok(None);
        }
        name.parse()
            .map(Some)
            .map_err(|_| de::Error::custom(format!("'{name}' is not a time zone; write one such as Europe/Warsaw")))
    }
}

impl Default for ReadSettings {
    fn default() -> Self {
        ReadSettings {
            delimiter: String::new(),
            encoding: String::new(),
            header_line: 0,
            sheet: String::new(),
            decimal: None,
            date_format: String::new(),
            timezone: None,
            earliest: Day(1),
            latest: Day(47_481), // 2099-12-31
            unreadable_warning: 0.01,
            unreadable_error: 0.2,
            profile: String::new(),
        }
    }
}

/// A decimal sign by its name; `auto` where it is found out.
pub(crate) mod decimal_name {
    use super::Decimal;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Name {
        Auto,
        Point,
        Comma,
    }

    pub(crate) fn serialize<S: Serializer>(sign: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match sign {
            None => Name::Auto,
            Some(Decimal::Point) => Name::Point,
            Some(Decimal::Comma) => Name::Comma,
        };
        name.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        Ok(match Name::deserialize(deserializer)? {
            Name::Auto => None,
            Name::Point => Some(Decimal::Point),
            Name::Comma => Some(Decimal::Comma),
        })
    }
}

impl ReadSettings {
    /// The decimal sign that was said.
    pub(crate) fn stated_decimal(&self) -> Option<Decimal> {
        self.decimal
    }

    /// The decimal sign where none is found out.
    pub(crate) fn decimal(&self) -> Decimal {
        self.decimal.unwrap_or_default()
    }

    /// The byte between cells; `None` where it is to be sniffed.
    pub(crate) fn delimiter_byte(&self) -> Result<Option<u8>, TableError> {
        match self.delimiter.as_str() {
            "" => Ok(None),
            "\\t" | "tab" => Ok(Some(b'\t')),
            one if one.len() == 1 && one.is_ascii() && !["\n", "\r", "\""].contains(&one) => {
                Ok(Some(one.as_bytes()[0]))
            }
            other => Err(TableError::Setting {
                setting: "read.delimiter",
                cause: format!(
                    "'{other}' is not a single character that can stand between cells; write one of , ; | or tab"
                ),
            }),
        }
    }

    /// The encodings of text files; `None` where they are to be found out.
    pub(crate) fn encodings(&self) -> Result<Option<Encodings>, TableError> {
        if self.encoding.trim().is_empty() {
            return Ok(None);
        }
        Encodings::stated(&self.encoding).map(Some).ok_or_else(|| TableError::Setting {
            setting: "read.encoding",
            cause: format!("'{}' is not an encoding; write utf-8, latin1 or windows-1252", self.encoding),
        })
    }
}

/// How a source is read: decided once, by the settings and over the whole source. It is a value that is shown,
/// saved, and handed to every reader of that source: a part of it, be it on another machine, is read like the whole. Plans of
/// orders, contacts and subscriptions differ in their columns.
///
/// ```
/// use clivia_io::plan::ReadingPlan;
/// let plan = ReadingPlan::parse(
///     r#"
///     version = 1
///     delimiter = ";"
///     encoding = "utf-8"
///     decimal = "comma"
///     day_or_month_first = "day_first"
///     timezone = "Europe/Warsaw"
///     [columns]
///     customer = "klient"
///     date = "data"
///     amount = "kwota"
///     "#,
///     "plan.toml",
/// )?;
/// assert_eq!(ReadingPlan::parse(&plan.to_toml()?, "again")?, plan);
/// # Ok::<(), clivia_io::error::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOf<Columns> {
    /// The version of this form: [`ReadingPlan::VERSION`].
    pub version: u32,
    /// What separates the cells of a text; empty where the source is none.
    #[serde(default)]
    pub delimiter: String,
    /// The encoding of a text.
    pub encoding: String,
    /// The sheet of a workbook.
    #[serde(default)]
    pub sheet: String,
    /// Whether numbers are written with a decimal point or a decimal comma.
    pub decimal: Decimal,
    /// How dates are written, in strftime's words or by the order of their parts; empty where the usual forms are read.
    #[serde(default)]
    pub date_format: String,
    /// Which part of `3/4/2024` is the day, and where a year of two digits stands, where the dates of the source need it.
    #[serde(default)]
    pub day_or_month_first: Option<PartOrder>,
    /// The time zone in whose calendar a timestamp with a zone falls on a day; as it is written where there is none.
    #[serde(default, with = "timezone_name")]
    pub timezone: Option<Tz>,
    /// The currency of all amounts, where that is known.
    #[serde(default)]
    pub currency: Option<String>,
    /// The expression that amounts are worked out by, where they are not a column of their own.
    #[serde(default)]
    pub amount_expression: Option<String>,
    /// Which column plays which part.
    pub columns: Columns,
    /// What the columns of orders mean beyond that; every row is a purchase with an amount of its own where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
    /// What stands around the rows of the source that it was made for; other files have frames of their own.
    #[serde(default)]
    pub frame: Frame,
}

/// How a source of orders is read.
pub type ReadingPlan = PlanOf<Mapping>;
/// How a contact log is read.
pub type ContactsPlan = PlanOf<ContactMapping>;
/// How a table of subscriptions is read.
pub type SubscriptionsPlan = PlanOf<SubscriptionMapping>;

impl<Columns: Serialize + DeserializeOwned> PlanOf<Columns> {
    /// The version that is written and read.
    pub const VERSION: u32 = 1;

    /// The plan of a source of which everything has been found out.
    pub(crate) fn of(
        source: &dyn Source,
        settings: &ReadSettings,
        columns: Columns,
        decimal: Decimal,
        order: Option<PartOrder>,
    ) -> Result<Self, TableError> {
        let ReadSettings { delimiter, encoding, sheet, date_format, timezone, .. } = source.settled(settings)?;
        Ok(PlanOf {
            version: Self::VERSION,
            delimiter,
            encoding,
            sheet,
            decimal,
            date_format,
            day_or_month_first: order,
            timezone,
            currency: None,
            amount_expression: None,
            columns,
            meaning: None,
            frame: source.frame(settings)?,
        })
    }

    /// Reads a plan from TOML or JSON; `file` is its name in errors.
    ///
    /// # Errors
    /// [`TableError::Plan`] where it is none, or one of another version.
    pub fn parse(text: &str, file: &str) -> Result<Self, TableError> {
        let json = text.trim_start().starts_with('{');
        let plan: Result<Self, String> = match json {
            true => serde_json::from_str(text).map_err(|error| error.to_string()),
            false => toml::from_str(text).map_err(|error| error.to_string()),
        };
        let plan = plan.map_err(|cause| not_a_plan(file, cause))?;
        if plan.version != Self::VERSION {
            let cause = format!("version {} of reading plans; {} is read here", plan.version, Self::VERSION);
            return Err(not_a_plan(file, cause));
        }
        Ok(plan)
    }

    /// Reads a plan from a file of TOML or JSON.
    ///
    /// # Errors
    /// As [`ReadingPlan::parse`], and [`TableError::Io`] where the file cannot be read.
    pub fn load(path: &Path) -> Result<Self, TableError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &file),
            Err(cause) => Err(TableError::Io { file, cause }),
        }
    }

    /// The plan as TOML.
    ///
    /// # Errors
    /// [`TableError::Plan`] where a name of it cannot be written.
    pub fn to_toml(&self) -> Result<String, TableError> {
        toml::to_string_pretty(self).map_err(|error| not_a_plan("the reading plan", error.to_string()))
    }

    /// The plan as JSON.
    ///
    /// # Errors
    /// [`TableError::Plan`] where a name of it cannot be written.
    pub fn to_json(&self) -> Result<String, TableError> {
        serde_json::to_string_pretty(self).map_err(|error| not_a_plan("the reading plan", error.to_string()))
    }

    /// Writes the plan to a file, whole or not at all: JSON where its name ends so, else TOML.
    ///
    /// # Errors
    /// [`ExportError`] where it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ExportError> {
        let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let text = if json { self.to_json() } else { self.to_toml() };
        let text = text.map_err(|error| ExportError::Io {
            file: path.display().to_string(),
            cause: std::io::Error::other(error.to_string()),
        })?;
        staging::replace(path, text.as_bytes())
    }

    /// The settings that it was made by, with what was found out in place of what was left open; which days count is as
    /// in `settings`.
    pub fn settings(&self, settings: &ReadSettings) -> ReadSettings {
        ReadSettings {
            delimiter: self.delimiter.clone(),
            encoding: self.encoding.clone(),
            header_line: settings.header_line,
            sheet: self.sheet.clone(),
            decimal: Some(self.decimal),
            date_format: self.date_format.clone(),
            timezone: self.timezone,
            earliest: settings.earliest,
            latest: settings.latest,
            unreadable_warning: settings.unreadable_warning,
            unreadable_error: settings.unreadable_error,
            profile: settings.profile.clone(),
        }
    }

    /// How its dates are read.
    pub fn dates(&self) -> DateReader {
        DateReader::of(&self.date_format, self.timezone, self.day_or_month_first)
    }
}

/// The plans of the tables of a run: what was asked about them is answered once.
///
/// ```
/// use clivia_io::plan::Plans;
/// let text = "[orders]\nversion = 1\nencoding = \"utf-8\"\ndecimal = \"comma\"\n\
///             [orders.columns]\ncustomer = \"klient\"\ndate = \"data\"";
/// let plans = Plans::parse(text, "orders.toml")?;
/// assert!(plans.orders.is_some() && plans.contacts.is_none());
/// # Ok::<(), clivia_io::error::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plans {
    /// That of the orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<ReadingPlan>,
    /// That of the contact log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contacts: Option<ContactsPlan>,
}

impl Plans {
    /// Reads plans from TOML; `file` is their name in errors.
    ///
    /// # Errors
    /// [`TableError::Plan`] where they are none, or of another version.
    pub fn parse(text: &str, file: &str) -> Result<Self, TableError> {
        let plans: Plans = toml::from_str(text).map_err(|error| not_a_plan(file, error.to_string()))?;
        let versions =
            [plans.orders.as_ref().map(|plan| plan.version), plans.contacts.as_ref().map(|plan| plan.version)];
        match versions.into_iter().flatten().find(|version| *version != ReadingPlan::VERSION) {
            Some(other) => {
                let cause = format!("version {other} of reading plans; {} is read here", ReadingPlan::VERSION);
                Err(not_a_plan(file, cause))
            }
            None => Ok(plans),
        }
    }

    /// Reads plans from a file of TOML.
    ///
    /// # Errors
    /// As [`Plans::parse`], and [`TableError::Io`] where the file cannot be read.
    pub fn load(path: &Path) -> Result<Self, TableError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &file),
            Err(cause) => Err(TableError::Io { file, cause }),
        }
    }

    /// Writes the plans to a file of TOML, whole or not at all.
    ///
    /// # Errors
    /// [`ExportError`] where it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), ExportError> {
        let text = toml::to_string_pretty(self).map_err(|error| ExportError::Io {
            file: path.display().to_string(),
            cause: std::io::Error::other(error.to_string()),
        })?;
        staging::replace(path, text.as_bytes())
    }
}

fn not_a_plan(file: &str, cause: String) -> TableError {
    TableError::Plan { file: file.into(), cause: format!("it is no reading plan: {cause}") }
}
