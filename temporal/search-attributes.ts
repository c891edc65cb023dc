import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../contract/names.ts';

/** `IndexedValueType` of Temporal's protocol. */
const TYPES = { Keyword: 2, Bool: 5, Datetime: 6, KeywordList: 7 } as const;

/**
 * Registers the search attributes that the workflows set, where the namespace does not have them. Idempotent, and safe
 * while others do the same.
 *
 * @throws Error where one is registered with another type, or the caller may not register any (Temporal Cloud: add them
 *   there first).
 */
export async function ensureSearchAttributes(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name, wanted]) => {
      const type = customAttributes[name];
      if (type !== undefined && type !== TYPES[wanted]) {
        throw new Error(`The search attribute ${name} of namespace ${namespace} must have the type ${wanted}.`);
      }
      return type === undefined;
    });
    if (missing.length === 0) return;
    try {
      await operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, TYPES[type]])),
      });
    } catch (error) {
      // Another process may have been faster.
      if (attempt === 3) throw error;
    }
  }
}
