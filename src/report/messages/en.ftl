# The words of the report. Every language has the same keys; numbers come in by name and are shown in the reader's locale.

title = Customers: worth, contact, what to change
subtitle = As of { $date }
skip = Skip to the content
contents = Contents
table = The numbers as a table
keys = Charts respond to the mouse and, when focused, to the arrow keys. A table below each chart has its numbers.
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
section-map = The map: contact against value
section-profit = Profit and value
section-rfm = Recency, frequency, money
section-clusters = Clusters
section-value = Expected purchases and value
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
head-value-between = That is worth { $value } ({ $level } prediction interval: { $low } to { $high }).
head-value-alone = Their expected purchases are worth { $value }.
head-no-model = The data do not support a purchase model, so there is no forecast.
head-decile = The most valuable tenth of the customers holds { $share } of the expected value.
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
idea-unknown = It is unknown whether contact follows value: customers do not differ, or there are too few.
idea-not-kept = Contact does not follow value
idea-untold = There are too few customers to say whether contact follows value
idea-upside-down = Contact runs against value: the more a customer is worth, the worse the contact
idea-against = Contact does not follow value: customers who are worth more get slightly worse contact
idea-hardly-kept = Contact follows value weakly
idea-kept-in-part = Contact follows value in part, with many exceptions
idea-kept = Contact follows value closely

# The map

map-empty = There is no contact log, so there is no map: give one by --contacts.
map-said = { $under } under-served, { $aligned } aligned, { $over } over-served, by a tolerance of { $tolerance } points; { $without } without any contact.
map-clv-share = { $share } of the lifetime value is with under-served customers.
map-cost-share = { $share } of the contact cost goes to over-served customers.
map-title = Contact quality against attractiveness
map-reading = Customers higher up are worth more, customers further right are contacted better; the position is the rank within the base. On the diagonal, contact matches value; between the dashed lines, customers are aligned. Above them (triangles) are under-served customers, below them (diamonds) over-served ones.
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
listed-said = Customers are ordered by the value of their first correction. The table corrections of the run has all of them.
listed-none = No customer is under-served.

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
why-reach = { $reached } of { $tried } contacts by { $channel } reached the customer; this channel reaches { $rate }
why-reach-unknown = no outcome of a contact is known; this channel reaches { $rate }
why-dialogue = { $both } of { $contacts } contacts were two-way; on this channel { $rate } are answered
why-richness = the mean weight of the contacts is { $mean }; this channel has { $weight }
why-satisfaction = a rating of { $rating }; this channel usually gets { $usual }
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
profit-is-revenue = No cost is known, so profit is revenue here; set the share of profit with --margin.
profit-said = { $share } of the customers are profitable. Up to them the curve rises to { $peak }; it ends at { $profit }.
whale-title = Whale curve
whale-reading = Customers are ordered from the most to the least profitable; the curve is their cumulative profit. Where it falls, customers cost more than they bring.
mark-peak = profitable
axis-customer-share = Share of the customers, most profitable first
axis-profit = Profit so far, together
deciles-title = Value by tenths of the customers
deciles-reading = Each bar is a tenth of the customers, the most valuable first. The steeper it falls, the more depends on a few customers.
axis-decile = Tenth of the customers, most valuable first

# Recency, frequency, money

scores-title = Recency by frequency
scores-reading = Each field holds the customers of one score of recency (up is more recent) and one of frequency (right is more often). The number is how many they are; the darker, the more money they have spent.
axis-frequency-score = Frequency score
axis-recency-score = Recency score
segments-title = Segments
segments-reading = The segments that the scores give. Whiskers are the prediction interval of the lifetime value.

# Clusters

clusters-empty = The customers do not fall into clusters.
clusters-said = { $clusters } groups of similar customers, found in the data and not defined by rules.
profile-title = What sets each cluster apart
profile-reading = Each row is a cluster. The number is its typical value; the colour says how far that is from the average customer: purple above, orange below.
sizes-title = Sizes of the clusters
sizes-reading = How many customers each cluster has, what they have spent, and what they are expected to bring.
silhouette-title = How well the clusters separate
silhouette-reading = The silhouette by number of clusters, with its sampling error as whiskers: the higher, the better they separate.
axis-k = Number of clusters
feature-purchase-days = Purchase days
feature-days-since-last = Days since the last purchase
feature-revenue-per-purchase-day = Revenue a purchase day

# What is to come

value-empty = There is no purchase model, so there is no forecast.
value-said = Expected by the model { $model } within { $horizon } from the as-of date.
holdout-said = To test { $model }, it was fitted to the time up to { $end } only and compared with what { $customers } customers did after that, up to { $last }: { $expected } purchases expected, { $actual } made.
holdout-empty = There is no holdout to test the model; clivia validate makes one.
clv-title = Customers by lifetime value
clv-reading = How many customers have a lifetime value in each range. Ranges grow, so that few large ones do not hide the many small ones.
alive-title = Customers by the probability of still being a customer
alive-reading = How many customers have each probability of still being a customer. Those on the left have most likely left for good.
axis-alive = Probability of still being a customer
matrix-purchases-title = Expected purchases by frequency and last purchase age
matrix-purchases-reading = Expected purchases of a customer as old as the oldest one, by number of repeat purchases (up) and age at the last purchase (right). Bottom right are customers who rarely buy and are still there, top left those who bought often and then stopped.
matrix-alive-title = Probability of still being a customer by frequency and last purchase age
matrix-alive-reading = The probability of still being a customer; read it like the chart before. Customers who bought often and then stopped have most likely left.
axis-last-purchase-age = Age at the last purchase ({ $unit })
tracking-cumulative-title = Repeat purchases so far: made and expected
tracking-cumulative-reading = All repeat purchases up to each date. The model has not seen the time after the dotted line: the closer the curves are there, the better its forecast.
tracking-periods-title = Repeat purchases by period: made and expected
tracking-periods-reading = The same for each period alone. A model of this kind knows no seasons, so peaks stay above its curve.
mark-holdout = not seen
axis-repeat-purchases = Repeat purchases
by-frequency-title = Purchases in the holdout by earlier frequency
by-frequency-reading = Mean purchases in the holdout of customers with each number of repeat purchases, actual and expected.
repeat-counts-title = Customers by repeat purchases
repeat-counts-reading = Customers by number of repeat purchases before the holdout, actual and by the model. It shows whether the model fits the data that it has seen.
axis-repeats-before = Repeat purchases before the holdout
axis-purchases-each = Purchases of each in the holdout
or-more = { $count } or more
purchase-rate-title = How purchase rates differ between customers
purchase-rate-reading = The share of customers with each purchase rate while they are customers, by the model. The last bar holds all higher rates.
axis-purchase-rate = Purchases a { $unit }
dropout-probability-title = How customers differ in leaving
dropout-probability-reading = The share of customers with each probability of leaving after a purchase, by the model.
axis-dropout-probability = Probability of leaving
dropout-rate-title = How customers differ in leaving
dropout-rate-reading = The share of customers with each rate of leaving, by the model. The last bar holds all higher rates.
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
timing-said = Based on { $purchases } purchases of { $customers } customers, each between the customer's own first and last purchase.
timing-caveat = This is association, not effect: a season, a sale or a customer's own plan may bring both the contact and the purchase. Only holding a random share of customers out of a campaign shows what contacts do.
timing-title = Purchases after contacts
timing-reading = The purchase rate in the days after a contact, divided by the rate at other times: 1 is no difference. Whiskers are confidence intervals; one that contains 1 shows no difference. The legend adds kinds of contact.
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
data-returns = { $rows } rows of returns cancelled { $orders } orders and left { $customers } customers without a purchase; returns of { $unmatched } matched no order in the data.
data-no-returns = There are no returns in the data.
data-zero = { $rows } rows with an amount of zero were kept.
data-chosen = The model { $model } was chosen because it predicted { $from } to { $to } best.
rows-title = Rows used and refused
refused-title = Why rows were refused
fits-title = Fits
warnings-title = Warnings
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
rule-not-sent = sending failed
rule-missing-channel = no channel
rule-unknown-direction = unknown direction
rule-unreadable-cost = unreadable cost
rule-negative-cost = negative cost
rule-unreadable-satisfaction = unreadable rating
rule-satisfaction-off-scale = rating off the scale
rule-unreadable-response-time = unreadable response time
rule-negative-response-time = answer before the question
rule-unreadable-control = control flag neither yes nor no
rule-control-without-campaign = held out, but without a campaign
rule-unknown-customer = unknown customer
rule-customer-without-purchase = customer without a purchase
rule-missing-end = ended without an end date

# Columns

column-actual = Actual
column-aligned = Aligned
column-at-stake = At stake
column-cell = Cell
column-cells = Cells
column-claim = Conclusion
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
column-p-alive = Probability of still being a customer
column-parameter = Parameter
column-part = Part
column-profit = Profit
column-profit-so-far = Profit so far
column-range = Range
column-rate-ratio = Rate ratio
column-recency = Recency score
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
