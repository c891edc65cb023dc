/** A setting that is a secret as a whole. The address of a webhook may be one too. */
const isSecret = (name: string) => /KEY|SECRET|TOKEN|PASSWORD|WEBHOOK_URL/.test(name) && !/PATH|FILE/.test(name);
/** A setting that may be an address without a scheme. */
const isAddress = (name: string) => /ADDRESS|ENDPOINT|URL|HOST/.test(name);

const SET = '(set)';

/**
 * A setting's value for the log. A secret is `(set)`. An address is shown without user, password, query and fragment, and
 * without its path unless it is a store's: services are reached by secret paths too.
 */
export function shownSetting(name: string, value: unknown): unknown {
  if (value === undefined || value === null || value === '') return value;
  if (isSecret(name)) return SET;
  if (Array.isArray(value)) return value.map((item) => shownSetting(name, item));
  if (typeof value === 'object') return withoutSecrets(value);
  if (typeof value !== 'string') return value;
  const shown = shownAddresses(value);
  return isAddress(name) && !value.includes('://') ? shown.replace(/^.*@/s, `${SET}@`) : shown;
}

/** A text with every address in it shown as `shownSetting` shows it. */
export function shownAddresses(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*):\/\/(\S*)/gi, (_all, scheme: string, rest: string) => {
    const isStore = /^(file|s3)$/i.test(scheme);
    // A password that should have been encoded may have any character: the last @ counts, but in a store's path.
    const [, user = '', place = ''] = (isStore ? /^([^/?#]*@)?(.*)$/s : /^(.*@)?(.*)$/s).exec(rest)!;
    const [, authority = '', path = '', more = ''] = /^([^/?#]*)([^?#]*)(.*)$/s.exec(place)!;
    const shownPath = isStore || path.length <= 1 ? path : `/${SET}`;
    return `${scheme}://${user && `${SET}@`}${authority}${shownPath}${more && `${more[0]}${SET}`}`;
  });
}

/** A copy of a process's settings for the log, with what must not be read there replaced. */
export function withoutSecrets(config: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, shownSetting(name, value)]));
}
