/** Time without an event after which a connection counts as dead, in ms; the server sends heartbeats every 15 s. */
const SILENCE_MS = 40_000;

export interface StreamSignal {
  /** Aborted with the outer signal, when the tab is hidden, and after a long silence. */
  signal: AbortSignal;
  /** To be called with each event. */
  heard: () => void;
  /** Aborts the signal. */
  release: () => void;
}

/** Ends a stream of events that is dead, or no longer needed. */
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
