/** What was found of responses since the last `assertAsDescribed`; apart from the finding, which loads the whole API. */
export const faults = new Set<string>();

/** @throws where a response was not as the API's description says */
export function assertAsDescribed(): void {
  if (faults.size === 0) return;
  const found = [...faults].join('\n');
  faults.clear();
  throw new Error(`Not as /openapi.json says:\n${found}`);
}
