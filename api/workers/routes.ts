import { Router } from 'express';
import { TASK_QUEUES } from '../../contract/names.ts';
import { adminsOnly } from '../accounts/viewer.ts';
import { methodNotAllowed } from '../http/error-handler.ts';
import type { WorkerObject } from './status.ts';
import type { KnownWorker, WorkerRegistry } from './registry.ts';

/** `/workers`: who works, and how it goes; for operators. */
export function workerRoutes({ workers }: { workers: WorkerRegistry }): Router {
  const router = Router();
  router
    .route('/workers')
    .get(adminsOnly, async (_req, res) => {
      const data = (await workers.workers()).map(workerObject).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      res.set('cache-control', 'no-store').json({ object: 'list', data });
    })
    .all(methodNotAllowed('GET'));
  return router;
}

const workerObject = ({ id, host, pid, taskQueue, lastSeenAt, status }: KnownWorker): WorkerObject => ({
  id,
  object: 'worker',
  kind: status?.kind ?? (taskQueue === TASK_QUEUES.gpu ? 'gpu' : 'cpu'),
  host,
  pid,
  task_queue: taskQueue,
  last_seen_at: Math.floor(lastSeenAt.getTime() / 1000),
  ready: status?.ready ?? null,
  device: status?.device ?? null,
  device_kind: status?.device_kind ?? null,
  model: status?.model ?? null,
  warm_since: status?.warm_since ?? null,
  current: status?.current ?? null,
  gpus: status?.gpus ?? null,
  last_error: status?.last_error ?? null,
  completed: status?.completed ?? null,
  failed: status?.failed ?? null,
});
