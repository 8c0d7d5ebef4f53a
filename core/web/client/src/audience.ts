/** The audience picker: its button always says who will see the post. */
export class Audience extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("change", (event) => {
      const box = event.target as HTMLInputElement;
      if (box.type === "checkbox" && box.checked) this.choose("chosen");
      // a ticked box would win over the other two choices
      if (box.type === "radio" && box.value !== "chosen") this.untick();
      this.say();
    });
    this.addEventListener("keydown", (event) => {
      const details = this.querySelector("details");
      if (event.key === "Escape" && details?.open) {
        details.open = false;
        this.querySelector("summary")?.focus();
      }
    });
    this.say();
  }

  private choose(value: string): void {
    const radio = this.querySelector<HTMLInputElement>(`input[type=radio][value=${value}]`);
    if (radio) radio.checked = true;
  }

  private untick(): void {
    for (const box of this.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) box.checked = false;
  }

  private say(): void {
    const kind = this.querySelector<HTMLInputElement>("input[type=radio]:checked")?.value;
    const summary = this.querySelector("[data-part=summary]");
    const mark = this.querySelector("[data-part=mark]");
    if (!summary || !mark) return;
    summary.textContent = this.words(kind);
    const first = this.querySelector<HTMLElement>("input[type=checkbox]:checked")?.closest<HTMLElement>("[data-hue]");
    const hue = kind === "chosen" ? first?.dataset["hue"] : undefined;
    if (hue) mark.setAttribute("data-hue", hue);
    else mark.removeAttribute("data-hue");
  }

  private words(kind: string | undefined): string {
    if (kind === "public") return this.dataset["public"] ?? "";
    if (kind === "all_aspects") return this.dataset["all"] ?? "";
    const names = [...this.querySelectorAll<HTMLElement>("input[type=checkbox]:checked")].map(
      (box) => box.dataset["name"] ?? "",
    );
    const [first, ...others] = names;
    if (first === undefined) return this.dataset["none"] ?? "";
    return others.length ? `${first} +${others.length}` : first;
  }
}
