import type { GoodDays } from './good-days.ts';
import type { Pace } from './hurried.ts';
import type { AlertHarness } from './harness.ts';

/** Something that goes wrong in a running service, and the alert that has to say so. */
export interface Fault {
  alert: string;
  /** For people. */
  what: string;
  /** @default an hour in a minute */
  pace?: Pace;
  /** Seconds between two scrapes of Prometheus. @default 2 */
  every?: number;
  /** What Prometheus remembers from before. @default nothing */
  past?: GoodDays;
  /** @returns what makes it well again; null where it cannot be induced on this machine */
  begin(harness: AlertHarness): Promise<(() => unknown) | null>;
}
