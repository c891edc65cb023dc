import { describe, expect, it } from 'vitest';
import { growths, type Moment } from '../../tools/chaos/growth.ts';

const AT = [400, 500, 600, 700, 800, 900, 1000];
const moments = (name: string, held: number[]): Moment[] =>
  AT.map((done, i) => ({ done, held: new Map([[name, held[i]!]]) }));

describe('growth', () => {
  it('a process that keeps 20 KiB of each video does not pass for one whose memory comes and goes', () => {
    const leak = [200, 227, 204, 206, 233, 210, 212];
    expect(growths(moments('api-1, MiB', leak))).toEqual([
      { name: 'api-1, MiB', before: 200, after: 212, percent: 6, holds: false },
    ]);
  });

  it('a run does not fail because one rest came while something was about to be let go', () => {
    const [growth] = growths(moments('api-1, MiB', [200, 201, 199, 200, 226, 200, 225]));
    expect(growth).toMatchObject({ percent: 3, holds: true });
  });

  it('a socket that is left open by each hundredth video is seen', () => {
    const [growth] = growths(moments('api-1, handles', [24, 25, 26, 27, 28, 29, 30]));
    expect(growth).toMatchObject({ before: 24, after: 30, holds: false });
  });
});
