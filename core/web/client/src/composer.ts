/**
 * The composer: grows with the text, keeps a draft on this device, sends on Ctrl+Enter. The draft stays until
 * the pod says that the post is there: a form can fail in ways that no page comes back from.
 */
export class Composer extends HTMLElement {
  private readonly key = (): string => `draft:${this.dataset["draft"] ?? ""}`;

  connectedCallback(): void {
    const area = this.querySelector("textarea");
    const form = this.querySelector("form");
    if (!area || !form) return;
    if (document.querySelector('[data-said="flash-posted"]')) save(this.key(), "");
    if (!area.value.trim()) area.value = load(this.key()) ?? "";
    grow(area);
    area.addEventListener("input", () => {
      grow(area);
      save(this.key(), area.value);
    });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", () => save(this.key(), area.value));
  }
}

function grow(area: HTMLTextAreaElement): void {
  const lines = area.value.split("\n").length + Math.floor(area.value.length / 60);
  area.rows = Math.min(24, Math.max(3, lines + 1));
}

/** A device may refuse to keep anything: then there is no draft. */
function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function save(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    // no draft, then
  }
}
