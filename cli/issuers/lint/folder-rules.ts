import { isJsonObject } from '../../../core/identity/json-bytes.ts';
import { readKeyMaterial } from '../../../core/identity/key-material.ts';
import { thumbprint } from '../../../core/identity/thumbprint.ts';
import type { EntryFile, FolderFault } from './entry-file.ts';
import { at, textAt } from './peek.ts';

type Rule = (files: readonly EntryFile[]) => readonly FolderFault[];

type Place = { readonly file: string; readonly path: string };

/** Faults for all but the first place of each text. */
const later = (
  places: readonly (Place & { readonly text: string })[],
  message: (first: Place) => string,
): readonly FolderFault[] => {
  const seen = new Map<string, Place>();
  return places.flatMap(({ text, ...place }) => {
    const first = seen.get(text);
    if (first === undefined) seen.set(text, place);
    return first === undefined ? [] : [{ ...place, message: message(first) }];
  });
};

const textPlaces = (files: readonly EntryFile[], name: string) =>
  files.flatMap(({ file, value }) => {
    const text = textAt(value, name);
    return text === undefined ? [] : [{ file, path: `/${name}`, text }];
  });

const idsDiffer: Rule = (files) =>
  later(textPlaces(files, 'id'), ({ file }) => `is the id in ${file} too: give each issuer its own`);

const issuersDiffer: Rule = (files) =>
  later(textPlaces(files, 'issuer'), ({ file }) => `is the issuer in ${file} too: keep one of the two`);

/** `https://acme.example` and `https://acme.example/` are two issuers; that both are meant is not to be believed. */
const issuersDifferPlainly: Rule = (files) => {
  const places = textPlaces(files, 'issuer');
  const exact = new Set<string>();
  const distinct = places.filter(({ text }) => {
    const isNew = !exact.has(text);
    exact.add(text);
    return isNew;
  });
  const folded = distinct.map((place) => ({ ...place, text: place.text.toLowerCase().replace(/\/+$/, '') }));
  return later(
    folded,
    ({ file }) => `differs from the issuer in ${file} only in case or a slash: copy iss from a real token and keep one`,
  );
};

/** Two issuers with one key could sign for each other. */
const keysDiffer: Rule = (files) =>
  later(
    files.flatMap(({ file, value }) => {
      const keys = at(value, 'keys', 'jwks', 'keys');
      if (!Array.isArray(keys)) return [];
      const seen = new Set<string>();
      return keys.flatMap((key, index) => {
        if (!isJsonObject(key) || !readKeyMaterial(key).ok) return [];
        const text = thumbprint(key);
        if (seen.has(text)) return [];
        seen.add(text);
        return [{ file, path: `/keys/jwks/keys/${index}`, text }];
      });
    }),
    ({ file }) => `is a key of ${file} too, so each could sign for the other: give every issuer its own key`,
  );

const RULES: readonly Rule[] = [idsDiffer, issuersDiffer, issuersDifferPlainly, keysDiffer];

/** What no single entry can show. */
export const lintTogether = (files: readonly EntryFile[]): readonly FolderFault[] =>
  RULES.flatMap((rule) => rule(files));
