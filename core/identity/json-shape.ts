export type JsonShapeLimits = { readonly maxDepth: number; readonly maxMembers: number };

export type JsonShapeFault = 'too_deep' | 'too_many_members' | 'duplicate_member' | 'text_ill_formed';

/** Where the string that opens at `open` closes. */
const closingQuote = (json: string, open: number): number => {
  let at = open + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
};

const isMemberName = (json: string, after: number): boolean => {
  let at = after;
  while (/\s/.test(json.charAt(at))) at += 1;
  return json[at] === ':';
};

/**
 * What `JSON.parse` does not tell about a text it accepts: nesting, number of values, repeated member names, lone surrogates.
 * `json` must be a text that `JSON.parse` has accepted. `null`: nothing wrong.
 */
export const jsonShapeFault = (json: string, limits: JsonShapeLimits): JsonShapeFault | null => {
  const names: Set<string>[] = [];
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (character === '{' || character === '[') {
      names.push(new Set());
      values += 1;
      if (names.length > limits.maxDepth) return 'too_deep';
    } else if (character === '}' || character === ']') names.pop();
    else if (character === ',') values += 1;
    else if (character === '"') {
      const close = closingQuote(json, at);
      const text = JSON.parse(json.slice(at, close + 1)) as string;
      if (!text.isWellFormed()) return 'text_ill_formed';
      if (isMemberName(json, close + 1)) {
        const seen = names.at(-1);
        if (seen?.has(text)) return 'duplicate_member';
        seen?.add(text);
      }
      at = close;
    }
    if (values > limits.maxMembers) return 'too_many_members';
  }
  return null;
};
