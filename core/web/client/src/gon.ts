// Old clients run inside the page and read `window.gon`. The page carries it as inert text; this gives it a life.
const element = document.querySelector<HTMLScriptElement>('script#gon[type="text/plain"]');

type Gon = Record<string, unknown>;

/** Reads `window.gon={};gon.user={…};gon.preloads={…};…` without evaluating anything. */
export function read(line: string): Gon {
  const gon: Gon = {};
  let rest = line.trim();
  for (;;) {
    const start = /(?:^|;)gon\.(\w+)=/.exec(rest);
    if (!start) return gon;
    const from = start.index + start[0].length;
    const next = /;gon\.\w+=/.exec(rest.slice(from));
    let end = next ? from + next.index : rest.length;
    // A text may look like the next assignment: then the value is longer.
    for (;;) {
      try {
        gon[start[1] ?? ""] = JSON.parse(rest.slice(from, end).replace(/;$/, ""));
        break;
      } catch {
        const later = /;gon\.\w+=/.exec(rest.slice(end + 1));
        if (!later) {
          if (end === rest.length) break;
          end = rest.length;
        } else {
          end += 1 + later.index;
        }
      }
    }
    rest = rest.slice(end);
  }
}

if (element?.textContent) {
  (window as unknown as { gon: Gon }).gon = read(element.textContent);
}
