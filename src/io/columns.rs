//! Which column is which: by name where it was named, else by the names that files usually use.

use crate::error::TableError;

/// A part that a column plays, and the names under which files usually hold it.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// In a sentence: `customer`.
    pub name: &'static str,
    /// The flag or setting that names the column.
    pub flag: &'static str,
    /// Usual names, normalised, the surest first.
    pub usual: &'static [&'static str],
}

/// Who bought.
pub const CUSTOMER: Role = Role {
    name: "customer",
    flag: "--customer",
    usual: &[
        "customerid",
        "customer",
        "custid",
        "cust",
        "customerno",
        "customernumber",
        "customerkey",
        "clientid",
        "client",
        "householdid",
        "household",
        "householdkey",
        "userid",
        "user",
        "memberid",
        "member",
        "accountid",
        "account",
        "buyerid",
        "buyer",
        "contactid",
        "personid",
        "id",
    ],
};

/// When.
pub const DATE: Role = Role {
    name: "date",
    flag: "--date",
    usual: &[
        "orderdate",
        "orderts",
        "invoicedate",
        "purchasedate",
        "transactiondate",
        "date",
        "orderedat",
        "orderdatetime",
        "ordertime",
        "ordertimestamp",
        "timestamp",
        "ts",
        "datetime",
        "time",
        "day",
        "createdat",
        "saledate",
        "transdate",
        "purchasedat",
    ],
};

/// For how much.
pub const AMOUNT: Role = Role {
    name: "amount",
    flag: "--amount",
    usual: &[
        "amount",
        "revenue",
        "total",
        "salesvalue",
        "sales",
        "totalamount",
        "orderamount",
        "ordertotal",
        "ordervalue",
        "totalprice",
        "value",
        "spend",
        "netamount",
        "grossamount",
        "linetotal",
        "turnover",
        "price",
    ],
};

/// In which order.
pub const ORDER: Role = Role {
    name: "order",
    flag: "--order",
    usual: &[
        "orderid",
        "orderno",
        "ordernumber",
        "invoiceno",
        "invoiceid",
        "invoice",
        "invoicenumber",
        "basketid",
        "basket",
        "transactionid",
        "receiptid",
        "receiptno",
        "order",
    ],
};

/// Of which how much is profit.
pub const MARGIN: Role =
    Role { name: "margin", flag: "orders.margin_column", usual: &["margin", "grossmargin", "profit", "contribution"] };

/// What it cost.
pub const COST: Role = Role {
    name: "cost",
    flag: "orders.cost_column",
    usual: &["cost", "costs", "cogs", "costofgoods", "totalcost", "costamount"],
};

/// In which currency.
pub const CURRENCY: Role =
    Role { name: "currency", flag: "--currency-column", usual: &["currency", "currencycode", "curr", "ccy"] };

/// Who was contacted.
pub const CONTACT_CUSTOMER: Role = Role { flag: "customer under [contact_columns] in the config", ..CUSTOMER };

/// When somebody was contacted.
pub const CONTACT_DATE: Role = Role {
    name: "timestamp",
    flag: "date under [contact_columns] in the config",
    usual: &[
        "contactedat",
        "contactdate",
        "contactts",
        "timestamp",
        "ts",
        "date",
        "datetime",
        "sentat",
        "senddate",
        "time",
        "createdat",
        "day",
    ],
};

/// By which channel.
pub const CHANNEL: Role = Role {
    name: "channel",
    flag: "channel under [contact_columns] in the config",
    usual: &["channel", "contactchannel", "medium", "contacttype", "type", "kind"],
};

/// Who contacted whom.
pub const DIRECTION: Role = Role {
    name: "direction",
    flag: "direction under [contact_columns] in the config",
    usual: &["direction", "inout", "contactdirection"],
};

/// What came of a contact.
pub const OUTCOME: Role = Role {
    name: "outcome",
    flag: "outcome under [contact_columns] in the config",
    usual: &["outcome", "result", "status", "disposition", "response"],
};

/// What a contact cost.
pub const CONTACT_COST: Role = Role {
    name: "cost",
    flag: "cost under [contact_columns] in the config",
    usual: &["cost", "costs", "contactcost", "unitcost"],
};

/// What the customer thought of a contact.
pub const SATISFACTION: Role = Role {
    name: "satisfaction",
    flag: "satisfaction under [contact_columns] in the config",
    usual: &["satisfaction", "csat", "rating", "satisfactionscore", "csatscore"],
};

/// How long an inbound contact waited for its answer.
pub const RESPONSE_TIME: Role = Role {
    name: "response time",
    flag: "response_time under [contact_columns] in the config",
    usual: &["responsetime", "responsehours", "responsetimehours", "waitingtime", "timetoresponse"],
};

/// To which campaign a contact belongs.
pub const CAMPAIGN: Role = Role {
    name: "campaign",
    flag: "campaign under [contact_columns] in the config",
    usual: &["campaign", "campaignid", "campaignname"],
};

/// Whether the customer was held out of a campaign at random.
pub const CONTROL: Role = Role {
    name: "control",
    flag: "control under [contact_columns] in the config",
    usual: &["control", "iscontrol", "controlgroup", "holdout"],
};

/// Who of the company made a contact.
pub const AGENT: Role = Role {
    name: "agent",
    flag: "agent under [contact_columns] in the config",
    usual: &["agent", "agentid", "agentname", "manager", "accountmanager", "salesperson"],
};

/// Who looks after customers.
pub const MANAGER: Role = Role {
    name: "manager",
    flag: "its header: manager",
    usual: &["manager", "managername", "accountmanager", "name", "agent", "agentid"],
};

/// How many customers a manager can look after.
pub const CAPACITY: Role =
    Role { name: "capacity", flag: "its header: capacity", usual: &["capacity", "maxcustomers", "customers"] };

/// Who has a subscription.
pub const SUBSCRIBER: Role = Role {
    name: "customer",
    flag: "--customer",
    usual: &[
        "customerid",
        "customer",
        "subscriberid",
        "subscriber",
        "custid",
        "customerno",
        "customernumber",
        "clientid",
        "client",
        "userid",
        "user",
        "memberid",
        "member",
        "accountid",
        "account",
        "id",
    ],
};

/// When a subscription began.
pub const START: Role = Role {
    name: "start",
    flag: "--start",
    usual: &[
        "start",
        "startdate",
        "subscriptionstart",
        "startedat",
        "startedon",
        "begin",
        "begindate",
        "validfrom",
        "from",
        "signupdate",
        "signup",
        "joindate",
        "joined",
        "activationdate",
        "createdat",
    ],
};

/// When it ended.
pub const END: Role = Role {
    name: "end",
    flag: "--end",
    usual: &[
        "end",
        "enddate",
        "subscriptionend",
        "endedat",
        "endedon",
        "canceledat",
        "cancelledat",
        "cancellationdate",
        "churndate",
        "churnedat",
        "terminationdate",
        "validto",
        "validuntil",
        "to",
        "until",
        "expirydate",
        "expiresat",
    ],
};

/// What it costs a period.
pub const PRICE: Role = Role {
    name: "price",
    flag: "--price",
    usual: &["price", "amount", "fee", "mrr", "monthlyprice", "monthlyfee", "periodprice", "planprice", "revenue"],
};

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
    for usual in role.usual {
        let mut matches = held.iter().filter(|name| normal(name) == *usual);
        if let Some(first) = matches.next() {
            return match matches.next() {
                None => Ok(Some(first.clone())),
                Some(second) => Err(TableError::TwoColumns {
                    file: file.into(),
                    first: first.clone(),
                    second: second.clone(),
                    role: role.name,
                    flag: role.flag,
                }),
            };
        }
    }
    Ok(None)
}

/// The same, for a column that must be there.
pub(crate) fn need(file: &str, held: &[String], role: Role, named: Option<&str>) -> Result<String, TableError> {
    find(file, held, role, named)?.ok_or_else(|| missing(file, held, role, None))
}

fn exact(held: &[String], name: &str) -> Option<String> {
    held.iter().find(|column| *column == name).cloned()
}

fn unique(held: &[String], normalised: &str) -> Option<String> {
    let mut matches = held.iter().filter(|column| normal(column) == normalised);
    matches.next().filter(|_| matches.next().is_none()).cloned()
}

/// Letters and digits only, in lower case, so that `Customer ID` and `customer_id` are one.
pub(crate) fn normal(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The error for a column that is not there, with the nearest that are.
pub(crate) fn missing(file: &str, held: &[String], role: Role, named: Option<&str>) -> TableError {
    let wanted: Vec<String> =
        named.map_or_else(|| role.usual.iter().map(|&usual| usual.into()).collect(), |name| vec![normal(name)]);
    let mut near: Vec<(f64, &String)> = held.iter().map(|column| (likeness(column, &wanted), column)).collect();
    near.retain(|(likeness, _)| *likeness > 0.75);
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<String> = near.iter().take(3).map(|(_, column)| format!("'{column}'")).collect();
    TableError::Column {
        file: file.into(),
        wanted: named.map_or(format!("{} column", role.name), |name| format!("{} column '{name}'", role.name)),
        held: held.join(", "),
        nearest: hint(held, &near),
        flag: role.flag,
    }
}

fn hint(held: &[String], near: &[String]) -> String {
    match held {
        [one] if one.contains([',', ';', '\t', '|']) => " (a single column: is --delimiter right?)".into(),
        _ if near.is_empty() => String::new(),
        _ => format!(" (nearest: {})", near.join(", ")),
    }
}

fn likeness(column: &str, wanted: &[String]) -> f64 {
    let column = normal(column);
    wanted.iter().map(|name| strsim::jaro_winkler(&column, name)).fold(0.0, f64::max)
}
