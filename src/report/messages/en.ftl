# The words of the report. Every language has the same keys; numbers come in by name and are shown in the reader's locale.

title = Customers: worth, contact, what to change
subtitle = As of { $date }
skip = Skip to the content
contents = Contents
table = The numbers as a table
keys = Charts answer to the mouse and, once focused, to the arrow keys; below each stand its numbers as a table.
no-script = Charts need scripts, which are off. All numbers are in the tables.
licences = Licences of what is in this page
charts-by = Charts by Apache ECharts 6.1.0, Apache License 2.0.
made-by = Made by clivia { $version } from run.json and figures.json of the run.
choose-cell = Customers of the cell
all-cells = all cells
none-listed = Nobody of this cell is among those listed.
languages-note = Names of segments, clusters and channels, warnings and settings are as the run wrote them, some in { $words }.
alt = { $title }. Its numbers are in the table below it.
merged = All others together
days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}

span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
span-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
span-months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
span-years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}

section-headline = In short
section-map = The map: contact against worth
section-profit = Profit and value
section-rfm = Recency, frequency, money
section-clusters = Clusters
section-value = What is to come
section-timing = Contacts and purchases in time
section-data = The data behind it

unit-days = days
unit-weeks = weeks
unit-months = months
unit-quarters = quarters
unit-years = years
unit-one-days = day
unit-one-weeks = week
unit-one-months = month
unit-one-quarters = quarter
unit-one-years = year

# In short

head-customers = { $customers ->
    [one] { $customers } customer has bought up to { $date }.
   *[other] { $customers } customers have bought up to { $date }.
}
head-purchases = Within { $horizon } they are expected to buy { $purchases } times.
head-value-between = That is worth { $value }, and with a probability of { $level } between { $low } and { $high }.
head-value-alone = What is to come from them is worth { $value }.
head-no-model = The data carry no purchase model, so nothing is said about what is to come.
head-decile = The most valuable tenth of the customers holds { $share } of what is to come.
head-profit = { $share } of the customers are profitable and bring { $peak } of the final profit; the others lose { $lost } of it again.
head-profit-none-lost = { $share } of the customers are profitable, and none loses money.
head-stake = { $under ->
    [one] { $under } customer is contacted worse than it is worth, with { $stake } of value at stake;
   *[other] { $under } customers are contacted worse than they are worth, with { $stake } of value at stake;
} { $over ->
    [one] { $over } is contacted better than it is worth, where { $saving } could be saved in { $days ->
        [one] { $days } day
       *[other] { $days } days
    }.
   *[other] { $over } are contacted better than they are worth, where { $saving } could be saved in { $days ->
        [one] { $days } day
       *[other] { $days } days
    }.
}
idea-between = { $verdict } (rank correlation { $correlation }, 95 % interval { $low } to { $high }; 1 is always, 0 is no connection).
idea-alone = { $verdict } (rank correlation { $correlation }).
idea-unknown = Whether contact follows worth cannot be said: customers do not differ, or are too few.
idea-not-kept = Contact does not follow worth
idea-untold = Whether contact follows worth cannot be told: there are too few customers
idea-upside-down = Contact runs against worth: the more a customer is worth, the worse the contact
idea-against = Contact does not follow worth: who is worth more gets slightly worse contact
idea-hardly-kept = Contact follows worth weakly
idea-kept-in-part = Contact follows worth in part, with many exceptions
idea-kept = Contact follows worth closely

# The map

map-empty = There is no contact log, so there is no map: give one by --contacts.
map-said = { $under } under-served, { $aligned } aligned, { $over } over-served, by a tolerance of { $tolerance } points; { $without } without any contact.
map-clv-share = { $share } of the lifetime value is with under-served customers.
map-cost-share = { $share } of the contact cost goes to over-served customers.
map-title = Contact quality against attractiveness
map-reading = Up is worth more, right is contacted better; the place is the rank within the base. On the diagonal contact fits worth, between the dashed lines it is aligned. Above them (triangles) the company neglects customers, below them (diamonds) it spends too much on them.
map-density = Darker fields hold more customers; the points are some of them.
map-choosing = Choose a cell to see its customers in the list.
axis-contact = Contact quality (0–100)
axis-attractiveness = Attractiveness (0–100)
cell-worth = { $customers ->
    [one] { $customers } customer
   *[other] { $customers } customers
}
    { $value }
cell-customers = { $customers ->
    [one] { $customers } customer
   *[other] { $customers } customers
}
cell-name = { $value } value, { $contact } contact
level-low = low
level-medium = medium
level-high = high
listed-title = The most under-served
listed-said = Whose first correction is worth most comes first; all corrections are in the table corrections of the run.
listed-none = Nobody is under-served.

why-never = never contacted
why-silence = no contact for { $days } days
why-silence-own = no contact for { $days } days, against a rhythm of its own of { $rhythm } days
why-silence-usual = no contact for { $days } days, against a usual rhythm of { $rhythm } days
why-few = { $contacts ->
    [one] { $contacts } contact
   *[other] { $contacts } contacts
} in { $days } days, the last { $last ->
    [one] { $last } day
   *[other] { $last } days
} ago
why-reach = { $reached } of { $tried } contacts by { $channel } reached the customer; this way reaches { $rate }
why-reach-unknown = no outcome of a contact is known; this way reaches { $rate }
why-dialogue = { $both } of { $contacts } contacts went both ways; this way { $rate } are answered
why-richness = contacts of weight { $mean } on average; this way weighs { $weight }
why-satisfaction = a rating of { $rating }, against { $usual } this way
why-slow = answered after { $hours } hours on average, against { $usual } usually
why-no-channel = no channel is open: { $refused } refused, { $full } at their cap
why-no-gain = no single contact would raise contact quality
step-none = nothing for now
step-answer = answer sooner
step-visit = visit
step-meeting = meet
step-call = call
step-video = call by video
step-chat = chat
step-letter = write a letter
step-email = write an e-mail
step-sms = send a text message
step-other = contact by { $channel }

# Profit and value

profit-empty = There are no amounts, so there is no profit.
profit-is-revenue = No cost is known, so profit is revenue here; --margin tells how much of it is profit.
profit-said = { $share } of the customers are profitable. Up to them the curve rises to { $peak }; it ends at { $profit }.
whale-title = Whale curve
whale-reading = Customers from the most to the least profitable, left to right; the curve is what they bring together. Where it falls, customers cost more than they bring.
mark-peak = profitable
axis-customer-share = Share of the customers, most profitable first
axis-profit = Profit so far, together
deciles-title = Value by tenths of the customers
deciles-reading = Each bar is a tenth of the customers, the most valuable first. The steeper it falls, the more depends on few.
axis-decile = Tenth of the customers, most valuable first

# Recency, frequency, money

scores-title = Recency by frequency
scores-reading = Each field holds the customers of one score of recency (up is more recent) and one of frequency (right is more often). The number is how many they are; the darker, the more money they have spent.
axis-frequency-score = Frequency score
axis-recency-score = Recency score
segments-title = Segments
segments-reading = The segments that the scores make. Whiskers at the lifetime value are its interval.

# Clusters

clusters-empty = The customers do not fall into clusters.
clusters-said = { $clusters } groups of customers who are alike, found in the data and not set by rules.
profile-title = What sets each cluster apart
profile-reading = Each row is a cluster. The number is its typical value; the colour says how far that is from the average customer: purple above, orange below.
sizes-title = Sizes of the clusters
sizes-reading = How many customers each cluster has, what they have spent, and what is to come from them.
silhouette-title = How well the clusters part
silhouette-reading = The silhouette by number of clusters, with its sampling error as whiskers: the higher, the better they part.
axis-k = Number of clusters
feature-purchase-days = Purchase days
feature-days-since-last = Days since the last purchase
feature-revenue-per-purchase-day = Revenue a purchase day

# What is to come

value-empty = There is no purchase model, so nothing is said of what is to come.
value-said = Expected by the model { $model } within { $horizon } from the as-of date.
holdout-said = To see how far { $model } can be trusted, it was fitted to the time up to { $end } alone and held against what { $customers } customers then did up to { $last }: expected { $expected } purchases, made { $actual }.
holdout-empty = There is no holdout here to see how far the model can be trusted: clivia validate makes one.
clv-title = Customers by lifetime value
clv-reading = How many customers have a lifetime value in each range. Ranges grow, so that few large ones do not hide the many small ones.
alive-title = Customers by the chance that they stay
alive-reading = How many customers are still customers with which probability. Those on the left have most likely left for good.
axis-alive = Probability of still being a customer
matrix-purchases-title = Expected purchases by frequency and recency
matrix-purchases-reading = What the model expects of a customer as old as the oldest: by how often it came back (up) and how late in its time it bought last (right). Bottom right are those who seldom buy and are still there, top left those who bought often and then stopped.
matrix-alive-title = Chance of staying by frequency and recency
matrix-alive-reading = The probability of still being a customer, read as the chart before. Who bought often and then stopped has most likely left.
axis-last-purchase-age = Age at the last purchase ({ $unit })
tracking-cumulative-title = Repeat purchases so far: made and expected
tracking-cumulative-reading = All repeat purchases together up to each date. Behind the dotted line the model had seen nothing: the nearer the curves there, the better it foretells.
tracking-periods-title = Repeat purchases by period: made and expected
tracking-periods-reading = The same for each period alone. A model of this kind knows no seasons, so peaks stay above its curve.
mark-holdout = not seen
axis-repeat-purchases = Repeat purchases
by-frequency-title = Purchases in the holdout by earlier frequency
by-frequency-reading = What customers with so many repeat purchases bought each in the holdout, and what was expected of them.
repeat-counts-title = Customers by repeat purchases
repeat-counts-reading = How many customers came back how often up to the holdout, and how many the model says: whether it fits what it has seen.
axis-repeats-before = Repeat purchases before the holdout
axis-purchases-each = Purchases of each in the holdout
or-more = { $count } or more
purchase-rate-title = How customers differ in buying
purchase-rate-reading = The share of customers with each rate of buying, while they are customers, by the model. The last bar is all above.
axis-purchase-rate = Purchases a { $unit }
dropout-probability-title = How customers differ in leaving
dropout-probability-reading = The share of customers with each probability of leaving after a purchase, by the model.
axis-dropout-probability = Probability of leaving
dropout-rate-title = How customers differ in leaving
dropout-rate-reading = The share of customers with each rate of leaving, by the model. The last bar is all above.
axis-dropout-rate = Rate of leaving a { $unit }
purchase-probability-title = How customers differ in buying
purchase-probability-reading = The share of customers with each probability of buying, while they are customers, by the model.
axis-purchase-probability = Probability of buying in a { $unit }
range-between = { $from } to { $to }
range-below = up to { $to }
range-above = above { $from }
range-all = all

# Contacts and purchases in time

timing-empty = There is no contact log, so nothing is said about contacts and purchases.
timing-said = Looked at { $purchases } purchases of { $customers } customers, each between the customer's own first and last purchase.
timing-caveat = This is association, not effect: a season, a sale or a customer's own plan may bring both the contact and the purchase. Only holding a random share of customers out of a campaign shows what contacts do.
timing-title = Purchases after contacts
timing-reading = How often customers buy in the days after a contact, over how often they buy at other times: 1 is no difference. Whiskers are intervals; one that holds 1 shows nothing. The legend adds kinds of contact.
axis-lag = Days after the contact
after-purchases-title = Contacts after purchases
kind-any = all by the company
lag-days = { $from } to { $to } days
claim-more-follow = more purchases follow
claim-not-shown = nothing shown
claim-too-few = too few to tell
claim-follows-purchases = follows purchases itself
claim-order-unknown = order within the day unknown

# The data behind it

data-said = Scored by clivia { $version }. The same orders, settings and version give the same numbers.
data-returns = { $rows } rows of returns undid { $orders } orders and left { $customers } customers without a purchase; { $unmatched } returned found no order in the data.
data-no-returns = There are no returns in the data.
data-zero = { $rows } rows with an amount of zero were kept.
data-chosen = The model { $model } was chosen, as the one that foretold { $from } to { $to } best.
rows-title = Rows used and refused
refused-title = Why rows were refused
fits-title = Fits
warnings-title = Mind
mapping-title = Columns used
settings-title = Settings
table-orders = orders
table-contacts = contacts
table-customers = customers
verdict-converged = converged
verdict-boundary = converged at the edge of a range
verdict-not-converged = did not converge

rule-wrong-number-of-cells = wrong number of cells
rule-row-too-long = row too long
rule-not-json = not JSON
rule-not-text = not text
rule-missing-customer = no customer
rule-missing-date = no date
rule-unreadable-date = unreadable date
rule-date-out-of-range = date out of range
rule-after-as-of = after the as-of date
rule-missing-amount = no amount
rule-unreadable-amount = unreadable amount
rule-non-finite-amount = amount not finite
rule-amount-too-large = amount too large
rule-zero-amount = amount of zero
rule-return = return
rule-duplicate = duplicate
rule-missing-currency = no currency
rule-other-currency = another currency
rule-missing-channel = no channel
rule-unknown-direction = unknown direction
rule-unreadable-cost = unreadable cost
rule-negative-cost = negative cost
rule-unreadable-satisfaction = unreadable rating
rule-satisfaction-off-scale = rating off the scale
rule-unreadable-response-time = unreadable response time
rule-negative-response-time = answer before the question
rule-unreadable-control = control flag neither yes nor no
rule-control-without-campaign = held out of no campaign
rule-unknown-customer = unknown customer
rule-customer-without-purchase = customer without a purchase

# Columns

column-actual = Made
column-aligned = Aligned
column-at-stake = At stake
column-cell = Cell
column-cells = Cells
column-claim = What may be said
column-cluster = Cluster
column-clv = Lifetime value
column-clv-high = Value, high end
column-clv-low = Value, low end
column-column = Column
column-contact-cost = Contact cost
column-contacts = Contacts
column-cost = Cost
column-customer = Customer
column-customer-share = Share of customers
column-customers = Customers
column-decile = Tenth
column-density = How many
column-deviations = Standard deviations from the average
column-diagnosis = Diagnosis
column-end = Up to
column-estimate = Estimate
column-events = Purchases
column-expected = Expected
column-expected-events = At the usual rate
column-expected-purchases = Expected purchases
column-feature = Feature
column-frequency = Frequency
column-high = High end
column-k = Clusters
column-kind = Kind of contact
column-lag = Lag
column-last-purchase-age = Age at the last purchase
column-low = Low end
column-mean-days-since-last = Days since the last purchase
column-mean-m = Mean score of money
column-mean-purchase-days = Purchase days
column-model = Model
column-money-read = Money read
column-money-refused = Money refused
column-money-used = Money used
column-orders = Orders
column-over-served = Over-served
column-p-adjusted = p, adjusted
column-p-alive = Chance of staying
column-parameter = Parameter
column-part = Part
column-profit = Profit
column-profit-so-far = Profit so far
column-range = Range
column-rate-ratio = Rate ratio
column-recency = Recency
column-repeats = Repeat purchases
column-revenue = Revenue
column-revenue-per-day = Revenue a purchase day
column-rows-read = Rows read
column-rows-refused = Rows refused
column-rows-used = Rows used
column-rule = Reason
column-segment = Segment
column-set-to = Set to
column-setting = Setting
column-silhouette = Silhouette
column-standard-error = Standard error
column-step = What to do
column-table = Table
column-typical = Typical value
column-under-served = Under-served
column-value-share = Share of the value
column-verdict = Verdict
column-warning = Warning
column-why = Why
