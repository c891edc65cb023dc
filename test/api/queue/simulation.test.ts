import { describe, expect, it } from 'vitest';
import { dispatchOrder, type WaitingJob } from '../../../api/queue/dispatch-order.ts';
import { QueueSimulation } from '../../../api/queue/simulation.ts';
import { TINY_SPEC } from '../../../tools/harness/model/tiny-spec.ts';

const SLOTS = [0, 3].map((freeInS) => ({ kind: 'cpu', freeInS }));
const estimate = () => ({ deviceS: 10, publishS: 1 });

/** Every third one long, of three accounts, none at the same moment. */
const jobs = (count: number): WaitingJob[] =>
  Array.from({ length: count }, (_, i) => ({
    input: {
      videoId: `video_${i}`,
      accountId: `account-${(i * 7) % 3}`,
      spec: { ...TINY_SPEC, prompt: `video ${i}`, seed: i, numInferenceSteps: 4 },
      jobClass: i % 3 === 0 ? 'long' : 'short',
    },
    since: i,
  }));

describe('the line before the GPUs', () => {
  it('gives who comes later the place that it would have had from the beginning, and tells it before', () => {
    const all = jobs(120);
    const line = new QueueSimulation(all.slice(0, 40), SLOTS, estimate);
    for (const job of all.slice(40)) {
      const [said] = line.positionsIfAdded([job]);
      expect(line.add(job)).toEqual(said);
    }
    const fresh = new QueueSimulation(all, SLOTS, estimate);
    expect(line.jobs).toEqual(dispatchOrder(all));
    for (const { input } of all) {
      const [now, then] = [line.positionOf(input.videoId)!, fresh.positionOf(input.videoId)!];
      expect(now.position).toBe(then.position);
      // Work is shared out evenly instead of played through again.
      expect(Math.abs(now.waitS! - then.waitS!)).toBeLessThanOrEqual(10);
    }
  });

  it('moves up when a GPU takes a job', () => {
    const all = dispatchOrder(jobs(10));
    const line = new QueueSimulation(all, SLOTS, estimate);
    line.remove(all[0]!.input.videoId);
    expect(all.slice(1).map(({ input }) => line.positionOf(input.videoId)!.position)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(line.positionOf(all[0]!.input.videoId)).toBeUndefined();
  });

  it('tells no times while no GPU worker is known', () => {
    const [first, second] = jobs(2);
    const line = new QueueSimulation([first!], [], estimate);
    expect(line.add(second!)).toEqual({ position: 1, waitS: null, doneInS: null });
    expect(line.positionOf(first!.input.videoId)).toEqual({ position: 2, waitS: null, doneInS: null });
  });
});
