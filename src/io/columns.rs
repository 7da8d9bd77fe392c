//! Which column is which: by name where it was named, else by the names that files usually use.

mod roles;

use crate::error::{MissingColumn, NamedBy, TableError};
use crate::numbers::Currency;
pub use roles::*;

/// Finds the column for a role: the named one, else the first usual name that the file holds.
///
/// # Errors
/// [`TableError::Column`] where a named column is not there, [`TableError::TwoColumns`] where two
/// spellings of the same name are.
pub(crate) fn find(file: &str, held: &[String], role: Role, named: Option<&str>) -> Result<Option<String>, TableError> {
    if let Some(name) = named {
        return exact(held, name)
            .or_else(|| unique(held, &normal(name)))
            .map(Some)
            .ok_or_else(|| missing(file, held, role, Some(name)));
    }
    let as_it_is = role.usual.iter().map(|usual| (usual, normal as fn(&str) -> String));
    let in_a_currency = role.usual.iter().map(|usual| (usual, without_currency as fn(&str) -> String));
    for (usual, of_name) in as_it_is.chain(in_a_currency) {
        let mut matches = held.iter().filter(|name| of_name(name) == *usual);
        if let Some(first) = matches.next() {
            return match matches.next() {
                None => Ok(Some(first.clone())),
                Some(second) => Err(TableError::TwoColumns {
                    file: file.into(),
                    first: first.clone(),
                    second: second.clone(),
                    role: role.name,
                    setting: role.setting,
                }),
            };
        }
    }
    Ok(None)
}

/// Every column that has a usual name for a role, in the order of the file.
pub(crate) fn all(held: &[String], role: Role) -> Vec<String> {
    held.iter().filter(|name| is_one(name, role.usual)).cloned().collect()
}

/// As [`find`], for a column that must be there.
pub(crate) fn need(file: &str, held: &[String], role: Role, named: Option<&str>) -> Result<String, TableError> {
    find(file, held, role, named)?.ok_or_else(|| missing(file, held, role, None))
}

/// The columns that a table must have, so that one error names all that are not there.
pub(crate) struct Needed<'a> {
    file: &'a str,
    held: &'a [String],
    missing: Vec<MissingColumn>,
}

impl<'a> Needed<'a> {
    pub(crate) fn of(file: &'a str, held: &'a [String]) -> Self {
        Needed { file, held, missing: Vec::new() }
    }

    /// As [`find`]; a named column that is not there waits for [`Needed::check`].
    pub(crate) fn find(&mut self, role: Role, named: &str) -> Result<Option<String>, TableError> {
        let named = Some(named).filter(|name| !name.is_empty());
        match find(self.file, self.held, role, named) {
            Err(TableError::Column { .. }) => {
                self.missing(role, named, "");
                Ok(None)
            }
            found => found,
        }
    }

    /// The same, for a column that must be there; `instead` is what would do in its place.
    pub(crate) fn need(&mut self, role: Role, named: &str, instead: &str) -> Result<String, TableError> {
        let before = self.missing.len();
        let found = self.find(role, named)?;
        if found.is_none() && self.missing.len() == before {
            self.missing(role, None, instead);
        }
        Ok(found.unwrap_or_default())
    }

    fn missing(&mut self, role: Role, named: Option<&str>, instead: &str) {
        let wanted = named.map_or(format!("{} column", role.name), |name| format!("{} column '{name}'", role.name));
        let by =
            role.setting.map_or(NamedBy::Header(role.usual.first().copied().unwrap_or_default()), NamedBy::Setting);
        let instead = if instead.is_empty() { String::new() } else { format!(", or {instead}") };
        let nearest = hint(self.held, &near(self.held, role, named));
        self.missing.push(MissingColumn { role: role.name, wanted, nearest, by, instead });
    }

    /// Fails where a column was missing, with all that were.
    pub(crate) fn check(self) -> Result<(), TableError> {
        let Needed { file, held, missing } = self;
        if missing.is_empty() {
            return Ok(());
        }
        Err(TableError::Columns { file: file.into(), held: held.join(", "), missing })
    }
}

fn exact(held: &[String], name: &str) -> Option<String> {
    held.iter().find(|column| *column == name).cloned()
}

fn unique(held: &[String], normalised: &str) -> Option<String> {
    let mut matches = held.iter().filter(|column| normal(column) == normalised);
    matches.next().filter(|_| matches.next().is_none()).cloned()
}

/// Letters and digits only, in lower case and without their marks, so that `Customer ID` and `customer_id` are one, and
/// `Ilość` and `ilosc`.
pub(crate) fn normal(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).map(plain).collect()
}

/// The same without a currency behind the name: `total` of `Total [EUR]`, `Total in €` and `total_usd`; empty where there
/// is none.
pub(crate) fn without_currency(name: &str) -> String {
    let is_part = |sign: char| sign.is_alphanumeric() || (!sign.is_ascii() && !sign.is_whitespace()) || sign == '$';
    let trimmed = name.trim_end_matches(|sign: char| !is_part(sign));
    let start = trimmed.char_indices().rev().take_while(|(_, sign)| is_part(*sign)).last();
    let (before, currency) = trimmed.split_at(start.map_or(trimmed.len(), |(at, _)| at));
    let is_set_off = trimmed.len() < name.trim_end().len();
    let is_plain = USUAL_CURRENCIES.contains(&currency.to_uppercase().as_str());
    let is_sign = currency.chars().any(|sign| !sign.is_alphabetic());
    match Currency::find(currency) {
        Some(_) if is_set_off || is_plain || is_sign => {
            let before = before.trim_end_matches(|sign: char| !sign.is_alphanumeric());
            normal(before.strip_suffix(" in").unwrap_or(before))
        }
        _ => String::new(),
    }
}

/// Currencies that are known without a sign of what they are: other codes are words, such as ALL and TOP.
pub(crate) const USUAL_CURRENCIES: &[&str] = &[
    "EUR", "USD", "GBP", "CHF", "PLN", "CZK", "HUF", "RON", "BGN", "SEK", "NOK", "DKK", "JPY", "CNY", "INR", "AUD",
    "CAD", "NZD", "BRL", "MXN", "ZAR", "EURO", "ZŁ", "KČ", "LEI",
];

/// Whether a column has one of these normalised names, be it with a currency behind it.
pub(crate) fn is_one(name: &str, names: &[&str]) -> bool {
    names.contains(&normal(name).as_str()) || names.contains(&without_currency(name).as_str())
}

/// A small letter without its marks.
fn plain(letter: char) -> char {
    const MARKED: [(char, &str); 13] = [
        ('a', "áàâäãåăą"),
        ('c', "çćč"),
        ('e', "éèêëęěė"),
        ('i', "íìîï"),
        ('l', "ł"),
        ('n', "ñńň"),
        ('o', "óòôöõőø"),
        ('r', "ř"),
        ('s', "śșşšß"),
        ('t', "țţť"),
        ('u', "úùûüůű"),
        ('y', "ýÿ"),
        ('z', "źżž"),
    ];
    match letter.is_ascii() {
        true => letter,
        false => MARKED.iter().find(|(_, marked)| marked.contains(letter)).map_or(letter, |(plain, _)| *plain),
    }
}

/// Whether a column's name says that it holds e-mail addresses.
pub(crate) fn names_addresses(name: &str) -> bool {
    let name = normal(name);
    ["email", "courriel", "correo", "имейл"].iter().any(|word| name.contains(word)) || name == "mail"
}

/// Whether a column's name says that it holds people's names.
pub(crate) fn names_people(name: &str) -> bool {
    let name = normal(name);
    let words = ["nazwaklienta", "nomclient", "nomduclient", "nombrecliente", "nomecliente", "numeclient", "имеклиент"];
    name.ends_with("name") || words.contains(&name.as_str())
}

/// The error for a column that is not there, with the nearest that are.
pub(crate) fn missing(file: &str, held: &[String], role: Role, named: Option<&str>) -> TableError {
    TableError::Column {
        file: file.into(),
        wanted: named.map_or(format!("{} column", role.name), |name| format!("{} column '{name}'", role.name)),
        held: held.join(", "),
        nearest: hint(held, &near(held, role, named)),
        by: match role.setting {
            Some(setting) => NamedBy::Setting(setting),
            None => NamedBy::Header(role.usual.first().copied().unwrap_or_default()),
        },
    }
}

/// The columns whose names are nearest to that of a missing one, in quotes.
fn near(held: &[String], role: Role, named: Option<&str>) -> Vec<String> {
    let wanted: Vec<String> =
        named.map_or_else(|| role.usual.iter().map(|&usual| usual.into()).collect(), |name| vec![normal(name)]);
    let mut near: Vec<(f64, &String)> = held.iter().map(|column| (likeness(column, &wanted), column)).collect();
    near.retain(|(likeness, _)| *likeness > 0.75);
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.iter().take(3).map(|(_, column)| format!("'{column}'")).collect()
}

fn hint(held: &[String], near: &[String]) -> String {
    match held {
        [one] if one.contains([',', ';', '\t', '|']) => " (a single column: is read.delimiter right?)".into(),
        _ if near.is_empty() => String::new(),
        _ => format!(" (nearest: {})", near.join(", ")),
    }
}

fn likeness(column: &str, wanted: &[String]) -> f64 {
    let column = normal(column);
    wanted.iter().map(|name| strsim::jaro_winkler(&column, name)).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use crate::columns::*;

    fn held(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.into()).collect()
    }

    fn found(role: Role, names: &[&str]) -> Option<String> {
        find("f", &held(names), role, None).ok().flatten()
    }

    #[test]
    fn headers_of_many_languages_are_known() {
        for header in [
            ["Kundennummer", "Bestelldatum", "Betrag", "Bestellnummer"],
            ["ID klienta", "Data zamówienia", "Kwota", "Nr zamówienia"],
            ["Numéro client", "Date de commande", "Montant TTC", "N° commande"],
            ["ID Cliente", "Fecha del pedido", "Importe", "Número de pedido"],
            ["Codice cliente", "Data ordine", "Totale", "Numero ordine"],
            ["Cod client", "Data comenzii", "Valoare comandă", "Nr. comandă"],
            ["Клиент", "Дата на поръчка", "Обща сума", "Номер на поръчка"],
            ["Customer Email", "Created at", "order_total", "Order #"],
        ] {
            for (role, name) in [CUSTOMER, DATE, AMOUNT, ORDER].into_iter().zip(header) {
                assert_eq!(found(role, &header).as_deref(), Some(name), "{}", role.name);
            }
        }
    }

    #[test]
    fn the_surest_name_is_taken_first() {
        assert_eq!(found(CUSTOMER, &["Id", "Email", "Customer ID"]).as_deref(), Some("Customer ID"));
        assert_eq!(found(CUSTOMER, &["Id", "Name", "Email"]).as_deref(), Some("Email"));
        assert_eq!(found(CUSTOMER, &["customer_id", "customer_unique_id"]).as_deref(), Some("customer_unique_id"));
        assert_eq!(found(CUSTOMER, &["id", "day"]).as_deref(), Some("id"));
        assert_eq!(found(DATE, &["Ship Date", "Order Date"]).as_deref(), Some("Order Date"));
        assert_eq!(found(DATE, &["Ship Date", "delivery_date", "Row"]), None);
        assert_eq!(found(DATE, &["Time", "Paid at", "Created at"]).as_deref(), Some("Created at"));
        assert_eq!(found(AMOUNT, &["Subtotal", "Taxes", "Total"]).as_deref(), Some("Total"));
        assert_eq!(found(AMOUNT, &["UnitPrice", "Tax", "shipping"]), None);
    }

    #[test]
    fn no_name_of_a_role_is_listed_twice_or_written_otherwise_than_it_is_compared() {
        for role in [CUSTOMER, DATE, AMOUNT, ORDER, CURRENCY] {
            for (place, name) in role.usual.iter().enumerate() {
                assert_eq!(normal(name), *name);
                assert!(!role.usual[..place].contains(name), "{} twice: {name}", role.name);
            }
        }
    }
}
