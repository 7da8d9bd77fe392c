//! Contacts that cannot be placed.

use super::*;

#[test]
fn contacts_that_cannot_be_placed_are_listed() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let log = "customer,timestamp,channel\na,2024-01-05,visit\nx,2024-01-05,visit\n,2024-01-05,visit\nb,never,visit\nb,2024-01-05,\nb,2025-01-05,visit\n";
    clivia.write("contacts.csv", log);
    clivia.scored("orders.csv", &["--contacts", "contacts.csv"]);
    let expected = [
        "3|customer|x|unknown_customer",
        "4|customer||missing_customer",
        "5|timestamp|never|unreadable_date",
        "6|channel||missing_channel",
        "7|timestamp|2025-01-05|after_as_of",
    ];
    assert_eq!(clivia.rejects().iter().map(|r| r[1..].join("|")).collect::<Vec<_>>(), expected);
    let run = clivia.run_json();
    assert_eq!(run["map"]["totals"]["without_contact"], 2);
    assert_eq!(clivia.customers().numbers("contact_quality").iter().filter(|quality| **quality == 0.0).count(), 2);
}

#[test]
fn a_contact_log_without_a_channel_is_named() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write("contacts.csv", "customer,timestamp,chanel\na,2024-01-05,visit\n");
    let said = clivia.refused("orders.csv", &["--contacts", "contacts.csv"]);
    says(&said, &["contacts.csv: no channel column", "nearest: 'chanel'", "--channel", "--channel-is email"]);
}

/// Ten customers by address, each with two orders.
fn orders_by_address() -> String {
    let mut orders = String::from("customer,order_date,amount\n");
    for (customer, day) in (1..=10).flat_map(|customer| [(customer, 3), (customer, 20)]) {
        orders += &format!("k{customer}@shop.example,2024-02-{day:02},10.00\n");
    }
    orders
}

const LOG: [&str; 2] = ["--contacts", "contacts.csv"];

#[test]
fn a_log_of_a_mailing_tool_is_read_as_such_or_asked_for_all_that_is_missing_at_once() {
    let clivia = Clivia::with("orders.csv", orders_by_address());
    let log = "id,email_address,date_sent,date_read,subject,is_failed\n\
               1,K1@shop.example,2024-01-10 08:00:00,,News,1\n\
               1,K1@shop.example,2024-02-10 08:00:00,2024-02-12 09:10:00,News,0\n\
               2,k2@shop.example ,2024-01-11 08:00:00,2024-01-11 09:10:00,News,0\n";
    clivia.write("contacts.csv", log);
    let said = clivia.refused("orders.csv", &[&LOG[..], &["--profile", "none"]].concat());
    says(&said, &["no channel column", "id, email_address, date_sent, date_read", "--channel-is email"]);
    let more = [&LOG[..], &["--channel-is", "email", "--direction-is", "out"]].concat();
    let said = clivia.scored("orders.csv", &LOG).stdout;
    says(&said, &["read as the e-mail statistics of Mautic"]);
    says(&said, &["customer = email_address, date = date_sent, channel = email, direction = out"]);
    says(
        &said,
        &[
            "3 rows read: 2 used, 0 refused, 1 left out",
            "1 not_sent",
            "1 of 3 rows",
            "by is_failed",
            "--contact-failed none",
        ],
    );
    assert_eq!(clivia.rejects(), [["contacts.csv", "2", "is_failed", "1", "not_sent"]]);
    let table = clivia.table("out/criteria.csv");
    assert_eq!((table.of("k1@shop.example", "contacts"), table.of("k2@shop.example", "contacts")), ("1", "1"));
    // Read on request, it counts; and two things that are missing are told in one error.
    clivia.scored("orders.csv", &[&more[..], &["--contact-failed", "none", "--overwrite"]].concat());
    assert_eq!(clivia.table("out/criteria.csv").of("k1@shop.example", "contacts"), "2");
    clivia.write("bare.csv", "customer,when,by\nk1@shop.example,2024-02-01,email\n");
    let ran = clivia.score("orders.csv", &["--contacts", "bare.csv", "--out", "two"]);
    says(
        &ran.stderr,
        &["no timestamp column, no channel column; the file holds: customer, when, by", "--contact-date"],
    );
    let named = ["--contact-date", "when", "--channel", "by", "--contact-customer", "customer"];
    clivia.scored("orders.csv", &[&["--contacts", "bare.csv", "--out", "two"], &named[..]].concat());
    assert_eq!(clivia.table("two/criteria.csv").of("k1@shop.example", "contacts"), "1");
}

#[test]
fn failed_sends_are_no_contacts_by_their_status() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let rows =
        ["delivered", "bounced", "soft_bounce", "Hard Bounce", "opened", "clicked", "not sent", "dropped", "error", ""];
    let row = |(day, status): (usize, &&str)| format!("a,2024-01-{:02},email,{status}\n", day + 10);
    let log: String = rows.iter().enumerate().map(row).collect();
    clivia.write("contacts.csv", format!("customer,sent_at,channel,status\n{log}"));
    let said = clivia.scored("orders.csv", &LOG).stdout;
    says(&said, &["6 of 10 rows of the contact log were not sent, by status", "--contact-status none"]);
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "4");
    // What the settings say of a word holds.
    clivia.write("clivia.toml", "[contacts.outcomes]\nfailure = ['bounced', 'soft bounce']\n");
    clivia.scored("orders.csv", &[&LOG[..], &["--config", "clivia.toml", "--overwrite"]].concat());
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "6");
}

#[test]
fn columns_that_say_something_else_leave_out_nothing() {
    for (column, cells) in [
        ("status", ["open", "click"]),
        ("status", ["active", "pending"]),
        ("failed_reason", ["", ""]),
        ("is_failed", ["0", "false"]),
        ("bounced", ["", "no"]),
        ("outcome", ["bounced", "failed"]),
        ("state", ["Florida", "dropped"]),
    ] {
        let clivia = Clivia::with("orders.csv", ORDERS);
        let [first, second] = cells;
        clivia.write(
            "contacts.csv",
            format!("customer,sent_at,channel,{column}\na,2024-01-10,email,{first}\nb,2024-01-11,email,{second}\n"),
        );
        clivia.scored("orders.csv", &LOG);
        assert_eq!(clivia.run_json()["contacts"]["rows"]["used"], 2, "{column}");
        assert!(clivia.refusals().is_empty(), "{column}");
    }
}

#[test]
fn who_was_held_out_was_not_sent_anything_and_stays() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    clivia.write(
        "contacts.csv",
        "customer,sent_at,channel,campaign,control,status\na,2024-01-10,email,spring,no,sent\n\
         b,2024-01-10,email,spring,yes,suppressed\nc,2024-01-10,email,spring,no,suppressed\n",
    );
    clivia.scored("orders.csv", &LOG);
    assert_eq!(clivia.refusals(), ["4 not_sent"]);
    assert_eq!(clivia.run_json()["map"]["oddities"]["controls"], 1);
}

#[test]
fn a_log_of_other_customers_gives_no_verdict() {
    let clivia = Clivia::with(
        "orders.csv",
        "customer_id,order_date,amount\nAB1,2024-01-01,5\nAB2,2024-01-02,6\nAB1,2024-02-01,7\n",
    );
    clivia.write("contacts.csv", "customer,timestamp,channel\nab1,2024-01-05,visit\nab2,2024-01-05,visit\n");
    let said = clivia.refused("orders.csv", &LOG);
    says(
        &said,
        &[
            "0 of 2 contacts are of customers who ordered",
            "'AA9'",
            "'aa9'",
            "upper and lower case",
            "--unmatched no-map",
        ],
    );
    let said = clivia.scored("orders.csv", &[&LOG[..], &["--unmatched", "no-map"]].concat()).stdout;
    says(&said, &["0 of 2 contacts are of customers who ordered"]);
    let run = clivia.run_json();
    assert_eq!((run["map"].is_null(), &run["contacts"]["rows"]["used"]), (true, &0.into()));
    let said = clivia.run(&["check", "orders.csv", "--contacts", "contacts.csv"]).ok().stdout;
    says(&said, &["0 of 2 contacts are of customers", "read as"]);
}

#[test]
fn one_contact_of_hundreds_that_matches_does_so_by_chance() {
    let clivia = Clivia::with("orders.csv", ORDERS);
    let mut log = String::from("customer,timestamp,channel\na,2024-01-05,visit\n");
    (0..200).for_each(|n| log += &format!("lead-{n:03},2024-01-05,visit\n"));
    clivia.write("contacts.csv", log);
    let said = clivia.scored("orders.csv", &LOG).stdout;
    says(
        &said,
        &["1 of 201 contacts are of customers who ordered", "'aaaa-999'", "--contact-customer", "--unmatched map"],
    );
    assert!(clivia.run_json()["map"].is_null());
    clivia.scored("orders.csv", &[&LOG[..], &["--unmatched", "map", "--overwrite"]].concat());
    assert_eq!(clivia.table("out/criteria.csv").of("a", "contacts"), "1");
}

#[test]
fn the_customer_column_is_the_one_whose_ids_are_those_of_the_orders() {
    let clivia = Clivia::with("orders.csv", orders_by_address());
    let mut log = String::from("customer_id,email,timestamp,channel\n");
    (1..=10).for_each(|n| log += &format!("{},k{n}@shop.example,2024-02-10,email\n", 7_000 + n));
    clivia.write("contacts.csv", log);
    let said = clivia.scored("orders.csv", &LOG).stdout;
    says(&said, &["customer = email", "10 rows read: 10 used", "10 of 10 rows hold a customer who ordered"]);
    let said = clivia.run(&["check", "orders.csv", "--contacts", "contacts.csv"]).ok().stdout;
    says(&said, &["customer = email"]);
    // Named, the other one is taken, whatever it holds.
    let ran = clivia.score("orders.csv", &[&LOG[..], &["--contact-customer", "customer_id", "--out", "two"]].concat());
    says(&ran.stderr, &["0 of 10 contacts", "an e-mail address"]);
}

/// Four customers of rising worth, of whom the best were never contacted, and logs of e-mail and telephone.
fn neglected() -> Clivia {
    let mut orders = String::from("customer_id,order_date,amount\n");
    for (customer, amount) in [("a", 900), ("b", 800), ("c", 20), ("d", 10), ("e", 5), ("f", 4)] {
        (1..=6).for_each(|month| orders += &format!("{customer},2024-{month:02}-10,{amount}\n"));
    }
    let clivia = Clivia::with("orders.csv", orders);
    let mut log = String::from("customer,timestamp,channel,direction,outcome,cost\n");
    for customer in ["c", "d", "e", "f"] {
        for (month, channel, cost) in [(4, "email", 1), (5, "phone", 8), (6, "phone", 8), (6, "e-mail", 1)] {
            log += &format!("{customer},2024-{month:02}-05,{channel},out,answered,{cost}\n");
        }
    }
    clivia.write("contacts.csv", log);
    clivia
}

/// The channels that corrections propose to a customer, each once; `none` where none is.
fn proposed(clivia: &Clivia, customer: &str, more: &[&str]) -> Vec<String> {
    clivia.scored("orders.csv", &[&LOG[..], more, &["--overwrite"]].concat());
    let table = clivia.table("out/corrections.csv");
    let (ids, channels) = (table.column("customer_id"), table.column("channel"));
    let own = ids.iter().zip(channels).filter(|(id, _)| **id == customer);
    let mut channels: Vec<String> = own.map(|(_, channel)| channel.to_lowercase().replace('-', "")).collect();
    channels.sort();
    channels.dedup();
    channels
}

#[test]
fn corrections_obey_what_customers_refuse() {
    let clivia = neglected();
    assert_eq!(proposed(&clivia, "a", &[]), ["email", "phone"]);
    let table = ["--customers", "customers.csv"];
    for (columns, a, left) in [
        ("do_not_call", "1", &["email"][..]),
        ("consent_email", "no", &["phone"]),
        ("unsubscribed_at", "2024-05-01", &["phone"]),
        ("unsubscribed_at", "2024-07-01", &["phone"]), // in the period ahead
        ("unsubscribed_at", "2031-07-01", &["email", "phone"]),
        ("sms_consent", "no", &["email", "phone"]),
        ("consent_email", "yes", &["email", "phone"]),
        ("consent_email", "", &["email", "phone"]), // unknown is not refused
        ("do_not_track", "yes", &["email", "phone"]),
        ("accepts_marketing", "no", &[""]),
        ("do_not_contact", "true", &[""]),
    ] {
        clivia.write("customers.csv", format!("customer_id,{columns}\na,{a}\nb,\nz,1\n"));
        assert_eq!(proposed(&clivia, "a", &table), left, "{columns} = {a}");
        assert_eq!(proposed(&clivia, "b", &table), ["email", "phone"], "{columns} = {a}");
    }
    let said = clivia.scored("orders.csv", &[&LOG[..], &table, &["--overwrite"]].concat()).stdout;
    says(&said, &["1 customers refuse channels, by do_not_contact", "1 under-served customers refuse every channel"]);
    assert!(clivia.text("out/corrections.csv").contains("no channel is open: 2 refused"));
    assert_eq!(proposed(&clivia, "a", &[&table[..], &["--consent", "ignore"]].concat()), ["email", "phone"]);
}

#[test]
fn a_plan_of_a_finished_run_obeys_too() {
    let clivia = neglected();
    clivia.write("customers.csv", "customer_id,do_not_call,email_opt_in\na,1,no\nb,1,\n");
    proposed(&clivia, "b", &["--customers", "customers.csv"]);
    clivia.run(&["plan", "--from", "out", "--budget", "unlimited", "--out", "plan", "--format", "csv"]).ok();
    let plan = clivia.text("plan/plan.csv");
    let contacts: Vec<&str> = plan.lines().filter(|line| line.starts_with("a,") || line.starts_with("b,")).collect();
    assert!(contacts.iter().all(|line| line.starts_with("b,") && !line.contains("phone")), "{plan}");
    assert_eq!(contacts.len(), 1, "{plan}");
}

#[test]
fn a_log_says_what_its_customers_refuse_and_the_last_word_counts() {
    let clivia = neglected();
    let log = clivia.text("contacts.csv");
    let with = |rows: &str| {
        let mut lines = log.lines();
        let header = format!("{},unsubscribed,do_not_call\n", lines.next().unwrap());
        let rest: String = lines.map(|line| format!("{line},,\n")).collect();
        clivia.write("contacts.csv", format!("{header}{rest}{rows}"));
        proposed(&clivia, "a", &[])
    };
    assert_eq!(with(""), ["email", "phone"]); // columns of consent that are empty
    assert_eq!(with("a,2023-12-01,email,out,sent,1,1,\n"), ["phone"]);
    assert_eq!(with("a,2023-12-01,email,out,sent,1,1,\na,2024-01-01,e-mail,out,sent,1,0,\n"), ["email", "phone"]);
    assert_eq!(with("a,2023-12-01,email,out,sent,1,,yes\n"), ["email"]);
}
