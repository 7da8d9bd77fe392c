//! An update: new files become a segment, or two.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::pipeline::give;
use crate::state::folder;
use crate::state::folder::Folder;
use crate::state::gone;
use crate::state::manifest::{Manifest, Segment, Taken, Totals};
use crate::state::segment::{REJECTS, SegmentWriter};
use crate::state::{Reading, StateError, io_error, shown};
use clivia_core::base::Day;
use clivia_core::control::Control;
use clivia_core::ledger::LedgerBuilder;
use clivia_core::ledger::SpillError;
use clivia_core::notes::Note;
use clivia_io::cancelled;
use clivia_io::error::TableError;
use clivia_io::memory::Memory;
use clivia_io::orders::{Carried, Duplicates, Given, OrdersRead, OrdersReader};
use clivia_io::rejects::{Rejects, Rule};
use clivia_io::settings::Settings;
use clivia_io::source::Source;
use clivia_io::unreadable::{Table, unreadable};

/// What an update is to take in.
#[derive(Debug, Default)]
pub struct NewOrders {
    /// Order files.
    pub orders: Vec<Arc<dyn Source>>,
    /// An order in them takes the place of the order with its id in the state, whichever customer and day it had.
    pub replace: bool,
    /// Cancelled orders: a table with an order-id column, or one id per line.
    pub cancel: Vec<Arc<dyn Source>>,
    /// Take in files that are in the state already.
    pub again: bool,
    /// Stop at the first refused row, and take nothing in.
    pub strict: bool,
}

/// What an update did.
#[derive(Debug)]
pub struct Updated {
    /// What reading the new files came to.
    pub orders: OrdersRead,
    /// New rows that were refused.
    pub refused: BTreeMap<Rule, u64>,
    /// The first and the last day of the new orders.
    pub days: Option<(Day, Day)>,
    /// Ids of new orders, where they replace those of the state.
    pub replacing: Option<u64>,
    /// Ids of cancelled orders.
    pub cancelled: Option<u64>,
    /// Segments that were merged into others.
    pub merged: usize,
    /// The state afterwards: all its updates together.
    pub state: Held,
    /// What a reader should know.
    pub notes: Vec<Note>,
}

/// What a state holds.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Held {
    /// Order rows that count, those of replaced orders that were not passed over yet included.
    pub rows: u64,
    /// Rows on disk: those that settling cannot tell apart are one.
    pub lines: u64,
    /// The first and the last day.
    pub days: Option<(Day, Day)>,
    /// Segments.
    pub segments: usize,
}

/// A state that is being changed; nobody else can change it meanwhile.
#[derive(Debug)]
pub struct Updating {
    pub(super) folder: Folder,
    pub(super) manifest: Option<Manifest>,
}

impl Updating {
    /// Opens the state in a folder, or begins one. What an interrupted update left is removed.
    ///
    /// # Errors
    /// [`StateError`] where another update is at work, the folder holds something else, or the state is damaged or of
    /// another version.
    pub fn open(folder: &Path) -> Result<Self, StateError> {
        let (folder, manifest) = folder::open(folder)?;
        Ok(Updating { folder, manifest })
    }

    /// A folder for what must wait on disk; it goes with the update.
    pub fn partial(&self) -> &Path {
        self.folder.partial()
    }

    /// How the orders of the state were read; `None` before the first update.
    pub fn reading(&self) -> Option<&Reading> {
        self.manifest.as_ref().map(|manifest| &manifest.reading)
    }

    /// Takes in new orders, and cancels orders.
    ///
    /// Only the tables and sections of `settings` that say how orders are read matter. All or nothing is taken in:
    /// after an error the state is what it was.
    ///
    /// # Errors
    /// [`Error`] where a file or setting cannot be used, or nothing can be written.
    pub fn update(
        &mut self,
        new: &NewOrders,
        settings: &Settings,
        memory: Option<&Memory>,
        control: &Control,
    ) -> Result<Updated, Error> {
        settings.check()?;
        let mut manifest = self.begin(new, settings)?;
        let mut updated = Updated::new(&manifest);
        let old = manifest.segments.len();
        if !new.orders.is_empty() {
            let segment = self.take_in(new, settings, memory, control, &mut manifest, &mut updated)?;
            manifest.next += 1;
            manifest.segments.push(segment);
        }
        if !new.cancel.is_empty() {
            let segment = self.cancel(&new.cancel, settings, &manifest)?;
            updated.cancelled = Some(segment.replaces);
            manifest.next += 1;
            manifest.segments.push(segment);
        }
        let next = manifest.next;
        let manifest = manifest.with(manifest.segments.clone(), next);
        control.enter("writing");
        self.folder.publish(&manifest, &manifest.segments[old..].iter().collect::<Vec<_>>())?;
        self.manifest = Some(manifest);
        Ok(self.tidied(updated, memory, control))
    }

    /// Merges all segments into one, replaced and cancelled orders left out.
    ///
    /// # Errors
    /// [`Error`] where there is no state, or nothing can be written.
    pub fn compact(&mut self, memory: Option<&Memory>, control: &Control) -> Result<Updated, Error> {
        let manifest = self.manifest.as_ref().ok_or_else(|| StateError::None(shown(&self.folder.path)))?;
        let mut updated = Updated::new(manifest);
        updated.merged = self.merge_all(memory, control)?;
        Ok(self.told(updated))
    }

    /// The new orders are in; that no room is left to merge segments is no reason to say otherwise.
    fn tidied(&mut self, mut updated: Updated, memory: Option<&Memory>, control: &Control) -> Updated {
        match self.merge_tiers(memory, control) {
            Ok(merged) => updated.merged = merged,
            Err(error) => {
                let text = format!(
                    "the update is done, but segments could not be merged, which the next update tries again: {error}"
                );
                updated.notes.push(Note::warning("segments_not_merged", text));
            }
        }
        self.told(updated)
    }

    fn told(&self, mut updated: Updated) -> Updated {
        if let Some(manifest) = &self.manifest {
            updated.state = Held::of(manifest);
        }
        updated
    }

    /// The manifest to go on from, once nothing speaks against the update.
    fn begin(&self, new: &NewOrders, settings: &Settings) -> Result<Manifest, Error> {
        let folder = shown(&self.folder.path);
        if settings.orders.duplicates == Duplicates::Drop {
            return Err(StateError::Duplicates.into());
        }
        let reading = Reading::of(settings);
        let Some(manifest) = &self.manifest else {
            let begun = new.cancel.is_empty() && !new.orders.is_empty();
            return if begun { Ok(Manifest::new(reading)) } else { Err(StateError::None(folder).into()) };
        };
        manifest.reading.check_update(&reading, &folder)?;
        let known = manifest.carried.mapping.as_ref().is_some_and(|mapping| mapping.order.is_some());
        if !known && (new.replace || !new.cancel.is_empty()) {
            return Err(StateError::NoOrderIds(if new.replace { "update.replace" } else { "update.cancel" }).into());
        }
        Ok(manifest.clone())
    }

    /// New orders as a segment.
    fn take_in(
        &self,
        new: &NewOrders,
        settings: &Settings,
        memory: Option<&Memory>,
        control: &Control,
        manifest: &mut Manifest,
        updated: &mut Updated,
    ) -> Result<Segment, Error> {
        let mut files = new.orders.iter().map(|source| Taken::of(source.as_ref())).collect::<Vec<_>>();
        if !new.again {
            manifest.refuse_untouched(&files, &shown(&self.folder.path))?;
        }
        let known = manifest.known_rows();
        let home = self.folder.begin(manifest.next)?;
        let mut builder = LedgerBuilder::new(settings.orders.returns, true);
        if let Some(memory) = memory {
            builder = builder.within(Arc::new(memory.clone()));
        }
        let (orders, refused) =
            read(&home, new, settings, control, &known, &mut manifest.carried, |given| give(&mut builder, given))?;
        check_read(&orders, &refused, new, manifest)?;
        for ((file, source), content) in files.iter_mut().zip(&new.orders).zip(&orders.contents) {
            if !new.may_be_known() {
                manifest.refuse_known(source.name(), content, &shown(&self.folder.path))?;
            }
            file.content = Some(content.clone());
        }
        control.enter("writing");
        let days = builder.days();
        let earlier = !manifest.segments.is_empty();
        let mut writer = SegmentWriter::new(&home, orders.rows.used, new.replace && earlier);
        builder.merge::<Error>(|partition, merged| Ok(writer.take(partition, merged)?))?;
        let (parts, ids) = writer.finish()?;
        let replaces = gone::write(&home, ids)?;
        let totals = Totals::of(&orders, refused.clone());
        updated.replacing = new.replace.then_some(replaces);
        updated.notes.extend(orders.notes.iter().cloned());
        (updated.orders, updated.refused, updated.days) = (orders, refused, days);
        Ok(Segment { number: manifest.next, parts, days, replaces, files, totals })
    }

    /// Cancelled orders as a segment without lines: behind that of the new orders, so that they are gone from these too.
    fn cancel(&self, lists: &[Arc<dyn Source>], settings: &Settings, manifest: &Manifest) -> Result<Segment, Error> {
        let mut orders = Vec::new();
        for list in lists {
            orders.extend(cancelled::read(list.as_ref(), &settings.read, &settings.orders.order)?);
        }
        let home = self.folder.begin(manifest.next)?;
        Ok(Segment { number: manifest.next, replaces: gone::write(&home, orders)?, ..Segment::default() })
    }
}

/// Reads the new files, and writes down the rows that are refused.
fn read(
    home: &Path,
    new: &NewOrders,
    settings: &Settings,
    control: &Control,
    known: &[u64],
    carried: &mut Carried,
    take: impl FnMut(Given) -> Result<(), SpillError>,
) -> Result<(OrdersRead, BTreeMap<Rule, u64>), Error> {
    control.enter("reading orders");
    let path = home.join(REJECTS);
    let file = File::create(&path).map_err(|cause| io_error(&path, cause))?;
    let mut rejects = Rejects::new(Box::new(file), new.strict)?;
    let Settings { read, orders, currency, .. } = settings;
    // Whatever is asked later, times of day are there; the as-of date is that of the scoring.
    let reader = OrdersReader { clocks: true, known: Some(known), ..OrdersReader::new(read, orders, currency) };
    let mut read = reader.read_on(&new.orders, carried, control, &mut rejects, take)?;
    let lost = unreadable(Table::orders(&read), &rejects, &settings.read)?;
    read.notes.splice(0..0, lost);
    let refused = rejects.finish()?.remove("orders").unwrap_or_default();
    if refused.is_empty() {
        fs::remove_file(&path).map_err(|cause| io_error(&path, cause))?;
    } else {
        File::open(&path).and_then(|file| file.sync_all()).map_err(|cause| io_error(&path, cause))?;
    }
    Ok((read, refused))
}

/// A day without orders is none to complain of; a state without any, or one that cannot be corrected, is.
fn check_read(
    orders: &OrdersRead,
    refused: &BTreeMap<Rule, u64>,
    new: &NewOrders,
    manifest: &Manifest,
) -> Result<(), Error> {
    if new.replace && !orders.has_order_ids() {
        return Err(StateError::NoOrderIds("update.replace").into());
    }
    if !manifest.segments.is_empty() || orders.rows.used > 0 {
        return Ok(());
    }
    if orders.rows.read == 0 {
        let file = new.orders.iter().map(|source| source.name()).collect::<Vec<_>>().join(", ");
        return Err(TableError::Empty { file, what: "there is a header but no row" }.into());
    }
    let rules = refused.iter().map(|(rule, rows)| format!("{rows} {rule}")).collect::<Vec<_>>().join(", ");
    Err(Error::NothingUsed { rows: orders.rows.read, rules })
}

impl Updated {
    fn new(manifest: &Manifest) -> Self {
        Updated {
            orders: OrdersRead { mapping: manifest.carried.mapping.clone(), ..OrdersRead::default() },
            refused: BTreeMap::new(),
            days: None,
            replacing: None,
            cancelled: None,
            merged: 0,
            state: Held::of(manifest),
            notes: Vec::new(),
        }
    }
}

impl Held {
    fn of(manifest: &Manifest) -> Self {
        let Manifest { segments, totals, .. } = manifest;
        let lines = segments.iter().map(Segment::lines).sum();
        Held { rows: totals.rows_used, lines, days: manifest.days(), segments: segments.len() }
    }
}
