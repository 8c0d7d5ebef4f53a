/**
 * Photos of the composer: each file goes to the pod as soon as it is chosen, dropped or pasted, two at a time, and
 * stands in the form as a photo that waits. What did not get through says why and can be sent again; the text is
 * never touched. Without this, the files go with the form.
 */
interface Photo {
  id: number;
  unprocessed_image: { thumb_medium: { url: string } };
}

interface Answer {
  success: boolean;
  rule?: string;
  data?: { photo: Photo };
}

const AT_ONCE = 2;

export class Photos extends HTMLElement {
  private readonly queue: Upload[] = [];
  private readonly running = new Set<Upload>();
  private sendWhenDone = false;

  connectedCallback(): void {
    const form = this.closest("form");
    const input = this.querySelector<HTMLInputElement>('input[type="file"]');
    if (!form || !input) return;
    const step = this.querySelector<HTMLButtonElement>('[data-part="step"]');
    // hidden buttons still answer the Enter key
    if (step) step.hidden = step.disabled = true;
    for (const item of this.list().querySelectorAll<HTMLElement>("[data-photo]")) this.removable(item);
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = "";
      this.take(files);
    });
    form.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    form.addEventListener("drop", (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.take(files);
    });
    form.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.take(files);
    });
    form.addEventListener("submit", (event) => {
      if (!this.queue.length && !this.running.size) return;
      // what is still on its way belongs to the post
      event.preventDefault();
      event.stopPropagation();
      this.sendWhenDone = true;
    });
  }

  list(): HTMLElement {
    return this.querySelector<HTMLElement>('[data-part="list"]') ?? this;
  }

  words(name: string): string {
    return this.dataset[name] ?? "";
  }

  say(words: string): void {
    const said = this.querySelector('[data-part="said"]');
    if (said) said.textContent = words;
  }

  private take(files: File[]): void {
    const most = Number(this.words("most")) || 20;
    for (const file of files) {
      const upload = new Upload(this, file);
      this.list().append(upload.item);
      if (this.list().children.length > most) upload.fail(this.words("countProblem"));
      else if (file.size > Number(this.words("bytes"))) upload.fail(this.words("bytesProblem"));
      else this.enqueue(upload);
    }
  }

  enqueue(upload: Upload): void {
    this.queue.push(upload);
    this.next();
  }

  /** Begins what there is room for; sends the form that waited for the last one, if none went wrong. */
  next(): void {
    while (this.running.size < AT_ONCE) {
      const upload = this.queue.shift();
      if (!upload) break;
      this.running.add(upload);
      upload.start();
    }
    if (this.running.size || !this.sendWhenDone) return;
    this.sendWhenDone = false;
    if (!this.list().querySelector("[data-failed]")) this.closest("form")?.requestSubmit();
  }

  ended(upload: Upload): void {
    this.running.delete(upload);
    const waits = this.queue.indexOf(upload);
    if (waits >= 0) this.queue.splice(waits, 1);
    this.next();
  }

  /** A photo that waits goes at once, instead of being left out later. */
  removable(item: HTMLElement): void {
    const id = item.dataset["photo"];
    item.querySelector(".tick")?.remove();
    item.append(
      button(this.words("remove"), () => {
        item.remove();
        this.querySelector<HTMLElement>('input[type="file"]')?.focus();
        void fetch(`/photos/${id}`, { method: "DELETE", headers: { accept: "application/json" } }).catch(() => null);
      }),
    );
  }
}

/** One file on its way. */
class Upload {
  readonly item = document.createElement("li");
  private request: XMLHttpRequest | null = null;

  constructor(
    private readonly home: Photos,
    private readonly file: File,
  ) {
    this.waits();
  }

  private waits(): void {
    delete this.item.dataset["failed"];
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `${this.home.words("sending")}: ${this.file.name}`);
    this.show(named(this.file.name), bar, button(this.home.words("cancel"), () => this.cancel()));
  }

  private show(...parts: HTMLElement[]): void {
    const face = document.createElement("span");
    face.className = "face";
    this.item.replaceChildren(face, ...parts);
  }

  start(): void {
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", "/photos");
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      const bar = this.item.querySelector("progress");
      if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => this.answered(request.response as Answer | null));
    request.addEventListener("error", () => this.fail(this.home.words("failed")));
    const body = new FormData();
    body.append("files[]", this.file);
    request.send(body);
  }

  private answered(answer: Answer | null): void {
    const photo = answer?.data?.photo;
    if (answer?.success && photo) {
      this.done(photo);
      return;
    }
    const kind = answer?.rule?.startsWith("picture-") ? answer.rule.slice("picture-".length) : "";
    this.fail((kind && this.home.words(`${kind}Problem`)) || this.home.words("failed"));
  }

  private done(photo: Photo): void {
    const id = String(photo.id);
    this.item.dataset["photo"] = id;
    const hidden = input("photos[]", id);
    hidden.type = "hidden";
    const image = document.createElement("img");
    image.src = new URL(photo.unprocessed_image.thumb_medium.url).pathname;
    image.alt = "";
    const text = input(`photo_text[${id}]`, "");
    text.id = `photo-text-${id}`;
    text.maxLength = 2000;
    text.autocomplete = "off";
    text.dir = "auto";
    const label = document.createElement("label");
    label.htmlFor = text.id;
    label.textContent = this.home.words("textLabel");
    const field = document.createElement("div");
    field.className = "field";
    field.append(label, text);
    this.item.replaceChildren(hidden, image, field);
    this.home.removable(this.item);
    this.home.say(this.home.words("done"));
    this.home.ended(this);
  }

  fail(why: string): void {
    this.item.dataset["failed"] = "yes";
    const problem = named(`${this.file.name}: ${why}`);
    problem.className = "problem";
    const again = button(this.home.words("retry"), () => {
      this.waits();
      this.home.enqueue(this);
    });
    this.show(problem, again, button(this.home.words("remove"), () => this.cancel()));
    this.home.say(problem.textContent ?? "");
    this.home.ended(this);
  }

  private cancel(): void {
    this.request?.abort();
    this.item.remove();
    this.home.ended(this);
  }
}

function named(words: string): HTMLElement {
  const line = document.createElement("p");
  line.textContent = words;
  return line;
}

function input(name: string, value: string): HTMLInputElement {
  const made = document.createElement("input");
  made.name = name;
  made.value = value;
  return made;
}

function button(words: string, press: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn quiet";
  made.textContent = words;
  made.addEventListener("click", press);
  return made;
}
