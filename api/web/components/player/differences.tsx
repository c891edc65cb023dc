import type { Video } from '../../client/types.ts';
import { differences } from '../../format/differences.ts';
import { useActions } from '../../state/actions.ts';
import { IconButton } from '../elements/icon-button.tsx';
import { CloseIcon } from '../elements/icons.tsx';
import { COMPARED_NAMES } from './compare-screen.tsx';

/** The settings in which compared videos differ, a column for each, which can be taken out. */
export function Differences({ videos }: { videos: Video[] }) {
  const { uncompare } = useActions();
  const { differs, same } = differences(videos);
  return (
    <>
      {/* Scrolls where long prompts do not fit, by the keyboard, too. */}
      <div className="differences-scroll" role="region" aria-label="Differences" tabIndex={0}>
        <table className="differences numbers" aria-label="Settings that differ">
          <thead>
            <tr>
              <th scope="col">Differs</th>
              {videos.map((video, index) => (
                <th key={video.id} scope="col">
                  {COMPARED_NAMES[index]}
                  <IconButton
                    name={`Take ${COMPARED_NAMES[index]} out of the comparison`}
                    onClick={() => uncompare(video)}
                  >
                    <CloseIcon />
                  </IconButton>
                </th>
              ))}
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
      </div>
      <p className="caption-note">The same: {same.join(', ')}.</p>
    </>
  );
}
