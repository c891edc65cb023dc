import { type ReactNode, useEffect, useRef } from 'react';
import './dialog.css';

interface Props {
  open: boolean;
  /** Id of its heading. */
  titleId: string;
  /** Called when it has closed, also by Escape. */
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog. */
export function Dialog({ open, titleId, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-labelledby={titleId} onClose={onClose}>
      {children}
    </dialog>
  );
}
