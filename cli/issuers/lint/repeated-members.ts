const closingQuote = (json: string, open: number): number => {
  let at = open + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
};

/** One object or list that is being read; `name` is the member or index that comes next. */
type Level = { readonly isObject: boolean; readonly names: Set<string>; name: string };

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const isMemberName = (json: string, after: number): boolean => /^\s*:/.test(json.slice(after, after + 64));

/**
 * JSON pointers of members that an object names twice, which `JSON.parse` settles silently by taking the last. `json` must be a text
 * that `JSON.parse` has accepted.
 */
export const repeatedMembers = (json: string): readonly string[] => {
  const repeated = new Set<string>();
  const levels: Level[] = [];
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    const level = levels.at(-1);
    if (character === '{' || character === '[') {
      levels.push({ isObject: character === '{', names: new Set(), name: '0' });
    } else if (character === '}' || character === ']') levels.pop();
    else if (character === ',' && level?.isObject === false) level.name = String(Number(level.name) + 1);
    else if (character === '"') {
      const close = closingQuote(json, at);
      if (level?.isObject === true && isMemberName(json, close + 1)) {
        level.name = JSON.parse(json.slice(at, close + 1)) as string;
        if (level.names.has(level.name)) {
          repeated.add(levels.map(({ name }) => `/${escapePointer(name)}`).join(''));
        }
        level.names.add(level.name);
      }
      at = close;
    }
  }
  return [...repeated];
};
