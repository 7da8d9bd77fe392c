//! The parts that columns play, and the names under which files usually hold them.

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
        "кодклиент", "купувач",
        "klantnummer", "klantnr", "klantid", "klantcode", "klant", "kundnummer", "kundnr", "kundid", "kund",
        "kundenummer", "kundenr", "kundeid", "zakaznik", "idzakaznika", "cislozakaznika", "ugyfel", "ugyfelszam",
        "ugyfelazonosito", "vevo", "vevoazonosito", "vasarlo", "покупатель", "заказчик", "кодклиента", "номерклиента",
        "idклиента", "клиентid", "musteri", "musterino", "musteriid", "musterikodu", "codigodocliente",
        "numerodocliente", "buyerusername", "buyeruserid", "buyerlogin",
        "email", "customeremail", "customersemail", "emailaddress", "customeremailaddress",
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
        "datatranzactiei", "датанапоръчка", "датанапоръчката", "датанапокупка", "датанафактура", "дата",
        "orderdatum", "besteldatum", "factuurdatum", "aankoopdatum", "fakturadatum", "kopdatum", "inkopsdatum",
        "bestallningsdatum", "ordredato", "orderdato", "bestillingsdato", "fakturadato", "kjopsdato", "kobsdato",
        "dato", "datumobjednavky", "datumnakupu", "datumprodeje", "rendelesdatuma", "vasarlasdatuma", "szamlakelte",
        "kelt", "датазаказа", "датапокупки", "датапродажи", "siparistarihi", "faturatarihi", "tarih", "datapedido",
        "datadopedido", "datacompra", "datadacompra", "datavenda", "datadavenda",
        "time",
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
        "incasari",
        "orderprice", "invoicevalue", "salesamount", "saleamount", "soldfor", "bedrag", "totaalbedrag", "orderbedrag",
        "factuurbedrag", "totaal", "omzet", "belopp", "totalbelopp", "ordersumma", "ordervarde", "belob",
        "totalbelob", "ordrebelob", "belop", "totalbelop", "castka", "celkovacastka", "celkem", "cenacelkem",
        "osszeg", "vegosszeg", "osszesen", "сумма", "суммазаказа", "итого", "выручка", "tutar", "toplamtutar",
        "siparistutari", "toplam", "valortotal", "valordopedido", "valorpedido",
        "общасума", "сума", "стойност", "общо", "приход", "оборот", "gross", "net", "linetotal",
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
        "numarcomanda", "nrcomanda", "idcomanda", "numarfactura", "nrfactura", "comanda",
        "bestelnummer", "bestelling", "factuurnummer", "ordernummer", "ordrenummer", "ordrenr", "fakturanummer",
        "fakturanr", "cisloobjednavky", "objednavka", "cislofaktury", "rendelesszam", "rendelesazonosito", "rendeles",
        "номерзаказа", "заказ", "idзаказа", "siparisno", "siparisnumarasi", "siparis", "numerodopedido",
        "номернапоръчка",
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
        "currency", "currencycode", "curr", "ccy", "ordercurrency", "ordercurrencycode", "currencyiso", "currencyisocode",
        "transactioncurrency", "paymentcurrency", "whg", "parabirimi", "moeda", "mena", "penznem", "валютазаказа", "wahrung", "waehrung", "waluta",
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
