/** A button that copies the text of another element; without this script there is no button. */
export class Copy extends HTMLElement {
  connectedCallback(): void {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn quiet";
    button.textContent = this.dataset["label"] ?? "";
    button.addEventListener("click", () => void this.copy(button));
    this.replaceChildren(button);
  }

  private async copy(button: HTMLButtonElement): Promise<void> {
    const source = document.getElementById(this.dataset["from"] ?? "");
    const lines = source ? [...source.querySelectorAll("li")].map((line) => line.innerText.trim()) : [];
    const text = lines.length ? lines.join("\n") : (source?.innerText.trim() ?? "");
    await navigator.clipboard.writeText(text);
    const done = this.dataset["done"] ?? "";
    button.textContent = done;
    say(done);
  }
}

/** Says a line to those who hear the page. */
function say(text: string): void {
  const place = document.getElementById("say");
  if (place) place.textContent = text;
}
