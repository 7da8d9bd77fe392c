# The words of the report. Every language has the same keys; numbers come in by name and are shown in the reader's locale.

title = Клиенти: стойност, контакт, какво да се промени
subtitle = Към { $date }
skip = Към съдържанието
contents = Съдържание
table = Числата в таблица
keys = Графиките отговарят на мишката, а щом са избрани, и на стрелките; под всяка са числата ѝ в таблица.
no-script = Графиките изискват скриптове, а те са изключени. Всички числа са в таблиците.
licences = Лицензи на съдържаното в страницата
charts-by = Графики: Apache ECharts 6.1.0, Apache License 2.0.
made-by = Създадено с clivia { $version } от run.json и figures.json на изчислението.
choose-cell = Клиенти от полето
all-cells = всички полета
none-listed = В списъка няма никого от това поле.
languages-note = Имената на сегменти, клъстери и канали, предупрежденията и настройките са както ги е записало изчислението, някои на език: { $words }.
alt = { $title }. Числата са в таблицата отдолу.
merged = Всички останали заедно
days = { $days ->
    [one] { $days } ден
   *[other] { $days } дни
}

span-days = { $count ->
    [one] { $count } ден
   *[other] { $count } дни
}
span-weeks = { $count ->
    [one] { $count } седмица
   *[other] { $count } седмици
}
span-months = { $count ->
    [one] { $count } месец
   *[other] { $count } месеца
}
span-years = { $count ->
    [one] { $count } година
   *[other] { $count } години
}

section-headline = Накратко
section-map = Картата: контакт спрямо стойност
section-profit = Печалба и стойност
section-rfm = Давност, честота, пари
section-clusters = Клъстери
section-value = Какво предстои
section-timing = Контакти и покупки във времето
section-data = Данните

unit-days = дни
unit-weeks = седмици
unit-months = месеци
unit-quarters = тримесечия
unit-years = години
unit-one-days = ден
unit-one-weeks = седмица
unit-one-months = месец
unit-one-quarters = тримесечие
unit-one-years = година

# In short

head-customers = { $customers ->
    [one] { $customers } клиент е купувал до { $date }.
   *[other] { $customers } клиенти са купували до { $date }.
}
head-purchases = За { $horizon } от тях се очакват { $purchases ->
    [one] { $purchases } покупка.
   *[other] { $purchases } покупки.
}
head-value-between = Това струва { $value }, а с вероятност { $level } между { $low } и { $high }.
head-value-alone = Това, което се очаква от тях, струва { $value }.
head-no-model = Данните не позволяват модел на покупките, затова за бъдещето тук не се казва нищо.
head-decile = Най-ценната десета част от клиентите държи { $share } от това, което предстои.
head-profit = { $share } от клиентите са печеливши и носят { $peak } от крайната печалба; останалите губят { $lost } от нея.
head-profit-none-lost = { $share } от клиентите са печеливши и никой не носи загуба.
head-stake = { $under ->
    [one] { $under } клиент е с по-слаб контакт, отколкото заслужава; изложена стойност: { $stake }.
   *[other] { $under } клиенти са с по-слаб контакт, отколкото заслужават; изложена стойност: { $stake }.
} { $over ->
    [one] { $over } е с по-добър контакт, отколкото заслужава,
   *[other] { $over } са с по-добър контакт, отколкото заслужават,
} където могат да се спестят { $saving } за { $days ->
    [one] { $days } ден.
   *[other] { $days } дни.
}
idea-between = { $verdict } (рангова корелация { $correlation }, 95 % интервал от { $low } до { $high }; 1 е винаги, 0 е без връзка).
idea-alone = { $verdict } (рангова корелация { $correlation }).
idea-unknown = Не може да се каже дали контактът следва стойността: клиентите не се различават или са твърде малко.
idea-not-kept = Контактът не следва стойността
idea-untold = Не може да се каже дали контактът следва стойността: клиентите са твърде малко
idea-upside-down = Контактът върви срещу стойността: колкото повече струва клиентът, толкова по-слаб е контактът
idea-against = Контактът не следва стойността: който струва повече, е с малко по-слаб контакт
idea-hardly-kept = Контактът следва стойността слабо
idea-kept-in-part = Контактът следва стойността отчасти, с много изключения
idea-kept = Контактът следва стойността отблизо

# The map

map-empty = Няма дневник на контактите, затова няма карта: дайте го с --contacts.
map-said = Пренебрегнати: { $under }, обслужени подобаващо: { $aligned }, обслужени прекомерно: { $over }, при допуск от { $tolerance } точки; без никакъв контакт: { $without }.
map-clv-share = { $share } от стойността на клиентите (CLV) е при пренебрегнатите.
map-cost-share = { $share } от разходите за контакт отиват при прекомерно обслужените.
map-title = Качество на контакта спрямо привлекателност
map-reading = По-нагоре значи по-ценен, по-надясно значи по-добър контакт; мястото е рангът в цялата база. По диагонала контактът отговаря на стойността, между прекъснатите линии е подобаващ. Над тях (триъгълници) фирмата пренебрегва клиенти, под тях (ромбове) харчи за тях твърде много.
map-density = В по-тъмните полета има повече клиенти; точките са някои от тях.
map-choosing = Изберете поле, за да видите клиентите му в списъка.
axis-contact = Качество на контакта (0–100)
axis-attractiveness = Привлекателност (0–100)
cell-worth = { $customers ->
    [one] { $customers } клиент
   *[other] { $customers } клиенти
}
    { $value }
cell-customers = { $customers ->
    [one] { $customers } клиент
   *[other] { $customers } клиенти
}
cell-name = стойност: { $value }, контакт: { $contact }
level-low = ниско ниво
level-medium = средно ниво
level-high = високо ниво
listed-title = Най-пренебрегнатите
listed-said = Първи са тези, при които първата поправка струва най-много; всички поправки са в таблицата corrections на изчислението.
listed-none = Никой не е пренебрегнат.

why-never = без нито един контакт
why-silence = без контакт от { $days ->
    [one] { $days } ден
   *[other] { $days } дни
}
why-silence-own = без контакт от { $days ->
    [one] { $days } ден
   *[other] { $days } дни
} при собствен ритъм от { $rhythm ->
    [one] { $rhythm } ден
   *[other] { $rhythm } дни
}
why-silence-usual = без контакт от { $days ->
    [one] { $days } ден
   *[other] { $days } дни
} при обичаен ритъм от { $rhythm ->
    [one] { $rhythm } ден
   *[other] { $rhythm } дни
}
why-few = { $contacts ->
    [one] { $contacts } контакт
   *[other] { $contacts } контакта
} за { $days ->
    [one] { $days } ден
   *[other] { $days } дни
}, последният преди { $last ->
    [one] { $last } ден
   *[other] { $last } дни
}
why-reach = { $channel }: успешни { $reached } от { $tried }; по този път успяват { $rate }
why-reach-unknown = не е известен изходът на нито един контакт; по този път успяват { $rate }
why-dialogue = двупосочни { $both } от { $contacts }; по този път отговор получават { $rate }
why-richness = средна тежест на контактите { $mean }; този път тежи { $weight }
why-satisfaction = оценка { $rating }, при обичайни { $usual } по този път
why-slow = отговор средно след { $hours } часа, при обичайни { $usual }
why-no-channel = няма отворен канал; отказани: { $refused }, изчерпани: { $full }
why-no-gain = нито един отделен контакт не би повишил качеството
step-none = засега нищо
step-answer = по-бърз отговор
step-visit = посещение
step-meeting = среща
step-call = обаждане
step-video = видеоразговор
step-chat = чат
step-letter = писмо
step-email = имейл
step-sms = SMS
step-other = контакт по { $channel }

# Profit and value

profit-empty = Няма суми, затова няма печалба.
profit-is-revenue = Разходите не са известни, затова печалбата тук е приходът; --margin казва каква част от него е печалба.
profit-said = { $share } от клиентите са печеливши. До тях кривата се издига до { $peak }; завършва на { $profit }.
whale-title = Крива на кита
whale-reading = Клиентите от най-печелившия до най-малко печелившия, отляво надясно; кривата е това, което носят заедно. Където пада, клиентите струват повече, отколкото носят.
mark-peak = печеливши
axis-customer-share = Дял на клиентите, първо най-печелившите
axis-profit = Печалба с натрупване
deciles-title = Стойност по десети части от клиентите
deciles-reading = Всеки стълб е десета част от клиентите, първо най-ценните. Колкото по-стръмно пада, толкова повече зависи от малцина.
axis-decile = Десета част от клиентите, първо най-ценните

# Recency, frequency, money

scores-title = Давност и честота
scores-reading = Във всяко поле са клиентите с една оценка за давност (по-нагоре е по-скорошно) и една за честота (по-надясно е по-често). Числото е колко са; колкото по-тъмно, толкова повече са похарчили.
axis-frequency-score = Оценка за честота
axis-recency-score = Оценка за давност
segments-title = Сегменти
segments-reading = Сегментите, които дават оценките. Мустачките при стойността на клиентите са нейният интервал.

# Clusters

clusters-empty = Клиентите не се делят на клъстери.
clusters-said = { $clusters ->
    [one] { $clusters } група
   *[other] { $clusters } групи
} от сходни клиенти, намерени в данните, а не зададени с правила.
profile-title = С какво се отличава всеки клъстер
profile-reading = Всеки ред е клъстер. Числото е типичната му стойност; цветът казва колко е далеч от средния клиент: лилаво над него, оранжево под него.
sizes-title = Големина на клъстерите
sizes-reading = Колко клиенти има всеки клъстер, колко са похарчили и какво се очаква от тях.
silhouette-title = Колко добре се разделят клъстерите
silhouette-reading = Силуетът според броя на клъстерите, с грешката от извадката като мустачки: колкото по-високо, толкова по-добре се разделят.
axis-k = Брой клъстери
feature-purchase-days = Дни с покупки
feature-days-since-last = Дни от последната покупка
feature-revenue-per-purchase-day = Приход на ден с покупки

# What is to come

value-empty = Няма модел на покупките, затова за бъдещето тук не се казва нищо.
value-said = Очакваното по модела { $model } за { $horizon } след датата на отчета.
holdout-said = За да се види доколко може да се вярва на { $model }, той е напаснат само към времето до { $end } и е сравнен с това, което после до { $last } са направили клиентите на брой { $customers }: очаквани покупки { $expected }, направени { $actual }.
holdout-empty = Тук няма контролен период, който да покаже доколко може да се вярва на модела: clivia validate го прави.
clv-title = Клиенти по стойност (CLV)
clv-reading = Колко клиенти имат стойност във всеки интервал. Интервалите растат, за да не скрият малкото големи многото малки.
alive-title = Клиенти по вероятността да останат
alive-reading = Колко клиенти с каква вероятност още са клиенти. Тези отляво най-вероятно са си отишли завинаги.
axis-alive = Вероятност още да е клиент
matrix-purchases-title = Очаквани покупки по честота и давност
matrix-purchases-reading = Какво очаква моделът от клиент, стар колкото най-стария: колко често се е връщал (нагоре) и колко късно е купил за последно (надясно). Долу вдясно са тези, които купуват рядко и още са тук, горе вляво тези, които са купували често и са спрели.
matrix-alive-title = Вероятност за оставане по честота и давност
matrix-alive-reading = Вероятността още да е клиент; чете се като предишната графика. Който е купувал често и е спрял, най-вероятно си е отишъл.
axis-last-purchase-age = Възраст при последната покупка ({ $unit })
tracking-cumulative-title = Повторни покупки с натрупване: направени и очаквани
tracking-cumulative-reading = Всички повторни покупки до всяка дата. Отвъд пунктираната линия моделът не е виждал нищо: колкото по-близо са там кривите, толкова по-добре предвижда.
tracking-periods-title = Повторни покупки по периоди: направени и очаквани
tracking-periods-reading = Същото за всеки период поотделно. Такъв модел не познава сезони, затова върховете остават над кривата му.
mark-holdout = невидяно
axis-repeat-purchases = Повторни покупки
by-frequency-title = Покупки в контролния период по предишна честота
by-frequency-reading = Колко е купил в контролния период всеки клиент с толкова повторни покупки и колко се е очаквало от него.
repeat-counts-title = Клиенти по повторни покупки
repeat-counts-reading = Колко клиенти колко пъти са се върнали до контролния период и колко са според модела: дали подхожда на това, което е видял.
axis-repeats-before = Повторни покупки преди контролния период
axis-purchases-each = Покупки на всеки в контролния период
or-more = { $count } или повече
purchase-rate-title = Как клиентите се различават в купуването
purchase-rate-reading = Делът на клиентите с всяка честота на купуване, докато са клиенти, според модела. Последният стълб е всичко над това.
axis-purchase-rate = Покупки на { $unit }
dropout-probability-title = Как клиентите се различават в напускането
dropout-probability-reading = Делът на клиентите с всяка вероятност да напуснат след покупка, според модела.
axis-dropout-probability = Вероятност за напускане
dropout-rate-title = Как клиентите се различават в напускането
dropout-rate-reading = Делът на клиентите с всяка скорост на напускане, според модела. Последният стълб е всичко над това.
axis-dropout-rate = Скорост на напускане на { $unit }
purchase-probability-title = Как клиентите се различават в купуването
purchase-probability-reading = Делът на клиентите с всяка вероятност да купят, докато са клиенти, според модела.
axis-purchase-probability = Вероятност за покупка на { $unit }
range-between = { $from } до { $to }
range-below = до { $to }
range-above = над { $from }
range-all = всички

# Contacts and purchases in time

timing-empty = Няма дневник на контактите, затова за контакти и покупки тук не се казва нищо.
timing-said = Взети предвид покупки: { $purchases }, клиенти: { $customers }; всяка между първата и последната покупка на клиента.
timing-caveat = Това е съвпадане, а не въздействие: сезон, промоция или собствен план на клиента може да доведе и контакта, и покупката. Какво правят контактите, показва само случайна част от клиентите, оставена извън кампанията.
timing-title = Покупки след контакти
timing-reading = Колко пъти по-често купуват клиентите в дните след контакт, отколкото в друго време: 1 е без разлика. Мустачките са интервали; интервал, в който е 1, не показва нищо. Легендата добавя видове контакт.
axis-lag = Дни след контакта
after-purchases-title = Контакти след покупки
kind-any = всички от фирмата
lag-days = { $from } до { $to } дни
claim-more-follow = следват повече покупки
claim-not-shown = нищо не е показано
claim-too-few = твърде малко, за да се каже
claim-follows-purchases = сам следва покупките
claim-order-unknown = неизвестен ред в рамките на деня

# The data behind it

data-said = Изчислено с clivia { $version }. Същите поръчки, настройки и версия дават същите числа.
data-returns = Редовете с връщания ({ $rows }) отмениха поръчки ({ $orders }) и оставиха клиенти без покупка ({ $customers }); за връщания от { $unmatched } няма поръчка в данните.
data-no-returns = В данните няма връщания.
data-zero = Запазени редове със сума нула: { $rows }.
data-chosen = Избран е моделът { $model }, който най-добре предвиди времето от { $from } до { $to }.
rows-title = Използвани и отхвърлени редове
refused-title = Защо са отхвърлени редове
fits-title = Напасвания
warnings-title = Имайте предвид
mapping-title = Използвани колони
settings-title = Настройки
table-orders = поръчки
table-contacts = контакти
table-customers = клиенти
verdict-converged = сходящо
verdict-boundary = сходящо на границата на обхвата
verdict-not-converged = несходящо

rule-wrong-number-of-cells = грешен брой клетки
rule-row-too-long = твърде дълъг ред
rule-not-json = не е JSON
rule-not-text = не е текст
rule-missing-customer = без клиент
rule-missing-date = без дата
rule-unreadable-date = нечетлива дата
rule-date-out-of-range = дата извън обхвата
rule-after-as-of = след датата на отчета
rule-missing-amount = без сума
rule-unreadable-amount = нечетлива сума
rule-non-finite-amount = безкрайна сума
rule-amount-too-large = твърде голяма сума
rule-zero-amount = сума нула
rule-return = връщане
rule-duplicate = повторение
rule-missing-currency = без валута
rule-other-currency = друга валута
rule-not-sent = неизпратен
rule-missing-channel = без канал
rule-unknown-direction = неизвестна посока
rule-unreadable-cost = нечетлив разход
rule-negative-cost = отрицателен разход
rule-unreadable-satisfaction = нечетлива оценка
rule-satisfaction-off-scale = оценка извън скалата
rule-unreadable-response-time = нечетливо време за отговор
rule-negative-response-time = отговор преди въпроса
rule-unreadable-control = контролна група нито да, нито не
rule-control-without-campaign = оставен извън никоя кампания
rule-unknown-customer = неизвестен клиент
rule-customer-without-purchase = клиент без покупка
rule-missing-end = прекратен без крайна дата

# Columns

column-actual = Направени
column-aligned = Подобаващо
column-at-stake = Изложено
column-cell = Поле
column-cells = Полета
column-claim = Какво може да се каже
column-cluster = Клъстер
column-clv = Стойност (CLV)
column-clv-high = Стойност, горен край
column-clv-low = Стойност, долен край
column-column = Колона
column-contact-cost = Разход за контакт
column-contacts = Контакти
column-cost = Разход
column-customer = Клиент
column-customer-share = Дял на клиентите
column-customers = Клиенти
column-decile = Десета част
column-density = Колко
column-deviations = Стандартни отклонения от средното
column-diagnosis = Диагноза
column-end = До
column-estimate = Оценка
column-events = Покупки
column-expected = Очаквани
column-expected-events = При обичайната честота
column-expected-purchases = Очаквани покупки
column-feature = Признак
column-frequency = Честота
column-high = Горен край
column-k = Клъстери
column-kind = Вид контакт
column-lag = Отстояние
column-last-purchase-age = Възраст при последната покупка
column-low = Долен край
column-mean-days-since-last = Дни от последната покупка
column-mean-m = Средна оценка за пари
column-mean-purchase-days = Дни с покупки
column-model = Модел
column-money-read = Прочетена сума
column-money-refused = Отхвърлена сума
column-money-used = Използвана сума
column-orders = Поръчки
column-over-served = Прекомерно
column-p-adjusted = p, коригирано
column-p-alive = Вероятност за оставане
column-parameter = Параметър
column-part = Част
column-profit = Печалба
column-profit-so-far = Печалба с натрупване
column-range = Интервал
column-rate-ratio = Отношение на честотите
column-recency = Давност
column-repeats = Повторни покупки
column-revenue = Приход
column-revenue-per-day = Приход на ден с покупки
column-rows-read = Прочетени редове
column-rows-refused = Отхвърлени редове
column-rows-used = Използвани редове
column-rule = Причина
column-segment = Сегмент
column-set-to = Стойност
column-setting = Настройка
column-silhouette = Силует
column-standard-error = Стандартна грешка
column-step = Какво да се направи
column-table = Таблица
column-typical = Типична стойност
column-under-served = Пренебрегнати
column-value-share = Дял от стойността
column-verdict = Заключение
column-warning = Предупреждение
column-why = Защо
