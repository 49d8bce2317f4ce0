"""Drawings that are nothing but drawings: SVG is parsed, checked against a list, and written anew.

What is published is what was understood: no script, handler, animation, style sheet from elsewhere or address of
another host can hide in an encoding, an entity or a prefix. What only editors read is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError, TreeBuilder, register_namespace, tostring

from carrel.publish.staging.pictures import NotPublished

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SVG, _XLINK, _XML = (
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/XML/1998/namespace",
)
_LIVELY = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/1998/Math/MathML")
_LARGEST, _DEEPEST = 16 * 1024 * 1024, 200

_ELEMENTS = """
svg g defs title desc symbol use path rect circle ellipse line polyline polygon text tspan textPath image clipPath
mask pattern marker linearGradient radialGradient stop style switch filter feBlend feColorMatrix feComponentTransfer
feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB
feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight
feTile feTurbulence
"""
_ATTRIBUTES = """
alignment-baseline amplitude azimuth baseFrequency baseline-shift bias class clip clip-path clip-rule clipPathUnits
color color-interpolation color-interpolation-filters cx cy d diffuseConstant direction display divisor
dominant-baseline dx dy edgeMode elevation exponent fill fill-opacity fill-rule filter filterUnits flood-color
flood-opacity font font-family font-size font-size-adjust font-stretch font-style font-variant font-weight fr fx fy
gradientTransform gradientUnits height href id image-rendering in in2 intercept k1 k2 k3 k4 kernelMatrix
kernelUnitLength lengthAdjust letter-spacing lighting-color limitingConeAngle marker-end marker-mid marker-start
markerHeight markerUnits markerWidth mask mask-type maskContentUnits maskUnits method mix-blend-mode mode numOctaves
offset opacity operator order overflow paint-order pathLength patternContentUnits patternTransform patternUnits
points pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio primitiveUnits r radius refX refY result
rotate rx ry scale seed shape-rendering side slope space spacing specularConstant specularExponent spreadMethod
startOffset stdDeviation stitchTiles stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset
stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width style surfaceScale tableValues targetX
targetY text-anchor text-decoration text-rendering textLength transform transform-origin type unicode-bidi values
vector-effect version viewBox visibility width word-spacing writing-mode x x1 x2 xChannelSelector xml:space y y1 y2
yChannelSelector z
"""
_DRAWN, _READ = frozenset(_ELEMENTS.split()), frozenset(_ATTRIBUTES.split())
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
# What in a style can name another file: an escape could spell any of them.
_FETCHES = re.compile(r"""\\|//|@import|@font-face|(?:image|image-set|src)\s*\(|url\s*\((?!\s*["']?#)""", re.IGNORECASE)


def plain(data: bytes) -> bytes:
    """The drawing, and nothing else, as UTF-8. Raises `NotPublished` for one that could do or fetch anything."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    if len(data) > _LARGEST:
        raise NotPublished("is too large for a drawing")
    parser = DefusedXMLParser(target=TreeBuilder())
    try:
        parser.feed(data)
        root = parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NotPublished("is no SVG that can be read") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise NotPublished("is no SVG drawing")
    _clean(root, 0)
    register_namespace("", _SVG)
    register_namespace("xlink", _XLINK)
    return bytes(tostring(root, "utf-8", xml_declaration=True))


def _clean(element: Element, depth: int) -> None:
    """Check one element and what is in it; leave out what a browser would not draw."""
    name = element.tag.removeprefix(f"{{{_SVG}}}")
    if name not in _DRAWN or depth > _DEEPEST:
        raise NotPublished(f"holds <{name.rpartition('}')[2]}>, which is more than a drawing")
    for key in list(element.attrib):
        element.attrib.update(_attribute(key, element.attrib.pop(key)))
    if name == "style" and _FETCHES.search("".join(element.itertext())):
        raise NotPublished("has a style that names another file")
    for child in list(element):
        namespace = child.tag[1:].partition("}")[0] if child.tag.startswith("{") else ""
        if (namespace != _SVG and namespace not in _LIVELY) or child.tag == f"{{{_SVG}}}metadata":
            _remove(element, child)
        else:
            _clean(child, depth + 1)


def _attribute(key: str, value: str) -> dict[str, str]:
    """The attribute, or nothing for one that a drawing does not need."""
    name = key.removeprefix(f"{{{_XLINK}}}").replace(f"{{{_XML}}}", "xml:")
    if name.lower().startswith("on"):
        raise NotPublished(f"has a handler, {name}")
    if name == "href":
        if not value.startswith("#") and not _PICTURE.fullmatch(value):
            raise NotPublished("names another file")
        return {key: value}
    if name not in _READ:
        return {}
    if _FETCHES.search(value):
        raise NotPublished(f"has a {name} that names another file")
    return {key: value}


def _remove(parent: Element, child: Element) -> None:
    """Take an element out and leave the text that follows it."""
    place = list(parent).index(child)
    if child.tail and place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + child.tail
    elif child.tail:
        parent.text = (parent.text or "") + child.tail
    parent.remove(child)
