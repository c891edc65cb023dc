import { ERRORS } from '../../contract/errors.ts';
import { markdownTable } from './section.ts';

/** The table of docs/api.md: every error that a user can meet. */
export function errorTable(): string {
  const rows = Object.entries(ERRORS).map(([code, { status, message, retryable }]) => [
    `\`${code}\``,
    String(status),
    retryable ? 'yes' : 'no',
    message,
  ]);
  return markdownTable(['code', 'status', 'retried', 'message'], rows);
}
