import { ApiError } from './api-error.ts';
import { requestJson } from './request.ts';
import type { Account, Model } from './types.ts';

/** The server's model. */
export async function getModel(signal?: AbortSignal): Promise<Model> {
  const { data } = await requestJson<{ data: [Model] }>('models', { signal });
  return data[0];
}

/** The viewer's account; null on a server without this endpoint. */
export async function getAccount(signal?: AbortSignal): Promise<Account | null> {
  try {
    return await requestJson<Account>('account', { signal });
  } catch (error) {
    if (error instanceof ApiError && error.isUnknownRoute) return null;
    throw error;
  }
}
