/** The part of a trace event that is read; times in microseconds. */
interface TraceEvent {
  name: string;
  ts: number;
}

export interface Frames {
  perSecond: number;
  seconds: number;
  /** Between two frames that were drawn one after the other. */
  longestMs: number;
}

/** What a trace of Chromium's says of the frames that it drew. @throws where it drew none */
export function framesOf(trace: Buffer): Frames {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const drawn = traceEvents.filter(({ name }) => name === 'DrawFrame').map(({ ts }) => ts / 1000);
  drawn.sort((a, b) => a - b);
  const [first, last] = [drawn[0], drawn.at(-1)];
  if (first === undefined || last === undefined || first === last) throw new Error('Chromium drew no frames.');
  const seconds = (last - first) / 1000;
  return {
    perSecond: (drawn.length - 1) / seconds,
    seconds,
    longestMs: Math.max(...drawn.slice(1).map((ms, at) => ms - drawn[at]!)),
  };
}
