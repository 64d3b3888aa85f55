import { forTerminal } from '../../sanitise.ts';
import { inWords, quoted, regionName, size, span } from '../diff/words.ts';
import type { Allowed, Explanation, Step } from './explain-token.ts';

const MARKS: Readonly<Record<Step['verdict'], string>> = { ok: 'ok', refused: 'REFUSED', 'not reached': '-' };
const WIDTH = Math.max(...Object.values(MARKS).map(({ length }) => length));

const stepLine = ({ check, verdict, detail }: Step): string =>
  `  ${MARKS[verdict].padEnd(WIDTH)}  ${check.padEnd(15)}  ${detail ?? ''}`.trimEnd();

const allowedLines = ({ issuer, ownerKey, limits, ...allowed }: Allowed): readonly string[] => {
  const { subject, tenant, permissions, regions, drained, expiresAt } = allowed;
  const where = regions.map((code) => `${code} (${regionName(code)})`);
  const shut = drained.length === 0 ? '' : `; drained now: ${drained.join(', ')}`;
  return [
    `accepted until ${expiresAt}`,
    `  who      subject ${quoted(subject)}, tenant ${tenant === null ? 'none' : quoted(tenant)}, of issuer ${issuer}`,
    `  may      ${permissions.length === 0 ? 'nothing: its permissions claim grants none that nearput knows' : inWords(permissions)}`,
    `  what     ${size(limits.minBytes)} to ${size(limits.maxBytes)} of ${inWords(limits.types)}, URLs of up to ${span(limits.urlTtlSeconds)}`,
    `  where    ${where.length === 0 ? 'nowhere' : inWords(where)}${shut}, under u/${issuer}/${ownerKey}/`,
  ];
};

/** An explanation as lines for people, safe to print. */
export const formatExplanation = (explanation: Explanation): readonly string[] => {
  const { claims, steps, refusal, allowed } = explanation;
  const says = Object.entries(claims).map(([name, value]) => `${name} ${value}`);
  const verdict =
    refusal === null
      ? []
      : [`refused: the gate answers ${refusal.status} ${refusal.code}; its log says ${refusal.reason}`];
  return [
    ...(says.length === 0 ? [] : [`says of itself, unverified: ${says.join(', ')}`]),
    ...steps.map(stepLine),
    ...verdict,
    ...(allowed === null ? [] : allowedLines(allowed)),
  ].map(forTerminal);
};
