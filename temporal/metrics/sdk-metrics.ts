import type { MetricsExporterConfig } from '@temporalio/worker';
import { VIDEO_SECONDS } from '../../contract/names.ts';
import { SECONDS } from '../../platform/metrics/registry.ts';

/** What Temporal's SDK counts, workflow code's own metrics included: served by the SDK itself, on a port of this machine. */
export class SdkMetrics {
  readonly #port: number;

  /** @param port a free one */
  constructor(port: number) {
    this.#port = port;
  }

  /** For `Runtime.install`. */
  get exporter(): MetricsExporterConfig {
    return {
      prometheus: {
        bindAddress: `127.0.0.1:${this.#port}`,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides: { [VIDEO_SECONDS]: SECONDS },
      },
      attachServiceName: false,
    };
  }

  /** In Prometheus's text format; empty while the SDK does not answer. */
  async text(): Promise<string> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}/metrics`, { signal: AbortSignal.timeout(2_000) });
      return response.ok ? await response.text() : '';
    } catch {
      return '';
    }
  }
}
