const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const minute = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A duration, rounded to seconds or minutes. */
export function span(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** @param unixSeconds as in the API */
export const dateOf = (unixSeconds: number): string => day.format(unixSeconds * 1000);
export const momentOf = (unixSeconds: number): string => minute.format(unixSeconds * 1000);

/** "just now", "5 min ago", else the date. */
export function ago(unixSeconds: number, now = Date.now() / 1000): string {
  const seconds = now - unixSeconds;
  if (seconds < 60) return 'just now';
  return seconds < 6 * 3600 ? `${span(seconds)} ago` : dateOf(unixSeconds);
}

/** A position in a video, `0:02.1`. */
export function clockText(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, '0')}`;
}
