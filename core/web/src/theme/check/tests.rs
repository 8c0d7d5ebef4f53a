//! What passes and what does not.
use super::*;

#[test]
fn what_themes_need_passes() {
    for good in [
        "<!doctype html><html lang=\"{{ page.lang }}\"><head>{{ head() }}</head><body></body></html>",
        "<a href=\"{{ url('stream') }}\" {% if here %}aria-current=\"page\"{% endif %}>x</a>",
        "<p class=\"a{% if b %} c{% else %} d{% endif %}\">{{ x }}</p>",
        "<details{% if a %} open{% endif %}><li class=\"a\"{% if b %} hidden{% else %} id=\"x\"{% endif %}>",
        "{% set a = 1 %}{% set b %}<b>x</b>{% endset %}{{ b }}",
        "{% extends \"parent:layout.html\" %}{% block main %}<img src='/x' alt=''>{% endblock %}",
        "{% for p in posts %}<article>{{ p.html }}</article>{% else %}<p>-</p>{% endfor %}<br />",
        "{% raw %}{{ x }}{% endraw %} &lt;script&gt;",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
}

#[test]
fn what_a_hostile_theme_tries_is_refused() {
    for bad in [
        "<script>alert(1)</script>",
        "<SCRIPT src=/x></SCRIPT>",
        "<script/src=x>",
        "<scr{{ '' }}ipt>",
        "<{{ 'script' }}>",
        "<{% if true %}script{% endif %}>",
        "<b{% if true %}{% endif %}ase href=\"/x\">",
        "<b{% if true %}ase href=\"/x\"{% endif %}>",
        "{% set a %}<{% endset %}{{ a }}script>",
        "{% set a %}<scr{% endset %}{% set b %}ipt>{% endset %}{{ a }}{{ b }}",
        "{% raw %}<script>{% endraw %}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{%autoescape 'none'%}{{ x }}{%endautoescape%}",
        "<p onclick=\"x()\">",
        "<p ONCLICK='x()'>",
        "<p {% if a %}onclick=\"x\"{% endif %}>",
        "<p on{{ 'click' }}=\"x\">",
        "<p {{ 'onclick' }}=\"x\">",
        "<p class=\"a\"onclick=\"x\">",
        "<p/onclick=\"x\">",
        "{% if a %}<a title=\"{% else %}\">{% endif %} onclick=alert(1) x=\"\">",
        "<a title=\"{% if a %}\" onclick=\"x\" {% endif %}\">",
        "<p class={{ x }}>",
        "<p class=a>",
        "<p class =\"a\">",
        "<p style=\"color:red\">",
        "<style>p{}</style>",
        "<link rel=\"stylesheet\" href=\"/x\">",
        "<form action=\"/users/sign_out\">",
        "<input name=\"x\">",
        "<button form=\"f\">",
        "<p form=\"f\">",
        "<a formaction=\"/x\">",
        "<textarea>",
        "<iframe src=\"/x\">",
        "<base href=\"/x\">",
        "<meta http-equiv=\"refresh\" content=\"0;url=/x\">",
        "<object data=\"/x\">",
        "<embed src=\"/x\">",
        "<svg onload=\"x\">",
        "<svg><a href=\"/x\"></a></svg>",
        "<math>",
        "<template>",
        "<noscript>",
        "<a href=\"javascript:alert(1)\">",
        "<a href=\"JaVa\tScript:alert(1)\">",
        "<a href=\"java{{ '' }}script:alert(1)\">",
        "<a href=\"java&#115;cript:alert(1)\">",
        "<a href=\"javascript&colon;alert(1)\">",
        "<a href=\"{% if a %}java{% else %}x{% endif %}script:x\">",
        "<a href=\"data:text/html,x\">",
        "<img src=\"data:image/svg+xml,x\" alt=\"\">",
        "<p hx-get=\"/x\">",
        "<p data-hx-get=\"/x\">",
        "<p srcdoc=\"x\">",
        "<p tabindex=\"3\">",
        "<!-- <script> -->",
        "<!--><script>",
        "<![CDATA[x]]>",
        "<?php",
        "1 < 2",
        "<p",
        "<p class=\"",
        "{% if a %}<p>",
        "{% endif %}",
        "<p {% if a %}hidden{% endif %}onclick=\"x\">",
        "<p {% if a %}class=\"a\"{% endif %}onclick=\"x\">",
        "<p hidden{% if a %}onclick=\"x\"{% endif %}>",
        "<p {% if a %}src{% endif %}{% if b %}doc=\"x\"{% endif %}>",
        "<p {% include 'x' %}>",
        "<p {% block x %}class=\"a\"{% endblock %}>",
        "<x-evil>",
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_fault_names_its_line() {
    let fault = check("<p>\n{{ x }}\n<script>\n").unwrap_err();
    assert_eq!(fault.line, 3);
    assert!(fault.reason.contains("script"));
}
