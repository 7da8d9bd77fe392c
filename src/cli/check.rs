//! `clivia check`: what would be read, mapped, refused.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clivia_core::base::Day;
use clivia_core::base::ids::{Id, IdIndex, Ids};
use clivia_core::control::Control;
use clivia_core::notes;
use clivia_io::contacts::{ContactsRead, ContactsReader, Known};
use clivia_io::files;
use clivia_io::orders::{Given, Mapping, OrdersRead, OrdersReader};
use clivia_io::plan::Plans;
use clivia_io::rejects::{RefusedCounts, Rejects};
use clivia_io::settings::Settings;
use clivia_io::source::Source;
use clivia_io::unreadable::{Table, unreadable};
use clivia_run::pipeline::no_amounts;

use crate::Failure;
use crate::fail_on::{FailArgs, judge};
use crate::settings::{ContactArgs, ReadArgs, set, with_items};
use crate::terminal;
use crate::terminal::{Checked, CheckedFile};

/// Files to look at.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Order files
    #[arg(required = true, value_name = "ORDERS")]
    orders: Vec<PathBuf>,
    /// Contact logs
    #[arg(long, value_name = "FILE", num_args = 1..)]
    contacts: Vec<PathBuf>,
    /// Keep the contacts for which this condition is true
    #[arg(long, value_name = "CONDITION", requires = "contacts", allow_hyphen_values = true)]
    contacts_where: Option<String>,
    /// The lines of the orders, where they are a table of their own: joined by the order's id
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
    /// Write down how the tables are read, for --plan of score and summary: next month nothing is asked
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    contact: ContactArgs,
    #[command(flatten)]
    fail: FailArgs,
}

pub(super) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let mut settings = args.read.base()?;
    args.read.lay_over(&mut settings);
    set(&mut settings.contact_columns.condition, args.contacts_where.clone());
    args.contact.lay_over(&mut settings.contact_columns);
    settings.check().map_err(clivia_run::error::Error::from)?;
    let (orders, joined) = with_items(&args.orders, args.items.as_deref(), &settings)?;
    let logs = files::find(&args.contacts).map_err(clivia_run::error::Error::from)?;
    let mut rejects = Rejects::counting(args.read.files.strict);
    let (files, mut read, buyers) = check_orders(&settings, &orders, &mut rejects)?;
    read.notes.extend(joined);
    // What would stop a run is told when everything has been shown.
    let mut stops =
        unreadable(Table::orders(&read), &rejects, &settings.read).map(|lost| read.notes.extend(lost)).err();
    let mut checked = Checked { files, orders: read, days: buyers.days, contacts: None, refused: RefusedCounts::new() };
    if !logs.is_empty() {
        let (files, read) = check_contacts(&settings, &logs, &buyers, &mut rejects)?;
        checked.files.extend(files);
        let table = Table { name: "contacts", rows: read.rows, turnover: None };
        let lost = unreadable(table, &rejects, &settings.read);
        stops = stops.or(lost.map(|lost| checked.orders.notes.extend(lost)).err());
        checked.contacts = Some(read);
    }
    checked.refused = rejects.counts().clone();
    if let Some(path) = &args.save {
        let contacts = checked.contacts.as_ref().and_then(|read| read.plan.clone());
        let plans = Plans { orders: checked.orders.plan.clone(), contacts };
        plans.save(path).map_err(clivia_run::error::Error::from)?;
    }
    terminal::print_check(&checked, args.json)?;
    if let Some(error) = stops {
        return Err(clivia_run::error::Error::from(error).into());
    }
    let mut notes = checked.orders.notes;
    notes.extend(checked.contacts.iter().flat_map(ContactsRead::notes));
    notes::sort(&mut notes);
    judge(args.fail.over(settings.report.fail_on), &notes)
}

/// Who bought, and when.
#[derive(Default)]
struct Buyers {
    ids: Ids,
    days: Option<(Day, Day)>,
}

fn check_orders(
    settings: &Settings,
    sources: &[Arc<dyn Source>],
    rejects: &mut Rejects,
) -> Result<(Vec<CheckedFile>, OrdersRead, Buyers), clivia_run::error::Error> {
    let Settings { read, orders, currency, summary, .. } = settings;
    let reader = OrdersReader { as_of: summary.as_of, ..OrdersReader::new(read, orders, currency) };
    let (mut all, mut ids) = (None, HashSet::new());
    let mut read = reader.read(sources, &Control::default(), rejects, |given| {
        match given {
            Given::Lines(lines) => {
                ids.extend(lines.iter().map(|line| Id::from(line.customer)));
                all = all.into_iter().chain(lines.days()).reduce(|a: (Day, Day), b| (a.0.min(b.0), a.1.max(b.1)));
            }
            Given::Anew => (all, ids) = (None, HashSet::new()),
        }
        Ok(())
    })?;
    let file = |(source, mapping): (&Arc<dyn Source>, &Mapping)| CheckedFile::new(source.as_ref(), mapping.clone());
    let files = sources.iter().zip(&read.mappings).map(file).collect();
    read.notes.extend(no_amounts(&read));
    let mut ids = ids.iter().map(Id::to_string).collect::<Vec<_>>();
    ids.sort_unstable();
    Ok((files, read, Buyers { ids: ids.iter().map(String::as_str).collect(), days: all }))
}

fn check_contacts(
    settings: &Settings,
    sources: &[Arc<dyn Source>],
    buyers: &Buyers,
    rejects: &mut Rejects,
) -> Result<(Vec<CheckedFile>, ContactsRead), clivia_run::error::Error> {
    rejects.begin("contacts")?;
    let reader = ContactsReader {
        read: &settings.read,
        columns: &settings.contact_columns,
        quality: &settings.contacts,
        as_of: settings.summary.as_of.or(buyers.days.map(|days| days.1)).unwrap_or(settings.read.latest),
        customers: Known { ids: &buyers.ids, index: &IdIndex::new(&buyers.ids), fold: settings.orders.fold_ids },
        without_purchase: &IdIndex::default(),
        plan: None,
    };
    let file = |source: &Arc<dyn Source>| {
        let plan = reader.plan_of(source.as_ref(), &Control::default())?;
        Ok(CheckedFile::new(source.as_ref(), plan.columns))
    };
    let files = sources.iter().map(file).collect::<Result<_, clivia_run::error::Error>>()?;
    let mut contacts = Vec::new();
    let mut read = reader.read(sources, &Control::default(), rejects, |block| contacts.extend(block))?;
    read.finish(&mut contacts);
    Ok((files, read))
}
