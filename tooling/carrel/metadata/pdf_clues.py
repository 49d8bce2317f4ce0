"""What tells a work's own identifier in print from those of others: how publishers write, label and place them.

The words are those of English-language publishers; labels, margins and metadata speak every language.
"""

from __future__ import annotations

import re

from carrel.core.pdf import LIGATURES

_DASHES = dict.fromkeys(map(ord, "\u00ad\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-")
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
FOLDED = {**_DASHES, **_INVISIBLE, **LIGATURES}

#: ISO 26324: `10.`, the registrant, a slash, anything. The old SICI suffixes of Wiley hold angle brackets.
DOI = re.compile(r"(?<![\d.])10\.\d{4,9}(?:\.\d{1,9})*\s?/\s?(?:\(SICI\)[!-~]*|[!#-;=?-z|~]*)|(?<![\d.])10\.\d{4,9}$")
CONTINUED = re.compile(r"[!#-;=?-z|~]+")
LABEL = re.compile(
    r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|\bdoi\b\s*(?:\(s\)|number|no\.)?\s*[:=]?\s*(?:https?://(?:dx\.)?doi\.org/)?"
    r"|digital object identifier:?|(?:https?://)?[\w.-]{4,60}/(?:[\w-]{1,20}/)?(?:doi|stable)/(?:(?:abs|full|pdf)/)?)\s*$",
    re.IGNORECASE,
)
OPENING = re.compile(r"^\W*(?:(?:article|paper|chapter|preprint)\s+)?$", re.IGNORECASE)
#: Words after which a work's own DOI stands, and those after which another's does. The nearest decide.
OWN = re.compile(
    r"cite (?:this|as)|to (?:cite|link to)|stable url|citation:|reference format|definitive version|version of record"
    r"|final(?:ly)? (?:publication|version|publish\w*|authenticated)|published (?:version|as|in|online|by|article)"
    r"|(?:was|been|is) (?:originally )?published|appear(?:s|ed) in|accepted for publication|preprint (?:doi|https?)"
    r"|this (?:article|paper|chapter|work|version|preprint)(?:'s)? (?:doi|is available)",
    re.IGNORECASE,
)
OTHERS = re.compile(
    r"suppl(?:ement|ementa\w+)\b|data ?sets?\b"
    r"|data(?: \w+){0,3} (?:available|availability|deposited|archived|accessible)"
    r"|(?:code|software|scripts|materials|artifacts?|package|model)s?(?: \w+){0,4}"
    r" (?:available|found|archived|hosted|at)\b"
    r"|(?:corrigendum|erratum|correction|addendum|retraction|reply|response|comment(?:ary)?|companion)"
    r" (?:to|on|for|of)\b"
    r"|(?:corrects|retracts|updates|refers to|replaces|supersedes|extends|accompanies) (?:the |this |an? )?\w*"
    r"|related (?:article|paper|work)|see also|(?:original|companion) (?:article|paper|publication|work)"
    r"|(?:re-?printed|adapted|reproduced|translated|modified|taken) (?:\w+ ){0,3}from"
    r"|(?:proceedings|issue|journal|series|book) doi|special issue|funder|grant"
    r"|\b(?:see|cf\.|e\.g\.,?|described in|following|according to|from)\s*(?:\w+ ){0,3}$",
    re.IGNORECASE,
)
IMPRINT = re.compile(
    r"\b(?:ISSN|ISBN|copyright|received|accepted|vol(?:ume|\.)|pp\.|licensed? under|creative commons|licen[cs]e)\b"
    r"|©|\(c\)|\(\d{4}\)\s*\d+\s*[:(]|\b\d{4}\s*;\s*\d+|\bet al\. \(\d{4}\)",
    re.IGNORECASE,
)
#: How an entry of a list of references begins, or a footnote; and what an entry has inside: `Family, I.` and a year.
ENTRY = re.compile(r"^\s*(?:\[[\w+-]{1,12}\]|\(?\d{1,3}[.)]\s|\d{1,3}\s+(?=[A-Z])|[*†‡§¶]+\s*)")
NAMED = re.compile(r"[A-Z][\w'’-]{1,40}, [A-Z]\.")
YEAR = re.compile(r"\b(?:1[89]|20)\d\d[a-z]?\b")
CITED_SHORT = re.compile(r"\b(?:et al\.?,?|[A-Z]\w+ and [A-Z]\w+,?) \(?(?:1[89]|20)\d\d")
REFERENCES = re.compile(
    r"(?:\d{1,2}\.?\s*)?(?:references(?: and notes)?|bibliography|(?:literature|works|references) cited|literature"
    r"|literatur(?:verzeichnis)?|références|bibliographie|referencias|bibliografía|riferimenti)\s*:?",
    re.IGNORECASE,
)
#: Registrants whose DOIs are mostly those of data and code: Zenodo, figshare, Dryad, OSF, Mendeley Data, Dataverse, …
DATA_PREFIXES = ("10.5281/", "10.6084/", "10.5061/", "10.17605/", "10.17632/", "10.7910/", "10.24433/", "10.15468/")
#: Never a paper's: Crossref's list of funders, journals as a whole, what templates put in place of a DOI.
_NEVER = re.compile(
    r"10\.13039/|10\.\d+/\(issn\)|.*(?:nnnn|xxxx|\.doi$|0000000|1122445\.1122456|123_4$|yyyy)|10\.\d+/(?:\d{4}-\d{3}[\dx])$",
    re.IGNORECASE,
)
#: Parts of a work with DOIs of their own: PLOS and PeerJ supplements and figures, eLife's abstracts.
COMPONENT = re.compile(r"(?:[./](?:s|g|t|e|d|r|box|fig|figure|table|supp|app|v)-?\d{1,4}|\.\d{3})$", re.IGNORECASE)

OLD_ID = r"[a-z]+(?:-[a-z]+)*(?:\.[A-Z]{2})?/\d{7}"
ARXIV = re.compile(rf"arXiv(?:\s?e-?print)?\s?:\s?((?:\d{{4}}\.\d{{4,5}}|{OLD_ID})(?:v\d{{1,3}})?)", re.IGNORECASE)
STAMP = re.compile(
    rf"^\W*{ARXIV.pattern}\s*(?:\[[\w.-]+\])?\s*(?:\d{{1,2}}\s+[A-Z][a-z]{{2}}\s+(?:19|20)\d\d)\W*$", re.IGNORECASE
)
ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)

#: Names of properties, in XMP or the information dictionary, that hold the DOI of the document itself, as publishers
#: write them (PRISM, Crossmark, Wiley), and of those in which other things stand too.
OWN_PROPERTIES = frozenset(("doi", "wps-articledoi", "bibtex/doi", "articledoi", "prism:doi"))
LOOSE_PROPERTIES = frozenset(("identifier", "subject", "description", "title", "url"))


def clean_doi(text: str) -> str:
    """A DOI without what stands around it in print, or "" when nothing is left.

    >>> clean_doi("10.1145/3597503.3639130."), clean_doi("10.1002/(abc)12)"), clean_doi("10.1111/j.1/full?x=1")
    ('10.1145/3597503.3639130', '10.1002/(abc)12', '10.1111/j.1')
    """
    doi = re.sub(r"\s", "", text)
    if "(sici)" not in doi.lower():
        doi = re.split(r"[?#&|\"\\^`]", doi)[0]
    before = ""
    while doi != before:
        before = doi
        doi = doi.rstrip(".,;:!'*/-_")
        for opening, closing in ("()", "[]"):
            if doi.endswith(closing) and doi.count(opening) < doi.count(closing):
                doi = doi[:-1]
        doi = re.sub(r"(?:/(?:full|abstract|e?pdf|meta|html)|\.pdf)$", "", doi)
    return doi if re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*/.*\w.*", doi) and not _NEVER.match(doi) else ""
