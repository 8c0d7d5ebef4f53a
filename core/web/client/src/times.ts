/** "12 min" must not stay "12 min": every minute, in the page's own language. */
export function keepTimesFresh(): void {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, {
    style: "narrow",
    numeric: "auto",
  });
  const refresh = (): void => {
    for (const time of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
      const text = relative(Date.now() - Date.parse(time.dateTime), words);
      if (text && !/^\d{4}-/.test(time.textContent ?? "")) time.textContent = text;
    }
  };
  setInterval(refresh, 60_000);
}

function relative(age: number, words: Intl.RelativeTimeFormat): string | null {
  const minutes = Math.floor(age / 60_000);
  if (minutes < 1) return null;
  if (minutes < 60) return words.format(-minutes, "minute");
  if (minutes < 1440) return words.format(-Math.floor(minutes / 60), "hour");
  if (minutes < 10_080) return words.format(-Math.floor(minutes / 1440), "day");
  return null;
}
