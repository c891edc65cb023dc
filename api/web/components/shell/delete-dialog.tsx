import { useEffect, useRef, useState } from 'react';
import { ApiError } from '../../client/api-error.ts';
import { isFinished, type Video } from '../../client/types.ts';
import { deleteVideo } from '../../client/videos.ts';
import { useFailure } from '../../state/use-failure.ts';
import { requestFailure } from '../../format/failures.ts';
import { GALLERY_TITLE } from '../gallery/gallery.tsx';
import './delete-dialog.css';

interface Props {
  /** null closes it. */
  video: Video | null;
  onClose: () => void;
  onRemoved: (video: Video) => void;
}

/** Asks before a video is deleted: there is no way back. */
export function RemovalDialog({ video, onClose, onRemoved }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useFailure();
  useEffect(() => {
    setFailure(null);
    if (video !== null) dialog.current?.showModal();
    else dialog.current?.close();
  }, [video, setFailure]);

  const remove = async (doomed: Video) => {
    if (working) return;
    setWorking(true);
    try {
      await deleteVideo(doomed.id).catch((error: unknown) => {
        // Somebody was faster.
        if (!(error instanceof ApiError && error.code === 'video_not_found')) throw error;
      });
      onRemoved(doomed);
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setWorking(false);
    }
  };

  const closed = () => {
    onClose();
    // The button that opened it may be gone with its card.
    if (document.activeElement === document.body) document.getElementById(GALLERY_TITLE)?.focus();
  };

  return (
    <dialog ref={dialog} className="removal" data-focus-own aria-labelledby="removal-title" onClose={closed}>
      {video && (
        <>
          <h2 id="removal-title">Delete this video?</h2>
          <p className="removal-prompt" dir="auto">
            {video.prompt}
          </p>
          <p>{isFinished(video) ? 'Its files are removed for good.' : 'It is stopped, and nothing of it is kept.'}</p>
          {failure !== null && (
            <p role="alert" className="field-error">
              {requestFailure(failure)}
            </p>
          )}
          <div className="removal-buttons">
            <button type="button" onClick={onClose}>
              Keep
            </button>
            <button type="button" className="danger" aria-disabled={working} onClick={() => void remove(video)}>
              {working ? 'Deleting…' : 'Delete'}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
