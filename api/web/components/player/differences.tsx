import type { Video } from '../../client/types.ts';
import { differences } from '../../format/differences.ts';

/** The settings in which two videos differ. */
export function Differences({ a, b }: { a: Video; b: Video }) {
  const { differs, same } = differences(a, b);
  return (
    <>
      <table className="differences numbers" aria-label="Settings that differ">
        <thead>
          <tr>
            <th scope="col">Differs</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {differs.map(({ name, values }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, at) => (
                <td key={at} dir="auto">
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="caption-note">The same: {same.join(', ')}.</p>
    </>
  );
}
