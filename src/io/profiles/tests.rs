//! Every profile is read, knows its export by the header, and leaves other tables alone.

use super::*;
use crate::orders::look::tests::look;

fn header(names: &str) -> Vec<String> {
    names.split(',').map(|name| name.trim().into()).collect()
}

fn known(names: &str) -> Option<&'static str> {
    Profiles::recognise(&header(names)).map(|profile| profile.name.as_str())
}

#[test]
fn every_profile_is_read_and_has_a_name_of_its_own() {
    for text in TEXTS {
        assert!(
            Profile::parse(text, "f").is_ok(),
            "{:?}",
            Profile::parse(text, "f").err().map(|error| error.to_string())
        );
    }
    assert_eq!(Profiles::builtin().len(), TEXTS.len());
    for (place, profile) in Profiles::builtin().iter().enumerate() {
        assert!(Profiles::builtin()[..place].iter().all(|other| other.name != profile.name), "{}", profile.name);
        assert!(!profile.meaning.ends_with('.') && !profile.meaning.contains('\n'), "{}", profile.meaning);
    }
}

#[test]
fn exports_are_known_by_their_headers() {
    for (names, name) in [
        (
            "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,Taxes,Total,Created at,\
             Lineitem quantity,Lineitem name,Lineitem price,Refunded Amount,Cancelled at,Id",
            "shopify_orders",
        ),
        ("order_id,date,status,order_total,customer_id,billing_email", "woocommerce_orders"),
        (
            "order_id,order_number,order_date,paid_date,status,shipping_total,tax_total,order_total,order_currency,\
             customer_id,customer_user,customer_email,billing_email",
            "woocommerce_orders",
        ),
        (
            "Date,Order #,N. Revenue (formatted),Status,Customer,Customer type,Product(s),Items sold,Coupon(s),Net Sales",
            "woocommerce_analytics",
        ),
        (
            "ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total (Purchased),Status,\
             Customer Email,Total Refunded",
            "magento_orders",
        ),
        ("ID,Reference,New client,Delivery,Customer,Total,Payment,Status,Date", "prestashop_orders"),
        (
            "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Fee,Status,Customer ID",
            "stripe_payments",
        ),
        (
            "id,Customer ID,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,Created (UTC),Start (UTC),\
             Canceled At (UTC),Ended At (UTC)",
            "stripe_subscriptions",
        ),
        (
            "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID",
            "paypal_activity",
        ),
        (
            "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,Absender E-Mail-Adresse,Transaktionscode",
            "paypal_activity",
        ),
        (
            "Date,Time,Time Zone,Gross Sales,Discounts,Net Sales,Tax,Tip,Partial Refunds,Total Collected,Transaction ID,\
             Event Type,Customer ID",
            "square_transactions",
        ),
        (
            "Website,Order ID,Order Date,Currency,Unit Price,Total Owed,ASIN,Quantity,Order Status",
            "amazon_order_history",
        ),
        (
            "amazon-order-id,purchase-date,order-status,sku,asin,item-status,quantity,currency,item-price,buyer-email",
            "amazon_seller",
        ),
        (
            "order-id,order-item-id,purchase-date,payments-date,buyer-email,sku,quantity-purchased,currency,item-price",
            "amazon_seller",
        ),
        ("event_date,event_timestamp,event_name,user_pseudo_id,ecommerce.purchase_revenue", "ga4_bigquery"),
        ("id,email_address,date_sent,date_read,subject,is_failed,is_read", "mautic_email_stats"),
        ("order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at", "olist_orders"),
        ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "online_retail"),
        ("Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country", "online_retail"),
        ("order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order", "instacart"),
        ("household_key,BASKET_ID,DAY,PRODUCT_ID,QUANTITY,SALES_VALUE,STORE_ID", "dunnhumby"),
    ] {
        assert_eq!(known(names), Some(name), "{names}");
    }
}

#[test]
fn other_tables_are_of_no_profile() {
    for names in [
        "customer_id,order_id,date,amount",
        "Name,Email,Total,Created at",
        "id,Amount,Status,Date",
        "Date,Type,Status,Amount,Email",
        "order_id,customer_id,order_status,order_date",
        "Date,Order #,Status,Customer,Total",
        "order_id,order_item_id,customer_id,date,quantity,item_price",
        "email,order_id,order_date,amount",
        "StockCode,Quantity,Date,Price",
        "Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Sales,Quantity,Discount,Profit",
        "event,date,user_id",
        "",
    ] {
        assert_eq!(known(names), None, "{names}");
    }
}

#[test]
fn columns_are_found_under_the_names_of_the_source() {
    let retail = Profiles::named("online_retail").expect("a profile");
    let held = header("Invoice,StockCode,quantity,InvoiceDate,Price,Customer ID");
    assert_eq!(retail.column(Part::Amount, &held).as_deref(), Some("\"quantity\" * \"Price\""));
    assert_eq!(retail.column(Part::Customer, &held).as_deref(), Some("Customer ID"));
    assert_eq!(retail.column(Part::Currency, &held), None);
    let shopify = Profiles::named("shopify_orders").expect("a profile");
    let held = header("Name,Email,Financial Status,Cancelled at,Total,Created at");
    let continuation = Continuation { order: "Name".into(), empty: vec!["Total".into(), "Financial Status".into()] };
    assert_eq!(shopify.continuation(&held), Some(continuation));
    let status = shopify.status(&held);
    assert_eq!((status.len(), status[0].kind), (2, Kind::State));
    assert_eq!(status[1].kind, Kind::Moment { reason: Reason::Cancelled });
    let mautic = Profiles::named("mautic_email_stats").expect("a profile");
    assert_eq!((mautic.constant(Part::Channel), mautic.constant(Part::Campaign)), (Some("email"), None));
}

#[test]
fn the_customer_is_the_surest_column_that_is_filled() {
    let stripe = Profiles::named("stripe_payments").expect("a profile");
    let customer = |csv: &str| look(csv, |look| stripe.customer(look));
    let filled = "Customer ID,Customer Email\nc1,a@b.example\nc2,c@b.example\n";
    assert_eq!(customer(filled).as_deref(), Some("Customer ID"));
    let gaps = "Customer ID,Customer Email\n,a@b.example\nc2,c@b.example\n";
    assert_eq!(customer(gaps).as_deref(), Some("Customer Email"));
    let both = "Customer ID,Customer Email\n,a@b.example\nc2,\n";
    assert_eq!(customer(both).as_deref(), Some("Customer ID"));
    assert_eq!(customer("other\n1\n"), None);
}

#[test]
fn what_an_export_lacks_is_said() {
    let instacart = Profiles::named("instacart").expect("a profile");
    let held = header("order_id,user_id,order_number,days_since_prior_order");
    let said = instacart.readable("orders.csv", &held).expect_err("no dates").to_string();
    assert!(said.starts_with("orders.csv: it seems to be the orders of Instacart, and it holds no dates"), "{said}");
    assert!(instacart.readable("orders.csv", &header("order_id,user_id,order_date")).is_ok());
    let olist = Profiles::named("olist_orders").expect("a profile");
    let codes = |names: &str| olist.notes(&header(names)).into_iter().map(|note| note.code).collect::<Vec<_>>();
    assert_eq!(codes("order_id,customer_id"), ["profile_lacks", "profile"]);
    assert_eq!(codes("order_id,customer_id,customer_unique_id"), ["profile"]);
}

#[test]
fn a_profile_is_chosen_by_the_setting() {
    let retail = header("Invoice,StockCode,Quantity,InvoiceDate,Price,Customer ID");
    let chosen = |setting: &str| Profiles::chosen(setting, &retail).map(|profile| profile.map(|profile| profile.name));
    assert_eq!(chosen("").expect("a profile").as_deref(), Some("online_retail"));
    assert_eq!(chosen("none").expect("none"), None);
    assert_eq!(chosen("paypal_activity").expect("a profile").as_deref(), Some("paypal_activity"));
    let said = chosen("shopify").expect_err("no such profile").to_string();
    assert!(said.contains("nearest: 'shopify_orders'"), "{said}");
    assert!(chosen("gone/till.toml").expect_err("no such file").to_string().contains("gone/till.toml"));
}

#[test]
fn a_profile_of_the_users_own_says_what_is_wrong_with_it() {
    let good = "name='a'\ntitle='b'\ntable='orders'\nmeaning='c'\nrecognise=[{all_of=['x']}]\n";
    let wrong = |text: &str| Profile::parse(text, "till.toml").expect_err(text).to_string();
    let whole = format!("{good}[columns]\ncustomer=['k']\ndate=['d']\n");
    assert_eq!(Profile::parse(&whole, "till.toml").map(|profile| profile.text().to_string()).ok(), Some(whole.clone()));
    assert!(
        wrong(&format!("{good}[columns]\ncustomer=['k']\n"))
            .contains("till.toml: columns must name a customer and a date")
    );
    assert!(wrong(&whole.replace("customer", "costumer")).contains("costumer"));
    assert!(wrong(&whole.replace("['x']", "[]")).contains("recognise names no column"));
    assert!(wrong(&whole.replace("'orders'", "'order'")).contains("order"));
    assert!(wrong("name = ").contains("read.profile: till.toml"));
}
