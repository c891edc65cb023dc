import { ApiError } from './api-error.ts';
import { requestJson } from './request.ts';
import type { Account, Model } from './types.ts';

/** The model that the server has loaded. */
export async function getModel(signal?: AbortSignal): Promise<Model> {
  const { data } = await requestJson<{ data: [Model] }>('models', { signal });
  return data[0];
}

/** Who the viewer is; null where the server does not say. */
export async function getAccount(signal?: AbortSignal): Promise<Account | null> {
  try {
    return await requestJson<Account>('account', { signal });
  } catch (error) {
    if (error instanceof ApiError && error.isUnknownRoute) return null;
    throw error;
  }
}
