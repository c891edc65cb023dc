import { useState } from 'react';
import { session } from '../../client/session.ts';
import type { Account, Model } from '../../client/types.ts';
import { useSession } from '../../state/use-service.ts';
import { KeyIcon, OutsideIcon } from '../elements/icons.tsx';
import { storeValues } from '../composer/use-form-values.ts';
import './header.css';

interface Props {
  model: Model | null;
  account: Account | null;
}

/** Name and model; links and the API key. */
export function Header({ model, account }: Props) {
  const { apiKey } = useSession();
  const [icon] = useState(() => new URL('icon.svg', document.baseURI).href);
  return (
    <header className="header">
      <img src={icon} alt="" width="32" height="32" />
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
          <button type="button" className="quiet" onClick={forgetKey}>
            <KeyIcon /> Forget API key
          </button>
        )}
      </nav>
    </header>
  );
}

/** Forgets what was typed too: the next viewer may be another person. */
function forgetKey(): void {
  storeValues(null);
  session.setKey(null, false);
}
