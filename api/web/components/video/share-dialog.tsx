import { useEffect, useState } from 'react';
import { copyText } from '../../client/clipboard.ts';
import type { Video, VideoShare } from '../../client/types.ts';
import { createShare, listShares, revokeShare } from '../../client/videos.ts';
import { requestFailure } from '../../format/failures.ts';
import { momentOf } from '../../format/time.ts';
import { Choices } from '../composer/choices.tsx';
import { Dialog } from '../elements/dialog.tsx';
import './share-dialog.css';

const DAY_S = 86_400;
const ENDS = [
  { value: String(DAY_S), label: '1 day', note: '' },
  { value: String(7 * DAY_S), label: '7 days', note: '' },
  { value: String(30 * DAY_S), label: '30 days', note: '' },
];

interface Props {
  /** null closes the dialog. */
  video: Video | null;
  onClose: () => void;
}

/** Makes links under which anyone can watch a video, and revokes them. */
export function ShareDialog({ video, onClose }: Props) {
  return (
    <Dialog open={video !== null} titleId="share-title" onClose={onClose}>
      {video && <Share key={video.id} video={video} onClose={onClose} />}
    </Dialog>
  );
}

export function Share({ video, onClose }: { video: Video; onClose: () => void }) {
  const [ends, setEnds] = useState(ENDS[1]!.value);
  const [showPrompt, setShowPrompt] = useState(false);
  const [shares, setShares] = useState<VideoShare[]>([]);
  const [made, setMade] = useState<{ url: string; copied: boolean } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const attempt = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    await work().catch(setFailure);
    setBusy(false);
  };
  useEffect(() => {
    listShares(video.id).then(({ data }) => setShares(data), setFailure);
  }, [video.id]);
  const create = () =>
    attempt(async () => {
      const share = await createShare(video.id, { expires_in: Number(ends), show_prompt: showPrompt });
      setShares((old) => [share, ...old]);
      setMade({ url: share.url, copied: await copyText(share.url) });
    });
  const revoke = ({ id, url }: VideoShare) =>
    attempt(async () => {
      await revokeShare(video.id, id);
      setShares((old) => old.filter((share) => share.id !== id));
      setMade((old) => (old?.url === url ? null : old));
    });

  return (
    <>
      <h2 id="share-title">Share this video</h2>
      <p className="share-note">Anyone with the link can watch and download it, until the link ends or is revoked.</p>
      <Choices legend="The link ends after" name="share-ends" choices={ENDS} value={ends} onChange={setEnds} />
      <label className="check">
        <input type="checkbox" checked={showPrompt} onChange={(event) => setShowPrompt(event.target.checked)} />
        Show the prompt
      </label>
      <div role="status">
        {made && (
          <>
            <input readOnly aria-label="Link" value={made.url} onFocus={(event) => event.target.select()} />
            <p>{made.copied ? 'The link is copied.' : 'The browser did not allow copying: copy the link above.'}</p>
          </>
        )}
      </div>
      {failure !== null && (
        <p role="alert" className="field-error">
          {requestFailure(failure)}
        </p>
      )}
      {shares.length > 0 && (
        <ul className="share-list" aria-label="Links">
          {shares.map((share) => (
            <li key={share.id}>
              <span>
                ends {momentOf(share.expires_at)}
                {share.show_prompt && ', with the prompt'}
              </span>
              <button type="button" className="outlined" aria-disabled={busy} onClick={() => void revoke(share)}>
                Revoke
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="dialog-buttons">
        <button type="button" className="outlined" onClick={onClose}>
          Done
        </button>
        <button type="button" className="filled" aria-disabled={busy} onClick={() => void create()}>
          Copy link
        </button>
      </div>
    </>
  );
}
