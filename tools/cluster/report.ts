import { table } from '../cuda/report.ts';
import type { Disturbance } from './disturbances/disturbance.ts';
import type { Flight } from './service/videos.ts';
import { type Answers, describeAnswers } from './service/watch.ts';

/** What a disturbance did to the videos that were in flight. */
export interface Row {
  disturbance: Disturbance;
  /** Null where it could not be carried out. */
  flight: Flight | null;
  /** Of the service, meanwhile. */
  answers: Answers;
  /** From the first request until the last video had ended. */
  seconds: number;
  error: string | null;
}

/** A table for people, with everything that must not be below it, and whether there is nothing of that. */
export function report(rows: readonly Row[]): { text: string; holds: boolean } {
  const head = ['disturbance', 'videos', 'lost', 'doubled', 'different', 'steps redone', 'took', 'answers meanwhile'];
  const cells = rows.map(({ disturbance: { name }, flight, seconds, answers }) => [
    name,
    ...(flight
      ? [flight.ids, flight.lost, flight.doubled, flight.different].map(({ length }) => String(length))
      : ['-', '-', '-', '-']),
    String(flight?.redone ?? '-'),
    `${seconds.toFixed(0)} s`,
    describeAnswers(answers),
  ]);
  const faults = rows.flatMap(faultsOf);
  const verdict = faults.length === 0 ? 'Nothing was lost, nothing was made twice or otherwise.' : faults.join('\n');
  return { text: `${table([head, ...cells])}\n\n${verdict}`, holds: faults.length === 0 };
}

function faultsOf({ disturbance: { name, redone }, flight, error }: Row): string[] {
  if (flight === null) return [`${name}: ${error}`];
  const found = [...flight.lost, ...flight.doubled, ...flight.different, ...(error ? [error] : [])];
  if (flight.redone > redone) found.push(`${flight.redone} steps were done again, at most ${redone} may be`);
  return found.map((fault) => `${name}: ${fault}`);
}
