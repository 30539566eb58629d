"""The forms by which questions about shown products are told from wishes for others.

All are for normalized texts, see `lexicon.text.normalize`.
"""

from __future__ import annotations

from assistant.models.rules.lexicon.bounded import bounded

OPENING = (
    r"^(?:\W|please |ok |okay |so |and |but |now |also |hi |hey |hello |well |oh |um+ |great |"
    r"cool |nice |"
    r"thanks |thank you |perfect |lovely |right |quick question |one more thing |just |sorry |"
    r"could you tell me |can you tell me |can u tell me |would you know |any idea |do you know |"
    r"do u know |"
    r"does it say |does the shop say |tell me |i wonder |i'm wondering |wondering |i'd like to "
    r"know |"
    r"i would like to know |i want to know |may i ask |can i ask |might i ask |you know |if |"
    r"whether )*"
)
ASKS = bounded(
    rf"{OPENING}(?:(?:from|for|at|in|on|with|to|by|up to|till|until|under|within|after|of) (?:what|"
    r"which|how|who|whom)|(?:should|must|shall|am) (?:i|it|they|the|we|one)|is|are|"
    rf"does|do|did|has|have|can|could|will|would|may|might|was|were|isn't|aren't|"
    rf"doesn't|don't|"
    r"what|what's|whats|which|whichever|who|who's|whose|how|how's|hows|where|where's|when|any|got|"
    r"it|"
    r"they)\b"
)
TOLD_OF_SELF = bounded(
    r"(?:and |but |so )?(?:(?:i|we|he|she) (?:have|has|had|own|owns|am|are|is|can't|cannot|live|"
    r"lives|weigh|weighs)|i'm|we're|he's|she's|(?:my|our) [a-z]+ (?:can't|cannot))\b"
    r"(?!.*\b(?:these|those|them|it|ones?)\b)"
)
"""Says how a shopper lives, and nothing of what is shown."""
ASKS_LATER = bounded(
    r"(?:^|[|,.]|\b(?:but|and|so)\b)\s*(?:is|are|does|do|can|could|will|would|what|what's|whats|"
    r"which|how|any)\s"
)
YES_NO = bounded(rf"{OPENING}(?:is|are|does|do|did|has|have|can|could|will|would|may|might)\b")
SHEER = bounded(r"\bsee[ -]through\b")
"""No wish to see anything, and no color."""
SEES = bounded(
    r"\b(?:can|could|may|might) (?:i|we) (?:please )?see (?!through)(?:some |any )?(?P<what>[a-z]+)"
)
"""A wish to see a kind of thing."""
ANY_OF_THEIRS = bounded(
    r"\b(?:do|does|have|has) (?:they|you|u) (?:also )?(?:have |sell |got )?any\b"
)
"""Asks for things of another kind, whoever "they" are."""
WHETHER = bounded(
    r"\b(?:whether|(?:tell me|know|wonder\w*|say|says|see|check|sure|curious) if|tell me|know|"
    r"wonder) (?:the|it|they|this|that|these|number|#)\b|^(?:\W|and |so )*if (?:the|it|they|this|"
    r"that|these|number|#)\b"
)
POINTS = bounded(
    r"\b(?:it|its|it's|they|them|these|those|their|of (?:the|all)|all|both|each|one|this)\b|"
    r"(?:^|\b(?:is|are|was|does|do|did|has|can|will|would|could|of|for|with|about|on|in|to|and|"
    r"than) )that\b"
)
"""Words that point at what is shown; "socks that help" does not."""
DESCRIBES = bounded(
    rf"{OPENING}(?:is|are|has|have|comes?|looks?|(?:can|could|should|must|may) (?:also )?be) "
    r"(?!(?:it|its|it's|this|that|the (?!same)|these|those|they|there|any|"
    r"anything|all|one|ones|both|either|each|you|your|yours|u|i|we|number|item|product|option|card|#|\d)\b)|"
    r"^(?:\W|and )*(?:is|are|has|have) (?:exactly |just |otherwise )?the same\b"
)
"""What the next one should be, without a subject: "is green and has longer sleeves"."""
NOUN_ALONE = bounded(
    r"^(?:\W|and |so |ok |the |its |their |what about (?:the|its|their) )*(?:price|weight|size|"
    r"height|width|"
    r"length|depth|dimensions?|measurements?|capacity|material|fabric|colou?r|brand|rating|"
    r"reviews?|warranty|"
    r"guarantee|battery(?: life)?|wattage|voltage|power|runtime|flavou?r|ingredients|author|pages|"
    r"waterproof|washable|machine washable|dishwasher[ -]safe|vegan|[a-z]+[ -]free|rechargeable|"
    r"cordless)"
    r"(?: (?:of|for|on) (?:it|them|these|those|this one|that one|(?:the |number |#)?\w+(?: one)?))?"
    r"(?: please| tho| though)*\s*(?:\||$)"
)
"""A property by itself, typed with "?": "weight?", "the price of number 4?", "the warranty?"."""
WISHED = bounded(r"\b(?:waterproof|washable|safe|vegan|free|rechargeable|cordless|leather)\b")
"""Said alone over a list these narrow it."""
STATES = bounded(
    r"^(?:\W|and |so |but |or )*(?:it|they)(?:'ll|\s+(?:is|are|should|must|has to|have to|needs?|"
    r"wants?|will|shall|"
    r"needs? to|would be|can be|could be|may be|(?:do|does) ?(?:not|n't) (?:have|need)|"
    r"(?:doesn't|don't|needn't|need not) (?:have|need|be)))\b"
)
TELLS = bounded(
    r"^(?:\W|and |so |but |because )*(?:(?:it|they) (?!(?:has|have|had|is|are|was|were|does|do|"
    r"did|can|could|will|would|comes?|fits?|works?|lasts?)\b)[a-z]+|it's|they're) "
)
"""Says what is so, where no "?" stands: "it pours all day where I go"."""
NEW_WISH = bounded(
    r"\| (?:and |so |but |also |well |then )*(?:"
    r"(?:i|we|he|she|they)(?:'ll|'d| will| would)? (?:also |still |just )*(?:need|want|like)s? "
    r"(?:an?|one|some|something|anything)\b|an? (?:[a-z]+ )?[a-z]+ (?:i|we|that|which|who|to) |"
    r"(?:(?:do|would|did) (?:you|u) (?:also |maybe |perhaps |then |by any chance )*(?:have|sell|"
    r"carry|stock)|have you got|got) (?:also )?(?:an?|some|something|anything) "
    r"(?!.*\b(?:in|on|with|inside|of|for|to) (?:it|this|that|them|these|those|the \w+ one)\b)"
    r"(?!(?:warranty|guarantee|discount|difference)\b)|"
    r"(?:is|are) there (?:also )?(?:(?:something|anything)\b|(?:an?|some) (?:[a-z-]+ ){1,4}"
    r"(?:for|that|which|to) )(?!.*\b(?:in|on|with|inside|of|for|to) (?:it|this|that|them)\b))"
)
"""Asks for a thing behind a sentence of its own: "Lovely. Is there something for my neck?"."""
RANGE = bounded(
    r"\b(?:do|does|did|have|has|can|could|would|will) (?:you|u|ya|the shop|this shop|you guys)\b|"
    r"\b(?:you|u) (?:have|got|sell|carry|stock|offer|recommend|suggest)\b|^(?:\W|and |so )*got\b|"
    r"\bwhat else\b|\b(?:show|find|give|get) (?:me|us)\b"
)
SHOP_HAS = bounded(
    r"\b(?:you|u|ya|the shop|this shop|guys) (?:also |still |really |even |actually |maybe |"
    r"perhaps )*(?:have|got|sell|carry|stock|offer|recommend|suggest|know|show|find|make|do|"
    r"deliver|ship)\b|"
    r"\bwhat else\b|\b(?:show|find) (?:me|us)\b|^(?:\W|and |so )*(?:give|get) (?:me|us)\b"
)
"""Speaks to the shop; the "you" of "how high up do you sit?" is anybody."""
OF_THINGS = bounded(
    rf"{OPENING}(?:can|could|will|would|do|does|did|may|might|should|has|have) "
    r"(?!(?:i|we|you|u|ya|there|they|it|this|that|these|those|one|any|some|anyone|somebody|the|my|"
    r"our|your)\b)(?:[a-z]+ ){1,2}(?:get|go|come|fit|fall|run|stay|work|harm|hurt|damage|matter|"
    r"count|need|have|help|affect|cause|leave|make|use|wear|sit|sleep|play|eat|drink|stick|show|"
    r"pass|spill|leak|break|spoil|ruin|live)\b"
)
"""Asks what something does with what is shown: "can mice get in?", "does rain harm it?"."""
OPINION = bounded(
    r"\b(?:would|do|can|could) (?:you|u) (?:recommend|say|think|pick|choose|suggest|know|buy)\b"
)
WISHES = bounded(
    r"\b(?:did|have|had|do) i (?:already )?(?:keep|kept|save|saved|bookmark\w*|short|put|pick\w*|"
    r"like\w*|see|seen|look\w*|cho\w+)\b|"
    r"\b(?:let (?:me|us) see|may i (?:ask|beg|trouble) you|(?:would|could|can|will) you (?:please |"
    r"also |kindly )*(?:leave out|skip|exclude|include|take out))\b|"
    r"\b(?:could|can|should) (?:it|they) (?:please |also |maybe |perhaps )*be "
    r"(?!(?:[a-z]+ly )?(?!red\b|coloured\b|colored\b)(?:[a-z]+"
    r"ed|put|worn|hung|left|sewn|kept|run|shut|set|split|driven|taken|laid|built|cut|eaten|drunk|"
    r"made (?:bigger|smaller)|told|safe|loud|harmful|dangerous)\b)|\b(?:i|we) can do\b|"
    r"\bmy (?:ceiling|limit|max|maximum|budget)\b|"
    r"\b(?:what|how) about (?!the warranty|the guarantee|the (?:price|weight|size|battery)|its|"
    r"their)|"
    r"\b(?:similar|another|instead|something|(?<!is there )(?<!does it have )(?<!need )anything|"
    r"alternatives?|version)\b|"
    r"\b(?:others?(?! (?:[a-z]+ )?(?:people|persons?|buyers?|customers?|users?|shoppers?|"
    r"clients?|owners?|purchasers?|parents|mothers|fathers|women|men|guys|folks?|reviewers?|"
    r"runners|readers|cooks)\b)(?! (?:say|said|think|thought|like[ds]?|rate[ds]?|found|buy|"
    r"bought|give|gave|make|made|have)\b)|else)"
    r"\b|(?<!i )(?<!really )(?<!buyers )(?<!people )"
    r"(?<!others )(?<!customers )(?<!users )(?<!they )\blike (?:this|that|these|those|it|number|"
    r"the|#)\b|"
    r"\bdo (?:they|these|"
    r"those|it) look in\b"
)
TOLD_BEFORE = bounded(
    r"^(?:\W|and |so |but |well |also )*(?:the|my|our|his|her|their) (?:[a-z]+ ){0,2}?"
    r"(?P<what>[a-z]+) (?:is|are|was|were|isn't|aren't|has|have|had|won't|doesn't|don't|can't|"
    r"needs?|keeps?|never|always|just) [^|]*\|"
)
"""A sentence about something of the shopper's, before a question."""
NOUN_ASKED = bounded(
    r"(?:^|[|] )(?:and |so |but |then |also )*(?:which|what) (?:kind of |sort of )?([a-z]+)(?: "
    r"([a-z]+))? (?:can|could|would|should|do|does|did|will|is there|are there|have you|for)\b"
    r"(?! (?:it|this|that|the|these|those|number)\b)|"
    r"\b(?:is|are) there (?:also |maybe |perhaps )?(?:a|an|any|some) (?:[a-z]+ )?([a-z]+) "
    r"(?:for|to go with|to match) (?:it|them|that|this|those|these)\b"
)
"""Asks for a thing by its name: "which pan could they use?", "is there a rack for it?"."""
MAKER_HAS = (
    r"\b(?:do|does|has|have|did) (?:(?:that|this|the same|their|its|the) )?(?:brand|label|maker|"
    r"company|manufacturer|firm)(?: people)? (?:also )?(?:make|do|sell|have|offer|got|produce)\b"
)
"""Asks what else a maker has: "does that label make socks?"."""
CHEAPER = bounded(
    r"\b(?:cheaper|dearer|pricier|more expensive|less expensive|"
    r"(?:better|higher)[ -](?:rated|reviewed|ratings?|reviews?|stars?|scores?))\b"
)
LIFTED = bounded(
    r"^(?:\W|and |so |ok )*any (?:other )?(?:colou?rs?|sizes?|prices?|brands?|materials?|"
    r"ratings?|kinds?|styles?)\b"
)
OTHER_SIZE = bounded(
    r"\b(?:bigger|smaller|larger|other|different|another) (?:size|colou?r|"
    r"one)s?\b"
)
MINE = bounded(
    r"\b(?:can|could|may|might|shall|should) (?:i|we) (?:(?:please|also|just|maybe|perhaps|"
    r"possibly|"
    r"now|then|again|even) )*(?:see|get|have|buy|order|add|keep|view|browse|borrow|"
    r"return|save|look|go for|"
    r"try|pay|reserve|take (?:it|this|that|number|the \w+(?: one)?)\s*(?:\||$))\b"
)
SOMETHING = (
    r"(?:in|with|without|made|from|for|by|under|over|below|above|that|which|who|like|of (?!these|"
    r"those|them|the|all|your)|suitable|designed|[a-z]+ed (?:in|with|of|from)|bigger|smaller|"
    r"larger|"
    r"lighter|heavier|longer|shorter|darker|warmer|softer)\b"
)
NARROWS = bounded(
    rf"{OPENING}(?:(?:is|are) there (?:also |perhaps |maybe )?)?(?:any|some|one|ones)"
    rf"(?: ones?)?(?: (?P<what>[a-z]+))?? {SOMETHING}"
)
"""Asks for those of what is shown that have something: "are there any made of steel?"."""
WANTED = bounded(
    r"\b(?:is|are|would|might|could|will|should) there "
    r"(?:(?:perhaps|maybe|possibly|also|even|not) )*"
    r"(?:be )?(?:(?:perhaps|maybe|also) )*(?:one|ones|some|something)\b"
    r"(?! of (?:these|those|them|the)\b)|"
    r"\b(?:would|could|can|will) (?:you|u) (?:(?:kindly|please|also|perhaps|maybe) )*"
    r"(?:add|show|find|give|get|suggest|recommend)\b"
    r"(?! (?:it|this|that|these|those|them|number|the)\b)|"
    r"\b(?:may|might|can|could) i (?:(?:also|please|perhaps|kindly) )*ask (?:for|which|what)\b|"
    r"\b(?:do|would|could|might) (?:you|u) (?:(?:also|perhaps|maybe|happen to) )*"
    r"(?:have|sell|carry|stock|offer) (?:one|some|something|anything)\b"
    r"(?! of (?:these|those|them)\b)|"
    r"\b(?:would|might) there (?:(?:perhaps|also|maybe) )*be an?\b|"
    r"\bgot (?:one|some|something|anything) (?:for|against|that|to|which|with)\b|"
    r"\bwhat(?:'s| is) (?:good|best|there|helpful) (?:for|against)\b|"
    r"\bwhat (?:do|can|could|should) (?:i|we|he|she|they) "
    r"(?:cook|make|clean|wash|cut|dry|carry|store|hang|light|heat|cover|protect|fix|wipe|stir|mix|whip)"
    r"\b(?!.*\b(?:it|them|this|these|those)\b)"
)
"""Asks for a thing: "would there be one that ...", "would you kindly add a vinegar"."""
REQUIRED = bounded(
    r"\b(?:it|they|that|one|ones) (?:(?:also|really|just|definitely|only) )*"
    r"(?:should|must|needs? to|"
    r"would (?:also )?(?:need|have) to|has to|have to|ought(?: not)? to|had better)\b|\bideally\b"
)
"""Says what a thing has to be, where it does not end as a question: "it should be a little one"."""
THERE = bounded(
    r"\b(?:is|are) there (?:also )?(?:a|an|any|one|ones|some|something)\b|^(?:\W|and |so |ok "
    r")*any\b"
)
GENERAL = bounded(
    r"\b(?:tell me (?:more )?about|describe|details?|special about|what(?:'s| is| are) .{0,24} "
    r"like|why|"
    r"how come|compare|comparison|side by side|short ?list|my list|favou?rites)\b"
)
LIKE_WHAT = bounded(r"\bwhat(?:'s| is| are|s) .{0,24} like\b")
COMPARED = bounded(
    r"\b(?:compare[ds]?|comparison|versus|vs|differen(?:ce|ces|t)|differs?|side by side|better|"
    r"nicer|best|distinguish\w*|separat\w+|advantages?)\b|\b(?:sets?|tells?|keeps?|"
    r"know)\b.{0,40}\bapart\b"
)
COMES_IN = bounded(
    r"\b(?:available|come|comes|coming|have|get|got|order|buy|sell|exist|there|offered|"
    r"sold out|out of stock|in stock)\b.*\b(?:in|as)\b"
)
LISTED_IN = bounded(
    r"\b(?:available|comes?|coming|offered|exist|made)\b.*\b(?:in|as)\b|^is\b|^are\b"
)
SIZED = bounded(r"\b(?:waist|size|inseam|eu|uk|us)\s?(?P<size>\d{1,3}|x{0,3}[sml])\b")
VALUES = bounded(
    r"\b(?:what|which|how many|any other|other|more|the)\s+(?:other |all |available |different )*"
    r"(?P<name>colou?rs?|shades?|sizes?|[a-z]+s?)\b.*\b(?:come|comes|available|there|have|has|"
    r"offered|"
    r"get|got|sold|sell|exist|choose)\b"
)
STILL_THERE = (
    r"(?:still|yet|any longer|any more|anymore|again) (?:be )?(?:available|there|around|obtainable|"
    r"sold|purchasable|listed|for sale|on the shelves|to be had|to be found)|"
    r"(?!(?:it|they) (?:[a-z]+ )?(?:carry|hold|keep) )"  # "does it carry that?" asks of a load
    r"(?:(?:do|have) (?:you|they)|(?:can|could|may) (?:i|we|one|you|people)|is|are|it|they) "
    r"(?:still |even |really |actually )*(?:have |got |get |get hold of |buy |order |purchase |"
    r"grab |offer |sell |stock |carry |hold |had |deliver |ship |send |keep )"
    r"(?:it|them|this|that|these|those|"
    r"one of (?:these|them|those)|the (?:first|second|third|fourth|fifth|last)(?: one)?|"
    r"number \d+|the thing)"
    r"(?: (?:still|now|today|yet|right now|at the moment|any more|anymore|in stock|there|from you|"
    r"here|straight away|immediately|at once))*(?= \||$)|"
    r"(?:on hand|in your warehouse|in the warehouse|on stock|can (?:still )?be (?:had|bought|"
    r"ordered|purchased|delivered|shipped)|to be had|for sale|obtainable|all gone|sold|"
    r"(?<!to )run out|"
    r"(?<!get )out of it|none left|back in)(?= \||$)"
)
"""Asks whether a thing can be bought now."""
STOCKED = bounded(rf"\b(?:{STILL_THERE})\b")
STOCK = bounded(
    rf"\b(?:{STILL_THERE}|in stock|out of stock|sold out|available|availability|unavailable|"
    r"buyable|(?:be )?(?:ordered|bought)|(?:still |i )*(?:buy|order|get|have) (?:it|this|that)|"
    r"(?:still |i )+(?:buy|order|get) (?=the (?:first|second|third|last)|number|#|one\b|\d)|"
    r"left(?![- ]?hand)|"
    r"(?:is|are|was) (?:it|they|that|this|these|those|the \w+|number \d+)(?: one)? "
    r"(?:all |already |still )*(?:gone|there)|(?<!to )run out(?! of)|"
    r"(?:send|ship|deliver|dispatch|post) (?:me |us )?(?:it|them|this|that|these|the \w+|"
    r"number \d+))"
    r"\b"
)
BUYS = bounded(
    r"\b(?:still|can i (?:buy|order|get)|ordered|bought|stock|sold out|left|gone|run out|send|ship|"
    r"deliver|dispatch|post)\b"
)
ORDER = bounded(
    r"\b(?:which|what)\b.*\b(?:costs? (?:less|more)|(?:is|are) (?:the )?(?:less money|cheaper|"
    r"dearer|pricier|(?:less|more) expensive))\b|"
    r"\b(?:cheapest|least expensive|costs? (?:the )?least|most affordable|lowest price|most "
    r"expensive|priciest|"
    r"dearest|costs? (?:the )?most|highest price|(?:best|top|highest)[ -](?:rated|reviewed|"
    r"ratings?|reviews?)|"
    r"most reviews|most popular)\b"
)
ATTRIBUTE = bounded(
    r"\b(?:what(?:'s| is| are| was)?|whats|how(?:'s| is| are)?|is|are|does|do|will|can) (?:the|"
    r"its|their) [a-z]|"
    r"\bhow (?:long|big|large|heavy|wide|tall|high|deep|thick|loud|noisy|hot|warm|far|fast|"
    r"strong|powerful|"
    r"much|many|old)\b|\bwhat (?:size|weight|length|height|width|depth|volume|power|"
    r"material|capacity|color|colour|brand|kind of|type of|"
    r"voltage|age|"
    r"fabric|flavou?r)\b|\b(?:is|are) there (?:a|an|any)\b|^(?:\W|and |so |ok )*any\b|"
    r"\b(?:in stock|waterproof|washable|dishwasher|warranty)\b|\bcan (?:i|you|u|we|one) (?:use|"
    r"wash|put|take|wear|"
    r"clean|run|control|charge|fold|adjust|remove|store|cook|make|fit|plug|connect|machine|dry|"
    r"iron)\b"
)
QUANTIFIED = bounded(
    rf"{OPENING}(?:(?:from|for|at|in|on|with|to|by|up to|till|until|under|within|after|of) )?how "
    r"(?:long|big|large|heavy|wide|tall|high|deep|thick|thin|flat|loud|noisy|quiet|hot|warm|cold|"
    r"strong|powerful|old|much|many|often|fast|quick|quickly|soon|far|bright|sharp|small|hard|easy|"
    r"safe|good|soft|sturdy|sweet|spicy|strict)\b"
)
"""Asks for an amount of what is shown, even where a word in it is a kind of another product."""
YOURS = bounded(r"\b(?:your|any) [a-z-]+ ?(?:[a-z-]+s)?\b|\byour [a-z]+s\b")
"""Speaks of what the shop has: "how much are your tents?"."""
WHO_HOW = bounded(
    rf"{OPENING}(?:(?:from|for|in|to|by|with|on|at) (?:what|which|whom|who)\b|who\b|who's|whose|"
    rf"where\b|"
    r"where's|when\b|how (?:do|does|did|is|are|can|should|must|would|will)\b|how's)"
)
HANDLED = bounded(
    rf"{OPENING}(?:(?:can|could|may|must|should|will|would|do|does|am) (?:i|we|one|you|u|my|our|"
    rf"the|"
    r"its|their|somebody|someone|anyone|people|kids|children)|"
    r"(?:is|are|was|has|have|did|isn't|aren't|doesn't|don't) (?:the|its|their|my))\b"
)
"""Asks what can be done with what is shown, or of a part of it."""
FIT = bounded(
    r"\b(?:runs?|running|comes? (?:up|out)|turns? out|falls?|fits?) (?:a bit |a little |rather |"
    r"very |too |quite |"
    r"on the |out )*(?:small|large|big|narrow|wide|tight|short|loose|snug|true|generous\w*)(?:er|"
    r"ish)?\b|"
    r"\btrue to (?:their |its )?sizes?\b|\bsize (?:up|down)\b|\b(?:a|one) size (?:up|down|bigger|"
    r"smaller|larger)\b|\b(?:small|large|tight|loose|close|narrow|slim|generous)[ -]fit(?:ting)?\b|"
    r"\b(?:what(?:'s| is)|how(?:'s| is)) the (?:fit|sizing)\b"
)
"""Asks how clothes fit, which no size answers."""
AMONG = bounded(r"\b(?:which|any|some|none|all|each|either|both) of\b")
FILTERED = bounded(
    r"\b(?:which|any|some|what)\b.*\b(?:on sale|reduced|discounted|in stock)\b|\bon sale\b"
)
EACH_HAS = bounded(
    r"\b(?:do|does|did|can|will|would|is|are|has|have) (?:any|either|some|none|one|both|each)(?: "
    r"one| ones)? "
    r"(?:have|has|got|come|comes|fit|fits|work|works|take|takes|include|includes|use|uses|need|"
    r"needs|run|runs|"
    r"get|gets|make|makes|offer|offers|support|supports|say|says|contain|contains|feature|"
    r"features|hold|keep|"
    r"last|weigh|cost|suit|go|do|been|be|made|suitable|good|safe|free|available|[a-z]+proof|"
    r"washable)\b"
)
ALTERNATIVES = bounded(
    r"^(?:\W|and |so )*(?!i\b|we\b|show\b|find\b|or\b)(?:[a-z-]+ ){1,4}(?:too |also )?(?:\| )?or "
    r"(?:what\b|only\b|not\b|rather\b|just\b|[a-z]+ \| (?:this|that|these|those)\b)"
)
"""Asks which of two is so, without a verb: "viruses too, or only bacteria?"."""
GOOD_FOR = bounded(
    r"^(?:\W|and |so |also )*(?:ok|okay|safe|suitable|good|fine|gentle|strong|"
    r"warm|big|small|light|easy)(?: enough)? (?:for|with|in|on|to)\b"
)
"""Asks about what is shown without a verb: "ok for a newborn?"."""
INCLUDED = bounded(
    r"\bin the (?:box|package|pack)\b|\b(?:is|are|comes?|any|anything) .{0,60}\bincluded\b|"
    r"\bdo (?:i|we|you) get (?:a|an|any|the) .{0,60}\bwith (?:it|them|the \w+|number \d+)"
)
"""What comes with a product that is shown."""
MONEY = bounded(r"\b(?:under|below|less than|up to|at most|max|cheaper than|over|above)\s?[$€£]?\d")
