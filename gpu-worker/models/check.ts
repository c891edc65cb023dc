import { loadProfile } from '../../platform/model/model-profile.ts';
import { checkFolder } from '../families/mochi/check-folder.ts';

/**
 * Everything that is wrong with a model folder: what {@link checkFolder} finds, and its `profile.json` if it has one.
 *
 * @returns one sentence for each fault
 */
export async function checkModel(dir: string): Promise<string[]> {
  const faults = await checkFolder(dir);
  try {
    await loadProfile(dir);
  } catch (error) {
    faults.push((error as Error).message);
  }
  return faults;
}
