//! Columns that may say for how much, by their names.

use crate::columns::{AMOUNT, ORDER, is_one, normal};
use crate::orders::amount_column::evidence::lowers;
use crate::orders::amount_column::product;
use crate::orders::look::{RowAmount, named};

/// A price of one piece, whatever the values say.
#[rustfmt::skip]
const UNIT_PRICES: &[&str] = &[
    "unitprice", "priceperunit", "purchasepriceperunit", "priceeach", "itemprice", "lineitemprice", "productprice",
    "einzelpreis",
    "stuckpreis", "preisprostuck", "cenajednostkowa", "cenaszt", "cenazasztuke", "prixunitaire", "preciounitario",
    "prezzounitario", "pretunitar", "единичнацена", "ценазабройка",
    "stukprijs", "prijsperstuk", "styckpris", "apris", "stykpris", "enhetspris", "enhedspris", "cenazakus",
    "jednotkovacena", "egysegar", "ценазаединицу", "birimfiyat", "precounitario",
];
/// A price of one piece or of a row.
#[rustfmt::skip]
const PRICES: &[&str] = &[
    "price", "sellingprice", "saleprice", "salesprice", "preis", "cena", "prix", "precio", "prezzo", "pret", "цена",
    "prijs", "pris", "fiyat", "preco",
];
#[rustfmt::skip]
const QUANTITIES: &[&str] = &[
    "quantity", "qty", "units", "unitssold", "quantityordered", "orderquantity", "orderedquantity", "orderqty",
    "lineitemquantity",
    "itemquantity", "itemqty", "quantitysold", "numberofunits", "noofunits", "pieces", "pcs", "menge", "anzahl",
    "qtyordered", "quantitypurchased", "qtypurchased", "qtysold", "noofitems", "numberofitems", "noofpieces",
    "numberofpieces", "itemsordered", "itemcount", "items", "anzahlartikel", "anzahlstuck", "bestellmenge", "stueck",
    "stk", "liczbaproduktow", "nombredarticles", "nbarticles", "numeropezzi",
    "stuckzahl",
    "stuck", "ilosc", "liczbasztuk", "sztuk", "szt", "quantite", "qte", "cantidad", "unidades", "quantita", "qta",
    "pezzi",
    "cantitate", "bucati", "количество", "бройки", "брой",
    "aantal", "antal", "antall", "mnozstvi", "pocetkusu", "mennyiseg", "darab", "колво", "adet", "miktar",
    "quantidade",
];
/// How many pieces came back.
#[rustfmt::skip]
const RETURNED: &[&str] = &[
    "returnedquantity", "quantityreturned", "qtyreturned", "returnedqty", "returnquantity", "returnqty",
    "quantityrefunded", "qtyrefunded", "refundedquantity", "refundedqty", "retourmenge", "retourniertemenge",
    "zwroconailosc", "quantiteretournee", "cantidaddevuelta",
];
/// The amount of a line of an order.
#[rustfmt::skip]
const LINES: &[&str] = &[
    "linetotal", "lineamount", "linerevenue", "linevalue", "lineitemtotal", "lineitemamount", "linesubtotal",
    "lineprice",
    "rowtotal", "itemtotal", "itemamount", "itemsubtotal", "itemrevenue", "itemvalue", "productrevenue",
    "producttotal",
    "extendedprice", "positionsbetrag", "positionssumme", "zeilensumme", "wartoscpozycji", "totalligne", "totallinea",
    "totaleriga", "totallinie",
];
/// The total of an order, by its very name.
#[rustfmt::skip]
const ORDER_TOTALS: &[&str] = &[
    "ordertotal", "orderamount", "ordervalue", "orderrevenue", "grandtotal", "grandtotalpurchased", "grandtotalbase",
    "invoicetotal", "invoiceamount", "totalpaid", "totalpaidtaxincl", "bestellwert", "rechnungsbetrag",
    "wartosczamowienia",
    "totalpedido", "totaldelpedido", "totaleordine", "totalcomanda", "valoarecomanda",
    "orderprice", "invoicevalue", "orderbedrag", "factuurbedrag", "ordersumma", "ordervarde", "ordrebelob",
    "суммазаказа", "siparistutari", "valordopedido", "valorpedido",
];
/// Totals of which a table seldom holds two that mean different things.
#[rustfmt::skip]
const TOTALS: &[&str] = &[
    "amount", "total", "totalamount", "amounttotal", "totalprice", "revenue", "totalrevenue", "netrevenue", "sales",
    "totalsales",
    "netsales", "netamount", "grossamount", "gross", "net", "turnover", "transactionamount", "paymentamount",
    "purchaseamount",
    "amountpaid", "paidamount", "betrag", "gesamtbetrag", "gesamtsumme", "umsatz", "brutto", "netto", "kwota",
    "kwotabrutto",
    "kwotanetto", "wartosc", "wartoscbrutto", "wartoscnetto", "montant", "montantttc", "totalttc", "totalht",
    "importe",
    "importetotal", "importo", "importototale", "сума", "общасума",
    "bedrag", "totaalbedrag", "totaal", "omzet", "belopp", "totalbelopp", "belob", "totalbelob", "belop",
    "totalbelop", "castka", "celkovacastka", "celkem", "cenacelkem", "osszeg", "vegosszeg", "osszesen", "сумма",
    "итого", "выручка", "tutar", "toplamtutar", "toplam", "valortotal",
];
/// What is added to or taken off a price to make a total.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "tax", "taxes", "taxamount", "totaltax", "salestax", "vat", "vatamount", "shipping", "shippingamount",
    "shippingcost",
    "shippingcharge", "shippingtotal", "shippingandhandling", "freight", "freightvalue", "delivery", "deliveryfee",
    "handling",
    "discount", "discounts", "discountamount", "totaldiscount", "discountpct", "discountpercent", "discountpercentage", "discountrate", "pctdiscount",
    "percentdiscount", "rabattprozent", "rabattin", "rabatprocent", "totaldiscounts", "coupondiscount", "tip", "fee",
    "fees",
    "mwst", "steuer", "ust", "versand", "versandkosten", "rabatt", "podatek", "kwotavat", "wysylka", "kosztwysylki",
    "rabat",
    "tva", "livraison", "fraisdeport", "remise", "iva", "impuestos", "envio", "gastosdeenvio", "descuento",
    "spedizione", "sconto",
    "transport", "livrare", "reducere", "ддс", "доставка", "отстъпка",
    "btw", "verzendkosten", "korting", "moms", "frakt", "fragt", "dph", "doprava", "postovne", "sleva", "afa",
    "szallitas", "kedvezmeny", "ндс", "скидка", "kdv", "kargo", "indirim", "frete", "desconto",
];
/// The amount before tax, shipping and discount.
#[rustfmt::skip]
const SUBTOTALS: &[&str] = &[
    "subtotal", "subtotalamount", "subtotalprice", "ordersubtotal", "zwischensumme", "soustotal", "subtotale",
];
/// What was given back of an amount.
#[rustfmt::skip]
const REFUNDS: &[&str] = &[
    "refundedamount", "amountrefunded", "refundamount", "totalrefunded", "totalrefund", "refundtotal",
    "refundedtotal", "refunded",
    "refund", "refunds", "refundvalue", "returnedamount", "returnamount", "totalrefundedamount", "orderrefund",
    "orderrefundtotal",
    "erstattungsbetrag", "erstatteterbetrag", "erstattet", "kwotazwrotu", "zwroconakwota", "zwrot",
    "montantrembourse",
    "totalrembourse", "importereembolsado", "totalreembolsado", "importorimborsato", "totalerimborsato",
    "sumarambursata",
    "възстановенасума",
];
/// Totals from which what was given back has been taken off.
#[rustfmt::skip]
const NET_OF_REFUNDS: &[&str] = &[
    "netsales", "netrevenue", "netpayment", "nettotal", "currenttotal", "currenttotalprice", "nrevenue",
    "nrevenueformatted",
];
/// What a price is of.
#[rustfmt::skip]
const PRODUCTS: &[&str] = &[
    "stockcode", "sku", "lineitemsku", "productid", "productcode", "productsku", "articleid", "articleno",
    "articlenumber",
    "itemid", "itemcode", "itemsku", "asin", "ean", "product", "productname", "lineitemname", "item", "itemname",
    "article",
    "description", "title", "artikelnummer", "artikel", "produkt", "produktid", "nazwaproduktu", "kodproduktu",
    "produit",
    "reference", "producto", "prodotto", "articolo", "produs", "продукт",
];

/// What the settings or a profile say of amounts.
#[derive(Debug, Clone, Copy, Default)]
pub struct AmountStated<'a> {
    /// The column of amounts.
    pub column: Option<&'a str>,
    /// The expression by which they are worked out.
    pub expression: Option<&'a str>,
    /// `orders.refunded`: a column, `none`, or empty where it is to be found out.
    pub refunded: &'a str,
    /// The order column, where it is known.
    pub order: Option<&'a str>,
}

/// Columns that may say for how much, under the source's own names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AmountNames {
    pub(super) expression: Option<String>,
    pub(super) total: Option<String>,
    pub(super) other_total: Option<String>,
    pub(super) price: Option<String>,
    pub(super) quantity: Option<String>,
    /// Pieces that came back.
    pub(super) returned: Option<String>,
    pub(super) line: Option<String>,
    pub(super) refunded: Option<String>,
    pub(super) product: Option<String>,
    pub(super) order: Option<String>,
    pub(super) parts: Vec<String>,
    pub(super) subtotal: Option<String>,
    /// The one of the parts that is a discount.
    pub(super) discount: Option<String>,
    /// Whether a setting or a profile names the amount.
    pub(super) stated: bool,
    pub(super) refunded_stated: bool,
    pub(super) price_is_of_a_unit: bool,
    pub(super) total_is_of_order: bool,
    pub(super) total_is_of_line: bool,
    pub(super) total_is_net: bool,
}

impl AmountNames {
    /// Of a source with this header.
    pub fn of(header: &[String], stated: AmountStated) -> Self {
        let find = |names: &[&str]| named(header, names).map(String::from);
        let is = |name: &Option<String>, names: &[&str]| name.as_ref().is_some_and(|name| is_one(name, names));
        let usual = named(header, AMOUNT.usual).filter(|name| !is_one(name, PRICES) && !is_one(name, UNIT_PRICES));
        let total = stated.column.or(usual).filter(|_| stated.expression.is_none()).map(String::from);
        let unit_price = find(UNIT_PRICES);
        let price = unit_price.clone().or_else(|| find(PRICES)).filter(|price| Some(price) != total.as_ref());
        let line = find(LINES).filter(|line| Some(line) != total.as_ref());
        let refunds = match stated.refunded {
            "none" => None,
            "" => find(REFUNDS).filter(|refunded| Some(refunded) != total.as_ref()),
            named => header.iter().find(|name| *name == named || normal(name) == normal(named)).cloned(),
        };
        let stated_amount = stated.column.is_some() || stated.expression.is_some();
        let is_part = |name: &&String| is_one(name, PARTS);
        AmountNames {
            expression: stated.expression.map(String::from),
            other_total: total.as_ref().filter(|_| !stated_amount).and_then(|total| other_total(header, total)),
            price_is_of_a_unit: price.is_some() && price == unit_price,
            price,
            quantity: find(QUANTITIES),
            returned: find(RETURNED),
            line,
            refunded: refunds,
            product: find(PRODUCTS),
            order: stated.order.map(String::from).or_else(|| find(ORDER.usual)),
            discount: header.iter().filter(is_part).find(|part| lowers(part)).cloned(),
            parts: header.iter().filter(is_part).cloned().collect(),
            subtotal: find(SUBTOTALS).filter(|subtotal| Some(subtotal) != total.as_ref()),
            stated: stated_amount,
            refunded_stated: !stated.refunded.is_empty(),
            total_is_of_order: is(&total, ORDER_TOTALS),
            total_is_of_line: is(&total, LINES) || is(&total, PRICES) || is(&total, UNIT_PRICES),
            total_is_net: is(&total, NET_OF_REFUNDS),
            total,
        }
    }

    /// Quantity times price, where there are both.
    pub(super) fn product(&self) -> Option<String> {
        Some(product(self.quantity.as_deref()?, self.price.as_deref()?))
    }

    /// Whether the column is the amount and the total of an order, by its name.
    pub fn is_total_of_order(&self, column: &str) -> bool {
        self.total_is_of_order && self.total.as_deref() == Some(column)
    }

    /// The column from which amounts are given back.
    pub fn refunded(&self) -> Option<&str> {
        self.refunded.as_deref()
    }

    /// All of them.
    pub fn columns(&self) -> impl Iterator<Item = String> + '_ {
        let named =
            [&self.total, &self.other_total, &self.price, &self.quantity, &self.line, &self.refunded, &self.product];
        named.into_iter().flatten().chain(&self.parts).cloned()
    }

    /// Where the amount of a row most likely stands; `None` where it is worked out otherwise.
    pub fn likely(&self) -> Option<RowAmount<'_>> {
        match (&self.expression, &self.total, &self.price, &self.quantity) {
            (None, Some(total), ..) => Some(RowAmount::Column(total)),
            (None, None, Some(price), Some(quantity)) => Some(RowAmount::Product(quantity, price)),
            (None, None, Some(price), None) => Some(RowAmount::Column(price)),
            (Some(text), _, Some(price), Some(quantity)) if *text == product(quantity, price) => {
                Some(RowAmount::Product(quantity, price))
            }
            _ => None,
        }
    }
}

/// A second total beside one whose name tells no more.
fn other_total(header: &[String], total: &str) -> Option<String> {
    let is_total = |name: &str| is_one(name, TOTALS) || is_one(name, ORDER_TOTALS);
    let mut others = header.iter().filter(|name| *name != total && is_total(name));
    others.next().filter(|_| is_total(total)).cloned()
}
