"""Words of other languages than English: the commonest, colors, kinds, limits, and one answer.

Codes are ISO 639-1.
"""

from __future__ import annotations

COMMON = {
    "de": (
        "ich du wir ihr suche brauche möchte mochte will hätte hatte gern gerne ein eine einen "
        "einem einer für fur und oder nicht kein keine unter bis höchstens der das den dem ist "
        "sind wie welche welcher welches gibt auch nur zum zur mit von bitte danke haben habt "
        "hast zeig zeige mir etwas günstiger billiger euro guten tag hallo ohne aus sie es "
        "kostet wieviel viel größe farbe lieber dazu noch passend meine meinen mein ja nein "
        "sowas geschenk kann man dieser diese dieses davon"
    ),
    "fr": (
        "je cherche voudrais veux besoin un une des le les du pour avec sans et ou pas moins de "
        "cher chère est sont quel quelle quels quelles avez vous merci bonjour salut plus que "
        "sous jusqu euros montrez moi aussi mon ma mes dans ce cette ces il elle combien coûte "
        "coute taille couleur plutôt plutot cadeau peut on s'il plaît plait autre votre qui"
    ),
    "es": (
        "yo busco quiero quisiera necesito un una unos unas el los las para con sin y o no más "
        "mas barato barata menos que de es son cuál cual cuáles tiene tienen tenéis gracias "
        "hola por favor euros muéstrame muestrame también tambien mi mis en este esta estos "
        "estas cuánto cuanto cuesta talla hasta algo regalo puede otro otra"
    ),
    "it": (
        "io cerco vorrei voglio ho bisogno un una uno il lo gli le per con senza e o non più "
        "piu economico meno di che è sono quale quali avete grazie ciao buongiorno favore euro "
        "mostrami anche mio mia nel questo questa questi queste quanto costa taglia fino sotto "
        "qualcosa regalo può si può altro della delle dei"
    ),
    "pt": (
        "eu procuro quero queria preciso um uma uns umas os as para com sem e ou não nao mais "
        "barato barata menos que de é são sao qual quais tem vocês voces obrigado obrigada olá "
        "ola por favor euros mostre me também tambem meu minha no na este esta estes estas "
        "quanto custa tamanho até ate algo presente pode outro outra dos das"
    ),
    "nl": (
        "ik zoek wil graag een het de voor met zonder en of niet geen onder tot goedkoper "
        "goedkope is zijn wat welke hebben jullie heeft dank bedankt hallo alstublieft euro "
        "laat zien ook mijn in deze dit die hoeveel kost maat kleur iets cadeau nodig heb kan "
        "naar van dan wel nog maximaal"
    ),
}  # fmt: skip
"""Words by which a language is told."""
COLORS = {
    "de": (
        "schwarz black, weiß white, weiss white, rot red, blau blue, grün green, gruen green, "
        "gelb yellow, grau gray, braun brown, rosa pink, lila purple, orange orange, beige "
        "beige, silber silver, gold gold, türkis turquoise, dunkelblau navy"
    ),
    "fr": (
        "noir black, noire black, noires black, blanc white, blanche white, rouge red, bleu "
        "blue, bleue blue, vert green, verte green, jaune yellow, gris gray, grise gray, marron "
        "brown, brun brown, rose pink, violet purple, argent silver, doré gold, orange orange, "
        "beige beige"
    ),
    "es": (
        "negro black, negra black, blanco white, blanca white, rojo red, roja red, azul blue, "
        "verde green, amarillo yellow, amarilla yellow, gris gray, marrón brown, rosa pink, "
        "morado purple, naranja orange, plateado silver, dorado gold"
    ),
    "it": (
        "nero black, nera black, neri black, nere black, bianco white, bianca white, rosso red, "
        "rossa red, rosse red, blu blue, azzurro blue, verde green, giallo yellow, gialla "
        "yellow, grigio gray, grigia gray, marrone brown, rosa pink, viola purple, arancione "
        "orange, argento silver, oro gold"
    ),
    "pt": (
        "preto black, preta black, branco white, branca white, vermelho red, vermelha red, azul "
        "blue, verde green, amarelo yellow, amarela yellow, cinza gray, cinzento gray, castanho "
        "brown, marrom brown, rosa pink, roxo purple, laranja orange, prata silver, dourado "
        "gold"
    ),
    "nl": (
        "zwart black, zwarte black, wit white, witte white, rood red, rode red, blauw blue, "
        "blauwe blue, groen green, groene green, geel yellow, gele yellow, grijs gray, grijze "
        "gray, bruin brown, bruine brown, roze pink, paars purple, paarse purple, oranje "
        "orange, zilver silver, goud gold"
    ),
}  # fmt: skip
""""WORD ENGLISH", by commas."""
KINDS = {
    "de": (
        "rucksack backpack, schuh shoe, turnschuh sneaker, wanderschuh hiking shoe, laufschuh "
        "running shoe, stiefel boot, jacke jacket, regenjacke rain jacket, hose trousers, kleid "
        "dress, hemd shirt, pullover sweater, tasche bag, handtasche handbag, koffer suitcase, "
        "becher mug, tasse mug, teller plate, lampe lamp, uhr watch, zelt tent, schlafsack "
        "sleeping bag, wasserkocher kettle, staubsauger vacuum, kopfhörer headphones, "
        "handyhülle phone case, decke blanket, kissen cushion, teppich rug, vorhang curtain, "
        "regenschirm umbrella, mütze hat, schal scarf, stuhl chair, tisch table, helm helmet, "
        "fön hair dryer, bügeleisen iron, kaffeemaschine coffee machine"
    ),
    "fr": (
        "sac bag, chaussure shoe, basket sneaker, botte boot, veste jacket, pantalon trousers, "
        "robe dress, chemise shirt, pull sweater, valise suitcase, tasse mug, assiette plate, "
        "lampe lamp, montre watch, tente tent, bouilloire kettle, aspirateur vacuum, casque "
        "headphones, coque phone case, couverture blanket, coussin cushion, tapis rug, rideau "
        "curtain, parapluie umbrella, chapeau hat, écharpe scarf, chaise chair"
    ),
    "es": (
        "mochila backpack, zapato shoe, zapatilla sneaker, bota boot, chaqueta jacket, pantalón "
        "trousers, vestido dress, camisa shirt, camiseta t-shirt, jersey sweater, bolso bag, "
        "maleta suitcase, taza mug, plato plate, lámpara lamp, reloj watch, tienda tent, "
        "hervidor kettle, aspiradora vacuum, auricular headphones, funda case, manta blanket, "
        "cojín cushion, alfombra rug, cortina curtain, paraguas umbrella, sombrero hat, bufanda "
        "scarf, silla chair"
    ),
    "it": (
        "zaino backpack, scarpa shoe, scarpe shoes, stivale boot, giacca jacket, pantaloni "
        "trousers, vestito dress, camicia shirt, maglione sweater, borsa bag, valigia suitcase, "
        "tazza mug, tazze mugs, piatto plate, lampada lamp, orologio watch, tenda tent, "
        "bollitore kettle, aspirapolvere vacuum, cuffie headphones, coperta blanket, cuscino "
        "cushion, tappeto rug, ombrello umbrella, cappello hat, sciarpa scarf, sedia chair"
    ),
    "pt": (
        "mochila backpack, sapato shoe, ténis sneaker, tênis sneaker, bota boot, casaco jacket, "
        "calças trousers, vestido dress, camisa shirt, camisola sweater, mala bag, caneca mug, "
        "prato plate, candeeiro lamp, relógio watch, tenda tent, chaleira kettle, aspirador "
        "vacuum, fone headphones, capa case, cobertor blanket, almofada cushion, tapete rug, "
        "cortina curtain, chapéu hat, cachecol scarf, cadeira chair"
    ),
    "nl": (
        "rugzak backpack, schoen shoe, schoenen shoes, laars boot, laarzen boots, jas jacket, "
        "broek trousers, jurk dress, overhemd shirt, trui sweater, tas bag, koffer suitcase, "
        "mok mug, mokken mugs, bord plate, lamp lamp, horloge watch, tent tent, waterkoker "
        "kettle, stofzuiger vacuum, koptelefoon headphones, hoesje case, deken blanket, kussen "
        "cushion, tapijt rug, gordijn curtain, paraplu umbrella, hoed hat, sjaal scarf, stoel "
        "chair"
    ),
}  # fmt: skip
""""WORD ENGLISH" of a few kinds of goods, by commas."""
LIMITS = {
    "de": (
        r"(?:unter|bis(?: zu)?|höchstens|maximal|weniger als|nicht mehr als)(?= (?:\S )?[$€£]?\d)",
        r"(?:über|mehr als|ab)(?= [$€£]?\d)",
    ),
    "fr": (
        r"(?:moins de|sous|jusqu'à|maximum|pas plus de|au plus)(?= [$€£]?\d)",
        r"(?:plus de|à partir de)(?= [$€£]?\d)",
    ),
    "es": (
        r"(?:menos de|por debajo de|hasta|máximo|no más de)(?= [$€£]?\d)",
        r"(?:más de|a partir de)(?= [$€£]?\d)",
    ),
    "it": (
        r"(?:meno di|sotto(?: i| gli)?|fino a|massimo|non più di)(?= [$€£]?\d)",
        r"(?:più di|oltre|da)(?= [$€£]?\d)",
    ),
    "pt": (
        r"(?:menos de|abaixo de|até|máximo|no máximo|não mais de)(?= [$€£]?\d)",
        r"(?:mais de|a partir de)(?= [$€£]?\d)",
    ),
    "nl": (
        r"(?:onder(?: de)?|tot|minder dan|maximaal|hoogstens)(?= [$€£]?\d)",
        r"(?:meer dan|boven(?: de)?|vanaf)(?= [$€£]?\d)",
    ),
}
"""What stands before a highest and before a lowest price, as regular expressions."""
CHEAPER = {
    "de": "günstiger billiger preiswerter",
    "nl": "goedkoper",
}
"""Single words for "cheaper"."""
ANSWERS = {
    "de": (
        "Ich verstehe nur Englisch wirklich gut.",
        "Verstanden habe ich: {}.",
        "Bitte schreiben Sie auf Englisch, was Sie suchen.",
    ),
    "fr": (
        "Je ne comprends bien que l'anglais.",
        "J'ai compris : {}.",
        "Écrivez en anglais ce que vous cherchez, s'il vous plaît.",
    ),
    "es": (
        "Solo entiendo bien el inglés.",
        "He entendido: {}.",
        "Por favor, escriba en inglés lo que busca.",
    ),
    "it": (
        "Capisco bene solo l'inglese.",
        "Ho capito: {}.",
        "Scriva in inglese che cosa cerca, per favore.",
    ),
    "pt": (
        "Só entendo bem inglês.",
        "Entendi: {}.",
        "Por favor, escreva em inglês o que procura.",
    ),
    "nl": (
        "Ik begrijp alleen Engels goed.",
        "Begrepen heb ik: {}.",
        "Schrijf alstublieft in het Engels wat u zoekt.",
    ),
    "ru": (
        "Я хорошо понимаю только английский.",
        "Я понял: {}.",
        "Пожалуйста, напишите по-английски, что вы ищете.",
    ),
    "el": (
        "Καταλαβαίνω καλά μόνο αγγλικά.",
        "Κατάλαβα: {}.",
        "Γράψτε στα αγγλικά τι ψάχνετε, παρακαλώ.",
    ),
    "ja": (
        "英語しかよく理解できません。",
        "理解できたのは：{}。",
        "お探しのものを英語で書いてください。",
    ),
    "ko": (
        "저는 영어만 잘 이해합니다.",
        "이해한 내용: {}.",
        "찾으시는 것을 영어로 적어 주세요.",
    ),
    "zh": (
        "我只能很好地理解英语。",
        "我理解的是：{}。",
        "请用英语写下您要找的东西。",
    ),
    "ar": (
        "أفهم الإنجليزية فقط جيدًا.",
        "فهمت: {}.",
        "من فضلك اكتب بالإنجليزية ما تبحث عنه.",
    ),
    "he": (
        "אני מבין היטב רק אנגלית.",
        "הבנתי: {}.",
        "אנא כתבו באנגלית מה אתם מחפשים.",
    ),
    "hi": (
        "मैं केवल अंग्रेज़ी ठीक से समझता हूँ।",
        "मैं समझा: {}।",
        "कृपया अंग्रेज़ी में लिखें कि आप क्या खोज रहे हैं।",
    ),
    "th": (
        "ฉันเข้าใจภาษาอังกฤษได้ดีเท่านั้น",
        "ที่เข้าใจคือ: {}",
        "กรุณาเขียนเป็นภาษาอังกฤษว่าคุณกำลังหาอะไร",
    ),
}
"""That English is understood best, what was understood, and that English is asked for."""
