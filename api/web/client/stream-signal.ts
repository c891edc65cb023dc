/** Of the server's heartbeats, which come every 15 s, two may be lost; then the connection counts as dead. */
const SILENCE_MS = 40_000;

export interface StreamSignal {
  /** Aborted with the outer one, when the tab goes out of view, and after a long silence. */
  signal: AbortSignal;
  /** Something was heard. */
  heard: () => void;
  /** Ends it, and the stream. */
  release: () => void;
}

/** Says how long a stream of events is worth its connection. */
export function streamSignal(outer: AbortSignal): StreamSignal {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const release = () => {
    clearTimeout(timer);
    outer.removeEventListener('abort', release);
    document.removeEventListener('visibilitychange', leave);
    abort.abort();
  };
  const leave = () => {
    if (document.hidden) release();
  };
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(release, SILENCE_MS);
  };
  outer.addEventListener('abort', release);
  document.addEventListener('visibilitychange', leave);
  heard();
  return { signal: abort.signal, heard, release };
}
