import { DropInvitation } from '../../components/shell/drop-area.tsx';
import { Header } from '../../components/shell/header.tsx';
import { Hello } from '../../components/shell/hello.tsx';
import { KeyForm } from '../../components/shell/key-form.tsx';
import { Banner } from '../../components/shell/connection.tsx';
import { Toast } from '../../components/shell/toast.tsx';
import { UndoToast } from '../../components/shell/undo-toast.tsx';
import type { Video } from '../../client/types.ts';
import { Sample } from '../samples/group.tsx';
import { ACCOUNT, ignore, MODEL, PROMPTS, video } from '../samples/samples.ts';

const deletionOf = (pending: Video[]) => ({
  hidden: new Set<string>(),
  pending,
  remove: ignore,
  undo: ignore,
  hold: ignore,
});

export function Messages() {
  return (
    <>
      <Sample name="Message">
        <Toast text="3 videos are compared." />
      </Sample>
      <Sample name="Long message">
        <Toast text="1 of 2 videos could not be deleted. “A château at dawn, seen from the other side of the lake”: The server is not ready. Try again in a moment." />
      </Sample>
      <Sample name="Deleted">
        <UndoToast deletion={deletionOf([video('star', 'deleted')])} onUndo={ignore} />
      </Sample>
      <Sample name="Several deleted">
        <UndoToast deletion={deletionOf([video('star', 'deleted'), video('ball', 'deleted')])} onUndo={ignore} />
      </Sample>
      <Sample name="Asks for a key">
        <KeyForm />
      </Sample>
      <Sample name="Offline" stage>
        <div className="connection">
          <Banner online={false} />
        </div>
      </Sample>
      <Sample name="No answer" stage>
        <div className="connection">
          <Banner online />
        </div>
      </Sample>
      <Sample name="A file above the page" stage>
        <div className="design-window">
          <DropInvitation />
        </div>
      </Sample>
      <Sample name="Head" stage>
        <Header model={MODEL} account={ACCOUNT} onHelp={ignore} onRefused={ignore} />
      </Sample>
      <Sample name="The first visit" stage>
        <Hello examples={Object.values(PROMPTS)} onPick={ignore} />
      </Sample>
    </>
  );
}
