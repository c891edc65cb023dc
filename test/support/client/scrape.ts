/** What a process has told Prometheus. */
export interface Scrape {
  /** Names of all metrics as queries use them, `_bucket`, `_sum` and `_count` of histograms included. */
  names: Set<string>;
  /** Values by series, e.g. `kinora_checkpoints_total{result="stored"}`. */
  series: Map<string, number>;
}

/** Reads `/metrics` of one or several processes, as one. */
export async function scrape(...urls: string[]): Promise<Scrape> {
  const series = new Map<string, number>();
  for (const url of urls) {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
    for (const line of (await response.text()).split('\n')) {
      const [, name, value] = /^([a-z_]\w*(?:\{.*\})?) (\S+)/i.exec(line) ?? [];
      if (name !== undefined) series.set(name, Number(value));
    }
  }
  return { series, names: new Set([...series.keys()].map((name) => name.replace(/\{.*/, ''))) };
}
