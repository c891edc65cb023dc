/**
 * The first name that an object of this JSON has twice, null where there is none: `JSON.parse` takes the last without a
 * word, and another reader of the same text the first.
 *
 * @param json that `JSON.parse` takes
 */
export function repeatedName(json: string): string | null {
  /** Names of each object that is open; null for an array. */
  const open: (Set<string> | null)[] = [];
  let atName = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      atName = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      atName = false;
    } else if (character === ',') {
      atName = open.at(-1) !== null;
    } else if (character === '"') {
      const start = i;
      while (json[++i] !== '"') if (json[i] === '\\') i++;
      if (!atName) continue;
      atName = false;
      const name = JSON.parse(json.slice(start, i + 1)) as string;
      const names = open.at(-1)!;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return null;
}
