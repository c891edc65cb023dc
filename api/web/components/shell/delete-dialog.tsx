import { useEffect, useRef, useState } from 'react';
import { ApiError } from '../../client/api-error.ts';
import { isFinished, type Video } from '../../client/types.ts';
import { deleteVideo } from '../../client/videos.ts';
import { requestFailure } from '../../format/failures.ts';
import { useFailure } from '../../state/use-failure.ts';
import { GALLERY_TITLE } from '../gallery/gallery.tsx';
import '../elements/dialog.css';
import './delete-dialog.css';

interface Props {
  /** null closes the dialog. */
  video: Video | null;
  onClose: () => void;
  onDeleted: (video: Video) => void;
}

/** Asks for confirmation before it deletes a video, which cannot be undone. */
export function DeleteDialog({ video, onClose, onDeleted }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [deleting, setDeleting] = useState(false);
  const [failure, setFailure] = useFailure();
  useEffect(() => {
    setFailure(null);
    if (video !== null) dialog.current?.showModal();
    else dialog.current?.close();
  }, [video, setFailure]);

  const confirm = async (confirmed: Video) => {
    if (deleting) return;
    setDeleting(true);
    try {
      await deleteVideo(confirmed.id).catch((error: unknown) => {
        // It was deleted elsewhere meanwhile.
        if (!(error instanceof ApiError && error.code === 'video_not_found')) throw error;
      });
      onDeleted(confirmed);
      onClose();
    } catch (error) {
      setFailure(error);
    } finally {
      setDeleting(false);
    }
  };

  const closed = () => {
    onClose();
    // The button that opened the dialog may have been removed with its card.
    if (document.activeElement !== document.body) return;
    const next = document.getElementById(GALLERY_TITLE) ?? document.querySelector<HTMLElement>('.composer-prompt');
    next?.focus();
  };

  return (
    <dialog ref={dialog} data-focus-own aria-labelledby="delete-title" onClose={closed}>
      {video && (
        <>
          <h2 id="delete-title">Delete this video?</h2>
          <p className="delete-prompt" dir="auto">
            {video.prompt}
          </p>
          <p>
            {isFinished(video)
              ? 'Its files are removed for good.'
              : 'It stops being generated, and nothing of it is kept.'}
          </p>
          {failure !== null && (
            <p role="alert" className="field-error">
              {requestFailure(failure)}
            </p>
          )}
          <div className="dialog-buttons">
            <button type="button" className="outlined" onClick={onClose}>
              Keep
            </button>
            <button type="button" className="danger" aria-disabled={deleting} onClick={() => void confirm(video)}>
              {deleting ? 'Deleting…' : 'Delete'}
            </button>
          </div>
        </>
      )}
    </dialog>
  );
}
