/** A form sent twice by a double click posts twice: its button rests until the answer is there. */
export function sendOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.method !== "post") return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "yes";
    // Coming back by the back button brings the page as it was left.
    addEventListener("pageshow", () => delete form.dataset["sent"], { once: true });
  });
}
