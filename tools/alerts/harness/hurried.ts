/** How much faster time goes than the rules say. */
export interface Pace {
  /** Of windows, of the horizon of predictions, and of what an alert waits `for` in hours: 60 makes an hour a minute. */
  hours: number;
  /** Of what an alert waits `for` in minutes, so that processes are still given seconds to answer. */
  minutes: number;
  /** Of what videos and steps may take: with 60 they may take 10 s instead of ten minutes. */
  seconds: number;
}

export const AN_HOUR_IN_A_MINUTE: Pace = { hours: 60, minutes: 60, seconds: 60 };
/** For what takes days. */
export const AN_HOUR_IN_SIX_SECONDS: Pace = { hours: 600, minutes: 60, seconds: 60 };

/**
 * The project's rules, unchanged but for their times: durations after `for:` and `offset` and in brackets, the horizon of
 * predictions, and thresholds in seconds (all of 100 and more). Rules are evaluated every second.
 */
export function hurried(rules: string, { hours, minutes, seconds }: Pace): string {
  return rules
    .replace(/interval: 30s/g, 'interval: 1s')
    .replace(/(for: |\[|offset )(\d+)([dhm])/g, (_, before: string, count: string, unit: keyof typeof SECONDS) => {
      const pace = before === 'for: ' && unit === 'm' ? minutes : hours;
      return `${before}${(Number(count) * SECONDS[unit] * 1000) / pace}ms`;
    })
    .replace(/(\d+) \* 3600/g, (_, count: string) => String((Number(count) * 3600) / hours))
    .replace(/> (\d{3,})\b/g, (_, limit: string) => `> ${Number(limit) / seconds}`);
}

const SECONDS = { m: 60, h: 3600, d: 86_400 };
