//! Which column is which: by name where it was named, else by the names that files usually use.

use crate::error::{MissingColumn, NamedBy, TableError};

/// A part that a column plays, and the names under which files usually hold it.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// In a sentence: `customer`.
    pub name: &'static str,
    /// The setting that names the column; `None` where only its header does.
    pub setting: Option<&'static str>,
    /// Usual names, normalised, the surest first.
    pub usual: &'static [&'static str],
}

/// Who bought: ids first, then addresses, then names.
#[rustfmt::skip]
pub const CUSTOMER: Role = Role {
    name: "customer",
    setting: Some("orders.customer"),
    usual: &[
        "customeruniqueid", "customerid", "customer", "custid", "cust", "customerno", "customernumber", "customernr",
        "customerkey", "customercode", "customerref", "clientid", "client", "clientno", "clientnumber", "clientcode",
        "householdid", "household", "householdkey", "userid", "user", "userpseudoid", "fullvisitorid", "memberid",
        "member", "membernumber", "accountid", "account", "accountnumber", "buyerid", "buyer", "shopperid",
        "loyaltyid", "donorid", "donor", "contactid", "personid", "kundennummer", "kundennr", "kundenid", "kunde",
        "debitor", "debitorennummer", "idklienta", "klientid", "klient", "numerklienta", "nrklienta", "kodklienta",
        "kontrahent", "idkontrahenta", "nabywca", "idclient", "numeroclient", "codeclient", "acheteur", "idcliente",
        "clienteid", "cliente", "codigocliente", "numerocliente", "codicecliente", "comprador", "acquirente",
        "codclient", "numarclient", "cumparator", "клиентид", "клиент", "номернаклиент", "клиентскиномер",
        "кодклиент", "купувач", "email", "customeremail", "customersemail", "emailaddress", "customeremailaddress",
        "billingemail", "buyeremail", "useremail", "payeremail", "fromemailaddress", "clientemail", "contactemail",
        "receiptemail", "shippingemail", "mail", "emailadresse", "kundenemail", "absenderemailadresse", "adresemail",
        "emailklienta", "adresseemail", "emailclient", "courriel", "correoelectronico", "correo", "emailcliente",
        "indirizzoemail", "adresadeemail", "имейл", "customername", "clientname", "buyername", "billingname",
        "billtoname", "fullname", "kundenname", "nazwaklienta", "nomclient", "nomduclient", "nombrecliente",
        "nomecliente", "numeclient", "имеклиент", "id",
    ],
};

/// When: never the day of shipping.
#[rustfmt::skip]
pub const DATE: Role = Role {
    name: "date",
    setting: Some("orders.date"),
    usual: &[
        "orderdate", "orderts", "invoicedate", "purchasedate", "transactiondate", "date", "orderedat",
        "orderdatetime", "ordertime", "ordertimestamp", "orderpurchasetimestamp", "orderdateutc", "orderplaced",
        "timestamp", "ts", "datetime", "createdat", "createdatutc", "created", "createdutc", "createddate",
        "createddateutc", "creationdate", "datecreated", "dateadd", "dateadded", "dateoforder", "dateofpurchase",
        "dateplaced", "placedat", "purchasedat", "purchasetime", "purchasetimestamp", "saledate", "salesdate",
        "transdate", "transactiontime", "transactiontimestamp", "eventtime", "eventtimestamp", "eventdate", "paidat",
        "paiddate", "datepaid", "paymentdate", "postingdate", "documentdate", "bookingdate", "bestelldatum",
        "auftragsdatum", "rechnungsdatum", "kaufdatum", "belegdatum", "buchungsdatum", "bestelltam", "erstelltam",
        "datum", "datazamowienia", "datazakupu", "datasprzedazy", "datafaktury", "datatransakcji", "datawystawienia",
        "datautworzenia", "datecommande", "datedecommande", "datedelacommande", "dateachat", "datedachat",
        "datefacture", "datevente", "datetransaction", "fechapedido", "fechadelpedido", "fechadepedido",
        "fechacompra", "fechadecompra", "fechafactura", "fechaventa", "fecha", "dataordine", "datadellordine",
        "dataacquisto", "datafattura", "datavendita", "datacomenzii", "datacomanda", "datafacturii",
        "datatranzactiei", "датанапоръчка", "датанапоръчката", "датанапокупка", "датанафактура", "дата", "time",
        "day", "data",
    ],
};

/// For how much: totals first, then lines, then prices.
#[rustfmt::skip]
pub const AMOUNT: Role = Role {
    name: "amount",
    setting: Some("orders.amount"),
    usual: &[
        "amount", "revenue", "total", "salesvalue", "sales", "totalamount", "amounttotal", "orderamount",
        "ordertotal", "ordervalue", "orderrevenue", "totalprice", "grandtotal", "grandtotalpurchased",
        "grandtotalbase", "totalsales", "netsales", "totalrevenue", "netrevenue", "purchaseamount", "purchaserevenue",
        "purchasevalue", "transactionamount", "transactionvalue", "transactionrevenue", "paymentamount",
        "paymentvalue", "invoiceamount", "invoicetotal", "totalpaid", "totalpaidtaxincl", "amountpaid", "paidamount",
        "totalowed", "totalcollected", "value", "spend", "netamount", "grossamount", "betrag", "gesamtbetrag",
        "gesamtsumme", "summe", "bestellwert", "rechnungsbetrag", "endbetrag", "gesamtpreis", "umsatz", "gesamt",
        "brutto", "netto", "kwota", "wartosczamowienia", "wartosc", "kwotabrutto", "wartoscbrutto", "suma", "razem",
        "kwotanetto", "wartoscnetto", "przychod", "obrot", "montanttotal", "montantttc", "totalttc", "montant",
        "chiffredaffaires", "totalht", "importetotal", "importe", "montototal", "monto", "totalpedido",
        "totaldelpedido", "valor", "ventas", "ingresos", "importototale", "importo", "totaleordine", "totale",
        "valore", "fatturato", "ricavo", "sumatotala", "valoarecomanda", "valoaretotala", "valoare", "totalcomanda",
        "incasari", "общасума", "сума", "стойност", "общо", "приход", "оборот", "gross", "net", "linetotal",
        "lineamount", "linerevenue", "lineitemtotal", "rowtotal", "itemtotal", "itemamount", "itemrevenue",
        "productrevenue", "extendedprice", "positionsbetrag", "positionssumme", "zeilensumme", "wartoscpozycji",
        "totalligne", "totallinea", "totaleriga", "totallinie", "turnover", "subtotal", "price", "sellingprice",
        "saleprice", "salesprice", "preis", "cena", "prix", "precio", "prezzo", "pret", "цена",
    ],
};

/// In which order.
#[rustfmt::skip]
pub const ORDER: Role = Role {
    name: "order",
    setting: Some("orders.order"),
    usual: &[
        "orderid", "amazonorderid", "orderno", "ordernumber", "ordernr", "orderincrementid", "incrementid", "invoiceno", "invoiceid",
        "invoice", "invoicenumber", "invoicenr", "basketid", "basket", "transactionid", "transactionno",
        "transactionnumber", "receiptid", "receiptno", "receiptnumber", "documentnumber", "documentno", "order",
        "bestellnummer", "bestellnr", "bestellid", "auftragsnummer", "auftragsnr", "rechnungsnummer", "belegnummer",
        "transaktionscode", "bestellung", "numerzamowienia", "nrzamowienia", "idzamowienia", "zamowienie",
        "numerfaktury", "nrfaktury", "numerparagonu", "nrparagonu", "numerocommande", "numerodecommande", "ncommande",
        "idcommande", "numerofacture", "nfacture", "commande", "numeropedido", "numerodepedido", "npedido",
        "idpedido", "pedido", "numerofactura", "numeroordine", "nordine", "idordine", "ordine", "numerofattura",
        "numarcomanda", "nrcomanda", "idcomanda", "numarfactura", "nrfactura", "comanda", "номернапоръчка",
        "номернапоръчката", "поръчкаid", "номернафактура", "поръчка",
    ],
};

/// What became of the order, or what the row is.
pub const ORDER_STATUS: Role =
    Role { name: "status", setting: Some("orders.status"), usual: &["status", "orderstatus", "financialstatus"] };

/// How much of the amount was given back.
pub const REFUNDED: Role = Role {
    name: "refunded amount",
    setting: Some("orders.refunded"),
    usual: &["refundedamount", "amountrefunded", "refundamount", "totalrefunded"],
};

/// Of which how much is profit.
pub const MARGIN: Role = Role {
    name: "margin",
    setting: Some("orders.margin_column"),
    usual: &["margin", "grossmargin", "profit", "contribution"],
};

/// What it cost.
pub const COST: Role = Role {
    name: "cost",
    setting: Some("orders.cost_column"),
    usual: &["cost", "costs", "cogs", "costofgoods", "totalcost", "costamount"],
};

/// In which currency.
#[rustfmt::skip]
pub const CURRENCY: Role = Role {
    name: "currency",
    setting: Some("currency.column"),
    usual: &[
        "currency", "currencycode", "curr", "ccy", "ordercurrency", "currencyiso", "wahrung", "waehrung", "waluta",
        "devise", "moneda", "divisa", "valuta", "moneta", "валута",
    ],
};

/// Who was contacted.
pub const CONTACT_CUSTOMER: Role = Role { setting: Some("contact_columns.customer"), ..CUSTOMER };

/// The customer, as an address: where no column has another id.
pub const CONTACT_ADDRESS: Role = Role {
    name: "customer",
    setting: Some("contact_columns.customer"),
    usual: &[
        "email",
        "emailaddress",
        "customeremail",
        "contactemail",
        "useremail",
        "recipientemail",
        "recipient",
        "subscriberemail",
        "leademail",
        "personemail",
        "profileemail",
        "toemail",
    ],
};

/// When somebody was contacted.
pub const CONTACT_DATE: Role = Role {
    name: "timestamp",
    setting: Some("contact_columns.date"),
    usual: &[
        "contactedat",
        "contactdate",
        "contactts",
        "datesent",
        "sentdate",
        "senttime",
        "senton",
        "sendtime",
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
    setting: Some("contact_columns.channel"),
    usual: &["channel", "contactchannel", "medium", "contacttype", "type", "kind"],
};

/// Who contacted whom.
pub const DIRECTION: Role = Role {
    name: "direction",
    setting: Some("contact_columns.direction"),
    usual: &["direction", "inout", "contactdirection"],
};

/// What came of a contact.
pub const OUTCOME: Role = Role {
    name: "outcome",
    setting: Some("contact_columns.outcome"),
    usual: &["outcome", "result", "status", "disposition", "response"],
};

/// Whether sending failed: yes, a reason or a day where it did.
pub const FAILED: Role = Role {
    name: "failed",
    setting: Some("contact_columns.failed"),
    usual: &[
        "isfailed",
        "failed",
        "sendfailed",
        "hasfailed",
        "notsent",
        "isbounced",
        "bounced",
        "hasbounced",
        "hardbounced",
        "ishardbounce",
        "hardbounce",
        "bounce",
        "isbounce",
        "softbounced",
        "softbounce",
        "issuppressed",
        "suppressed",
        "isdropped",
        "dropped",
        "isskipped",
        "skipped",
    ],
};

/// What became of a sending, in words.
pub const SEND_STATUS: Role = Role {
    name: "status",
    setting: Some("contact_columns.status"),
    usual: &[
        "sendstatus",
        "sendingstatus",
        "deliverystatus",
        "emailstatus",
        "messagestatus",
        "mailstatus",
        "smsstatus",
        "sentstatus",
        "status",
    ],
};

/// What a contact cost.
pub const CONTACT_COST: Role =
    Role { name: "cost", setting: Some("contact_columns.cost"), usual: &["cost", "costs", "contactcost", "unitcost"] };

/// What the customer thought of a contact.
pub const SATISFACTION: Role = Role {
    name: "satisfaction",
    setting: Some("contact_columns.satisfaction"),
    usual: &["satisfaction", "csat", "rating", "satisfactionscore", "csatscore"],
};

/// How long an inbound contact waited for its answer.
pub const RESPONSE_TIME: Role = Role {
    name: "response time",
    setting: Some("contact_columns.response_time"),
    usual: &["responsetime", "responsehours", "responsetimehours", "waitingtime", "timetoresponse"],
};

/// To which campaign a contact belongs.
pub const CAMPAIGN: Role = Role {
    name: "campaign",
    setting: Some("contact_columns.campaign"),
    usual: &["campaign", "campaignid", "campaignname"],
};

/// Whether the customer was held out of a campaign at random.
pub const CONTROL: Role = Role {
    name: "control",
    setting: Some("contact_columns.control"),
    usual: &["control", "iscontrol", "controlgroup", "holdout"],
};

/// Who of the company made a contact.
pub const AGENT: Role = Role {
    name: "agent",
    setting: Some("contact_columns.agent"),
    usual: &["agent", "agentid", "agentname", "manager", "accountmanager", "salesperson"],
};

/// Who looks after customers.
pub const MANAGER: Role = Role {
    name: "manager",
    setting: None,
    usual: &["manager", "managername", "accountmanager", "name", "agent", "agentid"],
};

/// Whose attributes they are.
pub const ATTRIBUTES_CUSTOMER: Role = Role { setting: None, ..CUSTOMER };

/// How many customers a manager can look after.
pub const CAPACITY: Role = Role { name: "capacity", setting: None, usual: &["capacity", "maxcustomers", "customers"] };

/// Who has a subscription.
pub const SUBSCRIBER: Role = Role {
    name: "customer",
    setting: Some("subscription_columns.customer"),
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
    setting: Some("subscription_columns.start"),
    usual: &[
        "start",
        "startdate",
        "subscriptionstart",
        "startedat",
        "startedon",
        "startutc",
        "startdateutc",
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

/// When its end was asked for, which need not be when it ended.
pub const CANCELLED: Role = Role {
    name: "cancel request",
    setting: Some("subscription_columns.cancelled"),
    usual: &[
        "cancelrequestedat",
        "cancelrequestdate",
        "cancellationrequestedat",
        "cancellationrequestdate",
        "cancellationrequested",
        "cancelrequested",
        "cancelrequest",
        "requestedcancellation",
        "canceledat",
        "cancelledat",
        "canceledatutc",
        "cancelledatutc",
        "canceledon",
        "cancelledon",
        "canceldate",
        "canceleddate",
        "cancelleddate",
        "cancellationdate",
        "datecanceled",
        "datecancelled",
        "noticedate",
        "noticegivenat",
    ],
};

/// Whether it runs, in words.
pub const SUBSCRIPTION_STATUS: Role = Role {
    name: "status",
    setting: Some("subscription_columns.status"),
    usual: &["status", "subscriptionstatus", "state", "subscriptionstate"],
};

/// Whether it ends with the period that runs.
pub const AT_PERIOD_END: Role = Role {
    name: "cancel at period end",
    setting: Some("subscription_columns.at_period_end"),
    usual: &["cancelatperiodend", "cancelsatperiodend", "canceledatperiodend", "willcancel"],
};

/// The end of the period that runs.
pub const PERIOD_END: Role = Role {
    name: "period end",
    setting: Some("subscription_columns.period_end"),
    usual: &["currentperiodend", "currentperiodendutc", "periodend", "currenttermend", "currentperiodendsat"],
};

/// When it ended.
pub const END: Role = Role {
    name: "end",
    setting: Some("subscription_columns.end"),
    usual: &[
        "end",
        "enddate",
        "subscriptionend",
        "endedat",
        "endedon",
        "endedatutc",
        "canceledat",
        "cancelledat",
        "canceledatutc",
        "cancelledatutc",
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
    setting: Some("subscription_columns.price"),
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
                    setting: role.setting,
                }),
            };
        }
    }
    Ok(None)
}

/// Every column that has a usual name for a role, in the order of the file.
pub(crate) fn all(held: &[String], role: Role) -> Vec<String> {
    held.iter().filter(|name| role.usual.contains(&normal(name).as_str())).cloned().collect()
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
