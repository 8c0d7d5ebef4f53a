/** The button that marks a post's notifications as read: looking at the post presses it. */
export class Seen extends HTMLElement {
  connectedCallback(): void {
    const form = this.querySelector("form");
    if (form) void this.send(form);
  }

  private async send(form: HTMLFormElement): Promise<void> {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.ok) this.remove();
  }
}
