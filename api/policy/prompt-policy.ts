import { ConfigError } from '../../platform/config/config.ts';
import type { Logger } from '../../platform/log/logger.ts';
import { watchFile } from '../../platform/files/watched-file.ts';
import { ApiError } from '../errors/errors.ts';
import { BlocklistThread } from './blocklist-thread.ts';
import type { PolicyConfig } from './config.ts';
import { askModerator } from './moderator.ts';

export interface PromptPolicy {
  /** @throws ApiError `prompt_refused` with the reason; `service_unavailable` where one of them does not answer */
  check(request: { prompt: string; negativePrompt: string; accountId: string }): Promise<void>;
  close(): void;
}

/**
 * What may be asked for: everything, but what the block list or the moderator refuses. Prompts are never logged.
 *
 * The block list reads the prompt only, as a negative prompt names what must not be seen.
 *
 * @throws ConfigError where the block list cannot be used at the start; later, the last one stays in force
 */
export async function openPromptPolicy(config: PolicyConfig, log: Logger): Promise<PromptPolicy> {
  const file = config.POLICY_BLOCKLIST_FILE;
  let inForce: BlocklistThread | undefined;
  const list =
    file === undefined
      ? null
      : await watchFile(
          file,
          (path) => BlocklistThread.open(path),
          (change) => {
            if ('value' in change) {
              inForce?.close();
              inForce = change.value;
              log.info({ file, entries: inForce.entries }, 'Block list read again');
            } else {
              const reason = change.error.message;
              log.error({ file, reason }, 'POLICY_BLOCKLIST_FILE cannot be used; what it held before stays in force');
            }
          },
        ).catch((error: Error) => {
          throw new ConfigError(`POLICY_BLOCKLIST_FILE=${file} cannot be used: ${error.message}.`);
        });
  inForce = list?.value;
  const blockedIn = async (prompt: string, account: string) => {
    if (inForce === undefined) return null;
    return await inForce.find(prompt, config.POLICY_TIMEOUT_MS).catch((error: Error) => {
      log.warn({ account, reason: error.message }, 'The block list is too slow');
      throw notChecked();
    });
  };

  const url = config.POLICY_MODERATOR_URL;
  const moderate = async (prompt: string, negative_prompt: string, account: string) => {
    if (url === undefined) return;
    const question = { prompt, negative_prompt, account };
    const answer = await askModerator(url, question, config.POLICY_TIMEOUT_MS).catch((error: Error) => {
      log.warn({ account, reason: error.message, passed: config.POLICY_FAIL_OPEN }, 'The moderator does not answer');
      if (config.POLICY_FAIL_OPEN) return { allowed: true, reason: null };
      throw notChecked();
    });
    if (!answer.allowed) throw refused(answer.reason || 'the moderator of this service does not allow it');
  };

  return {
    check: async ({ prompt, negativePrompt, accountId }) => {
      const blocked = await blockedIn(prompt, accountId);
      if (blocked !== null) throw refused(`"${blocked}" is on the block list of this service`);
      await moderate(prompt, negativePrompt, accountId);
    },
    close: () => {
      list?.close();
      inForce?.close();
    },
  };
}

const notChecked = () =>
  new ApiError('service_unavailable', {
    message: 'Prompts cannot be checked at the moment. Try again in a few seconds.',
  });

const refused = (reason: string) =>
  new ApiError('prompt_refused', {
    param: 'prompt',
    message: `The prompt is refused: ${withoutFullStops(reason)}.`,
  });

/** In one pass, however many there are elsewhere in a text that a stranger wrote. */
function withoutFullStops(text: string): string {
  let end = text.length;
  while (text[end - 1] === '.') end--;
  return text.slice(0, end);
}
