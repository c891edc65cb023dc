/** What a room may import, beside itself and packages. Longer paths go before shorter ones: the first that fits counts. */
export interface Rule {
  /** A folder, or a file. */
  room: string;
  mayImport: readonly string[];
}

/** What lies beneath every process. */
const BENEATH = ['contract', 'platform', 'media', 'storage', 'temporal'];

/** The arrows of the house, drawn in CONTRIBUTING.md. */
export const RULES: readonly Rule[] = [
  { room: 'contract', mayImport: [] },
  { room: 'workflows', mayImport: ['contract'] },
  { room: 'platform', mayImport: ['contract'] },
  { room: 'media', mayImport: ['contract'] },
  { room: 'storage', mayImport: ['contract', 'platform'] },
  { room: 'temporal', mayImport: ['contract', 'platform'] },
  // A library of its own: nothing of Temporal's, of the stores or of processes.
  { room: 'gpu-worker/weights', mayImport: [] },
  { room: 'gpu-worker/inference', mayImport: ['gpu-worker/weights'] },
  { room: 'gpu-worker/text', mayImport: ['gpu-worker/weights', 'gpu-worker/inference'] },
  { room: 'gpu-worker/families', mayImport: ['gpu-worker/weights', 'gpu-worker/inference', 'gpu-worker/text'] },
  { room: 'gpu-worker', mayImport: BENEATH },
  // The tokenizer, so that prompts are counted by the very code that reads them.
  { room: 'activities', mayImport: [...BENEATH, 'gpu-worker/text/tokenizer'] },
  // Types, and what browsers can run.
  { room: 'api/web', mayImport: ['contract', 'api'] },
  { room: 'api', mayImport: [...BENEATH, 'gpu-worker/text/tokenizer'] },
  { room: 'local', mayImport: ['contract', 'platform', 'temporal'] },
  {
    room: 'tools',
    mayImport: [...BENEATH, 'workflows', 'activities', 'gpu-worker', 'api', 'local'],
  },
  { room: 'test', mayImport: [...BENEATH, 'workflows', 'activities', 'gpu-worker', 'api', 'local', 'tools'] },
];
