"""Words by which a text says what a thing is made of, and which color it has."""

from __future__ import annotations

import re

MATERIAL = re.compile(
    r"\b(?:cotton|linen|wool(?:len)?|silk|polyester|nylon|leather|suede|denim|canvas|velvet|fleece|"
    r"cashmere|acrylic|viscose|rayon|elastane|spandex|mesh|rubber|foam|down|jute|hemp|bamboo|"
    r"wood(?:en)?|oak|pine|walnut|beech|mango|teak|rattan|metal|steel|iron|aluminium|aluminum|"
    r"titanium|brass|copper|silver|gold|ceramic|porcelain|stoneware|glass|crystal|marble|stone|"
    r"concrete|plastic|tritan|silicone|pvc|pu|tpu|polycarbonate|carbon(?: fiber)?|ripstop|gore-tex|"
    r"softshell|cork|paper|cardboard|felt|sherpa|microfib(?:er|re)|fabric|recycled)\b",
    re.IGNORECASE,
)
COLOR = re.compile(
    r"\b(?:black|white|gr[ae]y|silver|gold|red|blue|navy|green|olive|yellow|orange|pink|purple|"
    r"violet|brown|tan|beige|cream|ivory|teal|turquoise|mint|burgundy|maroon|camo|charcoal|"
    r"graphite)\b",
    re.IGNORECASE,
)
