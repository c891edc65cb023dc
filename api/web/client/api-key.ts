const NAME = 'kinora-api-key';

/** The key that the viewer gave: for this tab, or for this browser where they asked for that. */
export const storedKey = (): string | null => sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);

export function storeKey(key: string | null, remember: boolean): void {
  sessionStorage.removeItem(NAME);
  localStorage.removeItem(NAME);
  if (key !== null) (remember ? localStorage : sessionStorage).setItem(NAME, key);
}
