/** The service that is attacked, as the attacker knows it. */
export interface Target {
  /** `host:port` of the API. */
  host: string;
  port: number;
  /** API key of the attacker's account. */
  key: string;
  /** Of what is random. */
  seed: number;
  /** How large the attack is; 1 for the whole of it. */
  scale: number;
}

/** What came of an attack's requests. */
export interface AttackReport {
  /** How often each status came; `closed` where the connection was closed without one, `silent` where nothing came in time. */
  answers: Record<string, number>;
  /** What must not have been answered, each with one line that names it. */
  faults: string[];
}

/** Sends one attack, until it is through. */
export type Attack = (target: Target) => Promise<AttackReport>;

/**
 * Address that attacks come from: another one than the bystander's, as a neighbour's would be. All of 127.0.0.0/8 is this
 * machine on Linux; elsewhere only 127.0.0.1 is.
 */
export const ATTACKER_ADDRESS = process.platform === 'linux' ? '127.0.0.66' : '127.0.0.1';

/** A count at the target's scale, at least 1. */
export const scaled = ({ scale }: Target, count: number): number => Math.max(1, Math.round(count * scale));

/** Counts answers, and notes those that no client may be given. */
export class Tally implements AttackReport {
  readonly answers: Record<string, number> = {};
  readonly faults: string[] = [];

  /**
   * @param what names the request
   * @param retryAfter the header, which every 503 must have
   */
  add(what: string, answer: number | 'closed' | 'silent', retryAfter = false): void {
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
    if (answer === 'silent') this.faults.push(`${what} was never answered`);
    if (typeof answer !== 'number' || answer < 500 || this.faults.length > 20) return;
    if (answer !== 503) this.faults.push(`${what} was answered ${answer}`);
    else if (!retryAfter) this.faults.push(`${what} was answered 503 without retry-after`);
  }
}

/** Runs `work` for every number below `count`, some of them at a time. */
export async function each(count: number, atOnce: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, one));
}
