"""Messages that ask for no products: greetings, thanks, questions about other things."""

from __future__ import annotations

import re
from typing import Literal

from assistant.models.rules.lexicon.bounded import bounded

Talk = Literal["hello", "thanks", "bye", "help", "no", "over", "undone", "elsewhere"]

_END = (
    r"(?: \||,| there| again| everyone| pounce| assistant| all| so| so much| a lot| very| much|"
    r" very much| you| to you| too|"
    r" lovely| great| perfect| cool| nice| good| that helps| that's all| for now| then| today|"
    r" please| mate| a lot| for (?:your|the) help)*"
    r"\s*$"
)
_TALK: tuple[tuple[Talk, re.Pattern[str]], ...] = (
    ("help", bounded(r"^(?:yo |hi |hey |hello |ok |so |\| )*(?:help|help me|what (?:can|do|"
                        r"could) "
                        r"you(?: even| actually)? do|who are you|"
                        r"what are you|how does (?:this|it)(?: all)? work|how do (?:you|"
                        r"i) (?:work|use "
                        r"(?:this|you|it))|are you (?:a |an )?(?:bot|robot|ai|human|person|real|"
                        r"machine)(?: or (?:a |an )?\w+)?|what (?:kinds? of |"
                        r"sorts? of )?(?:things |"
                        r"stuff |products )?do you sell(?: here)?|"
                        r"what can i (?:ask|do|buy|say)(?: here| you)?)" + _END)),
    ("hello", bounded(r"^(?:hi+|hello+|hey+|hiya|yo|\| |good (?:morning|afternoon|evening|day)|"
                         r"greetings|howdy|how(?:'s| is) (?:your day|life|everything|things)|"
                         r"what's (?:up|new)|sup|how are you(?: doing| today)?|how's "
                         r"it going|morning|evening)(?: what's up|"
                         r" how are you(?: doing)?)*" + _END)),
    ("bye", bounded(r"^(?:ok |okay |thanks |great |\| )*(?:bye+|goodbye|bye bye|see (?:you|ya)|"
                       r"good night|that's (?:all|it)|that is all|i'm done|have a (?:nice|good|"
                       r"great) "
                       r"(?:day|one|evening))(?: later| soon| tomorrow)?" + _END)),
    ("no", bounded(r"^(?:hm+ |um+ |well |\| )*"
                      r"(?:not sure|no idea|dunno|i don't know|no|nope|nah|none|not really|neither)"
                      r"(?: of (?:these|those|them))?"
                      r"(?: thanks| thank you| \|| sorry| really| not really)*$")),
    ("thanks", bounded(r"^(?:ok |okay |oh |well |(?:great|perfect|cool|nice|wow|haha|ha|lol|yes|"
                          r"yeah|no) |\| )*(?:thanks|thank you|ty|ta|cheers|much appreciated|great|"
                          r"perfect|cool|awesome|nice|ok|okay|alright|lovely|wonderful|brilliant|"
                          r"excellent|amazing|lol|haha+|hehe|wow|yes|yep|yeah|got it|i see|"
                          r"sounds good|"
                          r"good (?:job|work|to know)|well done|you(?:'re| are) (?:so |very |"
                          r"really )?"
                          r"(?:helpful|great|nice|kind|the best|awesome|funny|welcome))"
                          r"(?: (?:thanks|thank you|cheers))*" + _END)),
    ("undone", bounded(
        r"\b(?:add|put|place)\b.*\b(?:cart|basket|bag)\s*$|\bcheck ?out\b|"
        r"\b(?:buy|order) (?:it|this|that|number \d+|the (?:first|second|third))\b|^compare\b")),
    ("elsewhere", bounded(
        r"\b(?:what(?:'s| is) the weather|how(?:'s| is) the weather|weather (?:today|tomorrow|"
        r"forecast|like|report)|forecast|poems?|song lyrics|capital of|president|prime minister|"
        r"translate|stock price|bitcoin|crypto|news(?! \| ?\w)|football score|who won|"
        r"recipes?(?! (?:books?|cards?|box|holder|stand))|solve(?! it together)|"
        # "35 minutes is a joke" asks for none.
        r"(?<!is a )(?<!'s a )(?<!was a )(?<!are a )(?<!of a )"
        r"jokes?(?! (?:books?|cards?|gifts?|box))|"
        r"write (?:me )?(?:my |a |an |some )?(?:\w+ )?(?:essay|story|poem|code|email|letter|python|"
        r"homework)|python (?:code|script)|meaning of life|what time is it|what day is it|"
        r"tell me (?:a|about) (?:joke|story|yourself|your)|ignore (?:all|your|previous)|"
        r"system prompt|your instructions|"
        r"where is my (?:order|parcel|package)|track my|refund|return policy|cancel my order)\b"
        r"|^(?:(?:what is |what's |calculate |how much is )\d+ ?(?:[-+*/x]|times|plus|minus|"
        r"divided by|multiplied by)|\d+ ?(?:[+*/]|times|plus)) ?\d+(?: \|| =)*$")),
)  # fmt: skip
_ANEW = bounded(
    r"^(?:please |ok |okay |so |no |hm+ |actually |well |wait |sorry |can we |can you |let's |"
    r"lets |let me |"
    r"i want to |i'd like to |thanks |thank you |\| )*"
    r"(?:(?:start|begin|go|do (?:it|this)|try) (?:it |this )?(?:all )?(?:over|again|anew|afresh|"
    r"fresh|from scratch|"
    r"from the (?:start|beginning|top))(?: again)?|"
    r"(?:reset|restart|new search|new chat|fresh start)(?: (?:everything|all|it|the (?:search|"
    r"chat)))*|"
    r"(?:clear|forget|scrap|scratch|drop|ignore|never ?mind|leave|cancel)"
    r"(?: about)? ?(?:everything|all|it all|(?:all )?(?:of )?(?:that|this|those|"
    r"it))(?: all)?(?: (?:i|we) (?:said|asked)(?: for)?)?"
    r"(?: before| so far)?(?= \||$)|never ?mind(?= \|))"
    r"(?: please| now| then| and| with)*(?: \|)*"
)
_COURTESY = bounded(
    r"^(?:[\s,.!?;:|-]|(?:hi+|hello+|hey+|hiya|yo|good (?:morning|afternoon|evening|day)|"
    r"thanks(?: a lot| so much| very much)?|"
    r"thank you(?: so much| very much)?|merci|gracias|danke|grazie|obrigad[oa]|bonjour|hola|ciao|"
    r"cheers|ty|great|perfect|cool|nice|awesome|lovely|"
    r"brilliant|wonderful|beauty|sweet|excellent|splendid|fantastic|terrific|super|ace|fab|"
    r"(?:that|this|it|those|they|these) (?:sounds?|looks?|works?|seems?|will do|'ll do)(?: (?:good|"
    r"great|fine|nice|perfect|lovely|ok|okay|right))?(?: (?:for|to) me)?(?= \|)|"
    r"(?:that|it|this)'(?:s|ll be) (?:good|great|fine|nice|perfect|lovely|it|the one)(?= \|)|"
    r"yes to (?:that|it|those|both|all)(?: (?:one|two))?(?= \|)|sold(?= \|)|deal(?= \|)|"
    r"(?:good|great|nice|excellent|fine) (?:choice|idea|one|call|pick|point|stuff)(?= \|)|"
    r"(?:that|those)(?: one)?(?= \|)|"
    r"ahh?|aw|good|no worries|ok|okay|"
    r"alright|all right|(?:right|well|no|nope)(?= \|)|sure|yes|yeah|yep|oh|ah|hm+|um+|so|now|"
    r"then|please|sorry|actually|there|again|"
    r"(?:(?:that|this|it)(?: all)? )?(?:sounds|looks|seems) (?:so |really |very |pretty |quite )*"
    r"(?:good|great|nice|perfect|fine|lovely|right|ideal|promising|cool)(?= \||,|$)|"
    r"everyone|hope you(?:'re| are) (?:well|good|doing well|fine)|"
    r"how are you(?: doing)?(?: today)?|mate|dear)\b(?!'))+"
)
_QUESTION = bounded(
    r"^(?:\W|hey |hi |so |ok |and |please )*(?:who(?:'s| is| are| was| won| wrote)|when|why|"
    r"where (?:is|are|can|do|does)|how (?:do|does|did|is|are|old|far|long|tall|can i)|"
    r"what (?:is|are|was|"
    r"time|day|year)(?! (?:your|the (?:cheapest|best|most)))|what's(?! your)|do you (?:know|"
    r"think|like|"
    r"believe|ship|deliver|accept|speak)|can you (?:write|sing|dance|tell|explain|calculate|teach|"
    r"draw|speak|play|read)|could you (?:write|explain|tell))\b"
)


def read_anew(text: str) -> tuple[bool, str]:
    """Whether a normalized text begins by leaving everything behind, and the rest of it."""
    match = _ANEW.match(text)
    return (True, text[match.end() :].strip()) if match else (False, text)


def without_courtesy(text: str) -> str:
    """A normalized text without the greetings, thanks and small words that it begins with."""
    return text[match.end() :] if (match := _COURTESY.match(text)) else text


def read_talk(text: str) -> Talk | None:
    """What kind of talk a normalized text is, or None when it may be about products."""
    return next((talk for talk, pattern in _TALK if pattern.search(text)), None)


_AGREES = bounded(
    r"(?:(?:yes|yeah|yep|yup|sure|ok|okay|please|fine|great|good|go ahead|go on|do it|do that|"
    r"do so|why not|all right|alright|of course|with pleasure|that works|sounds good|"
    r"(?:show|give)(?: me)? (?:them|those|it|these)|let me see(?: them| those)?|then|do)\W*)+"
)


def agrees(typed: str) -> bool:
    """Whether a message only accepts an offer: "yes, show them"."""
    return _AGREES.fullmatch(" ".join(typed.lower().split()).strip()) is not None


def read_question(text: str) -> bool:
    """Whether a text that names nothing of the shop asks about the world."""
    return _QUESTION.search(text) is not None
