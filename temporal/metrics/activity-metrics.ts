import { type Context, CancelledFailure, ApplicationFailure } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Counter, Histogram, type Registry } from 'prom-client';
import { isErrorCode } from '../../contract/errors.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { SECONDS } from '../../platform/metrics/registry.ts';

/** Counts and times the activities of a worker, and logs the end of each. */
export function activityMetrics(registry: Registry, log: Logger): ActivityInterceptorsFactory {
  const registers = [registry];
  const completed = new Histogram({
    name: 'kinora_activity_seconds',
    help: 'Seconds that attempts at an activity took that completed.',
    labelNames: ['activity'],
    buckets: SECONDS,
    registers,
  });
  const failed = new Counter({
    name: 'kinora_activity_failures_total',
    help: 'Attempts at an activity that did not complete, by code of the error table.',
    labelNames: ['activity', 'code'],
    registers,
  });
  return (context) => ({
    inbound: {
      async execute(input, next) {
        const { activityType: activity } = context.info;
        const before = performance.now();
        const ended = (code?: string) => {
          const seconds = (performance.now() - before) / 1000;
          if (code === undefined) completed.observe({ activity }, seconds);
          else failed.inc({ activity, code });
          log[context.info.isLocal ? 'debug' : 'info'](
            { ...identity(context), seconds: Number(seconds.toFixed(3)), code },
            'Activity ended',
          );
        };
        try {
          const result = await next(input);
          ended();
          return result;
        } catch (error) {
          ended(codeOf(error));
          throw error;
        }
      },
    },
  });
}

/** What tells one attempt from all others; a video is its workflow. */
function identity({ info }: Context) {
  return { activity: info.activityType, videoId: info.workflowExecution?.workflowId, attempt: info.attempt };
}

function codeOf(error: unknown): string {
  if (error instanceof CancelledFailure) return 'cancelled';
  return error instanceof ApplicationFailure && isErrorCode(error.type) ? error.type : 'internal_error';
}
