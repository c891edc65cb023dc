import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** Custom search attributes and their types. `CreatedAt` is the video's `created_at`, by which it is listed. */
export const SEARCH_ATTRIBUTES = {
  AccountId: 'Keyword',
  Stage: 'Keyword',
  Model: 'Keyword',
  CreatedAt: 'Datetime',
  ExpiresAt: 'Datetime',
  Overdue: 'Bool',
  IdempotencyKey: 'Keyword',
} as const;

const TYPES = {
  Keyword: SearchAttributeType.KEYWORD,
  Datetime: SearchAttributeType.DATETIME,
  Bool: SearchAttributeType.BOOL,
} as const;

/** The key of a search attribute, by which it is set and read with its type. */
export const attributeKey = <N extends keyof typeof SEARCH_ATTRIBUTES>(name: N) =>
  defineSearchAttributeKey<(typeof TYPES)[(typeof SEARCH_ATTRIBUTES)[N]]>(name, TYPES[SEARCH_ATTRIBUTES[name]]);
