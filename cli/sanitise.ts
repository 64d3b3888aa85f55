/** Characters that steer a terminal or hide others: controls, bidirectional marks, line separators, lone surrogates. */
const UNSAFE_IN_TERMINAL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const UNSAFE_IN_FILE_NAME = /[/\\:*?"<>|]/g;
const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const FILE_NAME_MAX_BYTES = 200;

/** A text from the server, safe to print: what could steer the terminal shows as `?`. */
export const forTerminal = (text: string): string => text.replace(UNSAFE_IN_TERMINAL, '?');

const cutToBytes = (text: string): string => {
  const extension = /\.[^.]{1,16}$/.exec(text)?.[0] ?? '';
  let stem = [...text.slice(0, text.length - extension.length)];
  while (Buffer.byteLength(stem.join('') + extension) > FILE_NAME_MAX_BYTES) stem = stem.slice(0, -1);
  return stem.join('') + extension;
};

/** A name from the server as a file name of the current folder: never a path, never hidden, never a device. */
export const forFileName = (name: string): string => {
  const flat = forTerminal(name)
    .replace(UNSAFE_IN_FILE_NAME, '_')
    .replace(/^\.+/, '_')
    .replace(/[. ]+$/, '');
  const safe = flat === '' ? 'download' : RESERVED_ON_WINDOWS.test(flat) ? `_${flat}` : flat;
  return cutToBytes(safe);
};
