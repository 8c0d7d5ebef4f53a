//! What people mark in their texts, from the renderer through the sanitiser to the page.
use pappus_tests::TwoPods;

const TEXT: &str = "H~2~O and x^2^ -> <3 \u{5d0}\n\n- [ ] open\n- [x] done\n\nHe is ||the gardener||[^1].\n\n\
    |a|b|\n|-|-:|\n|1|2|\n\n[^1]: see https://notes.test/x\n\n<span class=\"spoiler\" tabindex=\"0\">typed</span>";

#[tokio::test]
async fn marks_of_a_text_are_on_the_page_and_nothing_else_is() {
    TwoPods::on_both_with(&["markdown"], async |pods| {
        let mut alice = pods.left.sign_up("alice").await;
        let post = alice.publish(TEXT, &["public"]).await;
        let page = alice.get(&format!("/posts/{post}")).await;
        for shown in [
            "<p dir=\"auto\">H<sub>2</sub>O and x<sup>2</sup> → ♥ \u{5d0}</p>",
            "<li dir=\"auto\">☐ open</li>",
            "<li dir=\"auto\">☑ done</li>",
            "He is <span class=\"spoiler\" tabindex=\"0\">the gardener</span><sup><a",
            "<td dir=\"auto\" align=\"right\">2</td>",
            ">https://notes.test/x</a>",
            "&lt;span class=\"spoiler\"",
        ] {
            page.shows(shown);
        }
        for never in ["<input type=\"checkbox\" checked", "fnref", "↩", "href=\"#fn", "data-footnote"] {
            page.hides(never);
        }
    })
    .await;
}
