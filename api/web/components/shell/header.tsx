import { useState } from 'react';
import { session } from '../../client/session.ts';
import type { Account, Model } from '../../client/types.ts';
import { useSession } from '../../state/use-service.ts';
import { storeValues } from '../composer/use-form-values.ts';
import { IconButton } from '../elements/icon-button.tsx';
import { HelpIcon, KeyIcon, OutsideIcon } from '../elements/icons.tsx';
import { NotifyButton } from './notify-button.tsx';
import './header.css';

interface Props {
  model: Model | null;
  account: Account | null;
  onHelp: () => void;
  /** The browser does not allow notifications. */
  onRefused: () => void;
}

/** Name and model; links, keys and the API key. */
export function Header({ model, account, onHelp, onRefused }: Props) {
  const { apiKey } = useSession();
  const [icon] = useState(() => new URL('icon.svg', document.baseURI).href);
  return (
    <header className="header">
      <div className="header-row">
        <img src={icon} alt="" width="24" height="24" />
        <h1>Kinora</h1>
        {model && <p className="header-model">{model.name}</p>}
        <nav aria-label="Service">
          <a href="docs">API</a>
          {account?.temporal_ui_url && (
            <a href={account.temporal_ui_url} target="_blank" rel="noreferrer">
              Temporal <OutsideIcon />
            </a>
          )}
          {apiKey !== null && (
            <button type="button" onClick={forgetKey}>
              <KeyIcon /> Forget API key
            </button>
          )}
          <NotifyButton onRefused={onRefused} />
          <IconButton name="Keys" keyName="?" onClick={onHelp}>
            <HelpIcon />
          </IconButton>
        </nav>
      </div>
    </header>
  );
}

/** Forgets what was typed too: the next viewer may be another person. */
function forgetKey(): void {
  storeValues(null);
  session.setKey(null, false);
}
